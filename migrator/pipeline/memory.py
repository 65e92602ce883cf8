"""Files that exist only in memory: a lock that is not written yet is read like any other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """A :class:`~migrator.model.tree.Tree` of one folder, given as bytes by name."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        """The bytes of ``path``, None where there are none."""
        return self.files.get(path)

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is this one folder."""
        return path in {"", "."}

    def list(self, path: str) -> tuple[str, ...]:
        """The names in this one folder, sorted."""
        return tuple(sorted(self.files)) if self.is_folder(path) else ()
