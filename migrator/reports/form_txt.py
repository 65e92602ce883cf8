"""The terminal's report as a plain text file."""

from __future__ import annotations

from functools import partial

from migrator.model.form import Form

from .terminal import render_terminal

FORM = Form(name="txt", suffix=".txt", render=partial(render_terminal, width=100, color=False))
