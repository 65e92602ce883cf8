"""The chores of this project, for a machine with nothing but Python 3.11 and a package index (PyPI or a mirror of it).

    python3 tasks.py demo     migrate the example imgapp and show what came out
    python3 tasks.py test     all checks and all tests
    python3 tasks.py prove    install both examples from their new locks and run them (needs the network)
    python3 tasks.py lock     lock our own dependencies anew after a change of pyproject.toml

Each first installs what it needs into ``.venv``: the very files that poetry.lock and requirements-dev.txt name, held
by their hashes. Only the standard library is used here.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
PYPROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "poetry.lock"
REQUIREMENTS = ROOT / "requirements-dev.txt"
BUILD_SYSTEM = frozenset({"setuptools"})
"""What an sdist among our dependencies is built with; hashed like everything else, so it has to be there before."""
CHECKS = (
    "ruff check",
    "ruff format --check",
    "mypy",
    "lint-imports",
    "coverage run -m pytest -n auto -q",
    "coverage combine --quiet",
    "coverage report",
)


def main() -> None:
    """Run the chore that the command line names; exit with its status."""
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever types python3 may get an older one)
        sys.exit("tasks.py: Python 3.11 or newer is needed; name it, as in `python3.12 tasks.py demo`")
    chores: dict[str, Callable[[], int]] = {"demo": demo, "test": test, "prove": prove, "lock": lock}
    parser = argparse.ArgumentParser(usage="python3 tasks.py {demo,test,prove,lock}", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("chore", choices=chores, metavar="chore", help="demo, test, prove or lock")
    sys.exit(chores[parser.parse_args().chore]())


def demo() -> int:
    """Migrate a copy of the example imgapp; show the files that were written and the report."""
    install(everything=False)
    project = ROOT / ".demo" / "imgapp"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(ROOT / "fixtures" / "examples" / "imgapp", project)
    before = {path.name for path in project.iterdir()}
    command = ["migrate", "from-requirements", "--script", "imgapp=imgapp:main", "--report", "report.md"]
    say(f"in {project.relative_to(ROOT)}: {' '.join(command)}")
    status = run(PROGRAMS / command[0], *command[1:], folder=project, environment=trusting())
    if status:
        return status
    written = sorted(path for path in project.iterdir() if path.name not in before)
    for path in written:
        say(f"wrote {path.relative_to(ROOT)} ({len(path.read_text(encoding='utf-8').splitlines())} lines)")
    for path in written:
        if path.suffix != ".lock":
            say(f"{path.name}:")
            print(path.read_text(encoding="utf-8"), flush=True)
    return 0


def test() -> int:
    """Run every check and every test; all of them, also after one has failed."""
    install(everything=True)
    with tempfile.TemporaryDirectory() as folder:
        measured = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "coverage")}
        failed = [command for command in CHECKS if step(command, measured)]
    say(f"failed: {', '.join(failed)}" if failed else "all checks and tests passed")
    return 1 if failed else 0


def prove() -> int:
    """Install both examples from their new locks into clean environments, and run them."""
    install(everything=True)
    return run(PYTHON, "-m", "tests.production", environment=trusting())


def lock() -> int:
    """Write poetry.lock, and what is made of it, anew; versions stay unless pyproject.toml asks for others."""
    install(everything=True, stale=True)
    return run(PYTHON, "-m", "tests.own_lock", environment=trusting()) or run(PYTHON, "-m", "tests.own_nix")


def install(*, everything: bool, stale: bool = False) -> None:
    """Bring ``.venv`` to what requirements-dev.txt says, or to the part of it that a user gets.

    :param stale: packages of an older requirements-dev.txt will do
    """
    mark = fingerprint(LOCK, REQUIREMENTS)
    full, part = VENV / "packages-all", VENV / "packages-main"
    there = {stamp for stamp in (full, part) if holds(stamp, mark) or (stale and stamp.exists())}
    if not there & ({full} if everything else {full, part}):
        if not there:
            say("making .venv")
            check(run(Path(sys.executable), "-m", "venv", "--clear", str(VENV)), "no virtual environment could be made")
        install_packages(everything=everything)
        (full if everything else part).write_text(mark, encoding="utf-8")
    itself = VENV / "project"
    if not holds(itself, fingerprint(PYPROJECT)):
        check(
            run(PYTHON, *PIP, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)),
            "the project itself could not be installed",
        )
        itself.write_text(fingerprint(PYPROJECT), encoding="utf-8")


def holds(stamp: Path, mark: str) -> bool:
    """Whether the file ``stamp`` says ``mark``."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == mark


def install_packages(*, everything: bool) -> None:
    """Install all of requirements-dev.txt, or what poetry.lock has in the group main."""
    entries = read_entries(REQUIREMENTS.read_text(encoding="utf-8"))
    names = set(entries) if everything else runtime_names(LOCK.read_text(encoding="utf-8"))
    say(f"installing {len(names)} packages into .venv, each checked by its hash")
    for chosen in (BUILD_SYSTEM, names - BUILD_SYSTEM):
        pip_install([entries[name] for name in sorted(chosen)])


PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")


def pip_install(entries: list[str]) -> None:
    """Install entries of a requirements file, nothing else and nothing without its hash."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "requirements.txt"
        chosen.write_text("\n".join(entries) + "\n", encoding="utf-8")
        flags = ("--quiet", "--no-deps", "--no-build-isolation", "--use-pep517", "--require-hashes")
        check(
            run(PYTHON, *PIP, "install", *flags, "--requirement", str(chosen)),
            "pip could not install what requirements-dev.txt names; it needs PyPI or a mirror of it",
        )


def read_entries(text: str) -> dict[str, str]:
    """The entries of an exported requirements file by their names: a line with a pin, and its hashes behind it."""
    return {match["name"]: match[0] for match in re.finditer(r"(?m)^(?P<name>[\w.-]+)==.*(?:\n .*)*", text)}


def runtime_names(lock_text: str) -> set[str]:
    """The packages of a poetry.lock that a user of the tool gets."""
    import tomllib  # an older Python has got its sentence by now

    return {package["name"] for package in tomllib.loads(lock_text)["package"] if "main" in package["groups"]}


def trusting() -> dict[str, str]:
    """The environment, and in it for Poetry the certificates that pip's configuration names: it does not look there."""
    if "REQUESTS_CA_BUNDLE" in os.environ:
        return dict(os.environ)
    asked = subprocess.run([PYTHON, *PIP, "config", "list"], capture_output=True, text=True, check=False)
    named = re.findall(r"(?m)^(?:global|install)\.cert='(.+)'$", asked.stdout)
    return {**os.environ, **({"REQUESTS_CA_BUNDLE": named[-1]} if named else {})}


def fingerprint(*paths: Path) -> str:
    """What an installation depends on: these files, the Python, and the place."""
    digest = hashlib.sha256(f"{sys.version} {sys.executable} {ROOT}".encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(program: Path, *arguments: str, folder: Path = ROOT, environment: dict[str, str] | None = None) -> int:
    """Run a program to its end; its exit status."""
    sys.stdout.flush()
    return subprocess.run([program, *arguments], cwd=folder, env=environment, check=False).returncode


def step(command: str, environment: dict[str, str]) -> int:
    """Run one of the checks under its heading; its exit status."""
    say(command)
    start = time.monotonic()
    program, *arguments = command.split()
    status = run(PROGRAMS / program, *arguments, environment=environment)
    say(f"{command}: {'FAILED' if status else 'ok'} ({time.monotonic() - start:.1f} s)")
    return status


def check(status: int, sentence: str) -> None:
    """Leave with ``sentence`` when a step has failed."""
    if status:
        sys.exit(f"tasks.py: {sentence}")


def say(text: str) -> None:
    """One line about what is going on."""
    print(f"--- {text}", flush=True)


if __name__ == "__main__":
    main()
