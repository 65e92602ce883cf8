"""Trees that need no disk."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from migrator.model.tree import Tree


class DictTree:
    """A tree whose files are a dict; a path may leave the root (``../base.txt``) and be absolute, as on disk."""

    def __init__(self, files: Mapping[str, bytes | str], *, root: str = "/project") -> None:
        self._root = root
        self._files = {
            self._place(path): content.encode("utf-8") if isinstance(content, str) else content
            for path, content in files.items()
        }

    def read(self, path: str) -> bytes | None:
        """The bytes at ``path``, None where there are none."""
        return None if path.endswith("/") else self._files.get(self._place(path))

    def is_folder(self, path: str) -> bool:
        """Whether a file lies below ``path``; the root is always a folder."""
        place = self._place(path)
        return place == self._root or any(file.startswith(place.rstrip("/") + "/") for file in self._files)

    def list(self, path: str) -> tuple[str, ...]:
        """The names in ``path``, sorted, folders with a trailing slash."""
        place = self._place(path).rstrip("/") + "/"
        below = (file.removeprefix(place) for file in self._files if file.startswith(place))
        return tuple(sorted({f"{name}/" if slash else name for name, slash, _ in (b.partition("/") for b in below)}))

    def _place(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._root, path))


class RecordingTree:
    """Another tree, and what was asked of it: ``asked`` holds ``("read", "requirements.txt")`` and so on."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.asked: list[tuple[str, str]] = []

    def read(self, path: str) -> bytes | None:
        self.asked.append(("read", path))
        return self._tree.read(path)

    def is_folder(self, path: str) -> bool:
        self.asked.append(("is_folder", path))
        return self._tree.is_folder(path)

    def list(self, path: str) -> tuple[str, ...]:
        self.asked.append(("list", path))
        return self._tree.list(path)
