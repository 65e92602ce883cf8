"""The report as JSON, for scripts. Its schema is published beside it: of a migration ``report.schema.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from packaging.markers import Marker

from migrator.model.change import (
    Added,
    Change,
    GroupsChanged,
    HashesChanged,
    HashProof,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.comparison import Comparison
from migrator.model.fidelity import Fidelity
from migrator.model.finding import Finding
from migrator.model.form import Form, Subject
from migrator.model.native import NixPlan
from migrator.model.outcome import Outcome
from migrator.model.plan import PlannedDependency, PlannedSource

from .comparison_json import render_comparison_json
from .fidelity import render_fidelity_json
from .inert import hide_credentials
from .inert_json import Json, show_finding, show_origin, show_source, write_json
from .movement import order_changes
from .summary import Summary, locked_versions, order_dependencies, place, show_login, summarise

SCHEMA = 1
"""Raised when a key goes or changes its meaning; a new key does not raise it."""


def render_json(subject: Subject) -> str:
    """One object; keys are never left out. Invisible characters are written as JSON's own escapes."""
    match subject:
        case Outcome():
            return write_json(_show(hide_credentials(subject)))
        case Comparison():
            return render_comparison_json(subject)
        case Fidelity():
            return render_fidelity_json(subject)
        case _:
            assert_never(subject)


FORM = Form(name="json", suffix=".json", marks=(f'{{\n  "schema": {SCHEMA},\n  "kind": "',), render=render_json)


def _show(outcome: Outcome) -> Json:
    summary = summarise(outcome)
    plan, locked = outcome.plan, locked_versions(outcome)
    return {
        "schema": SCHEMA,
        "kind": "migration",
        "ended": outcome.ended.value,
        "format": outcome.before.format,
        "sources_read": [*summary.sources],
        "project": summary.project or None,
        "poetry": summary.poetry or None,
        "verdict": summary.verdict,
        "counts": _show_counts(summary),
        "findings": [_show_finding(finding) for finding in summary.findings],
        "direct": [_show_direct(entry, locked) for entry in order_dependencies(plan.dependencies)] if plan else [],
        "changes": [_show_change(change) for change in order_changes(outcome.changes)],
        "hashes": [_show_proof(proof) for proof in sorted(outcome.proofs, key=lambda p: (p.name, str(p.version)))],
        "natives": _show_natives(outcome.nix),
        "overrides": _show_overrides(outcome.nix),
        "old_overrides": _show_old_overrides(outcome.nix),
        "sources": [_show_source_entry(source) for source in plan.sources] if plan else [],
        "python": {"range": summary.python, "why": summary.python_why} if plan else None,
        "files": [
            {"path": file.path, "ownership": file.ownership and file.ownership.value, "changed": file.changed}
            for file in summary.files
        ],
        "diffs": [*outcome.diffs],
        "go_back": [command for command, _ in summary.go_back],
    }


def _show_counts(summary: Summary) -> Json:
    counts = summary.counts
    return {
        "pins": counts.pins,
        "kept": counts.kept,
        "overridden": counts.overridden,
        "hash_sets": counts.hash_sets,
        "proven": counts.proven,
        "not_comparable": counts.not_comparable,
        "mismatched": counts.mismatched,
        "stop": counts.stop,
        "review": counts.review,
        "note": counts.note,
    }


def _show_finding(finding: Finding) -> Json:
    told = show_finding(finding)
    head: dict[str, Json] = {"code": told.pop("code"), "severity": told.pop("severity")}
    return {**head, "section": place(finding).value, **told}


def _show_direct(entry: PlannedDependency, locked: Mapping[str, tuple[str, ...]]) -> Json:
    return {
        "name": entry.name,
        "raw_name": entry.raw_name,
        "group": entry.group,
        "was": entry.was,
        "origin": show_origin(entry.origin),
        "constraint": entry.constraint,
        "locked": [*locked.get(entry.name, ())],
        "extras": [*sorted(entry.extras)],
        "marker": _show_marker(entry.marker),
        "source": show_source(entry.source),
        "editable": entry.editable,
        "prereleases": entry.prereleases,
        "why": entry.why,
    }


def _show_marker(marker: Marker | None) -> str | None:
    return None if marker is None else str(marker)


def _show_version(version: object) -> str | None:
    return None if version is None else str(version)


def _show_change(change: Change) -> Json:
    shown: dict[str, Json] = {"name": change.name, "reason": change.reason}
    match change:
        case VersionChanged():
            return {"kind": "version", **shown, "old": _show_version(change.old), "new": _show_version(change.new)}
        case Added():
            shown |= {"marker": _show_marker(change.marker), "needed_by": [*sorted(change.needed_by)]}
            kind = "added"
        case Removed():
            kind = "removed"
        case SourceChanged():
            shown |= {"old": show_source(change.old), "new": show_source(change.new)}
            kind = "source"
        case MarkerChanged():
            shown |= {"old": _show_marker(change.old), "new": _show_marker(change.new)}
            kind = "marker"
        case GroupsChanged():
            shown |= {"old": [*sorted(change.old)], "new": [*sorted(change.new)]}
            kind = "groups"
        case HashesChanged():
            shown |= {"verdict": change.verdict.value, "missing": [*change.missing], "extra": [*change.extra]}
            kind = "hashes"
    return {"kind": kind, **shown, "version": _show_version(change.version)}


def _show_proof(proof: HashProof) -> Json:
    return {"name": proof.name, "version": str(proof.version), "verdict": proof.verdict.value}


def _show_natives(nix: NixPlan | None) -> Json:
    if nix is None:
        return []
    entries = sorted(nix.attributions, key=lambda e: (e.attribute, e.settled, e.packages, repr(e)))
    return [
        {
            "attribute": entry.attribute,
            "was": entry.was,
            "tool": entry.tool,
            "settled": entry.settled.value,
            "packages": [*entry.packages],
            "evidence": entry.evidence,
            "hint": entry.hint,
            "candidates": [*entry.candidates],
            "origin": show_origin(entry.origin),
        }
        for entry in entries
    ]


def _show_overrides(nix: NixPlan | None) -> Json:
    if nix is None:
        return []
    return [
        {
            "package": row.package,
            "libraries": [*row.libraries],
            "tools": [*row.tools],
            "build_systems": [*row.build_systems],
            "prefer_wheel": row.prefer_wheel,
            "drop": row.drop,
            "systems": [*row.systems],
            "pythons": [*row.pythons],
            "reason": row.reason,
        }
        for row in sorted(nix.overrides, key=lambda row: row.package)
    ]


def _show_old_overrides(nix: NixPlan | None) -> Json:
    return [
        {
            "package": override.package,
            "covered": [*override.covered],
            "open": [*override.open],
            "origin": show_origin(override.origin),
        }
        for override in (nix.old_overrides if nix is not None else ())
    ]


def _show_source_entry(source: PlannedSource) -> Json:
    login = show_login(source)
    return {
        "name": login.name,
        "url": login.url,
        "priority": login.priority,
        "origin": show_origin(source.origin),
        "credentials_removed": login.stated,
        "variables": [*login.variables],
        "command": login.command,
    }
