"""Ctrl-C at any moment of the lock: exit status 130, the folder as it was, nothing running and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.package_index import Failure, PackageIndex, Release

from .workbench import PYTHON, Bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find what still runs")

PATIENCE = 60.0
SLEEPY = Failure(kind="slow", seconds=60)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What makes the run stand still, where it stands still, and how that is known."""

    failure: Failure | None = None
    program: str = ""
    arguments: tuple[str, ...] = ()
    reached: Callable[[Bench, PackageIndex], bool]


def _asked_for(path: str) -> Callable[[Bench, PackageIndex], bool]:
    """Slow answers are logged late: the one that stands still is known by those before it."""
    return lambda _, index: any(request.path == path for request in index.log)


MOMENTS = {
    "as soon as the worker runs": Moment(reached=lambda bench, _: bool(bench.left_in_tmp())),
    "while the index is asked": Moment(failure=replace(SLEEPY, path="/files/*"), reached=_asked_for("/simple/pinned/")),
    "while the lock looks for more": Moment(
        failure=replace(SLEEPY, path="/simple/free/"), reached=_asked_for("/files/pinned/pinned-1.0-py3-none-any.whl")
    ),
    "while a build runs": Moment(
        arguments=("--allow-build",), reached=lambda bench, _: (bench.root / "building").exists()
    ),
    "while a Poetry of the user's locks": Moment(
        program='case "$1" in --version) echo "Poetry (version 2.4.0)";; *) touch "$HERE/locking"; sleep 60;; esac',
        reached=lambda bench, _: (bench.root / "locking").exists(),
    ),
}

SETUP = """\
import os, time
open(os.environ["HERE"] + "/building", "w").close()
time.sleep(60)
"""


@pytest.mark.parametrize("whole_group", [True, False], ids=["the group", "the process alone"])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_interrupted(moment: Moment, whole_group: bool, bench: Bench, index: PackageIndex) -> None:
    """A terminal sends it to the whole group, ``kill -INT`` to one process."""
    bench = replace(bench, environment={"HERE": str(bench.root)})
    index.publish(Release("pinned", "1.0", requires=["free"]), Release("free", "1.0"))
    index.change(failures=(moment.failure,) if moment.failure else ())
    lines = f"--index-url {index.simple_url}\npinned==1.0\n"
    if "--allow-build" in moment.arguments:
        bench.write({"local/pyproject.toml": _BACKEND, "local/backend.py": _HOOKS + SETUP})
        lines += "-e ./local\n"
    bench.write({"requirements.txt": lines, "poetry.lock": "mine\n", "pyproject.toml": "# mine\n"})
    program = ("--poetry", bench.poetry_program(moment.program)) if moment.program else ()
    before = bench.snapshot()
    process = subprocess.Popen(
        bench.command(*PYTHON, *moment.arguments, *program),
        cwd=bench.app,
        env=bench.full_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert _comes_true(lambda: moment.reached(bench, index) or process.poll() is not None)
    time.sleep(0.1)
    if whole_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (out, err) == ("", "migrate: Stopped; nothing was changed\n")
    # CPython ends itself by the signal where it came in the middle of an exec; a shell calls that 130 too
    assert process.returncode in {130, -signal.SIGINT}
    after = {path: content for path, content in bench.snapshot().items() if path not in {"building", "locking"}}
    assert after == before
    assert bench.left_in_tmp() == []
    assert _comes_true(lambda: _still_running(bench) == [], patience=5), _still_running(bench)


_BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_BACKEND += '[project]\nname = "local"\ndynamic = ["version"]\n'
_HOOKS = "def build_wheel(*_):\n    raise NotImplementedError\n"


def _comes_true(is_so: Callable[[], bool], patience: float = PATIENCE) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def _still_running(bench: Bench) -> list[str]:
    """The command lines of the processes that have this bench in their environment."""
    found = []
    mark = f"POETRY_CACHE_DIR={bench.root}/cache".encode()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if mark in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
    return [line for line in found if line]
