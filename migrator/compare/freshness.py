"""Whether a poetry.lock was made from this pyproject.toml, by Poetry's own rule."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from packaging.version import InvalidVersion, Version

_PROJECT: Final = ("requires-python", "dependencies", "optional-dependencies")
_LEGACY: Final = ("dependencies", "source", "extras", "dev-dependencies")
_MADE_BY = re.compile(r"Poetry ([^ ]+)")
_GROUPS_SINCE: Final = Version("2.3.0")


def is_fresh(pyproject: dict[str, Any], lock: dict[str, Any], first_line: str) -> bool | None:
    """Whether the ``content-hash`` of ``lock`` is that of ``pyproject``; None where the lock has none.

    ``first_line`` of the lock names the Poetry that made it: before 2.3 the groups of PEP 735 did not count.
    """
    metadata = lock.get("metadata")
    told = metadata.get("content-hash") if isinstance(metadata, dict) else None
    if not isinstance(told, str):
        return None
    if told == content_hash(pyproject, with_groups=True):
        return True
    made_by = _MADE_BY.search(first_line)
    try:
        older = made_by is not None and Version(made_by[1]) < _GROUPS_SINCE
    except InvalidVersion:
        older = False
    return older and told == content_hash(pyproject, with_groups=False)


def content_hash(pyproject: dict[str, Any], *, with_groups: bool) -> str:
    """The SHA-256 of what Poetry deems relevant in ``pyproject``, as ``poetry.packages.locker`` computes it.

    :raises TypeError: there is something in it that JSON cannot say (a date); Poetry fails on it too
    """
    project = {key: value for key in _PROJECT if (value := _table(pyproject, "project").get(key)) is not None}
    groups = _table(pyproject, "dependency-groups") if with_groups else {}
    tool = _table(_table(pyproject, "tool"), "poetry")
    poetry: dict[str, Any] = {}
    for key in (*_LEGACY, "group"):
        # Poetry 1 wrote null for each of its keys that was absent, and its hashes still count
        if tool.get(key) is not None or (key in _LEGACY and not project and not groups):
            poetry[key] = tool.get(key)
    relevant: dict[str, Any] = {}
    if project:
        relevant["project"] = project
    if groups:
        relevant["dependency-groups"] = groups
    if relevant:
        relevant["tool"] = {"poetry": poetry}
    return hashlib.sha256(json.dumps(relevant or poetry, sort_keys=True).encode()).hexdigest()


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
