"""The diff of a dry run; git and patch are the judges."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.tools.commit import commit
from migrator.tools.rewrite import same, unified_diffs
from tests.commits import artifacts, refusal, snapshot


def test_nothing_to_change_is_no_diff(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\r\n")
    assert unified_diffs(str(tmp_path), artifacts({"a": "x\r\n"})) == ()
    assert unified_diffs(str(tmp_path / "absent"), ()) == ()
    assert same(str(tmp_path), artifacts({"a": "x\r\n"}))
    assert not same(str(tmp_path), artifacts({"a": "x\n"}))


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert refusal(unified_diffs, str(tmp_path), artifacts({"a": "x"})) == (
        "a cannot be written because a folder is there: move it away (nothing was changed)."
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "diff"),
    [
        pytest.param("a", b"x\n", "y\n", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n", id="changed"),
        pytest.param(
            "b/a",
            None,
            "x\ny\n",
            "diff --git a/b/a b/b/a\nnew file mode 100644\n--- /dev/null\n+++ b/b/a\n@@ -0,0 +1,2 @@\n+x\n+y\n",
            id="new",
        ),
        pytest.param("a", None, "", "diff --git a/a b/a\nnew file mode 100644\n", id="new and empty"),
        pytest.param("a", b"x\n", "", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +0,0 @@\n-x\n", id="emptied"),
        pytest.param("a", b"", "x\n", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+x\n", id="filled"),
        pytest.param(
            "a",
            b"x",
            "y",
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n"
            "-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n",
            id="without a newline at the end",
        ),
        pytest.param(
            "a",
            b"x\n",
            "x",
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n",
            id="the last newline goes",
        ),
        pytest.param(
            "a", b"x\r\n", "x\n", "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\r\n+x\n", id="line endings"
        ),
        pytest.param(
            "a b",
            b"x\n",
            "y\n",
            "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-x\n+y\n",
            id="a space in the name",
        ),
        pytest.param(
            'q"\té\x07',
            b"x\n",
            "y\n",
            r"""diff --git "a/q\042\011\303\251\007" "b/q\042\011\303\251\007"
--- "a/q\042\011\303\251\007"
+++ "b/q\042\011\303\251\007"
@@ -1 +1 @@
-x
+y
""",
            id="a name that needs quotes",
        ),
        pytest.param("a", b"\xff\n", "y\n", "diff --git a/a b/a\nBinary files a/a and b/a differ\n", id="no text"),
    ],
)
def test_a_diff_is_what_git_and_patch_read(tmp_path: Path, name: str, old: bytes | None, new: str, diff: str) -> None:
    if old is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(old)
    before = snapshot(tmp_path)
    assert unified_diffs(str(tmp_path), artifacts({name: new})) == (diff,)
    assert snapshot(tmp_path) == before


def test_diffs_are_sorted_and_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x\n")
    (tmp_path / "b").symlink_to("real")
    assert unified_diffs(str(tmp_path), artifacts({"b": "y\n", "a": "z\n"})) == (
        "diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+z\n",
        "diff --git a/real b/real\n--- a/real\n+++ b/real\n@@ -1 +1 @@\n-x\n+y\n",
    )


LINES = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab \t\r\n\f\x0b\x1c\u2028\\-+@"), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=30,
)
NAMES = st.sampled_from(["a", "b c", "d/é", 'q"t', "tab\there", "back\\slash", "-dash", "d/\u2028"])


def apply(tool: str, folder: Path, diff: str) -> None:
    git = ["git", "apply", "--whitespace=nowarn", "-"]
    command = {"git": git, "patch": ["patch", "-p1", "--binary", "--quiet", "--no-backup-if-mismatch"]}[tool]
    environment = {"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(folder.parent), "LC_ALL": "C"}
    result = subprocess.run(
        command, cwd=folder, input=diff.encode(), check=False, capture_output=True, timeout=60, env=environment
    )
    assert result.returncode == 0, (result, diff)


@pytest.mark.parametrize("tool", ["git", "patch"])
@settings(deadline=None, max_examples=60)
@given(old=st.dictionaries(NAMES, LINES, max_size=3), new=st.dictionaries(NAMES, LINES, min_size=1, max_size=3))
def test_applied_by_an_outside_tool_it_gives_what_a_commit_gives(
    tmp_path_factory: pytest.TempPathFactory, tool: str, old: dict[str, str], new: dict[str, str]
) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is absent")
    top = tmp_path_factory.mktemp("diffs")
    for folder in (top / "committed", top / "applied"):
        (folder / "d").mkdir(parents=True)
        for name, text in old.items():
            (folder / name).write_bytes(text.encode())
    if tool == "patch":  # it does not find a name with a space in git's first line, and an empty file has no other
        new = {name: text or "\n" * (" " in name) for name, text in new.items()}
    diffs = unified_diffs(str(top / "applied"), artifacts(new))
    commit(str(top / "committed"), artifacts(new))
    if diffs:
        apply(tool, top / "applied", "".join(diffs))
    assert snapshot(top / "applied", times=False) == snapshot(top / "committed", times=False)
