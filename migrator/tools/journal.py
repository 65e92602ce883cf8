"""The journal of a commit: its file format, and who may hold it.

The file begins with one byte of state, then a line that names the format and the SHA-256 of what follows, then JSON.
The state is written last and alone, so every other byte is on the disk before it says anything, and no state is
ever half written. Whoever works on a folder holds the journal's lock; the system lets go of it when a process dies.
The journal names its own inode: one that came with a clone or a copy of the folder is foreign.
"""

# Each call of the system counts here, and pathlib hides which one it makes.

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from migrator.model.trouble import WorldError

from .durable import digest, explained, sync_folder, write_all
from .rewrite import JOURNAL, stays_inside

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_MAGIC = b" migrate journal 1 "
_HEAD = re.compile(rb"[BC] migrate journal 1 ([0-9a-f]{64})\n")
_TOKEN = re.compile(r"[0-9a-f]{16}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1 << 20
_ABOUT = "A migrate is writing into this folder, or was interrupted: run it again and it puts the folder in order."
_OPEN = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL}


class State(Enum):
    """How far a commit has come; the first byte of the file."""

    PREPARING = b"\0"
    """The journal itself is being written; no other file is there yet."""
    BEGUN = b"B"
    """Recovery rolls back."""
    COMMITTED = b"C"
    """Every file is in place; recovery only clears away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file of a commit: its place and the SHA-256 of its bytes before (None: it was not there) and after."""

    place: str
    old: str | None
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """What a commit is going to do.

    ``folders`` are those that it makes, outermost first; ``""`` is the folder itself.
    """

    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    def beside(self, number: int, suffix: str) -> str:
        """The name of the file that stands beside entry ``number``, with its ``new`` or its ``old`` bytes."""
        parent = os.path.dirname(self.entries[number].place)
        return os.path.join(parent, f".migrate-{self.token}-{number}.{suffix}")


class HeldJournal:
    """The journal file of one folder, open and locked by this process."""

    def __init__(self, root: str, descriptor: int) -> None:
        self._root = root
        self._path = os.path.join(root, JOURNAL)
        self._descriptor: int | None = descriptor

    def publish(self, journal: Journal) -> None:
        """Write ``journal``; when this returns it is on the disk and says BEGUN."""
        payload = _encode(journal, os.fstat(self._open).st_ino)
        os.lseek(self._open, 1, os.SEEK_SET)
        write_all(self._open, _MAGIC + digest(payload).encode("ascii") + b"\n" + payload)
        os.fsync(self._open)
        self._mark(State.BEGUN)
        sync_folder(self._root)

    def mark_committed(self) -> None:
        """Say COMMITTED, the point of no return; where that fails, it says BEGUN again."""
        try:
            self._mark(State.COMMITTED)
        except BaseException:
            with contextlib.suppress(OSError):
                self._mark(State.BEGUN)
            raise

    def read(self) -> tuple[State, Journal | None]:
        """The state, and the journal unless it is still PREPARING.

        :raises WorldError: the file is damaged or none of ours
        """
        os.lseek(self._open, 0, os.SEEK_SET)
        data = b""
        while len(data) <= _LARGEST and (chunk := os.read(self._open, _LARGEST)):
            data += chunk
        return _decode(data, os.fstat(self._open).st_ino)

    def remove(self) -> None:
        """Take the journal away and let go of it."""
        if os.name == "nt":  # no open file can be removed there
            self.release()
        os.unlink(self._path)
        self.release()
        sync_folder(self._root)

    def release(self) -> None:
        """Let go of the journal, which stays where it is."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    @property
    def _open(self) -> int:
        if self._descriptor is None:
            raise ValueError("the journal was let go of")
        return self._descriptor

    def _mark(self, state: State) -> None:
        os.lseek(self._open, 0, os.SEEK_SET)
        write_all(self._open, state.value)
        os.fsync(self._open)


@contextlib.contextmanager
def create(root: str) -> Iterator[HeldJournal]:
    """Make the empty journal of ``root`` and hold it; it stays when nobody removes it.

    :raises WorldError: another migrate is at work or was interrupted, or the folder cannot be written
    """
    held: HeldJournal | None = None
    while held is None:
        with explained("The output folder"):
            held = _create(root)
    try:
        yield held
    finally:
        held.release()


@contextlib.contextmanager
def reopen(root: str) -> Iterator[HeldJournal | None]:
    """Hold the journal that stands in ``root``; None when there is none.

    :raises WorldError: another migrate holds it, or it is no file, or it cannot be opened
    """
    path = os.path.join(root, JOURNAL)
    with explained(JOURNAL, "opened"):
        descriptor = _open_regular(path)
    if descriptor is None:
        yield None
        return
    held = HeldJournal(root, descriptor)
    try:
        if not _lock(descriptor):
            raise _busy()
        # its holder may have ended, and removed it, between our two calls
        yield held if _is_at(descriptor, path) else None
    finally:
        held.release()


def _create(root: str) -> HeldJournal | None:
    """The new journal; None when another migrate crossed our way and it is worth another try."""
    path = os.path.join(root, JOURNAL)
    try:
        descriptor = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        with reopen(root) as found:
            if found is None:
                return None
            found.read()
            raise WorldError(
                "An earlier migrate was interrupted in the output folder: "
                "run migrate again, it first puts the folder in order (nothing was changed)."
            ) from None
    # Before the lock is ours, another migrate may take the empty journal for that of a dead one: it holds it for a
    # moment and may remove it.
    if _lock(descriptor, wait=True) and _is_at(descriptor, path):
        return HeldJournal(root, descriptor)
    os.close(descriptor)
    return None


def _open_regular(path: str) -> int | None:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise _foreign()
        return os.open(path, _OPEN)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _lock(descriptor: int, *, wait: bool = False) -> bool:
    """Whether the file is ours now. A file system without locks says yes: there, O_EXCL alone tells two runs apart."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _LARGEST * 2, os.SEEK_SET)  # a locked byte cannot be read, so one behind the end
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        return error.errno in _NO_LOCKS
    return True


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _busy() -> WorldError:
    return WorldError(
        "Another migrate is writing into the output folder: wait until it has ended, then run this one again "
        "(nothing was changed)."
    )


def _foreign() -> WorldError:
    return WorldError(
        f"{JOURNAL} is damaged or not of migrate's making, and nothing was touched: "
        "compare the folder with what git has of it, move that file away, then run migrate again."
    )


def _encode(journal: Journal, inode: int) -> bytes:
    content = {
        "about": _ABOUT,
        "inode": inode,
        "token": journal.token,
        "folders": journal.folders,
        "files": [{"path": e.place, "old": e.old, "new": e.new} for e in journal.entries],
    }
    return json.dumps(content, indent=1).encode("ascii") + b"\n"


def _decode(data: bytes, inode: int) -> tuple[State, Journal | None]:
    if not data.strip(b"\0") or (data[:1] == State.PREPARING.value and _begins_alike(data[1:], _MAGIC)):
        return State.PREPARING, None
    head = _HEAD.match(data)
    if head is None or digest(data[head.end() :]).encode("ascii") != head[1]:
        raise _foreign()
    try:
        return State(data[:1]), _read_payload(json.loads(data[head.end() :]), inode)
    except (ValueError, KeyError, TypeError, RecursionError):  # whoever can compute a checksum can also err or lie
        raise _foreign() from None


def _begins_alike(data: bytes, magic: bytes) -> bool:
    return data.startswith(magic) or magic.startswith(data)


def _read_payload(content: Any, inode: int) -> Journal:  # noqa: ANN401 - whatever JSON holds
    if content["inode"] != inode:
        raise ValueError
    entries = tuple(
        Entry(
            place=_checked_place(file["path"]),
            old=None if file["old"] is None else _checked(_DIGEST, file["old"]),
            new=_checked(_DIGEST, file["new"]),
        )
        for file in content["files"]
    )
    if len({entry.place for entry in entries}) != len(entries) or any(e.old == e.new for e in entries):
        raise ValueError
    folders = tuple(_checked_folder(folder, entries) for folder in content["folders"])
    return Journal(entries=entries, folders=folders, token=_checked(_TOKEN, content["token"]))


def _checked(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _checked_place(path: object) -> str:
    if not isinstance(path, str) or not stays_inside(path):
        raise ValueError
    os.fsencode(path)  # JSON can spell characters that no file name has
    return path


def _checked_folder(folder: object, entries: tuple[Entry, ...]) -> str:
    """Only the way to a file of the commit is ever made, so only that is ever removed."""
    if folder == "":
        return ""
    path = _checked_place(folder)
    if not any(entry.place.startswith(f"{path}/") for entry in entries):
        raise ValueError
    return path
