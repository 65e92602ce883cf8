"""Requirements on pypi2nix's command line: ``-e name==1.2``, ``-e ./.#egg=x``, ``-e git+https://…@rev#egg=x``.

``-e`` is no word for "editable" here: it takes any requirement.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple
from urllib.parse import parse_qs

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator.model.origin import Origin
from migrator.model.project import Dependency
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import AnySpecifier, read_specifier

_VCS = re.compile(r"(?i)(?P<kind>git|hg|svn|bzr)\+(?P<rest>.*)", re.DOTALL)
_LOCAL = re.compile(r"(?P<path>\.{0,2}/[^\[#]*|\.{1,2})(?:\[(?P<extras>[^\]]*)\])?")
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<specifier>.*)")


class _Wish(NamedTuple):
    raw_name: str
    source: Source = FromIndex()
    specifier: AnySpecifier = SpecifierSet()
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None


def read_wishes(text: str, folder: str, group: str, origin: Origin) -> tuple[Dependency, ...]:
    """The requirements in the value of one ``-e``; none where it is no requirement.

    It is one by itself, or several where the quotes between them were lost. Paths are relative to ``folder``.
    """
    whole = _read(text.strip(), folder)
    wishes = [whole] if whole is not None else [_read(word, folder) for word in text.split()]
    return tuple(
        Dependency(
            name=canonicalize_name(wish.raw_name),
            raw_name=wish.raw_name,
            specifier=wish.specifier,
            extras=wish.extras,
            marker=wish.marker,
            source=wish.source,
            group=group,
            origin=origin,
        )
        for wish in wishes
        if wish is not None
    )


def _read(text: str, folder: str) -> _Wish | None:
    if not text:
        return None
    if "://" in text and "@ " not in text.partition("://")[0] + " ":
        return _read_address(text)
    local = _LOCAL.fullmatch(text.partition("#")[0])
    if local is not None:
        return _read_path(text, local, folder)
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return _read_legacy(text)
    source: Source = FromIndex() if requirement.url is None else _source_of(requirement.url)
    return _Wish(requirement.name, source, requirement.specifier, frozenset(requirement.extras), requirement.marker)


def _read_legacy(text: str) -> _Wish | None:
    """A version that PEP 440 refuses, and pip of that time took."""
    match = _NAMED.fullmatch(text)
    if match is None or not match["specifier"].startswith(("=", "<", ">", "!", "~")) or " " in match["specifier"]:
        return None
    return _Wish(match["name"], FromIndex(), read_specifier(match["specifier"]), _extras(match["extras"]))


def _read_path(text: str, local: re.Match[str], folder: str) -> _Wish:
    name, extras, subdirectory = _fragment(text)
    path = local["path"]
    inside = path if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
    return _Wish(name, FromPath(path=inside, subdirectory=subdirectory), extras=extras | _extras(local["extras"]))


def _read_address(text: str) -> _Wish:
    name, extras, _ = _fragment(text)
    return _Wish(name, _source_of(text), extras=extras)


def _source_of(address: str) -> Source:
    plain = address.partition("#")[0]
    subdirectory = _fragment(address)[2]
    vcs = _VCS.fullmatch(plain)
    if vcs is None:
        return FromUrl(url=Url.parse(plain), subdirectory=subdirectory)
    head, at, rev = vcs["rest"].rpartition("@")
    # "@" may also part the user from the host
    has_revision = bool(at) and "/" in head.partition("://")[2]
    url = head if has_revision else vcs["rest"]
    kind = VcsKind(vcs["kind"].lower())
    return FromVcs(kind=kind, url=Url.parse(url), rev=rev if has_revision else None, subdirectory=subdirectory)


def _fragment(text: str) -> tuple[str, frozenset[str], str | None]:
    """What follows ``#``: the name, its extras, and the folder in the archive."""
    fields = parse_qs(text.partition("#")[2])
    match = _NAMED.fullmatch(fields.get("egg", [""])[0])
    subdirectory = fields.get("subdirectory", [None])[0]
    return ("", frozenset(), subdirectory) if match is None else (match["name"], _extras(match["extras"]), subdirectory)


def _extras(text: str | None) -> frozenset[str]:
    return frozenset(str(canonicalize_name(extra.strip())) for extra in (text or "").split(",") if extra.strip())
