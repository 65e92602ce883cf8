"""A finding as an item of a list."""

from __future__ import annotations

from migrator.model.finding import Finding

from .document import Code, Item


def show_finding(finding: Finding, *, weigh: bool = False) -> Item:
    """A finding as an item of a list; with ``weigh`` its severity stands in front."""
    place = str(finding.origin) if finding.origin else ""
    return Item(
        head=(Code(text=finding.code.value), *((Code(text=place),) if place else ())),
        text=finding.message,
        advice=finding.advice,
        weight=finding.severity.value if weigh else "",
    )
