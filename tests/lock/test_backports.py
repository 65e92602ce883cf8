"""An sdist may carry what Python 2 computed of its requirements; Poetry believes it, and so does the lock."""

from __future__ import annotations

from tests.package_index import PackageIndex, Release

from .workbench import PYTHON, Bench

EGG_INFO = {
    "scss.py": "",
    "scss.egg-info/PKG-INFO": "Metadata-Version: 1.1\nName: pyscss\nVersion: 1.4.0\n",
    "scss.egg-info/requires.txt": "six\nenum34\npathlib2\n",
}


def publish(index: PackageIndex) -> None:
    index.publish(
        Release("pyscss", "1.4.0", requires=["six"], wheels=(), sdist_metadata="dynamic", modules=EGG_INFO),
        Release("six", "1.17.0"),
        Release("enum34", "1.1.10"),
        Release("pathlib2", "2.3.7", requires=["six", "scandir; python_version < '3.5'"]),
        Release("scandir", "1.10.0"),
    )


def test_a_backport_that_comes_along_is_told(bench: Bench, index: PackageIndex) -> None:
    """As plain Poetry has it: it reads the same ``.egg-info``, and no build is run."""
    publish(index)
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\npyscss==1.4.0\nsix==1.17.0\n"})
    ran = bench.migrate(*PYTHON)
    ours = bench.pins
    assert (ran.status, ours) == (0, ["enum34 1.1.10", "pathlib2 2.3.7", "pyscss 1.4.0", "six 1.17.0"])
    told = [f for f in ran.report["findings"] if f["code"] in {"backport-added", "pin-added"}]
    assert [(f["code"], f["origin"]["line"]) for f in told] == [("backport-added", 2)]
    assert told[0]["message"] == (
        "enum34 (enum), pathlib2 (pathlib): installed now though nobody pinned them and Python has the same "
        "itself, because the metadata of pyscss 1.4.0 asks for them on every Python, as an sdist made on Python 2 does"
    )
    assert bench.poetry("lock", "--regenerate")[0] == 0
    assert bench.pins == ours


def test_a_backport_under_a_marker_is_no_news(bench: Bench, index: PackageIndex) -> None:
    index.publish(
        Release("web", "1.0", requires=["dataclasses; python_version < '3.7'", "ipaddress; python_version < '3'"]),
        Release("dataclasses", "0.8"),
        Release("ipaddress", "1.0.23"),
    )
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\nweb==1.0\n"})
    ran = bench.migrate("--python", ">=3.6")
    assert (ran.status, bench.pins) == (0, ["dataclasses 0.8", "web 1.0"])
    assert ran.told("backport-added") == []


def test_a_backport_that_was_pinned_stays(bench: Bench, index: PackageIndex) -> None:
    publish(index)
    pins = "pyscss==1.4.0\nsix==1.17.0\nenum34==1.1.10\npathlib2==2.3.7\n"
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n{pins}"})
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.told("backport-added", "pin-added")) == (0, [])
