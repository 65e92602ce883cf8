"""The process in which Poetry's own code runs: one JSON object a line in, one or more a line out.

A process of its own keeps Poetry's output, its global state and its faults away from the program, and lets its import
run while the program reads. Started by :mod:`~migrator.tools.poetry.start` only.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from .postponed import postpone

if TYPE_CHECKING:
    from .session import Session

_OUT: TextIO = sys.stdout
_MANY = 100_000
"""So many new values before the collector looks at them: what Poetry makes is of use till the end."""


def _say(answer: dict[str, Any]) -> None:
    _OUT.write(json.dumps(answer) + "\n")
    _OUT.flush()


def _read_questions(questions: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        questions.put(line)
    questions.put("")


def _load_validation() -> None:
    import poetry.factory  # noqa: F401 (imported again by check, which then need not wait)


def _later_chores() -> list[Callable[[], object]]:
    """What will be needed, and may as well be done while nobody waits: Poetry reads its grammars at first use."""
    from poetry.core.packages.dependency import Dependency
    from poetry.core.version.markers import parse_marker

    from .trust import prepare_trust

    return [
        lambda: parse_marker("python_version < '3'"),
        lambda: Dependency.create_from_pep_508("warm>=1,<2 ; extra == 'up'").to_pep_508(),
        prepare_trust,
    ]


def main() -> None:
    """Answer questions until standard input ends."""
    gc.disable()
    postpone()
    from poetry.__version__ import __version__ as poetry_version

    from .failure import describe_failure
    from .lookups import name_lookups
    from .session import Session

    name_lookups()
    gc.freeze()
    gc.set_threshold(_MANY, 20, 20)
    gc.enable()
    _say({"event": "ready", "poetry": poetry_version})
    questions: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_questions, args=(questions,), daemon=True).start()
    chores = _later_chores()
    session: Session | None = None
    while True:
        while chores and questions.empty():
            with contextlib.suppress(Exception):  # who needs it in earnest will say what is wrong with it
                chores.pop(0)()
        line = questions.get()
        if not line:
            return
        question = json.loads(line)
        try:
            if question["do"] == "open":
                session = Session(question, _say)
                _say({"answer": {}})
                continue
            assert session is not None  # noqa: S101 (the parent opens first)
            answer = {
                "gather": session.gather,
                "versions": session.versions,
                "look_into": session.look_into,
                "lock": session.lock,
                "check": session.check,
                "hash": session.hash,
            }[question["do"]](question)
        except Exception as error:  # noqa: BLE001 (every fault is an answer; the parent decides)
            answer = describe_failure(error)
        _say({"answer": answer})
        if question["do"] == "lock":
            chores.append(_load_validation)


if __name__ == "__main__":
    # Poetry prints where it likes; the protocol keeps the real standard output to itself
    _OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), encoding="utf-8")
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main()
