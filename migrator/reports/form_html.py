"""The report as one HTML page: the whole of it, to read, to keep and to print."""

from __future__ import annotations

from migrator.model.form import MARKS, Form, Subject

from .description import describe
from .html import mark_lines, show_html


def render_html(subject: Subject) -> str:
    """The whole report as a page of its own; see :func:`~migrator.reports.html.show_html`."""
    return show_html(describe(subject))


FORM = Form(name="html", suffix=".html", marks=tuple(map(mark_lines, MARKS)), render=render_html)
