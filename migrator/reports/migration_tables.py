"""The long tables of a migration's report: what is the same in most rows is said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from migrator.model.finding import Finding
from migrator.model.project import MAIN

from .document import Cell, Code, Table, Text, listed
from .summary import Direct

_OFTEN = 6
"""A reason that so many rows share stands below the table."""


def lay_out_direct(entries: tuple[Direct, ...]) -> tuple[Table, str]:
    """The direct dependencies, and what explains the table below it."""
    usual = _find_usual_reason(entries)
    columns = {
        "In poetry.lock": any(entry.locked for entry in entries),
        "Group": any(entry.group != MAIN for entry in entries),
        "Why": any(entry.why != usual for entry in entries),
    }
    header = ("Package", "Asked for before", "Where", "In pyproject.toml", *(name for name in columns if columns[name]))
    rows = tuple(_show_direct(entry, usual, columns) for entry in entries)
    return Table(header=header, rows=rows), " ".join(_explain_direct(entries, usual, columns))


def _find_usual_reason(entries: tuple[Direct, ...]) -> str:
    """The reason that most rows share, empty where none is shared by many."""
    ((reason, number),) = Counter(entry.why for entry in entries).most_common(1)
    return reason if number >= _OFTEN else ""


def _show_direct(entry: Direct, usual: str, columns: dict[str, bool]) -> tuple[Cell, ...]:
    more: dict[str, Cell] = {
        "In poetry.lock": listed(Code(text=version) for version in entry.locked),
        "Group": (Code(text=entry.group),),
        "Why": (Text(text="" if entry.why == usual else entry.why),),
    }
    return (
        (Code(text=entry.name),),
        (Code(text=entry.was),),
        (Code(text=entry.origin),),
        listed((Code(text=entry.constraint), *(Text(text=text) for text in entry.beside))),
        *(cell for name, cell in more.items() if columns[name]),
    )


def _explain_direct(entries: tuple[Direct, ...], usual: str, columns: dict[str, bool]) -> Iterator[str]:
    if usual:
        yield f"Why, where nothing else stands: {usual}." if columns["Why"] else f"Why, for each of them: {usual}."
    if columns["In poetry.lock"]:
        yield "What is installed is the version in poetry.lock; the range only says how far an update may go."
    if any(entry.constraint.startswith("^") for entry in entries):
        yield "`^1.2.3` allows updates below 2.0, `^0.2.3` below 0.3."
    if any(entry.constraint == "*" for entry in entries):
        yield "`*` allows any version."
    if any(entry.constraint.startswith("~=") for entry in entries):
        yield "`~=1.2` allows updates below 2.0, `~=1.2.3` below 1.3."
    if columns["Group"]:
        yield "The group main is what production installs; the others are for developers."


def lay_out_leftovers(findings: tuple[Finding, ...]) -> Table:
    """Lines of other files. They are quoted: values, no words of ours."""
    said = [""] + [finding.advice for finding in findings]
    rows = tuple(_show_leftover(finding, before) for finding, before in zip(findings, said, strict=False))
    return Table(header=("Where", "What stands there", "What to do"), rows=rows)


def _show_leftover(finding: Finding, said: str) -> tuple[Cell, ...]:
    """``said`` is what the row above says has to be done."""
    is_line = finding.origin is not None and finding.origin.line > 0
    return (
        (Code(text=str(finding.origin or "")),),
        (Code(text=finding.message) if is_line else Text(text=finding.message),),
        (Text(text="as above" if finding.advice and finding.advice == said else finding.advice),),
    )
