"""What ``migrate check`` found: whether the old files and the new ones still say the same."""

from __future__ import annotations

from dataclasses import dataclass

from .finding import Finding, Severity
from .plan import AcceptedDrift


@dataclass(frozen=True, kw_only=True, slots=True)
class Divergence:
    """One difference between the old files and the new ones.

    ``key`` is what the record in pyproject.toml remembers it by, once it is known; ``drift`` the same for a pin that
    moved or went. ``finding`` names the place and the file to change.
    """

    key: str
    finding: Finding
    drift: AcceptedDrift | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fidelity:
    """How faithful the migrated project is to its old files.

    ``sources`` are the old files that were compared, ``gone`` those that are no longer there. ``pins`` counts the
    versions that they pin and that the migration did not leave out, ``kept`` those that the lock has; ``hash_sets`` and
    ``proven`` likewise. ``known`` counts the differences that are on record. ``findings`` are what wants eyes, then
    notes.
    """

    format: str
    sources: tuple[str, ...]
    gone: tuple[str, ...] = ()
    pins: int = 0
    kept: int = 0
    hash_sets: int = 0
    proven: int = 0
    known: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_readable(self) -> bool:
        """Whether everything could be read; else nothing was compared."""
        return all(finding.severity is not Severity.STOP for finding in self.findings)

    @property
    def differs(self) -> bool:
        """Whether something has to be changed."""
        return any(finding.severity is not Severity.NOTE for finding in self.findings)
