"""The case folders under ``fixtures/``: how one is laid out, run and recorded.

``python -m tests.cases --rewrite [FORMAT/CASE…]`` asks the real index and the real Poetry, and writes what comes out as
what is expected; ``--replay`` in its place asks what is recorded already. Read the diff line by line before you commit
it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from migrator import cli
from migrator.cli.display import show
from migrator.model.outcome import Outcome
from migrator.reports import form_names, load_form
from migrator.tools.poetry.choose import Opener

from .command_line import inside
from .replay import RecordingPoetry, ReplayedPoetry, read_facts, read_insides, show_facts, show_insides

FIXTURES = Path(__file__).parent.parent / "fixtures"
EXPECTED = ("out", "reports", "poetry.lock", "report.md", "terminal.txt", "status")
RECORDED = ("poetry.lock", "evidence.json", "insides.json")


def find_cases() -> list[Path]:
    """All cases: folders with an ``arguments`` file, sorted."""
    return sorted(path.parent for path in FIXTURES.glob("*/*/arguments"))


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


@dataclass
class Ran:
    """What a run of the command line gave."""

    status: int
    out: str
    err: str
    outcome: Outcome | None = None
    """What was shown; None where it did not come so far."""


class Replay:
    """Takes the place of the opener of Poetry: answers what the case has recorded."""

    def __init__(self, case: Path) -> None:
        lock = case / "poetry.lock"
        text = lock.read_text(encoding="utf-8") if lock.exists() else ""
        self._poetry = ReplayedPoetry(
            facts=read_facts(case / "evidence.json"),
            recorded_lock=text,
            insides=read_insides(case / "insides.json"),
        )

    def open(self, _: object) -> ReplayedPoetry:
        return self._poetry

    def close(self) -> None:
        pass


class Recorder:
    """Takes the place of the opener of Poetry: lets the real one work and writes down what it was told."""

    def __init__(self) -> None:
        self._opener = Opener(None)
        self.poetry: RecordingPoetry | None = None

    def open(self, opening: Any) -> RecordingPoetry:
        self.poetry = RecordingPoetry(self._opener.open(opening))
        return self.poetry

    def close(self) -> None:
        self._opener.close()


def lay_out(case: Path, place: Path) -> Path:
    """A copy of what goes in; the folder is called like the case or the example: a project may be named after it."""
    pointer = case / "in.path"
    source = FIXTURES / pointer.read_text(encoding="utf-8").strip() if pointer.exists() else case / "in"
    folder = place / (source.name if pointer.exists() else case.name)
    shutil.copytree(source, folder)
    return folder


def run(case: Path, folder: Path, opener: Replay | Recorder, *more: str) -> Ran:
    """The command line of a case in ``folder``, with ``opener`` behind the door to Poetry."""
    arguments = (case / "arguments").read_text(encoding="utf-8").split()
    out, err = io.StringIO(), io.StringIO()
    shown: list[Outcome] = []

    def look(outcome: Outcome, options: dict[str, Any]) -> None:
        shown.append(outcome)
        show(outcome, {**options, "report": None})  # the report is asked for by the harness, not by the case

    with (
        inside(folder),
        patch("migrator.cli.migrating.show", look),
        patch("migrator.tools.poetry.choose.Opener", lambda _: opener),
        patch.object(sys, "argv", ["migrate", *arguments, *more]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as left:
            status = int(left.code or 0)
            return Ran(status=status, out=out.getvalue(), err=err.getvalue(), outcome=shown[0] if shown else None)
    raise AssertionError("the command line did not exit")


def files(folder: Path) -> dict[str, bytes]:
    """All files below ``folder`` by relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def file_of(form: str) -> str:
    """Where a case has the report in that form: beside the others what people read first, the rest in a folder."""
    return "report.md" if form == "md" else f"reports/report.{form}"


def play(case: Path, place: Path, opener: Replay | Recorder) -> dict[str, bytes]:
    """Run a case and give what came out, under the names that the case folder uses."""
    folder = lay_out(case, place)
    before = files(folder)
    reports = {form: place / file_of(form).rpartition("/")[2] for form in form_names()}
    asked = (argument for form, path in reports.items() for argument in ("--report", f"{form}:{path}"))
    ran = run(case, folder, opener, *asked)
    after = files(folder)
    assert not before.keys() - after.keys(), "a source was deleted"
    written = {name: data for name, data in after.items() if before.get(name) != data}
    found = {f"out/{name}": data for name, data in written.items() if name != "poetry.lock"}
    if "poetry.lock" in written:
        found["poetry.lock"] = written["poetry.lock"]
    for form, path in reports.items():
        if path.exists():
            found[file_of(form)] = path.read_bytes()
        elif ran.outcome is not None:  # stopped, so that no file was written; --report FORM:- prints this
            found[file_of(form)] = load_form(form).render(ran.outcome).encode()
    found["terminal.txt"] = (ran.out + ran.err).encode()
    found["status"] = f"{ran.status}\n".encode()
    return found


def expected(case: Path) -> dict[str, bytes]:
    """What the case folder says should come out."""
    return {name: data for name, data in files(case).items() if name.split("/")[0] in EXPECTED}


def rewrite(case: Path) -> None:
    """Record a case anew, with the real index and the real Poetry."""
    opener = Recorder()
    with tempfile.TemporaryDirectory() as place:
        found = play(case, Path(place), opener)
    for name in RECORDED:
        (case / name).unlink(missing_ok=True)
    expect(case, found)
    if opener.poetry is not None:
        facts = show_facts(tuple(opener.poetry.facts.values()), files="poetry.lock" not in found)
        (case / "evidence.json").write_text(facts, encoding="utf-8")
        if opener.poetry.insides:
            (case / "insides.json").write_text(show_insides(opener.poetry.insides), encoding="utf-8")


def replay(case: Path) -> None:
    """Write what comes out of a case as it is recorded."""
    with tempfile.TemporaryDirectory() as place:
        found = play(case, Path(place), Replay(case))
    expect(case, found)


def expect(case: Path, found: dict[str, bytes]) -> None:
    """Make ``found`` what the case folder says should come out; what is recorded stays."""
    for name in EXPECTED:
        if name in RECORDED:
            continue
        if (case / name).is_dir():
            shutil.rmtree(case / name)
        else:
            (case / name).unlink(missing_ok=True)
    for name, data in found.items():
        (case / name).parent.mkdir(parents=True, exist_ok=True)
        (case / name).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--rewrite", dest="write", action="store_const", const=rewrite, help="ask the index and Poetry")
    how.add_argument("--replay", dest="write", action="store_const", const=replay, help="ask what is recorded")
    parser.add_argument("cases", nargs="*", metavar="FORMAT/CASE")
    options = parser.parse_args()
    for case in find_cases():
        if not options.cases or name_of(case) in options.cases:
            options.write(case)
            print(name_of(case), (case / "status").read_text().strip())


if __name__ == "__main__":
    main()
