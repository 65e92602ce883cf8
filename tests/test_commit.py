"""Several files into one folder, all or none. What every single system call can do to it: test_commit_killed.py."""

from __future__ import annotations

import errno
import itertools
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.finding import Code, Finding, Severity
from migrator.tools import journal as journals
from migrator.tools.commit import Recovery, commit, pending, recover
from migrator.tools.durable import write_alone
from migrator.tools.rewrite import same
from tests.commits import CHANGED, NEW, after, artifacts, make_before, names, refusal, snapshot
from tests.unprivileged import open_folder, unprivileged

UNCHANGED = " (nothing was changed)."
JOURNAL = ".migrate-journal"


# --- what is refused, with nothing changed ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../a", "/etc/a", "a/../b", "", ".", "a//b", ".git/config", "x/.GIT/a", JOURNAL])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    assert refusal(commit, str(tmp_path), artifacts({path: "x", "fine": "x"})) == (
        f"{path} leads out of the output folder or into .git, and nothing is written there: "
        "put a file in its place or choose another folder with --output."
    )
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("target", ["../outside", ".git/hooks/pre-commit", "/etc/hostname", ".", "../absent/x"])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path, target: str) -> None:
    """The project is input: its links must not make us write elsewhere."""
    folder = tmp_path / "project"
    (folder / ".git/hooks").mkdir(parents=True)
    (tmp_path / "outside").write_text("outside")
    (folder / "shell.nix").symlink_to(target)
    before = snapshot(tmp_path)
    assert refusal(commit, str(folder), artifacts(NEW)) == (
        "shell.nix leads out of the output folder or into .git, and nothing is written there: "
        "put a file in its place or choose another folder with --output."
    )
    assert snapshot(tmp_path) == before


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shell.nix").mkdir()
    assert refusal(commit, str(tmp_path), artifacts(NEW)) == (
        f"shell.nix cannot be written because a folder is there: move it away{UNCHANGED}"
    )
    assert list(snapshot(tmp_path)) == ["shell.nix"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to(path.name)], ids=["a pipe", "a circle"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "shell.nix")
    assert refusal(commit, str(tmp_path), artifacts(NEW)) == (
        "shell.nix cannot be written because something is there that is no regular file: move it away" + UNCHANGED
    )
    assert names(tmp_path) == ["shell.nix"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("a file")
    assert refusal(commit, str(tmp_path), artifacts(NEW)) == (
        f"docs/notes/report.md cannot be written because docs is no folder: move it away{UNCHANGED}"
    )
    (tmp_path / "project").write_text("a file")
    assert refusal(commit, str(tmp_path / "project"), artifacts(NEW)) == (
        "The output folder is a file: move it away or choose another folder with --output."
    )


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "shell.nix").symlink_to("default.nix")
    assert refusal(commit, str(tmp_path), artifacts(NEW)) == (
        "default.nix and shell.nix are one and the same file, and both are to be written: "
        "replace the link by a file of its own."
    )


def test_a_folder_without_permission_is_refused() -> None:
    with open_folder() as folder:
        before = make_before(folder / "project")
        with unprivileged():
            messages = {
                refusal(commit, str(folder / name), artifacts({"new": ""})) for name in ("project", "new/inner")
            }
        assert snapshot(folder / "project") == before
        assert names(folder) == ["project"]
    (message,) = messages
    assert message == (
        "The output folder cannot be written because permission is denied: "
        f"give yourself the right to it, then run migrate again{UNCHANGED}"
    )


def test_a_write_protected_file_is_refused() -> None:
    """A rename would replace it without asking."""
    with open_folder() as folder:
        (folder / "a").write_text("first")
        (folder / "b").write_text("protected")
        (folder / "b").chmod(0o444)
        folder.chmod(0o777)
        before = snapshot(folder)
        with unprivileged():
            message = refusal(commit, str(folder), artifacts({"a": "x", "b": "x"}))
        assert snapshot(folder) == before
    assert message.startswith("a" if os.geteuid() == 0 else "b")  # a is root's, then
    assert message[1:] == (
        " cannot be written because it is write-protected: give yourself the right to write it, then run migrate again"
        + UNCHANGED
    )


def test_a_disk_that_is_full_is_one_sentence(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the end of the disk; the system enforces it."""
    before = make_before(tmp_path / "project")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        message = refusal(commit, str(tmp_path / "project"), artifacts(NEW))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert message == (
        f"poetry.lock cannot be written because the disk is full: make room, then run migrate again{UNCHANGED}"
    )
    assert snapshot(tmp_path / "project") == before


# --- what is written -------------------------------------------------------------------------------------------------


def test_all_files_are_written_and_a_second_run_touches_nothing(tmp_path: Path) -> None:
    before = make_before(tmp_path / "project")
    folder = str(tmp_path / "project")
    assert not same(folder, artifacts(NEW))
    assert commit(folder, artifacts(NEW)) == CHANGED
    assert snapshot(Path(folder), times=False) == after(before)
    assert snapshot(Path(folder))["default.nix"] == before["default.nix"]
    written = snapshot(Path(folder))
    assert same(folder, artifacts(NEW))
    assert commit(folder, artifacts(NEW)) == ()
    assert snapshot(Path(folder)) == written
    assert not pending(folder)


def test_without_hard_links_the_old_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rolled back, they have their bytes, mode and times; only the inode is another."""
    before = make_before(tmp_path / "project")

    def fail(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def stop(*_: Any) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(journals.HeldJournal, "mark_committed", stop)
    with pytest.raises(KeyboardInterrupt):
        commit(str(tmp_path / "project"), artifacts(NEW))
    assert {k: v[:4] for k, v in snapshot(tmp_path / "project").items()} == {k: v[:4] for k, v in before.items()}
    monkeypatch.setattr(os, "link", fail)
    assert commit(str(tmp_path / "project"), artifacts(NEW)) == CHANGED
    assert snapshot(tmp_path / "project", times=False) == after(before)


def test_a_missing_output_folder_is_made_and_taken_away_again_on_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
        assert refusal(commit, str(tmp_path / "a/b"), artifacts({"c/d": "x"})) == (
            "c/d cannot be written because the system says Input/output error: "
            f"mend that, then run migrate again{UNCHANGED}"
        )
    assert snapshot(tmp_path) == {}
    assert commit(str(tmp_path / "a/b"), artifacts({"c/d": "x"})) == ("c/d",)
    assert sorted(snapshot(tmp_path)) == ["a", "a/b", "a/b/c", "a/b/c/d"]


def test_a_folder_named_relatively_and_a_link_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shell.nix").symlink_to("later.nix")
    assert commit(".", artifacts({"shell.nix": "x"})) == ("shell.nix",)
    assert snapshot(tmp_path, times=False) == {
        "later.nix": ("file", 0o644, b"x"),
        "shell.nix": ("link", "later.nix"),
    }


def test_the_umask_rules_new_files_only(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("")
    (tmp_path / "old").chmod(0o755)
    mask = os.umask(0o077)
    try:
        commit(str(tmp_path), artifacts({"old": "x", "new": "x"}))
    finally:
        os.umask(mask)
    assert snapshot(tmp_path, times=False) == {"new": ("file", 0o600, b"x"), "old": ("file", 0o755, b"x")}


def test_a_file_of_another_user_stays_theirs_where_the_system_allows_it() -> None:
    with open_folder() as folder:
        folder.chmod(0o777)
        (folder / "a").write_bytes(b"")
        (folder / "a").chmod(0o666)
        if os.geteuid() == 0:
            os.chown(folder / "a", 65533, 65533)
        before = (folder / "a").stat()
        commit(str(folder), artifacts({"a": "by root, or by its owner"}))
        status = (folder / "a").stat()
        assert (status.st_uid, status.st_gid, status.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
        with unprivileged():
            commit(str(folder), artifacts({"a": "by nobody"}))
            assert ((folder / "a").stat().st_uid, (folder / "a").stat().st_mode) == (os.geteuid(), before.st_mode)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e", "ü f"]), st.text(max_size=40)),
    st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e", "ü f"]), st.text(max_size=40), min_size=1),
)
def test_what_stands_there_is_what_was_given(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, str], new: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    (folder / "c").mkdir()
    for name, text in old.items():
        (folder / name).write_bytes(text.encode())
    changed = commit(str(folder), artifacts(new))
    assert changed == tuple(sorted(name for name, text in new.items() if old.get(name) != text))
    now = {p.relative_to(folder).as_posix(): p.read_bytes().decode() for p in folder.rglob("*") if p.is_file()}
    assert now == old | new


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------

STEPS = ["open", "write", "fsync", "chmod", "link", "mkdir", "replace", "lseek", "close", "unlink"]


@pytest.mark.parametrize("moment", ["in", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_an_interrupt_in_any_step_rolls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, moment: str
) -> None:
    """The exception comes out of every call in turn, before it took effect and after."""
    whole = getattr(os, step)
    outcomes = []
    for number in itertools.count(1):
        folder = tmp_path / f"f{number}"
        before = make_before(folder)
        calls = itertools.count(1)

        def interrupt(*arguments: Any, calls: Any = calls, number: int = number, **options: Any) -> Any:
            hit = next(calls) == number
            if hit and moment == "in" and step != "close":
                raise KeyboardInterrupt
            result = whole(*arguments, **options)
            if hit:
                raise KeyboardInterrupt
            return result

        with monkeypatch.context() as patched:
            patched.setattr(os, step, interrupt)
            try:
                commit(str(folder), artifacts(NEW))
            except KeyboardInterrupt:
                interrupted = True
            else:
                interrupted = False
        left = set(snapshot(folder)) - set(before) - set(after(before))
        recover(str(folder))
        outcomes.append("before" if snapshot(folder) == before else "after")
        if outcomes[-1] == "after":
            assert snapshot(folder, times=False) == after(before)
        elif number > 1:  # only the very call that makes the journal cannot be followed by clearing it away
            assert left <= {JOURNAL}, (step, number)
        if not interrupted:
            break
    assert outcomes[-1] == "after"
    assert sorted(outcomes, key=["before", "after"].index) == outcomes


CHILD = """
import os, sys
sys.path[:0] = [sys.argv[1]]
from tests.commits import NEW, artifacts
from migrator.tools import commit
whole = getattr(os, sys.argv[3])
def wait(*arguments, **options):
    print("waiting", flush=True)
    sys.stdin.readline()
    return whole(*arguments, **options)
setattr(os, sys.argv[3], wait)
commit.commit(sys.argv[2], artifacts(NEW))
print("done", flush=True)
"""


def start_waiting(folder: Path, call: str) -> subprocess.Popen[str]:
    """A process that commits NEW into ``folder`` and stands still before each ``os.<call>``."""
    root = str(Path(__file__).parent.parent)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, root, str(folder), call],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "waiting\n"
    return child


@pytest.mark.parametrize("call", ["link", "replace"])
def test_a_real_ctrl_c_rolls_back(tmp_path: Path, call: str) -> None:
    before = make_before(tmp_path / "project")
    with start_waiting(tmp_path / "project", call) as child:
        child.send_signal(signal.SIGINT)
        out, err = child.communicate("\n" * 20, timeout=30)
    assert child.returncode == -signal.SIGINT
    assert "done" not in out
    assert err.endswith("KeyboardInterrupt\n")
    assert snapshot(tmp_path / "project") == before


# --- two at once -----------------------------------------------------------------------------------------------------

BUSY = (
    "Another migrate is writing into the output folder: wait until it has ended, then run this one again "
    "(nothing was changed)."
)


def test_of_two_at_once_the_first_wins_and_the_other_says_so(tmp_path: Path) -> None:
    before = make_before(tmp_path / "project")
    folder = str(tmp_path / "project")
    with start_waiting(tmp_path / "project", "replace") as child:
        assert pending(folder)
        assert refusal(commit, folder, artifacts({"mine": "x"})) == BUSY
        assert refusal(recover, folder) == BUSY
        assert child.communicate("\n" * 20, timeout=30)[0].endswith("done\n")
    assert snapshot(tmp_path / "project", times=False) == after(before)


def test_what_a_dead_process_left_is_rolled_back_and_a_commit_waits_for_that(tmp_path: Path) -> None:
    before = make_before(tmp_path / "project")
    folder = str(tmp_path / "project")
    with start_waiting(tmp_path / "project", "replace") as child:
        child.kill()
    left = snapshot(tmp_path / "project")
    assert refusal(commit, folder, artifacts({"mine": "x"})) == (
        "An earlier migrate was interrupted in the output folder: "
        f"run migrate again, it first puts the folder in order{UNCHANGED}"
    )
    assert snapshot(tmp_path / "project") == left
    recovery = recover(folder)
    assert recovery == Recovery(
        completed=False, paths=("docs/notes/report.md", "locks/real.lock", "pyproject.toml", "shell.nix")
    )
    assert recovery.finding == Finding(
        code=Code.JOURNAL_RECOVERED,
        severity=Severity.NOTE,
        message="An interrupted run of migrate was rolled back; as before it are: "
        "docs/notes/report.md, locks/real.lock, pyproject.toml, shell.nix.",
    )
    assert snapshot(tmp_path / "project") == before
    assert recover(folder) is None
    assert recover(str(tmp_path / "absent")) is None


def test_a_rollback_that_fails_leaves_the_journal_to_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_before(tmp_path / "project")
    whole, calls = os.replace, itertools.count(1)

    def fail(*arguments: Any) -> None:
        if next(calls) >= 4:
            raise OSError(errno.EIO, "Input/output error")
        whole(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fail)
        assert refusal(commit, str(tmp_path / "project"), artifacts(NEW)) == (
            "shell.nix cannot be written because the system says Input/output error: mend that, then run migrate "
            "again, and putting the old files back failed too: leave .migrate-journal and the files named .migrate-… "
            "where they are, mend that and run migrate again, it first puts the folder in order."
        )
    assert pending(str(tmp_path / "project"))
    recover(str(tmp_path / "project"))
    assert snapshot(tmp_path / "project") == before


# --- one file alone --------------------------------------------------------------------------------------------------


def test_one_file_alone_is_replaced_whole(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    assert write_alone(str(report), "one\r\n") is True
    report.chmod(0o600)
    (tmp_path / "link.md").symlink_to("report.md")
    assert write_alone(str(tmp_path / "link.md"), "two") is True
    before = snapshot(tmp_path)
    assert write_alone(str(report), "two") is False
    assert snapshot(tmp_path) == before
    assert snapshot(tmp_path, times=False) == {"link.md": ("link", "report.md"), "report.md": ("file", 0o600, b"two")}


def test_one_file_alone_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(write_alone, "no/report.md", "x") == (
        "no/report.md cannot be written because its folder does not exist: make that, then run migrate again"
        + UNCHANGED
    )
    (tmp_path / "no").mkdir()
    assert refusal(write_alone, "no", "x") == (
        "no cannot be written because the system says Is a directory: mend that, then run migrate again" + UNCHANGED
    )
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
    assert refusal(write_alone, "a.md", "x") == (
        "a.md cannot be written because the disk is full: make room, then run migrate again" + UNCHANGED
    )
    assert names(tmp_path) == ["no"]
