"""From lines to dependencies: what the range of Pythons settles, and two lines for one package."""

from __future__ import annotations

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from poetry.core.version.markers import parse_marker

from migrator.model.conditions import holds_nowhere, holds_on_all
from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Project
from migrator.model.settings import Settings
from migrator.model.surroundings import ExistingDependency, Surroundings
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
    'sys_platform == "aix" and platform_system == "AIX" and os_name == "posix"',
    '"bsd" in sys_platform and platform_system == "OpenBSD"',
    'implementation_name == "pyston" and platform_python_implementation == "Pyston"',
    '"arm" in platform_machine and "64" in platform_machine',
    '"arm" in platform_machine and platform_machine != "arm"',
    '"Microsoft" in platform_release and "WSL2" in platform_release',
    '"5" in python_full_version',
    'python_full_version == "3.12.0rc1"',
    'python_version < "${NEWEST_PYTHON}"',
)


def of_lines(*lines: Dependency) -> Project:
    return Project(format="requirements", origin=Origin(path="requirements.txt"), declared=lines, pins=pins_of(lines))


def basis(project: Project, *existing: ExistingDependency) -> Basis:
    return Basis(
        project=project,
        surroundings=Surroundings(existing=existing),
        evidence=Evidence(),
        settings=Settings(),
        sources=(),
        folder="app",
    )


@pytest.mark.parametrize("text", [*NOWHERE, *ON_ALL, *SOMEWHERE])
def test_what_a_range_settles(text: str) -> None:
    assert holds_nowhere(Marker(text), RANGE) is (text in NOWHERE)
    assert holds_on_all(Marker(text), RANGE) is (text in ON_ALL)


@pytest.mark.parametrize("text", NOWHERE)
def test_poetry_thinks_so_too(text: str) -> None:
    assert parse_marker('python_version >= "3.11" and python_version < "3.13"').intersect(parse_marker(text)).is_empty()


def test_a_marker_that_names_too_much_to_try_is_not_known() -> None:
    """Nine million machines would have to be asked."""
    names = [" ".join(f"{letter}{number}" for number in range(3_000)) for letter in "ab"]
    marker = Marker(f'sys_platform in "{names[0]}" and platform_system in "{names[1]}"')
    assert not holds_nowhere(marker, RANGE)


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
    project = of_lines(*lines)
    planned, findings = plan_dependencies(
        Direct(lines=lines, extras={}, orphans=(), findings=()), basis(project), RANGE
    )
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


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        ("django==6.0.*", "django==6.0.8", "==6.0.*"),
        ("django", "django==6.0.8", "^6.0.8"),
        ("django>=6", "django<7", ">=6,<7"),
        ("django==6.0.8", "django==6.0.8", "^6.0.8"),
    ],
)
def test_of_a_wish_and_the_pin_that_meets_it_the_wish_is_carried(first: str, second: str, constraint: str) -> None:
    """A pin of a freeze says what runs, which the lock says, and the wish how far an update may go."""
    for texts in ((first, second), (second, first)):
        lines = tuple(line(text, number=k) for k, text in enumerate(texts, 1))
        direct = Direct(lines=lines, extras={}, orphans=(), findings=())
        ((planned,), _) = plan_dependencies(direct, basis(of_lines(*lines)), RANGE)
        assert set(planned.constraint.split(",")) == set(constraint.split(","))


@pytest.mark.parametrize("ours", [False, True])
def test_what_pyproject_toml_has_of_the_users_own_stays_and_is_told(ours: bool) -> None:
    lines = (line("django==6.0.8"),)
    there = ExistingDependency(
        name=lines[0].name, constraint="<7", origin=Origin(path="pyproject.toml", line=5), ours=ours
    )
    direct = Direct(lines=lines, extras={}, orphans=(), findings=())
    (planned,), findings = plan_dependencies(direct, basis(of_lines(*lines), there), RANGE)
    assert planned.constraint == ("^6.0.8" if ours else "<7")
    assert [(each.code, each.severity, each.message, str(each.origin)) for each in findings] == (
        []
        if ours
        else [
            (
                Code.EXISTING_KEPT,
                Severity.NOTE,
                "django stands in pyproject.toml already and stays as it is there",
                "pyproject.toml:5",
            )
        ]
    )
