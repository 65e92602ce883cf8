"""poetry.lock, as every Poetry from 1.0 to 2.5 wrote it (lock versions 1.0, 1.1, 2.0 and 2.1)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker
from packaging.utils import (
    InvalidName,
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import MAIN, Pin
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import AnyVersion, read_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .toml import Table

_HEADER = re.compile(r"(?m)^\[{1,2}[ \t]*(?P<name>[^\]\n]*?)[ \t]*\]{1,2}")
_DIGEST = re.compile(r"(?:(?P<algorithm>[a-z0-9_]+):)?(?P<digest>[0-9a-fA-F]{32,128})")
_EXTRA_NAME = re.compile(r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_MARKER_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[()]| or ")
_ALGORITHM_OF_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_ADVICE = "Run `poetry lock` to write the file again; this entry was left out."


class _BadEntryError(Exception):
    """An entry that no Poetry would write. The text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedPackage:
    """A pin, with what the lock says of it beyond the normal form.

    ``dependencies`` maps the names it asks for to whether it always does; the others are for its extras.
    ``extras`` maps an extra to the requirements behind it; ``asks`` are the extras that it always asks of others.
    ``index_url`` is the address of the source that the lock names for it. ``category`` is the one group that locks
    before 2.0 tell; ``complete`` is true where all groups and the marker are told, as since 2.1.
    """

    pin: Pin
    dependencies: Mapping[NormalizedName, bool]
    extras: Mapping[str, tuple[str, ...]]
    asks: frozenset[tuple[NormalizedName, str]]
    category: str | None
    complete: bool
    index_url: Url | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LockContent:
    """All of a poetry.lock that this program knows: its packages in order, its metadata, and what was wrong."""

    packages: tuple[LockedPackage, ...] = ()
    version: str | None = None
    python: str | None = None
    python_origin: Origin
    findings: tuple[Finding, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Files:
    """Where the hashes of old locks stand: beside the packages, by name."""

    files: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, Any] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)


def read_lock(text: str, data: Table, path: str) -> LockContent:
    """What the lock ``data``, parsed from ``text``, says. A bad entry is a finding; the others are read."""
    entries, metadata = data.get("package", []), data.get("metadata", {})
    findings: list[Finding] = []
    if not isinstance(entries, list) or not isinstance(metadata, dict):
        entries, metadata = [], {}
        findings.append(_finding("`package` has to be a list of tables and `metadata` a table", Origin(path=path)))
    spans, metadata_line = _spans(text, len(entries))
    files = _Files(
        files=_by_name(metadata.get("files")),
        hashes=_by_name(metadata.get("hashes")),
        versions=Counter(canonicalize_name(entry["name"]) for entry in entries if _is_named(entry)),
    )
    packages = []
    for number, (entry, (line, end_line)) in enumerate(zip(entries, spans, strict=True)):
        key = f"package.{entry['name']}" if _is_named(entry) else f"package[{number}]"
        origin = Origin(path=path, line=line, end_line=end_line, key=key)
        try:
            packages.append(_read_package(entry, files, origin))
        except _BadEntryError as error:
            findings.append(_finding(f"{key}: {error}", origin))
    version, python = metadata.get("lock-version"), metadata.get("python-versions")
    return LockContent(
        packages=tuple(packages),
        version=version if isinstance(version, str) else None,
        python=python if isinstance(python, str) else None,
        python_origin=Origin(path=path, line=metadata_line, end_line=metadata_line, key="metadata.python-versions"),
        findings=tuple(findings),
    )


def _read_package(entry: Table, files: _Files, origin: Origin) -> LockedPackage:
    if not isinstance(entry, dict):
        raise _BadEntryError("the entry is no table")
    raw_name = _text(entry, "name")
    try:
        name = canonicalize_name(raw_name, validate=True)
    except InvalidName:
        raise _BadEntryError(f"{raw_name!r} is no name of a package") from None
    version = read_version(_text(entry, "version"))
    source, index_url = _read_source(_table(entry, "source"))
    groups, marker = _read_groups_and_marker(entry)
    category = _optional_text(entry, "category")
    distributed = list(_read_files(entry, name, version, source, files))
    dependencies, asks = _read_dependencies(_table(entry, "dependencies"))
    return LockedPackage(
        pin=Pin(
            name=name,
            raw_name=raw_name,
            version=version,
            origin=origin,
            source=source,
            hashes=tuple(dict.fromkeys(digest for _, digest in distributed)),
            marker=marker,
            groups=groups or frozenset({category or MAIN}),
            files=tuple(dict.fromkeys(name for name, _ in distributed if name)),
        ),
        dependencies=dependencies,
        extras={
            canonicalize_name(extra): tuple(r for r in requirements if isinstance(r, str))
            for extra, requirements in _table(entry, "extras").items()
            if isinstance(requirements, list)
        },
        asks=asks,
        category=category,
        complete="groups" in entry,
        index_url=index_url,
    )


def _read_source(table: Table) -> tuple[Source, Url | None]:
    """Where the package comes from, and the address of the index when the lock names one."""
    if not table:
        return FromIndex(), None
    kind, url = _text(table, "type"), _text(table, "url")
    reference, resolved = _optional_text(table, "reference"), _optional_text(table, "resolved_reference")
    subdirectory = _optional_text(table, "subdirectory")
    match kind:
        case "legacy":
            # None would say "the default index", whoever owns the name there
            return FromIndex(index=reference or str(Url.parse(url))), Url.parse(url)
        case "directory" | "file":
            return FromPath(path=url.replace("\\", "/"), subdirectory=subdirectory), None
        case "url":
            return FromUrl(url=Url.parse(url.partition("#")[0]), subdirectory=subdirectory), None
        case "git" | "hg" | "svn" | "bzr":
            return FromVcs(
                kind=VcsKind(kind), url=Url.parse(url), rev=reference, resolved=resolved, subdirectory=subdirectory
            ), None
        case _:
            raise _BadEntryError(f"a source of the type {kind!r} is not known")


def _read_groups_and_marker(entry: Table) -> tuple[frozenset[str], Marker | None]:
    """The groups (empty where the lock does not tell them) and the condition."""
    groups = frozenset(canonicalize_name(g) for g in _list(entry, "groups") if isinstance(g, str))
    # Poetry 1.0 had `marker`, 1.1 to 1.8 neither
    markers = entry.get("markers", entry.get("marker", ""))
    if not isinstance(markers, dict):
        return groups, _marker(markers)
    markers = {canonicalize_name(group): marker for group, marker in markers.items()}
    by_group = [markers.get(group, "") for group in sorted(groups)]
    return groups, _any_of(by_group) if by_group and all(by_group) else None


def _any_of(markers: Iterable[Any]) -> Marker | None:
    read = list(dict.fromkeys(map(_marker, markers)))
    if None in read or len(read) == 1:
        return None if None in read else read[0]
    alternatives = dict.fromkeys(text for marker in read for text in _alternatives(str(marker)))
    return _marker(" or ".join(f"({text})" for text in alternatives))


def _alternatives(marker: str) -> Iterator[str]:
    """What ``or`` joins in ``marker``: two groups often state the same one."""
    depth = start = 0
    for token in _MARKER_TOKEN.finditer(marker):
        depth += (token[0] == "(") - (token[0] == ")")
        if token[0] == " or " and not depth:
            yield marker[start : token.start()]
            start = token.end()
    yield marker[start:]


def _marker(text: Any) -> Marker | None:  # noqa: ANN401 - whatever TOML may hold
    if not isinstance(text, str):
        raise _BadEntryError("a marker has to be a string")
    return None if text.strip() in {"", "*"} else _parse_marker(text)


@lru_cache(maxsize=1024)
def _parse_marker(text: str) -> Marker:
    try:
        return Marker(text)
    except InvalidMarker:
        raise _BadEntryError(f"{text!r} is no marker") from None


def _read_files(
    entry: Table, name: NormalizedName, version: AnyVersion, source: Source, beside: _Files
) -> Iterator[tuple[str, str]]:
    """The file names (empty where only hashes are known) with their hashes."""
    listed: list[Any] = _list(entry, "files")
    if "files" not in entry:
        listed = beside.files.get(name, [])
        if isinstance(source, FromPath):
            listed = [f for f in listed if isinstance(f, dict) and f.get("file") == source.path.rpartition("/")[2]]
        elif beside.versions[name] > 1:
            # Poetry 1.x listed the files of all versions of a name together
            listed = [f for f in listed if isinstance(f, dict) and _may_be_of(f.get("file"), version)]
        yield from (("", _digest(text)) for text in beside.hashes.get(name, []))
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("file"), str):
            raise _BadEntryError("`files` has to be a list of tables with `file` and `hash`")
        yield item["file"], _digest(item.get("hash"))


def _digest(text: Any) -> str:  # noqa: ANN401 - whatever TOML may hold
    match = _DIGEST.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _BadEntryError(f"{text!r} is no hash")
    digest = match["digest"].lower()
    algorithm = match["algorithm"] or _ALGORITHM_OF_LENGTH.get(len(digest))
    if algorithm is None:
        raise _BadEntryError(f"{text!r} is no hash")
    return f"{algorithm}:{digest}"


def _may_be_of(file: Any, version: AnyVersion) -> bool:  # noqa: ANN401 - whatever TOML may hold
    """Whether a file may belong to a version: only a name that tells another one says no."""
    if not isinstance(file, str):
        return True
    try:
        return (parse_wheel_filename(file)[1] if file.endswith(".whl") else parse_sdist_filename(file)[1]) == version
    except (InvalidWheelFilename, InvalidSdistFilename):
        return f"-{version}" in file or not re.search(r"-\d", file)


def _read_dependencies(table: Table) -> tuple[Mapping[NormalizedName, bool], frozenset[tuple[NormalizedName, str]]]:
    needs: dict[NormalizedName, bool] = {}
    asks = set()
    for raw_name, constraint in table.items():
        name = canonicalize_name(raw_name)
        for one in constraint if isinstance(constraint, list) else [constraint]:
            details = one if isinstance(one, dict) else {}
            always = details.get("optional") is not True
            needs[name] = needs.get(name, False) or always
            if always:
                asks |= {(name, canonicalize_name(e)) for e in _list(details, "extras") if isinstance(e, str)}
    return needs, frozenset(asks)


def requirements_behind(package: LockedPackage, extra: str) -> Iterator[tuple[NormalizedName, frozenset[str]]]:
    """The names, each with the extras asked of it, that ``extra`` of ``package`` stands for."""
    for requirement in package.extras.get(extra, ()):
        # requirements of old locks are no PEP 508 (`foo (>=1)`, `foo[bar] (>=1)`); all begin alike
        if match := _EXTRA_NAME.match(requirement):
            extras = (canonicalize_name(e.strip()) for e in (match["extras"] or "").split(",") if e.strip())
            yield canonicalize_name(match["name"]), frozenset(extras)


def _spans(text: str, count: int) -> tuple[list[tuple[int, int]], int]:
    """The first and last line of each ``[[package]]`` block, and the line of ``[metadata]``; zeros where untold."""
    starts: list[tuple[int, int]] = []
    bounds: list[int] = []
    metadata = 0
    line, position = 1, 0
    for header in _HEADER.finditer(text):
        line, position = line + text.count("\n", position, header.start()), header.start()
        name = header["name"]
        if name == "package":
            starts.append((line, len(bounds)))
        elif name.startswith("package."):
            continue
        elif name == "metadata":
            metadata = line
        bounds.append(position)
    if (
        len(starts) != count
    ):  # headers inside of a string, or written in another way: no line is better than a wrong one
        return [(0, 0)] * count, 0
    bounds.append(len(text))
    spans = []
    for first, index in starts:
        block = text[bounds[index] : bounds[index + 1]].rstrip()
        spans.append((first, first + block.count("\n")))
    return spans, metadata


def _by_name(table: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever TOML may hold
    if not isinstance(table, dict):
        return {}
    return {canonicalize_name(name): items for name, items in table.items() if isinstance(items, list)}


def _is_named(entry: Any) -> bool:  # noqa: ANN401 - whatever TOML may hold
    return isinstance(entry, dict) and isinstance(entry.get("name"), str)


def _text(table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise _BadEntryError(f"`{key}` has to be a string" if key in table else f"`{key}` is missing")
    return value


def _optional_text(table: Table, key: str) -> str | None:
    return _text(table, key) if table.get(key, "") != "" else None  # Poetry 1.0 wrote `reference = ""`


def _list(table: Table, key: str) -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise _BadEntryError(f"`{key}` has to be a list")
    return value


def _table(table: Table, key: str) -> Table:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise _BadEntryError(f"`{key}` has to be a table")
    return value


def _finding(message: str, origin: Origin) -> Finding:
    return Finding(
        code=Code.NOT_UNDERSTOOD,
        severity=Severity.REVIEW,
        message=f"{message}.",
        origin=origin,
        advice=_ADVICE,
    )
