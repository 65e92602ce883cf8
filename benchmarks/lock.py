"""How long our lock takes against plain `poetry lock` of the same pyproject.toml, in one run.

    python benchmarks/lock.py [--sets 14,60,160] [--runs 3] [--latency 0.05] [--uv]

For each set of pins: cold (an empty cache) and warm. "plain" is the Poetry of this environment run on the
pyproject.toml that we wrote, without our seed; where the default index is a plain mirror, with that mirror as its
source. "ours" is the part of `migrate from-requirements` that waits for Poetry and the index; "whole" is the whole
command. With --latency the same sets are served by our own test index, which waits that long before each answer. With
--uv migrate-to-uv (with `uv lock`) runs as well, where both are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).parent
ROOT = HERE.parent
SETS = HERE / "sets"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default="14,60,160")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--latency", type=float, default=None, help="seconds that our own index waits before each answer"
    )
    parser.add_argument("--uv", action="store_true")
    options = parser.parse_args()
    print(
        f"{'set':>8} {'cache':>5} {'plain':>8} {'ours':>8} {'ratio':>6} {'whole':>8} {'over':>6}"
        "  pins kept, hashes proven"
    )
    for name in options.sets.split(","):
        with tempfile.TemporaryDirectory() as folder:
            measure(name, Path(folder), options)


def measure(name: str, place: Path, options: argparse.Namespace) -> None:
    project = place / "project"
    project.mkdir()
    for suffix in (".in", ".txt"):
        shutil.copy(SETS / (name + suffix), project / ("requirements" + suffix))
    text = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text(
        text.replace(f"{name}.in", "requirements.in").replace(f"{name}.txt", "requirements.txt")
    )
    index = None
    if options.latency is not None:
        index = serve(project, place, options.latency)
    try:
        rows = {state: [] for state in ("cold", "warm")}
        for run in range(options.runs):
            ours_cache, plain_cache = place / f"ours{run}", place / f"plain{run}"
            for state in ("cold", "warm"):
                plain = run_plain(project, place, plain_cache, index) if (project / "pyproject.toml").exists() else None
                ours = run_ours(project, ours_cache, index, place)
                if plain is None:  # the very first of ours writes the pyproject that plain Poetry locks
                    shutil.rmtree(ours_cache)
                    plain = run_plain(project, place, plain_cache, index)
                    ours = run_ours(project, ours_cache, index, place)
                rows[state].append((plain, *ours))
        for state, measured in rows.items():
            plain, ours, whole = (statistics.median(row[k] for row in measured) for k in range(3))
            print(
                f"{name:>8} {state:>5} {plain:7.2f}s {ours:7.2f}s {ours / plain:6.2f} {whole:7.2f}s"
                f" {whole - ours:5.2f}s"
                f"  {fidelity(project)}",
                flush=True,
            )
        if options.uv:
            run_uv(project, place)
    finally:
        if index is not None:
            index.process.terminate()
            index.process.wait()


def run_ours(project: Path, cache: Path, index: Index | None, place: Path) -> tuple[float, float]:
    """(seconds in which Poetry and the index were waited for, seconds of the whole command)."""
    timing = place / "timing.json"
    command = [
        sys.executable,
        str(Path(__file__).resolve()),
        "--child",
        str(timing),
        "from-requirements",
        "--no-nix",
        "--python",
        ">=3.11",
        "--quiet",
        "--allow-drift",
    ]
    if index is not None:
        command += ["--index-url", index.url]
    start = time.perf_counter()
    subprocess.run(command, cwd=project, env=environment(cache), check=True)
    whole = time.perf_counter() - start
    return json.loads(timing.read_text())["poetry"], whole


def child(timing: str, arguments: list[str]) -> None:
    """Run the command line in this process, with a clock around everything that is asked of Poetry."""
    sys.path.insert(0, str(ROOT))
    from migrator.tools.poetry.start import start_early

    start_early(arguments)  # as the installed command does, before anything else is imported
    from migrator import cli
    from migrator.tools.poetry import choose

    waited = 0.0

    def timed(method: Callable[P, R]) -> Callable[P, R]:
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            nonlocal waited
            start = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                waited += time.perf_counter() - start

        return call

    choose.Opener.open = timed(choose.Opener.open)
    for name in ("gather", "versions", "lock"):
        setattr(choose.SteadyPoetry, name, timed(getattr(choose.SteadyPoetry, name)))
    sys.argv = ["migrate", *arguments]
    try:
        cli.main()
    finally:
        Path(timing).write_text(json.dumps({"poetry": waited}))


def run_plain(project: Path, place: Path, cache: Path, index: Index | None) -> float:
    folder = place / "plain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    text = (project / "pyproject.toml").read_text()
    url = index.url if index is not None else None if has_json() else "https://pypi.org/simple/"
    if url:
        text += f'\n[[tool.poetry.source]]\nname = "mirror"\nurl = "{url}"\npriority = "primary"\n'
    (folder / "pyproject.toml").write_text(text)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", "-m", "poetry", "lock", "-q", "-n"], cwd=folder, env=environment(cache), check=True
    )
    return time.perf_counter() - start


def run_uv(project: Path, place: Path) -> None:
    if not (shutil.which("migrate-to-uv") and shutil.which("uv")):
        print("         migrate-to-uv and uv are not installed here")
        return
    for state in ("cold", "warm"):
        folder = place / f"uv-{state}"
        folder.mkdir()
        for name in ("requirements.in", "requirements.txt"):
            shutil.copy(project / name, folder / name)
        # it wants a name and a range before it locks
        (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.11"\n')
        env = {**os.environ, "UV_CACHE_DIR": str(place / "uv-cache")}
        start = time.perf_counter()
        done = subprocess.run(["migrate-to-uv"], cwd=folder, env=env, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        lock = folder / "uv.lock"
        held = (
            {(p["name"], p.get("version")) for p in tomllib.loads(lock.read_text())["package"]}
            if lock.exists()
            else set()
        )
        old = pins(project)
        print(f"{'uv':>8} {state:>5} {seconds:7.2f}s  exit {done.returncode}, {len(old & held)}/{len(old)} pins kept")


def fidelity(project: Path) -> str:
    lock = tomllib.loads((project / "poetry.lock").read_text())
    held = {(p["name"], p["version"]) for p in lock["package"]}
    new = {f["hash"] for p in lock["package"] for f in p["files"]}
    old = set(re.findall(r"sha256:[0-9a-f]{64}", (project / "requirements.txt").read_text()))
    mine = pins(project)
    return f"{len(mine & held)}/{len(mine)}, {len(old & new)}/{len(old)}"


def pins(project: Path) -> set[tuple[str, str]]:
    found = (PIN.match(line) for line in (project / "requirements.txt").read_text().splitlines())
    return {(re.sub(r"[-_.]+", "-", m[1]).lower(), m[2]) for m in found if m}


def environment(cache: Path) -> dict[str, str]:
    # an installed program has its bytecode; some machines forbid a checkout to keep it
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PYTHONPYCACHEPREFIX": str(cache.parent / "bytecode"),
        "POETRY_CACHE_DIR": str(cache),
        "POETRY_VIRTUALENVS_CREATE": "false",
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


_JSON: list[bool] = []


def has_json() -> bool:
    """Whether the default index gives the JSON that plain Poetry needs."""
    if not _JSON:
        import requests

        answer = requests.get("https://pypi.org/pypi/six/1.17.0/json", timeout=30)
        _JSON.append(answer.status_code == requests.codes.ok)
    return _JSON[0]


class Index:
    """Our own test index in a process of its own."""

    def __init__(self, specification: Path, latency: float) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.package_index",
                "--spec",
                str(specification),
                "--latency",
                str(latency),
                "--prebuild",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().rstrip("/") + "/simple"


def serve(project: Path, place: Path, latency: float) -> Index:
    """The set's own requirement graph, each package in its pinned version and two newer ones, from our index."""
    sys.path.insert(0, str(ROOT))
    from packaging.utils import canonicalize_name

    from migrator.model.evidence import Metadata
    from migrator.model.origin import Origin
    from migrator.model.progress import silent
    from migrator.model.project import Pin
    from migrator.model.version import read_version
    from migrator.tools.poetry.bundled import BundledPoetry
    from migrator.tools.poetry.door import Opening

    known = dict(pins(project))
    poetry = BundledPoetry().open(Opening(root=str(project)))
    asked = tuple(
        Pin(name=canonicalize_name(n), raw_name=n, version=read_version(v), origin=Origin(path=""))
        for n, v in known.items()
    )
    rows = []
    for fact in poetry.gather(asked, silent).facts:
        assert isinstance(fact, Metadata), fact
        requires = [str(r) for r in fact.requires if canonicalize_name(r.name) in known]
        versions = [str(fact.version), f"{fact.version.major + 1}.0", f"{fact.version.major + 1}.1"]
        rows += [
            {"name": fact.name, "version": v, "requires": requires, "requires_python": fact.requires_python}
            for v in versions
        ]
    poetry.close()
    text = re.sub(r"\s*\\?\n\s+--hash=sha256:[0-9a-f]{64}", "", (project / "requirements.txt").read_text())
    (project / "requirements.txt").write_text(text)
    specification = place / "index.json"
    specification.write_text(json.dumps(rows))
    return Index(specification, latency)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--child":
        child(sys.argv[2], sys.argv[3:])
    else:
        main()
