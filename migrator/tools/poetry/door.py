"""What the program asks of a Poetry, whichever it is."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from packaging.utils import NormalizedName

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.evidence import Evidence
from migrator.model.locking import LockAnswer, LockRequest
from migrator.model.plan import PlannedSource
from migrator.model.progress import Progress
from migrator.model.project import Pin
from migrator.model.url import Url
from migrator.model.version import AnyVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a Poetry has to know before the first question.

    ``root`` is the project's folder, from which relative paths in the lock count. ``transport`` is the address by
    which the default index is reached, None for PyPI's own. ``allow_build`` gives leave to run a build where nothing
    else tells the metadata.
    """

    root: str
    sources: tuple[PlannedSource, ...] = ()
    transport: Url | None = None
    allow_build: bool = False


class InternalsChangedError(Exception):
    """The installed Poetry is not built the way we rely on; its command line has to do. The text says what broke."""


_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


def read_credentials(url: Url) -> tuple[str, str] | None:
    """User and password of an address, None where it has none.

    ``${VARIABLE}`` is what the environment says, as in pip; credentials with a variable that is not set are none.
    """
    if url.user is None:
        return None
    pair = f"{url.user}:{url.password or ''}"
    if any(name not in os.environ for name in _VARIABLE.findall(pair)):
        return None
    user, password = (
        _VARIABLE.sub(lambda found: os.environ[found[1]], unquote(part)) for part in (url.user, url.password or "")
    )
    return user, password


class Poetry(Protocol):
    """A Poetry that is ready to work on one project.

    Every method raises :class:`~migrator.model.trouble.WorldError` when the index cannot be asked or Poetry itself
    does not run.
    """

    @property
    def version(self) -> str:
        """Poetry's version, as it says itself."""
        ...

    @property
    def relaxes(self) -> bool:
        """Whether ``LockRequest.without`` works, so that the reason for a drift can be proven."""
        ...

    @property
    def limits(self) -> tuple[str, ...]:
        """What this Poetry could not do as well as the bundled one; sentences for the report."""
        ...

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        """What the index says of ``pins`` (those from an index; others are passed over)."""
        ...

    def versions(self, name: NormalizedName, index: str | None) -> tuple[AnyVersion, ...]:
        """All versions that the index offers of a package, oldest first, yanked ones left out."""
        ...

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        """What ``files`` of the lock hold, as far as that is known or easily found out; no trouble is ever told."""
        ...

    def lock(self, request: LockRequest) -> LockAnswer:
        """Poetry's lock, or why there is none."""
        ...

    def check(self, pyproject: str, lock: str) -> tuple[str, ...]:
        """The errors that ``poetry check --lock`` would print; empty when there are none."""
        ...

    def close(self) -> None:
        """End whatever runs. Nothing may be asked afterwards."""
        ...
