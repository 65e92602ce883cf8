"""Versions and specifiers, also those that some pip accepted and PEP 440 refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.version import Version


@dataclass(frozen=True, kw_only=True, slots=True)
class RawVersion:
    """A version that PEP 440 refuses, such as ``2011n`` or ``0.7.1-T``; kept as written."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSpecifier:
    """A specifier that PEP 440 refuses, such as ``==2011n`` or ``>dev``; kept as written."""

    text: str

    def __str__(self) -> str:
        return self.text


AnyVersion: TypeAlias = Version | RawVersion
AnySpecifier: TypeAlias = SpecifierSet | RawSpecifier


def read_version(text: str) -> AnyVersion:
    """``text`` as a :class:`~packaging.version.Version` where PEP 440 allows it, else as it stands."""
    try:
        return Version(text)
    except ValueError:  # InvalidVersion is one; a number of thousands of digits gives another
        return RawVersion(text=text)


def read_specifier(text: str) -> AnySpecifier:
    """``text`` as a :class:`~packaging.specifiers.SpecifierSet` where PEP 440 allows it, else as it stands."""
    try:
        return SpecifierSet(text)
    except ValueError:  # likewise
        return RawSpecifier(text=text)


def pinned_version(specifier: AnySpecifier) -> AnyVersion | None:
    """The one version that ``==V`` or ``===V`` names, or None where the specifier is anything else."""
    if isinstance(specifier, RawSpecifier):
        text = specifier.text.strip()
        if text.startswith("==") and "," not in text:
            version = text.lstrip("=").strip()
            return read_version(version) if version and "*" not in version else None
        return None
    clauses = list(specifier)
    if len(clauses) != 1 or clauses[0].operator not in {"==", "==="} or clauses[0].version.endswith(".*"):
        return None
    return read_version(clauses[0].version)
