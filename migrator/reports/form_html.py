"""The report as one HTML page: the whole of it, to read, to keep and to print."""

from __future__ import annotations

from migrator.model.form import REPORT_MARK, Form
from migrator.model.outcome import Outcome

from .html import mark_lines, show_html
from .migration import describe_migration


def render_html(outcome: Outcome) -> str:
    """The whole report as a page of its own; see :func:`~migrator.reports.html.show_html`."""
    return show_html(describe_migration(outcome))


FORM = Form(name="html", suffix=".html", mark=mark_lines(REPORT_MARK), render=render_html)
