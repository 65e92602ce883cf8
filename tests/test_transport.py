"""How the default index is reached: what was asked for, the environment, and pip's own files, by their weight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.model.url import Url
from migrator.tools.poetry.process import Stage
from migrator.tools.transport import find_transport

A, B, C = (f"https://{name}.example/simple" for name in "abc")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "shared"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    for folder in ("config/pip", "shared/pip", ".pip", "prefix"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def found(asked: str | None = None) -> str | None:
    url = find_transport(Url.parse(asked) if asked else None)
    return url.reveal() if url else None


def write(path: Path, url: str, section: str = "global") -> None:
    path.write_text(f"[{section}]\nindex-url = {url}\n", encoding="utf-8")


def test_pypi_itself_needs_no_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found() is None
    for public in ("https://pypi.org/simple", "https://pypi.org/simple/", "https://pypi.python.org/simple"):
        assert found(public) is None
    monkeypatch.setenv("PIP_INDEX_URL", "")
    assert found() is None
    write(home / "config/pip/pip.conf", "not an address")
    assert found() is None


def test_what_was_asked_for_weighs_most(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / "config/pip/pip.conf", C)
    assert found() == C
    monkeypatch.setenv("PIP_INDEX_URL", f"{B}/")
    assert found() == B
    assert found(A) == A


def test_files_by_their_weight(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shared, then the user's old place, the user's, the virtual environment's, and the one that is named."""
    named = home / "named.conf"
    for count, path in enumerate(("shared/pip/pip.conf", ".pip/pip.conf", "config/pip/pip.conf", "prefix/pip.conf")):
        write(home / path, f"https://{count}.example/simple")
        assert found() == f"https://{count}.example/simple"
    write(named, A)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(named))
    assert found() == A
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert found() is None


def test_the_section_of_a_command_weighs_more_than_the_general_one(home: Path) -> None:
    (home / "config/pip/pip.conf").write_text(f"[install]\nindex-url = {B}\n[global]\nindex-url = {A}\n")
    assert found() == B


@pytest.mark.parametrize("content", [b"\xff\xfe", b"index-url = x", b"[global]\nindex-url = %(home)s\n"])
def test_a_file_that_pip_would_complain_of_is_passed_over(content: bytes, home: Path) -> None:
    (home / "config/pip/pip.conf").write_bytes(content)
    assert found() is None


def test_certificates_are_pips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip trusts, the children trust; a bundle that the environment names already stays."""
    config = tmp_path / "pip.conf"
    config.write_text("[global]\ncert = /company/bundle.pem\n")
    monkeypatch.delenv("PIP_CERT", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    stage = Stage()
    assert stage.environment()["REQUESTS_CA_BUNDLE"] == "/company/bundle.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/mine.pem")
    assert stage.environment()["REQUESTS_CA_BUNDLE"] == "/mine.pem"
    stage.close()
