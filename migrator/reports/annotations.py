"""What a report says of places: its findings, and of ``diff`` its changes too, as remarks beside lines of files."""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.model.comparison import Comparison, Side
from migrator.model.finding import Finding, Severity
from migrator.model.form import REPORT_MARK, Subject
from migrator.model.origin import Origin
from migrator.model.outcome import Ended, Outcome

from .description import take_sheet
from .inert import hide_credentials, show_lines
from .sheet import Row, Weight, show_step
from .summary import summarise

_MESSAGE = 2_000
_WEIGHTY = frozenset({Weight.ALARM, Weight.LOSS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """One remark: ``rule`` names its kind, ``lines`` have nothing invisible in them."""

    rule: str
    severity: Severity
    lines: tuple[str, ...]
    origin: Origin | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotations:
    """All remarks, the weightiest first; ``severity`` is that of the verdict, STOP where nothing could be done."""

    mark: str
    title: str
    verdict: str
    severity: Severity
    rows: tuple[Annotation, ...]


def annotate(subject: Subject) -> Annotations:
    """What there is to say of places, credentials hidden, each remark bounded."""
    if isinstance(subject, Outcome):
        return _annotate_migration(subject)
    sheet = hide_credentials(take_sheet(subject))
    stopped = any(finding.severity is Severity.STOP for finding in sheet.findings)
    rows = [_annotate_row(row) for row in sheet.rows] + [_annotate_finding(finding) for finding in sheet.findings]
    if isinstance(subject, Comparison):
        rows = [_move(row, subject) for row in rows]
    weights = list(reversed(Severity))
    return Annotations(
        mark=sheet.mark,
        title=sheet.title,
        verdict=sheet.verdict,
        severity=Severity.STOP if stopped else Severity.NOTE if sheet.is_well else Severity.REVIEW,
        rows=tuple(sorted(rows, key=lambda row: weights.index(row.severity))),
    )


def _annotate_migration(outcome: Outcome) -> Annotations:
    summary = summarise(hide_credentials(outcome))
    stopped = summary.ended is Ended.STOPPED
    return Annotations(
        mark=REPORT_MARK,
        title="Migration to Poetry",
        verdict=summary.verdict,
        severity=Severity.STOP if stopped else Severity.REVIEW if summary.counts.review else Severity.NOTE,
        rows=tuple(map(_annotate_finding, summary.findings)),
    )


def _annotate_finding(finding: Finding) -> Annotation:
    return Annotation(
        rule=finding.code.value,
        severity=finding.severity,
        lines=(*show_lines(finding.message, _MESSAGE), *show_lines(finding.advice, _MESSAGE)),
        origin=finding.origin,
    )


def _annotate_row(row: Row) -> Annotation:
    what = f"{row.kind}: {' '.join(filter(None, (row.name, show_step(row))))}"
    return Annotation(
        rule=row.kind.replace(" ", "-"),
        severity=Severity.REVIEW if row.weight in _WEIGHTY else Severity.NOTE,
        lines=(*show_lines(what, _MESSAGE), *show_lines(", ".join(row.about), _MESSAGE)),
        origin=row.origin,
    )


def _move(row: Annotation, comparison: Comparison) -> Annotation:
    """``row`` at a place that whoever looks at the new files has before him: those of a commit are not there.

    What an old commit says has no line in the new file; so it stands at the whole of that, and names its own place.
    """
    new, origin = comparison.new, row.origin
    if origin is None:
        return replace(row, origin=_whole_file(new))
    if _is_of_commit(origin, new):
        return replace(row, origin=replace(origin, path=origin.path.removeprefix(f"{new.revision}:")))
    if _is_of_commit(origin, comparison.old):
        told = show_lines(f"It stands in {origin}", _MESSAGE)
        return replace(row, lines=(*row.lines, *told), origin=_whole_file(new))
    return row


def _is_of_commit(origin: Origin, side: Side) -> bool:
    return bool(side.revision) and origin.path.startswith(f"{side.revision}:")


def _whole_file(side: Side) -> Origin:
    prefix = f"{side.revision}:" if side.revision else ""
    return Origin(path=f"{side.place}{side.project.origin.path}".removeprefix(prefix))
