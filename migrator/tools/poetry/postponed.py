"""Parts of Poetry that most locks never use, imported when something of them is used.

Building an sdist and cloning a repository bring virtualenv, installer and dulwich along: two fifths of the time that
Poetry's import takes. Imported by the worker only, before Poetry itself.
"""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType
from typing import Any

_GIT = "poetry.vcs.git"
_BUILDS = "poetry.utils.isolated_build"
_LOADING = threading.RLock()


class _Postponed(ModuleType):
    """Stands in for a module; whatever is asked of it that has no stand-in here comes from the real one."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (as a module's attributes are)
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_load(self.__name__), name)


class _PostponedGit:
    """Stands in for Poetry's ``Git``, of which only class methods are used."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (as above)
        return getattr(_load(_GIT).Git, name)


def _load(name: str) -> ModuleType:
    with _LOADING:
        if isinstance(sys.modules.get(name), _Postponed):
            del sys.modules[name]
        return importlib.import_module(name)


def postpone() -> None:
    """Import what binds parts of the two, with stand-ins in their places. What is imported already stays as it is."""
    git: Any = _Postponed(_GIT)
    git.Git = _PostponedGit()
    builds: Any = _Postponed(_BUILDS)
    builds.IsolatedBuildBackendError = builds.isolated_builder = None  # load_builds gives the real ones
    placed = {name: module for name, module in ((_GIT, git), (_BUILDS, builds)) if name not in sys.modules}
    sys.modules.update(placed)
    try:
        importlib.import_module("poetry.inspection.info")
        importlib.import_module("poetry.packages.direct_origin")
    finally:
        for name, module in placed.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def load_builds() -> ModuleType:
    """Poetry's module for builds, for which those that bound its stand-in have the real one now.

    To be called before anything is built.
    """
    from poetry.inspection import info

    with _LOADING:
        builds = _load(_BUILDS)
        for name in ("IsolatedBuildBackendError", "isolated_builder"):
            if getattr(info, name) is None:
                setattr(info, name, getattr(builds, name))
    return builds
