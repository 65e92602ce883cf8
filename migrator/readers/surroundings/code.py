"""The project's own code: which packages it has, and what they import."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.tree import Tree

from .lenient import list_folder, read_file
from .setuptools import parse

MOST_FILES = 1_500
MOST_FOLDERS = 1_000
MOST_BYTES = 3_000_000
LARGEST_FILE = 500_000

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
    {"setup", "conftest", "noxfile", "fabfile", "tasks", "dodo", "versioneer", "ez_setup", "manage", "__init__"}
)
_TESTS = frozenset({"test", "tests", "testing"})
_IMPORT = re.compile(rb"[ \t]*(?:import[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)|from[ \t]+([\w.]+)[ \t]+import\b)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """``packages`` and ``modules`` are paths from the project's folder; imports are top-level names."""

    packages: tuple[str, ...]
    modules: tuple[str, ...]
    imports: frozenset[str]
    test_imports: frozenset[str]


def read_code(tree: Tree) -> Code:
    """The packages at the top of the project (or of its ``src``), and what its Python files import.

    Hidden folders, virtual environments and other people's code are passed over. Reading stops at
    :data:`MOST_FILES`, :data:`MOST_FOLDERS` and :data:`MOST_BYTES`, nearest folders first.
    """
    top = _modules(tree, "")
    src = () if _has(tree, "src", "__init__.py") else _modules(tree, "src")
    own = {_stem(path) for path in (*top, *src)}
    imports: set[str] = set()
    test_imports: set[str] = set()
    for path, content in _python_files(tree):
        (test_imports if _is_test(path) else imports).update(_imported(content))
    # a folder without __init__.py is not counted as own: what is installed comes before it
    known = sys.stdlib_module_names | own
    return Code(
        packages=tuple(path for path in (*top, *src) if not path.endswith(".py") and _stem(path) not in _NO_PACKAGE),
        modules=tuple(path for path in (*top, *src) if path.endswith(".py") and _stem(path) not in _NO_MODULE),
        imports=frozenset(imports - known),
        test_imports=frozenset(test_imports - imports - known),
    )


def _modules(tree: Tree, folder: str) -> tuple[str, ...]:
    """What can be imported from ``folder``: paths of packages and of single modules."""
    found = []
    for name in list_folder(tree, folder):
        path = posixpath.join(folder, name.rstrip("/"))
        if name.endswith("/"):
            bare = name.rstrip("/")
            if _IDENTIFIER.fullmatch(bare) and bare not in NOT_THE_PROJECT and _has(tree, path, "__init__.py"):
                found.append(path)
        elif name.endswith(".py") and _IDENTIFIER.fullmatch(name.removesuffix(".py")):
            found.append(path)
    return tuple(found)


def _python_files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    files = size = 0
    seen = 1
    folders = deque([""])
    while folders:
        folder = folders.popleft()
        names = list_folder(tree, folder)
        if "pyvenv.cfg" in names:
            continue
        for name in names:
            path = posixpath.join(folder, name.rstrip("/"))
            if name.endswith("/"):
                if not name.startswith(".") and name.rstrip("/") not in NOT_THE_PROJECT and seen < MOST_FOLDERS:
                    seen += 1
                    folders.append(path)
            elif name.endswith(".py") and path != "setup.py":  # its imports build the project
                content = read_file(tree, path)
                if content is None or len(content) > LARGEST_FILE:
                    continue
                files += 1
                size += len(content)
                if files > MOST_FILES or size > MOST_BYTES:
                    return
                yield path, content


def _imported(content: bytes) -> set[str]:
    tree = parse(content)
    names: set[str] = set()
    if tree is None:  # Python 2, mostly: its lines still say what is imported
        for line in content.splitlines():
            if match := _IMPORT.match(line):
                names.update(
                    name.strip().decode("utf-8", errors="replace") for name in (match[1] or match[2]).split(b",")
                )
        names.discard("")
    else:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return {name.partition(".")[0] for name in names if not name.startswith(".")}


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return not _TESTS.isdisjoint(folders) or name.startswith("test_") or name in {"conftest.py", "tests.py"}


def _has(tree: Tree, folder: str, name: str) -> bool:
    return name in list_folder(tree, folder)


def _stem(path: str) -> str:
    return posixpath.basename(path).removesuffix(".py")
