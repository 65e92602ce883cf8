"""The worker's process, which may be started before anybody knows what it will be asked.

Poetry's import takes longer than all that we do before the first question; begun first of all, it costs nobody's time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .process import Stage, end

_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('migrator.tools.poetry.worker', run_name='__main__')"
)
_NOT_FOR = frozenset({"--help", "-h", "--no-lock"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A running worker, the place for its temporary files, and what it and Poetry print."""

    process: subprocess.Popen[str]
    stage: Stage
    noise: IO[bytes]

    def close(self) -> None:
        """End it and all that it started; a second time does nothing."""
        if self.noise.closed:
            return
        with contextlib.suppress(OSError, ValueError):
            if self.process.stdin:
                self.process.stdin.close()
        end(self.process)
        if self.process.stdout:
            self.process.stdout.close()
        self.noise.close()
        self.stage.close()


def start() -> Started:
    """A new worker.

    :raises OSError: no process can be started
    """
    stage = Stage()
    noise: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
    try:
        process = subprocess.Popen(
            # -P: a folder named "poetry" where the user stands is not what we mean; our own place is named
            # instead, for this process may have found it in the folder where it was started
            [sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[3])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            encoding="utf-8",
            env=stage.environment(),
            start_new_session=True,  # Ctrl-C is ours to handle
        )
    except BaseException:
        noise.close()
        stage.close()
        raise
    return Started(process=process, stage=stage, noise=noise)


class _Early:
    waiting: Started | None = None


def start_early(arguments: list[str]) -> None:
    """Start a worker if ``arguments`` look like a command that locks; what is wrong with that is told later."""
    if arguments[:1] and (arguments[0].startswith("from-") or arguments[0] == "auto") and not _NOT_FOR & {*arguments}:
        with contextlib.suppress(OSError):
            _Early.waiting = start()


def take() -> Started:
    """The worker that was started early, else a new one; it is the caller's from now on.

    :raises OSError: no process can be started
    """
    early, _Early.waiting = _Early.waiting, None
    return early or start()


def discard_early() -> None:
    """End the worker that was started early, if nobody took it."""
    if _Early.waiting is not None:
        take().close()
