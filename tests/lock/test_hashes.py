"""Every old hash is compared with the files of the new lock: same, more, not comparable, or other bytes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.package_index import Mode, PackageIndex, Release

from .workbench import PYTHON, Bench


@dataclass(frozen=True, kw_only=True)
class Case:
    """The files of foo 1.0, the hashes that stand in the requirements, the verdict, and what is told."""

    release: Release
    hashes: str
    verdict: str
    told: tuple[str, str, str] | None = None
    status: int = 0
    mode: Mode = "html"


FOO = Release("foo", "1.0")
ZEROS = "sha256:" + "0" * 64


def not_comparable(old: str, new: str) -> tuple[str, str, str]:
    told = f"The old hashes ({old}) and those of the index ({new}) cannot be compared: foo 1.0"
    return ("hash-not-comparable", "review", told)


MISMATCH = (
    "hash-mismatch",
    "stop",
    f"foo 1.0: 1 of the old hashes are not among the files that the index has now ({ZEROS})",
)
WHEEL, SDIST = range(2)

CASES = {
    "the same files": Case(release=FOO, hashes="{wheel} {sdist}", verdict="same"),
    "more files than were pinned": Case(release=FOO, hashes="{wheel}", verdict="superset"),
    "another algorithm": Case(
        release=FOO, hashes="md5:" + "a" * 32, verdict="not-comparable", told=not_comparable("md5", "sha256")
    ),
    "an index with sha512 alone": Case(
        release=Release("foo", "1.0", hash_algorithms=("sha512",)),
        hashes="{wheel} {sdist}",
        verdict="not-comparable",
        told=not_comparable("sha256", "sha512"),
    ),
    "an index with both, of which Poetry takes sha512": Case(
        release=Release("foo", "1.0", hash_algorithms=("sha256", "sha512")),
        hashes="{wheel} {sdist}",
        verdict="not-comparable",
        told=not_comparable("sha256", "sha512"),
        mode="json",
    ),
    "an index with md5 alone, whose files are hashed": Case(
        release=Release("foo", "1.0", hash_algorithms=("md5",)), hashes="{wheel} {sdist}", verdict="same"
    ),
    "an index without hashes": Case(
        release=Release("foo", "1.0", hash_algorithms=()), hashes="{wheel} {sdist}", verdict="same"
    ),
    "other bytes under the same version": Case(
        release=FOO, hashes=f"{ZEROS}", verdict="mismatch", told=MISMATCH, status=1
    ),
    "one file of another build among the right ones": Case(
        release=FOO, hashes=f"{{wheel}} {ZEROS}", verdict="mismatch", told=MISMATCH, status=1
    ),
    "a file that is gone from the index": Case(
        release=Release("foo", "1.0", sdist=False), hashes=f"{{wheel}} {ZEROS}", verdict="subset"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_verdict(case: Case, bench: Bench, index: PackageIndex) -> None:
    index.publish(case.release)
    index.change(mode=case.mode)
    found = dict(zip(("wheel", "sdist"), index.hashes("foo", "1.0"), strict=False))
    hashes = "".join(f" --hash={text}" for text in case.hashes.format(**found).split())
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\nfoo==1.0{hashes}\n"})
    before = bench.snapshot()
    ran = bench.migrate(*PYTHON)
    assert ran.status == case.status
    assert [proof["verdict"] for proof in ran.report["hashes"]] == [case.verdict]
    assert ran.told("hash-mismatch", "hash-not-comparable") == ([case.told] if case.told else [])
    if case.status:
        assert bench.snapshot() == before


def test_other_bytes_never_pass_until_somebody_takes_the_old_hashes_back(bench: Bench, index: PackageIndex) -> None:
    index.publish(FOO, Release("bar", "1.2"))
    lines = f"--index-url {index.simple_url}\nbar==1.1\nfoo==1.0"
    bench.write({"requirements.txt": f"{lines} --hash={ZEROS}\n"})
    before = bench.snapshot()
    ran = bench.migrate(*PYTHON, "--allow-drift")
    assert (ran.status, ran.stops) == (1, [MISMATCH[2]])
    found = [(f["origin"], f["advice"]) for f in ran.report["findings"] if f["code"] == "hash-mismatch"]
    assert [(origin["path"], origin["line"], advice) for origin, advice in found] == [
        (
            "requirements.txt",
            3,
            (
                "Find out whether files were deleted from the index or replaced by others; if what it has now is what "
                "you want, remove the old hashes of this version from requirements.txt and migrate again "
                "(--allow-drift is not for this)"
            ),
        )
    ]
    assert bench.snapshot() == before
    bench.write({"requirements.txt": f"{lines}\n"})
    assert (bench.migrate(*PYTHON, "--allow-drift").status, bench.pins) == (0, ["bar 1.2", "foo 1.0"])


def test_the_line_that_says_the_wrong_hash_is_named(bench: Bench, index: PackageIndex) -> None:
    index.publish(FOO)
    bench.write(
        {
            "requirements.txt": f"--index-url {index.simple_url}\nfoo==1.0 --hash={ZEROS}\n",
            "requirements-dev.txt": f"foo==1.0 --hash={index.hashes('foo', '1.0')[SDIST]}\n",
        }
    )
    ran = bench.migrate(*PYTHON)
    assert ran.stops == [MISMATCH[2]]
    origins = [f["origin"] for f in ran.report["findings"] if f["code"] == "hash-mismatch"]
    assert [(origin["path"], origin["line"]) for origin in origins] == [("requirements.txt", 2)]


def test_the_verdict_counts_what_cannot_be_compared(bench: Bench, index: PackageIndex) -> None:
    """A hash of another algorithm proves nothing, and is not counted as if it did."""
    index.publish(FOO, Release("bar", "1.0"))
    md5 = f"foo==1.0 --hash=md5:{'a' * 32}\n"
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n{md5}{index.requirements_line('bar', '1.0')}"})
    ran = bench.migrate(*PYTHON, json_report=False)
    assert ran.out.splitlines()[0] == "2 of 2 versions kept, 1 of 2 hash sets proven, 1 thing to look at"


def test_what_came_along_is_explained_by_who_needs_it(bench: Bench, index: PackageIndex) -> None:
    index.publish(
        Release("web", "1.0", requires=["core", "color; sys_platform == 'win32'"]),
        Release("core", "1.0", requires=["tz"]),
        Release("color", "0.4"),
        Release("tz", "2024.1"),
    )
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\nweb==1.0\ncore==1.0\n"})
    ran = bench.migrate(*PYTHON)
    added = [(c["name"], c["marker"], c["reason"]) for c in ran.report["changes"] if c["kind"] == "added"]
    assert (ran.status, added) == (
        0,
        [("color", 'sys_platform == "win32"', "needed by web 1.0"), ("tz", None, "needed by core 1.0")],
    )


def test_an_index_that_is_not_pypi_is_told_unless_hashes_prove_the_files(bench: Bench, index: PackageIndex) -> None:
    index.publish(Release("proven", "1.0"), Release("unproven", "1.0"))
    bench.write({"requirements.txt": index.requirements_line("proven", "1.0") + "unproven==1.0\n"})
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert ran.told("index-not-public") == [
        (
            "index-not-public",
            "review",
            (
                f"The index was reached at {index.simple_url}, and nothing proves that these are PyPI's files: "
                "unproven 1.0"
            ),
        )
    ]
    assert ["source" in package for package in bench.packages] == [False, False]
