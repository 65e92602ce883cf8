"""What there is to say of an outcome, and in which order: computed once, shown by every form.

Every text in a :class:`Summary` is without credentials and otherwise as the inputs gave it: escaping is the form's.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.artifact import Ownership
from migrator.model.finding import Code, Finding, Severity
from migrator.model.outcome import Ended, Outcome
from migrator.model.plan import PlannedDependency, PlannedSource
from migrator.model.project import MAIN
from migrator.model.source import FromIndex

from .document import Picture
from .movement import Difference, Move, list_differences, list_moves
from .natives import Native, list_natives
from .picture import draw
from .verdict import Counts, count_pins, judge
from .wording import describe_source, show_range


class Place(StrEnum):
    """The part of the report in which a finding is told; each finding is told in exactly one."""

    EYES = "eyes"
    INFERRED = "inferred"
    NOT_CARRIED = "not-carried"
    LEFTOVERS = "leftovers"
    TOLD = "told"


_PLACES = {
    **dict.fromkeys(
        (
            Code.NAME_INFERRED,
            Code.PACKAGE_INFERRED,
            Code.VERSION_INFERRED,
            Code.PYTHON_INFERRED,
            Code.PYTHON_NARROWED,
            Code.ROOTS_INFERRED,
            Code.EXTRA_INFERRED,
            Code.ORPHAN_KEPT,
        ),
        Place.INFERRED,
    ),
    **dict.fromkeys(
        (
            Code.NOT_UNDERSTOOD,
            Code.UNDECODABLE,
            Code.MISSING_INCLUDE,
            Code.REMOTE_INCLUDE,
            Code.OPTION_NOT_CARRIED,
            Code.OPTION_ON_REQUIREMENT,
            Code.COMMENT_NOT_CARRIED,
            Code.NAMELESS_URL,
            Code.CREDENTIALS_REMOVED,
            Code.UNSUPPORTED_SOURCE,
            Code.PROJECT_ITSELF,
            Code.CONSTRAINT_UNUSED,
            Code.BUILD_REQUIREMENT,
        ),
        Place.NOT_CARRIED,
    ),
    Code.LEFTOVER: Place.LEFTOVERS,
}


def place(finding: Finding) -> Place:
    """Where a finding is told: what a person has to look at is among the eyes, whatever it speaks about."""
    return _PLACES.get(finding.code, Place.TOLD) if finding.severity is Severity.NOTE else Place.EYES


@dataclass(frozen=True, kw_only=True, slots=True)
class Direct:
    """A direct dependency: the old line, where it stood, and what stands in pyproject.toml now."""

    name: str
    group: str
    was: str
    origin: str
    constraint: str
    beside: tuple[str, ...]
    """What the constraint alone does not say: extras, source, marker."""
    locked: tuple[str, ...]
    """The versions that the new lock has; empty where there is no lock, or none in it."""
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A source and how it gets its credentials. ``variables`` is empty where a shell cannot hold their names."""

    name: str
    url: str
    priority: str
    origin: str
    stated: bool
    """The old file had credentials for it."""
    variables: tuple[str, ...]
    command: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenFile:
    """A file of the result; ``changed`` is true where this run wrote (or, in a dry run, would write) it."""

    path: str
    ownership: Ownership | None
    changed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """All that the forms show, in the order in which they show it."""

    project: str
    format: str
    sources: tuple[str, ...]
    poetry: str
    ended: Ended
    verdict: str
    counts: Counts
    findings: tuple[Finding, ...]
    direct: tuple[Direct, ...]
    locked: bool
    moves: tuple[Move, ...]
    differences: tuple[Difference, ...]
    natives: tuple[Native, ...]
    logins: tuple[Login, ...]
    python: str
    python_why: str
    nix_pythons: tuple[str, ...]
    """The interpreters that the Nix files take, the first that nixpkgs has; empty without Nix files."""
    files: tuple[WrittenFile, ...]
    go_back: tuple[tuple[str, str], ...]
    """Commands, each with what it does."""
    next_steps: tuple[tuple[str, str], ...]
    picture: Picture | None

    def told(self, where: Place) -> tuple[Finding, ...]:
        """The findings of one part of the report, the weightiest first."""
        return tuple(finding for finding in self.findings if place(finding) is where)


def summarise(outcome: Outcome) -> Summary:
    """Everything worth saying about ``outcome``; sorted, except for the sources, whose order is a choice.

    The credentials in its texts have to be hidden before: :func:`~migrator.reports.inert.hide_credentials`.
    """
    findings = _order_findings(outcome.findings)
    counts = count_pins(outcome, findings)
    plan = outcome.plan
    locked = locked_versions(outcome)
    files = _list_files(outcome)
    changed = tuple(file.path for file in files if file.changed)
    return Summary(
        project=plan.name if plan else "",
        format=outcome.before.format,
        sources=tuple(sorted(dict.fromkeys(outcome.before.sources))),
        poetry=outcome.poetry,
        ended=outcome.ended,
        verdict=judge(outcome, counts),
        counts=counts,
        findings=findings,
        direct=tuple(show_direct(entry, locked) for entry in order_dependencies(plan.dependencies if plan else ())),
        locked=outcome.after is not None,
        moves=list_moves(outcome.changes),
        differences=list_differences(outcome.changes),
        natives=list_natives(outcome.nix),
        logins=tuple(show_login(source) for source in plan.sources) if plan else (),
        python=show_range(plan.python) if plan else "",
        python_why=plan.python_why if plan else "",
        nix_pythons=outcome.nix.python_attributes if outcome.nix else (),
        files=files,
        go_back=_tell_undo(changed) if outcome.ended is Ended.WRITTEN else (),
        next_steps=_tell_next(outcome, {file.path for file in files}),
        picture=draw(outcome),
    )


def order_dependencies(entries: Iterable[PlannedDependency]) -> tuple[PlannedDependency, ...]:
    """Main first, then group by group, each by name."""

    def rank(entry: PlannedDependency) -> tuple[bool, str, str, str, str]:
        beside = repr((entry.source, entry.marker, sorted(entry.extras), entry.why, entry.origin))
        return (entry.group != MAIN, entry.group, entry.name, entry.constraint + entry.was, beside)

    return tuple(sorted(entries, key=rank))


def locked_versions(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """The versions that the new lock has of each name, sorted; a name may have several, by marker."""
    found: dict[str, set[str]] = {}
    for pin in outcome.after.pins if outcome.after else ():
        if pin.version is not None:
            found.setdefault(pin.name, set()).add(str(pin.version))
    return {name: tuple(sorted(versions)) for name, versions in found.items()}


def show_direct(entry: PlannedDependency, locked: Mapping[str, tuple[str, ...]]) -> Direct:
    """A planned dependency in words."""
    beside = []
    if entry.extras:
        beside.append("with " + ", ".join(sorted(entry.extras)))
    if entry.source != FromIndex():
        beside.append(describe_source(entry.source) + (", editable" if entry.editable else ""))
    if entry.marker is not None:
        beside.append(f"only where {entry.marker}")
    if entry.prereleases:
        beside.append("pre-releases allowed")
    return Direct(
        name=entry.raw_name,
        group=entry.group,
        was=entry.was,
        origin=str(entry.origin) if entry.origin else "",
        constraint=entry.constraint,
        beside=tuple(beside),
        locked=locked.get(entry.name, ()),
        why=entry.why,
    )


def show_login(source: PlannedSource) -> Login:
    """How a source gets its credentials, in the names that Poetry derives from the source's name."""
    # Poetry's rule: upper case, a dash becomes an underscore, and everything else stays as it is
    stem = f"POETRY_HTTP_BASIC_{source.name.upper().replace('-', '_')}"
    sayable = re.fullmatch(r"[A-Z0-9_]+", stem) is not None
    return Login(
        name=source.name,
        url=str(source.url.without_credentials()),
        priority=source.priority.value,
        origin=str(source.origin) if source.origin else "",
        stated=source.url.has_credentials,
        variables=(f"{stem}_USERNAME", f"{stem}_PASSWORD") if sayable else (),
        command=f"poetry config {shlex.quote('http-basic.' + source.name)} USERNAME",
    )


def _order_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    weight = {Severity.STOP: 0, Severity.REVIEW: 1, Severity.NOTE: 2}

    def rank(finding: Finding) -> tuple[int, bool, str, int, str, str, str]:
        origin = finding.origin
        stood = (origin is None, origin.path if origin else "", origin.line if origin else 0)
        return (weight[finding.severity], *stood, finding.code, finding.message, finding.advice)

    return tuple(sorted(dict.fromkeys(findings), key=rank))


def _list_files(outcome: Outcome) -> tuple[WrittenFile, ...]:
    if outcome.ended is Ended.STOPPED:
        return ()
    owners = {artifact.path: artifact.ownership for artifact in outcome.artifacts}
    paths = sorted({*owners, *outcome.written})
    return tuple(WrittenFile(path=path, ownership=owners.get(path), changed=path in outcome.written) for path in paths)


def _tell_undo(paths: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    # `git checkout -- FILES` refuses them all when one of them is new; stash takes changed and new ones alike
    names = " ".join(shlex.quote(path) for path in paths)
    if not names:
        return ()
    return (
        (f"git diff -- {names}", "shows what changed in the files that git knows"),
        (
            f"git stash push --include-untracked -- {names}",
            "before a commit: puts these files back as they were committed",
        ),
        ("git stash pop", "brings the migration back"),
    )


def _tell_next(outcome: Outcome, paths: set[str]) -> tuple[tuple[str, str], ...]:
    if outcome.ended is Ended.DRY_RUN:
        return ((f"migrate from-{outcome.before.format} ... without --dry-run", "writes these files"),)
    if outcome.ended is Ended.STOPPED:
        return ()
    steps = []
    if "poetry.lock" in paths:
        steps.append(("poetry install", "installs exactly what the lock says"))
    if "default.nix" in paths:
        steps.append(("nix-build", "builds it with Nix"))
    elif "migrator.nix" in paths:
        steps.append(("nix-build migrator.nix", "builds it with Nix"))
    if "flake.nix" in paths:
        steps.append(("git add *.nix poetry.lock pyproject.toml", "a flake sees only the files that git knows"))
        steps.append(("nix build", "builds it as a flake"))
    steps.append(("git status", "shows which files are new or changed"))
    return tuple(steps)
