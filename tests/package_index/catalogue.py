"""The releases that an index has, and their files, which are made when first asked for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from . import distributions
from .release import Release


@dataclass(frozen=True)
class DistributionFile:
    """One file of a release."""

    release: Release
    filename: str
    tag: str | None
    """The tag of a wheel; None for the sdist."""

    @property
    def packagetype(self) -> Literal["bdist_wheel", "sdist"]:
        """The kind of file, in PyPI's words."""
        return "sdist" if self.tag is None else "bdist_wheel"

    @property
    def yanked(self) -> str | None:
        """Why the file is yanked, perhaps for an empty reason; None when it is not."""
        if self.release.yanked is not None:
            return self.release.yanked
        single = {self.filename, self.tag or "sdist"} & set(self.release.yanked_files)
        return "" if single else None

    @cached_property
    def content(self) -> bytes:
        """The bytes."""
        if self.tag is None:
            return distributions.sdist(self.release)
        return distributions.wheel(self.release, self.tag)

    @cached_property
    def core_metadata(self) -> bytes | None:
        """What the `.metadata` file beside a wheel holds; an sdist has none, as on PyPI."""
        return None if self.tag is None else distributions.core_metadata(self.release)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Every hash that an index may offer, by algorithm, in hexadecimal."""
        names = {"md5", "sha1", "sha256", "sha384", "sha512", *self.release.hash_algorithms}
        found = {name: hashlib.new(name, self.content).hexdigest() for name in sorted(names)}
        found["blake2b_256"] = hashlib.blake2b(self.content, digest_size=32).hexdigest()
        return found


class Catalogue:
    """Releases by name and version. Thread-safe."""

    def __init__(self, releases: Iterable[Release] = ()) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, dict[str, tuple[DistributionFile, ...]]] = {}
        self.publish(*releases)

    def publish(self, *releases: Release) -> None:
        """Add releases; one that is there already is replaced."""
        with self._lock:
            for release in releases:
                versions = dict(self._files.get(release.canonical_name, {}))
                versions[release.canonical_version] = _files(release)
                self._files[release.canonical_name] = versions

    def withdraw(self, name: str, version: str | None = None) -> None:
        """Remove one version, or all of them."""
        with self._lock:
            name = canonicalize_name(name)
            if version is None:
                del self._files[name]
            else:
                kept = dict(self._files[name])
                del kept[_canonical_version(version)]
                self._files[name] = kept

    def names(self) -> list[str]:
        """The canonical names, sorted."""
        with self._lock:
            return sorted(self._files)

    def versions(self, name: str) -> list[str] | None:
        """The versions of a package, oldest first; None when there is no such package."""
        with self._lock:
            versions = self._files.get(canonicalize_name(name))
        return None if versions is None else sorted(versions, key=_age)

    def files(self, name: str, version: str | None = None) -> tuple[DistributionFile, ...]:
        """The files of one version or of all, oldest version first, wheels before the sdist."""
        with self._lock:
            versions = self._files.get(canonicalize_name(name), {})
        if version is not None:
            return versions.get(_canonical_version(version), ())
        return tuple(file for each in sorted(versions, key=_age) for file in versions[each])

    def prebuild(self) -> int:
        """Make every file and hash now; gives how many files there are."""
        files = [file for name in self.names() for file in self.files(name)]
        return sum(1 for file in files if file.digests)


def _files(release: Release) -> tuple[DistributionFile, ...]:
    wheels = [DistributionFile(release, distributions.wheel_filename(release, tag), tag) for tag in release.wheels]
    if release.sdist:
        wheels.append(DistributionFile(release, distributions.sdist_filename(release), None))
    return tuple(wheels)


def _canonical_version(text: str) -> str:
    try:
        return str(Version(text))
    except InvalidVersion:
        return text


def _age(text: str) -> tuple[Version, str]:
    try:
        return Version(text), text
    except InvalidVersion:
        return Version("0.dev0"), text
