"""Where a package comes from: the ``src`` of its entry."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import NamedTuple

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.nix.hashes import read_hash

_INDEX_HOSTS = frozenset(
    {"files.pythonhosted.org", "pypi.debian.net", "pypi.io", "pypi.org", "pypi.python.org", "pythonhosted.org"}
)
"""PyPI, by the names that it had while pypi2nix lived."""
_USUAL_ADDRESSES = ("https://files.pythonhosted.org/", "https://pypi.python.org/")
"""Nearly all of them: nothing has to be taken apart to know it."""
_MIRROR = "mirror://pypi/"
_HASHES = ("sha256", "sha512", "sha1", "md5", "hash", "outputHash")


class Fetched(NamedTuple):
    """The source of a package, and the hashes of its file. ``trouble`` says what could not be read of it."""

    source: Source
    hashes: tuple[str, ...] = ()
    trouble: str = ""


def read_fetch(function: str, fields: Mapping[str, str]) -> Fetched | None:
    """What a fetch function with these (string) arguments brings; None for a function that is not known."""
    reader = _FUNCTIONS.get(function)
    return None if reader is None else reader(fields)


def read_path(text: str, file: str) -> Fetched:
    """A folder or file beside the expression ``file``."""
    if text.startswith(("/", "~")):
        return Fetched(FromPath(path=text), trouble=f"the path {text} is one of the machine that it was made on")
    return Fetched(FromPath(path=posixpath.normpath(posixpath.join(posixpath.dirname(file), text))))


def _file(fields: Mapping[str, str]) -> Fetched:
    address = fields.get("url", "")
    hashes: list[str] = []
    trouble = "" if address else "it names no address"
    for name in _HASHES:
        if fields.get(name):
            digest = read_hash(fields[name], "hash" if name == "outputHash" else name)
            if digest is None:
                trouble = trouble or f"its {name} is no hash"
            else:
                hashes.append(digest)
    url = Url.parse(address)
    on_index = address.startswith(_USUAL_ADDRESSES) or url.host in _INDEX_HOSTS or address.startswith(_MIRROR)
    return Fetched(FromIndex(url=url) if on_index else FromUrl(url=url), tuple(hashes), trouble)


def _tree_of_archive(fields: Mapping[str, str]) -> Fetched:
    """``fetchzip`` and ``fetchTarball``: their hash is that of the unpacked tree, which no file has."""
    return Fetched(_file(fields).source, trouble="" if fields.get("url") else "it names no address")


def _repository(kind: VcsKind) -> Callable[[Mapping[str, str]], Fetched]:
    def read(fields: Mapping[str, str]) -> Fetched:
        source = FromVcs(kind=kind, url=Url.parse(fields.get("url", "")), rev=fields.get("rev") or fields.get("ref"))
        return Fetched(source, trouble="" if fields.get("url") else "it names no address")

    return read


def _hosted(host: str) -> Callable[[Mapping[str, str]], Fetched]:
    def read(fields: Mapping[str, str]) -> Fetched:
        domain = fields.get("githubBase") or fields.get("domain") or host
        url = f"https://{domain}/{fields.get('owner', '')}/{fields.get('repo', '')}"
        source = FromVcs(kind=VcsKind.GIT, url=Url.parse(url), rev=fields.get("rev") or fields.get("tag"))
        whole = fields.get("owner") and fields.get("repo")
        return Fetched(source, trouble="" if whole else "it names no owner or no repository")

    return read


def _from_pypi(fields: Mapping[str, str]) -> Fetched:
    """``fetchPypi``: the address is made from the name, so none is told."""
    found = _file({**fields, "url": "https://pypi.org/"})
    return found._replace(source=FromIndex())


_FUNCTIONS: dict[str, Callable[[Mapping[str, str]], Fetched]] = {
    "fetchurl": _file,
    "fetchzip": _tree_of_archive,
    "fetchTarball": _tree_of_archive,
    "fetchPypi": _from_pypi,
    "fetchgit": _repository(VcsKind.GIT),
    "fetchgitPrivate": _repository(VcsKind.GIT),
    "fetchGit": _repository(VcsKind.GIT),
    "fetchhg": _repository(VcsKind.HG),
    "fetchMercurial": _repository(VcsKind.HG),
    "fetchsvn": _repository(VcsKind.SVN),
    "fetchbzr": _repository(VcsKind.BZR),
    "fetchFromGitHub": _hosted("github.com"),
    "fetchFromGitLab": _hosted("gitlab.com"),
    "fetchFromBitbucket": _hosted("bitbucket.org"),
}
