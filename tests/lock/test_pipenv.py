"""Pipenv projects with the real Poetry: groups, sources and commits come out as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.git_history import commit_versions
from tests.package_index import PackageIndex, Release, serve

from .workbench import Bench

REQUIRES = '\n[requires]\npython_version = "3.11"\n'
PYPI = '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n'
STATIC = """\
[project]
name = "{name}"
version = "1.2"
dependencies = ["leaf"]

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


@pytest.fixture
def shop(bench: Bench, index: PackageIndex) -> Bench:
    """A bench for a Pipenv project; the index has an old and a new release of everything."""
    needs = {"app": ["leaf"], "check": ["leaf", "deep"], "pages": ["deep"], "leaf": [], "deep": [], "left": []}
    for name, requires in needs.items():
        versions = ("1.0", "1.5", "2.0")
        index.publish(*(Release(name, v, requires=requires, requires_python=">=3.8") for v in versions))
    return replace(bench, subcommand="from-pipenv")


def entry(where: PackageIndex, name: str, version: str, /, **more: object) -> dict[str, object]:
    return {"hashes": sorted(where.hashes(name, version)), "version": f"=={version}", **more}


def lock(**sections: dict[str, Any]) -> str:
    meta = {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {"python_version": "3.11"}, "sources": []}
    return json.dumps({"_meta": meta, "default": {}, "develop": {}, **sections}, indent=4) + "\n"


def groups(bench: Bench) -> list[tuple[str, str, list[str]]]:
    return [(p["name"], p["version"], p["groups"]) for p in bench.packages]


def agrees(bench: Bench) -> None:
    """Poetry's own ``check`` is content."""
    status, said = bench.poetry("check", "--lock")
    assert status == 0, said


def test_sections_become_groups_with_what_they_need(shop: Bench, index: PackageIndex) -> None:
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\napp = "*"\n[dev-packages]\ncheck = ">=1"\n'
            f'[docs]\npages = "==1.*"\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={"app": entry(index, "app", "1.0"), "leaf": entry(index, "leaf", "1.0")},
                develop={n: entry(index, n, "1.0") for n in ("check", "deep", "leaf")},
                docs={"deep": entry(index, "deep", "1.0"), "pages": entry(index, "pages", "1.5")},
            ),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert groups(shop) == [
        ("app", "1.0", ["main"]),
        ("check", "1.0", ["dev"]),
        ("deep", "1.0", ["dev", "docs"]),
        ("leaf", "1.0", ["main", "dev"]),
        ("pages", "1.5", ["docs"]),
    ]
    assert {h["verdict"] for h in ran.report["hashes"]} == {"same"}
    assert ran.told("group-inferred") == []
    assert shop.pyproject["project"]["dependencies"] == ["app"]
    assert shop.pyproject["dependency-groups"] == {"dev": ["check (>=1)"], "docs": ["pages (==1.*)"]}
    agrees(shop)


def test_the_python_of_requires_is_the_only_one_that_the_lock_was_made_for(shop: Bench, index: PackageIndex) -> None:
    """Pipenv leaves out what another Python would need, so every wider range adds what nobody pinned or ran."""
    index.publish(
        Release("tidy", "1.0", requires=["leaf", 'deep; python_version >= "3.13"'], requires_python=">=3.8"),
    )
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\ntidy = "*"\n{REQUIRES}',
            "Pipfile.lock": lock(default={n: entry(index, n, "1.0") for n in ("tidy", "leaf")}),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, shop.pins) == (0, ["leaf 1.0", "tidy 1.0"])
    assert shop.pyproject["project"]["requires-python"] == ">=3.11,<3.12"
    assert ran.told("python-inferred") == [
        ("python-inferred", "note", "Pipfile asks for Python 3.11 and no other, so pyproject.toml does too.")
    ]
    assert [change for change in ran.report["changes"] if change["kind"] == "added"] == []
    wider = shop.migrate("--index-url", index.simple_url, "--python", ">=3.11")
    assert (wider.status, shop.pins) == (0, ["deep 2.0", "leaf 1.0", "tidy 1.0"])
    added = [change["name"] for change in wider.report["changes"] if change["kind"] == "added"]
    assert added == ["deep"]


def test_a_package_and_what_it_brings_come_from_the_source_that_was_named(shop: Bench, index: PackageIndex) -> None:
    """Somebody has registered the private names on the first index, in higher versions."""
    index.publish(Release("priv", "9.0"), Release("inner", "9.0"), Release("inner", "1.0", summary="another one"))
    theirs = [Release("priv", "1.0", requires=["inner", "leaf"]), Release("inner", "1.0")]
    with serve(theirs) as second:
        shop.write(
            {
                "Pipfile": f'{PYPI}\n[[source]]\nname = "corp"\nurl = "{second.simple_url}"\nverify_ssl = true\n'
                f'\n[packages]\npriv = {{version = "*", index = "corp"}}\napp = "*"\n{REQUIRES}',
                "Pipfile.lock": lock(
                    default={
                        "app": entry(index, "app", "1.0", index="pypi"),
                        "inner": entry(second, "inner", "1.0"),
                        "leaf": entry(index, "leaf", "1.0"),
                        "priv": entry(second, "priv", "1.0", index="corp"),
                    }
                ),
            }
        )
        ran = shop.migrate("--index-url", index.simple_url)
        assert (ran.status, ran.stops) == (0, [])
        assert [(p["name"], p["version"], p.get("source", {}).get("reference")) for p in shop.packages] == [
            ("app", "1.0", None),
            ("inner", "1.0", "corp"),
            ("leaf", "1.0", None),
            ("priv", "1.0", "corp"),
        ]
        poetry = shop.pyproject["tool"]["poetry"]
        assert poetry["source"] == [{"name": "corp", "url": second.simple_url, "priority": "explicit"}]
        assert {name: entry["source"] for name, entry in poetry["dependencies"].items()} == {
            "inner": "corp",
            "priv": "corp",
        }
        assert {h["verdict"] for h in ran.report["hashes"]} == {"same"}
        agrees(shop)


def test_a_mirror_under_the_name_of_pypi_gets_a_name_of_its_own(shop: Bench, index: PackageIndex) -> None:
    """Poetry refuses an address for PyPI; the credentials in it go nowhere."""
    index.change(credentials=("jo", "word-7f3a"))
    address = index.simple_url_with_credentials
    shop.write(
        {
            "Pipfile": PYPI.replace("https://pypi.org/simple", address) + f'\n[packages]\napp = "*"\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={"app": entry(index, "app", "1.0", index="pypi"), "leaf": entry(index, "leaf", "1.0")}
            ),
        }
    )
    ran = shop.migrate()
    assert (ran.status, ran.stops) == (0, [])
    shown = index.simple_url.replace("//", "//***@", 1)
    assert ran.told("source-renamed", "credentials-removed") == [
        (
            "credentials-removed",
            "review",
            f"The credentials in {shown} are not written to pyproject.toml",
        ),
        (
            "source-renamed",
            "note",
            (
                f"The source 'pypi' ({shown}) is called '127-0-0-1' in pyproject.toml: "
                "Poetry keeps the name PyPI for PyPI, and a name for one source"
            ),
        ),
    ]
    assert shop.pins == ["app 1.0", "leaf 1.0"]
    written = "".join(text.decode() for path, text in shop.snapshot().items() if "Pipfile" not in path)
    assert "word-7f3a" not in written + ran.out + ran.err


def test_a_source_that_is_not_defined_stops(shop: Bench, index: PackageIndex) -> None:
    """Taken for the default index, the name would be up for grabs."""
    shop.write({"Pipfile": f'{PYPI}\n[packages]\napp = {{version = "*", index = "corp"}}\n{REQUIRES}'})
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (1, ["app comes from the source 'corp', which is not defined"])
    assert index.log == ()


def test_an_old_lock_keeps_its_versions_against_the_wishes(shop: Bench, index: PackageIndex) -> None:
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\napp = ">=2"\nleft = "*"\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={n: entry(index, n, "1.0") for n in ("app", "deep", "leaf")}, develop={"leaf": {}}
            ),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert shop.pins == ["app 1.0", "deep 1.0", "leaf 1.0", "left 2.0"]
    assert [code for code, _, _ in ran.told("stale-lock", "constraint-loosened", "wish-not-pinned", "orphan-kept")] == [
        "constraint-loosened",
        "wish-not-pinned",
        "stale-lock",
        "wish-not-pinned",
        "orphan-kept",
    ]
    assert shop.pyproject["project"]["dependencies"] == ["app (>=1.0,<2.0)", "deep (>=1.0,<2.0)", "left"]
    agrees(shop)


def test_sections_that_disagree_keep_the_version_of_default(shop: Bench, index: PackageIndex) -> None:
    """And a wish for developers that excludes it gives way; both are told."""
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\nleaf = "<2"\n[dev-packages]\nleaf = "==2.0"\ncheck = "*"\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={"leaf": entry(index, "leaf", "1.0")},
                develop={
                    "check": entry(index, "check", "1.0"),
                    "deep": entry(index, "deep", "1.0"),
                    "leaf": entry(index, "leaf", "2.0"),
                },
            ),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert (ran.report["counts"]["pins"], ran.report["counts"]["kept"]) == (4, 3)
    assert groups(shop) == [
        ("check", "1.0", ["dev"]),
        ("deep", "1.0", ["dev"]),
        ("leaf", "1.0", ["main", "dev"]),
    ]
    assert [message.partition(";")[0] for _, _, message in ran.told("pins-disagree")] == [
        "leaf is pinned to 1.0 for the group main (Pipfile.lock:13) and to 2.0 for the group dev"
    ]
    agrees(shop)


def test_what_production_installs_is_installed_by_production(shop: Bench, index: PackageIndex) -> None:
    """The section default holds what Poetry would lock for developers alone: ``leaf`` is of no use to ``app``'s heir.

    ``deep`` is asked for by developers and ``leaf`` comes along with ``check``; production runs both.
    """
    index.publish(Release("heir", "1.0", requires_python=">=3.8"))
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\nheir = "*"\n[dev-packages]\ncheck = "*"\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={n: entry(index, n, "1.0") for n in ("heir", "leaf", "deep")},
                develop={n: entry(index, n, "1.0") for n in ("check", "deep", "leaf")},
            ),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert groups(shop) == [
        ("check", "1.0", ["dev"]),
        ("deep", "1.0", ["main", "dev"]),
        ("heir", "1.0", ["main"]),
        ("leaf", "1.0", ["main", "dev"]),
    ]
    assert [change for change in ran.report["changes"] if change["kind"] == "groups"] == []
    assert shop.pyproject["project"]["dependencies"] == ["deep (>=1.0,<2.0)", "heir", "leaf (>=1.0,<2.0)"]
    status, said = shop.poetry("install", "--only", "main", "--no-root", "--dry-run")
    assert status == 0, said
    assert sorted(n for n in ("check", "deep", "heir", "leaf") if f"Installing {n} " in said) == [
        "deep",
        "heir",
        "leaf",
    ]
    agrees(shop)


def test_a_lock_alone_keeps_everything(shop: Bench, index: PackageIndex) -> None:
    shop.write(
        {
            "Pipfile.lock": lock(
                default={
                    "app": entry(index, "app", "1.0", index="pypi", markers="python_version >= '3.8'"),
                    "leaf": entry(index, "leaf", "1.0", markers="python_version >= '3.8'"),
                },
                develop={n: entry(index, n, "1.0") for n in ("check", "deep", "leaf")},
            )
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert groups(shop) == [
        ("app", "1.0", ["main"]),
        ("check", "1.0", ["dev"]),
        ("deep", "1.0", ["dev"]),
        ("leaf", "1.0", ["main", "dev"]),
    ]
    assert shop.pyproject["project"]["dependencies"] == ["app (>=1.0,<2.0)"]
    assert shop.pyproject["dependency-groups"] == {"dev": ["check (>=1.0,<2.0)"]}
    agrees(shop)


def test_a_pipfile_alone_is_locked_and_told(shop: Bench, index: PackageIndex) -> None:
    shop.write({"Pipfile": f'{PYPI}\n[packages]\napp = "<2"\n{REQUIRES}'})
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops, shop.pins) == (0, [], ["app 1.5", "leaf 2.0"])
    assert ran.told("unpaired") == [
        (
            "unpaired",
            "review",
            (
                "There is no Pipfile.lock, so nobody knows which versions run: poetry.lock will hold the newest ones "
                "that Pipfile allows today."
            ),
        )
    ]
    agrees(shop)


def test_a_pipfile_alone_keeps_what_it_pins(shop: Bench, index: PackageIndex) -> None:
    """Where the index has the version no more, that is drift, and stops."""
    shop.write({"Pipfile": f'{PYPI}\n[packages]\napp = "==1.0"\n[dev-packages]\ncheck = "*"\n{REQUIRES}'})
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops) == (0, [])
    assert shop.pins == ["app 1.0", "check 2.0", "deep 2.0", "leaf 2.0"]
    assert (ran.report["counts"]["pins"], ran.report["counts"]["kept"]) == (1, 1)
    shop.write({"Pipfile": f'{PYPI}\n[packages]\napp = "==1.1"\n{REQUIRES}'})
    before = shop.snapshot()
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, shop.snapshot()) == (1, before)
    assert [message.partition(":")[0] for message in ran.stops] == ["app 1.1 moves to 1.5"]


def test_a_branch_becomes_the_commit_that_was_locked(shop: Bench, index: PackageIndex, tmp_path: Path) -> None:
    """The branch has moved on since."""
    folder = tmp_path / "repository"
    text = STATIC.format(name="gitlib")
    commits = commit_versions(folder, f"{text}# one\n", f"{text}# two\n")
    git = {"git": f"file://{folder}", "ref": "main", "editable": True}
    shop.write(
        {
            "Pipfile": f"{PYPI}\n[packages]\n"
            f'gitlib = {{git = "file://{folder}", ref = "main", editable = true}}\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={"gitlib": {**git, "ref": commits[0]}, "leaf": entry(index, "leaf", "1.0")},
            ),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops, shop.pins) == (0, [], ["gitlib 1.2", "leaf 1.0"])
    assert shop.packages[0]["source"]["resolved_reference"] == commits[0]
    assert ran.told("floating-revision") == [
        (
            "floating-revision",
            "note",
            f"gitlib follows 'main'; pyproject.toml names the commit that was locked, {commits[0]}",
        )
    ]
    assert shop.pyproject["tool"]["poetry"]["dependencies"]["gitlib"] == {"develop": True}
    agrees(shop)


def test_a_folder_gets_its_own_name_for_the_one_that_pipenv_made_up(shop: Bench, index: PackageIndex) -> None:
    shop.write(
        {
            "Pipfile": f'{PYPI}\n[packages]\n"7e87fbd" = {{path = "../lib", editable = true}}\n{REQUIRES}',
            "Pipfile.lock": lock(
                default={"7e87fbd": {"path": "../lib", "editable": True}, "leaf": entry(index, "leaf", "1.0")}
            ),
            "../lib/pyproject.toml": STATIC.format(name="More.Lib"),
        }
    )
    ran = shop.migrate("--index-url", index.simple_url)
    assert (ran.status, ran.stops, shop.pins) == (0, [], ["leaf 1.0", "more-lib 1.2"])
    assert shop.pyproject["tool"]["poetry"]["dependencies"] == {"more-lib": {"path": "../lib", "develop": True}}
    agrees(shop)
