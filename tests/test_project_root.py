"""Where the project is, when a file in a folder of it is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from .command_line import migrate
from .test_read_pypi2nix import expression

NO_LOCK = ("--no-lock", "--python", "3.12")


def laid_out(folder: Path, **files: str) -> Path:
    project = folder / "shop"
    for name, text in files.items():
        place = project / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return project


def sources(project: Path) -> list[str]:
    data = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = data["tool"]["migrator"]["sources"]
    return found


@pytest.mark.parametrize(
    ("where", "named"),
    [(".", ()), (".", ("nix/requirements.nix",)), ("nix", ()), ("nix", ("requirements.nix",))],
    ids=["found", "named", "found from within", "named from within"],
)
def test_a_folder_called_nix_is_part_of_the_project_around_it(
    where: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    header = expression(command="-r ../requirements.txt")
    project = laid_out(tmp_path, nix__requirements_nix=header, requirements_txt="six\n", setup_py="")
    ran = migrate("from-pypi2nix", *named, *NO_LOCK, cwd=project / where)
    assert (ran.status, ran.err) == (0, "")
    assert sources(project) == ["nix/requirements.nix", "requirements.txt"]
    assert [path.name for path in (project / "nix").iterdir()] == ["requirements.nix"]


def test_a_second_run_from_within_changes_nothing(tmp_path: Path) -> None:
    project = laid_out(tmp_path, nix__requirements_nix=expression())
    migrate("from-pypi2nix", "nix/requirements.nix", *NO_LOCK, cwd=project)
    before = (project / "pyproject.toml").read_bytes()
    assert migrate("from-pypi2nix", "requirements.nix", *NO_LOCK, cwd=project / "nix").status == 0
    assert (project / "pyproject.toml").read_bytes() == before
    assert [path.name for path in (project / "nix").iterdir()] == ["requirements.nix"]


@pytest.mark.parametrize("mark", ["setup_py", "setup_cfg", "pyproject_toml"])
def test_a_project_that_is_called_nix_is_one(mark: str, tmp_path: Path) -> None:
    project = laid_out(tmp_path, nix__requirements_nix=expression(), **{f"nix__{mark}": ""})
    assert migrate("from-pypi2nix", *NO_LOCK, cwd=project / "nix").status == 0
    assert sources(project / "nix") == ["requirements.nix"]
    assert not (project / "pyproject.toml").exists()


@pytest.mark.parametrize("is_worktree", [False, True])
def test_so_is_a_repository(is_worktree: bool, tmp_path: Path) -> None:
    project = laid_out(tmp_path, nix__requirements_nix=expression())
    mark = project / "nix" / ".git"
    if is_worktree:
        mark.write_text("gitdir: elsewhere\n", encoding="utf-8")
    else:
        mark.mkdir()
    assert migrate("from-pypi2nix", *NO_LOCK, cwd=project / "nix").status == 0
    assert sources(project / "nix") == ["requirements.nix"]
