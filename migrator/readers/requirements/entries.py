"""The requirement on a line, as pip reads it; pip-requirements-parser does the reading where it can be trusted.

It cannot be for paths (to it everything with a slash is one), so these are vetted against the tree before; and
:mod:`.legacy` looks at what it refuses, for pip 23 read more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_sdist_filename, parse_wheel_filename
from pip_requirements_parser import (
    InstallationError,
    is_archive_file,
    is_name_at_url_requirement,
    is_url,
    parse_reqparts_from_string,
)

from migrator.model.source import FromIndex, FromPath, FromVcs, Source
from migrator.model.version import AnySpecifier

from .legacy import is_legacy, read_legacy, read_wheel_name
from .sources import file_name, is_scp, read_fragment, read_source

_ANY = SpecifierSet()
_INDEX = FromIndex()
_PIP_23_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]*://[^/?#]+|file:///")
_PLAIN_NAME = re.compile(r"(?i)[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]")
_LONGEST = 4_000  # its expression for extras takes quadratic time
_EGG_DIFFERS = "pip 23 reads more than a name after #egg=, pip 26 refuses it"
_SCP_REFUSED = "git reads user@host:path, pip 23 and pip 26 refuse it"


class NotRequirementError(Exception):
    """A line that neither pip 23 nor pip 26 reads; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A requirement as it stands on its line. ``raw_name`` is empty where the line does not tell it.

    ``differs`` says how pip 23 and pip 26 disagree on the line, empty where they do not; ``doubtful`` is true
    where the reading that one of them has is hardly what the author meant.
    """

    raw_name: str
    specifier: AnySpecifier = _ANY
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None
    source: Source = _INDEX
    editable: bool = False
    fragment_hashes: tuple[str, ...] = ()
    differs: str = ""
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The folders around: whether a path is one, whether it holds a project, and that project's name ("": unknown)."""

    is_folder: Callable[[str], bool]
    is_project: Callable[[str], bool]
    name_of: Callable[[str], str]


def read_entry(text: str, ground: Ground) -> Entry:
    """The requirement ``text``, without options.

    :raises NotRequirementError: neither pip 23 nor pip 26 reads it
    """
    head, condition = _split_marker(text)
    if is_url(head):
        addressed = _read_address(head, ground)
        return replace(addressed, marker=_read_marker(condition) or addressed.marker)
    if _is_scp_repository(head):
        return replace(_read_address(head, ground), marker=_read_marker(condition), differs=_SCP_REFUSED)
    path, extras = _split_extras(head)
    entry: Entry | None = None
    if _is_path_like(head) and ground.is_folder(path):
        if not ground.is_project(path):
            raise NotRequirementError(f"the folder {path} has neither pyproject.toml nor setup.py")
        entry = Entry(raw_name=ground.name_of(path), source=FromPath(path=path))
    elif is_archive_file(path) and ("@" not in head or _is_path_like(head.partition("@")[0])):
        entry = _with_file_name(Entry(raw_name="", source=FromPath(path=path)))
    if entry is None:
        entry = _read_named(head)
        if isinstance(entry.source, FromIndex) or not extras:
            return replace(entry, marker=_read_marker(condition))
    return replace(entry, extras=_read_extras(extras), marker=_read_marker(condition))


def read_editable(text: str, ground: Ground) -> Entry:
    """The requirement that follows ``-e``.

    :raises NotRequirementError: neither pip 23 nor pip 26 reads it
    """
    direct = _read_direct_editable(text)
    if direct is not None:
        return direct
    path, extras = _split_extras(text)
    if ground.is_folder(path):
        entry = Entry(raw_name=ground.name_of(path), source=FromPath(path=path))
        return replace(entry, extras=_read_extras(extras), editable=True)
    if path[:5].lower() == "file:":
        entry = _read_address(path, ground)
        return replace(entry, extras=_read_extras(extras) or entry.extras, editable=True)
    kind = text.partition(":")[0].lower()
    address = f"{kind}+{text}" if kind in {"git", "svn"} else text
    source = read_source(address)
    if not isinstance(source, FromVcs) or not (is_url(address) or _is_scp_repository(address)):
        raise NotRequirementError("-e takes a folder that is there, or a repository's address such as git+https://…")
    entry = _with_egg(Entry(raw_name="", source=source, editable=True), address)
    if not entry.raw_name:
        raise NotRequirementError("an editable repository needs #egg=NAME")
    return entry if is_url(address) else replace(entry, differs=_SCP_REFUSED)


def _read_address(address: str, ground: Ground) -> Entry:
    """A URL: named by its wheel, by ``#egg=``, by the folder or the sdist that it points to, or not at all."""
    source = read_source(address)
    fragment = read_fragment(address)
    entry = Entry(raw_name="", source=source, fragment_hashes=fragment.hashes)
    if file_name(source).endswith(".whl"):
        plain = not fragment.egg or _PLAIN_NAME.fullmatch(fragment.egg)
        return _with_file_name(entry if plain else replace(entry, differs=_EGG_DIFFERS))
    if isinstance(source, FromVcs):
        return _with_egg(entry, address)
    entry = _with_egg(entry, address)
    if not entry.raw_name and isinstance(source, FromPath):
        entry = replace(entry, raw_name=ground.name_of(source.path))
    return entry if entry.raw_name else _with_file_name(entry)


def _read_named(head: str) -> Entry:
    """``NAME[EXTRAS]VERSIONS`` or ``NAME[EXTRAS] @ ADDRESS``."""
    requirement = _read_requirement(head)
    if requirement is None:
        old = read_legacy(head)
        if old is None:
            path_like = _is_path_like(head.partition("@")[0])
            raise NotRequirementError(
                f"there is no folder {_split_extras(head)[0]}"
                if path_like and not re.search(r"[\s=<>]", head)
                else "it is not of the form NAME[EXTRAS]VERSIONS ; MARKER"
            )
        return Entry(raw_name=old.name, specifier=old.specifier, extras=old.extras)
    entry = Entry(raw_name=requirement.name, specifier=requirement.specifier, extras=frozenset(requirement.extras))
    if requirement.url is None:
        return entry if is_legacy(head) else replace(entry, differs=_only_26(head))
    fragment = read_fragment(requirement.url)
    differs = ""
    if not _PIP_23_URL.match(requirement.url):
        differs = "pip 26 takes what follows the @ for an address, pip 23 refuses it"
    elif fragment.egg and not _PLAIN_NAME.fullmatch(fragment.egg):
        differs = _EGG_DIFFERS
    return replace(
        entry,
        source=read_source(requirement.url),
        fragment_hashes=fragment.hashes,
        differs=differs,
        doubtful=is_scp(head),
    )


def _only_26(head: str) -> str:
    what = "passes over the comma at the end" if head.rstrip(") \t").endswith(",") else "reads this"
    return f"pip 26 {what}, pip 23 refuses it"


def _read_direct_editable(text: str) -> Entry | None:
    """``-e "name[extra] @ git+https://… ; marker"``, which pip reads since 25.1."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    if requirement.url is None or not requirement.url.lower().startswith(("git+", "hg+", "svn+", "bzr+", "file:")):
        return None
    return Entry(
        raw_name=requirement.name,
        extras=frozenset(requirement.extras),
        marker=requirement.marker,
        source=read_source(requirement.url),
        editable=True,
        differs="pip 26 reads NAME @ ADDRESS after -e, pip 23 refuses it",
    )


def _with_egg(entry: Entry, address: str) -> Entry:
    """``entry`` with what ``#egg=`` says: the name, and with pip 23 also extras and versions."""
    egg = read_fragment(address).egg
    if not egg:
        return entry
    name, _, condition = egg.partition(";")
    requirement = _read_requirement(name) or read_legacy(name.strip())
    if requirement is None or (isinstance(requirement, Requirement) and requirement.url is not None):
        raise NotRequirementError(f"#egg={egg} names no package")
    return replace(
        entry,
        raw_name=requirement.name,
        specifier=requirement.specifier,
        extras=frozenset(requirement.extras),
        marker=_read_marker(condition.strip()),
        differs="" if _PLAIN_NAME.fullmatch(egg) else _EGG_DIFFERS,
    )


def _with_file_name(entry: Entry) -> Entry:
    """``entry`` with what the name of its file says: a wheel's name and version, an sdist's name."""
    file = file_name(entry.source)
    if not file.endswith(".whl"):
        try:
            parse_sdist_filename(file)
        except ValueError:
            return entry
        return replace(entry, raw_name=file.rpartition("-")[0])
    try:
        _, version, _, _ = parse_wheel_filename(file)
    except ValueError:
        old = read_wheel_name(file)
        requirement = read_legacy("==".join(old)) if old else None
        if requirement is None:
            raise NotRequirementError(f"{file} is not the name of a wheel") from None
        differs = "pip 23 reads this name of a wheel, pip 26 refuses it"
        return replace(entry, raw_name=requirement.name, specifier=requirement.specifier, differs=differs)
    return replace(entry, raw_name=file.partition("-")[0], specifier=SpecifierSet(f"=={version}"))


def _read_requirement(text: str) -> Requirement | None:
    """``text`` by PEP 508, through pip-requirements-parser where it does not look for paths in it."""
    try:
        if len(text) > _LONGEST or (_is_path_like(text) and not is_name_at_url_requirement(text)):
            return Requirement(text)
        requirement = parse_reqparts_from_string(text).requirement
    except (InstallationError, ValueError, RecursionError):
        return None
    return requirement if isinstance(requirement, Requirement) else None


def _split_marker(text: str) -> tuple[str, str]:
    """The requirement and its condition; in a URL only a semicolon with a blank behind it parts them."""
    head, _, condition = text.partition("; " if is_url(text) else ";")
    return head.strip(), condition.strip()


def _read_marker(condition: str) -> Marker | None:
    if not condition:
        return None
    try:
        return Marker(condition)
    except (InvalidMarker, RecursionError):
        raise NotRequirementError(f"its marker {condition} cannot be read") from None


def _split_extras(text: str) -> tuple[str, str]:
    at = text.rfind("[")
    inner = text[at + 1 : -1]
    if at < 1 or not text.endswith("]") or not inner or "]" in inner:
        return text, ""
    return text[:at].rstrip(), text[at:]


def _read_extras(extras: str) -> frozenset[str]:
    if not extras:
        return frozenset()
    try:
        return frozenset(Requirement("placeholder" + extras.lower()).extras)
    except InvalidRequirement:
        raise NotRequirementError(f"{extras} names no extras") from None


def _is_path_like(text: str) -> bool:
    return "/" in text or text.startswith(".")


def _is_scp_repository(address: str) -> bool:
    kind, plus, rest = address.partition("+")
    return bool(plus) and kind.lower() in {"git", "hg"} and is_scp(rest)
