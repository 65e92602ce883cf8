"""How long reading an expression of pypi2nix takes: the whole ``migrate inspect FILE --json``, and the reader alone.

Prints one line a case: CPU seconds of the command over the same command on an expression without packages, its memory,
and the reader's seconds, parsing included.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))
from migrator.model.reader import Input
from migrator.readers.pypi2nix import READER

REPEATS = 3
COUNTS = (300, 3_000)
HEAD = """\
# generated using pypi2nix tool (version: 2.0.4)
# See more at: https://github.com/nix-community/pypi2nix
#
# COMMAND:
#   pypi2nix -V python37 -E libffi -E openssl.dev -r requirements.txt
#

{ pkgs ? import <nixpkgs> {},
  overrides ? ({ pkgs, python }: self: super: {})
}:

let

  inherit (pkgs) makeWrapper;
  inherit (pkgs.stdenv.lib) fix' extends inNixShell;

  pythonPackages =
  import "${toString pkgs.path}/pkgs/top-level/python-packages.nix" {
    inherit pkgs;
    inherit (pkgs) stdenv;
    python = pkgs.python37;
  };

  commonBuildInputs = with pkgs; [ libffi openssl.dev ];
  commonDoCheck = false;

  python = pythonPackages;

  generated = self: {
"""
TAIL = """\
  };
  localOverridesFile = ./requirements_override.nix;
  localOverrides = import localOverridesFile { inherit pkgs python; };
  commonOverrides = [
  ];
  paramOverrides = [
    (overrides { inherit pkgs python; })
  ];
  allOverrides =
    (if (builtins.pathExists localOverridesFile)
     then [localOverrides] else [] ) ++ commonOverrides ++ paramOverrides;

in python.withPackages (fix' (pkgs.lib.fold extends generated allOverrides))
"""
NEEDS = 12
"""So many edges make a package as large as the largest sets have them: 3,000 packages are 4 MB."""


class Files:
    """A tree of one folder, in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(posixpath.normpath(path))

    def is_folder(self, path: str) -> bool:
        return posixpath.normpath(path) == "."

    def list(self, path: str) -> tuple[str, ...]:
        return tuple(sorted(self._files)) if self.is_folder(path) else ()


class Cost(NamedTuple):
    """CPU seconds, of the user and of the system, and megabytes at the most."""

    seconds: float
    megabytes: int


def package(number: int) -> str:
    """One entry in the layout of 2.0.4."""
    name = f"package-{number:04}"
    needs = "".join(f'        self."package-{(number * 7 + at) % 3_000:04}"\n' for at in range(NEEDS))
    place = "files.pythonhosted.org/packages/a0/" + f"{number:060x}"
    return f"""\
    "{name}" = python.mkDerivation {{
      name = "{name}-1.{number}.{number % 7}";
      src = pkgs.fetchurl {{
        url = "https://{place}/{name}-1.{number}.{number % 7}.tar.gz";
        sha256 = "{number:064x}";
}};
      doCheck = commonDoCheck;
      format = "setuptools";
      buildInputs = commonBuildInputs ++ [
        self."setuptools-scm"
        self."wheel"
      ];
      propagatedBuildInputs = [
{needs}      ];
      meta = with pkgs.stdenv.lib; {{
        homepage = "https://example.org/projects/{name}/documentation/index.html";
        license = licenses.bsdOriginal;
        description = "The {number}th package of a large set, with a \\"quoted\\" word and what else may stand in a summary of two lines or so, as many of them have it";
      }};
    }};

"""  # noqa: E501 (as it is generated)


def expression(count: int) -> str:
    """A whole expression of so many packages."""
    return HEAD + "\n".join(package(number) for number in range(count)) + TAIL


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the best of a few runs."""
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def reader_alone(text: str) -> float:
    tree = Files({"requirements.nix": text.encode()})
    return seconds(lambda: READER.read(tree, (Input(path="requirements.nix"),), "utf-8"))


def command(text: str) -> Cost:
    """The cheapest of a few runs of the whole command, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "requirements.nix").write_text(text, encoding="utf-8")
        return min(_command_once(folder) for _ in range(REPEATS))


def _command_once(folder: str) -> Cost:
    line = [sys.executable, "-m", "migrator", "inspect", "requirements.nix", "--json"]
    paths = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": paths})
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def main() -> None:
    empty = command(expression(0))
    print(f"empty       : {empty.seconds:6.3f} s, {empty.megabytes} MB")
    # all of them first: a child's memory counts from what this process has grown to
    costs = {count: command(expression(count)) for count in COUNTS}
    for count, whole in costs.items():
        text = expression(count)
        print(
            f"{count:6,} packages, {len(text) / 1e6:.1f} MB: {whole.seconds - empty.seconds:6.3f} s over an empty one, "
            f"{whole.megabytes} MB; reader alone {reader_alone(text):6.3f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
