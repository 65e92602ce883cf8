"""What stands beside the requirement files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import NIX_FIRST_LINE
from migrator.model.origin import Origin
from migrator.model.plan import AcceptedDrift, Record, Style
from migrator.model.project import Script
from migrator.model.surroundings import Surroundings
from migrator.model.trouble import WorldError
from migrator.readers import reader_names
from migrator.readers.surroundings import code, read_surroundings
from migrator.tools.disk import DiskTree
from migrator.writers.pyproject import write
from tests.plans import plan, wish
from tests.trees import DictTree, RecordingTree


def read(files: dict[str, bytes | str]) -> Surroundings:
    surroundings, findings = read_surroundings(DictTree(files))
    assert findings == ()
    return surroundings


def hints(files: dict[str, bytes | str]) -> list[tuple[str, bool, str]]:
    return [(str(hint.range), hint.stated, str(hint.origin)) for hint in read(files).python_hints]


def test_surroundings_are_no_format() -> None:
    assert "surroundings" not in reader_names()


# what stops


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ("[project\n", "line 1, column 9: Expected ']' at the end of a table declaration", 1),
        ('[project]\nname = "x\n', "line 2, column 10: Illegal character '\\n'", 2),
        ("a = 1\na = 2\n", "line 2, column 6: Cannot overwrite a value", 2),
        (b"# fine\nname = '\xff'\n", "line 2 is not UTF-8", 2),
        ("\ufeff[project]\n", "line 1, column 1: Invalid statement", 1),
        ("project = 3\n", "project is no table", 0),
        ('[project]\ndependencies = "six"\n', "project.dependencies is no array", 0),
        ('[tool]\npoetry = "x"\n', "tool.poetry is no table", 0),
        ("[[tool]]\nx = 1\n", "tool is no table", 0),
        ("[tool.poetry.source]\nx = 1\n", "tool.poetry.source is no array", 0),
        ('[dependency-groups]\ndev = "x"\n', "dependency-groups.dev is no array", 0),
        ("[tool.poetry.group]\ndev = 3\n", "tool.poetry.group.dev is no table of dependencies", 0),
        ("[tool.poetry.group.dev]\ndependencies = 3\n", "tool.poetry.group.dev is no table of dependencies", 0),
    ],
)
def test_a_pyproject_that_cannot_be_merged_stops(content: bytes | str, message: str, line: int) -> None:
    surroundings, findings = read_surroundings(DictTree({"pyproject.toml": content}))
    assert findings == (
        Finding(
            code=Code.INVALID_PYPROJECT,
            severity=Severity.STOP,
            message=f"pyproject.toml cannot be merged: {message}",
            origin=Origin(path="pyproject.toml", line=line, end_line=line),
            advice="Correct the file, or move it away to get a new one",
        ),
    )
    assert surroundings == Surroundings()


def test_values_nested_too_deeply_stop() -> None:
    _, findings = read_surroundings(DictTree({"pyproject.toml": "x = " + "[" * 100_000}))
    assert [finding.message for finding in findings] == [
        "pyproject.toml cannot be merged: its values are nested too deeply"
    ]


# what says nothing


def test_an_empty_folder_says_nothing() -> None:
    assert read({}) == Surroundings()


@pytest.mark.parametrize(
    "files",
    [
        {"setup.cfg": "no section\n"},
        {"setup.cfg": "[metadata]\nversion = attr: x.__version__\nname = file: NAME\n"},
        {"setup.cfg": b"\xff\xfe\x00"},
        {"setup.py": "setup(\n"},
        {"setup.py": b"\x00\x01"},
        {"setup.py": "(" * 100_000},
        {"setup.py": "from setuptools import setup\nsetup(name=input(), **compute())\n"},
        {"setup.py": "from setuptools import setup\nsetup(python_requires='three', entry_points=4)\n"},
        {"pyproject.toml/x": ""},
        {".python-version": "pypy3.9-7.3\nsystem\nmyenv\n"},
        {".python-version": "3\n"},
        {"runtime.txt": "ruby-3.1\n"},
        {".tool-versions": "nodejs 20.1.0\npython ref:main\n"},
        {"Dockerfile": "FROM node:20\nFROM python\nFROM python:latest\nFROM mypython:3.11\nRUN python:3.11\n"},
        {"poetry.toml/x": ""},
        {"flake.lock": "{}"},
    ],
)
def test_what_cannot_be_read_says_nothing(files: dict[str, bytes | str]) -> None:
    assert read(files) == Surroundings()


def test_setup_py_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(
        "import setuptools, pathlib\npathlib.Path(__file__).with_name('ran').touch()\nsetuptools.setup(name='x')\n"
    )
    surroundings, _ = read_surroundings(DiskTree(str(tmp_path)))
    assert surroundings.name == "x"
    assert [each.name for each in tmp_path.iterdir()] == ["setup.py"]


# metadata


def test_metadata_of_pyproject_comes_before_setup_cfg_and_setup_py() -> None:
    surroundings = read(
        {
            "pyproject.toml": '[project]\nname = "one"\n[tool.poetry]\nname = "two"\nversion = "2"\n',
            "setup.cfg": "[metadata]\nname = three\ndescription = Third\n",
            "setup.py": "from setuptools import setup\nsetup(name='four', license='MIT', version='4')\n",
        }
    )
    assert (surroundings.name, surroundings.version, surroundings.description, surroundings.licence) == (
        "one",
        "2",
        "Third",
        "MIT",
    )
    assert (surroundings.has_project_table, surroundings.has_poetry_table) == (True, True)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "pyproject.toml",
            (
                '[project]\nname = "imgapp"\nversion = "1.2"\ndescription = "Pictures"\nlicense = {text = "MIT"}\n'
                'authors = [{name = "Ann", email = "ann@example.org"}, {email = "b@example.org"}]\n'
                '[project.scripts]\nimgapp = "imgapp:main"\n'
            ),
        ),
        (
            "pyproject.toml",
            (
                '[tool.poetry]\nname = "imgapp"\nversion = "1.2"\ndescription = "Pictures"\nlicense = "MIT"\n'
                'authors = ["Ann <ann@example.org>"]\n[tool.poetry.scripts]\nimgapp = "imgapp:main"\n'
                'tool = {reference = "x.sh", type = "file"}\n'
            ),
        ),
        (
            "setup.cfg",
            (
                "[metadata]\nname = imgapp\nversion = 1.2\ndescription = Pictures\nlicense = MIT\nauthor = Ann\n"
                "author-email = ann@example.org\n[options.entry_points]\nconsole_scripts =\n imgapp = imgapp:main\n x\n"
            ),
        ),
        (
            "setup.py",
            (
                "import setuptools\nNAME = 'imgapp'\nINFO = dict(version='1.2', description='Pictures')\n"
                "setuptools.setup(name=NAME, license='MIT', author='Ann', author_email='ann@example.org',\n"
                "    entry_points={'console_scripts': ['imgapp = imgapp : main [fast]', 'bad', 3]}, **INFO)\n"
            ),
        ),
        (
            "setup.py",
            (
                "from setuptools import setup\nif 1:\n    setup(name='imgapp', version='1.2', description='Pictures',\n"
                "    license='MIT', author='Ann', author_email='ann@example.org',\n"
                "    entry_points='''\n    [console_scripts]\n    imgapp = imgapp:main\n    ''')\n"
            ),
        ),
    ],
)
def test_metadata(path: str, content: str) -> None:
    surroundings = read({path: content})
    assert (surroundings.name, surroundings.version, surroundings.description) == ("imgapp", "1.2", "Pictures")
    assert (surroundings.licence, surroundings.authors) == ("MIT", ("Ann <ann@example.org>",))
    assert surroundings.scripts == (Script(name="imgapp", target="imgapp:main"),)


# Python


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.9"\n'},
            (">=3.9", True, "pyproject.toml:3"),
        ),
        (
            {"pyproject.toml": '[tool.poetry.group.x]\npython = "1"\n[tool.poetry.dependencies]\npython = "^3.8"\n'},
            ("<4.0,>=3.8", True, "pyproject.toml:4"),
        ),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = "~2.7 || ^3.6"\n'},
            ("<4.0,>=2.7", True, "pyproject.toml:2"),
        ),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "3.11"\n'}, ("==3.11", True, "pyproject.toml:2")),
        ({"setup.cfg": "[options]\n\npython_requires = >=3.7\n"}, (">=3.7", True, "setup.cfg:3")),
        (
            {"setup.py": "from setuptools import setup\nsetup(\n  python_requires='>=3.6',\n)\n"},
            (">=3.6", True, "setup.py:3"),
        ),
        ({".python-version": "# pyenv\n3.11.4\n3.10.1\n"}, (">=3.11", False, ".python-version:2")),
        ({".python-version": "cpython-3.12"}, (">=3.12", False, ".python-version:1")),
        ({"runtime.txt": "python-3.10.9\r\n"}, (">=3.10", False, "runtime.txt:1")),
        ({".tool-versions": "nodejs 20\npython 3.11.4 2.7.18\n"}, (">=3.11", False, ".tool-versions:2")),
        ({"Dockerfile": "# app\nFROM python:3.11\n"}, (">=3.11", False, "Dockerfile:2")),
        ({"docker/Dockerfile": "FROM python:3.14.7-slim AS builder\n"}, (">=3.14", False, "docker/Dockerfile:1")),
        (
            {"Dockerfile": "from --platform=linux/amd64 docker.io/library/python:3.9.18-slim-bookworm as build\n"},
            (">=3.9", False, "Dockerfile:1"),
        ),
    ],
)
def test_a_python_hint(files: dict[str, bytes | str], expected: tuple[str, bool, str]) -> None:
    assert [(str(SpecifierSet(text)), stated, origin) for text, stated, origin in hints(files)] == [
        (str(SpecifierSet(expected[0])), *expected[1:])
    ]


@pytest.mark.parametrize("range_", ["*", "", "nonsense", "<3 || >=3", "<3,>4"])
def test_a_range_that_says_nothing_is_no_hint(range_: str) -> None:
    assert hints({"pyproject.toml": f'[tool.poetry.dependencies]\npython = "{range_}"\n'}) == []


def test_python_hints_come_in_the_order_in_which_they_count() -> None:
    files: dict[str, bytes | str] = {
        "Dockerfile": "FROM python:3.9\n",
        ".tool-versions": "python 3.10.1\n",
        "runtime.txt": "python-3.11.1\n",
        ".python-version": "3.12.1\n",
        "setup.py": "from setuptools import setup\nsetup(python_requires='>=3.5')\n",
        "setup.cfg": "[options]\npython_requires = >=3.6\n",
        "pyproject.toml": '[project]\nrequires-python = ">=3.8"\n[tool.poetry.dependencies]\npython = ">=3.7"\n',
    }
    assert [text for text, _, _ in hints(files)] == [f">=3.{minor}" for minor in (8, 7, 6, 5, 12, 11, 10, 9)]


# code


def test_packages_and_modules() -> None:
    surroundings = read(
        {
            "imgapp/__init__.py": "",
            "imgapp/inner/__init__.py": "",
            "src/other/__init__.py": "",
            "src/helper.py": "",
            "tests/__init__.py": "",
            "no_init/x.py": "",
            "odd-name/__init__.py": "",
            "venv/__init__.py": "",
            ".hidden/__init__.py": "",
            "setup.py": "",
            "conftest.py": "",
            "app.py": "",
        }
    )
    places = [(place.include.path, str(place.kind), place.beside) for place in surroundings.layout.places]
    assert places == [
        ("app.py", "module", False),
        ("conftest.py", "module", True),
        ("imgapp", "package", False),
        ("no_init", "namespace", False),
        ("tests", "package", True),
        ("venv", "other", True),
        ("src/helper.py", "module", False),
        ("src/other", "package", False),
    ]
    assert [each.path for each in surroundings.layout.packages] == ["imgapp", "src/other"]


def test_imports_are_neither_pythons_nor_the_projects_own() -> None:
    surroundings = read(
        {
            "imgapp/__init__.py": "import os.path, flask\nfrom . import views\nfrom .v import x\nimport imgapp.views\n",
            "imgapp/views.py": "def f():\n    from PIL import Image\n    import yaml as y, app\n",
            "app.py": 'text = """\nimport notreally\n"""\nfrom requests.adapters import HTTPAdapter\n',
            "jobs/nightly.py": "import celery\n",
            "celery/worker.conf": "",
            "tests/test_it.py": "import pytest, flask\n",
            "imgapp/test_more.py": "import responses\n",
            "node_modules/x/y.py": "import no1\n",
            ".venv/lib/x.py": "import no2\n",
            "myenv/pyvenv.cfg": "",
            "myenv/lib/x.py": "import no3\n",
            "build/lib/x.py": "import no4\n",
        }
    )
    assert surroundings.imports == {"flask", "PIL", "yaml", "requests", "celery"}
    assert surroundings.test_imports == {"pytest", "responses"}


def test_python_2_still_says_what_it_imports() -> None:
    content = 'print "hello"\nimport urllib2, MySQLdb\n  from pylons import c\nfrom . import x\n# import no\n'
    assert read({"old.py": content}).imports == {"urllib2", "MySQLdb", "pylons"}


@pytest.mark.parametrize(
    ("bound", "value", "expected"),
    [
        ("MOST_FILES", 1, {"a"}),
        ("MOST_FOLDERS", 1, {"a", "b"}),
        ("MOST_FOLDERS", 2, {"a", "b", "c"}),
        ("MOST_BYTES", 18, {"a", "b"}),
        ("LARGEST_FILE", 9, {"a", "b", "d"}),
    ],
)
def test_a_large_project_is_read_within_bounds(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int, expected: set[str]
) -> None:
    monkeypatch.setattr(code, bound, value)
    files: dict[str, bytes | str] = {
        "1.py": "import a\n",
        "2.py": "import b\n",
        "x/3.py": "import c  # longer\n",
        "y/z/4.py": "import d\n",
    }
    assert read(files).imports == expected


def test_nobody_elses_folder_is_even_listed() -> None:
    tree = RecordingTree(DictTree({".git/x/y.py": "", "node_modules/x.py": "", ".venv/x.py": "", "own/x.py": ""}))
    read_surroundings(tree)
    touched = {path.partition("/")[0] for _, path in tree.asked}
    assert touched.isdisjoint({".git", "node_modules", ".venv"})
    assert "own" in touched


def test_a_folder_that_may_not_be_read_is_passed_over() -> None:
    class Barred(DictTree):
        def list(self, path: str) -> tuple[str, ...]:
            if path == "pgdata":
                raise WorldError("pgdata may not be read")
            return super().list(path)

        def read(self, path: str) -> bytes | None:
            if path == "secret.py":
                raise WorldError("secret.py may not be read")
            return super().read(path)

    surroundings, findings = read_surroundings(Barred({"pgdata/x.py": "", "secret.py": "", "a.py": "import six\n"}))
    assert surroundings.imports == {"six"}
    assert findings == ()


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import six\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    surroundings, _ = read_surroundings(DiskTree(str(tmp_path)))
    assert surroundings.imports == {"six"}


# our own traces


def test_the_record_of_a_previous_run_comes_back() -> None:
    record = Record(
        format="requirements",
        sources=("requirements.in", "requirements.txt"),
        answers=(("flake", True), ("group", ("dev=dev.txt",)), ("python", ">=3.11")),
        accepted=(AcceptedDrift(name="six", old="1.15.0", new="1.16.0"),),  # type: ignore[arg-type]
    )
    assert read({"pyproject.toml": write(plan(record=record), None).text}).record == record


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[tool.migrator]\n", None),
        ("[tool.migrator]\nformat = 3\n", None),
        (
            (
                '[tool.migrator]\nformat = "x"\nsources = [1]\naccepted = [3, {name = "x", old = 1}, {old = "1"}]\n'
                'answers = {a = 1, b = false, c = [1, "d"]}\n'
            ),
            Record(format="x", sources=(), answers=(("b", False), ("c", ("d",)))),
        ),
    ],
)
def test_an_edited_record_does_no_harm(content: str, expected: Record | None) -> None:
    assert read({"pyproject.toml": content}).record == expected


def existing(surroundings: Surroundings) -> list[tuple[Any, ...]]:
    return [(each.name, each.constraint, each.group, each.ours, str(each.origin)) for each in surroundings.existing]


def test_existing_dependencies() -> None:
    content = """\
[project]
name = "x"
dependencies = [
    "Requests[socks]>=2 ; python_version < '3'",
    "lib @ https://e.example/lib-1.tar.gz",
    "no requirement",
    4,
]

[dependency-groups]
dev = ["pytest", {include-group = "lint"}]

[tool.poetry.dependencies]
python = "^3.9"
Flask = "^3.0"
lib = {path = "../lib"}
django = [{version = "^5", python = "<3.12"}, "^6"]
odd = 4

[tool.poetry.dev-dependencies]
six = "*"

[tool.poetry.group.docs.dependencies]
sphinx = {version = "^7"}
"""
    assert existing(read({"pyproject.toml": content})) == [
        ("requests", ">=2", "main", False, "pyproject.toml:4"),
        ("lib", "", "main", False, "pyproject.toml:5"),
        ("pytest", "", "dev", False, "pyproject.toml:11"),
        ("flask", "^3.0", "main", False, "pyproject.toml:15"),
        ("lib", "", "main", False, "pyproject.toml:16"),
        ("django", "^5 || ^6", "main", False, "pyproject.toml:17"),
        ("odd", "", "main", False, "pyproject.toml:18"),
        ("six", "*", "dev", False, "pyproject.toml:21"),
        ("sphinx", "^7", "docs", False, "pyproject.toml:24"),
    ]


@pytest.mark.parametrize("style", list(Style), ids=str)
def test_what_we_wrote_is_ours_until_somebody_edits_it(style: Style) -> None:
    wishes = (wish("six", "^1.16.0"), wish("flask", "^3.0.2"), wish("pytest", "^8.0", group="dev"))
    text = write(plan(style, dependencies=wishes), None).text
    assert tomllib.loads(text)
    assert {(each.name, each.ours) for each in read({"pyproject.toml": text}).existing} == {
        ("six", True),
        ("flask", True),
        ("pytest", True),
    }
    edited = text.replace("^3.0.2", ">=3").replace(">=3.0.2,<4.0.0", ">=3")
    assert {(each.name, each.ours) for each in read({"pyproject.toml": edited}).existing if each.constraint} >= {
        ("six", True),
        ("flask", False),
        ("pytest", True),
    }


@pytest.mark.parametrize(("first", "expected"), [("{ pkgs }:", True), ("", True), (NIX_FIRST_LINE, False)])
def test_whose_the_nix_files_are(first: str, expected: bool) -> None:
    surroundings = read(
        {"default.nix": f"{first}\n{{ }}\n", "shell.nix": f"{first}\n", "flake.nix": f"{first}\n", "poetry.toml": ""}
    )
    own = (surroundings.own_default_nix, surroundings.own_shell_nix, surroundings.own_flake)
    assert own == (expected, expected, expected)
    assert surroundings.nix_files == ("default.nix", "flake.nix", "shell.nix")
    assert surroundings.has_poetry_toml
