"""What distributed files say of how they were built: facts brought back from the world, so that planning stays pure."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.utils import NormalizedName

from .version import AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionFile:
    """A file to look into: ``file`` of a locked release, with the hashes that the lock allows it (``algorithm:hex``).

    Without a ``file`` it is what was unpacked to lock the package: a repository or an archive at an address.
    ``index`` is as in :class:`~migrator.model.source.FromIndex`.
    """

    package: NormalizedName
    version: AnyVersion | None
    file: str = ""
    hashes: tuple[str, ...] = ()
    index: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inside:
    """What was found in such a file.

    ``libraries`` are the names of the shared libraries that a repaired wheel carries beside its package
    (``libopenjp2-98a646ca.so.2.5.0``), sorted. ``generator`` is what made the wheel, as its WHEEL file says.
    ``build_requires`` are the PEP 508 requirements of a source's build system, empty where it states none (PEP 517
    then means setuptools), None for a wheel.
    """

    package: NormalizedName
    file: str = ""
    libraries: tuple[str, ...] = ()
    generator: str = ""
    build_requires: tuple[str, ...] | None = None
