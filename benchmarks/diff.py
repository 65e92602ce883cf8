"""What comparing two poetry.lock costs: CPU seconds of ``migrate diff`` over the same on two empty ones.

    python benchmarks/diff.py [--packages 500] [--runs 5]

Every package is another version in the second lock. The limit is half a second for 500 packages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIMIT = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packages", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from benchmarks.report import measure

    spent = []
    with tempfile.TemporaryDirectory() as place:
        for number in (0, given.packages):
            for side in ("old", "new"):
                folder = Path(place) / f"{side}-{number}"
                folder.mkdir()
                (folder / "poetry.lock").write_text(lock(number, side), encoding="utf-8")
            sides = [f"{side}-{number}/poetry.lock" for side in ("old", "new")]
            spent.append(measure([sys.executable, "-m", "migrator", "diff", *sides], given.runs, place)[0])
    cost = spent[1] - spent[0]
    print(f"{given.packages} packages: {cost:.3f} s over two empty locks ({spent[0]:.3f} s)")
    print(f"{'kept' if cost <= LIMIT else 'BROKEN'}: at most {LIMIT} s of CPU")
    sys.exit(cost > LIMIT)


def lock(count: int, side: str) -> str:
    """A poetry.lock with so many packages, each of which needs two others."""
    version = {"old": 1, "new": 2}[side]
    packages = "".join(
        f'[[package]]\nname = "package-{n}"\nversion = "{version}.{n}"\ndescription = ""\noptional = false\n'
        f'python-versions = ">=3.8"\ngroups = ["main"]\nfiles = [{{file = "package-{n}-{version}.{n}.tar.gz", '
        f'hash = "sha256:{version * 100_000 + n:064x}"}}]\n\n[package.dependencies]\n'
        f'package-{(n * 7) % count} = "*"\npackage-{(n * 11 + 1) % count} = "*"\n\n'
        for n in range(count)
    )
    return f'{packages}[metadata]\nlock-version = "2.1"\npython-versions = "^3.11"\ncontent-hash = "f00d"\n'


if __name__ == "__main__":
    main()
