"""What production installed, and would not any more: Poetry computes groups, a section of Pipfile.lock states them."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.compare import compare
from migrator.model.origin import Origin
from migrator.model.project import Pin, PinField, Project
from migrator.model.source import FromPath
from migrator.planning.drift import find_deserted


def pin(name: str, *groups: str, version: str = "1.0", **fields: Any) -> Pin:
    origin = Origin(path="Pipfile.lock", line=1)
    groups_ = frozenset(groups or ("main",))
    return Pin(
        name=canonicalize_name(name), raw_name=name, version=Version(version), groups=groups_, origin=origin, **fields
    )


def project(*pins: Pin, format_: str = "pipenv", **fields: Any) -> Project:
    return Project(format=format_, origin=Origin(path="x"), pins=pins, **fields)


def deserted(old: tuple[Pin, ...], new: tuple[Pin, ...], format_: str = "pipenv", **fields: Any) -> list[str]:
    return [p.name for p in find_deserted(project(*old, format_=format_), project(*new, format_="poetry", **fields))]


ALONE = pin("six", "dev")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (pin("six"), pin("six", "main", "dev")),
        (pin("six", "dev"), pin("six", "dev")),
        (pin("six"), pin("six", "dev", version="2.0")),
        (pin("six", source=FromPath(path="./six")), ALONE),
    ],
    ids=["production has it", "a group's own", "a version that moved", "a folder"],
)
def test_what_production_has_or_never_had_is_no_loss(old: Pin, new: Pin) -> None:
    assert deserted((old,), (new,)) == []


def test_formats_that_say_nothing_of_groups_are_left_alone() -> None:
    assert deserted((pin("six"),), (ALONE,), format_="pypi2nix") == []
    assert deserted((pin("six"),), (ALONE,), unstated=frozenset({PinField.GROUPS})) == []


@pytest.mark.parametrize("format_", ["pipenv", "requirements"])
def test_a_pin_of_production_that_only_another_group_would_install_is_found(format_: str) -> None:
    both = (pin("six", "main"), pin("six", "dev"))
    assert deserted(both, (ALONE,), format_=format_) == ["six"]
    # the other version of one name says nothing of this one
    assert deserted(both, (ALONE, pin("six", "main", version="2.0")), format_=format_) == ["six"]


def test_what_comes_along_with_another_one_is_not_asked_for() -> None:
    chain = (pin("a", "dev", needs=("B",)), pin("b", "dev", needs=("c",)), pin("c", "dev"))
    assert deserted((pin("a"), pin("b"), pin("c")), chain) == ["a"]
    circle = (pin("a", "dev", needs=("b",)), pin("b", "dev", needs=("a",)))
    assert deserted((pin("a"), pin("b")), circle) == ["a", "b"]


def test_groups_beside_production_make_no_difference_between_formats() -> None:
    """``poetry install`` and ``pipenv install --dev`` install production as well."""
    lock = project(pin("six", "main", "dev"), format_="poetry")
    for before in (project(pin("six")), project(pin("six"), pin("six", "dev"))):
        assert compare(before, lock) == compare(lock, before) == ()
    for before in (project(pin("six", "dev")), project(pin("six", "docs"))):
        (change,) = compare(before, lock)
        assert (change.old, change.new) == (before.pins[0].groups, frozenset({"main", "dev"}))  # type: ignore[union-attr]
    # of two locks both know it
    assert len(compare(project(pin("six"), format_="poetry"), lock)) == 1
