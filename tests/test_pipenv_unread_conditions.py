"""Conditions that pip cannot read: it installs nothing of such a file, so nothing here may install more than before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from migrator.model.project import Dependency, Pin
from migrator.model.reader import Input
from migrator.readers import requirements

from .pip_oracle import judge
from .pipenv_projects import lock_text, read, told
from .trees import DictTree

CONDITIONS: dict[str, dict[str, Any]] = {
    "no marker at all": {"markers": "on Tuesdays"},
    "an operator that is none": {"markers": "python_version => '3'"},
    "a variable that is none": {"markers": "frobnicate == 'x'"},
    "no quotes": {"markers": "python_version >= 3.8"},
    "no text": {"markers": ["sys_platform == 'win32'"]},
    "one of two": {"markers": "os_name == 'nt'", "os_markers": "os_name = 'nt'"},
    "a key with an operator that is none": {"sys_platform": "= 'win32'"},
    "a key without a value": {"sys_platform": ""},
}
conditions = pytest.mark.parametrize("entry", CONDITIONS.values(), ids=CONDITIONS)


def pipfile(entry: dict[str, Any]) -> str:
    # JSON's texts and lists are TOML's as well
    members = ", ".join(f"{key} = {json.dumps(value)}" for key, value in {"version": "==1.16.0", **entry}.items())
    return f'[packages]\nsix = {{{members}}}\nidna = "*"\n'


@conditions
def test_an_entry_of_a_pipfile_with_one_is_left_out_and_told(entry: dict[str, Any]) -> None:
    reading = read({"Pipfile": pipfile(entry)})
    assert [line.name for line in reading.project.declared] == ["idna"]
    code, severity, place, message, _ = told(reading)[0]
    assert (code, severity, place) == ("not-understood", "review", "Pipfile:2")
    assert message.startswith("six: ")
    assert message.endswith("is no condition of PEP 508, and pip installs nothing that has it; the entry is left out.")


@conditions
def test_an_entry_of_a_lock_with_one_stops(entry: dict[str, Any]) -> None:
    """What is left out of a lock is a pin that is lost."""
    text = lock_text(default={"six": {"version": "==1.16.0", **entry}, "idna": {"version": "==3.10"}})
    reading = read({"Pipfile.lock": text}, "Pipfile.lock")
    assert [pin.name for pin in reading.project.pins] == ["idna"]
    assert [(each[0], each[1]) for each in told(reading) if each[1] == "stop"] == [("not-understood", "stop")]


def test_one_that_is_nested_too_deeply_is_none() -> None:
    """pip itself dies of it."""
    deep = "(" * 3_000 + "os_name == 'nt'" + ")" * 3_000
    assert [line.name for line in read({"Pipfile": pipfile({"markers": deep})}).project.declared] == ["idna"]


@conditions
def test_what_stays_is_what_pip_would_still_install_of_the_same_lines(entry: dict[str, Any], tmp_path: Path) -> None:
    """The lines that ``pipenv requirements`` prints, by pip itself and by the reader of requirements files."""
    marker = " and ".join(str(value) if key.endswith("markers") else f"{key} {value}" for key, value in entry.items())
    text = f"six==1.16.0; {marker}\nidna==3.10\n"
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    reading = requirements.READER.read(DictTree({"requirements.txt": text}), (Input(path="requirements.txt"),), "utf-8")
    kept = [line.name for line in judge(tmp_path)]
    assert kept == ["idna"]
    assert [line.name for line in reading.project.declared] == kept


@pytest.mark.parametrize(
    ("entry", "marker"),
    [
        ({}, None),
        ({"markers": None}, None),
        ({"markers": ""}, None),
        ({"markers": "os_name == 'nt'"}, 'os_name == "nt"'),
        ({"markers": "os_name == 'nt'", "os_name": "== 'nt'"}, 'os_name == "nt"'),
        (
            {"sys_platform": "!= 'win32'", "markers": "os_name == 'nt' or os_name == 'java'"},
            '(os_name == "nt" or os_name == "java") and sys_platform != "win32"',
        ),
    ],
)
def test_conditions_that_pip_reads_are_joined_and_stay(entry: dict[str, Any], marker: str | None) -> None:
    (pin,) = read(
        {"Pipfile.lock": lock_text(default={"six": {"version": "==1", **entry}})}, "Pipfile.lock"
    ).project.pins
    assert show(pin) == marker
    if None not in entry.values():
        assert show(read({"Pipfile": pipfile(entry)}).project.declared[0]) == marker


def show(found: Dependency | Pin) -> str | None:
    return None if found.marker is None else str(found.marker)
