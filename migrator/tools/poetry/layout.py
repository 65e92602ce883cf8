"""A copy of what a project's relative paths lead to, so that Poetry's command line can work beside the real one."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

_NOT_COPIED = shutil.ignore_patterns(".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", "poetry.lock")
_DIRECT_REFERENCE = re.compile(r"\s*(?P<name>[A-Za-z0-9._-]+)\s*(\[[^\]]*\])?\s*@\s*(?P<address>\S+)")


def lay_out(root: Path, pyproject: str, stage: Path) -> Path:
    """A folder in ``stage`` for the project ``root``, from which every relative path leads to a copy of what it led to.

    Folders that a path dependency names in its own pyproject.toml are followed; a circle of them is walked once.
    """
    root = root.resolve()
    folder = _place(stage, root)
    folder.mkdir(parents=True)
    seen: set[Path] = {root}
    waiting = [(root, path) for path in path_dependencies(pyproject).values()]
    while waiting:
        base, path = waiting.pop()
        place = (base / path).resolve()
        if place in seen or Path(path).is_absolute():
            continue
        seen.add(place)
        copy = _place(stage, place)
        if place.is_dir():
            shutil.copytree(place, copy, symlinks=True, dirs_exist_ok=True, ignore=_NOT_COPIED)
            waiting += [(place, further) for further in path_dependencies(_text(place / "pyproject.toml")).values()]
        elif place.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, copy)
    local = root / "poetry.toml"
    if local.is_file():
        shutil.copyfile(local, folder / "poetry.toml")
    return folder


def path_dependencies(pyproject: str) -> dict[str, str]:
    """The path of each dependency that is a folder or file; empty where the text is no TOML."""
    return {name: str(entry["path"]) for name, entry in _entries(pyproject) if "path" in entry}


def direct_origins(pyproject: str) -> tuple[str, ...]:
    """The names of dependencies from a folder, a file, git or an address, sorted; wheels are never built."""
    found = {
        name
        for name, entry in _entries(pyproject)
        for address in (entry.get("path"), entry.get("git"), entry.get("url"))
        if address is not None and not str(address).endswith(".whl")
    }
    return tuple(sorted(found))


def _entries(pyproject: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        data = tomllib.loads(pyproject)
    except tomllib.TOMLDecodeError:
        return
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), *(g.get("dependencies", {}) for g in poetry.get("group", {}).values())]
    for table in tables:
        for name, value in table.items():
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, dict):
                    yield canonicalize_name(name), entry
    lists = [data.get("project", {}).get("dependencies", []), *data.get("dependency-groups", {}).values()]
    for requirement in (text for several in lists for text in several if isinstance(text, str)):
        if found := _DIRECT_REFERENCE.match(requirement):
            yield canonicalize_name(found["name"]), {"url": found["address"]}


def _place(stage: Path, path: Path) -> Path:
    return stage.joinpath("tree", *path.parts[1:])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
