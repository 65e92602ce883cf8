"""What ``migrate check`` shows, whatever the form; and its JSON, described by ``fidelity.schema.json``."""

from __future__ import annotations

from migrator.model.fidelity import Fidelity
from migrator.model.finding import Severity
from migrator.model.form import CHECK_MARK

from .inert_json import Json, show_finding, write_json
from .sheet import Sheet
from .wording import count_of

SCHEMA = 1
"""Raised when a key goes or changes its meaning; a new key does not raise it."""


def describe_fidelity(fidelity: Fidelity) -> Sheet:
    """All that there is to say: the verdict, each difference with the file to change, and notes."""
    against = ", ".join(fidelity.sources) or "nothing that is still there"
    return Sheet(
        mark=CHECK_MARK,
        title="Migration",
        about=f"Checked pyproject.toml and poetry.lock against {against}",
        verdict=judge_fidelity(fidelity),
        is_well=not fidelity.differs,
        findings=fidelity.findings,
    )


def judge_fidelity(fidelity: Fidelity) -> str:
    """The one line, without a full stop."""
    if not fidelity.is_readable:
        return "Not checked, because a file cannot be read"
    if not fidelity.sources and not fidelity.differs:
        return "Nothing to compare with: the old files are gone"
    differences = sum(finding.severity is not Severity.NOTE for finding in fidelity.findings)
    parts = []
    if fidelity.pins:
        parts.append(f"{fidelity.kept} of {count_of(fidelity.pins, 'version')} the same")
    if fidelity.hash_sets:
        parts.append(f"{fidelity.proven} of {count_of(fidelity.hash_sets, 'hash set')} proven")
    if fidelity.known:
        parts.append(f"{count_of(fidelity.known, 'difference')} known since the migration")
    verdict = f"{count_of(differences, 'difference')} to settle" if differences else "Faithful"
    return ", ".join([verdict, *parts])


def render_fidelity_json(fidelity: Fidelity) -> str:
    """One object; keys are never left out."""
    findings: list[Json] = [show_finding(finding) for finding in fidelity.findings]
    return write_json(
        {
            "schema": SCHEMA,
            "kind": "check",
            "faithful": not fidelity.differs,
            "readable": fidelity.is_readable,
            "verdict": judge_fidelity(fidelity),
            "format": fidelity.format or None,
            "sources": [*fidelity.sources],
            "gone": [*fidelity.gone],
            "counts": {
                "pins": fidelity.pins,
                "kept": fidelity.kept,
                "hash_sets": fidelity.hash_sets,
                "proven": fidelity.proven,
                "known": fidelity.known,
            },
            "findings": findings,
        }
    )
