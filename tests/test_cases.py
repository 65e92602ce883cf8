"""Each folder ``fixtures/FORMAT/CASE`` is a test: what goes in, what comes out, byte for byte.

A case holds ``in/`` (or ``in.path``, the name of an example to take), ``arguments`` (the command line), what the index
said (``evidence.json``), what files of the lock hold (``insides.json``) and Poetry's ``poetry.lock``, all recorded; and
what is expected: ``out/`` (the files written), ``report.md`` and in ``reports/`` every other form, ``terminal.txt`` and
``status``.
``python -m tests.cases --rewrite`` records and rewrites them.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator import cli
from migrator.model.finding import Code
from migrator.reports import form_names

from .cases import FIXTURES, Replay, expected, file_of, files, find_cases, lay_out, name_of, play, run
from .replay import ReplayedPoetry
from .report_readers import check_report

CASES = find_cases()
every_case = pytest.mark.parametrize("case", CASES, ids=[name_of(case) for case in CASES])


@every_case
def test_what_goes_in_comes_out_as_expected(case: Path, tmp_path: Path) -> None:
    """Files, report, terminal and exit status: every byte of them."""
    found = play(case, tmp_path, Replay(case))
    assert {name: data.decode() for name, data in found.items()} == {n: d.decode() for n, d in expected(case).items()}


@every_case
def test_a_second_run_changes_nothing(case: Path, tmp_path: Path) -> None:
    """The same command again leaves every byte, and every modification time, where it is."""
    folder = lay_out(case, tmp_path)
    run(case, folder, Replay(case), "--report", "report.md")
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}
    run(case, folder, Replay(case), "--report", "report.md")
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()} == before


@every_case
def test_a_dry_run_prints_the_very_diff(case: Path, tmp_path: Path) -> None:
    """``--dry-run`` writes nothing, and what it prints, given to git, makes the files that a real run makes."""
    dry, real = lay_out(case, tmp_path / "dry"), lay_out(case, tmp_path / "real")
    before = files(dry)
    printed = run(case, dry, Replay(case), "--dry-run").out
    assert files(dry) == before
    run(case, real, Replay(case))
    if printed:
        subprocess.run(["git", "apply", "-"], cwd=dry, input=printed.encode(), check=True)
    assert files(dry) == files(real)


@every_case
def test_every_dependency_is_in_the_lock(case: Path) -> None:
    """What the written pyproject.toml names, the lock holds; judged by tomllib and packaging alone."""
    pyproject, lock = case / "out" / "pyproject.toml", case / "poetry.lock"
    assert pyproject.exists() == lock.exists() == ((case / "status").read_text() == f"{cli.DONE}\n")
    if not lock.exists():
        return
    held = {canonicalize_name(p["name"]) for p in tomllib.loads(lock.read_text(encoding="utf-8")).get("package", [])}
    data = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    tool = data.get("tool", {}).get("poetry", {})
    tables = [tool.get("dependencies", {}), *(group["dependencies"] for group in tool.get("group", {}).values())]
    requirements = [Requirement(text) for text in data.get("project", {}).get("dependencies", [])]
    named = [
        (name, entry.get("markers") if isinstance(entry, dict) else None) for t in tables for name, entry in t.items()
    ]
    named += [(requirement.name, str(requirement.marker or "")) for requirement in requirements]
    python = data.get("project", {}).get("requires-python") or tool["dependencies"]["python"]
    names = {canonicalize_name(name) for name, marker in named if not marker or is_for(marker, python)}
    assert names - {"python"} <= held


def is_for(marker: str, python: str) -> bool:
    """Whether a marker holds on some Python of a range; one that speaks of anything else is taken to."""
    if re.search(r"[a-z_]{3,}", re.sub(r"'[^']*'|\"[^\"]*\"|python_version|\b(and|not|in|or)\b", "", marker)):
        return True
    return any(
        Marker(marker).evaluate({"python_version": f"3.{minor}"})
        for minor in range(20)
        if SpecifierSet(python).contains(f"3.{minor}.99")
    )


@every_case
def test_every_report_is_what_its_reader_expects(case: Path) -> None:
    """A renderer with GitHub's tables, a tokenizer of HTML, the rule of a runner, the published schemas."""
    found = [form for form in form_names() if (case / file_of(form)).exists()]
    assert found == list(form_names())
    for form in found:
        check_report(form, (case / file_of(form)).read_text(encoding="utf-8"))


@every_case
@pytest.mark.parametrize("form", form_names())
def test_a_report_can_be_printed_whatever_became_of_the_run(case: Path, form: str, tmp_path: Path) -> None:
    """``--report FORM:-`` prints it and nothing else; where nothing was written, too."""
    ran = run(case, lay_out(case, tmp_path), Replay(case), "--report", f"{form}:-")
    assert (ran.out, ran.err) == ((case / file_of(form)).read_text(encoding="utf-8"), "")


def test_a_flake_that_was_asked_for_once_is_written_again(tmp_path: Path) -> None:
    """The answer is remembered: a later run without ``--flake`` brings the file back, and changes nothing else."""
    case, later = FIXTURES / "requirements" / "flake", tmp_path / "later"
    folder = lay_out(case, tmp_path)
    run(case, folder, Replay(case))
    before = files(folder)
    (folder / "flake.nix").unlink()
    later.mkdir()
    (later / "arguments").write_text("from-requirements")
    ran = run(later, folder, Replay(case))
    assert (ran.status, ran.outcome.written if ran.outcome else ()) == (cli.DONE, ("flake.nix",))
    assert files(folder) == before


def test_a_flake_of_the_user_stays(tmp_path: Path) -> None:
    """There is but one name for a flake; what to add to it is told."""
    case = FIXTURES / "requirements" / "own-nix-files"
    folder = lay_out(case, tmp_path)
    theirs = (folder / "flake.nix").read_bytes()
    ran = run(case, folder, Replay(case))
    assert (ran.status, (folder / "flake.nix").read_bytes() == theirs) == (cli.DONE, True)
    assert ran.outcome is not None
    told = [f.advice for f in ran.outcome.findings if f.message.startswith("flake.nix is yours")]
    assert [("import ./migrator.nix" in advice, "import ./shell.nix" in advice) for advice in told] == [(True, True)]


def test_nothing_is_written_that_poetry_check_would_refuse(tmp_path: Path) -> None:
    case = FIXTURES / "requirements" / "shuffled"
    folder = lay_out(case, tmp_path)
    before = files(folder)
    with patch.object(ReplayedPoetry, "check", return_value=("project.name must be set",)):
        ran = run(case, folder, Replay(case))
    assert (ran.status, files(folder)) == (cli.STOPPED, before)
    assert ran.outcome is not None
    assert [(f.code, f.message) for f in ran.outcome.findings if f.severity == "stop"] == [
        (Code.POETRY_CHECK, "`poetry check` would refuse this: project.name must be set")
    ]


def test_shuffled_input_gives_the_same_files(tmp_path: Path) -> None:
    """Pip ignores the order of these lines, and so do we: every file that is written has the same bytes."""
    case = FIXTURES / "requirements" / "shuffled"
    results = []
    for name, order in (("as-is", 1), ("reversed", -1)):
        folder = lay_out(case, tmp_path / name)
        lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        (folder / "requirements.txt").write_text("\n".join(lines[::order]) + "\n", encoding="utf-8")
        ran = run(case, folder, Replay(case))
        assert (ran.status, ran.err) == (cli.DONE, "")
        results.append({n: data for n, data in files(folder).items() if n != "requirements.txt"})
    assert results[0] == results[1]


def test_a_shuffled_pipfile_and_lock_give_the_same_files(tmp_path: Path) -> None:
    """TOML's tables and JSON's objects have no order."""
    case = FIXTURES / "pipenv" / "storefront"
    results = []
    for name, order in (("as-is", 1), ("reversed", -1)):
        folder = lay_out(case, tmp_path / name)
        head, *tables = re.split(r"(?m)^(?=\[[a-z])", (folder / "Pipfile").read_text(encoding="utf-8"))
        tables = ["\n".join([t.split("\n")[0], *t.strip().split("\n")[1:][::order]]) + "\n\n" for t in tables]
        (folder / "Pipfile").write_text(head + "".join(tables[::order]), encoding="utf-8")
        lock = json.loads((folder / "Pipfile.lock").read_text(encoding="utf-8"))
        lock = {section: dict([*table.items()][::order]) for section, table in [*lock.items()][::order]}
        (folder / "Pipfile.lock").write_text(json.dumps(lock), encoding="utf-8")
        ran = run(case, folder, Replay(case))
        assert (ran.status, ran.err) == (cli.DONE, "")
        assert "stale-lock" not in ran.out
        results.append({n: data for n, data in files(folder).items() if not n.startswith("Pipfile")})
    assert results[0] == results[1]


WRITTEN_FROM_NIX = [
    case
    for case in CASES
    if case.parent.name == "pypi2nix" and (case / "status").read_text() == f"{cli.DONE}\n" and case.name != "damaged"
]


@pytest.mark.parametrize("case", WRITTEN_FROM_NIX, ids=[name_of(case) for case in WRITTEN_FROM_NIX])
def test_a_shuffled_expression_gives_the_same_files(case: Path, tmp_path: Path) -> None:
    """The entries of a set of Nix, and the inputs in a list, have no order that pypi2nix would mean."""
    results = []
    for seed in (None, 1, 2):
        folder = lay_out(case, tmp_path / str(seed))
        expressions = [path for path in folder.rglob("*.nix") if b"python.mkDerivation {" in path.read_bytes()]
        assert expressions
        before = {path: path.read_text(encoding="utf-8") for path in expressions}
        if seed is not None:
            for path, text in before.items():
                path.write_text(shuffle_expression(text, Random(seed)), encoding="utf-8")
                assert sorted(path.read_text(encoding="utf-8")) == sorted(text)
            assert any(path.read_text(encoding="utf-8") != text for path, text in before.items())
        ran = run(case, folder, Replay(case))
        assert (ran.status, ran.err) == (cli.DONE, "")
        results.append({n: data for n, data in files(folder).items() if n not in {p.name for p in expressions}})
    assert results[0] == results[1] == results[2]


def shuffle_expression(text: str, chance: Random) -> str:
    """The same expression with the entries of its generated set, and what they need, in another order."""
    text = re.sub(
        r'(?m)(?:^ *self\."[^"\n]+"\n)+', lambda found: shuffled(found[0].splitlines(keepends=True), chance), text
    )
    entry = r'^( *)"[^"\n]+" = python\.mkDerivation \{$.*?^\1\};\n\n?'
    entries = [found[0] for found in re.finditer(entry, text, re.MULTILINE | re.DOTALL)]
    others = iter(chance.sample(entries, len(entries)))
    return re.sub(entry, lambda _: next(others), text, flags=re.MULTILINE | re.DOTALL)


def shuffled(lines: list[str], chance: Random) -> str:
    return "".join(chance.sample(lines, len(lines)))
