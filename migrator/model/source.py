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
    """A file or folder; ``path`` as written when relative (to the project), with forward slashes."""

    path: str
    subdirectory: str | None = None


Source: TypeAlias = FromIndex | FromVcs | FromUrl | FromPath
