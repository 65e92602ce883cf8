"""What Poetry says of itself, in plain words."""

from __future__ import annotations

import pytest

from migrator.tools.poetry.building import last_line, strip_tags


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("<fg=blue;options=bold>* </><fg=default;options=bold>Check</>: the `python`", "* Check: the `python`"),
        ("<error>a</error> <c1>six</c1> (<b>1.0</>)", "a six (1.0)"),
        ("six (<2.0,>=1.0) and python <4.0", "six (<2.0,>=1.0) and python <4.0"),
        ("a<b and c>d", "a<b and c>d"),
    ],
)
def test_tags_for_colours_are_left_out(said: str, plain: str) -> None:
    assert strip_tags(said) == plain


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ImportError: no 'Feature' in 'setuptools' (/tmp/migrate-x/tmpy/.venv/lib/setuptools/__init__.py)",
            "ImportError: no 'Feature' in 'setuptools' (__init__.py)",
        ),
        ("No such file: '/tmp/six-1.0/README.md'", "No such file: 'README.md'"),
        (r"No such file: 'C:\Temp\six-1.0\README.md'", "No such file: 'README.md'"),
        ("see https://example.com/a/b and docs/a/b, 1/2 or /", "see https://example.com/a/b and docs/a/b, 1/2 or /"),
    ],
)
def test_a_failed_build_is_told_without_the_folders_of_the_machine(said: str, told: str) -> None:
    """They have other names in each run, and same in has to be same out."""
    assert last_line(ValueError(f"It failed\n  | first\n  | {said}\n\nTry something else")) == told
