"""What the user asked for on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from .plan import Style
from .project import Script
from .reader import Input
from .url import Url


class Constraint(StrEnum):
    """What a pin becomes in pyproject.toml; the lock keeps the very version in every case."""

    CARET = "caret"
    COMPATIBLE = "compatible"
    MINIMUM = "minimum"
    EXACT = "exact"


Ask: TypeAlias = Callable[[str], str | None]
"""Put a question to the person at the terminal; None when there is none, or no answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The options of the migrating commands; see ``migrate from-requirements --help``."""

    style: Style | None = None
    python: SpecifierSet | None = None
    constraint: Constraint | None = None
    inputs: tuple[Input, ...] = ()
    """The files that the user named, relative to the project; empty where they are to be found."""
    name: str | None = None
    scripts: tuple[Script, ...] = ()
    natives: tuple[tuple[str, NormalizedName], ...] = ()
    prefer_wheels: bool = False
    index_url: Url | None = None
    lock: bool = True
    nix: bool = True
    flake: bool = False
    dry_run: bool = False
    allow_drift: bool = False
    allow_build: bool = False
    check_with_nix: bool = False
