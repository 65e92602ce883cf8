"""Whole files: decoding, includes, discovery, and that no line is ever lost."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Reading
from migrator.model.reader import Input
from migrator.readers.requirements import READER, group_of
from tests.requirements_views import read
from tests.trees import DictTree

UNDECODABLE = {
    "no encoding fits": (b"caf\xe9==1", "utf-8", "utf-8 (byte 4: invalid continuation byte)"),
    "the encoding that the file names is unknown": (
        b"# coding: klingon\na==1",
        "utf-8",
        "klingon (Python knows no such encoding)",
    ),
    "the encoding that the file names is wrong": (
        b"# coding: ascii\ncaf\xc3\xa9==1",
        "utf-8",
        "ascii (byte 20: ordinal not in range(128))",
    ),
    "half a character after a BOM": (codecs.BOM_UTF16_LE + b"a\x00=", "utf-8", "utf-16-le (byte 3: truncated data)"),
}


@pytest.mark.parametrize(("data", "locale", "why"), UNDECODABLE.values(), ids=UNDECODABLE.keys())
def test_a_file_that_cannot_be_decoded_is_told_and_reading_goes_on(data: bytes, locale: str, why: str) -> None:
    reading = read({"requirements.txt": "-r bad.txt\nb==2", "bad.txt": data}, locale_encoding=locale)
    assert [d.name for d in reading.project.declared] == ["b"]
    assert [(f.code, f.severity, f.message) for f in reading.findings] == [
        (Code.UNDECODABLE, Severity.REVIEW, f"bad.txt is not {why}, so nothing of it is read.")
    ]


TEXT = "caf\u00e9==1\r\n# \u00fcber\r\n"
DECODED = {
    "UTF-8": (TEXT.encode(), "ascii"),
    "UTF-8 with a BOM": (codecs.BOM_UTF8 + TEXT.encode(), "ascii"),
    "UTF-16-LE": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "ascii"),
    "UTF-16-BE": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "ascii"),
    "UTF-32-LE": (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "ascii"),
    "UTF-32-BE": (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "ascii"),
    "PEP 263": (b"# -*- coding: latin-1 -*-\n" + TEXT.encode("latin-1"), "ascii"),
    "PEP 263 in the second line": (b"\n# vim: set fileencoding=latin-1 :\n" + TEXT.encode("latin-1"), "ascii"),
    "the locale's": (TEXT.encode("latin-1"), "latin-1"),
}


@pytest.mark.parametrize(("data", "locale"), DECODED.values(), ids=DECODED.keys())
def test_a_file_is_decoded_as_pip_does(data: bytes, locale: str) -> None:
    reading = read({"requirements.txt": data}, locale_encoding=locale)
    assert [f.message for f in reading.findings] == [
        "`caf\u00e9==1` is no requirement: it is not of the form NAME[EXTRAS]VERSIONS ; MARKER."
    ]
    assert reading.project.comments[-1].text == "\u00fcber"


CIRCLE = "--requirement requirements.txt is not followed: it leads back to itself"
OBSTACLES = {
    "-r missing.txt": (
        Code.MISSING_INCLUDE,
        "--requirement missing.txt is not followed: missing.txt is not there.",
        "Add the file, or take the --requirement line out.",
    ),
    "-c folder": (
        Code.MISSING_INCLUDE,
        "--constraint folder is not followed: folder is a folder.",
        "Add the file, or take the --constraint line out.",
    ),
    "-r https://user:pw@host/x.txt": (
        Code.REMOTE_INCLUDE,
        "--requirement https://***@host/x.txt is not followed: it is an address and nothing is downloaded.",
        "Download the file, put it beside this one and include it there.",
    ),
    "-r ${HOME}/x.txt": (
        Code.MISSING_INCLUDE,
        "--requirement ${HOME}/x.txt is not followed: its path holds a variable.",
        "Write the path itself.",
    ),
    "-r requirements.txt": (
        Code.INCLUDE_CYCLE,
        f"{CIRCLE} (requirements.txt → requirements.txt).",
        "Take one of these lines out.",
    ),
    "-r folder/../circle.txt": (
        Code.INCLUDE_CYCLE,
        f"{CIRCLE} (requirements.txt → circle.txt → requirements.txt).",
        "Take one of these lines out.",
    ),
}


@pytest.mark.parametrize(("line", "expected"), OBSTACLES.items(), ids=OBSTACLES.keys())
def test_an_include_that_cannot_be_followed_is_told_and_reading_goes_on(
    line: str, expected: tuple[Code, str, str]
) -> None:
    files: dict[str, bytes | str] = {
        "requirements.txt": f"{line}\nb==2",
        "folder/x": "",
        "circle.txt": "-r requirements.txt",
    }
    reading = read(files)
    assert [d.name for d in reading.project.declared] == ["b"]
    assert [(f.code, f.message, f.advice) for f in reading.findings] == [expected]
    assert {f.severity for f in reading.findings} == {Severity.REVIEW}


def test_an_input_that_is_not_there_stops() -> None:
    reading = read({"folder/x": ""}, Input(path="requirements.txt"), Input(path="folder"))
    assert [(f.code, f.severity, f.message) for f in reading.findings] == [
        (Code.MISSING_INCLUDE, Severity.STOP, "requirements.txt is not there, so it cannot be read."),
        (Code.MISSING_INCLUDE, Severity.STOP, "folder is a folder, so it cannot be read."),
    ]


def test_includes_that_multiply_end() -> None:
    """2^40 readings are asked for; pip would still be reading."""
    files: dict[str, bytes | str] = {f"{at}.txt": f"-r {at + 1}.txt\n-r {at + 1}.txt\n" for at in range(40)}
    reading = read({**files, "40.txt": "a==1"}, Input(path="0.txt"))
    assert {(f.code, f.message.partition(": ")[2]) for f in reading.findings} == {
        (Code.INCLUDE_CYCLE, "too many files are included already.")
    }


def test_includes_are_read_in_place_and_as_often_as_they_stand() -> None:
    files: dict[str, bytes | str] = {
        "sub/requirements.txt": "first==1\n-r ../base.txt\n-c caps.txt\n-r ../base.txt\nlast==1",
        "base.txt": "base==1",
        "sub/caps.txt": "cap<2\n-r ../base.txt",
    }
    project = read(files, Input(path="sub/requirements.txt")).project
    assert [(str(d.origin), d.name, d.constraint) for d in project.declared] == [
        ("sub/requirements.txt:1", "first", False),
        ("base.txt:1", "base", False),
        ("sub/caps.txt:1", "cap", True),
        ("base.txt:1", "base", False),
        ("base.txt:1", "base", False),
        ("sub/requirements.txt:5", "last", False),
    ]
    assert project.sources == ("sub/requirements.txt", "base.txt", "sub/caps.txt")


def test_a_file_of_constraints_bounds_only() -> None:
    project = read({"caps.txt": "a==1\nb<2"}, Input(path="caps.txt", constraint=True)).project
    assert ([d.constraint for d in project.declared], project.pins) == ([True, True], ())


def test_an_included_file_keeps_the_group_of_its_own_name_outside_main() -> None:
    files: dict[str, bytes | str] = {
        "requirements-dev.txt": "-r requirements.txt\n-r requirements-test.txt\n-r more.txt\ndev==1",
        "requirements.txt": "main==1",
        "requirements-test.txt": "test==1",
        "more.txt": "more==1",
    }
    project = read(files, Input(path="requirements-dev.txt", group="dev")).project
    assert [(d.name, d.group) for d in project.declared] == [
        ("main", "main"),
        ("test", "test"),
        ("more", "more"),
        ("dev", "dev"),
    ]


def test_what_production_includes_is_main() -> None:
    project = read({"requirements.txt": "-r requirements-dev.txt", "requirements-dev.txt": "dev==1"}).project
    assert [(d.name, d.group) for d in project.declared] == [("dev", "main")]


GROUPS = {
    "requirements.txt": "main",
    "requirements.in": "main",
    "requirements/base.txt": "main",
    "requirements/production.txt": "main",
    "requirements-common.txt": "main",
    "requirements-dev.txt": "dev",
    "dev-requirements.txt": "dev",
    "requirements_dev.txt": "dev",
    "requirements/development.in": "dev",
    "requirements/local.txt": "dev",
    "test-requirements.txt": "test",
    "requirements-tests.txt": "test",
    "requirements/testing.txt": "test",
    "requirements/docs.txt": "docs",
    "docs_requirements.txt": "docs",
    "requirements-lint.txt": "lint",
    "requirements/code_upload_worker.txt": "code-upload-worker",
}


@pytest.mark.parametrize(("path", "group"), GROUPS.items(), ids=GROUPS.keys())
def test_the_name_of_a_file_tells_its_group(path: str, group: str) -> None:
    assert group_of(path) == group


DISCOVERED: dict[str, tuple[dict[str, bytes | str], list[tuple[str, str]]]] = {
    "nothing": ({"README.txt": "", "setup.py": "", "notes.in": ""}, []),
    "what is no requirements file": (
        {"requirements.nix": "", "requirements.lock": "", "constraints.txt": "a<2", "requirements/README.txt": ""},
        [],
    ),
    "one file": ({"requirements.txt": "a==1"}, [("requirements.txt", "main")]),
    "a source and what was compiled from it": (
        {"requirements.in": "a", "requirements.txt": "a==1", "dev-requirements.in": "-c requirements.txt\nb"},
        [("requirements.in", "main"), ("requirements.txt", "main"), ("dev-requirements.in", "dev")],
    ),
    "the same under the other suffix, each including its base": (
        {
            "requirements/base.in": "a",
            "requirements/base.pip": "a==1",
            "requirements/dev.in": "-r base.in\nb",
            "requirements/dev.pip": "-r base.pip\nb==1",
        },
        [
            ("requirements/base.in", "main"),
            ("requirements/base.pip", "main"),
            ("requirements/dev.in", "dev"),
            ("requirements/dev.pip", "dev"),
        ],
    ),
    "a file that another one includes": (
        {"requirements.txt": "a==1", "requirements-dev.txt": "-r requirements.txt\nb==1"},
        [("requirements-dev.txt", "dev")],
    ),
    "an included source with what was compiled from it": (
        {"requirements.in": "a", "requirements.txt": "a==1", "dev-requirements.in": "--requirement=requirements.in"},
        [("requirements.in", "main"), ("requirements.txt", "main"), ("dev-requirements.in", "dev")],
    ),
    "a folder": (
        {"requirements/dev.txt": "-r base.txt", "requirements/base.txt": "a", "requirements/prod.txt": "-r base.txt"},
        [("requirements/prod.txt", "main"), ("requirements/dev.txt", "dev")],
    ),
}


@pytest.mark.parametrize(("files", "expected"), DISCOVERED.values(), ids=DISCOVERED.keys())
def test_the_requirements_files_of_a_folder_are_found(
    files: dict[str, bytes | str], expected: list[tuple[str, str]]
) -> None:
    assert [(found.path, found.group) for found in READER.discover(DictTree(files))] == expected


RECOGNISED = {
    "requirements.nix": False,
    "poetry.lock": False,
    "Pipfile": False,
    "pyproject.toml": False,
    "requirements.txt": True,
    "requirements.in": True,
    "some/folder/deps.txt": True,
    "requirements.pip": True,
    "requirements/base.pip": True,
    "base.pip": True,
    "constraints": True,
}


@pytest.mark.parametrize(("name", "expected"), RECOGNISED.items(), ids=RECOGNISED.keys())
def test_a_file_is_recognised_by_its_name(name: str, expected: bool) -> None:
    assert READER.recognises(name, b"flask==3.0.0\n") is expected


def test_bytes_that_are_no_text_are_not_recognised() -> None:
    assert READER.recognises("x.txt", b"\x7fELF\0\0") is False
    assert READER.recognises("x.txt", b"flask\r\nf\0a\0k\0e\0r\0") is True
    assert READER.recognises("x.txt", codecs.BOM_UTF16_LE + b"a\0") is True


def spans(reading: Reading, path: str) -> set[tuple[int, int]]:
    project = reading.project
    origins: list[Origin | None] = [
        *(one.origin for one in project.declared),
        *(one.origin for one in project.indexes),
        *(one.origin for one in project.options),
        *(one.origin for one in project.comments),
        *(finding.origin for finding in reading.findings),
    ]
    return {(o.line, o.end_line) for o in origins if o is not None and o.path == path and o.line}


def not_blank(text: str) -> list[int]:
    """The numbers of the lines with something on them: a tokenizer that shares nothing with the reader's."""
    numbers, number, seen = [], 1, False
    breaks = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    for at, character in enumerate(text):
        if character in breaks:
            if character == "\n" and at and text[at - 1] == "\r":
                continue
            if seen:
                numbers.append(number)
            number, seen = number + 1, False
        elif not character.isspace():
            seen = True
    return [*numbers, number] if seen else numbers


pieces = st.sampled_from(
    [
        *("a==1", "b>=2 ; os_name == 'nt'", "-e .", "-r base.txt", "-c missing.txt", "--pre", "-i https://host/simple"),
        *(
            "--extra-index-url https://x/",
            "--no-index",
            "# comment",
            "    # via a",
            "    # via",
            "    #   b",
            "#",
            "{{ x }}",
        ),
        *(
            " --hash=sha256:ab",
            "-f a -f b",
            "git+https://host/x",
            "- a",
            "--",
            "-",
            "a=1",
            "x==1 \\ # y",
            "\ufeff",
            "\u00a0",
        ),
        *("--requirement=base.txt --pre", "-r requirements.txt", "'", '--x="', "a @ b", "[x]", ";", "\t", " "),
    ]
)
line_ends = st.sampled_from(["\n", "\n", "\r\n", "\r", " \\\n", "\\\n", "\x0c", "\u2028", "\\\r\n", ""])
texts = st.lists(st.builds("{}{}".format, pieces, line_ends), max_size=12).map("".join)


@settings(deadline=None, max_examples=400)
@given(text=st.one_of(texts, st.text(max_size=40)))
def test_every_line_lies_in_exactly_one_span(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    reading = read({"requirements.txt": codecs.BOM_UTF8 + data.encode(), "base.txt": "base==1", "setup.py": ""})
    if any(finding.code is Code.UNDECODABLE for finding in reading.findings):
        return
    found = spans(reading, "requirements.txt")
    cover = {number: [span for span in found if span[0] <= number <= span[1]] for number in not_blank(data)}
    assert {number: len(over) for number, over in cover.items() if len(over) != 1} == {}


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_without_an_error(data: bytes) -> None:
    assert read({"requirements.txt": data}).project.sources == ("requirements.txt",)
