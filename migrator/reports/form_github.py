"""The findings as workflow commands of GitHub Actions: printed in a job, they stand beside the lines of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.finding import Finding, Severity
from migrator.model.form import REPORT_MARK, Form
from migrator.model.outcome import Ended, Outcome

from .inert import hide_credentials, show_invisible, show_lines
from .summary import summarise

_COMMANDS = {Severity.STOP: "error", Severity.REVIEW: "warning", Severity.NOTE: "notice"}
_MARK = f"::debug::{REPORT_MARK}"
_MESSAGE = 2_000


def render_github(outcome: Outcome) -> str:
    """One command a line: a mark that GitHub does not show, the verdict, the findings with the weightiest first.

    GitHub shows the first ten of each kind; the log has them all.
    """
    summary = summarise(hide_credentials(outcome))
    kind = "error" if summary.ended is Ended.STOPPED else "warning" if summary.counts.review else "notice"
    lines = [_MARK, f"::{kind} title=Migration to Poetry::{_escape_data(show_invisible(summary.verdict))}"]
    lines += map(_show_finding, summary.findings)
    return "\n".join(lines) + "\n"


FORM = Form(name="github", suffix="", mark=f"{_MARK}\n", render=render_github)


def _show_finding(finding: Finding) -> str:
    properties = ",".join(
        f"{name}={_escape_property(show_invisible(value))}" for name, value in _list_properties(finding)
    )
    message = "\n".join((*show_lines(finding.message, _MESSAGE), *show_lines(finding.advice, _MESSAGE)))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escape_data(message)}"


def _list_properties(finding: Finding) -> Iterator[tuple[str, str]]:
    origin = finding.origin
    if origin is not None and origin.path:
        yield "file", origin.path
        if origin.line:
            yield "line", str(origin.line)
        if origin.end_line > origin.line > 0:
            yield "endLine", str(origin.end_line)
    yield "title", finding.code.value


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
