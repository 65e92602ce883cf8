"""What a pin becomes in pyproject.toml, on which Pythons it may be, and which version stands in for a lost one.

Oracle: Poetry's own words, read by poetry-core.
"""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from poetry.core.constraints.version import Version as PoetryVersion
from poetry.core.constraints.version import parse_constraint

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code
from migrator.model.origin import Origin
from migrator.model.project import Pin, PythonHint
from migrator.model.settings import Constraint
from migrator.model.version import RawVersion, read_specifier, read_version
from migrator.planning.constraints import keep_wish, widen_pin
from migrator.planning.drift import rank_nearest
from migrator.planning.poetry_limits import find_poetry_limits
from migrator.planning.python_range import installs_on_all, plan_python, pythons_of, read_bounds, show_range
from migrator.writers.pyproject.requirement import convert_to_pep440

CARET, COMPATIBLE, MINIMUM, EXACT = Constraint.CARET, Constraint.COMPATIBLE, Constraint.MINIMUM, Constraint.EXACT


@pytest.mark.parametrize(
    ("version", "policy", "below", "constraint", "why"),
    [
        ("2011n", CARET, None, "*", "2011n is no PEP 440 version, so nothing can be said about it"),
        ("2.1.0+cu118", CARET, None, "==2.1.0+cu118", "a local version is one build and has no range"),
        ("2.1.0+cu118", MINIMUM, None, "==2.1.0+cu118", "a local version is one build and has no range"),
        ("1.24", CARET, "1.26", ">=1.24,<1.26", "up to the other pin of this name, 1.26"),
        ("1.24", EXACT, "1.26", "==1.24", "exactly the pin, as asked for"),
        ("2023.3", CARET, None, ">=2023.3", "the pin, without an upper bound: its first number is a date"),
        ("1!2.0", CARET, None, ">=1!2.0", "the pin, without an upper bound: Poetry's caret knows no epoch"),
        ("1!2.0", COMPATIBLE, None, ">=1!2.0", "compatible with the pin, as asked for"),
        (
            "0.0.3",
            CARET,
            None,
            ">=0.0.3",
            "the pin, without an upper bound: a caret on 0.0.x would allow no other version",
        ),
        ("0.4.1", CARET, None, "^0.4.1", "the pin, up to the next incompatible version"),
        ("2.31.0", CARET, None, "^2.31.0", "the pin, up to the next incompatible version"),
        ("2.31.0", COMPATIBLE, None, "~2.31.0", "compatible with the pin, as asked for"),
        ("2.31.0", MINIMUM, None, ">=2.31.0", "at least the pin, as asked for"),
        ("2.31.0", EXACT, None, "==2.31.0", "exactly the pin, as asked for"),
        ("2.0b1", CARET, None, "^2.0b1", "the pin, up to the next incompatible version"),
        ("1.0.post2", CARET, None, "^1.0.post2", "the pin, up to the next incompatible version"),
    ],
)
def test_a_pin_as_a_range(version: str, policy: Constraint, below: str | None, constraint: str, why: str) -> None:
    assert widen_pin(read_version(version), policy, read_version(below) if below else None) == (constraint, why)


@pytest.mark.parametrize("policy", Constraint)
@pytest.mark.parametrize(
    "text",
    [
        "0.0.1",
        "0.0.1a1",
        "0.4",
        "1",
        "1.0.post2",
        "2.0b1",
        "2.0rc1.dev3",
        "2023.3",
        "1!2.0",
        "3.0+local.1",
        "10.20.30.40",
    ],
)
def test_poetry_allows_the_pin_itself_whatever_the_policy(text: str, policy: Constraint) -> None:
    """In its own words and in those of PEP 440."""
    constraint, _ = widen_pin(Version(text), policy)
    assert parse_constraint(constraint).allows(PoetryVersion.parse(text))
    assert SpecifierSet(convert_to_pep440(constraint)).contains(text, prereleases=True)


@pytest.mark.parametrize(
    ("specifier", "constraint"),
    [
        ("", "*"),
        ("==2011n", "*"),
        (">=2,<3", ">=2,<3"),
        ("<3,!=2.5,>=2", ">=2,<3,!=2.5"),
        ("~=2.31", "~=2.31"),
        ("==2.*", "==2.*"),
        ("===1.0", "==1.0"),
    ],
)
def test_a_wish_stays_as_it_is(specifier: str, constraint: str) -> None:
    assert keep_wish(read_specifier(specifier)) == constraint
    parse_constraint(constraint)


@pytest.mark.parametrize(
    ("text", "range_"),
    [
        ("nonsense", None),
        (">=3.8", ">=3.8"),
        (">=3.6,<3.13", ">=3.6,<3.13"),
        ("<=3.11", "<3.12"),
        (">3.8", ">=3.8"),
        ("~=3.9", ">=3.9,<4"),
        ("~=3.9.2", ">=3.9.2,<3.10"),
        ("==3.11.*", ">=3.11,<3.12"),
        (">=2.7,!=3.0.*,!=3.1.*", ">=2.7,!=3.0.*,!=3.1.*"),
        (">=3.8,!=3.0.*", ">=3.8"),
        (">=2.7.*, <4", ">=2.7,<4"),
        ("", ""),
    ],
)
def test_what_indexes_state_of_python(text: str, range_: str | None) -> None:
    """Also in forms that PEP 440 refuses and that stand on the index all the same."""
    bounds = read_bounds(text)
    assert (show_range(bounds.specifier()) if bounds else None) == range_


@pytest.mark.parametrize(
    ("requires", "range_", "installs"),
    [
        (None, ">=3.11,<4.0", True),
        ("nonsense", ">=3.11,<4.0", True),
        (">=3.8", ">=3.11,<4.0", True),
        (">=3.8,<4", ">=3.11,<4.0", True),
        (">=3.8,<3.13", ">=3.11,<4.0", False),
        (">=3.8,<3.13", ">=3.11,<3.13", True),
        (">=3.11.4", ">=3.11,<4.0", False),
        (">=3.11.4", ">=3.11.4,<4.0", True),
        ("!=3.12.*", ">=3.11,<4.0", False),
    ],
)
def test_installs_on_the_whole_range(requires: str | None, range_: str, installs: bool) -> None:
    assert installs_on_all(requires, SpecifierSet(range_)) is installs


def test_the_minor_versions_of_a_range() -> None:
    assert pythons_of(SpecifierSet(">=3.9,!=3.10.*,<3.13")) == ("3.9", "3.11", "3.12")
    assert pythons_of(SpecifierSet(">=2.7,<3.1")) == ("2.7", "3.0")


def _pin(name: str, requires_python: str | None, marker: str = "") -> tuple[Pin, Metadata]:
    requirement = Requirement(f"{name}; {marker}" if marker else name)
    version = Version("1.0")
    pin = Pin(
        name=canonicalize_name(name),
        raw_name=name,
        version=version,
        marker=requirement.marker,
        origin=Origin(path="requirements.txt", line=1),
    )
    return pin, Metadata(name=pin.name, version=version, requires_python=requires_python)


def _hint(range_: str, path: str, *, stated: bool = False) -> PythonHint:
    return PythonHint(range=SpecifierSet(range_), stated=stated, origin=Origin(path=path))


WIDE, OLD, ANCIENT = _pin("wide", ">=3.6"), _pin("old", ">=3.7,<3.12"), _pin("ancient", "<3.8")


@pytest.mark.parametrize(
    ("asked", "hints", "pins", "range_", "why", "codes"),
    [
        (None, (), (), None, "", [Code.PYTHON_UNKNOWN]),
        (">=3.9", (_hint(">=3.11", "a"),), (), ">=3.9,<4.0", "asked for with --python", []),
        ("==3.11.*", (), (), ">=3.11,<3.12", "asked for with --python", []),
        (None, (_hint(">=3.11", "a"), _hint(">=3.9", "b", stated=True)), (), ">=3.9,<4.0", "from b", []),
        (None, (_hint("", "a"), _hint(">=3.10", "b")), (), ">=3.10,<4.0", "from b", []),
        (">=3.10", (), (WIDE,), ">=3.10,<4.0", "asked for with --python", []),
        (
            ">=3.10",
            (),
            (OLD, WIDE),
            ">=3.10,<3.12",
            "asked for with --python; narrowed by old 1.0 (>=3.7,<3.12)",
            [Code.PYTHON_NARROWED],
        ),
        (
            ">=3.10",
            (),
            (_pin("old", "<3.12", "sys_platform == 'win32'"),),
            ">=3.10,<4.0",
            "asked for with --python",
            [],
        ),
        (">=3.10", (), (ANCIENT,), ">=3.10,<4.0", "asked for with --python", [Code.PYTHON_EMPTY]),
        (">=3.10", (), (_pin("odd", "three"),), ">=3.10,<4.0", "asked for with --python", [Code.PYTHON_INFERRED]),
    ],
)
def test_the_range_of_the_project(  # noqa: PLR0913, PLR0917 (a row of the table)
    asked: str | None,
    hints: tuple[PythonHint, ...],
    pins: tuple[tuple[Pin, Metadata], ...],
    range_: str | None,
    why: str,
    codes: list[Code],
) -> None:
    evidence = Evidence(facts=tuple(fact for _, fact in pins))
    found = plan_python(SpecifierSet(asked) if asked else None, hints, tuple(pin for pin, _ in pins), evidence)
    assert (show_range(found.range) if found.range is not None else None) == range_
    assert (found.why, [finding.code for finding in found.findings]) == (why, codes)
    assert [pin.name for pin in found.excluded] == (["ancient"] if Code.PYTHON_EMPTY in codes else [])


@pytest.mark.parametrize(
    ("old", "offered", "limits", "ranked"),
    [
        ("1.0", "", "", ""),
        ("1.0", "1.0", "", ""),
        ("1.1", "1.0 1.2 2.0", "", "1.2 1.0 2.0"),
        ("1.1.3", "1.1.1 1.1.9 1.2 1.0", "", "1.1.9 1.1.1 1.2 1.0"),
        ("1.1", "1.0 1.2 2.0", "<1.2", "1.0"),
        ("1.1", "1.0 1.2 2.0", ">=3", ""),
        ("1.1", "1.2b1 1.2", "", "1.2"),
        ("1.1b1", "1.1b2 1.1 1.0", "", "1.1b2 1.1 1.0"),
        ("1.0", "1.0+cpu 1.1", "", "1.1"),
        ("1.0+cpu", "1.1+cpu 1.1 1.1+cu1", "", "1.1 1.1+cpu"),
        ("1!1.0", "1.1 1!2.0", "", "1!2.0 1.1"),
    ],
)
def test_the_nearest_first(old: str, offered: str, limits: str, ranked: str) -> None:
    versions = [Version(text) for text in offered.split()]
    found = rank_nearest(Version(old), versions, SpecifierSet(limits))
    assert " ".join(map(str, found)) == ranked
    assert rank_nearest(Version(old), reversed(versions), SpecifierSet(limits)) == found


@pytest.mark.parametrize(
    ("pyproject", "poetry", "messages"),
    [
        ("[tool.poetry]", "1.8.5", []),
        ("[project]\n[dependency-groups]", "2.2.0", []),
        ("[project]", "1.8.5", ["Poetry 1.8.5 does not read the [project] table, which needs Poetry 2.0"]),
        ("[dependency-groups]", "2.1.4", ["Poetry 2.1.4 does not read [dependency-groups], which needs Poetry 2.2"]),
    ],
)
def test_forms_that_are_too_new_for_a_poetry(pyproject: str, poetry: str, messages: list[str]) -> None:
    assert [finding.message for finding in find_poetry_limits(pyproject, poetry)] == messages


def test_a_version_that_is_none_is_no_range() -> None:
    assert widen_pin(RawVersion(text="0.7.1-T"), CARET)[0] == "*"
