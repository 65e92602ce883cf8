"""A stand-in for Poetry that answers from what was recorded, so that a case needs no network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.evidence import Absence, Evidence, Fact, IndexFile, Metadata, Missing
from migrator.model.locking import LockAnswer, Locked, LockRequest, NotLocked
from migrator.model.progress import Progress
from migrator.model.project import Pin
from migrator.model.source import FromIndex
from migrator.model.version import AnyVersion, read_version
from migrator.tools.poetry.door import Poetry


@dataclass
class ReplayedPoetry:
    """Answers with the facts and the lock of one case; a pin that was not recorded is not on the index."""

    facts: tuple[Fact, ...]
    recorded_lock: str
    version: str = "2.5.1"
    relaxes: bool = True
    limits: tuple[str, ...] = ()
    insides: tuple[Inside, ...] = ()
    requests: list[LockRequest] = field(default_factory=list)

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        progress("asking the index", len(pins), len(pins))
        asked = {
            (p.name, p.version) for p in pins if isinstance(p.source, FromIndex) and isinstance(p.version, Version)
        }
        known = {(f.name, f.version): f for f in self.facts}
        facts = tuple(
            known.get((name, version)) or Missing(name=name, version=version, why=Absence.NO_PACKAGE)
            for name, version in sorted(asked)
        )
        return Evidence(facts=facts)

    def versions(self, name: NormalizedName, _: str | None) -> tuple[AnyVersion, ...]:
        return tuple(fact.version for fact in self.facts if fact.name == name)

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        asked = {(file.package, file.file) for file in files}
        return tuple(inside for inside in self.insides if (inside.package, inside.file) in asked)

    def lock(self, request: LockRequest) -> LockAnswer:
        self.requests.append(request)
        return Locked(text=self.recorded_lock)

    def check(self, _pyproject: str, _lock: str) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass


class RecordingPoetry:
    """A real Poetry that keeps what it was told, for rewriting a case."""

    def __init__(self, poetry: Poetry) -> None:
        self._poetry = poetry
        self.facts: dict[tuple[str, str], Fact] = {}
        self.insides: tuple[Inside, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poetry, name)

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        found = self._poetry.gather(pins, progress)
        self.facts.update({(f.name, str(f.version)): f for f in found.facts})
        # how this machine reaches the index is no part of a case
        return Evidence(facts=found.facts)

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        found = self._poetry.look_into(files)
        self.insides += found
        return found

    def lock(self, request: LockRequest) -> LockAnswer:
        answer = self._poetry.lock(request)
        assert not isinstance(answer, NotLocked), answer.message
        return answer


def read_facts(path: Path) -> tuple[Fact, ...]:
    """The facts of a case's ``evidence.json``."""
    return tuple(_fact(row) for row in json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()


def show_facts(facts: tuple[Fact, ...], *, files: bool) -> str:
    """The same as JSON; with ``files``, the names of each release's too, which a lock would have otherwise."""
    rows = [_row(fact, files=files) for fact in sorted(facts, key=lambda f: (f.name, str(f.version)))]
    return json.dumps(rows, indent=1) + "\n"


def read_insides(path: Path) -> tuple[Inside, ...]:
    """What a case's ``insides.json`` says that files hold."""
    return tuple(_inside(row) for row in json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()


def show_insides(insides: tuple[Inside, ...]) -> str:
    """The same as JSON."""
    ordered = sorted(insides, key=lambda inside: (inside.package, inside.file))
    return json.dumps([asdict(inside) for inside in ordered], indent=1) + "\n"


def _inside(row: dict[str, Any]) -> Inside:
    requires = row["build_requires"]
    return Inside(
        package=NormalizedName(row["package"]),
        file=row["file"],
        libraries=tuple(row["libraries"]),
        generator=row["generator"],
        build_requires=None if requires is None else tuple(requires),
    )


def _fact(row: dict[str, Any]) -> Fact:
    name, version = NormalizedName(row["name"]), read_version(row["version"])
    if "missing" in row:
        return Missing(name=name, version=version, why=Absence(row["missing"]))
    return Metadata(
        name=name,
        version=version,
        requires=tuple(Requirement(text) for text in row["requires"]),
        requires_python=row["requires_python"],
        files=tuple(IndexFile(name=name, hash="") for name in row.get("files", ())),
        yanked=row["yanked"],
        index=row["index"],
    )


def _row(fact: Fact, *, files: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"name": fact.name, "version": str(fact.version)}
    if isinstance(fact, Missing):
        return {**row, "missing": fact.why.value}
    if files:
        row["files"] = [file.name for file in fact.files]
    return {
        **row,
        "requires": [str(r) for r in fact.requires],
        "requires_python": fact.requires_python,
        "yanked": fact.yanked,
        "index": fact.index,
    }
