"""Where a fact stood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Origin:
    """A place in an input file.

    ``path`` is relative to the folder of the file that the user named, with forward slashes. ``line`` and
    ``end_line`` count from 1, both included; 0 means the whole file. ``key`` names the entry in a format whose
    places are keys (``default.requests``), else it is empty.
    """

    path: str
    line: int = 0
    end_line: int = 0
    key: str = ""

    def __str__(self) -> str:
        """``requirements.txt:12``, ``Pipfile.lock (default.requests)`` or just the path."""
        if self.line:
            return f"{self.path}:{self.line}"
        return f"{self.path} ({self.key})" if self.key else self.path
