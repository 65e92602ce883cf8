"""Versions that the names of the files spell otherwise than the lock: ``regex-2017.04.29.tar.gz`` is 2017.4.29."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from migrator.model.native import FileVersion
from migrator.model.project import Pin
from migrator.model.source import FromIndex

_SDIST = re.compile(r"\.(?:tar\.gz|zip|tar\.bz2|tgz|tar\.xz|tar\.Z|tar)\Z")


def find_respelled(pins: Iterable[Pin]) -> tuple[FileVersion, ...]:
    """The locked packages of which no file's name holds the version as the lock writes it, sorted.

    poetry2nix takes only files whose names do.
    """
    found = set()
    for pin in pins:
        text = str(pin.version)
        if not isinstance(pin.source, FromIndex) or any(text in file for file in pin.files):
            continue
        # what is built from source first: a wheel is the exception in Nix
        spelled = [_version_of(file, pin.name) for file in sorted(pin.files, key=lambda f: (f.endswith(".whl"), f))]
        same = [version for version in spelled if version and _means(version, pin.version)]
        if same:
            found.add(FileVersion(package=pin.name, version=text, spelled=same[0]))
    return tuple(sorted(found, key=lambda row: (row.package, row.version)))


def _version_of(file: str, name: NormalizedName) -> str | None:
    if file.endswith(".whl"):
        fields = file.split("-")
        return fields[1] if len(fields) > 1 else None
    pattern = "[-_.]+".join(map(re.escape, name.split("-")))
    match = re.match(rf"{pattern}-(?P<version>.+)", _SDIST.sub("", file), re.IGNORECASE)
    return match["version"] if match and _SDIST.search(file) else None


def _means(text: str, version: object) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False
