"""A sheet as GitHub-flavoured Markdown, fit to be posted and replaced by a bot."""

from __future__ import annotations

from migrator.model.finding import Finding

from .inert import show_lines
from .inert_md import cell, code, prose
from .sheet import Row, Sheet, Weight, hide_in_sheet
from .wording import count_of

LIMIT = 65_536
"""What a GitHub comment holds. Counted here in bytes of UTF-8, which are never fewer than characters."""

_FOLDED_FROM = 40
_MESSAGE = 2_000
_OPEN_FINDINGS = 100
_HEAD = ("| | Package | Before | Now | |", "| --- | --- | --- | --- | --- |")


def mark_of(command: str) -> str:
    """The first line of a report: by it a bot finds the comment that it has to replace."""
    return f"<!-- migrator-{command} -->"


def render_md(sheet: Sheet) -> str:
    """The sheet, at most :data:`LIMIT` bytes; what had to be left out for that is counted where it stood.

    The rows that weigh least go first, the findings last.
    """
    sheet = hide_in_sheet(sheet)
    rows, findings = len(sheet.rows), len(sheet.findings)
    text = _render(sheet, rows, findings)
    while (excess := len(text.encode()) - LIMIT) > 0 and (rows or findings):
        if rows:
            sizes = [len(_show_row(row).encode()) + 1 for row in sheet.rows[:rows]]
            while rows and excess > 0:
                rows -= 1
                excess -= sizes[rows]
        else:
            findings //= 2
        text = _render(sheet, rows, findings)
    return text


def _render(sheet: Sheet, rows: int, findings: int) -> str:
    blocks = [mark_of(sheet.command), f"### {prose(sheet.title)}: {prose(sheet.verdict)}", f"{prose(sheet.about)}."]
    kept = sheet.rows[:rows]
    folded = {Weight.SLIGHT, *((Weight.GAIN, Weight.PLAIN) if len(kept) > _FOLDED_FROM else ())}
    for fold in (False, True):
        part = tuple(row for row in kept if (row.weight in folded) == fold)
        blocks += _show_table(part, folded=fold) if part else []
    if len(kept) < len(sheet.rows):
        blocks.append(
            f"*{count_of(len(sheet.rows) - len(kept), 'row')} left out to fit a comment; "
            "`--report report.json` has them all.*"
        )
    if sheet.findings:
        shown = [_show_finding(finding) for finding in sheet.findings[:findings]]
        blocks.append("\n".join(shown))
        if len(shown) < len(sheet.findings):
            blocks.append(f"*{count_of(len(sheet.findings) - len(shown), 'finding')} left out to fit a comment.*")
    blocks += [prose(remark) for remark in sheet.remarks]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _show_table(rows: tuple[Row, ...], *, folded: bool) -> list[str]:
    table = "\n".join((*_HEAD, *map(_show_row, rows)))
    if not folded:
        return [table]
    kinds = ", ".join(dict.fromkeys(row.kind for row in rows))
    return [f"<details><summary>{count_of(len(rows), 'row')}: {kinds}</summary>", table, "</details>"]


def _show_row(row: Row) -> str:
    kind = f"**{row.kind}**" if row.weight in {Weight.ALARM, Weight.LOSS} else row.kind
    about = ", ".join(cell(text) for text in row.about)
    cells = (kind, *(code(text) for text in (row.name, row.old, row.new)), about)
    return f"| {' | '.join(cells)} |"


def _show_finding(finding: Finding) -> str:
    words = [f"**{finding.severity.value}**"]
    if finding.origin:
        words.append(code(str(finding.origin)))
    lines = [" ".join(words) + ":", *map(prose, show_lines(finding.message, _MESSAGE))]
    advice = show_lines(finding.advice, _MESSAGE)
    if advice:
        lines.append("*What to do:* " + "<br>".join(map(prose, advice)))
    return "- " + "<br>".join(lines)
