"""Changes told group by group, where a package stands in several groups in different versions.

A Pipfile.lock has a section for each group, and a person reads them one by one: ``requests`` moves in ``default`` and
stays where it is in ``develop``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from migrator.model.change import Added, Change, GroupsChanged, Removed, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

    from migrator.model.project import Project
    from migrator.model.version import AnyVersion

    _Sections: TypeAlias = Mapping[NormalizedName, Mapping[str, set[AnyVersion | None]]]

_ABOUT_VERSIONS = (Added, Removed, VersionChanged, GroupsChanged)


def tell_by_group(changes: Iterable[Change], old: Project, new: Project) -> tuple[Change, ...]:
    """``changes`` with those of versions told for each group, where one name has several versions side by side.

    That is done for names of which each group has at most one version on each side, so that who is whose successor
    is known. A change then has the groups that it is about.
    """
    changes = tuple(changes)
    before, after = _read(old), _read(new)
    names = {change.name for change in changes if isinstance(change, _ABOUT_VERSIONS)}
    several = _find_several(old) | _find_several(new)
    told = {name for name in names & several if _is_simple(before.get(name, {})) and _is_simple(after.get(name, {}))}
    found: list[Change] = []
    for change in changes:
        if change.name not in told or not isinstance(change, _ABOUT_VERSIONS):
            found.append(change)
        elif change.name in names:
            names.discard(change.name)  # once for all of them
            details = {c.version: c for c in changes if isinstance(c, Added) and c.name == change.name}
            found += _tell(change.name, before.get(change.name, {}), after.get(change.name, {}), details)
    return tuple(found)


def _read(project: Project) -> _Sections:
    sections: dict[NormalizedName, dict[str, set[AnyVersion | None]]] = defaultdict(lambda: defaultdict(set))
    for pin in project.pins:
        for group in pin.groups:
            sections[pin.name][group].add(pin.version)
    return sections


def _find_several(project: Project) -> set[NormalizedName]:
    return {name for name, number in Counter(pin.name for pin in project.pins).items() if number > 1}


def _is_simple(side: Mapping[str, set[AnyVersion | None]]) -> bool:
    return all(len(versions) == 1 for versions in side.values())


def _tell(
    name: NormalizedName,
    before: Mapping[str, set[AnyVersion | None]],
    after: Mapping[str, set[AnyVersion | None]],
    details: Mapping[AnyVersion | None, Added],
) -> Iterator[Change]:
    steps: dict[tuple[AnyVersion | None, AnyVersion | None, bool, bool], set[str]] = defaultdict(set)
    for group in sorted(before.keys() | after.keys()):
        was, now = (next(iter(side.get(group, ())), None) for side in (before, after))
        steps[was, now, group in before, group in after].add(group)
    for (was, now, had, has), groups in steps.items():
        told = frozenset(groups)
        if had and has and was != now:
            yield VersionChanged(name=name, old=was, new=now, groups=told)
        elif has and not had:
            detail = details.get(now)
            yield replace(detail, groups=told) if detail else Added(name=name, version=now, groups=told)
        elif had and not has:
            yield Removed(name=name, version=was, groups=told)
