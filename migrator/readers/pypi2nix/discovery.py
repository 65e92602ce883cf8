"""Which files are expressions of pypi2nix, which of a folder are inputs of their own, and for which group."""

from __future__ import annotations

import posixpath
import re

from migrator.model.project import MAIN
from migrator.model.reader import Input
from migrator.model.tree import Tree

_SIGNS = (
    b"generated using pypi2nix",
    b'" = python.mkDerivation',
    b"_generated.nix",
    b"commonBuildInputs",
    b"localOverridesFile",
    b"interpreterWithPackages",
)
"""What stands near the beginning of some layout, with or without the header, and in no other Nix file."""
_OVERRIDE_SIGNS = (b"overrideDerivation", b"self:", b"super:")
_HEAD = 4096
_FOLDERS = ("", "nix", "requirements")
_GROUPS = {
    "dev": "dev",
    "devel": "dev",
    "develop": "dev",
    "test": "test",
    "tests": "test",
    "docs": "docs",
    "doc": "docs",
}
_WORDS = re.compile(r"[a-z0-9]+")


def recognises(name: str, head: bytes) -> bool:
    """Whether a file of this name and beginning is an expression of pypi2nix, or an override file for one."""
    if not name.lower().endswith(".nix"):
        return _SIGNS[0] in head
    return any(sign in head for sign in _SIGNS) or all(sign in head for sign in _OVERRIDE_SIGNS)


def discover(tree: Tree) -> tuple[Input, ...]:
    """The expressions of a project: those of its root, else those of ``nix/`` or ``requirements/``.

    A generated file is an input only where its main file is gone; an override file is none. Beside requirements.nix
    only those are inputs that are for another group.
    """
    for folder in _FOLDERS:
        names = [name for name in tree.list(folder) if name.endswith(".nix") and not name.endswith("_override.nix")]
        paths = [posixpath.join(folder, name) for name in names if not _belongs_to_another(name, names)]
        found = [path for path in paths if _is_main(tree.read(path) or b"")]
        usual = posixpath.join(folder, "requirements.nix")
        if usual in found:
            found = [path for path in found if path == usual or group_of(path) != MAIN]
        if found:
            ordered = sorted(found, key=lambda path: (group_of(path) != MAIN, path))
            return tuple(Input(path=path, group=group_of(path)) for path in ordered)
    return ()


def group_of(path: str) -> str:
    """The group that a file's name speaks of: ``test_requirements.nix`` is ``test``."""
    words = _WORDS.findall(posixpath.splitext(posixpath.basename(path).lower())[0])
    return next((_GROUPS[word] for word in words if word in _GROUPS), MAIN)


def _belongs_to_another(name: str, names: list[str]) -> bool:
    return name.endswith("_generated.nix") and name.removesuffix("_generated.nix") + ".nix" in names


def _is_main(data: bytes) -> bool:
    """Whether a file is an expression of pypi2nix, and not one that imports it."""
    head = data[:_HEAD]
    return any(sign in head for sign in _SIGNS) and (b"python.mkDerivation {" in data or b"_generated.nix" in head)
