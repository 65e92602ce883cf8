"""A report as a tree of a few kinds of blocks: built once, shown as Markdown, HTML and plain text.

Nothing in it is escaped: every text is as the inputs gave it, without credentials, and what shows it makes it inert.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """Words, perhaps of several lines. What stands between two backticks is shown as code."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A value: a name, a version, a place, a command. Empty values show nothing."""

    text: str


Inline: TypeAlias = Text | Code
Cell: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows of as many cells as the header has."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One remark: what it is about, what is so, what to do. ``weight`` is a word that comes first, or empty."""

    head: Cell
    text: str
    advice: str = ""
    weight: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list of remarks."""

    rows: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Commands:
    """What to type: each command with what it does."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A node of a picture: what is written on it, and whether it is a native input (or else a package)."""

    label: str
    native: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """From the node at place ``start`` to the one at ``end``; ``indirect`` where packages in between are left out."""

    start: int
    end: int
    label: str = ""
    indirect: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A small graph. Forms that cannot draw leave it out: it says nothing that the tables do not say."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


Body: TypeAlias = Table | Items | Commands | Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A titled part. ``before`` and ``after`` are sentences of ours around the ``body``; ``after`` belongs to its rows.

    ``rank`` says how much it matters: where a form has to shorten, the lowest loses its last rows first. ``folded``
    asks for being closed at first, where that can be.
    """

    title: str
    rank: int
    body: Body | None = None
    before: str = ""
    after: str = ""
    folded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A whole report. ``mark`` tells reports of different kinds from one another; ``lead`` are the first paragraphs."""

    mark: str
    title: str
    verdict: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]


_BACKTICKS = re.compile(r"`([^`\n]+)`")


def split_words(text: str) -> tuple[Inline, ...]:
    """``text`` in pieces: what stands between two backticks is a value."""
    pieces = _BACKTICKS.split(text)
    if len(pieces) == 1:
        return (Text(text=text),)
    inlines = (Code(text=piece) if place % 2 else Text(text=piece) for place, piece in enumerate(pieces))
    return tuple(piece for piece in inlines if piece.text)


def listed(parts: Iterable[Inline]) -> Cell:
    """``parts`` with commas between them; empty ones are left out."""
    cell: list[Inline] = []
    for part in parts:
        if part.text:
            cell += [Text(text=", "), part] if cell else [part]
    return tuple(cell)
