"""The command line inside of this process: as scripts meet it, at a fraction of the time."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from migrator import cli


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command gave."""

    status: int
    out: str
    err: str


def migrate(*arguments: str, cwd: Path) -> Ran:
    """``migrate ARGUMENTS`` in the folder ``cwd``."""
    out, err = io.StringIO(), io.StringIO()
    with (
        inside(cwd),
        patch.object(sys, "argv", ["migrate", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as left:
            return Ran(status=int(left.code or 0), out=out.getvalue(), err=err.getvalue())
    raise AssertionError("the command line did not exit")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Stand in ``folder`` for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
