"""JSON (RFC 8259) with the line of each key.

The standard library's parser tells no places. So the outer objects are walked here, member by member, with that
parser's own functions for what is inside; lines are counted between one place and the next, so that the whole costs
little more than parsing.
"""

from __future__ import annotations

import json
from json.decoder import WHITESPACE, JSONDecoder, scanstring  # type: ignore[attr-defined]  # neither is in the stubs
from typing import Any, NamedTuple, TypeAlias

from .places import Keys, Places, Span

Object: TypeAlias = dict[str, Any]

_ENTRY_DEPTH = 2
"""``default.requests``: what is inside of an entry stands on the lines of the entry."""
_META_DEPTH = 4
"""``_meta.sources.0.url``."""


class Repeated(NamedTuple):
    """A key that stands more than once in one object; JSON parsers take the last."""

    keys: Keys
    line: int


class NotJsonError(Exception):
    """The text is no JSON. ``line`` and ``column`` count from 1, 0 where the place is unknown."""

    def __init__(self, why: str, line: int = 0, column: int = 0) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


def read_json(text: str, path: str) -> tuple[Object, Places, tuple[Repeated, ...]]:
    """The object that ``text`` holds, the places of its keys, and the keys that stand in it twice.

    :raises NotJsonError: it is no JSON, or no object
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(error.msg, error.lineno, error.colno) from error
    except RecursionError as error:
        raise NotJsonError("values nested too deeply") from error
    except ValueError as error:  # int() refuses thousands of digits, and knows no place
        raise NotJsonError("a number of too many digits") from error
    if not isinstance(data, dict):
        raise NotJsonError("there is no object at the top", 1, 1)
    walk = _Walk(text, path)
    return walk.read_object((), WHITESPACE.match(text, 0).end(), _ENTRY_DEPTH)[0], walk.places, tuple(walk.repeated)


class _Walk:
    """Goes through a text that is known to be JSON."""

    def __init__(self, text: str, path: str) -> None:
        self.places = Places(path=path)
        self.repeated: list[Repeated] = []
        self._text = text
        self._counted = 0
        self._line = 1
        self._inside: Keys = ()
        self._scan = JSONDecoder(object_pairs_hook=self._collect).scan_once  # type: ignore[attr-defined]

    def read_object(self, keys: Keys, at: int, depth: int) -> tuple[Object, int]:
        """The object that begins ``at``, and where it ends; the places of its keys down to ``depth`` are noted."""
        text = self._text
        found: Object = {}
        at = self._skip(at + 1)
        while text[at] != "}":
            line = self._line_of(at)
            key, at = scanstring(text, at + 1, True)  # noqa: FBT003 (a C function without keywords)
            member = (*keys, key)
            if key in found:
                self.repeated.append(Repeated(member, line))
            at = self._skip(self._skip(at) + 1)  # behind the colon
            found[key], at = self._read_value(member, at, _META_DEPTH if member == ("_meta",) else depth)
            self.places.put(member, Span(line, self._line_of(at)))
            at = self._skip(at)
            if text[at] == ",":
                at = self._skip(at + 1)
        return found, at + 1

    def _read_array(self, keys: Keys, at: int, depth: int) -> tuple[list[Any], int]:
        text = self._text
        found: list[Any] = []
        at = self._skip(at + 1)
        while text[at] != "]":
            member = (*keys, str(len(found)))
            line = self._line_of(at)
            value, at = self._read_value(member, at, depth)
            found.append(value)
            self.places.put(member, Span(line, self._line_of(at)))
            at = self._skip(at)
            if text[at] == ",":
                at = self._skip(at + 1)
        return found, at + 1

    def _read_value(self, keys: Keys, at: int, depth: int) -> tuple[Any, int]:
        if len(keys) < depth:
            if self._text[at] == "{":
                return self.read_object(keys, at, depth)
            if self._text[at] == "[":
                return self._read_array(keys, at, depth)
        self._inside = keys
        value, end = self._scan(self._text, at)
        return value, end

    def _collect(self, pairs: list[tuple[str, Any]]) -> Object:
        """What stands in an entry; the parser tells no place, the entry's own has to do."""
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = dict.fromkeys(key for key in keys if keys.count(key) > 1)
            self.repeated += [Repeated((*self._inside, key), self._line) for key in twice]
        return found

    def _skip(self, at: int) -> int:
        return int(WHITESPACE.match(self._text, at).end())

    def _line_of(self, at: int) -> int:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line
