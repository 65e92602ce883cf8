"""What it costs to have Poetry ready: only what a lock needs is imported, and nothing is left where nobody asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.package_index import PackageIndex, Release

from .workbench import PYTHON, REPOSITORY, Bench

ONLY_SOMETIMES = {"build", "dulwich", "findpython", "installer", "keyring", "pbs_installer", "pkginfo", "virtualenv"}
"""What Poetry needs for builds, repositories, environments and passwords."""


def _imported(code: str) -> set[str]:
    shown = "\nimport sys\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code + shown], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_what_a_lock_does_not_need_is_not_imported() -> None:
    ready = "from migrator.tools.poetry.postponed import postpone\npostpone()\nimport migrator.tools.poetry.session"
    needed = _imported(ready) & ONLY_SOMETIMES
    assert needed == {"pkginfo"}
    assert _imported("import poetry.puzzle.provider") & ONLY_SOMETIMES > needed


def test_what_was_postponed_is_the_real_thing_when_it_is_used() -> None:
    """Those that bound a stand-in, and those that import it later, have Poetry's own in the end."""
    code = (
        "from migrator.tools.poetry.postponed import load_builds, postpone\n"
        "postpone()\n"
        "from poetry.inspection import info\n"
        "from poetry.packages import direct_origin\n"
        "builds = load_builds()\n"
        "from poetry.utils import isolated_build as own\n"
        "from poetry.installation import chef, executor\n"
        "from poetry.vcs.git import Git\n"
        "assert builds is own\n"
        "for user in (info, chef): assert user.isolated_builder is own.isolated_builder\n"
        "for user in (info, executor): assert user.IsolatedBuildBackendError is own.IsolatedBuildBackendError\n"
        "assert direct_origin.Git.clone == Git.clone\n"
    )
    assert _imported(code) >= {"build", "dulwich", "virtualenv"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--no-such-option",), 2), (("nowhere.txt",), 1), (("--constraint", "odd"), 2), (("--no-lock",), 0)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_start_that_was_for_nothing_leaves_nothing(arguments: tuple[str, ...], status: int, bench: Bench) -> None:
    bench.write({"requirements.txt": "foo==1.0\n"})
    assert bench.migrate(*PYTHON, *arguments, json_report=False).status == status


def test_the_installed_command_starts_where_the_module_does(bench: Bench, index: PackageIndex) -> None:
    """An entry point calls ``migrator.__main__:main`` and leaves ``sys.path`` alone."""
    index.publish(Release("foo", "1.0"))
    bench.write({"requirements.txt": "foo==1.0\n"})
    script = bench.root / "bin" / "migrate"
    script.parent.mkdir()
    script.write_text("import sys\nfrom migrator.__main__ import main\nassert sys.path[0] == sys.argv.pop(1)\nmain()\n")
    arguments = [*bench.command(*PYTHON, "--index-url", index.simple_url)[3:]]
    ran = subprocess.run(
        [sys.executable, script, script.parent, *arguments],
        cwd=bench.app,
        env=bench.full_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, bench.pins, Path(bench.app / "poetry.lock").exists()) == (0, ["foo 1.0"], True), ran.stderr
