"""The report as plain text: the whole of it, to read where nothing is rendered."""

from __future__ import annotations

from migrator.model.form import REPORT_MARK, Form
from migrator.model.outcome import Outcome

from .migration import describe_migration
from .text import show_text


def render_text(outcome: Outcome) -> str:
    """The whole report as plain text; see :func:`~migrator.reports.text.show_text`."""
    return show_text(describe_migration(outcome))


FORM = Form(name="txt", suffix=".txt", mark=f"{REPORT_MARK}: ", render=render_text)
