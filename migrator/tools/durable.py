"""Writing that survives a crash, and the sentences for a world that does not allow it."""

# Each call of the system counts here, and pathlib hides which one it makes.

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from migrator.model.trouble import WorldError

_BINARY: int = getattr(os, "O_BINARY", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_DENIED = {errno.EACCES, errno.EPERM}


def show_path(path: str) -> str:
    """``path`` as a message shows it: whatever is no printable character is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in path)


def reason(error: OSError) -> tuple[str, str]:
    """Why the world said no, and what to do about it, as two halves of a sentence."""
    if error.errno in _FULL:
        return "the disk is full", "make room"
    if error.errno == errno.EROFS:
        return "its file system is read-only", "choose another folder or mount it for writing"
    if error.errno == errno.ENOENT:
        return "its folder does not exist", "make that"
    if error.errno in _DENIED:
        return "permission is denied", "give yourself the right to it"
    return f"the system says {error.strerror or type(error).__name__}", "mend that"


class NotRegularError(OSError):
    """Something that is neither a file nor a folder is there: a pipe, a device, a link that leads in a circle."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "it is no regular file")


@contextlib.contextmanager
def explained(what: str, verb: str = "written", note: str = " (nothing was changed)") -> Iterator[None]:
    """Let an :class:`OSError` inside become one sentence about ``what``, a path or a name that begins a sentence.

    :raises WorldError: in place of every OSError
    """
    try:
        yield
    except OSError as error:
        why, advice = reason(error)
        raise WorldError(
            f"{show_path(what)} cannot be {verb} because {why}: {advice}, then run migrate again{note}."
        ) from error


def write_new(path: str, data: bytes, *, mode: int | None = None, owner: tuple[int, int] | None = None) -> None:
    """Create ``path`` with ``data`` and bring it to the disk.

    Without ``mode`` the file gets what the umask leaves. ``owner`` is kept where the system lets us.

    :raises FileExistsError: ``path`` is there already
    """
    descriptor = os.open(path, _NEW_FILE, 0o666 if mode is None else 0o600)
    try:
        write_all(descriptor, data)
        if owner is not None and hasattr(os, "fchown"):
            with contextlib.suppress(PermissionError):  # only root may give files away
                os.fchown(descriptor, *owner)
        if mode is not None:
            os.chmod(path, mode)  # Windows has no fchmod before Python 3.13
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_like(place: str, beside: str, data: bytes) -> None:
    """Create ``beside`` with ``data`` and what the file ``place`` has of mode and owner, if that is there."""
    try:
        status = os.stat(place)
    except FileNotFoundError:
        write_new(beside, data)
        return
    ours = (getattr(os, "geteuid", int)(), getattr(os, "getegid", int)())
    owner = (status.st_uid, status.st_gid)
    write_new(beside, data, mode=stat.S_IMODE(status.st_mode), owner=None if owner == ours else owner)


def write_alone(path: str, text: str) -> bool:
    """Write one file outside any commit (a report elsewhere); whether it changed. It is whole at every instant.

    Links are followed. Killed on the way, a ``.migrate-….new`` may stay beside it.

    :raises WorldError: it cannot be written; nothing was changed
    """
    real = os.path.realpath(path)
    data = text.encode("utf-8")
    with explained(path):
        if read_regular(real) == data:
            return False
        beside = os.path.join(os.path.dirname(real), f".migrate-{secrets.token_hex(8)}.new")
        try:
            write_like(real, beside, data)
            os.replace(beside, real)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
        sync_folder(os.path.dirname(real))
    return True


def write_all(descriptor: int, data: bytes) -> None:
    """Write the whole of ``data``; one ``write`` may take less, on a disk that fills up."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(path: str) -> None:
    """Bring the names in the folder ``path`` to the disk, where the system knows how."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # a folder may be writable and not readable
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems cannot
            raise
    finally:
        os.close(descriptor)


def read_regular(path: str) -> bytes | None:
    """The bytes of the regular file ``path`` itself, None when nothing is there.

    :raises IsADirectoryError: a folder is there
    :raises NotRegularError: anything else is there, a link too
    :raises OSError: it cannot be read
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise NotRegularError
    descriptor = os.open(path, os.O_RDONLY | _BINARY)
    with open(descriptor, "rb") as stream:
        return stream.read()


def digest(data: bytes) -> str:
    """The SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def interrupts_deferred() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C wait inside; calling what is yielded raises the KeyboardInterrupt that waits.

    One that still waits at a regular end is raised there. Where Ctrl-C means something else already, or in another
    thread than the main one, nothing is done.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: None
        return
    waiting = threading.Event()

    def remember(_number: int, _frame: FrameType | None) -> None:
        waiting.set()

    def raise_waiting() -> None:
        if waiting.is_set():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, remember)
    try:
        yield raise_waiting
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    raise_waiting()
