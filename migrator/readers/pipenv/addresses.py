"""Where an entry comes from: its ``git``, ``path`` or ``file``, by pipenv's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url

from .remarks import Remark, likely_mistake, not_understood, quote

_VCS = re.compile(rf"(?i)(?P<kind>{'|'.join(VcsKind)})\+(?P<rest>.*)", re.DOTALL)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FRAGMENT_HASH = re.compile(r"[#&](md5|sha1|sha224|sha256|sha384|sha512)=([0-9a-f]+)")
_SUBDIRECTORY = re.compile(r"[#&]subdirectory=([^&]*)")
_KINDS = frozenset(kind.value for kind in VcsKind)
_USERINFO = re.compile(r"(?<=://)[^/?#]*@")
_BARE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
ADDRESS_KEYS = (*VcsKind, "path", "file")
"""In the order in which pipenv looks at them."""


class Address(NamedTuple):
    """A source, and the hashes that its fragment names."""

    source: Source
    hashes: tuple[str, ...] = ()


def read_address(table: Mapping[str, Any], remarks: list[Remark]) -> Address:
    """Where the entry ``table`` comes from; what is odd about that is added to ``remarks``.

    An index is named by the entry, or it is the default one.
    """
    if table.keys().isdisjoint(ADDRESS_KEYS):  # nearly all entries
        return _on_index(table)
    named = [key for key in ADDRESS_KEYS if key in table]
    stated = [key for key in named if isinstance(table[key], str) and table[key].strip()]
    remarks += [
        not_understood(f"`{key}` holds {quote(table[key])}, which is no address.", f"Write {key} as a text.")
        for key in named
        if key not in stated
    ]
    if len(stated) > 1:
        message = f"The entry names {' and '.join(f'`{key}`' for key in stated)}; `{stated[0]}` counts."
        remarks.append(likely_mistake(message, "Keep the one that is meant."))
    if not stated:
        return _on_index(table)
    key = stated[0]
    return read_location(table[key].strip(), VcsKind(key) if key in _KINDS else None, table)


def _on_index(table: Mapping[str, Any]) -> Address:
    index = table.get("index")
    return Address(source=FromIndex(index=index if isinstance(index, str) and index else None))


def is_location(text: str) -> bool:
    """Whether ``text``, where a version belongs, is an address."""
    return _VCS.match(text) is not None or _URL.match(text) is not None


def read_location(text: str, kind: VcsKind | None, table: Mapping[str, Any]) -> Address:
    """Where ``text`` points to: the repository of a ``kind``, or whatever its scheme says."""
    subdirectory = _text(table, "subdirectory") or _found(_SUBDIRECTORY, text)
    vcs = _VCS.fullmatch(text)
    if vcs is not None:
        kind, text = VcsKind(vcs["kind"].lower()), vcs["rest"]
    plain = text.partition("#")[0]
    if kind is not None:
        address, rev = _split_revision(plain)
        rev = _text(table, "ref") or rev
        resolved = rev if rev and _COMMIT.fullmatch(rev) else None
        return Address(
            source=FromVcs(kind=kind, url=Url.parse(address), rev=rev, subdirectory=subdirectory, resolved=resolved)
        )
    if plain[:5].lower() == "file:":
        path = unquote(plain[5:].removeprefix("//").removeprefix("localhost"))
        return Address(source=FromPath(path=path, subdirectory=subdirectory))
    digest = _FRAGMENT_HASH.search(text)
    hashes = (f"{digest[1]}:{digest[2]}",) if digest else ()
    if _URL.match(plain):
        return Address(source=FromUrl(url=Url.parse(plain), subdirectory=subdirectory), hashes=hashes)
    return Address(source=FromPath(path=plain.replace("\\", "/"), subdirectory=subdirectory), hashes=hashes)


def read_index_url(text: str) -> Url:
    """The address of a source, with ``${NAME}`` in its credentials where ``$NAME`` stands.

    Pipenv puts the environment's values for both, everybody else for the former alone.
    """
    return Url.parse(_USERINFO.sub(lambda match: _BARE.sub(r"${\1}", match[0]), text.strip(), count=1))


def _text(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[1] or None if match else None


def _split_revision(address: str) -> tuple[str, str | None]:
    """Without the revision, and the revision: what follows the last ``@`` of the path."""
    scheme = address.find("://")
    path = address.find("/", scheme + 3) if scheme >= 0 else address.find(":")
    if path < 0 or "@" not in address[path:]:
        return address, None
    address, _, revision = address.rpartition("@")
    return address, revision or None
