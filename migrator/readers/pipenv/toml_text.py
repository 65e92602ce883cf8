"""TOML 1.0 with the line of each key, and with its comments.

tomllib reads it and tells no places; a scan over the text that it accepted finds them. The scan knows statements only:
a header, or keys, ``=`` and a value that ends with its line once all brackets are closed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from .places import Keys, Places, Span

Table: TypeAlias = dict[str, Any]

_TOKEN = re.compile(
    r'''(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<end>\n)|(?P<sign>[\[\]{},=.])|(?P<bare>[^\s"'\#\[\]{},=.]+)""",
    re.DOTALL,
)
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


class NotTomlError(Exception):
    """The text is no TOML. ``line`` and ``column`` count from 1, 0 where the place is unknown."""

    def __init__(self, why: str, line: int = 0, column: int = 0) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


class Comment(NamedTuple):
    """A comment on lines of its own, or inside of a value; ``text`` without ``#``."""

    text: str
    line: int


def read_toml(text: str, path: str) -> tuple[Table, Places, tuple[Comment, ...]]:
    """The data in ``text``, the places of its keys, and the comments that belong to no key.

    :raises NotTomlError: it is no TOML 1.0
    """
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise NotTomlError("values nested too deeply") from error
    except ValueError as error:
        raise _explain(str(error), text) from error
    scan = _Scan(text, path)
    scan.run()
    return data, scan.places, tuple(scan.comments)


def _explain(what: str, text: str) -> NotTomlError:
    place = _PLACE.search(what)
    if place is None:
        return NotTomlError("a number of too many digits")  # int() refuses thousands of them, and knows no place
    body = text.rstrip()
    line = int(place["line"] or body.count("\n") + 1)
    column = int(place["column"] or len(body.rpartition("\n")[2]) + 1)
    return NotTomlError(what[: place.start()], line, column)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Scan:
    """One walk through a text that is known to be TOML."""

    def __init__(self, text: str, path: str) -> None:
        self.places = Places(path=path)
        self.comments: list[Comment] = []
        self._tokens = list(_tokenize(text))
        self._at = 0
        self._header: Keys = ()
        self._elements: dict[Keys, int] = {}

    def run(self) -> None:
        """Note the place of every statement."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "comment":
                self.comments.append(Comment(token.text[1:].strip(), token.line))
                self._at += 1
            elif token.kind == "end":
                self._at += 1
            elif token.text == "[":
                self._read_header()
            else:
                self._read_pair()

    def _read_header(self) -> None:
        start = self._tokens[self._at].line
        is_array = self._tokens[self._at + 1].text == "["
        self._at += 2 if is_array else 1
        keys, _ = self._read_keys("]")
        self._at += 1 if is_array else 0
        if is_array:
            number = self._elements.get(keys, -1) + 1
            self._elements[keys] = number
            self._header = (*self._resolve(keys[:-1]), keys[-1], str(number))
        else:
            self._header = self._resolve(keys)
        self._note(self._header, Span(start, start))
        self._end_line(self._header)

    def _resolve(self, keys: Keys) -> Keys:
        """The way to a table below an array of tables leads through the array's last element."""
        found: Keys = ()
        for depth, key in enumerate(keys, start=1):
            number = self._elements.get(keys[:depth])
            found = (*found, key) if number is None else (*found, key, str(number))
        return found

    def _read_pair(self) -> None:
        start = self._tokens[self._at].line
        keys, written = self._read_keys("=")
        path = (*self._header, *keys)
        end = self._skip_value()
        self._note(path, Span(start, end))
        for depth in range(1, len(keys)):
            self.places.dotted.setdefault((*self._header, *keys[:depth]), written)
        self._end_line(path)

    def _read_keys(self, closing: str) -> tuple[Keys, str]:
        """The keys up to the sign ``closing``, and as they are written."""
        keys: list[str] = []
        written = ""
        while (token := self._tokens[self._at]).text != closing or token.kind == "text":
            written += token.text
            if token.kind == "text":
                keys.append(next(iter(tomllib.loads(f"{token.text} = 0"))))
            elif token.text != ".":
                keys.append(token.text)
            self._at += 1
        self._at += 1
        return tuple(keys), written

    def _skip_value(self) -> int:
        """Go behind the value, and give its last line."""
        depth = 0
        last = 0
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if not depth and token.kind in {"comment", "end"}:
                break
            if token.kind == "comment":
                self.comments.append(Comment(token.text[1:].strip(), token.line))
            elif token.kind == "sign":
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.text, 0)
            last = token.line + token.text.count("\n") * (token.kind == "text")
            self._at += 1
        return last

    def _end_line(self, keys: Keys) -> None:
        """What stands on the rest of the line is a comment on ``keys``."""
        if self._at < len(self._tokens) and (token := self._tokens[self._at]).kind == "comment":
            self.places.comments[keys] = token.text[1:].strip()
            self._at += 1

    def _note(self, keys: Keys, span: Span) -> None:
        for depth in range(1, len(keys) + 1):
            self.places.put(keys[:depth], span)


def _tokenize(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        yield _Token(kind, match[0], line)
        line += match[0].count("\n")
