"""A file that is going to be written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ownership(StrEnum):
    """Who a written file belongs to."""

    GENERATED = "generated"
    """Ours: a later run may overwrite it."""
    MERGED = "merged"
    """The user's, with our parts in it: a later run changes our parts only."""
    SEEDED = "seeded"
    """Written once, then the user's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """``text`` for the file ``path`` (relative to the output folder, forward slashes), written as UTF-8."""

    path: str
    text: str
    ownership: Ownership
