"""Which group of Poetry a section of either file is."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from migrator.model.project import MAIN

DEFAULT, DEVELOP = "default", "develop"
"""What Pipfile.lock calls ``[packages]`` and ``[dev-packages]``."""
SECTIONS = {"packages": DEFAULT, "dev-packages": DEVELOP}
_GROUPS = {DEFAULT: MAIN, DEVELOP: "dev"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def section_of(category: str) -> str:
    """The section of the lock that holds what ``[category]`` of the Pipfile asks for."""
    return SECTIONS.get(category, category)


def group_of(section: str) -> str:
    """The group for a section of the lock; a category keeps its name, as far as that can be one of a group.

    A category called like the group of production (``main``) or of ``[dev-packages]`` would become one with it.
    """
    if section in _GROUPS:
        return _GROUPS[section]
    name = _NOT_IN_A_NAME.sub("-", section).strip("-._") or "category"
    return f"{name}-category" if canonicalize_name(name) in _GROUPS.values() else name
