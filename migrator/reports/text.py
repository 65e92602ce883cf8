"""A document as plain text for a file: the whole of it, in lines of at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import partial

from .document import Cell, Commands, Document, Items, Picture, Section, Table
from .inert import show_invisible

_WIDTH = 100


def show_text(document: Document) -> str:
    """The whole document; nothing is shortened, and what cannot be seen is written out."""
    return "\n".join(_list_lines(document)) + "\n"


def _list_lines(document: Document) -> Iterator[str]:
    yield from _wrap(f"{document.mark}: {document.title}", "", "  ")
    yield ""
    yield from _wrap(document.verdict, "", "")
    for paragraph in document.lead:
        yield ""
        yield from _wrap(paragraph, "", "")
    for section in document.sections:
        if not isinstance(section.body, Picture):
            yield ""
            yield ""
            yield from _show_section(section)


def _show_section(section: Section) -> Iterator[str]:
    yield section.title
    yield "-" * len(section.title)
    if section.before:
        yield from _wrap(section.before, "", "")
    match section.body:
        case Table(header=header, rows=rows):
            for row in rows:
                yield ""
                yield from _show_row(header, row)
        case Items(rows=items):
            for item in items:
                yield ""
                weight = f"{item.weight}  " if item.weight else ""
                yield from _wrap(weight + "  ".join(part.text for part in item.head), "", "  ")
                yield from _wrap(item.text, "  ", "  ")
                if item.advice:
                    yield from _wrap(item.advice, "  -> ", "     ")
        case Commands(rows=commands):
            for command, does in commands:
                yield ""
                yield from _wrap(does, "  # ", "  # ")
                # a command that is broken in two is none
                yield f"  {show_invisible(command)}"
        case Picture() | None:
            pass
    if section.after:
        yield ""
        yield from _wrap(section.after, "", "")


def _show_row(header: tuple[str, ...], row: tuple[Cell, ...]) -> Iterator[str]:
    """What the row is about on one line (with a column that has no title), each other cell under it with its title."""
    texts = ["".join(part.text for part in cell) for cell in row]
    heads = 1 if header[0] else 2
    yield from _wrap("  ".join(texts[:heads]), "", "  ")
    width = max(map(len, header)) + 2
    for title, text in zip(header[heads:], texts[heads:], strict=True):
        yield from _wrap(text, f"  {title:<{width}}", " " * (width + 2))


def _wrap(text: str, first: str, other: str) -> Iterator[str]:
    wrap = partial(textwrap.wrap, width=_WIDTH, break_on_hyphens=False)
    start = first
    for raw in text.splitlines():
        line = show_invisible(raw.replace("\t", " ").strip())
        for piece in wrap(line, initial_indent=start, subsequent_indent=other):
            yield piece.rstrip()
            start = other
