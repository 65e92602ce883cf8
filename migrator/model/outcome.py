"""All that a report may look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from packaging.utils import NormalizedName

from .artifact import Artifact
from .change import Change, HashProof
from .finding import Finding
from .native import NixPlan
from .plan import ProjectPlan
from .project import Project
from .version import AnyVersion


class Ended(StrEnum):
    """How a command ended."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    DRY_RUN = "dry-run"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a migration saw, decided and did.

    ``before`` is the project as it was read; ``after`` what the new lock says, None where nothing was locked.
    ``written`` are the paths that changed, sorted; ``artifacts`` all files as they stand (or would stand).
    ``diffs`` are unified diffs of the artifacts against what stood there, one text a file, for ``--dry-run``.
    """

    ended: Ended
    before: Project
    after: Project | None = None
    plan: ProjectPlan | None = None
    nix: NixPlan | None = None
    artifacts: tuple[Artifact, ...] = ()
    written: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    proofs: tuple[HashProof, ...] = ()
    findings: tuple[Finding, ...] = ()
    overridden: frozenset[tuple[NormalizedName, AnyVersion | None]] = frozenset()
    """Pins in the place of which production ran something else, by an override of the old expression."""
    poetry: str = ""
    """The version of the Poetry that locked, empty when none did."""
