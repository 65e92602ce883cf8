"""A child process and its place for temporary files; both end together, whatever ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from migrator.tools.transport import find_certificates


class Stage:
    """A private folder for all temporary files of the children, so that none is left behind when they are killed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="migrate-", ignore_cleanup_errors=True)
        # Poetry computes relative addresses from real paths; through a symlink they come out wrong
        self.path = Path(self._folder.name).resolve()

    def environment(self) -> dict[str, str]:
        """The environment of a child that keeps its temporary files here and trusts what pip trusts."""
        certificates = find_certificates()
        trusted = {"REQUESTS_CA_BUNDLE": certificates} if certificates else {}
        return {**trusted, **os.environ, "TMPDIR": str(self.path)}

    def folder(self) -> tempfile.TemporaryDirectory[str]:
        """A new folder in here."""
        return tempfile.TemporaryDirectory(dir=self.path, ignore_cleanup_errors=True)

    def close(self) -> None:
        """Delete everything."""
        self._folder.cleanup()


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Kill ``process``, started with ``start_new_session``, and all that it started; a build may run on otherwise."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
