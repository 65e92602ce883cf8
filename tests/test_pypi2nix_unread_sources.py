"""An entry of an expression whose ``src`` nobody can read never becomes a bare name of an index in silence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from migrator.model.finding import Code
from migrator.model.project import Reading
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath
from migrator.readers.pypi2nix import READER

from .command_line import Ran, migrate
from .trees import DictTree

EXPRESSION = """\
{{ pkgs ? import <nixpkgs> {{}} }}:
let
  generated = self: {{
    "lib" = python.mkDerivation {{
      name = "lib-1.0";
      {src}
      doCheck = commonDoCheck;
      buildInputs = commonBuildInputs;
      propagatedBuildInputs = [ ];
    }};
  }};
in generated
"""


def _read(src: str) -> Reading:
    files = {"requirements.nix": EXPRESSION.format(src=src)}
    return READER.read(DictTree(files), (Input(path="requirements.nix"),), "utf-8")


@pytest.mark.parametrize(
    "src", ["inherit (pkgs) src;", 'src.url = "https://example.com/lib-1.0.tar.gz";', "src = if x then ./a else ./b;"]
)
def test_what_is_not_understood_is_no_index(src: str) -> None:
    reading = _read(src)
    assert [type(pin.source) for pin in reading.project.pins] == [FromPath]
    assert Code.UNSUPPORTED_SOURCE in {finding.code for finding in reading.findings}


def test_an_entry_without_a_src_is_told() -> None:
    reading = _read("")
    assert [type(pin.source) for pin in reading.project.pins] == [FromIndex]
    (told,) = [finding for finding in reading.findings if finding.code is Code.UNSUPPORTED_SOURCE]
    assert told.origin is not None
    assert told.origin.line == 4


def test_credentials_in_nix_that_is_not_understood_stay_where_they_are() -> None:
    reading = _read('src = "${builtins.fetchTarball "https://someone:hunter2@example.com/lib.tar.gz"}/sub";')
    (pin,) = reading.project.pins
    assert isinstance(pin.source, FromPath)
    assert "hunter2" not in pin.source.path
    assert not any("hunter2" in finding.message for finding in reading.findings)


# what is written then

COMPUTED = {
    "a string": 'src = "${src}/foo";',
    "a choice": "src = if x then ./a else ./b;",
    "an address": 'src = pkgs.fetchurl { url = "https://${host}/lib.tar.gz"; sha256 = ""; };',
    "a repository": "src = pkgs.fetchFromGitHub { inherit owner repo; };",
    "from elsewhere": "inherit (pkgs.lib-sources) src;",
}


def _migrate(folder: Path, src: str, **beside: str) -> tuple[Ran, dict[str, Any]]:
    (folder / "requirements.nix").write_text(EXPRESSION.format(src=src), encoding="utf-8")
    for name, text in beside.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    ran = migrate("from-pypi2nix", "--no-lock", "--python", "3.12", "--report", "md:-", cwd=folder)
    return ran, tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("src", COMPUTED.values(), ids=COMPUTED)
def test_a_place_that_is_computed_is_told_and_written_nowhere(src: str, tmp_path: Path) -> None:
    ran, pyproject = _migrate(tmp_path, src)
    assert ran.status == 0
    assert "lib: nobody has written where it comes from, so the line is not carried over" in ran.out
    assert "lib @ ADDRESS" in ran.out
    assert pyproject["project"]["dependencies"] == []
    assert pyproject["tool"]["poetry"] == {"package-mode": False}


@pytest.mark.parametrize("src", COMPUTED.values(), ids=COMPUTED)
def test_what_it_advises_helps(src: str, tmp_path: Path) -> None:
    ran, pyproject = _migrate(tmp_path, src, requirements="lib @ https://example.com/lib-1.0.tar.gz\n")
    assert "nobody has written" not in ran.out
    assert pyproject["project"]["dependencies"] == ["lib @ https://example.com/lib-1.0.tar.gz"]


def test_a_bare_name_beside_never_takes_its_place(tmp_path: Path) -> None:
    """Whoever owns that name on an index would decide what is installed."""
    ran, pyproject = _migrate(tmp_path, COMPUTED["a string"], requirements="lib==1.0\n")
    assert "lib: nobody has written where it comes from, so the line is not carried over" in ran.out
    assert pyproject["project"]["dependencies"] == []


def test_the_project_itself_is_told_and_no_dependency(tmp_path: Path) -> None:
    ran, pyproject = _migrate(tmp_path, "src = ./.;")
    assert "lib is the project itself, which is no package that Poetry installs; it is no dependency" in ran.out
    assert pyproject["project"]["dependencies"] == []
