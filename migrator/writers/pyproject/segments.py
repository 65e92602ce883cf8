"""A TOML text in pieces that are TOML by themselves."""

from __future__ import annotations

import re
import tomllib

# a line separator of Unicode ends no line of TOML
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def split(text: str) -> list[str]:
    """Each table with its header and the comments behind it; joined, the pieces are ``text`` again."""
    segments: list[str] = []
    piece: list[str] = []
    for line in _LINE.findall(text):
        if line.lstrip(" \t").startswith("[") and _is_toml("".join(piece)):
            segments.append("".join(piece))
            piece = []
        piece.append(line)
    return [*segments, "".join(piece)]


def _is_toml(text: str) -> bool:
    """Whether ``text`` ends outside of any array and string."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
