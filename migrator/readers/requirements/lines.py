"""Physical lines to logical lines, by pip's rules.

A backslash continues a line only as its very last character, a comment line ends a continuation, and a comment
begins at a ``#`` at the start or after white space, so that ``url#egg=name`` is safe. Lines end where
``str.splitlines`` says, form feeds and U+2028 included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# pip searches (^|\s+)#.*$, which is quadratic on long runs of blanks; stripping afterwards gives the same
_COMMENT = re.compile(r"(?:^|\s)#")


class Line(NamedTuple):
    """One logical line: ``text`` without comment and outer blanks; ``comment`` is what follows ``#``, None for none."""

    start: int
    end: int
    text: str
    comment: str | None


def read_lines(content: str) -> Iterator[Line]:
    """The logical lines of ``content``, blank ones left out; one of backslashes alone has no text and no comment."""
    parts: list[str] = []
    start = 0
    number = 0
    for number, physical in enumerate(content.splitlines(), start=1):
        if physical.endswith("\\") and not _is_comment(physical):
            start = start or number
            parts.append(physical.strip("\\"))
            continue
        if parts:
            # the blank lets a comment line be seen as a comment after joining
            parts.append(" " + physical if _is_comment(physical) else physical)
            yield _split(start, number, "".join(parts))
            parts.clear()
            start = 0
        elif physical and not physical.isspace():
            yield _split(number, number, physical)
    if parts:
        yield _split(start, number, "".join(parts))


def _is_comment(physical: str) -> bool:
    return "#" in physical and physical.lstrip().startswith("#")


def _split(start: int, end: int, joined: str) -> Line:
    found = _COMMENT.search(joined) if "#" in joined else None
    if found is None:
        return Line(start, end, joined.strip(), None)
    return Line(start, end, joined[: found.start()].strip(), joined[found.end() :].rstrip())
