"""What comes of the search for a lock."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.locking import Failure, Locked, NotLocked
from migrator.model.plan import ProjectPlan
from migrator.model.project import Project
from migrator.planning.drift import Drift, Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A lock that stands, what it holds, and each pin that it does not hold with the reason."""

    plan: ProjectPlan
    lock: str
    after: Project
    evidence: Evidence
    drifts: tuple[tuple[Drift, Reason], ...]
    warnings: tuple[str, ...]
    built: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsettled:
    """No lock, and why."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A lock that Poetry gave for a plan."""

    plan: ProjectPlan
    answer: Locked
    after: Project
    drifts: tuple[Drift, ...]


def explain_no_lock(answer: NotLocked) -> Finding:
    """Why Poetry gave no lock, and what to change."""
    if answer.failure is Failure.NEEDS_BUILD:
        names = ", ".join(sorted(answer.packages)) or "Something that is to be locked"
        return Finding(
            code=Code.NEEDS_BUILD,
            severity=Severity.STOP,
            message=f"{names}: what it needs is known only after running its build",
            advice="Allow its code to run with --allow-build",
        )
    return Finding(
        code=Code.LOCK_FAILED,
        severity=Severity.STOP,
        message=f"Poetry finds no lock: {' '.join(answer.message.split())}",
        advice="Change one of the requirements named here, and migrate again",
    )


def explain_no_end(rounds: int) -> Finding:
    """That the search was given up after so many ``rounds``."""
    return Finding(
        code=Code.LOCK_FAILED,
        severity=Severity.STOP,
        message=f"No lock after {rounds} attempts: each pin that gives way makes another one move",
        advice="Resolve the conflicts between the pins first (pip check shows them)",
    )
