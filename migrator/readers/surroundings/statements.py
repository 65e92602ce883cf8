"""The statements of a script, an image or a pipeline: lines that end in a backslash go on in the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

LONGEST_LINE = 5_000
_MOST_LINES = 40


class Line(NamedTuple):
    """One line of a statement: its number, and where it begins and ends in the statement's text."""

    number: int
    begin: int
    end: int


class Statement(NamedTuple):
    """``text`` is what the lines say together, as a shell joins them."""

    text: str
    lines: tuple[Line, ...]


def split_statements(text: str) -> Iterator[Statement]:
    """The statements of ``text``, in order.

    What is far too long is cut between two words, and a word that the cut tears apart is left out: it may be half an
    address, and nobody would see the secret in that.
    """
    joined, lines, is_torn = "", list[Line](), False
    for number, written in enumerate(text.split("\n"), start=1):
        whole = written.rstrip("\r")
        goes_on = whole.endswith("\\")
        line = whole.removesuffix("\\")
        if is_long := len(line) > LONGEST_LINE:
            line = line[:LONGEST_LINE].rpartition(" ")[0]
        is_inside = is_torn and goes_on and " " not in line
        line = line.partition(" ")[2] if is_torn else line
        lines.append(Line(number, len(joined), len(joined) + len(line)))
        joined += line
        is_torn = goes_on and (is_inside or is_long or len(lines) == _MOST_LINES or len(joined) > LONGEST_LINE)
        if is_torn or not goes_on:
            yield Statement(joined.rpartition(" ")[0] if is_torn else joined, tuple(lines))
            joined, lines = "", []
    if lines:
        yield Statement(joined, tuple(lines))
