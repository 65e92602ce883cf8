"""Builds of metadata, which run the code of others; imported by the worker only.

A build needs leave, and so does what a build told earlier: an answer must not depend on what a cache holds.
"""

from __future__ import annotations

import contextvars
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from poetry.inspection import info as inspection
from poetry.inspection.info import PackageInfo, PackageInfoError

from .postponed import load_builds
from .words import find_cause

asking_for: contextvars.ContextVar[str] = contextvars.ContextVar("asking_for", default="")
"""The package whose metadata is being looked up, for messages."""

asking_ahead: contextvars.ContextVar[bool] = contextvars.ContextVar("asking_ahead", default=False)
"""Whether what is looked up is a guess, for which nothing is downloaded and no build is run."""


_claimed_here: contextvars.ContextVar[tuple[set[str], ...]] = contextvars.ContextVar("claimed_here", default=())


class NeedsBuildError(Exception):
    """Metadata that only a build can tell, and no leave to build. The text is the package."""


class BuildFailedError(Exception):
    """A build that was allowed went wrong. The text names the package and says what it said last: ``said``."""

    def __init__(self, package: str, said: str) -> None:
        super().__init__(f"{package}: {said}")
        self.package = package
        self.said = said


class Builds:
    """The leave to build, and the packages whose metadata came from a build, in this run or in one before."""

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._told: set[str] = set()

    @property
    def told(self) -> list[str]:
        """The packages, sorted; those of an index with their version."""
        return sorted(self._told)

    def claim(self, package: str) -> None:
        """Note that a build tells the metadata of ``package``.

        :raises NeedsBuildError: there is no leave, or it would be for a guess
        """
        if not self._allowed or asking_ahead.get():
            raise NeedsBuildError(package)
        self._told.add(package)
        for claimed in _claimed_here.get():
            claimed.add(package)

    def guard(self) -> None:
        """From now on a build of metadata is refused with :class:`NeedsBuildError`, or noted.

        What a static PEP 621 table says is read without a build in either case.
        """
        from poetry.utils._compat import tomllib

        build = inspection.get_pep517_metadata

        def read_or_build(path: Path) -> PackageInfo:
            pyproject = path / "pyproject.toml"
            if pyproject.is_file():
                info = read_static_metadata(tomllib.loads(pyproject.read_text(encoding="utf-8")))
                if info is not None:
                    return info
            name = asking_for.get() or path.name
            self.claim(name)
            with tempfile.TemporaryDirectory(prefix="migrate-") as stage:
                copy = _copy_aside(path, Path(stage))
                builds = load_builds()
                try:
                    return build(copy)
                except (PackageInfoError, builds.IsolatedBuildBaseError, subprocess.SubprocessError) as error:
                    raise BuildFailedError(name, find_cause(str(error)) or type(error).__name__) from error

        inspection.get_pep517_metadata = read_or_build  # type: ignore[assignment]


@contextmanager
def noticing_builds() -> Iterator[set[str]]:
    """The packages claimed in this block and thread, those that the build of another one needs included."""
    claimed = set[str]()
    token = _claimed_here.set((*_claimed_here.get(), claimed))
    try:
        yield claimed
    finally:
        _claimed_here.reset(token)


def read_static_metadata(pyproject: dict[str, Any]) -> PackageInfo | None:
    """What a PEP 621 table says without running anything, None where it leaves a needed field to the build."""
    project = pyproject.get("project")
    if not isinstance(project, dict) or not isinstance(project.get("name"), str):
        return None
    left_open = set(project.get("dynamic", ()))
    if "version" not in project or left_open & {"version", "dependencies", "optional-dependencies", "requires-python"}:
        return None
    requires = [str(r) for r in project.get("dependencies", ())]
    for extra, names in project.get("optional-dependencies", {}).items():
        requires += [_under_extra(str(r), str(extra)) for r in names]
    return PackageInfo(
        name=project["name"],
        version=str(project["version"]),
        summary=str(project.get("description", "")),
        requires_dist=requires,
        requires_python=project.get("requires-python"),
    )


def _under_extra(requirement: str, extra: str) -> str:
    name, semicolon, marker = requirement.partition(";")
    condition = f"extra == '{canonicalize_name(extra)}'"
    return f"{name.strip()}; ({marker.strip()}) and {condition}" if semicolon else f"{name.strip()}; {condition}"


def _copy_aside(folder: Path, stage: Path) -> Path:
    """A copy of ``folder`` in ``stage``: a build leaves its traces where it runs, and the folder may be the user's.

    Where git keeps it, git finds its repository from the copy as well, because versions are often read from tags.
    """
    root = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
    copy = stage / folder.relative_to(root) if root else stage / folder.name
    ignored = shutil.ignore_patterns(".git", ".venv", "node_modules")
    shutil.copytree(folder, copy, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    if root is not None:
        (stage / ".git").symlink_to(root / ".git")
        os.environ["GIT_OPTIONAL_LOCKS"] = "0"  # nothing is to be written there
    return copy
