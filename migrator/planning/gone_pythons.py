"""Pythons that are gone: what a team on Python 2.7 or 3.6 is told, pin by pin, and which way leads on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Pin, Project

from .left_out import leave_unneeded
from .natives.environments import LAST_RELEASES, NIXPKGS_PYTHONS
from .python_range import PythonRange, read_bounds, show_range

_SUGGESTED = 11
"""Old enough for old pins, and in every nixpkgs that poetry2nix works with."""
_PATCHES = range(40)
_INTERPRETER = re.compile(r"(?P<kind>[a-z]+)(?P<major>\d)(?P<minor>\d*)")


def find_gone(
    project: Project, evidence: Evidence, python: PythonRange, imports: frozenset[str]
) -> tuple[Finding, ...]:
    """Why there can be no Nix files: nixpkgs has no Python of the range; nothing where it has one.

    One finding that stops and says how many pins install on a Python that is left, and one for each pin that does not.
    """
    if python.range is None or any(_holds(python.range, minor) for minor in NIXPKGS_PYTHONS):
        return ()
    minor = _choose_minor([_usable(pin, evidence) for pin in project.pins])
    on_it, _ = leave_unneeded(project, evidence, (f"3.{minor}",), imports)
    usable = {pin: _usable(pin, evidence) for pin in sorted(on_it.pins, key=lambda p: (p.name, str(p.version)))}
    lost = [pin for pin, minors in usable.items() if not minors]
    silent = [_label(p) for p, minors in usable.items() if minors and not _tells(p, evidence)]
    moving = sum(minor not in minors for minors in usable.values())
    old = len(project.pins) - len(on_it.pins)
    said = len(usable) - len(lost) - len(silent)
    counts = [f"{said} say that they install there"]
    counts += [f"{len(silent)} say nothing of it ({', '.join(silent)})"] if silent else []
    counts += [f"{old} only served older Pythons"] if old else []
    stop = Finding(
        code=Code.PYTHON_GONE,
        severity=Severity.STOP,
        message=f"The project is for Python {show_range(python.range)} ({python.why}), and nixpkgs has Python "
        f"3.{NIXPKGS_PYTHONS[-1]} to 3.{NIXPKGS_PYTHONS[0]} only. Of {_count_pins(len(project.pins))}, "
        f"{', '.join(counts)}, and {len(lost)} cannot",
        advice=f"Move on with --python '>=3.{minor}'"
        + (
            f" --allow-drift; {_count_pins(moving)} then move{'s' if moving == 1 else ''}"
            if moving
            else "; no pin has to move, as far as they say"
        )
        + " (add --dry-run to see it). Or lock what runs today for the old Python, without Nix files: --no-nix",
    )
    return (stop, *(_lost(pin, evidence) for pin in lost))


def _label(pin: Pin) -> str:
    return pin.name if pin.version is None else f"{pin.name} {pin.version}"


def _count_pins(number: int) -> str:
    return f"{number} pin{'' if number == 1 else 's'}"


def _choose_minor(usable: list[frozenset[int]]) -> int:
    """The Python on which most pins install."""
    counts = {minor: sum(minor in minors for minors in usable) for minor in NIXPKGS_PYTHONS}
    best = [minor for minor in NIXPKGS_PYTHONS if counts[minor] == max(counts.values())]
    return _SUGGESTED if _SUGGESTED in best else best[0]


def find_untried(
    after: Project, python: SpecifierSet, attribute: str, file: str = "default.nix"
) -> tuple[Finding, ...]:
    """The locked releases whose wheels are all for other Pythons than the one that ``file`` takes, ``attribute``.

    Whoever made them did not try them there; as a rule it is a newer Python than they knew. The advice names the newest
    Python of the range ``python`` that nixpkgs still has for which all of them were published, or the fewest were not.
    """
    found = re.fullmatch(r"python3(\d+)", attribute)
    if found is None:
        return ()
    minor = int(found[1])
    wheels = {f"{p.name} {p.version}": _tags(f for f in p.files if f.endswith(".whl")) for p in after.pins}
    untried = _untried(wheels, minor)
    if not untried:
        return ()
    shown = ", ".join(f"{label} (up to {_newest(wheels[label])})" for label in untried)
    advice = "Try the build before you rely on it"
    older = (m for m in NIXPKGS_PYTHONS if m < minor and m not in LAST_RELEASES and _holds(python, m))
    others = {m: len(_untried(wheels, m)) for m in older}
    better = min(others, key=lambda m: (others[m], -m), default=minor)
    if others.get(better, len(untried)) < len(untried):
        start = next((clause.version for clause in python if clause.operator == ">="), f"3.{better}")
        was = "was" if others[better] == 1 else "were"
        rest = f", for which {others[better]} of them {was} never published" if others[better] else ""
        advice += (
            f"; or build with an older Python{rest}: --arg python '(import <nixpkgs> {{}}).python3{better}', "
            f"or for good with --python '>={start},<3.{better + 1}'"
        )
    return (
        Finding(
            code=Code.PYTHON_UNTRIED,
            severity=Severity.REVIEW,
            message=f"{file} takes Python 3.{minor}, for which these releases were never published: {shown}",
            advice=advice,
        ),
    )


def _untried(wheels: Mapping[str, frozenset[Tag]], minor: int) -> list[str]:
    return sorted(label for label, tags in wheels.items() if tags and not any(_runs(tag, minor) for tag in tags))


def _holds(range_: SpecifierSet, minor: int) -> bool:
    return any(range_.contains(Version(f"3.{minor}.{patch}"), prereleases=True) for patch in _PATCHES)


def _usable(pin: Pin, evidence: Evidence) -> frozenset[int]:
    """The Pythons of nixpkgs on which ``pin`` installs, by its metadata; what says nothing does."""
    fact = evidence.of(pin.name, pin.version) if pin.version is not None else None
    if not isinstance(fact, Metadata) or pin.marker is not None:
        return frozenset(NIXPKGS_PYTHONS)
    bounds = read_bounds(fact.requires_python or "")
    allowed = bounds.specifier() if bounds is not None else SpecifierSet()
    return frozenset(minor for minor in NIXPKGS_PYTHONS if _holds(allowed, minor))


def _tells(pin: Pin, evidence: Evidence) -> bool:
    """Whether the metadata or a wheel of ``pin`` speaks of Python 3 at all."""
    fact = evidence.of(pin.name, pin.version) if pin.version is not None else None
    if not isinstance(fact, Metadata):
        return False
    tags = _tags(file.name for file in fact.files if file.name.endswith(".whl"))
    return bool(fact.requires_python) or any(tag.interpreter.startswith(("py3", "cp3")) for tag in tags)


def _lost(pin: Pin, evidence: Evidence) -> Finding:
    fact = evidence.of(pin.name, pin.version) if pin.version is not None else None
    asked = fact.requires_python if isinstance(fact, Metadata) else None
    return Finding(
        code=Code.PYTHON_GONE,
        severity=Severity.REVIEW,
        message=f"{pin.name} {pin.version} installs on no Python that nixpkgs has: it asks for Python {asked}",
        origin=pin.origin,
    )


def _tags(wheels: Iterable[str]) -> frozenset[Tag]:
    found: set[Tag] = set()
    for wheel in wheels:
        try:
            found |= parse_wheel_filename(wheel)[3]
        except InvalidWheelFilename:
            continue
    return frozenset(found)


def _runs(tag: Tag, minor: int) -> bool:
    """Whether a wheel with ``tag`` is meant for CPython 3.``minor``, whatever the platform.

    A wheel without compiled code says little: many were tagged for Python 2 because Python 2 had made them.
    """
    if tag.platform == "any":
        return True
    found = _INTERPRETER.fullmatch(tag.interpreter)
    if found is None or found["major"] != "3":
        return False
    least = int(found["minor"] or 0)
    if found["kind"] == "py" or (found["kind"] == "cp" and tag.abi in {"abi3", "none"}):
        return least <= minor
    return found["kind"] == "cp" and least == minor


def _newest(tags: frozenset[Tag]) -> str:
    versions = [
        (int(found["major"]), int(found["minor"] or 0))
        for tag in tags
        if (found := _INTERPRETER.fullmatch(tag.interpreter)) and found["kind"] in {"cp", "py"}
    ]
    major, minor = max(versions, default=(0, 0))
    return f"{major}.{minor}" if minor else f"Python {major}" if major else "another Python"
