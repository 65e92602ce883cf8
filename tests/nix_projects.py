"""Small projects as poetry2nix sees them, written to a folder and evaluated with the stand-ins."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from migrator.model.native import NixOverride, NixPlan
from migrator.writers import default_nix, shell_nix

from .nix_evaluation import STAND_INS, evaluate

PYPROJECT = '[tool.poetry]\nname = "imgapp"\nversion = "0.1.0"\ndescription = ""\n'


def entry(name: str, *files: str, python: str = ">=3.9", extra: str = "") -> str:
    """A package of poetry.lock; ``files`` are names, or endings of ``name-1.0`` that begin with ``-`` or a dot."""
    whole = (f"{name.replace('-', '_')}-1.0{file}" if file[0] in "-." else file for file in files or (".tar.gz",))
    lines = "".join(f'    {{file = "{file}", hash = "sha256:{"0" * 64}"}},\n' for file in whole)
    return (
        f'[[package]]\nname = "{name}"\nversion = "1.0"\ndescription = "A \\"wheel.whl\\", ${{x}} and é"\n'
        f'optional = false\npython-versions = "{python}"\nfiles = [\n{lines}]\n{extra}\n'
    )


def lock(*entries: str) -> str:
    """A poetry.lock."""
    return "# made for a test\n\n" + "".join(entries) + '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\n'


def plan(
    *overrides: NixOverride,
    application: bool = True,
    pythons: tuple[str, ...] = ("python313", "python312"),
    groups: tuple[str, ...] = (),
    editable: tuple[str, ...] = (),
    prefer_wheels: bool = False,
) -> NixPlan:
    """A plan with sensible defaults."""
    return NixPlan(
        name="imgapp",
        application=application,
        python_attributes=pythons,
        overrides=overrides,
        groups=groups,
        editable_packages=editable,
        prefer_wheels=prefer_wheels,
    )


class NixProject:
    """A project folder with both Nix files, beside the stand-ins for nixpkgs and poetry2nix."""

    def __init__(self, folder: Path, nix: NixPlan, lock_text: str) -> None:
        self.folder = folder
        self.pythons = ["python312", "python313"]
        self.system = "x86_64-linux"
        written = sorted(
            {
                attribute
                for override in nix.overrides
                for choice in override.libraries + override.tools
                for attribute in choice.split(" or ")
            }
        )
        self.attributes = ["freetype", "libjpeg", "pkg-config", *written]
        for artifact in (default_nix.write(nix), shell_nix.write(nix)):
            (folder / artifact.path).write_bytes(artifact.text.encode())
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "poetry.lock").write_bytes(lock_text.encode())
        shutil.copytree(STAND_INS, folder / "stand-ins", dirs_exist_ok=True)

    def ask(self, question: str) -> Any:
        """What ``question`` means, where ``default`` and ``shell`` are the two files.

        :raises ValueError: Nix refuses it; the text is what Nix says
        """
        names = " ".join(f'"{name}"' for name in self.attributes)
        pythons = " ".join(f'"{name}"' for name in self.pythons)
        return evaluate(
            self.folder,
            f"""let
              system = "{self.system}";
              pkgs = import ./stand-ins/nixpkgs {{
                inherit system;
                attributes = [ {names} ];
                pythons = [ {pythons} ];
              }};
              default = import ./default.nix {{ inherit pkgs; poetry2nixSource = ./stand-ins/poetry2nix; }};
              shell = import ./shell.nix {{ inherit pkgs; project = default; }};
              packages = default.python.pkgs;
              pair = value: name: {{ inherit name; value = value name; }};
              lib.genAttrs = names: value: builtins.listToAttrs (map (pair value) names);
              names = map (input: if input == null then null else input.name);
              inputs = package: if package == null then null else {{
                inherit (package) src;
                buildInputs = names package.buildInputs or [ ];
                nativeBuildInputs = names package.nativeBuildInputs or [ ];
              }};
            in {question}""",
        )
