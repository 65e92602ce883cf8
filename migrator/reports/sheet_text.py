"""A sheet as plain text: one line a row, for a terminal, a log or a file."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.finding import Finding, Severity

from .inert import hide_credentials, shorten, show_invisible, show_lines
from .sheet import Row, Sheet, Weight, show_step
from .wording import count_of

_MOST_ROWS = 60
"""So many rows of one kind; a file has them all."""
_MOST_FINDINGS = 40
_WIDEST = 44
_ABOUT = 200
_MESSAGE = 1_000
_COLOURS = {
    Weight.ALARM: "1;31",
    Weight.LOSS: "33",
    Weight.GAIN: "32",
    Weight.PLAIN: "",
    Weight.SLIGHT: "2",
    Severity.STOP: "1;31",
    Severity.REVIEW: "1;33",
    Severity.NOTE: "2",
}


def render_sheet(sheet: Sheet, *, color: bool = False, whole: bool = True) -> str:
    """The sheet; without ``whole`` at most a screenful or two of each kind of row.

    Without ``color`` there is no escape code in it at all. Control and bidirectional characters of the inputs are
    written out, never sent.
    """
    sheet = hide_credentials(sheet)
    look = "1;32" if sheet.is_well else "1;33"
    lines = [_plain(sheet.about, _MESSAGE), _paint(_plain(sheet.verdict, _MESSAGE), look if color else "")]
    if sheet.rows:
        lines += ["", *_show_rows(sheet.rows, color=color, most=len(sheet.rows) if whole else _MOST_ROWS)]
    shown = sheet.findings if whole else sheet.findings[:_MOST_FINDINGS]
    for finding in shown:
        lines += ["", *show_finding(finding, color=color)]
    if len(shown) < len(sheet.findings):
        lines += ["", f"  and {len(sheet.findings) - len(shown)} more; a --report tells them all"]
    if sheet.remarks:
        lines += ["", *(_plain(remark, _MESSAGE) for remark in sheet.remarks)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _show_rows(rows: tuple[Row, ...], *, color: bool, most: int) -> Iterator[str]:
    cells = [(_plain(row.kind), _plain(row.name), _plain(show_step(row))) for row in rows]
    widths = [min(max(len(cell[column]) for cell in cells), _WIDEST) for column in range(3)]
    shown = 0
    for number, (row, cell) in enumerate(zip(rows, cells, strict=True)):
        shown = shown + 1 if number and row.kind == rows[number - 1].kind else 1
        if shown <= most:
            kind, *rest = (text.ljust(width) for text, width in zip(cell, widths, strict=True))
            about = _plain(", ".join(row.about), _ABOUT)
            yield "  ".join(["", _paint(kind, _COLOURS[row.weight] if color else ""), *rest, about])
        elif number + 1 == len(rows) or rows[number + 1].kind != row.kind:
            yield f"  {'':{widths[0]}}  and {count_of(shown - most, 'more row')}; a --report tells them all"


def show_finding(finding: Finding, *, color: bool = False) -> Iterator[str]:
    """A finding on a few lines: its weight, its place and its code, what is, and behind an arrow what to do."""
    origin = f"  {_plain(str(finding.origin))}" if finding.origin else ""
    severity = _paint(finding.severity.value, _COLOURS[finding.severity] if color else "")
    yield f"  {severity}{origin}  {finding.code.value}"
    yield from (f"    {line}" for line in show_lines(finding.message, _MESSAGE))
    for number, line in enumerate(show_lines(finding.advice, _MESSAGE)):
        yield f"    {'->' if number == 0 else '  '} {line}"


def _plain(text: str, limit: int = _ABOUT) -> str:
    return shorten(show_invisible(text), limit)


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text
