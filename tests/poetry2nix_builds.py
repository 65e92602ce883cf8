"""Which packages poetry2nix names build systems for, as ``planning/natives/known-builds.txt`` keeps it.

``python -m tests.poetry2nix_builds FOLDER`` writes that file anew from a checkout of poetry2nix at the commit that
default.nix pins. It will hardly be needed: poetry2nix is not developed any more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

from migrator.planning.natives import known_builds


def show(folder: Path) -> str:
    """The text of the file, from a checkout in ``folder``."""
    table = json.loads((folder / "overrides" / "build-systems.json").read_text(encoding="utf-8"))
    facts: set[str] = set()
    for package, listed in table.items():
        name = canonicalize_name(package)
        facts.add(name)
        # most have setuptools, so the others are told; what only older releases had may be missing now
        systems = [entry if isinstance(entry, dict) else {"buildSystem": entry} for entry in listed]
        if all(each["buildSystem"] != "setuptools" for each in systems):
            facts.add(known_builds.without_setuptools(name))
        others = {canonicalize_name(each["buildSystem"]) for each in systems if "until" not in each} - {"setuptools"}
        facts.update(f"{name} {system}" for system in others)
    return known_builds.show(facts)


if __name__ == "__main__":
    target = Path(str(known_builds.__file__)).with_name("known-builds.txt")
    target.write_text(show(Path(sys.argv[1])), encoding="utf-8", newline="")
    print(target.name)
