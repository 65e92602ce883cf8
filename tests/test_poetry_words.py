"""What Poetry says of itself, in plain words."""

from __future__ import annotations

import pytest

from migrator.tools.poetry.building import strip_tags


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
