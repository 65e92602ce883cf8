"""The differences of two inputs as rows: what ``migrate diff`` shows, whatever the form."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.change import (
    Added,
    Change,
    GroupsChanged,
    HashesChanged,
    HashVerdict,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.comparison import Comparison, EntryChanged, Side, WishChanged
from migrator.model.finding import Severity
from migrator.model.form import DIFF_MARK
from migrator.model.origin import Origin
from migrator.model.project import MAIN, Index, Pin, PinField
from migrator.model.source import FromIndex, FromVcs, Source
from migrator.model.version import AnyVersion

from .sheet import Row, Sheet, Weight
from .wording import count_of, describe_source, join_words, show_value

_WEIGHTS = {
    "other bytes": Weight.ALARM,
    "source": Weight.ALARM,
    "index": Weight.ALARM,
    "downgraded": Weight.LOSS,
    "removed": Weight.LOSS,
    "added": Weight.GAIN,
    "upgraded": Weight.PLAIN,
    "version": Weight.PLAIN,
    "asked for": Weight.PLAIN,
    "constraint": Weight.PLAIN,
    "python": Weight.PLAIN,
    "option": Weight.PLAIN,
    "native": Weight.PLAIN,
    "override": Weight.PLAIN,
    "script": Weight.PLAIN,
    "marker": Weight.SLIGHT,
    "groups": Weight.SLIGHT,
    "hashes": Weight.SLIGHT,
}
"""The kinds of rows in the order in which they are shown."""
_COUNTED = ("other bytes", "downgraded", "removed", "added", "upgraded", "version")
_WORDS = {"other bytes": "with other bytes under the same version", "version": "in another version"}
_MOST_NAMES = 4
_COMMIT = re.compile(r"([0-9a-f]{12})[0-9a-f]{28}")
_PIN = re.compile(r"(?:\[[^\]]*\])?==")


def describe_comparison(comparison: Comparison) -> Sheet:
    """All that there is to say of a comparison. Rows are sorted by how much they weigh, then by name."""
    rows = list_rows(comparison)
    stopped = any(finding.severity is Severity.STOP for finding in comparison.findings)
    return Sheet(
        mark=DIFF_MARK,
        title="Dependencies",
        about=f"Compared {_show_side(comparison.old)} with {_show_side(comparison.new)}",
        verdict="Not compared, because one of them cannot be read" if stopped else count_rows(rows),
        is_well=not stopped and all(row.weight not in {Weight.ALARM, Weight.LOSS} for row in rows),
        rows=rows,
        findings=comparison.findings,
        remarks=tuple(_remark(comparison)),
    )


def list_rows(comparison: Comparison) -> tuple[Row, ...]:
    """One row for each change; what is asked for joins the row of the package's version, where there is one."""
    about = _About(comparison)
    places = _Places(comparison)
    rows = [replace(about.show_change(change), origin=places.of_change(change)) for change in comparison.changes]
    rows += [replace(about.show_wish(wish), origin=places.show(wish.origin, wish.new)) for wish in about.alone]
    rows += [replace(_show_entry(entry), origin=places.show(entry.origin, entry.new)) for entry in comparison.entries]
    kinds, weights = list(_WEIGHTS), list(Weight)

    def rank(row: Row) -> tuple[object, ...]:
        return (weights.index(row.weight), kinds.index(row.kind), row.name, row.old, row.new, row.about)

    return tuple(sorted(rows, key=rank))


def count_rows(rows: tuple[Row, ...]) -> str:
    """The rows in one line: ``1 added, 2 upgraded``."""
    counts = Counter(row.kind for row in rows)
    parts = [f"{counts[kind]} {_WORDS.get(kind, kind)}" for kind in _COUNTED if counts[kind]]
    others = sum(number for kind, number in counts.items() if kind not in _COUNTED)
    if others:
        parts.append(count_of(others, "other change" if parts else "change"))
    return ", ".join(parts) or "No difference"


def name_move(change: VersionChanged) -> str:
    """``upgraded`` or ``downgraded`` by PEP 440; ``version`` where it does not order the two."""
    if not isinstance(change.old, Version) or not isinstance(change.new, Version):
        return "version"
    return "upgraded" if change.new > change.old else "downgraded"


def is_direct(side: Side, name: NormalizedName) -> bool | None:
    """Whether the project itself asks for a package; None where the input does not tell."""
    if name in side.direct:
        return True
    return False if name in side.transitive else None


def _show_side(side: Side) -> str:
    if not side.present:
        return f"{side.label} (not there)"
    return f"{side.label} ({count_of(len(side.project.pins), 'pin')})"


class _Places:
    """Where a change stands: on the new side, or on the old one where the fact is gone."""

    def __init__(self, comparison: Comparison) -> None:
        self._sides = comparison.old, comparison.new
        self._pins: tuple[dict[tuple[NormalizedName, AnyVersion | None], Origin], ...] = ({}, {})
        for side, pins in zip(self._sides, self._pins, strict=True):
            for pin in side.project.pins:
                pins.setdefault((pin.name, pin.version), pin.origin)

    def of_change(self, change: Change) -> Origin | None:
        if isinstance(change, Removed):
            return self.show(self._pins[0].get((change.name, change.version)), None)
        version = change.new if isinstance(change, VersionChanged) else change.version
        return self.show(self._pins[1].get((change.name, version)), change.name)

    def show(self, origin: Origin | None, new: str | None) -> Origin | None:
        """``origin`` as the user finds it; ``new`` is what the new side has of it, None where it has nothing."""
        side = self._sides[new is not None]
        return origin and replace(origin, path=side.place + origin.path)


class _About:
    """What is known of a package beside the change itself."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._groups = _read_groups(comparison.new), _read_groups(comparison.old)
        self._addresses = _read_addresses(comparison.old), _read_addresses(comparison.new)
        self._sources: dict[NormalizedName, list[Pin]] = defaultdict(list)
        for pin in comparison.new.project.pins:
            if not (isinstance(pin.source, FromIndex) and pin.source.index is None):
                self._sources[pin.name].append(pin)
        versioned = {c.name for c in comparison.changes if isinstance(c, (Added, Removed, VersionChanged))}
        self._joined: dict[NormalizedName, list[WishChanged]] = defaultdict(list)
        self.alone: list[WishChanged] = []
        for wish in comparison.wishes:
            (self._joined[wish.name] if wish.name in versioned and not wish.constraint else self.alone).append(wish)

    def show_change(self, change: Change) -> Row:
        name, old, new = change.name, "", ""
        about: list[str] = []
        match change:
            case Added():
                kind, new = "added", show_value(change.version)
                about = [
                    *self._stand(name, change.version, change.groups),
                    *self._needed_by(change),
                    *self._asked_for(name, change.version),
                ]
                about += self._from_elsewhere(change)
                if change.marker is not None:
                    about.append(f"only where {change.marker}")
            case Removed():
                kind, old = "removed", show_value(change.version)
                about = [*self._stand(name, change.version, change.groups, before=True)]
                if change.reason:
                    about += self._asked_for(name, None)  # else nobody asks for it, which goes without saying
            case VersionChanged():
                kind, old, new = name_move(change), show_value(change.old), show_value(change.new)
                about = [*self._stand(name, change.new, change.groups), *self._asked_for(name, change.new)]
            case SourceChanged():
                kind = "source"
                (old, new), same = _show_sources((change.old, change.new), self._addresses)
                about = [*same, *_version(change.version), *self._stand(name, change.version)]
            case MarkerChanged():
                kind, old, new = "marker", *(str(marker or "always") for marker in (change.old, change.new))
                about = [*_version(change.version)]
            case GroupsChanged():
                kind, old, new = "groups", *(", ".join(sorted(groups)) for groups in (change.old, change.new))
                about = [*_version(change.version)]
            case HashesChanged():
                kind = "other bytes" if change.verdict is HashVerdict.MISMATCH else "hashes"
                old, new = _count_hashes(change)
                about = [*_version(change.version)]
                if not change.extra and change.verdict is HashVerdict.NOT_COMPARABLE:
                    return replace(_row(kind, name, old, new, *about), weight=Weight.LOSS)
            case _:
                assert_never(change)
        if change.reason:
            about.append(change.reason)
        return _row(kind, name, old, new, *about)

    def show_wish(self, wish: WishChanged) -> Row:
        kind = "constraint" if wish.constraint else "asked for"
        group = [] if wish.group == MAIN else [f"group {wish.group}"]
        return _row(kind, wish.name, _show_wish(wish.old), _show_wish(wish.new), *group, str(wish.origin))

    def _stand(
        self,
        name: NormalizedName,
        version: AnyVersion | None,
        groups: frozenset[str] = frozenset(),
        *,
        before: bool = False,
    ) -> Iterator[str]:
        """Who asks for a package, and for which groups where that is not production alone."""
        direct = is_direct(self._comparison.old if before else self._comparison.new, name)
        if direct is not None:
            yield "direct" if direct else "transitive"
        told = self._groups[before].get((name, version), set())
        if not groups and MAIN not in told:
            groups = frozenset(told)
        if groups:
            yield f"for {', '.join(sorted(groups))}"

    def _needed_by(self, change: Added) -> Iterator[str]:
        if change.needed_by and change.name not in self._comparison.new.direct:
            more = len(change.needed_by) - _MOST_NAMES
            names = ", ".join(change.needed_by[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            yield f"needed by {names}"

    def _from_elsewhere(self, change: Added) -> Iterator[str]:
        found = {pin.source for pin in self._sources.get(change.name, ()) if pin.version == change.version}
        yield from sorted(f"from {_show_source(source, self._addresses[1])}" for source in found)

    def _asked_for(self, name: NormalizedName, version: AnyVersion | None) -> Iterator[str]:
        """What the project asks for now and asked for before; an exact version is the row's own."""
        for wish in self._joined.pop(name, ()):
            now = wish.new is not None and not _is_exact(wish.new, version)
            before = wish.old is not None and (now or _PIN.match(wish.old) is None)
            if wish.new is None:
                yield "not asked for any more"
            elif now:
                yield _say_wish(wish.new) + (f", was {_show_wish(wish.old)}" if before else "")
            elif before:
                yield f"was {_say_wish(wish.old)}"


def _is_exact(wish: str, version: AnyVersion | None) -> bool:
    return wish.endswith(f"=={version}")


def _row(kind: str, name: str, old: str, new: str, *about: str) -> Row:
    return Row(
        kind=kind,
        name=name,
        old=old,
        new=new,
        about=about,
        weight=_WEIGHTS[kind],
    )


def _show_entry(entry: EntryChanged) -> Row:
    kind = entry.kind.value
    return _row(kind, "", entry.old or "", entry.new or "")


def _say_wish(wish: str | None) -> str:
    return f"asked for as {wish}" if wish else "asked for in any version"


def _show_wish(wish: str | None) -> str:
    return "" if wish is None else wish or "any version"


def _version(version: AnyVersion | None) -> Iterator[str]:
    if version is not None:
        yield f"version {version}"


def _show_sources(
    sources: tuple[Source, Source], addresses: tuple[dict[str, str], dict[str, str]]
) -> tuple[list[str], list[str]]:
    """Both sources, and what they have in common: of one repository only the commits differ."""
    old, new = sources
    if (
        isinstance(old, FromVcs)
        and isinstance(new, FromVcs)
        and replace(old, rev=None, resolved=None) == replace(new, rev=None, resolved=None)
    ):
        commits = [_COMMIT.sub(r"\1", source.resolved or source.rev or "") for source in (old, new)]
        return commits, [describe_source(replace(new, rev=None, resolved=None))]
    return [_show_source(source, known) for source, known in zip(sources, addresses, strict=True)], []


def _show_source(source: Source, addresses: dict[str, str]) -> str:
    """A source by its name and address: what counts is where the files come from."""
    if isinstance(source, FromIndex) and source.index in addresses:
        return f"{source.index} ({addresses[source.index]})"
    return describe_source(source)


def _count_hashes(change: HashesChanged) -> tuple[str, str]:
    missing, extra = (count_of(len(hashes), "hash") for hashes in (change.missing, change.extra))
    match change.verdict:
        case HashVerdict.SUPERSET:
            return "", f"{extra} more"
        case HashVerdict.SUBSET:
            return f"{missing} less", ""
        case HashVerdict.MISMATCH:
            return f"{missing} gone", count_of(len(change.extra), "new hash")
        case HashVerdict.NOT_COMPARABLE | HashVerdict.SAME:
            return (missing if change.missing else "none"), (extra if change.extra else "none")
        case _:
            assert_never(change.verdict)


def _read_groups(side: Side) -> dict[tuple[NormalizedName, AnyVersion | None], set[str]]:
    if side.project.format == "requirements" or PinField.GROUPS in side.project.unstated:
        return {}
    groups: dict[tuple[NormalizedName, AnyVersion | None], set[str]] = defaultdict(set)
    for pin in side.project.pins:
        groups[pin.name, pin.version].update(pin.groups)
    return dict(groups)


def _read_addresses(side: Side) -> dict[str, str]:
    def address(index: Index) -> str:
        return str(index.url.without_credentials())

    return {index.name: address(index) for index in side.project.indexes if index.name is not None}


def _remark(comparison: Comparison) -> Iterator[str]:
    formats = [side.project.format for side in (comparison.old, comparison.new)]
    if comparison.unstated:
        fields = [field.value for field in (PinField.MARKER, PinField.GROUPS, PinField.HASHES)]
        words = join_words(tuple({"marker": "markers"}.get(f, f) for f in fields if f in comparison.unstated))
        if formats[0] != formats[1]:
            yield f"{words[:1].upper()}{words[1:]} were compared only where both formats state them."
        else:
            yield f"One of the two says nothing of {words}, so they were compared only where both do."
    if formats[0] != formats[1]:
        yield "What the project asks for (ranges, options) is compared between inputs of one format only."
    yield from _remark_alike(comparison.alike)


def _remark_alike(number: int) -> Iterator[str]:
    if number:
        is_the_same = "is the same for both sides and is" if number == 1 else "are the same for both sides and are"
        yield f"{count_of(number, 'remark')} of the reader {is_the_same} not repeated here; `migrate inspect` tells."
