"""Which Poetry does the work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from packaging.utils import NormalizedName

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.evidence import Evidence
from migrator.model.locking import LockAnswer, LockRequest
from migrator.model.progress import Progress
from migrator.model.project import Pin
from migrator.model.version import AnyVersion

from .bundled import BundledPoetry
from .command import CommandPoetry
from .door import InternalsChangedError, Opening, Poetry

_Answer = TypeVar("_Answer")


class SteadyPoetry:
    """The bundled Poetry; should its internals not be what we rely on, its own command line from then on."""

    def __init__(self, bundled: BundledPoetry, opening: Opening) -> None:
        self._opening = opening
        self._bundled = bundled
        self._limits: tuple[str, ...] = ()
        self._now: Poetry = bundled
        try:
            bundled.open(opening)
        except InternalsChangedError as error:
            self._fall_back(error, helper=None)

    @property
    def version(self) -> str:
        """See :class:`~migrator.tools.poetry.door.Poetry`, like all that follows."""
        return self._now.version

    @property
    def relaxes(self) -> bool:
        """Whether the one at work does."""
        return self._now.relaxes

    @property
    def limits(self) -> tuple[str, ...]:
        """That the command line was used, where it was."""
        return (*self._limits, *self._now.limits)

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        """Gather; nothing is known where the internals have changed."""
        return self._ask(lambda poetry: poetry.gather(pins, progress))

    def versions(self, name: NormalizedName, index: str | None) -> tuple[AnyVersion, ...]:
        """List versions; none where the internals have changed."""
        return self._ask(lambda poetry: poetry.versions(name, index))

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        """Look into files; nothing is known where the internals have changed."""
        return self._ask(lambda poetry: poetry.look_into(files))

    def lock(self, request: LockRequest) -> LockAnswer:
        """Lock, one way or the other."""
        return self._ask(lambda poetry: poetry.lock(request))

    def check(self, pyproject: str, lock: str) -> tuple[str, ...]:
        """Check, one way or the other."""
        return self._ask(lambda poetry: poetry.check(pyproject, lock))

    def close(self) -> None:
        """End both."""
        self._now.close()
        self._bundled.close()

    def _ask(self, question: Callable[[Poetry], _Answer]) -> _Answer:
        try:
            return question(self._now)
        except InternalsChangedError as error:
            # what else the worker can do, it may go on doing
            self._fall_back(error, helper=self._bundled if self._bundled.is_alive else None)
            return question(self._now)

    def _fall_back(self, error: InternalsChangedError, helper: BundledPoetry | None) -> None:
        self._now = CommandPoetry((sys.executable, "-P", "-m", "poetry"), helper, self._opening)
        self._limits = (
            (
                f"Poetry {self._now.version} is built otherwise than migrator expects ({error}), "
                "so its command line did the work"
            ),
        )


class Opener:
    """Opens the Poetry that was asked for. The bundled one starts at once: its import goes on while files are read."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._bundled = BundledPoetry()

    def open(self, opening: Opening) -> Poetry:
        """The Poetry for one project.

        :raises migrator.model.trouble.WorldError: it does not run
        """
        if self._path is None:
            return SteadyPoetry(self._bundled, opening)
        helper: BundledPoetry | None = self._bundled
        try:
            self._bundled.open(opening)
        except InternalsChangedError:
            helper = None
        return CommandPoetry((self._path,), helper, opening)

    def close(self) -> None:
        """End what was started, used or not."""
        self._bundled.close()
