"""What a report form offers to the program: one constant ``FORM`` in a module of ``migrator.reports``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .comparison import Comparison
from .fidelity import Fidelity
from .outcome import Outcome

Subject: TypeAlias = Outcome | Comparison | Fidelity
"""What a report can be about: a migration, what ``diff`` found, what ``check`` found."""

REPORT_MARK = "migrator-report"
"""What stands at the beginning of every report of a migration that is a file, by which it is known as ours."""
DIFF_MARK = "migrator-diff"
CHECK_MARK = "migrator-check"
MARKS = (REPORT_MARK, DIFF_MARK, CHECK_MARK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A way to show what a command found.

    ``name`` is what stands before the colon in ``--report FORM:FILE``; a file whose name ends in ``suffix`` gets this
    form by itself, unless that is empty. Every report of this form begins with one of ``marks``, and only what does so
    may be replaced by a later one. ``render`` is pure: the same subject gives the same text, which ends in a newline,
    carries no date, no absolute path of its own and no credentials, and in which every value from an input is inert.
    """

    name: str
    suffix: str
    marks: tuple[str, ...]
    render: Callable[[Subject], str]
