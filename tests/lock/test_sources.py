"""Several indexes, repositories and folders: each pin comes from where it came from yesterday."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.git_history import commit_versions
from tests.package_index import PackageIndex, Release, serve

from .workbench import PYTHON, Bench

STATIC = """\
[project]
name = "{name}"
version = "1.2"
dependencies = [{needs}]

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


def agrees(bench: Bench) -> None:
    """Poetry's own ``lock`` changes no byte, and its ``check`` is content."""
    written = bench.snapshot()
    status, said = bench.poetry("lock")
    assert status == 0, said
    assert bench.snapshot() == written
    assert bench.poetry("check", "--lock") == (0, "All set!\n")


def test_what_two_indexes_have_comes_from_the_one_whose_hashes_were_pinned(bench: Bench, index: PackageIndex) -> None:
    """The same version under the same name, with other bytes: the first index would win without a named source."""
    index.publish(
        Release("pub", "1.0"),
        Release("pub", "2.0"),
        Release("both", "1.0"),
        Release("both", "3.0"),
        Release("top", "1.0", requires=["deep"]),
        Release("deep", "1.0"),
        Release("deep", "2.0"),
    )
    theirs = [
        Release("priv", "1.0", requires=["pub"]),
        Release("priv", "1.5"),
        Release("both", "1.0", summary="another one"),
        Release("deep", "1.0", summary="another one"),
    ]
    with serve(theirs) as second:
        bench.write(
            {
                "requirements.txt": f"--index-url {index.simple_url}\n--extra-index-url {second.simple_url}\n"
                "priv==1.0\npub==1.0\ntop==1.0\n"
                + second.requirements_line("both", "1.0")
                + second.requirements_line("deep", "1.0")
            }
        )
        ran = bench.migrate(*PYTHON)
        assert (ran.status, ran.stops) == (0, [])
        name = "127-0-0-1-2"
        assert ran.told("dependency-confusion") == [
            (
                "dependency-confusion",
                "review",
                (
                    "pip takes the best version from every index, so whoever registers a private name on another one "
                    f"decides what is installed; Poetry asks {name} only for what the first index lacks"
                ),
            ),
            *(
                (
                    "dependency-confusion",
                    "review",
                    (
                        f"{package} 1.0 is on two indexes with different files; the old hashes are those of {name}, "
                        "so pyproject.toml names that source"
                    ),
                )
                for package in ("both", "deep")
            ),
        ]
        assert [(p["name"], p["version"], p["source"]["reference"]) for p in bench.packages] == [
            ("both", "1.0", name),
            ("deep", "1.0", name),
            ("priv", "1.0", name),
            ("pub", "1.0", "127-0-0-1"),
            ("top", "1.0", "127-0-0-1"),
        ]
        assert {h["verdict"] for h in ran.report["hashes"]} == {"same"}
        agrees(bench)


def test_a_private_first_index_and_pypi_behind_it(bench: Bench, index: PackageIndex) -> None:
    """Poetry knows PyPI's address and refuses one beside its name; what comes from there has no source in the lock."""
    index.publish(Release("pub", "1.0"), Release("pub", "2.0"))
    with serve([Release("priv", "1.0", requires=["pub"])]) as first:
        bench.write(
            {
                "requirements.txt": f"--index-url {first.simple_url}\n--extra-index-url https://pypi.org/simple\n"
                "priv==1.0\npub==1.0\n"
            }
        )
        ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert [(p["name"], p["version"], p.get("source", {}).get("reference")) for p in bench.packages] == [
        ("priv", "1.0", "127-0-0-1"),
        ("pub", "1.0", None),
    ]
    assert bench.pyproject["tool"]["poetry"]["source"] == [
        {"name": "127-0-0-1", "url": first.simple_url, "priority": "primary"},
        {"name": "PyPI", "priority": "supplemental"},
    ]
    assert bench.poetry("check", "--lock")[0] == 0


def test_links_to_find_are_told(bench: Bench, index: PackageIndex) -> None:
    index.publish(Release("pub", "1.0"))
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n--find-links ./wheels\npub==1.0\n"})
    ran = bench.migrate(*PYTHON)
    assert ran.status == 0
    assert ran.told("option-not-carried") == [
        ("option-not-carried", "review", "Poetry looks for no packages in ./wheels (--find-links)")
    ]


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, list[str]]:
    """A git repository and its commits, oldest first."""
    folder = tmp_path / "repository"
    text = STATIC.format(name="gitlib", needs='"leaf"')
    commits = commit_versions(folder, f"{text}# one\n", f"{text}# two\n")
    return folder, commits


def test_a_repository_stays_at_its_commit(
    bench: Bench, index: PackageIndex, repository: tuple[Path, list[str]]
) -> None:
    folder, commits = repository
    index.publish(Release("leaf", "1.0"), Release("leaf", "2.0"))
    bench.write(
        {
            "requirements.txt": f"--index-url {index.simple_url}\n"
            f"git+file://{folder}@{commits[0]}#egg=gitlib\nleaf==1.0\n"
        }
    )
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, ran.told("floating-revision"), bench.pins) == (0, [], [], ["gitlib 1.2", "leaf 1.0"])
    assert bench.packages[0]["source"] == {
        "type": "git",
        "url": f"file://None{folder}",  # Poetry 2.5.1 of an address without a host
        "reference": commits[0],
        "resolved_reference": commits[0],
    }
    agrees(bench)


@pytest.mark.parametrize(("revision", "said"), [("@main", "names 'main', which is no commit"), ("", "names no commit")])
def test_a_revision_that_is_no_commit_is_told(
    revision: str, said: str, bench: Bench, index: PackageIndex, repository: tuple[Path, list[str]]
) -> None:
    folder, commits = repository
    index.publish(Release("leaf", "1.0"))
    bench.write(
        {"requirements.txt": f"--index-url {index.simple_url}\ngit+file://{folder}{revision}#egg=gitlib\nleaf==1.0\n"}
    )
    ran = bench.migrate(*PYTHON)
    assert (ran.status, bench.packages[0]["source"]["resolved_reference"]) == (0, commits[1])
    assert ran.told("floating-revision") == [
        (
            "floating-revision",
            "review",
            f"gitlib {said}: the lock takes what stands there today, production may run another one",
        )
    ]


def test_folders_inside_and_beside_the_project_keep_their_relative_places(bench: Bench, index: PackageIndex) -> None:
    index.publish(Release("leaf", "1.0"), Release("leaf", "2.0"))
    bench.write(
        {
            "requirements.txt": f"--index-url {index.simple_url}\n./inside\n-e ../beside\nleaf==1.0\n",
            "inside/pyproject.toml": STATIC.format(name="inside", needs='"leaf"'),
            "../beside/pyproject.toml": STATIC.format(name="beside", needs='"leaf"'),
        }
    )
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["beside 1.2", "inside 1.2", "leaf 1.0"])
    assert [p.get("source") for p in bench.packages[:2]] == [
        {"type": "directory", "url": "../beside"},
        {"type": "directory", "url": "inside"},
    ]
    agrees(bench)


def test_folders_that_need_one_another_in_a_circle(bench: Bench, index: PackageIndex) -> None:
    """Poetry's own form of pyproject.toml, in which a folder can name another one by a relative path."""
    index.publish(Release("leaf", "1.0"))
    one = (
        '[tool.poetry]\nname = "{0}"\nversion = "1.0"\ndescription = ""\nauthors = []\n'
        '[tool.poetry.dependencies]\npython = ">=3.11"\n{1} = {{ path = "../{1}" }}\n'
    )
    bench.write(
        {
            "requirements.txt": f"--index-url {index.simple_url}\n../left\nleaf==1.0\n",
            "../left/pyproject.toml": one.format("left", "right"),
            "../right/pyproject.toml": one.format("right", "left"),
        }
    )
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], ["leaf 1.0", "left 1.0", "right 1.0"])
    agrees(bench)


def test_what_an_existing_lock_holds_beside_the_pins_stays(bench: Bench, index: PackageIndex) -> None:
    index.publish(
        Release("top", "1.0", requires=["free", "held"]),
        *(Release(name, version) for name in ("free", "held") for version in ("1.0", "1.5")),
    )
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\ntop==1.0\nfree>=1\n"})
    first = bench.migrate(*PYTHON)
    assert (first.status, bench.pins) == (0, ["free 1.5", "held 1.5", "top 1.0"])
    index.publish(Release("free", "1.9"), Release("held", "1.9"))
    written = bench.snapshot()
    assert (bench.migrate(*PYTHON).status, bench.snapshot() == written) == (0, True)
