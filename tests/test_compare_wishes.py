"""What is asked for beside the pins, and who asks: tables, and the laws of a difference."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from migrator.compare import compare, compare_entries, compare_wishes, find_direct
from migrator.model.change import Added, Removed
from migrator.model.comparison import EntryChanged, EntryKind, WishChanged
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, IndexRole, Option, Pin, Project, Script
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawSpecifier, read_specifier, read_version

HERE = Origin(path="pyproject.toml", line=1)


def wish(name: str, text: str = "", line: int = 1, **facts: object) -> Dependency:
    told: dict[str, object] = {
        "name": canonicalize_name(name),
        "raw_name": name,
        "specifier": read_specifier(text),
        "origin": replace(HERE, line=line),
        **facts,
    }
    return Dependency(**told)  # type: ignore[arg-type]


def pin(name: str, version: str = "1", line: int = 0, **facts: object) -> Pin:
    told: dict[str, object] = {
        "name": canonicalize_name(name),
        "raw_name": name,
        "version": read_version(version),
        "origin": replace(HERE, line=line),
        **facts,
    }
    return Pin(**told)  # type: ignore[arg-type]


def project(*declared: Dependency, format: str = "poetry", **facts: object) -> Project:  # noqa: A002 - the field's name
    return Project(format=format, origin=HERE, declared=declared, **facts)  # type: ignore[arg-type]


# who asks


@pytest.mark.parametrize(
    ("given_project", "direct", "transitive"),
    [
        pytest.param(project(), set(), set(), id="nothing"),
        pytest.param(project(pins=(pin("a"),)), set(), set(), id="a lock without its pyproject.toml"),
        pytest.param(project(wish("a"), pins=(pin("a"), pin("b"))), {"a"}, {"b"}, id="a lock with its pyproject.toml"),
        pytest.param(
            project(wish("a", "==1", 5), pins=(pin("a", line=5),), format="requirements"), set(), set(), id="a freeze"
        ),
        pytest.param(
            project(
                wish("a", "==1", 5, via=("-r requirements.in",)),
                wish("b", "==1", 6, via=("a", "-c base.txt")),
                wish("c", "==1", 7, via=("shop (pyproject.toml)",)),
                wish("d", "==1", 8),
                pins=(pin("a", line=5), pin("b", line=6), pin("c", line=7), pin("d", line=8)),
                format="requirements",
            ),
            {"a", "c"},
            {"b"},
            id="a compiled file",
        ),
        pytest.param(
            project(wish("a", "==1", 5, by_hand=True), wish("b", "", 6, by_hand=True), pins=(pin("a", line=5),)),
            {"a", "b"},
            set(),
            id="a file that people write",
        ),
        pytest.param(
            project(wish("a"), pins=(pin("a"), pin("b")), format="pypi2nix"),
            {"a"},
            set(),
            id="an expression whose other wishes stand in setup.py",
        ),
        pytest.param(
            project(wish("a", "==1", constraint=True), pins=(pin("b"),)), set(), set(), id="a bound is no wish"
        ),
        pytest.param(
            project(wish("a", "==1", 5), wish("b", ">=1", 6), pins=(pin("a", line=5),), format="requirements"),
            {"b"},
            set(),
            id="pins and ranges in one file",
        ),
    ],
)
def test_who_is_direct_is_said_only_where_the_input_tells(
    given_project: Project, direct: set[str], transitive: set[str]
) -> None:
    assert [*map(set, find_direct(given_project))] == [direct, transitive]


def test_who_needs_an_added_package_is_read_from_the_lock_or_from_a_compiled_file() -> None:
    locked = project(pins=(pin("a", needs=("B",)), pin("b")))
    compiled = project(
        wish("b", "==1", via=("a", "-r x.in", "shop (setup.py)")), pins=(pin("b", line=1),), format="requirements"
    )
    assert [c.needed_by for c in compare(project(), locked) if isinstance(c, Added)] == [(), ("a",)]
    assert [c.needed_by for c in compare(project(), compiled) if isinstance(c, Added)] == [("a",)]


def test_a_second_version_of_a_package_is_no_pin_that_was_forgotten() -> None:
    """Only where a side has the wish and no pin at all, that is the reason."""
    one = project(wish("a"), pins=(pin("a", "1"),))
    two = project(wish("a"), pins=(pin("a", "1"), pin("a", "2", marker=Marker("os_name == 'nt'"))))
    none = project(wish("a"))
    reasons = [
        [c.reason for c in compare(*sides) if isinstance(c, (Added, Removed))]
        for sides in ((one, two), (two, one), (none, one), (one, none))
    ]
    assert reasons == [[""], [""], ["declared before, but not pinned"], ["still declared, but not pinned any more"]]


# what is asked for


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        ([wish("a", ">=1")], [wish("A", ">= 1.0", 9)], [(">=1", ">=1.0")]),
        ([wish("a", ">=1,<2")], [wish("a", "<2,>=1")], []),
        ([wish("a", ">=1")], [wish("a", ">=1", 7)], []),
        ([wish("a")], [], [("", None)]),
        ([], [wish("a", "~=1.2")], [(None, "~=1.2")]),
        ([wish("a", extras=frozenset({"x", "b"}))], [wish("a")], [("[b,x]", "")]),
        ([wish("a", editable=True)], [wish("a")], [("editable", "")]),
        ([wish("a", marker=Marker("os_name=='nt'"))], [wish("a")], [('; os_name == "nt"', "")]),
        ([wish("a", group="dev")], [wish("a")], [("", None), (None, "")]),
        ([wish("a", "==1", constraint=True)], [wish("a", "==2", constraint=True)], [("==1", "==2")]),
        (
            [wish("a", ">=1"), wish("a", ">=2")],
            [wish("a", ">=2")],
            [(">=1 and >=2", ">=2")],
        ),
        ([wish("", "")], [], []),
        (
            [replace(wish("a"), specifier=RawSpecifier(text="^1,<3 || ^4"))],
            [wish("a")],
            [("^1,<3 || ^4", "")],
        ),
    ],
)
def test_wishes_are_compared(
    old: list[Dependency], new: list[Dependency], texts: list[tuple[str | None, str | None]]
) -> None:
    found = compare_wishes(project(*old), project(*new))
    assert [(each.old, each.new) for each in found] == texts


SOURCES: list[tuple[Source, str]] = [
    (FromIndex(index="mirror"), "from mirror"),
    (FromUrl(url=Url.parse("https://e.example/a.whl")), "@ https://e.example/a.whl"),
    (
        FromUrl(url=Url.parse("https://u:p@e.example/a.zip"), subdirectory="x"),
        "@ https://e.example/a.zip#subdirectory=x",
    ),
    (FromPath(path="lib", subdirectory="a"), "@ lib/a"),
    (
        FromVcs(kind=VcsKind.GIT, url=Url.parse("https://e.example/a"), rev="main", subdirectory="y"),
        "@ git+https://e.example/a@main#subdirectory=y",
    ),
]


@pytest.mark.parametrize(("source", "text"), SOURCES)
def test_a_wish_names_its_source_without_credentials(source: Source, text: str) -> None:
    (found,) = compare_wishes(project(wish("a")), project(wish("a", source=source)))
    assert (found.old, found.new) == ("", text)


def test_of_a_pin_only_the_extras_are_a_wish() -> None:
    """What else there is to say of it, its pin says."""
    old = project(wish("a", "==1", 5), pins=(pin("a", "1", 5),), format="requirements")
    new = project(
        wish("a", "==2", 9, extras=frozenset({"x"})),
        wish("b", "==1"),
        pins=(pin("a", "2", 9), pin("b", line=1)),
        format="requirements",
    )
    assert compare_wishes(old, new) == (
        WishChanged(name=canonicalize_name("a"), group="main", old="", new="[x]", origin=replace(HERE, line=9)),
    )


def test_other_formats_ask_in_other_words() -> None:
    assert compare_wishes(project(wish("a")), project(format="pipenv")) == ()
    assert compare_entries(project(scripts=(Script(name="a", target="b:c"),)), project(format="pipenv")) == ()


def test_entries_are_compared() -> None:
    def index(address: str) -> Index:
        return Index(url=Url.parse(address), role=IndexRole.INDEX, origin=HERE)

    old = project(
        indexes=(index("https://u:hunter2@one.example/"),),
        options=(Option(option="--pre", value="", origin=HERE), Option(option="--no-binary", value="x", origin=HERE)),
    )
    new = project(
        indexes=(index("https://two.example/"),),
        scripts=(Script(name="a", target="b:c"), Script(name="d", target="e:f")),
    )
    assert compare_entries(old, new) == (
        EntryChanged(kind=EntryKind.INDEX, old="https://one.example/ (index)", new="https://two.example/ (index)"),
        EntryChanged(kind=EntryKind.OPTION, old="--no-binary x", new=None),
        EntryChanged(kind=EntryKind.OPTION, old="--pre", new=None),
        EntryChanged(kind=EntryKind.SCRIPT, old=None, new="a = b:c"),
        EntryChanged(kind=EntryKind.SCRIPT, old=None, new="d = e:f"),
    )


# laws

law = settings(deadline=None)  # a slow machine is no counterexample

wishes = st.builds(
    lambda name, text, group, extras, bound: wish(name, text, group=group, extras=extras, constraint=bound),
    st.sampled_from(("a", "b", "c")),
    st.sampled_from(("", ">=1", "==1", "~=1.2", ">=1,<3")),
    st.sampled_from(("main", "dev")),
    st.frozensets(st.sampled_from(("x", "y"))),
    st.booleans(),
)
options = st.builds(
    lambda option, value: Option(option=option, value=value, origin=HERE),
    st.sampled_from(("--pre", "--no-binary")),
    st.sampled_from(("", "a", "b")),
)
projects = st.builds(
    lambda declared, told: project(*declared, options=tuple(told)), st.lists(wishes), st.lists(options)
)


@law
@given(projects, st.randoms())
def test_nobody_asks_for_anything_else_than_himself_in_any_order(a: Project, chance: object) -> None:
    shuffled = list(a.declared)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    other = replace(a, declared=tuple(shuffled), options=a.options[::-1])
    assert compare_wishes(a, other) == ()
    assert compare_entries(a, other) == ()


@law
@given(projects, projects)
def test_the_other_way_round_is_the_mirror_image(a: Project, b: Project) -> None:
    there, back = compare_wishes(a, b), compare_wishes(b, a)
    assert [(w.name, w.group, w.constraint, w.old, w.new) for w in there] == [
        (w.name, w.group, w.constraint, w.new, w.old) for w in back
    ]
    mirrored = {(e.kind, e.new, e.old) for e in compare_entries(b, a)}
    assert {(e.kind, e.old, e.new) for e in compare_entries(a, b)} == mirrored


@law
@given(projects, projects)
def test_applying_the_differences_gives_the_other_side(a: Project, b: Project) -> None:
    """What is asked for under each name afterwards is what the other side asks for."""
    nothing = project()
    asked = {(w.name, w.group, w.constraint): w.new for w in compare_wishes(nothing, a)}
    for change in compare_wishes(a, b):
        key = (change.name, change.group, change.constraint)
        assert asked.get(key) == change.old
        asked[key] = change.new
    wanted = {(w.name, w.group, w.constraint): w.new for w in compare_wishes(nothing, b)}
    assert {key: text for key, text in asked.items() if text is not None} == wanted
    entries = {(e.kind, e.new) for e in compare_entries(nothing, a)}
    for entry in compare_entries(a, b):
        entries.discard((entry.kind, entry.old))
        entries |= {(entry.kind, entry.new)} if entry.new is not None else set()
    assert entries == {(e.kind, e.new) for e in compare_entries(nothing, b)}
