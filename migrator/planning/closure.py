"""What needs what: the requirement graph of the pins, as far as it can matter anywhere the project runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.evidence import Evidence, Metadata
from migrator.model.project import Pin

_MACHINES = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)
LINUX = _MACHINES[:1]
ANYWHERE = _MACHINES

Node = tuple[NormalizedName, str]
"""A package and one of its extras; the empty extra is the package itself."""
Row = tuple[NormalizedName, str, Requirement]
"""Whose requirement, of which version, and the requirement."""


_PATCHES = ("0", "99")

_read_marker = lru_cache(maxsize=65536)(Marker)


@lru_cache(maxsize=65536)
def _holds(marker: str, extra: str, pythons: tuple[str, ...], machines: int) -> bool:
    parsed = _read_marker(marker)
    for python, machine, patch in _told_apart(str(parsed), pythons, machines):
        full = f"{python}.{patch}"
        environment = {
            **machine,
            "python_version": python,
            "python_full_version": full,
            "implementation_version": full,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": extra,
            "platform_release": "",
            "platform_version": "",
        }
        try:
            if parsed.evaluate(environment):
                return True
        except (UndefinedComparison, UndefinedEnvironmentName):
            return True  # nobody can tell: count it
    return False


def _told_apart(marker: str, pythons: tuple[str, ...], machines: int) -> Iterable[tuple[str, Mapping[str, str], str]]:
    """Minor version, machine and patch release of all environments that ``marker`` can tell apart."""
    has_machine = any(variable in marker for variable in _MACHINES[0])
    has_patch = "full_version" in marker or "implementation_version" in marker
    has_python = has_patch or "python_version" in marker
    return product(
        pythons if has_python else pythons[:1],
        _MACHINES[: machines if has_machine else 1],
        _PATCHES if has_patch else _PATCHES[:1],
    )


def applies(marker: Marker | None, pythons: tuple[str, ...]) -> bool:
    """Whether ``marker`` holds on one of ``pythons`` and some platform."""
    return marker is None or _holds(str(marker), "", pythons, len(ANYWHERE))


def holds_everywhere(marker: str, pythons: tuple[str, ...]) -> bool:
    """Whether Linux fulfils ``marker`` on each of ``pythons``, on some patch release at least."""
    return all(_holds(marker, "", (python,), len(LINUX)) for python in pythons)


@dataclass(frozen=True, slots=True)
class _Need:
    """One requirement of one version of a package, and its marker as text, which takes long to make."""

    version: str
    requirement: Requirement
    marker: str

    @classmethod
    def read(cls, version: str, requirement: Requirement) -> _Need:
        return cls(version, requirement, str(requirement.marker) if requirement.marker else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """The requirements of the pinned releases. ``pythons`` are the minor versions that count (``3.11``)."""

    pythons: tuple[str, ...]
    requires: dict[NormalizedName, tuple[_Need, ...]] = field(hash=False)
    """For each pinned name what all its pinned versions ask for."""

    def within(self, names: frozenset[NormalizedName]) -> Graph:
        """The part of the graph that ``names`` are."""
        return Graph(
            pythons=self.pythons, requires={name: self.requires[name] for name in self.requires if name in names}
        )

    def active(self, name: NormalizedName, extra: str = "", *, linux: bool = False) -> list[tuple[str, Requirement]]:
        """What ``name`` asks for on some Python of the range and some platform (or on Linux), under ``extra`` if given.

        With an extra, only what that extra adds.
        """
        machines = len(LINUX) if linux else len(ANYWHERE)
        found = []
        for need in self.requires.get(name, ()):
            plain = not need.marker or _holds(need.marker, "", self.pythons, machines)
            if (not extra and plain) or (extra and not plain and _holds(need.marker, extra, self.pythons, machines)):
                found.append((need.version, need.requirement))
        return found

    def extras(self, name: NormalizedName) -> tuple[str, ...]:
        """The extras that ``name`` seems to have: those that its requirements' markers speak of, sorted."""
        markers = [need.marker for need in self.requires.get(name, ()) if "extra" in need.marker]
        return tuple(sorted({word for marker in markers for word in extras_in(marker)}))

    def reach(self, starts: Iterable[Node]) -> frozenset[NormalizedName]:
        """All names that are asked for, directly or not, from ``starts`` on; the starts included."""
        nodes = sorted(set(starts))
        asked = {canonicalize_name(requirement.name) for _, _, requirement in self.walk(nodes)}
        return frozenset(asked | {name for name, _ in nodes})

    def walk(self, starts: Iterable[Node]) -> tuple[Row, ...]:
        """Every requirement that counts when ``starts`` are installed: (whose, in which version, the requirement)."""
        waiting = sorted(set(starts))
        seen: set[Node] = set()
        rows: dict[tuple[NormalizedName, str, str], Row] = {}
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            name, extra = node
            if extra:
                waiting.append((name, ""))
            for version, requirement in self.active(name, extra):
                rows[name, version, str(requirement)] = (name, version, requirement)
                target = canonicalize_name(requirement.name)
                waiting += [(target, ""), *((target, canonicalize_name(e)) for e in requirement.extras)]
        return tuple(rows[key] for key in sorted(rows))


@lru_cache(maxsize=4096)
def extras_in(marker: str) -> tuple[str, ...]:
    """The extras that ``marker`` names, canonical, in its order."""
    return tuple(canonicalize_name(m) for m in re.findall(r"""extra\s*==\s*["']([^"']+)["']""", marker))


def start_nodes(wishes: Iterable[tuple[NormalizedName, Iterable[str]]]) -> tuple[Node, ...]:
    """Where to start from: (name, extras) of each wish."""
    return tuple(
        node for name, extras in wishes for node in ((name, ""), *((name, canonicalize_name(e)) for e in extras))
    )


def draw_graph(pins: Iterable[Pin], evidence: Evidence, pythons: tuple[str, ...]) -> Graph:
    """The graph of ``pins`` by what the index says of them; where it says nothing, by what the input says they need."""
    requires: dict[NormalizedName, list[_Need]] = {}
    for pin in pins:
        rows = requires.setdefault(pin.name, [])
        fact = evidence.of(pin.name, pin.version) if pin.version is not None else None
        if isinstance(fact, Metadata):
            needs = fact.requires
        else:
            needs = tuple(requirement for need in pin.needs if (requirement := _read_need(need)))
        rows += [_Need.read(str(pin.version), requirement) for requirement in needs]
    return Graph(pythons=pythons, requires={name: tuple(rows) for name, rows in requires.items()})


def _read_need(name: str) -> Requirement | None:
    try:
        return Requirement(name)
    except InvalidRequirement:  # what stands in an input may be anything
        return None


def find_roots(graph: Graph) -> frozenset[NormalizedName]:
    """The names that no other pinned name asks for; of a cycle that nobody enters, all members."""
    names = set(graph.requires)
    edges = {name: {canonicalize_name(r.name) for _, r in graph.active(name)} & names - {name} for name in names}
    roots = names - {target for targets in edges.values() for target in targets}
    reached = _reach(roots, edges)
    for name in sorted(names - reached):
        if name not in reached:
            # its whole cycle can be entered from here, and from nowhere before
            cycle = {other for other in _reach({name}, edges) if name in _reach({other}, edges)}
            outside = {source for source, targets in edges.items() if targets & cycle} - cycle - reached
            if not outside:
                roots |= cycle
                reached |= _reach(cycle, edges)
    return frozenset(roots)


def _reach(starts: Iterable[NormalizedName], edges: dict[NormalizedName, set[NormalizedName]]) -> set[NormalizedName]:
    waiting, seen = list(starts), set[NormalizedName]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += edges.get(name, set())
    return seen
