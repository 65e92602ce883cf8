"""What a test declares: releases, in plain Python or in a JSON file."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

SdistMetadata = Literal["static", "dynamic", "legacy"]
"""How much an sdist tells without being built.

static   PKG-INFO 2.2 that states the requirements; builds offline with a backend of its own
dynamic  PKG-INFO 1.1 without requirements, which a setup.py computes; builds offline too
legacy   as dynamic, but without pyproject.toml: a build needs setuptools, as old releases do
"""

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Release:
    """One version of one package, and the files that the index has of it."""

    name: str
    version: str
    requires: Sequence[str] = ()
    """PEP 508 strings; extras are those that their markers name."""
    requires_python: str | None = None
    wheels: Sequence[str] = ("py3-none-any",)
    """Tags, one wheel for each; a platform tag gives a platform wheel."""
    sdist: bool = True
    sdist_metadata: SdistMetadata = "static"
    spelled: str | None = None
    """The version in file names, where it is not written as PEP 440 writes it."""
    yanked: str | None = None
    """The reason, perhaps empty; None when the release is not yanked."""
    yanked_files: Sequence[str] = ()
    """Single yanked files: a wheel's tag, "sdist", or a file name."""
    hash_algorithms: Sequence[str] = ("sha256",)
    """What the index offers; a PEP 503 link has room for the first only. Empty: no hash."""
    modules: Mapping[str, str] = field(default_factory=dict)
    """Path and text of each file to install; without any, one package that knows its version."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Console scripts: command to `module:function`."""
    libs: Sequence[str] = ()
    """Shared libraries inside `<name>.libs/` of every platform wheel, as auditwheel leaves them."""
    padding: int = 0
    """Incompressible bytes in every file, to make it large."""
    summary: str = "A release made for tests"
    license: str | None = None
    upload_time: str = "2024-01-01T00:00:00.000000Z"
    build_marker: str | None = None
    """A file to which code of the sdist adds `name==version` when it runs; None: see BUILD_MARKER_VARIABLE."""

    def __post_init__(self) -> None:
        if self.libs and not any(is_platform_tag(tag) for tag in self.wheels):
            raise ValueError(f"{self.name} {self.version}: libs need a platform wheel")
        if not self.wheels and not self.sdist:
            raise ValueError(f"{self.name} {self.version}: a release needs a file")

    @property
    def canonical_name(self) -> str:
        """The name as PEP 503 writes it."""
        return canonicalize_name(self.name)

    @property
    def canonical_version(self) -> str:
        """The version as PEP 440 writes it, or as it stands when PEP 440 cannot read it."""
        try:
            return str(Version(self.version))
        except InvalidVersion:
            return self.version

    @property
    def import_name(self) -> str:
        """The module that is installed unless `modules` says otherwise."""
        return self.canonical_name.replace("-", "_")

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras that the requirements name, in order."""
        return tuple(dict.fromkeys(extra for line in self.requires for extra in _EXTRA.findall(line)))


def is_platform_tag(tag: str) -> bool:
    """Whether a wheel of this tag installs on one platform only."""
    return tag.rpartition("-")[2] != "any"


def read_specification(text: str) -> list[Release]:
    """Releases from JSON: a list of objects whose keys are the fields of Release."""
    releases = []
    for position, entry in enumerate(json.loads(text)):
        releases.append(_release(entry, position))
    return releases


def _release(entry: Mapping[str, Any], position: int) -> Release:
    known = {each.name for each in dataclasses.fields(Release)}
    if unknown := sorted(set(entry) - known):
        raise ValueError(f"release {position}: unknown {', '.join(unknown)}")
    if missing := sorted({"name", "version"} - set(entry)):
        raise ValueError(f"release {position}: no {', '.join(missing)}")
    return Release(**entry)
