"""The Poetry that came with the tool, in a process of its own."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Self

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.evidence import Absence, Evidence, Fact, IndexFile, Metadata, Missing
from migrator.model.locking import Failure, LockAnswer, Locked, LockRequest, NotLocked
from migrator.model.progress import Progress
from migrator.model.project import Pin
from migrator.model.source import FromIndex
from migrator.model.trouble import WorldError
from migrator.model.url import Url, mask_credentials
from migrator.model.version import AnyVersion, read_version

from .door import InternalsChangedError, Opening, read_credentials
from .start import take

FoundBuilds = tuple[tuple[str, ...], tuple[str, ...]]
"""Packages with their versions: those without leave, and those that were built."""


class BundledPoetry:
    """A running worker. Start it early: its import goes on while the program reads.

    :raises migrator.model.trouble.WorldError: no process can be started
    """

    def __init__(self) -> None:
        self._transport = ""
        self._sources = frozenset[str]()
        self._version = ""
        try:
            self._worker = take()
        except OSError as error:
            raise WorldError(f"Poetry cannot be started: {error.strerror}; try again, or use --no-lock") from error
        self._process = self._worker.process

    @property
    def version(self) -> str:
        """Poetry's version; waits until the worker is ready."""
        if not self._version:
            self._version = str(self._hear()["poetry"])
        return self._version

    @property
    def relaxes(self) -> bool:
        """Always: the worker filters what the index says."""
        return True

    @property
    def limits(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def is_alive(self) -> bool:
        """Whether more may be asked."""
        return self._process.poll() is None

    def open(self, opening: Opening) -> Self:
        """Tell the worker about the project. To be called once, before any question."""
        assert self.version  # noqa: S101 (waits for the worker's first line)
        self._transport = str(opening.transport) if opening.transport else ""
        self._sources = frozenset(source.name for source in opening.sources)
        self._ask(
            {
                "do": "open",
                "root": opening.root,
                "transport": _bare(opening.transport) if opening.transport else None,
                "allow_build": opening.allow_build,
                "sources": [
                    {"name": source.name, "url": _bare(source.url), "priority": source.priority.value}
                    for source in opening.sources
                ],
                "credentials": _credentials(opening),
            }
        )
        return self

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        """See :meth:`migrator.tools.poetry.door.Poetry.gather`."""
        asked = _releases(pins)
        answer = self._ask(
            {
                "do": "gather",
                "pins": [
                    {"name": name, "version": str(version), "index": index, "hashes": list(hashes)}
                    for (name, version, index), hashes in asked.items()
                ],
            },
            progress,
        )
        facts = tuple(
            _fact(name, version, found) for (name, version, _), found in zip(asked, answer["facts"], strict=True)
        )
        return Evidence(facts=facts, transport=self._transport, fallback=answer["plain"])

    def versions(self, name: NormalizedName, index: str | None) -> tuple[AnyVersion, ...]:
        """See :meth:`migrator.tools.poetry.door.Poetry.versions`."""
        answer = self._ask({"do": "versions", "name": name, "index": index})
        return tuple(read_version(text) for text in answer["versions"])

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        """See :meth:`migrator.tools.poetry.door.Poetry.look_into`."""
        answer = self._ask(
            {
                "do": "look_into",
                "files": [
                    {
                        "package": file.package,
                        "version": str(file.version),
                        "index": file.index,
                        "file": file.file,
                        "hashes": list(file.hashes),
                    }
                    for file in files
                ],
            }
        )
        pairs = zip(files, answer["inside"], strict=True)
        return tuple(_inside(file, found) for file, found in pairs if found is not None)

    def lock(self, request: LockRequest) -> LockAnswer:
        """See :meth:`migrator.tools.poetry.door.Poetry.lock`."""
        answer = self._ask(
            {
                "do": "lock",
                "pyproject": request.pyproject,
                "seed": request.seed,
                "without": [[relaxed.package, relaxed.required] for relaxed in request.without],
            }
        )
        if "failure" in answer:
            return NotLocked(
                failure=Failure(answer["failure"]),
                message=mask_credentials(answer["message"]),
                packages=tuple(answer["packages"]),
            )
        warnings = tuple(mask_credentials(text) for text in answer["warnings"])
        return Locked(text=answer["lock"], warnings=warnings, built=tuple(answer["built"]))

    def find_builds(self, lock: str) -> FoundBuilds:
        """What of the releases in ``lock`` needs a build that has no leave, and what a build told of."""
        import tomllib  # 12 ms that only another Poetry costs

        pins = [
            {"name": package["name"], "version": package["version"], "index": index, "hashes": []}
            for package in tomllib.loads(lock).get("package", [])
            if (index := package.get("source", {}).get("reference")) is None or index in self._sources
            if package.get("source", {}).get("type", "legacy") == "legacy"
        ]
        answer = self._ask({"do": "gather", "pins": pins})
        needing = (pin for pin, fact in zip(pins, answer["facts"], strict=True) if fact.get("missing") == "needs-build")
        return tuple(f"{pin['name']} {pin['version']}" for pin in needing), tuple(answer["built"])

    def check(self, pyproject: str, lock: str) -> tuple[str, ...]:
        """See :meth:`migrator.tools.poetry.door.Poetry.check`."""
        answer = self._ask({"do": "check", "pyproject": pyproject, "lock": lock})
        return tuple(mask_credentials(text) for text in answer["errors"])

    def hash(self, pyproject: str, *, groups: bool) -> str:
        """The content-hash that Poetry gives ``pyproject``; with PEP 735 ``groups`` since Poetry 2.3."""
        return str(self._ask({"do": "hash", "pyproject": pyproject, "groups": groups})["hash"])

    def close(self) -> None:
        """End the worker and all that it started; a second time does nothing."""
        self._worker.close()

    def _ask(self, question: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 (opened as a pipe above)
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error
        while True:
            heard = self._hear()
            if "answer" in heard:
                break
            if progress:
                progress("asking the index", heard["done"], heard["of"])
        answer: dict[str, Any] = heard["answer"]
        if "trouble" in answer:
            raise WorldError(mask_credentials(answer["trouble"]))
        if answer.get("failure") == "internals":
            raise InternalsChangedError(mask_credentials(answer["message"]))
        if "failure" in answer and question["do"] != "lock":
            raise WorldError(f"Poetry failed: {mask_credentials(answer['message'])}")
        return answer

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 (opened as a pipe above)
        line = self._process.stdout.readline()
        if not line:
            raise self._death()
        heard: dict[str, Any] = json.loads(line)
        return heard

    def _death(self) -> Exception:
        self._process.wait()
        self._worker.noise.seek(0)
        said = self._worker.noise.read().decode("utf-8", "replace").strip()
        last = mask_credentials(said.splitlines()[-1]) if said else f"exit status {self._process.returncode}"
        if "ImportError" in last or "ModuleNotFoundError" in last or "AttributeError" in last:
            return InternalsChangedError(last)
        return WorldError(
            f"Poetry ended in the middle of its work ({last}); try again, or name another one with --poetry"
        )


_Release = tuple[NormalizedName, Version, str | None]


def _bare(url: Url) -> str:
    return url.without_credentials().reveal()


def _credentials(opening: Opening) -> dict[str, tuple[str, str]]:
    """User and password by the name of the source, as far as addresses hold them."""
    addresses = {source.name: source.url for source in opening.sources}
    if opening.transport is not None:
        addresses["PyPI"] = opening.transport
    found = {name: read_credentials(url) for name, url in addresses.items()}
    return {name: pair for name, pair in found.items() if pair is not None}


def _releases(pins: tuple[Pin, ...]) -> dict[_Release, tuple[str, ...]]:
    """Each release to ask for, once and sorted, with all hashes that the pins give it."""
    found: dict[_Release, set[str]] = {}
    for pin in pins:
        if isinstance(pin.source, FromIndex) and isinstance(pin.version, Version):
            found.setdefault((pin.name, pin.version, pin.source.index), set()).update(pin.hashes)
    order = sorted(found, key=lambda release: (release[0], release[1], release[2] or ""))
    return {release: tuple(sorted(found[release])) for release in order}


def _fact(name: NormalizedName, version: Version, found: dict[str, Any]) -> Fact:
    if "missing" in found:
        return Missing(
            name=name,
            version=version,
            why=Absence(found["missing"]),
            detail=mask_credentials(found["detail"]),
            versions=tuple(read_version(text) for text in found["versions"]),
        )
    return Metadata(
        name=name,
        version=version,
        requires=tuple(r for text in found["requires"] if (r := _requirement(text)) is not None),
        requires_python=found["requires_python"],
        files=tuple(IndexFile(name=f["name"], hash=f["hash"], public=f["public"]) for f in found["files"]),
        yanked=found["yanked"],
        index=found["index"],
        contested=found["contested"],
    )


def _inside(file: DistributionFile, found: dict[str, Any]) -> Inside:
    requires = found.get("build_requires")
    return Inside(
        package=file.package,
        file=file.file,
        libraries=tuple(found.get("libraries", ())),
        generator=found.get("generator", ""),
        build_requires=None if requires is None else tuple(requires),
    )


@lru_cache(maxsize=65536)
def _requirement(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:  # Poetry passes over it as well
        return None
