"""What Poetry says of itself, in plain words."""

from __future__ import annotations

import pytest

from migrator.tools.poetry.words import find_cause, to_plain


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("<error>a</error> <c1>six</c1> (<info>1.0</>)", "a six (1.0)"),
        ("six (<2.0,>=1.0) and python <4.0", "six (<2.0,>=1.0) and python <4.0"),
        ("a<b and c>d", "a<b and c>d"),
        ("  one  \n\ntwo\none\n", "one\ntwo"),
        (
            "failed.\n\n  <fg=blue;options=bold>* </><fg=default>Check your dependencies Python requirement</>: in `x`",
            "failed.",
        ),
    ],
)
def test_it_comes_without_colours_and_doubles(said: str, plain: str) -> None:
    assert to_plain(said) == plain


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            "<error>Failed</>\n  | RuntimeError: The 'apxs' command\n  |\n\nNote: do this",
            "RuntimeError: The 'apxs' command",
        ),
        (
            "| LookupError: unable to detect version\n| \n| Alternatively, set SETUPTOOLS_SCM_PRETEND_VERSION\n",
            "LookupError: unable to detect version",
        ),
        ("| setuptools.errors.SetupError: no\n| while: b", "setuptools.errors.SetupError: no"),
        ("one\ntwo\n\n", "two"),
        ("", ""),
    ],
)
def test_of_a_build_the_error_is_named(said: str, cause: str) -> None:
    assert find_cause(said) == cause


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ImportError: no 'Feature' in 'setuptools' (/tmp/migrate-x/tmpy/.venv/lib/setuptools/__init__.py)",
            "ImportError: no 'Feature' in 'setuptools' (__init__.py)",
        ),
        ("No such file: '/tmp/six-1.0/README.md'", "No such file: 'README.md'"),
        (
            "LookupError: no version for /tmp/migrate-2078cx19/migrate-cwdbr6oh.",
            "LookupError: no version for its folder.",
        ),
        (r"No such file: 'C:\Temp\six-1.0\README.md'", "No such file: 'README.md'"),
        ("see https://example.com/a/b and docs/a/b, 1/2 or /", "see https://example.com/a/b and docs/a/b, 1/2 or /"),
    ],
)
def test_a_failed_build_is_told_without_the_folders_of_the_machine(said: str, told: str) -> None:
    """They have other names in each run, and same in has to be same out."""
    assert find_cause(f"It failed\n  | first\n  | {said}\n\nTry something else") == told
