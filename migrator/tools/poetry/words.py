"""What Poetry says to a person at a terminal, as plain text."""

from __future__ import annotations

import re

_COLOURED = re.compile(r"</>|</?(?:(?:fg|bg|options|href)=[^<>]*|c1|c2|info|comment|error|warning|debug|success)>")
"""The marks of Poetry's terminal (cleo): ``<fg=blue;options=bold>``, ``</>``, ``<c1>``."""
_ADVICE = re.compile(r"\s*[*•] Check your dependencies Python requirement.*", re.DOTALL)
"""It speaks of a pyproject.toml that nobody has written yet."""
_CAUSE = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning): \S")
_FOLDERS = re.compile(r"(?<![\w./:-])(?:[A-Za-z]:\\(?:[^\\\s'\"():,]+\\)+|/(?:[^/\s'\"():,]+/)+)")
"""The folders of an absolute path: each build has others, and a report has no place of this machine."""
_TEMPORARY = re.compile(r"\b(?:migrate-|tmp)[a-z0-9_]{8}\b")
"""What tempfile calls a folder."""


def to_plain(said: str) -> str:
    """``said`` without marks for colours, each line once and without spaces around it; no advice on Python ranges."""
    lines = (" ".join(line.split()) for line in _ADVICE.sub("", _COLOURED.sub("", said)).splitlines())
    return "\n".join(dict.fromkeys(filter(None, lines)))


def find_cause(said: str) -> str:
    """Of what a build said the line that names its error, else the last one; empty where it said nothing.

    Poetry indents that with a bar, and goes on with advice of its own. Files are called by their names alone: the
    folders are of this machine, and others each time.
    """
    lines = _COLOURED.sub("", said).splitlines()
    built = [line.strip().removeprefix("|").strip() for line in lines if line.strip().startswith("|")]
    told = [line for line in built or map(str.strip, lines) if line]
    causes = [line for line in told if _CAUSE.match(line)]
    return _TEMPORARY.sub("its folder", _FOLDERS.sub("", (causes or told or [""])[-1]))
