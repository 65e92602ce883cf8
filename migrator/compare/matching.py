"""Which pin of the one side is which of the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product, zip_longest
from typing import TYPE_CHECKING, TypeAlias

from packaging.markers import Marker
from packaging.version import Version

from migrator.model.project import Pin

from .places import place_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from migrator.model.version import AnyVersion

Pairs: TypeAlias = "list[tuple[Pin, Pin]]"

_MOST_COMPARISONS = 10_000
_FAR = (1 << 62,)


def merge_twins(pins: Iterable[Pin]) -> Mapping[NormalizedName, tuple[Pin, ...]]:
    """The pins by name. Two of one version from one place are one: a base and a dev file often state the same pin.

    It then holds where either of them holds, and has the groups, hashes and needs of both.
    """
    twins: dict[NormalizedName, dict[tuple[object, ...], list[Pin]]] = defaultdict(lambda: defaultdict(list))
    for pin in pins:
        twins[pin.name][pin.version, place_key(pin.source)].append(pin)
    return {name: tuple(sorted(map(_merge, found.values()), key=_own_key)) for name, found in twins.items()}


def _merge(twins: list[Pin]) -> Pin:
    if len(twins) == 1:
        return twins[0]
    first, *_ = twins = sorted(twins, key=repr)  # in the order of the input, the answer would depend on it
    markers = [twin.marker for twin in twins]
    return replace(
        first,
        marker=None if None in markers else _either({str(marker) for marker in markers}),
        groups=frozenset[str]().union(*(twin.groups for twin in twins)),
        hashes=tuple(dict.fromkeys(digest for twin in twins for digest in twin.hashes)),
        needs=tuple(dict.fromkeys(name for twin in twins for name in twin.needs)),
    )


def _either(markers: set[str]) -> Marker:
    return Marker(" or ".join(f"({marker})" for marker in sorted(markers)) if len(markers) > 1 else markers.pop())


def match_pins(old: Sequence[Pin], new: Sequence[Pin]) -> tuple[Pairs, list[Pin], list[Pin]]:
    """The pairs, the old pins without a partner, and the new ones.

    The best pair comes first: the same version before another, then the same marker, then the same place, then the
    nearest version. The order of the pins, and which side is which, make no difference.
    """
    if len(old) * len(new) > _MOST_COMPARISONS:  # nobody's lock; a hostile one must not cost a minute
        rows = list(zip_longest(sorted(old, key=_own_key), sorted(new, key=_own_key)))
        return [(o, n) for o, n in rows if o and n], [o for o, n in rows if not n], [n for o, n in rows if not o]
    pairs: Pairs = []
    gone, come = dict(enumerate(old)), dict(enumerate(new))
    for i, j in sorted(product(gone, come), key=lambda ij: _cost(old[ij[0]], new[ij[1]])):
        if i in gone and j in come:
            pairs.append((gone.pop(i), come.pop(j)))
    return pairs, list(gone.values()), list(come.values())


def _cost(old: Pin, new: Pin) -> tuple[object, ...]:
    return (
        old.version != new.version,
        old.marker != new.marker,
        place_key(old.source) != place_key(new.source),
        _distance(old.version, new.version),
        sorted((_own_key(old), _own_key(new))),
    )


def _distance(old: AnyVersion | None, new: AnyVersion | None) -> tuple[int, ...]:
    """How far two versions are apart: by epoch, then by each number of the release; the first that differs decides."""
    if not isinstance(old, Version) or not isinstance(new, Version):
        return () if old == new else _FAR
    numbers = zip_longest((old.epoch, *old.release), (new.epoch, *new.release), fillvalue=0)
    return tuple(abs(a - b) for a, b in numbers)


def _own_key(pin: Pin) -> tuple[str, str, tuple[str, ...]]:
    return (str(pin.version or ""), str(pin.marker or ""), place_key(pin.source))
