"""How an index behaves: one value, replaced as a whole when a test changes something."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypedDict

Mode = Literal["html", "json"]
"""html: a plain mirror, PEP 503 whatever the client accepts, no JSON anywhere.
json: as PyPI, PEP 691 for who asks for it, and the JSON of packages and releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What goes wrong, and for which requests."""

    kind: Literal["status", "reset", "truncated", "slow"] = "status"
    """An error status, a connection reset, half of the body, or a right but late answer."""
    path: str = "*"
    """A file name pattern over the path of the request, such as `/simple/demo/`."""
    first: int = 1
    """The first matching request that fails, counted from 1."""
    count: int | None = None
    """How many fail from there on; None for all."""
    status: int = 500
    retry_after: float | None = None
    """Seconds for a Retry-After header; with 0, Poetry and pip try again without a pause."""
    seconds: float = 0.0
    """The delay of a slow answer."""

    @classmethod
    def nth(
        cls,
        number: int,
        *,
        path: str = "*",
        kind: Literal["status", "reset", "truncated", "slow"] = "status",
        status: int = 500,
        retry_after: float | None = None,
    ) -> Failure:
        """Exactly the Nth matching request fails."""
        return cls(kind=kind, path=path, first=number, count=1, status=status, retry_after=retry_after)

    def concerns(self, path: str) -> bool:
        """Whether this failure counts a request for the path."""
        return fnmatchcase(path, self.path)

    def strikes(self, number: int) -> bool:
        """Whether the Nth request that it counts fails."""
        last = None if self.count is None else self.first + self.count - 1
        return self.first <= number and (last is None or number <= last)


class BehaviourOptions(TypedDict, total=False):
    """The fields of Behaviour, for keyword arguments."""

    mode: Mode
    metadata_files: bool | None
    ranges: bool
    latency: float
    credentials: tuple[str, str] | None
    failures: tuple[Failure, ...]
    down_after: int | None
    cache_control: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Everything that can be changed while an index runs."""

    mode: Mode = "html"
    metadata_files: bool | None = None
    """PEP 658 `.metadata` files; None: those that go with the mode (json has them)."""
    ranges: bool = True
    """HTTP ranges on files."""
    latency: float = 0.0
    """Seconds before each answer."""
    credentials: tuple[str, str] | None = None
    """User and password that every request must show."""
    failures: tuple[Failure, ...] = ()
    down_after: int | None = None
    """Answer so many requests more, then reset every connection."""
    cache_control: str | None = None
    """A Cache-Control header for pages; PyPI sends `max-age=600, public`."""

    @property
    def offers_metadata_files(self) -> bool:
        """Whether wheels have a `.metadata` file beside them."""
        return self.mode == "json" if self.metadata_files is None else self.metadata_files
