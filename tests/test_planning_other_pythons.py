"""Markers that the project's range of Pythons settles: pins without use, and conditions that say nothing more."""

from __future__ import annotations

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from poetry.core.version.markers import parse_marker

from migrator.model.conditions import holds_nowhere, holds_on_all
from migrator.model.evidence import Evidence
from migrator.model.origin import Origin
from migrator.model.project import Project
from migrator.model.settings import Settings
from migrator.model.surroundings import Surroundings
from migrator.planning.dependencies import Basis, plan_dependencies
from migrator.planning.remarks import leave_other_pythons
from migrator.planning.roots import Direct

from .test_planning_roots import line, pins_of

RANGE = SpecifierSet(">=3.11,<3.13")
NOWHERE = (
    'python_version < "3.10"',
    'python_full_version <= "3.10.99"',
    'python_version < "3.11" and sys_platform == "win32"',
    'python_version < "3.8" or python_version >= "3.13"',
    'python_version in "3.8, 3.9"',
)
ON_ALL = (
    'python_version >= "3.10"',
    'python_version > "3.10" and python_version != "3.14"',
    'python_full_version >= "3.11.0"',
    'sys_platform == "win32" or sys_platform != "win32"',
)
SOMEWHERE = (
    'python_version >= "3.12"',
    'python_full_version >= "3.11.4"',
    'sys_platform == "cygwin"',
    'platform_python_implementation == "PyPy"',
    'python_version < "3.10" or sys_platform == "win32"',
    'platform_release >= "5"',
)


@pytest.mark.parametrize("text", [*NOWHERE, *ON_ALL, *SOMEWHERE])
def test_what_a_range_settles(text: str) -> None:
    assert holds_nowhere(Marker(text), RANGE) is (text in NOWHERE)
    assert holds_on_all(Marker(text), RANGE) is (text in ON_ALL)


@pytest.mark.parametrize("text", NOWHERE)
def test_poetry_thinks_so_too(text: str) -> None:
    assert parse_marker('python_version >= "3.11" and python_version < "3.13"').intersect(parse_marker(text)).is_empty()


def test_no_marker_holds_on_all() -> None:
    assert holds_on_all(None, RANGE)
    assert not holds_nowhere(None, RANGE)


def test_pins_for_other_pythons_are_left_out_and_what_is_written_by_hand_stays() -> None:
    """Of two pins by marker, the one that is left needs neither the marker nor a bound up to the other."""
    lines = (
        line("greenlet==3.2.5; python_version < '3.10'", number=1),
        line("greenlet==3.3.2; python_version >= '3.10'", number=2),
        line("pywin32==311; python_version < '3.10' or sys_platform == 'win32'", number=3),
        line("tomli>=2; python_version < '3.11'", "requirements.in", number=4),
        line("typing-extensions==4.15.0; python_version < '4'", "requirements.in", number=5),
        line("zope.event==6.1; python_version >= '3.12'", number=6),
    )
    origin = Origin(path="requirements.txt")
    project = Project(format="requirements", origin=origin, declared=lines, pins=pins_of(lines))
    basis = Basis(
        project=project,
        surroundings=Surroundings(),
        evidence=Evidence(),
        settings=Settings(),
        sources=(),
        folder="app",
    )
    planned, findings = plan_dependencies(Direct(lines=lines, extras={}, orphans=(), findings=()), basis, RANGE)
    assert findings == ()
    assert [(each.name, each.constraint, str(each.marker or "")) for each in planned] == [
        ("greenlet", "^3.3.2", ""),
        ("pywin32", "^311", 'python_version < "3.10" or sys_platform == "win32"'),
        ("tomli", ">=2", 'python_version < "3.11"'),
        ("typing-extensions", "==4.15.0", 'python_version < "4"'),
        ("zope-event", "^6.1", 'python_version >= "3.12"'),
    ]
    after, told = leave_other_pythons(project, RANGE)
    assert [pin.origin.line for pin in after.pins] == [2, 3, 5, 6]
    (finding,) = told
    assert str(finding.origin) == "requirements.txt:1"
    assert finding.message == (
        "Their markers allow these pins on no Python of >=3.11,<3.13, so nothing installs them and poetry.lock "
        "leaves them out: greenlet 3.2.5"
    )
