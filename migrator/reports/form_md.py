"""The report as Markdown: a comment that a bot posts and replaces, or a page."""

from __future__ import annotations

from migrator.model.form import MARKS, Form, Subject

from .description import describe
from .markdown import mark_line, show_markdown


def render_markdown(subject: Subject) -> str:
    """The whole report as GitHub-flavoured Markdown, shortened where it is too long for a comment."""
    return show_markdown(describe(subject))


FORM = Form(name="md", suffix=".md", marks=tuple(map(mark_line, MARKS)), render=render_markdown)
