"""Whether these are the same bytes: what two sets of hashes of one version prove."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from migrator.model.change import HashVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


def judge_hashes(old: Iterable[str], new: Iterable[str]) -> HashVerdict:
    """What became of the ``old`` hashes (``algorithm:hex``) of one version.

    Only algorithms on both sides can be compared; hex digests of the wrong length and Nix's base32 cannot. An old
    hash that is gone while there are new ones is a ``MISMATCH``: the new side would install bytes that the old one
    refused, and not install those that it ran. ``SUBSET`` is the one loss without alarm: some old files are gone
    (an ``.egg``, a yanked file), and every file that is left was known before.
    """
    known, found = _by_algorithm(old), _by_algorithm(new)
    verdicts = {_judge(known[algorithm], found[algorithm]) for algorithm in known.keys() & found.keys()}
    if not verdicts:
        return HashVerdict.NOT_COMPARABLE
    if {HashVerdict.SUPERSET, HashVerdict.SUBSET} <= verdicts:
        return HashVerdict.MISMATCH
    return worst_verdict(verdicts)


def worst_verdict(verdicts: Iterable[HashVerdict]) -> HashVerdict:
    """The one of ``verdicts`` that a person should see first; ``SAME`` when there is none."""
    return max(verdicts, key=_ALARM.index, default=HashVerdict.SAME)


_ALARM = (
    HashVerdict.SAME,
    HashVerdict.SUPERSET,
    HashVerdict.SUBSET,
    HashVerdict.NOT_COMPARABLE,
    HashVerdict.MISMATCH,
)


def normal_hash(text: str) -> str:
    """One hash as it is compared: hex digests are the same in either case, nothing else is."""
    hex_digest = _read_hex(text)
    return ":".join(hex_digest) if hex_digest else text


@lru_cache(maxsize=65536)
def _read_hex(text: str) -> tuple[str, str] | None:
    """Algorithm and hex digest in lower case, None for what is no such digest or not as long as one."""
    algorithm, _, digest = text.lower().partition(":")
    return (algorithm, digest) if len(digest) == _LENGTHS.get(algorithm) and _HEX.fullmatch(digest) else None


def _by_algorithm(hashes: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for algorithm, digest in filter(None, map(_read_hex, hashes)):
        found[algorithm].add(digest)
    return found


def _judge(old: set[str], new: set[str]) -> HashVerdict:
    if old == new:
        return HashVerdict.SAME
    if old < new:
        return HashVerdict.SUPERSET
    return HashVerdict.SUBSET if new < old else HashVerdict.MISMATCH
