"""Where the tables and keys of a TOML text stand: a light scan for places, never for values."""

from __future__ import annotations

import re
from typing import TypeAlias

Path: TypeAlias = "tuple[str, ...]"
Span: TypeAlias = "tuple[int, int]"

_SEGMENT = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_SEGMENT}(?:[ \t]*\.[ \t]*{_SEGMENT})*"
_HEADER = re.compile(rf"^[ \t]*\[{{1,2}}[ \t]*(?P<path>{_DOTTED})[ \t]*\]{{1,2}}")
_KEY = re.compile(rf"^[ \t]*(?P<path>{_DOTTED})[ \t]*=")
_PARTS = re.compile(_SEGMENT)


class TomlLines:
    """The lines of a TOML text by the path of what stands there."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")  # splitlines() also ends a line where TOML does not
        self._spans: dict[Path, list[list[int]]] = {}
        self._scan()

    def find(self, *path: str, number: int = 0) -> Span:
        """The first and last line of ``path``, or of what it stands in; ``number`` counts the tables of an array."""
        path = tuple(map(_normal, path))
        for length in range(len(path), 0, -1):
            spans = self._spans.get(path[:length], ())
            if len(spans) > number or (spans and length < len(path)):
                first, last = spans[min(number, len(spans) - 1)]
                return first, last
        return 0, 0

    def find_item(self, text: str, span: Span, after: int = 0) -> Span:
        """The line within ``span``, not before ``after``, that has the string ``text``; ``span`` if there is none."""
        for line in range(max(span[0], after), span[1] + 1):
            if line and any(f"{quote}{text}{quote}" in self._lines[line - 1] for quote in "\"'"):
                return line, line
        return span

    def _scan(self) -> None:
        table: Path = ()
        open_key: list[int] | None = None
        open_table: list[list[int]] = []
        quote = ""
        for number, line in enumerate(self._lines, start=1):
            content = line.strip()
            if not quote:
                if header := _HEADER.match(line):
                    table = _parts(header["path"])
                    open_key, open_table = None, [self._add(table, number)]
                elif key := _KEY.match(line):
                    path = table + _parts(key["path"])
                    open_key = self._add(path, number)
                    for n in range(len(table) + 1, len(path)):
                        if path[:n] not in self._spans:
                            self._add(path[:n], number)
            if content and (quote or not content.startswith("#")):
                for span in (*open_table, *([open_key] if open_key else [])):
                    span[1] = number
            quote = _open_quote(line, quote)

    def _add(self, path: Path, line: int) -> list[int]:
        span = [line, line]
        self._spans.setdefault(path, []).append(span)
        return span


def _parts(dotted: str) -> Path:
    return tuple(_normal(part.strip("\"'")) for part in _PARTS.findall(dotted))


def _normal(part: str) -> str:
    """Names of packages and groups are the same however they are written."""
    return re.sub(r"[-_.]+", "-", part).lower()


def _open_quote(line: str, quote: str) -> str:
    """The delimiter of the multi-line string that is open behind ``line``, empty if none is."""
    for delimiter in re.findall(r"\"\"\"|'''", line):
        if not quote:
            quote = delimiter
        elif delimiter == quote:
            quote = ""
    return quote
