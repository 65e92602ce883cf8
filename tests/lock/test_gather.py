"""The metadata of all pins: side by side, into Poetry's own cache, and never twice."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Absence, IndexFile, Metadata, Missing
from migrator.model.origin import Origin
from migrator.model.plan import PlannedSource, Priority
from migrator.model.project import Pin
from migrator.model.source import FromIndex
from migrator.model.url import Url
from migrator.tools.poetry.bundled import BundledPoetry
from migrator.tools.poetry.door import Opening
from tests.package_index import Mode, PackageIndex, Release

from .workbench import PYTHON, Bench

NAMES = [f"pkg{number:02}" for number in range(30)]


def pin(name: str, version: str, *hashes: str, index: str | None = None) -> Pin:
    return Pin(
        name=canonicalize_name(name),
        raw_name=name,
        version=Version(version),
        hashes=hashes,
        source=FromIndex(index=index),
        origin=Origin(path="requirements.txt", line=1),
    )


@pytest.mark.parametrize("mode", ["html", "json"])
def test_side_by_side_and_a_second_run_asks_nothing(mode: Mode, bench: Bench, index: PackageIndex) -> None:
    # where PyPI's JSON says nothing of requirements, Poetry looks into a file
    index.publish(
        *(Release(name, version, requires=[NAMES[name == NAMES[0]]]) for name in NAMES for version in ("1.0", "2.0"))
    )
    index.change(mode=mode, latency=0.02)
    bench.write({"requirements.txt": "".join(f"{name}==1.0\n" for name in NAMES)})
    assert bench.migrate(*PYTHON, "--index-url", index.simple_url).status == 0
    assert 1 < index.max_concurrency <= 8
    if mode == "json":  # each release once, and before the first answer each thread's page
        paths = [request.path for request in index.log]
        listings = [path for path in paths if path.startswith("/simple/")]
        assert sorted(set(paths) - set(listings)) == [f"/pypi/{name}/1.0/json" for name in NAMES]
        assert 1 <= len(listings) == len(paths) - len(NAMES) <= 8
    else:  # each page and each file once, whether the first answer was there or not
        assert sorted(request.path for request in index.log if request.path.startswith("/simple/")) == [
            f"/simple/{name}/" for name in NAMES
        ]
    index.clear_log()
    assert bench.migrate(*PYTHON, "--index-url", index.simple_url).status == 0
    assert index.log == ()


def test_what_was_gathered_stands_in_poetrys_own_cache(bench: Bench, index: PackageIndex) -> None:
    """Poetry's command line asks for no file and for no page of another version afterwards."""
    index.publish(*(Release(name, version) for name in NAMES[:4] for version in ("1.0", "2.0")))
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n" + "".join(f"{n}==1.0\n" for n in NAMES[:4])})
    assert bench.migrate(*PYTHON).status == 0
    index.clear_log()
    assert bench.poetry("lock")[0] == 0
    assert index.log == ()


@pytest.fixture
def poetry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., BundledPoetry]]:
    for name, value in bench.full_environment().items():
        monkeypatch.setenv(name, value)

    def opened(**opening: object) -> BundledPoetry:
        running.append(BundledPoetry())
        return running[-1].open(Opening(root=str(bench.app), **opening))  # type: ignore[arg-type]

    running: list[BundledPoetry] = []
    yield opened
    for each in running:
        each.close()


def test_every_kind_of_fact(poetry: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    """Sorted by name and version, each release once, whatever was asked for how often."""
    index.publish(
        Release("full", "1.0", requires=["dep>=1; extra == 'x'", "leaf"], requires_python=">=3.8", sdist=False),
        Release("gone", "1.0"),
        Release("gone", "3.0"),
        Release("quiet", "1.0", yanked=""),
        Release("said", "1.0", yanked="broken"),
        Release("old", "1.0", wheels=(), sdist_metadata="legacy"),
    )
    progress: list[tuple[str, int, int]] = []
    asked = (
        ("gone", "2.0"),
        ("full", "1.0"),
        ("full", "1.0"),
        ("none", "1.0"),
        ("old", "1.0"),
        ("said", "1.0"),
        ("quiet", "1.0"),
    )
    pins = (*(pin(name, version) for name, version in asked),)
    found = poetry(transport=Url.parse(index.simple_url)).gather(pins, lambda *told: progress.append(told))
    name = canonicalize_name
    (full, gone, none, old, quiet, said) = found.facts
    assert isinstance(full, Metadata)
    assert [str(r) for r in full.requires] == ['dep>=1; extra == "x"', "leaf"]
    assert full.requires_python == ">=3.8"
    assert full.files == (IndexFile(name="full-1.0-py3-none-any.whl", hash=index.hashes("full", "1.0")[0]),)
    assert (full.yanked, full.index, full.contested) == (None, None, False)
    assert gone == Missing(
        name=name("gone"), version=Version("2.0"), why=Absence.NO_VERSION, versions=(Version("1.0"), Version("3.0"))
    )
    assert none == Missing(name=name("none"), version=Version("1.0"), why=Absence.NO_PACKAGE)
    assert old == Missing(name=name("old"), version=Version("1.0"), why=Absence.NEEDS_BUILD)
    assert [fact.yanked for fact in (quiet, said) if isinstance(fact, Metadata)] == ["", "broken"]
    assert (found.transport, found.fallback) == (index.simple_url, True)
    assert {told[0] for told in progress} == {"asking the index"}
    assert progress[-1] == ("asking the index", 6, 6)
    assert [told[1] for told in progress] == sorted(told[1] for told in progress)


def test_a_named_source_is_the_only_one_asked(poetry: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    index.publish(Release("foo", "1.0"))
    sources = (PlannedSource(name="corp", url=Url.parse(index.simple_url), priority=Priority.EXPLICIT),)
    running = poetry(sources=sources, transport=Url.parse("http://127.0.0.1:9/simple"))
    (fact,) = running.gather((pin("foo", "1.0", index="corp"),), lambda *_: None).facts
    assert isinstance(fact, Metadata)
    assert (fact.index, running.versions(canonicalize_name("foo"), "corp")) == ("corp", (Version("1.0"),))


def test_versions_without_the_yanked_ones(poetry: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    index.publish(*(Release("foo", v) for v in ("2.0", "1.0", "1.10", "3.0b1")), Release("foo", "1.5", yanked="x"))
    versions = poetry(transport=Url.parse(index.simple_url)).versions
    assert [str(v) for v in versions(canonicalize_name("foo"), None)] == ["1.0", "1.10", "2.0", "3.0b1"]
    assert versions(canonicalize_name("bar"), None) == ()


def test_nothing_is_shown_where_nobody_watches_and_a_terminal_sees_what_happens(
    bench: Bench, index: PackageIndex
) -> None:
    index.publish(*(Release(name, "1.0") for name in NAMES))
    index.change(latency=0.03)
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n" + "".join(f"{n}==1.0\n" for n in NAMES)})
    assert bench.migrate(*PYTHON, "--quiet", json_report=False).err == ""
    for path in ("cache", "app/poetry.lock"):
        subprocess.run(["rm", "-r", bench.root / path], check=True)
    ours, theirs = pty.openpty()
    environment = bench.full_environment() | {"TERM": "xterm", "COLUMNS": "100"}
    command = bench.command(*PYTHON, "--yes", json_report=False)
    process = subprocess.Popen(command, cwd=bench.app, env=environment, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", _read_all(ours))
    assert process.wait() == 0
    assert re.search(r"asking the index \S+ +[1-9]\d?/30", shown), shown
    assert re.search(r"locking \S+ +0/\?", shown), shown


def _read_all(descriptor: int) -> str:
    found = b""
    while True:
        try:
            part = os.read(descriptor, 4096)
        except OSError:  # Linux tells the end so
            part = b""
        if not part:
            os.close(descriptor)
            return found.decode()
        found += part


def test_the_folder_for_temporary_files_is_private(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", bench.full_environment()["TMPDIR"])
    monkeypatch.setattr("tempfile.tempdir", None)
    running = BundledPoetry()
    (stage,) = Path(bench.root / "tmp").iterdir()
    assert stage.stat().st_mode & 0o077 == 0
    running.close()
    running.close()
    assert bench.left_in_tmp() == []


def test_what_comes_along_is_asked_for_side_by_side_as_well(bench: Bench, index: PackageIndex) -> None:
    """Once each; and nothing for an extra, or for a Python that is not in the range."""
    windows = [f"{name}>=1; sys_platform == 'win32'" for name in NAMES[1:6]]
    others = ["never>=1; python_version < '3.9'", "never>=1; extra == 'odd'"]
    index.publish(
        Release(NAMES[0], "1.0", requires=[*windows, *others]),
        *(Release(name, version) for name in NAMES[1:5] for version in ("1.0", "2.0")),
        Release(NAMES[5], "2.0", requires=[NAMES[6]]),
        Release(NAMES[6], "1.0"),
        Release("never", "1.0"),
    )
    index.change(latency=0.05)
    bench.write({"requirements.txt": f"{NAMES[0]}==1.0\n"})
    assert bench.migrate(*PYTHON, "--index-url", index.simple_url).status == 0
    assert bench.pins == [f"{NAMES[0]} 1.0", *(f"{name} 2.0" for name in NAMES[1:6]), f"{NAMES[6]} 1.0"]
    assert index.max_concurrency >= 4
    pages = [request.path for request in index.log if request.path.startswith("/simple/")]
    assert sorted(pages) == [f"/simple/{name}/" for name in NAMES[:7]]
