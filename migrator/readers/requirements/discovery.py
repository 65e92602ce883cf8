"""Which files of a folder are requirements files, which of them are inputs of their own, and for which group."""

from __future__ import annotations

import posixpath
import re

from migrator.model.project import MAIN
from migrator.model.reader import Input
from migrator.model.tree import Tree

from .decoding import decode
from .includes import read_includes

_COMPILED = (".txt", ".pip")
_SUFFIXES = (*_COMPILED, ".in")
_WORDS = re.compile(r"[a-z0-9]+")
_REQUIREMENTS = frozenset({"requirements", "requirement", "reqs", "req", "requires"})
_MAIN_WORDS = frozenset(
    {
        "base",
        "common",
        "core",
        "prod",
        "production",
        "default",
        "main",
        "install",
        "runtime",
        "app",
        "all",
        "pip",
        "live",
    }
)
_GROUPS = {
    "dev": "dev",
    "devel": "dev",
    "develop": "dev",
    "development": "dev",
    "local": "dev",
    "test": "test",
    "tests": "test",
    "testing": "test",
    "doc": "docs",
    "docs": "docs",
    "documentation": "docs",
    "rtd": "docs",
    "readthedocs": "docs",
    "lint": "lint",
    "linting": "lint",
    "linters": "lint",
}
_NOT_ONE = re.compile(r"(?i)constraint|\blicen[cs]e|readme|changelog|changes")


def group_of(path: str) -> str:
    """The group that a requirements file's name speaks of: ``requirements-dev.txt`` is ``dev``, base files are main."""
    return _stated_group(path) or MAIN


def group_of_include(path: str, includer_group: str) -> str:
    """The group of a file that another one includes.

    What production includes is main, whatever it is called; elsewhere the file's own name decides, so that
    ``-r requirements.txt`` in ``requirements-dev.txt`` stays main.
    """
    return MAIN if includer_group == MAIN else _stated_group(path) or includer_group


def discover(tree: Tree) -> tuple[Input, ...]:
    """The requirements files of a project folder: those of its root, then those of ``requirements/``.

    A file that another one includes with ``-r`` is no input of its own, unless it is a ``.in`` whose compiled
    ``.txt`` or ``.pip`` stands beside it, or that one; nor is a file of constraints.
    """
    found = _candidates(tree)
    included = {path for candidate in found for path in _included_by(tree, candidate)}
    inputs = [path for path in found if path not in included or _compiled_pair(path, found)]
    return tuple(Input(path=path, group=group_of(path)) for path in sorted(inputs, key=_reading_order))


def recognises(name: str, head: bytes) -> bool:
    """Whether a file of this name and beginning is a requirements file."""
    base = posixpath.basename(name).lower()
    # further down a NUL is what PowerShell's >> appends, and pip reads the lines around it
    if b"\0" in head.partition(b"\n")[0] and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    stem, suffix = posixpath.splitext(base)
    return suffix in _SUFFIXES or (suffix in {"", ".lock", ".text"} and ("requirement" in stem or "constraint" in stem))


def _candidates(tree: Tree) -> tuple[str, ...]:
    root = [name for name in tree.list("") if name.endswith(_SUFFIXES) and _is_named_so(name)]
    folder = [
        f"requirements/{name}"
        for name in tree.list("requirements")
        if name.endswith(_SUFFIXES) and _NOT_ONE.search(name) is None
    ]
    return (*root, *folder)


def _is_named_so(name: str) -> bool:
    words = _words(name)
    return not _REQUIREMENTS.isdisjoint(words) and _NOT_ONE.search(name) is None


def _included_by(tree: Tree, path: str) -> set[str]:
    data = tree.read(path)
    text = decode(data, "utf-8") if data is not None else ""
    if not isinstance(text, str):
        return set()
    folder = posixpath.dirname(path)
    return {posixpath.normpath(posixpath.join(folder, target)) for target in read_includes(text)} - {path}


def _compiled_pair(path: str, found: tuple[str, ...]) -> bool:
    stem, suffix = posixpath.splitext(path)
    return any(stem + other in found for other in (_COMPILED if suffix == ".in" else (".in",)))


def _stated_group(path: str) -> str:
    words = _words(path)
    for word in words:
        if word in _GROUPS:
            return _GROUPS[word]
    rest = [word for word in words if word not in _REQUIREMENTS]
    if not rest or not _MAIN_WORDS.isdisjoint(rest):
        return MAIN
    return "" if "constraints" in rest or "constraint" in rest else "-".join(rest)


def _words(path: str) -> list[str]:
    return _WORDS.findall(posixpath.splitext(posixpath.basename(path).lower())[0])


def _reading_order(path: str) -> tuple[bool, bool, str, bool]:
    """The root first, main before the groups, a ``.in`` before what was compiled from it."""
    stem, suffix = posixpath.splitext(path)
    return "/" in path, group_of(path) != MAIN, stem, suffix in _COMPILED
