"""What a report of any subject says, before its form is chosen."""

from __future__ import annotations

from migrator.model.comparison import Comparison
from migrator.model.fidelity import Fidelity
from migrator.model.form import Subject
from migrator.model.outcome import Outcome

from .comparison import describe_comparison
from .document import Document
from .fidelity import describe_fidelity
from .migration import describe_migration
from .sheet import Sheet
from .sheet_document import lay_out


def describe(subject: Subject) -> Document:
    """The report as a document, credentials hidden."""
    return describe_migration(subject) if isinstance(subject, Outcome) else lay_out(take_sheet(subject))


def take_sheet(subject: Comparison | Fidelity) -> Sheet:
    """The report of ``diff`` or of ``check`` as a sheet."""
    return describe_comparison(subject) if isinstance(subject, Comparison) else describe_fidelity(subject)
