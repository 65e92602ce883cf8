"""Nothing of an expression is lost on the way: each fact of ``inspect`` is in a file that was written, or is told.

What the cases of pypi2nix hold is read with ``migrate inspect``, and looked for in what the migration gave: its lock,
its JSON report, its pyproject.toml. Who wrote the case asserts nothing here, so that a new case is held as well.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from migrator import cli
from migrator.cli.inputs import recognise
from migrator.pipeline import read_one
from migrator.reports.inspect import inspect_json

from .cases import Replay, find_cases, lay_out, name_of, run

CASES = [case for case in find_cases() if case.parent.name == "pypi2nix"]
WRITTEN = [case for case in CASES if (case / "status").read_text() == f"{cli.DONE}\n"]
every_case = pytest.mark.parametrize("case", WRITTEN, ids=[name_of(case) for case in WRITTEN])


class Migrated:
    """One case: what its input says, and what came of it."""

    def __init__(self, case: Path, place: Path) -> None:
        folder = lay_out(case, place)
        reader = recognise(str(folder / "requirements.nix"))
        self.input: dict[str, Any] = json.loads(
            inspect_json(read_one(reader, str(folder), "requirements.nix", "utf-8"))
        )
        ran = run(case, folder, Replay(case), "--json")
        self.report: dict[str, Any] = json.loads(ran.out)
        self.lock = tomllib.loads((folder / "poetry.lock").read_text(encoding="utf-8"))["package"]
        self.pyproject = (folder / "pyproject.toml").read_text(encoding="utf-8")

    @property
    def told(self) -> list[str]:
        """The messages of the findings of the migration."""
        return [finding["message"] for finding in self.report["findings"]]

    def tells(self, *words: str) -> bool:
        """Whether one message says all ``words``."""
        return any(all(word in message for word in words) for message in self.told)


@pytest.fixture
def migrated(case: Path, tmp_path: Path) -> Migrated:
    return Migrated(case, tmp_path)


def test_there_are_cases_to_look_at() -> None:
    assert {"pypi2nix/imgapp", "pypi2nix/folder-and-group"} <= {name_of(case) for case in WRITTEN}


@every_case
def test_every_pin_is_locked_in_its_version_or_told(migrated: Migrated) -> None:
    locked = {(package["name"], package["version"]) for package in migrated.lock}
    lost = [
        f"{pin['name']} {pin['version']}"
        for pin in migrated.input["pins"]
        if (pin["name"], pin["version"]) not in locked and not migrated.tells(f"{pin['name']} {pin['version']}")
    ]
    assert lost == []


@every_case
def test_every_hash_is_in_the_lock_or_its_absence_is_told(migrated: Migrated) -> None:
    hashes = {file["hash"] for package in migrated.lock for file in package["files"]}
    lost = [
        (pin["name"], digest)
        for pin in migrated.input["pins"]
        for digest in pin["hashes"]
        if digest not in hashes and not migrated.tells(f"{pin['name']} {pin['version']}")
    ]
    assert lost == []


@every_case
def test_every_native_input_has_somebody_who_gives_it_or_is_told(migrated: Migrated) -> None:
    attributed = {(row["was"] or row["attribute"]) for row in migrated.report["natives"]}
    lost = [
        native["attribute"]
        for native in migrated.input["natives"]
        if native["attribute"] not in attributed and not migrated.tells(native["attribute"])
    ]
    assert lost == []


@every_case
def test_every_override_is_in_the_report(migrated: Migrated) -> None:
    rows = {(row["package"], row["origin"]["line"]) for row in migrated.report.get("old_overrides", [])}
    lost = [
        override["package"]
        for override in migrated.input["overrides"]
        if (override["package"], override["origin"]["line"]) not in rows and not migrated.tells(override["package"])
    ]
    assert lost == []


@every_case
def test_every_declared_line_is_a_dependency_or_told(migrated: Migrated) -> None:
    direct = {entry["name"].lower().replace("_", "-") for entry in migrated.report["direct"]}
    lost = [
        line["raw_name"]
        for line in migrated.input["declared"]
        if not line["constraint"] and line["name"] not in direct and not migrated.tells(line["raw_name"])
    ]
    assert lost == []


def becomes(option: dict[str, Any], migrated: Migrated) -> bool:
    """Whether what an option of pypi2nix asked for is somewhere, or is told."""
    name, value, origin = option["option"], option["value"], option["origin"]
    match name:
        case "--python-version":
            why = migrated.report["python"]["why"]
            return origin["path"] in why or "--python" in why
        case "--extra-build-inputs":
            known = {native["attribute"] for native in migrated.input["natives"]}
            return all(word in known or migrated.tells(word) for word in value.split())
        case "--requirements" | "--overrides":
            file = value.rpartition("/")[2]
            read = {
                path.rpartition("/")[2] for path in tomllib.loads(migrated.pyproject)["tool"]["migrator"]["sources"]
            }
            return file in read or migrated.tells(file)
        case "--editable":
            return any(line["origin"] == origin for line in migrated.input["declared"]) or migrated.tells(value)
        case _:
            return migrated.tells(name, value)


@every_case
def test_every_option_became_something_or_is_told(migrated: Migrated) -> None:
    """Those on the command line in the header; pip's own are held by the tests of requirements files."""
    lost = [
        (option["option"], option["value"])
        for option in migrated.input["options"]
        if option["origin"]["path"].endswith(".nix") and not becomes(option, migrated)
    ]
    assert lost == []


@every_case
def test_every_file_that_was_read_is_on_record(migrated: Migrated) -> None:
    places = {
        fact["origin"]["path"]
        for kind in ("pins", "declared", "natives", "overrides", "options", "comments")
        for fact in migrated.input[kind]
    }
    recorded = set(tomllib.loads(migrated.pyproject)["tool"]["migrator"]["sources"])
    assert places - recorded == set()


@every_case
def test_what_reading_told_is_told_by_the_migration(migrated: Migrated) -> None:
    """But for what the migration knows better: a line without a name that the expression names."""
    read = {finding["message"] for finding in migrated.input["findings"] if finding["code"] != "nameless-url"}
    assert read - set(migrated.told) == set()
