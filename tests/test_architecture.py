"""What holds for the whole program: the layers, what a start costs, and that its pages tell the truth."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import migrator
from migrator.model.finding import Code
from migrator.readers import reader_names
from migrator.reports import form_names

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "migrator"

LIGHT = frozenset({"annotated_doc", "click", "migrator", "packaging", "shellingham", "typer", "typing_extensions"})
"""All that a command may load before it knows what it has to do. Poetry, tomlkit, rich and the parsers come later."""


def modules(folder: Path = PROGRAM) -> dict[str, ast.Module]:
    """Every module below ``folder``, parsed, by its path from the project's root."""
    paths = sorted(path for path in folder.rglob("*.py") if "fixtures" not in path.parts)
    return {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text(encoding="utf-8"), str(p)) for p in paths}


def imports(module: ast.Module) -> Iterator[str]:
    """The full names that a module imports, wherever in it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def codes_named_in(module: ast.Module) -> set[Code | None]:
    """The codes that a module speaks of: the member ``Code.X``, or its text."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code":
            found.add(Code.__members__.get(node.attr))
        elif isinstance(node, ast.Constant) and node.value in set(Code):
            found.add(Code(node.value))
    return found - {None}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """This Python in a process of its own, with a terminal of 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "TERMINAL_WIDTH": "80"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )


# the layers


def test_the_layers_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_a_reader_or_a_report_form_is_found_by_its_folder_alone() -> None:
    """Nobody imports one by name, so that adding one touches no other module."""
    chosen = {f"migrator.readers.{name}" for name in reader_names()}
    chosen |= {f"migrator.reports.form_{name}" for name in form_names()}
    named = {
        (path, name)
        for path, module in modules().items()
        for name in imports(module)
        for one in chosen
        if (name == one or name.startswith(f"{one}."))
        and not path.startswith(tuple(f"{each.replace('.', '/')}" for each in chosen))
    }
    assert named == set()


def is_inside_poetry(name: str) -> bool:
    """Whether a name is Poetry's own; poetry-core is a library for everybody."""
    return name.startswith("poetry.") and not name.startswith("poetry.core")


def test_only_the_worker_imports_poetry_itself() -> None:
    """Poetry's insides are no promise of its makers; what relies on them is one process that may break alone."""
    users = {path for path, module in modules().items() for name in imports(module) if is_inside_poetry(name)}
    assert {path for path in users if not path.startswith("migrator/tools/poetry/")} == set()


# what a start costs


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("from-requirements", "--help")], ids=" ".join)
def test_a_start_loads_little(arguments: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from migrator.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "names = {name.partition('.')[0] for name in sys.modules} - {'__main__'}\n"
        "print(*sorted(names - set(sys.stdlib_module_names)), file=sys.stderr)\n"
    )
    # -S and a path of our own: what an editable installation loads at every start is not ours
    path = f"import sys; sys.path += {[*sys.path, str(ROOT)]!r}\n"
    loaded = set(run("-S", "-c", path + code, *arguments).stderr.split())
    assert loaded - LIGHT == set()


# the pages


def blocks(page: str) -> dict[str, str]:
    """The blocks of a page that show a command and what it prints, by the command."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return {m["command"]: m["said"] for m in re.finditer(r"```console\n\$ (?P<command>.+)\n(?P<said>[^`]*)```", text)}


SHOWN = {(page, command): said for page in ("README.md",) for command, said in blocks(page).items()}


def test_the_readme_shows_the_help() -> None:
    assert ("README.md", "migrate --help") in SHOWN
    assert ("README.md", "migrate from-requirements --help") in SHOWN


@pytest.mark.parametrize(("where", "said"), SHOWN.items(), ids=[f"{page}: {command}" for page, command in SHOWN])
def test_what_a_page_shows_is_what_is_printed(where: tuple[str, str], said: str) -> None:
    assert run("-m", *where[1].replace("migrate", "migrator", 1).split()).stdout == said


def test_the_readme_shows_a_report_that_was_made() -> None:
    """The very text that the case of the service expects in the terminal."""
    (shown,) = re.findall(r"(?s)```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown == (ROOT / "fixtures/requirements/service/terminal.txt").read_text(encoding="utf-8")


def test_the_links_of_the_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [
        (page.relative_to(ROOT).as_posix(), target)
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert links == []


def test_the_version_is_one() -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["poetry"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (\S+)", changelog)
    assert migrator.__version__ == ours
    assert ours in headings[:2]
    assert headings[0] in {"Unreleased", ours}


def test_no_file_names_the_place_where_it_was_made() -> None:
    here = {str(ROOT).encode(), sys.prefix.encode()}
    told = [
        path.relative_to(ROOT).as_posix()
        for folder in (".ci", ".github", "docs", "fixtures", "migrator", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and any(place in path.read_bytes() for place in here)
    ]
    assert told == []


def test_what_is_written_holds_no_date_of_today() -> None:
    """Same in, same out: also tomorrow, and on another machine."""
    dated = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "fixtures").rglob("*")
        if path.is_file()
        and (path.parent.name == "out" or path.name in {"report.md", "terminal.txt"})
        and re.search(r"\b20\d\d-\d\d-\d\d(?!\.)\b", path.read_text(encoding="utf-8"))
    ]
    assert dated == []


def test_actions_are_pinned_by_their_commit() -> None:
    used = [
        line.strip()
        for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert used
    assert [line for line in used if not re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} {2}# v\d", line)] == []


# the findings


def test_every_code_has_its_place_in_the_page_of_findings() -> None:
    text = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"(?m)^\| `([a-z-]+)` \| (note|review|stop)(?:, (?:note|review|stop))* \| [^|]+ \| [^|]+ \|$", text
    )
    assert [code for code, _ in rows] == [code.value for code in Code]


def test_every_code_is_told_by_some_stage() -> None:
    """The reports name codes to put them in their place; telling is what the other layers do."""
    told = {
        code
        for path, module in modules().items()
        if not path.startswith(("migrator/reports/", "migrator/model/"))
        for code in codes_named_in(module)
    }
    assert set(Code) == told


def test_every_code_is_shown_by_some_test() -> None:
    tests = {path: module for path, module in modules(ROOT / "tests").items() if path != "tests/test_architecture.py"}
    shown = {code for module in tests.values() for code in codes_named_in(module)}
    reports = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "fixtures").rglob("report.md"))
    shown |= {code for code in Code if f"`{code}`" in reports}
    assert set(Code) == shown
