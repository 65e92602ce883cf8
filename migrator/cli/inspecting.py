"""``migrate inspect``."""

from __future__ import annotations

import locale
import os
import sys
from typing import Annotated

import typer

from .inputs import CheckWithNix, recognise, refuse_unevaluable
from .status import STOPPED


def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Any supported input, poetry.lock included.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the normal form as JSON.")] = False,
    check_with_nix: CheckWithNix = False,
) -> None:
    """Show what a file says, in the one form that all formats share. Writes nothing, needs no network."""
    from migrator.pipeline import read_one
    from migrator.reports.inspect import show_inspect
    from migrator.reports.inspect_text import inspect_text

    folder, name = os.path.split(os.path.abspath(file))
    reader = recognise(file)
    if check_with_nix:
        refuse_unevaluable(reader)
    reading = read_one(reader, folder, name, locale.getpreferredencoding(do_setlocale=False), with_nix=check_with_nix)
    sys.stdout.writelines(show_inspect(reading) if as_json else [inspect_text(reading)])
    if any(finding.severity == "stop" for finding in reading.findings):
        raise typer.Exit(STOPPED)
