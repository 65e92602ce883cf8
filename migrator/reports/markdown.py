"""A document as GitHub-flavoured Markdown, fit to be posted and replaced by a bot."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .document import (
    Cell,
    Code,
    Commands,
    Document,
    Inline,
    Item,
    Items,
    Node,
    Picture,
    Section,
    Table,
    split_words,
)
from .inert import shorten, show_invisible, show_lines
from .inert_md import show_code, show_prose
from .wording import count_of

LIMIT = 65_536
"""What a GitHub comment holds. Counted here in bytes of UTF-8, which are never fewer than characters."""

_FOLDED_FROM = 25
_MESSAGE = 2_000
_LABEL = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A section as text. ``rows`` are what is dropped, from the end, when the report is too long."""

    section: Section
    rows: tuple[str, ...]
    head: tuple[str, ...] = ()
    """Lines that belong to the rows: a table's header."""
    dropped: int = 0

    @property
    def folded(self) -> bool:
        return self.section.folded or len(self.rows) + self.dropped > _FOLDED_FROM


def mark_line(mark: str) -> str:
    """The first line: by it a bot finds the comment that it has to replace."""
    return f"<!-- {mark} -->"


def show_markdown(document: Document) -> str:
    """The document, at most :data:`LIMIT` bytes; what had to be left out for that is counted where it stood."""
    parts = tuple(map(_show_section, document.sections))
    text = _join(document, parts)
    excess = len(text.encode()) - LIMIT
    return _join(document, _drop_rows(parts, excess)) if excess > 0 else text


def _join(document: Document, parts: tuple[_Part, ...]) -> str:
    title, verdict = shorten(document.title, 150), shorten(document.verdict, _MESSAGE)
    blocks = [mark_line(document.mark), f"# {show_prose(title)}", f"**{show_prose(verdict)}**"]
    blocks += map(_show_text, document.lead)
    if any(part.dropped for part in parts):
        blocks.append(
            "This report is shortened to fit a comment: the same command with `--report report.html` writes the whole."
        )
    for part in parts:
        section = part.section
        blocks.append(f"## {section.title}")
        if section.before:
            blocks.append(_show_text(section.before))
        if part.rows:
            if part.folded:
                blocks.append(f"<details><summary>{_count_rows(part)}</summary>")
            blocks.append("\n".join((*part.head, *part.rows)))
            if part.folded:
                blocks.append("</details>")
        if part.dropped:
            noun = "picture" if isinstance(section.body, Picture) else "row"
            blocks.append(f"*{count_of(part.dropped, noun)} left out here.*")
        if section.after and part.rows:
            blocks.append(_show_text(section.after))
    return "\n\n".join(blocks) + "\n"


def _count_rows(part: _Part) -> str:
    return "the picture" if isinstance(part.section.body, Picture) else count_of(len(part.rows) + part.dropped, "row")


def _drop_rows(parts: tuple[_Part, ...], excess: int) -> tuple[_Part, ...]:
    """``parts`` without the least weighty rows; a first round leaves the head of every part."""
    excess += 200 + 40 * len(parts)  # the sentences that say so
    order = sorted(range(len(parts)), key=lambda place: parts[place].section.rank)
    keep = [len(part.rows) for part in parts]
    for floor in (_FOLDED_FROM, 0):
        for place in order:
            # a picture says nothing that the tables do not say, so it goes first and whole
            while keep[place] > (0 if isinstance(parts[place].section.body, Picture) else floor) and excess > 0:
                keep[place] -= 1
                excess -= len(parts[place].rows[keep[place]].encode()) + 1
    return tuple(
        replace(part, rows=part.rows[:kept], dropped=len(part.rows) - kept)
        for part, kept in zip(parts, keep, strict=True)
    )


def _show_section(section: Section) -> _Part:
    match section.body:
        case Table(header=header, rows=rows):
            lines = tuple(f"| {' | '.join(map(_show_cell, row))} |" for row in rows)
            return _Part(section=section, rows=lines, head=(f"| {' | '.join(header)} |", "|" + " --- |" * len(header)))
        case Items(rows=items):
            return _Part(section=section, rows=tuple(map(_show_item, items)))
        case Commands(rows=commands):
            lines = tuple(line for command, does in commands for line in (f"# {does}", show_invisible(command)))
            return _Part(section=section, rows=("\n".join(("```sh", *lines, "```")),))
        case Picture() as picture:
            return _Part(section=section, rows=(show_picture(picture),))
        case None:
            return _Part(section=section, rows=())


def _show_item(item: Item) -> str:
    words = [f"**{item.weight}**"] if item.weight else []
    words += map(_show_inline, item.head)
    lines = [" ".join(words) + ":", *map(_show_words, show_lines(item.text, _MESSAGE))]
    advice = show_lines(item.advice, _MESSAGE)
    if advice:
        lines.append("*What to do:* " + "<br>".join(map(_show_words, advice)))
    return "- " + "<br>".join(lines)


def _show_cell(cell: Cell) -> str:
    return "".join(map(_show_inline, cell))


def _show_inline(inline: Inline) -> str:
    return show_code(inline.text) if isinstance(inline, Code) else _show_text(inline.text)


def _show_text(text: str) -> str:
    # a comma and a blank between two values are text too, and lines lose the blanks at their ends
    if text.isspace() or ("\n" not in text and text.isprintable() and len(text) <= _MESSAGE):
        return _show_words(text)
    return "<br>".join(map(_show_words, show_lines(text, _MESSAGE)))


def _show_words(line: str) -> str:
    return "".join(
        show_code(piece.text) if isinstance(piece, Code) else show_prose(piece.text) for piece in split_words(line)
    )


def show_picture(picture: Picture) -> str:
    """A picture as a fence for mermaid; a label can be nothing but a label."""
    lines = ["```mermaid", "graph LR"]
    lines += (f"  n{place}{_shape(node)}" for place, node in enumerate(picture.nodes))
    for edge in picture.edges:
        line = "-.->" if edge.indirect else "-->"
        named = f"|{_label(edge.label)}|" if edge.label else ""
        lines.append(f"  n{edge.start} {line}{named} n{edge.end}")
    return "\n".join((*lines, "```"))


def _shape(node: Node) -> str:
    return f"([{_label(node.label)}])" if node.native else f"[{_label(node.label)}]"


_DRAWN_AS_IT_IS = re.compile(r"[A-Za-z0-9 ]|(?<=[A-Za-z0-9])[._-](?=[A-Za-z0-9])")


def _label(text: str) -> str:
    """A label between quotes. Mermaid has entities of its own (``#35;``); else HTML and Markdown count in labels."""
    text = show_invisible(shorten(text.strip(), _LABEL)) or "-"
    plain = {match.start() for match in _DRAWN_AS_IT_IS.finditer(text)}
    return '"' + "".join(c if place in plain else f"#{ord(c)};" for place, c in enumerate(text)) + '"'
