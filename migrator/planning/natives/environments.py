"""Where Nix builds: the Pythons of nixpkgs, its platforms, and on which of them a marker wants a package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

from migrator.model.plan import PlannedDependency
from migrator.model.project import Pin
from migrator.model.source import FromIndex

NIXPKGS_PYTHONS = (14, 13, 12, 11, 10, 9)
"""The minor versions of Python 3 that nixpkgs has had since 23.11, newest first."""

LAST_RELEASES = {10: "25.11", 9: "24.11"}
"""The last release of nixpkgs with each of them that nixpkgs has no more."""

_RELEASE = "25.11"
"""A release of nixpkgs with every other one of them, none as a pre-release (3.14 was one until then)."""

_PATCHES = range(40)
_SYSTEMS = {
    "aarch64-darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "aarch64-linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    "x86_64-darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64"},
    "x86_64-linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
}
_CPYTHON = {"implementation_name": "cpython", "os_name": "posix", "platform_python_implementation": "CPython"}

Place = tuple[str, int]
"""A system of nixpkgs and a minor version of Python 3."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confinement:
    """A package that is not wanted everywhere: on which systems and Pythons it is, and the reason.

    Without either it is wanted nowhere.
    """

    systems: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_total(self) -> bool:
        """Whether no system of nixpkgs installs it."""
        return not (self.systems or self.pythons)


def allowed_minors(python: SpecifierSet) -> tuple[int, ...]:
    """The Pythons of nixpkgs that ``python`` allows, newest first."""
    return tuple(minor for minor in NIXPKGS_PYTHONS if _allows(python, minor))


def release_with(minors: tuple[int, ...]) -> str:
    """A release of nixpkgs that has the newest, which is the first, of these Pythons; poetry2nix works with each."""
    return LAST_RELEASES.get(minors[0], _RELEASE) if minors else _RELEASE


def has_wheel(pin: Pin, minor: int) -> bool:
    """Whether a wheel of ``pin`` runs on CPython 3.``minor`` on Linux, as far as its files are known."""
    return not pin.files or any(runs_on(file, minor) for file in wheels(pin))


def wheels(pin: Pin) -> tuple[str, ...]:
    """The names of the wheels of ``pin``, as far as they are known."""
    return tuple(file for file in pin.files if file.endswith(".whl"))


def has_linux_wheel(pin: Pin) -> bool:
    """Whether the index has a wheel of ``pin`` for some Python of nixpkgs."""
    return isinstance(pin.source, FromIndex) and any(runs_on(file, m) for file in wheels(pin) for m in NIXPKGS_PYTHONS)


@cache
def runs_on(wheel: str, minor: int) -> bool:
    """Whether a wheel of that name runs on CPython 3.``minor`` on some Linux with glibc."""
    try:
        tags = parse_wheel_filename(wheel)[3]
    except InvalidWheelFilename:
        return False
    linux = sorted({tag.platform for tag in tags if tag.platform.startswith(("any", "manylinux"))})
    if not linux:
        return False
    cpython = f"cp3{minor}"
    usable = {
        *cpython_tags((3, minor), abis=[cpython], platforms=linux),
        *compatible_tags((3, minor), interpreter=cpython, platforms=linux),
    }
    return not tags.isdisjoint(usable)


def find_confined(
    dependencies: tuple[PlannedDependency, ...], pins: tuple[Pin, ...], minors: tuple[int, ...]
) -> dict[NormalizedName, Confinement]:
    """The locked direct dependencies that their markers keep from some place, or from all.

    poetry2nix ignores the markers of direct dependencies, and fails where such a package has Windows wheels only.
    """
    everywhere = frozenset((system, minor) for system in _SYSTEMS for minor in minors)
    needed = {need for pin in pins for need in pin.needs if _places(pin.marker, everywhere)}
    wishes: dict[NormalizedName, list[Marker | None]] = {}
    for dependency in dependencies:
        wishes.setdefault(dependency.name, []).append(dependency.marker)
    locked: dict[NormalizedName, list[Marker | None]] = {}
    for pin in pins:
        locked.setdefault(pin.name, []).append(pin.marker)
    found = {}
    for name in sorted(wishes.keys() & locked.keys()):
        wished = _union(wishes[name], everywhere)
        # the marker of a locked package tells of all who want it, where it tells anything
        wanted = wished | _union(locked[name], everywhere)
        if wanted == everywhere and name not in needed:
            wanted = wished
        if wanted < everywhere:
            found[name] = _confine(wanted, everywhere, wishes[name])
    return {name: confinement for name, confinement in found.items() if confinement is not None}


def find_absent(pins: tuple[Pin, ...], minors: tuple[int, ...]) -> frozenset[NormalizedName]:
    """The locked packages that by their own markers no system of nixpkgs installs: they come for Windows, say."""
    everywhere = frozenset((system, minor) for system in _SYSTEMS for minor in minors)
    wanted = {pin.name for pin in pins if _places(pin.marker, everywhere)}
    return frozenset(pin.name for pin in pins) - wanted


def _confine(
    wanted: frozenset[Place], everywhere: frozenset[Place], markers: list[Marker | None]
) -> Confinement | None:
    """The smallest table of systems and Pythons around the ``wanted`` places; None where that is all there are."""
    systems, pythons = {system for system, _ in wanted}, {minor for _, minor in wanted}
    if wanted and systems == {s for s, _ in everywhere} and pythons == {m for _, m in everywhere}:
        return None
    return Confinement(
        systems=tuple(sorted(systems)) if len(systems) < len(_SYSTEMS) else (),
        pythons=tuple(f"3.{m}" for m in sorted(pythons)) if pythons < {m for _, m in everywhere} else (),
        reason="its marker: " + " or ".join(sorted({str(marker) for marker in markers if marker is not None})),
    )


def _union(markers: Iterable[Marker | None], everywhere: frozenset[Place]) -> frozenset[Place]:
    return frozenset().union(*(_places(marker, everywhere) for marker in markers))


def _places(marker: Marker | None, everywhere: frozenset[Place]) -> frozenset[Place]:
    return everywhere if marker is None else frozenset(place for place in everywhere if _wants(str(marker), place))


@cache
def _wants(marker: str, place: Place) -> bool:
    """Whether a marker is true at a place, on some patch release of its Python; what extras ask for is wanted."""
    if "extra" in marker:
        return True
    system, minor = place
    parsed = Marker(marker)
    return any(
        parsed.evaluate(
            {
                **_CPYTHON,
                **_SYSTEMS[system],
                "python_version": f"3.{minor}",
                "python_full_version": f"3.{minor}.{patch}",
            }
        )
        for patch in (_PATCHES if "python_full_version" in marker else (0,))
    )


def _allows(python: SpecifierSet, minor: int) -> bool:
    return any(python.contains(Version(f"3.{minor}.{patch}"), prereleases=True) for patch in _PATCHES)
