"""Our reading of a requirements file, seen as pip's oracle sees its own."""

from __future__ import annotations

import posixpath

from packaging.utils import canonicalize_name

from migrator.model.finding import Code
from migrator.model.project import Dependency, Reading
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs
from migrator.readers.requirements import READER
from tests.pip_oracle import HERE, Judged
from tests.trees import DictTree

DIFFER = frozenset({Code.PIP_DIFFERS, Code.LEGACY_VERSION, Code.VARIABLE_KEPT, Code.OPTION_ON_REQUIREMENT})
"""What tells that some pip refuses a line that is read."""


def read(files: dict[str, bytes | str], *inputs: Input, locale_encoding: str = "utf-8") -> Reading:
    """The reading of ``files``; of ``requirements.txt`` when no input is named."""
    return READER.read(DictTree(files), inputs or (Input(path="requirements.txt"),), locale_encoding)


def as_judged(dependency: Dependency) -> Judged:
    """``dependency`` in pip's words: the published mapping between pip's ``url`` and our ``source``."""
    url, subdirectory = _url(dependency)
    return Judged(
        path=dependency.origin.path,
        line=dependency.origin.line,
        name=dependency.name or None,
        specifier=str(dependency.specifier),
        extras=frozenset(canonicalize_name(extra) for extra in dependency.extras),
        marker=str(dependency.marker) if dependency.marker else None,
        url=url,
        subdirectory=subdirectory,
        editable=dependency.editable,
        constraint=dependency.constraint,
        hashes=frozenset(dependency.hashes),
    )


def _url(dependency: Dependency) -> tuple[str | None, str | None]:
    match dependency.source:
        case FromIndex():
            return None, None
        case FromVcs(kind=kind, url=url, rev=rev, subdirectory=subdirectory):
            return f"{kind}+{url.reveal()}" + (f"@{rev}" if rev else ""), subdirectory
        case FromUrl(url=url, subdirectory=subdirectory):
            return url.reveal(), subdirectory
        case FromPath(path=path, subdirectory=subdirectory):
            absolute = path if path.startswith("/") else posixpath.normpath(f"/{path}")
            return ("file://" if path.startswith("/") else HERE) + absolute.rstrip("/"), subdirectory
