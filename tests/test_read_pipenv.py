"""The reader of Pipfile and Pipfile.lock: first what is refused or left alone, then what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from migrator.model.finding import Code
from migrator.model.project import Dependency, IndexRole, Script
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.readers.pipenv import READER
from migrator.readers.pipenv.freshness import hash_pipfile
from migrator.readers.pipenv.toml_text import read_toml
from migrator.reports.inspect import inspect_json, schema_text
from migrator.reports.inspect_text import inspect_text

from .pipenv_projects import judge_lock, judge_pipfile, lock_text, ours, read, told
from .trees import DictTree

FIXTURES = Path(__file__).parents[1] / "fixtures"
REAL = (FIXTURES / "examples/storefront", FIXTURES / "pipenv/pipeline/in", FIXTURES / "pipenv/agent/in")
"""Pairs that Pipenv itself locked."""
real = pytest.mark.parametrize("folder", REAL, ids=["storefront", "pipeline", "agent"])
COMMIT = "621e4974ca25ce531773def586ba3ed8e736b3fc"
ALONE = (
    "There is no Pipfile.lock, so nobody knows which versions run: poetry.lock will hold the newest ones that Pipfile "
    "allows today."
)


def only(text: str, **lock: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """What is told of a Pipfile; that it is alone, or has a lock with a hash of nobody's, is left out."""
    files: dict[str, str | bytes] = {"Pipfile": text}
    if lock:
        files["Pipfile.lock"] = lock_text(**lock)
    return [each for each in told(read(files)) if each[0] not in {Code.UNPAIRED, Code.STALE_LOCK}]


def wish(line: str, category: str = "packages") -> Dependency:
    """The one wish of a Pipfile."""
    (dependency,) = read({"Pipfile": f"[{category}]\n{line}\n"}).project.declared
    return dependency


# what cannot be read

UNREADABLE: dict[str, tuple[dict[str, str | bytes], tuple[str, str, str, str, str]]] = {
    "a text that never ends": (
        {"Pipfile": '[packages]\nidna = "*\n'},
        (
            "invalid-toml",
            "stop",
            "Pipfile:2",
            "Pipfile is no TOML: illegal character '\\n' at line 2, column 10.",
            "Correct that line.",
        ),
    ),
    "a key twice": (
        {"Pipfile": '[packages]\nidna = "*"\nidna = "*"\n'},
        (
            "invalid-toml",
            "stop",
            "Pipfile:3",
            "Pipfile is no TOML: cannot overwrite a value at line 3, column 11.",
            "Correct that line.",
        ),
    ),
    "a merge conflict in the Pipfile": (
        {"Pipfile": '[packages]\n<<<<<<< HEAD\nidna = "*"\n=======\nidna = "<4"\n>>>>>>> other\n'},
        (
            "invalid-toml",
            "stop",
            "Pipfile:2",
            "Pipfile is no TOML: an unresolved merge conflict at line 2, column 1.",
            "Resolve the merge conflict first.",
        ),
    ),
    "a number that nobody can read": (
        {"Pipfile": f"a = {'9' * 5_000}\n"},
        ("invalid-toml", "stop", "Pipfile", "Pipfile is no TOML: a number of too many digits.", "Correct that line."),
    ),
    "brackets without end": (
        {"Pipfile": f"a = {'[' * 10_000}\n"},
        ("invalid-toml", "stop", "Pipfile", "Pipfile is no TOML: values nested too deeply.", "Correct that line."),
    ),
    "another encoding": (
        {"Pipfile": "# Grüße\n".encode("latin-1")},
        (
            "undecodable",
            "stop",
            "Pipfile:1",
            "Pipfile is not UTF-8: byte 0xfc at line 1, column 5.",
            "Save the file as UTF-8.",
        ),
    ),
    "half a lock": (
        {"Pipfile.lock": '{\n    "default": {\n'},
        (
            "invalid-json",
            "stop",
            "Pipfile.lock:3",
            "Pipfile.lock is no JSON: expecting property name enclosed in double quotes at line 3, column 1.",
            "Take the last good one from version control; `pipenv lock` would take the newest versions.",
        ),
    ),
    "an empty lock": (
        {"Pipfile.lock": ""},
        (
            "invalid-json",
            "stop",
            "Pipfile.lock:1",
            "Pipfile.lock is no JSON: expecting value at line 1, column 1.",
            "Take the last good one from version control; `pipenv lock` would take the newest versions.",
        ),
    ),
    "a list for a lock": (
        {"Pipfile.lock": "[]"},
        (
            "invalid-json",
            "stop",
            "Pipfile.lock:1",
            "Pipfile.lock is no JSON: there is no object at the top at line 1, column 1.",
            "Take the last good one from version control; `pipenv lock` would take the newest versions.",
        ),
    ),
    "a merge conflict in the lock": (
        {"Pipfile.lock": '{\n    "default": {\n<<<<<<< HEAD\n=======\n>>>>>>> main\n    }\n}\n'},
        (
            "invalid-json",
            "stop",
            "Pipfile.lock:3",
            "Pipfile.lock is no JSON: an unresolved merge conflict at line 3, column 1.",
            "Resolve the merge conflict first.",
        ),
    ),
    "objects without end": (
        {"Pipfile.lock": '{"default":' * 100_000},
        (
            "invalid-json",
            "stop",
            "Pipfile.lock",
            "Pipfile.lock is no JSON: values nested too deeply.",
            "Take the last good one from version control; `pipenv lock` would take the newest versions.",
        ),
    ),
    "neither file": (
        {"setup.py": ""},
        (
            "missing-include",
            "stop",
            "Pipfile",
            "Pipfile is not there, so it cannot be read.",
            "Name a Pipfile, or the folder that it stands in.",
        ),
    ),
}


@pytest.mark.parametrize(("files", "finding"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_unreadable_stops_with_its_place(
    files: dict[str, str | bytes], finding: tuple[str, str, str, str, str]
) -> None:
    found = [each for each in told(read(files)) if each[0] != Code.UNPAIRED]
    assert found == [finding]


def test_the_readable_half_of_a_pair_is_read_all_the_same() -> None:
    pins = read({"Pipfile": "[packages\n", "Pipfile.lock": lock_text(default={"idna": {"version": "==3.11"}})})
    assert [pin.name for pin in pins.project.pins] == ["idna"]
    wishes = read({"Pipfile": '[packages]\nidna = "*"\n', "Pipfile.lock": "{"})
    assert [line.name for line in wishes.project.declared] == ["idna"]


# what is odd: told, and as much of it read as there is

ODD = {
    "a bare version": (
        'idna = "3.11"',
        "likely-mistake",
        "idna: `3.11`: there is no operator before the version; pipenv takes it for ==3.11, and so it is read.",
        'Write "==3.11", or a range.',
    ),
    "a single =": (
        'idna = "=3.11"',
        "likely-mistake",
        "idna: `=3.11`: a single = compares nothing; pipenv takes it for ==3.11, and so it is read.",
        'Write "==3.11", or a range.',
    ),
    "a caret of Poetry's": (
        'idna = "^3.11"',
        "legacy-version",
        "idna: `^3.11` is no version specifier of PEP 440; it is kept as written.",
        "Write it with the operators of PEP 440, such as >=1.2,<2.",
    ),
    "a number": (
        "idna = 3.10",
        "likely-mistake",
        "idna = 3.1: a number is no version for pipenv, so nothing is asked of the version.",
        'Write it as a text, idna = "==…".',
    ),
    "extras in the key": (
        '"requests[socks,use_chardet]" = "*"',
        "likely-mistake",
        (
            "`requests[socks,use_chardet]`: the extras stand in the key, where pipenv looks for a name; they are taken "
            "as extras."
        ),
        'Write requests = {extras = ["socks", "use_chardet"], …}.',
    ),
    "a version in the key": (
        '"idna>=3" = "*"',
        "likely-mistake",
        "`idna>=3`: the version stands in the key.",
        'Write idna = "…".',
    ),
    "extras that are one text": (
        'requests = {extras = "socks", version = "*"}',
        "likely-mistake",
        "requests: extras is a text, not a list.",
        'Write extras = ["socks"].',
    ),
    "a revision by another name": (
        'lib = {git = "https://example.org/lib", rev = "1.2"}',
        "likely-mistake",
        "lib: pipenv does not know rev = `1.2` and takes what is newest.",
        'Write ref = "1.2".',
    ),
    "a condition without its operator": (
        'idna = {version = "*", sys_platform = "win32"}',
        "likely-mistake",
        'idna: sys_platform = `win32` is no condition for pipenv; it is read as sys_platform == "win32".',
        "Write sys_platform = \"== 'win32'\".",
    ),
    "a condition without its inner quotes": (
        'idna = {version = "*", python_version = "< 3.8"}',
        "likely-mistake",
        'idna: python_version = `< 3.8` is no condition for pipenv; it is read as python_version < "3.8".',
        "Write python_version = \"< '3.8'\".",
    ),
    "an operator in the key": (
        'idna = {"python_version <" = "3.8"}',
        "likely-mistake",
        "idna: the operator stands in the key `python_version <`.",
        "Write python_version = \"< '3.8'\".",
    ),
    "a version with its operator in the key": (
        'idna = {"version >=" = "3.8"}',
        "likely-mistake",
        "idna: the operator stands in the key `version >=`.",
        'Write version = ">=3.8".',
    ),
    "a key that nobody knows": (
        'idna = {version = "*", colour = "blue"}',
        "not-understood",
        "idna: colour = `blue` is no key that pipenv knows; it is not carried over.",
        "Take it out, or write the key that was meant.",
    ),
    "an address in the place of a version": (
        'lib = "git+https://example.org/lib@1"',
        "likely-mistake",
        "`git+https://example.org/lib@1` is an address in the place of a version; it is where the package comes from.",
        'Write it as a table: {git = "…", ref = "…"}, or {file = "…"}.',
    ),
    "two places": (
        'lib = {git = "https://example.org/lib", path = "./lib"}',
        "likely-mistake",
        "The entry names `git` and `path`; `git` counts.",
        "Keep the one that is meant.",
    ),
    "a hash that is none": (
        'idna = {version = "*", hashes = ["deadbeef"]}',
        "not-understood",
        "idna: `deadbeef` is no hash.",
        "Lock the project again with pipenv.",
    ),
    "a name that is none": (
        '"not a name" = "*"',
        "not-understood",
        "`not a name` is no name of a package; it is left out.",
        "Correct the name.",
    ),
    "editable as a text": (
        'lib = {path = "./lib", editable = "true"}',
        "likely-mistake",
        "`editable` is `true`, not true or false.",
        "Write editable = true.",
    ),
    "names that PEP 503 writes otherwise": (
        'Flask_Login = "*"',
        "likely-mistake",
        "pyproject.toml writes names as PEP 503 does: Flask_Login (flask-login).",
        "",
    ),
}


@pytest.mark.parametrize(("line", "code", "message", "advice"), ODD.values(), ids=ODD)
def test_an_odd_entry_is_told_and_stays(line: str, code: str, message: str, advice: str) -> None:
    found = only(f"[packages]\n{line}\n")
    assert [(each[0], each[2], each[3], each[4]) for each in found] == [(code, "Pipfile:2", message, advice)]
    assert len(read({"Pipfile": f"[packages]\n{line}\n"}).project.declared) == 1


def test_a_name_with_a_dot_and_without_quotes_is_explained() -> None:
    """TOML reads a table ``discord`` with a key ``py``, and pipenv installs whatever is called discord."""
    text = '[packages]\nidna = "*"\ndiscord.py = "~=1.4.0"\nrequests.version = "*"\n'
    assert only(text) == [
        (
            "likely-mistake",
            "review",
            "Pipfile:3",
            (
                "discord.py stands there without quotes, so TOML splits it at the dot: pipenv asks for any version of "
                "a package called discord, and never for discord.py."
            ),
            'Write "discord.py" = "~=1.4.0"; or later: poetry remove discord, poetry add "discord.py~=1.4.0".',
        )
    ]
    assert [line.name for line in read({"Pipfile": text}).project.declared] == ["idna", "discord", "requests"]


def test_one_package_under_two_names_is_told() -> None:
    assert [each[2:4] for each in only('[packages]\nzope-event = "*"\n"zope.event" = "<6"\n')] == [
        ("Pipfile:3", "pyproject.toml writes names as PEP 503 does: zope.event (zope-event)."),
        ("Pipfile:3", "zope.event is the same package as zope-event (Pipfile:2); both count."),
    ]


OTHER_TABLES = {
    "a key outside of all tables": (
        "verify = true\n",
        ("not-understood", "review", "Pipfile:1", "verify = `True` belongs to no table; it is left out."),
    ),
    "an entry that is no package": (
        "[packages]\nidna = [1]\n",
        ("not-understood", "review", "Pipfile:2", "idna = `[1]` is neither a version nor a table."),
    ),
    "one source without brackets": (
        '[source]\nurl = "https://pypi.org/simple"\n',
        ("likely-mistake", "review", "Pipfile:1", "[source] is one table."),
    ),
    "a source without an address": (
        '[[source]]\nname = "pypi"\n',
        ("not-understood", "review", "Pipfile:1", "A source without a `url` is left out."),
    ),
    "a certificate that nobody looks at": (
        '[[source]]\nname = "corp"\nurl = "https://pypi.example.org"\nverify_ssl = false\n',
        (
            "certificate-unchecked",
            "review",
            "Pipfile:4",
            "pipenv asks the source corp without checking its certificate (verify_ssl = false); Poetry checks it.",
        ),
    ),
    "a command": (
        '[scripts]\ntest = "pytest -q"\n',
        (
            "script-not-carried",
            "review",
            "Pipfile:2",
            "`pipenv run test` runs `pytest -q`; pyproject.toml has a place for entry points only.",
        ),
    ),
    "a call with arguments": (
        "[scripts]\nrun = {call = \"app:main('now')\"}\n",
        (
            "script-not-carried",
            "review",
            "Pipfile:2",
            "`pipenv run run` runs `app:main('now')`; pyproject.toml has a place for entry points only.",
        ),
    ),
    "several commands": (
        '[scripts]\nlint = ["ruff check", "mypy"]\n',
        (
            "script-not-carried",
            "review",
            "Pipfile:2",
            "`pipenv run lint` runs `ruff check && mypy`; pyproject.toml has a place for entry points only.",
        ),
    ),
    "a range for a Python": (
        '[requires]\npython_version = ">=3.9"\n',
        (
            "likely-mistake",
            "review",
            "Pipfile:2",
            "python_version = `>=3.9`: pipenv knows no ranges here and finds no such Python; it is read as one.",
        ),
    ),
    "no Python at all": (
        '[requires]\npython_version = "three"\n',
        ("not-understood", "review", "Pipfile:2", "python_version = `three` is no version of Python."),
    ),
    "two Pythons": (
        '[requires]\npython_version = "3.9"\npython_full_version = "3.11.2"\n',
        (
            "likely-mistake",
            "review",
            "Pipfile:2",
            "python_full_version and python_version name different Pythons; python_full_version counts.",
        ),
    ),
    "a system": (
        '[requires]\nsys_platform = "linux"\n',
        (
            "option-not-carried",
            "review",
            "Pipfile:2",
            "requires.sys_platform = `linux`: pyproject.toml has a condition for Python only.",
        ),
    ),
    "a category called like the group of production": (
        '[main]\nidna = "*"\n',
        (
            "group-inferred",
            "note",
            "Pipfile:1",
            "The category `main` becomes the group `main-category`: its own name cannot be one.",
        ),
    ),
}


@pytest.mark.parametrize(("text", "finding"), OTHER_TABLES.values(), ids=OTHER_TABLES)
def test_what_is_odd_in_other_tables_is_told(text: str, finding: tuple[str, str, str, str]) -> None:
    assert [each[:4] for each in only(text)] == [finding]


def test_secrets_are_shown_nowhere() -> None:
    secret = "word-7f3a"
    text = (
        f'[[source]]\nname = "corp"\nurl = "https://jo:{secret}@pypi.example.org/simple"\nverify_ssl = false\n'
        f"[packages] # https://jo:{secret}@example.org\n"
        f'lib = {{git = "https://jo:{secret}@example.org/lib", rev = "x", branch = "https://a:{secret}@b.org"}}\n'
        f'whl = {{file = "https://jo:{secret}@example.org/whl-1.0.zip", version = "https://jo:{secret}@example.org"}}\n'
        f'"https://jo:{secret}@example.org" = "https://jo:{secret}@example.org"\n'
        f'[scripts]\nget = "curl https://jo:{secret}@example.org"\n'
        f'[pipenv]\nextra = "https://jo:{secret}@example.org"\n'
    )
    meta = {"sources": [{"name": "corp", "url": f"https://jo:{secret}@example.org"}], "other": f"https://a:{secret}@b"}
    lock = json.dumps({"_meta": meta, "default": {"lib": {"git": f"https://jo:{secret}@example.org/lib", "ref": "x"}}})
    reading = read({"Pipfile": text, "Pipfile.lock": lock})
    assert len(reading.findings) > 10
    assert secret not in inspect_json(reading) + inspect_text(reading)
    assert secret not in repr(reading)


# what the lock says that is odd

ODD_LOCKS: dict[str, tuple[dict[str, Any], tuple[str, str, str, str]]] = {
    "no version": (
        {"default": {"idna": {"version": "*"}}},
        (
            "wish-not-pinned",
            "review",
            "Pipfile.lock:11",
            "idna is locked to no version, so nobody knows which version runs; Poetry locks the newest.",
        ),
    ),
    "a range": (
        {"default": {"idna": {"version": ">=3"}}},
        (
            "wish-not-pinned",
            "review",
            "Pipfile.lock:11",
            "idna is locked to `>=3`, so nobody knows which version runs; Poetry locks the newest.",
        ),
    ),
    "no version under a condition": (
        {"default": {"idna": {"markers": "sys_platform == 'win32'", "version": "*"}}},
        (
            "wish-not-pinned",
            "note",
            "Pipfile.lock:11",
            "idna is locked to no version: its marker did not hold on the machine that locked.",
        ),
    ),
    "a section that is none": (
        {"default": [1]},
        ("not-understood", "review", "Pipfile.lock:10", "default = `[1]` is no section of packages; it is left out."),
    ),
    "an entry that is none": (
        {"default": {"idna": None}},
        ("not-understood", "stop", "Pipfile.lock:11", "idna = `None` is neither a version nor a table."),
    ),
    "a name that is none": (
        {"default": {"not a name": {"version": "==1.0"}}},
        (
            "not-understood",
            "review",
            "Pipfile.lock:11",
            "`not a name` is no name of a package; it is left out.",
        ),
    ),
}


@pytest.mark.parametrize(("sections", "finding"), ODD_LOCKS.values(), ids=ODD_LOCKS)
def test_what_is_odd_in_a_lock_is_told(sections: dict[str, Any], finding: tuple[str, str, str, str]) -> None:
    reading = read({"Pipfile.lock": lock_text(**sections)}, "Pipfile.lock")
    assert [each[:4] for each in told(reading) if each[0] != Code.UNPAIRED] == [finding]


def test_a_key_that_stands_twice_in_json_is_told() -> None:
    text = '{\n"default": {\n"idna": {"version": "==3.10"},\n"idna": {"version": "==3.11", "version": "==3.9"}\n}\n}\n'
    reading = read({"Pipfile.lock": text}, "Pipfile.lock")
    assert [each[2:4] for each in told(reading) if each[0] == Code.NOT_UNDERSTOOD] == [
        ("Pipfile.lock:4", "default.idna stands in the lock twice; the last one counts, as for every reader of JSON."),
        (
            "Pipfile.lock:4",
            "default.idna.version stands in the lock twice; the last one counts, as for every reader of JSON.",
        ),
    ]
    assert [str(pin.version) for pin in reading.project.pins] == ["3.9"]


# both of them together


def test_a_lock_that_is_older_than_the_pipfile_is_told() -> None:
    reading = read({"Pipfile": '[packages]\nidna = "*"\n', "Pipfile.lock": lock_text(default={"idna": "==3.11"})})
    assert told(reading) == [
        (
            "stale-lock",
            "review",
            "Pipfile.lock:3",
            (
                "Pipfile was changed after Pipfile.lock was made (the hash in the lock is that of another text); the "
                "versions in the lock are the ones that are kept."
            ),
            "If production runs what the lock says, all is well; else run `pipenv lock` first.",
        )
    ]


def test_the_lock_of_another_project_stops() -> None:
    text = '[packages]\ndjango = "*"\n[dev-packages]\npytest = "*"\n'
    assert told(read({"Pipfile": text, "Pipfile.lock": lock_text(default={"idna": "==3.11"})})) == [
        (
            "stale-lock",
            "stop",
            "Pipfile.lock:3",
            "Pipfile.lock holds none of the 2 packages that Pipfile asks for: it is the lock of another project.",
            "Put the right lock there, or move it away to migrate Pipfile alone.",
        )
    ]


def test_a_lock_without_a_hash_cannot_be_old() -> None:
    reading = read({"Pipfile": '[packages]\nidna = "*"\n', "Pipfile.lock": '{"default": {"idna": "==3.11"}}'})
    assert told(reading) == [
        (
            "stale-lock",
            "note",
            "Pipfile.lock (_meta.hash)",
            "Pipfile.lock does not say of which Pipfile it was made, so nobody can tell how old it is.",
            "",
        )
    ]


def test_wishes_that_the_lock_lacks_are_told() -> None:
    found = only('[packages]\nidna = "*"\nsix = "*"\nsetuptools = "*"\n', default={"idna": "==3.11"})
    assert found == [
        (
            "wish-not-pinned",
            "review",
            "Pipfile:3",
            "six is not in Pipfile.lock, so nobody knows which version runs; Poetry takes the newest that is allowed.",
            "Compare with what production runs.",
        ),
        (
            "wish-not-pinned",
            "note",
            "Pipfile:4",
            "setuptools is not in Pipfile.lock: pipenv locked it never before 2022; Poetry does.",
            "",
        ),
    ]


def test_either_file_alone_says_what_is_missing() -> None:
    assert told(read({"Pipfile": '[packages]\nidna = "*"\n'})) == [
        (
            "unpaired",
            "review",
            "Pipfile",
            ALONE,
            "Put the lock beside it and migrate again, if there is one; else compare with what production runs.",
        )
    ]
    assert told(read({"Pipfile.lock": lock_text(default={"idna": "==3.11"})}, "Pipfile.lock")) == [
        (
            "unpaired",
            "review",
            "Pipfile.lock",
            (
                "There is no Pipfile, so nobody knows which packages the project asks for itself, in which versions, "
                "and what its scripts are; all versions are kept."
            ),
            "Put Pipfile beside it and migrate again, if there is one.",
        )
    ]


PINNED = """[packages]
idna = "==3.11"
"zope.interface" = {version = "===8.1", extras = ["docs"], markers = "sys_platform == 'linux'"}
lib = {git = "https://example.org/lib.git", ref = "621e4974ca25ce531773def586ba3ed8e736b3fc"}
six = "==1.*"
attrs = ">=25,<26"
click = "==${CLICK}"

[docs]
idna = "==3.10"
"""


def test_a_pipfile_alone_pins_what_it_names_one_version_of() -> None:
    reading = read({"Pipfile": PINNED})
    pins = [
        (pin.name, str(pin.version), sorted(pin.groups), sorted(pin.extras), str(pin.marker), str(pin.origin))
        for pin in reading.project.pins
    ]
    assert pins == [
        ("idna", "3.11", ["main"], [], "None", "Pipfile:2"),
        ("zope-interface", "8.1", ["main"], ["docs"], 'sys_platform == "linux"', "Pipfile:3"),
        ("lib", "None", ["main"], [], "None", "Pipfile:4"),
        ("idna", "3.10", ["docs"], [], "None", "Pipfile:10"),
    ]
    assert all(pin.top_level for pin in reading.project.pins)
    assert "nobody knows which versions run beside those that it pins: " in told(reading)[-1][3]


def test_beside_a_lock_a_pipfile_pins_nothing() -> None:
    for lock in (lock_text(default={"idna": {"version": "==3.9"}}), "{"):
        pins = read({"Pipfile": PINNED, "Pipfile.lock": lock}).project.pins
        assert [str(pin.version) for pin in pins] == (["3.9"] if lock != "{" else [])


# what is read

WISHES: dict[str, tuple[str, dict[str, object]]] = {
    "any version": ('idna = "*"', {}),
    "any version, as a table": ("idna = {}", {}),
    "a range": ('idna = ">=3, <4"', {"specifier": SpecifierSet(">=3,<4")}),
    "in brackets": ('idna = "(>=3)"', {"specifier": SpecifierSet(">=3")}),
    "a star": ('idna = "==3.*"', {"specifier": SpecifierSet("==3.*")}),
    "extras": ('idna = {extras = ["a", "b"]}', {"extras": frozenset({"a", "b"})}),
    "a marker": (
        'idna = {version = "*", markers = "sys_platform == \'win32\'"}',
        {"marker": Marker("sys_platform == 'win32'")},
    ),
    "keys that are markers": (
        "idna = {version = \"*\", sys_platform = \"== 'linux'\", markers = \"os_name == 'nt' or os_name == 'posix'\"}",
        {"marker": Marker("(os_name == 'nt' or os_name == 'posix') and sys_platform == 'linux'")},
    ),
    "an index": ('idna = {version = "*", index = "corp"}', {"source": FromIndex(index="corp")}),
    "a repository": (
        f'idna = {{git = "https://example.org/idna.git", ref = "{COMMIT}", subdirectory = "src", editable = true}}',
        {
            "source": FromVcs(
                kind=VcsKind.GIT,
                url=Url.parse("https://example.org/idna.git"),
                rev=COMMIT,
                resolved=COMMIT,
                subdirectory="src",
            ),
            "editable": True,
        },
    ),
    "a repository in pip's words": (
        'idna = {git = "git+ssh://git@example.org/idna.git@v3#egg=idna&subdirectory=src"}',
        {
            "source": FromVcs(
                kind=VcsKind.GIT, url=Url.parse("ssh://git@example.org/idna.git"), rev="v3", subdirectory="src"
            )
        },
    ),
    "a repository in git's short form": (
        'idna = {git = "git@example.org:jo/idna.git", ref = "main"}',
        {"source": FromVcs(kind=VcsKind.GIT, url=Url.parse("git@example.org:jo/idna.git"), rev="main")},
    ),
    "another system": (
        'idna = {hg = "https://example.org/idna"}',
        {"source": FromVcs(kind=VcsKind.HG, url=Url.parse("https://example.org/idna"))},
    ),
    "a folder": ('idna = {path = "./idna", editable = true}', {"source": FromPath(path="./idna"), "editable": True}),
    "a folder of Windows": ('idna = {path = ".\\\\idna"}', {"source": FromPath(path="./idna")}),
    "a file": ('idna = {file = "./idna-3.11.zip"}', {"source": FromPath(path="./idna-3.11.zip")}),
    "a file by its address": (
        f'idna = {{file = "https://example.org/idna-3.11.zip#sha256={"0" * 64}"}}',
        {"source": FromUrl(url=Url.parse("https://example.org/idna-3.11.zip")), "hashes": (f"sha256:{'0' * 64}",)},
    ),
    "an address under path": (
        'idna = {path = "https://example.org/idna-3.11.zip"}',
        {"source": FromUrl(url=Url.parse("https://example.org/idna-3.11.zip"))},
    ),
    "a comment": ('idna = "*"  # of the domain names', {"comment": "of the domain names"}),
}


@pytest.mark.parametrize(("line", "fields"), WISHES.values(), ids=WISHES)
def test_an_entry_is_read_whole(line: str, fields: dict[str, Any]) -> None:
    dependency = wish(line)
    expected = Dependency(name=dependency.name, raw_name="idna", origin=dependency.origin, by_hand=True, **fields)
    assert (dependency, dependency.name) == (expected, "idna")
    assert only(f"[packages]\n{line}\n") == []


@pytest.mark.parametrize(
    ("category", "group"),
    [
        ("packages", "main"),
        ("dev-packages", "dev"),
        ("docs", "docs"),
        ('"my docs"', "my-docs"),
        ("dev", "dev-category"),
    ],
)
def test_a_category_is_a_group(category: str, group: str) -> None:
    assert wish('idna = "*"', category).group == group


def test_everything_else_in_a_pipfile() -> None:
    text = (
        "# ours\n"
        '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n'
        '[[source]] # theirs\nurl = "https://pypi.example.org/simple"\n'
        '[packages]\nuwsgi = {version = "*", no_binary = true, pip_args = ["-v"]}\n'
        '[requires]\npython_full_version = "3.11.4"\n'
        '[scripts]\nrun = "app.cli:main"\nserve = {call = "app.web:serve()"}\n'
        "[pipenv]\nallow_prereleases = true\n"
    )
    project = read({"Pipfile": text}).project
    assert [(i.name, str(i.url), i.role, str(i.origin), i.comment) for i in project.indexes] == [
        ("pypi", "https://pypi.org/simple", IndexRole.SOURCE, "Pipfile:2", None),
        (None, "https://pypi.example.org/simple", IndexRole.SOURCE, "Pipfile:6", "theirs"),
    ]
    assert [(o.option, o.value, str(o.origin)) for o in project.options] == [
        ("no_binary", "uwsgi", "Pipfile:9"),
        ("pip_args", "uwsgi: -v", "Pipfile:9"),
        ("allow_prereleases", "true", "Pipfile:16"),
    ]
    assert project.python == SpecifierSet("==3.11.4")
    assert [(h.range, h.stated, str(h.origin)) for h in project.python_hints] == [
        (SpecifierSet("==3.11.*"), True, "Pipfile:11")
    ]
    assert project.scripts == (
        Script(name="run", target="app.cli:main"),
        Script(name="serve", target="app.web:serve"),
    )
    assert [(c.text, str(c.origin)) for c in project.comments] == [("ours", "Pipfile:1")]


@pytest.mark.parametrize("text", ["$USER_1:$TOKEN@", "${USER_1}:${TOKEN}@"])
def test_both_forms_of_a_variable_mean_the_same_in_credentials(text: str) -> None:
    (index,) = read(
        {"Pipfile": f'[[source]]\nname = "corp"\nurl = "https://{text}example.org/$x/simple"\n'}
    ).project.indexes
    assert index.url.reveal() == "https://${USER_1}:${TOKEN}@example.org/$x/simple"


PYTHONS = {"3.11": "==3.11.*", "3": "==3.*", "3.11.4": "==3.11.4", "3.11.x": "==3.11.*", "3.9.*": "==3.9.*"}


@pytest.mark.parametrize(("version", "python"), PYTHONS.items())
def test_a_python_is_each_of_its_patch_releases(version: str, python: str) -> None:
    project = read({"Pipfile": f'[requires]\npython_version = "{version}"\n'}).project
    assert project.python == SpecifierSet(python)


OLD_LOCK = {
    "plain": "==1.0",
    "one-hash": {"hash": f"sha256:{'1' * 64}", "markers": None, "version": "==1.0"},
    "nothing": {"version": "==1.0", "hashes": None, "extras": None},
}


@pytest.mark.parametrize("name", OLD_LOCK)
def test_locks_of_the_first_years_are_read(name: str) -> None:
    (pin,) = read({"Pipfile.lock": lock_text(default={name: OLD_LOCK[name]})}, "Pipfile.lock").project.pins
    assert (pin.name, pin.version, pin.marker) == (name, Version("1.0"), None)
    assert pin.hashes == ((f"sha256:{'1' * 64}",) if name == "one-hash" else ())


def test_the_machine_that_locked_is_a_hint() -> None:
    lock = json.dumps({"_meta": {"host-environment-markers": {"python_version": "3.6"}}, "default": {"idna": "==3.4"}})
    project = read({"Pipfile.lock": lock}, "Pipfile.lock").project
    assert [(hint.range, hint.stated) for hint in project.python_hints] == [(SpecifierSet(">=3.6"), False)]
    assert project.python is None


def test_marks_and_line_ends_of_windows_make_no_difference() -> None:
    text = '[packages]\nidna = "*"\n'
    lock = lock_text(default={"idna": {"version": "==3.11"}})
    plain = read({"Pipfile": text, "Pipfile.lock": lock})
    windows = {
        name: b"\xef\xbb\xbf" + each.replace("\n", "\r\n").encode()
        for name, each in {"Pipfile": text, "Pipfile.lock": lock}.items()
    }
    assert read(windows) == plain
    assert told(read(windows)) == told(plain)


def test_either_file_names_the_pair() -> None:
    files: dict[str, str | bytes] = {
        "app/Pipfile": '[packages]\nidna = "*"\n',
        "app/Pipfile.lock": lock_text(default={"idna": "==3.11"}),
    }
    assert read(files, "app/Pipfile") == read(files, "app/Pipfile.lock")
    assert read(files, "app/Pipfile").project.sources == ("app/Pipfile", "app/Pipfile.lock")


def test_what_is_recognised() -> None:
    heads = {
        "Pipfile": b"",
        "Pipfile.lock": b"",
        "web.lock": b'{"_meta": {"pipfile-spec": 6',
        "web": b"[[source]]\n\n[packages]",
    }
    assert all(READER.recognises(name, head) for name, head in heads.items())
    assert not any(READER.recognises(name, b"") for name in ("pyproject.toml", "poetry.lock", "requirements.txt"))
    assert [i.path for i in READER.discover(DictTree({"Pipfile": "", "Pipfile.lock": ""}))] == ["Pipfile"]
    assert [i.path for i in READER.discover(DictTree({"Pipfile.lock": ""}))] == ["Pipfile.lock"]
    assert READER.discover(DictTree({"setup.py": ""})) == ()


@pytest.mark.parametrize(
    ("path", "files"),
    {
        "pyproject.toml": {"lib/pyproject.toml": '[project]\nname = "More.Lib"\n'},
        "Poetry's table": {"lib/pyproject.toml": '[tool.poetry]\nname = "More.Lib"\n'},
        "setup.cfg": {"lib/setup.cfg": "[metadata]\nname = More.Lib\n"},
        "setup.py": {"lib/setup.py": "import setuptools\nsetuptools.setup(name='More.Lib')\n"},
    }.items(),
)
def test_a_made_up_name_gives_way_to_the_folders_own(path: str, files: dict[str, str | bytes]) -> None:
    pair = {
        "Pipfile": '[packages]\n"7e87fbd" = {path = "./lib"}\n',
        "Pipfile.lock": lock_text(default={"7e87fbd": {"path": "./lib"}}),
    }
    reading = read({**pair, **files})
    names = [(line.raw_name, line.name) for line in reading.project.declared]
    assert [*names, *((pin.raw_name, pin.name) for pin in reading.project.pins)] == [("7e87fbd", "more-lib")] * 2
    assert [f.code for f in reading.findings] == [Code.STALE_LOCK]
    assert [f.code for f in read(pair).findings] == [Code.STALE_LOCK, Code.NAMELESS_URL], path


# others judge


@real
def test_the_normal_form_is_what_its_schema_says(folder: Path) -> None:
    files = {name: (folder / name).read_text(encoding="utf-8") for name in ("Pipfile", "Pipfile.lock")}
    shown = json.loads(inspect_json(read(files)))
    jsonschema.validate(shown, json.loads(schema_text()))
    assert (shown["format"], shown["python"][:4]) == ("pipenv", "==3.")


@real
def test_the_hash_is_the_one_that_pipenv_wrote(folder: Path) -> None:
    """And any change of a wish gives another one."""
    data = read_toml((folder / "Pipfile").read_text(encoding="utf-8"), "Pipfile")[0]
    written = json.loads((folder / "Pipfile.lock").read_text(encoding="utf-8"))["_meta"]["hash"]["sha256"]
    assert written in hash_pipfile(data)
    assert written in hash_pipfile({**data, "scripts": {"other": "command"}, "pipenv": {"sort_pipfile": True}})
    for category in ("packages", "dev-packages", "more"):
        changed = {**data, category: {**data.get(category, {}), "new-one": "*"}}
        assert written not in hash_pipfile(changed)
    assert written not in hash_pipfile({**data, "requires": {"python_version": "3.7"}})


def test_what_json_cannot_say_has_no_hash() -> None:
    data = read_toml("[packages]\nidna = 2020-01-01\n", "Pipfile")[0]
    assert hash_pipfile(data) == frozenset()


@real
def test_plain_toml_and_json_say_the_same(folder: Path) -> None:
    files = {name: (folder / name).read_text(encoding="utf-8") for name in ("Pipfile", "Pipfile.lock")}
    expected = [*judge_pipfile(files["Pipfile"]), *judge_lock(files["Pipfile.lock"])]
    assert list(ours(read(dict(files)).project)) == expected
    assert len(expected) >= 90


@real
def test_pipenv_prints_the_same_pins(folder: Path) -> None:
    """``pipenv requirements --hash --categories …`` of the same lock, as Pipenv printed it."""
    case = FIXTURES / "pipenv" / (folder.name if folder.name != "in" else folder.parent.name)
    printed = (case / "pipenv-requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = read({name: (folder / name).read_bytes() for name in ("Pipfile", "Pipfile.lock")}).project.pins
    expected = {}
    for line in printed:
        head, *hashes = line.split(" --hash=")
        name, _, version = head.partition(";")[0].partition("==")
        expected[name.partition("[")[0].strip()] = (version.strip(), tuple(hashes))
    found = {
        pin.raw_name: ("" if pin.version is None else str(pin.version), pin.hashes)
        for pin in pins
        if isinstance(pin.source, FromIndex)
    }
    elsewhere = [line for line in expected if line.startswith(("-e", "./")) or " @ " in line]
    assert found == {name: value for name, value in expected.items() if name not in elsewhere}
    assert len(elsewhere) == sum(not isinstance(pin.source, FromIndex) for pin in pins)
