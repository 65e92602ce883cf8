"""Hashes as Nix writes them, to ``algorithm:hex``."""

from __future__ import annotations

import base64
import binascii
import re

_BASE32 = {character: value for value, character in enumerate("0123456789abcdfghijklmnpqrsvwxyz")}
"""Nix's own alphabet; the digits stand in the reverse order."""
_BYTES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
_HEX = re.compile(r"(?i)[0-9a-f]+")


def read_hash(text: str, algorithm: str) -> str | None:
    """``text`` as ``algorithm:hex``, None where it is no hash.

    Nix takes hexadecimal digits, its own base 32, base 64, and all of them with the algorithm before ``:`` or, for
    base 64, before ``-``. ``algorithm`` is the one that the attribute names, ``hash`` where it names none.
    """
    for separator in ":-":
        stated, found, digest = text.partition(separator)
        if found and stated in _BYTES and algorithm in {"hash", stated}:
            return read_hash(digest, stated)
    size = _BYTES.get(algorithm)
    if size is None:
        return None
    raw = _decoded(text, size)
    return None if raw is None else f"{algorithm}:{raw.hex()}"


def _decoded(text: str, size: int) -> bytes | None:
    if len(text) == 2 * size:
        return bytes.fromhex(text) if _HEX.fullmatch(text) else None
    if len(text) == (size * 8 + 4) // 5:
        return _from_base32(text, size)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size else None


def _from_base32(text: str, size: int) -> bytes | None:
    number = 0
    for character in text:
        value = _BASE32.get(character)
        if value is None:
            return None
        number = number * 32 + value
    # the first digit may say more than the size has room for
    return number.to_bytes(size, "little") if number.bit_length() <= size * 8 else None
