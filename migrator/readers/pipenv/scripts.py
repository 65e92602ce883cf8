"""``[scripts]``: what is an entry point becomes a console script, every other command is told."""

from __future__ import annotations

import re
from typing import Any

from migrator.model.finding import Code, Severity
from migrator.model.project import Script

from .remarks import Remark, not_understood, quote

_DOTTED = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_ENTRY_POINT = re.compile(rf"(?P<target>{_DOTTED}:{_DOTTED})(?:\(\s*\))?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def read_script(name: str, value: Any) -> Script | Remark:  # noqa: ANN401 (whatever TOML can hold)
    """The console script that ``name = value`` is, or what to know of a command that is none.

    ``{call = "module:function()"}`` calls a function, and so does an entry point; one with arguments is a command.
    """
    match value:
        case {"call": str(call)} if len(value) == 1:
            command = call
        case str():
            command = value
        case list() if value and all(isinstance(part, str) for part in value):
            command = " && ".join(value)
        case _:
            return not_understood(f"{name} = {quote(value)} is no command.", 'Write it as a text: "…".')
    found = _ENTRY_POINT.fullmatch(command.strip())
    if found is not None and _NAME.fullmatch(name):
        return Script(name=name, target=found["target"])
    return Remark(
        Code.SCRIPT_NOT_CARRIED,
        Severity.REVIEW,
        f"`pipenv run {name}` runs {quote(command)}; pyproject.toml has a place for entry points only.",
        f"Run it by hand with `poetry run`, or keep it in a Makefile or a task runner under the name {name}.",
    )
