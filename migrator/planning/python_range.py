"""The range of Pythons that the project promises.

It is decided before the lock: a too wide range makes Poetry move pins without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Pin, PythonHint

CEILING = Version("4.0")
_PYTHON_3 = Version("3.0")
_LAST_KNOWN = 30
"""Beyond every CPython minor version that can be meant; only for asking whether a range is empty."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonRange:
    """The range, and the sentence that says where it comes from. ``range`` is None where nothing can be chosen."""

    range: SpecifierSet | None
    why: str
    findings: tuple[Finding, ...] = ()
    excluded: tuple[Pin, ...] = ()
    """Pins that install on no Python of the range; they have to move."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: Version | None = None
    high: Version | None = None
    not_: frozenset[str] = frozenset()

    def narrow(self, other: _Bounds) -> _Bounds:
        lows = [v for v in (self.low, other.low) if v is not None]
        highs = [v for v in (self.high, other.high) if v is not None]
        return _Bounds(max(lows, default=None), min(highs, default=None), self.not_ | other.not_)

    def pythons(self) -> tuple[Version, ...]:
        return _pythons_between(self)

    def specifier(self) -> SpecifierSet:
        inside = self.between()
        parts = [f">={self.low}"] if self.low else []
        parts += [f"<{self.high}"] if self.high else []
        parts += [f"!={n}" for n in sorted(self.not_) if not all(map(SpecifierSet(f"!={n}").contains, inside))]
        return SpecifierSet(",".join(parts))

    def between(self) -> tuple[Version, ...]:
        """Those from ``low`` on and below ``high``, whatever is excluded between them."""
        return tuple(v for v in _SAMPLES if (not self.low or v >= self.low) and (not self.high or v < self.high))


@lru_cache
def _pythons_between(bounds: _Bounds) -> tuple[Version, ...]:
    excluded = SpecifierSet(",".join(f"!={n}" for n in sorted(bounds.not_)))
    return tuple(v for v in bounds.between() if excluded.contains(v))


# early and late patch releases of each minor version: enough to tell where two ranges meet
_SAMPLES = tuple(
    Version(f"{major}.{minor}.{patch}")
    for major, minors in ((2, (6, 7)), (3, range(_LAST_KNOWN)))
    for minor in minors
    for patch in (0, *range(1, 20), 99)
)


@lru_cache
def pythons_of(range_: SpecifierSet) -> tuple[str, ...]:
    """The minor versions in ``range_`` that exist or may soon (``3.11``), oldest first."""
    newest = 15
    minors = {(v.major, v.minor) for v in _SAMPLES if range_.contains(v) and (v.major, v.minor) <= (3, newest)}
    return tuple(f"{major}.{minor}" for major, minor in sorted(minors))


def show_range(range_: SpecifierSet) -> str:
    """A range as people write it, lower bound first: ``>=3.11,<4.0``."""
    return ",".join(sorted((str(clause) for clause in range_), key=lambda text: (text[0] != ">", text[0] != "<", text)))


def plan_python(
    asked: SpecifierSet | None, hints: Sequence[PythonHint], pins: tuple[Pin, ...], evidence: Evidence
) -> PythonRange:
    """The widest range below Python 4 that begins where the project says and on which every unconditional pin installs.

    ``asked`` is the user's ``--python``; without it the first hint counts. What a statement of the project loses to a
    pin is a finding to review; what a hint loses is a note.
    """
    start, why, stated, origin = _start(asked, hints)
    if start is None:
        return PythonRange(range=None, why="", findings=(_unknown(hints),))
    # a range that stops at a minor version nobody has (3.11,<3.12 of a Pipfile) is the user's word
    bounds = start if start.high else start.narrow(_Bounds(high=CEILING))
    findings: list[Finding] = []
    excluded: list[Pin] = []
    narrowed: list[tuple[Pin, str]] = []
    for pin, text, limits in _limits(pins, evidence, findings):
        tighter = bounds.narrow(limits)
        if tighter == bounds:
            continue
        if not tighter.pythons():
            excluded.append(pin)
            findings.append(_empty(pin, text, bounds.specifier()))
            continue
        if tighter.pythons() != bounds.pythons():
            narrowed.append((pin, text))
            bounds = tighter
    if narrowed:
        findings.append(_narrowed(start, bounds, narrowed, stated=stated, origin=origin))
        why += "; narrowed by " + ", ".join(f"{pin.name} {pin.version} ({text})" for pin, text in narrowed)
    return PythonRange(range=bounds.specifier(), why=why, findings=tuple(findings), excluded=tuple(excluded))


def likely_pythons(asked: SpecifierSet | None, hints: Iterable[PythonHint]) -> tuple[str, ...]:
    """The minor versions that the project is for, before any pin was asked; all of Python 3 where nobody says."""
    start, *_ = _start(asked, hints)
    return pythons_of((start or _Bounds(low=_PYTHON_3)).narrow(_Bounds(high=CEILING)).specifier())


def read_bounds(text: str) -> _Bounds | None:
    """The bounds in a Requires-Python text, lenient as the index is (``>=2.7.*``); None where nothing is understood."""
    lows: list[Version] = []
    highs: list[Version] = []
    nots: list[str] = []
    try:
        clauses = SpecifierSet(re.sub(r"(>=|<=|>|<)\s*([0-9.]+)\.\*", r"\1\2", text.replace("'", "")))
    except InvalidSpecifier:
        return None
    for clause in clauses:
        version = clause.version.removesuffix(".*")
        match clause.operator:
            case ">=" | ">":
                lows.append(Version(version))
            case "<":
                highs.append(Version(version))
            case "<=":
                highs.append(_after(Version(version)))
            case "!=":
                nots.append(clause.version)
            case "~=":
                lows.append(Version(version))
                highs.append(_after(Version(".".join(version.split(".")[:-1]))))
            case _:  # "==" and "===", exact or with a star
                lows.append(Version(version))
                highs.append(_after(Version(version)))
    return _Bounds(max(lows, default=None), min(highs, default=None), frozenset(nots))


@lru_cache(maxsize=4096)
def installs_on_all(requires_python: str | None, range_: SpecifierSet) -> bool:
    """Whether what states ``requires_python`` installs on every Python of ``range_``; what nobody can read does."""
    bounds = read_bounds(requires_python or "")
    if bounds is None:
        return True
    allowed = bounds.specifier()
    return all(allowed.contains(v) for v in _SAMPLES if range_.contains(v))


def _after(version: Version) -> Version:
    *head, last = version.release
    return Version(".".join(str(part) for part in (*head, last + 1)))


def _start(asked: SpecifierSet | None, hints: Iterable[PythonHint]) -> tuple[_Bounds | None, str, bool, Origin | None]:
    if asked is not None:
        return read_bounds(str(asked)) or _Bounds(), "asked for with --python", True, None
    weighty = sorted(hints, key=lambda h: not h.stated)
    for hint in weighty:
        bounds = read_bounds(str(hint.range))
        if bounds is None or not (bounds.low or bounds.high) or (not hint.stated and _is_any(bounds)):
            continue
        for other in weighty:
            # [project] and [tool.poetry] of one file: Poetry takes what both allow
            if hint.stated and other.stated and other.origin.path == hint.origin.path:
                bounds = bounds.narrow(read_bounds(str(other.range)) or _Bounds())
        if not hint.stated and bounds.low is not None and bounds.low < _PYTHON_3:
            bounds = bounds.narrow(_Bounds(high=_PYTHON_3))  # who has Python 2 says nothing of Python 3
        return bounds, f"from {hint.origin}", hint.stated, hint.origin
    return None, "", False, None


def _limits(pins: tuple[Pin, ...], evidence: Evidence, findings: list[Finding]) -> list[tuple[Pin, str, _Bounds]]:
    """What each unconditional pin asks of Python; a pin under a marker is not installed everywhere anyway."""
    found = []
    for pin in sorted(pins, key=lambda p: (p.name, str(p.version))):
        if pin.marker is not None or pin.version is None:
            continue
        fact = evidence.of(pin.name, pin.version)
        if not isinstance(fact, Metadata) or not fact.requires_python:
            continue
        limits = read_bounds(fact.requires_python)
        if limits is None:
            findings.append(
                Finding(
                    code=Code.PYTHON_INFERRED,
                    severity=Severity.NOTE,
                    message=f"{pin.name} {pin.version} states a Python range that nobody can read: "
                    f"{fact.requires_python!r}; it was passed over",
                    origin=pin.origin,
                )
            )
            continue
        found.append((pin, fact.requires_python, limits))
    return found


def _is_any(bounds: _Bounds) -> bool:
    """Whether a hint names no minor version: nixpkgs' ``python3`` is another one each year."""
    return bounds.high is None and bounds.low is not None and len(bounds.low.release) == 1


def _unknown(hints: Iterable[PythonHint]) -> Finding:
    hint = next(iter(hints), None)
    vague = f" ({hint.origin} only says {show_range(hint.range)})" if hint is not None else ""
    return Finding(
        code=Code.PYTHON_UNKNOWN,
        severity=Severity.STOP,
        message=f"Nothing says for which Pythons the project is meant{vague}",
        advice="Name the range, for example --python '>=3.11'",
        origin=hint.origin if hint is not None else None,
    )


def _empty(pin: Pin, text: str, bounds: SpecifierSet) -> Finding:
    return Finding(
        code=Code.PYTHON_EMPTY,
        severity=Severity.REVIEW,
        message=f"{pin.name} {pin.version} installs only on Python {text}, "
        f"which leaves nothing of {show_range(bounds)}",
        advice=f"Choose a range that it allows (--python '{text}'), or let it move with --allow-drift",
        origin=pin.origin,
    )


def _narrowed(
    start: _Bounds, end: _Bounds, by: list[tuple[Pin, str]], *, stated: bool, origin: Origin | None
) -> Finding:
    names = ", ".join(f"{pin.name} {pin.version} ({text})" for pin, text in by)
    return Finding(
        code=Code.PYTHON_NARROWED,
        severity=Severity.REVIEW if stated else Severity.NOTE,
        message=f"The range of Pythons is {show_range(end.specifier())} instead of {show_range(start.specifier())}, "
        f"because of {names}",
        advice="A wider range would make Poetry move these pins" if stated else "",
        origin=origin,
    )
