"""What becomes of pip's constraints (``-c``): Poetry knows none, its lock holds versions instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Pin, Project
from migrator.model.source import FromIndex
from migrator.model.version import RawVersion, pinned_version

from .closure import draw_graph, start_nodes
from .python_range import pythons_of

_WIDE = pythons_of(SpecifierSet(">=3.8"))
_NO_CONSTRAINTS = "Poetry knows no constraints"


def pin_bounded(project: Project) -> Project:
    """``project`` with a pin for each package that it asks for in any version and that a constraint pins.

    That version is what ran: pip had no other choice.
    """
    pinned = {pin.name for pin in project.pins}
    pins: dict[tuple[Dependency, str], Pin] = {}
    for bound, line in _pair_loose(project):
        if bound.name not in pinned and bound.marker in {None, line.marker} and _meets(bound, line):
            known = pins.get((bound, str(line.marker)))
            pins[bound, str(line.marker)] = replace(
                known or _pin(bound),
                marker=line.marker,  # only the line says where the package is installed
                groups=frozenset({line.group}) | (known.groups if known else frozenset()),
                extras=line.extras | (known.extras if known else frozenset()),
            )
    return replace(project, pins=(*project.pins, *pins.values())) if pins else project


def _pair_loose(project: Project) -> Iterator[tuple[Dependency, Dependency]]:
    """Each constraint that pins with each line that asks for its package in any version."""
    wished: dict[NormalizedName, list[Dependency]] = {}
    for line in project.declared:
        if _is_loose(line):
            wished.setdefault(line.name, []).append(line)
    return ((bound, line) for bound in _bounds(project) if _is_pin(bound) for line in wished.get(bound.name, ()))


def find_preferred(project: Project, evidence: Evidence) -> tuple[Pin, ...]:
    """What constraints pin of the packages that come along and have no pin, as far as ``evidence`` reaches.

    Nobody knows yet whether the lock needs them: they are preferences, and none of them is a pin to be kept.
    """
    known = {(fact.name, str(fact.version)) for fact in evidence.facts}
    pinned = {pin.name for pin in project.pins}
    candidates = [_pin(bound) for bound in _bounds(project) if _is_pin(bound) and bound.name not in pinned]
    if not candidates:
        return ()
    graph = draw_graph((*project.pins, *candidates), evidence, _WIDE)
    lines = (line for line in project.declared if not line.constraint and line.name)
    needed = graph.reach(start_nodes((line.name, line.extras) for line in lines))
    found = (pin for pin in candidates if pin.name in needed and (pin.name, str(pin.version)) not in known)
    return tuple({(pin.name, str(pin.version)): pin for pin in found}.values())


def add_preferred(evidence: Evidence, told: Evidence) -> Evidence:
    """``evidence`` with what was ``told`` of preferences; one that the index cannot give is none, and no trouble."""
    return replace(evidence, facts=(*evidence.facts, *(fact for fact in told.facts if isinstance(fact, Metadata))))


def list_preferred(project: Project, evidence: Evidence) -> tuple[Pin, ...]:
    """Those of :func:`find_preferred` that the index has."""
    pinned = {pin.name for pin in project.pins}
    candidates = (_pin(bound) for bound in _bounds(project) if _is_pin(bound) and bound.name not in pinned)
    return tuple(
        pin
        for pin in candidates
        if pin.version is not None and isinstance(evidence.of(pin.name, pin.version), Metadata)
    )


def bind_lines(lines: tuple[Dependency, ...], pins: tuple[Pin, ...]) -> tuple[tuple[Dependency, ...], list[Finding]]:
    """``lines`` with the constraints that concern them in them, and what became of those.

    A range joins the line's own; an address takes the place of the index, as in pip; a pin is left to the lock.
    """
    bounds: dict[NormalizedName, list[Dependency]] = {}
    for line in lines:
        if line.constraint:
            bounds.setdefault(line.name, []).append(line)
    bound_lines: list[Dependency] = []
    findings: list[Finding] = []
    for line in lines:
        bound_line = line
        for bound in [] if line.constraint else bounds.get(line.name, ()):
            bound_line, told = _bind(bound_line, bound)
            findings += told
        bound_lines.append(bound_line)
    findings += [
        _contradiction(bound, f"{pin.origin} pins {pin.version}")
        for pin in pins
        for bound in bounds.get(pin.name, ())
        if bound.marker in {None, pin.marker} and pin.origin != bound.origin and not _allows(bound, pin)
    ]
    return tuple(bound_lines), findings


def remark_bounds(before: Project, after: Project | None) -> tuple[Finding, ...]:
    """What the lock makes of the constraints of packages that the project does not ask for itself.

    ``after`` is None where nothing was locked.
    """
    read = {line.origin.path for line in before.declared if not line.constraint}
    asked = {line.name: line for line in before.declared if not line.constraint}
    pinned = _by_name(before.pins)
    held = _by_name(after.pins if after is not None else ())
    findings: list[Finding] = []
    met: dict[str, list[str]] = {}
    unused: dict[str, list[str]] = {}
    for bound in _bounds(before):
        # a layer that is a requirements file as well is read as that; what is told of its line is not told again
        if bound.origin.path in read or _is_settled(bound, asked.get(bound.name), pinned.get(bound.name, [])):
            continue
        broken = [pin for pin in held.get(bound.name, ()) if bound.marker is None and not _allows(bound, pin)]
        if broken:
            findings.append(_broken(bound, broken[0]))
            continue
        known = bound.name in held or bound.name in pinned or (after is None and bound.name in asked)
        place = met if known else unused
        place.setdefault(bound.origin.path, []).append(f"{bound.raw_name}{bound.specifier}")
    locked = after is not None
    kept = "the lock holds what meets these" if locked else "these are written nowhere"
    findings += [_note(path, f"{_NO_CONSTRAINTS}: {kept}", texts) for path, texts in met.items()]
    idle = "These bound nothing that is installed" if locked else "These bound nothing that is asked for by name"
    findings += [_note(path, idle, texts) for path, texts in unused.items()]
    return tuple(findings)


def _bind(line: Dependency, bound: Dependency) -> tuple[Dependency, list[Finding]]:
    if not isinstance(line.source, FromIndex):
        return line, []
    if not isinstance(bound.source, FromIndex):
        told = f"{line.raw_name} comes from the address that the constraint gives"
        return replace(line, source=bound.source, specifier=SpecifierSet(), editable=bound.editable), [
            _carried(bound, told)
        ]
    if not bound.specifier or pinned_version(line.specifier) is not None:
        return line, []  # a pin needs no bound, and whether it meets this one is told of the pin
    if _is_pin(bound):
        return line, [] if _meets(bound, line) else [_contradiction(bound, f"{line.origin} asks for {line.specifier}")]
    if bound.marker not in {None, line.marker}:
        return line, [_lost(bound, f"holds only where {bound.marker}")]
    if not isinstance(bound.specifier, SpecifierSet) or not isinstance(line.specifier, SpecifierSet):
        return line, [_lost(bound, "cannot be joined to a version outside PEP 440")]
    told = f"{line.raw_name} in {line.origin} takes over the bound {bound.specifier}"
    return replace(line, specifier=line.specifier & bound.specifier), [_carried(bound, told)]


def _is_settled(bound: Dependency, line: Dependency | None, pins: list[Pin]) -> bool:
    """Whether :func:`bind_lines` has told what becomes of ``bound``."""
    if isinstance(bound.source, FromIndex) and not bound.specifier:
        return False
    if pins:
        return not all(_allows(bound, pin) for pin in pins if bound.marker in {None, pin.marker})
    return line is not None and (not _is_pin(bound) or not _meets(bound, line))


def _by_name(pins: tuple[Pin, ...]) -> dict[NormalizedName, list[Pin]]:
    found: dict[NormalizedName, list[Pin]] = {}
    for pin in pins:
        found.setdefault(pin.name, []).append(pin)
    return found


def _bounds(project: Project) -> tuple[Dependency, ...]:
    return tuple(line for line in project.declared if line.constraint and line.name)


def _is_loose(line: Dependency) -> bool:
    return not line.constraint and isinstance(line.source, FromIndex) and pinned_version(line.specifier) is None


def _is_pin(bound: Dependency) -> bool:
    version = pinned_version(bound.specifier)
    return isinstance(bound.source, FromIndex) and version is not None and not isinstance(version, RawVersion)


def _pin(bound: Dependency) -> Pin:
    return Pin(
        name=bound.name,
        raw_name=bound.raw_name,
        version=pinned_version(bound.specifier),
        origin=bound.origin,
        source=bound.source,
        hashes=bound.hashes,
        marker=bound.marker,
    )


def _meets(bound: Dependency, line: Dependency) -> bool:
    """Whether the version that ``bound`` pins is one that ``line`` asks for."""
    version = str(pinned_version(bound.specifier))
    return isinstance(line.specifier, SpecifierSet) and line.specifier.contains(version, prereleases=True)


def _allows(bound: Dependency, pin: Pin) -> bool:
    if not isinstance(bound.specifier, SpecifierSet) or pin.version is None or isinstance(pin.version, RawVersion):
        return True  # nothing can be said
    return bound.specifier.contains(pin.version, prereleases=True)


def _carried(bound: Dependency, told: str) -> Finding:
    return Finding(code=Code.CONSTRAINT_CARRIED, severity=Severity.NOTE, origin=bound.origin, message=told)


def _lost(bound: Dependency, why: str) -> Finding:
    return Finding(
        code=Code.CONSTRAINT_UNUSED,
        severity=Severity.REVIEW,
        origin=bound.origin,
        message=f"The bound {bound.raw_name}{bound.specifier} {why}, so it is not carried over",
        advice="Write it into the dependency in pyproject.toml if it still counts",
    )


def _contradiction(bound: Dependency, other: str) -> Finding:
    return Finding(
        code=Code.PINS_DISAGREE,
        severity=Severity.REVIEW,
        origin=bound.origin,
        message=f"The constraint {bound.raw_name}{bound.specifier} contradicts: {other}; pip refuses both together",
        advice="Take out the one that production does not run",
    )


def _broken(bound: Dependency, pin: Pin) -> Finding:
    return Finding(
        code=Code.CONSTRAINT_UNUSED,
        severity=Severity.REVIEW,
        origin=bound.origin,
        message=f"The lock holds {pin.name} {pin.version}, and the constraint was {bound.specifier or 'an address'}: "
        f"{_NO_CONSTRAINTS}",
        advice=f'Ask for it by name: poetry add "{bound.name}{bound.specifier}"',
    )


def _note(path: str, what: str, texts: list[str]) -> Finding:
    return Finding(
        code=Code.CONSTRAINT_UNUSED,
        severity=Severity.NOTE,
        origin=Origin(path=path),
        message=f"{what}: {', '.join(dict.fromkeys(texts))}",
    )
