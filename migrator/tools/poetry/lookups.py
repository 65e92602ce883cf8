"""What Poetry looks for at an address: named in messages, built with leave; imported by the worker only."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from packaging.utils import canonicalize_name
from poetry.core.packages.dependency import Dependency
from poetry.core.packages.package import Package
from poetry.puzzle.provider import Provider
from poetry.repositories.repository_pool import RepositoryPool

from .building import asking_for
from .failure import first_line, is_world
from .index import IndexTroubleError
from .insides import read_build_requires
from .postponed import load_builds

Search = Callable[[Provider, Dependency], Package]


def build_from(pool: RepositoryPool) -> None:
    """Builds take their build systems from the same indexes; Poetry's own default would ask PyPI's JSON."""
    from poetry.inspection import info

    def build_in_isolation(*args: Any, **options: Any) -> Any:  # noqa: ANN401 (Poetry's own signature)
        return load_builds().isolated_builder(*args, pool=pool, **options)

    setattr(info, "isolated_builder", build_in_isolation)  # noqa: B010 (not exported, so not known to mypy)


def note_build_requires(found: dict[str, list[str]]) -> None:
    """From now on keep what builds each repository, folder or archive at an address that Poetry unpacks."""
    from poetry.inspection.info import PackageInfo

    for method in ("from_directory", "from_path"):
        original = getattr(PackageInfo, method)

        def note(_: type[PackageInfo], path: Path, original: Callable[[Path], PackageInfo] = original) -> PackageInfo:
            name = asking_for.get()
            # releases of an index are asked for by name and version
            if name and " " not in name and (requires := read_build_requires(path)) is not None:
                found.setdefault(canonicalize_name(name), requires)
            return original(path)

        setattr(PackageInfo, method, classmethod(note))


def _git_trouble() -> tuple[type[Exception], ...]:
    from dulwich.errors import GitProtocolError, NotGitRepository  # only where something went wrong

    # git:// is no business of urllib3's: its sockets say for themselves what is wrong
    network = urllib3.exceptions.HTTPError, ConnectionError, TimeoutError, socket.gaierror
    return *network, GitProtocolError, NotGitRepository


def _host(dependency: Dependency) -> str:
    """`` at HOST`` for what comes from an address that has one."""
    from poetry.core.vcs.git import ParsedUrl

    address = dependency.source_url or ""
    if address.startswith("file:"):
        return ""
    host = urlsplit(address).hostname if "://" in address else ParsedUrl.parse(address).resource
    return f" at {host}" if host else ""


def name_lookups() -> None:
    """Let what goes wrong name the dependency and its host: not a temporary folder, and not the package index."""
    for method, what in (
        ("_search_for_vcs", "git repository"),
        ("_search_for_file", "file"),
        ("_search_for_directory", "folder"),
        ("_search_for_url", "file"),
    ):
        original = getattr(Provider, method)

        def search(self: Provider, dependency: Dependency, original: Search = original, what: str = what) -> Package:
            token = asking_for.set(dependency.name)
            try:
                return original(self, dependency)
            except _git_trouble() as error:
                raise IndexTroubleError(
                    f"The {what} of {dependency.name}{_host(dependency)} cannot be reached: "
                    "check its address and the network, then try again"
                ) from error
            except requests.exceptions.HTTPError:  # names its address itself
                raise
            except Exception as error:
                if not is_world(error):
                    raise
                raise IndexTroubleError(
                    f"The {what} of {dependency.name}{_host(dependency)} cannot be had ({first_line(error)}): "
                    "check its address and the network, then try again"
                ) from error
            finally:
                asking_for.reset(token)

        setattr(Provider, method, search)
