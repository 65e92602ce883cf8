"""Values in Markdown: whatever they hold, GitHub shows them as text."""

from __future__ import annotations

import re

from .inert import shorten, show_invisible

_CELL = 300
_PLAIN_CODE = re.compile(r"[^\\`|\s](?:[^\\`|]*[^\\`|\s])?")
_LINKING = re.compile(r"@\w|://|www\.|#\d|\bgh-\d|:\w+:", re.IGNORECASE)
_ACTIVE = re.compile(r"[*\[\]~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES = str.maketrans({c: f"&#{ord(c)};" for c in "\\`|"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def show_code(text: str) -> str:
    """A value as code: nothing in it is a mention, a link or markup; an empty one is an empty cell."""
    text = show_invisible(shorten(text.strip(), _CELL))
    if not text or _PLAIN_CODE.fullmatch(text):
        return text and f"`{text}`"
    # a backtick, a pipe or a backslash: the dialects differ on what escapes what inside a code span
    inner = "".join(c if c.isalnum() or c in " -" else f"&#{ord(c)};" for c in text)
    return f"<code>{inner}</code>"


def show_prose(text: str) -> str:
    """A sentence as text. A word that GitHub would link, draw or call by name (``@name``) becomes code."""
    text = show_invisible(text)
    if not _LINKING.search(text):
        return _escape(text)
    words = re.split(r"(\s+)", text)
    return "".join(_defuse(word) if _LINKING.search(word) else _escape(word) for word in words)


def _defuse(word: str) -> str:
    core = word.strip("\"'()[]{}<>,.;:!?`")
    start = word.find(core)
    return _escape(word[:start]) + show_code(core) + _escape(word[start + len(core) :])


def _escape(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text.translate(_ENTITIES))
