"""Folders whose names pipenv made up: ``e1839a8 = {path = ".", editable = true}``."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TypeVar

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Dependency, Pin, Project
from migrator.model.project_name import read_project_name
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
    names = {path: name for path in sorted(paths) if (name := read_project_name(tree, path))}

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
