"""The ``-r`` lines of a file, without reading anything else of it."""

from __future__ import annotations

import re

from .lines import read_lines

_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s*=\s*|\s+|(?<=-r))(?P<quote>['\"]?)(?P<path>[^\s'\"]+)(?P=quote)")


def read_includes(text: str) -> tuple[str, ...]:
    """The files that ``text`` includes with ``-r``, as written and in order; addresses are left out."""
    found = (_INCLUDE.match(line.text) for line in read_lines(text) if line.text.startswith("-"))
    return tuple(match["path"] for match in found if match is not None and "://" not in match["path"])
