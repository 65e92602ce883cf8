"""Commits of a git repository as trees, read as data: no checkout, no filter, no hook, no network.

Only ``git rev-parse`` and one ``git cat-file --batch`` run, from argument lists. Names of objects go through its
standard input, so none is ever taken for an option; trees are walked here, so no path is ever taken for a pattern.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from migrator.model.trouble import WorldError

_FOLDER, _LINK, _SUBMODULE = 0o40000, 0o120000, 0o160000
_KINDS = {_LINK: "a symbolic link", _SUBMODULE: "a submodule"}
_STILL = {
    "GIT_ALLOW_PROTOCOL": "",  # what a partial clone lacks is not fetched: its configuration would choose a program
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_TALKATIVE = ("GIT_TRACE", "GIT_CURL_VERBOSE", "GIT_REDIRECT_")


def split_revision(text: str) -> tuple[str, str] | None:
    """``REV`` and ``PATH`` of ``REV:PATH``, None where there is no colon.

    As in git, a colon between braces (``HEAD^{/fix: typo}``) belongs to the revision.
    """
    depth = 0
    for place, char in enumerate(text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == ":" and depth <= 0:
            return text[:place], text[place + 1 :]
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """Something in a commit that was asked for and is no file: ``kind`` says what it is."""

    path: str
    kind: str


class Repository:
    """The git repository around the folder ``here``; to be closed, or used in a ``with`` statement.

    :raises WorldError: there is no git, or no repository that it would read
    """

    def __init__(self, here: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, Mapping[str, tuple[int, str]]] = {}
        self._git = [_find_git(), "-C", here]
        try:
            found = subprocess.run(
                [*self._git, "rev-parse", "--is-shallow-repository", "--show-prefix"],
                capture_output=True,
                check=False,
                env=_environment(),
                stdin=subprocess.DEVNULL,
            )
        except OSError as error:
            raise WorldError(f"git cannot be started: {error.strerror}") from error
        if found.returncode:
            raise WorldError(_why_not(found.stderr))
        shallow, _, prefix = os.fsdecode(found.stdout).partition("\n")
        self._is_shallow = shallow == "true"
        self._prefix = prefix.rstrip("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def place(self, path: str) -> str:
        """``path`` from the repository's root; ``./x`` and ``../x`` are seen from where the user stands.

        :raises WorldError: it leads out of the repository
        """
        seen_from_here = path.split("/", 1)[0] in {".", ".."}
        place = posixpath.normpath(posixpath.join(self._prefix, path) if seen_from_here else path)
        if path.startswith("/") or place.split("/", 1)[0] == "..":
            raise WorldError(
                f"{path} lies outside of the repository; write the path from its root, or from here beginning with ./"
            )
        return place

    def commit(self, revision: str) -> Commit:
        """The files of the commit that ``revision`` names, in any way that git knows.

        :raises WorldError: it names none
        """
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise WorldError(f"{revision!r} is no revision; write a branch, a tag or a commit before the colon")
        kind, data = self._ask(f"{revision}^{{commit}}")
        if kind != "commit":
            raise WorldError(self._no_such(revision, kind))
        root = data.partition(b"\n")[0].removeprefix(b"tree ").decode("ascii", "replace")
        return Commit(self, root)

    def entries(self, tree: str) -> Mapping[str, tuple[int, str]]:
        """The mode and the object of each name in a tree.

        :raises WorldError: it is damaged
        """
        if tree not in self._trees:
            kind, data = self._ask(tree)
            try:
                self._trees[tree] = dict(_read_tree(data, len(tree) // 2)) if kind == "tree" else {}
            except ValueError as error:
                raise WorldError(f"The tree {tree[:12]} of the repository is damaged; git fsck tells more") from error
        return self._trees[tree]

    def blob(self, name: str) -> bytes:
        """The bytes of a file.

        :raises WorldError: the object is not there
        """
        kind, data = self._ask(name)
        if kind != "blob":
            raise WorldError(f"The object {name[:12]} is not in this clone of the repository; fetch it first")
        return data

    def close(self) -> None:
        """End git; a second time does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()

    def _ask(self, name: str) -> tuple[str, bytes]:
        """The kind and the bytes of an object; the kind is ``missing``, ``ambiguous`` or the like where there is none.

        :raises WorldError: git died
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [*self._git, "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        question, answer = self._process.stdin, self._process.stdout
        assert question is not None  # noqa: S101 (opened as a pipe above)
        assert answer is not None  # noqa: S101 (likewise)
        try:
            question.write(os.fsencode(name) + b"\n")
            question.flush()
            words = answer.readline().decode("utf-8", "replace").split()
            if len(words) != len(("name", "kind", "size")) or not words[2].isdecimal():
                return (words[-1] if words else "missing"), b""
            size = int(words[2])
            data = answer.read(size + 1)
        except OSError as error:
            raise WorldError(f"git ended before it answered: {error.strerror}") from error
        if len(data) <= size:
            raise WorldError("git ended before it answered; git fsck tells whether the repository is damaged")
        return words[1], data[:size]

    def _no_such(self, revision: str, kind: str) -> str:
        if kind == "ambiguous":
            return f"{revision} stands for several commits; write more of it"
        if self._is_shallow:
            return f"The repository has no revision {revision}; this clone is shallow, so fetch that commit first"
        return f"The repository has no revision {revision}; git log and git branch --all show what it has"


class Commit:
    """The files of one commit as a :class:`~migrator.model.tree.Tree`, seen from the folder ``folder``.

    ``..`` means what it means on disk, up to the repository's root; an absolute path is in no commit. Links and
    submodules are no files and are not followed: :attr:`passed` tells which of them were asked for.
    """

    def __init__(self, repository: Repository, root: str, folder: str = "") -> None:
        self._repository = repository
        self._root = root
        self._folder = folder
        self.passed: list[Passed] = []

    def below(self, folder: str) -> Commit:
        """The same commit, seen from ``folder`` (which is seen from here)."""
        return Commit(self._repository, self._root, posixpath.join(self._folder, folder))

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at ``path``, None when there is no such file or it is no file.

        :raises WorldError: git cannot give it
        """
        mode, name = self._find(path)
        if mode == _FOLDER or not name or mode in _KINDS:
            return None
        return self._repository.blob(name)

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder."""
        return self._find(path)[0] == _FOLDER

    def list(self, path: str) -> tuple[str, ...]:
        """The names in the folder ``path``, sorted, folders with a trailing slash; empty when there is none."""
        mode, name = self._find(path)
        if mode != _FOLDER:
            return ()
        entries = self._repository.entries(name)
        return tuple(sorted(f"{entry}/" if mode == _FOLDER else entry for entry, (mode, _) in entries.items()))

    def link(self, path: str) -> str | None:
        """Where the symbolic link at ``path`` leads, None when there is no link."""
        mode, name = self._find(path)
        return os.fsdecode(self._repository.blob(name)) if mode == _LINK else None

    def is_submodule(self, path: str) -> bool:
        """Whether ``path`` is a submodule, or lies in one."""
        return self._find(path)[0] == _SUBMODULE

    def _find(self, path: str) -> tuple[int, str]:
        """The mode and the object at ``path``, of the first link or submodule on the way; ``(0, "")`` for nothing."""
        place = posixpath.normpath(posixpath.join(self._folder, path))
        mode, name = _FOLDER, self._root
        walked: list[str] = []
        for part in [] if place == "." else place.split("/"):
            if mode in _KINDS:
                break
            if mode != _FOLDER:
                return 0, ""
            mode, name = self._repository.entries(name).get(part, (0, ""))
            walked.append(part)
        if mode in _KINDS:
            passed = Passed(path="/".join(walked), kind=_KINDS[mode])
            if passed not in self.passed:
                self.passed.append(passed)
            if len(walked) < len(place.split("/")) and mode == _LINK:
                return 0, ""
        return mode, name


def _read_tree(data: bytes, width: int) -> Iterator[tuple[str, tuple[int, str]]]:
    position = 0
    while position < len(data):
        nul = data.index(b"\0", position)
        mode, _, name = data[position:nul].partition(b" ")
        position = nul + 1 + width
        yield os.fsdecode(name), (int(mode, 8) & 0o170000, data[nul + 1 : position].hex())


def _find_git() -> str:
    program = shutil.which("git")
    # Windows looks into the current folder first, which may be anybody's
    if program is None or os.path.dirname(os.path.abspath(program)) == os.getcwd():
        raise WorldError("git is not here; install it to compare commits, or name files")
    return program


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_TALKATIVE)} | _STILL


def _why_not(said: bytes) -> str:
    if b"dubious ownership" in said:
        return "git does not read this repository, because it belongs to somebody else; git status says how to allow it"
    if b"not a git repository" in said:
        return "This folder is in no git repository"
    line = said.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
    return f"git cannot read this repository: {line}"
