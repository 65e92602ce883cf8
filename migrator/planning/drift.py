"""Pins that cannot be kept: which ones, because of what, and which version is the nearest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from migrator.model.conditions import holds_nowhere
from migrator.model.evidence import Absence, Evidence, Metadata, Missing
from migrator.model.locking import Relaxation
from migrator.model.plan import PlannedDependency, ProjectPlan
from migrator.model.project import MAIN, Pin, PinField, Project
from migrator.model.source import FromIndex, FromPath, FromVcs, Source, VcsKind, is_stated

from .addresses import UNSTATED
from .closure import Row, draw_graph, holds_everywhere, start_nodes
from .python_range import installs_on_all, pythons_of, show_range

_INSTALLED_BY_GROUP = frozenset({"pipenv", "requirements"})
"""Formats in which a file or a section is what is installed together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """A pin that the lock does not hold; ``new`` is what it holds instead, None for nothing.

    With ``where``, only under that condition, which Linux and the first Python of the range do not meet: what was
    installed there stays.
    """

    pin: Pin
    new: Version | None
    where: Marker | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a pin moved, as a sentence, and what to leave out to see it kept, where that can be tried.

    That is ``relaxation``, a requirement of another package, or ``wish``, a constraint that somebody wrote by hand.
    ``advice`` is what to do about it, empty where that is what is done about any drift.
    """

    text: str
    advice: str = ""
    relaxation: Relaxation | None = None
    wish: PlannedDependency | None = None

    @property
    def can_be_tried(self) -> bool:
        """Whether there is something to leave out."""
        return self.relaxation is not None or self.wish is not None


def find_drifts(before: Project, after: Project, python: SpecifierSet) -> tuple[Drift, ...]:
    """The pins that ``after`` does not hold in their version, sorted.

    A pin whose marker holds on no Python of the range is none: nobody installed it there.
    """
    held: dict[NormalizedName, set[Version]] = {}
    for pin in after.pins:
        if isinstance(pin.version, Version):
            held.setdefault(pin.name, set()).add(pin.version)
    kept = {(pin.name, pin.version) for pin in before.pins}
    drifts: dict[tuple[NormalizedName, str], Drift] = {}
    for pin in before.pins:
        if _is_held(pin, after, held) or holds_nowhere(pin.marker, python):
            continue
        # a version that another pin of this name put there is no successor of this one
        others = [v for v in held.get(pin.name, ()) if (pin.name, v) not in kept]
        new = min(others, key=lambda v: _distance(pin.version, v)) if others else None
        drifts.setdefault((pin.name, str(pin.version or "")), Drift(pin=pin, new=new))
    return tuple(drifts[key] for key in sorted(drifts))


def find_narrowed(before: Project, after: Project, python: SpecifierSet) -> tuple[Pin, ...]:
    """Pins for everywhere that ``after`` holds under a condition that fails on Linux and the range's first Python.

    They were installed yesterday, and would not be any more.
    """
    first = pythons_of(python)[:1]
    held: dict[tuple[NormalizedName, object], list[Marker | None]] = {}
    for pin in after.pins:
        held.setdefault((pin.name, pin.version), []).append(pin.marker)
    return tuple(
        pin
        for pin in before.pins
        if pin.marker is None
        and isinstance(pin.source, FromIndex)
        and (markers := held.get((pin.name, pin.version)))
        and not any(marker is None or holds_everywhere(str(marker), first) for marker in markers)
    )


def find_deserted(before: Project, after: Project) -> tuple[Pin, ...]:
    """Pins of production that ``after`` holds for other groups alone: production would not install them any more.

    Without those that come along with another of them. The old files say so of a section or a file, never of an
    expression of pypi2nix; the lock says so since Poetry 2.
    """
    if before.format not in _INSTALLED_BY_GROUP or PinField.GROUPS in after.unstated:
        return ()
    held: dict[tuple[NormalizedName, object], set[str]] = {}
    needs: dict[NormalizedName, set[str]] = {}
    for pin in after.pins:
        held.setdefault((pin.name, pin.version), set()).update(pin.groups)
        needs.setdefault(pin.name, set()).update(canonicalize_name(need) for need in pin.needs)
    deserted = [
        pin
        for pin in before.pins
        if MAIN in pin.groups
        and isinstance(pin.source, FromIndex)
        and (groups := held.get((pin.name, pin.version)))
        and MAIN not in groups
    ]
    along = {need for pin in deserted for need in needs[pin.name] - {pin.name}}
    return tuple(pin for pin in deserted if pin.name not in along) or tuple(deserted)


def find_torn(before: Project, after: Project) -> frozenset[NormalizedName]:
    """The names of which ``after`` holds a pin and, under another condition, a version that nobody pinned."""
    pinned: dict[NormalizedName, set[object]] = {}
    for pin in before.pins:
        pinned.setdefault(pin.name, set()).add(pin.version)
    held: dict[NormalizedName, set[object]] = {}
    for pin in after.pins:
        held.setdefault(pin.name, set()).add(pin.version)
    return frozenset(name for name, versions in held.items() if set() < versions & pinned.get(name, set()) < versions)


def _is_held(pin: Pin, after: Project, held: dict[NormalizedName, set[Version]]) -> bool:
    if isinstance(pin.source, FromIndex):
        if pin.version is None:
            return any(other.name == pin.name for other in after.pins)
        return pin.version in held.get(pin.name, ())
    if is_project_itself(pin.source):
        return True
    return any(other.name == pin.name and isinstance(other.source, type(pin.source)) for other in after.pins)


def is_project_itself(source: Source) -> bool:
    """Whether a path means the project's own folder (``-e .``)."""
    return isinstance(source, FromPath) and source.path.rstrip("/") in {"", "."} and not source.subdirectory


def _distance(old: object, new: Version) -> tuple[int, ...]:
    if not isinstance(old, Version):
        return (0,)
    width = max(len(old.release), len(new.release))
    mine, theirs = (v.release + (0,) * (width - len(v.release)) for v in (old, new))
    return tuple(abs(a - b) for a, b in zip(mine, theirs, strict=True))


def explain(drift: Drift, after: Project, evidence: Evidence, plan: ProjectPlan) -> tuple[Reason, ...]:
    """The possible reasons, the likeliest first; the last is always one that cannot be tried."""
    pin = drift.pin
    if not is_stated(pin.source):
        return (Reason(text=UNSTATED),)
    if isinstance(pin.source, FromVcs) and pin.source.kind is not VcsKind.GIT:
        return (Reason(text=f"Poetry cannot install from {pin.source.kind}"),)
    fact = evidence.of(pin.name, pin.version) if pin.version is not None else None
    if isinstance(fact, Missing):
        return (Reason(text=_why_missing(fact), advice=advise_missing(fact)),)
    if isinstance(fact, Metadata) and pin.marker is None and not installs_on_all(fact.requires_python, plan.python):
        return (
            Reason(
                text=f"{pin.name} {pin.version} installs only on Python {fact.requires_python}, "
                f"the project promises {show_range(plan.python)}"
            ),
        )
    reasons = _requirements_against(pin, after, evidence, plan)
    for entry in plan.dependencies:
        if entry.name == pin.name and isinstance(pin.version, Version) and not entry_allows(entry, pin.version):
            place = entry.origin or "pyproject.toml"
            reasons.append(Reason(text=f"{place} asks for {entry.raw_name} {entry.constraint}", wish=entry))
    reasons += _requirements_of(pin, fact, after, evidence, plan)
    return (*reasons, _last_reason(drift, after))


def _last_reason(drift: Drift, after: Project) -> Reason:
    """What is said where no requirement is the reason."""
    held = sorted({str(pin.version) for pin in after.pins if pin.name == drift.pin.name})
    if drift.new is not None:
        return Reason(text="Poetry found no lock that holds it")
    if not held:
        return Reason(text="nothing in the new lock asks for it")
    return Reason(
        text=f"another line pins {', '.join(held)}, and one lock holds one of them",
        advice="Pin one version in both files, or go on with the one that is locked with --allow-drift",
    )


def _requirements_against(pin: Pin, after: Project, evidence: Evidence, plan: ProjectPlan) -> list[Reason]:
    """What the packages of the lock ask for and ``pin`` is not."""
    return [
        Reason(
            text=f"{name} {version} requires {requirement.name}{requirement.specifier}",
            relaxation=Relaxation(package=name, required=pin.name),
        )
        for name, version, requirement in list_requirements(after, evidence, plan)
        if canonicalize_name(requirement.name) == pin.name and not is_met(requirement, pin)
    ]


def _requirements_of(pin: Pin, fact: object, after: Project, evidence: Evidence, plan: ProjectPlan) -> list[Reason]:
    """What ``pin`` itself asks for and the lock does not hold."""
    if not isinstance(fact, Metadata):
        return []
    graph = draw_graph((pin,), Evidence(facts=(fact,)), pythons_of(plan.python))
    found = []
    for _, requirement in graph.active(pin.name):
        target = canonicalize_name(requirement.name)
        lost = [f for f in evidence.facts if f.name == target and isinstance(f, Missing)]
        if lost and lost[0].has_no_relative:
            found.append(
                Reason(
                    text=f"{pin.name} {pin.version} requires {target}, and {_why_missing(lost[0])}",
                    relaxation=Relaxation(package=pin.name, required=target),
                )
            )
        held = [p for p in after.pins if p.name == target and isinstance(p.version, Version)]
        if held and not any(is_met(requirement, other) for other in held):
            found.append(
                Reason(
                    text=f"{pin.name} {pin.version} requires {requirement.name}{requirement.specifier}, "
                    f"and the lock has {target} {held[0].version}",
                    relaxation=Relaxation(package=pin.name, required=target),
                )
            )
    return found


def _why_missing(fact: Missing) -> str:
    match fact.why:
        case Absence.NO_PACKAGE:
            return "no index has a package of this name"
        case Absence.NO_VERSION | Absence.NO_FILES:
            return "this version is not on the index (any more)"
        case Absence.UNREAD_NAME:
            return f"the index has it as {fact.detail}, and Poetry reads no version from such a name"
        case Absence.NEEDS_BUILD:
            return "its metadata needs a build, and none was allowed"
        case Absence.BAD_METADATA:
            return f"its metadata cannot be read ({fact.detail})"
        case Absence.BUILD_FAILED:
            return f"only its build tells what it needs, and that fails here: {fact.detail}"


def advise_missing(fact: Missing) -> str:
    """What to do about a release of which nothing is known, a drift or not."""
    match fact.why:
        case Absence.NO_PACKAGE:
            return "Name the index that has it (--index-url, or an --extra-index-url line), or remove the line"
        case Absence.NO_VERSION | Absence.NO_FILES:
            return "Let it move to the nearest version with --allow-drift, or name an index that still has it"
        case Absence.UNREAD_NAME:
            return (
                f"Name the file by its address ({fact.name} @ https://…/{fact.detail}), "
                "or let it move or go with --allow-drift"
            )
        case Absence.BUILD_FAILED:
            return "Make its build work here (what it said last stands above), or let it move or go with --allow-drift"
        case Absence.NEEDS_BUILD:
            return "Allow its code to run with --allow-build"
        case Absence.BAD_METADATA:
            return "Let it move or go with --allow-drift"


def list_requirements(project: Project, evidence: Evidence, plan: ProjectPlan) -> tuple[Row, ...]:
    """Every requirement that counts when the plan's dependencies are installed from the pins of ``project``."""
    graph = draw_graph(project.pins, evidence, pythons_of(plan.python))
    return graph.walk(start_nodes((entry.name, entry.extras) for entry in plan.dependencies))


def is_met(requirement: Requirement, pin: Pin) -> bool:
    """Whether ``pin`` is what ``requirement`` asks for."""
    return isinstance(pin.version, Version) and requirement.specifier.contains(pin.version, prereleases=True)


def entry_allows(entry: PlannedDependency, version: Version) -> bool:
    """Whether a planned constraint, in Poetry's words, allows ``version``."""
    from poetry.core.constraints.version import Version as PoetryVersion
    from poetry.core.constraints.version import parse_constraint

    if entry.constraint in {"", "*"}:
        return True
    return parse_constraint(entry.constraint).allows(PoetryVersion.parse(str(version)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """A pin that the requirement of another pin excludes."""

    pin: Pin
    by: NormalizedName


def find_violations(project: Project, evidence: Evidence, plan: ProjectPlan) -> tuple[Violation, ...]:
    """The pins that cannot stand beside other pins, sorted; of several pins of a name one is enough."""
    pins: dict[NormalizedName, list[Pin]] = {}
    for pin in project.pins:
        if isinstance(pin.version, Version) and isinstance(pin.source, FromIndex):
            pins.setdefault(pin.name, []).append(pin)
    found = []
    for name, _, requirement in list_requirements(project, evidence, plan):
        excluded = pins.get(canonicalize_name(requirement.name), [])
        if not any(is_met(requirement, pin) for pin in excluded):
            found += [Violation(pin=pin, by=name) for pin in excluded]
    return tuple(sorted(set(found), key=lambda v: (v.pin.name, str(v.pin.version), v.by)))


def find_outranked(project: Project, evidence: Evidence, plan: ProjectPlan) -> frozenset[Pin]:
    """Pins of developers that cannot stand beside production's pin of that name, where nothing excludes the latter."""
    production = {(pin.name, pin.marker): pin for pin in project.pins if MAIN in pin.groups}
    kept = {(pin.name, pin.version) for pin in production.values()}

    def is_outranked(pin: Pin) -> bool:
        return (pin.name, pin.marker) in production and (pin.name, pin.version) not in kept

    rivals = frozenset(pin for pin in project.pins if is_outranked(pin))
    if not rivals:
        return rivals
    alone = replace(project, pins=tuple(pin for pin in project.pins if pin not in rivals))
    excluded = {violation.pin.name for violation in find_violations(alone, evidence, plan)}
    return frozenset(pin for pin in rivals if pin.name not in excluded)


def limits_on(name: NormalizedName, project: Project, evidence: Evidence, plan: ProjectPlan) -> SpecifierSet:
    """What all packages of ``project`` together ask of ``name``."""
    limits = SpecifierSet()
    for _, _, requirement in list_requirements(project, evidence, plan):
        if canonicalize_name(requirement.name) == name:
            limits &= requirement.specifier
    return limits


def fits(fact: Metadata, project: Project, plan: ProjectPlan) -> bool:
    """Whether what ``fact`` asks for agrees with the pins of ``project``."""
    stand_in = Pin(name=fact.name, raw_name=fact.name, version=fact.version, origin=project.origin)
    graph = draw_graph((stand_in,), Evidence(facts=(fact,)), pythons_of(plan.python))
    for _, requirement in graph.active(fact.name):
        there = [p for p in project.pins if p.name == canonicalize_name(requirement.name) and p.version is not None]
        if there and not any(is_met(requirement, pin) for pin in there):
            return False
    return True


def rank_nearest(old: Version, offered: Iterable[Version], limits: SpecifierSet) -> tuple[Version, ...]:
    """The versions that may stand in for ``old``, the nearest first: by steps on the index, upwards before downwards.

    Staying inside the release series beats fewer steps. Pre-releases and other people's local builds only stand in
    for their like.
    """
    usable = sorted(
        v
        for v in set(offered)
        if v != old and (old.is_prerelease or not v.is_prerelease) and (v.local == old.local or not v.local)
    )
    above = [v for v in usable if v > old]
    below = [v for v in reversed(usable) if v < old]
    steps = [(step, direction, v) for direction, side in enumerate((above, below)) for step, v in enumerate(side)]
    ranked = sorted(steps, key=lambda s: (_series(old, s[2]), s[0], s[1]))
    return tuple(v for _, _, v in ranked if limits.contains(v, prereleases=True))


def _series(old: Version, new: Version) -> int:
    if old.epoch == new.epoch and old.release[:2] == new.release[:2]:
        return 0
    return 1 if (old.epoch, old.major) == (new.epoch, new.major) else 2
