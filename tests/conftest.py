"""What holds for every test: a home of its own, no network, and tools that are absent are told by name and counted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

REQUIRE_ALL = "MIGRATOR_REQUIRE_ALL"
"""Set by CI, which installs every tool: a test that is left out makes the run a failure then."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that only some tests need. ``runs`` tells whether it does its work here."""

    program: str
    package: str
    runs: Callable[[], bool] = lambda: True


def _may_trace() -> bool:
    """Containers often forbid it."""
    return subprocess.run(["strace", "-o", os.devnull, "true"], check=False, capture_output=True).returncode == 0


TOOLS = {
    "nix": Tool(program="nix-instantiate", package="nix-bin"),
    "strace": Tool(program="strace", package="strace", runs=_may_trace),
}
"""By the marker of the tests that need it."""


@cache
def missing(marker: str) -> str | None:
    """Why the tests of a marker cannot run here, None when they can."""
    tool = TOOLS[marker]
    if shutil.which(tool.program) is None:
        return f"{tool.program} is not here (Debian: apt-get install {tool.package})"
    return None if tool.runs() else f"{tool.program} is here and may not do its work"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in TOOLS:
        if item.get_closest_marker(marker) is not None and (why := missing(marker)) is not None:
            pytest.skip(why)


def _omissions(reporter: Any) -> Counter[str]:
    """How many tests were left out, by the reason that they gave."""
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reporter.getreports("skipped"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for why, count in sorted(_omissions(terminalreporter).items()):
        terminalreporter.write_line(f"OMITTED: {count} {'test' if count == 1 else 'tests'}: {why}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(REQUIRE_ALL) and exitstatus == 0 and reporter is not None and _omissions(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class NetworkUsedError(BaseException):
    """A test reached out of this machine. No ordinary exception: no code under test may take it for bad weather."""


_guarding = False
_reached: list[str] = []


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto", "socket.getaddrinfo"} or not _guarding:
        return
    host = arguments[0] if event == "socket.getaddrinfo" else arguments[1][0]
    if event != "socket.getaddrinfo" and isinstance(arguments[1], str | bytes):
        return  # a socket of the file system
    if not _is_here(host):
        _reached.append(f"{event} {host}")
        raise NetworkUsedError(_reached[-1])


def _is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    global _guarding  # noqa: PLW0603 (an audit hook has no other way to be told)
    _guarding = True
    _reached.clear()
    yield
    _guarding = False
    assert _reached == [], "a test reached out of this machine"


@pytest.fixture(autouse=True, scope="session")
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the person who runs the tests gets in: no configuration, cache, key ring, proxy or credentials."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("PIP_", "POETRY_", "PYTHON_KEYRING_", "XDG_", "GIT_")) or name.lower().endswith(
                "_proxy"
            ):
                patch.delenv(name)
        for name, value in _surroundings(home).items():
            patch.setenv(name, value)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # a shell's background job; child processes would inherit that Ctrl-C means nothing
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


def _surroundings(home: Path) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"  # the port that discards: a child process that reaches out fails at once
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "APPDATA": str(home),
        "LOCALAPPDATA": str(home),
        "XDG_CONFIG_DIRS": str(home),
        "POETRY_CACHE_DIR": str(home / "poetry-cache"),
        "POETRY_CONFIG_DIR": str(home / "poetry-config"),
        "POETRY_KEYRING_ENABLED": "false",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(home / "pip-cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
