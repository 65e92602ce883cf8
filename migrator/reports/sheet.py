"""A short report on a few lines: what ``diff`` and ``check`` have to say, before any form is chosen.

A form takes the credentials out first (:func:`hide_in_sheet`), before anything is cut; escaping is its own work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from migrator.model.finding import Finding
from migrator.model.url import mask_credentials


class Weight(StrEnum):
    """How much a row weighs: it decides about colours, and which rows stay when a comment is too long."""

    ALARM = "alarm"
    LOSS = "loss"
    GAIN = "gain"
    PLAIN = "plain"
    SLIGHT = "slight"
    """Folded where the form can fold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One change on one line."""

    kind: str
    name: str
    old: str
    new: str
    about: tuple[str, ...] = ()
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What there is to show, in this order.

    ``command`` is what made it (``diff``); ``about`` says what was looked at; ``verdict`` is one line without a full
    stop; ``is_well`` is true where nobody has to look. ``remarks`` are sentences that stand below all.
    """

    command: str
    title: str
    about: str
    verdict: str
    is_well: bool
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


def hide_in_sheet(sheet: Sheet) -> Sheet:
    """``sheet`` with the credentials of every URL in it masked."""
    return replace(
        sheet,
        title=_mask(sheet.title),
        about=_mask(sheet.about),
        verdict=_mask(sheet.verdict),
        rows=tuple(
            replace(row, name=_mask(row.name), old=_mask(row.old), new=_mask(row.new), about=(*map(_mask, row.about),))
            for row in sheet.rows
        ),
        findings=tuple(
            replace(
                finding,
                message=_mask(finding.message),
                advice=_mask(finding.advice),
                origin=finding.origin
                and replace(finding.origin, path=_mask(finding.origin.path), key=_mask(finding.origin.key)),
            )
            for finding in sheet.findings
        ),
        remarks=(*map(_mask, sheet.remarks),),
    )


def _mask(text: str) -> str:
    return "\n".join(map(mask_credentials, text.split("\n")))
