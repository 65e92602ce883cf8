"""What of the project's folder can be installed, and what a build tool takes of it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from enum import StrEnum

from .origin import Origin


class PlaceKind(StrEnum):
    """What can be imported, the likeliest package first."""

    PACKAGE = "package"
    """A folder with ``__init__.py``."""
    MODULE = "module"
    """A single file."""
    NAMESPACE = "namespace"
    """A folder without ``__init__.py`` that has Python files somewhere inside."""
    OTHER = "other"
    """A folder without any, which nobody can import."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class PackageInclude:
    """An entry of ``[tool.poetry] packages``: ``include`` (``imgapp``, ``imgapp.py``, ``ns/imgapp``) from ``root``.

    See https://python-poetry.org/docs/pyproject/#packages.
    """

    root: str = ""
    include: str

    @property
    def path(self) -> str:
        """Where it is, from the project's folder."""
        return posixpath.join(self.root, self.include)

    @property
    def module(self) -> str:
        """The name that an import of it has."""
        return self.include.removesuffix(".py").replace("/", ".")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder or file at the top of the project (or of ``src``, or where a build tool looks).

    ``beside`` is true for what by its name stands beside the package of a project: tests, documentation, ``setup.py``.
    """

    include: PackageInclude
    kind: PlaceKind
    beside: bool = False

    @property
    def is_top(self) -> bool:
        """Whether it is no package inside a namespace."""
        return "/" not in self.include.include


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedPackages:
    """What the configuration of a build tool installs; nothing where ``packages`` is empty.

    ``by`` shows the words, as ``[tool.uv] package = false``. ``is_poetrys`` is true where Poetry reads them itself.
    """

    packages: tuple[PackageInclude, ...]
    by: str
    origin: Origin = field(compare=False)
    is_poetrys: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """``places`` come the top first, then ``src``, sorted in each.

    ``absent`` is a configuration that names packages of which none is in the project's folder.
    """

    places: tuple[Place, ...] = ()
    stated: StatedPackages | None = None
    absent: StatedPackages | None = None

    @property
    def packages(self) -> tuple[PackageInclude, ...]:
        """The packages that seem to be the project's own: those that are stated, else those that are seen."""
        if self.stated is not None and self.stated.packages:
            return self.stated.packages
        return tuple(p.include for p in self.places if p.kind is PlaceKind.PACKAGE and p.is_top and not p.beside)
