"""A git repository for a test, made with the real git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

_IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false")


class GitHistory:
    """A repository in ``folder``, on a branch called main."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str, text: str | None = None) -> str:
        """The output of a git command, which has to succeed."""
        done = subprocess.run(
            ["git", *_IDENTITY, *arguments], cwd=self.folder, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(
        self, files: Mapping[str, str] | Mapping[str, bytes] | Mapping[str, str | None], message: str = "Change"
    ) -> str:
        """Write the files (None removes one), commit everything, and give the commit's name."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def commit_versions(folder: Path, *texts: str) -> list[str]:
    """A repository whose commits hold these texts of pyproject.toml, one after the other; their names, oldest first."""
    history = GitHistory(folder)
    return [history.commit({"pyproject.toml": text}) for text in texts]
