"""Files as bytes, looked up by name."""

from __future__ import annotations

from typing import Protocol


class Tree(Protocol):
    """A lazy, read-only look-up of files. Paths are relative to the tree's root, with forward slashes.

    ``..`` is allowed and means what it means on disk: ``-r ../base.txt`` is a usual line. The disk, a dict in
    tests and a commit of git all look like this.
    """

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at ``path``, None when there is no such file or it is no file.

        :raises migrator.model.trouble.WorldError: the file is there and cannot be read
        """
        ...

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder."""
        ...

    def list(self, path: str) -> tuple[str, ...]:
        """The names in the folder ``path``, sorted, folders with a trailing slash; empty when there is none."""
        ...
