"""``migrate check``."""

from __future__ import annotations

import locale
import os
from typing import Annotated

import typer

from migrator.model.trouble import WorldError

from .papers import publish, read_papers
from .status import EYES, STOPPED
from .targets import Reports


def check(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="The folder of a migrated project; by default this one.")
    ] = ".",
    report: Reports = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
) -> None:
    """Say whether a migrated project is still faithful to its old files: exit with 3 where it differs. For CI."""
    from migrator.pipeline.check import check as compare
    from migrator.tools.disk import DiskTree

    papers = read_papers(report, as_json=as_json)
    if not os.path.isdir(directory):
        raise WorldError(f"{directory} is no folder; name the folder of a migrated project")
    fidelity = compare(DiskTree(os.path.abspath(directory)), locale.getpreferredencoding(do_setlocale=False))
    publish(
        fidelity,
        papers,
        [os.path.join(directory, path) for path in (*fidelity.sources, "pyproject.toml", "poetry.lock")],
        no_color=no_color,
    )
    if not fidelity.is_readable:
        raise typer.Exit(STOPPED)
    if fidelity.differs:
        raise typer.Exit(EYES)
