"""Our own default.nix and shell.nix, made by our own writers from our own pyproject.toml and poetry.lock.

``python -m tests.own_nix`` writes them anew after either has changed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

from migrator.model.artifact import Artifact
from migrator.model.native import NixAnswers
from migrator.model.plan import PlannedDependency, ProjectPlan, Record, Style
from migrator.model.project import Script
from migrator.model.reader import Input
from migrator.planning.natives import plan_nix
from migrator.readers import load_reader
from migrator.tools.disk import DiskTree
from migrator.writers import default_nix, shell_nix

ROOT = Path(__file__).parent.parent


def make() -> tuple[Artifact, ...]:
    """The two files as they should be."""
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
        package_name=None,
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
    nix, _ = plan_nix(project, project, plan, NixAnswers())
    return default_nix.write(nix), shell_nix.write(nix)


if __name__ == "__main__":
    for artifact in make():
        (ROOT / artifact.path).write_text(artifact.text, encoding="utf-8", newline="")
        print(artifact.path)
