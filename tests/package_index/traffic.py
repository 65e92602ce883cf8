"""What came in: the log, the counters, and which requests are to fail."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .behaviour import Behaviour, Failure

DOWN = Failure(kind="reset")


@dataclass(frozen=True, slots=True)
class Request:
    """One request and its answer. Equality looks at the first three only."""

    method: str
    path: str
    status: int | None
    """None when the connection was reset."""
    range: str | None = field(default=None, compare=False)
    user: str | None = field(default=None, compare=False)
    """Who asked, by basic authentication."""
    user_agent: str | None = field(default=None, compare=False)


class Traffic:
    """The log of requests and the counters over it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[Request] = []
        self._active = 0
        self._peak = 0
        self.forget_failures()

    @property
    def log(self) -> tuple[Request, ...]:
        """Every request that was answered, in the order of the answers."""
        with self._lock:
            return tuple(self._log)

    @property
    def peak(self) -> int:
        """The most requests that were under way at one time."""
        with self._lock:
            return self._peak

    def clear(self) -> None:
        """Forget the log and the peak."""
        with self._lock:
            self._log.clear()
            self._peak = self._active

    def forget_failures(self) -> None:
        """Count requests anew for failures and for going down."""
        with self._lock:
            self._arrived = 0
            self._matched: Counter[int] = Counter()

    def record(self, request: Request) -> None:
        """Add to the log."""
        with self._lock:
            self._log.append(request)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request as under way."""
        with self._lock:
            self._active += 1
            self._peak = max(self._peak, self._active)
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def failure(self, path: str, behaviour: Behaviour) -> Failure | None:
        """Count a request, and tell what goes wrong with it."""
        with self._lock:
            self._arrived += 1
            struck = None
            for position, failure in enumerate(behaviour.failures):
                if failure.concerns(path):
                    self._matched[position] += 1
                    if struck is None and failure.strikes(self._matched[position]):
                        struck = failure
            if behaviour.down_after is not None and self._arrived > behaviour.down_after:
                return DOWN
            return struck
