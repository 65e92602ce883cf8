"""Commits read as data: the judge is git itself, and nothing that a repository configures may ever run."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from migrator.model.trouble import WorldError
from migrator.tools.disk import DiskTree
from migrator.tools.git import Commit, Passed, Repository, split_revision

from .git_history import GitHistory

FILES: dict[str, bytes] = {
    "requirements.txt": b"-r requirements/base.txt\n",
    "requirements/base.txt": b"idna==3.11\r\n",
    "requirements/no newline at end": b"x",
    "requirements/empty": b"",
    "requirements/bytes": bytes(range(256)) * 300,
    "-r": b"an option's name\n",
    "*.txt": b"a pattern\n",
    ":(top)x": b"a magic path\n",
    "ä ö.txt": b"another alphabet\n",
    "line\nfeed": b"a name of two lines\n",
}


@pytest.fixture
def history(tmp_path: Path) -> GitHistory:
    history = GitHistory(tmp_path / "repository")
    history.commit(FILES)
    return history


def read(history: GitHistory, revision: str = "HEAD", path: str = "requirements.txt") -> bytes | None:
    with Repository(str(history.folder)) as repository:
        return repository.commit(revision).read(path)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("poetry.lock", None),
        ("", None),
        (":", ("", "")),
        (":poetry.lock", ("", "poetry.lock")),
        ("HEAD:poetry.lock", ("HEAD", "poetry.lock")),
        ("v1:a:b", ("v1", "a:b")),
        ("HEAD^{/Fix: x}:a", ("HEAD^{/Fix: x}", "a")),
        ("main@{12:30}:a", ("main@{12:30}", "a")),
        ("C:\\x", ("C", "\\x")),
    ],
)
def test_the_first_colon_outside_of_braces_parts_revision_and_path(text: str, named: tuple[str, str] | None) -> None:
    assert split_revision(text) == named


def test_a_commit_is_the_tree_that_was_committed(history: GitHistory) -> None:
    """Every file and folder as on the disk it came from, seen from the root and from a folder."""
    with Repository(str(history.folder)) as repository:
        commit, disk = repository.commit("HEAD"), DiskTree(str(history.folder))
        for path in [*FILES, "absent", "requirements", "requirements/absent", "requirements.txt/x", ".", ""]:
            assert commit.read(path) == disk.read(path), path
            assert commit.is_folder(path) == disk.is_folder(path), path
        assert commit.list("requirements") == disk.list("requirements")
        assert commit.list(".") == tuple(name for name in disk.list(".") if name != ".git/")
        below = commit.below("requirements")
        assert below.read("../requirements.txt") == FILES["requirements.txt"]
        assert below.list("..") == commit.list("")
        assert below.read("../../repository/requirements.txt") is None
        assert below.read(str(history.folder / "requirements.txt")) is None
        assert commit.passed == below.passed == []


def test_a_revision_is_whatever_git_takes_for_one(history: GitHistory) -> None:
    first = history.git("rev-parse", "HEAD")
    history.git("tag", "-a", "v1", "-m", "One")
    history.git("branch", "feature/x")
    history.commit({"requirements.txt": "idna==3.12\n"}, "Fix: take the newer one")
    for revision in (first, first[:8], "HEAD~1", "v1", "v1^{}", "feature/x", "refs/heads/feature/x", "main@{1}"):
        assert read(history, revision) == FILES["requirements.txt"]
    for revision in ("HEAD", "main", "HEAD^{/Fix: take}"):
        assert read(history, revision) == b"idna==3.12\n"


@pytest.mark.parametrize("revision", ["", "-x", "--help", "--output=pwned", "HEAD\nHEAD", "\x1b[31m"])
def test_what_is_no_name_never_reaches_git(history: GitHistory, revision: str) -> None:
    with Repository(str(history.folder)) as repository, pytest.raises(WorldError) as raised:
        repository.commit(revision)
    assert str(raised.value) == f"{revision!r} is no revision; write a branch, a tag or a commit before the colon"


@pytest.mark.parametrize("revision", ["absent", "HEAD~9", "0" * 40, "HEAD:requirements.txt", "a b", "HEAD 1 2"])
def test_a_revision_that_is_missing_is_one_sentence(history: GitHistory, revision: str) -> None:
    with Repository(str(history.folder)) as repository, pytest.raises(WorldError) as raised:
        repository.commit(revision)
    assert (
        str(raised.value) == f"The repository has no revision {revision}; git log and git branch --all show what it has"
    )


def test_a_shallow_clone_is_told_as_one(history: GitHistory, tmp_path: Path) -> None:
    history.commit({"more": ""})
    history.git("clone", "--quiet", "--depth=1", f"file://{history.folder}", str(tmp_path / "clone"))
    with Repository(str(tmp_path / "clone")) as repository, pytest.raises(WorldError) as raised:
        repository.commit("HEAD~1")
    assert str(raised.value) == (
        "The repository has no revision HEAD~1; this clone is shallow, so fetch that commit first"
    )


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("poetry.lock", "poetry.lock"),
        ("./poetry.lock", "app/poetry.lock"),
        ("../poetry.lock", "poetry.lock"),
        ("../lib/x", "lib/x"),
        ("app/../lib//x", "lib/x"),
        ("../../poetry.lock", None),
        ("lib/../../x", None),
        ("/etc/passwd", None),
    ],
)
def test_a_path_counts_from_the_root_or_with_a_dot_from_here(history: GitHistory, path: str, place: str | None) -> None:
    (history.folder / "app").mkdir()
    with Repository(str(history.folder / "app")) as repository:
        if place is not None:
            assert repository.place(path) == place
            return
        with pytest.raises(WorldError) as raised:
            repository.place(path)
    assert str(raised.value) == (
        f"{path} lies outside of the repository; write the path from its root, or from here beginning with ./"
    )


def test_links_and_submodules_are_told_and_not_followed(history: GitHistory) -> None:
    """What a link names may lie anywhere, and a submodule is another repository."""
    head = history.git("rev-parse", "HEAD")
    (history.folder / "link.txt").symlink_to("requirements/base.txt")
    (history.folder / "folder").symlink_to("requirements")
    (history.folder / "tool").write_text("#!/bin/sh\n")
    (history.folder / "tool").chmod(stat.S_IRWXU)
    history.git("update-index", "--add", "--cacheinfo", f"160000,{head},vendor/lib")
    history.git("add", "link.txt", "folder", "tool")
    history.git("commit", "--quiet", "-m", "Link")
    with Repository(str(history.folder)) as repository:
        commit = repository.commit("HEAD")
        assert commit.read("tool") == b"#!/bin/sh\n"
        assert commit.passed == []
        for path in ("link.txt", "folder", "folder/base.txt", "vendor/lib", "vendor/lib/x"):
            assert commit.read(path) is None
            assert not commit.is_folder(path)
        assert commit.passed == [
            Passed(path="link.txt", kind="a symbolic link"),
            Passed(path="folder", kind="a symbolic link"),
            Passed(path="vendor/lib", kind="a submodule"),
        ]
        assert commit.link("link.txt") == "requirements/base.txt"
        assert commit.link("folder/base.txt") is None
        assert commit.link("requirements.txt") is None


def test_nothing_that_a_repository_configures_is_run(history: GitHistory, tmp_path: Path) -> None:
    """No hook, filter, text conversion, pager, alias, monitor or fetch; and what replaces an object is left aside."""
    mark = tmp_path / "run"
    command = f"touch {mark}"
    for name in (
        "alias.cat-file",
        "alias.rev-parse",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
        "credential.helper",
        "diff.evil.textconv",
        "diff.external",
        "filter.evil.clean",
        "filter.evil.smudge",
        "remote.origin.uploadpack",
    ):
        history.git("config", name, command)
    history.git("config", "remote.origin.url", str(history.folder))
    history.git("config", "remote.origin.promisor", "true")
    history.git("config", "core.repositoryformatversion", "1")
    history.git("config", "extensions.partialClone", "origin")
    (history.folder / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        place = history.folder / ".git" / "hooks" / hook
        place.write_text(f"#!/bin/sh\n{command}\n")
        place.chmod(stat.S_IRWXU)
    blob = history.git("rev-parse", "HEAD:requirements/base.txt")
    other = history.git("hash-object", "-w", "--stdin", "--no-filters", text="evil==1.0\n")
    (history.folder / ".git" / "refs" / "replace").mkdir()
    (history.folder / ".git" / "refs" / "replace" / blob).write_text(other + "\n")
    mark.unlink(missing_ok=True)
    assert read(history, path="requirements/base.txt") == b"idna==3.11\r\n"
    (history.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(WorldError) as raised:
        read(history, path="requirements/base.txt")
    assert str(raised.value) == f"The object {blob[:12]} is not in this clone of the repository; fetch it first"
    assert not mark.exists()


def test_no_variable_of_the_user_makes_git_talk(history: GitHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE"):
        monkeypatch.setenv(name, str(history.folder / name))
    assert read(history) is not None
    assert not [path for path in history.folder.iterdir() if path.name.startswith("GIT_")]


def test_a_repository_with_longer_names_of_objects_is_read_alike(tmp_path: Path) -> None:
    history = GitHistory(tmp_path / "long", "--object-format=sha256")
    assert len(history.commit(FILES)) == 64
    with Repository(str(history.folder)) as repository:
        assert repository.commit("HEAD").list("requirements") == ("base.txt", "bytes", "empty", "no newline at end")


def test_a_bare_repository_and_a_linked_worktree_are_repositories(history: GitHistory, tmp_path: Path) -> None:
    history.git("clone", "--quiet", "--bare", str(history.folder), str(tmp_path / "bare"))
    history.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other")
    for folder in ("bare", "linked"):
        with Repository(str(tmp_path / folder)) as repository:
            assert repository.commit("HEAD").read("requirements/base.txt") == b"idna==3.11\r\n"
            assert repository.place("./requirements.txt") == "requirements.txt"


def test_a_damaged_tree_is_one_sentence(history: GitHistory) -> None:
    tree = history.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", text="40000 nothing behind it")
    commit = history.git("commit-tree", tree, "-m", "Damaged")
    with pytest.raises(WorldError) as raised:
        read(history, commit)
    assert str(raised.value) == f"The tree {tree[:12]} of the repository is damaged; git fsck tells more"


def test_outside_of_every_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "nowhere").mkdir()
    with pytest.raises(WorldError) as raised:
        Repository(str(tmp_path / "nowhere"))
    assert str(raised.value) == "This folder is in no git repository"


def test_a_repository_of_somebody_else(history: GitHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(WorldError) as raised:
        Repository(str(history.folder))
    assert str(raised.value) == (
        "git does not read this repository, because it belongs to somebody else; git status says how to allow it"
    )


def test_without_git(history: GitHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorldError) as raised:
        Repository(str(history.folder))
    assert str(raised.value) == "git is not here; install it to compare commits, or name files"


def test_a_git_in_the_current_folder_is_not_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows looks there first, and the folder may be anybody's."""
    (tmp_path / "git").write_text("#!/bin/sh\n")
    (tmp_path / "git").chmod(stat.S_IRWXU)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorldError, match="git is not here"):
        Repository(".")


def test_a_commit_is_a_tree_for_the_readers(history: GitHistory) -> None:
    """An include is read from the same commit, wherever the file that includes it lies."""
    from migrator.model.reader import Input
    from migrator.readers import load_reader

    old = history.git("rev-parse", "HEAD")
    history.commit({"requirements/base.txt": "idna==4.0\n"})
    with Repository(str(history.folder)) as repository:
        for revision, version in ((old, "3.11"), ("HEAD", "4.0")):
            commit: Commit = repository.commit(revision)
            project = load_reader("requirements").read(commit, (Input(path="requirements.txt"),), "utf-8").project
            assert [str(pin.version) for pin in project.pins] == [version]
