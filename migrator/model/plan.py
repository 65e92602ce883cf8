"""What is going to be written, decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from .layout import PackageInclude
from .origin import Origin
from .project import MAIN, Script
from .source import FromIndex, Source
from .url import Url
from .version import AnyVersion

PUBLIC_NAME = "pypi"
"""Poetry's name for PyPI, in lower case."""


class Style(StrEnum):
    """The form of pyproject.toml."""

    CLASSIC = "poetry"
    """``[tool.poetry]`` alone: what Poetry 1 and 2 and poetry2nix all read."""
    PEP621 = "pep621"
    """``[project]``, with ``[tool.poetry]`` only for what PEP 621 cannot say."""
    HYBRID = "hybrid"
    """``[project]`` and, for poetry2nix, the same names again in ``[tool.poetry]``."""


class Priority(StrEnum):
    """Poetry's source priorities."""

    PRIMARY = "primary"
    SUPPLEMENTAL = "supplemental"
    EXPLICIT = "explicit"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedSource:
    """A ``[[tool.poetry.source]]``. Its ``url`` may carry credentials: writers write it without them.

    Poetry knows the address of the one that is called ``PyPI`` and wants none written.
    """

    name: str
    url: Url
    priority: Priority
    origin: Origin | None = field(default=None, compare=False)

    @property
    def is_public(self) -> bool:
        """Whether this is PyPI itself, named because it is not the first source."""
        return self.name.lower() == PUBLIC_NAME


def credential_variables(source: str) -> tuple[str, str]:
    """The environment variables from which Poetry takes user and password of the source of that name."""
    key = source.upper().replace("-", "_")
    return f"POETRY_HTTP_BASIC_{key}_USERNAME", f"POETRY_HTTP_BASIC_{key}_PASSWORD"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDependency:
    """One entry of a dependency table.

    ``constraint`` is in Poetry's words (``^2.31.0``, ``>=1,<3``, ``*``), empty for what has no version. ``was`` is
    the old line and ``why`` what became of it, for the report.
    """

    name: NormalizedName
    raw_name: str
    constraint: str
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None
    source: Source = FromIndex()
    editable: bool = False
    group: str = MAIN
    prereleases: bool = False
    by_hand: bool = False
    """Somebody wrote the constraint, so that it is a wish; false where it was made from a pin."""
    was: str = ""
    why: str = ""
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """A version that the lock should keep: an entry of the skeleton poetry.lock. ``index`` as in ``FromIndex``."""

    name: NormalizedName
    version: AnyVersion
    index: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedDrift:
    """A pin that was allowed to move: from ``old`` to ``new``, empty when it went."""

    name: NormalizedName
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """``[tool.migrator]``: what a rerun and ``check`` need to know again."""

    format: str
    sources: tuple[str, ...]
    answers: tuple[tuple[str, str | bool | tuple[str, ...]], ...] = ()
    accepted: tuple[AcceptedDrift, ...] = ()
    known: tuple[str, ...] = ()
    """Other differences between the old files and the new ones that the migration left, by their keys; sorted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectPlan:
    """Everything that pyproject.toml and the lock depend on."""

    style: Style
    name: str
    version: str
    description: str
    python: SpecifierSet
    python_why: str
    package_mode: bool
    scripts: tuple[Script, ...]
    dependencies: tuple[PlannedDependency, ...]
    sources: tuple[PlannedSource, ...]
    seeds: tuple[Seed, ...]
    record: Record
    packages: tuple[PackageInclude, ...] = ()
    """What ``[tool.poetry] packages`` has to name; empty where Poetry finds the package by the project's name."""
    import_root: str = ""
    """The folder, from the project's, that Python has to look in for the package."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups beside main, sorted."""
        return tuple(sorted({d.group for d in self.dependencies} - {MAIN}))
