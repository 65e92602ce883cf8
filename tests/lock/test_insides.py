"""What files of the lock hold: a wheel by its tail, an sdist by its pyproject.toml, a repository by what was cloned."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.locking import Locked, LockRequest
from migrator.model.plan import PlannedSource, Priority
from migrator.model.url import Url
from migrator.tools.poetry.bundled import BundledPoetry
from migrator.tools.poetry.door import Opening
from migrator.tools.poetry.insides import read_build_requires
from tests.package_index import Failure, Mode, PackageIndex, Release

from .workbench import Bench

LINUX = "cp311-cp311-manylinux_2_28_x86_64"
LIBS = ("libfreetype-1.so.6", "libopenjp2-98a646ca.so.2.5.0")
DRAWING = Release("drawing", "1.0", wheels=[LINUX], libs=LIBS, padding=300_000)


@pytest.fixture
def opened(
    bench: Bench, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., BundledPoetry]]:
    """Opens a Poetry on the index; each has the same cache."""
    for name, value in bench.full_environment().items():
        monkeypatch.setenv(name, value)
    running: list[BundledPoetry] = []

    def start(**opening: object) -> BundledPoetry:
        running.append(BundledPoetry())
        options = {"transport": Url.parse(index.simple_url), **opening}
        return running[-1].open(Opening(root=str(bench.app), **options))  # type: ignore[arg-type]

    yield start
    for each in running:
        each.close()


def ask(index: PackageIndex, name: str, file: str, *, source: str | None = None) -> DistributionFile:
    return DistributionFile(
        package=canonicalize_name(name),
        version=Version("1.0"),
        file=file,
        hashes=index.hashes(name, "1.0"),
        index=source,
    )


@pytest.mark.parametrize("mode", ["html", "json"])
def test_a_wheel_shows_its_libraries_and_its_maker_in_one_request_and_never_again(
    mode: Mode, opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    index.publish(DRAWING)
    index.change(mode=mode)
    file = ask(index, "drawing", f"drawing-1.0-{LINUX}.whl")
    expected = (Inside(package=file.package, file=file.file, libraries=LIBS, generator="package_index"),)
    poetry = opened()
    poetry.look_into((file,))  # the release itself may be looked up, as when it was locked
    index.clear_log()
    assert poetry.look_into((file,)) == expected
    assert opened().look_into((file,)) == expected
    assert index.log == ()


def test_only_the_tail_of_a_wheel_is_asked_for(opened: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    index.publish(DRAWING)
    opened().look_into((ask(index, "drawing", f"drawing-1.0-{LINUX}.whl"),))
    files = [request for request in index.log if request.path.endswith(".whl")]
    # a mirror without metadata files has made Poetry look at the end of it as well
    assert {(request.method, request.range) for request in files} == {("GET", "bytes=-10000"), ("GET", "bytes=-65536")}
    assert {request.status for request in files} == {206}


def test_a_long_list_of_files_takes_a_second_request(opened: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    modules = {f"large/{'module' * 20}_{number}.py": "" for number in range(900)}
    index.publish(Release("large", "1.0", wheels=[LINUX], libs=LIBS, modules=modules, sdist=False))
    index.change(mode="json")  # Poetry itself reads the metadata file there
    (found,) = opened().look_into((ask(index, "large", f"large-1.0-{LINUX}.whl"),))
    assert (found.libraries, found.generator) == (LIBS, "package_index")
    assert len([request for request in index.log if request.range]) == 2


def test_an_index_without_ranges_is_asked_once_and_says_nothing(
    opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    """No wheel is downloaded for a look, and no other one of that server is tried."""
    releases = [Release(f"pkg{number}", "1.0", wheels=[LINUX], padding=2_000_000) for number in range(20)]
    index.publish(*releases)
    index.change(mode="json", ranges=False)
    files = tuple(ask(index, release.name, f"{release.name}-1.0-{LINUX}.whl") for release in releases)
    assert opened().look_into(files) == ()
    assert len([request for request in index.log if request.path.endswith(".whl")]) <= 8


TROUBLE = {
    "an error": {"status": 500, "retry_after": 0},
    "an absence": {"status": 404},
    "a refusal": {"status": 403},
    "a reset": {"kind": "reset"},
    "half an answer": {"kind": "truncated"},
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
def test_trouble_with_a_file_is_silent(
    trouble: dict[str, object], opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    index.publish(DRAWING, Release("pure", "1.0"))
    poetry = opened()
    index.change(mode="json", failures=(Failure(path="*.whl", **trouble),))  # type: ignore[arg-type]
    pure = ask(index, "pure", "pure-1.0.tar.gz")
    found = poetry.look_into((ask(index, "drawing", f"drawing-1.0-{LINUX}.whl"), pure))
    assert found == (Inside(package=pure.package, file=pure.file, build_requires=()),)
    index.change(mode="json", failures=())
    assert len(opened().look_into((ask(index, "drawing", f"drawing-1.0-{LINUX}.whl"),))) == 1


def test_a_source_that_is_not_there_is_asked_for_again(
    opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    index.publish(Release("pure", "1.0"))
    pure = ask(index, "pure", "pure-1.0.tar.gz")
    index.change(mode="json", failures=(Failure(path="*.tar.gz", status=404),))
    assert opened().look_into((pure,)) == ()
    index.change(mode="json", failures=())
    assert len(opened().look_into((pure,))) == 1


def test_no_index_is_silent_too(opened: Callable[..., BundledPoetry], index: PackageIndex) -> None:
    index.publish(DRAWING)
    file = ask(index, "drawing", f"drawing-1.0-{LINUX}.whl")
    poetry = opened()
    index.change(down_after=0)
    assert poetry.look_into((file,)) == ()


def test_a_file_with_another_hash_than_the_lock_has_is_not_looked_into(
    opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    index.publish(DRAWING)
    file = ask(index, "drawing", f"drawing-1.0-{LINUX}.whl")
    other = DistributionFile(package=file.package, version=file.version, file=file.file, hashes=("sha256:" + "0" * 64,))
    assert opened().look_into((other,)) == ()


def test_a_private_index_is_asked_with_poetrys_own_credentials(
    opened: Callable[..., BundledPoetry], index: PackageIndex
) -> None:
    index.publish(DRAWING)
    index.change(credentials=("user", "secret"))
    source = PlannedSource(name="company", url=Url.parse(index.simple_url_with_credentials), priority=Priority.EXPLICIT)
    poetry = opened(sources=(source,), transport=None)
    (found,) = poetry.look_into((ask(index, "drawing", f"drawing-1.0-{LINUX}.whl", source="company"),))
    assert found.libraries == LIBS
    assert {request.user for request in index.log if request.range} == {"user"}


def test_a_repository_is_known_by_what_was_cloned_to_lock_it(
    opened: Callable[..., BundledPoetry], bench: Bench
) -> None:
    table = '[build-system]\nrequires = ["flit_core >=3"]\nbuild-backend = "flit_core.buildapi"\n'
    repository = bench.root / "own"
    repository.mkdir()
    (repository / "pyproject.toml").write_text(f'[project]\nname = "own"\nversion = "1.0"\n{table}')
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    poetry = opened()
    pyproject = (
        '[tool.poetry]\nname = "app"\nversion = "1"\npackage-mode = false\n'
        f'[tool.poetry.dependencies]\npython = ">=3.11"\nown = {{ git = "{repository.as_uri()}" }}\n'
    )
    seed = 'package = []\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11"\ncontent-hash = ""\n'
    assert isinstance(poetry.lock(LockRequest(pyproject=pyproject, seed=seed)), Locked)
    own, other = (DistributionFile(package=canonicalize_name(name), version=None) for name in ("own", "other"))
    assert poetry.look_into((own, other)) == (Inside(package=own.package, build_requires=("flit_core >=3",)),)


# what an archive says


def tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


BACKEND = b'[build-system]\nrequires = ["hatchling"]\n'
ARCHIVES: dict[str, tuple[dict[str, bytes], list[str] | None]] = {
    "the table of the project": ({"own-1.0/pyproject.toml": BACKEND}, ["hatchling"]),
    "with a dot before it": ({"./own-1.0/pyproject.toml": BACKEND}, ["hatchling"]),
    "none at all": ({"own-1.0/setup.py": b""}, []),
    "a file without that table": ({"own-1.0/pyproject.toml": b"[tool.x]\n"}, []),
    "another project's": ({"own-1.0/vendor/pyproject.toml": BACKEND}, []),
    "no table but a text": ({"own-1.0/pyproject.toml": b"build-system = 1\n"}, []),
    "requirements that are none": ({"own-1.0/pyproject.toml": b"[build-system]\nrequires = 7\n"}, []),
    "not TOML": ({"own-1.0/pyproject.toml": b"= ="}, None),
    "not UTF-8": ({"own-1.0/pyproject.toml": b"\xff\xfe"}, None),
    "far too much before it": ({"own-1.0/data": b"\0" * 9_000_000, "own-1.0/pyproject.toml": BACKEND}, None),
}


@pytest.mark.parametrize(("files", "requires"), ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_says_what_builds_it(files: dict[str, bytes], requires: list[str] | None, tmp_path: Path) -> None:
    assert read_build_requires(tar(tmp_path / "own-1.0.tar.gz", files)) == requires
    with zipfile.ZipFile(tmp_path / "own-1.0.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    if requires is not None:
        assert read_build_requires(tmp_path / "own-1.0.zip") == requires


def test_what_is_no_archive_says_nothing(tmp_path: Path) -> None:
    for name in ("a.tar.gz", "a.zip", "a.whl", "a.txt"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        assert read_build_requires(tmp_path / name) is None
    assert read_build_requires(tmp_path / "absent.zip") is None
    assert read_build_requires(tmp_path) == []
