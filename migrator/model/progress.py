"""How the program tells what it is doing, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""``progress(what, done, of)``: ``what`` is a short present participle; ``of`` is 0 where the end is not known."""


def silent(what: str, done: int, of: int) -> None:
    """Tell nobody."""
