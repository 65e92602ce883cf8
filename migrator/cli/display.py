"""What stands on the terminal: progress, questions, the report and complaints."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from .status import STOPPED
from .targets import readable_report

if TYPE_CHECKING:
    from migrator.model.outcome import Outcome
    from migrator.model.progress import Progress
    from migrator.model.settings import Ask


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The terminal while a migration is at work.

    ``progress`` is shown there, and ``ask`` puts questions to whoever sits there; None is the answer where nobody does.
    """

    progress: Progress
    ask: Ask


@contextlib.contextmanager
def display(options: dict[str, Any]) -> Iterator[Screen]:
    """What is going on, on the terminal; nothing where nobody watches."""
    from migrator.model.progress import silent

    if options["quiet"] or options["as_json"] or not sys.stderr.isatty():
        yield Screen(progress=silent, ask=lambda _: None)
        return
    from rich import progress as bar
    from rich.console import Console

    console = Console(stderr=True, no_color=is_colourless(options) or None)
    with bar.Progress(
        bar.SpinnerColumn(),
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.MofNCompleteColumn(),
        console=console,
        transient=True,
    ) as bars:
        shown = ("starting", bars.add_task("starting", total=None))

        def tell(what: str, done: int, of: int) -> None:
            nonlocal shown
            if what != shown[0]:  # a bar never forgets its total
                bars.remove_task(shown[1])
                shown = (what, bars.add_task(what, total=of or None))
            bars.update(shown[1], completed=done)

        def ask(question: str) -> str | None:
            from migrator.tools.durable import show_path

            if options["yes"] or not sys.stdin.isatty():
                return None
            bars.stop()  # it would be drawn over what is typed
            try:
                return str(typer.prompt(show_path(question), default="", show_default=False, err=True)) or None
            finally:
                bars.start()

        yield Screen(progress=tell, ask=ask)


def show(outcome: Outcome, options: dict[str, Any]) -> None:
    """Print what became of a migration, in the form that the options ask for."""
    if options["form"]:
        from migrator.reports import load_form

        sys.stdout.write(load_form(options["form"]).render(outcome))
        return
    if outcome.ended == "dry-run":
        sys.stdout.write("".join(outcome.diffs))
    if options["quiet"] and outcome.ended != "stopped":
        return
    from migrator.reports.terminal import render_terminal
    from migrator.tools.durable import show_path

    stream = sys.stderr if outcome.ended in {"dry-run", "stopped"} else sys.stdout
    color = stream.isatty() and not is_colourless(options)
    width = min(os.get_terminal_size(stream.fileno()).columns, 120) if stream.isatty() else 100
    report = readable_report(options["report"] or [])
    named = show_path(report) if report else None
    stream.write(render_terminal(outcome, width=width, color=color, report=named))


def is_colourless(options: dict[str, Any]) -> bool:
    """Whether colours are unwanted: by an option, or by ``NO_COLOR`` (no-color.org)."""
    return bool(options["no_color"] or os.environ.get("NO_COLOR"))


def complain(text: str) -> None:
    """Say one sentence on the standard error stream, without credentials and without control characters."""
    from migrator.model.url import mask_credentials
    from migrator.tools.durable import show_path

    # whatever a file, an index or a folder's name brought along is inert on the terminal
    print(f"migrate: {show_path(mask_credentials(text))}", file=sys.stderr)


def explain_failure(error: Exception) -> NoReturn:
    """Tell of a fault of ours in one sentence, keep its traceback in a file, and leave."""
    from migrator.tools.crash import keep_traceback

    place = keep_traceback(error)
    complain(
        f"This is a fault of migrator ({type(error).__name__}), nothing was changed; "
        f"please send {place} with your report"
    )
    sys.exit(STOPPED)
