"""What is said of single pins before anything is planned."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Absence, Evidence, Fact, Metadata, Missing
from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, NativeInput, Override, OverrideKind, Pin, Project
from migrator.model.source import FromVcs, VcsKind
from migrator.model.url import Url
from migrator.planning.remarks import find_floating_revisions, remark_evidence, remark_without_nix

FOO = canonicalize_name("foo")
ORIGIN = Origin(path="requirements.txt", line=3)


def missing(why: Absence, *versions: str, detail: str = "") -> Missing:
    offered = tuple(Version(text) for text in versions)
    return Missing(name=FOO, version=Version("1.0"), why=why, versions=offered, detail=detail)


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (Metadata(name=FOO, version=Version("1.0")), []),
        (
            Metadata(name=FOO, version=Version("1.0"), yanked=""),
            [(Code.YANKED, Severity.REVIEW, "foo 1.0 was yanked from the index; the lock keeps it")],
        ),
        (
            Metadata(name=FOO, version=Version("1.0"), yanked="broken"),
            [(Code.YANKED, Severity.REVIEW, "foo 1.0 was yanked from the index: broken; the lock keeps it")],
        ),
        (
            Metadata(name=FOO, version=Version("1.0"), index="corp", contested=True),
            [
                (
                    Code.DEPENDENCY_CONFUSION,
                    Severity.REVIEW,
                    (
                        "foo 1.0 is on two indexes with different files; the old hashes are those of corp, "
                        "so pyproject.toml names that source"
                    ),
                )
            ],
        ),
        (
            missing(Absence.NO_PACKAGE),
            [(Code.NOT_ON_INDEX, Severity.REVIEW, "foo 1.0: no index that was asked has a package of this name")],
        ),
        (
            missing(Absence.NO_VERSION, "0.9", "2.0"),
            [(Code.NOT_ON_INDEX, Severity.REVIEW, "foo 1.0 is not on the index (any more); the newest there is 2.0")],
        ),
        (
            missing(Absence.NO_FILES),
            [(Code.NOT_ON_INDEX, Severity.REVIEW, "foo 1.0 is not on the index (any more)")],
        ),
        (
            missing(Absence.BAD_METADATA, detail="no name"),
            [(Code.NOT_ON_INDEX, Severity.REVIEW, "foo 1.0: its metadata on the index cannot be read (no name)")],
        ),
        (
            missing(Absence.BUILD_FAILED, detail="no apxs"),
            [
                (
                    Code.NEEDS_BUILD,
                    Severity.REVIEW,
                    "foo 1.0: only its build tells what it needs, and that fails here: no apxs",
                )
            ],
        ),
        (
            missing(Absence.NEEDS_BUILD),
            [
                (
                    Code.NEEDS_BUILD,
                    Severity.STOP,
                    "foo 1.0 has no wheel and no static metadata: what is needed is known only after running a build",
                )
            ],
        ),
    ],
)
def test_what_the_index_says_of_a_pin(fact: Fact, told: list[tuple[Code, Severity, str]]) -> None:
    pin = Pin(name=FOO, raw_name="foo", version=Version("1.0"), origin=ORIGIN)
    project = Project(format="requirements", origin=ORIGIN, pins=(pin,))
    found = remark_evidence(project, Evidence(facts=(fact,)))
    assert [(f.code, f.severity, f.message) for f in found] == told
    assert {f.origin for f in found} <= {ORIGIN}


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("7d721f1ac021da1bc4bc1ea42007f045c1c07c8a", None),
        ("7d721f1", None),
        ("v1.2", "foo names 'v1.2', which is no commit"),
        ("main", "foo names 'main', which is no commit"),
        (None, "foo names no commit"),
    ],
)
def test_a_revision_that_floats(revision: str | None, told: str | None) -> None:
    source = FromVcs(kind=VcsKind.GIT, url=Url.parse("https://git.example/foo"), rev=revision)
    line = Dependency(name=FOO, raw_name="foo", origin=ORIGIN, source=source)
    found = find_floating_revisions(Project(format="requirements", origin=ORIGIN, declared=(line,)))
    rest = ": the lock takes what stands there today, production may run another one"
    assert [f.message for f in found] == ([f"{told}{rest}"] if told else [])


def test_what_stands_in_no_file_without_nix() -> None:
    natives = tuple(NativeInput(attribute=name, origin=ORIGIN) for name in ("zlib", "openssl", "zlib"))
    overrides = (Override(package=FOO, raw_name="Foo", how=OverrideKind.OVERRIDE, origin=ORIGIN),)
    start = "No Nix files were asked for, so these stand in no new file: "
    for project, told in (
        (Project(format="pypi2nix", origin=ORIGIN), []),
        (Project(format="pypi2nix", origin=ORIGIN, natives=natives), ["the native inputs zlib, openssl"]),
        (Project(format="pypi2nix", origin=ORIGIN, overrides=overrides), ["the overrides of foo"]),
        (
            Project(format="pypi2nix", origin=ORIGIN, natives=natives, overrides=overrides),
            ["the native inputs zlib, openssl; the overrides of foo"],
        ),
    ):
        found = remark_without_nix(project)
        assert [f.message for f in found] == [start + text for text in told]
        assert {(f.code, f.severity, f.origin) for f in found} <= {(Code.NIX_LEFT_OUT, Severity.NOTE, ORIGIN)}
