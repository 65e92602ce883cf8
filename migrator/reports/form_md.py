"""The report as GitHub-flavoured Markdown, fit to be posted and replaced by a bot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from migrator.model.artifact import Ownership
from migrator.model.finding import Finding
from migrator.model.form import Form
from migrator.model.outcome import Ended, Outcome
from migrator.model.project import MAIN

from .inert import hide_credentials, shorten, show_invisible, show_lines
from .movement import Difference, Move
from .natives import Native
from .summary import Direct, Login, Place, Summary, WrittenFile, summarise
from .wording import count_of

MARKER = "<!-- migrator-report -->"
"""The first line: by it a bot finds the comment that it has to replace."""

LIMIT = 65_536
"""What a GitHub comment holds. Counted here in bytes of UTF-8, which are never fewer than characters."""

_SHORTENED_FIRST = (
    "What else differs in the lock",
    "Also good to know",
    "Versions that moved, appeared or went",
    "What was not carried over, and why",
    "What still mentions the old tool",
    "What was inferred, and from what",
    "Native inputs and overrides",
    "Direct dependencies",
)
"""Which part loses its last rows first; the others follow from the last to the first, which is what needs eyes."""

_FOLDED_FROM = 25
_CELL = 300
_MESSAGE = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A part of the report. ``rows`` are what is dropped, from the end, when the report is too long."""

    title: str
    rows: tuple[str, ...]
    head: tuple[str, ...] = ()
    """Lines that belong to the rows: a table's header."""
    before: str = ""
    after: str = ""
    folded: bool = False
    dropped: int = 0


def render_markdown(outcome: Outcome) -> str:
    """The whole report, at most :data:`LIMIT` bytes; what had to be left out for that is counted where it stood."""
    summary = summarise(hide_credentials(outcome))
    parts = tuple(part for part in _list_parts(summary) if part.rows or part.before)
    text = _join(summary, parts)
    excess = len(text.encode()) - LIMIT
    return _join(summary, _drop_rows(parts, excess)) if excess > 0 else text


FORM = Form(name="md", suffix=".md", render=render_markdown)


def _join(summary: Summary, parts: tuple[_Part, ...]) -> str:
    title = (
        f"Migration to Poetry: {_prose(shorten(summary.project, 100))}" if summary.project else "Migration to Poetry"
    )
    blocks = [MARKER, f"# {title}", f"**{_prose(summary.verdict)}.**"]
    if summary.counts.pins and summary.locked:
        locker = f", made by Poetry {_prose(shorten(summary.poetry, 20))}," if summary.poetry else ""
        blocks.append(
            f"A version is kept when the new `poetry.lock`{locker} names the one that the old files pinned; "
            "a hash set is proven when every hash that they had for it stands in the lock."
        )
    if any(part.dropped for part in parts):
        blocks.append(
            "This report is shortened to fit a comment; the whole stands in the one that `--report report.json` writes."
        )
    for part in parts:
        blocks.append(f"## {part.title}")
        if part.before:
            blocks.append(part.before)
        if part.folded and part.rows:
            blocks.append(f"<details><summary>{count_of(len(part.rows) + part.dropped, 'row')}</summary>")
        if part.rows:
            blocks.append("\n".join((*part.head, *part.rows)))
        if part.folded and part.rows:
            blocks.append("</details>")
        if part.dropped:
            blocks.append(f"*{count_of(part.dropped, 'row')} left out here.*")
        if part.after and part.rows:
            blocks.append(part.after)
    return "\n\n".join(blocks) + "\n"


def _drop_rows(parts: tuple[_Part, ...], excess: int) -> tuple[_Part, ...]:
    """``parts`` without the least weighty rows; a first round leaves the head of every part."""
    excess += 150 + 40 * len(parts)  # the sentences that say so
    weight = {title: place for place, title in enumerate(_SHORTENED_FIRST)}
    order = sorted(range(len(parts)), key=lambda place: (weight.get(parts[place].title, len(weight)), -place))
    keep = [len(part.rows) for part in parts]
    for floor in (_FOLDED_FROM, 0):
        for place in order:
            while keep[place] > floor and excess > 0:
                keep[place] -= 1
                excess -= len(parts[place].rows[keep[place]].encode()) + 1
    return tuple(
        replace(part, rows=part.rows[:kept], dropped=len(part.rows) - kept)
        for part, kept in zip(parts, keep, strict=True)
    )


def _list_parts(summary: Summary) -> Iterable[_Part]:
    yield _show_eyes(summary)
    yield _show_direct(summary.direct)
    yield _show_moves(summary)
    yield _table(
        "What else differs in the lock",
        ("Package", "Version", "What", "Before", "Now", "Why"),
        (_difference_cells(row) for row in summary.differences),
        fold=True,
    )
    yield _table(
        "Native inputs and overrides",
        ("Package", "Needs", "Provided by", "Why"),
        (_native_cells(row) for row in summary.natives),
    )
    yield _table(
        "Sources and credentials",
        ("Source", "Address", "Priority", "From", "Credentials"),
        (_login_cells(row) for row in summary.logins),
        after="Credentials never stand in a written file: set the two variables where `poetry` runs.",
    )
    yield _show_inferred(summary)
    yield _list("What was not carried over, and why", summary.told(Place.NOT_CARRIED))
    yield _list("What still mentions the old tool", summary.told(Place.LEFTOVERS))
    yield _list("Also good to know", summary.told(Place.TOLD))
    yield _table(
        _FILES[summary.ended],
        ("File", "Changed", "Whose it is"),
        (_file_cells(row) for row in summary.files),
    )
    yield _show_undo(summary)


_FILES = {
    Ended.WRITTEN: "Files written",
    Ended.UNCHANGED: "Files",
    Ended.DRY_RUN: "Files that would be written",
    Ended.STOPPED: "Files",
}


def _table(
    title: str,
    header: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    *,
    after: str = "",
    fold: bool = False,
) -> _Part:
    lines = tuple(f"| {' | '.join(cells)} |" for cells in rows)
    head = (f"| {' | '.join(header)} |", "|" + " --- |" * len(header))
    return _Part(title=title, head=head, rows=lines, after=after, folded=fold or len(lines) > _FOLDED_FROM)


def _list(title: str, findings: tuple[Finding, ...]) -> _Part:
    rows = tuple(_show_finding(finding) for finding in findings)
    return _Part(title=title, rows=rows, folded=len(rows) > _FOLDED_FROM)


def _show_eyes(summary: Summary) -> _Part:
    rows = tuple(_show_finding(finding, weigh=True) for finding in summary.told(Place.EYES))
    return _Part(title="What needs your eyes", rows=rows, before="" if rows else "Nothing.")


def _show_direct(entries: tuple[Direct, ...]) -> _Part:
    grouped = any(entry.group != MAIN for entry in entries)
    after = ""
    if any(entry.constraint.startswith("^") for entry in entries):
        after = (
            "These are what the project itself asks for. `^1.2.3` allows later versions below the next major one; "
            "what is installed is the one version that `poetry.lock` names."
        )
    header = ("Package", "Old line", "Where", "In pyproject.toml", *(("Group",) if grouped else ()), "Why")
    rows = (
        (
            _code(entry.name),
            _code(entry.was),
            _code(entry.origin),
            _phrase(_code(entry.constraint), *(_prose(shorten(text, _CELL)) for text in entry.beside)),
            *((_code(entry.group),) if grouped else ()),
            _cell(entry.why),
        )
        for entry in entries
    )
    return _table("Direct dependencies", header, rows, after=after)


def _show_moves(summary: Summary) -> _Part:
    part = _table(
        "Versions that moved, appeared or went",
        ("", "Package", "Before", "Now", "Why"),
        (_move_cells(move) for move in summary.moves),
    )
    if not summary.locked or any(move.kind != "appeared" for move in summary.moves):
        return part
    return replace(part, before="No version of before moved or went." if part.rows else "None.")


def _move_cells(move: Move) -> tuple[str, ...]:
    return (move.kind, _code(move.name), _code(move.old), _code(move.new), _cell(move.why))


def _difference_cells(row: Difference) -> tuple[str, ...]:
    old, new = (_cell(text) if row.kind.startswith("hashes") else _code(text) for text in (row.old, row.new))
    return (_code(row.name), _code(row.version), row.kind, old, new, _cell(row.why))


def _native_cells(row: Native) -> tuple[str, ...]:
    return (_code(row.package), _phrase(*(_code(name) for name in row.inputs)), row.provider, _cell(row.why))


def _login_cells(row: Login) -> tuple[str, ...]:
    ways = " and ".join(_code(name) for name in row.variables) or _code(row.command)
    need = f"taken out of the old file: set {ways}" if row.stated else f"none stated; where it asks, set {ways}"
    if not row.variables:
        need = need.replace("set ", "run ", 1)
    return (_code(row.name), _code(row.url), row.priority, _code(row.origin), need)


def _show_inferred(summary: Summary) -> _Part:
    rows = [_show_finding(finding) for finding in summary.told(Place.INFERRED)]
    if summary.python:
        rows.insert(0, f"- Python {_code(summary.python)}: {_cell(summary.python_why) or 'as stated'}")
    return _Part(title="What was inferred, and from what", rows=tuple(rows), folded=len(rows) > _FOLDED_FROM)


_OWNERS = {
    Ownership.GENERATED: "generated: a later run may overwrite it",
    Ownership.MERGED: "yours: a later run changes our parts only",
    Ownership.SEEDED: "yours from now on",
    None: "",
}


def _file_cells(row: WrittenFile) -> tuple[str, ...]:
    return (_code(row.path), "yes" if row.changed else "no", _OWNERS[row.ownership])


def _show_undo(summary: Summary) -> _Part:
    if not summary.go_back:
        return _Part(title="How to go back", rows=())
    lines = [line for command, does in summary.go_back for line in (f"# {does}", show_invisible(command))]
    before = "The old files stand where they stood. After a commit, `git revert` takes the migration back."
    return _Part(title="How to go back", before=before, rows=("\n".join(("```sh", *lines, "```")),))


def _show_finding(finding: Finding, *, weigh: bool = False) -> str:
    words = [f"**{finding.severity.value}**"] if weigh else []
    words.append(f"`{finding.code.value}`")
    if finding.origin:
        words.append(_code(str(finding.origin)))
    lines = [" ".join(words) + ":", *map(_prose, show_lines(finding.message, _MESSAGE))]
    advice = show_lines(finding.advice, _MESSAGE)
    if advice:
        lines.append("*What to do:* " + "<br>".join(map(_prose, advice)))
    return "- " + "<br>".join(lines)


def _phrase(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _cell(text: str) -> str:
    return "<br>".join(map(_prose, show_lines(text, _MESSAGE)))


_PLAIN_CODE = re.compile(r"[^\\`|\s](?:[^\\`|]*[^\\`|\s])?")


def _code(text: str) -> str:
    """A value as code: nothing in it is a mention, a link or markup; an empty one is an empty cell."""
    text = show_invisible(shorten(text.strip(), _CELL))
    if not text or _PLAIN_CODE.fullmatch(text):
        return text and f"`{text}`"
    # a backtick, a pipe or a backslash: the dialects differ on what escapes what inside a code span
    inner = "".join(c if c.isalnum() or c in " -" else f"&#{ord(c)};" for c in text)
    return f"<code>{inner}</code>"


_LINKING = re.compile(r"@\w|://|www\.|#\d|\bgh-\d|:\w+:", re.IGNORECASE)
_ACTIVE = re.compile(r"[*\[\]~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES = str.maketrans({c: f"&#{ord(c)};" for c in "\\`|"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def _prose(text: str) -> str:
    """A sentence as text. A word that GitHub would link, draw or call by name (``@name``) becomes code."""
    text = show_invisible(text)
    if not _LINKING.search(text):
        return _escape(text)
    words = re.split(r"(\s+)", text)
    return "".join(_defuse(word) if _LINKING.search(word) else _escape(word) for word in words)


def _defuse(word: str) -> str:
    core = word.strip("\"'()[]{}<>,.;:!?`")
    start = word.find(core)
    return _escape(word[:start]) + _code(core) + _escape(word[start + len(core) :])


def _escape(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text.translate(_ENTITIES))
