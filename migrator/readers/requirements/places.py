"""Where reading stands: the file, and the logical line in it."""

from __future__ import annotations

from typing import NamedTuple

from migrator.model.origin import Origin


class File(NamedTuple):
    """A requirements file that is being read, and on whose behalf."""

    path: str
    group: str
    constraint: bool
    compiled: bool = False
    above: tuple[str, ...] = ()
    """The files that led here, the input first."""

    @property
    def by_hand(self) -> bool:
        """Whether the name says that people write it: pip-tools' ``requirements.in``."""
        return self.path.endswith(".in")


class Place(NamedTuple):
    """One logical line: its ``text``, its end-of-line ``comment``, and who asked for its package."""

    file: File
    text: str
    origin: Origin
    comment: str | None = None
    via: tuple[str, ...] = ()
