"""Where reports are written: what ``--report`` names, and what may stand there already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.model.trouble import UsageError

if TYPE_CHECKING:
    from migrator.model.artifact import Artifact
    from migrator.model.outcome import Outcome
    from migrator.pipeline import Job

Reports = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[FORM:]FILE",
        help="Write the report: .md (cut to fit a comment), .html, .txt, .json, .sarif, or FORM:FILE, also "
        "github:FILE; FORM:- prints it.",
    ),
]
PRINTED = "-"
"""The file that is none: ``--report FORM:-`` prints the report."""
_FOR_PEOPLE = frozenset({"md", "html", "txt"})


def report_target(text: str) -> tuple[str, str]:
    """The form and the absolute path that ``--report`` names; the path is :data:`PRINTED` where it is to be printed.

    :raises UsageError: the form is not known
    """
    from migrator.reports import form_for, form_names, load_form

    form, colon, path = text.partition(":")
    if colon and form in form_names() and path:
        return form, path if path == PRINTED else os.path.abspath(path)
    known = form_for(text)
    if known is None:
        suffixes = [load_form(name).suffix for name in form_names()]
        raise UsageError(
            f"--report {text}: the name must end in one of {', '.join(filter(None, suffixes))}, or begin with one of "
            f"{', '.join(name + ':' for name in form_names())}"
        )
    return known.name, os.path.abspath(text)


def readable_report(texts: list[str]) -> str | None:
    """The first file that ``--report`` names for people to read, as it was typed; None where there is none.

    :raises UsageError: a form is not known
    """
    for text in texts:
        form, path = report_target(text)
        if path != PRINTED and form in _FOR_PEOPLE:
            return text.removeprefix(f"{form}:")
    return None


def printed_form(texts: list[str], *, as_json: bool) -> str | None:
    """The form in which the report is printed in the place of the terminal's; None where none is asked for.

    :raises UsageError: more than one is asked for, or a form is not known
    """
    named = {form for form, path in map(report_target, texts) if path == PRINTED} | ({"json"} if as_json else set())
    if len(named) > 1:
        raise UsageError(
            f"Only one report can be printed, not {' and '.join(sorted(named))}; write the others to files"
        )
    return next(iter(named), None)


def split_targets(targets: list[tuple[str, str]], output: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The targets inside the folder ``output``, relative to it, and those elsewhere; what is printed is neither."""
    files = [(form, path) for form, path in targets if path != PRINTED]
    inside = [(form, os.path.relpath(path, output)) for form, path in files if path.startswith(output + os.sep)]
    return inside, [(form, path) for form, path in files if not path.startswith(output + os.sep)]


def render_reports(
    inside: list[tuple[str, str]], outside: list[tuple[str, str]], outcome: Outcome, job: Job
) -> tuple[Artifact, ...]:
    """The reports that are written with the other files; none may take the place of a file that matters.

    :raises UsageError: ``--report`` names a file that was read, or one that is about to be written
    """
    taken = {os.path.realpath(os.path.join(job.root, path)) for path in outcome.before.sources}
    taken |= {os.path.realpath(os.path.join(job.output, artifact.path)) for artifact in outcome.artifacts}
    for form, path in inside:
        refuse_taken(form, os.path.join(job.output, path), taken)
    for form, path in outside:
        refuse_taken(form, path, taken)
        refuse_nowhere(path)
    return tuple(_report(form, path, outcome) for form, path in inside)


def refuse_taken(form: str, path: str, taken: set[str]) -> None:
    """Let no report take the place of another file; ``taken`` are the real paths of those that matter.

    :raises UsageError: something else than a report of this form stands there
    """
    if os.path.realpath(path) in taken or not _may_be_replaced(path, form):
        raise UsageError(f"--report {os.path.basename(path)}: that file is no report; name another one")


def refuse_nowhere(path: str) -> None:
    """Let no report stand in a folder that is not there.

    :raises UsageError: the folder does not exist
    """
    if not os.path.isdir(os.path.dirname(os.path.realpath(path))):
        raise UsageError(f"--report {os.path.basename(path)}: its folder does not exist; make it first")


def _may_be_replaced(path: str, form: str) -> bool:
    """Whether nothing stands at ``path``, or an earlier report of the same form."""
    from migrator.reports import load_form
    from migrator.tools.disk import DiskTree

    real = os.path.realpath(path)
    if {".git", ".migrate-journal"} & set(real.split(os.sep)):
        return False
    tree = DiskTree(os.path.dirname(real))
    content = tree.read(os.path.basename(real))
    if content is None:
        return not tree.is_folder(os.path.basename(real))
    return content.startswith(tuple(mark.encode() for mark in load_form(form).marks))


def _report(form: str, path: str, outcome: Outcome) -> Artifact:
    from dataclasses import replace

    from migrator.model.artifact import Artifact, Ownership
    from migrator.model.outcome import Ended
    from migrator.reports import load_form

    # the file tells of the migration, not of this run: a second run must not change it
    outcome = replace(outcome, ended=Ended.WRITTEN, written=tuple(artifact.path for artifact in outcome.artifacts))
    return Artifact(path=path.replace(os.sep, "/"), text=load_form(form).render(outcome), ownership=Ownership.GENERATED)


def write_outside(targets: list[tuple[str, str]], outcome: Outcome) -> None:
    """Write the reports that do not belong to the project's folder, each whole or not at all."""
    from migrator.tools.durable import write_alone

    for form, path in targets:
        write_alone(path, _report(form, os.path.basename(path), outcome).text)
