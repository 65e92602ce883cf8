"""Which package needs which: what follows from the lock as a whole rather than from one of its entries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from packaging.utils import canonicalize_name

from migrator.model.project import Dependency, Pin

from .lock import LockedPackage, requirements_behind

if TYPE_CHECKING:
    from collections.abc import Mapping

    _Names: TypeAlias = Mapping[str, set[str]]


def settle_pins(packages: tuple[LockedPackage, ...], declared: tuple[Dependency, ...]) -> tuple[Pin, ...]:
    """The pins of ``packages`` in their order, with what they need, their extras, and their groups where untold.

    An optional dependency is needed where somebody (a package or ``declared``) asks for its extra. Locks before
    version 2.1 do not tell all groups of a package; with ``declared`` they follow from who needs whom.
    """
    extras, behind = _follow_extras(packages, declared)
    pins = [
        replace(
            package.pin,
            needs=tuple(n for n, always in package.dependencies.items() if always or n in behind[package.pin.name]),
            extras=frozenset(extras[package.pin.name]),
        )
        for package in packages
    ]
    if not declared or all(package.complete for package in packages):
        return tuple(pins)
    groups = _follow_groups(pins, declared)
    return tuple(
        pin if package.complete else _with_groups(pin, package.category, groups[pin.name])
        for pin, package in zip(pins, packages, strict=True)
    )


def _follow_extras(packages: tuple[LockedPackage, ...], declared: tuple[Dependency, ...]) -> tuple[_Names, _Names]:
    """For each name its extras that somebody asks for, and the names that stand behind these."""
    by_name: dict[str, list[LockedPackage]] = defaultdict(list)
    for package in packages:
        by_name[package.pin.name].append(package)
    waiting: list[tuple[str, str]] = [(d.name, canonicalize_name(extra)) for d in declared for extra in d.extras]
    waiting += [ask for package in packages for ask in package.asks]
    extras: dict[str, set[str]] = defaultdict(set)
    behind: dict[str, set[str]] = defaultdict(set)
    while waiting:
        name, extra = waiting.pop()
        if extra in extras[name]:
            continue
        extras[name].add(extra)
        for package in by_name[name]:
            for needed, asked in requirements_behind(package, extra):
                behind[name].add(needed)
                waiting += [(needed, further) for further in asked]
    return extras, behind


def _follow_groups(pins: list[Pin], declared: tuple[Dependency, ...]) -> _Names:
    """For each name the groups from whose wishes it can be reached."""
    needs: dict[str, set[str]] = defaultdict(set)
    for pin in pins:
        needs[pin.name].update(pin.needs)
    groups: dict[str, set[str]] = defaultdict(set)
    waiting: list[tuple[str, str]] = [(d.name, d.group) for d in declared if not d.constraint]
    while waiting:
        name, group = waiting.pop()
        reached = groups[name]
        if group not in reached:
            reached.add(group)
            waiting += [(needed, group) for needed in needs[name]]
    return groups


def _with_groups(pin: Pin, category: str | None, reached: set[str]) -> Pin:
    """A category ``main`` is a fact; ``dev`` stood for every other group there was."""
    told = {category} if category == "main" else set()
    return replace(pin, groups=frozenset(reached | told)) if reached else pin
