"""The smallest changes of a plan: a pin moved, a pin asked for by name, a constraint let go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from packaging.version import Version

from migrator.model.plan import PlannedDependency, ProjectPlan, Seed
from migrator.model.project import MAIN, Pin, Project
from migrator.model.settings import Constraint
from migrator.model.source import FromIndex

from .constraints import widen_pin
from .drift import entry_allows

ANY = "*"


def move_pin(plan: ProjectPlan, pin: Pin, old: Version, new: Version, index: str | None) -> ProjectPlan:
    """``plan`` with the seed of ``pin`` at ``new`` instead of ``old``, and its constraint loosened if it forbids that.

    ``index`` is the source that has ``new``.
    """
    seeds = {s for s in plan.seeds if (s.name, s.version) != (pin.name, old)}
    seeds.add(Seed(name=pin.name, version=new, index=index))

    def loosen(entry: PlannedDependency) -> PlannedDependency:
        if entry.constraint != ANY and entry_allows(entry, new):
            return entry
        if entry.by_hand and entry.constraint == ANY:
            return entry
        constraint, _ = widen_pin(new, Constraint.CARET)
        return replace(entry, constraint=constraint, why=f"{old} cannot be kept; the nearest version is {new}")

    return with_seeds(_change_entries(plan, pin, loosen), seeds)


def drop_seed(plan: ProjectPlan, pin: Pin) -> ProjectPlan:
    """``plan`` without a preference for ``pin``: no version can stand in for it, so the lock decides."""
    seeds = {s for s in plan.seeds if (s.name, s.version) != (pin.name, pin.version)}
    return with_seeds(let_go(plan, pin), seeds)


def drop_entry(plan: ProjectPlan, pin: Pin) -> ProjectPlan:
    """``plan`` without the dependency on ``pin``, which no index has."""
    kept = tuple(d for d in plan.dependencies if d.name != pin.name or not isinstance(d.source, FromIndex))
    return replace(plan, dependencies=kept)


def let_go(plan: ProjectPlan, pin: Pin) -> ProjectPlan:
    """``plan`` with any version allowed where ``pin`` gave the constraint; what was written by hand stays."""
    return _change_entries(
        plan,
        pin,
        lambda e: (
            e if e.by_hand else replace(e, constraint=ANY, why=f"{pin.version} cannot be kept, so the lock decides")
        ),
    )


def give_precedence(plan: ProjectPlan, outranked: frozenset[Pin]) -> ProjectPlan:
    """``plan`` in which pins of developers give way to production's: neither preferred, nor asked for by a tool."""
    gone = {(pin.name, pin.version) for pin in outranked}
    places = {(pin.name, pin.origin) for pin in outranked}
    kept = {seed for seed in plan.seeds if (seed.name, seed.version) not in gone}
    why = "production pins another version, and one lock holds one of them"
    entries = tuple(
        replace(d, constraint=ANY, why=why) if (d.name, d.origin) in places and not d.by_hand else d
        for d in plan.dependencies
    )
    return with_seeds(replace(plan, dependencies=entries), kept)


def without_wish(plan: ProjectPlan, wish: PlannedDependency) -> ProjectPlan:
    """``plan`` as if one constraint had not been written."""
    return replace(plan, dependencies=tuple(replace(d, constraint=ANY) if d == wish else d for d in plan.dependencies))


def name_pin(  # noqa: PLR0913 (what and why)
    plan: ProjectPlan, pin: Pin, before: Project, index: str | None = None, *, why: str = "", was: str = ""
) -> ProjectPlan:
    """``plan`` with ``pin`` as a dependency of its own, so that the lock has to hold it; unchanged where it is one."""
    group = MAIN if MAIN in pin.groups or not pin.groups else min(pin.groups)
    if any(d.name == pin.name and d.group == group and d.marker == pin.marker for d in plan.dependencies):
        return plan
    same = sorted(p.version for p in before.pins if p.name == pin.name and isinstance(p.version, Version))
    above = [v for v in same if isinstance(pin.version, Version) and v > pin.version]
    constraint = ANY
    if pin.version is not None:
        constraint, _ = widen_pin(pin.version, Constraint.CARET, above[0] if above else None)
        was = was or f"{pin.raw_name}=={pin.version}"
        why = why or "named, so that the lock keeps it: nothing else asks for this version"
    entry = PlannedDependency(
        name=pin.name,
        raw_name=pin.raw_name or pin.name,
        constraint=constraint,
        extras=pin.extras,
        marker=pin.marker,
        source=FromIndex(index=index),
        group=group,
        was=was or pin.raw_name,
        why=why or "named, so that the lock keeps it: nothing else asks for it",
        origin=pin.origin,
    )
    return with_entries(plan, (*plan.dependencies, entry))


def entries_of(plan: ProjectPlan, pin: Pin) -> tuple[PlannedDependency, ...]:
    """The entries that stand for ``pin``: of several of its name, those with its marker."""
    mine = tuple(d for d in plan.dependencies if d.name == pin.name and isinstance(d.source, FromIndex))
    return mine if len({d.marker for d in mine}) == 1 else tuple(d for d in mine if d.marker == pin.marker)


def _change_entries(
    plan: ProjectPlan, pin: Pin, change: Callable[[PlannedDependency], PlannedDependency]
) -> ProjectPlan:
    touched = entries_of(plan, pin)
    return replace(plan, dependencies=tuple(change(d) if d in touched else d for d in plan.dependencies))


def with_entries(plan: ProjectPlan, entries: Iterable[PlannedDependency]) -> ProjectPlan:
    """``plan`` with these dependencies, sorted."""
    ordered = sorted(entries, key=lambda d: (d.group, d.name, str(d.marker), d.constraint))
    return replace(plan, dependencies=tuple(ordered))


def with_seeds(plan: ProjectPlan, seeds: set[Seed]) -> ProjectPlan:
    """``plan`` with these seeds, sorted."""
    return replace(plan, seeds=tuple(sorted(seeds, key=lambda s: (s.name, str(s.version), s.index or ""))))
