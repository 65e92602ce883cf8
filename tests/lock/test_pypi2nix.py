"""From an expression of pypi2nix to a lock, with the real Poetry against an index of ours."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.git_history import commit_versions
from tests.package_index import PackageIndex, Release

from .workbench import Bench

MAIN = """\
# generated using pypi2nix tool (version: 1.8.1)
# See more at: https://github.com/garbas/pypi2nix
#
# COMMAND:
#   pypi2nix {command}
#

{{ pkgs ? import <nixpkgs> {{}}
}}:

let
  inherit (pkgs.stdenv.lib) fix' extends inNixShell;
  pythonPackages = import "${{toString pkgs.path}}/pkgs/top-level/python-packages.nix" {{
    inherit pkgs;
    python = pkgs.{python};
  }};
  commonBuildInputs = [ ];
  commonDoCheck = false;
  withPackages = pkgs': {{
    mkDerivation = pythonPackages.buildPythonPackage;
  }};
  python = withPackages {{}};
  generated = self: {{
{entries}  }};
in python.withPackages (fix' generated)
"""
ENTRY = """\
    "{name}" = python.mkDerivation {{
      name = "{name}-{version}";
      src = {src};
      doCheck = commonDoCheck;
      buildInputs = commonBuildInputs ++ [ {build}];
      propagatedBuildInputs = [ {needs}];
    }};
"""


@dataclass(frozen=True, kw_only=True)
class ExpressionBench(Bench):
    """A bench whose command is ``migrate from-pypi2nix``."""

    def command(self, *arguments: str, json_report: bool = True) -> list[str]:
        shown = ["--json"] if json_report else []
        return [sys.executable, "-m", "migrator", "from-pypi2nix", *arguments, *shown]


@pytest.fixture
def bench(tmp_path: Path) -> ExpressionBench:
    (tmp_path / "app").mkdir()
    return ExpressionBench(root=tmp_path)


class Expression:
    """An expression of what ``index`` has."""

    def __init__(self, index: PackageIndex, python: str = "python311", command: str = "-V 3.11") -> None:
        self._index = index
        self._python = python
        self._command = command
        self._entries: list[str] = []

    def add(self, pin: str, *, needs: str = "", build: str = "", src: str | None = None) -> Expression:
        name, _, version = pin.partition(" ")
        fetched = src or self.fetched(name, version)
        wanted, building = (" ".join(f'self."{each}"' for each in names.split()) for names in (needs, build))
        self._entries.append(
            ENTRY.format(name=name, version=version, src=fetched, needs=f"{wanted} ", build=f"{building} ")
        )
        return self

    def fetched(self, name: str, version: str, digest: str | None = None) -> str:
        """The sdist, as pypi2nix wrote it: one file of the release, and its hash."""
        digest = digest or f'sha256 = "{self._index.hashes(name, version)[-1].removeprefix("sha256:")}"'
        place = f"https://files.pythonhosted.org/packages/0/{name}-{version}.tar.gz"
        return f'pkgs.fetchurl {{ url = "{place}"; {digest}; }}'

    def __str__(self) -> str:
        return MAIN.format(command=self._command, python=self._python, entries="".join(self._entries))


def agrees(bench: Bench) -> None:
    """Poetry's own ``lock`` changes no byte, and its ``check`` is content."""
    written = bench.snapshot()
    status, said = bench.poetry("lock")
    assert status == 0, said
    assert bench.snapshot() == written
    assert bench.poetry("check", "--lock")[0] == 0


def via(index: PackageIndex) -> tuple[str, str]:
    """How PyPI's files are reached here: the expression names no index."""
    return ("--index-url", index.simple_url)


WEB = (
    Release("web", "1.0", requires=["core>=1", "win; sys_platform == 'win32'"]),
    Release("web", "2.0"),
    Release("core", "1.0", requires=["leaf"]),
    Release("core", "1.5"),
    Release("leaf", "1.0"),
    Release("leaf", "1.1"),
    Release("win", "1.0"),
)


def test_every_pin_is_kept_and_its_one_hash_is_proven(bench: Bench, index: PackageIndex) -> None:
    index.publish(*WEB)
    expression = Expression(index, command="-V 3.11 -r requirements.txt")
    expression.add("web 1.0", needs="core").add("core 1.0", needs="leaf").add("leaf 1.0")
    bench.write({"requirements.nix": str(expression), "requirements.txt": "web\n"})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["core 1.0", "leaf 1.0", "web 1.0", "win 1.0"])
    assert [(h["name"], h["verdict"]) for h in ran.report["hashes"]] == [
        ("core", "superset"),
        ("leaf", "superset"),
        ("web", "superset"),
    ]
    assert list(bench.pyproject["project"]["dependencies"]) == ["web"]
    assert bench.pyproject["project"]["requires-python"] == ">=3.11,<4.0"
    written = bench.snapshot()
    assert (bench.migrate(*via(index), "--no-nix").status, bench.snapshot() == written) == (0, True)


@pytest.mark.parametrize(
    ("digest", "status", "told"),
    [
        (f'sha256 = "{"0" * 64}"', 1, "hash-mismatch"),
        (f'md5 = "{"0" * 32}"', 0, "hash-not-comparable"),
    ],
)
def test_a_hash_that_is_another_one(digest: str, status: int, told: str, bench: Bench, index: PackageIndex) -> None:
    index.publish(*WEB)
    expression = Expression(index)
    expression.add("leaf 1.0", src=expression.fetched("leaf", "1.0", digest))
    bench.write({"requirements.nix": str(expression)})
    ran = bench.migrate(*via(index), "--no-nix")
    assert ran.status == status
    assert [code for code, _, _ in ran.told("hash-mismatch", "hash-not-comparable")] == [told]


def test_roots_by_the_graph_without_what_only_builds(bench: Bench, index: PackageIndex) -> None:
    """A circle that nobody enters is asked for; what builds is not, and what nobody needs is kept."""
    index.publish(
        *WEB,
        Release("left", "1.0", requires=["right"]),
        Release("right", "1.0", requires=["left"]),
        Release("scm", "1.0", requires=["toml"]),
        Release("toml", "1.0"),
        Release("old", "1.0", requires_python="<3.9"),
    )
    expression = (
        Expression(index)
        .add("web 1.0", needs="core", build="scm")
        .add("core 1.0", needs="leaf", build="scm old")
        .add("leaf 1.0")
        .add("left 1.0", needs="right")
        .add("right 1.0", needs="left")
        .add("scm 1.0", needs="toml")
        .add("toml 1.0")
        .add("old 1.0")
    )
    bench.write({"requirements.nix": str(expression)})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops) == (0, [])
    assert bench.pins == ["core 1.0", "leaf 1.0", "left 1.0", "right 1.0", "web 1.0", "win 1.0"]
    assert sorted(text.split()[0] for text in bench.pyproject["project"]["dependencies"]) == ["left", "right", "web"]
    assert ran.told("build-requirement") == [
        (
            "build-requirement",
            "review",
            (
                "These pins are there to build other packages and not locked: old 1.0, scm 1.0, toml 1.0; poetry2nix "
                "and Poetry bring what builds a package themselves"
            ),
        )
    ]


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, list[str]]:
    """A git repository and its commits, oldest first."""
    folder = tmp_path / "repository"
    text = '[project]\nname = "gitlib"\nversion = "{}"\ndependencies = ["leaf"]\n'
    commits = commit_versions(folder, text.format("1.2"), text.format("1.3"))
    return folder, commits


@pytest.mark.parametrize("asked", ["git+file://{}@main#egg=gitlib", "git+file://{}#egg=gitlib", "gitlib", "web"])
def test_a_repository_stays_at_the_commit_that_was_built(
    asked: str, bench: Bench, index: PackageIndex, repository: tuple[Path, list[str]]
) -> None:
    """Whatever the requirements file names: a branch, nothing, only the package, or what needs it."""
    folder, commits = repository
    index.publish(*WEB, Release("web", "3.0", requires=["gitlib"]), Release("gitlib", "9.0"))
    fetched = f'pkgs.fetchgit {{ url = "file://{folder}"; sha256 = "{"0" * 52}"; rev = "{commits[0]}"; }}'
    expression = Expression(index, command="-V 3.11 -r requirements.txt")
    expression.add("gitlib 1.2", needs="leaf", src=fetched).add("leaf 1.0").add("web 3.0", needs="gitlib")
    bench.write({"requirements.nix": str(expression), "requirements.txt": f"{asked.format(folder)}\n"})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops, ran.told("floating-revision")) == (0, [], [])
    assert bench.pins == ["gitlib 1.2", "leaf 1.0", "web 3.0"]
    assert bench.packages[0]["source"]["resolved_reference"] == commits[0]
    assert ran.report["hashes"]
    assert all(h["name"] != "gitlib" for h in ran.report["hashes"])


def test_what_is_fetched_with_mercurial_stops(bench: Bench, index: PackageIndex) -> None:
    index.publish(*WEB)
    fetched = f'pkgs.fetchhg {{ url = "https://hg.example/x"; sha256 = "{"0" * 52}"; rev = "{"a" * 40}"; }}'
    expression = Expression(index).add("hglib 0.3", needs="leaf", src=fetched).add("leaf 1.0")
    bench.write({"requirements.nix": str(expression)})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, "hglib 0.3 goes: Poetry cannot install from hg" in ran.stops) == (1, True)
    ran = bench.migrate(*via(index), "--no-nix", "--allow-drift")
    assert (ran.status, bench.pins) == (0, ["leaf 1.0"])


def test_an_archive_of_no_index_is_locked_by_its_address_and_its_hash_is_proven(
    bench: Bench, index: PackageIndex
) -> None:
    """On the index somebody else owns the name: its newer release must not be taken."""
    index.publish(*WEB, Release("own", "1.0"), Release("own", "2.0"))
    sdist = index.hashes("own", "1.0")[-1].removeprefix("sha256:")
    place = f"{index.url}/files/own/own-1.0.tar.gz"
    fetched = f'pkgs.fetchurl {{ url = "{place}"; sha256 = "{sdist}"; }}'
    expression = Expression(index).add("own 1.0", src=fetched).add("leaf 1.0")
    bench.write({"requirements.nix": str(expression)})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["leaf 1.0", "own 1.0"])
    assert bench.packages[1]["source"] == {"type": "url", "url": place}
    assert {h["name"]: h["verdict"] for h in ran.report["hashes"]} == {"leaf": "superset", "own": "same"}
    agrees_with_a_mirror(bench)


def agrees_with_a_mirror(bench: Bench) -> None:
    """``poetry check`` asks no index."""
    assert bench.poetry("check", "--lock")[0] == 0


def test_what_the_frozen_file_says_otherwise_is_told_and_the_expression_is_locked(
    bench: Bench, index: PackageIndex
) -> None:
    index.publish(*WEB)
    expression = Expression(index).add("core 1.0", needs="leaf").add("leaf 1.0")
    bench.write({"requirements.nix": str(expression), "requirements_frozen.txt": "core==1.0\nleaf==1.1\n"})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, bench.pins) == (0, ["core 1.0", "leaf 1.0"])
    assert [message for _, _, message in ran.told("expression-differs")] == [
        (
            "requirements_frozen.txt has leaf 1.1, and the expression has 1.0 (requirements.nix:31); the expression "
            "counts, for it is what was built"
        )
    ]


def test_a_line_that_came_after_the_expression_moves_the_pin_only_when_that_is_allowed(
    bench: Bench, index: PackageIndex
) -> None:
    index.publish(*WEB)
    expression = Expression(index, command="-V 3.11 -r requirements.txt").add("leaf 1.0")
    bench.write({"requirements.nix": str(expression), "requirements.txt": "leaf>=1.1\ncore==1.5\n"})
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops) == (1, ["leaf 1.0 moves to 1.1: requirements.txt:1 asks for leaf >=1.1"])
    assert [message.partition(";")[0] for _, _, message in ran.told("expression-differs")] == [
        "requirements.txt asks for leaf >=1.1, and the expression has 1.0 (requirements.nix:24)",
        "requirements.txt asks for core 1.5, and the expression has no core",
    ]
    ran = bench.migrate(*via(index), "--no-nix", "--allow-drift")
    assert (ran.status, bench.pins) == (0, ["core 1.5", "leaf 1.1"])


PYTHON_2 = (
    Release("app", "1.0", requires=["six", "futures; python_version < '3'"], requires_python=">=2.7"),
    Release("six", "1.0", wheels=("py2.py3-none-any",)),
    Release("six", "1.1"),
    Release("futures", "3.0", requires_python=">=2.6,<3"),
    Release("cli", "1.0", requires_python=">=2.7,<3"),
    Release("cli", "2.0", requires_python=">=3.6"),
    Release("cli", "3.0", requires_python=">=3.6"),
)


def test_python_2_stops_with_the_pins_one_by_one_and_each_way_leads_on(bench: Bench, index: PackageIndex) -> None:
    index.publish(*PYTHON_2)
    expression = Expression(index, python="python27Full", command="-V 2.7 -r requirements.txt")
    expression.add("app 1.0", needs="six futures").add("six 1.0").add("futures 3.0").add("cli 1.0")
    bench.write({"requirements.nix": str(expression), "requirements.txt": "app\ncli\n"})
    before = bench.snapshot()
    ran = bench.migrate(*via(index))
    assert (ran.status, bench.snapshot() == before) == (1, True)
    assert ran.told("python-gone") == [
        (
            "python-gone",
            "stop",
            (
                "The project is for Python >=2.7,<3.0 (from requirements.nix:15), and nixpkgs has Python 3.9 to 3.14 "
                "only. Of 4 pins, 2 say that they install there, 1 only served older Pythons, and 1 cannot"
            ),
        ),
        (
            "python-gone",
            "review",
            "cli 1.0 installs on no Python that nixpkgs has: it asks for Python >=2.7,<3",
        ),
    ]
    ran = bench.migrate(*via(index), "--no-nix")
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["app 1.0", "cli 1.0", "futures 3.0", "six 1.0"])
    assert bench.pyproject["project"]["requires-python"] == ">=2.7,<3.0"


def test_from_python_2_to_python_3(bench: Bench, index: PackageIndex) -> None:
    """The backport goes, for nobody asks for it; what is for Python 2 only moves to its nearest successor."""
    index.publish(*PYTHON_2)
    expression = Expression(index, python="python27Full", command="-V 2.7 -r requirements.txt")
    expression.add("app 1.0", needs="six futures").add("six 1.0").add("futures 3.0").add("cli 1.0")
    bench.write({"requirements.nix": str(expression), "requirements.txt": "app\ncli\n"})
    ran = bench.migrate(*via(index), "--python", ">=3.11")
    assert (ran.status, ran.stops) == (
        1,
        ["cli 1.0 moves to 2.0: cli 1.0 installs only on Python >=2.7,<3, the project promises >=3.11,<4.0"],
    )
    ran = bench.migrate(*via(index), "--python", ">=3.11", "--allow-drift")
    assert (ran.status, bench.pins) == (0, ["app 1.0", "cli 2.0", "six 1.0"])
    assert [message for _, _, message in ran.told("other-pythons")] == [
        "app asks for these pins on no Python from 3.11 on, so nothing installs them: futures 3.0"
    ]
    assert (bench.app / "default.nix").exists()
