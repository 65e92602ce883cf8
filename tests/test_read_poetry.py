from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from poetry.core.constraints.version import Version as PoetryVersion
from poetry.core.constraints.version import parse_constraint
from poetry.core.factory import Factory
from poetry.packages.locker import Locker

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, IndexRole, Option, Pin, PinField, Project, Reading, Script
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawSpecifier, RawVersion
from migrator.readers.poetry import READER
from migrator.readers.poetry.constraint import convert_constraint
from migrator.readers.poetry.toml import _load

from .poetry_locks import CODES, PACKAGES, Locked, make_lock
from .trees import DictTree

LAYOUTS = ("1.0", "1.1", "2.0", "2.1")
AGAIN = "Run `poetry lock` to write it again, or take it from version control."
LEFT_OUT = "Run `poetry lock` to write the file again; this entry was left out."
METADATA = '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.8"\ncontent-hash = ""\n'
GOOD = '[[package]]\nname = "idna"\nversion = "3.6"\ngroups = ["main"]\nfiles = []\n\n'


def read(lock: str | bytes, pyproject: str | bytes | None = None, path: str = "poetry.lock") -> Reading:
    folder = path.rpartition("/")[0]
    files = {path: lock}
    if pyproject is not None:
        files[f"{folder}/pyproject.toml" if folder else "pyproject.toml"] = pyproject
    return READER.read(DictTree(files), (Input(path=path),), "utf-8")


def at(line: int, end_line: int = 0, key: str = "", path: str = "poetry.lock") -> Origin:
    return Origin(path=path, line=line, end_line=end_line or line, key=key)


def place(origin: Origin | None) -> tuple[str, int, int, str]:
    assert origin is not None
    return origin.path, origin.line, origin.end_line, origin.key


# --- what must be refused or left alone


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param(
            b'[[package]]\nname = "caf\xe9"\n',
            Finding(
                code=Code.UNDECODABLE,
                severity=Severity.STOP,
                message="poetry.lock is not UTF-8: byte 0xe9 at line 2, column 12.",
                origin=at(2),
                advice=AGAIN,
            ),
            id="Latin-1 is no TOML",
        ),
        pytest.param(
            GOOD + "[[package]\n" + METADATA,
            Finding(
                code=Code.INVALID_TOML,
                severity=Severity.STOP,
                message=(
                    "poetry.lock is no TOML: expected ']]' at the end of an array declaration at line 7, column 10."
                ),
                origin=at(7),
                advice=AGAIN,
            ),
            id="a broken header has its line and column",
        ),
        pytest.param(
            GOOD + '[metadata]\nlock-version = "2.1',
            Finding(
                code=Code.INVALID_TOML,
                severity=Severity.STOP,
                message="poetry.lock is no TOML: unterminated string at line 8, column 20.",
                origin=at(8),
                advice=AGAIN,
            ),
            id="a text that stops short names its last place",
        ),
        pytest.param(
            GOOD.replace("files", "<<<<<<< HEAD\nfiles") + "=======\n>>>>>>> other\n" + METADATA,
            Finding(
                code=Code.INVALID_TOML,
                severity=Severity.STOP,
                message="poetry.lock is no TOML: an unresolved merge conflict at line 5, column 1.",
                origin=at(5),
                advice="Resolve the merge conflict first.",
            ),
            id="a merge conflict is called by its name",
        ),
        pytest.param(
            "x = " + "[" * 100_000,
            Finding(
                code=Code.INVALID_TOML,
                severity=Severity.STOP,
                message="poetry.lock is no TOML: values nested too deeply.",
                origin=at(0),
                advice=AGAIN,
            ),
            id="deep nesting does not crash",
        ),
        pytest.param(
            GOOD + METADATA + "x = " + "9" * 5_000 + "\n",
            Finding(
                code=Code.INVALID_TOML,
                severity=Severity.STOP,
                message="poetry.lock is no TOML: a number of too many digits.",
                origin=at(0),
                advice=AGAIN,
            ),
            id="a number of thousands of digits does not crash",
        ),
    ],
)
def test_a_file_that_is_no_toml_gives_one_finding_and_an_empty_project(lock: str | bytes, expected: Finding) -> None:
    reading = read(lock)
    assert reading == Reading(project=Project(format="poetry", origin=at(0)), findings=(expected,))
    assert reading.findings[0].origin == expected.origin


def test_a_file_that_is_not_there_gives_one_finding() -> None:
    reading = READER.read(DictTree({}), (Input(path="sub/poetry.lock"),), "utf-8")
    assert reading.findings == (
        Finding(
            code=Code.NOTHING_READ,
            severity=Severity.STOP,
            message="There is no file sub/poetry.lock.",
            origin=Origin(path="sub/poetry.lock"),
            advice="Name the poetry.lock that is to be read.",
        ),
    )


@pytest.mark.parametrize(
    ("block", "message", "key"),
    [
        ("[[package]]\nversion = '1'\n", "package[1]: `name` is missing.", "package[1]"),
        ("[[package]]\nname = 3\nversion = '1'\n", "package[1]: `name` has to be a string.", "package[1]"),
        ("[[package]]\nname = 'a b'\nversion = '1'\n", "package.a b: 'a b' is no name of a package.", "package.a b"),
        ("[[package]]\nname = 'a'\n", "package.a: `version` is missing.", "package.a"),
        ("[[package]]\nname = 'a'\nversion = 1.0\n", "package.a: `version` has to be a string.", "package.a"),
        ("[[package]]\nname = 'a'\nversion = ''\n", "package.a: `version` has to be a string.", "package.a"),
        (
            "[[package]]\nname = 'a'\nversion = '1'\ngroups = 'main'\n",
            "package.a: `groups` has to be a list.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nmarkers = 'on windows'\ngroups = ['main']\n",
            "package.a: 'on windows' is no marker.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nmarkers = {main = 1}\ngroups = ['main']\n",
            "package.a: a marker has to be a string.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nfiles = ['a.whl']\n",
            "package.a: `files` has to be a list of tables with `file` and `hash`.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nfiles = [{file = 'a.whl'}]\n",
            "package.a: None is no hash.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nfiles = [{file = 'a.whl', hash = 'sha256:xyz'}]\n",
            "package.a: 'sha256:xyz' is no hash.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nfiles = [{file = 'a.whl', hash = '" + "0" * 50 + "'}]\n",
            f"package.a: '{'0' * 50}' is no hash.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\n[package.source]\ntype = 'ipfs'\nurl = 'x'\n",
            "package.a: a source of the type 'ipfs' is not known.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\n[package.source]\ntype = 'git'\n",
            "package.a: `url` is missing.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\nsource = 'pypi'\n",
            "package.a: `source` has to be a table.",
            "package.a",
        ),
        (
            "[[package]]\nname = 'a'\nversion = '1'\ndependencies = ['b']\n",
            "package.a: `dependencies` has to be a table.",
            "package.a",
        ),
    ],
)
def test_a_bad_entry_is_told_with_its_lines_and_the_others_are_read(block: str, message: str, key: str) -> None:
    reading = read(GOOD + block + "\n" + GOOD.replace("idna", "other") + METADATA)
    assert [pin.name for pin in reading.project.pins] == ["idna", "other"]
    finding = Finding(
        code=Code.NOT_UNDERSTOOD,
        severity=Severity.REVIEW,
        message=message,
        origin=at(7, 6 + block.count("\n"), key),
        advice=LEFT_OUT,
    )
    assert reading.findings == (finding,)


@pytest.mark.parametrize("lock", ["package = 1\n", "metadata = []\n", "package = 'x'\nmetadata = 3\n"])
def test_a_lock_that_is_built_otherwise_is_told(lock: str) -> None:
    reading = read(lock)
    assert [f.message for f in reading.findings] == [
        "`package` has to be a list of tables and `metadata` a table.",
    ]
    assert reading.project.pins == ()


def test_an_entry_that_is_no_table_is_told() -> None:
    reading = read("package = [1]\n" + METADATA)
    assert [f.message for f in reading.findings] == ["package[0]: the entry is no table."]


def test_a_lock_version_of_the_future_is_told_and_read() -> None:
    reading = read(GOOD + METADATA.replace("2.1", "3.0"))
    assert [pin.name for pin in reading.project.pins] == ["idna"]
    assert reading.findings == (
        Finding(
            code=Code.NOT_UNDERSTOOD,
            severity=Severity.REVIEW,
            message="poetry.lock has the lock version '3.0'; 1.0 to 2.1 are known, so parts may be misread.",
            origin=at(7),
            advice="Compare what was read with `poetry show`.",
        ),
    )


def test_a_python_range_that_pep_440_cannot_say_is_told_and_unstated() -> None:
    reading = read(GOOD + METADATA.replace(">=3.8", "3.8 || 3.9"))
    assert reading.project.python is None
    assert reading.findings == (
        Finding(
            code=Code.NOT_UNDERSTOOD,
            severity=Severity.REVIEW,
            message="The Python range '3.8 || 3.9' cannot be said as one PEP 440 specifier; it is read as unstated.",
            origin=at(7, key="metadata.python-versions"),
            advice="Write it as one range, such as `>=3.8,<3.10` in place of `3.8 || 3.9`.",
        ),
    )


def test_a_second_lock_is_told_and_not_read() -> None:
    tree = DictTree({"poetry.lock": GOOD + METADATA, "b/poetry.lock": GOOD + METADATA})
    reading = READER.read(tree, (Input(path="poetry.lock"), Input(path="b/poetry.lock")), "utf-8")
    assert len(reading.project.pins) == 1
    assert [f.message for f in reading.findings] == [
        "b/poetry.lock was not read: a Poetry project has one lock, and poetry.lock is it."
    ]


def test_a_broken_pyproject_is_told_and_the_lock_is_read() -> None:
    reading = read(GOOD + METADATA, "[tool.poetry\n")
    assert [pin.name for pin in reading.project.pins] == ["idna"]
    assert reading.project.sources == ("poetry.lock",)
    assert reading.findings == (
        Finding(
            code=Code.INVALID_TOML,
            severity=Severity.REVIEW,
            message="pyproject.toml is no TOML: expected ']' at the end of a table declaration at line 1, column 13.",
            origin=at(1, path="pyproject.toml"),
            advice="Correct it; only the lock was read, so nothing is declared.",
        ),
    )


def test_an_index_without_a_name_is_never_the_default_one() -> None:
    block = "[[package]]\nname = 'a'\nversion = '1'\n[package.source]\ntype = 'legacy'\nurl = 'https://u:p@h/simple'\n"
    (pin,) = read(block + METADATA).project.pins
    assert pin.source == FromIndex(index="https://***@h/simple")


# --- what must be read


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("requirements.txt", b"requests==2.31.0\n", False),
        ("uv.lock", b'version = 1\n\n[[package]]\nname = "idna"\n', False),
        ("Pipfile.lock", b'{\n    "_meta": {\n', False),
        ("pyproject.toml", b"[tool.poetry]\n", False),
        ("poetry.lock", b"", True),
        ("sub/old-poetry.lock", b"[[package]]\n", True),
        ("saved.txt", b"# This file is automatically @generated by Poetry 2.1.4 and should not be", True),
    ],
)
def test_a_lock_is_recognised(name: str, head: bytes, expected: bool) -> None:
    assert READER.recognises(name, head) is expected


def test_a_lock_is_discovered() -> None:
    assert READER.discover(DictTree({"poetry.lock": "", "pyproject.toml": ""})) == (Input(path="poetry.lock"),)
    assert READER.discover(DictTree({"pyproject.toml": ""})) == ()


def test_the_newest_layout_is_read_whole() -> None:
    reading = read(make_lock("2.1"))
    project = reading.project
    assert reading.findings == ()
    assert project.python == SpecifierSet(">=3.8,<4.0")
    assert project.unstated == frozenset()
    assert project.indexes == (
        Index(name="mirror", url=Url.parse("https://packages.example.org/simple"), role=IndexRole.SOURCE, origin=at(0)),
    )
    assert {(pin.raw_name, str(pin.version)): pin for pin in project.pins} == {
        (pin.raw_name, str(pin.version)): pin for pin in EXPECTED
    }
    assert [pin.raw_name for pin in project.pins] == [package.name for package in PACKAGES]


def make_pin(raw_name: str, version: str, *files: str, **facts: object) -> Pin:
    return Pin(
        name=canonicalize_name(raw_name),
        raw_name=raw_name,
        version=Version(version),
        origin=at(0),
        files=files,
        hashes=tuple(f"sha256:{CODES[name]}" for name in files),
        **facts,  # type: ignore[arg-type]
    )


EXPECTED = (
    make_pin("asgiref", "3.11.0", "asgiref-3.11.0-py3-none-any.whl", "asgiref-3.11.0.tar.gz"),
    make_pin("certifi", "2024.2.2", "certifi-2024.2.2-py3-none-any.whl", "certifi-2024.2.2.tar.gz"),
    make_pin(
        "colorama",
        "0.4.6",
        "colorama-0.4.6-py2.py3-none-any.whl",
        "colorama-0.4.6.tar.gz",
        marker=Marker('sys_platform == "win32"'),
        groups=frozenset({"dev"}),
    ),
    make_pin(
        "django",
        "5.2.10",
        "django-5.2.10-py3-none-any.whl",
        "django-5.2.10.tar.gz",
        marker=Marker('python_version < "3.12"'),
        needs=("asgiref", "sqlparse"),
    ),
    make_pin(
        "django",
        "6.0.1",
        "django-6.0.1-py3-none-any.whl",
        "django-6.0.1.tar.gz",
        marker=Marker('python_version >= "3.12"'),
        needs=("asgiref", "sqlparse"),
    ),
    make_pin(
        "idna",
        "3.6",
        "idna-3.6-py3-none-any.whl",
        source=FromUrl(url=Url.parse("https://files.example.org/idna-3.6-py3-none-any.whl")),
    ),
    make_pin("imgtools", "0.3.0", source=FromPath(path="lib/imgtools")),
    make_pin(
        "mistune",
        "3.0.2",
        "mistune-3.0.2-py3-none-any.whl",
        "mistune-3.0.2.tar.gz",
        source=FromIndex(index="mirror"),
        groups=frozenset({"main", "docs"}),
        marker=Marker('(sys_platform == "linux") or (python_version < "3.11")'),
    ),
    make_pin(
        "PySocks",
        "1.7.1",
        "PySocks-1.7.1-py27-none-any.whl",
        "PySocks-1.7.1-py3-none-any.whl",
        "PySocks-1.7.1.tar.gz",
    ),
    make_pin(
        "requests",
        "2.31.0",
        "requests-2.31.0-py3-none-any.whl",
        "requests-2.31.0.tar.gz",
        needs=("certifi", "idna", "pysocks", "urllib3"),
        extras=frozenset({"socks"}),
    ),
    make_pin(
        "sqlparse",
        "0.5.5",
        "sqlparse-0.5.5-py3-none-any.whl",
        source=FromPath(path="vendor/sqlparse-0.5.5-py3-none-any.whl"),
    ),
    make_pin(
        "trackers",
        "1.0",
        needs=("requests",),
        source=FromVcs(
            kind=VcsKind.GIT,
            url=Url.parse("https://git.example.org/team/trackers.git"),
            rev="main",
            resolved="8d4bb2a5a1ab2b2d9b9a1b4d5c2f4c6a7e8f9012",
            subdirectory="python",
        ),
    ),
    make_pin("urllib3", "2.2.0", "urllib3-2.2.0-py3-none-any.whl", "urllib3-2.2.0.tar.gz"),
    make_pin("zope.interface", "7.2", "zope.interface-7.2-cp311-cp311-win_amd64.whl"),
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same_but_for_what_it_has_no_place_for(layout: str) -> None:
    reading, newest = read(make_lock(layout)), read(make_lock("2.1"))
    assert reading.findings == ()
    assert [(p.raw_name, p.version, p.source, p.hashes, p.files, p.needs, p.extras) for p in reading.project.pins] == [
        (p.raw_name, p.version, p.source, p.hashes, p.files, p.needs, p.extras) for p in newest.project.pins
    ]
    assert reading.project.python == newest.project.python
    assert reading.project.unstated == (
        frozenset() if layout == "2.1" else frozenset({PinField.GROUPS, PinField.MARKER})
    )


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_poetrys_own_locker_reads_the_same(layout: str, tmp_path: Path) -> None:
    """Poetry is the judge; it gives the files of all versions of a name to each of them in layout 1.1, we do not."""
    (tmp_path / "poetry.lock").write_text(make_lock(layout))
    found = {
        (
            package.pretty_name,
            package.version.text,
            package.source_type,
            package.source_reference,
            package.source_resolved_reference,
            package.source_subdirectory,
            package.source_url
            if package.source_type not in {"directory", "file"}
            else Path(package.source_url or "").relative_to(tmp_path.resolve()).as_posix(),
            tuple((f["file"], f["hash"]) for f in package.files if layout != "1.1" or package.name != "django"),
        )
        for package in Locker(tmp_path / "poetry.lock", {}).locked_repository().packages
    }
    assert found == {_as_poetry_says_it(pin, layout) for pin in read(make_lock(layout)).project.pins}


def _as_poetry_says_it(pin: Pin, layout: str) -> tuple[object, ...]:
    files = tuple(zip(pin.files, pin.hashes, strict=True))
    if layout == "1.1" and pin.name == "django":
        files = ()
    elif layout == "1.1" and isinstance(pin.source, FromVcs | FromUrl):
        files = ()  # before 2.0 Poetry did not look at them
    common = (pin.raw_name, str(pin.version))
    match pin.source:
        case FromIndex(index=None):
            return (*common, None, None, None, None, None, files)
        case FromIndex(index=index):
            return (*common, "legacy", index, None, None, "https://packages.example.org/simple", files)
        case FromVcs() as source:
            return (*common, "git", source.rev, source.resolved, source.subdirectory, source.url.reveal(), files)
        case FromUrl() as source:
            return (*common, "url", None, None, source.subdirectory, source.url.reveal(), files)
        case FromPath() as source:
            kind = "file" if source.path.endswith(".whl") else "directory"
            return (*common, kind, None, None, source.subdirectory, source.path, files)


def test_the_files_of_two_versions_are_told_apart_where_the_lock_lists_them_together() -> None:
    pins = {str(p.version): p.files for p in read(make_lock("1.1")).project.pins if p.name == "django"}
    assert pins == {
        "5.2.10": ("django-5.2.10-py3-none-any.whl", "django-5.2.10.tar.gz"),
        "6.0.1": ("django-6.0.1-py3-none-any.whl", "django-6.0.1.tar.gz"),
    }


def test_the_hashes_of_the_oldest_locks_are_read() -> None:
    code = CODES["idna-3.6-py3-none-any.whl"]
    lock = (
        '[[package]]\ncategory = "main"\nname = "idna"\noptional = false\npython-versions = "*"\nversion = "3.6"\n\n'
        f'[metadata]\ncontent-hash = ""\npython-versions = "*"\n\n[metadata.hashes]\nidna = ["{code}"]\n'
    )
    (pin,) = read(lock).project.pins
    assert (pin.hashes, pin.files) == ((f"sha256:{code}",), ())
    assert read(lock).project.python == SpecifierSet()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_pin_knows_its_lines(newline: str) -> None:
    text = make_lock("2.1")
    lines = text.splitlines()
    for pin in read(text.replace("\n", newline)).project.pins:
        block = lines[pin.origin.line - 1 : pin.origin.end_line]
        assert block[0] == "[[package]]"
        assert block[1] == f'name = "{pin.raw_name}"'
        assert block[-1].strip()
        assert block.count("[[package]]") == 1
        assert next(line for line in lines[pin.origin.end_line :] if line) in {"[[package]]", "[metadata]"}
        assert pin.origin.key == f"package.{pin.raw_name}"


def test_headers_inside_of_a_string_cost_the_lines_and_nothing_else() -> None:
    lock = GOOD.replace("groups", 'description = """\n[[package]]\n"""\ngroups') + METADATA
    (pin,) = read(lock).project.pins
    assert place(pin.origin) == ("poetry.lock", 0, 0, "package.idna")


@pytest.mark.parametrize(
    ("fields", "marker"),
    [
        ("", None),
        ("markers = ''\n", None),
        ("markers = '*'\n", None),
        ("markers = \"os_name == 'nt'\"\n", 'os_name == "nt"'),
        ("markers = {main = \"os_name == 'nt'\"}\n", None),
        ("markers = {Dev_Tools = \"os_name == 'nt'\", main = \"os_name == 'nt'\"}\n", 'os_name == "nt"'),
        (
            "markers = {dev-tools = \"os_name == 'nt'\", main = \"extra == 'x'\"}\n",
            '(os_name == "nt") or (extra == "x")',
        ),
        ("markers = {dev-tools = '*', main = \"os_name == 'nt'\"}\n", None),
        (
            "markers = {dev-tools = \"os_name == 'nt'\", main = \"sys_platform == 'win32' or os_name == 'nt'\"}\n",
            '(os_name == "nt") or (sys_platform == "win32")',
        ),
        (
            "markers = {dev-tools = \"extra == 'a' and (extra == ' or ' or extra == ')')\", main = \"extra == 'b'\"}\n",
            '(extra == "a" and (extra == " or " or extra == ")")) or (extra == "b")',
        ),
    ],
)
def test_a_marker_by_group_holds_where_one_of_the_groups_holds(fields: str, marker: str | None) -> None:
    (pin,) = read(GOOD.replace('["main"]\n', f'["dev_tools", "main"]\n{fields}') + METADATA).project.pins
    assert pin.groups == {"main", "dev-tools"}
    assert pin.marker == (None if marker is None else Marker(marker))


def test_a_version_that_pep_440_refuses_is_kept_as_written() -> None:
    (pin,) = read(GOOD.replace("3.6", "2004d") + METADATA).project.pins
    assert pin.version == RawVersion(text="2004d")


def test_500_packages_are_read_in_a_moment() -> None:
    """0.1 s of CPU where this was written, of which a third is TOML; the bound leaves room for a slow machine."""
    packages = [
        Locked(
            name=f"package-{number}",
            version=f"1.{number}",
            files=tuple(CODES),
            dependencies=(f'package-{number * 7 % 500} = {{version = "*", markers = "python_version < \\"3.9\\""}}',),
            markers=f'"python_version < \\"3.{number % 20}\\""',
        )
        for number in range(500)
    ]
    lock = make_lock("2.1", packages).encode()
    start = time.process_time()
    reading = read(lock)
    assert time.process_time() - start < 0.8
    assert (len(reading.project.pins), reading.findings) == (500, ())


@pytest.mark.parametrize(
    "lock",
    [
        make_lock("1.1"),
        make_lock("2.1"),
        make_lock("2.1").replace("\n", "\r\n"),
        make_lock("2.1") + 'files = 3\nnote = """\n' + make_lock("2.1") + '"""\n',
        "[[package]]\nfiles = 0\n" + make_lock("2.1"),
        make_lock("2.1") + "\n[[package]]\nfiles = 0\n",
        'files = [\n    {file = "a", hash = "b"},\n]\n',
        'package = [{x = 1}]\n[metadata.files]\na = 0\n"b.c" = [\n    {file = "a", hash = "b"},\n]\n',
        "package = 1\nmetadata = 2\n",
        '[[package]]\nfiles = [\n    {file = "{", hash = "}"},\n    {file = "a", hash = "b"},\n]\nx = 1\n',
    ],
)
def test_the_short_cut_through_toml_gives_what_tomllib_gives(lock: str) -> None:
    assert _load(lock) == tomllib.loads(lock)


# --- Poetry's notation

GRID = [
    Version(f"{epoch}{major}.{minor}{micro}")
    for epoch in ("", "1!")
    for major in range(5)
    for minor in (*range(12), 20)
    for micro in ("", ".1", ".3", ".4.1")
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("*", ""),
        (" ^3.8 ", ">=3.8,<4.0"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("^1!2.0", ">=1!2.0,<1!3.0"),
        ("~3.8", ">=3.8,<3.9"),
        ("~3", ">=3,<4"),
        ("~=3.8", "~=3.8"),
        ("3.8", "==3.8"),
        ("=3.8", "==3.8"),
        ("3.*", "==3.*"),
        (">=3.8,<4.0", ">=3.8,<4.0"),
        (">=3.8 <4.0", ">=3.8,<4.0"),
        (">=3, !=3.1.*", ">=3,!=3.1.*"),
        ("^1 || ^2", ">=1,<3"),
        ("^1.2 || ^1.4.3", ">=1.2,<2.0.0"),
        ("^1 | ^3", ">=1,<4,!=2.*"),
        ("<3.8 || >3.8", "!=3.8"),
        ("~3.8 || ~3.10", ">=3.8,<3.11,!=3.9.*"),
        ("^1 || ^3.2", ">=1,<4.0,!=2.*,!=3.0.*,!=3.1.*"),
        ("<1.2 || >=1.2.3", "!=1.2.0.*,!=1.2.1.*,!=1.2.2.*"),
        ("!=1.5 || 1.5", ""),
    ],
)
def test_a_constraint_is_converted(text: str, expected: str) -> None:
    """Poetry is the judge: it allows the same versions, over a grid that every bound above cuts."""
    specifier = convert_constraint(text)
    assert specifier == SpecifierSet(expected)
    assert isinstance(specifier, SpecifierSet)
    constraint = parse_constraint(text.strip() or "*")
    for version in GRID:
        assert specifier.contains(version) == constraint.allows(PoetryVersion.parse(str(version))), version


@pytest.mark.parametrize(
    "text",
    [
        "3.8 || 3.9",
        "<=1.5 || >=2",
        "~1.2.3 || ^2",
        "^1 || ^100",
        "<1 || >=1!1",
        "<1 >2",
        "<1a1 || >=2",
        "abc",
        "^2004d",
    ],
)
def test_what_pep_440_cannot_say_is_kept_as_written(text: str) -> None:
    assert convert_constraint(text) == RawSpecifier(text=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~2.7 || ^3.6", ">=2.7,<4.0,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*"),
        ("2.7.* || >=3.5", ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*"),
        ("~2.7 || ^3.0", ">=2.7,<4.0"),
    ],
)
def test_between_python_2_7_and_3_0_there_is_nothing_to_exclude(text: str, expected: str) -> None:
    assert convert_constraint(text, python=True) == SpecifierSet(expected)
    assert convert_constraint(text) == RawSpecifier(text=text)


# --- pyproject.toml

CLASSIC = """\
[tool.poetry]
name = "imgapp"
version = "1.0"

[tool.poetry.dependencies]
python = "^3.8"
requests = { version = "^2.31", extras = ["socks"] }
Django = [
    { version = "~5.2", python = "<3.12" },
    { version = "^6.0", python = ">=3.12", markers = "sys_platform != 'win32' or os_name == 'nt'" },
]
# mistune comes from ours
mistune = { version = "3.0.2", source = "mirror", optional = true }
idna = { url = "https://files.example.org/idna-3.6-py3-none-any.whl" }
trackers = { git = "https://git.example.org/team/trackers.git", branch = "main", subdirectory = "python" }
imgtools = { path = "lib/imgtools", develop = true }
"zope.interface" = { version = "*", allow-prereleases = true, platform = "linux" }
certifi = { version = "*", source = "PyPI" }
colorama.version = ">=0.4 <0.5"
asgiref = { version = "*", optional = true }

[tool.poetry.dependencies.sqlparse]
file = "vendor/sqlparse-0.5.5-py3-none-any.whl"

[tool.poetry.extras]
Docs_All = ["mistune"]
site = ["mistune", "requests"]

[tool.poetry.dev-dependencies]
urllib3 = "<2 || >3"

[tool.poetry.group.Test_Unit]
optional = true

[tool.poetry.group.Test_Unit.dependencies]
pysocks = { git = "git@git.example.org:team/pysocks.git", rev = "1a2b3c4" }

[[tool.poetry.source]]
name = "mirror"
url = "https://user:secret@packages.example.org/simple"
priority = "supplemental"

[[tool.poetry.source]]
name = "PyPI"
priority = "primary"

[tool.poetry.scripts]
imgapp = "imgapp:main"
other = { reference = "imgapp:other", type = "console" }
data = { reference = "data.sh", type = "file" }
"""


def wish(raw_name: str, specifier: str = "", **facts: object) -> Dependency:
    return Dependency(
        name=canonicalize_name(raw_name),
        raw_name=raw_name,
        specifier=SpecifierSet(specifier),
        origin=at(0),
        **facts,  # type: ignore[arg-type]
    )


def test_classic_tables_are_read_whole() -> None:
    reading = read(make_lock("2.0"), CLASSIC)
    project = reading.project
    assert project.declared == (
        wish("requests", ">=2.31,<3.0", extras=frozenset({"socks"})),
        wish("Django", ">=5.2,<5.3", marker=Marker('python_version < "3.12"')),
        wish(
            "Django",
            ">=6.0,<7.0",
            marker=Marker('(sys_platform != "win32" or os_name == "nt") and python_version >= "3.12"'),
        ),
        wish(
            "mistune",
            "==3.0.2",
            source=FromIndex(index="mirror"),
            marker=Marker('extra == "docs-all" or extra == "site"'),
        ),
        wish("idna", source=FromUrl(url=Url.parse("https://files.example.org/idna-3.6-py3-none-any.whl"))),
        wish(
            "trackers",
            source=FromVcs(
                kind=VcsKind.GIT,
                url=Url.parse("https://git.example.org/team/trackers.git"),
                rev="main",
                subdirectory="python",
            ),
        ),
        wish("imgtools", source=FromPath(path="lib/imgtools"), editable=True),
        wish("zope.interface", marker=Marker('sys_platform == "linux"')),
        wish("certifi"),
        wish("colorama", ">=0.4,<0.5"),
        wish("asgiref"),
        wish("sqlparse", source=FromPath(path="vendor/sqlparse-0.5.5-py3-none-any.whl")),
        Dependency(
            name=canonicalize_name("urllib3"),
            raw_name="urllib3",
            specifier=RawSpecifier(text="<2 || >3"),
            group="dev",
            origin=at(0),
        ),
        wish(
            "pysocks",
            group="test-unit",
            source=FromVcs(kind=VcsKind.GIT, url=Url.parse("git@git.example.org:team/pysocks.git"), rev="1a2b3c4"),
        ),
    )
    assert project.indexes == (
        Index(
            name="mirror",
            url=Url.parse("https://user:secret@packages.example.org/simple"),
            role=IndexRole.SOURCE,
            origin=at(0),
        ),
        Index(name="PyPI", url=Url.parse("https://pypi.org/simple/"), role=IndexRole.SOURCE, origin=at(0)),
    )
    assert project.options == (
        Option(option="optional-group", value="test-unit", origin=at(0)),
        Option(option="allow-prereleases", value="zope.interface", origin=at(0)),
        Option(option="optional", value="asgiref", origin=at(0)),
    )
    assert project.scripts == (
        Script(name="imgapp", target="imgapp:main"),
        Script(name="other", target="imgapp:other"),
    )
    assert project.sources == ("poetry.lock", "pyproject.toml")
    assert reading.findings == (
        Finding(
            code=Code.NOT_UNDERSTOOD,
            severity=Severity.NOTE,
            message="urllib3: the constraint '<2 || >3' has no PEP 440 form; it is kept as written.",
            origin=at(30, key="tool.poetry.dev-dependencies.urllib3", path="pyproject.toml"),
        ),
    )
    assert "secret" not in repr(reading)


def test_every_wish_knows_its_lines() -> None:
    lines = CLASSIC.splitlines()
    declared = read(make_lock("2.0"), CLASSIC).project.declared
    spans = [place(d.origin) for d in declared]
    assert spans[1] == ("pyproject.toml", 8, 11, "tool.poetry.dependencies.Django")
    assert spans[2] == spans[1]
    assert spans[11] == ("pyproject.toml", 22, 23, "tool.poetry.dependencies.sqlparse")
    for dependency in declared:
        assert dependency.raw_name in lines[dependency.origin.line - 1]
    project = read(make_lock("2.0"), CLASSIC).project
    assert [lines[i.origin.line] for i in project.indexes] == ['name = "mirror"', 'name = "PyPI"']
    assert [lines[o.origin.line - 1] for o in project.options] == [
        "[tool.poetry.group.Test_Unit]",
        '"zope.interface" = { version = "*", allow-prereleases = true, platform = "linux" }',
        'asgiref = { version = "*", optional = true }',
    ]


STANDARD = """\
[project]
name = "imgapp"
version = "1.0"
requires-python = ">=3.8,<4"
dependencies = [
    "requests[socks] (>=2.31,<3)",  # http
    "django >=5.2,<5.3 ; python_version < '3.12'",
    "django >=6.0,<7.0 ; python_version >= '3.12'",
    "mistune",
    "trackers @ git+https://git.example.org/team/trackers.git@main#subdirectory=python",
    "local @ git+ssh://git@git.example.org/team/local",
    "idna @ https://files.example.org/idna-3.6-py3-none-any.whl#sha256=c05567e9",
    "imgtools",
]

[project.optional-dependencies]
Fast_IO = ["zope.interface>=7", "urllib3<3; os_name == 'nt'"]

[project.scripts]
imgapp = "imgapp:main"

[dependency-groups]
test = ["colorama==0.4.6", { include-group = "Lint_All" }]
lint-all = ["sqlparse", { include-group = "docs" }]

[tool.poetry.dependencies]
mistune = { version = "==3.0.2", source = "mirror" }
imgtools = { path = "lib/imgtools", develop = true }
ignored = "^1"

[tool.poetry.group.docs]
include-groups = ["more"]

[tool.poetry.group.docs.dependencies]
asgiref = "^3.8"

[tool.poetry.group.more.dependencies]
certifi = "*"

[tool.poetry.group.lint-all.dependencies]
sqlparse = { source = "mirror" }
"""


def test_standard_tables_are_read_whole_and_enriched_as_poetry_does() -> None:
    reading = read(make_lock("2.1"), STANDARD)
    mirror = FromIndex(index="mirror")
    assert reading.findings == ()
    assert reading.project.declared == (
        wish("requests", ">=2.31,<3", extras=frozenset({"socks"})),
        wish("django", ">=5.2,<5.3", marker=Marker('python_version < "3.12"')),
        wish("django", ">=6.0,<7.0", marker=Marker('python_version >= "3.12"')),
        wish("mistune", "==3.0.2", source=mirror),
        wish(
            "trackers",
            source=FromVcs(
                kind=VcsKind.GIT,
                url=Url.parse("https://git.example.org/team/trackers.git"),
                rev="main",
                subdirectory="python",
            ),
        ),
        wish("local", source=FromVcs(kind=VcsKind.GIT, url=Url.parse("ssh://git@git.example.org/team/local"))),
        wish("idna", source=FromUrl(url=Url.parse("https://files.example.org/idna-3.6-py3-none-any.whl"))),
        wish("imgtools", source=FromPath(path="lib/imgtools"), editable=True),
        wish("zope.interface", ">=7", marker=Marker('extra == "fast-io"')),
        wish("urllib3", "<3", marker=Marker('os_name == "nt" and extra == "fast-io"')),
        wish("colorama", "==0.4.6", group="test"),
        wish("sqlparse", group="test", source=mirror),
        wish("asgiref", ">=3.8,<4.0", group="test"),
        wish("certifi", group="test"),
        wish("sqlparse", group="lint-all", source=mirror),
        wish("asgiref", ">=3.8,<4.0", group="lint-all"),
        wish("certifi", group="lint-all"),
        wish("asgiref", ">=3.8,<4.0", group="docs"),
        wish("certifi", group="docs"),
        wish("certifi", group="more"),
    )
    assert reading.project.scripts == (Script(name="imgapp", target="imgapp:main"),)
    lines = STANDARD.splitlines()
    for dependency in reading.project.declared:
        assert dependency.raw_name in lines[dependency.origin.line - 1], dependency
    assert place(reading.project.declared[2].origin) == ("pyproject.toml", 8, 8, "project.dependencies")


@pytest.mark.parametrize(
    "pyproject", [CLASSIC.replace("[tool.poetry]\n", "[tool.poetry]\ndescription = ''\nauthors = []\n"), STANDARD]
)
def test_poetrys_own_factory_declares_the_same(pyproject: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(pyproject)
    for folder in ("lib/imgtools", "vendor"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "lib/imgtools/pyproject.toml").write_text("[project]\nname = 'imgtools'\nversion = '1'\n")
    (tmp_path / "vendor/sqlparse-0.5.5-py3-none-any.whl").touch()
    package = Factory().create_poetry(tmp_path).package
    found = {
        (
            dependency.name,
            group,
            frozenset(dependency.extras),
            {"file": "path", "directory": "path"}.get(dependency.source_type or "", dependency.source_type),
            dependency.source_name if dependency.source_name != "PyPI" else None,
            None if dependency.source_type else str(dependency.constraint),
        )
        for group in package.dependency_group_names(include_optional=True)
        for dependency in package.dependency_group(group).dependencies_for_locking
    }
    kinds = {FromIndex: None, FromVcs: "git", FromUrl: "url", FromPath: "path"}
    assert {
        (
            d.name,
            d.group,
            d.extras,
            kinds[type(d.source)],
            d.source.index if isinstance(d.source, FromIndex) else None,
            str(parse_constraint(str(d.specifier) or "*")) if isinstance(d.source, FromIndex) else None,
        )
        for d in read(make_lock("2.1"), pyproject).project.declared
    } == found


@pytest.mark.parametrize(
    ("pyproject", "messages"),
    [
        ("tool = 1\nproject = 2\ndependency-groups = 3\n", []),
        (
            "[tool.poetry]\ndependencies = []\ngroup = 1\nsource = 5\nextras = 2\n",
            ["A source has to have a `name` and a `url`."],
        ),
        ("[tool.poetry.dependencies]\nidna = 3\n", ["idna: an entry has to be a version or a table."]),
        ("[tool.poetry.dependencies]\n'a b' = '1'\n", ["a b: 'a b' is no name of a package."]),
        ("[tool.poetry.dependencies]\nidna = {version = 3}\n", ["idna: `version` has to be a string."]),
        ("[tool.poetry.dependencies]\nidna = {extras = 'x'}\n", ["idna: `extras` has to be a list of strings."]),
        ("[tool.poetry.dependencies]\nidna = {markers = 'x y'}\n", ["idna: 'x y' is no marker."]),
        ("[tool.poetry.dependencies]\nidna = {python = 'abc'}\n", ["idna: 'abc' is no constraint that Poetry knows."]),
        ("[[tool.poetry.source]]\nname = 'x'\n", ["A source has to have a `name` and a `url`."]),
        ("[project]\ndependencies = [1]\n", ["A requirement has to be a string."]),
        (
            "[project]\ndependencies = ['idna @ https://u:p@h/x y z']\n",
            ["'idna @ https://***@h/x y z' is no PEP 508 requirement."],
        ),
        ("[project]\ndependencies = 'idna'\ndynamic = 3\n", []),
        (
            "[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n",
            ["Groups include one another: a -> b -> a.", "Groups include one another: b -> a -> b."],
        ),
        (
            "[dependency-groups]\na = [{include-group = 'zz'}, {}]\n",
            [
                "The group 'a' includes the group 'zz', which is not defined.",
                "The group 'a' has an entry that is neither a requirement nor an `include-group`.",
            ],
        ),
    ],
)
def test_a_bad_declaration_is_told_and_the_rest_is_read(pyproject: str, messages: list[str]) -> None:
    reading = read(GOOD + METADATA, pyproject)
    assert [f.message for f in reading.findings] == messages
    assert [pin.name for pin in reading.project.pins] == ["idna"]
    for finding in reading.findings:
        assert finding.origin is not None
        assert finding.origin.line > 0


def test_a_thousand_groups_that_include_the_next_are_read() -> None:
    groups = "".join(
        f"g{n} = ['idna', {{include-group = 'g{n + 1}'}}, {{include-group = 'g{n + 2}'}}]\n" for n in range(300)
    )
    reading = read(GOOD + METADATA, f"[dependency-groups]\n{groups}g300 = []\ng301 = []\n")
    assert len(reading.project.declared) == 300 * 301 // 2


def test_dynamic_dependencies_add_those_of_poetry() -> None:
    pyproject = (
        "[project]\ndynamic = ['dependencies']\noptional-dependencies = {x = ['idna']}\n"
        "[tool.poetry.dependencies]\nrequests = '*'\n'a b' = '*'\n"
    )
    reading = read(GOOD + METADATA, pyproject)
    assert [d.name for d in reading.project.declared] == ["idna", "requests"]
    assert [f.message for f in reading.findings] == ["a b: 'a b' is no name of a package."]


@pytest.mark.parametrize("layout", ["1.1", "2.0"])
def test_groups_that_a_lock_does_not_tell_follow_from_who_needs_whom(layout: str) -> None:
    pyproject = (
        "[tool.poetry.dependencies]\ntrackers = '*'\n[tool.poetry.group.web.dependencies]\ndjango = '*'\n"
        "[tool.poetry.group.docs.dependencies]\nmistune = '*'\nurllib3 = '*'\n"
    )
    project = read(make_lock(layout), pyproject).project
    main, web = frozenset({"main"}), frozenset({"web"})
    expected = {
        "trackers": main,
        "requests": main,
        "pysocks": main,
        "certifi": main,
        "idna": main,
        "urllib3": main | {"docs"},
        "django": web,
        "asgiref": web,
        "sqlparse": web,
        "mistune": frozenset({"docs"}),
        # nobody needs these: their category is all that is known
        "colorama": frozenset({"dev"}) if layout == "1.1" else main,
        "imgtools": main,
        "zope-interface": main,
    }
    if layout == "1.1":  # "main" is a fact there
        expected |= dict.fromkeys(("django", "asgiref", "sqlparse"), web | main) | {"mistune": main | {"docs"}}
    assert {pin.name: pin.groups for pin in project.pins} == expected
    assert project.unstated == frozenset({PinField.MARKER})


def test_the_python_range_is_the_locks_and_else_that_of_the_pyproject() -> None:
    pyproject = "[project]\nrequires-python = '>=3.9'\n"
    bare = GOOD + "[metadata]\nlock-version = '2.1'\n"
    assert read(GOOD + METADATA, pyproject).project.python == SpecifierSet(">=3.8")
    assert read(bare, pyproject).project.python == SpecifierSet(">=3.9")
    assert read(bare).project.python is None


def test_a_lock_in_a_folder_has_its_pyproject_beside_it() -> None:
    reading = read(GOOD + METADATA, "[project]\ndependencies = ['idna']\n", path="a/b/poetry.lock")
    assert reading.project.sources == ("a/b/poetry.lock", "a/b/pyproject.toml")
    assert place(reading.project.declared[0].origin) == ("a/b/pyproject.toml", 2, 2, "project.dependencies")
    assert place(reading.project.pins[0].origin) == ("a/b/poetry.lock", 1, 5, "package.idna")


@pytest.mark.parametrize(
    ("file", "versions"),
    [
        ("a-1.0.tar.gz", ["1.0"]),
        ("a-1-py3-none-any.whl", ["1.0"]),
        ("a-2.0-py2.7.egg", ["2.0"]),
        ("a-3.0-py2.7.egg", []),
        ("a.exe", ["1.0", "2.0"]),
    ],
)
def test_a_file_goes_with_the_versions_that_its_name_allows(file: str, versions: list[str]) -> None:
    blocks = "".join(f"[[package]]\nname = 'a'\nversion = '{version}'\n" for version in ("1.0", "2.0"))
    lock = blocks + f"[metadata.files]\na = [{{file = '{file}', hash = 'md5:{'0' * 32}'}}]\n"
    assert [str(pin.version) for pin in read(lock).project.pins if pin.files] == versions


def test_a_bad_list_of_files_beside_the_packages_is_told_for_each_of_them() -> None:
    blocks = "".join(f"[[package]]\nname = 'a'\nversion = '{version}'\n" for version in ("1.0", "2.0"))
    reading = read(blocks + "[metadata.files]\na = [{file = 3}]\n")
    what = "package.a: `files` has to be a list of tables with `file` and `hash`."
    assert [f.message for f in reading.findings] == [what, what]


def test_an_extra_that_is_no_requirement_stands_for_nothing() -> None:
    lock = (
        "[[package]]\nname = 'a'\nversion = '1'\n[package.dependencies]\nb = {version = '*', optional = true}\n"
        "[package.extras]\nx = ['???', 'b']\nz = 'b'\n\n[[package]]\nname = 'c'\nversion = '1'\n"
        "[package.dependencies]\na = [{version = '*', extras = ['X', 'z']}, {version = '*', optional = true}]\n"
    )
    reading = read(lock)
    assert [(p.name, p.needs, p.extras) for p in reading.project.pins] == [
        ("a", ("b",), frozenset({"x", "z"})),
        ("c", ("a",), frozenset()),
    ]
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("requirement", "source"),
    [
        ("x @ file:///srv/x%20y", FromPath(path="/srv/x y")),
        ("x @ file:lib/x", FromPath(path="lib/x")),
        ("x @ ./lib/x", FromPath(path="lib/x")),
        ("x @ HG+https://h/x", FromVcs(kind=VcsKind.HG, url=Url.parse("https://h/x"))),
        ("x @ git+ssh://git@h/x@v1", FromVcs(kind=VcsKind.GIT, url=Url.parse("ssh://git@h/x"), rev="v1")),
        ("x @ git+https://u:p@h/x", FromVcs(kind=VcsKind.GIT, url=Url.parse("https://u:p@h/x"))),
        (
            "x @ https://h/x.zip#subdirectory=a&sha256=00",
            FromUrl(url=Url.parse("https://h/x.zip"), subdirectory="a"),
        ),
    ],
)
def test_the_address_of_a_requirement_is_taken_apart(requirement: str, source: object) -> None:
    (dependency,) = read(GOOD + METADATA, f"[project]\ndependencies = ['{requirement}']\n").project.declared
    assert dependency.source == source


def test_strings_over_several_lines_do_not_shift_the_places() -> None:
    pyproject = (
        '[tool.poetry]\ndescription = """\n[tool.poetry.dependencies]\nidna = "1" \u2028 \'\'\' x"""\n'
        "readme = '''\nidna = \"2\"\n'''\n\n[tool.poetry.dependencies]\n# one\nidna = '^3'\n"
        "[tool.poetry.group.docs]\ndependencies = {asgiref = '*'}\n"
    )
    declared = read(GOOD + METADATA, pyproject).project.declared
    assert [place(d.origin) for d in declared] == [
        ("pyproject.toml", 11, 11, "tool.poetry.dependencies.idna"),
        ("pyproject.toml", 13, 13, "tool.poetry.group.docs.dependencies.asgiref"),
    ]


def test_a_requirement_that_is_written_with_escapes_has_the_place_of_its_list() -> None:
    pyproject = '[project]\ndependencies = [\n    "idna\\u003e=3",\n    "asgiref",\n]\n'
    declared = read(GOOD + METADATA, pyproject).project.declared
    assert [(d.raw_name, d.origin.line, d.origin.end_line) for d in declared] == [("idna", 2, 5), ("asgiref", 4, 4)]
