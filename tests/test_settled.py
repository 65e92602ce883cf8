"""What a person reads where Poetry gives no lock."""

from __future__ import annotations

import pytest

from migrator.model.finding import Code
from migrator.model.locking import Failure, NotLocked
from migrator.pipeline.settled import explain_no_lock

SOLVER = """\
The current project's supported Python range (>=3.8) is not compatible:
  - restrictedpython requires Python >=3.6, <3.12, so it is not installable for Python >=3.12
  - restrictedpython requires Python >=3.6, <3.12, so it is not installable for Python >=3.12

<fg=blue;options=bold>* </><fg=default;options=bold>Check your dependencies Python requirement</>: set <c1>python</c1>
    <fg=blue>https://python-poetry.org/docs/</>
"""


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ("a (>=3) and\tb <4,\n version solving failed.", ["a (>=3) and b <4,", "version solving failed."]),
        ("a <b> and a<c>2 stay", ["a <b> and a<c>2 stay"]),
        (
            SOLVER,
            [
                "The current project's supported Python range (>=3.8) is not compatible:",
                "- restrictedpython requires Python >=3.6, <3.12, so it is not installable for Python >=3.12",
            ],
        ),
    ],
)
def test_the_words_of_poetry_keep_their_lines_and_lose_their_colours(message: str, lines: list[str]) -> None:
    finding = explain_no_lock(NotLocked(failure=Failure.CONFLICT, message=message))
    assert finding.code is Code.LOCK_FAILED
    assert finding.message.removeprefix("Poetry finds no lock: ").split("\n") == lines
