"""The commit, killed or refused by the system at every single call that it makes."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from migrator.tools.commit import commit, pending, recover
from tests.commits import CHANGED, NEW, Snapshot, after, artifacts, make_before, snapshot

pytestmark = pytest.mark.strace

ROOT = Path(__file__).parent.parent
BEGIN, END = "/marker/begin", "/marker/end"
CHILD = f"""
import json, os, sys
sys.path[:0] = [{str(ROOT)!r}]
from migrator.model.artifact import Artifact, Ownership
from migrator.model.trouble import WorldError
from migrator.tools.commit import commit, recover
what, folder, new = sys.argv[1:]
files = tuple(Artifact(path=p, text=t, ownership=Ownership.GENERATED) for p, t in json.loads(new).items())
os.path.exists({BEGIN!r})
try:
    commit(folder, files) if what == "commit" else recover(folder)
except WorldError:
    os._exit(1)
os.path.exists({END!r})
os._exit(0)
"""
READING = {
    *("newfstatat", "stat", "fstat", "lstat", "statx", "access", "faccessat", "faccessat2", "read", "readlink"),
    *("lseek", "getdents64", "geteuid", "getegid", "getuid", "getgid", "getrandom", "getpid", "gettid", "ioctl"),
    *("mmap", "munmap", "mremap", "brk", "madvise", "rt_sigaction", "rt_sigprocmask", "futex", "fcntl"),
}
"""Calls that change nothing: killed before one of them, the disk is as it was before the call that follows."""


def trace(folder: Path, what: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    child = [sys.executable, "-I", "-S", "-B", "-c", CHILD, what, str(folder), json.dumps(NEW)]
    return subprocess.run(
        ["strace", "-f", *options, *child],
        check=False,
        capture_output=True,
        timeout=60,
        env={"PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]},
    )


def count_calls(folder: Path, what: str) -> list[tuple[str, int]]:
    """Every call of ``what`` that changes something, as name and number of that name in the whole process."""
    log = folder.with_suffix(".log")
    assert trace(folder, what, "-o", str(log)).returncode == 0
    seen: Counter[str] = Counter()
    calls: list[tuple[str, int]] = []
    inside = False
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if match is None:
            continue
        seen[match[1]] += 1
        inside = (inside or BEGIN in line) and END not in line
        if inside and match[1] not in READING:
            calls.append((match[1], seen[match[1]]))
    return calls


def inject(call: tuple[str, int], fault: str) -> tuple[str, ...]:
    """strace's options: let ``call`` end in ``fault``."""
    name, number = call
    return ("-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}")


def kill_at(folder: Path, what: str, call: tuple[str, int]) -> None:
    result = trace(folder, what, *inject(call, "signal=KILL"))
    assert result.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, (call, result)


def folders(tmp_path: Path) -> Iterator[Path]:
    return (tmp_path / f"f{number}" / "project" for number in itertools.count())


def matches(folder: Path, before: Snapshot) -> str:
    """``before`` to the inode and the nanosecond, ``after``, or what is wrong."""
    if snapshot(folder) == before:
        return "before"
    return "after" if snapshot(folder, times=False) == after(before) else f"a mixture: {snapshot(folder, times=False)}"


def at_once(jobs: list[tuple[Path, tuple[str, int]]], job: object) -> list[str]:
    assert callable(job)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(lambda arguments: job(*arguments), jobs))


def test_killed_at_any_call_and_recovered_the_folder_is_as_before_or_as_after(tmp_path: Path) -> None:
    fresh = folders(tmp_path)
    counted = next(fresh)
    make_before(counted)
    calls = count_calls(counted, "commit")

    def kill(folder: Path, call: tuple[str, int]) -> str:
        before = make_before(folder)
        kill_at(folder, "commit", call)
        for name in CHANGED:  # whole at every instant, before anybody recovers
            old = {"pyproject.toml": b"[project]\n", "poetry.lock": b"# old lock\n"}.get(name)
            now = (folder / name).read_bytes() if (folder / name).exists() else None
            assert now in {old, NEW[name].encode()}, (call, name)
        recovery = recover(str(folder))
        outcome = matches(folder, before)
        if recovery is not None:
            assert outcome == ("after" if recovery.completed else "before"), call
        assert recover(str(folder)) is None
        assert not pending(str(folder))
        assert commit(str(folder), artifacts(NEW)) == (CHANGED if outcome == "before" else ())
        assert matches(folder, before) == "after"
        return outcome

    outcomes = at_once([(next(fresh), call) for call in calls], kill)
    # before, before, …, after, after: there is one instant at which it is done
    assert [outcome for outcome, _ in itertools.groupby(outcomes)] == ["before", "after"]
    # the journal, 4 new files, 2 old ones beside, 4 renames, and each on the disk: fewer would be a blind test
    assert Counter(name for name, _ in calls)["fsync"] >= 1 + 4 + 4
    assert len(calls) >= 50


@pytest.mark.parametrize(("last", "outcome"), [("rename", "before"), ("unlink", "after")])
def test_a_recovery_that_is_killed_can_be_recovered(tmp_path: Path, last: str, outcome: str) -> None:
    fresh = folders(tmp_path)
    counted = next(fresh)
    make_before(counted)
    calls = count_calls(counted, "commit")
    crash = next(call for call in reversed(calls) if call[0] == last)

    def crashed(folder: Path) -> Snapshot:
        before = make_before(folder)
        kill_at(folder, "commit", crash)
        return before

    counted = next(fresh)
    crashed(counted)

    def kill(folder: Path, call: tuple[str, int]) -> str:
        before = crashed(folder)
        kill_at(folder, "recover", call)
        recover(str(folder))
        assert not pending(str(folder))
        return matches(folder, before)

    jobs = [(next(fresh), call) for call in count_calls(counted, "recover")]
    assert set(at_once(jobs, kill)) == {outcome}
    assert len(jobs) >= 5


@pytest.mark.parametrize("error", ["ENOSPC", "EACCES"])
def test_refused_at_any_call_nothing_is_changed_and_no_litter_stays(tmp_path: Path, error: str) -> None:
    """Either it says so (status 1) and the folder is as before, or it found another way and all is written."""
    fresh = folders(tmp_path)
    counted = next(fresh)
    make_before(counted)
    calls = [call for call in count_calls(counted, "commit") if call[0] not in {"flock", "close"}]

    def refuse(folder: Path, call: tuple[str, int]) -> str:
        before = make_before(folder)
        result = trace(folder, "commit", *inject(call, f"error={error}"))
        said = "before" if result.returncode else "after"
        assert result.returncode in {0, 1}, (call, result)
        if said == "after":
            recover(str(folder))  # what could not be cleared away is cleared away by the next run
        assert matches(folder, before) == said, call
        assert not pending(str(folder)), call
        return said

    outcomes = at_once([(next(fresh), call) for call in calls], refuse)
    assert set(outcomes) == {"before", "after"}


def test_on_a_disk_that_stays_full_nothing_is_changed_and_no_litter_stays(tmp_path: Path) -> None:
    fresh = folders(tmp_path)
    counted = next(fresh)
    make_before(counted)
    writes = [call for call in count_calls(counted, "commit") if call[0] == "write"]

    def fill(folder: Path, call: tuple[str, int]) -> str:
        before = make_before(folder)
        *options, last = inject(call, "error=ENOSPC")
        result = trace(folder, "commit", *options, last + "+")
        assert result.returncode == 1, call
        return matches(folder, before)

    assert set(at_once([(next(fresh), call) for call in writes], fill)) == {"before"}
