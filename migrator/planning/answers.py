"""The user's answers, as ``[tool.migrator]`` keeps them: a rerun needs no flags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from migrator.model.plan import Record
from migrator.model.project import Script
from migrator.model.reader import Input
from migrator.model.settings import Constraint, Settings

Answer: TypeAlias = str | bool | tuple[str, ...]
T = TypeVar("T")

_BOUNDS = "-c "
"""What stands before a file that only bounds versions."""


def record_answers(settings: Settings) -> tuple[tuple[str, Answer], ...]:
    """What the user said, by option, sorted; nothing for what was left to us."""
    answers: dict[str, Answer | None] = {
        "constraint": settings.constraint.value if settings.constraint else None,
        "files": tuple(_show_input(given) for given in settings.inputs),
        "flake": settings.flake,
        "name": settings.name,
        "natives": tuple(sorted(f"{attribute}={package}" for attribute, package in settings.natives)),
        "prefer-wheels": settings.prefer_wheels,
        "python": str(settings.python) if settings.python is not None else None,
        "scripts": tuple(f"{script.name}={script.target}" for script in settings.scripts),
    }
    return tuple((key, value) for key, value in sorted(answers.items()) if value)


def recall_answers(settings: Settings, record: Record | None, format_: str) -> Settings:
    """``settings`` with the answers of an earlier run wherever this run says nothing.

    An answer that somebody edited into nonsense is passed over, as if it had not been given; and so are the files of a
    run that was not about the ``format_`` of this one.
    """
    answers = dict(record.answers) if record is not None else {}
    if record is not None and record.format != format_:
        answers.pop("files", None)
    return replace(
        settings,
        inputs=settings.inputs or _each(answers, "files", _read_input),
        constraint=settings.constraint or _read(answers, "constraint", Constraint),
        flake=settings.flake or answers.get("flake") is True,
        name=settings.name or _read(answers, "name", str),
        natives=settings.natives
        or tuple((left, canonicalize_name(right)) for left, right in _each(answers, "natives", _split)),
        prefer_wheels=settings.prefer_wheels or answers.get("prefer-wheels") is True,
        python=settings.python if settings.python is not None else _read(answers, "python", SpecifierSet),
        scripts=settings.scripts
        or tuple(Script(name=left, target=right) for left, right in _each(answers, "scripts", _split)),
    )


def _show_input(given: Input) -> str:
    return f"{_BOUNDS}{given.path}" if given.constraint else f"{given.group}={given.path}"


def _read_input(text: str) -> Input | None:
    if text.startswith(_BOUNDS):
        return Input(path=text.removeprefix(_BOUNDS), constraint=True)
    pair = _split(text)
    return Input(path=pair[1], group=pair[0]) if pair and not pair[1].startswith(("/", "~")) else None


def _split(text: str) -> tuple[str, str] | None:
    left, equals, right = text.partition("=")
    return (left, right) if left and equals and right else None


def _read(answers: dict[str, Answer], key: str, read: Callable[[str], T]) -> T | None:
    value = answers.get(key)
    try:
        return read(value) if isinstance(value, str) else None
    except (ValueError, InvalidSpecifier):
        return None


def _each(answers: dict[str, Answer], key: str, read: Callable[[str], T | None]) -> tuple[T, ...]:
    value = answers.get(key)
    found = (read(text) for text in value) if isinstance(value, tuple) else ()
    return tuple(item for item in found if item is not None)
