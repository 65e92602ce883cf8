"""Addresses and paths, as pip reads them, to :data:`~migrator.model.source.Source`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from migrator.model.source import FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url

_VCS = re.compile(r"(?i)(?P<kind>git|hg|svn|bzr)\+(?P<rest>.*)", re.DOTALL)
_SCP = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^/\\].*", re.DOTALL)
_FRAGMENT_HASH = re.compile(r"[#&](?P<name>sha1|sha224|sha384|sha256|sha512|md5)=(?P<digest>[0-9a-f]+)")
_SUBDIRECTORY = re.compile(r"[#&]subdirectory=(?P<path>[^&]*)")
_EGG = re.compile(r"[#&]egg=(?P<egg>[^&]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fragment:
    """What follows the ``#`` of an address: pip's hints about the project there."""

    egg: str | None = None
    subdirectory: str | None = None
    hashes: tuple[str, ...] = ()


def read_fragment(address: str) -> Fragment:
    """The hints in ``address``, by pip's own expressions."""
    egg = _EGG.search(address)
    subdirectory = _SUBDIRECTORY.search(address)
    digest = _FRAGMENT_HASH.search(address)
    return Fragment(
        egg=egg["egg"] if egg else None,
        subdirectory=subdirectory["path"] if subdirectory else None,
        hashes=(f"{digest['name']}:{digest['digest']}",) if digest else (),
    )


def is_scp(address: str) -> bool:
    """Whether ``address`` has the form ``git@host:owner/project`` that git reads and pip does not."""
    return "://" not in address and _SCP.fullmatch(address) is not None


def read_source(address: str) -> Source:
    """Where ``address`` (a URL, or a path after ``@``) points to; the fragment's subdirectory included."""
    subdirectory = read_fragment(address).subdirectory
    plain = address.partition("#")[0]
    vcs = _VCS.fullmatch(plain)
    if vcs is not None:
        url, rev = _split_revision(vcs["rest"])
        kind = VcsKind(vcs["kind"].lower())
        return FromVcs(kind=kind, url=Url.parse(url), rev=rev, subdirectory=subdirectory)
    if plain[:5].lower() == "file:":
        return FromPath(path=_path_of(plain), subdirectory=subdirectory)
    if ":" not in plain and not plain.startswith("${"):
        return FromPath(path=plain.replace("\\", "/"), subdirectory=subdirectory)
    return FromUrl(url=Url.parse(plain), subdirectory=subdirectory)


def file_name(source: Source) -> str:
    """The last part of the path of an address, percent-decoded."""
    match source:
        case FromUrl(url=url) | FromVcs(url=url, rev=None):
            return unquote(url.path.rstrip("/").rpartition("/")[2])
        case FromPath(path=path):
            return path.rstrip("/").rpartition("/")[2]
        case _:
            return ""


def _split_revision(address: str) -> tuple[str, str | None]:
    """Without the revision, and the revision: what follows the last ``@`` of the path."""
    if "://" not in address:
        head, colon, path = address.partition(":")
        path, _, rev = path.rpartition("@") if "@" in path else (path, "", "")
        return head + colon + path, rev or None
    parts = _split(address)
    if parts is None or "@" not in parts.path:
        return address, None
    path, _, rev = parts.path.rpartition("@")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")), rev or None


def _path_of(address: str) -> str:
    parts = _split(address)
    if parts is None:
        return address
    host = "" if parts.netloc == "localhost" else parts.netloc
    return unquote(host + parts.path)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:  # "http://[" and the like
        return None
