"""Pipenv projects in memory, and what plain TOML and JSON say of them: a judge that knows nothing of our reader."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from migrator.model.project import Project, Reading
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.readers.pipenv import READER

from .trees import DictTree

TABLES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile", "build-system"})
GROUPS = {"packages": "main", "dev-packages": "dev", "default": "main", "develop": "dev"}
MARKER_KEYS = ("os_name", "sys_platform", "platform_machine", "platform_system", "python_version")
META = {"_meta": {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {}, "sources": []}}


def read(files: Mapping[str, str | bytes], path: str = "Pipfile") -> Reading:
    return READER.read(DictTree(files), (Input(path=path),), "utf-8")


def told(reading: Reading) -> list[tuple[str, str, str, str, str]]:
    """Code, severity, place, message and advice of every finding."""
    return [(f.code.value, f.severity.value, str(f.origin), f.message, f.advice) for f in reading.findings]


def lock_text(**sections: dict[str, Any]) -> str:
    return json.dumps({**META, **sections}, indent=4)


class Row(NamedTuple):
    """An entry as both sides can say it."""

    group: str
    raw_name: str
    version: str
    extras: tuple[str, ...]
    marker: str
    hashes: tuple[str, ...]
    source: tuple[str | None, ...]
    editable: bool


def judge_pipfile(text: str) -> list[Row]:
    """The wishes by tomllib alone, for a Pipfile without mistakes."""
    data = tomllib.loads(text)
    return [
        _row(GROUPS.get(category, category), name, value, wish=True)
        for category, table in data.items()
        if category not in TABLES
        for name, value in table.items()
    ]


def judge_lock(text: str) -> list[Row]:
    """The pins by json alone."""
    return [
        _row(GROUPS.get(section, section), name, value, wish=False)
        for section, table in json.loads(text).items()
        if section != "_meta"
        for name, value in table.items()
    ]


def _row(group: str, name: str, value: Any, *, wish: bool) -> Row:
    entry = {"version": value} if isinstance(value, str) else value
    version = entry.get("version", "*")
    parts = [entry["markers"]] if entry.get("markers") else []
    parts += [f"{key} {entry[key]}" for key in MARKER_KEYS if key in entry]
    markers = list(dict.fromkeys(str(Marker(part)) for part in parts))
    if wish:
        shown = "" if version == "*" else str(SpecifierSet(version))
    else:
        shown = version.removeprefix("==") if version.startswith("==") else ""
    return Row(
        group=group,
        raw_name=name,
        version=shown,
        extras=tuple(sorted(entry.get("extras", ()))),
        marker=str(Marker(" and ".join(f"({m})" for m in markers))) if markers else "",
        hashes=tuple(entry.get("hashes", ())),
        source=_place(entry),
        editable=bool(entry.get("editable")),
    )


def _place(entry: dict[str, Any]) -> tuple[str | None, ...]:
    for kind in ("git", "hg", "svn", "bzr"):
        if kind in entry:
            return kind, entry[kind], entry.get("ref"), entry.get("subdirectory")
    for key in ("path", "file"):
        if key in entry:
            return ("url" if re.match(r"[a-z]+://", entry[key]) else "path"), entry[key]
    return "index", entry.get("index")


def ours(project: Project) -> Iterator[Row]:
    """What our reader says, wishes first."""
    for line in project.declared:
        yield Row(
            group=line.group,
            raw_name=line.raw_name,
            version=str(line.specifier),
            extras=tuple(sorted(line.extras)),
            marker=_join(line.marker),
            hashes=line.hashes,
            source=_source(line.source),
            editable=line.editable,
        )
    for pin in project.pins:
        yield Row(
            group="".join(pin.groups),
            raw_name=pin.raw_name,
            version="" if pin.version is None else str(pin.version),
            extras=tuple(sorted(pin.extras)),
            marker=_join(pin.marker),
            hashes=pin.hashes,
            source=_source(pin.source),
            editable=pin.editable,
        )


def _join(marker: Marker | None) -> str:
    return "" if marker is None else str(marker)


def _source(source: Source) -> tuple[str | None, ...]:
    match source:
        case FromIndex(index=index):
            return "index", index
        case FromVcs(kind=kind, url=url, rev=rev, subdirectory=subdirectory):
            return kind.value, url.reveal(), rev, subdirectory
        case FromUrl(url=url):
            return "url", url.reveal()
        case FromPath(path=path):
            return "path", path
