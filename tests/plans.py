"""Plans for the tests of the writers."""

from __future__ import annotations

from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator.model.plan import PlannedDependency, ProjectPlan, Record, Style


def plan(style: Style = Style.CLASSIC, **fields: Any) -> ProjectPlan:
    """A plan for ``imgapp``, with ``fields`` in place of its own."""
    own: dict[str, Any] = {
        "style": style,
        "name": "imgapp",
        "version": "0.1.0",
        "description": "",
        "python": SpecifierSet(">=3.11,<4.0"),
        "python_why": "",
        "package_mode": False,
        "scripts": (),
        "dependencies": (),
        "sources": (),
        "seeds": (),
        "record": Record(format="requirements", sources=("requirements.txt",)),
    }
    return ProjectPlan(**(own | fields))


def wish(name: str, constraint: str = "*", **fields: Any) -> PlannedDependency:
    """One planned dependency."""
    return PlannedDependency(name=canonicalize_name(name), raw_name=name, constraint=constraint, **fields)
