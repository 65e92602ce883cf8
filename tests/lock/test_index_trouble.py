"""An index that fails: one sentence, exit status 1, nothing written, and no waiting for minutes."""

from __future__ import annotations

import subprocess
import time

import pytest

from tests.package_index import Failure, Mode, PackageIndex, Release

from .workbench import PYTHON, Bench

NAMES = [f"pkg{number}" for number in range(6)]
LIMIT = 30.0
"""Seconds; Poetry alone waits 7.5 for each request that fails, and as long as the server says."""

NOT_ANSWERING = (
    "migrate: The package index PyPI ({url}) does not answer: check the address and the network, then try again\n"
)
BROKEN = "migrate: The package index PyPI ({url}) answered HTTP {status}: nothing can be locked now, try again later\n"
REFUSED = (
    "migrate: The package index PyPI ({url}) refused access (HTTP {status}): set POETRY_HTTP_BASIC_PYPI_USERNAME and "
    "POETRY_HTTP_BASIC_PYPI_PASSWORD, or run: poetry config http-basic.PyPI USER PASSWORD\n"
)

FAILURES: dict[str, tuple[Failure, str]] = {
    "down half-way": (Failure(kind="reset", first=5), NOT_ANSWERING),
    "every connection reset": (Failure(kind="reset"), NOT_ANSWERING),
    "pages cut off": (Failure(kind="truncated", path="/simple/pkg3/"), NOT_ANSWERING),
    "files cut off": (
        Failure(kind="truncated", path="/files/*"),
        "migrate: An answer of the package index broke off: check the network, then try again\n",
    ),
    "files not there": (
        Failure(status=404, path="/files/pkg4/*"),
        (
            "migrate: {root}/files/pkg4/pkg4-1.0-py3-none-any.whl answered HTTP 404: "
            "nothing can be locked now, try again later\n"
        ),
    ),
    "out of order": (Failure(status=503, path="/simple/*", first=3, retry_after=0), BROKEN.replace("{status}", "503")),
    "out of order, come back in an hour": (
        Failure(status=503, path="/simple/pkg3/", retry_after=3600),
        BROKEN.replace("{status}", "503"),
    ),
    "too many requests": (Failure(status=429, path="/simple/*", retry_after=0), BROKEN.replace("{status}", "429")),
    "access refused": (Failure(status=403, path="/simple/pkg2/"), REFUSED.replace("{status}", "403")),
}


@pytest.mark.parametrize(("failure", "sentence"), FAILURES.values(), ids=FAILURES)
def test_one_sentence_and_nothing_written(failure: Failure, sentence: str, bench: Bench, index: PackageIndex) -> None:
    index.publish(*(Release(name, "1.0") for name in NAMES))
    index.change(failures=(failure,))
    bench.write({"requirements.txt": "".join(f"{name}==1.0\n" for name in NAMES), "poetry.lock": "mine\n"})
    before = bench.snapshot()
    began = time.monotonic()
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert time.monotonic() - began < LIMIT
    assert (ran.status, ran.out, ran.err) == (
        1,
        "",
        sentence.replace("{url}", index.simple_url).replace("{root}", index.url),
    )
    assert bench.snapshot() == before


def test_a_failure_that_passes_is_waited_for(bench: Bench, index: PackageIndex) -> None:
    index.publish(*(Release(name, "1.0") for name in NAMES))
    index.change(failures=(Failure.nth(3, status=503, retry_after=0), Failure.nth(6, kind="reset")))
    bench.write({"requirements.txt": "".join(f"{name}==1.0\n" for name in NAMES)})
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, bench.pins) == (0, [f"{name} 1.0" for name in NAMES])


def test_an_index_that_goes_down_between_gathering_and_locking(bench: Bench, index: PackageIndex) -> None:
    """What is not pinned is first asked for by the lock."""
    index.publish(Release("pinned", "1.0", requires=["free"]), Release("free", "1.0"))
    index.change(failures=(Failure(kind="reset", path="*/free/"),))
    bench.write({"requirements.txt": "pinned==1.0\n"})
    before = bench.snapshot()
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, ran.err) == (1, NOT_ANSWERING.replace("{url}", index.simple_url))
    assert bench.snapshot() == before


@pytest.mark.parametrize("mode", ["html", "json"])
def test_a_page_that_is_no_index_is_one_sentence(mode: Mode, bench: Bench, index: PackageIndex) -> None:
    """The address of something else: nothing is found there."""
    index.publish(Release("foo", "1.0"))
    index.change(mode=mode)
    bench.write({"requirements.txt": "foo==1.0\n"})
    ran = bench.migrate(*PYTHON, "--index-url", f"{index.url}/elsewhere")
    assert (ran.status, ran.stops) == (1, ["foo 1.0 goes: no index has a package of this name"])


def test_a_listing_in_json_without_the_json_of_releases(bench: Bench, index: PackageIndex) -> None:
    """Company indexes have PEP 691 and none of PyPI's own interface."""
    index.publish(Release("foo", "1.0", requires=["bar"]), Release("bar", "1.0"), Release("bar", "2.0"))
    index.change(mode="json", failures=(Failure(status=404, path="/pypi/*"),))
    bench.write({"requirements.txt": "foo==1.0\nbar==1.0\n"})
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, bench.pins) == (0, ["bar 1.0", "foo 1.0"])
    assert ran.told("plain-index") == [
        (
            "plain-index",
            "note",
            (
                "The package index has no JSON interface, so its plain pages were read; "
                "the lock is the one that PyPI itself would give"
            ),
        )
    ]


NOWHERE = "127.0.0.1:9"
"""The port for what is to be thrown away: nobody listens."""

UNREACHABLE = {
    f"git+https://me:secret@{NOWHERE}/benjaminp/six.git@main": "git repository of six at 127.0.0.1 cannot be reached",
    f"git+ssh://git@{NOWHERE}/benjaminp/six.git": "git repository of six at 127.0.0.1 cannot be reached",
    f"https://me:secret@{NOWHERE}/six-1.0.tar.gz": (
        f"file of six at 127.0.0.1 cannot be had (All attempts to connect to {NOWHERE} failed.)"
    ),
}


@pytest.mark.parametrize(("address", "what"), UNREACHABLE.items(), ids=["git", "ssh", "file"])
def test_another_host_that_is_down_is_not_called_the_index(
    address: str, what: str, bench: Bench, index: PackageIndex
) -> None:
    bench.write({"requirements.txt": f"six @ {address}\n"})
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, ran.err) == (
        1,
        f"migrate: The {what}: check its address and the network, then try again\n",
    )


def test_a_repository_without_the_revision_is_not_called_the_index(bench: Bench, index: PackageIndex) -> None:
    (bench.root / "six").mkdir()
    for words in (["init", "-q"], ["-c", "user.name=J", "-c", "user.email=j@x", "commit", "-qm", "x", "--allow-empty"]):
        subprocess.run(["git", *words], cwd=bench.root / "six", check=True)
    bench.write({"requirements.txt": f"six @ git+file://{bench.root}/six@nowhere\n"})
    ran = bench.migrate(*PYTHON, "--index-url", index.simple_url)
    assert ran.status == 1
    assert ran.err.startswith("migrate: The git repository of six cannot be had (Failed to clone ")
    assert "'nowhere', verify ref exists on remote" in ran.err
