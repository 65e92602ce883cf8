"""Our own Nix files are made by our own tool."""

from __future__ import annotations

import subprocess

import pytest

from . import own_nix


def test_they_are_what_our_writers_make_of_our_lock() -> None:
    """``python -m tests.own_nix`` was run after the last change of pyproject.toml or poetry.lock."""
    made = {artifact.path: artifact.text for artifact in own_nix.make()}
    assert made == {path: (own_nix.ROOT / path).read_text(encoding="utf-8") for path in made}
    assert made.keys() == {"default.nix", "shell.nix"}


@pytest.mark.nix
@pytest.mark.parametrize("name", ["default.nix", "shell.nix"])
def test_nix_parses_them(name: str) -> None:
    """The real parser has nothing to say."""
    subprocess.run(["nix-instantiate", "--parse", own_nix.ROOT / name], check=True, capture_output=True)
