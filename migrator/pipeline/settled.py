"""What comes of the search for a lock."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.locking import Failure, Locked, NotLocked
from migrator.model.plan import ProjectPlan
from migrator.model.project import Project
from migrator.planning.drift import Drift, Reason
from migrator.planning.split import Split
from migrator.tools.poetry.words import to_plain


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


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeSplit:
    """A pin that moves in part, to what, and the plan that it was made from."""

    split: Split
    new: Metadata
    original: ProjectPlan

    def stands_in(self, after: Project, before: Project) -> bool:
        """Whether ``after`` holds both versions, and none of that name that is neither of them nor a pin."""
        pin = self.split.pin
        held = {each.version for each in after.pins if each.name == pin.name}
        wanted = {pin.version, self.new.version}
        return wanted <= held <= wanted | {each.version for each in before.pins if each.name == pin.name}

    def as_drift(self) -> Drift:
        """What it is for the report."""
        new = self.new.version
        assert isinstance(new, Version)  # noqa: S101 (no other version is looked at)
        return Drift(pin=self.split.pin, new=new, where=self.split.where)


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
    if answer.failure is Failure.BUILD_FAILED:
        return Finding(
            code=Code.LOCK_FAILED,
            severity=Severity.STOP,
            message=f"Poetry finds no lock, because a build fails here: {to_plain(answer.message)}",
            advice="Make that build work (what it said last stands above), or change the requirement that asks for it",
        )
    return Finding(
        code=Code.LOCK_FAILED,
        severity=Severity.STOP,
        message=f"Poetry finds no lock: {to_plain(answer.message)}",
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
