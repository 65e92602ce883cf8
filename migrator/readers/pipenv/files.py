"""Bytes to data: what Pipfile and Pipfile.lock are before anything in them is looked at."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin

from .json_text import NotJsonError, Repeated, read_json
from .places import Places
from .toml_text import Comment, NotTomlError, read_toml

Data: TypeAlias = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7})(?: .*)?$")


def load_pipfile(data: bytes, path: str) -> tuple[Data, Places, tuple[Comment, ...]] | Finding:
    """What the Pipfile holds, or the one STOP finding that says why nobody can tell.

    A byte order mark and line ends of Windows make no difference, as for pipenv.
    """
    text = _decode(data, path)
    if isinstance(text, Finding):
        return text
    try:
        return read_toml(text, path)
    except NotTomlError as error:
        return _refuse(Code.INVALID_TOML, "TOML", text, path, error, "Correct that line.")


def load_lock(data: bytes, path: str) -> tuple[Data, Places, tuple[Repeated, ...]] | Finding:
    """What the lock holds, or the one STOP finding that says why nobody can tell."""
    text = _decode(data, path)
    if isinstance(text, Finding):
        return text
    try:
        return read_json(text, path)
    except NotJsonError as error:
        advice = "Take the last good one from version control; `pipenv lock` would take the newest versions."
        return _refuse(Code.INVALID_JSON, "JSON", text, path, error, advice)


def _decode(data: bytes, path: str) -> str | Finding:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        data = data.removeprefix(_BOM)
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return Finding(
            code=Code.UNDECODABLE,
            severity=Severity.STOP,
            message=f"{path} is not UTF-8: byte 0x{data[error.start]:02x} at line {line}, column {column}.",
            origin=Origin(path=path, line=line, end_line=line),
            advice="Save the file as UTF-8.",
        )


def _refuse(  # noqa: PLR0913, PLR0917 (what a message of either kind is made of)
    code: Code, form: str, text: str, path: str, error: NotTomlError | NotJsonError, advice: str
) -> Finding:
    what, line, column = str(error), error.line, error.column
    if conflict := _CONFLICT.search(text):
        line, column = text.count("\n", 0, conflict.start()) + 1, 1
        what, advice = "an unresolved merge conflict", "Resolve the merge conflict first."
    where = f" at line {line}, column {column}" if line else ""
    return Finding(
        code=code,
        severity=Severity.STOP,
        message=f"{path} is no {form}: {what[:1].lower()}{what[1:]}{where}.",
        origin=Origin(path=path, line=line, end_line=line),
        advice=advice,
    )
