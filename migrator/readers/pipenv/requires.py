"""``[requires]``: the Python that pipenv makes an environment with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from migrator.model.finding import Code, Severity
from migrator.model.project import PythonHint

from .places import Keys, Places
from .remarks import Remark, likely_mistake, not_understood, quote

_FULL, _SHORT = "python_full_version", "python_version"
_PLAIN = re.compile(r"(?P<short>\d+(?:\.\d+)?)(?P<patch>\.\d+)?(?:\.[*x])?")


class Required(NamedTuple):
    """What a file says of Python: ``python`` as it states it, and the range that a project can promise for it."""

    python: SpecifierSet | None = None
    hint: PythonHint | None = None


def read_requires(table: object, places: Places, keys: Keys, told: list[tuple[Keys, Remark]]) -> Required:
    """What ``table`` asks of Python; whatever else it says is added to ``told``.

    ``python_version = "3.11"`` is each patch release of 3.11 and no other Python. A patch release
    (``python_full_version``) says which one was at hand, and every later one of the same minor version is as good.
    """
    if not isinstance(table, Mapping):
        if table is not None:
            told.append((keys, not_understood(f"requires is {quote(table)}, no table.", 'Write python_version = "…".')))
        return Required()
    found = {key: _read(key, table[key], (*keys, key), told) for key in (_FULL, _SHORT) if key in table}
    for key, value in table.items():
        if key not in {_FULL, _SHORT}:
            message = f"requires.{key} = {quote(value)}: pyproject.toml has a condition for Python only."
            remark = Remark(Code.OPTION_NOT_CARRIED, Severity.REVIEW, message, "Say it in the project's own page.")
            told.append(((*keys, key), remark))
    stated = [(key, python) for key in (_FULL, _SHORT) if (python := found.get(key)) is not None]
    if not stated:
        return Required()
    if len(stated) > 1 and _minor(stated[0][1]) != _minor(stated[1][1]):
        message = f"{_FULL} and {_SHORT} name different Pythons; {_FULL} counts."
        told.append(((*keys, _SHORT), likely_mistake(message, "Keep the one that is meant.")))
    key, python = stated[0]
    hint = PythonHint(range=_minor(python), stated=True, origin=places.find(*keys, key))
    return Required(python, hint)


def _read(key: str, value: Any, keys: Keys, told: list[tuple[Keys, Remark]]) -> SpecifierSet | None:  # noqa: ANN401
    text = value.strip() if isinstance(value, str) else ""
    match = _PLAIN.fullmatch(text)
    if match is not None:
        return SpecifierSet(f"=={match['short']}{match['patch']}" if match["patch"] else f"=={match['short']}.*")
    try:
        python = SpecifierSet(text)
    except (InvalidSpecifier, ValueError):
        python = SpecifierSet()
    if python:
        message = f"{key} = {quote(text)}: pipenv knows no ranges here and finds no such Python; it is read as one."
        told.append((keys, likely_mistake(message, f'Write {key} = "3.11".')))
        return python
    if text != "*":
        told.append(
            (keys, not_understood(f"{key} = {quote(value)} is no version of Python.", f'Write {key} = "3.11".'))
        )
    return None


def _minor(python: SpecifierSet) -> SpecifierSet:
    """``==3.11.4`` as ``==3.11.*``; every other range as it is."""
    clauses = list(python)
    if len(clauses) == 1 and clauses[0].operator == "==" and not clauses[0].version.endswith(".*"):
        return SpecifierSet(f"=={'.'.join(clauses[0].version.split('.')[:2])}.*")
    return python
