"""Small projects as poetry2nix sees them, written to a folder and evaluated with the stand-ins."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from migrator.model.artifact import Artifact
from migrator.model.native import NixOverride, NixPlan
from migrator.writers import default_nix, flake_nix, shell_nix

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
        nixpkgs_release="25.11",
        groups=groups,
        editable_packages=editable,
        prefer_wheels=prefer_wheels,
    )


def nix_files(nix: NixPlan) -> tuple[Artifact, ...]:
    """All three Nix files of a plan."""
    return default_nix.write(nix), shell_nix.write(nix), flake_nix.write(nix)


class EvaluatedProject:
    """A project folder with its Nix files, which are asked with the stand-ins for nixpkgs and poetry2nix beside them.

    ``attributes``: what nixpkgs has beside its Pythons
    """

    def __init__(
        self, folder: Path, *, attributes: list[str], default: str = "default.nix", shell: str = "shell.nix"
    ) -> None:
        self.folder = folder
        self.attributes = attributes
        self.pythons = ["python312", "python313"]
        self.system = "x86_64-linux"
        self._default, self._shell = default, shell
        shutil.copytree(STAND_INS, folder / "stand-ins", dirs_exist_ok=True)

    def ask(self, question: str) -> Any:
        """What ``question`` means, where ``default``, ``shell`` and ``flake`` are the files, the last by its outputs.

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
              default = import ./{self._default} {{ inherit pkgs; poetry2nixSource = ./stand-ins/poetry2nix; }};
              shell = import ./{self._shell} {{ inherit pkgs; project = default; }};
              flake = (import ./flake.nix).outputs {{
                self = flake;
                nixpkgs = {{ inherit (pkgs) lib; legacyPackages = lib.genAttrs systems (_: pkgs); }};
                poetry2nix.outPath = ./stand-ins/poetry2nix;
              }};
              systems = [ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ];
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


class NixProject(EvaluatedProject):
    """A project of a test: a plan, whose Nix files are written, and a lock."""

    def __init__(self, folder: Path, nix: NixPlan, lock_text: str) -> None:
        written = sorted(
            {
                attribute
                for override in nix.overrides
                for choice in override.libraries + override.tools
                for attribute in choice.split(" or ")
            }
        )
        super().__init__(folder, attributes=["freetype", "libjpeg", "pkg-config", *written])
        for artifact in nix_files(nix):
            (folder / artifact.path).write_bytes(artifact.text.encode())
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "poetry.lock").write_bytes(lock_text.encode())
