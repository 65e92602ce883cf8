"""What differs between two projects: one kind for each compared field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from packaging.markers import Marker
from packaging.utils import NormalizedName

from .source import Source
from .version import AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """A package that only the new side has; ``needed_by`` are the packages there that ask for it.

    Here and below ``groups`` are those that the change is about, empty where it is about all of them.
    """

    name: NormalizedName
    version: AnyVersion | None
    marker: Marker | None = None
    needed_by: tuple[str, ...] = ()
    reason: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A package that only the old side has."""

    name: NormalizedName
    version: AnyVersion | None
    reason: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionChanged:
    """The same package in another version."""

    name: NormalizedName
    old: AnyVersion | None
    new: AnyVersion | None
    reason: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceChanged:
    """The same version from elsewhere."""

    name: NormalizedName
    version: AnyVersion | None
    old: Source
    new: Source
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkerChanged:
    """The same version under another condition."""

    name: NormalizedName
    version: AnyVersion | None
    old: Marker | None
    new: Marker | None
    reason: str = ""


class HashVerdict(StrEnum):
    """What became of the hashes of one version."""

    SAME = "same"
    SUPERSET = "superset"
    """All old ones are there, and more files of the same release."""
    SUBSET = "subset"
    """Fewer than before, none of them new."""
    NOT_COMPARABLE = "not-comparable"
    """Other algorithms on both sides, or none on one."""
    MISMATCH = "mismatch"
    """An old hash is missing among files of the same version: other bytes. An alarm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HashesChanged:
    """The hashes of one version differ. ``missing`` are the old ones that the new side lacks, ``extra`` the reverse."""

    name: NormalizedName
    version: AnyVersion | None
    verdict: HashVerdict
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupsChanged:
    """The same version in other groups."""

    name: NormalizedName
    version: AnyVersion | None
    old: frozenset[str]
    new: frozenset[str]
    reason: str = ""


Change: TypeAlias = Added | Removed | VersionChanged | SourceChanged | MarkerChanged | HashesChanged | GroupsChanged


@dataclass(frozen=True, kw_only=True, slots=True)
class HashProof:
    """The verdict on one kept pin, for the report's count."""

    name: NormalizedName
    version: AnyVersion
    verdict: HashVerdict
