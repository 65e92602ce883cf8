"""A project folder in which the real command line migrates with the real Poetry, against an index of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

REPOSITORY = Path(__file__).parents[2]
POETRY = (sys.executable, "-P", "-m", "poetry")
DELEGATE = f'exec {" ".join(POETRY)} "$@"'
PYTHON = ("--python", ">=3.11")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one run of ``migrate`` gave."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The report of ``--json``; fails with all that was said where there is none."""
        assert self.out.startswith("{"), f"{self.status} {self.out}{self.err}"
        found: dict[str, Any] = json.loads(self.out)
        return found

    def told(self, *codes: str) -> list[tuple[str, str, str]]:
        """Code, severity and message of the findings with ``codes``; of all without any."""
        findings = self.report["findings"]
        return [(f["code"], f["severity"], f["message"]) for f in findings if not codes or f["code"] in codes]

    @property
    def stops(self) -> list[str]:
        """The messages of what stopped it."""
        return [message for _, severity, message in self.told() if severity == "stop"]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One project, with a cache and a place for temporary files of its own."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    subcommand: str = "from-requirements"

    @property
    def app(self) -> Path:
        """The project's folder."""
        return self.root / "app"

    def write(self, files: dict[str, str]) -> None:
        """Put files into the project's folder; ``../lib/setup.py`` lands beside it."""
        for path, text in files.items():
            place = self.app / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(dedent(text), encoding="utf-8", newline="")

    def command(self, *arguments: str, json_report: bool = True) -> list[str]:
        """``migrate from-…`` without Nix files."""
        shown = ["--json"] if json_report else []
        return [sys.executable, "-m", "migrator", self.subcommand, *arguments, "--no-nix", *shown]

    def full_environment(self) -> dict[str, str]:
        """The environment of every child."""
        (self.root / "tmp").mkdir(exist_ok=True)
        return {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "POETRY_CACHE_DIR": str(self.root / "cache"),
            "TMPDIR": str(self.root / "tmp"),
            **self.environment,
        }

    def migrate(self, *arguments: str, json_report: bool = True) -> Ran:
        """Run it; whatever it does, nothing of it may stay in the place for temporary files."""
        ran = subprocess.run(
            self.command(*arguments, json_report=json_report),
            cwd=self.app,
            env=self.full_environment(),
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert self.left_in_tmp() == []
        return Ran(status=ran.returncode, out=ran.stdout, err=ran.stderr)

    def poetry(self, *arguments: str, command: tuple[str, ...] = POETRY) -> tuple[int, str]:
        """Poetry's own command line, in place."""
        ran = subprocess.run(
            [*command, *arguments, "--no-interaction", "--no-ansi"],
            cwd=self.app,
            env={**self.full_environment(), "POETRY_VIRTUALENVS_CREATE": "false"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return ran.returncode, ran.stdout

    def left_in_tmp(self) -> list[str]:
        """What stands in the place for temporary files, but for the traceback of a fault, which is wanted."""
        return sorted(path.name for path in (self.root / "tmp").iterdir())

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the project's folder and what stands beside it."""
        mine = [
            p for p in self.root.rglob("*") if p.is_file() and p.relative_to(self.root).parts[0] not in {"cache", "tmp"}
        ]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in sorted(mine)}

    @property
    def lock_text(self) -> str:
        """poetry.lock as it stands."""
        return (self.app / "poetry.lock").read_bytes().decode()

    @property
    def packages(self) -> list[dict[str, Any]]:
        """The packages in poetry.lock."""
        found: list[dict[str, Any]] = tomllib.loads(self.lock_text).get("package", [])
        return found

    @property
    def pins(self) -> list[str]:
        """``name version`` of every locked package."""
        return [f"{package['name']} {package['version']}" for package in self.packages]

    @property
    def pyproject(self) -> dict[str, Any]:
        """pyproject.toml as it stands."""
        return tomllib.loads((self.app / "pyproject.toml").read_text(encoding="utf-8"))

    def poetry_program(self, script: str | None = None) -> str:
        """A program for ``--poetry``: the bundled one's own command line, or ``script`` for ``sh``."""
        program = self.root / "poetry-program"
        program.write_text(f"#!/bin/sh\n{script or DELEGATE}\n")
        program.chmod(0o755)
        return str(program)
