"""Poetry's version notation in the words of PEP 440."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from migrator.model.version import AnySpecifier, RawSpecifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry.core.constraints.version import VersionRangeConstraint

_AFTER_PYTHON_2 = (2, 8)
_LONGEST_GAP = 30


@lru_cache(maxsize=1024)
def convert_constraint(text: str, *, python: bool = False) -> AnySpecifier:
    """What Poetry's ``text`` (``^1.2``, ``~1.2``, ``1.*``, ``>=1 <2``, ``~1.2 || ^2``) allows, as a PEP 440 specifier.

    What PEP 440 says as well comes back as written. A union becomes its hull with the gaps taken out by ``!=``
    clauses where those can say it; else the answer is a :class:`~migrator.model.version.RawSpecifier` with Poetry's
    text, as it is for what Poetry refuses too. ``python`` is true for a range of Python versions, of which there
    is none between 2.7 and 3.0.
    """
    text = text.strip()
    if text in {"", "*"}:
        return SpecifierSet()
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        pass
    # a lock rarely needs these, and they cost 25 ms
    from poetry.core.constraints.version import EmptyConstraint, VersionUnion, parse_constraint
    from poetry.core.constraints.version import Version as Exact

    try:
        constraint = parse_constraint(text)
        if isinstance(constraint, VersionUnion):
            clauses = _clauses_of_union(constraint.ranges, python=python)
        elif isinstance(constraint, EmptyConstraint):
            clauses = None
        elif isinstance(constraint, Exact):
            clauses = f"=={constraint}"
        else:
            clauses = "" if constraint.is_any() else str(constraint)
        return RawSpecifier(text=text) if clauses is None else SpecifierSet(clauses)
    except ValueError:  # what Poetry and packaging raise for a text that they refuse
        return RawSpecifier(text=text)


def _clauses_of_union(ranges: Sequence[VersionRangeConstraint], *, python: bool) -> str | None:
    clauses = []
    if (low := ranges[0].min) is not None:
        clauses.append(f"{'>=' if ranges[0].include_min else '>'}{_without_dev(str(low))}")
    for before, after in pairwise(ranges):
        exclusions = _gap(before, after, python=python)
        if exclusions is None:
            return None
        clauses += exclusions
    if (high := ranges[-1].max) is not None:
        clauses.append(f"{'<=' if ranges[-1].include_max else '<'}{_without_dev(str(high))}")
    return ",".join(clauses)


def _gap(before: VersionRangeConstraint, after: VersionRangeConstraint, *, python: bool) -> list[str] | None:
    """The ``!=`` clauses for exactly what lies between two ranges, None where no such clauses exist."""
    if before.max is None or after.min is None:
        return None
    end, start = Version(_without_dev(str(before.max))), Version(_without_dev(str(after.min)))
    if end == start:
        return [] if before.include_max or after.include_min else [f"!={end}"]
    if before.include_max or not after.include_min or end.epoch != start.epoch:
        return None
    if str(end) != end.base_version or str(start) != start.base_version:
        return None
    first, beyond = _stripped(end.release), _stripped(start.release)
    if python and _AFTER_PYTHON_2 <= first < (3,) <= beyond:
        first = (3,)
    prefixes = _prefixes_between(first, beyond)
    epoch = f"{end.epoch}!" if end.epoch else ""
    return None if prefixes is None else [f"!={epoch}{'.'.join(map(str, prefix))}.*" for prefix in prefixes]


def _prefixes_between(first: tuple[int, ...], beyond: tuple[int, ...]) -> list[tuple[int, ...]] | None:
    """The release prefixes that together are everything from ``first`` up to, not including, ``beyond``."""
    if first == beyond:
        return []
    depth = max(len(first), len(beyond), 1)
    low, high = ((*release, *[0] * depth)[:depth] for release in (first, beyond))
    if high[-1] - low[-1] > _LONGEST_GAP:
        return None
    if low[:-1] == high[:-1]:
        return [(*high[:-1], k) for k in range(low[-1], high[-1])]
    if low[-1]:  # from the middle of one prefix into another: PEP 440 cannot name the rest of the first
        return None
    head = _prefixes_between(_stripped(low), high[:-1])
    return None if head is None else [*head, *((*high[:-1], k) for k in range(high[-1]))]


def _without_dev(version: str) -> str:
    """Poetry begins ``==1.2.*`` at ``1.2.dev0``; PEP 440 says it with the plain release."""
    return version.removesuffix(".dev0")


def _stripped(release: tuple[int, ...]) -> tuple[int, ...]:
    while release and not release[-1]:
        release = release[:-1]
    return release
