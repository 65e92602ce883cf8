"""The report as a person reads it in a terminal: short, and coloured where that is wanted."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from migrator.model.finding import Finding, Severity
from migrator.model.outcome import Ended, Outcome

from .inert import hide_credentials, show_invisible, show_lines
from .movement import Move
from .summary import Place, Summary, summarise
from .wording import count_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

_MOST_FINDINGS = 40
_MOST_MOVES = 20
_MOST_LEFTOVERS = 5
_MESSAGE = 1_000


def render_terminal(outcome: Outcome, *, width: int = 80, color: bool = False, report: str | None = None) -> str:
    """The verdict, what needs eyes, what moved, the files and the next steps, in lines of at most ``width`` columns.

    What is only told is counted, and where it is told is named: in ``report``, the file that this run wrote for people,
    else in the one that a run could write.

    Without ``color`` the text has no escape code at all; with it only rich's own. Control and bidirectional
    characters of the inputs are written out, never sent.
    """
    from rich.console import Console

    console = Console(
        file=StringIO(),
        width=max(width, 40),
        force_terminal=color,
        force_jupyter=False,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    _print_report(console, summarise(hide_credentials(outcome)), report)
    file = console.file
    assert isinstance(file, StringIO)  # noqa: S101 (it is the one given above)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _print_report(console: Console, summary: Summary, report: str | None) -> None:
    whole = _name_whole(summary.ended, report)
    stopped = summary.ended is Ended.STOPPED or summary.counts.stop
    look = "bold red" if stopped else "bold yellow" if summary.counts.review else "bold green"
    console.print(_line(summary.verdict, look))
    eyes = summary.told(Place.EYES)
    if eyes:
        _print_title(console, "What needs your eyes")
        for finding in eyes[:_MOST_FINDINGS]:
            console.print(_show_finding(finding))
        _print_rest(console, whole, len(eyes) - _MOST_FINDINGS, "finding")
    if summary.moves:
        _print_title(console, "What moved")
        console.print(_show_moves(summary.moves[:_MOST_MOVES]))
        _print_rest(console, whole, len(summary.moves) - _MOST_MOVES, "package")
    stated = [login for login in summary.logins if login.stated]
    if stated:
        _print_title(console, "Credentials to set where Poetry runs")
        console.print(_show_pairs(tuple((login.name, " ".join(login.variables) or login.command) for login in stated)))
    leftovers = summary.told(Place.LEFTOVERS)
    if leftovers:
        _print_title(console, "What still names the old tool")
        console.print(_show_places(leftovers[:_MOST_LEFTOVERS]))
        _print_rest(console, whole, len(leftovers) - _MOST_LEFTOVERS, "place")
    others = _count_others(summary)
    if others:
        _print_title(console, "Also told")
        console.print(_indent(_line(f"{others}: {whole} tells them", "")))
    changed = [file.path for file in summary.files if file.changed]
    if changed:
        _print_title(console, "Files that would be written" if summary.ended is Ended.DRY_RUN else "Files written")
        console.print(_indent(_line("  ".join(changed), "")))
    if summary.next_steps:
        _print_title(console, "Next")
        console.print(_show_pairs(summary.next_steps))


def _count_others(summary: Summary) -> str:
    """What is told elsewhere only, counted."""
    inferred = len(summary.told(Place.INFERRED)) + bool(summary.python) + bool(summary.nix_pythons)
    numbers = (
        (inferred, f"{inferred} inferred"),
        (lost := len(summary.told(Place.NOT_CARRIED)), f"{lost} not carried over"),
        (told := len(summary.told(Place.TOLD)), count_of(told, "other note")),
        (differing := len(summary.differences), f"{count_of(differing, 'difference')} in the lock beside versions"),
    )
    return ", ".join(words for number, words in numbers if number)


def _print_title(console: Console, text: str) -> None:
    console.print()
    console.print(_line(text, "bold"))


def _print_rest(console: Console, whole: str, number: int, noun: str) -> None:
    if number > 0:
        console.print(_indent(_line(f"and {count_of(number, noun)} more: {whole} tells all", "dim")))


def _name_whole(ended: Ended, report: str | None) -> str:
    """Where the whole is to be had: a run that writes nothing writes no report either."""
    if ended in {Ended.DRY_RUN, Ended.STOPPED}:
        return "--report md:-"
    return report or "--report report.md"


def _line(text: str, style: str) -> Text:
    from rich.text import Text

    return Text(show_invisible(text), style=style)


def _indent(inner: RenderableType) -> RenderableType:
    from rich.padding import Padding

    return Padding(inner, (0, 0, 0, 2))


def _grid(columns: int) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        grid.add_column(overflow="fold")
    return grid


_STYLES = {Severity.STOP: "bold red", Severity.REVIEW: "bold yellow", Severity.NOTE: "dim"}


def _show_finding(finding: Finding) -> RenderableType:
    head = _line("", "")
    head.append_text(_line(finding.severity.value, _STYLES[finding.severity]))
    if finding.origin:
        head.append("  ").append_text(_line(str(finding.origin), "cyan"))
    head.append("  ").append_text(_line(finding.code.value, "dim"))
    grid = _grid(1)
    grid.add_row(head)
    for line in show_lines(finding.message, _MESSAGE):
        grid.add_row(_indent(_line(line, "")))
    advice = show_lines(finding.advice, _MESSAGE)
    if advice:
        inner = _grid(2)
        for number, line in enumerate(advice):
            inner.add_row("" if number else _line("->", "green"), _line(line, ""))
        grid.add_row(_indent(inner))
    return _indent(grid)


def _show_moves(moves: tuple[Move, ...]) -> RenderableType:
    grid = _grid(4)
    styles = {"went": "red", "moved": "yellow", "appeared": "green"}
    for move in moves:
        versions = " -> ".join(version for version in (move.old, move.new) if version)
        cells = (_line(move.kind, styles[move.kind]), _line(move.name, "bold"), _line(versions, ""))
        grid.add_row(*cells, _line(" ".join(show_lines(move.why, _MESSAGE)), "dim"))
    return _indent(grid)


def _show_places(findings: tuple[Finding, ...]) -> RenderableType:
    grid = _grid(2)
    for finding in findings:
        grid.add_row(
            _line(str(finding.origin or ""), "cyan"), _line(" ".join(show_lines(finding.message, _MESSAGE)), "")
        )
    return _indent(grid)


def _show_pairs(pairs: tuple[tuple[str, str], ...]) -> RenderableType:
    grid = _grid(2)
    for left, right in pairs:
        grid.add_row(_line(left, "bold"), _line(right, ""))
    return _indent(grid)
