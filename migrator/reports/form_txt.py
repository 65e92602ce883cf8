"""The report as plain text: of a migration the whole of it, of ``diff`` and ``check`` what the terminal shows."""

from __future__ import annotations

from migrator.model.form import REPORT_MARK, Form, Subject
from migrator.model.outcome import Outcome

from .description import take_sheet
from .migration import describe_migration
from .sheet_text import render_sheet
from .text import show_text


def render_text(subject: Subject) -> str:
    """Of a migration :func:`~migrator.reports.text.show_text`, else one line for each row."""
    if isinstance(subject, Outcome):
        return show_text(describe_migration(subject))
    return render_sheet(take_sheet(subject))


FORM = Form(name="txt", suffix=".txt", marks=(f"{REPORT_MARK}: ", "Compared ", "Checked "), render=render_text)
