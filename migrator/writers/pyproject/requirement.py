"""One planned dependency in Poetry's own words, and in those of PEP 508."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, VcsKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.markers import Marker
    from packaging.specifiers import Specifier

    from migrator.model.plan import PlannedDependency
    from migrator.model.url import Url

Entry: TypeAlias = "str | dict[str, str | bool | list[str]]"
"""What stands right of the ``=`` in a dependency table of Poetry."""

_OPERATORS = (">=", ">", "~=", "==", "===", "!=", "<=", "<")
_SCP = re.compile(r"(?P<host>[^/:@]+@[^/:]+):(?P<path>[^/].*)")


def show_specifier(specifiers: SpecifierSet) -> str:
    """A range as people write it, lower bound first: ``>=3.11,<4.0``; empty for any version."""
    return ",".join(str(clause) for clause in sorted(specifiers, key=_reading_order))


def show_marker(marker: Marker) -> str:
    """A PEP 508 marker, in single quotes where that is possible, because TOML's are double."""
    text = str(marker)
    return text if "'" in text else text.replace('"', "'")


def show_entries(dependencies: Iterable[PlannedDependency]) -> Entry | list[Entry]:
    """The entry of one name in ``[tool.poetry.dependencies]``; several are told apart by their markers."""
    entries = [_entry(dependency) for dependency in dependencies]
    return entries[0] if len(entries) == 1 else entries


def show_requirement(dependency: PlannedDependency) -> str:
    """The dependency as PEP 508 says it: ``requests[socks] (>=2.31.0,<3.0.0) ; python_version < '3.12'``.

    A folder or file comes without its place, which is relative to the project and therefore no URL:
    :func:`show_enrichment` says it.
    """
    extras = f"[{','.join(sorted(dependency.extras))}]" if dependency.extras else ""
    name = f"{dependency.name}{extras}"
    match dependency.source:
        case FromIndex():
            specifier = convert_to_pep440(dependency.constraint)
            text = f"{name} ({specifier})" if specifier else name
        case FromVcs() as source:
            text = f"{name} @ {_vcs_url(dependency, source)}"
        case FromUrl(url=url, subdirectory=subdirectory):
            text = f"{name} @ {_in_pep508(_plain(url))}{_fragment(subdirectory)}"
        case FromPath():
            text = name
    return f"{text} ; {show_marker(dependency.marker)}" if dependency.marker else text


def show_enrichment(dependencies: Iterable[PlannedDependency]) -> Entry | list[Entry] | None:
    """What ``[tool.poetry.dependencies]`` has to add to the PEP 508 requirements of one name, None for nothing."""
    plain = list(dependencies)
    entries = [_enrichment(dependency) for dependency in plain]
    if not any(entries):
        return None
    if len(entries) == 1:
        return entries[0]
    # all of them, each with its marker: Poetry matches them by that
    return [
        {**entry, "markers": show_marker(dependency.marker)} if dependency.marker else entry
        for entry, dependency in zip(entries, plain, strict=True)
    ]


def convert_to_pep440(constraint: str) -> str:
    """Poetry's ``constraint`` in the words of PEP 440: ``^2.31.0`` is ``>=2.31.0,<3.0.0``; empty for any version.

    What PEP 440 says as well stays as it is. A union (``||``), which PEP 440 cannot say, becomes the range from its
    lowest to its highest bound. A text that neither understands comes back unchanged.
    """
    text = constraint.strip()
    if text in {"", "*"}:
        return ""
    try:
        return show_specifier(SpecifierSet(text))
    except InvalidSpecifier:
        pass
    # most plans for PEP 621 need it, and no other command does
    from poetry.core.constraints.version import Version, VersionRange, VersionUnion, parse_constraint

    try:
        parsed = parse_constraint(text)
    except ValueError:
        return text
    if isinstance(parsed, VersionUnion):
        low, high = parsed.ranges[0], parsed.ranges[-1]
        parsed = VersionRange(low.min, high.max, low.include_min, high.include_max)
    if isinstance(parsed, Version):
        return f"=={parsed.text}"
    return "" if parsed.is_any() else str(parsed)


def _entry(dependency: PlannedDependency) -> Entry:
    entry: dict[str, str | bool | list[str]] = {}
    match dependency.source:
        case FromIndex():
            entry["version"] = dependency.constraint or "*"
        case FromVcs() as source:
            entry |= _git(dependency, source)
        case FromUrl(url=url, subdirectory=subdirectory):
            entry["url"] = _plain(url)
            if subdirectory:
                entry["subdirectory"] = subdirectory
        case FromPath(path=path, subdirectory=subdirectory):
            entry["path"] = path
            if subdirectory:
                entry["subdirectory"] = subdirectory
    if dependency.extras:
        entry["extras"] = sorted(dependency.extras)
    if dependency.marker:
        entry["markers"] = show_marker(dependency.marker)
    entry |= _poetry_only(dependency)
    version = entry.get("version")
    return version if len(entry) == 1 and isinstance(version, str) else entry


def _enrichment(dependency: PlannedDependency) -> dict[str, str | bool | list[str]]:
    if isinstance(dependency.source, FromPath):
        entry = _entry(dependency)
        assert isinstance(entry, dict)  # noqa: S101 (a path is never a bare version)
        return {key: value for key, value in entry.items() if key not in {"extras", "markers"}}
    return _poetry_only(dependency)


def _poetry_only(dependency: PlannedDependency) -> dict[str, str | bool | list[str]]:
    entry: dict[str, str | bool | list[str]] = {}
    match dependency.source:
        case FromIndex(index=index):
            if index is not None:
                entry["source"] = index
            if dependency.prereleases:
                entry["allow-prereleases"] = True
        case FromVcs() | FromPath():
            if dependency.editable:
                entry["develop"] = True
        case FromUrl():
            pass
    return entry


def _git(dependency: PlannedDependency, source: FromVcs) -> dict[str, str | bool | list[str]]:
    _refuse_other_than_git(dependency, source)
    entry: dict[str, str | bool | list[str]] = {"git": _plain(source.url)}
    if revision := source.resolved or source.rev:
        entry["rev"] = revision
    if source.subdirectory:
        entry["subdirectory"] = source.subdirectory
    return entry


def _vcs_url(dependency: PlannedDependency, source: FromVcs) -> str:
    _refuse_other_than_git(dependency, source)
    address = _plain(source.url)
    if scp := _SCP.fullmatch(address):
        address = f"ssh://{scp['host']}/{scp['path']}"
    revision = source.resolved or source.rev
    at = f"@{quote(revision, safe='/!$&()*+,:=~')}" if revision else ""
    return f"git+{_in_pep508(address)}{at}{_fragment(source.subdirectory)}"


def _refuse_other_than_git(dependency: PlannedDependency, source: FromVcs) -> None:
    if source.kind is not VcsKind.GIT:
        # the planner leaves these out with a finding; as a plain name somebody else could claim it
        raise ValueError(f"{dependency.name}: Poetry has no {source.kind} dependencies")


def _fragment(subdirectory: str | None) -> str:
    return f"#subdirectory={quote(subdirectory, safe='/')}" if subdirectory else ""


def _in_pep508(url: str) -> str:
    """White space ends a URL in PEP 508."""
    return re.sub(r"\s", lambda space: quote(space[0]), url)


def _plain(url: Url) -> str:
    return str(url.without_credentials())


def _reading_order(clause: Specifier) -> tuple[int, str]:
    return (_OPERATORS.index(clause.operator), clause.version)
