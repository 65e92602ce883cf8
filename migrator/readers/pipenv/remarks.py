"""Findings of this reader, with the words that they share."""

from __future__ import annotations

import json
from typing import NamedTuple

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.url import mask_credentials

_LONGEST = 160


class Remark(NamedTuple):
    """A finding whose place is known to somebody else."""

    code: Code
    severity: Severity
    message: str
    advice: str = ""

    def at(self, origin: Origin) -> Finding:
        """The finding about ``origin``."""
        return Finding(
            code=self.code,
            severity=self.severity,
            message=mask_credentials(self.message),
            advice=mask_credentials(self.advice),
            origin=origin,
        )


def not_understood(message: str, advice: str, severity: Severity = Severity.REVIEW) -> Remark:
    """Something that pipenv does not know either, or that nobody can carry over."""
    return Remark(Code.NOT_UNDERSTOOD, severity, message, advice)


def likely_mistake(message: str, advice: str, severity: Severity = Severity.REVIEW) -> Remark:
    """Something that means another thing than what its author wanted."""
    return Remark(Code.LIKELY_MISTAKE, severity, message, advice)


def in_toml(value: object) -> str:
    """``value`` as an advice shows it: to be written into a Pipfile."""
    return json.dumps(value, ensure_ascii=False, default=str)


def quote(value: object) -> str:
    """``value`` as a message shows it: without credentials, shortened, between backquotes."""
    text = mask_credentials(value if isinstance(value, str) else repr(value))
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}`"
