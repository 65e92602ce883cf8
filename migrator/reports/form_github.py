"""The findings as workflow commands of GitHub Actions: printed in a job, they stand beside the lines of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.finding import Severity
from migrator.model.form import MARKS, Form, Subject

from .annotations import Annotation, annotate
from .inert import show_invisible

_COMMANDS = {Severity.STOP: "error", Severity.REVIEW: "warning", Severity.NOTE: "notice"}


def mark_command(mark: str) -> str:
    """The first line: GitHub does not show it."""
    return f"::debug::{mark}\n"


def render_github(subject: Subject) -> str:
    """One command a line: a mark that GitHub does not show, the verdict, the findings with the weightiest first.

    GitHub shows the first ten of each kind; the log has them all.
    """
    found = annotate(subject)
    verdict = _escape_data(show_invisible(found.verdict))
    lines = [f"::{_COMMANDS[found.severity]} title={found.title}::{verdict}", *map(_show_annotation, found.rows)]
    return mark_command(found.mark) + "\n".join(lines) + "\n"


FORM = Form(name="github", suffix="", marks=tuple(map(mark_command, MARKS)), render=render_github)


def _show_annotation(annotation: Annotation) -> str:
    properties = ",".join(
        f"{name}={_escape_property(show_invisible(value))}" for name, value in _list_properties(annotation)
    )
    message = "\n".join(annotation.lines)
    return f"::{_COMMANDS[annotation.severity]} {properties}::{_escape_data(message)}"


def _list_properties(annotation: Annotation) -> Iterator[tuple[str, str]]:
    origin = annotation.origin
    if origin is not None and origin.path:
        yield "file", origin.path
        if origin.line:
            yield "line", str(origin.line)
        if origin.end_line > origin.line > 0:
            yield "endLine", str(origin.end_line)
    yield "title", annotation.rule


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
