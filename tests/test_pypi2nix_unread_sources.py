"""An entry of an expression whose ``src`` nobody can read never becomes a bare name of an index in silence."""

from __future__ import annotations

import pytest

from migrator.model.finding import Code
from migrator.model.project import Reading
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath
from migrator.readers.pypi2nix import READER

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
