"""What a report form offers to the program: one constant ``FORM`` in a module of ``migrator.reports``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .outcome import Outcome

REPORT_MARK = "migrator-report"
"""What stands at the beginning of every report that is a file, by which it is known as ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A way to show an outcome.

    ``name`` is what stands before the colon in ``--report FORM:FILE``; a file whose name ends in ``suffix`` gets this
    form by itself, unless that is empty. Every report of this form begins with ``mark``, and only what does so may be
    replaced by a later one. ``render`` is pure: the same outcome gives the same text, which ends in a newline, carries
    no date, no absolute path of its own and no credentials, and in which every value from an input is inert.
    """

    name: str
    suffix: str
    mark: str
    render: Callable[[Outcome], str]
