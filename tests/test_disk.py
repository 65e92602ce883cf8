"""The disk as a tree, and the dict that stands in for it: what holds for one holds for the other."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.model.tree import Tree
from migrator.model.trouble import WorldError
from migrator.tools.disk import DiskTree
from tests.trees import DictTree, RecordingTree
from tests.unprivileged import open_folder, unprivileged

FILES = {
    "requirements.txt": b"flask==3.0.0\r\n\xff\x00",
    "requirements/dev.txt": b"pytest\n",
    "requirements/.hidden": b"",
    "a b/c.txt": b"spaces\n",
    "../base.txt": b"six\n",
}


def on_disk(folder: Path) -> Tree:
    for name, content in FILES.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return DiskTree(str(folder))


def in_a_dict(folder: Path) -> Tree:
    return DictTree(FILES, root=str(folder))


@pytest.fixture(params=[on_disk, in_a_dict])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    make: Callable[[Path], Tree] = request.param
    (tmp_path / "project").mkdir()
    return make(tmp_path / "project")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("nothing.txt", None, id="nothing is there"),
        pytest.param("nothing/at/all.txt", None, id="its folder is not there"),
        pytest.param("requirements", None, id="a folder in place of a file"),
        pytest.param("", None, id="the root itself"),
        pytest.param("requirements.txt/below", None, id="a file in place of a folder"),
        pytest.param("requirements.txt/", None, id="a file called as a folder"),
        pytest.param("nul\0.txt", None, id="a name that no file has"),
        pytest.param("\udc80\ud800.txt", None, id="a name that cannot be encoded"),
        pytest.param("x" * 5000, None, id="a name that is too long"),
        pytest.param("requirements.txt", b"flask==3.0.0\r\n\xff\x00", id="bytes as they are"),
        pytest.param("./requirements.txt", b"flask==3.0.0\r\n\xff\x00", id="from here"),
        pytest.param("requirements/dev.txt", b"pytest\n", id="below"),
        pytest.param("requirements/../../base.txt", b"six\n", id="above"),
        pytest.param("a b/c.txt", b"spaces\n", id="with a space"),
        pytest.param("requirements/.hidden", b"", id="empty"),
    ],
)
def test_reads_a_regular_file_and_nothing_else(tree: Tree, path: str, content: bytes | None) -> None:
    assert tree.read(path) == content


@pytest.mark.parametrize(
    ("path", "is_folder"),
    [
        ("nothing", False),
        ("requirements.txt", False),
        ("requirements.txt/x", False),
        ("nul\0", False),
        ("", True),
        (".", True),
        ("..", True),
        ("requirements", True),
        ("requirements/", True),
    ],
)
def test_knows_a_folder(tree: Tree, path: str, is_folder: bool) -> None:
    assert tree.is_folder(path) is is_folder


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("nothing", ()),
        ("requirements.txt", ()),
        ("", ("a b/", "requirements.txt", "requirements/")),
        ("requirements", (".hidden", "dev.txt")),
        ("..", ("base.txt", "project/")),
    ],
)
def test_lists_a_folder(tree: Tree, path: str, names: tuple[str, ...]) -> None:
    assert tree.list(path) == names


def test_an_absolute_path_is_itself(tree: Tree, tmp_path: Path) -> None:
    assert tree.read(str(tmp_path / "base.txt")) == b"six\n"


def test_a_recording_tree_passes_on_and_remembers() -> None:
    tree = RecordingTree(DictTree({"a/b": "c"}))
    assert (tree.read("a/b"), tree.is_folder("a"), tree.list("a")) == (b"c", True, ("b",))
    assert tree.asked == [("read", "a/b"), ("is_folder", "a"), ("list", "a")]


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    tree = DiskTree(str(tmp_path / "later"))
    assert tree.read("a.txt") is None
    (tmp_path / "later").mkdir()
    (tmp_path / "later/a.txt").write_bytes(b"now")
    assert tree.read("a.txt") == b"now"


def test_a_pipe_a_device_and_a_circle_of_links_are_no_files(tmp_path: Path) -> None:
    """An include of one of these would hang the program or fill its memory."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "nowhere").symlink_to("not-there")
    tree = DiskTree(str(tmp_path))
    assert [tree.read(name) for name in ("pipe", "zero", "circle", "nowhere")] == [None] * 4
    assert tree.list("") == ("circle", "nowhere", "pipe", "zero")


def test_links_are_followed(tmp_path: Path) -> None:
    on_disk(tmp_path / "project")
    (tmp_path / "project/link.txt").symlink_to("../base.txt")
    (tmp_path / "project/folder").symlink_to("requirements")
    tree = DiskTree(str(tmp_path / "project"))
    assert (tree.read("link.txt"), tree.read("folder/dev.txt")) == (b"six\n", b"pytest\n")
    assert tree.list("") == ("a b/", "folder/", "link.txt", "requirements.txt", "requirements/")


SENTENCE = "{} cannot be read because permission is denied: give yourself the right to it, then run migrate again."


@pytest.mark.parametrize(
    ("ask", "call", "path", "shown"),
    [
        ("read", "builtins.open", "base.txt", "base.txt"),
        ("read", "builtins.open", "{root}/base.txt", "base.txt"),
        ("read", "os.stat", "requirements/base.txt", "requirements/base.txt"),
        ("read", "os.stat", "\x1b[2J.txt", "\\x1b[2J.txt"),
        ("is_folder", "os.stat", "../secret", "../secret"),
        ("read", "os.stat", "/etc/secret/a.txt", "/etc/secret/a.txt"),
        ("list", "os.scandir", "", "The folder"),
        ("list", "os.scandir", "{root}", "The folder"),
    ],
)
def test_what_may_not_be_read_is_one_sentence(tmp_path: Path, ask: str, call: str, path: str, shown: str) -> None:
    """The path is shown from the user's folder, never more of the machine than the user's file says."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "base.txt"))

    (tmp_path / "base.txt").write_bytes(b"")
    tree = DiskTree(str(tmp_path))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(call, refuse)
        with pytest.raises(WorldError) as caught:
            getattr(tree, ask)(path.format(root=tmp_path))
    assert str(caught.value) == SENTENCE.format(shown)


def test_a_file_without_permission_is_one_sentence() -> None:
    with open_folder() as folder:
        (folder / "base.txt").write_bytes(b"")
        (folder / "base.txt").chmod(0)
        with unprivileged(), pytest.raises(WorldError) as caught:
            DiskTree(str(folder)).read("base.txt")
    assert str(caught.value) == SENTENCE.format("base.txt")


def test_another_trouble_keeps_the_systems_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "base.txt").write_bytes(b"")
    tree = DiskTree(str(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("builtins.open", fail)
        with pytest.raises(WorldError) as caught:
            tree.read("base.txt")
    assert str(caught.value) == (
        "base.txt cannot be read because the system says Input/output error: mend that, then run migrate again."
    )
