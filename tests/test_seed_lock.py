"""The skeleton poetry.lock. Oracles: Poetry's own locker, and tomllib for what a text says."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version
from poetry.packages.locker import Locker

from migrator.model.plan import PlannedSource, Priority, Seed
from migrator.model.url import Url
from migrator.model.version import RawVersion
from migrator.writers.seed_lock import write_seed

CORP = PlannedSource(
    name="corp", url=Url.parse("https://me:pw@pypi.corp.example/simple/"), priority=Priority.SUPPLEMENTAL
)


def seed(name: str, version: str, index: str | None = None) -> Seed:
    return Seed(name=canonicalize_name(name), version=Version(version), index=index)


def test_no_seeds_are_an_empty_lock() -> None:
    assert write_seed((), (CORP,)) == (
        """\
package = []

[metadata]
lock-version = "2.1"
python-versions = "*"
content-hash = ""
"""
    )


def test_seeds_are_sorted_and_say_which_source_they_are_from() -> None:
    """Without credentials, and without the slash that Poetry does not write either."""
    seeds = (
        seed("six", "1.16.0", "unknown"),
        seed("django", "6.0.1"),
        seed("django", "5.2.10"),
        seed("django", "6.0.1"),
        seed("Tool", "1.0+cu118", "corp"),
    )
    assert write_seed(seeds, (CORP,)) == (
        """\
[[package]]
name = "django"
version = "5.2.10"
optional = false
python-versions = "*"
files = []

[[package]]
name = "django"
version = "6.0.1"
optional = false
python-versions = "*"
files = []

[[package]]
name = "six"
version = "1.16.0"
optional = false
python-versions = "*"
files = []

[[package]]
name = "tool"
version = "1.0+cu118"
optional = false
python-versions = "*"
files = []

[package.source]
type = "legacy"
url = "https://pypi.corp.example/simple"
reference = "corp"

[metadata]
lock-version = "2.1"
python-versions = "*"
content-hash = ""
"""
    )


def test_poetry_reads_the_seeds_as_locked_packages(tmp_path: Path) -> None:
    text = write_seed((seed("django", "5.2.10"), seed("django", "6.0.1"), seed("tool", "1.0", "corp")), (CORP,))
    (tmp_path / "poetry.lock").write_text(text, encoding="utf-8")
    packages = Locker(tmp_path / "poetry.lock", {}).locked_repository().packages
    assert [(each.name, str(each.version), each.source_reference, each.source_url) for each in packages] == [
        ("django", "5.2.10", None, None),
        ("django", "6.0.1", None, None),
        ("tool", "1.0", "corp", "https://pypi.corp.example/simple"),
    ]


TEXTS = st.text(max_size=30)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.none() | TEXTS), max_size=4), TEXTS, st.randoms(use_true_random=False))
def test_no_value_leaves_its_string_and_order_makes_no_difference(
    values: list[tuple[str, str, str | None]], address: str, chance: random.Random
) -> None:
    seeds = [Seed(name=name, version=RawVersion(text=text), index=index) for name, text, index in values]  # type: ignore[arg-type]
    names = sorted({index for _, _, index in values if index is not None})
    url = Url.parse(f"https://index.example/{address}")
    sources = tuple(PlannedSource(name=name, url=url, priority=Priority.PRIMARY) for name in names)
    text = write_seed(tuple(seeds), sources)
    assert write_seed(tuple(chance.sample(seeds, len(seeds))), sources) == text
    data = tomllib.loads(text)
    assert data.keys() <= {"package", "metadata"}
    read: list[dict[str, Any]] = data.get("package", [])
    assert {(each["name"], each["version"], each.get("source", {}).get("reference")) for each in read} == set(values)
    assert all(each["source"]["url"] == str(url.without_credentials()).rstrip("/") for each in read if "source" in each)
