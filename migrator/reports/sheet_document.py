"""A sheet as a document: the same blocks that the report of a migration is made of."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.finding import Severity

from .document import Cell, Code, Document, Items, Section, Table, Text, listed
from .finding_items import show_finding
from .inert import hide_credentials
from .sheet import Row, Sheet, Weight

_HEADER = ("", "Package", "Before", "Now", "More")
_PARTS = (
    ("Changes to look at", frozenset({Weight.ALARM, Weight.LOSS})),
    ("Changes", frozenset({Weight.GAIN, Weight.PLAIN})),
    ("The same version, stated otherwise", frozenset({Weight.SLIGHT})),
)
_RANKS = (
    "The same version, stated otherwise",
    "Changes",
    "Also good to know",
    "How it was compared",
    "Changes to look at",
    "What needs your eyes",
)
"""What matters least comes first: in a report that is too long it is shortened first."""


def lay_out(sheet: Sheet) -> Document:
    """All of ``sheet``, credentials hidden; parts with nothing in them are left out."""
    sheet = hide_credentials(sheet)
    return Document(
        mark=sheet.mark,
        title=sheet.title,
        verdict=f"{sheet.verdict}.",
        lead=(f"{sheet.about}.",),
        sections=tuple(_list_sections(sheet)),
    )


def _list_sections(sheet: Sheet) -> Iterator[Section]:
    for title, weights in _PARTS:
        rows = tuple(_show_row(row) for row in sheet.rows if row.weight in weights)
        table = Table(header=_HEADER, rows=rows)
        if rows:
            yield Section(title=title, rank=_RANKS.index(title), body=table, folded=Weight.SLIGHT in weights)
    notes = tuple(finding for finding in sheet.findings if finding.severity is Severity.NOTE)
    eyes = tuple(finding for finding in sheet.findings if finding.severity is not Severity.NOTE)
    for title, findings in (("What needs your eyes", eyes), ("Also good to know", notes)):
        if findings:
            items = Items(rows=tuple(show_finding(finding, weigh=findings is eyes) for finding in findings))
            yield Section(title=title, rank=_RANKS.index(title), body=items)
    if sheet.remarks:
        title = "How it was compared"
        yield Section(title=title, rank=_RANKS.index(title), before=" ".join(sheet.remarks))


def _show_row(row: Row) -> tuple[Cell, ...]:
    values = (Code(text=text) for text in (row.name, row.old, row.new))
    return ((Text(text=row.kind),), *((value,) for value in values), listed(Text(text=text) for text in row.about))
