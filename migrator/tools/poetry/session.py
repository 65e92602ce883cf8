"""Poetry's own code at work on one project; imported by the worker only."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import tomlkit
from cleo.io.null_io import NullIO
from packaging.utils import NormalizedName, canonicalize_name
from poetry.config.config import Config
from poetry.core.constraints.version import Version
from poetry.core.factory import Factory as CoreFactory
from poetry.core.packages.package import Package
from poetry.core.packages.project_package import ProjectPackage
from poetry.core.pyproject.toml import PyProjectTOML
from poetry.packages.locker import Locker
from poetry.puzzle.solver import Solver
from poetry.repositories.exceptions import PackageNotFoundError
from poetry.repositories.repository_pool import Priority, RepositoryPool
from poetry.toml.file import TOMLFile
from poetry.utils._compat import tomllib

from migrator.model.plan import PUBLIC_NAME

from .ahead import AskingAhead
from .building import BuildFailedError, Builds, NeedsBuildError
from .failure import first_line, is_world
from .index import (
    PUBLIC_FILES,
    PUBLIC_SIMPLE,
    DefaultIndex,
    NamedIndex,
    Relaxations,
)
from .insides import Insides
from .lookups import build_from, note_build_requires

THREADS = 8
"""Measured: one thread 21.8 s, four 9.1, eight 8.6, sixteen 7.8 for 166 cold pins. More is unkind to the index."""

Answer = dict[str, Any]
Tell = Callable[[Answer], None]


class SeededLocker(Locker):
    """Poetry's locker for ``folder``, with the old lock given as text and the new one kept instead of written.

    Its ``lock`` stays the real path, because relative addresses in the lock are counted from there.
    """

    def __init__(self, folder: Path, seed: str, pyproject: dict[str, Any]) -> None:
        self._seed = tomllib.loads(seed)
        self.written = ""
        super().__init__(folder / "poetry.lock", pyproject)

    def is_locked(self) -> bool:
        """Always: the seed is there."""
        return True

    def _get_lock_data(self) -> dict[str, Any]:
        return self._seed

    def _get_locked_package(self, info: dict[str, Any], with_dependencies: bool = True) -> Package:  # noqa: FBT001, FBT002 (Poetry's signature)
        # the skeleton has none, and to read them Poetry imports all that installs
        needed = with_dependencies and bool(info.get("dependencies") or info.get("extras"))
        return super()._get_locked_package(info, needed)

    def _should_write(self, lock: tomlkit.TOMLDocument) -> bool:  # noqa: ARG002 (Poetry's signature)
        return True  # an unchanged lock is an answer as well

    def _write_lock_data(self, data: tomlkit.TOMLDocument) -> None:
        self.written = data.as_string()


class Session:
    """One project's Poetry: its configuration, its repositories, and what has been built so far."""

    def __init__(self, opening: Answer, tell: Tell) -> None:
        self.root = Path(opening["root"])
        self._tell = tell
        self.config = Config.create()
        local = TOMLFile(self.root / "poetry.toml")
        if local.exists():
            # a file of the project may say how to solve, not where to write or whom to trust
            self.config.merge({key: value for key, value in local.read().items() if key in {"installer", "solver"}})
        self.pool = RepositoryPool(config=self.config)
        self.builds = Builds(allowed=opening["allow_build"])
        self.builds.guard()
        self.default: DefaultIndex | None = None
        self._open_sources(opening["sources"], opening["credentials"], opening["transport"] or PUBLIC_SIMPLE)
        self._requires: dict[tuple[NormalizedName, str], list[str]] = {}
        build_from(self.pool)
        self.build_requires: dict[str, list[str]] = {}
        note_build_requires(self.build_requires)

    def _open_sources(self, sources: list[Answer], credentials: Answer, transport: str) -> None:
        known = self.config.get("repositories", {})
        self.config.merge({"repositories": {s["name"]: {"url": s["url"]} for s in sources if s["name"] not in known}})
        for name, (user, password) in credentials.items():
            # what the user's own configuration says weighs more
            if self.config.get(["http-basic", name, "username"]) is None:
                self.config.merge({"http-basic": {name: {"username": user, "password": password}}})
        for source in sources:
            priority = Priority[source["priority"].upper()]
            if source["name"].lower() == PUBLIC_NAME:
                self._open_default(transport, priority)
            else:
                repository = NamedIndex(
                    source["name"], source["url"], builds=self.builds, config=self.config, pool_size=THREADS
                )
                self.pool.add_repository(repository, priority=priority)
        if not self.pool.has_primary_repositories() and self.default is None:
            self._open_default(transport, Priority.PRIMARY)

    def _open_default(self, transport: str, priority: Priority) -> None:
        self.default = DefaultIndex(transport, builds=self.builds, config=self.config, pool_size=THREADS)
        self.pool.add_repository(self.default, priority=priority)

    def gather(self, question: Answer) -> Answer:
        """The metadata of every pin asked for, side by side; the order of the answer is the question's."""
        pins = question["pins"]
        done = 0
        with ThreadPoolExecutor(THREADS) as threads:
            futures = [threads.submit(self._look_up, pin) for pin in pins]
            waiting = set(futures)
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_EXCEPTION, timeout=0.1)
                done += len(finished)
                self._tell({"event": "progress", "done": done, "of": len(pins)})
                if any(future.exception() for future in finished):
                    threads.shutdown(cancel_futures=True)
                    break
            facts = [future.result() for future in futures if not future.cancelled()]
        for pin, fact in zip(pins, facts, strict=True):
            self._requires[canonicalize_name(pin["name"]), Version.parse(pin["version"]).text] = fact.get(
                "requires", []
            )
        plain = self.default is not None and self.default.plain
        return {"facts": facts, "plain": plain, "built": self.builds.told}

    def _look_up(self, pin: Answer) -> Answer:
        """The release with the very files that the pin's hashes know, else the first that Poetry would find.

        A source that packages have to name is asked last, and only for files that the hashes know.
        """
        name, version = canonicalize_name(pin["name"]), Version.parse(pin["version"])
        hashes = set(pin["hashes"])
        first: Answer | None = None
        offered: set[Version] = set()
        unread: str | None = None
        searched = self._indexes(pin["index"])
        for index in (*searched, *(self._explicit() if hashes and not pin["index"] else ())):
            try:
                fact = self._describe(index, name, version)
            except (PackageNotFoundError, IndexError):  # of a release without a file, Poetry takes the first
                if index in searched:
                    unread = unread or index.find_unread_file(name, version)
                    offered.update(index.get_page(name).versions(name) if self._has(index, name) else ())
                continue
            except BuildFailedError as error:
                return {"missing": "build-failed", "detail": error.said, "versions": []}
            except NeedsBuildError:
                return {"missing": "needs-build", "detail": "", "versions": []}
            except (ValueError, RuntimeError, KeyError) as error:
                if is_world(error):
                    raise
                return {"missing": "bad-metadata", "detail": first_line(error), "versions": []}
            if not hashes or hashes & {file["hash"] for file in fact["files"]}:
                return (
                    {**fact, "contested": False} if first is None else {**fact, "index": index.name, "contested": True}
                )
            first = first or (fact if index in searched else None)
        if first is not None:
            return {**first, "contested": False}
        # a page that was asked for a version names it from then on
        texts = [other.text for other in sorted(offered - {version})]
        if unread:
            return {"missing": "unread-name", "detail": unread, "versions": texts}
        return {"missing": "no-version" if texts else "no-package", "detail": "", "versions": texts}

    def _indexes(self, named: str | None) -> list[DefaultIndex | NamedIndex]:
        repositories = [self.pool.repository(named)] if named else self.pool.repositories
        return [r for r in repositories if isinstance(r, DefaultIndex | NamedIndex)]

    def _explicit(self) -> list[NamedIndex]:
        every = self.pool.all_repositories
        return [r for r in every if isinstance(r, NamedIndex) and r not in self.pool.repositories]

    def _has(self, index: DefaultIndex | NamedIndex, name: NormalizedName) -> bool:
        try:
            index.get_page(name)
        except PackageNotFoundError:
            return False
        return True

    def _describe(self, index: DefaultIndex | NamedIndex, name: NormalizedName, version: Version) -> Answer:
        info = index.get_release_info(name, version)
        yanked = info.yanked
        return {
            "requires": list(info.requires_dist or []),
            "requires_python": info.requires_python,
            "files": [
                {"name": f["file"], "hash": f["hash"], "public": f"//{PUBLIC_FILES}/" in f.get("url", "")}
                for f in info.files
            ],
            "yanked": None if yanked is False else yanked if isinstance(yanked, str) else "",
            "index": None if index is self.default else index.name,
        }

    def versions(self, question: Answer) -> Answer:
        """All versions that the index offers of one package, oldest first."""
        name = canonicalize_name(question["name"])
        offered: set[Version] = set()
        for index in self._indexes(question["index"]):
            if self._has(index, name):
                page = index.get_page(name)
                offered |= {version for version in page.versions(name) if not page.yanked(name, version)}
                break
        return {"versions": [version.text for version in sorted(offered)]}

    def look_into(self, question: Answer) -> Answer:
        """What distributed files hold, None where that is unknown; the order of the answer is the question's."""
        insides = Insides(self.config.repository_cache_directory / "migrator-insides")

        def look(file: Answer) -> Answer | None:
            try:
                return self._look_into(insides, file)
            except Exception:  # noqa: BLE001 (what matters was told before; this is evidence where it can be had)
                return None

        with ThreadPoolExecutor(THREADS) as threads:
            return {"inside": list(threads.map(look, question["files"]))}

    def _look_into(self, insides: Insides, file: Answer) -> Answer | None:
        name = canonicalize_name(file["package"])
        if not file["file"]:
            requires = self.build_requires.get(name)
            return None if requires is None else {"build_requires": requires}
        for index in self._indexes(file["index"]):
            try:
                release = index.get_release_info(name, Version.parse(file["version"]))
            except PackageNotFoundError:
                continue
            for found in release.files:
                if found["file"] == file["file"] and found["hash"] in file["hashes"]:
                    return insides.look(index.session, found["file"], found["url"], found["hash"])
        return None

    def lock(self, question: Answer) -> Answer:
        """Poetry's lock of the given pyproject, as Poetry would write it into the project's folder."""
        relaxed: Relaxations = frozenset(
            (canonicalize_name(package), canonicalize_name(required)) for package, required in question["without"]
        )
        for repository in self.pool.all_repositories:
            if isinstance(repository, DefaultIndex | NamedIndex):
                repository.relaxed = relaxed
        notes = _Warnings()
        with tempfile.TemporaryDirectory() as stage, notes:
            data = _load(question["pyproject"], Path(stage))
            package = self._package(data)
            locker = SeededLocker(self.root, question["seed"], data.data)
            locked = locker.locked_repository().packages
            solver = Solver(package, self.pool, locked, locked, NullIO())
            with self._ask_ahead(package, locked), solver.provider.use_source_root(source_root=Path(stage) / "src"):
                folders = [p.name for p in locked if p.source_type == "directory"]
                solved = solver.solve(use_latest=folders).get_solved_packages()
            locker.set_lock_data(package, solved)
        return {"lock": locker.written, "warnings": notes.texts, "built": self.builds.told}

    def _ask_ahead(self, package: ProjectPackage, locked: list[Package]) -> AbstractContextManager[object]:
        """Begin to ask for what is not locked yet, where it is plain which index Poetry will ask."""
        searched = self._indexes(None)
        if len(searched) != 1:
            return nullcontext()
        ahead = AskingAhead(searched[0], package.python_constraint, (p.name for p in locked), THREADS)
        for each in locked:
            ahead.ask(self._requires.get((each.name, each.version.text), ()))
        return ahead

    def _package(self, pyproject: PyProjectTOML) -> ProjectPackage:
        pyproject.data.setdefault("tool", {}).setdefault("poetry", {})  # as Poetry's own factory does
        project = pyproject.data.get("project", {})
        tool = pyproject.data.get("tool", {}).get("poetry", {})
        name = project.get("name") or tool.get("name") or "non-package-mode"
        package = CoreFactory.get_package(str(name), str(project.get("version") or tool.get("version") or "0"))
        CoreFactory.configure_package(package, pyproject, root=self.root)
        return package

    def check(self, question: Answer) -> Answer:
        """What ``poetry check --lock`` would find wrong in the given pyproject and lock."""
        from poetry.factory import Factory  # brings the installer along, which a lock does not need

        with tempfile.TemporaryDirectory() as stage:
            data = _load(question["pyproject"], Path(stage))
            found = Factory.validate(data.data, strict=True)
            (Path(stage) / "poetry.lock").write_text(
                _leave_packages_out(question["lock"]), encoding="utf-8", newline=""
            )
            fresh = Locker(Path(stage) / "poetry.lock", data.data).is_fresh()
        errors = list(found["errors"])
        if not fresh:
            errors.append("pyproject.toml changed significantly since poetry.lock was last generated.")
        return {"errors": errors, "warnings": list(found["warnings"])}

    def hash(self, question: Answer) -> Answer:
        """The content-hash of a pyproject."""
        with tempfile.TemporaryDirectory() as stage:
            data = _load(question["pyproject"], Path(stage))
            locker = Locker(Path(stage) / "poetry.lock", data.data)
        return {"hash": locker._get_content_hash(with_dependency_groups=question["groups"])}  # noqa: SLF001 (no other way)


class _Warnings(logging.Handler):
    """What Poetry warns of while it locks (yanked releases, skipped files)."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text not in self.texts:
            self.texts.append(text)

    def __enter__(self) -> None:
        logging.getLogger("poetry").addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger("poetry").removeHandler(self)


def _load(text: str, stage: Path) -> PyProjectTOML:
    path = stage / "pyproject.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return PyProjectTOML(path)


def _leave_packages_out(lock: str) -> str:
    """The first line and the last table of a lock: what tells if it is fresh. The packages take long to parse."""
    _, header, metadata = lock.rpartition("\n[metadata]\n")
    return lock.partition("\n")[0] + header + metadata if header else lock
