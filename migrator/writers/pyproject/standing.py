"""What of the user's stands in pyproject.toml and decides about the form of ours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from migrator.model.written import fingerprint

from .blocks import Path, Standing
from .values import show_path

_REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def read_marks(text: str) -> dict[str, dict[str, str]]:
    """The fingerprints that a previous run left in ``[tool.migrator.written]``; what is none is passed over."""
    written = _table(_table(_table(tomllib.loads(text), "tool"), "migrator"), "written")
    return {
        table: {name: mark for name, mark in marks.items() if isinstance(mark, str)}
        for table, marks in written.items()
        if isinstance(marks, dict)
    }


def is_all_ours(text: str, marks: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a previous run wrote all of ``text``, and nobody changed a value or added a comment since."""
    if not marks or "#" in _STRING.sub("", text):
        return False
    data = tomllib.loads(text)
    data["tool"].pop("migrator")
    for table, entries in marks.items():
        standing = get(data, read_path(table))
        for name, mark in entries.items():
            if isinstance(standing, dict) and name in standing and fingerprint(standing[name]) == mark:
                del standing[name]
            elif isinstance(standing, list):
                there = [element for element in standing if name_of_element(element) == name]
                if fingerprint(there) == mark:
                    standing[:] = [element for element in standing if element not in there]
    return not _pruned(data)


def look(text: str, marks: Mapping[str, Mapping[str, str]]) -> Standing:
    """What of the user's decides about the form; what ``marks`` says is ours does not count."""
    data = tomllib.loads(text)
    project = _table(data, "project")
    poetry = _table(_table(data, "tool"), "poetry")
    project_is_ours = _is_ours(marks, "project", "name", project.get("name"))
    dependencies = _table(poetry, "dependencies")
    own = [name for name, value in poetry.items() if name == "name" and not _is_ours(marks, "tool.poetry", name, value)]
    own += [
        name
        for name, value in dependencies.items()
        if name != "python" and not _is_ours(marks, "tool.poetry.dependencies", name, value)
    ]
    requirements = _users_requirements(project.get("dependencies"), marks.get("project.dependencies", {}))
    stated = project.get("requires-python")
    build_system = _table(data, "build-system")
    return Standing(
        has_project="project" in data and not project_is_ours,
        is_classic=bool(own) and "project" not in data,
        dynamic=frozenset(each for each in _list(project, "dynamic") if isinstance(each, str)),
        has_build_system="build-system" in data
        and not _is_ours(marks, "build-system", "build-backend", build_system.get("build-backend")),
        groups=frozenset(
            canonicalize_name(name)
            for name, members in _table(data, "dependency-groups").items()
            if _has_users(members, marks.get(show_path(("dependency-groups", name)), {}))
        ),
        requirements=requirements,
        requires_python=stated
        if isinstance(stated, str) and not _is_ours(marks, "project", "requires-python", stated)
        else None,
    )


def name_of_requirement(element: Any) -> str | None:  # noqa: ANN401 (whatever stands in the array)
    """The canonical name in a PEP 508 text, None for anything else."""
    match = _REQUIREMENT_NAME.match(element) if isinstance(element, str) else None
    return canonicalize_name(match[1]) if match else None


def name_of_table(element: Any) -> str | None:  # noqa: ANN401 (whatever stands in the array)
    """What a table calls itself, None for anything else."""
    name = element.get("name") if isinstance(element, dict) else None
    return name if isinstance(name, str) else None


def name_of_element(element: Any) -> str | None:  # noqa: ANN401 (whatever stands in the array)
    """The name of either."""
    return name_of_table(element) if isinstance(element, dict) else name_of_requirement(element)


def get(data: Any, path: Path) -> Any:  # noqa: ANN401 (whatever TOML can hold)
    """What stands at ``path``, None where nothing does."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def read_path(shown: str) -> Path:
    """A table's path from its name in the record."""
    try:
        node: Any = tomllib.loads(f"{shown} = 0")
    except tomllib.TOMLDecodeError:  # somebody edited the record
        return (shown,)
    path: list[str] = []
    while isinstance(node, dict) and len(node) == 1:
        key, node = next(iter(node.items()))
        path.append(key)
    return tuple(path)


def _has_users(members: Any, marks: Mapping[str, str]) -> bool:  # noqa: ANN401 (whatever TOML can hold)
    """Whether a group has a member that no previous run wrote."""
    if not isinstance(members, list):
        return True
    named = [member for member in members if name_of_requirement(member)]
    return len(named) < len(members) or bool(_users_requirements(members, marks))


def _users_requirements(requirements: Any, marks: Mapping[str, str]) -> tuple[str, ...]:  # noqa: ANN401 (likewise)
    """The names in ``project.dependencies`` that no previous run wrote, sorted."""
    names: dict[str, list[str]] = {}
    for element in requirements if isinstance(requirements, list) else ():
        if name := name_of_requirement(element):
            names.setdefault(name, []).append(element)
    return tuple(sorted(name for name, texts in names.items() if marks.get(name) != fingerprint(texts)))


def _pruned(data: Any) -> Any:  # noqa: ANN401 (whatever TOML can hold)
    """``data`` without tables that hold nothing."""
    if not isinstance(data, dict):
        return data
    return {key: rest for key, value in data.items() if (rest := _pruned(value)) not in ({}, [])}


def _is_ours(marks: Mapping[str, Mapping[str, str]], table: str, name: str, value: Any) -> bool:  # noqa: ANN401 (whatever TOML can hold)
    return marks.get(table, {}).get(name) == fingerprint(value)


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def _list(data: dict[str, Any], name: str) -> list[Any]:
    items = data.get(name)
    return items if isinstance(items, list) else []
