"""What of the project's folder can be installed, and what its build tool takes of it."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.layout import Layout, StatedPackages
from migrator.model.tree import Tree

from .metadata import Metadata
from .places import read_places
from .selection import resolve

_FLAT_OR_SRC = ("", "src")


def read_layout(tree: Tree, stated: Iterable[Metadata]) -> Layout:
    """The places of the project's folder, and the first of what the files of ``stated`` say that is there."""
    selections = [each.selection for each in stated if each.selection is not None]
    roots = dict.fromkeys((*_FLAT_OR_SRC, *(root for selection in selections for root in selection.looks_in)))
    places = read_places(tree, (root for root in roots if not root.startswith(("/", ".."))))
    resolved = (resolve(selection, places) for selection in selections)
    found = next((each for each in resolved if each is not None), None)
    if found is not None:
        return Layout(places=places, stated=found)
    named = (selection for selection in selections if selection.names or selection.paths)
    absent = (StatedPackages(packages=(), by=selection.by, origin=selection.origin) for selection in named)
    return Layout(places=places, absent=next(absent, None))
