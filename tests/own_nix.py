"""Our own default.nix and shell.nix, made by our own writers from our own pyproject.toml and poetry.lock.

``python -m tests.own_nix`` writes them anew after either has changed. What the files of the lock hold is looked up
then, and kept in ``own_nix.json``.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from packaging.specifiers import SpecifierSet

from migrator.model.artifact import Artifact
from migrator.model.plan import PlannedDependency, ProjectPlan, Record, Style
from migrator.model.project import Script
from migrator.model.reader import Input
from migrator.planning.natives.plan import NixBasis, find_wanted_files, plan_nix
from migrator.readers import load_reader
from migrator.tools.disk import DiskTree
from migrator.tools.poetry.bundled import BundledPoetry
from migrator.tools.poetry.door import Opening
from migrator.tools.transport import find_transport
from migrator.writers import default_nix, shell_nix

from .replay import read_insides, show_insides

ROOT = Path(__file__).parent.parent
INSIDES = Path(__file__).with_suffix(".json")


def make() -> tuple[Artifact, ...]:
    """The two files as they should be."""
    nix, _ = plan_nix(replace(read_basis(), insides=read_insides(INSIDES)))
    return default_nix.write(nix), shell_nix.write(nix)


def look() -> None:
    """Keep what the files of the lock hold, as the index has them."""
    poetry = BundledPoetry().open(Opening(root=str(ROOT), transport=find_transport(None)))
    try:
        basis = read_basis()
        found = poetry.look_into(find_wanted_files(basis))
        found += poetry.look_into(find_wanted_files(replace(basis, insides=found)))
    finally:
        poetry.close()
    INSIDES.write_text(show_insides(found), encoding="utf-8", newline="")


def read_basis() -> NixBasis:
    """All that the two files are decided from, but for what was looked up."""
    project = load_reader("poetry").read(DiskTree(str(ROOT)), (Input(path="poetry.lock"),), "utf-8").project
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["poetry"]
    plan = ProjectPlan(
        style=Style.CLASSIC,
        name=tool["name"],
        version=tool["version"],
        description=tool["description"],
        python=SpecifierSet(tool["dependencies"]["python"]),
        python_why="",
        package_mode=True,
        scripts=tuple(Script(name=name, target=target) for name, target in tool["scripts"].items()),
        dependencies=tuple(
            PlannedDependency(
                name=d.name, raw_name=d.raw_name, constraint=str(d.specifier), marker=d.marker, group=d.group
            )
            for d in project.declared
        ),
        sources=(),
        seeds=(),
        record=Record(format="poetry", sources=()),
    )
    return NixBasis(before=project, after=project, plan=plan)


if __name__ == "__main__":
    look()
    for artifact in make():
        (ROOT / artifact.path).write_text(artifact.text, encoding="utf-8", newline="")
        print(artifact.path)
