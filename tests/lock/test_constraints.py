"""Constraints files against a real lock: what pip would have installed under them is what the lock holds."""

from __future__ import annotations

from tests.package_index import PackageIndex, Release

from .workbench import PYTHON, Bench


def _publish(index: PackageIndex) -> None:
    index.publish(
        Release("top", "1.0", requires=["mid"]),
        Release("top", "2.0", requires=["mid"]),
        Release("mid", "1.0", requires=["deep"]),
        Release("mid", "2.0", requires=["deep"]),
        Release("deep", "1.0"),
        Release("deep", "2.0"),
        Release("idle", "1.0"),
    )


def _files(index: PackageIndex, requirements: str, bounds: str) -> dict[str, str]:
    return {"requirements.txt": f"--index-url {index.simple_url}\n-c bounds.txt\n{requirements}", "bounds.txt": bounds}


def test_what_constraints_pin_is_locked_all_the_way_down(bench: Bench, index: PackageIndex) -> None:
    """The way of OpenStack: loose requirements, and one file that pins everything."""
    _publish(index)
    bench.write(_files(index, "top\n", "top==1.0\nmid===1.0\ndeep==1.0\nidle==1.0\n"))
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["deep 1.0", "mid 1.0", "top 1.0"])
    assert ran.told("constraint-unused") == [
        (
            "constraint-unused",
            "note",
            "Poetry knows no constraints: the lock holds what meets these: top==1.0, mid===1.0, deep==1.0",
        ),
        ("constraint-unused", "note", "These bound nothing that is installed: idle==1.0"),
    ]
    assert bench.migrate(*PYTHON).status == 0
    assert bench.pins == ["deep 1.0", "mid 1.0", "top 1.0"]


def test_a_bound_that_the_lock_breaks_wants_eyes(bench: Bench, index: PackageIndex) -> None:
    _publish(index)
    bench.write(_files(index, "top==1.0\n", "deep<2\nmid>=1\n"))
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["deep 2.0", "mid 2.0", "top 1.0"])
    assert ran.told("constraint-unused") == [
        (
            "constraint-unused",
            "review",
            "The lock holds deep 2.0, and the constraint was <2: Poetry knows no constraints",
        ),
        ("constraint-unused", "note", "Poetry knows no constraints: the lock holds what meets these: mid>=1"),
    ]


def test_a_preference_that_the_index_does_not_have_is_no_trouble(bench: Bench, index: PackageIndex) -> None:
    _publish(index)
    bench.write(_files(index, "top==1.0\n", "mid==1.5\n"))
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["deep 2.0", "mid 2.0", "top 1.0"])
    assert ran.told("constraint-unused") == [
        (
            "constraint-unused",
            "review",
            "The lock holds mid 2.0, and the constraint was ==1.5: Poetry knows no constraints",
        )
    ]


def test_a_range_of_constraints_binds_a_direct_dependency(bench: Bench, index: PackageIndex) -> None:
    _publish(index)
    bench.write(_files(index, "top\n", "top<2\n"))
    ran = bench.migrate(*PYTHON)
    assert (ran.status, bench.pins) == (0, ["deep 2.0", "mid 2.0", "top 1.0"])
    assert bench.pyproject["project"]["dependencies"] == ["top (<2)"]
    assert ran.told("constraint-carried") == [
        ("constraint-carried", "note", "top in requirements.txt:3 takes over the bound <2")
    ]
