"""What default.nix and shell.nix rely on in poetry2nix, or work around: each as a question with its answer.

The tests ask the stand-in. ``python -m tests.poetry2nix_behaviour POETRY2NIX NIXPKGS`` asks the real one: a checkout at
the commit that default.nix pins, and a nixpkgs (a release, or whatever has its Python packages). It prints each
question that is answered otherwise, and then leaves with 1.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.writers import default_nix

from .nix_evaluation import evaluate
from .nix_projects import PYPROJECT, entry, lock, plan

BUILD = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'

REFUSED = {
    "-cp3{minor}-cp3{minor}-android_24_arm64_v8a.whl": "Unknown platform tag: 'android_24_arm64_v8a'",
    "-cp3{minor}-cp3{minor}-ios_13_0_arm64_iphoneos.whl": "Unknown platform tag: 'ios_13_0_arm64_iphoneos'",
    "-cp3{minor}-cp3{minor}-pyemscripten_2025_0_wasm32.whl": "Unknown platform tag: 'pyemscripten_2025_0_wasm32'",
    "-cp3{minor}-none-manylinux_2_39_riscv64.whl": "attribute 'riscv64' missing",
    "-cp3{minor}-none-manylinux_2_17_loongarch64.manylinux_2_38_loongarch64.whl": "attribute 'loongarch64' missing",
    "-cp39-abi3.abi3t-manylinux_2_28_x86_64.whl": "assertion",
    "-graalpy312-graalpy250_312_native-manylinux_2_17_x86_64.whl": "assertion",
    "-py2.7-none-any.whl": "assertion",
}
"""Endings of wheels for Python 3.minor, and with which words poetry2nix stops, even where it builds from source."""

MISTAKEN = ("-cp3{minor}-cp3{minor}t-manylinux_2_17_x86_64.whl", "-1-cp3{minor}-cp3{minor}t-manylinux_2_17_x86_64.whl")
"""Endings of wheels for a free-threaded Python, which poetry2nix takes for the ordinary one of the same version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One thing that poetry2nix does.

    ``says`` is what it is, for a reader; ``lock`` and ``pyproject`` are the project's files; ``question`` is Nix, where
    ``default`` is default.nix, ``packages`` its Python packages, ``env overrides`` an environment with those overrides
    and ``file package`` the name of the file that a package is made of. Either ``answer`` is what it means, or
    ``trouble`` a pattern in what Nix says when it refuses.
    """

    says: str
    lock: str
    question: str
    answer: Any = None
    trouble: str = ""
    pyproject: str = PYPROJECT


def behaviours(minor: int) -> list[Behaviour]:
    """All of them, for Python 3.``minor``."""
    pillow = lock(entry("pillow"))
    own, nothing = "default.poetry2nix.defaultPoetryOverrides", "(_: _: { pillow = null; })"
    mark = '(_: prev: { pillow = prev.pillow.overridePythonAttrs (old: { marks = old.marks or [ ] ++ [ "%s" ]; }); })'
    wheel = "(_: prev: { pillow = prev.pillow.override { preferWheel = true; }; })"
    native = f"-cp3{minor}-cp3{minor}-manylinux_2_17_x86_64.whl"
    both = lock(entry("pillow", native, ".tar.gz"))
    developed = '[tool.poetry.dependencies]\nnear = { path = "near", develop = true }\n'
    near = lock(entry("near", extra='[package.source]\ntype = "directory"\nurl = "near"\n'))
    undescribed = PYPROJECT.replace('description = ""\n', "")
    editable = "(default.poetry2nix.mkPoetryEnv (default.arguments // %s)).drvPath"
    return [
        Behaviour(
            says="a list of overrides runs from the left",
            lock=pillow,
            question=f"(env [ {mark % 'first'} {mark % 'second'} ]).pillow.marks",
            answer=["first", "second"],
        ),
        Behaviour(
            says="what extends the default overrides runs after them",
            lock=pillow,
            question=f"(env ({own}.extend {nothing})).pillow",
            answer=None,
        ),
        Behaviour(
            says="the default overrides fail on a package that is null",
            lock=pillow,
            question=f"(env [ {nothing} {own} ]).pillow",
            trouble="null",
        ),
        Behaviour(
            says="a locked package can be told to take its wheel",
            lock=both,
            question=f"map file [ (env [ {wheel} ]).pillow (env [ ]).pillow ]",
            answer=[f"pillow-1.0{native}", "pillow-1.0.tar.gz"],
        ),
        Behaviour(
            says="after the default overrides that has no effect",
            lock=both,
            question=f"file (env ({own}.extend {wheel})).pillow",
            answer="pillow-1.0.tar.gz",
        ),
        *(
            Behaviour(
                says=f"it stops at {ending}",
                lock=lock(entry("numpy", ending.format(minor=minor), ".tar.gz")),
                question="file unfiltered.numpy",
                trouble=trouble,
            )
            for ending, trouble in REFUSED.items()
        ),
        *(
            Behaviour(
                says=f"it takes {ending}",
                lock=lock(entry("numpy", ending.format(minor=minor), ".tar.gz")),
                question="file wheels.numpy",
                answer=f"numpy-1.0{ending.format(minor=minor)}",
            )
            for ending in MISTAKEN
        ),
        Behaviour(
            says="a file counts only where its name holds the version letter for letter",
            lock=lock(entry("regex", "regex-01.00.tar.gz").replace('version = "1.0"', 'version = "1.0.post2"')),
            question="file packages.regex",
            trouble="Missing suitable source/wheel file entry for regex",
        ),
        Behaviour(
            says="its override of bcrypt builds Rust in a way that is gone",
            lock=lock(entry("bcrypt", "bcrypt-4.2.0.tar.gz").replace('version = "1.0"', 'version = "4.2.0"')),
            question="toString packages.bcrypt.cargoDeps",
            trouble="fetchCargoTarball",
        ),
        Behaviour(
            says="mkPoetryEnv takes no argument that it does not know",
            lock=pillow,
            question="(default.poetry2nix.mkPoetryEnv (default.arguments // { meta = { }; })).name",
            trouble="unexpected argument 'meta'",
        ),
        Behaviour(
            says="mkPoetryApplication takes any",
            lock=pillow,
            question="(default.poetry2nix.mkPoetryApplication (default.arguments // { meta = { }; })) ? name",
            answer=True,
        ),
        Behaviour(
            says="each member of lib.licenses is read as a licence",
            lock=pillow,
            question="let whole = import poetry2nixSource { inherit pkgs; lib = lib // { licenses.AND = a: a; }; }; in"
            " builtins.deepSeq (whole.mkPoetryApplication default.arguments).meta.license true",
            trouble="value is a function|attribute 'spdxId' missing|a function",
            pyproject=PYPROJECT + 'license = "MIT"\n',
        ),
        Behaviour(
            says="a folder that is developed needs a description",
            lock=near,
            question=editable % "{ }",
            trouble="attribute 'description' missing",
            pyproject=undescribed + developed,
        ),
        Behaviour(
            says="unless it is given as null",
            lock=near,
            question="builtins.isString (" + editable % "{ editablePackageSources.near = null; }" + ")",
            answer=True,
            pyproject=undescribed + developed,
        ),
    ]


def ask(behaviour: Behaviour, folder: Path, poetry2nix: str, nixpkgs: str, python: str) -> Any:
    """What ``behaviour.question`` means with that poetry2nix and that nixpkgs, both as Nix expressions.

    :raises ValueError: Nix refuses it; the text is what Nix says
    """
    artifact = default_nix.write(plan(application=False, pythons=(python,)))
    (folder / artifact.path).write_bytes(artifact.text.encode())
    (folder / "pyproject.toml").write_text(behaviour.pyproject)
    (folder / "poetry.lock").write_bytes(behaviour.lock.encode())
    (folder / "near").mkdir(exist_ok=True)
    (folder / "near" / "pyproject.toml").write_text(PYPROJECT.replace("imgapp", "near") + BUILD)
    return evaluate(
        folder,
        f"""let
          pkgs = {nixpkgs};
          inherit (pkgs) lib;
          poetry2nixSource = {poetry2nix};
          default = import ./default.nix {{ inherit pkgs poetry2nixSource; }};
          packages = default.python.pkgs;
          make = more: (default.poetry2nix.mkPoetryEnv (default.arguments // more)).python.pkgs;
          env = overrides: make {{ inherit overrides; }};
          unfiltered = make {{ poetrylock = ./poetry.lock; }};
          wheels = make {{ poetrylock = ./poetry.lock; preferWheels = true; }};
          file = package: if builtins.isString package.src then package.src else package.src.name;
        in {behaviour.question}""",
    )


def disagreement(behaviour: Behaviour, folder: Path, poetry2nix: str, nixpkgs: str, python: str) -> str:
    """What is otherwise than ``behaviour`` says; empty where all is as it says."""
    try:
        found = ask(behaviour, folder, poetry2nix, nixpkgs, python)
    except ValueError as refused:
        if behaviour.trouble and re.search(behaviour.trouble, str(refused)):
            return ""
        return f"refused: {refused}"
    if behaviour.trouble:
        return f"not refused, but {found!r}"
    return "" if found == behaviour.answer else f"{found!r}, not {behaviour.answer!r}"


def main(poetry2nix: str, nixpkgs: str) -> int:
    minor, failed = 12, 0
    for behaviour in behaviours(minor):
        with tempfile.TemporaryDirectory() as folder:
            where = Path(folder)
            told = disagreement(
                behaviour,
                where,
                str(Path(poetry2nix).resolve()),
                f"import {Path(nixpkgs).resolve()} {{ }}",
                f"python3{minor}",
            )
        failed += bool(told)
        print(f"{'otherwise' if told else 'as told':9}  {behaviour.says}{': ' + told if told else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
