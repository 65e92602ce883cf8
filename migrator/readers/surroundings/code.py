"""The project's own code: what it imports."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.layout import Place, PlaceKind
from migrator.model.tree import Tree

from .lenient import list_folder, read_file
from .places import NOT_THE_PROJECT
from .setuptools import parse

MOST_FILES = 1_500
MOST_FOLDERS = 1_000
MOST_BYTES = 3_000_000
LARGEST_FILE = 500_000

_TESTS = frozenset({"test", "tests", "testing"})
_IMPORT = re.compile(rb"[ \t]*(?:import[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)|from[ \t]+([\w.]+)[ \t]+import\b)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What the code imports, as top-level names."""

    imports: frozenset[str]
    test_imports: frozenset[str]


def read_code(tree: Tree, places: tuple[Place, ...]) -> Code:
    """What the project's Python files import that is neither Python's nor, by its ``places``, the project's own.

    Hidden folders, virtual environments and other people's code are passed over. Reading stops at
    :data:`MOST_FILES`, :data:`MOST_FOLDERS` and :data:`MOST_BYTES`, nearest folders first.
    """
    imports: set[str] = set()
    test_imports: set[str] = set()
    for path, content in _python_files(tree):
        (test_imports if _is_test(path) else imports).update(_imported(content))
    # a folder without __init__.py is not counted as own: what is installed comes before it
    own = {p.include.module for p in places if p.is_top and p.kind in {PlaceKind.PACKAGE, PlaceKind.MODULE}}
    known = sys.stdlib_module_names | own
    return Code(imports=frozenset(imports - known), test_imports=frozenset(test_imports - imports - known))


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
