"""Folders whose names pipenv made up: ``e1839a8 = {path = ".", editable = true}``."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
import tomllib
from dataclasses import replace
from typing import TypeVar

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Dependency, Pin, Project
from migrator.model.source import FromPath
from migrator.model.tree import Tree

_MADE_UP = re.compile(r"[0-9a-f]{7}")
"""The first digits of the hash of a path, for a folder that did not tell its name."""

Named = TypeVar("Named", Dependency, Pin)


def name_folders(project: Project, tree: Tree) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with the names that folders state for themselves in the place of made-up ones.

    Where a folder states none, the made-up name stays, and a finding says so: Poetry wants the real one.
    """
    lines = [line for line in project.declared if _is_made_up(line)]
    both: list[Dependency | Pin] = [*lines, *(pin for pin in project.pins if _is_made_up(pin))]
    paths = {each.source.path for each in both if isinstance(each.source, FromPath)}
    names = {path: name for path in sorted(paths) if (name := _read_name(tree, path))}

    def rename(each: Named) -> Named:
        name = names.get(each.source.path) if isinstance(each.source, FromPath) and _is_made_up(each) else None
        return replace(each, name=canonicalize_name(name)) if name else each

    findings = tuple(
        _nameless(line, line.source.path)
        for line in lines
        if isinstance(line.source, FromPath)
        and line.source.path not in names
        and posixpath.normpath(line.source.path) != "."
    )
    declared, pins = tuple(map(rename, project.declared)), tuple(map(rename, project.pins))
    return replace(project, declared=declared, pins=pins), findings


def _is_made_up(each: Dependency | Pin) -> bool:
    return isinstance(each.source, FromPath) and _MADE_UP.fullmatch(each.raw_name) is not None


def _nameless(line: Dependency, path: str) -> Finding:
    return Finding(
        code=Code.NAMELESS_URL,
        severity=Severity.REVIEW,
        message=f"{line.raw_name} is a name that pipenv made up for {path}, and nothing there states the real one.",
        origin=line.origin,
        advice=f'Write the name of the package in its place: NAME = {{path = "{path}"}}.',
    )


def _read_name(tree: Tree, folder: str) -> str:
    """What the static metadata of a folder calls the project; nothing of it is run."""
    for file, read in (("pyproject.toml", _from_pyproject), ("setup.cfg", _from_cfg), ("setup.py", _from_setup)):
        data = tree.read(posixpath.normpath(posixpath.join(folder, file)))
        name = read(data.decode("utf-8", "replace")) if data is not None else None
        if isinstance(name, str) and name.strip():
            return name.strip()
    return ""


def _from_pyproject(text: str) -> object:
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    names = (table.get("name") for table in (data.get("project"), poetry) if isinstance(table, dict))
    return next((name for name in names if name), None)


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
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    named = (
        word.value.value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "setup"
        for word in call.keywords
        if word.arg == "name" and isinstance(word.value, ast.Constant)
    )
    return next(named, None)
