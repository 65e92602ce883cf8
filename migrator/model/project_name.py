"""The name of a project in a folder, from its static metadata; nothing of it is run."""

from __future__ import annotations

import ast
import configparser
import posixpath
import tomllib

from migrator.model.tree import Tree


def read_project_name(tree: Tree, folder: str) -> str:
    """The name that pyproject.toml, setup.cfg or a plain ``setup(name="…")`` states; empty where none does."""
    for file, read in (("pyproject.toml", _from_pyproject), ("setup.cfg", _from_cfg), ("setup.py", _from_setup)):
        data = tree.read(posixpath.normpath(posixpath.join(folder, file)))
        name = read(data.decode("utf-8", "replace")) if data is not None else None
        if isinstance(name, str) and name.strip():
            return name.strip()
    return ""


def is_project(tree: Tree, folder: str) -> bool:
    """Whether pip finds something to install in ``folder``."""
    return not {"pyproject.toml", "setup.py"}.isdisjoint(tree.list(folder))


def _from_pyproject(text: str) -> object:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (data.get("project"), poetry):
        if isinstance(table, dict) and table.get("name"):
            return table["name"]
    return None


def _from_cfg(text: str) -> object:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    name = parser.get("metadata", "name", fallback="")
    return None if name.startswith(("attr:", "file:")) else name


def _from_setup(text: str) -> object:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return keyword.value.value
    return None


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
