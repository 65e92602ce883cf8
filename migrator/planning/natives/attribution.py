"""Who needs which native input: each that the project named before finds the locked packages that it is for.

pypi2nix gave its ``-E`` list to every package and never said for which it was. What is known comes from the user
(``--native``), from our table, and from the wheels: a repaired wheel carries the libraries that it links. Nothing is
guessed: an input that none of them places is nobody's, with the packages that it may be for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from migrator.model.distribution import Inside
from migrator.model.native import Attribution, NixAnswers, Settled
from migrator.model.origin import Origin
from migrator.model.project import NativeInput, Pin
from migrator.model.source import FromIndex, FromUrl

from .environments import wheels
from .known_builds import known_builds
from .libraries import libraries
from .rows import NativeRow

_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*(\.[A-Za-z_][A-Za-z0-9_'-]*)*")
_NOBODY = "no locked package is known to need it"
_PYTHON_PACKAGE = re.compile(r"(?:python[0-9]*Packages|python[0-9]*\.pkgs)\.(?P<name>[A-Za-z0-9_'-]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedSet:
    """The locked packages, and all that is known of each."""

    pins: Mapping[NormalizedName, Pin]
    rows: Mapping[NormalizedName, NativeRow]
    insides: Mapping[NormalizedName, tuple[Inside, ...]]
    recorded: Mapping[NormalizedName, tuple[str, ...]]
    """What the old expression built each package with."""
    answers: NixAnswers
    absent: frozenset[NormalizedName] = frozenset()
    """The packages that no system of nixpkgs installs."""
    preferred: Mapping[NormalizedName, str] = field(default_factory=dict)
    """The packages whose wheel our override table takes, each with the reason."""

    def row(self, name: NormalizedName) -> NativeRow | None:
        """What our table says of a package."""
        return self.rows.get(name)

    def takes_wheel(self, name: NormalizedName) -> bool:
        """Whether the Nix files install a wheel of the package instead of building it."""
        pin, row = self.pins[name], self.rows.get(name)
        if name in self.preferred:
            return True
        if isinstance(pin.source, FromUrl):
            return pin.source.url.path.endswith(".whl")
        if not isinstance(pin.source, FromIndex) or (pin.files and not wheels(pin)):
            return False
        if pin.files and (self.answers.prefer_wheels or len(wheels(pin)) == len(pin.files)):
            return True
        return row is not None and row.prefer_wheel is not None and within(pin, row.prefer_wheel)

    def is_compiled(self, name: NormalizedName) -> bool:
        """Whether the package may hold compiled code: it has wheels for single platforms, or only a source."""
        pin = self.pins[name]
        if isinstance(pin.source, FromIndex) and not pin.files:
            return False  # nothing is known of it
        return not any(file.endswith("-any.whl") for file in wheels(pin))

    def carries_unknown(self, name: NormalizedName) -> tuple[str, ...]:
        """The names of those that no table knows, sorted."""
        files = {file for inside in self.insides.get(name, ()) for file in inside.libraries}
        return tuple(sorted({unknown for file in files if (unknown := libraries().unknown(file)) is not None}))

    def carries_same(self, name: NormalizedName, attribute: str) -> bool:
        """Whether the package's own wheels were seen to carry ``attribute``, or another version of it."""
        return any(libraries().same(attribute, library) for library in self.carries(name))

    def carries(self, name: NormalizedName) -> frozenset[str]:
        """The libraries that the package's own wheels were seen to carry, by their attribute."""
        files = (file for inside in self.insides.get(name, ()) for file in inside.libraries)
        return frozenset(attribute for file in files if (attribute := libraries().carried(file)) is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A native input as somebody named it: ``attribute`` is what nixpkgs calls it today, ``was`` the other name."""

    attribute: str
    was: str
    origin: Origin
    package: NormalizedName | None = None
    hint: bool = False


def ask(native: NativeInput) -> Asked:
    """The question that a native input of an old Nix expression is."""
    today = native.today or libraries().today(native.attribute)
    return Asked(
        attribute=today,
        was=native.attribute if native.attribute != today else "",
        origin=native.origin,
        package=native.package,
    )


def settle(asked: Asked, locked: LockedSet) -> tuple[Attribution, ...]:
    """Who provides one native input: an attribution for each provider, of ours for each reason; at least one."""
    if found := _PYTHON_PACKAGE.fullmatch(asked.attribute):
        return (_settle_python(asked, canonicalize_name(found["name"]), locked),)
    users = _users(asked, locked) if _ATTRIBUTE.fullmatch(asked.attribute) else {}
    providers: dict[tuple[Settled, str], list[NormalizedName]] = {}
    for name, reason in users.items():
        settled = _provider(name, asked.attribute, locked)
        providers.setdefault((settled, reason if settled is Settled.OURS else ""), []).append(name)
    if not providers:
        return (_attribute(asked, Settled.NOBODY, (), _along(asked, locked), candidates=_candidates(asked, locked)),)
    return tuple(
        _attribute(asked, settled, tuple(names), _evidence(settled, names, reason, asked, locked))
        for wanted in Settled
        for (settled, reason), names in providers.items()
        if settled is wanted
    )


def _along(asked: Asked, locked: LockedSet) -> str:
    """That packages only load an input when they run, or only carry it along; empty where none does."""
    running = [
        f"{name} {row.reason}"
        for name, row in locked.rows.items()
        if name in locked.pins and set(_matching(row, asked.attribute)) & set(row.runtime)
    ]
    if running:
        return f"no build needs it; {', '.join(running)}"
    names = [name for name in sorted(locked.pins) if locked.carries_same(name, asked.attribute)]
    return f"{_NOBODY}; it comes along in {' and '.join(names)}'s own wheel" if names else ""


def given(row: NativeRow, attribute: str) -> bool:
    """Whether the table says that a build of the package needs ``attribute``."""
    return bool(set(_matching(row, attribute)) - {*row.optional, *row.runtime})


def _matching(row: NativeRow, attribute: str) -> tuple[str, ...]:
    """What a row names that ``attribute`` is another name for."""
    same = libraries().same
    needs = row.libraries + row.tools + row.optional + row.runtime
    return tuple(needed for needed in needs if any(same(attribute, choice) for choice in needed.split(" or ")))


def within(pin: Pin, versions: SpecifierSet) -> bool:
    """Whether a pin's version is one of ``versions``; what PEP 440 cannot read is."""
    return not isinstance(pin.version, Version) or versions.contains(pin.version, prereleases=True)


def _users(asked: Asked, locked: LockedSet) -> dict[NormalizedName, str]:
    """The locked packages that need an input, sorted, each with how that is known."""
    names = {asked.attribute, asked.was}
    told = {package for attribute, package in locked.answers.natives if attribute in names}
    told |= {asked.package} if asked.package else set()
    if users := dict.fromkeys(sorted(told & locked.pins.keys()), "named for it"):
        return users
    by_table = {
        name: row.reason
        for name, row in locked.rows.items()
        if name in locked.pins
        # what a system has installed may be for the time when the program runs, and a build is no help then
        and set(_matching(row, asked.attribute)) - set(row.runtime if asked.hint else ())
    }
    by_wheel = {
        name: ""
        for name in locked.pins
        # what a table tells of a package is all that it links; its wheel carries what these link in their turn too
        if name not in locked.rows and locked.carries_same(name, asked.attribute)
    }
    return {name: by_table.get(name, "") for name in sorted(by_table.keys() | by_wheel.keys())}


def _provider(name: NormalizedName, attribute: str, locked: LockedSet) -> Settled:
    """Who gives ``attribute`` to one of its users."""
    if locked.takes_wheel(name):
        return Settled.WHEEL
    row = locked.row(name)
    needed = _matching(row, attribute) if row is not None else ()
    return Settled.POETRY2NIX if row is not None and needed and row.covered.issuperset(needed) else Settled.OURS


def _evidence(
    settled: Settled,
    names: list[NormalizedName],
    reason: str,
    asked: Asked,
    locked: LockedSet,
) -> str:
    seen = [name for name in names if locked.carries_same(name, asked.attribute)]
    proof = "seen in " + " and ".join(f"{name}'s own wheel" for name in seen) if seen else ""
    match settled:
        case Settled.OURS:
            told = reason
        case Settled.POETRY2NIX:
            told = "poetry2nix's own override"
        case Settled.WHEEL if len(seen) == len(names):
            return f"the wheel carries it: {proof}"
        case Settled.WHEEL:
            told = "taken as a wheel, which brings all that it links"
        case Settled.NOBODY:
            told = ""
    return "; ".join(text for text in (told, proof) if text)


def _settle_python(asked: Asked, name: NormalizedName, locked: LockedSet) -> Attribution:
    """A Python package that was named like a library: the lock has it, or it builds the package it was named for."""
    told = {package for attribute, package in locked.answers.natives if attribute in {asked.attribute, asked.was}}
    told |= {asked.package} if asked.package else set()
    users = tuple(sorted(told & locked.pins.keys()))
    if users:
        return _attribute(asked, Settled.OURS, users, "named for it")
    if name in locked.pins:
        return _attribute(asked, Settled.POETRY2NIX, (name,), "a Python package, and locked like any other")
    return _attribute(asked, Settled.NOBODY, (), "a Python package that is not locked")


def python_package(attribute: str) -> NormalizedName | None:
    """The name of the Python package that an attribute of nixpkgs is, None where it is something else."""
    found = _PYTHON_PACKAGE.fullmatch(attribute)
    return canonicalize_name(found["name"]) if found else None


def _attribute(
    asked: Asked,
    settled: Settled,
    packages: tuple[NormalizedName, ...],
    evidence: str,
    candidates: tuple[NormalizedName, ...] = (),
) -> Attribution:
    return Attribution(
        attribute=asked.attribute,
        settled=settled,
        packages=packages,
        evidence=evidence or _NOBODY,
        tool=libraries().is_tool(asked.attribute),
        was=asked.was,
        hint=asked.hint,
        candidates=candidates,
        origin=asked.origin,
    )


def _candidates(asked: Asked, locked: LockedSet) -> tuple[NormalizedName, ...]:
    """The packages that may need an input: compiled when they are built, and nothing is known of their needs.

    Those first that poetry2nix does not know either: the others were built by its users without it.
    """
    if libraries().is_tool(asked.attribute):
        return ()
    return tuple(sorted(_unknown(locked), key=lambda name: (known_builds().has(name), name)))


def _unknown(locked: LockedSet) -> Iterator[NormalizedName]:
    for name in locked.pins:
        if name in locked.rows or name in locked.absent or locked.takes_wheel(name) or not locked.is_compiled(name):
            continue
        # a wheel that carries libraries carries all that it links
        if not any(inside.libraries for inside in locked.insides.get(name, ())):
            yield name
