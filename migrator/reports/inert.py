"""Text that can do nothing: what every form does to a value before it escapes it in its own way."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from operator import is_
from typing import TypeVar, cast

from migrator.model.outcome import Outcome
from migrator.model.url import Url, mask_credentials

_Shown = TypeVar("_Shown")


def hide_credentials(shown: _Shown) -> _Shown:
    """``shown`` with the credentials of every URL in every text of it masked; :class:`Url` does so by itself.

    Done before anything is cut, wrapped or escaped: half a URL is not known as one. The texts of the artifacts of an
    outcome, which no report shows, are left out.
    """
    if isinstance(shown, Outcome):
        artifacts = tuple(replace(artifact, text="") for artifact in shown.artifacts)
        return cast("_Shown", _hide(replace(shown, artifacts=artifacts)))
    return cast("_Shown", _hide(shown))


def _hide(value: object) -> object:
    if type(value) is str:  # an enumeration's member is a str too, and stays what it is
        return _mask(value)
    if isinstance(value, (tuple, frozenset)):
        parts = [*map(_hide, value)]
        return value if all(map(is_, parts, value)) else type(value)(parts)
    if is_dataclass(value) and not isinstance(value, (type, Url)):
        old = {entry.name: getattr(value, entry.name) for entry in fields(value)}
        new = {name: hidden for name, inner in old.items() if (hidden := _hide(inner)) is not inner}
        return replace(value, **new) if new else value
    return value


def _mask(text: str) -> str:
    return "\n".join(map(mask_credentials, text.split("\n"))) if "\n" in text else mask_credentials(text)


def show_invisible(text: str) -> str:
    r"""``text`` with every character that prints nothing or moves others written out.

    Control characters, escape codes, bidirectional marks, zero-width and unassigned characters, lone surrogates
    and separators other than the space become ``\x1b``, ``\u202e`` and the like. A text of printable characters
    comes back as it is; so a backslash in the result may be the text's own.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def show_lines(text: str, limit: int) -> tuple[str, ...]:
    """The lines of a longer text, inert and without blank ones; together at most ``limit`` characters."""
    lines: list[str] = []
    for raw in text.splitlines():
        line = shorten(show_invisible(raw.replace("\t", " ").strip()), limit)
        if line:
            lines.append(line)
            limit -= len(line)
        if limit <= 0:
            break
    return tuple(lines)


def shorten(text: str, limit: int) -> str:
    """``text``, cut to ``limit`` characters with ``...`` at its end where it is longer."""
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."
