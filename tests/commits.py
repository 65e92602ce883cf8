"""A folder before and after a commit, for the tests of the commit."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from migrator.model.artifact import Artifact, Ownership
from migrator.model.trouble import WorldError

Snapshot: TypeAlias = dict[str, tuple[object, ...]]

NEW = {
    "docs/notes/report.md": "# report\n",
    "default.nix": "kept as it is\n",
    "poetry.lock": "# new lock\r\n" + "x" * 5000,
    "pyproject.toml": "[tool.poetry]\n",
    "shell.nix": "new shell",
}
CHANGED = ("docs/notes/report.md", "poetry.lock", "pyproject.toml", "shell.nix")


def artifacts(files: dict[str, str]) -> tuple[Artifact, ...]:
    return tuple(Artifact(path=path, text=text, ownership=Ownership.GENERATED) for path, text in files.items())


def make_before(folder: Path) -> Snapshot:
    """A project with a source, a file that is right already, a file with a mode of its own, and a link."""
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_bytes(b"flask==3.0.0\n")
    (folder / "default.nix").write_bytes(b"kept as it is\n")
    (folder / "pyproject.toml").write_bytes(b"[project]\n")
    (folder / "pyproject.toml").chmod(0o640)
    (folder / "locks").mkdir()
    (folder / "locks/real.lock").write_bytes(b"# old lock\n")
    (folder / "poetry.lock").symlink_to("locks/real.lock")
    for file in folder.rglob("*"):
        os.utime(file, ns=(1_600_000_000_123_456_789,) * 2, follow_symlinks=False)
    return snapshot(folder)


def snapshot(folder: Path, *, times: bool = True) -> Snapshot:
    """Everything in ``folder``: kind, mode, content, and by ``times`` also the time and inode of each file."""
    found: Snapshot = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        name = path.relative_to(folder).as_posix()
        if stat.S_ISLNK(status.st_mode):
            found[name] = ("link", str(path.readlink()))
        elif stat.S_ISDIR(status.st_mode):
            found[name] = ("folder", stat.S_IMODE(status.st_mode))
        else:
            more = (status.st_mtime_ns, status.st_ino) if times else ()
            found[name] = ("file", stat.S_IMODE(status.st_mode), path.read_bytes(), *more)
    return found


def after(before: Snapshot) -> Snapshot:
    """What the commit of NEW makes of the folder of :func:`make_before`; to be compared without times."""
    mask = os.umask(0)
    os.umask(mask)
    return dict(
        sorted(
            {
                **{name: entry[:3] for name, entry in before.items()},
                "docs": ("folder", 0o777 & ~mask),
                "docs/notes": ("folder", 0o777 & ~mask),
                "docs/notes/report.md": ("file", 0o666 & ~mask, NEW["docs/notes/report.md"].encode()),
                "locks/real.lock": (*before["locks/real.lock"][:2], NEW["poetry.lock"].encode()),
                "pyproject.toml": ("file", 0o640, NEW["pyproject.toml"].encode()),
                "shell.nix": ("file", 0o666 & ~mask, NEW["shell.nix"].encode()),
            }.items()
        )
    )


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    """The sentence with which ``call`` refuses."""
    with pytest.raises(WorldError) as caught:
        call(*arguments)
    return str(caught.value)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
