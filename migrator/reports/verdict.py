"""The verdict in one line, and the numbers in it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.change import HashVerdict, Removed, VersionChanged
from migrator.model.finding import Finding, Severity
from migrator.model.outcome import Ended, Outcome

from .wording import count_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The numbers of the verdict. A pin is a name in a version, a hash set what the old files said of one pin."""

    pins: int
    kept: int
    overridden: int
    hash_sets: int
    proven: int
    not_comparable: int
    mismatched: int
    stop: int
    review: int
    note: int


def count_pins(outcome: Outcome, findings: tuple[Finding, ...]) -> Counts:
    """The numbers; what moved or went is what the changes say moved or went.

    A pin that an override replaced was not what production ran, so that it counts apart from those that are kept.
    """
    pins = {(pin.name, pin.version) for pin in outcome.before.pins}
    hashed = {(pin.name, pin.version) for pin in outcome.before.pins if pin.hashes}
    overridden = pins & outcome.overridden
    lost = {(c.name, c.old) for c in outcome.changes if isinstance(c, VersionChanged)}
    lost |= {(c.name, c.version) for c in outcome.changes if isinstance(c, Removed)}
    verdicts: dict[HashVerdict, set[object]] = {verdict: set() for verdict in HashVerdict}
    for proof in outcome.proofs:
        verdicts[proof.verdict].add((proof.name, proof.version))
    bad = verdicts[HashVerdict.MISMATCH] | verdicts[HashVerdict.SUBSET] | verdicts[HashVerdict.NOT_COMPARABLE]
    proven = (verdicts[HashVerdict.SAME] | verdicts[HashVerdict.SUPERSET]) - bad
    weights = [finding.severity for finding in findings]
    return Counts(
        pins=len(pins),
        kept=len(pins - lost - overridden) if outcome.after is not None else 0,
        overridden=len(overridden - lost) if outcome.after is not None else 0,
        hash_sets=len(hashed),
        proven=len(hashed & proven),
        not_comparable=len(hashed & verdicts[HashVerdict.NOT_COMPARABLE]),
        mismatched=len(verdicts[HashVerdict.MISMATCH]),
        stop=weights.count(Severity.STOP),
        review=weights.count(Severity.REVIEW),
        note=weights.count(Severity.NOTE),
    )


_OPENINGS = {
    Ended.WRITTEN: "",
    Ended.UNCHANGED: "Nothing to change: ",
    Ended.DRY_RUN: "Dry run, nothing was written: ",
    Ended.STOPPED: "Stopped: nothing was written. ",
}


def judge(outcome: Outcome, counts: Counts) -> str:
    """The one line, without a full stop; where nothing was written it begins with that."""
    if outcome.after is None:
        read = f"{count_of(counts.pins, 'pinned version')} read, " if counts.pins else ""
        parts = [f"{read}nothing locked"]
    elif counts.pins:
        kept = "kept" if outcome.ended in {Ended.WRITTEN, Ended.UNCHANGED} else "would be kept"
        parts = [f"{counts.kept} of {count_of(counts.pins, 'version')} {kept}"]
        if counts.overridden:
            parts.append(f"{counts.overridden} pinned but overridden in production")
        parts.append(
            f"{counts.proven} of {count_of(counts.hash_sets, 'hash set')} proven"
            if counts.hash_sets
            else "no old hashes to compare"
        )
    else:
        parts = ["no version was pinned before"]
    if counts.mismatched:
        parts.append(f"{count_of(counts.mismatched, 'version')} with other bytes than before")
    look = counts.stop + counts.review
    parts.append(f"{count_of(look, 'thing')} to look at" if look else "nothing to look at")
    text = ", ".join(parts)
    opening = _OPENINGS[outcome.ended]
    return opening + (text if opening.endswith(": ") else text[:1].upper() + text[1:])
