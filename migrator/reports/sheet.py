"""A short report on a few lines: what ``diff`` and ``check`` have to say, before any form is chosen.

A form takes the credentials out first (:func:`~migrator.reports.inert.hide_credentials`), before anything is cut;
escaping is its own work.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.finding import Finding
from migrator.model.origin import Origin


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
    """One change on one line. ``origin`` is where the new side says so, or the old one where it is gone."""

    kind: str
    name: str
    old: str
    new: str
    about: tuple[str, ...] = ()
    weight: Weight = Weight.PLAIN
    origin: Origin | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What there is to show, in this order.

    ``mark`` tells the reports of different commands from one another; ``about`` says what was looked at; ``verdict`` is
    one line without a full stop; ``is_well`` is true where nobody has to look. ``remarks`` are sentences that stand
    below all.
    """

    mark: str
    title: str
    about: str
    verdict: str
    is_well: bool
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


_ONE_SIDED = frozenset({"added", "removed", "hashes"})


def show_step(row: Row) -> str:
    """From what to what; of a row that has one side only, that one."""
    if row.kind in _ONE_SIDED and not (row.old and row.new):
        return row.new or row.old
    return f"{row.old or '(none)'} -> {row.new or '(none)'}"
