"""What stands beside an expression of pypi2nix, and what it says otherwise than the expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, NativeInput, Pin, Project
from migrator.model.source import FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.planning.companions import add_roots, compare_frozen, take_stated

from .expressions import line, pin, project

COMMIT = "0123456789012345678901234567890123456789"
OTHER = "9" * 40


Merge = Callable[[Project, Project], tuple[Project, tuple[Finding, ...]]]
REST = "; the expression counts, for it is what was built"


def git(rev: str | None = None, url: str = "https://git.example/foo") -> FromVcs:
    return FromVcs(kind=VcsKind.GIT, url=Url.parse(url), rev=rev)


def beside(*lines: Dependency, path: str = "requirements.txt") -> Project:
    return Project(format="requirements", origin=Origin(path=path), declared=lines, sources=(path,))


CASES: dict[str, tuple[Pin, Dependency, str | None]] = {
    "the same version": (pin("foo 1.2"), line("foo==1.2"), None),
    "the same version, spelled otherwise": (pin("foo 1.2"), line("Foo==1.2.0"), None),
    "a range that holds the pin": (pin("foo 1.2"), line("foo>=1,<2"), None),
    "no wish at all": (pin("foo 1.2"), line("foo"), None),
    "a pre-release that a range holds": (pin("foo 2.0b1"), line("foo>=1"), None),
    "another version": (pin("foo 1.2", line=33), line("foo==1.3"), "foo 1.3, and the expression has 1.2 (x:33)"),
    "a range without the pin": (pin("foo 1.2", line=33), line("foo>=2"), "foo >=2, and the expression has 1.2 (x:33)"),
    "nothing of that name": (pin("bar 1"), line("foo>=2"), "foo >=2, and the expression has no foo"),
    "nothing of that name, under a condition": (pin("bar 1"), line("foo; os_name == 'nt'"), None),
    "another version under a condition": (pin("foo 1"), line("foo==2; os_name == 'nt'"), None),
    "what a freeze never lists": (pin("bar 1"), line("setuptools==40"), None),
    "a bound": (pin("foo 1"), line("foo<1", constraint=True), None),
    "the same commit": (pin("foo 1", source=git(COMMIT)), line("foo", source=git(COMMIT)), None),
    "the beginning of the commit": (pin("foo 1", source=git(COMMIT)), line("foo", source=git(COMMIT[:9])), None),
    "a branch": (pin("foo 1", source=git(COMMIT)), line("foo", source=git("master")), None),
    "another commit": (
        pin("foo 1", line=33, source=git(COMMIT)),
        line("foo", source=git(OTHER)),
        f"foo from https://git.example/foo at {OTHER}, and the expression has 1 (x:33)",
    ),
    "a repository for what came from the index": (
        pin("foo 1", line=33),
        line("foo", source=git()),
        "foo from https://git.example/foo, and the expression has 1 (x:33)",
    ),
    "an address for what came from the index": (
        pin("foo 1", line=33),
        line("foo", source=FromUrl(url=Url.parse("https://x.example/foo.zip"))),
        "foo from https://x.example/foo.zip, and the expression has 1 (x:33)",
    ),
    "a folder for what came from the index": (
        pin("foo 1", line=33),
        line("foo", source=FromPath(path="./foo")),
        "foo from a folder, and the expression has 1 (x:33)",
    ),
    "the project itself": (pin("bar 1"), line("foo", source=FromPath(path=".")), None),
    "the place where pip built it": (
        pin("foo 1"),
        line("foo", source=FromUrl(url=Url.parse("file:///build/foo-1.whl"))),
        None,
    ),
    "the index for what came from a repository": (pin("foo 1", source=git(COMMIT)), line("foo>=1"), None),
}


@pytest.mark.parametrize(("built", "said", "told"), CASES.values(), ids=CASES)
@pytest.mark.parametrize(("merge", "verb"), [(add_roots, "asks for"), (compare_frozen, "has")])
def test_what_a_file_says_otherwise(built: Pin, said: Dependency, told: str | None, merge: Merge, verb: str) -> None:
    merged, findings = merge(project(built), beside(said))
    expected = [f"requirements.txt {verb} {told.replace('x:33', 'requirements.nix:33')}{REST}"] if told else []
    severity = Severity.REVIEW
    if told and "has no" in told and merge is compare_frozen:
        severity = Severity.NOTE
        expected = [
            "requirements.txt lists packages that the expression does not build, and they are not locked: foo >=2"
        ]
    assert [finding.message for finding in findings] == expected
    assert {(f.code, f.severity, f.origin) for f in findings} <= {(Code.EXPRESSION_DIFFERS, severity, said.origin)}
    assert merged.pins == (built,)
    assert merged.sources == ("requirements.nix", "requirements.txt")


def test_a_freeze_that_differs_almost_everywhere_is_one_thing_to_look_at() -> None:
    pins = tuple(pin(f"p{n} 1") for n in range(11))
    lines = [line(f"p{n}==2", n) for n in range(11)]
    _, few = compare_frozen(project(*pins), beside(*lines[1:]))
    assert [(f.severity, f.origin) for f in few] == [(Severity.REVIEW, d.origin) for d in lines[1:]]
    _, many = compare_frozen(project(*pins), beside(*lines))
    assert [(f.severity, f.origin) for f in many] == [
        (Severity.REVIEW, lines[0].origin),
        *((Severity.NOTE, d.origin) for d in lines),
    ]
    assert many[0].message == (
        "requirements.txt and the expression differ in 11 packages, so they were not made together; the expression "
        "counts, for it is what was built, and each difference is told among the notes"
    )


def test_what_a_freeze_alone_has_is_one_note() -> None:
    _, found = compare_frozen(
        project(pin("foo 1")), beside(line("foo==1"), line("six==1.10", 2), line("appdirs==1", 3))
    )
    assert [(f.severity, str(f.origin), f.message) for f in found] == [
        (
            Severity.NOTE,
            "requirements.txt:2",
            (
                "requirements.txt lists packages that the expression does not build, and they are not locked: "
                "six 1.10, appdirs 1"
            ),
        )
    ]


def test_an_expression_without_packages_contradicts_nobody() -> None:
    assert add_roots(project(), beside(line("foo==1")))[1] == ()


def test_the_roots_are_declared_and_a_freeze_declares_nothing() -> None:
    mine, theirs = line("bar", path="requirements.nix"), line("foo>=1")
    before = project(pin("foo 1"), pin("bar 1"), declared=(mine,))
    assert add_roots(before, beside(theirs))[0].declared == (mine, theirs)
    assert compare_frozen(before, beside(theirs))[0].declared == (mine,)


def source_of(before: Project) -> list[tuple[str, Source]]:
    return [(line.name, line.source) for line in take_stated(before).declared]


def test_what_the_expression_fetched_from_elsewhere_comes_from_there() -> None:
    """A line that names a branch, or only the package, means the very commit that was built."""
    built = (pin("foo 1", source=git(COMMIT)), pin("bar 1", source=git(COMMIT)))
    before = project(*built, declared=(line("foo", source=git("master")), line("bar>=1")))
    assert source_of(before) == [("foo", git(COMMIT)), ("bar", git(COMMIT))]


@pytest.mark.parametrize(
    ("written", "built"),
    [
        (FromPath(path="./../lib/"), FromPath(path="../lib")),
        (git("master", "https://git.example/foo.git"), git(COMMIT)),
        (FromUrl(url=Url.parse("https://x.example/foo.zip")), FromUrl(url=Url.parse("https://x.example/foo.zip"))),
    ],
)
def test_a_line_without_a_name_is_called_as_in_the_expression(written: Source, built: Source) -> None:
    nameless = replace(line("x", source=written), name=canonicalize_name(""), raw_name="")
    before = project(pin("foo 1", source=built), pin("bar 1"), declared=(nameless,))
    assert source_of(before) == [("foo", built)]
    other = replace(nameless, source=FromPath(path="elsewhere"))
    assert [line.name for line in take_stated(replace(before, declared=(other,))).declared] == [""]


def test_a_line_that_pins_what_the_expression_lacks_is_a_pin() -> None:
    before = project(pin("foo 1"), declared=(line("foo"), line("new==2", hashes=("sha256:ab",)), line("free>=1")))
    assert [(p.name, str(p.version), p.hashes) for p in take_stated(before).pins] == [
        ("foo", "1", ()),
        ("new", "2", ("sha256:ab",)),
    ]


def test_hashes_of_the_same_version_are_proven_as_well() -> None:
    before = project(
        pin("foo 1", hashes=("sha256:aa",)),
        pin("bar 1", hashes=("sha256:aa",)),
        declared=(line("foo==1", hashes=("sha256:bb", "sha256:aa")), line("bar==2", hashes=("sha256:bb",))),
    )
    assert [p.hashes for p in take_stated(before).pins] == [("sha256:aa", "sha256:bb"), ("sha256:aa",)]


def test_what_the_expression_marks_as_asked_for_is_declared() -> None:
    """pypi2nix 1.2 and 1.3 wrote ``passthru.top_level``; a file that says more counts before it."""
    pins = (pin("foo 1", top_level=True), pin("bar 1", top_level=False))
    assert [str(d.specifier) + d.name for d in take_stated(project(*pins)).declared] == ["==1foo"]
    assert [d.name for d in take_stated(project(*pins, declared=(line("bar"),))).declared] == ["bar"]


def test_a_python_package_that_an_override_names_is_no_native_input() -> None:
    """``with self; with pkgs; [ pbr libffi protobuf ]`` in the override of foo; the common inputs are what they are."""

    def native(attribute: str, package: str | None = "foo") -> NativeInput:
        name = canonicalize_name(package) if package else None
        return NativeInput(attribute=attribute, package=name, origin=Origin(path="requirements_override.nix", line=3))

    pins = (pin("foo 1"), pin("pbr 5"), pin("pytest-runner 5"), pin("lxml 4"), pin("libxml2 1"))
    natives = (native("pbr"), native("pytest_runner"), native("libffi"), native("libxml2"), native("pbr", None))
    found = take_stated(project(*pins, natives=natives)).natives
    assert [(n.attribute, n.package) for n in found] == [("libffi", "foo"), ("libxml2", "foo"), ("pbr", None)]


def test_another_format_is_left_alone() -> None:
    other = Project(format="requirements", origin=Origin(path="x"), declared=(line("new==2"),))
    assert take_stated(other) is other
    assert canonicalize_name("new") not in {p.name for p in take_stated(other).pins}
