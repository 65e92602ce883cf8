"""A comparison as JSON, for scripts. Its schema is published beside it: ``comparison.schema.json``."""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from migrator.model.change import (
    Added,
    Change,
    GroupsChanged,
    HashesChanged,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.comparison import Comparison, EntryChanged, Side, WishChanged
from migrator.model.finding import Severity

from .comparison import describe_comparison, is_direct, name_move
from .inert_json import Json, show_finding, show_origin, show_source, write_json
from .movement import order_changes

SCHEMA = 1
"""Raised when a key goes or changes its meaning; a new key does not raise it."""

_KINDS = ("added", "removed", "upgraded", "downgraded", "version", "source", "marker", "groups", "hashes")


def render_comparison_json(comparison: Comparison) -> str:
    """One object; keys are never left out, null says that the input does not tell."""
    changes = [_show_change(change, comparison) for change in order_changes(comparison.changes)]
    counts = Counter(str(change["kind"]) for change in changes)
    return write_json(
        {
            "schema": SCHEMA,
            "kind": "comparison",
            "compared": not any(finding.severity is Severity.STOP for finding in comparison.findings),
            "verdict": describe_comparison(comparison).verdict,
            "old": _show_side(comparison.old),
            "new": _show_side(comparison.new),
            "counts": {kind: counts[kind] for kind in _KINDS},
            "changes": [*changes],
            "wishes": [_show_wish(wish) for wish in comparison.wishes],
            "entries": [_show_entry(entry) for entry in comparison.entries],
            "unstated": [*sorted(comparison.unstated)],
            "alike": comparison.alike,
            "findings": [show_finding(finding) for finding in comparison.findings],
        }
    )


def _show_side(side: Side) -> Json:
    project = side.project
    return {"label": side.label, "present": side.present, "format": project.format, "pins": len(project.pins)}


def _show_change(change: Change, comparison: Comparison) -> dict[str, Json]:
    side = comparison.old if isinstance(change, Removed) else comparison.new
    shown: dict[str, Json] = {"kind": "", "name": change.name, "direct": is_direct(side, change.name)}
    match change:
        case VersionChanged():
            shown |= {"kind": name_move(change), "old": _text(change.old), "new": _text(change.new)}
            return shown | {"groups": [*sorted(change.groups)], "reason": change.reason}
        case Added():
            shown |= {"kind": "added", "marker": _text(change.marker), "needed_by": [*change.needed_by]}
            shown |= {"groups": [*sorted(change.groups)]}
        case Removed():
            shown |= {"kind": "removed", "groups": [*sorted(change.groups)]}
        case SourceChanged():
            shown |= {"kind": "source", "old": show_source(change.old), "new": show_source(change.new)}
        case MarkerChanged():
            shown |= {"kind": "marker", "old": _text(change.old), "new": _text(change.new)}
        case GroupsChanged():
            shown |= {"kind": "groups", "old": [*sorted(change.old)], "new": [*sorted(change.new)]}
        case HashesChanged():
            shown |= {"kind": "hashes", "verdict": change.verdict.value}
            shown |= {"missing": [*change.missing], "extra": [*change.extra]}
        case _:
            assert_never(change)
    return shown | {"version": _text(change.version), "reason": change.reason}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _show_wish(wish: WishChanged) -> Json:
    return {
        "name": wish.name,
        "group": wish.group,
        "constraint": wish.constraint,
        "old": wish.old,
        "new": wish.new,
        "origin": show_origin(wish.origin),
    }


def _show_entry(entry: EntryChanged) -> Json:
    return {"kind": entry.kind.value, "old": entry.old, "new": entry.new}
