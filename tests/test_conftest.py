"""What conftest.py promises for every other test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("pypi.org", 443),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
        lambda: socket.socket(socket.AF_INET6).connect_ex(("2001:db8::1", 80)),
    ],
    ids=["a connection", "a name", "a datagram", "a connection whose error is a number"],
)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_nobody_reaches_out_of_this_machine(reach: object) -> None:
    with pytest.raises(conftest.NetworkUsedError):
        reach()  # type: ignore[operator]
    conftest._reached.clear()


def test_this_machine_itself_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 1):
        assert conftest._reached == []


def test_a_child_process_finds_no_way_out() -> None:
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=5)"
    child = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert child.stderr.splitlines()[-1].startswith("urllib.error.URLError: <urlopen error [Errno")
    assert "refused" in child.stderr


def test_nothing_of_the_user_gets_in() -> None:
    names = {name for name in os.environ if name.startswith(("PIP_", "POETRY_", "GIT_"))}
    assert names == {name for name in conftest._surroundings(Path()) if name.startswith(("PIP_", "POETRY_", "GIT_"))}


def run_without_tools(pytester: pytest.Pytester, *, required: bool, workers: int = 0) -> tuple[int, list[str]]:
    """The exit status, and what is said about omissions."""
    hooks = "pytest_runtest_setup, pytest_sessionfinish, pytest_terminal_summary"
    pytester.makeconftest(f"from tests.conftest import {hooks}")
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.nix
        def test_one(): pass
        @pytest.mark.nix
        def test_two(): pass
        @pytest.mark.strace
        def test_three(): pass
        def test_four(): pytest.skip("it is too cold")
        def test_five(): pass
        """
    )
    pytester.makeini("[pytest]\nmarkers =\n    nix\n    strace\n")
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); import pytest; "
    code = start + f"sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-n', '{workers}']))"
    environment = {"PATH": "/nowhere", **({conftest.REQUIRE_ALL: "1"} if required else {})}
    child = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=pytester.path, env=environment
    )
    return child.returncode, [line for line in child.stdout.splitlines() if line.startswith("OMITTED")]


OMITTED = [
    "OMITTED: 1 test: it is too cold",
    "OMITTED: 2 tests: nix-instantiate is not here (Debian: apt-get install nix-bin)",
    "OMITTED: 1 test: strace is not here (Debian: apt-get install strace)",
]


@pytest.mark.parametrize("workers", [0, 2])
def test_tests_that_are_left_out_are_counted_by_their_reason(pytester: pytest.Pytester, workers: int) -> None:
    assert run_without_tools(pytester, required=False, workers=workers) == (0, OMITTED)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_omission_is_a_failure_where_all_are_required(pytester: pytest.Pytester, workers: int) -> None:
    assert run_without_tools(pytester, required=True, workers=workers) == (1, OMITTED)
