"""poetry.lock, requirements-dev.txt and what tasks.py installs of them say the same. Poetry itself is the judge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tasks
from tests import own_lock


def names_in(path: Path) -> set[str]:
    """The names of an exported file, read without our own reader of it."""
    return {line.partition("==")[0] for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()}


def test_the_lock_is_the_one_of_our_pyproject() -> None:
    """``python3 tasks.py lock`` brings it up to date."""
    done = subprocess.run(
        [sys.executable, "-m", "poetry", "check", "--lock", "--no-interaction"],
        cwd=tasks.ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, [line for line in done.stderr.splitlines() if line.startswith("Error")]) == (0, [])


def test_requirements_dev_is_the_export_of_the_lock(tmp_path: Path) -> None:
    """``python3 tasks.py lock`` brings it up to date."""
    assert own_lock.export(tmp_path / "all.txt", "--with", "dev") == 0
    assert (tmp_path / "all.txt").read_text(encoding="utf-8") == tasks.REQUIREMENTS.read_text(encoding="utf-8")


def test_every_entry_of_the_export_is_read_with_its_hashes() -> None:
    text = tasks.REQUIREMENTS.read_text(encoding="utf-8")
    entries = tasks.read_entries(text)
    assert "\n".join(entries.values()) + "\n" == text
    assert set(entries) == names_in(tasks.REQUIREMENTS)


def test_a_user_gets_what_poetry_calls_the_main_group(tmp_path: Path) -> None:
    assert own_lock.export(tmp_path / "main.txt", "--only", "main") == 0
    assert tasks.runtime_names(tasks.LOCK.read_text(encoding="utf-8")) == names_in(tmp_path / "main.txt")


def test_the_build_system_of_our_sdists_is_locked_too() -> None:
    assert set(tasks.read_entries(tasks.REQUIREMENTS.read_text(encoding="utf-8"))) >= tasks.BUILD_SYSTEM


def test_no_source_stands_in_the_lock() -> None:
    """It reads as if PyPI itself had been asked, whatever mirror was."""
    assert "[package.source]" not in tasks.LOCK.read_text(encoding="utf-8")
