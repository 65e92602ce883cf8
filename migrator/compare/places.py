"""Whether two sources name the same place."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.model.project import Project
    from migrator.model.url import Url

    _Addresses: TypeAlias = Mapping[str | None, str]

# where PyPI serves its files, today and before: an address there is the default index by another name
_PUBLIC_FILES: Final = frozenset({"files.pythonhosted.org", "pypi.python.org", "pypi.org", "pypi.io"})
_PUBLIC_PAGES: Final = frozenset({"", "/simple", "/pypi"})
_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_SCP_LIKE = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)")


def index_addresses(project: Project) -> Mapping[str | None, str]:
    """The address of each index that ``project`` names, by its name, empty for PyPI.

    None is the default: PyPI, but for a Pipfile.lock the first of its sources, which it names for some packages only.
    """
    addresses: dict[str | None, str] = {index.name: _index_address(index.url) for index in project.indexes}
    addresses[None] = next(iter(addresses.values()), "") if project.format == "pipenv" else ""
    return addresses


def is_same_place(old: Source, new: Source, *, old_indexes: _Addresses | None, new_indexes: _Addresses | None) -> bool:
    """Whether ``old`` and ``new`` give the same distribution, as far as both tell. Which is which makes no difference.

    An index, a repository, an address and a folder are never the same, but for the address of a file of PyPI, which is
    the default index. The maps hold the addresses of the named indexes; None for formats whose names of indexes cannot
    be compared, and then any index is like any other. A commit is compared where both sides name one.
    """
    old, new = _as_index(old), _as_index(new)
    match old, new:
        case FromIndex(), FromIndex():
            if old_indexes is None or new_indexes is None:
                return True
            return _index(old, old_indexes) == _index(new, new_indexes)
        case FromVcs(), FromVcs():
            return _repository(old) == _repository(new) and _is_same_commit(old, new)
        case FromUrl(), FromUrl():
            return (_address(old.url), old.subdirectory) == (_address(new.url), new.subdirectory)
        case FromPath(), FromPath():
            return (posixpath.normpath(old.path), old.subdirectory) == (posixpath.normpath(new.path), new.subdirectory)
        case _:
            return False


def place_key(source: Source) -> tuple[str, ...]:
    """Something to sort and match by."""
    source = _as_index(source)
    match source:
        case FromIndex():
            return ("index", source.index or "")
        case FromVcs():
            return ("vcs", *_repository(source), source.resolved or source.rev or "")
        case FromUrl():
            return ("url", _address(source.url), source.subdirectory or "")
        case FromPath():
            return ("path", posixpath.normpath(source.path), source.subdirectory or "")
        case _:
            assert_never(source)


def _as_index(source: Source) -> Source:
    return FromIndex() if isinstance(source, FromUrl) and source.url.host in _PUBLIC_FILES else source


def _index(source: FromIndex, addresses: _Addresses) -> str:
    return addresses.get(source.index, source.index or "")


def _index_address(url: Url) -> str:
    return "" if url.host in _PUBLIC_FILES and url.path.rstrip("/") in _PUBLIC_PAGES else _address(url)


def _repository(source: FromVcs) -> tuple[str, str, str]:
    """Which repository, however it is fetched: over https or ssh, with ``.git`` or without."""
    address = _address(source.url)
    if scp := _SCP_LIKE.fullmatch(address):
        where = f"{scp['host'].lower()}/{scp['path']}"
    elif source.url.host:
        where = source.url.host + source.url.path
    else:
        where = address
    return (source.kind.value, where.rstrip("/").removesuffix(".git"), source.subdirectory or "")


def _is_same_commit(old: FromVcs, new: FromVcs) -> bool:
    if old.resolved and new.resolved:
        return old.resolved == new.resolved
    ours = {rev for rev in (old.rev, old.resolved) if rev}
    theirs = {rev for rev in (new.rev, new.resolved) if rev}
    if not ours or not theirs:
        return True
    return any(_is_prefix(a, b) or _is_prefix(b, a) for a in ours for b in theirs)


def _is_prefix(short: str, long: str) -> bool:
    return short == long or (_SHORT_COMMIT.fullmatch(short) is not None and long.startswith(short))


def _address(url: Url) -> str:
    return str(url.without_credentials()).rstrip("/")
