"""``migrate diff``."""

from __future__ import annotations

import locale
import os
from typing import Annotated

import typer

from .papers import publish, read_papers
from .sides import open_sides
from .status import EYES, STOPPED
from .targets import Reports

_INPUT = "A supported input, or REV:PATH for one of a git commit."


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_INPUT)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=_INPUT)],
    report: Reports = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when anything differs.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
) -> None:
    """Compare two inputs of any format, also of two commits. Writes nothing, needs no network."""
    from migrator.model.finding import Severity
    from migrator.pipeline.diff import diff as compare

    papers = read_papers(report, as_json=as_json)
    with open_sides(old, new) as (before, after):
        comparison = compare(before, after, locale.getpreferredencoding(do_setlocale=False))
    publish(
        comparison,
        papers,
        [name for name in (old, new) if os.path.exists(name)],
        no_color=no_color,
    )
    if any(finding.severity is Severity.STOP for finding in comparison.findings):
        raise typer.Exit(STOPPED)
    if strict and comparison.differs:
        raise typer.Exit(EYES)
