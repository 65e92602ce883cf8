"""Which Python somebody's machine has: files that name one version and promise no range."""

from __future__ import annotations

import re

from migrator.model.project import PythonHint
from migrator.model.tree import Tree

from .metadata import read_hint

_FROM_PYTHON = re.compile(
    r"\s*FROM\s+(?:--\S+\s+)*(?:[^\s:]+/)?python:(\d+\.\d+)(?:\.\d+)?(?:[-@.]\S*)?(?:\s+AS\s+\S+)?\s*", re.IGNORECASE
)
_FILES = (
    # the first group is the minor version; a patch release says nothing about what the project can run on
    (".python-version", re.compile(r"\s*(?:python-?|cpython-?)?(\d+\.\d+)(?:\.\d+)?\S*\s*(?:#.*)?")),
    ("runtime.txt", re.compile(r"\s*python-(\d+\.\d+)(?:\.\d+|\.x)?\s*(?:#.*)?")),
    (".tool-versions", re.compile(r"\s*python\s+(\d+\.\d+)(?:\.\d+)?\S*(?:\s.*)?")),
    ("Dockerfile", _FROM_PYTHON),
    ("docker/Dockerfile", _FROM_PYTHON),
    (".docker/Dockerfile", _FROM_PYTHON),
)


def read_machine_hints(tree: Tree) -> tuple[PythonHint, ...]:
    """The first version that each of the usual files names, in the order in which they count: ``>=X.Y``."""
    hints = []
    for path, pattern in _FILES:
        text = (tree.read(path) or b"").decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := pattern.fullmatch(line):
                hints.append(read_hint(f">={match[1]}", path, number, stated=False))
                break
    return tuple(hint for hint in hints if hint)
