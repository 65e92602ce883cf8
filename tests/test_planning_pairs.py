"""What a Pipfile and its lock settle between them before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Option, Pin, Project, PythonHint
from migrator.model.settings import Settings
from migrator.model.source import FromIndex, FromPath, FromVcs, Source, VcsKind
from migrator.model.surroundings import Surroundings
from migrator.model.url import Url
from migrator.planning.closure import draw_graph
from migrator.planning.dependencies import Basis, plan_dependencies
from migrator.planning.pairs import forget_echoes, list_superseded, remark_python, settle_pair
from migrator.planning.roots import Direct, choose_direct

COMMIT, OTHER = "1" * 40, "2" * 40
INDEX = FromIndex()


def repository(
    rev: str | None = None, resolved: str | None = None, url: str = "https://example.org/lib.git"
) -> FromVcs:
    return FromVcs(kind=VcsKind.GIT, url=Url.parse(url), rev=rev, resolved=resolved)


def wish(name: str, specifier: str = "", group: str = "main", source: Source = INDEX, line: int = 1) -> Dependency:
    return Dependency(
        name=canonicalize_name(name),
        raw_name=name,
        specifier=SpecifierSet(specifier),
        group=group,
        source=source,
        by_hand=True,
        origin=Origin(path="Pipfile", line=line, key=f"packages.{name}"),
    )


def pin(name: str, version: str | None = "1.0", group: str = "main", marker: str = "", **more: Any) -> Pin:
    return Pin(
        name=canonicalize_name(name),
        raw_name=name,
        version=None if version is None else Version(version),
        groups=frozenset({group}),
        marker=Marker(marker) if marker else None,
        source=more.get("source", INDEX),
        origin=Origin(path="Pipfile.lock", line=more.get("line", 1)),
    )


def pair(declared: tuple[Dependency, ...] = (), pins: tuple[Pin, ...] = ()) -> Project:
    return Project(format="pipenv", origin=Origin(path="Pipfile"), declared=declared, pins=pins)


# what is left alone

SETTLED = {
    "one version in two sections": (pin("a"), pin("a", group="dev")),
    "two versions in one section": (pin("a"), pin("a", "2.0")),
    "two versions that never meet": (
        pin("a", marker="sys_platform == 'win32'"),
        pin("a", "2.0", "dev", "sys_platform == 'linux'"),
    ),
    "no version in one of them": (pin("a"), pin("a", None, "dev")),
}


@pytest.mark.parametrize("pins", SETTLED.values(), ids=SETTLED)
def test_what_agrees_stays(pins: tuple[Pin, ...]) -> None:
    project = pair(pins=pins)
    assert settle_pair(project) == (project, (), ())


def test_other_formats_stay_as_they_are() -> None:
    project = replace(
        pair(
            (wish("lib", source=repository("main")),),
            (pin("a", marker="python_version >= '3.8'"), pin("a", "2.0", "dev")),
        ),
        format="requirements",
    )
    assert settle_pair(project) == (project, (), ())
    assert forget_echoes(project, Evidence()) == project


# sections

AND_KEPT = "one lock holds one of them, and that is"
DISAGREEING = {
    "the default one is kept": (
        (pin("a", "2.0", "dev", line=9), pin("a", "1.0", line=2)),
        "a is pinned to 1.0 for the group main (Pipfile.lock:2) and to 2.0 for the group dev; " + AND_KEPT + " 1.0",
    ),
    "of two categories the first by name": (
        (pin("a", "2.0", "docs", line=9), pin("a", "1.0", "dev", line=2)),
        "a is pinned to 1.0 for the group dev (Pipfile.lock:2) and to 2.0 for the group docs; " + AND_KEPT + " 1.0",
    ),
    "a marker that the other one shares": (
        (pin("a", "1.0", marker="python_version >= '3.8'", line=2), pin("a", "2.0", "dev", "os_name == 'nt'", line=9)),
        "a is pinned to 1.0 for the group main (Pipfile.lock:2) and to 2.0 for the group dev; " + AND_KEPT + " 1.0",
    ),
    "a marker that holds on no CPython": (
        (
            pin("a", "1.0", marker="implementation_name == 'pypy'", line=2),
            pin("a", "2.0", "dev", "platform_python_implementation == 'PyPy'", line=9),
        ),
        "a is pinned to 1.0 for the group main (Pipfile.lock:2) and to 2.0 for the group dev; " + AND_KEPT + " 1.0",
    ),
    "a folder beside the index": (
        (pin("a", "1.0", line=2), pin("a", None, "dev", source=FromPath(path="../a"), line=9)),
        "a is pinned to 1.0 for the group main (Pipfile.lock:2) and to ../a for the group dev; " + AND_KEPT + " 1.0",
    ),
}


@pytest.mark.parametrize(("pins", "message"), DISAGREEING.values(), ids=DISAGREEING)
def test_sections_that_disagree_become_one(pins: tuple[Pin, ...], message: str) -> None:
    project, findings, _ = settle_pair(pair(pins=pins))
    assert [(f.code, f.severity, f.message, str(f.origin)) for f in findings] == [
        (Code.PINS_DISAGREE, Severity.REVIEW, message, "Pipfile.lock:9")
    ]
    kept = next(p for p in pins if p.origin.line == 2)
    assert project.pins == (kept,)


def test_a_version_that_gives_way_went_with_the_groups_that_had_it() -> None:
    docs, folder = pin("a", "2.0", "docs"), pin("b", None, "dev", source=FromPath(path="../b"))
    pins = (pin("a"), pin("a", "2.0", "dev"), docs, pin("b", "3.0"), folder, pin("c"), pin("c", group="dev"))
    _, _, superseded = settle_pair(pair(pins=pins))
    assert [
        (each.name, str(each.version), sorted(each.groups), each.reason) for each in list_superseded(superseded)
    ] == [
        ("a", "2.0", ["dev", "docs"], "the group main locks 1.0, and one lock holds one of them"),
        ("b", "None", ["dev"], "the group main locks 3.0, and one lock holds one of them"),
    ]


def test_a_wish_that_the_kept_version_contradicts_is_let_go_and_told() -> None:
    wishes = (wish("a", "<2"), wish("a", "==2.0", "dev", line=5), wish("b", "==1.0", "dev"))
    project, (finding,), _ = settle_pair(pair(wishes, (pin("a"), pin("a", "2.0", "dev"))))
    assert project.declared == (wishes[0], replace(wishes[1], specifier=SpecifierSet()), wishes[2])
    assert finding.message.endswith("and that is 1.0, and the wish in Pipfile:5 is not carried over")


def test_a_wish_for_another_place_goes_with_its_pin() -> None:
    folder = FromPath(path="../a")
    wishes = (wish("a"), wish("a", group="dev", source=folder, line=5))
    project, (finding,), _ = settle_pair(pair(wishes, (pin("a"), pin("a", None, "dev", source=folder))))
    assert project.declared == (wishes[0],)
    assert finding.message.endswith("the wish in Pipfile:5 is not carried over")


# commits


def test_a_branch_gets_the_commit_of_its_own_group() -> None:
    wishes = tuple(wish("lib", group=group, source=repository("main")) for group in ("main", "dev"))
    locked = [pin("lib", None, group, source=repository(c, c)) for group, c in (("main", COMMIT), ("dev", OTHER))]
    project, _, _ = settle_pair(pair(wishes, tuple(locked)))
    assert [line.source for line in project.declared] == [repository("main", COMMIT), repository("main", OTHER)]


@pytest.mark.parametrize(
    "locked",
    [
        pin("lib", None, source=repository("v1")),
        pin("lib", None, source=repository(COMMIT, COMMIT, "https://example.org/fork.git")),
        pin("lib"),
        pin("other", None, source=repository(COMMIT, COMMIT)),
    ],
)
def test_a_commit_of_another_repository_is_none(locked: Pin) -> None:
    line = wish("lib", source=repository("main"))
    assert settle_pair(pair((line,), (locked,)))[0].declared == (line,)


# echoes


def fact(requires_python: str | None) -> Evidence:
    metadata = Metadata(name=canonicalize_name("a"), version=Version("1.0"), requires_python=requires_python)
    return Evidence(facts=(metadata,))


ECHOES = {
    ">=3.8 of >=3.8": ("python_version >= '3.8'", ">=3.8", ""),
    ">=3.7 of >=3.8": ("python_version >= '3.7'", ">=3.8", ""),
    "Python 2": (
        "python_version >= '2.7' and python_version not in '3.0, 3.1, 3.2'",
        ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*",
        "",
    ),
    "a patch release": ("python_full_version >= '3.6.1'", ">=3.6.1", ""),
    "below 4": ("python_version >= '3.7' and python_version < '4'", ">=3.7,<4.0", ""),
    "a group": ("'dev' in dependency_groups", None, ""),
    "a group and a Python": ("('dev' in dependency_groups) and (python_version >= '3.9')", ">=3.9", ""),
    "a group and a system": (
        "'dev' in dependency_groups and sys_platform == 'win32'",
        ">=3.9",
        'sys_platform == "win32"',
    ),
    "a backport": ("python_version < '3.11'", ">=3.8", 'python_version < "3.11"'),
    "more than the release asks for": ("python_version >= '3.9'", ">=3.8", 'python_version >= "3.9"'),
    "a system": ("sys_platform == 'linux'", ">=3.8", 'sys_platform == "linux"'),
    "a system and a Python": (
        "python_version >= '3.8' and sys_platform == 'linux'",
        ">=3.8",
        'python_version >= "3.8" and sys_platform == "linux"',
    ),
    "what nobody can read": ("python_version >= '3.8'", "three", 'python_version >= "3.8"'),
}


@pytest.mark.parametrize(("marker", "requires", "left"), ECHOES.values(), ids=ECHOES)
def test_a_condition_that_repeats_the_release_is_none(marker: str, requires: str | None, left: str) -> None:
    (found,) = forget_echoes(pair(pins=(pin("a", marker=marker),)), fact(requires)).pins
    assert str(found.marker or "") == left


@pytest.mark.parametrize(("marker", "kept"), [("python_version >= '3.8'", False), ("python_version < '3.8'", True)])
def test_without_an_index_a_beginning_is_taken_for_an_echo(marker: str, kept: bool) -> None:
    (found,) = forget_echoes(pair(pins=(pin("a", marker=marker),)), Evidence()).pins
    assert (found.marker is not None) is kept


# Python

ORIGIN = Origin(path="Pipfile", line=9)


@pytest.mark.parametrize(
    ("hint", "python", "told"),
    [
        ("==3.11.*", ">=3.11,<3.12", "Pipfile asks for Python 3.11 and no other, so pyproject.toml does too."),
        ("==3.*", ">=3,<4", "Pipfile asks for Python 3 and no other, so pyproject.toml does too."),
        (">=3.9", ">=3.9,<4.0", None),
        ("==3.11.*", ">=3.9,<4.0", None),
    ],
)
def test_one_python_is_told(hint: str, python: str, told: str | None) -> None:
    hints = (PythonHint(range=SpecifierSet(hint), stated=True, origin=ORIGIN),)
    project = replace(pair(), python=SpecifierSet(hint), python_hints=hints)
    assert [f.message for f in remark_python(project, SpecifierSet(python))] == ([told] if told else [])


def test_the_patch_release_of_one_machine_is_told() -> None:
    hints = (PythonHint(range=SpecifierSet("==3.11.*"), stated=True, origin=ORIGIN),)
    project = replace(pair(), python=SpecifierSet("==3.11.4"), python_hints=hints)
    (finding,) = remark_python(project, SpecifierSet(">=3.11,<3.12"))
    assert finding.message.endswith("Its patch release (==3.11.4) is that of one machine.")


# wishes that an older lock contradicts, and pre-releases


def plan(project: Project, line: Dependency) -> tuple[str, bool, tuple[Finding, ...]]:
    direct = Direct(lines=(line,), extras={}, orphans=(), findings=())
    basis = Basis(
        project=project,
        surroundings=Surroundings(),
        evidence=Evidence(),
        settings=Settings(),
        sources=(),
        folder="app",
    )
    (planned,), findings = plan_dependencies(direct, basis, SpecifierSet(">=3.9"))
    return planned.constraint, planned.prereleases, findings


def test_a_wish_that_excludes_the_pin_gives_way() -> None:
    line = wish("a", ">=2")
    constraint, _, (finding,) = plan(pair((line,), (pin("a", "1.4"),)), line)
    assert (constraint, finding.code, finding.message) == (
        "^1.4",
        Code.CONSTRAINT_LOOSENED,
        "a>=2 excludes 1.4, which the lock holds and pyproject.toml now asks for",
    )
    assert plan(replace(pair((line,), (pin("a", "1.4"),)), format="requirements"), line)[0] == ">=2"


PRE = Option(option="allow_prereleases", value="true", origin=ORIGIN)


@pytest.mark.parametrize(
    ("specifier", "version", "options", "prereleases"),
    [
        ("", "1.0b1", (), True),
        ("", "1.0", (PRE,), False),
        (">=0.9", "1.0b1", (PRE,), True),
        (">=0.9", "1.0b1", (), False),
        (">=1.0b1", "1.0b1", (PRE,), False),
        ("==1.*", "1.0b1", (PRE,), True),
    ],
)
def test_leave_for_prereleases_is_given_where_it_is_needed(
    specifier: str, version: str, options: tuple[Option, ...], prereleases: bool
) -> None:
    line = wish("a", specifier)
    assert plan(replace(pair((line,), (pin("a", version),)), options=options), line)[1] is prereleases


# a lock alone


def test_each_section_of_a_lock_alone_has_roots_of_its_own() -> None:
    """What default asks for stays there, even where something for developers needs it too."""
    from packaging.requirements import Requirement

    needs = {"app": ["leaf"], "check": ["app", "leaf"], "leaf": [], "kit": ["kit-core[fast]"], "kit-core": []}
    facts = tuple(
        Metadata(
            name=canonicalize_name(name),
            version=Version("1.0"),
            requires=tuple(Requirement(text) for text in requires),
        )
        for name, requires in needs.items()
    )
    pins = (
        replace(pin("app"), top_level=True),
        pin("leaf"),
        replace(pin("kit"), extras=frozenset({"x"})),
        replace(pin("kit-core"), extras=frozenset({"fast"})),
        pin("app", group="dev"),
        pin("check", group="dev"),
        pin("leaf", group="dev"),
    )
    evidence = Evidence(facts=facts)
    direct = choose_direct((), pins, evidence, draw_graph(pins, evidence, ("3.11",)), frozenset())
    assert [(line.group, line.name) for line in direct.lines] == [("dev", "check"), ("main", "app"), ("main", "kit")]
    assert direct.orphans == ()
