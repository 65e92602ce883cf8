"""What recovery makes of a journal: it is input too, and a foreign or damaged one must not touch anything."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.trouble import WorldError
from migrator.tools import journal as journals
from migrator.tools.commit import Recovery, commit, recover
from tests.commits import NEW, artifacts, make_before, names, refusal, snapshot

JOURNAL = ".migrate-journal"
TOKEN = "0123456789abcdef"


def hexdigest(data: bytes) -> str:
    return sha256(data).hexdigest()


def write_journal(folder: Path, files: object, *, state: bytes = b"B", **more: object) -> None:
    """A journal with a right checksum, made in place; what ``more`` names is as it says."""
    (folder / JOURNAL).touch()
    inode = (folder / JOURNAL).stat().st_ino
    payload = json.dumps({"inode": inode, "token": TOKEN, "folders": (), "files": files} | more).encode()
    head = f" migrate journal 1 {hexdigest(payload)}\n".encode()
    (folder / JOURNAL).write_bytes(state + head + payload)


OLD, NEXT = b"old", b"new"
ENTRY: dict[str, object] = {"path": "a", "old": hexdigest(OLD), "new": hexdigest(NEXT)}
FOREIGN = (
    ".migrate-journal is damaged or not of migrate's making, and nothing was touched: "
    "compare the folder with what git has of it, move that file away, then run migrate again."
)


@pytest.mark.parametrize(
    "data",
    [
        b"shopping list\n",
        b"B",
        b"C migrate journal 1 ",
        b"B migrate journal 2 " + b"0" * 64 + b"\n{}",
        b"B migrate journal 1 " + b"0" * 64 + b"\n{}",
        b"\0something else",
        b"x" * (1 << 21),
    ],
)
def test_a_foreign_or_damaged_journal_touches_nothing(tmp_path: Path, data: bytes) -> None:
    before = make_before(tmp_path / "project")
    (tmp_path / "project" / JOURNAL).write_bytes(data)
    before = snapshot(tmp_path / "project")
    assert refusal(recover, str(tmp_path / "project")) == FOREIGN
    assert refusal(commit, str(tmp_path / "project"), artifacts(NEW)) == FOREIGN
    assert snapshot(tmp_path / "project") == before


@pytest.mark.parametrize(
    "content",
    [
        {"files": [ENTRY | {"path": path}]}
        for path in ("../a", "/a", "", "a/../../b", ".git/config", "a//b", "nul\0", "\ud800", JOURNAL, 7, None, ["a"])
    ]
    + [
        {"files": [ENTRY | {"old": "../x"}]},
        {"files": [ENTRY | {"new": None}]},
        {"files": [ENTRY | {"new": 1}]},
        {"files": [ENTRY | {"new": ENTRY["old"]}]},
        {"files": [ENTRY, ENTRY]},
        {"files": [{}]},
        {"files": ["a"]},
        {"files": {"a": 1}},
        {"files": None},
        {"files": [ENTRY], "inode": 1},
        {"files": [ENTRY], "folders": ["elsewhere"]},
        {"files": [ENTRY], "folders": ["../b"]},
        {"files": [ENTRY], "folders": [1]},
        {"files": [ENTRY], "folders": 1},
        {"files": [ENTRY], "token": "../../../../etc/x"},
    ],
)
def test_a_journal_with_a_right_checksum_is_not_believed_either(tmp_path: Path, content: dict[str, Any]) -> None:
    (tmp_path / "a").write_bytes(NEXT)
    (tmp_path / "elsewhere").mkdir()
    write_journal(tmp_path, **content)
    before = snapshot(tmp_path)
    assert refusal(recover, str(tmp_path)) == FOREIGN
    assert snapshot(tmp_path) == before


def test_a_journal_of_endless_brackets_is_refused(tmp_path: Path) -> None:
    payload = b"[" * 200_000
    (tmp_path / JOURNAL).write_bytes(b"B migrate journal 1 " + hexdigest(payload).encode() + b"\n" + payload)
    assert refusal(recover, str(tmp_path)) == FOREIGN


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_a_journal_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "real").write_bytes(b"")
    journal = tmp_path / JOURNAL
    make: dict[str, Callable[[], None]] = {
        "folder": journal.mkdir,
        "link": lambda: journal.symlink_to("real"),
        "pipe": lambda: os.mkfifo(journal),
    }
    make[kind]()
    assert refusal(recover, str(tmp_path)) == FOREIGN
    assert refusal(commit, str(tmp_path), artifacts(NEW)) == FOREIGN
    assert names(tmp_path) == [JOURNAL, "real"]


def test_a_journal_does_not_reach_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a").write_bytes(NEXT)
    (tmp_path / "project").mkdir()
    (tmp_path / "project/out").symlink_to("../outside")
    write_journal(tmp_path / "project", [{"path": "out/a", "old": None, "new": hexdigest(NEXT)}])
    before = snapshot(tmp_path)
    assert refusal(recover, str(tmp_path / "project")) == (
        ".migrate-journal names out/a, which a link leads elsewhere, and nothing was touched: "
        "move that file away, then run migrate again."
    )
    assert snapshot(tmp_path) == before


def test_a_journal_that_came_with_a_clone_is_foreign(tmp_path: Path) -> None:
    """It could name any file of the clone as one that we have made."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/requirements.txt").write_bytes(NEXT)
    write_journal(tmp_path / "theirs", [{"path": "requirements.txt", "old": None, "new": hexdigest(NEXT)}])
    shutil.copytree(tmp_path / "theirs", tmp_path / "ours")
    before = snapshot(tmp_path / "ours")
    assert refusal(recover, str(tmp_path / "ours")) == FOREIGN
    assert snapshot(tmp_path / "ours") == before


def test_a_folder_that_became_a_file_holds_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "docs").write_bytes(b"a file now")
    write_journal(tmp_path, [{"path": "docs/a", "old": None, "new": hexdigest(NEXT)}], folders=["docs"])
    assert recover(str(tmp_path)) == Recovery(completed=False, paths=("docs/a",))
    assert snapshot(tmp_path, times=False) == {"docs": ("file", 0o644, b"a file now")}


def test_a_file_system_without_locks_still_commits_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert commit(str(tmp_path), artifacts({"a": "old"})) == ("a",)
    write_journal(tmp_path, [ENTRY])
    assert recover(str(tmp_path)) == Recovery(completed=False, paths=("a",))
    assert snapshot(tmp_path, times=False) == {"a": ("file", 0o644, OLD)}


@pytest.mark.parametrize("call", ["_lock", "_open_regular"])
def test_a_commit_that_another_run_crosses_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Between creating and locking, or between finding and opening, the other may remove the journal."""
    whole, calls = getattr(journals, call), itertools.count(1)

    def cross(*arguments: object, **options: object) -> object:
        if next(calls) == 1:
            (tmp_path / JOURNAL).unlink()
        return whole(*arguments, **options)

    if call == "_open_regular":
        (tmp_path / JOURNAL).write_bytes(b"")
    monkeypatch.setattr(journals, call, cross)
    assert commit(str(tmp_path), artifacts({"a": "x"})) == ("a",)
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("data", [b"", b"\0" * 9, b"\0 migrate jou", b"\0 migrate journal 1 abc"])
def test_a_journal_that_was_never_finished_is_cleared_away(tmp_path: Path, data: bytes) -> None:
    """Its first byte is written last: until then nothing else was."""
    before = make_before(tmp_path / "project")
    (tmp_path / "project" / JOURNAL).write_bytes(data)
    recovery = recover(str(tmp_path / "project"))
    assert recovery == Recovery(completed=False, paths=())
    assert recovery.finding.message == (
        "An interrupted run of migrate, which had not written anything yet, was cleared away."
    )
    assert snapshot(tmp_path / "project") == before


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_a_journal_with_any_bytes_changed_touches_nothing_or_rolls_back(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: int, end: int
) -> None:
    folder = tmp_path_factory.mktemp("project")
    (folder / "a").write_bytes(OLD)
    (folder / "other").write_bytes(NEXT)
    write_journal(folder, [ENTRY])
    data = (folder / JOURNAL).read_bytes()
    (folder / JOURNAL).write_bytes(data[:start] + noise + data[end:])
    before = snapshot(folder)
    with contextlib.suppress(WorldError):
        recover(str(folder))
        del before[JOURNAL]
    assert snapshot(folder) == before


# --- partial states --------------------------------------------------------------------------------------------------

BESIDE = {
    "nothing": (None, None),
    "torn new": (b"ne", None),
    "whole new": (NEXT, None),
    "new and torn copy": (NEXT, b"ol"),
    "new and old": (NEXT, OLD),
    "replaced": (None, OLD),
    "rolled back": (None, None),
}


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(BESIDE)), st.booleans(), st.booleans()), min_size=1, max_size=4),
    st.booleans(),
)
def test_any_partial_state_is_put_back(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bool, bool]], made: bool
) -> None:
    """Each file in a state of its own: more mixtures than any order of steps can leave."""
    folder = tmp_path_factory.mktemp("project")
    expected: dict[str, bytes] = {}
    entries = []
    place = folder / "sub" if made else folder
    place.mkdir(exist_ok=True)
    for number, (state, is_new, linked) in enumerate(files):
        new, old = BESIDE[state]
        name = f"sub/f{number}" if made else f"f{number}"
        entries.append({"path": name, "old": None if is_new else hexdigest(OLD), "new": hexdigest(NEXT)})
        if not is_new:
            expected[name] = OLD
            (folder / name).write_bytes(NEXT if state == "replaced" else OLD)
            if old is not None:
                beside = place / f".migrate-{TOKEN}-{number}.old"
                beside.hardlink_to(folder / name) if linked and state == "new and old" else beside.write_bytes(old)
        elif state == "replaced":
            (folder / name).write_bytes(NEXT)
        if new is not None:
            (place / f".migrate-{TOKEN}-{number}.new").write_bytes(new)
    write_journal(folder, entries, folders=["sub"] if made else [])
    recovery = recover(str(folder))
    assert recovery == Recovery(completed=False, paths=tuple(sorted(str(e["path"]) for e in entries)))
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == expected
    assert (folder / "sub").exists() == (made and bool(expected))


def test_a_commit_that_was_done_is_cleared_up_after(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"edited since")
    (tmp_path / f".migrate-{TOKEN}-0.old").write_bytes(OLD)
    write_journal(tmp_path, [ENTRY], state=b"C")
    recovery = recover(str(tmp_path))
    assert recovery == Recovery(completed=True, paths=("a",))
    assert recovery.finding.message == (
        "An interrupted run of migrate had written all its files and was cleared up after: a."
    )
    assert snapshot(tmp_path, times=False) == {"a": ("file", 0o644, b"edited since")}


@pytest.mark.parametrize(
    ("state", "files", "message"),
    [
        pytest.param(
            b"B",
            {"a": b"edited since", f".migrate-{TOKEN}-0.old": OLD},
            f"a was changed after an interrupted run of migrate, and nothing was touched: its old bytes are in "
            f".migrate-{TOKEN}-0.old if that is there; decide which you want, move .migrate-journal away, "
            "then run migrate again.",
            id="a file that somebody edited",
        ),
        pytest.param(
            b"B",
            {"a": NEXT, f".migrate-{TOKEN}-0.old": b"another"},
            f"a was changed after an interrupted run of migrate, and nothing was touched: its old bytes are in "
            f".migrate-{TOKEN}-0.old if that is there; decide which you want, move .migrate-journal away, "
            "then run migrate again.",
            id="old bytes that are not the old ones",
        ),
        pytest.param(
            b"C",
            {"a": NEXT, f".migrate-{TOKEN}-0.old": b"another"},
            f".migrate-{TOKEN}-0.old is not what .migrate-journal says of it, and nothing was touched: "
            "move both away, then run migrate again.",
            id="something else in the place of the old bytes",
        ),
    ],
)
def test_what_somebody_changed_since_is_not_touched(
    tmp_path: Path, state: bytes, files: dict[str, bytes], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "b").write_bytes(NEXT)
    write_journal(tmp_path, [{"path": "b", "old": None, "new": hexdigest(NEXT)}, ENTRY][::-1], state=state)
    before = snapshot(tmp_path)
    assert refusal(recover, str(tmp_path)) == message
    assert snapshot(tmp_path) == before
