"""What Poetry says of itself, in plain words."""

from __future__ import annotations

import pytest

from migrator.tools.poetry.words import find_cause, to_plain


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("<error>a</error> <c1>six</c1> (<b>1.0</>)", "a six (1.0)"),
        ("six (<2.0,>=1.0) and python <4.0", "six (<2.0,>=1.0) and python <4.0"),
        ("a<b and c>d", "a<b and c>d"),
        ("  one  \n\ntwo\none\n", "one\ntwo"),
        ("failed.\n\n  <fg=blue;options=bold>* </><b>Check your dependencies Python requirement</>: in `x`", "failed."),
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


def test_the_place_of_a_build_is_not_told() -> None:
    """It is another one each time."""
    said = "| LookupError: no version for /tmp/migrate-x1/app/master. See '/tmp/migrate-x1', /tmp/other"
    assert find_cause(said, hiding="/tmp/migrate-x1") == "LookupError: no version for a copy. See 'a copy', /tmp/other"
