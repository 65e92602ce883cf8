"""What could be a package of the project, at the top of its folder, in ``src`` or where a build tool looks."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Container, Iterable, Iterator

from migrator.model.layout import PackageInclude, Place, PlaceKind
from migrator.model.tree import Tree

from .lenient import list_folder

MOST_FOLDERS_INSIDE = 60

NOT_THE_PROJECT = frozenset({
    "__pycache__", "node_modules", "bower_components", "site-packages", "venv", "env", "virtualenv", "build",
    "dist", "vendor", "_vendor", "vendored", "third_party", "eggs", "wheels", "htmlcov", "target", "static",
    "media",
})  # fmt: skip
"""Folders of other people's files, or of none that anybody wrote."""
_NO_PACKAGE = frozenset({
    "test", "tests", "testing", "doc", "docs", "example", "examples", "sample", "samples", "benchmark",
    "benchmarks", "bin", "ci", "etc", "script", "scripts", "tool", "tools", "migrations", "requirements",
    "deploy", "notebooks",
})  # fmt: skip
"""Folders that stand beside the package that a project is."""
_NO_MODULE = frozenset(
    {"conftest", "noxfile", "fabfile", "tasks", "dodo", "versioneer", "ez_setup", "manage", "__init__"}
)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_DEEPEST_NAMESPACE = 3


def read_places(tree: Tree, roots: Iterable[str]) -> tuple[Place, ...]:
    """The places in each folder of ``roots``, ``""`` for the top; a root that is a package itself has none."""
    folders = {root: None for root in roots if not (root and has_file(tree, root, "__init__.py"))}
    return tuple(place for root in folders for place in _places(tree, root, folders))


def _places(tree: Tree, root: str, roots: Container[str]) -> Iterator[Place]:
    for name in list_folder(tree, root):
        bare = name.rstrip("/").removesuffix(".py")
        if not _IDENTIFIER.fullmatch(bare) or name == "setup.py" or posixpath.join(root, bare) in roots:
            continue
        if name.endswith("/"):
            yield from _folder(tree, root, name.rstrip("/"))
        elif name.endswith(".py"):
            include = PackageInclude(include=name, root=root)
            yield Place(include=include, kind=PlaceKind.MODULE, beside=bare in _NO_MODULE or bare in _NO_PACKAGE)


def _folder(tree: Tree, root: str, name: str) -> Iterator[Place]:
    """A folder; and the packages of a namespace, each by itself."""
    include = PackageInclude(include=name, root=root)
    if name in NOT_THE_PROJECT:
        yield Place(include=include, kind=PlaceKind.OTHER, beside=True)
        return
    beside = name in _NO_PACKAGE
    if has_file(tree, include.path, "__init__.py"):
        yield Place(include=include, kind=PlaceKind.PACKAGE, beside=beside)
        return
    python = list(_find_python(tree, include.path))
    yield Place(include=include, kind=PlaceKind.NAMESPACE if python else PlaceKind.OTHER, beside=beside)
    packages = [path for path in python if has_file(tree, path, "__init__.py")]
    for path in sorted(packages):
        inner = path.removeprefix(f"{root}/") if root else path
        if not any(path.startswith(f"{other}/") for other in packages) and inner.count("/") < _DEEPEST_NAMESPACE:
            yield Place(include=PackageInclude(include=inner, root=root), kind=PlaceKind.PACKAGE, beside=beside)


def _find_python(tree: Tree, folder: str) -> Iterator[str]:
    """The folders inside that have Python files, within bounds; what an environment or another tool owns has none."""
    folders = deque([folder])
    for _ in range(MOST_FOLDERS_INSIDE):
        if not folders:
            return
        here = folders.popleft()
        names = list_folder(tree, here)
        if "pyvenv.cfg" in names:
            continue
        if any(name.endswith(".py") for name in names):
            yield here
        folders += (
            posixpath.join(here, name.rstrip("/"))
            for name in names
            if name.endswith("/") and not name.startswith(".") and name.rstrip("/") not in NOT_THE_PROJECT
        )


def has_file(tree: Tree, folder: str, name: str) -> bool:
    """Whether ``name`` is in ``folder``."""
    return name in list_folder(tree, folder)
