"""The normal form: what every reader yields, in reading order. Writers and reports sort."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from .origin import Origin
from .source import FromIndex, Source
from .url import Url
from .version import AnySpecifier, AnyVersion

if TYPE_CHECKING:
    from .finding import Finding

MAIN = "main"
"""Poetry's name for the group of what production installs."""

DEVELOPER_GROUPS = frozenset({"dev", "docs", "lint", "test"})
"""Groups that by their usual names are not for production."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """A declared wish: one requirement as the input states it.

    ``raw_name`` is the name as written, ``name`` its PEP 503 form. ``constraint`` is true for a line that only
    bounds a version (pip's ``-c``). ``hashes`` are ``algorithm:hex``. ``comment`` is the text without ``#``.
    ``via`` names who asked for the package, where the input says so (pip-compile's ``# via``); an entry that
    begins with ``-r`` or ``-c`` names a file. ``by_hand`` is true where the format itself says that a person
    wrote the line (a ``.in`` file, a Pipfile), so that it is a wish; ``compiled`` where a tool wrote it, so that its
    version is a locked fact and no wish.
    """

    name: NormalizedName
    raw_name: str
    origin: Origin = field(compare=False)
    specifier: AnySpecifier = SpecifierSet()
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None
    source: Source = FromIndex()
    editable: bool = False
    group: str = MAIN
    constraint: bool = False
    hashes: tuple[str, ...] = ()
    comment: str | None = None
    via: tuple[str, ...] = ()
    by_hand: bool = False
    compiled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A locked fact: what runs.

    ``version`` is None where the input does not tell it (a repository, a folder). ``hashes`` are
    ``algorithm:hex`` digests of distributed files. ``needs`` are the names this package asks for.
    """

    name: NormalizedName
    raw_name: str
    version: AnyVersion | None
    origin: Origin = field(compare=False)
    source: Source = FromIndex()
    hashes: tuple[str, ...] = ()
    marker: Marker | None = None
    groups: frozenset[str] = frozenset({MAIN})
    extras: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    build_needs: tuple[str, ...] = ()
    format: str | None = None
    licence: str | None = None
    top_level: bool | None = None
    files: tuple[str, ...] = ()
    editable: bool = False


class PinField(StrEnum):
    """What an input may be unable to say of its pins."""

    MARKER = "marker"
    GROUPS = "groups"
    HASHES = "hashes"


class IndexRole(StrEnum):
    """What an index is for, in pip's and Poetry's words."""

    INDEX = "index"
    EXTRA = "extra"
    FIND_LINKS = "find-links"
    SOURCE = "source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """An index that a file of the user names. ``name`` is None where the format has no names."""

    url: Url
    role: IndexRole
    origin: Origin = field(compare=False)
    name: str | None = None
    comment: str | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """An option of the old tool: ``--pre``, ``allow_prereleases``; ``value`` as written, empty for a flag."""

    option: str
    value: str
    origin: Origin = field(compare=False)
    comment: str | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeInput:
    """A nixpkgs attribute that somebody named, and for which package when that is known.

    ``attribute`` is the name of then; ``today`` what nixpkgs calls it now, None where that is unknown.
    """

    attribute: str
    origin: Origin = field(compare=False)
    today: str | None = None
    package: NormalizedName | None = None


class OverrideKind(StrEnum):
    """How an old Nix override speaks about its package."""

    OVERRIDE = "override"
    ALIAS = "alias"
    NEW = "new"
    NULL = "null"
    BULK = "bulk"
    UNKNOWN = "unknown"


class AttributeChange(StrEnum):
    """What an override does to one attribute."""

    APPEND = "append"
    REPLACE = "replace"
    FILTER = "filter"
    CLEAR = "clear"
    SET = "set"


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """An override of one package in an old Nix expression.

    ``builders`` are the Python packages that it adds to those with which the package is built, in its order; the
    libraries and tools that it adds are native inputs.
    """

    package: NormalizedName
    raw_name: str
    how: OverrideKind
    origin: Origin = field(compare=False)
    attributes: tuple[tuple[str, AttributeChange], ...] = ()
    builders: tuple[NormalizedName, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """A comment that belongs to no entry; ``text`` without ``#``."""

    text: str
    origin: Origin = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonHint:
    """One statement about the project's Python: ``range`` and where it stood (a compile header, say)."""

    range: SpecifierSet
    stated: bool
    """True for metadata that promises a range, False for a hint that names the Python of somebody's machine."""
    origin: Origin = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A console script: ``name`` runs ``target``, an entry point ``module:function``."""

    name: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What the files of a project say, in one form for all formats.

    ``format`` is ``requirements``, ``pipenv``, ``pypi2nix`` or ``poetry``; ``python`` the range that the format
    itself states; ``sources`` the files read, in reading order.
    """

    format: str
    origin: Origin = field(compare=False)
    python: SpecifierSet | None = None
    python_hints: tuple[PythonHint, ...] = ()
    declared: tuple[Dependency, ...] = ()
    pins: tuple[Pin, ...] = ()
    indexes: tuple[Index, ...] = ()
    options: tuple[Option, ...] = ()
    natives: tuple[NativeInput, ...] = ()
    overrides: tuple[Override, ...] = ()
    scripts: tuple[Script, ...] = ()
    comments: tuple[Comment, ...] = ()
    sources: tuple[str, ...] = ()
    unstated: frozenset[PinField] = frozenset()
    """Fields in which an empty (for groups: any) value says nothing, beyond what the format never says anyway: an old
    poetry.lock has no markers."""

    @property
    def is_expression(self) -> bool:
        """Whether it is a Nix expression, which says what was built."""
        return self.format == "pypi2nix"

    @property
    def is_pair(self) -> bool:
        """Whether its wishes and its pins stand in two files, Pipfile and Pipfile.lock; one may be older."""
        return self.format == "pipenv"


class CompanionRole(StrEnum):
    """What a file of another format tells about the input that it belongs to."""

    ROOTS = "roots"
    """What the project itself asks for."""
    FROZEN = "frozen"
    """The same pins once more: where the two differ, the input is what was built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Companion:
    """A file of another ``format`` that belongs to an input, because that names it or because it stands beside.

    A reader knows no other reader; so whoever runs them reads it, as an input of ``group``. ``path`` is relative to
    the tree's root, and the file is there; ``origin`` is what names it.
    """

    format: str
    path: str
    role: CompanionRole
    origin: Origin = field(compare=False)
    group: str = MAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A reader's answer: the project, and what a person should know about how it was read."""

    project: Project
    findings: tuple[Finding, ...] = ()
    companions: tuple[Companion, ...] = ()
