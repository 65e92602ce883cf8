"""Where a distribution comes from: a closed union, to be matched exhaustively.

A URL, VCS or path dependency never becomes a plain index name: whoever owns that name on the index would then
decide what is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from .url import Url


class VcsKind(StrEnum):
    """The version control systems that pip knows."""

    GIT = "git"
    HG = "hg"
    SVN = "svn"
    BZR = "bzr"


@dataclass(frozen=True, kw_only=True, slots=True)
class FromIndex:
    """A package index; ``index`` is a source's name, None the default. ``url`` is the file, where the input says it."""

    index: str | None = None
    url: Url | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FromVcs:
    """A repository. ``url`` has no ``git+`` prefix, revision or fragment; ``resolved`` is the commit, when locked."""

    kind: VcsKind
    url: Url
    rev: str | None = None
    subdirectory: str | None = None
    resolved: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FromUrl:
    """An archive or wheel at an address, without its fragment."""

    url: Url
    subdirectory: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FromPath:
    """A file or folder; ``path`` as written when relative (to the project), with forward slashes.

    ``computed`` is true where ``path`` is the text of an expression that nobody has evaluated, and no path at all.
    """

    path: str
    subdirectory: str | None = None
    computed: bool = False


Source: TypeAlias = FromIndex | FromVcs | FromUrl | FromPath


def is_stated(source: Source) -> bool:
    """Whether ``source`` is a place at all: an expression may compute one, or leave out what makes an address."""
    match source:
        case FromIndex():
            return True
        case FromPath(computed=computed):
            return not computed
        case FromUrl(url=url):
            return bool(url.host or url.path)
        case FromVcs(url=url):
            return bool(url.path.strip("/"))
