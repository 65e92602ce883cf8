"""What production does with a migrated project: ``python3 tasks.py prove``. Needs the package index.

The examples are migrated in a copy, installed from their new lock into an environment that holds nothing else, and
run. The judges are not ours: `poetry check` and `poetry install` read what was written, pip says what is installed,
`packaging` reads the old pins.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from migrator.tools.transport import find_transport

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "fixtures" / "examples"


@dataclass(frozen=True, kw_only=True)
class Example:
    """A bundled example: how it is migrated, and the command that tries it out."""

    name: str
    migrate: tuple[str, ...]
    command: tuple[str, ...]


PROVEN = (
    Example(
        name="imgapp",
        migrate=("from-requirements", "--script", "imgapp=imgapp:main"),
        command=("imgapp", "--self-test"),
    ),
    Example(name="service", migrate=("from-requirements", "--script", "service=service:main"), command=("service",)),
    # its Pipfile is for Python 3.11 alone, and this one may be another
    Example(name="storefront", migrate=("from-pipenv", "--python", ">=3.11"), command=("worker",)),
)


class FailedProofError(Exception):
    """What was promised is not so; the text says what."""


def main() -> int:
    """Prove every example, one after the other; 0 when all of them hold."""
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        poetry = set_up_poetry(folder)
        for example in PROVEN:
            try:
                prove(example, folder, poetry)
            except FailedProofError as error:
                failed += 1
                tell(example, f"FAILED: {error}")
    return 1 if failed else 0


def prove(example: Example, folder: Path, poetry: Path) -> None:
    """Migrate, install with ``poetry`` and run one example inside ``folder``.

    :raises FailedProofError: something does not hold
    """
    project, clean = folder / example.name, folder / f"{example.name}-installed"
    shutil.copytree(EXAMPLES / example.name, project)
    pins = read_pins(project)

    start = time.monotonic()
    migrate = ("-m", "migrator", *example.migrate, "--quiet")
    run(project, *migrate)
    took = time.monotonic() - start
    first = fingerprints(project)
    run(project, *migrate)
    expect("a second run changes no file", fingerprints(project), first)
    locked = (project / "poetry.lock").read_text(encoding="utf-8")
    lost = sorted(digest for pin in pins.values() for digest in pin.hashes if digest not in locked)
    expect("old hashes that the new lock lacks", lost, [])
    run(project, "-m", "poetry", "check", "--lock")
    tell(example, f"migrated in {took:.1f} s; every one of {count_hashes(pins)} old hashes stands in the new lock")

    start = time.monotonic()
    install(project, clean, poetry)
    listed, wanted = freeze(clean, example.name), live_versions(pins)
    along = conditional(locked, {name: version for name, version in listed.items() if name not in wanted})
    for name, marker in along.items():
        tell(example, f"{name} {listed.pop(name)} comes along on this Python, nobody pinned it: {marker}")
    expect("what pip lists and the old pins", listed, wanted)
    tell(example, f"poetry install took {time.monotonic() - start:.1f} s; pip lists what the {len(pins)} old pins say")

    said = run_program(clean / "bin" / example.command[0], *example.command[1:], folder=folder)
    if not said.startswith(f"{example.name}: ok"):
        raise FailedProofError(f"{' '.join(example.command)} said {said!r}")
    tell(example, f"$ {' '.join(example.command)}: {said.strip().removeprefix(example.name + ': ')}")
    parse_nix(example, project)


@dataclass(frozen=True, kw_only=True)
class OldPin:
    """One pin of the old files, for the Python that runs this."""

    version: str
    live: bool
    hashes: tuple[str, ...]


def read_pins(project: Path) -> dict[str, OldPin]:
    """The pins of all requirements files of a project, or of its Pipfile.lock, by name.

    Two files or sections that disagree are a failure.
    """
    pins = read_lock(project)
    for path in sorted(project.glob("requirements*.txt")):
        text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
        for line in text.splitlines():
            if not line.strip() or line.lstrip().startswith(("#", "-")):
                continue
            requirement = Requirement(re.split(r"\s--hash|\s#", line)[0])
            (clause,) = requirement.specifier
            pin = OldPin(
                version=clause.version,
                live=requirement.marker is None or requirement.marker.evaluate(),
                hashes=tuple(re.findall(r"--hash=(sha256:[0-9a-f]{64})", line)),
            )
            name = canonicalize_name(requirement.name)
            expect(f"the pin of {name} in another file", pins.setdefault(name, pin).version, pin.version)
    return pins


def read_lock(project: Path) -> dict[str, OldPin]:
    """The pins of Pipfile.lock, where there is one."""
    path = project / "Pipfile.lock"
    lock = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    pins: dict[str, OldPin] = {}
    for name, entry in (pair for section, table in lock.items() if section != "_meta" for pair in table.items()):
        pin = OldPin(
            version=entry["version"].removeprefix("=="),
            live="markers" not in entry or Marker(entry["markers"]).evaluate(),
            hashes=tuple(entry["hashes"]),
        )
        expect(
            f"the pin of {name} in another section", pins.setdefault(canonicalize_name(name), pin).version, pin.version
        )
    return pins


def live_versions(pins: dict[str, OldPin]) -> dict[str, str]:
    """What an installation from the old files had here."""
    return {name: pin.version for name, pin in sorted(pins.items()) if pin.live}


def count_hashes(pins: dict[str, OldPin]) -> int:
    """How many hashes the old files had."""
    return sum(len(pin.hashes) for pin in pins.values())


def set_up_poetry(folder: Path) -> Path:
    """A Poetry that installs from wherever pip does, for Poetry itself cannot install behind a plain mirror of PyPI.

    It is the locked one of this environment, with one plugin more, in an environment of its own.
    """
    chosen, beside = folder / "plugin.txt", folder / "poetry"
    chosen.write_text(MIRROR_PLUGIN, encoding="utf-8")
    run(folder, "-m", "venv", "--without-pip", str(beside))
    (Path(site_packages(beside)) / "beside.pth").write_text(site_packages(Path(sys.prefix)), encoding="utf-8")
    into = (*PIP, "--python", str(beside / "bin" / "python"), "install", "--quiet", "--no-deps", "--require-hashes")
    run(folder, *into, "--requirement", str(chosen))
    return beside / "bin" / "python"


def site_packages(environment: Path) -> str:
    """Where the packages of a virtual environment of this Python are."""
    return sysconfig.get_path("purelib", vars={"base": str(environment)})


def install(project: Path, clean: Path, poetry: Path) -> None:
    """``poetry install`` into an environment that has nothing, not even pip."""
    run(project, "-m", "venv", "--without-pip", str(clean))
    index = find_transport(None)
    there = {
        "VIRTUAL_ENV": str(clean),
        "POETRY_CACHE_DIR": str(clean / "poetry-cache"),
        "POETRY_PYPI_MIRROR_URL": f"{index.reveal() if index else PYPI}/",
        "POETRY_KEYRING_ENABLED": "false",
    }
    run_program(poetry, "-m", "poetry", "install", "--no-interaction", folder=project, environment=there)


PYPI = "https://pypi.org/simple"
MIRROR_PLUGIN = (
    "poetry-plugin-pypi-mirror==0.6.5 --hash=sha256:a361e170f3189d3ea8e87a27932920a7934a72f6185d983d9643133c689dbd82\n"
)
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")


def freeze(clean: Path, itself: str) -> dict[str, str]:
    """What pip says is installed, the project itself left out."""
    said = run(clean, *PIP, "--python", str(clean / "bin" / "python"), "list", "--format", "json")
    return {
        canonicalize_name(found["name"]): found["version"]
        for found in sorted(json.loads(said), key=lambda found: canonicalize_name(found["name"]))
        if canonicalize_name(found["name"]) != itself
    }


def parse_nix(example: Example, project: Path) -> None:
    """Let Nix read the written files, where there is a Nix."""
    program = shutil.which("nix-instantiate")
    written = sorted(project.glob("*.nix"))
    if program is None:
        tell(example, f"OMITTED: nobody here to parse {len(written)} Nix files (nix-instantiate is not here)")
        return
    for path in written:
        run_program(Path(program), "--parse", str(path), folder=project)
    tell(example, f"nix-instantiate parses {', '.join(path.name for path in written)}")


def conditional(lock: str, versions: dict[str, str]) -> dict[str, str]:
    """The markers of those of ``versions`` that the lock holds under a condition: not every Python installs them."""
    packages = tomllib.loads(lock)["package"]
    return {p["name"]: p["markers"] for p in packages if versions.get(p["name"]) == p["version"] and "markers" in p}


def fingerprints(project: Path) -> dict[str, str]:
    """A digest for every file of a project."""
    return {
        str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(project.rglob("*"))
        if path.is_file()
    }


def expect(what: str, seen: object, wanted: object) -> None:
    """Both are equal, or the proof has failed."""
    if seen == wanted:
        return
    if isinstance(seen, dict) and isinstance(wanted, dict):
        names = sorted(seen.keys() | wanted.keys())
        differ = [f"{n}: {wanted.get(n)} -> {seen.get(n)}" for n in names if seen.get(n) != wanted.get(n)]
        raise FailedProofError(f"{what} differ: {', '.join(differ)}")
    raise FailedProofError(f"{what}: {seen!r}, wanted {wanted!r}")


def run(folder: Path, *arguments: str) -> str:
    """Run this Python with ``arguments`` in ``folder``; what it said on standard output."""
    return run_program(Path(sys.executable), *arguments, folder=folder)


def run_program(program: Path, *arguments: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a program in ``folder``; what it said on standard output.

    :raises FailedProofError: it ended with another status than 0
    """
    around = {**os.environ, **(environment or {})}
    done = subprocess.run([program, *arguments], cwd=folder, env=around, check=False, capture_output=True, text=True)
    if done.returncode:
        raise FailedProofError(
            f"{program.name} {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}"
        )
    return done.stdout


def tell(example: Example, text: str) -> None:
    """One line of the proof."""
    print(f"{example.name}: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
