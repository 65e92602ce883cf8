"""``migrate diff``: which inputs it takes, what it says of them, and how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from migrator import cli
from migrator.model.finding import Code

from .command_line import Ran, migrate
from .git_history import GitHistory
from .report_readers import read_commands

ROOT = Path(__file__).parent.parent
IMGAPP = "fixtures/examples/imgapp/requirements.txt"
IMGAPP_LOCK = "fixtures/requirements/imgapp/poetry.lock"

PYPROJECT = """\
[tool.poetry]
name = "shop"
version = "1.0.0"

[tool.poetry.dependencies]
python = "^3.11"
{dependencies}
"""


def lock(**packages: str) -> str:
    """A poetry.lock with packages of these versions; what follows a space is what the package needs."""
    blocks = []
    for name, told in packages.items():
        version, *needs = dict.fromkeys(told.split())
        block = (
            f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
            f'python-versions = ">=3.8"\ngroups = ["main"]\nfiles = [{{file = "{name}-{version}.tar.gz", '
            f'hash = "sha256:{(name + version).encode().hex():0<64.64}"}}]\n'
        )
        if needs:
            block += "\n[package.dependencies]\n" + "".join(f'{need} = "*"\n' for need in needs)
        blocks.append(block)
    metadata = '[metadata]\nlock-version = "2.1"\npython-versions = "^3.11"\ncontent-hash = "f00d"\n'
    return "\n".join((*blocks, metadata))


def diff(*arguments: str, cwd: Path) -> Ran:
    return migrate("diff", *arguments, cwd=cwd)


def rows(ran: Ran) -> list[str]:
    """The lines of the table, with single spaces."""
    _, *blocks = ran.out.split("\n\n")
    table = blocks[0] if blocks and blocks[0].startswith("  ") and ran.out.split("\n")[1] != "No difference" else ""
    return [" ".join(line.split()) for line in table.splitlines()]


@pytest.fixture
def history(tmp_path: Path) -> GitHistory:
    """A project of two commits: a dependency upgraded, one added, one gone."""
    history = GitHistory(tmp_path / "shop")
    history.commit(
        {
            "app/pyproject.toml": PYPROJECT.format(dependencies='requests = "^2.31"\nflask = "2.0.1"'),
            "app/poetry.lock": lock(
                click="8.0.1 colorama", colorama="0.4.4", flask="2.0.1 click", idna="3.6", requests="2.31.0 idna"
            ),
        }
    )
    history.git("tag", "v1")
    history.commit(
        {
            "app/pyproject.toml": PYPROJECT.format(dependencies='requests = "^2.32"\nhttpx = "^0.28"'),
            "app/poetry.lock": lock(anyio="4.8.0 idna", httpx="0.28.1 anyio idna", idna="3.4", requests="2.32.3 idna"),
        }
    )
    return history


EXPECTED = [
    "downgraded idna 3.6 -> 3.4 transitive",
    "removed click 8.0.1 transitive",
    "removed colorama 0.4.4 transitive",
    "removed flask 2.0.1 direct",
    "added anyio 4.8.0 transitive, needed by httpx",
    "added httpx 0.28.1 direct, asked for as >=0.28,<0.29",
    "upgraded requests 2.31.0 -> 2.32.3 direct, asked for as >=2.32,<3.0, was >=2.31,<3.0",
]


def test_two_commits_are_compared_on_one_line_a_change(history: GitHistory) -> None:
    """What a pull request does to a lock: the riskiest first, each with who asks for it."""
    ran = diff("v1:app/poetry.lock", "HEAD:app/poetry.lock", cwd=history.folder)
    assert (ran.status, ran.err) == (cli.DONE, "")
    assert ran.out.splitlines()[:3] == [
        "Compared v1:app/poetry.lock (5 pins) with HEAD:app/poetry.lock (4 pins)",
        "1 downgraded, 3 removed, 2 added, 1 upgraded",
        "",
    ]
    assert rows(ran) == EXPECTED


def test_a_file_of_the_disk_is_compared_with_one_of_a_commit(history: GitHistory) -> None:
    """The pyproject.toml beside each lock is that of its own side."""
    assert rows(diff("v1:app/poetry.lock", "app/poetry.lock", cwd=history.folder)) == EXPECTED
    assert rows(diff("v1:./poetry.lock", "poetry.lock", cwd=history.folder / "app")) == EXPECTED
    assert rows(diff("v1:app/poetry.lock", "./poetry.lock", cwd=history.folder / "app")) == EXPECTED
    (history.folder / "lib").mkdir()
    assert rows(diff("v1:../app/poetry.lock", "../app/poetry.lock", cwd=history.folder / "lib")) == EXPECTED


def test_an_existing_file_of_that_name_wins(history: GitHistory) -> None:
    (history.folder / "v1:app").mkdir()
    (history.folder / "v1:app" / "poetry.lock").write_text(lock(idna="1.0"))
    ran = diff("v1:app/poetry.lock", "v1:app/poetry.lock", cwd=history.folder)
    assert ran.out == "Compared v1:app/poetry.lock (1 pin) with v1:app/poetry.lock (1 pin)\nNo difference\n"


def test_what_a_commit_does_not_have_counts_as_empty(history: GitHistory) -> None:
    """The pull request that brings the lock, or that takes it away."""
    first = history.git("rev-list", "--max-parents=0", "HEAD")
    history.commit({"app/poetry.lock": None})
    come = diff(f"{first}:lib/poetry.lock", "v1:app/poetry.lock", cwd=history.folder)
    assert come.out.splitlines()[:2] == [
        f"Compared {first}:lib/poetry.lock (not there) with v1:app/poetry.lock (5 pins)",
        "5 added",
    ]
    gone = diff("v1:app/poetry.lock", "HEAD:app/poetry.lock", cwd=history.folder)
    assert gone.out.splitlines()[1] == "5 removed"
    assert "python" not in gone.out
    ran = diff("HEAD:app/poetry.lock", "HEAD:poetry.lock", cwd=history.folder)
    assert (ran.status, ran.out) == (cli.STOPPED, "")
    assert ran.err == (
        "migrate: Neither HEAD:app/poetry.lock nor HEAD:poetry.lock is there; name a file that one of them has\n"
    )


def test_includes_are_read_from_the_same_commit(tmp_path: Path) -> None:
    """A ``-r`` of yesterday's file means yesterday's other file."""
    history = GitHistory(tmp_path)
    history.commit({"requirements.txt": "-r deps/base.txt\n", "deps/base.txt": "idna==3.6\n"})
    history.commit({"deps/base.txt": "idna==3.11\n"})
    (tmp_path / "deps" / "base.txt").write_text("idna==4.0\n")
    assert rows(diff("HEAD~:requirements.txt", "HEAD:requirements.txt", cwd=tmp_path)) == ["upgraded idna 3.6 -> 3.11"]
    assert rows(diff("HEAD:requirements.txt", "requirements.txt", cwd=tmp_path)) == ["upgraded idna 3.11 -> 4.0"]


def test_the_exit_status_tells_only_with_strict_that_something_differs(history: GitHistory) -> None:
    same, other = ("v1:app/poetry.lock", "v1:app/poetry.lock"), ("v1:app/poetry.lock", "app/poetry.lock")
    assert diff(*same, cwd=history.folder).status == cli.DONE
    assert diff(*other, cwd=history.folder).status == cli.DONE
    assert diff(*same, "--strict", cwd=history.folder).status == cli.DONE
    assert diff(*other, "--strict", cwd=history.folder).status == cli.EYES
    constraint = history.folder / "app" / "pyproject.toml"
    constraint.write_text(constraint.read_text().replace("^2.32", "^2.32.1"))
    assert diff("HEAD:app/poetry.lock", "app/poetry.lock", "--strict", cwd=history.folder).status == cli.EYES


NO_REVISION = "is no file here, and as REV:PATH it cannot be read"
SENTENCES = [
    ("absent.lock", "absent.lock does not exist; name an existing file, or REV:PATH for one of a commit"),
    ("app", "app is a folder; name a file in it"),
    ("HEAD:app", "HEAD:app is a folder in that commit; name a file in it"),
    ("v9:app/poetry.lock", f"v9:app/poetry.lock {NO_REVISION}: The repository has no revision v9; git log and git br"),
    ("HEAD:../poetry.lock", f"HEAD:../poetry.lock {NO_REVISION}: ../poetry.lock lies outside of the repository; write"),
    (
        ":app/poetry.lock",
        f":app/poetry.lock {NO_REVISION}: '' is no revision; write a branch, a tag or a commit before",
    ),
    ("HEAD:notes.md", "HEAD:notes.md is of no format that migrate reads ("),
    ("notes.md", "notes.md is of no format that migrate reads ("),
    ("HEAD:link.lock", "HEAD:link.lock is a symbolic link to app/poetry.lock in that commit; name the file itself"),
    (
        "HEAD:linked/poetry.lock",
        "HEAD:linked/poetry.lock is not read, because linked is a symbolic link in that commit",
    ),
    ("HEAD:sub/poetry.lock", "HEAD:sub/poetry.lock is not read, because sub is a submodule in that commit"),
]


@pytest.mark.parametrize(("text", "sentence"), SENTENCES, ids=[text for text, _ in SENTENCES])
@pytest.mark.parametrize("first", [True, False])
def test_what_cannot_be_compared_is_one_sentence(history: GitHistory, text: str, sentence: str, first: bool) -> None:
    """A missing revision, a path outside the repository, an unsupported file, a link: what, where, and what to do."""
    (history.folder / "notes.md").write_text("notes\n")
    (history.folder / "link.lock").symlink_to("app/poetry.lock")
    (history.folder / "linked").symlink_to("app")
    history.git("update-index", "--add", "--cacheinfo", f"160000,{history.git('rev-parse', 'HEAD')},sub")
    history.git("add", "notes.md", "link.lock", "linked")
    history.git("commit", "--quiet", "-m", "Others")
    sides = (text, "v1:app/poetry.lock") if first else ("v1:app/poetry.lock", text)
    ran = diff(*sides, cwd=history.folder)
    assert (ran.status, ran.out) == (cli.STOPPED, "")
    assert ran.err.startswith(f"migrate: {sentence}")
    assert ran.err.count("\n") == 1


def test_a_revision_never_begins_with_a_dash(history: GitHistory) -> None:
    ran = diff("--", "--output=pwned:app/poetry.lock", "v1:app/poetry.lock", cwd=history.folder)
    assert ran.status == cli.STOPPED
    assert "'--output=pwned' is no revision" in ran.err
    assert not (history.folder / "pwned").exists()


def test_outside_of_a_repository_a_file_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    ran = diff("HEAD:poetry.lock", "HEAD:poetry.lock", cwd=tmp_path)
    assert ran.err == (
        "migrate: HEAD:poetry.lock is no file here, and as REV:PATH it cannot be read: "
        "This folder is in no git repository\n"
    )


def test_a_lock_that_cannot_be_read_is_not_compared(history: GitHistory) -> None:
    """An unreadable side must not look like an empty one."""
    (history.folder / "poetry.lock").write_text("<<<<<<< HEAD\n")
    ran = diff("v1:app/poetry.lock", "poetry.lock", cwd=history.folder)
    assert ran.status == cli.STOPPED
    assert ran.out.splitlines()[1] == "Not compared, because one of them cannot be read"
    assert "stop  poetry.lock:1  invalid-toml" in ran.out
    told = json.loads(diff("v1:app/poetry.lock", "poetry.lock", "--json", cwd=history.folder).out)
    assert (told["compared"], told["changes"]) == (False, [])


def test_a_link_beside_the_file_is_told(history: GitHistory) -> None:
    """The pyproject.toml of a commit may be a link; then it was not read, and that is said."""
    (history.folder / "app" / "pyproject.toml").rename(history.folder / "shared.toml")
    (history.folder / "app" / "pyproject.toml").symlink_to("../shared.toml")
    history.commit({})
    ran = diff("HEAD~:app/poetry.lock", "HEAD:app/poetry.lock", cwd=history.folder)
    assert "review  HEAD:app/poetry.lock  link-not-followed" in ran.out
    assert "app/pyproject.toml is a symbolic link in that commit, so it was not read" in ran.out
    told = json.loads(diff("HEAD~:app/poetry.lock", "HEAD:app/poetry.lock", "--json", cwd=history.folder).out)
    assert [finding["code"] for finding in told["findings"]] == [Code.LINK_NOT_FOLLOWED]


def test_what_neither_side_understands_is_counted_and_what_one_does_not_is_told(tmp_path: Path) -> None:
    """A line that nobody compared is no difference; a new one wants eyes."""
    (tmp_path / "old.txt").write_text("idna==3.6\n[old stuff]\n")
    (tmp_path / "new.txt").write_text("idna==3.6\n\n[old stuff]\n%%%\n")
    ran = diff("old.txt", "new.txt", cwd=tmp_path)
    assert ran.out.splitlines()[1] == "No difference"
    assert "review  new.txt:4  not-understood" in ran.out
    assert ran.out.endswith(
        "1 remark of the reader is the same for both sides and is not repeated here; `migrate inspect` tells.\n"
    )
    assert "old.txt:2" not in ran.out


def test_any_two_formats_are_compared() -> None:
    """The migration of a bundled example: its lock has all that was pinned, and one that Windows needs."""
    ran = diff(IMGAPP, IMGAPP_LOCK, cwd=ROOT)
    assert rows(ran) == ['added colorama 0.4.6 needed by click, only where platform_system == "Windows"']
    assert ran.out.splitlines()[-2:] == [
        "Markers, groups and hashes were compared only where both formats state them.",
        "What the project asks for (ranges, options) is compared between inputs of one format only.",
    ]
    assert rows(diff(IMGAPP_LOCK, IMGAPP, cwd=ROOT)) == ["removed colorama 0.4.6"]


REQUIREMENTS = [
    ("flask\n", "flask>=2\n", ["asked for flask any version -> >=2 new.txt:1"]),
    ("flask\n", "", ["asked for flask any version -> (none) old.txt:1"]),
    ("", "flask[async]>=2,<4\n", ["asked for flask (none) -> [async]>=2,<4 new.txt:1"]),
    (
        "idna==3.6\n",
        "idna>=3.6\n",
        ["removed idna 3.6 asked for as >=3.6, was ==3.6, still declared, but not pinned any more"],
    ),
    ("idna>=3.6\n", "idna==3.6\n", ["added idna 3.6 was asked for as >=3.6, declared before, but not pinned"]),
    ("idna[x]==3.6\n", "idna==3.6\n", ["asked for idna [x] -> any version new.txt:1"]),
    ("idna==3.6\n", "idna==3.6 ; os_name == 'nt'\n", ['marker idna always -> os_name == "nt" version 3.6']),
    ("x==2011n\n", "x==2012n\n", ["version x 2011n -> 2012n"]),
    ("x==1.0\n", "x==1!0.5\n", ["upgraded x 1.0 -> 1!0.5"]),
    ("x==1.0\n", "x==1.0rc1\n", ["downgraded x 1.0 -> 1.0rc1"]),
    ("x==1.0\n", "x==1.0.post1\n", ["upgraded x 1.0 -> 1.0.post1"]),
    ("x==1.0\n", "x==1.0.0\n", []),
    (
        "x @ git+https://git.example.org/x@" + "a" * 40 + "\n",
        "x @ git+https://git.example.org/x@" + "b" * 40 + "\n",
        ["source x " + "a" * 12 + " -> " + "b" * 12 + " git https://git.example.org/x"],
    ),
    ("", "x @ git+https://u:hunter2@git.example.org/x\n", ["added x from git https://***@git.example.org/x"]),
    ("x==1\n", "x @ https://e.example/x-1.tar.gz\n", ["source x the default index -> https://e.example/x-1.tar.gz"]),
    (
        "--index-url https://pypi.org/simple\nx==1\n",
        "--index-url https://user:hunter2@evil.example/simple\nx==1\n",
        ["index https://pypi.org/simple (index) -> https://evil.example/simple (index)"],
    ),
    ("x==1\n", "--extra-index-url https://e.example/s\nx==1\n", ["index (none) -> https://e.example/s (extra)"]),
    ("x==1\n", "--pre\nx==1\n", ["option (none) -> --pre"]),
    (
        "-c bounds.txt\nx\n",
        "-c others.txt\nx\n",
        ["constraint y ==1 -> ==2 others.txt:1", "option --constraint bounds.txt -> --constraint others.txt"],
    ),
    (
        "x==1 --hash=sha256:" + "a" * 64 + "\n",
        "x==1\n",
        ["hashes x 1 hash -> none version 1"],
    ),
    ("x==1\n", "x==1 --hash=sha256:" + "a" * 64 + "\n", ["hashes x none -> 1 hash version 1"]),
    (
        "x==1 --hash=sha256:" + "a" * 64 + "\n",
        "x==1 --hash=sha256:" + "b" * 64 + "\n",
        ["other bytes x 1 hash gone -> 1 new hash version 1"],
    ),
    (
        "a==1\n    # via -r in\nb==1\n    # via a\n",
        "a==2\n    # via -r in\nb==2\n    # via a\n",
        [
            "upgraded a 1 -> 2 direct",
            "upgraded b 1 -> 2 transitive",
        ],
    ),
    (
        "a==1  # via shop (pyproject.toml)\n",
        "a==1  # via shop (pyproject.toml)\nb==2  # via a\n",
        ["added b 2 transitive, needed by a"],
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), REQUIREMENTS)
def test_everyday_changes_of_a_requirements_file(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    """Upgrades by PEP 440, ranges, extras, markers, sources, indexes, hashes: each on its line, without secrets."""
    (tmp_path / "old.txt").write_text(old)
    (tmp_path / "new.txt").write_text(new)
    (tmp_path / "bounds.txt").write_text("y==1\n")
    (tmp_path / "others.txt").write_text("y==2\n")
    ran = diff("old.txt", "new.txt", cwd=tmp_path)
    assert "hunter2" not in ran.out
    found = rows(ran)
    assert len(found) == len(said), ran.out
    assert all(line.startswith(start) for line, start in zip(found, said, strict=True)), ran.out
    back = diff("new.txt", "old.txt", cwd=tmp_path)
    assert len(rows(back)) == len(said), back.out


def test_a_compared_file_may_have_any_path(tmp_path: Path) -> None:
    """Of an absolute path only the name is told: a report reads the same on another machine."""
    (tmp_path / "old.txt").write_text("idna==3.6\n%%%\n")
    ran = diff(str(tmp_path / "old.txt"), os.path.relpath(tmp_path / "old.txt", ROOT), cwd=ROOT)
    assert ran.out.startswith("Compared old.txt (1 pin) with ../")


# reports


def test_json_is_all_that_is_printed(history: GitHistory) -> None:
    ran = diff("v1:app/poetry.lock", "app/poetry.lock", "--json", cwd=history.folder)
    assert json.loads(ran.out)["counts"] == {
        "added": 2,
        "removed": 3,
        "upgraded": 1,
        "downgraded": 1,
        "version": 0,
        "source": 0,
        "marker": 0,
        "groups": 0,
        "hashes": 0,
    }
    assert ran.err == ""


def test_reports_are_written_in_the_form_of_their_names(history: GitHistory) -> None:
    """A second run writes the very same bytes into them, and a report replaces a report."""
    names = ("d.md", "d.json", "d.txt", "d.html", "d.sarif", "github:d")
    arguments = ("v1:app/poetry.lock", "app/poetry.lock", *(word for name in names for word in ("--report", name)))
    for _ in range(2):
        ran = diff(*arguments, cwd=history.folder)
        assert (ran.status, ran.err) == (cli.DONE, "")
        assert (history.folder / "d.txt").read_text() == ran.out
    text = (history.folder / "d.md").read_text()
    assert text.startswith("<!-- migrator-diff -->\n\n# Dependencies\n\n**1 downgraded")
    said = diff(*arguments, "--json", cwd=history.folder).out
    assert (history.folder / "d.json").read_text() == said
    assert diff("v1:app/poetry.lock", "app/poetry.lock", "--report", "md:d.md", cwd=history.folder).status == cli.DONE


def test_a_report_is_printed_in_the_place_of_the_usual_one(history: GitHistory) -> None:
    """Annotations name files as they stand in the checkout, whatever commit was compared."""
    ran = diff("v1:app/poetry.lock", "HEAD:app/poetry.lock", "--report", "github:-", cwd=history.folder)
    assert (ran.status, ran.err) == (cli.DONE, "")
    _, verdict, *commands = read_commands(ran.out)
    assert verdict.properties == {"title": "Dependencies"}
    assert {each.properties["file"] for each in commands} == {"app/poetry.lock"}
    again = diff("v1:app/poetry.lock", "app/poetry.lock", "--report", "md:-", "--json", cwd=history.folder)
    assert (again.status, again.out) == (cli.USAGE, "")
    assert again.err == "migrate: Only one report can be printed, not json and md; write the others to files\n"


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (
            "report.pdf",
            (
                "--report report.pdf: the name must end in one of .html, .json, .md, .sarif, .txt, or begin with one "
                "of github:, html:, json:, md:, sarif:, txt:"
            ),
        ),
        ("txt:app/poetry.lock", "--report poetry.lock: that file is no report; name another one"),
        ("md:.git/config", "--report config: that file is no report; name another one"),
        ("requirements.txt", "--report requirements.txt: that file is no report; name another one"),
        ("nowhere/x.md", "--report x.md: its folder does not exist; make it first"),
    ],
)
def test_a_report_takes_no_other_files_place(history: GitHistory, report: str, sentence: str) -> None:
    (history.folder / "requirements.txt").write_text("idna==3.6\n")
    before = {path: path.read_bytes() for path in history.folder.rglob("*") if path.is_file()}
    ran = diff("v1:app/poetry.lock", "app/poetry.lock", "--report", report, cwd=history.folder)
    assert (ran.status, ran.out, ran.err) == (cli.USAGE, "", f"migrate: {sentence}\n")
    assert {path: path.read_bytes() for path in history.folder.rglob("*") if path.is_file()} == before


def test_two_inputs_are_needed(tmp_path: Path) -> None:
    ran = diff("poetry.lock", cwd=tmp_path)
    assert (ran.status, ran.err) == (
        cli.USAGE,
        "migrate: Missing argument 'NEW'; migrate --help tells what can be asked\n",
    )
