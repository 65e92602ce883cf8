"""What differs between two projects, and whether the hashes prove that the same bytes run.

Pure: two values in, one sorted tuple out. ``compare(a, a)`` is empty; ``compare(b, a)`` is ``compare(a, b)`` seen in a
mirror; a field is compared where both formats know it, and only there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, assert_never

from packaging.utils import canonicalize_name

from migrator.model.change import (
    Added,
    Change,
    GroupsChanged,
    HashesChanged,
    HashProof,
    HashVerdict,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.conditions import is_same_condition
from migrator.model.project import MAIN, Pin, PinField, Project

from .hashes import judge_hashes, normal_hash, worst_verdict
from .matching import match_pins, merge_twins
from .places import index_addresses, is_same_place
from .sections import tell_by_group
from .standing import find_direct, named_by
from .wishes import compare_entries, compare_wishes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from migrator.model.version import AnyVersion

__all__ = ["compare", "compare_entries", "compare_wishes", "find_direct", "find_unstated", "prove", "tell_by_group"]

# What an empty field says in these formats is "not written", and their groups are files, not closures.
_UNSTATED: Final = {
    "requirements": frozenset(PinField),
    "pypi2nix": frozenset(PinField),
    "pipenv": frozenset({PinField.MARKER, PinField.HASHES}),
    "poetry": frozenset[PinField](),
}
_PRODUCTION: Final = frozenset({MAIN})
_ORDER: Final = (Added, Removed, VersionChanged, SourceChanged, MarkerChanged, GroupsChanged, HashesChanged)


def compare(old: Project, new: Project) -> tuple[Change, ...]:
    """The changes from ``old`` to ``new``, sorted by name, kind and version.

    Pins of one name are paired as :func:`~migrator.compare.matching.match_pins` says; what finds no partner is
    ``Added`` or ``Removed``. Every compared field of a pair has a change of its own; where the version moved too,
    ``version`` is the new one, and hashes are not compared: other versions have other files.
    """
    view = _View(old, new)
    olds, news = merge_twins(old.pins), merge_twins(new.pins)
    needed_by = _list_needs(new)
    wished_before, wished_now = _list_wishes(old), _list_wishes(new)
    changes: list[Change] = []
    for name in sorted(olds.keys() | news.keys()):
        pairs, gone, come = match_pins(olds.get(name, ()), news.get(name, ()))
        unpinned = "still declared, but not pinned any more" if name in wished_now and name not in news else ""
        changes += [Removed(name=name, version=pin.version, reason=unpinned) for pin in gone]
        unpinned = "declared before, but not pinned" if name in wished_before and name not in olds else ""
        needs = tuple(sorted(needed_by.get(name, ())))
        changes += [
            Added(name=name, version=pin.version, marker=pin.marker, needed_by=needs, reason=unpinned) for pin in come
        ]
        for before, after in pairs:
            changes += view.compare_pins(before, after)
    return tuple(sorted(changes, key=_sort_key))


def prove(old: Project, new: Project) -> tuple[HashProof, ...]:
    """The verdict on the hashes of every version that ``old`` pins with hashes and ``new`` keeps, sorted.

    A pin without hashes on the old side has nothing to prove and no entry. Where ``new`` has the version but no
    hash of the same algorithm, the answer is ``NOT_COMPARABLE``. Of several old pins of one version (two files may
    state it) the worst verdict counts.
    """
    found: dict[tuple[NormalizedName, AnyVersion], list[str]] = {}
    for pin in new.pins:
        if pin.version is not None:
            found.setdefault((pin.name, pin.version), []).extend(pin.hashes)
    verdicts: dict[tuple[NormalizedName, AnyVersion], list[HashVerdict]] = defaultdict(list)
    for pin in old.pins:
        if pin.version is not None and pin.hashes and (pin.name, pin.version) in found:
            verdicts[pin.name, pin.version].append(judge_hashes(pin.hashes, found[pin.name, pin.version]))
    return tuple(
        HashProof(name=name, version=version, verdict=worst_verdict(of_pin))
        for (name, version), of_pin in sorted(verdicts.items(), key=lambda item: (item[0][0], str(item[0][1])))
    )


def find_unstated(old: Project, new: Project) -> frozenset[PinField]:
    """The fields that one of the two cannot always tell, and that were compared only where both do."""
    before, after = _silence(old), _silence(new)
    return frozenset[PinField]() if old.format == new.format and before == after else before | after


class _View:
    """What can be compared between two projects, given what their formats say."""

    def __init__(self, old: Project, new: Project) -> None:
        self._one_format = old.format == new.format
        self._old_silent, self._new_silent = _silence(old), _silence(new)
        self._pythons = (old.python, new.python)
        self._old_indexes = index_addresses(old) if self._one_format else None
        self._new_indexes = index_addresses(new) if self._one_format else None

    def compare_pins(self, old: Pin, new: Pin) -> Iterator[Change]:
        """The changes from one pin to its partner."""
        version = old.version if new.version is None else new.version
        moved = old.version is not None and new.version is not None and old.version != new.version
        if moved:
            yield VersionChanged(name=old.name, old=old.version, new=new.version)
        if not is_same_place(old.source, new.source, old_indexes=self._old_indexes, new_indexes=self._new_indexes):
            yield SourceChanged(name=old.name, version=version, old=old.source, new=new.source)
        told = self._tells(PinField.MARKER, told_by_old=old.marker is not None, told_by_new=new.marker is not None)
        if told and not is_same_condition(old.marker, new.marker, self._pythons):
            yield MarkerChanged(name=old.name, version=version, old=old.marker, new=new.marker)
        told = self._tells(PinField.GROUPS, told_by_old=False, told_by_new=False)
        if told and self._installed_by(old) != self._installed_by(new):
            yield GroupsChanged(name=old.name, version=version, old=old.groups, new=new.groups)
        if not moved and self._tells(PinField.HASHES, told_by_old=bool(old.hashes), told_by_new=bool(new.hashes)):
            yield from _compare_hashes(old, new, version)

    def _installed_by(self, pin: Pin) -> frozenset[str]:
        """Whose packages ``pin`` is among.

        Every group is installed beside production's, and what both need stands in one section of a Pipfile.lock as
        often as in two, while Poetry computes all groups; so between formats only the first of them counts.
        """
        return pin.groups if self._one_format or MAIN not in pin.groups else _PRODUCTION

    def _tells(self, field: PinField, *, told_by_old: bool, told_by_new: bool) -> bool:
        """Whether both sides know the field. Two inputs alike know, or fail to know, the same."""
        old_silent, new_silent = field in self._old_silent, field in self._new_silent
        if self._one_format and old_silent == new_silent:
            return True
        return (told_by_old or not old_silent) and (told_by_new or not new_silent)


def _silence(project: Project) -> frozenset[PinField]:
    return _UNSTATED.get(project.format, frozenset()) | project.unstated


def _compare_hashes(old: Pin, new: Pin, version: AnyVersion | None) -> Iterator[Change]:
    before, after = {normal_hash(h) for h in old.hashes}, {normal_hash(h) for h in new.hashes}
    if before != after:
        yield HashesChanged(
            name=old.name,
            version=version,
            verdict=judge_hashes(before, after),
            missing=tuple(sorted(before - after)),
            extra=tuple(sorted(after - before)),
        )


def _list_needs(project: Project) -> dict[NormalizedName, set[str]]:
    """Who needs each package, by what the pins say and by the remarks of a compiled file."""
    needed_by: dict[NormalizedName, set[str]] = defaultdict(set)
    for pin in project.pins:
        for need in pin.needs:
            needed_by[canonicalize_name(need)].add(pin.name)
    for line in project.declared:
        needed_by[line.name].update(named_by(line))
    return needed_by


def _list_wishes(project: Project) -> set[NormalizedName]:
    return {line.name for line in project.declared if not line.constraint}


def _sort_key(change: Change) -> tuple[str, int, str, str]:
    """By name, then by kind, then by version; the rest only so that the order never depends on the input's."""
    match change:
        case VersionChanged():
            version = f"{change.old} {change.new}"
        case Added() | Removed() | SourceChanged() | MarkerChanged() | GroupsChanged() | HashesChanged():
            version = str(change.version)
        case _:
            assert_never(change)
    return (change.name, _ORDER.index(type(change)), version, repr(change))
