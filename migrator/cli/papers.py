"""The reports that ``diff`` and ``check`` write and print."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .display import is_colourless
from .targets import PRINTED, printed_form, refuse_nowhere, refuse_taken, report_target

if TYPE_CHECKING:
    from migrator.model.comparison import Comparison
    from migrator.model.fidelity import Fidelity


@dataclass(frozen=True, kw_only=True)
class Papers:
    """The reports that were asked for: each file with its form, and the form that is printed, None for people's."""

    files: tuple[tuple[str, str], ...]
    printed: str | None


def read_papers(texts: list[str] | None, *, as_json: bool) -> Papers:
    """What the options ask for.

    :raises UsageError: a ``--report`` names no form, or two are to be printed
    """
    targets = [report_target(text) for text in texts or []]
    files = tuple((form, path) for form, path in targets if path != PRINTED)
    return Papers(files=files, printed=printed_form(texts or [], as_json=as_json))


def publish(subject: Comparison | Fidelity, papers: Papers, read: Iterable[str], *, no_color: bool) -> None:
    """Write the reports, then print one. ``read`` are the files that were read: none of them may be replaced.

    :raises UsageError: a report would take the place of a file that is no report
    """
    from migrator.reports import load_form
    from migrator.tools.durable import write_alone

    taken = {os.path.realpath(path) for path in read}
    for form, path in papers.files:
        refuse_nowhere(path)
        refuse_taken(form, path, taken)
    for form, path in papers.files:
        write_alone(path, load_form(form).render(subject))
    if papers.printed is not None:
        sys.stdout.write(load_form(papers.printed).render(subject))
        return
    from migrator.reports.description import take_sheet
    from migrator.reports.sheet_text import render_sheet

    watched = sys.stdout.isatty()
    color = watched and not is_colourless({"no_color": no_color})
    sys.stdout.write(render_sheet(take_sheet(subject), color=color, whole=not watched))
