"""Which packages a project asks for itself, and which only come along, as far as its input tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from migrator.model.project import Dependency, Project

_COMPLETE = frozenset({"pipenv", "poetry"})
_OPTIONS = ("-r ", "-c ")


def find_direct(project: Project) -> tuple[frozenset[NormalizedName], frozenset[NormalizedName]]:
    """The direct packages, and the transitive ones. A package of which nothing is known is in neither.

    What an input wishes beside its pins is direct; where that is all that the project wishes (a pyproject.toml, a
    Pipfile), every other pin is transitive. Where the lines are the pins, ``# via`` tells; a plain freeze says nothing.
    """
    pins = {(pin.name, pin.origin) for pin in project.pins}
    lines = [line for line in project.declared if line.name and not line.constraint]
    wishes = [line for line in lines if line.by_hand or (line.name, line.origin) not in pins]
    direct = {line.name for line in wishes}
    told = {line.name for line in lines if line.via}
    direct |= {line.name for line in lines if any(map(_is_the_project, line.via))}
    others = {pin.name for pin in project.pins} if project.format in _COMPLETE and wishes else told
    return frozenset(direct), frozenset(others - direct)


def named_by(line: Dependency) -> tuple[str, ...]:
    """The packages that a compiled line names as those that need it."""
    return tuple(who for who in line.via if not who.startswith(_OPTIONS) and not _is_the_project(who))


def _is_the_project(who: str) -> bool:
    """A file of wishes, or the project's own metadata: ``shop (pyproject.toml)``."""
    return who.startswith("-r ") or who.endswith(")")
