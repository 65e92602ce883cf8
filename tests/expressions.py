"""Values as the reader of pypi2nix's expressions gives them, for the tests of what comes after it."""

from __future__ import annotations

from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Evidence, IndexFile, Metadata
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Option, Pin, Project

EXPRESSION = "requirements.nix"


def pin(text: str, *, line: int = 1, needs: str = "", build: str = "", **fields: Any) -> Pin:
    """``name version``, what it needs and what builds it, parted by blanks."""
    name, _, version = text.partition(" ")
    return Pin(
        name=canonicalize_name(name),
        raw_name=name,
        version=Version(version) if version else None,
        origin=Origin(path=EXPRESSION, line=line),
        needs=tuple(needs.split()),
        build_needs=tuple(build.split()),
        **fields,
    )


def line(text: str, number: int = 1, path: str = "requirements.txt", **fields: Any) -> Dependency:
    requirement = Requirement(text)
    return Dependency(
        name=canonicalize_name(requirement.name),
        raw_name=requirement.name,
        specifier=requirement.specifier if str(requirement.specifier) else SpecifierSet(),
        extras=frozenset(requirement.extras),
        marker=requirement.marker,
        origin=Origin(path=path, line=number),
        **fields,
    )


def option(name: str, value: str = "") -> Option:
    return Option(option=name, value=value, origin=Origin(path=EXPRESSION, line=5))


def project(*pins: Pin, **fields: Any) -> Project:
    own: dict[str, Any] = {"format": "pypi2nix", "origin": Origin(path=EXPRESSION), "sources": (EXPRESSION,)}
    return Project(pins=pins, **(own | fields))


def fact(text: str, *needs: str, python: str | None = None, files: tuple[str, ...] = ()) -> Metadata:
    name, _, version = text.partition(" ")
    return Metadata(
        name=canonicalize_name(name),
        version=Version(version),
        requires=tuple(Requirement(need) for need in needs),
        requires_python=python,
        files=tuple(IndexFile(name=file, hash="") for file in files),
    )


def evidence(*facts: Metadata) -> Evidence:
    return Evidence(facts=facts)
