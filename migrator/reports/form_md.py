"""The report as Markdown: a comment that a bot posts and replaces, or a page."""

from __future__ import annotations

from migrator.model.form import REPORT_MARK, Form
from migrator.model.outcome import Outcome

from .markdown import mark_line, show_markdown
from .migration import describe_migration


def render_markdown(outcome: Outcome) -> str:
    """The whole report as GitHub-flavoured Markdown, shortened where it is too long for a comment."""
    return show_markdown(describe_migration(outcome))


FORM = Form(name="md", suffix=".md", mark=mark_line(REPORT_MARK), render=render_markdown)
