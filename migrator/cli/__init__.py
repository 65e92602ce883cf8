"""Arguments in, exit status out. The only modules that print."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import Annotated, NoReturn

import typer

from migrator import __version__
from migrator.model.trouble import UsageError, WorldError
from migrator.readers import load_reader, reader_names

from .auto import auto_command
from .checking import check
from .diffing import diff
from .display import complain, explain_failure
from .inspecting import inspect
from .migrating import migrating_command
from .status import DONE, EYES, INTERRUPTED, STOPPED, USAGE

__all__ = ["DONE", "EYES", "INTERRUPTED", "STOPPED", "USAGE", "app", "main"]

# click's own error class: typer carries a click of its own since 0.26 and exports only this heir
_ClickError: type[typer.BadParameter] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="migrate",
    help="Bring a Python project from requirements.txt, Pipenv or pypi2nix to Poetry and poetry2nix, "
    "with every version kept.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line and exit with the status that INTERFACE promises; never a traceback."""
    # a reading is a great many values and no cycles: looking for them costs a third of the time
    gc.set_threshold(100_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):
            # what is printed is UTF-8 wherever it goes: JSON says so, and a pipe has no better idea
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = app(prog_name="migrate", standalone_mode=False)
    except WorldError as error:
        complain(str(error))
        sys.exit(STOPPED)
    except UsageError as error:
        complain(str(error))
        sys.exit(USAGE)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except _ClickError as error:
        complain(f"{error.format_message().rstrip('.')}; migrate --help tells what can be asked")
        sys.exit(USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(STOPPED)
    except Exception as error:  # noqa: BLE001 (a bug is one sentence too)
        explain_failure(error)
    if status == INTERRUPTED:
        complain("Stopped; nothing was changed")
    sys.exit(status or DONE)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        print(f"migrate {__version__}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        raise UsageError("Name a command; migrate --help lists them")


def _register() -> None:
    app.command()(inspect)
    for name in reader_names():
        reader = load_reader(name)
        if reader.migrates:
            app.command(f"from-{reader.name}", help=f"Migrate {reader.summary}.")(migrating_command(reader))
    app.command()(diff)
    app.command()(check)
    some_reader = next(reader for name in reader_names() if (reader := load_reader(name)).migrates)
    app.command("auto", help="Find out what a project is migrated from, and migrate it.")(auto_command(some_reader))


_register()
