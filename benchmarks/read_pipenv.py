"""How long a Pipfile.lock takes: ``migrate inspect --json``, ``migrate from-pipenv --no-lock``, and the reader alone.

Prints CPU seconds of each command over the same command on an empty lock, for locks of 1,000 packages and more, beside
a Pipfile that names every tenth of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from migrator.model.reader import Input
from migrator.pipeline.memory import MemoryTree
from migrator.readers.pipenv import READER

REPEATS = 3
COUNTS = (1_000, 2_000, 4_000)
COMMANDS = {
    "inspect": ("inspect", "Pipfile", "--json"),
    "from-pipenv": ("from-pipenv", "--no-lock", "--dry-run", "--quiet", "--python", ">=3.11"),
}
MARKERS = (
    "python_version >= '3.7'",
    "python_version >= '2.7' and python_version not in '3.0, 3.1, 3.2, 3.3'",
    "sys_platform == 'win32' and python_version >= '3.8'",
    "python_version < '3.8'",
)


def lock(count: int) -> str:
    """What pipenv writes for so many packages: twelve files each, three quarters of them for default."""
    sections: dict[str, dict[str, object]] = {"default": {}, "develop": {}}
    for number in range(count):
        hashes = [f"sha256:{number * 12 + at:064x}" for at in range(12)]
        entry = {"hashes": hashes, "markers": MARKERS[number % 4], "version": f"=={number % 9}.{number % 11}.{number}"}
        sections["develop" if number % 4 == 3 else "default"][f"package-{number}"] = entry
    source = {"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}
    meta = {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {}, "sources": [source]}
    return json.dumps({"_meta": meta, **sections}, indent=4, separators=(",", ": ")) + "\n"


def pipfile(count: int) -> str:
    """A Pipfile that asks for every tenth of them."""
    names = "".join(f'package-{number} = "*"\n' for number in range(0, count, 10))
    return f'[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n\n[packages]\n{names}'


def files(count: int) -> dict[str, str]:
    return {"Pipfile": pipfile(count), "Pipfile.lock": lock(count)}


def command(arguments: tuple[str, ...], count: int) -> float:
    """CPU seconds of the cheapest of a few runs of a whole command, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files(count).items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return min(_once(arguments, folder) for _ in range(REPEATS))


def _once(arguments: tuple[str, ...], folder: str) -> float:
    paths = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    line = [sys.executable, "-m", "migrator", *arguments]
    process = subprocess.Popen(
        line,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def reader_alone(count: int) -> float:
    tree = MemoryTree({name: text.encode() for name, text in files(count).items()})
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        reading = READER.read(tree, (Input(path="Pipfile"),), "utf-8")
        taken.append(time.process_time() - started)
        assert len(reading.project.pins) == count
    return min(taken)


def main() -> None:
    empty = {name: command(arguments, 0) for name, arguments in COMMANDS.items()}
    print("empty lock: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in empty.items()))
    for count in COUNTS:
        over = {name: command(arguments, count) - empty[name] for name, arguments in COMMANDS.items()}
        shown = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in over.items())
        print(f"{count:6,} packages: {shown} over an empty lock; reader alone {reader_alone(count):.3f} s", flush=True)


if __name__ == "__main__":
    main()
