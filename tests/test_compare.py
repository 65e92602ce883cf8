from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.compare import compare, prove, tell_by_group
from migrator.compare.hashes import judge_hashes
from migrator.compare.places import is_same_place
from migrator.model.change import (
    Added,
    Change,
    GroupsChanged,
    HashesChanged,
    HashProof,
    HashVerdict,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.conditions import is_same_condition
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, IndexRole, Pin, PinField, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import AnyVersion, RawVersion

NOWHERE = Origin(path="x")
A, B, C = (f"sha256:{digit * 64}" for digit in "abc")
WINDOWS, OLD = Marker('sys_platform == "win32"'), Marker('python_version < "3.9"')


def pin(name: str, version: str | None = "1.0", *hashes: str, **facts: Any) -> Pin:
    return Pin(
        name=canonicalize_name(name),
        raw_name=name,
        version=None if version is None else Version(version),
        origin=NOWHERE,
        hashes=hashes,
        **facts,
    )


def project(*pins: Pin, format: str = "poetry", **facts: Any) -> Project:  # noqa: A002 - the field's name
    return Project(format=format, origin=NOWHERE, pins=pins, **facts)


def git(rev: str | None = None, url: str = "https://git.example.org/team/tool", **facts: Any) -> FromVcs:
    return FromVcs(kind=VcsKind.GIT, url=Url.parse(url), rev=rev, **facts)


def url(text: str) -> FromUrl:
    return FromUrl(url=Url.parse(text))


def index(name: str, address: str) -> Index:
    return Index(name=name, url=Url.parse(address), role=IndexRole.SOURCE, origin=NOWHERE)


X = canonicalize_name("x")
ONE, TWO = Version("1.0"), Version("2.0")


# --- what is no change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(project(), project(), id="two empty projects"),
        pytest.param(project(pin("x", "1.0")), project(pin("X", "1")), id="one version written in two ways"),
        pytest.param(
            project(pin("x", "1", A), pin("y")), project(pin("y"), pin("x", "1", A)), id="another order of the pins"
        ),
        pytest.param(project(pin("x", "1", A, B)), project(pin("x", "1", B, A)), id="another order of the hashes"),
        pytest.param(
            project(pin("x", "1", A)), project(pin("x", "1", A.replace("a" * 64, "A" * 64))), id="hex in capitals"
        ),
        pytest.param(
            project(pin("x", groups=frozenset({"main"})), pin("x", groups=frozenset({"dev"})), format="requirements"),
            project(pin("x", groups=frozenset({"main", "dev"}))),
            id="a base and a dev file that state the same pin",
        ),
        pytest.param(
            project(pin("x", marker=None), format="requirements"),
            project(pin("x", marker=WINDOWS)),
            id="a requirements file without markers says nothing of them",
        ),
        pytest.param(
            project(pin("x"), unstated=frozenset({PinField.MARKER, PinField.GROUPS})),
            project(pin("x", marker=WINDOWS, groups=frozenset({"dev"}))),
            id="nor does an old lock",
        ),
        pytest.param(
            project(pin("x", groups=frozenset({"dev"})), format="pypi2nix"),
            project(pin("x", groups=frozenset({"main", "dev"}))),
            id="the files of pypi2nix are no groups",
        ),
        pytest.param(
            project(pin("x"), format="pipenv"), project(pin("x", "1", A)), id="a Pipfile.lock entry without hashes"
        ),
        pytest.param(
            project(pin("x", marker=Marker('python_version >= "3.7"')), format="pipenv"),
            project(pin("x"), python=SpecifierSet(">=3.8,<4.0")),
            id="a marker that the Python range says already",
        ),
        pytest.param(
            project(pin("x", source=FromIndex())),
            project(pin("x", source=url("https://files.pythonhosted.org/packages/x-1.0.tar.gz"))),
            id="the address of a file of PyPI",
        ),
        pytest.param(
            project(pin("x", source=FromIndex(url=Url.parse("https://example.org/x.tar.gz"))), format="pypi2nix"),
            project(pin("x", source=FromIndex(index="mirror"))),
            id="names of indexes across formats",
        ),
        pytest.param(
            project(pin("x", source=FromIndex(index="a")), indexes=(index("a", "https://u:p@h/simple/"),)),
            project(pin("x", source=FromIndex(index="b")), indexes=(index("b", "https://h/simple"),)),
            id="an index under another name",
        ),
        pytest.param(
            project(pin("x", None, source=git("main")), format="requirements"),
            project(pin("x", "1.2", source=git("main", resolved="c" * 40))),
            id="a version that only one side knows",
        ),
    ],
)
def test_no_change_is_reported_for(old: Project, new: Project) -> None:
    assert compare(old, new) == ()
    assert compare(new, old) == ()


# --- what is one


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param(
            project(),
            project(
                pin("x", marker=WINDOWS), pin("b", needs=("x",)), pin("a", needs=("x", "b")), pin("c", needs=("z",))
            ),
            (
                Added(name=canonicalize_name("a"), version=ONE),
                Added(name=canonicalize_name("b"), version=ONE, needed_by=("a",)),
                Added(name=canonicalize_name("c"), version=ONE),
                Added(name=X, version=ONE, marker=WINDOWS, needed_by=("a", "b")),
            ),
            id="what is new says who needs it, and where",
        ),
        pytest.param(
            project(
                declared=(
                    Dependency(name=X, raw_name="x", origin=NOWHERE),
                    Dependency(name=canonicalize_name("y"), raw_name="y", origin=NOWHERE, constraint=True),
                ),
                format="requirements",
            ),
            project(pin("x"), pin("y")),
            (
                Added(name=X, version=ONE, reason="declared before, but not pinned"),
                Added(name=canonicalize_name("y"), version=ONE),
            ),
            id="a wish without a version is no pin, and a constraint no wish",
        ),
        pytest.param(project(pin("x")), project(), (Removed(name=X, version=ONE),), id="what went"),
        pytest.param(
            project(pin("x", "1", A)),
            project(pin("x", "2", B)),
            (VersionChanged(name=X, old=ONE, new=TWO),),
            id="another version has other hashes, and that is no news",
        ),
        pytest.param(
            project(replace(pin("x"), version=RawVersion(text="2004d"))),
            project(pin("x", "2004.4")),
            (VersionChanged(name=X, old=RawVersion(text="2004d"), new=Version("2004.4")),),
            id="a version that PEP 440 refuses",
        ),
        pytest.param(
            project(pin("x", "10.0.0+cu1")),
            project(pin("x", "10.0.0")),
            (VersionChanged(name=X, old=Version("10.0.0+cu1"), new=Version("10.0.0")),),
            id="a local version is another one",
        ),
        pytest.param(
            project(pin("x", source=url("https://example.org/x.whl"))),
            project(pin("x", "2")),
            (
                VersionChanged(name=X, old=ONE, new=TWO),
                SourceChanged(name=X, version=TWO, old=url("https://example.org/x.whl"), new=FromIndex()),
            ),
            id="a new version from elsewhere is two changes",
        ),
        pytest.param(
            project(pin("x", source=FromIndex())),
            project(pin("x", source=FromIndex(index="mirror"))),
            (SourceChanged(name=X, version=ONE, old=FromIndex(), new=FromIndex(index="mirror")),),
            id="an index is not the default one",
        ),
        pytest.param(
            project(pin("x", marker=WINDOWS), format="requirements"),
            project(pin("x")),
            (MarkerChanged(name=X, version=ONE, old=WINDOWS, new=None),),
            id="a marker that a requirements file does state",
        ),
        pytest.param(
            project(pin("x", groups=frozenset({"dev"})), format="pipenv"),
            project(pin("x")),
            (GroupsChanged(name=X, version=ONE, old=frozenset({"dev"}), new=frozenset({"main"})),),
            id="a section of a Pipfile.lock is a group",
        ),
        pytest.param(
            project(pin("x", "1", A, B), format="requirements"),
            project(pin("x", "1", A)),
            (HashesChanged(name=X, version=ONE, verdict=HashVerdict.SUBSET, missing=(B,)),),
            id="a file that went",
        ),
        pytest.param(
            project(pin("x", "1", A, B), format="requirements"),
            project(pin("x", "1", A, C)),
            (HashesChanged(name=X, version=ONE, verdict=HashVerdict.MISMATCH, missing=(B,), extra=(C,)),),
            id="a file that was replaced",
        ),
        pytest.param(
            project(pin("x", "1", A)),
            project(pin("x", "1")),
            (HashesChanged(name=X, version=ONE, verdict=HashVerdict.NOT_COMPARABLE, missing=(A,)),),
            id="a lock that lost its hashes",
        ),
        pytest.param(
            project(pin("x", "1", A), pin("x", "1"), format="requirements"),
            project(pin("x", "1"), format="requirements"),
            (HashesChanged(name=X, version=ONE, verdict=HashVerdict.NOT_COMPARABLE, missing=(A,)),),
            id="two files of one format know the same",
        ),
    ],
)
def test_a_change_is_reported_for(old: Project, new: Project, changes: tuple[Change, ...]) -> None:
    assert compare(old, new) == changes


def test_pins_of_one_name_are_paired_by_version_then_marker_then_place_then_distance() -> None:
    new, old = Marker('python_version >= "3.12"'), Marker('python_version < "3.12"')
    before = project(pin("django", "5.2.10", marker=old), pin("django", "6.0.1", marker=new))
    django = canonicalize_name("django")
    assert compare(before, project(pin("django", "6.0.1", marker=old), pin("django", "5.2.10", marker=new))) == (
        MarkerChanged(name=django, version=Version("5.2.10"), old=old, new=new),
        MarkerChanged(name=django, version=Version("6.0.1"), old=new, new=old),
    )
    assert compare(before, project(pin("django", "5.2.9", marker=new), pin("django", "4.2", marker=old))) == (
        VersionChanged(name=django, old=Version("5.2.10"), new=Version("4.2")),
        VersionChanged(name=django, old=Version("6.0.1"), new=Version("5.2.9")),
    )
    plain = project(pin("x", "1.0", source=git()), pin("x", "3.0"))
    assert compare(plain, project(pin("x", "2.9", source=git()), pin("x", "1.1"))) == (
        VersionChanged(name=X, old=ONE, new=Version("2.9")),
        VersionChanged(name=X, old=Version("3.0"), new=Version("1.1")),
    )
    assert compare(project(pin("x", "1.26.20"), pin("x", "2.0")), project(pin("x", "1.26.5"))) == (
        Removed(name=X, version=TWO),
        VersionChanged(name=X, old=Version("1.26.20"), new=Version("1.26.5")),
    )


def test_thousands_of_pins_of_one_name_are_compared() -> None:
    """Each with each other would be nine million comparisons for every one that is found."""
    old = project(*(pin("x", f"1.{n}") for n in range(3000)))
    new = project(*(pin("x", f"2.{n}") for n in range(2999)))
    changes = compare(old, new)
    assert [type(c) for c in changes].count(VersionChanged) == 2999
    assert [type(c) for c in changes].count(Removed) == 1


# --- places


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (FromIndex(), url("https://example.org/x.whl"), False),
        (FromIndex(), git(), False),
        (FromPath(path="x"), url("https://example.org/x.whl"), False),
        (FromIndex(), FromIndex(index="a"), False),
        (FromIndex(index="a"), FromIndex(index="b"), False),
        (url("https://example.org/x.whl"), url("https://example.org/y.whl"), False),
        (FromPath(path="./lib/x/"), FromPath(path="lib/x"), True),
        (FromPath(path="../lib"), FromPath(path="lib"), False),
        (FromPath(path="lib"), FromPath(path="lib", subdirectory="a"), False),
        (url("https://u:p@example.org/x.whl"), url("https://example.org/x.whl"), True),
        (git(), git(url="git@git.example.org:team/tool.git"), True),
        (git(), git(url="ssh://git@git.example.org/team/tool/"), True),
        (git(), git(url="https://git.example.org/other/tool"), False),
        (git(), git(url="/srv/tool"), False),
        (git(), git(subdirectory="python"), False),
        (git(), replace(git(), kind=VcsKind.HG), False),
        (git("v1"), git("v2"), False),
        (git("v1"), git(None), True),
        (git("v1"), git("v1", resolved="a" * 40), True),
        (git("a" * 7), git("main", resolved="a" * 40), True),
        (git("a" * 6), git("main", resolved="a" * 40), False),
        (git("main", resolved="a" * 40), git("main", resolved="b" * 40), False),
    ],
)
def test_two_sources_are_one_place(old: Source, new: Source, same: bool) -> None:
    assert is_same_place(old, new, old_indexes={}, new_indexes={}) is same
    assert is_same_place(new, old, old_indexes={}, new_indexes={}) is same


@pytest.mark.parametrize(
    ("format_", "address", "same"),
    [
        ("pipenv", "https://pypi.org/simple", True),
        ("pipenv", "https://pypi.python.org/simple/", True),
        ("pipenv", "https://mirror.example.org/simple", True),
        ("poetry", "https://pypi.org/simple/", True),
        ("poetry", "https://mirror.example.org/simple", False),
        ("poetry", "https://pypi.org.evil.example/simple", False),
        ("poetry", "https://pypi.org/other", False),
    ],
)
def test_the_default_index_may_have_a_name(format_: str, address: str, same: bool) -> None:
    """A Pipfile.lock names its first source for some packages only; and PyPI is PyPI, whatever it is called."""
    indexes = (index("first", address), index("second", "https://second.example.org/simple"))
    plain = project(pin("x"), indexes=indexes, format=format_)
    named = project(pin("x", source=FromIndex(index="first")), indexes=indexes, format=format_)
    other = project(pin("x", source=FromIndex(index="second")), indexes=indexes, format=format_)
    assert (compare(plain, named) == ()) is same
    assert (compare(named, plain) == ()) is same
    assert [type(change) for change in compare(plain, other)] == [SourceChanged]


# --- conditions


SLOW = " and ".join(f'platform_{v} != "{n}"' for v in ("machine", "release", "version") for n in range(40))


@pytest.mark.parametrize(
    ("old", "new", "python", "same"),
    [
        ('sys_platform == "win32"', "", None, False),
        ('python_version >= "3.7"', "", None, False),
        ('python_version >= "3.7"', "", ">=3.6", False),
        ('python_full_version <= "3.11.2"', 'python_version < "3.12"', None, False),
        ('sys_platform != "win32"', 'sys_platform == "linux"', None, False),
        ('platform_release >= "5"', 'platform_release >= "4"', None, False),
        ('extra == "a"', "", None, False),
        ('platform_machine == "arm64"', 'platform_machine == "aarch64"', None, False),
        ('os_name == "beos"', 'os_name == "nt" or os_name == "haiku"', None, False),
        ('sys_platform ~= "1.0"', "", None, False),
        ("platform_release == 'a\"b'", 'platform_release == "c"', None, False),
        (SLOW, "", None, False),
        ('extras == "a"', "", None, False),
        ('python_version >= "new"', "", None, False),
        ('python_version >= "3.7"', "", ">=3.8,<4.0", True),
        ("python_version > '3.7'", 'python_version >= "3.8"', None, True),
        ('python_version in "3.8, 3.9"', 'python_version == "3.8" or python_version == "3.9"', None, True),
        ('python_version == "3.8.*"', 'python_version == "3.8"', None, True),
        ('python_full_version < "3.11"', 'python_version < "3.11"', None, True),
        ('"win3" in sys_platform', 'sys_platform == "win32" or sys_platform == "win3"', None, True),
        ('platform_system == "Windows"', 'sys_platform == "win32"', None, True),
        ('os_name == "nt"', 'sys_platform == "win32" or platform_system == "Windows"', None, True),
        ('platform_python_implementation != "PyPy"', 'implementation_name != "pypy"', None, True),
        ('platform_machine in "amd64 arm64"', 'platform_machine == "arm64" or platform_machine == "amd64"', None, True),
        ('os_name == "nt" or (os_name != "nt" and extra == "a")', 'extra == "a" or os_name == "nt"', None, True),
        ('python_version < "3.8" and extra == "a"', 'python_version < "3.8"', ">=3.8", True),
    ],
)
def test_two_markers_are_one_condition(old: str, new: str, python: str | None, same: bool) -> None:
    markers = [Marker(text) if text else None for text in (old, new)]
    ranges = [None, None if python is None else SpecifierSet(python)]
    assert is_same_condition(markers[0], markers[1], ranges) is same
    assert is_same_condition(markers[1], markers[0], ranges) is same


# --- hashes


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ((A,), (A,), HashVerdict.SAME),
        ((A,), (A.upper().replace("SHA256", "sha256"),), HashVerdict.SAME),
        ((A,), (A, B), HashVerdict.SUPERSET),
        ((A, B), (A,), HashVerdict.SUBSET),
        ((A,), (B,), HashVerdict.MISMATCH),
        ((A, B), (B, C), HashVerdict.MISMATCH),
        ((A,), (), HashVerdict.NOT_COMPARABLE),
        (("md5:" + "a" * 32,), (A,), HashVerdict.NOT_COMPARABLE),
        (("sha512:" + "a" * 128,), (A,), HashVerdict.NOT_COMPARABLE),
        (("md5:" + "a" * 32, A), (A, B), HashVerdict.SUPERSET),
        (("md5:" + "a" * 32,), ("md5:" + "b" * 32,), HashVerdict.MISMATCH),
        (("md5:" + "a" * 32, A), ("md5:" + "b" * 32, A), HashVerdict.MISMATCH),
        (("md5:" + "a" * 32, "md5:" + "b" * 32, A), ("md5:" + "a" * 32, A, B), HashVerdict.MISMATCH),
        # Nix's base32, and a digest that was cut
        (("sha256:" + "0" * 52,), (A,), HashVerdict.NOT_COMPARABLE),
        (("sha256:" + "a" * 63,), (A,), HashVerdict.NOT_COMPARABLE),
        (("sha256:" + "x" * 64,), ("sha256:" + "y" * 64,), HashVerdict.NOT_COMPARABLE),
    ],
)
def test_hashes_are_judged(old: tuple[str, ...], new: tuple[str, ...], verdict: HashVerdict) -> None:
    assert judge_hashes(old, new) is verdict


def test_a_kept_version_is_proven_and_nothing_else() -> None:
    old = project(
        pin("kept", "1.0", A),
        pin("moved", "1.0", A),
        pin("gone", "1.0", A),
        pin("bare", "1.0"),
        pin("repo", None, source=git()),
        pin("md5", "1", "md5:" + "a" * 32),
        pin("evil", "1", A),
        pin("twice", "1", A),
        pin("twice", "1", C),
        pin("split", "2", B),
        pin("split", "1", A),
        format="requirements",
    )
    new = project(
        pin("kept", "1", A, B),
        pin("moved", "2", A),
        pin("bare", "1.0", A),
        pin("repo", None, source=git()),
        pin("md5", "1", A),
        pin("evil", "1", B),
        pin("twice", "1", A, B),
        pin("split", "1", A, marker=OLD),
        pin("split", "2", B),
        pin("more", "1", A),
    )

    def proof(name: str, version: str, verdict: HashVerdict) -> HashProof:
        return HashProof(name=canonicalize_name(name), version=Version(version), verdict=verdict)

    assert prove(old, new) == (
        proof("evil", "1", HashVerdict.MISMATCH),
        proof("kept", "1.0", HashVerdict.SUPERSET),
        proof("md5", "1", HashVerdict.NOT_COMPARABLE),
        proof("split", "1", HashVerdict.SAME),
        proof("split", "2", HashVerdict.SAME),
        proof("twice", "1", HashVerdict.MISMATCH),
    )


def test_a_project_that_left_its_old_pythons_is_judged_on_both() -> None:
    old, new = Marker('python_version >= "3.8"'), Marker('python_version >= "3.13"')
    pythons = (SpecifierSet("==3.12.*"), SpecifierSet("==3.14.*"))
    assert is_same_condition(old, Marker('python_version >= "3.10"'), pythons)
    assert not is_same_condition(old, new, pythons)
    assert is_same_condition(old, new, pythons[1:])


MAIN, DEV, DOCS = (frozenset({group}) for group in ("main", "dev", "docs"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            [pin("x", "1", groups=MAIN | DEV)],
            [pin("x", "2", groups=MAIN), pin("x", "1", groups=DEV)],
            [VersionChanged(name=X, old=Version("1"), new=Version("2"), groups=MAIN)],
            id="one group moves on",
        ),
        pytest.param(
            [pin("x", "2", groups=MAIN), pin("x", "1", groups=DEV)],
            [pin("x", "3", groups=MAIN | DEV)],
            [
                VersionChanged(name=X, old=Version("1"), new=Version("3"), groups=DEV),
                VersionChanged(name=X, old=Version("2"), new=Version("3"), groups=MAIN),
            ],
            id="two groups meet",
        ),
        pytest.param(
            [pin("x", "2", groups=MAIN), pin("x", "1", groups=DEV | DOCS)],
            [pin("x", "2", groups=MAIN), pin("x", "3", groups=DEV | DOCS)],
            [VersionChanged(name=X, old=Version("1"), new=Version("3"), groups=DEV | DOCS)],
            id="two groups together",
        ),
        pytest.param(
            [pin("x", "2", groups=MAIN), pin("x", "1", groups=DEV)],
            [pin("x", "2", groups=MAIN)],
            [Removed(name=X, version=Version("1"), groups=DEV)],
            id="one group gives it up",
        ),
        pytest.param(
            [pin("x", "1", groups=MAIN)],
            [pin("x", "1", groups=MAIN), pin("x", "2", groups=DEV, marker=WINDOWS), pin("y", needs=("x",))],
            [
                Added(name=X, version=Version("2"), groups=DEV, marker=WINDOWS, needed_by=("y",)),
                Added(name=canonicalize_name("y"), version=ONE),
            ],
            id="one more group takes it",
        ),
        pytest.param(
            [pin("x", "1", groups=MAIN), pin("x", "1", groups=DEV, source=FromIndex(index="pypi"))],
            [pin("x", "1", groups=MAIN | DEV)],
            [],
            id="one version, told twice",
        ),
        pytest.param(
            [pin("x", "1", groups=MAIN)],
            [pin("x", "1", groups=MAIN | DEV)],
            [GroupsChanged(name=X, version=Version("1"), old=MAIN, new=MAIN | DEV)],
            id="one version: as ever",
        ),
        pytest.param(
            [pin("x", "1", marker=WINDOWS), pin("x", "2")],
            [pin("x", "1", marker=WINDOWS), pin("x", "3")],
            [VersionChanged(name=X, old=Version("2"), new=Version("3"))],
            id="several versions in one group: as ever",
        ),
    ],
)
def test_what_moves_in_one_group_is_told_for_that_group(old: list[Pin], new: list[Pin], told: list[Change]) -> None:
    sides = project(*old, format="pipenv"), project(*new, format="pipenv")
    found = tell_by_group(compare(*sides), *sides)
    assert sorted(map(repr, found)) == sorted(map(repr, told))


# --- laws

law = settings(deadline=None)  # a slow machine is no counterexample

NAMES = ("flask", "idna", "requests")
VERSIONS = ("1.0", "1.1", "2.0", "2.0.1", "3.0a1")
HASHES = (A, B, C, "md5:" + "d" * 32)
SOURCES: tuple[Source, ...] = (
    FromIndex(),
    FromIndex(index="mirror"),
    git("main", resolved="a" * 40),
    git("main", resolved="b" * 40),
    url("https://example.org/x.whl"),
    FromPath(path="lib"),
)
MARKERS = (
    None,
    WINDOWS,
    OLD,
    Marker('extra == "a"'),
    Marker('platform_machine == "arm64" and python_version >= "3.9"'),
)
GROUPS = tuple(map(frozenset, ({"main"}, {"dev"}, {"main", "dev"}, {"docs"})))

pins = st.builds(
    lambda name, version, hashes, source, marker, groups: pin(
        name, version, *hashes, source=source, marker=marker, groups=groups
    ),
    st.sampled_from(NAMES),
    st.sampled_from(VERSIONS),
    st.lists(st.sampled_from(HASHES), unique=True),
    st.sampled_from(SOURCES),
    st.sampled_from(MARKERS),
    st.sampled_from(GROUPS),
)
locks = st.lists(pins, unique_by=lambda p: (p.name, p.version)).map(lambda found: project(*found))
tangles = st.builds(
    lambda found, format_, unstated: project(*found, format=format_, unstated=unstated),
    st.lists(st.one_of(pins, pins.map(lambda p: replace(p, version=None)))),
    st.sampled_from(("requirements", "pipenv", "pypi2nix", "poetry")),
    st.frozensets(st.sampled_from(PinField)),
)


@law
@given(tangles, st.randoms())
def test_a_project_does_not_differ_from_itself_in_any_order(a: Project, chance: random.Random) -> None:
    shuffled = list(a.pins)
    chance.shuffle(shuffled)
    assert compare(a, a) == ()
    assert compare(a, replace(a, pins=tuple(shuffled))) == ()


@law
@given(locks, locks)
def test_the_other_way_round_is_the_mirror_image(a: Project, b: Project) -> None:
    assert set(map(_plain, compare(b, a))) == set(map(_plain, _mirrored(compare(a, b))))


@law
@given(tangles, tangles)
def test_no_format_sees_more_one_way_than_the_other(a: Project, b: Project) -> None:
    kinds = {Added: Removed, Removed: Added}
    there, back = ([type(c) for c in compare(*sides)] for sides in ((a, b), (b, a)))
    assert sorted(map(str, there)) == sorted(str(kinds.get(kind, kind)) for kind in back)


@law
@given(locks, locks)
def test_applying_the_changes_gives_the_other_side(a: Project, b: Project) -> None:
    changes = compare(a, b)
    moved = {(c.name, c.new) for c in changes if isinstance(c, VersionChanged)}
    added = {(c.name, c.version) for c in changes if isinstance(c, Added)}
    result, wanted = _apply(a, changes), {(str(p.name), p.version): p for p in b.pins}
    assert result.keys() == wanted.keys()
    for key, found in result.items():
        if key in added:
            continue
        assert (found.source, found.marker, found.groups) == (
            wanted[key].source,
            wanted[key].marker,
            wanted[key].groups,
        )
        if key not in moved:
            assert set(found.hashes) == set(wanted[key].hashes)


@law
@given(tangles, tangles)
def test_a_format_that_knows_less_never_invents_a_change(a: Project, b: Project) -> None:
    whole = [replace(side, format="poetry", unstated=frozenset()) for side in (a, b)]
    assert set(map(_plain, compare(a, b))) <= set(map(_plain, compare(*whole)))


@law
@given(tangles, tangles)
def test_the_changes_are_sorted_and_the_order_of_the_pins_is_all_one(a: Project, b: Project) -> None:
    changes = compare(a, b)
    assert [c.name for c in changes] == sorted(c.name for c in changes)
    assert changes == compare(replace(a, pins=a.pins[::-1]), replace(b, pins=b.pins[::-1]))


@law
@given(tangles, tangles)
def test_told_by_group_the_changes_still_give_the_other_side(a: Project, b: Project) -> None:
    """Of every name that is told so: the version of each group, moved as told, is that of the other side."""
    told = tell_by_group(compare(a, b), a, b)
    names = {c.name for c in told if isinstance(c, (Added, Removed, VersionChanged)) and c.groups}
    before, after = ({(p.name, g): p.version for p in side.pins for g in p.groups} for side in (a, b))
    for change in told:
        match change:
            case Added(name=name, version=version, groups=groups) if groups:
                before |= {(name, group): version for group in groups}
            case Removed(name=name, groups=groups):
                before = {key: v for key, v in before.items() if key[0] != name or key[1] not in groups}
            case VersionChanged(name=name, old=old, new=new, groups=groups):
                assert all(before[name, group] == old for group in groups)
                before |= {(name, group): new for group in groups}
            case _:
                pass
    assert {k: v for k, v in before.items() if k[0] in names} == {k: v for k, v in after.items() if k[0] in names}
    assert tell_by_group(compare(a, a), a, a) == ()


@law
@given(st.sets(st.sampled_from((A, B, C)), min_size=1), st.sets(st.sampled_from((A, B, C)), min_size=1))
def test_other_bytes_are_always_an_alarm(old: set[str], new: set[str]) -> None:
    verdict = judge_hashes(old, new)
    assert (verdict in {HashVerdict.SAME, HashVerdict.SUBSET}) == (new <= old)
    assert (verdict in {HashVerdict.SAME, HashVerdict.SUPERSET}) == (old <= new)
    assert (verdict is HashVerdict.MISMATCH) == (not new <= old and not old <= new)


@law
@given(tangles)
def test_a_project_proves_itself(a: Project) -> None:
    pinned = {(p.name, p.version) for p in a.pins if p.hashes and p.version is not None}
    proofs = prove(a, a)
    assert {(p.name, p.version) for p in proofs} == pinned
    assert HashVerdict.SUBSET not in {p.verdict for p in proofs}


def _plain(change: Change) -> tuple[object, ...]:
    """A change, as far as its mirror image has it too."""
    match change:
        case Added() | Removed():
            return (type(change), change.name, change.version)
        case HashesChanged():
            return (HashesChanged, change.name, change.version, change.verdict, change.missing, change.extra)
        case VersionChanged():
            return (VersionChanged, change.name, change.old, change.new)
        case _:
            return (type(change), change.name, change.version, str(change.old), str(change.new))


def _mirrored(changes: Iterable[Change]) -> list[Change]:
    changes = list(changes)
    before = {(c.name, c.new): c.old for c in changes if isinstance(c, VersionChanged)}
    mirror = {HashVerdict.SUPERSET: HashVerdict.SUBSET, HashVerdict.SUBSET: HashVerdict.SUPERSET}
    found: list[Change] = []
    for change in changes:
        match change:
            case Added():
                found.append(Removed(name=change.name, version=change.version))
            case Removed():
                found.append(Added(name=change.name, version=change.version))
            case VersionChanged():
                found.append(VersionChanged(name=change.name, old=change.new, new=change.old))
            case HashesChanged():
                verdict = mirror.get(change.verdict, change.verdict)
                found.append(replace(change, verdict=verdict, missing=change.extra, extra=change.missing))
            case _:
                version = before.get((change.name, change.version), change.version)
                sides: dict[str, Any] = {"old": change.new, "new": change.old}
                found.append(replace(change, version=version, **sides))
    return found


def _apply(project: Project, changes: Iterable[Change]) -> dict[tuple[str, AnyVersion | None], Pin]:
    changes = list(changes)
    after = {(c.name, c.old): c.new for c in changes if isinstance(c, VersionChanged)}
    gone = {(c.name, c.version) for c in changes if isinstance(c, Removed)}
    result: dict[tuple[str, AnyVersion | None], Pin] = {}
    for old in project.pins:
        if (old.name, old.version) not in gone:
            version = after.get((old.name, old.version), old.version)
            result[old.name, version] = replace(old, version=version)
    for change in changes:
        match change:
            case Added():
                result[change.name, change.version] = replace(
                    pin(change.name), version=change.version, marker=change.marker
                )
            case SourceChanged():
                key = (change.name, change.version)
                assert result[key].source == change.old
                result[key] = replace(result[key], source=change.new)
            case MarkerChanged():
                key = (change.name, change.version)
                assert result[key].marker == change.old
                result[key] = replace(result[key], marker=change.new)
            case GroupsChanged():
                key = (change.name, change.version)
                assert result[key].groups == change.old
                result[key] = replace(result[key], groups=change.new)
            case HashesChanged():
                key = (change.name, change.version)
                hashes = {*result[key].hashes} - {*change.missing} | {*change.extra}
                result[key] = replace(result[key], hashes=tuple(hashes))
            case Removed() | VersionChanged():
                pass
    return result
