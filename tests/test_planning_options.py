"""What becomes of the options in the header of an expression, and of pip's beside them."""

from __future__ import annotations

import pytest

from migrator.model.finding import Code
from migrator.model.origin import Origin
from migrator.model.project import Option
from migrator.planning.options import remark_options

from .expressions import option, project


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (option("--python-version", "3.8"), []),
        (option("--extra-build-inputs", "zlib"), []),
        (option("--editable", "foo"), []),
        (option("--requirements", "requirements.txt"), []),
        (option("--overrides", "../overrides.nix"), []),
        (
            option("--setup-requires", "numpy"),
            [
                (
                    "note",
                    (
                        "--setup-requires numpy of pypi2nix is not carried over: poetry2nix and Poetry bring what "
                        "builds a package themselves"
                    ),
                )
            ],
        ),
        (
            option("--default-overrides"),
            [
                (
                    "note",
                    "--default-overrides of pypi2nix is not carried over: poetry2nix has overrides of its own",
                )
            ],
        ),
        (
            option("--enable-tests"),
            [("note", "--enable-tests of pypi2nix is not carried over: poetry2nix runs no tests of the packages")],
        ),
        (
            option("--nix-path", "nixpkgs=/x"),
            [
                (
                    "note",
                    "--nix-path nixpkgs=/x of pypi2nix is not carried over: it chose nixpkgs for that one run",
                )
            ],
        ),
        (
            option("--extra-env", "A=1"),
            [("review", "--extra-env A=1 of pypi2nix is not carried over: it set variables for every build")],
        ),
        (
            option("--buildout", "b.cfg"),
            [("review", "--buildout b.cfg of pypi2nix is not carried over: zc.buildout's files are not read")],
        ),
        (option("?", "--odd"), [("review", "? --odd of pypi2nix is not carried over: nothing is known of it")]),
    ],
)
def test_an_option_of_pypi2nix(given: Option, told: list[tuple[str, str]]) -> None:
    found = remark_options(project(options=(given,)))
    assert [(f.severity.value, f.message) for f in found] == told
    assert {(f.code, f.origin) for f in found} <= {(Code.OPTION_NOT_CARRIED, given.origin)}


def test_an_option_that_was_given_often_is_told_once() -> None:
    given = (option("--setup-requires", "numpy"), option("--setup-requires", "six"))
    assert [f.message for f in remark_options(project(options=given))] == [
        (
            "--setup-requires numpy six of pypi2nix is not carried over: poetry2nix and Poetry bring what builds a "
            "package themselves"
        )
    ]


def test_what_only_concerned_its_own_run_is_told_in_one_sentence() -> None:
    given = (option("--verbose"), option("--verbose"), option("--wheels-cache", "https://x.example/"))
    assert [f.message for f in remark_options(project(options=given))] == [
        (
            "These options said how pypi2nix itself runs, and nothing needs them: --verbose, "
            "--wheels-cache https://x.example/"
        )
    ]


def test_an_option_of_pip_beside_them_is_pips() -> None:
    given = Option(option="--no-binary", value=":all:", origin=Origin(path="requirements.txt", line=1))
    assert [f.message for f in remark_options(project(options=(given,)))] == [
        "--no-binary :all: has no place in pyproject.toml"
    ]
