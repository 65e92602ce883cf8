"""What a report over 500 packages costs in each form, over the same on an empty project: CPU seconds, whole processes.

    python benchmarks/report.py [--packages 500] [--runs 5]

"alone" renders an outcome in which every package is direct, moved, has other hashes, a finding to look at and a note.
"command" is `migrate from-requirements --no-lock --report FORM:-` over so many pins against one pin: what it reads and
plans is in it too. The limit is half a second for each form.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMIT = 0.5
ALONE = (
    "import sys; from tests.report_outcomes import large; from migrator.reports import load_form;"
    "from migrator.reports.terminal import render_terminal;"
    "form, packages = sys.argv[1], int(sys.argv[2]); outcome = large(packages);"
    "sys.stdout.write(render_terminal(outcome) if form == 'terminal' else load_form(form).render(outcome))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packages", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from migrator.reports import form_names

    print(f"{'form':>8}  {'alone':>7}  {'command':>7}  {'bytes':>9}   over an empty project, {given.packages} packages")
    worst = 0.0
    with tempfile.TemporaryDirectory() as place:
        for form in (*form_names(), "terminal"):
            alone = [[sys.executable, "-c", ALONE, form, str(number)] for number in (0, given.packages)]
            spent = [measure(line, given.runs, str(ROOT)) for line in alone]
            command = [command_line(form, number, Path(place)) for number in (1, given.packages)]
            whole = [measure(line, given.runs, folder) for line, folder in command]
            costs = spent[1][0] - spent[0][0], whole[1][0] - whole[0][0]
            worst = max(worst, *costs)
            print(f"{form:>8}  {costs[0]:6.3f}s  {costs[1]:6.3f}s  {spent[1][1]:>9,}", flush=True)
    print(f"{'kept' if worst <= LIMIT else 'BROKEN'}: at most {LIMIT} s of CPU for a report, in any form")
    sys.exit(worst > LIMIT)


def command_line(form: str, pins: int, place: Path) -> tuple[list[str], str]:
    """The real command in a folder of its own."""
    folder = place / f"project-{pins}"
    folder.mkdir(exist_ok=True)
    text = "".join(f"package-{number:04}==1.2.{number}\n" for number in range(pins))
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    asked = [] if form == "terminal" else ["--report", f"{form}:-"]
    line = [
        sys.executable,
        "-m",
        "migrator",
        "from-requirements",
        "--no-lock",
        "--dry-run",
        "--python",
        ">=3.11",
        *asked,
    ]
    return line, str(folder)


def measure(line: list[str], runs: int, folder: str) -> tuple[float, int]:
    """CPU seconds of the cheapest of a few runs, and how many bytes it printed."""
    return min(_measure_once(line, folder) for _ in range(runs))


def _measure_once(line: list[str], folder: str) -> tuple[float, int]:
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            line, cwd=folder, stdout=out, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": paths}
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return used.ru_utime + used.ru_stime, out.tell()


if __name__ == "__main__":
    main()
