"""What ``diff`` and ``check`` print, and the files that ``--report`` names for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from migrator.model.trouble import UsageError

from .display import is_colourless

if TYPE_CHECKING:
    from migrator.reports.sheet import Sheet

_SUFFIXES = {".md": "md", ".json": "json", ".txt": "txt"}


def read_targets(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The form and the absolute path that each ``--report`` names.

    :raises UsageError: it names no form that there is here
    """
    return [_read_target(text) for text in texts]


def _read_target(text: str) -> tuple[str, str]:
    form, colon, path = text.partition(":")
    if colon and form in _SUFFIXES.values() and path:
        return form, os.path.abspath(path)
    known = _SUFFIXES.get(os.path.splitext(text)[1].lower())
    if known is None:
        raise UsageError(
            f"--report {text}: the name must end in .md, .json or .txt, or begin with one of json:, md:, txt:"
        )
    return known, os.path.abspath(text)


def publish(
    sheet: Sheet, json: Callable[[], str], targets: list[tuple[str, str]], read: Iterable[str], options: dict[str, Any]
) -> None:
    """Write the reports, then print: as JSON where the options ask for that, else for people.

    ``read`` are the files that were read: none of them may be replaced.

    :raises UsageError: a report would take the place of a file that is no report
    """
    from migrator.reports.sheet_md import render_md
    from migrator.reports.sheet_text import render_text
    from migrator.tools.durable import write_alone

    forms: Mapping[str, Callable[[], str]] = {
        "json": json,
        "md": lambda: render_md(sheet),
        "txt": lambda: render_text(sheet),
    }
    taken = {os.path.realpath(path) for path in read}
    for form, path in targets:
        _refuse_taken(path, form, taken)
    for form, path in targets:
        write_alone(path, forms[form]())
    if options["as_json"]:
        sys.stdout.write(json())
        return
    color = sys.stdout.isatty() and not is_colourless(options)
    sys.stdout.write(render_text(sheet, color=color, whole=not sys.stdout.isatty()))


def _refuse_taken(path: str, form: str, taken: set[str]) -> None:
    from migrator.tools.disk import DiskTree

    name, real = os.path.basename(path), os.path.realpath(path)
    if not os.path.isdir(os.path.dirname(real)):
        raise UsageError(f"--report {name}: its folder does not exist; make it first")
    tree = DiskTree(os.path.dirname(real))
    content = tree.read(os.path.basename(real))
    marks = {"md": (b"<!-- migrator-",), "json": (b'{\n  "schema"',), "txt": (b"Compared ", b"Checked ")}
    inside = {".git", ".migrate-journal"} & set(real.split(os.sep))
    replaceable = not tree.is_folder(os.path.basename(real)) if content is None else content.startswith(marks[form])
    if real in taken or inside or not replaceable:
        raise UsageError(f"--report {name}: that file is no report; name another one")
