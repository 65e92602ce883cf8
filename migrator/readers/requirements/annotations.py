"""What pip-compile and uv write into comments: who asked for a package, and what compiled the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from .lines import Line

_VIA = re.compile(r"via(?:\s+(?P<who>.*))?")
_HEADER = re.compile(r"(?i)(?:auto-?)?generated\s+by\s+(?:pip-compile|uv|pip-tools)\b")
_PYTHON = re.compile(
    r"(?i)(?:by\s+pip-compile\s+with\s+python\s+|--python-version(?:\s+|=))['\"]?(?P<python>3\.\d+(?:\.\d+)?)\b"
)
_HEADER_LINES = 40
_INDENT = "  "


@dataclass(frozen=True, kw_only=True, slots=True)
class CompileHeader:
    """A file that a tool compiled. ``python`` is the range its Python hints at, which ``line`` names."""

    python: SpecifierSet | None = None
    line: int = 0


def read_header(lines: Sequence[Line]) -> CompileHeader | None:
    """The header of pip-compile or uv among the first comments of a file, None for a file written by hand."""
    compiled = False
    for line in lines[:_HEADER_LINES]:
        if line.text or line.comment is None:
            break
        compiled = compiled or _HEADER.search(line.comment) is not None
        python = _PYTHON.search(line.comment) if compiled else None
        if python is not None:
            return CompileHeader(python=SpecifierSet(f">={python['python']}"), line=line.start)
    return CompileHeader() if compiled else None


def take_via(lines: Sequence[Line], index: int) -> tuple[tuple[str, ...], int] | None:
    """Who asked for the entry at ``index``, and the index of the last line that says so.

    Both layouts are read: ``# via a, b`` on the entry's own line, and ``# via`` with one name a line below. A name
    may be a file (``-r requirements.in``) or carry its place (``shop (pyproject.toml)``). None where no line says it.
    """
    last = index
    if lines[index].comment is None:
        if not _continues(lines, index):
            return None
        last = index + 1
    begins = _VIA.fullmatch((lines[last].comment or "").strip())
    if begins is None:
        return None
    who = _split(begins["who"] or "")
    while not begins["who"] and _continues(lines, last):
        comment = lines[last + 1].comment or ""
        if not comment.startswith(_INDENT):
            break
        who.extend(_split(comment))
        last += 1
    return tuple(who), last


def _continues(lines: Sequence[Line], index: int) -> bool:
    """Whether the next line is a comment alone, without a blank line between."""
    after = lines[index + 1] if index + 1 < len(lines) else None
    return after is not None and not after.text and after.comment is not None and after.start == lines[index].end + 1


def _split(who: str) -> list[str]:
    return [name for part in who.split(",") if (name := part.strip())]
