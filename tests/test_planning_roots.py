"""Which lines the project asks for itself, and which only come along."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Pin
from migrator.model.version import pinned_version
from migrator.planning.closure import Graph, draw_graph, find_roots
from migrator.planning.roots import choose_direct

PYTHONS = ("3.11", "3.12")


def needs(table: dict[str, str]) -> Evidence:
    """Facts from ``name: requirements``, parted by commas; every version is 1.0."""
    return Evidence(
        facts=tuple(
            Metadata(
                name=canonicalize_name(name),
                version=Version("1.0"),
                requires=tuple(Requirement(text) for text in texts.split(",") if text.strip()),
            )
            for name, texts in table.items()
        )
    )


def line(text: str, path: str = "requirements.txt", *, number: int = 1, **fields: object) -> Dependency:
    requirement = Requirement(text)
    return Dependency(
        name=canonicalize_name(requirement.name),
        raw_name=requirement.name,
        specifier=requirement.specifier,
        extras=frozenset(requirement.extras),
        marker=requirement.marker,
        origin=Origin(path=path, line=number),
        by_hand=path.endswith((".in", "Pipfile")),
        **fields,  # type: ignore[arg-type]
    )


def pins_of(lines: tuple[Dependency, ...]) -> tuple[Pin, ...]:
    return tuple(
        Pin(name=d.name, raw_name=d.raw_name, version=version, origin=d.origin, marker=d.marker)
        for d in lines
        if (version := pinned_version(d.specifier)) is not None
    )


def freeze(*names: str, path: str = "requirements.txt") -> tuple[Dependency, ...]:
    return tuple(line(f"{name}==1.0", path, number=k) for k, name in enumerate(names, 1))


def compiled(text: str, *via: str, path: str = "requirements.txt") -> Dependency:
    return line(text, path, via=via, compiled=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    lines: tuple[Dependency, ...]
    needs: dict[str, str]
    chosen: str
    extras: dict[str, str] = field(default_factory=dict)
    orphans: str = ""
    codes: tuple[Code, ...] = ()
    imports: frozenset[str] = frozenset()


WEB = {"web": "core,leaf>=1", "core": "leaf", "leaf": ""}

CASES = {
    "lines that are no pins are wishes, each of them": Case(
        lines=(line("web>=1"), line("leaf")), needs=WEB, chosen="web leaf"
    ),
    "one loose line keeps a file from being a freeze": Case(
        lines=(*freeze("web", "core", "leaf"), line("other")), needs=WEB, chosen="web core leaf other"
    ),
    "pins whose needs are not all there are wishes": Case(lines=freeze("web", "core"), needs=WEB, chosen="web core"),
    "a freeze is reduced to its roots": Case(
        lines=freeze("core", "leaf", "web"), needs=WEB, chosen="web", codes=(Code.ROOTS_INFERRED,)
    ),
    "and to what the code imports": Case(
        lines=freeze("core", "leaf", "web"),
        needs=WEB,
        chosen="core web",
        codes=(Code.ROOTS_INFERRED,),
        imports=frozenset({"core"}),
    ),
    "a name that is imported under another one": Case(
        lines=freeze("pyyaml", "web"),
        needs={"web": "pyyaml", "pyyaml": ""},
        chosen="pyyaml web",
        imports=frozenset({"yaml"}),
    ),
    "a freeze without evidence is a list of wishes": Case(lines=freeze("web", "core"), needs={}, chosen="web core"),
    "a circle that nobody enters is all roots": Case(
        lines=freeze("a", "b", "c"),
        needs={"a": "b", "b": "a,c", "c": ""},
        chosen="a b",
        codes=(Code.ROOTS_INFERRED,),
    ),
    "a circle that somebody enters is none": Case(
        lines=freeze("top", "a", "b"),
        needs={"top": "a", "a": "b", "b": "a"},
        chosen="top",
        codes=(Code.ROOTS_INFERRED,),
    ),
    "a need under a marker that never holds is none": Case(
        lines=freeze("web", "old"),
        needs={"web": "old; python_version < '3.8'", "old": ""},
        chosen="web old",
    ),
    "what a lost extra brought is a root of a freeze": Case(
        lines=freeze("celery", "kombu", "redis"),
        needs={"celery": "kombu,redis>=1; extra == 'redis',boto; extra == 'sqs'", "kombu": "", "redis": ""},
        chosen="celery redis",
        codes=(Code.ROOTS_INFERRED,),
    ),
    "a pin that nothing needs is kept and told": Case(
        lines=(
            line("web", "requirements.in"),
            compiled("web==1.0", "-r requirements.in"),
            compiled("leaf==1.0", "web"),
            compiled("stray==1.0", "ghost"),
        ),
        needs={"web": "leaf", "leaf": "", "stray": ""},
        chosen="web",
        orphans="stray",
        codes=(Code.ORPHAN_KEPT,),
    ),
    "an input beside its compiled file": Case(
        lines=(
            line("web>=0.9", "requirements.in"),
            compiled("web==1.0", "-r requirements.in"),
            compiled("core==1.0", "web"),
            compiled("leaf==1.0", "core", "web"),
        ),
        needs=WEB,
        chosen="web",
    ),
    "a compiled file alone, by its comments": Case(
        lines=(
            compiled("web==1.0", "-r requirements.in"),
            compiled("core==1.0", "web"),
            compiled("leaf==1.0", "-r requirements.in", "core"),
        ),
        needs=WEB,
        chosen="web leaf",
    ),
    "an export names the project itself, which no line is": Case(
        lines=(
            compiled("web==1.0", "shop"),
            compiled("core==1.0", "web"),
            compiled("leaf==1.0", "core", "shop", "web"),
        ),
        needs=WEB,
        chosen="web leaf",
    ),
    "a constraints file that is named is no project": Case(
        lines=(compiled("web==1.0"), compiled("core==1.0", "-c constraints.txt", "web"), compiled("leaf==1.0", "core")),
        needs=WEB,
        chosen="web",
    ),
    "of a chain that nothing needs the first is kept": Case(
        lines=(
            line("top", "requirements.in"),
            compiled("top==1.0", "-r requirements.in"),
            compiled("core==1.0", "web"),
            compiled("leaf==1.0", "core", "web"),
            compiled("web==1.0", "ghost"),
        ),
        needs={**WEB, "top": ""},
        chosen="top",
        orphans="web",
        codes=(Code.ORPHAN_KEPT,),
    ),
    "a compiled file without comments, by its graph": Case(
        lines=(compiled("web==1.0"), compiled("core==1.0"), compiled("leaf==1.0")),
        needs=WEB,
        chosen="web",
        codes=(Code.ROOTS_INFERRED,),
    ),
    "a constraint is no wish": Case(
        lines=(line("web>=1"), line("leaf<2", "constraints.txt", constraint=True)), needs=WEB, chosen="web"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_direct(case: Case) -> None:
    evidence = needs(case.needs)
    pins = pins_of(case.lines)
    found = choose_direct(case.lines, pins, evidence, draw_graph(pins, evidence, PYTHONS), case.imports)
    assert sorted(d.name for d in found.lines) == sorted(case.chosen.split())
    assert {name: " ".join(sorted(extras)) for name, extras in found.extras.items()} == case.extras
    assert " ".join(d.name for d in found.orphans) == case.orphans
    assert tuple(finding.code for finding in found.findings) == case.codes


def test_a_lock_alone_is_taken_for_a_freeze() -> None:
    evidence, pins = needs(WEB), pins_of(freeze(*WEB))
    found = choose_direct((), pins, evidence, draw_graph(pins, evidence, PYTHONS), frozenset())
    assert [str(d.specifier) for d in found.lines] == ["==1.0"]
    assert ([d.name for d in found.lines], found.orphans) == (["web"], ())
    assert [f.code for f in found.findings] == [Code.ROOTS_INFERRED]


def test_a_pin_that_no_wish_needs_is_an_orphan() -> None:
    evidence, pins = needs({**WEB, "stray": ""}), pins_of(freeze(*WEB, "stray"))
    wish = line("web>=0.9", "Pipfile")
    found = choose_direct((wish,), pins, evidence, draw_graph(pins, evidence, PYTHONS), frozenset())
    assert ([d.name for d in found.lines], [d.name for d in found.orphans]) == (["web"], ["stray"])
    assert [f.code for f in found.findings] == [Code.ORPHAN_KEPT]


def test_an_extra_that_a_compiled_file_lost() -> None:
    """Its comments name no input for redis, and everything that the extra needs is pinned."""
    lines = (
        compiled("celery==1.0", "-r requirements.in"),
        compiled("kombu==1.0", "celery"),
        compiled("redis==1.0", "celery"),
    )
    evidence = needs({"celery": "kombu,redis>=1; extra == 'redis',boto; extra == 'sqs'", "kombu": "", "redis": ""})
    pins = pins_of(lines)
    found = choose_direct(lines, pins, evidence, draw_graph(pins, evidence, PYTHONS), frozenset())
    assert [d.name for d in found.lines] == ["celery"]
    assert found.extras == {"celery": frozenset({"redis"})}
    assert [f.code for f in found.findings] == [Code.EXTRA_INFERRED]
    assert [f.message for f in found.findings] == [
        "celery is taken with its extra [redis]: all that it needs is pinned, and nothing else asks for it"
    ]


def test_a_comment_says_whose_extra_was_lost() -> None:
    """Two packages have an extra that needs cryptography, and the comment names the second."""
    lines = (
        compiled("passlib==1.0", "shop"),
        compiled("pymysql==1.0", "shop"),
        compiled("cryptography==1.0", "pymysql"),
    )
    extras = {"passlib": "cryptography; extra == 'totp'", "pymysql": "cryptography; extra == 'rsa'", "cryptography": ""}
    evidence, pins = needs(extras), pins_of(lines)
    found = choose_direct(lines, pins, evidence, draw_graph(pins, evidence, PYTHONS), frozenset())
    assert found.extras == {"pymysql": frozenset({"rsa"})}


def _graph(table: dict[str, str]) -> Graph:
    pins = pins_of(freeze(*table))
    return draw_graph(pins, needs(table), PYTHONS)


@pytest.mark.parametrize(
    ("table", "roots"),
    [
        ({}, ""),
        ({"a": ""}, "a"),
        ({"a": "a[x]"}, "a"),
        ({"a": "b", "b": "c", "c": "b"}, "a"),
        ({"a": "b", "b": "a"}, "a b"),
        ({"a": "b", "b": "a,c", "c": "d", "d": "c"}, "a b"),
        ({"a": "ghost", "b": ""}, "a b"),
    ],
)
def test_roots_of_a_graph(table: dict[str, str], roots: str) -> None:
    assert " ".join(sorted(find_roots(_graph(table)))) == roots


def test_a_walk_follows_extras_and_tells_whose_requirement_it_is() -> None:
    graph = _graph(
        {"top": "mid[fast]>=2", "mid": "base,turbo<3; extra == 'fast',never; extra == 'slow'", "base": "", "turbo": ""}
    )
    rows = graph.walk([(canonicalize_name("top"), "")])
    assert [(name, version, str(requirement)) for name, version, requirement in rows] == [
        ("mid", "1.0", "base"),
        ("mid", "1.0", 'turbo<3; extra == "fast"'),
        ("top", "1.0", "mid[fast]>=2"),
    ]
    assert sorted(graph.reach([(canonicalize_name("top"), "")])) == ["base", "mid", "top", "turbo"]
    assert graph.extras(canonicalize_name("mid")) == ("fast", "slow")
