"""Which folder is the project of the files that a user names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.cli.inputs import find_inputs
from migrator.readers import load_reader

OPTIONS = {"dev": None, "group": None, "constraints": None}

PLACES = {
    "its own folder": ("app/requirements.txt", (), "app"),
    "around the folder that keeps them": ("app/requirements/prod.txt", ("app/requirements/dev.txt",), "app"),
    "around what is generated there": (
        "app/requirements/generated/prod.txt",
        ("app/requirements/generated/README.md", "app/requirements/source/prod.in"),
        "app",
    ),
    "around what is there for one Python": ("app/requirements/python3/requirements.txt", (), "app"),
    "no deeper": ("app/requirements/a/b/requirements.txt", (), "app/requirements/a/b"),
    "a project in a folder of that name": (
        "requirements/app/requirements.txt",
        ("requirements/app/app.py",),
        "requirements/app",
    ),
    "one with folders": ("requirements/app/requirements.txt", ("requirements/app/src/x.py",), "requirements/app"),
    "around the folder of expressions": ("app/nix/requirements.txt", (), "app"),
    "a project called nix": ("nix/requirements.txt", ("nix/setup.py",), "nix"),
}


@pytest.mark.parametrize(("named", "beside", "root"), PLACES.values(), ids=PLACES)
def test_the_project_around_a_file(
    named: str, beside: tuple[str, ...], root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (named, *beside):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("six==1.17.0\n")
    monkeypatch.chdir(tmp_path)
    found, (given,) = find_inputs(load_reader("requirements"), [named], OPTIONS)
    assert (found, given.path) == (str(tmp_path / root), os.path.relpath(named, root))
