"""What differs between the old pins and the new lock, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

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

from .wording import count_of, describe_source, show_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A version that went, moved or appeared."""

    kind: str
    name: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Anything else that differs between the old pins and the new lock."""

    kind: str
    name: str
    version: str
    old: str
    new: str
    why: str


def order_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By name; several changes of one name by kind and by what they say."""

    def rank(change: Change) -> tuple[str, str, str]:
        values = [getattr(change, entry.name) for entry in fields(change)]
        # a set has another order in each process
        said = repr([sorted(value) if isinstance(value, frozenset) else value for value in values])
        return (change.name, type(change).__name__, said)

    return tuple(sorted(changes, key=rank))


_KINDS = ("went", "moved", "appeared")


def list_moves(changes: tuple[Change, ...]) -> tuple[Move, ...]:
    """What went, then what moved, then what appeared, each by name."""
    moves = [move for change in order_changes(changes) if (move := _show_move(change)) is not None]
    return tuple(sorted(moves, key=lambda move: _KINDS.index(move.kind)))


def _show_move(change: Change) -> Move | None:
    name, reason = change.name, change.reason
    match change:
        case Removed(version=old):
            return Move(kind="went", name=name, old=show_value(old), new="", why=reason)
        case VersionChanged(old=old, new=new):
            return Move(kind="moved", name=name, old=show_value(old), new=show_value(new), why=reason)
        case Added(version=new):
            return Move(kind="appeared", name=name, old="", new=show_value(new), why=_explain_added(change))
        case SourceChanged() | MarkerChanged() | GroupsChanged() | HashesChanged():
            return None


def _explain_added(change: Added) -> str:
    parts = [change.reason] if change.reason else []
    if change.needed_by and not change.reason:
        parts.append("needed by " + ", ".join(sorted(change.needed_by)))
    if change.marker is not None:
        parts.append(f"only where {change.marker}")
    return ", ".join(parts)


def list_differences(changes: tuple[Change, ...]) -> tuple[Difference, ...]:
    """Everything but versions: first other bytes, last hashes that are only more or fewer."""
    rows = [row for change in order_changes(changes) if (row := _show_difference(change)) is not None]
    kinds = ("hashes differ", "source", "groups", "marker", "hashes")
    return tuple(sorted(rows, key=lambda row: kinds.index(row.kind)))


def _show_difference(change: Change) -> Difference | None:
    kind, old, new = "", "", ""
    match change:
        case SourceChanged():
            kind, old, new = "source", describe_source(change.old), describe_source(change.new)
        case MarkerChanged():
            kind, old, new = "marker", *(str(marker or "always") for marker in (change.old, change.new))
        case GroupsChanged():
            kind, old, new = "groups", ", ".join(sorted(change.old)), ", ".join(sorted(change.new))
        case HashesChanged():
            alarm = change.verdict is HashVerdict.MISMATCH
            kind, new = ("hashes differ" if alarm else "hashes"), _explain_hashes(change)
        case Added() | Removed() | VersionChanged():
            return None
    version = show_value(change.version)
    return Difference(kind=kind, name=change.name, version=version, old=old, new=new, why=change.reason)


def _explain_hashes(change: HashesChanged) -> str:
    missing, extra = count_of(len(change.missing), "old hash"), count_of(len(change.extra), "new hash")
    match change.verdict:
        case HashVerdict.SAME:
            return "the same"
        case HashVerdict.SUPERSET:
            return f"all old ones, and {count_of(len(change.extra), 'more file')} of the same release"
        case HashVerdict.SUBSET:
            return f"{missing} not in the lock, no new one"
        case HashVerdict.NOT_COMPARABLE:
            return "not comparable"
        case HashVerdict.MISMATCH:
            return f"{missing} not in the lock, {extra}: other bytes under the same version"
