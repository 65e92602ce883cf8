"""The index for tests, judged by the programs that will use it: pip and Poetry."""

from __future__ import annotations

import base64
import concurrent.futures
import dataclasses
import hashlib
import http.client
import io
import json
import os
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.error
import urllib.request
import warnings
import zipfile
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from packaging.utils import canonicalize_name

from tests.package_index import (
    BUILD_MARKER_VARIABLE,
    Behaviour,
    Failure,
    PackageIndex,
    Release,
    Request,
    read_specification,
    serve,
)
from tests.package_index.behaviour import BehaviourOptions

with warnings.catch_warnings():
    # on Python 3.11 and 3.12 something that Poetry imports reads its data in a deprecated way
    warnings.simplefilter("ignore", DeprecationWarning)
    from poetry.config.config import Config
    from poetry.core.constraints.version import Version
    from poetry.repositories.exceptions import PackageNotFoundError
    from poetry.repositories.legacy_repository import LegacyRepository
    from poetry.repositories.pypi_repository import PyPiRepository

ROOT = Path(__file__).parent.parent
PEP_691 = "application/vnd.pypi.simple.v1+json"

DEMO = Release(
    "Demo.App",
    "1.2",
    requires=["helper>=2", "colour ; extra == 'fancy'"],
    requires_python=">=3.8",
    scripts={"demo": "demo_app:main"},
)
HELPER = Release("helper", "2.1", sdist=False)


# ------------------------------------------------------------------------------------- helpers


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a child: nothing of this machine's pip or Poetry configuration."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "POETRY_"))}
    return kept | {
        "PIP_CONFIG_FILE": os.devnull,
        "POETRY_CACHE_DIR": str(folder / "poetry-cache"),
        "POETRY_CONFIG_DIR": str(folder / "poetry-config"),
        "POETRY_VIRTUALENVS_CREATE": "false",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


def pip(folder: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pip",
        arguments[0],
        "--isolated",
        "--no-cache-dir",
        "--disable-pip-version-check",
        *arguments[1:],
    ]
    return subprocess.run(
        [*command, "--retries", "2"],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
    )


def lock(folder: Path, index_url: str, *requirements: str, **more: str) -> dict[str, Any]:
    """What `poetry lock` makes of requirements, with the index as the primary source."""
    lines = "\n".join(f"{json.dumps(requirement)}," for requirement in requirements)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "locked"\nversion = "0"\nrequires-python = ">=3.11,<3.13"\n'
        f"dependencies = [\n{lines}\n]\n"
        "[tool.poetry]\npackage-mode = false\n"
        f'[[tool.poetry.source]]\nname = "ours"\nurl = "{index_url}"\npriority = "primary"\n'
    )
    result = subprocess.run(
        [sys.executable, "-m", "poetry", "lock", "--no-interaction"],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    locked = tomllib.loads((folder / "poetry.lock").read_text())
    return {package["name"]: package for package in locked["package"]}


def config(folder: Path) -> Config:
    found = Config(use_environment=False)
    found.merge({"cache-dir": str(folder / "cache"), "keyring": {"enabled": False}})
    return found


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A GET by the standard library; error statuses are results."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=named)) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def file_url(index: PackageIndex, name: str, version: str, position: int = 0) -> str:
    filename = index.catalogue.files(name, version)[position].filename
    return f"{index.url}/files/{canonicalize_name(name)}/{filename}"


# ----------------------------------------------------------------------------------------- pip


@pytest.mark.parametrize("mode", ["html", "json"])
def test_pip_installs_what_imports_and_runs(tmp_path: Path, mode: Any) -> None:
    target = tmp_path / "target"
    with serve([DEMO, HELPER], mode=mode) as index:
        requirements = tmp_path / "requirements.txt"
        requirements.write_text(index.requirements_line("demo.app", "1.2") + index.requirements_line("helper", "2.1"))
        result = pip(
            tmp_path, "install", "--index-url", index.simple_url, "--require-hashes",
            "--target", target, "-r", requirements,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        assert {request.user_agent[:4] for request in index.log if request.user_agent} == {"pip/"}
    run = {"env": os.environ | {"PYTHONPATH": str(target)}, "text": True}
    code = "import demo_app, helper; print(demo_app.__version__, helper.__version__)"
    assert subprocess.check_output([sys.executable, "-c", code], **run) == "1.2 2.1\n"  # type: ignore[call-overload]
    script = target / "bin" / "demo"
    assert subprocess.check_output([sys.executable, script], **run) == "demo-app 1.2\n"  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_an_sdist_builds_offline_and_leaves_a_trace(tmp_path: Path, kind: Any) -> None:
    release = dataclasses.replace(DEMO, wheels=(), sdist_metadata=kind)
    marker = tmp_path / "marker"
    with serve([release, HELPER, Release("colour", "1")]) as index:
        result = pip(
            tmp_path, "install", "--index-url", index.simple_url, "--target", tmp_path / "target",
            "demo-app[fancy]", **{BUILD_MARKER_VARIABLE: str(marker)},
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert set(marker.read_text().split()) == {"Demo.App==1.2"}
    installed = {path.name for path in (tmp_path / "target").glob("*.dist-info")}
    assert {name.partition("-")[0].lower() for name in installed} == {
        "demo.app",
        "helper",
        "colour",
    }


def test_pip_downloads_with_credentials_and_skips_yanked(tmp_path: Path) -> None:
    releases = [HELPER, Release("helper", "3", yanked="broken")]
    with serve(releases, credentials=("ann", "p@ss")) as index:
        refused = pip(tmp_path, "download", "--index-url", index.simple_url, "--no-input", "helper")
        assert refused.returncode != 0
        assert {(request.status, request.user) for request in index.log} == {(401, None)}
        index.clear_log()
        url = index.simple_url_with_credentials
        result = pip(tmp_path, "download", "--index-url", url, "-d", tmp_path, "helper")
        assert result.returncode == 0, result.stderr
        assert {(request.status, request.user) for request in index.log} == {(200, "ann")}
    assert [path.name for path in tmp_path.glob("*.whl")] == ["helper-2.1-py3-none-any.whl"]


# -------------------------------------------------------------------------------------- Poetry


def test_poetry_locks_against_a_plain_mirror(tmp_path: Path) -> None:
    with serve([DEMO, HELPER, Release("helper", "3", yanked="broken")]) as index:
        locked = lock(tmp_path, index.simple_url, "demo-app (>=1)")
        assert {name: entry["version"] for name, entry in locked.items()} == {
            "demo-app": "1.2",
            "helper": "2.1",
        }
        files = {(file["file"], file["hash"]) for file in locked["demo-app"]["files"]}
        names = ["demo_app-1.2-py3-none-any.whl", "demo_app-1.2.tar.gz"]
        assert files == set(zip(names, index.hashes("demo-app", "1.2"), strict=True))
        assert locked["demo-app"]["extras"] == {"fancy": ["colour"]}
        assert locked["demo-app"]["source"]["url"] == index.simple_url
        assert not any(request.path.startswith("/pypi") for request in index.log)
        lazy = [request for request in index.log if request.path.endswith(".whl")]
        assert {request.status for request in lazy} == {206}


def test_poetry_command_shows_its_credentials(tmp_path: Path) -> None:
    with serve([HELPER], credentials=("ann", "secret"), ranges=False) as index:
        locked = lock(
            tmp_path, index.simple_url, "helper",
            POETRY_HTTP_BASIC_OURS_USERNAME="ann", POETRY_HTTP_BASIC_OURS_PASSWORD="secret",
        )  # fmt: skip
        assert locked["helper"]["version"] == "2.1"
        assert {(request.status, request.user) for request in index.log} == {(200, "ann")}


@pytest.mark.parametrize("metadata_files", [True, False])
def test_pypi_repository_reads_a_release(tmp_path: Path, metadata_files: bool) -> None:
    with serve([DEMO, HELPER], mode="json", metadata_files=metadata_files) as index:
        repository = PyPiRepository(f"{index.url}/", config=config(tmp_path))
        package = repository.package("demo-app", Version.parse("1.2"))
        assert sorted((need.name, str(need.constraint)) for need in package.all_requires) == [
            ("colour", "*"),
            ("helper", ">=2"),
        ]
        assert str(package.python_constraint) == ">=3.8"
        assert {file["hash"] for file in package.files} == set(index.hashes("demo-app", "1.2"))
        assert [request.path for request in index.log] == ["/pypi/demo-app/1.2/json"]
        found = repository.find_packages(package.all_requires[0])
        assert [(each.name, each.version.text) for each in found] == [("helper", "2.1")]
        index.clear_log()
        # no requirements is null, as on PyPI: Poetry looks into the page and the wheel
        assert repository.package("helper", Version.parse("2.1")).requires == []
        last = index.log[-1].path
        assert last == "/files/helper/helper-2.1-py3-none-any.whl" + ".metadata" * metadata_files


def test_pypi_repository_fails_on_a_plain_mirror(tmp_path: Path) -> None:
    with serve([HELPER]) as index:
        repository = PyPiRepository(f"{index.url}/", config=config(tmp_path))
        with pytest.raises(ValueError, match="Expecting value"):
            repository.get_page(canonicalize_name("helper"))
        with pytest.raises(PackageNotFoundError):
            repository.package("helper", Version.parse("2.1"))


def test_poetry_knows_yanked_releases_and_files(tmp_path: Path) -> None:
    releases = [
        Release("demo", "1", yanked="secret leaked"),
        Release("demo", "2", yanked=""),
        Release("demo", "3", yanked_files=["sdist"]),
    ]
    with serve(releases) as index:
        for mode, repository in (
            ("html", LegacyRepository("ours", index.simple_url, config=config(tmp_path / "a"))),
            ("json", PyPiRepository(f"{index.url}/", config=config(tmp_path / "b"))),
        ):
            index.change(mode=mode)  # type: ignore[arg-type]
            page = repository.get_page(canonicalize_name("demo"))
            name = canonicalize_name("demo")
            states = [page.yanked(name, Version.parse(version)) for version in "123"]
            assert states == ["secret leaked", True, False]
            third = repository.package("demo", Version.parse("3"))
            # PyPiRepository keeps the yanked sdist in the lock's files, LegacyRepository drops it
            assert len(third.files) == (1 if mode == "html" else 2)
        assert index.catalogue.files("demo", "3")[1].yanked == ""


def test_poetry_reads_a_static_sdist_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "marker"
    monkeypatch.setenv(BUILD_MARKER_VARIABLE, str(marker))
    releases = [
        Release("still", "1", requires=["helper>=2"], wheels=()),
        Release("moving", "1", wheels=(), sdist_metadata="dynamic", build_marker=str(marker)),
    ]
    with serve(releases) as index:
        repository = LegacyRepository("ours", index.simple_url, config=config(tmp_path))
        still = repository.package("still", Version.parse("1"))
        assert [str(need) for need in still.requires] == ["helper (>=2)"]
        assert not marker.exists()
        repository.package("moving", Version.parse("1"))
        assert set(marker.read_text().split()) == {"moving==1"}


@pytest.mark.parametrize(("algorithms", "expected"), [(("md5",), "sha256"), (("sha512",), "sha512"), ((), "sha256")])
def test_other_hashes(tmp_path: Path, algorithms: tuple[str, ...], expected: str) -> None:
    with serve([dataclasses.replace(HELPER, hash_algorithms=algorithms)]) as index:
        repository = LegacyRepository("ours", index.simple_url, config=config(tmp_path))
        package = repository.package("helper", Version.parse("2.1"))
        assert tuple(file["hash"] for file in package.files) == index.hashes("helper", "2.1", expected)


# --------------------------------------------------------------------------------------- pages


def test_html_page_states_everything() -> None:
    release = Release("a", "1+x", requires_python=">=3.8,<4", yanked='"bad" & <old>', sdist=False)
    with serve([release], metadata_files=True) as index:
        status, headers, body = get(f"{index.simple_url}/a/", Accept=PEP_691)
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        page = body.decode()
        digest = index.hashes("a", "1+x")[0].removeprefix("sha256:")
        assert f'href="../../files/a/a-1%2Bx-py3-none-any.whl#sha256={digest}"' in page
        assert 'data-requires-python="&gt;=3.8,&lt;4"' in page
        assert 'data-yanked="&quot;bad&quot; &amp; &lt;old&gt;"' in page
        metadata = get(f"{index.url}/files/a/a-1%2Bx-py3-none-any.whl.metadata")[2]
        assert f'data-core-metadata="sha256={hashlib.sha256(metadata).hexdigest()}"' in page
        assert get(f"{index.simple_url}/")[2].count(b"<a ") == 1


def test_a_plain_mirror_has_no_json_and_no_metadata_files() -> None:
    with serve([HELPER]) as index:
        assert get(f"{index.url}/pypi/helper/json")[0] == 404
        assert get(f"{index.url}/pypi/helper/2.1/json")[0] == 404
        assert get(file_url(index, "helper", "2.1") + ".metadata")[0] == 404
        assert get(f"{index.simple_url}/absent/")[0] == 404


def test_json_is_for_who_asks() -> None:
    with serve([DEMO], mode="json") as index:
        page = json.loads(get(f"{index.simple_url}/demo-app/", Accept=PEP_691)[2])
        assert page["versions"] == ["1.2"]
        assert [entry["core-metadata"] is False for entry in page["files"]] == [False, True]
        assert page["files"][0]["hashes"] == {"sha256": index.hashes("demo-app", "1.2")[0][7:]}
        assert json.loads(get(f"{index.simple_url}/", Accept=PEP_691)[2])["projects"] == [{"name": "demo-app"}]
        for accept in ("*/*", "text/html", f"{PEP_691};q=0.1, text/html"):
            kind = get(f"{index.simple_url}/demo-app/", Accept=accept)[1]["Content-Type"]
            assert kind.startswith("text/html")
        package = json.loads(get(f"{index.url}/pypi/demo-app/json")[2])
        assert list(package["releases"]) == ["1.2"]
        assert package["info"]["provides_extra"] == ["fancy"]
        for file in package["urls"]:
            assert hashlib.sha256(get(file["url"])[2]).hexdigest() == file["digests"]["sha256"]


def test_names_are_redirected_to_their_normal_form() -> None:
    with serve([DEMO]) as index:
        assert get(f"{index.simple_url}/Demo_App")[0] == 200
        assert [(request.path, request.status) for request in index.log] == [
            ("/simple/Demo_App", 301),
            ("/simple/demo-app/", 200),
        ]


def test_pages_are_revalidated() -> None:
    with serve([HELPER], cache_control="max-age=600") as index:
        _, headers, _ = get(f"{index.simple_url}/helper/")
        assert headers["Cache-Control"] == "max-age=600"
        assert get(f"{index.simple_url}/helper/", If_None_Match=headers["ETag"])[0] == 304
        index.publish(Release("helper", "3"))
        assert get(f"{index.simple_url}/helper/", If_None_Match=headers["ETag"])[0] == 200
        index.withdraw("helper", "3")
        assert get(f"{index.simple_url}/helper/", If_None_Match=headers["ETag"])[0] == 304


# --------------------------------------------------------------------------------------- files


def test_bytes_are_the_same_everywhere() -> None:
    """Expected files may hold these hashes: whoever changes them must mean to."""
    with serve([DEMO]) as index:
        wheel, sdist = index.catalogue.files("demo-app", "1.2")
        assert wheel.digests["sha256"] == WHEEL_DIGEST
        index.publish(dataclasses.replace(DEMO, sdist_metadata="legacy", wheels=()))
        assert index.hashes("demo-app", "1.2") == (f"sha256:{LEGACY_SDIST_DIGEST}",)
        with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
            assert {member.mtime for member in archive} == {1577836800}
        assert sdist.content == dataclasses.replace(sdist).content  # made anew


def test_a_large_sdist_is_valid_gzip() -> None:
    with serve([Release("large", "1", padding=300_000)]) as index:
        wheel, sdist = index.catalogue.files("large", "1")
        with (
            tarfile.open(fileobj=io.BytesIO(sdist.content), mode="r:gz") as archive,
            zipfile.ZipFile(io.BytesIO(wheel.content)) as other,
        ):
            noise = archive.extractfile("large-1/large_padding.bin")
            assert noise is not None
            assert noise.read() == other.read("large_padding.bin")


LEGACY_SDIST_DIGEST = "0337a6fb230a7507355f30f022363babc229f663d44bfc3388f57d2850435724"
WHEEL_DIGEST = "fe0f1c9d313611b29ca54503e0588634b9e58abf399f1f95d424e3da484e888d"


def test_a_platform_wheel_carries_its_libraries() -> None:
    release = Release(
        "image", "1",
        wheels=["cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", "py3-none-any"],
        libs=["libfoo-abc.so.1"],
    )  # fmt: skip
    with serve([release]) as index:
        platform, universal, _ = index.catalogue.files("image", "1")
        with zipfile.ZipFile(io.BytesIO(platform.content)) as archive:
            assert "image.libs/libfoo-abc.so.1" in archive.namelist()
            wheel = archive.read("image-1.dist-info/WHEEL").decode()
            assert wheel.count("Tag: ") == 2
            assert "Root-Is-Purelib: false" in wheel
            record = archive.read("image-1.dist-info/RECORD").decode().splitlines()
            for path, digest, size in (line.split(",") for line in record[:-1]):
                content = archive.read(path)
                found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
                assert (f"sha256={found.rstrip('=')}", str(len(content))) == (digest, size)
        with zipfile.ZipFile(io.BytesIO(universal.content)) as archive:
            assert not any(".libs/" in name for name in archive.namelist())
    with pytest.raises(ValueError, match="libs need a platform wheel"):
        Release("image", "1", libs=["libfoo.so"])


def test_a_dynamic_sdist_tells_nothing() -> None:
    release = Release("moving", "1", requires=["helper"], sdist_metadata="legacy")
    with serve([release]) as index:
        sdist = index.catalogue.files("moving", "1")[1]
        with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
            names = archive.getnames()
            info = archive.extractfile("moving-1/PKG-INFO")
            assert info is not None
            text = info.read().decode()
        assert "moving-1/setup.py" in names
        assert "moving-1/pyproject.toml" not in names
        assert text.startswith("Metadata-Version: 1.1\n")
        assert "Requires" not in text


def test_ranges() -> None:
    release = dataclasses.replace(HELPER, padding=70_000)
    with serve([release]) as index:
        url = file_url(index, "helper", "2.1")
        whole = get(url)[2]
        assert len(whole) > 70_000
        for wanted, part in (("0-9", whole[:10]), ("100-", whole[100:]), ("-50", whole[-50:])):
            status, headers, body = get(url, Range=f"bytes={wanted}")
            assert (status, body) == (206, part)
            assert headers["Content-Range"].endswith(f"/{len(whole)}")
        assert get(url, Range=f"bytes={len(whole)}-")[0] == 416
        assert index.log[-1].range == f"bytes={len(whole)}-"
        index.change(ranges=False)
        status, headers, body = get(url, Range="bytes=0-9")
        assert (status, body, headers.get("Accept-Ranges")) == (200, whole, None)


def test_padding_makes_a_lazy_wheel_worth_it(tmp_path: Path) -> None:
    with serve([dataclasses.replace(HELPER, padding=200_000)]) as index:
        repository = LegacyRepository("ours", index.simple_url, config=config(tmp_path))
        assert repository.package("helper", Version.parse("2.1")).name == "helper"
        assert {request.status for request in index.log} == {200, 206}
        assert not [each for each in index.log if each.path.endswith(".whl") and not each.range]


# ----------------------------------------------------------------------------- on demand, counted


def test_latency_and_concurrency() -> None:
    with serve([HELPER], latency=0.3) as index:
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            urls = [f"{index.simple_url}/helper/"] * 8
            assert {answer[0] for answer in pool.map(get, urls)} == {200}
        assert 0.3 <= time.monotonic() - start < 2
        assert index.max_concurrency == 8
        index.clear_log()
        index.change(latency=0)
        get(f"{index.simple_url}/helper/")
        assert (index.max_concurrency, len(index.log)) == (1, 1)


def test_credentials() -> None:
    with serve([HELPER], credentials=("ann", "s:cret")) as index:
        status, headers, _ = get(f"{index.simple_url}/helper/")
        assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="package index"')
        shown = base64.b64encode(b"ann:s:cret").decode()
        assert get(f"{index.simple_url}/helper/", Authorization=f"Basic {shown}")[0] == 200
        assert get(f"{index.simple_url}/helper/", Authorization="Basic nonsense")[0] == 401
        index.change(credentials=None)
        assert get(f"{index.simple_url}/helper/")[0] == 200


def test_failures_by_number_and_by_path() -> None:
    with serve([HELPER, DEMO]) as index:
        index.change(
            failures=(
                Failure.nth(2, path="/simple/helper/", status=503, retry_after=0),
                Failure(path="/simple/demo-app/", status=404),
            )
        )
        states = [get(f"{index.simple_url}/helper/") for _ in range(3)]
        assert [state[0] for state in states] == [200, 503, 200]
        assert states[1][1]["Retry-After"] == "0"
        assert [get(f"{index.simple_url}/demo-app/")[0] for _ in range(2)] == [404, 404]
        index.change(failures=())
        assert get(f"{index.simple_url}/demo-app/")[0] == 200
        assert Request("GET", "/simple/helper/", 503) in index.log


def test_reset_truncation_and_a_slow_answer() -> None:
    with serve([HELPER], failures=(Failure.nth(1, kind="reset"),)) as index:
        url = f"{index.simple_url}/helper/"
        with pytest.raises((ConnectionResetError, urllib.error.URLError)) as caught:
            get(url)
        assert "reset" in str(caught.value).lower()
        assert index.log == (Request("GET", "/simple/helper/", None),)
        assert get(url)[0] == 200
        index.change(failures=(Failure(kind="truncated"),))
        with pytest.raises(http.client.IncompleteRead):
            get(url)
        index.change(failures=(Failure(kind="slow", seconds=0.15),))
        start = time.monotonic()
        assert get(url)[0] == 200
        assert time.monotonic() - start >= 0.15


def test_down_after_some_requests() -> None:
    with serve([HELPER], down_after=2) as index:
        url = f"{index.simple_url}/helper/"
        assert [get(url)[0], get(url)[0]] == [200, 200]
        for _ in range(2):
            with pytest.raises((ConnectionResetError, urllib.error.URLError)):
                get(url)
        index.change(down_after=None)
        assert get(url)[0] == 200
    with pytest.raises(urllib.error.URLError):
        get(url)


def test_poetry_tries_again(tmp_path: Path) -> None:
    with serve([HELPER], failures=(Failure(count=2, status=503, retry_after=0),)) as index:
        repository = LegacyRepository("ours", index.simple_url, config=config(tmp_path))
        assert list(repository.get_page(canonicalize_name("helper")).links)
        assert [request.status for request in index.log] == [503, 503, 200]


def test_a_connection_stays_open() -> None:
    with serve([HELPER]) as index:
        connection = http.client.HTTPConnection(index.url.removeprefix("http://"))
        connection.request("HEAD", "/simple/helper/")
        response = connection.getresponse()
        assert response.read() == b""
        port = connection.sock.getsockname()
        connection.request("GET", "/simple/helper/")
        length = response.headers["Content-Length"]
        assert len(connection.getresponse().read()) == int(length or 0)
        assert connection.sock.getsockname() == port
        connection.close()


def test_several_hundred_releases_are_served_quickly() -> None:
    releases = [
        Release(f"package-{number}", f"{version}.0", requires=[f"package-{number // 2}"])
        for number in range(300)
        for version in range(20)
    ]
    start = time.monotonic()
    with serve(releases, mode="json") as index:
        assert time.monotonic() - start < 1.5
        page = json.loads(get(f"{index.simple_url}/package-7/", Accept=PEP_691)[2])
        assert len(page["files"]) == 40
        assert len(index.catalogue.names()) == 300


# ------------------------------------------------------------------------------- its own process


def test_a_process_of_its_own(tmp_path: Path) -> None:
    specification = tmp_path / "releases.json"
    specification.write_text(json.dumps([{"name": "demo", "version": "1", "requires": ["a>1"]}]))
    command = [sys.executable, "-m", "tests.package_index", "--spec", str(specification)]
    with subprocess.Popen(
        [*command, "--mode", "json", "--prebuild"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert json.loads(get(f"{url}/pypi/demo/1/json")[2])["info"]["requires_dist"] == ["a>1"]
        log = json.loads(get(f"{url}/-/log")[2])
        assert [entry["path"] for entry in log["requests"]] == ["/pypi/demo/1/json"]
        request = urllib.request.Request(f"{url}/-/log", method="DELETE")
        with urllib.request.urlopen(request) as response:
            assert response.status == 204
        assert json.loads(get(f"{url}/-/log")[2]) == {"max_concurrency": 0, "requests": []}
        process.terminate()
        assert process.wait(5) == (0 if os.name == "posix" else 1)


def test_a_wrong_specification_is_told() -> None:
    with pytest.raises(ValueError, match="release 0: unknown wheel"):
        read_specification('[{"name": "a", "version": "1", "wheel": []}]')
    with pytest.raises(ValueError, match="release 0: no version"):
        read_specification('[{"name": "a"}]')


def test_options_are_the_fields_of_behaviour() -> None:
    assert get_type_hints(BehaviourOptions) == get_type_hints(Behaviour)
