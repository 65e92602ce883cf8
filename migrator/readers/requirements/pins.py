"""The fast path: ``name[extras]==version ; marker --hash=…``, which is most of all lines ever written.

Only what :mod:`.statements` reads the same way may match here; a property test holds that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?:\[(?P<extras>[a-z0-9]+(?:[_-][a-z0-9]+)*(?:, ?[a-z0-9]+(?:[_-][a-z0-9]+)*)*)\])?"
    r" *== *(?P<version>[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?)"
    r"(?: *; *(?P<marker>[a-z_]+(?: ?[^-\s;${}])+))?"
    r"(?P<hashes>(?: +--hash=(?:sha256|sha384|sha512):[0-9a-f]+)*)"
)


class PlainPin(NamedTuple):
    """What a plain pin says."""

    name: NormalizedName
    raw_name: str
    version: Version
    specifier: SpecifierSet
    extras: frozenset[str]
    marker: Marker | None
    hashes: tuple[str, ...]


def read_pin(text: str) -> PlainPin | None:
    """``text`` as a plain pin, None where it is anything else."""
    match = _PIN.fullmatch(text)
    if match is None:
        return None
    name, extras, version, condition, hashes = match.groups()
    if len(version) > _LONGEST_VERSION:
        return None
    marker = None
    if condition is not None:
        marker = _read_marker(condition)
        if marker is None:
            return None
    return PlainPin(
        canonicalize_name(name),
        name,
        *_read_version(version),
        frozenset(extra.strip() for extra in extras.split(",")) if extras else _NO_EXTRAS,
        marker,
        tuple(part.strip() for part in hashes.split("--hash=")[1:]) if hashes else (),
    )


_NO_EXTRAS: frozenset[str] = frozenset()
_LONGEST_VERSION = 200  # Python refuses to read numbers of more than 4,300 digits


@lru_cache(maxsize=4096)
def _read_version(text: str) -> tuple[Version, SpecifierSet]:
    return Version(text), SpecifierSet("==" + text)


@lru_cache(maxsize=1024)
def _read_marker(text: str) -> Marker | None:
    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        return None
