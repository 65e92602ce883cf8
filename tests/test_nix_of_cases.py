"""The Nix files of every case, evaluated by real Nix with the stand-ins: what the report's table says is what is built.

What is expected comes from ``reports/report.json`` and ``poetry.lock`` alone, so the writer of the Nix files is not
asked what it meant.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name as canonical

from .cases import file_of, find_cases, lay_out, name_of
from .nix_projects import EvaluatedProject

DEFAULTS = ("migrator.nix", "default.nix")
SHELLS = ("migrator-shell.nix", "shell.nix")
CASES = [case for case in find_cases() if any((case / "out" / name).exists() for name in DEFAULTS)]
every_case = pytest.mark.parametrize("case", CASES, ids=[name_of(case) for case in CASES])
# what the stand-in's own overrides give; tests/nix/poetry2nix/default.nix
KNOWN = {"pillow": ({"freetype", "libjpeg"}, {"pkg-config"})}
INPUTS = """(package: if package == null then null else {
  build = names package.buildInputs or [ ];
  native = names package.nativeBuildInputs or [ ];
})"""


def read(case: Path, place: Path) -> tuple[EvaluatedProject, list[dict[str, Any]]]:
    """The project as the migration left it, beside the stand-ins, and the rows of the report's table."""
    folder = lay_out(case, place)
    shutil.copytree(case / "out", folder, dirs_exist_ok=True)
    shutil.copy(case / "poetry.lock", folder)
    rows = json.loads((case / file_of("json")).read_text(encoding="utf-8"))["overrides"]
    wanted = {choice for row in rows for kind in ("libraries", "tools") for choice in row[kind]}
    wanted |= {attribute for kinds in KNOWN.values() for names in kinds for attribute in names}
    project = EvaluatedProject(
        folder,
        attributes=sorted({attribute for choice in wanted for attribute in choice.split(" or ")}),
        default=next(name for name in DEFAULTS if (case / "out" / name).exists()),
        shell=next(name for name in SHELLS if (case / "out" / name).exists()),
    )
    project.pythons = [f"python3{minor}" for minor in range(9, 15)]
    return project, rows


def locked(case: Path) -> set[str]:
    data = tomllib.loads((case / "poetry.lock").read_text(encoding="utf-8"))
    return {canonical(package["name"]) for package in data.get("package", [])}


@pytest.mark.nix
@every_case
@pytest.mark.parametrize("system", ["x86_64-linux", "aarch64-darwin"])
def test_each_package_gets_what_the_report_says(case: Path, system: str, tmp_path: Path) -> None:
    project, rows = read(case, tmp_path)
    project.system = system
    there = sorted(locked(case))
    names = " ".join(json.dumps(name) for name in there)
    python = project.ask("default.python.pythonVersion")
    got = project.ask(f"lib.genAttrs [ {names} ] (name: {INPUTS} packages.${{name}})")
    by_package = {row["package"]: row for row in rows}
    assert set(by_package) <= set(there)
    for name in there:
        row = by_package.get(name)
        build, native = (set(kind) for kind in KNOWN.get(name, ((), ())))
        if row is None:
            assert got[name] == {"build": sorted(build), "native": sorted(native)}, name
        elif row["drop"] or system not in (row["systems"] or [system]) or python not in (row["pythons"] or [python]):
            assert got[name] is None, name
        else:
            build |= {choice.split(" or ")[0] for choice in row["libraries"]}
            native |= {choice.split(" or ")[0] for choice in row["tools"]} | set(row["build_systems"])
            assert (set(got[name]["build"]), set(got[name]["native"])) == (build, native), name
        if row is not None and row["prefer_wheel"] and got[name] is not None:
            assert project.ask(f'packages."{name}".src').endswith(".whl"), name


@pytest.mark.nix
@every_case
def test_the_shell_holds_the_environment_and_poetry(case: Path, tmp_path: Path) -> None:
    project, _ = read(case, tmp_path)
    assert project.ask("names shell.nativeBuildInputs") == ["env", "poetry"]
    groups = tomllib.loads((case / "out" / "pyproject.toml").read_text(encoding="utf-8"))
    named = {*groups.get("dependency-groups", {}), *groups["tool"]["poetry"].get("group", {})}
    assert set(project.ask("(builtins.head shell.nativeBuildInputs).groups")) == {"main", *named}
