"""``migrate auto``: find out what a project is migrated from, and do that."""

from __future__ import annotations

import inspect
import locale
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from migrator.model.reader import Reader
from migrator.model.trouble import UsageError, WorldError

from .display import complain
from .migrating import migrate_project, migrating_command
from .status import EYES, STOPPED

if TYPE_CHECKING:
    from migrator.pipeline.claims import Claim

_Directory = Annotated[str, typer.Argument(metavar="[DIR]", help="The folder of the project; by default this one.")]
_Recursive = Annotated[bool, typer.Option("--recursive", help="Migrate each project below the folder, one by one.")]
_OF_ONE_PROJECT = ("output", "report", "name", "script", "dev", "group", "constraints", "as_json")
"""Options that several projects cannot share."""


def auto_command(some_reader: Reader) -> Callable[..., None]:
    """The command ``auto``: all options of the migrating commands, a folder in place of files, and ``--recursive``."""

    def command(**given: Any) -> None:  # noqa: ANN401 (what typer read, by the signature below)
        directory, recursive = given.pop("directory"), given.pop("recursive")
        if not os.path.isdir(directory):
            raise WorldError(f"{directory} is no folder; name the folder of a project")
        if recursive:
            _migrate_all(directory, given)
        else:
            root = os.path.abspath(directory)
            _migrate_found(_choose(root, directory).reader, given, root)

    like = migrating_command(some_reader)
    hints = get_type_hints(like, include_extras=True)
    _, *options = inspect.signature(like).parameters.values()
    parameters = [
        inspect.Parameter("directory", inspect.Parameter.KEYWORD_ONLY, default=".", annotation=_Directory),
        inspect.Parameter("recursive", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_Recursive),
        *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[p.name]) for p in options),
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _migrate_found(reader: Reader, options: dict[str, Any], root: str) -> None:
    """Migrate what was found; nobody knew beforehand whether there would be an expression to lay before Nix."""
    migrate_project(reader, [], {**options, "check_with_nix": options["check_with_nix"] and reader.evaluable}, root)


def _choose(root: str, shown: str) -> Claim:
    """The one claim on a folder.

    :raises WorldError: there is none, or there are several
    """
    from migrator.pipeline.claims import find_claims
    from migrator.tools.disk import DiskTree

    claims = find_claims(DiskTree(root), locale.getpreferredencoding(do_setlocale=False))
    where = "here" if shown == "." else f"in {shown}"
    if not claims:
        raise WorldError(f"Nothing to migrate was found {where}; name the files with one of the from- commands")
    if len(claims) > 1:
        raise WorldError(
            f"{len(claims)} kinds of files {where} could be migrated: {' and '.join(map(str, claims))}; "
            "run the command for the one that production uses"
        )
    return claims[0]


def _migrate_all(directory: str, options: dict[str, Any]) -> None:
    """Each project below ``directory`` by itself: one that stops does not keep the others from being migrated."""
    from migrator.pipeline.claims import find_projects
    from migrator.tools.disk import DiskTree

    for name in _OF_ONE_PROJECT:
        if options[name]:
            option = {"as_json": "json"}.get(name, name)
            raise UsageError(f"--{option} is for one project; leave it out, or migrate the projects one by one")
    statuses = []
    root = os.path.abspath(directory)
    for path in find_projects(DiskTree(root), lambda path: os.path.islink(os.path.join(root, path))):
        shown = os.path.normpath(os.path.join(directory, path))
        if not options["quiet"]:
            complain(f"{shown}:")
        statuses.append(_migrate_one(shown, options))
    if not statuses:
        raise WorldError(
            f"Nothing to migrate was found below {directory}; name the files with one of the from- commands"
        )
    for status in (STOPPED, EYES):
        if status in statuses:
            raise typer.Exit(status)


def _migrate_one(folder: str, options: dict[str, Any]) -> int:
    root = os.path.abspath(folder)
    try:
        _migrate_found(_choose(root, folder).reader, options, root)
    except WorldError as error:
        complain(str(error))
        return STOPPED
    except typer.Exit as left:
        return left.exit_code
    return 0
