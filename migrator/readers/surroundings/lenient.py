"""A tree of which some may not be read (the folder of a database, say): that says nothing about the project."""

from __future__ import annotations

from migrator.model.tree import Tree
from migrator.model.trouble import WorldError


def list_folder(tree: Tree, folder: str) -> tuple[str, ...]:
    """The names in ``folder``, empty being the root; nothing where it may not be read."""
    try:
        return tree.list(folder or ".")
    except WorldError:
        return ()


def read_file(tree: Tree, path: str) -> bytes | None:
    """The content of a file, None where it is not there or may not be read."""
    try:
        return tree.read(path)
    except WorldError:
        return None
