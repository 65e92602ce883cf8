r"""Words of the Nix language: strings, attribute names, variables and paths as they have to be written.

The only place where Nix text is quoted. In a string Nix knows the escapes ``\\``, ``\"``, ``\${``, ``\n``, ``\r`` and
``\t`` and takes every other character as it stands; NUL it cannot hold.
"""

from __future__ import annotations

import re

_KEYWORDS = frozenset({"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"})
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*")
_PATH = re.compile(r"\./\.|\.\.?(/[a-zA-Z0-9._+-]+)+|<[a-zA-Z0-9._+-]+(/[a-zA-Z0-9._+-]+)*>")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def quote(text: str) -> str:
    """A Nix string that means exactly ``text``.

    :raises ValueError: ``text`` holds NUL or half of a surrogate pair
    """
    return f'"{escape(text)}"'


def escape(text: str) -> str:
    """``text`` as it stands between the quotes of a Nix string.

    :raises ValueError: ``text`` holds NUL or half of a surrogate pair
    """
    if _UNWRITABLE.search(text):
        raise ValueError(f"Nix cannot hold this string: {text!r}")
    return text.translate(_ESCAPES).replace("${", "\\${")


def escape_before_interpolation(text: str) -> str:
    """Like :func:`escape`, for text that ``${`` follows: "$" before it would make "$${", which Nix reads as text."""
    return escape(text[:-1]) + "\\$" if text.endswith("$") else escape(text)


def attribute(name: str) -> str:
    """``name`` as an attribute name, quoted only where it has to be.

    :raises ValueError: ``name`` holds NUL or half of a surrogate pair
    """
    return name if _is_identifier(name) else quote(name)


def variable(name: str) -> str:
    """``name`` as a variable.

    :raises ValueError: it cannot be one
    """
    if not _is_identifier(name):
        raise ValueError(f"not a variable of the Nix language: {name!r}")
    return name


def path(text: str) -> str:
    """``text`` as a path.

    :raises ValueError: it has characters that Nix allows in no path
    """
    if not _PATH.fullmatch(text):
        raise ValueError(f"not a path of the Nix language: {text!r}")
    return text


def comment(text: str) -> tuple[str, ...]:
    """The lines of ``text`` as comments. A control character becomes a space, so that none ends the comment."""
    lines = ("".join(c if c.isprintable() else " " for c in line).strip() for line in text.splitlines())
    return tuple(f"# {line}".rstrip() for line in lines)


def _is_identifier(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None and name not in _KEYWORDS
