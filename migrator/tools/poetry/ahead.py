"""What a lock will need beside the pins, asked for before Poetry comes to it; imported by the worker only.

What only Windows needs is in no list that was made on Linux: a few packages in most projects. Poetry asks for them one
after the other, and for each of them three times.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from packaging.utils import NormalizedName, canonicalize_name
from poetry.core.packages.dependency import Dependency

from .building import asking_ahead

if TYPE_CHECKING:
    from poetry.core.constraints.version import VersionConstraint

    from .index import DefaultIndex, NamedIndex

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")

Requirements = Mapping[tuple[NormalizedName, str], Iterable[str]]
"""By name and version."""


class AskingAhead(AbstractContextManager["AskingAhead"]):
    """Asks ``index`` in the background as long as the block goes on, for what the locked ones require and are not.

    It is a guess: the newest version that a requirement allows, for each Python of the range. A wrong one costs a
    request; what goes wrong is left to Poetry, which will ask itself.
    """

    def __init__(
        self, index: DefaultIndex | NamedIndex, python: VersionConstraint, known: Iterable[NormalizedName], threads: int
    ) -> None:
        self._index = index
        self._python = python
        self._known = set(known)
        self._knowing = threading.Lock()
        self._threads = ThreadPoolExecutor(threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def ask(self, requirements: Iterable[str]) -> None:
        """Ask for those of ``requirements`` (PEP 508) that nobody asked for yet; extras' are no guess worth making."""
        for requirement in requirements:
            name = _NAME.match(requirement)
            if name is None or "extra" in requirement.partition(";")[2]:
                continue
            with self._knowing:
                if canonicalize_name(name[1]) in self._known:
                    continue
                self._known.add(canonicalize_name(name[1]))
            self._threads.submit(self._look, requirement)

    def _look(self, requirement: str) -> None:
        asking_ahead.set(True)
        dependency = Dependency.create_from_pep_508(requirement)
        if dependency.is_direct_origin() or not dependency.python_constraint.allows_any(self._python):
            return
        found = self._index.find_packages(dependency)
        if found:
            newest = max(found, key=lambda package: package.version)
            info = self._index.get_release_info(newest.name, newest.version)
            self.ask(info.requires_dist or ())
