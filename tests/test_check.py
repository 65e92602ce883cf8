"""``migrate check``: faithful right after a migration, and each later difference with the file to change."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from poetry.packages.locker import Locker

from migrator import cli
from migrator.compare.freshness import content_hash, is_fresh
from migrator.model.fidelity import Fidelity
from migrator.model.finding import Code, Finding, Severity
from migrator.model.form import CHECK_MARK
from migrator.model.origin import Origin
from migrator.pipeline.check import read_old
from migrator.readers import load_reader
from migrator.reports import form_names
from migrator.tools.disk import DiskTree

from .cases import Replay, files, find_cases, lay_out, name_of, run
from .command_line import Ran, migrate
from .report_outcomes import HOSTILE
from .report_readers import check_form, read_commands, read_sarif, sarif_path

ROOT = Path(__file__).parent.parent
WRITTEN = [case for case in find_cases() if (case / "status").read_text() == f"{cli.DONE}\n"]
every_case = pytest.mark.parametrize("case", WRITTEN, ids=[name_of(case) for case in WRITTEN])


def check(folder: Path, *arguments: str) -> Ran:
    return migrate("check", *arguments, cwd=folder)


def told(folder: Path) -> list[tuple[str, str, str]]:
    """Of each finding its place, its code and its message."""
    ran = check(folder, "--json")
    findings = json.loads(ran.out)["findings"]
    return [(_place(f["origin"]), f["code"], f["message"]) for f in findings]


def _place(origin: Any) -> str:
    return f"{origin['path']}:{origin['line']}" if origin["line"] else str(origin["path"])


# after a migration


def migrated(case: Path, place: Path) -> Path:
    folder = lay_out(case, place)
    assert run(case, folder, Replay(case)).status == cli.DONE
    return folder


@every_case
def test_a_project_is_faithful_right_after_its_migration(case: Path, tmp_path: Path) -> None:
    """Whatever a migration leaves different is on record; and a check writes nothing."""
    folder = migrated(case, tmp_path)
    before = files(folder)
    ran = check(folder)
    assert (ran.status, ran.err) == (cli.DONE, ""), ran.out
    assert ran.out.splitlines()[1].startswith("Faithful")
    assert files(folder) == before
    found = json.loads(check(folder, "--json").out)
    assert found["gone"] == []
    assert found["counts"]["kept"] <= found["counts"]["pins"]


@every_case
def test_a_pin_that_moves_in_the_lock_is_named(case: Path, tmp_path: Path) -> None:
    """Somebody updates the new side alone."""
    folder = migrated(case, tmp_path)
    found = _find_kept_pin(folder)
    if found is None:
        return
    name, version, place = found
    lock = (folder / "poetry.lock").read_text()
    moved = re.sub(rf'(name = "{name}"\nversion = )"{re.escape(version)}"', r'\1"99.1"', lock, flags=re.IGNORECASE)
    assert moved != lock
    (folder / "poetry.lock").write_text(moved)
    ran = check(folder)
    assert ran.status == cli.EYES
    assert re.search(rf"{name} is pinned to {re.escape(version)} here, and poetry\.lock:\d+ has 99\.1", ran.out)
    assert place in ran.out


@every_case
def test_a_pin_that_moves_in_an_old_file_is_named(case: Path, tmp_path: Path) -> None:
    """Somebody updates the old side alone."""
    folder = migrated(case, tmp_path)
    found = _find_kept_pin(folder)
    if found is None:
        return
    name, version, place = found
    path, _, line = place.partition(":")
    lines = (folder / path).read_text().splitlines(keepends=True)
    changed = next(n for n in range(int(line) - 1, len(lines)) if version in lines[n])
    lines[changed] = lines[changed].replace(version, "0.0.1", 1)
    (folder / path).write_text("".join(lines))
    ran = check(folder)
    assert ran.status == cli.EYES
    assert re.search(rf"{name} is pinned to 0\.0\.1 here, and poetry\.lock:\d+ has {re.escape(version)}", ran.out)


def _find_kept_pin(folder: Path) -> tuple[str, str, str] | None:
    """A name that old file and lock have in one version alone, and where the old file has it; judged by tomllib.

    None where the old files pin nothing at all.
    """
    data = tomllib.loads((folder / "pyproject.toml").read_text())
    record = data["tool"]["migrator"]
    reader = load_reader(record["format"])
    tree = DiskTree(str(folder))
    pins = read_old(reader, tree, reader.discover(tree), "utf-8").project.pins
    locked = tomllib.loads((folder / "poetry.lock").read_text())["package"]
    held = {(re.sub(r"[-_.]+", "-", package["name"]).lower(), package["version"]) for package in locked}
    several = Counter(name for name, _ in {(pin.name, str(pin.version)) for pin in pins} | held)
    for pin in pins:
        span = (folder / pin.origin.path).read_text().splitlines()[max(pin.origin.line - 1, 0) : pin.origin.end_line]
        if (pin.name, str(pin.version)) in held and several[pin.name] == 1 and str(pin.version) in "".join(span):
            return pin.name, str(pin.version), f"{pin.origin.path}:{pin.origin.line}"
    assert pins == (), "no pin of the case was kept"
    return None


# what differs

RECORD = """
[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
PYPROJECT = """\
[tool.poetry]
name = "shop"
version = "1.0.0"

[tool.poetry.dependencies]
python = ">=3.11,<4.0"
{dependencies}"""
IDNA = "sha256:" + "1" * 64
SIX = "sha256:" + "2" * 64


def shop(folder: Path, requirements: str | None, dependencies: str, *locked: str, record: str = "") -> Path:
    """A project: its requirements.txt, the dependencies of its pyproject.toml, and packages (``idna 3.11 HASH…``)."""
    pyproject = PYPROJECT.format(dependencies=dependencies) + RECORD + record
    packages = []
    for text in locked:
        name, version, *hashes = text.split()
        listed = ", ".join(f'{{file = "{name}.tar.gz", hash = "{digest}"}}' for digest in hashes)
        packages.append(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
            f'python-versions = ">=3.8"\ngroups = ["main"]\nfiles = [{listed}]\n'
        )
    digest = content_hash(tomllib.loads(pyproject), with_groups=True)
    packages.append(f'[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11,<4.0"\ncontent-hash = "{digest}"\n')
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "poetry.lock").write_text("# @generated by Poetry 2.5.1\n" + "\n".join(packages))
    if requirements is not None:
        (folder / "requirements.txt").write_text(requirements)
    return folder


OTHER_BYTES = (
    f"idna 3.11 has other hashes here than in poetry.lock:2: {IDNA} is not there, "
    "so other bytes would be installed under this version"
)
DIFFERENCES = [
    pytest.param(
        ("idna==3.6\n", 'idna = "^3.6"\n', "idna 3.11"),
        ("requirements.txt:1", Code.VERSION_DIFFERS, "idna is pinned to 3.6 here, and poetry.lock:2 has 3.11"),
        "Write idna==3.11 to requirements.txt; or run `migrate from-requirements` again, which brings 3.6 to "
        "poetry.lock",
        id="the lock is newer",
    ),
    pytest.param(
        ("\nidna==3.11\n    # via -r requirements.in\n", 'idna = "^3.6"\n', "idna 3.6"),
        ("requirements.txt:2", Code.VERSION_DIFFERS, "idna is pinned to 3.11 here, and poetry.lock:2 has 3.6"),
        "Run `migrate from-requirements` again, which brings 3.11 to poetry.lock; "
        "or write idna==3.6 to requirements.txt (pip-compile --upgrade-package does)",
        id="the old file is newer",
    ),
    *(
        pytest.param(
            (f"idna==3.11 ; {marker}\n", 'idna = "^3.6"\n', "idna 3.6"),
            ("requirements.txt:1", Code.VERSION_DIFFERS, "idna is pinned to 3.11 here, and poetry.lock:2 has 3.6"),
            "Run `migrate from-requirements` again, which brings 3.11 to poetry.lock; "
            "or write idna==3.6 to requirements.txt",
            id=f"a pin where {marker}",
        )
        for marker in (
            "platform_python_implementation == 'PyPy'",
            "python_full_version == '3.12.4'",
            "platform_system == 'AIX'",
        )
    ),
    pytest.param(
        ("idna==3.11\nsix==1.17.0\n", 'idna = "^3.11"\n', "idna 3.11"),
        ("requirements.txt:2", Code.NOT_IN_LOCK, "six is pinned to 1.17.0 here, and poetry.lock has no six"),
        "Run `migrate from-requirements` again, or take it out of requirements.txt",
        id="a pin that the lock does not have",
    ),
    pytest.param(
        ("idna==3.11\nsix\n", 'idna = "^3.11"\n', "idna 3.11"),
        ("requirements.txt:2", Code.NOT_IN_LOCK, "six is asked for here, and poetry.lock has no six"),
        "Run `migrate from-requirements` again, or take it out of requirements.txt",
        id="a wish that the lock does not meet",
    ),
    pytest.param(
        ("idna<3\n", 'idna = "^3.11"\n', "idna 3.11"),
        ("requirements.txt:1", Code.VERSION_DIFFERS, "idna is asked for as <3 here, and poetry.lock:2 has 3.11"),
        "Run `migrate from-requirements` again, or allow 3.11 in requirements.txt",
        id="a range that the lock leaves",
    ),
    pytest.param(
        ("idna==3.11\n", 'idna = "^3.11"\nSix = "^1.17"\n', "idna 3.11", "six 1.17.0"),
        ("pyproject.toml:8", Code.NOT_IN_OLD_FILES, "Six is asked for here, and no old file names it"),
        "Add six==1.17.0 to requirements.txt, or take it out here with `poetry remove Six`",
        id="a new dependency in pyproject.toml alone",
    ),
    pytest.param(
        (f"idna==3.11 --hash={IDNA}\n", 'idna = "^3.11"\n', f"idna 3.11 {SIX}"),
        (
            "requirements.txt:1",
            Code.HASH_MISMATCH,
            OTHER_BYTES,
        ),
        "Find out which of the two is what the index has, before anything is deployed",
        id="other bytes under one version",
    ),
    pytest.param(
        ("idna @ https://e.example/idna-3.11.zip\n", 'idna = "^3.11"\n', "idna 3.11"),
        (
            "requirements.txt:1",
            Code.SOURCE_DIFFERS,
            "idna comes from https://e.example/idna-3.11.zip here, and from the default index in poetry.lock:2",
        ),
        "Run `migrate from-requirements` again, or name the source of pyproject.toml here",
        id="an address that became a name",
    ),
    pytest.param(
        ("--index-url https://u:p@e.example/simple\nidna==3.11\n", 'idna = "^3.11"\n', "idna 3.11"),
        (
            "requirements.txt:1",
            Code.SOURCE_DIFFERS,
            "The index https://e.example/simple is named here, and no source in pyproject.toml has that address",
        ),
        "Run `poetry source add e-example https://e.example/simple`, or take it out of the old file",
        id="an index that is no source",
    ),
]


@pytest.mark.parametrize(("given", "said", "advice"), DIFFERENCES)
def test_a_difference_is_named_with_the_file_to_change(
    tmp_path: Path, given: tuple[str, ...], said: tuple[str, str, str], advice: str
) -> None:
    """The place, both versions, and what to do on either side."""
    requirements, dependencies, *locked = given
    shop(tmp_path, requirements, dependencies, *locked)
    ran = check(tmp_path)
    assert ran.status == cli.EYES
    assert "1 difference to settle" in ran.out.splitlines()[1]
    assert told(tmp_path) == [said]
    assert json.loads(check(tmp_path, "--json").out)["findings"][0]["advice"] == advice
    assert "u:p@" not in ran.out


SAME = [
    pytest.param(("idna==3.12\n", 'idna = "^3.11"\n', "idna 3.12"), id="an upgrade by hand in both places"),
    pytest.param(("idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11", "six 1.17.0"), id="what comes along in the lock"),
    pytest.param(("idna>=3.6\n", 'idna = "^3.11"\n', "idna 3.11"), id="a range that the lock meets"),
    pytest.param(("-e .\nidna==3.11\n", 'idna = "^3.11"\n', "idna 3.11"), id="the project itself"),
    pytest.param(
        ("idna==3.11\nx==1 ; python_version < '3.8'\n", 'idna = "^3.11"\n', "idna 3.11"),
        id="a pin for Pythons that the project has left",
    ),
    pytest.param(
        (f"idna==3.11 --hash={IDNA}\n", 'idna = "^3.11"\n', f"idna 3.11 {IDNA} {SIX}"), id="more files of one release"
    ),
    pytest.param(
        ("--index-url https://pypi.org/simple\nidna==3.11\n", 'idna = "^3.11"\n', "idna 3.11"), id="PyPI by its name"
    ),
]


@pytest.mark.parametrize("given", SAME)
def test_what_is_no_difference(tmp_path: Path, given: tuple[str, ...]) -> None:
    requirements, dependencies, *locked = given
    shop(tmp_path, requirements, dependencies, *locked)
    assert told(tmp_path) == []
    assert check(tmp_path).status == cli.DONE


KNOWN = [
    (
        ("idna==3.6\n", 'idna = "^3.11"\n', "idna 3.11"),
        'accepted = [{name = "idna", old = "3.6", new = "3.11"}]',
        "0 of 1 version the same, 1 difference known since the migration",
    ),
    (
        ("idna==3.11\nsix==1.17.0\n", 'idna = "^3.11"\n', "idna 3.11"),
        'accepted = [{name = "six", old = "1.17.0", new = ""}]',
        "1 of 1 version the same, 1 difference known since the migration",
    ),
    (
        ("idna==3.11\nwheel==0.45.1\n", 'idna = "^3.11"\n', "idna 3.11"),
        'known = ["wheel: not in poetry.lock"]',
        "1 of 1 version the same, 1 difference known since the migration",
    ),
    (
        ("idna==3.11\n", 'idna = "^3.11"\nsix = "*"\n', "idna 3.11", "six 1.17.0"),
        'known = ["six: only in pyproject.toml"]',
        "1 of 1 version the same, 1 difference known since the migration",
    ),
    (
        (f"idna==3.11 --hash={IDNA}\n", 'idna = "^3.11"\n', f"idna 3.11 {SIX}"),
        'known = ["idna 3.11: other hashes"]',
        "1 of 1 version the same, 0 of 1 hash set proven, 1 difference known since the migration",
    ),
]


@pytest.mark.parametrize(("given", "record", "verdict"), KNOWN)
def test_what_is_on_record_is_no_difference(tmp_path: Path, given: tuple[str, ...], record: str, verdict: str) -> None:
    """A drift that was accepted, and what the migration left different; counted, and not told again."""
    requirements, dependencies, *locked = given
    shop(tmp_path, requirements, dependencies, *locked, record=record)
    ran = check(tmp_path)
    assert (ran.status, ran.out.splitlines()[1]) == (cli.DONE, f"Faithful, {verdict}")


def test_an_accepted_drift_is_that_drift_alone(tmp_path: Path) -> None:
    """Where one of the two moves on, somebody has to look again."""
    accepted = 'accepted = [{name = "idna", old = "3.6", new = "3.11"}]'
    shop(tmp_path, "idna==3.6\n", 'idna = "^3.11"\n', "idna 3.12", record=accepted)
    assert check(tmp_path).status == cli.EYES
    (tmp_path / "requirements.txt").write_text("idna==3.12\n")
    assert check(tmp_path).status == cli.DONE


def test_two_inputs_that_disagree_are_told_for_the_one_that_the_lock_left(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\nsix==1.17.0\n")
    assert [(place, code) for place, code, _ in told(tmp_path)] == [("requirements-dev.txt:2", Code.NOT_IN_LOCK)]


def test_a_pipfile_and_a_requirements_file_have_their_own_words(tmp_path: Path) -> None:
    """What is to be run differs by format."""
    shop(tmp_path, None, 'idna = "^3.11"\n', "idna 3.11")
    text = (tmp_path / "pyproject.toml").read_text()
    text = text.replace('"requirements"', '"pipenv"').replace('["requirements.txt"]', '["Pipfile", "Pipfile.lock"]')
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "Pipfile").write_text('[packages]\nidna = "*"\n')
    lock = {"_meta": {"sources": []}, "default": {"idna": {"version": "==3.6", "hashes": []}}, "develop": {}}
    (tmp_path / "Pipfile.lock").write_text(json.dumps(lock, indent=4))
    ran = check(tmp_path)
    assert ran.status == cli.EYES
    assert "Run `pipenv upgrade idna==3.11`, which changes Pipfile.lock; or run `migrate from-pipenv` again" in ran.out


# the state of the folder


def test_a_lock_that_is_older_than_its_pyproject_is_told(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11")
    text = (tmp_path / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text.replace('"^3.11"', '">=3.11"'))
    assert told(tmp_path) == [
        ("poetry.lock", Code.LOCK_STALE, "pyproject.toml was changed after poetry.lock was made from it")
    ]
    assert check(tmp_path).status == cli.EYES
    (tmp_path / "pyproject.toml").write_text(text + "\n[tool.ruff]\nline-length = 100\n")
    assert told(tmp_path) == []


def test_old_files_that_are_gone_are_a_note(tmp_path: Path) -> None:
    """The end of a migration: the old files are deleted, and CI stays green."""
    shop(tmp_path, None, 'idna = "^3.11"\n', "idna 3.11")
    ran = check(tmp_path)
    assert ran.status == cli.DONE
    assert ran.out.splitlines()[:2] == [
        "Checked pyproject.toml and poetry.lock against nothing that is still there",
        "Nothing to compare with: the old files are gone",
    ]
    assert [code for _, code, _ in told(tmp_path)] == [Code.OLD_FILE_GONE]


def test_of_several_old_files_the_rest_is_compared(tmp_path: Path) -> None:
    """What only the new side has cannot be told then: the file that named it may be the one that is gone."""
    shop(tmp_path, "idna==3.6\n", 'idna = "^3.11"\nsix = "*"\n', "idna 3.11", "six 1.17.0")
    text = (tmp_path / "pyproject.toml").read_text()
    sources = '["requirements-dev.txt", "requirements.txt"]'
    (tmp_path / "pyproject.toml").write_text(text.replace('["requirements.txt"]', sources))
    assert [(place, code) for place, code, _ in told(tmp_path)] == [
        ("requirements.txt:1", Code.VERSION_DIFFERS),
        ("pyproject.toml", Code.OLD_FILE_GONE),
    ]


def test_the_files_that_the_user_named_are_the_ones_that_are_read(tmp_path: Path) -> None:
    named = 'accepted = []\n\n[tool.migrator.answers]\nfiles = ["main=deps.txt", "-c bounds.txt"]\n'
    shop(tmp_path, "six==1.17.0\n", 'idna = "^3.11"\n', "idna 3.11", record=named)
    text = (tmp_path / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text.replace('"requirements.txt"', '"bounds.txt", "deps.txt"'))
    (tmp_path / "deps.txt").write_text("idna==3.10\n")
    (tmp_path / "bounds.txt").write_text("idna<4\n")
    assert [place for place, _, _ in told(tmp_path)] == ["deps.txt:1"]


def test_an_interrupted_migration_is_told(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11")
    (tmp_path / ".migrate-journal").write_bytes(b"B migrate journal 1 ")
    before = files(tmp_path)
    assert check(tmp_path).status == cli.EYES
    assert [(place, code) for place, code, _ in told(tmp_path)] == [(".migrate-journal", Code.JOURNAL_PENDING)]
    assert files(tmp_path) == before


def test_a_line_that_nobody_compares_is_a_note(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.11\n%%%\n", 'idna = "^3.11"\n', "idna 3.11")
    assert check(tmp_path).status == cli.DONE
    assert [(place, code) for place, code, _ in told(tmp_path)] == [("requirements.txt:2", Code.NOT_UNDERSTOOD)]


def test_without_a_lock_nothing_keeps_the_versions(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11")
    (tmp_path / "poetry.lock").unlink()
    assert check(tmp_path).status == cli.EYES
    assert [code for _, code, _ in told(tmp_path)] == [Code.NOT_LOCKED]


UNREADABLE = [
    ("pyproject.toml", b"[tool.migrator\n", "invalid-pyproject"),
    ("poetry.lock", b"<<<<<<< HEAD\n", "invalid-toml"),
    ("requirements.txt", b"# -*- coding: utf-7 -*-\nidna==3.11\n\xff\n", "undecodable"),
]


@pytest.mark.parametrize(("name", "content", "code"), UNREADABLE)
def test_what_cannot_be_read_is_1(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    """Not faithful and not unfaithful: nobody knows."""
    shop(tmp_path, "idna==3.11\n", 'idna = "^3.11"\n', "idna 3.11")
    (tmp_path / name).write_bytes(content)
    ran = check(tmp_path)
    assert (ran.status, ran.out.splitlines()[1]) == (cli.STOPPED, "Not checked, because a file cannot be read")
    assert code in {code for _, code, _ in told(tmp_path)}
    assert not json.loads(check(tmp_path, "--json").out)["readable"]


def test_what_was_never_migrated_is_one_sentence(tmp_path: Path) -> None:
    ran = check(tmp_path)
    assert (ran.status, ran.out, ran.err) == (
        cli.STOPPED,
        "",
        "migrate: There is no pyproject.toml in this folder; name the folder of a migrated project\n",
    )
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n")
    assert check(tmp_path).err == (
        "migrate: pyproject.toml has no [tool.migrator], so there is no migration to check; "
        "migrate diff OLD NEW compares any two files\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.migrator]\nformat = "conda"\n')
    assert check(tmp_path).err == (
        "migrate: pyproject.toml was migrated from conda, which this migrate does not read; "
        "use the one that wrote it, or a newer one\n"
    )
    assert check(tmp_path, "absent").err == "migrate: absent is no folder; name the folder of a migrated project\n"


def test_another_folder_may_be_named(tmp_path: Path) -> None:
    """Places are told as seen from that folder."""
    (tmp_path / "shop").mkdir()
    shop(tmp_path / "shop", "idna==3.6\n", 'idna = "^3.6"\n', "idna 3.11")
    ran = check(tmp_path, "shop")
    assert ran.status == cli.EYES
    assert "  requirements.txt:1  " in ran.out


# reports


def test_reports_are_written_and_replaced(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.6\n", 'idna = "^3.6"\n', "idna 3.11")
    names = ("check.md", "check.json", "check.txt", "check.html", "check.sarif", "github:check")
    for _ in range(2):
        ran = check(tmp_path, *(word for name in names for word in ("--report", name)))
        assert (ran.status, ran.err) == (cli.EYES, "")
    assert (tmp_path / "check.txt").read_text() == ran.out
    text = (tmp_path / "check.md").read_text()
    assert text.startswith(
        "<!-- migrator-check -->\n\n# Migration\n\n**1 difference to settle, 0 of 1 version the same"
    )
    assert (
        "- **review** `version-differs` `requirements.txt:1`:<br>idna is pinned to 3.6 here, and poetry.lock:2" in text
    )
    assert (tmp_path / "check.json").read_text() == check(tmp_path, "--json").out
    for name in ("requirements.txt", "json:poetry.lock", "md:pyproject.toml"):
        assert check(tmp_path, "--report", name).status == cli.USAGE


FIDELITIES = [
    Fidelity(format="requirements", sources=()),
    Fidelity(
        format="", sources=(), findings=(Finding(code=Code.INVALID_PYPROJECT, severity=Severity.STOP, message=""),)
    ),
    *(
        Fidelity(
            format="requirements",
            sources=(text,),
            gone=(text,),
            findings=(
                Finding(
                    code=Code.VERSION_DIFFERS,
                    severity=Severity.REVIEW,
                    message=text,
                    advice=text,
                    origin=Origin(path=text, line=1, end_line=1, key=text),
                ),
            )
            * 40,
        )
        for text in HOSTILE
    ),
]


@pytest.mark.parametrize("found", FIDELITIES, ids=range(len(FIDELITIES)))
@pytest.mark.parametrize("name", form_names())
def test_every_form_is_what_its_reader_expects_and_nothing_in_it_acts(found: Fidelity, name: str) -> None:
    check_form(name, found, CHECK_MARK)


def test_each_difference_stands_beside_its_line(tmp_path: Path) -> None:
    shop(tmp_path, "idna==3.6\n", 'httpx = "^0.28"\nidna = "^3.6"\n', "httpx 0.28.1", "idna 3.11")
    results = read_sarif(check(tmp_path, "--report", "sarif:-").out)
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in results]
    assert [(r["ruleId"], r["level"], sarif_path(r)) for r in results] == [
        ("not-in-old-files", "warning", "pyproject.toml"),
        ("version-differs", "warning", "requirements.txt"),
    ]
    assert regions == [{"startLine": 7, "endLine": 7}, {"startLine": 1, "endLine": 1}]
    ran = check(tmp_path, "--report", "github:-")
    _, verdict, *commands = read_commands(ran.out)
    assert (ran.status, verdict.name, verdict.properties) == (cli.EYES, "warning", {"title": "Migration"})
    assert verdict.data == "2 differences to settle, 0 of 1 version the same"
    assert [each.properties for each in commands] == [
        {"file": "pyproject.toml", "line": "7", "title": "not-in-old-files"},
        {"file": "requirements.txt", "line": "1", "title": "version-differs"},
    ]


# freshness, with Poetry as the judge

PYPROJECTS = [
    "",
    "[tool.poetry]\n",
    '[tool.poetry.dependencies]\nidna = "*"\n',
    '[tool.poetry.dependencies]\nidna = {version = "*", extras = ["b", "a"], optional = true}\n',
    "[tool.poetry.extras]\nx = []\n",
    '[tool.poetry.dev-dependencies]\nidna = "*"\n[[tool.poetry.source]]\nname = "x"\nurl = "https://e.example"\n',
    '[tool.poetry.group.dev.dependencies]\nidna = "*"\n',
    '[project]\nname = "ä"\ndependencies = ["idna"]\n',
    '[project]\nrequires-python = ">=3.11"\n[project.optional-dependencies]\nx = ["six"]\n',
    '[project]\nname = "x"\n[tool.poetry]\npackage-mode = false\n',
    '[dependency-groups]\ndev = ["idna", {include-group = "x"}]\n',
    '[project]\ndependencies = []\n[dependency-groups]\ndev = []\n[tool.poetry.dependencies]\nidna = {source = "x"}\n',
]


@pytest.mark.parametrize("text", PYPROJECTS)
@pytest.mark.parametrize("made_by", ["2.5.1", "2.3.0", "2.2.9", "1.8.5", "none", ""])
def test_freshness_is_poetrys_own(text: str, made_by: str, tmp_path: Path) -> None:
    """Both hashes, and the answer to each of them, whichever Poetry made the lock."""
    data = tomllib.loads(text)
    locker = Locker(tmp_path / "poetry.lock", data)
    first = f"# This file is automatically @generated by Poetry {made_by} and should not be changed by hand."
    for groups in (True, False):
        digest = locker._get_content_hash(with_dependency_groups=groups)
        assert content_hash(data, with_groups=groups) == digest
        for told_digest in (digest, "f00d"):
            lock = f'{first}\n[metadata]\ncontent-hash = "{told_digest}"\n'
            (tmp_path / "poetry.lock").write_text(lock)
            assert is_fresh(data, tomllib.loads(lock), first) is locker.is_fresh()


@every_case
def test_freshness_of_every_case_is_poetrys_own(case: Path) -> None:
    text = (case / "out" / "pyproject.toml").read_text()
    digest = Locker(case / "poetry.lock", tomllib.loads(text))._get_content_hash()
    assert content_hash(tomllib.loads(text), with_groups=True) == digest


@pytest.mark.parametrize("lock", ["", "metadata = 1\n", "[metadata]\n", "[metadata]\ncontent-hash = 1\n"])
def test_a_lock_without_a_hash_is_neither_fresh_nor_stale(lock: str) -> None:
    assert is_fresh({}, tomllib.loads(lock), "") is None
