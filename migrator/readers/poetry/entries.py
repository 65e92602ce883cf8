"""One dependency, as an entry of Poetry's tables or as a PEP 508 string."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urldefrag

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from migrator.model.origin import Origin
from migrator.model.project import Dependency
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url, mask_credentials

from .constraint import convert_constraint

if TYPE_CHECKING:
    from .toml import Table

_VCS = re.compile(r"(?i)(?P<kind>git|hg|svn|bzr)\+(?P<url>.+)")
_TEXTS = (
    "version",
    "git",
    "branch",
    "tag",
    "rev",
    "subdirectory",
    "path",
    "file",
    "url",
    "source",
    "markers",
    "python",
)
_PUBLIC = "pypi"


class BadEntryError(Exception):
    """An entry that Poetry refuses. The text says what is wrong with it."""


def read_entry(
    raw_name: str,
    entry: Any,  # noqa: ANN401 - whatever TOML may hold
    *,
    group: str,
    extras: tuple[str, ...],
    origin: Origin,
) -> Dependency:
    """One entry of a dependency table of Poetry; ``extras`` are the project's extras that list it.

    An optional dependency has the marker ``extra == "..."``, as it has in a package's metadata.

    :raises BadEntryError: Poetry would refuse it
    """
    if isinstance(entry, str):
        entry = {"version": entry}
    if not isinstance(entry, dict):
        raise BadEntryError("an entry has to be a version or a table")
    for key in _TEXTS:
        if not isinstance(entry.get(key, ""), str):
            raise BadEntryError(f"`{key}` has to be a string")
    asked = entry.get("extras", [])
    if not isinstance(asked, list) or not all(isinstance(extra, str) for extra in asked):
        raise BadEntryError("`extras` has to be a list of strings")
    return Dependency(
        name=_name(raw_name),
        raw_name=raw_name,
        origin=origin,
        specifier=convert_constraint(entry.get("version", "")),
        extras=frozenset(asked),
        marker=_all_of([*_conditions(entry), _any_extra(extras)]),
        source=_source(entry),
        editable=entry.get("develop") is True,
        group=group,
    )


def read_requirement(text: str, *, group: str, extra: str | None, origin: Origin) -> Dependency:
    """One PEP 508 requirement; ``extra`` is the project's extra that it belongs to.

    :raises BadEntryError: PEP 508 does not allow it
    """
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise BadEntryError(f"{mask_credentials(text)!r} is no PEP 508 requirement") from None
    return Dependency(
        name=canonicalize_name(requirement.name),
        raw_name=requirement.name,
        origin=origin,
        specifier=requirement.specifier,
        extras=frozenset(requirement.extras),
        marker=_all_of([str(requirement.marker or ""), _any_extra((extra,) if extra else ())]),
        source=FromIndex() if requirement.url is None else _source_of_url(requirement.url),
        group=group,
    )


def enrich(dependency: Dependency, entries: list[Dependency]) -> Dependency:
    """``dependency`` of ``[project]`` with what the entries of that name in ``[tool.poetry]`` add to it.

    As in Poetry, that is the source and whether it is editable; of several entries the one with its marker counts.
    """
    fitting = [entry for entry in entries if entry.marker in {None, dependency.marker}] or entries[:1]
    if not fitting:
        return dependency
    entry = fitting[0]
    unbound = dependency.specifier == SpecifierSet()
    return replace(
        dependency,
        source=entry.source if dependency.source == FromIndex() else dependency.source,
        editable=dependency.editable or entry.editable,
        specifier=entry.specifier if unbound else dependency.specifier,
    )


def _name(raw_name: str) -> NormalizedName:
    try:
        return canonicalize_name(raw_name, validate=True)
    except InvalidName:
        raise BadEntryError(f"{raw_name!r} is no name of a package") from None


def _source(entry: Table) -> Source:
    subdirectory = entry.get("subdirectory")
    if "git" in entry:
        rev = entry.get("branch") or entry.get("tag") or entry.get("rev")
        return FromVcs(kind=VcsKind.GIT, url=Url.parse(entry["git"]), rev=rev, subdirectory=subdirectory)
    if "url" in entry:
        return FromUrl(url=Url.parse(entry["url"]), subdirectory=subdirectory)
    if path := entry.get("path") or entry.get("file"):
        return FromPath(path=path.replace("\\", "/"), subdirectory=subdirectory)
    name = entry.get("source")
    return FromIndex(index=None if name is None or name.lower() == _PUBLIC else name)


def _source_of_url(text: str) -> Source:
    url, fragment = urldefrag(text)
    subdirectory = parse_qs(fragment).get("subdirectory", [None])[0]
    if vcs := _VCS.fullmatch(url):
        address, at, rev = vcs["url"].rpartition("@")
        if not at or "/" in rev or "/" not in address.partition("://")[2]:  # the only @ is the user's
            address, rev = vcs["url"], ""
        kind = VcsKind(vcs["kind"].lower())
        return FromVcs(kind=kind, url=Url.parse(address), rev=rev or None, subdirectory=subdirectory)
    if url.startswith("file:"):
        return FromPath(path=unquote(url.removeprefix("file:").removeprefix("//")), subdirectory=subdirectory)
    if "://" not in url:
        return FromPath(path=posixpath.normpath(url), subdirectory=subdirectory)
    return FromUrl(url=Url.parse(url), subdirectory=subdirectory)


def _conditions(entry: Table) -> list[str]:
    """The markers that an entry states: in PEP 508's words, or in Poetry's short forms for Python and the platform."""
    conditions = [entry.get("markers", "")]
    if python := entry.get("python"):
        conditions.append(_condition("python_version", python))
    if isinstance(platform := entry.get("platform"), str):
        conditions.append(_condition("sys_platform", platform))
    return conditions


def _condition(name: str, constraint: str) -> str:
    # few projects use the short forms, and these imports cost 60 ms
    from poetry.core.constraints import generic, version
    from poetry.core.packages.utils.utils import create_nested_marker

    parse = generic.parse_constraint if name == "sys_platform" else version.parse_constraint
    try:
        return create_nested_marker(name, parse(constraint))
    except ValueError:
        raise BadEntryError(f"{constraint!r} is no constraint that Poetry knows") from None


def _any_extra(extras: tuple[str, ...]) -> str:
    return " or ".join(f'extra == "{canonicalize_name(extra)}"' for extra in extras)


def _all_of(conditions: list[str]) -> Marker | None:
    stated = [condition for condition in conditions if condition.strip()]
    if not stated:
        return None
    try:
        return Marker(stated[0] if len(stated) == 1 else " and ".join(f"({condition})" for condition in stated))
    except InvalidMarker:
        raise BadEntryError(f"{' and '.join(stated)!r} is no marker") from None
