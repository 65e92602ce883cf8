"""Where the entries of a file stand: the line of each key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from migrator.model.origin import Origin
from migrator.model.url import mask_credentials

Keys: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the outside in; of an array the number of its element."""


class Span(NamedTuple):
    """First and last line, both counted from 1 and included."""

    line: int
    end_line: int


_NOWHERE = Span(0, 0)


@dataclass(kw_only=True, slots=True)
class Places:
    """The lines of the keys of one file, ``path``; ``dotted`` are keys as written that TOML split at their dots."""

    path: str
    spans: dict[Keys, Span] = field(default_factory=dict)
    dotted: dict[Keys, str] = field(default_factory=dict)
    comments: dict[Keys, str] = field(default_factory=dict)
    """What stands behind a key on its line, without ``#``."""

    def put(self, keys: Keys, span: Span) -> None:
        """Note ``span`` for ``keys``; a key that is written in several places spans them all."""
        known = self.spans.get(keys)
        if known is not None:
            span = Span(min(known.line, span.line), max(known.end_line, span.end_line))
        self.spans[keys] = span

    def find(self, *keys: str) -> Origin:
        """The place of ``keys``; where that is unknown (inside of an inline table) the nearest around it."""
        span = self.spans.get(keys) or next(
            (self.spans[near] for near in _outwards(keys) if near in self.spans), _NOWHERE
        )
        key = mask_credentials(".".join(keys))
        return Origin(path=self.path, line=span.line, end_line=span.end_line, key=key)


def _outwards(keys: Keys) -> Iterable[Keys]:
    return (keys[:depth] for depth in range(len(keys), 0, -1))
