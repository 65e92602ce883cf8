"""Which packages a build tool takes by its configuration, and where they are."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase

from migrator.model.layout import PackageInclude, Place, PlaceKind, StatedPackages
from migrator.model.origin import Origin

_EVERYTHING = ("*",)
_INSTALLABLE = frozenset({PlaceKind.PACKAGE, PlaceKind.MODULE, PlaceKind.NAMESPACE})
_NOWHERE = Origin(path="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Find:
    """``find_packages()``: all below the folder ``root`` whose dotted names match; None is where the tool looks."""

    root: str | None = None
    include: tuple[str, ...] = _EVERYTHING
    exclude: tuple[str, ...] = ()
    namespaces: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What one file's configuration says, before anybody looked whether it is there.

    ``names`` are dotted, of packages and modules alike, looked for in each of ``roots``; ``paths`` are files and
    folders. ``nothing`` says that the project is none to install. ``is_poetrys`` as in ``StatedPackages``.
    """

    by: str
    origin: Origin = _NOWHERE
    names: tuple[str, ...] = ()
    paths: tuple[PackageInclude, ...] = ()
    finds: tuple[Find, ...] = ()
    roots: tuple[str, ...] = ("",)
    nothing: bool = False
    is_poetrys: bool = False

    @property
    def looks_in(self) -> tuple[str, ...]:
        """The folders in which it looks for packages."""
        found = (*self.roots, *(find.root for find in self.finds if find.root is not None))
        return (*found, *(path.root for path in self.paths))


def clean_root(path: str) -> str:
    """A folder as places know it: ``./src/`` is ``src``, and the project's own is empty."""
    path = posixpath.normpath(path.strip() or ".")
    return "" if path == "." else path


def include_of(path: str) -> PackageInclude:
    """A package or module at ``path`` from the project's folder."""
    root, _, name = posixpath.normpath(path.strip()).rpartition("/")
    return PackageInclude(include=name, root=root)


def resolve(selection: Selection, places: tuple[Place, ...]) -> StatedPackages | None:
    """What ``selection`` takes of ``places``; None where nothing of what it names is there."""
    if selection.is_poetrys or selection.nothing:
        packages = selection.paths
    else:
        there = {place.include: place for place in places if place.kind in _INSTALLABLE}
        found = [path for path in selection.paths if path in there]
        found += (include for name in _outermost(selection.names) for include in _look_up(name, selection.roots, there))
        found += (include for find in selection.finds for include in _find(find, selection.roots, places))
        packages = tuple(sorted(set(found)))
        if not packages:
            return None
    return StatedPackages(packages=packages, by=selection.by, origin=selection.origin, is_poetrys=selection.is_poetrys)


def _outermost(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that are inside another one of them."""
    return tuple(name for name in names if not any(name.startswith(f"{other}.") for other in names))


def _look_up(name: str, roots: tuple[str, ...], there: dict[PackageInclude, Place]) -> tuple[PackageInclude, ...]:
    folder = name.replace(".", "/")
    tried = (PackageInclude(include=each, root=root) for root in roots for each in (folder, f"{folder}.py"))
    return next(((include,) for include in tried if include in there), ())


def _find(find: Find, roots: tuple[str, ...], places: tuple[Place, ...]) -> list[PackageInclude]:
    """What the patterns match; without patterns, what does not stand beside a package."""
    looked = roots if find.root is None else (find.root,)
    kinds = {PlaceKind.PACKAGE, PlaceKind.NAMESPACE} if find.namespaces else {PlaceKind.PACKAGE}
    return [
        place.include
        for place in places
        if place.include.root in looked
        and place.is_top
        and place.kind in kinds
        and (find.include != _EVERYTHING or _is_likely(place))
        and any(_matches(place.include.module, pattern) for pattern in find.include)
        and not any(fnmatchcase(place.include.module, pattern) for pattern in find.exclude)
    ]


def _is_likely(place: Place) -> bool:
    return not place.beside and (place.kind is PlaceKind.PACKAGE or bool(place.include.root))


def _matches(module: str, pattern: str) -> bool:
    return fnmatchcase(module, pattern) or pattern.startswith(f"{module}.")
