"""The disk as a :class:`~migrator.model.tree.Tree`."""

# A path stays the string that it was given as; pathlib would tidy it.

from __future__ import annotations

import errno
import os
import stat

from .durable import explained

_NO_SUCH_FILE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}
"""What the system says of a path at which no file is: some paths cannot be those of a file at all."""


class DiskTree:
    """The files below and around the folder ``root``, read when they are asked for and never written.

    A path is relative to ``root`` or absolute (pip allows ``-r /abs/base.txt``); ``..`` and links mean what they
    mean on disk. Only regular files are files: a pipe or a device would let a hostile include hang the program.
    """

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at ``path``, None when there is no such file or it is no regular file.

        :raises WorldError: the file is there and cannot be read
        """
        place = self._place(path)
        with explained(self._shown(path), "read", ""):
            mode = _mode(place)
            if mode is None or not stat.S_ISREG(mode) or _is_the_systems(place):
                return None
            with open(place, "rb") as stream:
                return stream.read()

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder.

        :raises WorldError: the way to it is barred
        """
        with explained(self._shown(path), "read", ""):
            mode = _mode(self._place(path))
            return mode is not None and stat.S_ISDIR(mode)

    def list(self, path: str) -> tuple[str, ...]:
        """The names in the folder ``path``, sorted, folders with a trailing slash; empty when there is none.

        :raises WorldError: the folder is there and cannot be read
        """
        if not self.is_folder(path):
            return ()
        with explained(self._shown(path), "read", ""), os.scandir(self._place(path)) as entries:
            return tuple(sorted(f"{entry.name}/" if os.path.isdir(entry) else entry.name for entry in entries))

    def _place(self, path: str) -> str:
        return os.path.join(self._root, path)

    def _shown(self, path: str) -> str:
        """``path`` as the user knows it: never more of the machine than the user's file says itself."""
        if os.path.isabs(path):
            root = os.path.abspath(self._root)
            if path == root or path.startswith(root + os.sep):
                path = os.path.relpath(path, root).replace(os.sep, "/")
        return path if path not in {"", "."} else "The folder"


def _is_the_systems(place: str) -> bool:
    """Whether a regular file is a view into the running system: its text (an environment, say) is nobody's to quote."""
    return os.path.realpath(place).startswith(("/proc/", "/sys/", "/dev/"))


def _mode(place: str) -> int | None:
    try:
        return os.stat(place).st_mode
    except ValueError:  # a NUL character, which no path has
        return None
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            return None
        raise
