"""The folders ``fixtures/sheets/NAME``: what ``diff`` and ``check`` print of their input, in every form.

A folder holds ``in/``, ``command`` (the command line), and what is expected: ``report.md`` and in ``reports/`` every
other form, ``terminal.txt`` and ``status``. ``python -m tests.sheet_cases`` writes what is expected; read that diff.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from migrator.reports import form_names

from .cases import FIXTURES, file_of, files
from .command_line import migrate


def find_sheets() -> list[Path]:
    return sorted(path.parent for path in FIXTURES.glob("sheets/*/command"))


def play_sheet(case: Path) -> dict[str, str]:
    """What comes out, under the names that the folder uses; nothing is written anywhere."""
    command = (case / "command").read_text(encoding="utf-8").split()
    ran = migrate(*command, cwd=case / "in")
    assert ran.err == ""
    found = {"terminal.txt": ran.out, "status": f"{ran.status}\n"}
    for form in form_names():
        found[file_of(form)] = migrate(*command, "--report", f"{form}:-", cwd=case / "in").out
    return found


def expected_sheet(case: Path) -> dict[str, str]:
    """What the folder says should come out."""
    found = {name: data.decode() for name, data in files(case).items()}
    return {name: text for name, text in found.items() if name != "command" and not name.startswith("in/")}


def main() -> None:
    """Write what comes out as what is expected."""
    for case in find_sheets():
        shutil.rmtree(case / "reports", ignore_errors=True)
        (case / "reports").mkdir()
        for name, text in play_sheet(case).items():
            (case / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
