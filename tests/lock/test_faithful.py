"""After a migration with the real Poetry, ``migrate check`` knows what was accepted and what was left different."""

from __future__ import annotations

import pytest

from migrator.model.finding import Code
from tests.command_line import migrate
from tests.package_index import PackageIndex, Release

from .test_drift import CASES, Case
from .workbench import PYTHON, Bench


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_accepted_drifts_are_known(case: Case, bench: Bench, index: PackageIndex) -> None:
    """Allowed once, and CI stays green."""
    index.publish(*case.releases)
    first = next(iter(case.files))
    bench.write(case.files | {first: f"--index-url {index.simple_url}\n{case.files[first]}"})
    assert bench.migrate(*PYTHON, "--allow-drift").status == 0
    ran = migrate("check", cwd=bench.app)
    assert (ran.status, ran.err) == (0, ""), ran.out
    assert ran.out.splitlines()[1].endswith("known since the migration")


def test_other_differences_are_put_on_record(bench: Bench, index: PackageIndex) -> None:
    """The user's own dependency, which no old file names: a rerun changes nothing of it, and one more is told."""
    index.publish(Release("foo", "1.0"), Release("bar", "2.0"))
    requirement = f"--index-url {index.simple_url}\nfoo==1.0\n"
    own = '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["bar>=2"]\n'
    bench.write({"requirements.txt": requirement, "pyproject.toml": own})
    assert bench.migrate().status == 0
    record = bench.pyproject["tool"]["migrator"]
    assert record["known"] == ["bar: only in pyproject.toml"]
    assert "accepted" not in record
    written = bench.snapshot()
    assert migrate("check", cwd=bench.app).status == 0
    assert bench.migrate().report["ended"] == "unchanged"
    assert bench.snapshot() == written
    text = (bench.app / "pyproject.toml").read_text()
    bench.write({"pyproject.toml": text.replace('"bar>=2"', '"bar>=2", "baz"')})
    ran = migrate("check", "--json", cwd=bench.app)
    assert ran.status == 3
    assert Code.NOT_IN_OLD_FILES in ran.out
    assert Code.LOCK_STALE in ran.out


def test_a_lock_that_poetry_updates_is_no_longer_faithful_and_migrating_again_mends_it(
    bench: Bench, index: PackageIndex
) -> None:
    """What the advice says is what helps."""
    index.publish(Release("foo", "1.0"), Release("foo", "1.1"))
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\nfoo==1.0\n"})
    assert bench.migrate(*PYTHON).status == 0
    assert migrate("check", cwd=bench.app).status == 0
    assert bench.poetry("update", "--lock", "foo")[0] == 0
    ran = migrate("check", cwd=bench.app)
    assert ran.status == 3
    assert "foo is pinned to 1.0 here, and poetry.lock:3 has 1.1" in ran.out
    assert "run `migrate from-requirements` again, which brings 1.0 to poetry.lock" in ran.out
    assert bench.migrate(*PYTHON).status == 0
    assert migrate("check", cwd=bench.app).status == 0
    assert bench.pins == ["foo 1.0"]
    assert bench.poetry("update", "--lock", "foo")[0] == 0
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\nfoo==1.1\n"})
    assert migrate("check", cwd=bench.app).status == 0
