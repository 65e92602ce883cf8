"""The command line as scripts meet it: exit statuses, one sentence for each mistake, nothing touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migrator import cli
from migrator.cli.targets import readable_report
from migrator.reports import form_names

from .unprivileged import open_folder, unprivileged

ROOT = Path(__file__).parent.parent
IMGAPP = ROOT / "fixtures" / "examples" / "imgapp"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "migrator", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def project(folder: Path, **contents: str) -> Path:
    for name, text in contents.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


WRONG_USAGE = [
    ((), "Name a command; migrate --help lists them"),
    (("--nope",), "No such option: --nope; migrate --help tells what can be asked"),
    (("inspect",), "Missing argument 'FILE'; migrate --help tells what can be asked"),
    (
        ("from-requirements", "--constraint", "tight"),
        "--constraint is one of caret, compatible, minimum, exact, not 'tight'",
    ),
    (
        ("from-requirements", "--flake", "--no-nix"),
        "--flake asks for a Nix file and --no-nix for none; leave one of them out",
    ),
    (
        ("auto", "--no-lock", "--flake"),
        "--flake asks for a Nix file and --no-lock for none; leave one of them out",
    ),
    (("from-requirements", "--format", "toml"), "--format is poetry or pep621, not 'toml'"),
    (
        ("from-requirements", "--python", "new"),
        "'new' is no range of Pythons; write for example '>=3.11' or '>=3.11,<3.14'",
    ),
    (("from-requirements", "--script", "shop"), "--script takes NAME=MODULE:FUNCTION, not 'shop'"),
    (("from-requirements", "--script", "shop=main"), "--script takes NAME=MODULE:FUNCTION, not 'shop=main'"),
    (
        ("from-requirements", "--name", "../shop"),
        "--name takes a name of letters, digits, '.', '_' and '-', not '../shop'",
    ),
    (
        ("from-requirements", "--script", "../../bin/shop=shop:main"),
        "--script takes NAME=MODULE:FUNCTION, not '../../bin/shop=shop:main'",
    ),
    (("from-requirements", "--group", "dev"), "--group takes NAME=FILE, not 'dev'"),
    (
        ("from-pipenv", "--dev", "requirements.txt"),
        "--dev names a further file; from-pipenv takes none, and knows its groups",
    ),
    (
        ("from-pipenv", "--group", "docs=requirements.txt"),
        "--group names a further file; from-pipenv takes none, and knows its groups",
    ),
    (("from-pipenv", "a", "b"), "from-pipenv takes one project at a time, not 'a' and 'b'"),
    (("from-requirements", "--native", "zlib"), "--native takes ATTRIBUTE=PACKAGE, not 'zlib'"),
    (
        ("from-requirements", "--report", "report.pdf"),
        (
            "--report report.pdf: the name must end in one of .html, .json, .md, .sarif, .txt, "
            "or begin with one of github:, html:, json:, md:, sarif:, txt:"
        ),
    ),
    (
        ("from-requirements", "--report", "md:-", "--json"),
        "Only one report can be printed, not json and md; write the others to files",
    ),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG_USAGE, ids=[" ".join(a) or "nothing" for a, _ in WRONG_USAGE])
def test_wrong_usage_is_one_sentence_and_2(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """What the command line cannot mean is said in one sentence; nothing is read or written."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    before = files(tmp_path)
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (cli.USAGE, "", f"migrate: {sentence}\n")
    assert files(tmp_path) == before


NOTHING_TO_READ = [
    (("from-requirements", "absent.txt"), "absent.txt does not exist; name an existing file"),
    (
        ("from-requirements", "requirements.txt", "--dev", "absent.txt"),
        "absent.txt does not exist; name an existing file",
    ),
    (("from-requirements", "folder"), "folder is a folder; name a file in it"),
    (("from-pipenv",), "No pipenv file was found in FOLDER; name the files to migrate"),
    (("from-pipenv", "folder"), "No pipenv file was found in folder; name the files to migrate"),
    (("from-pipenv", "absent"), "absent does not exist; name an existing file, or its folder"),
    (
        ("from-pipenv", "requirements.txt"),
        "requirements.txt is none of the files that from-pipenv reads (a Pipfile with its Pipfile.lock)",
    ),
    (("inspect", "absent.txt"), "absent.txt does not exist; name an existing file"),
    (("inspect", "folder"), "folder is a folder; name a file in it"),
    (
        ("inspect", "picture.png"),
        "picture.png is of no format that migrate reads (pipenv, poetry, pypi2nix, requirements)",
    ),
]


@pytest.mark.parametrize(("arguments", "sentence"), NOTHING_TO_READ, ids=[" ".join(a) for a, _ in NOTHING_TO_READ])
def test_a_file_that_is_none_is_one_sentence_and_1(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    """A missing file, a folder in place of a file, a picture: what, where, and what to do."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    before = files(tmp_path)
    done = run(*arguments, cwd=tmp_path)
    said = f"migrate: {sentence.replace('FOLDER', tmp_path.name)}\n"
    assert (done.returncode, done.stdout, done.stderr) == (cli.STOPPED, "", said)
    assert files(tmp_path) == before


@pytest.mark.parametrize("named", ["shop", "shop/Pipfile", "shop/Pipfile.lock", "."])
def test_a_pipenv_project_is_named_by_its_folder_or_by_either_file(named: str, tmp_path: Path) -> None:
    """What is written lands in its folder, and a rerun without any name changes nothing."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "Pipfile").write_text('[packages]\nidna = "*"\n', encoding="utf-8")
    (shop / "Pipfile.lock").write_text('{"default": {"idna": {"version": "==3.11"}}}', encoding="utf-8")
    arguments = ("from-pipenv", named, "--no-lock", "--python", ">=3.11", "--quiet")
    done = run(*arguments, cwd=shop if named == "." else tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (cli.DONE, "", "")
    assert sorted(files(tmp_path)) == ["shop/Pipfile", "shop/Pipfile.lock", "shop/pyproject.toml"]
    before = files(tmp_path)
    assert '"idna"' in before["shop/pyproject.toml"].decode()
    assert run("from-pipenv", "--no-lock", "--quiet", cwd=shop).returncode == cli.DONE
    assert files(tmp_path) == before


def test_the_files_of_another_format_are_not_recalled(tmp_path: Path) -> None:
    """First the requirements files, then the Pipfile: each command reads its own."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    (tmp_path / "Pipfile").write_text('[packages]\nsix = "*"\n', encoding="utf-8")
    first = run("from-requirements", "requirements.txt", "--no-lock", "--quiet", "--python", ">=3.11", cwd=tmp_path)
    second = run("from-pipenv", "--no-lock", "--quiet", cwd=tmp_path)
    assert (first.returncode, second.returncode, second.stderr) == (cli.DONE, cli.DONE, "")
    assert "six" in (tmp_path / "pyproject.toml").read_text(encoding="utf-8")


def test_an_empty_folder_names_what_is_looked_for(tmp_path: Path) -> None:
    """Nothing to migrate here: one sentence."""
    (tmp_path / "shop").mkdir()
    done = run("from-requirements", cwd=tmp_path / "shop")
    sentence = "migrate: No requirements file was found in shop; name the files to migrate\n"
    assert (done.returncode, done.stdout, done.stderr) == (cli.STOPPED, "", sentence)


def test_no_permission_to_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that may not be read stops the migration before anything is written."""
    import migrator.pipeline
    import migrator.tools.poetry.choose  # noqa: F401 (where Python's own folders are root's, nobody could not import)

    with open_folder() as folder:
        project(folder, requirements_txt="idna==3.11\n")
        (folder / "requirements.txt").chmod(0)
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.argv", ["migrate", "from-requirements", "requirements.txt", "--no-lock"])
        with unprivileged(), pytest.raises(SystemExit) as left:
            cli.main()
        monkeypatch.chdir(ROOT)
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (cli.STOPPED, "")
    assert said.err == (
        "migrate: requirements.txt cannot be read because permission is denied: "
        "give yourself the right to it, then run migrate again.\n"
    )


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    """With ``--json`` standard output is one JSON document, also when the migration stops."""
    project(tmp_path, requirements_txt="idna==3.11\nidna==3.10\n")
    done = run("from-requirements", "--no-lock", "--python", ">=3.11", "--json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["schema"]) == (cli.STOPPED, "", 1)
    assert files(tmp_path).keys() == {"requirements.txt"}


def test_no_lock_needs_no_poetry_and_writes_pyproject_alone(tmp_path: Path) -> None:
    """``--no-lock`` implies ``--no-nix``; what was not done is told, and ``--strict`` makes that a 3."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    done = run("from-requirements", "--no-lock", "--python", ">=3.11", "--strict", cwd=tmp_path)
    assert done.returncode == cli.EYES, done.stderr
    assert files(tmp_path).keys() == {"requirements.txt", "pyproject.toml"}


def test_quiet_prints_nothing_when_all_is_well(tmp_path: Path) -> None:
    """``--quiet`` leaves both streams empty."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    done = run("from-requirements", "--no-lock", "--python", ">=3.11", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (cli.DONE, "", "")


def test_output_lands_elsewhere_and_the_project_stays_as_it_was(tmp_path: Path) -> None:
    """``--output`` changes only where files land; the folder is made."""
    (tmp_path / "shop").mkdir()
    project(tmp_path / "shop", requirements_txt="idna==3.11\n")
    done = run("from-requirements", "--no-lock", "--python", "3.11", "--output", "../new", cwd=tmp_path / "shop")
    assert done.returncode == cli.DONE, done.stderr
    assert files(tmp_path / "shop").keys() == {"requirements.txt"}
    assert files(tmp_path / "new").keys() == {"pyproject.toml"}


@pytest.mark.parametrize(
    "report",
    [
        *("txt:requirements.txt", "json:pyproject.toml", "txt:app.py", "md:.git/config"),
        *("github:app.py", "sarif:data.json", "json:data.json", "html:old.md"),
    ],
)
def test_a_report_takes_no_other_files_place(report: str, tmp_path: Path) -> None:
    """A file that was read, or that is about to be written, is no place for a report; nothing is written."""
    project(tmp_path, requirements_txt="idna==3.11\n", app_py="print()\n")
    (tmp_path / "data.json").write_text('{\n  "schema": 2,\n  "version": "2.1.0"\n}\n')
    (tmp_path / "old.md").write_text("<!-- migrator-report -->\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("[core]\n")
    before = files(tmp_path)
    done = run("from-requirements", "--no-lock", "--python", "3.11", "--report", report, cwd=tmp_path)
    name = Path(report.partition(":")[2]).name
    sentence = f"migrate: --report {name}: that file is no report; name another one\n"
    assert (done.returncode, done.stdout, done.stderr) == (cli.USAGE, "", sentence)
    assert files(tmp_path) == before


@pytest.mark.parametrize("form", form_names())
def test_a_report_takes_the_place_of_an_earlier_one_of_its_form(form: str, tmp_path: Path) -> None:
    """Whatever the file is called: every form begins in its own way."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    line = ("from-requirements", "--no-lock", "--python", "3.11", "--quiet", "--report", f"{form}:told")
    assert run(*line, cwd=tmp_path).returncode == cli.DONE
    first = files(tmp_path)
    assert len(first["told"]) > 100
    (tmp_path / "requirements.txt").write_text("idna==3.11\nsix==1.17.0\n")
    done = run(*line, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (cli.DONE, "")
    assert files(tmp_path)["told"] != first["told"]


def test_nothing_is_imported_from_the_project(tmp_path: Path) -> None:
    """A folder of the project that is called like a library of ours is no library of ours."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    for name in ("typer", "packaging", "rich", "poetry"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')\n")
    done = run("from-requirements", "--no-lock", "--python", "3.11", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (cli.DONE, "", "")


def test_what_a_folder_is_called_is_inert_on_the_terminal(tmp_path: Path) -> None:
    """Control characters of a name come out as text."""
    folder = tmp_path / "shop\x1b[31m\x07"
    folder.mkdir()
    done = run("from-requirements", cwd=folder)
    assert done.returncode == cli.STOPPED
    assert not {"\x1b", "\x07"} & set(done.stderr)


def test_the_users_own_files_in_the_output_folder_are_merged(tmp_path: Path) -> None:
    """``--output`` replaces nothing of the user's either."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "new").mkdir()
    project(tmp_path / "shop", requirements_txt="idna==3.11\n")
    (tmp_path / "new" / "pyproject.toml").write_text("[tool.mine]\nprecious = 1\n")
    done = run("from-requirements", "--no-lock", "--python", "3.11", "--output", "../new", cwd=tmp_path / "shop")
    assert done.returncode == cli.DONE, done.stderr
    assert "[tool.mine]\nprecious = 1\n" in (tmp_path / "new" / "pyproject.toml").read_text()


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    """``migrate … | head -0`` ends without a traceback."""
    script = f'"{sys.executable}" -m migrator inspect "{IMGAPP / "requirements.txt"}" --json | true'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr == ""


def test_a_fault_of_ours_is_one_sentence_with_the_place_of_the_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug names the file that holds its traceback, credentials masked, and the exit status is 1."""
    monkeypatch.chdir(project(tmp_path, requirements_txt="idna==3.11\n"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("sys.argv", ["migrate", "from-requirements", "--no-lock"])

    def broken(*_: object) -> None:
        raise RuntimeError("https://user:secret@host/ is no place")

    monkeypatch.setattr("migrator.pipeline.migrate", broken)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.STOPPED
    said = capsys.readouterr().err
    story = next(tmp_path.glob("migrate-fault-*.txt"))
    assert said == (
        "migrate: This is a fault of migrator (RuntimeError), nothing was changed; "
        f"please send {story} with your report\n"
    )
    assert "secret" not in story.read_text()
    assert "https://***@host/ is no place" in story.read_text()


def test_an_interrupted_commit_is_finished_first(tmp_path: Path) -> None:
    """The next run says what it did about the journal of one that was killed."""
    project(tmp_path, requirements_txt="idna==3.11\n")
    script = (
        "import os, signal\nfrom migrator.tools import commit\nfrom migrator.model.artifact import *\n"
        "commit._stage = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "commit.commit('.', (Artifact(path='pyproject.toml', text='x', ownership=Ownership.GENERATED),))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / ".migrate-journal").exists()
    done = run("from-requirements", "--no-lock", "--python", "3.11", "--quiet", cwd=tmp_path)
    assert done.returncode == cli.DONE
    assert "interrupted" in done.stderr
    assert files(tmp_path).keys() == {"requirements.txt", "pyproject.toml"}


_SLEEPER = (
    "import migrator.pipeline as p, time, sys\n"
    "p.migrate = lambda *a: time.sleep(60)\nsys.argv = ['migrate', 'from-requirements', '--no-lock']\n"
    "print('ready', flush=True)\nfrom migrator.cli import main\nmain()"
)


def test_ctrl_c_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Ctrl-C while the files are read: 130, one sentence, nothing changed."""
    fifo_folder = project(tmp_path, requirements_txt="idna==3.11\n")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _SLEEPER,
        ],
        cwd=fifo_folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (cli.INTERRUPTED, "migrate: Stopped; nothing was changed\n")
    assert files(tmp_path).keys() == {"requirements.txt"}


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems have no such names")
@pytest.mark.parametrize("arguments", [(), ("--no-lock",), ("--dry-run",)], ids=" ".join)
@pytest.mark.parametrize("path", [b"requirements/dev\xff.txt", b"r\xff-requirements.txt"])
def test_a_file_whose_name_is_not_utf8_is_one_sentence(path: bytes, arguments: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(path)
    place.parent.mkdir(exist_ok=True)
    place.write_text("six==1.17.0\n")
    ran = run("from-requirements", "--python", ">=3.11", *arguments, cwd=tmp_path)
    shown = path.decode("ascii", "surrogateescape").encode("ascii", "backslashreplace").decode()
    assert (ran.returncode, ran.stdout, ran.stderr) == (
        1,
        "",
        (
            f"migrate: {shown}: this name is not UTF-8, so pyproject.toml cannot tell where its versions come from; "
            "rename the file, or name other files to migrate\n"
        ),
    )
    assert list(files(tmp_path)) == [os.fsdecode(path)]


@pytest.mark.skipif(sys.platform != "linux", reason="arguments are text elsewhere")
@pytest.mark.parametrize("option", ["--name", "--native", "--index-url", "--python"])
def test_an_option_that_is_not_utf8_is_one_sentence(option: str, tmp_path: Path) -> None:
    ran = run("from-requirements", option, os.fsdecode(b"n\xff=six"), cwd=project(tmp_path, requirements_txt="six\n"))
    said = f"migrate: {option} takes text in UTF-8, not 'n\\udcff=six'\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", said)


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems have no such names")
def test_a_folder_whose_name_is_not_utf8_is_a_project_like_any(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"pr\xffoj")
    folder.mkdir()
    project(folder, requirements_txt="six==1.17.0\n")
    (folder / os.fsdecode(b"pack\xff")).mkdir()
    ran = run("from-requirements", "--python", ">=3.11", "--no-lock", cwd=folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert 'name = "pr-oj"' in (folder / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], None),
        (["github:-", "report.json", "report.sarif"], None),
        (["report.json", "docs/migration.md", "report.html"], "docs/migration.md"),
        (["txt:notes/migration"], "notes/migration"),
        (["md:-", "report.html"], "report.html"),
    ],
)
def test_what_the_terminal_names_is_the_first_report_for_people(given: list[str], named: str | None) -> None:
    assert readable_report(given) == named
