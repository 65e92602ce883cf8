"""The table of native inputs, ``natives.toml``: knowledge about packages, kept apart from what is done with it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.version import AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeRow:
    """What one package needs of nixpkgs when it is built from source; every list is sorted.

    ``optional`` is what it uses where it is there, ``runtime`` what it only loads or runs when it works: a build needs
    neither. ``covered`` is the part of ``libraries`` and ``tools`` that poetry2nix's own override gives.
    ``prefer_wheel`` are the versions whose build has no way in poetry2nix, None where it has one.
    """

    package: NormalizedName
    reason: str
    libraries: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()
    covered: frozenset[str] = frozenset()
    built_with: tuple[tuple[NormalizedName, SpecifierSet], ...] = ()
    """What builds it that poetry2nix does not know of, each with the versions that it builds."""
    prefer_wheel: SpecifierSet | None = None

    def build_systems(self, version: AnyVersion | None) -> tuple[NormalizedName, ...]:
        """Those that build ``version``; all where PEP 440 cannot read it."""
        return tuple(
            name
            for name, versions in self.built_with
            if not isinstance(version, Version) or versions.contains(version, prereleases=True)
        )


def read_rows(text: str) -> dict[NormalizedName, NativeRow]:
    """The rows of a table in the form of ``natives.toml``, in its order."""
    return {NormalizedName(name): _read_row(name, fields) for name, fields in tomllib.loads(text).items()}


@cache
def native_rows() -> dict[NormalizedName, NativeRow]:
    """The table that comes with the program."""
    return read_rows(files(__package__).joinpath("natives.toml").read_text(encoding="utf-8"))


def _read_row(name: str, fields: dict[str, Any]) -> NativeRow:
    libraries, tools = tuple(fields.get("libraries", ())), tuple(fields.get("tools", ()))
    covered = fields.get("covered", ())
    wheel = fields.get("prefer-wheel")
    return NativeRow(
        package=NormalizedName(name),
        reason=fields["reason"],
        libraries=libraries,
        tools=tools,
        optional=tuple(fields.get("optional", ())),
        runtime=tuple(fields.get("runtime", ())),
        covered=frozenset(libraries + tools if covered is True else covered),
        built_with=tuple(map(_read_build_system, fields.get("build-systems", ()))),
        prefer_wheel=None if wheel is None else SpecifierSet("" if wheel is True else wheel),
    )


def _read_build_system(text: str) -> tuple[NormalizedName, SpecifierSet]:
    name, _, versions = text.partition(" ")
    return NormalizedName(name), SpecifierSet(versions)
