"""An entry of a Pipfile whose address nobody can read never becomes a bare name, and nothing of a lock is lost."""

from __future__ import annotations

import json

import pytest

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Project
from migrator.model.reader import Input
from migrator.model.source import FromIndex
from migrator.readers.pipenv import READER

from .trees import DictTree

ADDRESSES = [
    '{url = "https://example.com/lib.zip"}',
    '{uri = "https://example.com/lib.zip", version = "==1.0"}',
    '{Git = "https://github.com/example/lib.git", ref = "main"}',
    '{ssh = "git@github.com:example/lib.git"}',
    '{link = "git+https://github.com/example/lib.git", version = "*"}',
    "{git = 5}",
    '{git = ""}',
    '{file = {linux = "lib.whl"}}',
    '{path = ["./lib"]}',
    '"@ https://example.com/lib.whl"',
    '"./lib"',
    '"..\\\\lib.whl"',
    '"file:./lib"',
    '"github.com/example/lib"',
    '"git@github.com:example/lib.git"',
]


def _read(files: dict[str, str], path: str) -> tuple[Project, tuple[Finding, ...]]:
    reading = READER.read(DictTree(files), (Input(path=path),), "utf-8")
    return reading.project, reading.findings


@pytest.mark.parametrize("entry", ADDRESSES)
def test_an_address_that_cannot_be_read_is_no_bare_name(entry: str) -> None:
    project, findings = _read({"Pipfile": f'[packages]\nidna = "*"\nlib = {entry}\n'}, "Pipfile")
    assert [d.name for d in project.declared if isinstance(d.source, FromIndex)] == ["idna"]
    told = [f for f in findings if f.code is Code.NOT_UNDERSTOOD and f.origin and f.origin.line == 3]
    assert any("is left out" in f.message and f.severity is Severity.REVIEW for f in told)


def test_what_a_lock_cannot_say_stops() -> None:
    lock = {"default": {"lib": {"url": "https://example.com/lib.zip"}}}
    _, findings = _read({"Pipfile.lock": json.dumps(lock, indent=4)}, "Pipfile.lock")
    stops = [f for f in findings if f.severity is Severity.STOP]
    assert [(f.code, f.origin.line if f.origin else 0) for f in stops] == [(Code.NOT_UNDERSTOOD, 3)]


@pytest.mark.parametrize(
    "entry", ['"1.0"', '{version = ">=1", comment = "see docs/a"}', '{version = "*", index = "pypi"}']
)
def test_what_names_no_address_stays(entry: str) -> None:
    project, _ = _read({"Pipfile": f"[packages]\nlib = {entry}\n"}, "Pipfile")
    assert [d.name for d in project.declared] == ["lib"]


@pytest.mark.parametrize("key", ["ref", "subdirectory"])
def test_what_belongs_to_an_address_is_told_where_there_is_none(key: str) -> None:
    _, findings = _read({"Pipfile": f'[packages]\nlib = {{version = "*", {key} = "main"}}\n'}, "Pipfile")
    assert [f.code for f in findings if f.message.startswith(f"lib: {key} = `main`")] == [Code.LIKELY_MISTAKE]
