"""The question to Poetry and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from packaging.utils import NormalizedName


@dataclass(frozen=True, kw_only=True, slots=True)
class Relaxation:
    """Pretend that ``package`` does not ask for ``required``: how a reason for a drift is proven."""

    package: NormalizedName
    required: NormalizedName


@dataclass(frozen=True, kw_only=True, slots=True)
class LockRequest:
    """Lock this ``pyproject``, preferring what ``seed`` (a skeleton poetry.lock) holds."""

    pyproject: str
    seed: str
    without: tuple[Relaxation, ...] = ()


class Failure(StrEnum):
    """Why Poetry gave no lock."""

    VERSION_NOT_FOUND = "version-not-found"
    CONFLICT = "conflict"
    PYTHON = "python"
    NEEDS_BUILD = "needs-build"
    BUILD_FAILED = "build-failed"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """Poetry's lock, as it would have written it."""

    text: str
    warnings: tuple[str, ...] = ()
    built: tuple[str, ...] = ()
    """What had to be built to learn its metadata."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotLocked:
    """No lock. ``packages`` are those that Poetry names (``name`` or ``name version``); ``message`` is its own text."""

    failure: Failure
    message: str
    packages: tuple[str, ...] = ()


LockAnswer: TypeAlias = Locked | NotLocked
