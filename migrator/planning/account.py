"""What the lock changed, put into words: drifts and their reasons, hashes, additions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from migrator.model.change import Added, Change, HashesChanged, HashProof, HashVerdict, Removed, VersionChanged
from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import AcceptedDrift, ProjectPlan, Seed
from migrator.model.project import Pin, Project
from migrator.model.source import FromIndex

from .backports import list_backports, remark_backports
from .closure import extras_in, holds_everywhere
from .drift import Drift, Reason

Drifts = tuple[tuple[Drift, Reason], ...]


def account_for(drifts: Drifts) -> tuple[AcceptedDrift, ...]:
    """The record of drifts that the user let pass."""
    return tuple(_as_accepted(drift) for drift, _ in drifts if drift.where is None)


def select_allowed(drifts: Drifts, *, everything: bool, accepted: Iterable[AcceptedDrift]) -> Drifts:
    """The drifts that may pass: ``everything``, or what the user let pass before, or what moves in part only."""
    known = set(accepted)
    return tuple(
        (drift, reason)
        for drift, reason in drifts
        if everything or drift.where is not None or _as_accepted(drift) in known
    )


def _as_accepted(drift: Drift) -> AcceptedDrift:
    return AcceptedDrift(name=drift.pin.name, old=str(drift.pin.version or ""), new=str(drift.new or ""))


def refuse_drift(drifts: Drifts, allowed: Drifts) -> tuple[Finding, ...]:
    """One finding a drift; each stops the migration unless it is ``allowed``."""
    findings = []
    for drift, reason in drifts:
        pin = drift.pin
        was = f"{pin.name} {pin.version}" if pin.version is not None else pin.name
        what = f"moves to {drift.new}" if drift.new else "goes"
        if drift.where is not None:
            what += f" where {drift.where} and stays elsewhere"
        passes = (drift, reason) in allowed
        findings.append(
            Finding(
                code=Code.PIN_MOVED if drift.new else Code.PIN_GONE,
                severity=Severity.REVIEW if passes else Severity.STOP,
                message=f"{was} {what}: {reason.text}",
                origin=pin.origin,
                advice="Compare the two versions if the project runs there; to lock them again takes Poetry 2.5"
                if drift.where is not None
                else ""
                if passes
                else reason.advice
                or "Change the requirement that forces it, or accept the new version with --allow-drift",
            )
        )
    return tuple(findings)


def find_loosened(first: ProjectPlan, final: ProjectPlan) -> tuple[Finding, ...]:
    """Constraints that somebody wrote by hand and that had to give way, because nothing on the index meets them."""
    now = {(entry.name, entry.group, str(entry.marker)): entry.constraint for entry in final.dependencies}
    findings = []
    for entry in first.dependencies:
        constraint = now.get((entry.name, entry.group, str(entry.marker)))
        if entry.by_hand and constraint not in {None, entry.constraint}:
            findings.append(
                Finding(
                    code=Code.CONSTRAINT_LOOSENED,
                    severity=Severity.REVIEW,
                    message=f"{entry.raw_name} {entry.constraint} is met by nothing on the index, "
                    f"so pyproject.toml asks for {constraint}",
                    origin=entry.origin,
                )
            )
    return tuple(findings)


def give_reasons(
    changes: tuple[Change, ...], drifts: Drifts, evidence: Evidence, before: Project
) -> tuple[Change, ...]:
    """``changes`` with the reasons that the search found, for additions who needs them, for hashes what was known."""
    found = {(drift.pin.name, str(drift.pin.version)): reason.text for drift, reason in drifts}
    parts = {(drift.pin.name, str(drift.new)): reason.text for drift, reason in drifts if drift.where is not None}
    wished = _wished_extras(before, evidence)
    explained: list[Change] = []
    for change in changes:
        match change:
            case VersionChanged():
                explained.append(replace(change, reason=found.get((change.name, str(change.old)), "")))
            case Removed():
                # what is no drift and not there any more was installed nowhere in the range
                otherwise = "its marker holds on no Python of the range" if change.version is not None else ""
                explained.append(replace(change, reason=found.get((change.name, str(change.version)), otherwise)))
            case Added():
                why = parts.get((change.name, str(change.version))) or _why_added(change, evidence, wished)
                explained.append(replace(change, reason=why or change.reason))
            case HashesChanged(verdict=HashVerdict.SUPERSET) if before.is_expression:
                explained.append(replace(change, reason="an expression names one file of a release, its sdist"))
            case HashesChanged(verdict=HashVerdict.SUBSET):
                explained.append(
                    replace(change, reason="files that Poetry does not list (.exe, .egg) or that are gone")
                )
            case _:
                explained.append(change)
    return tuple(explained)


def _wished_extras(before: Project, evidence: Evidence) -> frozenset[tuple[NormalizedName, str]]:
    """The extras that a line of before, or a release that is locked, asks for by name."""
    lines = [(line.name, line.extras) for line in before.declared]
    needs = [
        (canonicalize_name(requirement.name), requirement.extras)
        for fact in evidence.facts
        if isinstance(fact, Metadata)
        for requirement in fact.requires
    ]
    return frozenset((name, canonicalize_name(extra)) for name, extras in (*lines, *needs) for extra in extras)


def _asks_plainly(name: NormalizedName, marker: str, wished: frozenset[tuple[NormalizedName, str]]) -> bool:
    """Whether a requirement of ``name`` counts without anything more: it is for no extra, or for one that is wished."""
    extras = extras_in(marker)
    return not extras or any((name, extra) in wished for extra in extras)


def _why_added(change: Added, evidence: Evidence, wished: frozenset[tuple[NormalizedName, str]]) -> str:
    """Who asks for it; under which condition, the change itself says."""
    plain: set[str] = set()
    under_extra: set[str] = set()
    for fact in evidence.facts:
        if not isinstance(fact, Metadata) or fact.name not in change.needed_by:
            continue
        for requirement in fact.requires:
            if canonicalize_name(requirement.name) == change.name:
                asks = _asks_plainly(fact.name, str(requirement.marker or ""), wished)
                (plain if asks else under_extra).add(f"{fact.name} {fact.version}")
    asking = plain or under_extra or set(change.needed_by)
    return f"needed by {', '.join(sorted(asking))}" if asking else ""


_SHOWN = 5
"""So many names in a sentence; the table has them all."""


def find_additions(changes: Iterable[Change], before: Project, pythons: tuple[str, ...]) -> tuple[Finding, ...]:
    """What to say of the packages that nobody pinned: backports that Python needs no more, and the others."""
    added = [change for change in changes if isinstance(change, Added)]
    backports = list_backports(added, pythons)
    others = [change for change in added if change not in backports]
    return (*remark_backports(backports, before), *_remark_additions(others, pythons))


def _remark_additions(additions: Iterable[Added], pythons: tuple[str, ...]) -> tuple[Finding, ...]:
    """One remark on those that Linux installs on every Python of the range."""
    markers: dict[NormalizedName, list[str | None]] = {}
    for change in additions:
        markers.setdefault(change.name, []).append(str(change.marker) if change.marker else None)
    names = sorted(
        name
        for name, conditions in markers.items()
        if all(any(c is None or holds_everywhere(c, (python,)) for c in conditions) for python in pythons)
    )
    if not names:
        return ()
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    was = "was not pinned before and is" if len(names) == 1 else "were not pinned before and are"
    return (
        Finding(
            code=Code.PIN_ADDED,
            severity=Severity.REVIEW,
            message=f"{', '.join(names[:_SHOWN])}{more} {was} installed now in the newest version that fits",
            advice="Compare with what production runs; to keep its versions, migrate its `pip freeze`",
        ),
    )


def find_hash_alarms(proofs: Iterable[HashProof], before: Project, after: Project) -> tuple[Finding, ...]:
    """Other bytes under the same version.

    That is no drift that may be let pass: somebody has to look, and to take back what the old file says.
    """
    findings = []
    for proof in proofs:
        if proof.verdict is HashVerdict.MISMATCH:
            pins = [p for p in before.pins if (p.name, p.version) == (proof.name, proof.version) and p.hashes]
            held = {h for p in after.pins if (p.name, p.version) == (proof.name, proof.version) for h in p.hashes}
            findings.append(_other_bytes(max(pins, key=lambda pin: len(_missing(pin, held))), held))
    return tuple(findings)


def find_incomparable(changes: Iterable[Change], before: Project) -> tuple[Finding, ...]:
    """One finding for the pins whose old hashes and those of the index cannot be compared."""
    pins = {(pin.name, str(pin.version)): pin for pin in before.pins}
    found = [c for c in changes if isinstance(c, HashesChanged) and c.verdict is HashVerdict.NOT_COMPARABLE]
    if not found:
        return ()
    old = _name_kinds(digest for change in found for digest in change.missing)
    new = _name_kinds(digest for change in found for digest in change.extra)
    first = pins.get((found[0].name, str(found[0].version)))
    return (
        Finding(
            code=Code.HASH_NOT_COMPARABLE,
            severity=Severity.REVIEW,
            origin=first.origin if first else None,
            message=f"The old hashes ({old}) and those of the index ({new}) cannot be compared: "
            + ", ".join(f"{change.name} {change.version}" for change in found),
            advice="The versions are kept, but nothing proves that their files are those of before: "
            "compare one that production runs with poetry.lock (`pip hash FILE`)",
        ),
    )


def _name_kinds(hashes: Iterable[str]) -> str:
    """The algorithms of hashes, ``none`` where there is no hash."""
    return ", ".join(sorted({text.partition(":")[0] for text in hashes})) or "none"


def _missing(pin: Pin, held: set[str]) -> list[str]:
    """The hashes of ``pin`` that are not ``held``, of the algorithms that can be compared."""
    algorithms = {digest.partition(":")[0] for digest in held}
    return sorted(h for h in map(str.lower, pin.hashes) if h not in held and h.partition(":")[0] in algorithms)


def _other_bytes(pin: Pin, held: set[str]) -> Finding:
    missing = _missing(pin, held)
    return Finding(
        code=Code.HASH_MISMATCH,
        severity=Severity.STOP,
        origin=pin.origin,
        message=f"{pin.name} {pin.version}: {len(missing)} of the old hashes are not among "
        f"the files that the index has now ({missing[0]})",
        advice="Find out whether files were deleted from the index or replaced by others; "
        "if what it has now is what you want, remove the old hashes of this version "
        f"from {pin.origin.path} and migrate again (--allow-drift is not for this)",
    )


def find_unproven_transport(evidence: Evidence, proofs: tuple[HashProof, ...]) -> tuple[Finding, ...]:
    """Releases that came over another address than PyPI's and that nothing proves to be PyPI's."""
    if not evidence.transport:
        return ()
    proven = {
        (proof.name, proof.version) for proof in proofs if proof.verdict in {HashVerdict.SAME, HashVerdict.SUPERSET}
    }
    unproven = sorted(
        f"{fact.name} {fact.version}"
        for fact in evidence.facts
        if isinstance(fact, Metadata)
        and fact.index is None
        and (fact.name, fact.version) not in proven
        and not all(file.public for file in fact.files)
    )
    if not unproven:
        return ()
    return (
        Finding(
            code=Code.INDEX_NOT_PUBLIC,
            severity=Severity.REVIEW,
            message=f"The index was reached at {evidence.transport}, and nothing proves that these are PyPI's files: "
            + ", ".join(unproven),
            advice="Name that index in the requirements file (--index-url) if the packages are its own",
        ),
    )


def seeds_of_lock(plan: ProjectPlan, lock: Project | None) -> tuple[Seed, ...]:
    """Seeds for what an existing poetry.lock holds beside the pins: what is locked already stays."""
    if lock is None:
        return ()
    named = {seed.name for seed in plan.seeds}
    sources = {source.name for source in plan.sources}
    return tuple(
        Seed(name=pin.name, version=pin.version, index=pin.source.index)
        for pin in sorted(lock.pins, key=lambda p: (p.name, str(p.version)))
        if pin.name not in named
        and isinstance(pin.version, Version)
        and isinstance(pin.source, FromIndex)
        and (pin.source.index is None or pin.source.index in sources)
    )
