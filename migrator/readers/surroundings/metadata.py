"""One form for what pyproject.toml, setup.cfg and setup.py say of a project."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from migrator.model.origin import Origin
from migrator.model.project import PythonHint, Script

from .selection import Selection

_ENTRY_POINT = re.compile(r"\s*(?P<name>[^=\s]+)\s*=\s*(?P<target>[\w.]+\s*:\s*[\w.]+)\s*(?:\[.*\])?\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What one file says; None or empty where it says nothing."""

    name: str | None = None
    version: str | None = None
    description: str | None = None
    licence: str | None = None
    authors: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    selection: Selection | None = None
    python_hints: tuple[PythonHint, ...] = field(default=())


def read_hint(text: object, path: str, line: int, *, stated: bool) -> PythonHint | None:
    """A hint from a specifier, None where PEP 440 does not understand it or it says nothing."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        range_ = SpecifierSet(text)
    except InvalidSpecifier:
        return None
    return (
        PythonHint(range=range_, stated=stated, origin=Origin(path=path, line=line, end_line=line)) if range_ else None
    )


def read_script(line: object) -> Script | None:
    """A console script from ``name = module:function [extra]``, None where it is something else."""
    match = _ENTRY_POINT.fullmatch(line) if isinstance(line, str) else None
    return Script(name=match["name"], target=re.sub(r"\s", "", match["target"])) if match else None


def find_line(text: str, pattern: str) -> int:
    """The number of the first line that ``pattern`` matches from its beginning, 0 where there is none."""
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(pattern, line):
            return number
    return 0


def text_or_none(value: Any) -> str | None:  # noqa: ANN401 (whatever the file holds)
    """``value`` without white space around it where it is a text that says something."""
    return value.strip() or None if isinstance(value, str) else None
