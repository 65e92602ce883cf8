"""A pin that gives way only where it has to: two entries, told apart by the marker of what excludes it.

What only Windows or a later Python asks for need not move what runs on Linux today.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.locking import Relaxation
from migrator.model.plan import PlannedDependency, ProjectPlan, Seed
from migrator.model.project import Pin, Project
from migrator.model.settings import Constraint

from .closure import Row, applies, holds_everywhere
from .constraints import widen_pin
from .drift import entry_allows, is_met, list_requirements
from .python_range import pythons_of
from .step import entries_of, name_pin, with_entries, with_seeds


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """How one pin can be had in part: not ``where`` the requirements in ``because`` hold, but ``elsewhere``.

    Both markers are simplified for the project's Pythons, and neither speaks of the pin's own marker.
    """

    pin: Pin
    where: Marker
    elsewhere: Marker
    because: tuple[Row, ...]

    @property
    def text(self) -> str:
        """The requirements, in a sentence."""
        said = {f"{name} {version} requires {r.name}{r.specifier}" for name, version, r in self.because}
        return "; ".join(sorted(said))

    @property
    def relaxations(self) -> tuple[Relaxation, ...]:
        """What to leave out to see the pin kept everywhere."""
        return tuple(Relaxation(package=n, required=self.pin.name) for n in sorted({row[0] for row in self.because}))


def find_split(pin: Pin, project: Project, evidence: Evidence, plan: ProjectPlan) -> Split | None:
    """How ``pin`` can be had in part beside the other pins of ``project``; None where it is all or nothing.

    That is so where a requirement that excludes it holds on Linux and the first Python of the range: there the pins
    were installed.
    """
    pythons = pythons_of(plan.python)
    rows = tuple(
        (name, version, requirement)
        for name, version, requirement in list_requirements(project, evidence, plan)
        if canonicalize_name(requirement.name) == pin.name and not is_met(requirement, pin)
    )
    if not rows or any(requirement.marker is None for _, _, requirement in rows):
        return None
    where, elsewhere = _conditions((str(requirement.marker) for _, _, requirement in rows), plan.python)
    if where is None or elsewhere is None:
        return None
    kept = both(pin.marker, elsewhere)
    if kept is None or both(pin.marker, where) is None:
        return None
    ran_there = pin.marker is None or holds_everywhere(str(pin.marker), pythons[:1])
    if not (holds_everywhere(str(kept), pythons[:1]) if ran_there else applies(kept, pythons)):
        return None
    return Split(pin=pin, where=where, elsewhere=elsewhere, because=rows)


def _conditions(markers: Iterable[str], python: SpecifierSet) -> tuple[Marker | None, Marker | None]:
    """Where one of ``markers`` holds, whatever extras are asked for, and where none does; None for nowhere.

    Where that is everywhere, both are None: nothing can be told apart.
    """
    from poetry.core.constraints.version import parse_constraint
    from poetry.core.version.markers import AnyMarker, EmptyMarker, parse_marker, union

    range_ = parse_constraint(str(python) or "*")
    where = union(*(parse_marker(text).without_extras() for text in sorted(set(markers))))
    found: list[Marker | None] = []
    for marker in (where, where.invert()):
        reduced = marker.reduce_by_python_constraint(range_)
        if isinstance(reduced, AnyMarker):
            return None, None
        found.append(None if isinstance(reduced, EmptyMarker) else Marker(str(reduced)))
    return found[0], found[1]


def both(first: Marker | None, second: Marker) -> Marker | None:
    """Where both markers hold (None holds everywhere); None for nowhere."""
    from poetry.core.version.markers import parse_marker

    if first is None:
        return second
    joined = parse_marker(str(first)).intersect(parse_marker(str(second)))
    return None if joined.is_empty() else Marker(str(joined))


def limits_where(split: Split, project: Project, evidence: Evidence, plan: ProjectPlan) -> SpecifierSet:
    """What all packages of ``project`` together ask of the pin's name where it has to give way."""
    pythons = pythons_of(plan.python)
    limits = SpecifierSet()
    for _, _, requirement in list_requirements(project, evidence, plan):
        if canonicalize_name(requirement.name) == split.pin.name:
            meeting = split.where if requirement.marker is None else _with(requirement.marker, split.where)
            if meeting is not None and applies(meeting, pythons):
                limits &= requirement.specifier
    return limits


def _with(marker: Marker, where: Marker) -> Marker | None:
    from poetry.core.version.markers import parse_marker

    return both(Marker(str(plain)) if (plain := str(parse_marker(str(marker)).without_extras())) else None, where)


def pythons_where(split: Split, python: SpecifierSet) -> SpecifierSet:
    """The part of ``python`` on which the pin has to give way somewhere."""
    others = [minor for minor in pythons_of(python) if not applies(split.where, (minor,))]
    return python & SpecifierSet(",".join(f"!={minor}.*" for minor in others))


def apply_split(
    plan: ProjectPlan, split: Split, new: Metadata, before: Project, sources: tuple[str | None, str | None]
) -> ProjectPlan:
    """``plan`` with the pin for elsewhere, and ``new`` for where it has to give way.

    An entry that was made from the pin becomes two; beside a wish that somebody wrote, two are added. ``sources`` are
    those that the entries of the pin and of ``new`` have to name.
    """
    pin, version = split.pin, new.version
    assert isinstance(pin.version, Version)  # noqa: S101 (only such pins are split)
    assert isinstance(version, Version)  # noqa: S101 (nor is any other version looked at)
    plan = with_seeds(plan, {*plan.seeds, Seed(name=pin.name, version=version, index=new.index)})
    mine = [entry for entry in entries_of(plan, pin) if not entry.by_hand]
    if mine:
        halves = [half for entry in mine for half in _halve(entry, split, pin.version, version)]
        return with_entries(plan, [entry for entry in plan.dependencies if entry not in mine] + halves)
    kept, moved = split_pin(pin, split, new)
    known = replace(before, pins=(*before.pins, moved))
    plan = name_pin(plan, kept, known, index=sources[0], why="named for where nothing excludes it")
    was = f"{pin.raw_name}=={pin.version}"
    return name_pin(plan, moved, known, index=sources[1], why=_why(split, version), was=was)


def split_pin(pin: Pin, split: Split, new: Metadata) -> tuple[Pin, Pin]:
    """``pin`` for elsewhere, and the one that takes its place where it has to give way."""
    kept = replace(pin, marker=both(pin.marker, split.elsewhere))
    return kept, replace(pin, marker=both(pin.marker, split.where), version=new.version, hashes=())


def _halve(entry: PlannedDependency, split: Split, old: Version, new: Version) -> Iterable[PlannedDependency]:
    kept, moved = both(entry.marker, split.elsewhere), both(entry.marker, split.where)
    if kept is not None:
        # Poetry takes the highest locked version that a constraint allows
        narrow = new > old and entry_allows(entry, new)
        constraint = widen_pin(old, Constraint.CARET, new)[0] if narrow else entry.constraint
        yield replace(entry, marker=kept, constraint=constraint)
    if moved is not None:
        constraint = entry.constraint if entry_allows(entry, new) else widen_pin(new, Constraint.CARET)[0]
        yield replace(entry, marker=moved, constraint=constraint, why=_why(split, new))


def _why(split: Split, new: Version) -> str:
    return f"{split.pin.version} cannot be kept there ({split.text}); the nearest version is {new}"


def join(plan: ProjectPlan, split: Split, original: ProjectPlan) -> ProjectPlan:
    """``plan`` as if ``split`` had never been made: what ``original`` has of that name stands there again."""
    name = split.pin.name
    entries = [entry for entry in plan.dependencies if entry.name != name]
    entries += [entry for entry in original.dependencies if entry.name == name]
    seeds = {seed for seed in plan.seeds if seed.name != name} | {s for s in original.seeds if s.name == name}
    return with_seeds(with_entries(plan, entries), seeds)
