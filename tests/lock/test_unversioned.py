"""A package that a Pipfile.lock names without a version is one that production installs: the lock has it too."""

from __future__ import annotations

import json
import subprocess

from tests.package_index import PackageIndex, Release

from .workbench import Bench

PIPFILE = """\
[packages]
foo = "*"
tool = {path = "./tool"}

[requires]
python_version = "3.11"
"""


def test_a_locked_package_without_a_version_that_nothing_asks_for_stays(bench: Bench, index: PackageIndex) -> None:
    """The folder keeps the tool from knowing before the lock what nothing asks for."""
    index.publish(Release("foo", "1.0"), Release("ghost", "2.0"))
    lock = {
        "_meta": {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {"python_version": "3.11"}},
        "default": {"foo": {"version": "==1.0"}, "ghost": {"version": "*"}, "tool": {"path": "./tool"}},
    }
    tool = '[project]\nname = "tool"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "b"\n'
    bench.write({"Pipfile": PIPFILE, "Pipfile.lock": json.dumps(lock), "tool/pyproject.toml": tool})
    command = ["from-pipenv" if word == "from-requirements" else word for word in bench.command()]
    ran = subprocess.run(
        [*command, "--index-url", index.simple_url],
        cwd=bench.app,
        env=bench.full_environment(),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {"foo 1.0", "ghost 2.0"} <= set(bench.pins)
