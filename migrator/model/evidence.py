"""What the index says of the pins: facts brought back from the world, so that planning stays pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from packaging.requirements import Requirement
from packaging.utils import NormalizedName

from .version import AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexFile:
    """One distributed file: its name, its ``algorithm:hex`` hash, and whether its address is the public index's own."""

    name: str
    hash: str
    public: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """One release as the index describes it.

    ``requires`` are its PEP 508 requirements, extras' included; ``requires_python`` the text of that field.
    ``index`` is the name of the source that has it, None for the default one. ``yanked`` is the reason given,
    empty when none is given, None for a release that is not yanked. ``contested`` is true where an index that is
    searched before that one has the same release with other files.
    """

    name: NormalizedName
    version: AnyVersion
    requires: tuple[Requirement, ...] = ()
    requires_python: str | None = None
    files: tuple[IndexFile, ...] = ()
    yanked: str | None = None
    index: str | None = None
    contested: bool = False


class Absence(StrEnum):
    """Why nothing is known of a release."""

    NO_PACKAGE = "no-package"
    NO_VERSION = "no-version"
    UNREAD_NAME = "unread-name"
    """The index has it in a file from whose name Poetry reads no version: ``detail``."""
    NEEDS_BUILD = "needs-build"
    NO_FILES = "no-files"
    BAD_METADATA = "bad-metadata"
    BUILD_FAILED = "build-failed"
    """Only a build tells what it needs, and that went wrong: ``detail`` is what the build said last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A release that the index does not have or cannot describe. ``versions`` are those it offers, oldest first."""

    name: NormalizedName
    version: AnyVersion
    why: Absence
    detail: str = ""
    versions: tuple[AnyVersion, ...] = ()

    @property
    def has_no_relative(self) -> bool:
        """Whether no other version could stand in for it either."""
        return self.why is Absence.NO_PACKAGE or (self.why is Absence.UNREAD_NAME and not self.versions)


Fact: TypeAlias = Metadata | Missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that was gathered, sorted by name and version.

    ``transport`` is the address through which the default index was reached when that is not the public one's own
    JSON interface, else empty; it never shows credentials.
    """

    facts: tuple[Fact, ...] = ()
    transport: str = ""
    fallback: bool = False
    """The default index gave no JSON, so its plain PEP 503 pages were read."""
    _by_release: dict[tuple[NormalizedName, AnyVersion], Fact] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_release: dict[tuple[NormalizedName, AnyVersion], Fact] = {}
        for fact in self.facts:
            by_release.setdefault((fact.name, fact.version), fact)
        object.__setattr__(self, "_by_release", by_release)

    def of(self, name: NormalizedName, version: AnyVersion) -> Fact | None:
        """The fact about one release, None when it was not asked for."""
        return self._by_release.get((name, version))
