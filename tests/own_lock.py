"""Lock this project's own dependencies: ``python3 tasks.py lock``.

poetry.lock is made by the very worker that locks other people's projects, so that it works behind a plain mirror too,
where ``poetry lock`` by itself does not; requirements-dev.txt is Poetry's own export of it. Versions stay as they are
unless pyproject.toml asks for others; a name on the command line takes the newest of that package, ``--all`` of all.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tomlkit

from migrator.model.locking import LockRequest, NotLocked
from migrator.tools.poetry.bundled import BundledPoetry
from migrator.tools.poetry.door import Opening
from migrator.tools.transport import find_transport

ROOT = Path(__file__).parents[1]


def main(names: list[str]) -> int:
    """Write both files; 0 when they are there."""
    lock = ROOT / "poetry.lock"
    poetry = BundledPoetry().open(Opening(root=str(ROOT), transport=find_transport(None)))
    try:
        answer = poetry.lock(LockRequest(pyproject=(ROOT / "pyproject.toml").read_text(), seed=_seed(lock, names)))
    finally:
        poetry.close()
    if isinstance(answer, NotLocked):
        print(f"Not locked: {answer.message}")
        return 1
    lock.write_text(answer.text, encoding="utf-8")
    return export(ROOT / "requirements-dev.txt", "--with", "dev")


def export(to: Path, *groups: str) -> int:
    """Let Poetry export our lock as a requirements file; needs no network. 0 when it has."""
    command = [sys.executable, "-m", "poetry", "export", "--no-interaction", *groups, "--output", str(to)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _seed(lock: Path, names: list[str]) -> str:
    """The old lock, without what is to move. Without its hash, Poetry takes it for stale and writes it anew."""
    seed = tomlkit.parse(lock.read_text(encoding="utf-8"))
    seed["metadata"]["content-hash"] = ""
    kept = [package for package in seed["package"] if "--all" not in names and package["name"] not in names]
    seed["package"] = kept
    return tomlkit.dumps(seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
