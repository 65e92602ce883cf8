"""Code of others runs only with leave: an sdist without static metadata, setup.py of a folder or a repository."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.package_index import BUILD_MARKER_VARIABLE, Mode, PackageIndex, Release, SdistMetadata

from .workbench import PYTHON, Bench

SETUP = """\
import os
from setuptools import setup
open(os.environ["PACKAGE_INDEX_BUILD_MARKER"], "a").write("local\\n")
setup(name="local", version="1.0", install_requires=["leaf"])
"""
BACKEND = """\
import os
def get_requires_for_build_wheel(settings=None):
    return []
def prepare_metadata_for_build_wheel(folder, settings=None):
    open(os.environ["PACKAGE_INDEX_BUILD_MARKER"], "a").write("local\\n")
    os.mkdir(os.path.join(folder, "local-1.0.dist-info"))
    with open(os.path.join(folder, "local-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: local\\nVersion: 1.0\\nRequires-Dist: leaf\\n")
    return "local-1.0.dist-info"
def build_wheel(folder, settings=None, metadata=None):
    raise NotImplementedError
"""
DYNAMIC = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "local"
version = "1.0"
dynamic = ["dependencies"]
"""


@pytest.fixture
def guarded(bench: Bench) -> Bench:
    """A bench whose builds leave a trace."""
    return replace(bench, environment={BUILD_MARKER_VARIABLE: str(bench.root / "tmp-marker")})


def builds(bench: Bench) -> list[str]:
    """What was built."""
    marker = Path(bench.environment[BUILD_MARKER_VARIABLE])
    return sorted(set(marker.read_text().splitlines())) if marker.exists() else []


def at_a_terminal(bench: Bench, *answers: str) -> tuple[int, str]:
    """The exit status, and what stood on the terminal, of a run whose questions are answered so in turn."""
    controlling, terminal = pty.openpty()
    process = subprocess.Popen(
        bench.command(json_report=False),
        cwd=bench.app,
        env=bench.full_environment(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown, left = b"", list(answers)
    with contextlib.suppress(OSError):  # the other end is closed
        while data := os.read(controlling, 4096):
            shown += data
            if shown.endswith(b"): "):
                os.write(controlling, f"{left.pop(0)}\n".encode())
    os.close(controlling)
    return process.wait(), shown.decode()


@pytest.mark.parametrize(("answer", "status"), [("yes", 0), ("Y", 0), ("no", 1), ("", 1)])
def test_at_a_terminal_leave_to_build_is_asked_for(
    answer: str, status: int, guarded: Bench, index: PackageIndex
) -> None:
    """Once, like the range that nobody stated; nothing of the leave is remembered."""
    index.publish(Release("old", "1.0", wheels=(), sdist_metadata="dynamic"))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\nold==1.0\n"})
    left, shown = at_a_terminal(guarded, ">=3.11", answer)
    assert left == status, shown
    for question in ("For which Pythons is the project meant?", "Run these builds, which is their code? (yes or no)"):
        assert shown.count(question) == 1
    assert builds(guarded) == ([] if status else ["old==1.0"])
    assert (guarded.app / "poetry.lock").exists() is not bool(status)
    assert status or "allow" not in (guarded.app / "pyproject.toml").read_text()


@pytest.mark.parametrize("kind", ["dynamic", "legacy"])
def test_an_sdist_that_must_be_built_stops(kind: SdistMetadata, guarded: Bench, index: PackageIndex) -> None:
    index.publish(Release("old", "1.0", requires=["leaf"], wheels=(), sdist_metadata=kind), Release("leaf", "1.0"))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\nold==1.0\nleaf==1.0\n"})
    before = guarded.snapshot()
    ran = guarded.migrate(*PYTHON)
    assert (ran.status, ran.stops) == (
        1,
        ["old 1.0 has no wheel and no static metadata: what is needed is known only after running a build"],
    )
    assert [f["advice"] for f in ran.report["findings"] if f["severity"] == "stop"] == [
        "Allow their code to run with --allow-build"
    ]
    assert (guarded.snapshot() == before, builds(guarded)) == (True, [])


def test_an_sdist_is_built_with_leave(guarded: Bench, index: PackageIndex) -> None:
    index.publish(
        Release("old", "1.0", requires=["leaf"], wheels=(), sdist_metadata="dynamic"),
        Release("leaf", "1.0"),
        Release("leaf", "2.0"),
    )
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\nold==1.0\nleaf==1.0\n"})
    ran = guarded.migrate(*PYTHON, "--allow-build")
    assert (ran.status, guarded.pins, builds(guarded)) == (0, ["leaf 1.0", "old 1.0"], ["old==1.0"])
    assert ran.told("built") == [("built", "review", "What old 1.0 needs was told by its build, which ran its code")]


def publish_one_to_build(index: PackageIndex) -> None:
    index.publish(
        Release("top", "1.0", requires=["old"]),
        Release("old", "1.0", requires=["leaf"], wheels=(), sdist_metadata="dynamic"),
        Release("leaf", "1.0"),
    )


@pytest.mark.parametrize("pins", ["top==1.0\nold==1.0\nleaf==1.0\n", "top==1.0\n"], ids=["pinned", "coming along"])
@pytest.mark.parametrize("mode", ["html", "json"])
def test_what_a_cache_holds_changes_no_answer(mode: Mode, pins: str, guarded: Bench, index: PackageIndex) -> None:
    """Leave is asked for whether the build has to be run, or was run once and Poetry keeps what it told."""
    index.change(mode=mode)
    publish_one_to_build(index)
    guarded.write({"requirements.txt": pins})
    arguments = (*PYTHON, "--index-url", index.simple_url, "--dry-run")
    empty = [guarded.migrate(*arguments), guarded.migrate(*arguments, "--allow-build")]
    assert [(ran.status, [code for code, _, _ in ran.told("needs-build", "built")]) for ran in empty] == [
        (1, ["needs-build"]),
        (0, ["built"]),
    ]
    full = [guarded.migrate(*arguments), guarded.migrate(*arguments, "--allow-build")]
    assert [(ran.status, ran.report) for ran in full] == [(ran.status, ran.report) for ran in empty]


def test_what_poetry_built_itself_needs_leave_too(guarded: Bench, index: PackageIndex) -> None:
    publish_one_to_build(index)
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\ntop==1.0\n"})
    empty = [guarded.migrate(*PYTHON), guarded.migrate(*PYTHON, "--allow-build")]
    shutil.rmtree(guarded.root / "cache")
    status, said = guarded.poetry("lock", "--regenerate")
    assert (status, builds(guarded)) == (0, ["old==1.0"]), said
    full = [guarded.migrate(*PYTHON), guarded.migrate(*PYTHON, "--allow-build")]
    assert [(ran.status, ran.stops, ran.told("built")) for ran in full] == [
        (ran.status, ran.stops, ran.told("built")) for ran in empty
    ]


def test_what_poetry_found_without_a_build_needs_no_leave(guarded: Bench, index: PackageIndex) -> None:
    index.publish(Release("new", "1.0", wheels=(), requires=["leaf"]), Release("leaf", "1.0"))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\nnew==1.0\nleaf==1.0\n"})
    assert guarded.migrate(*PYTHON).status == 0
    shutil.rmtree(guarded.root / "cache")
    assert guarded.poetry("lock", "--regenerate")[0] == 0
    ran = guarded.migrate(*PYTHON)
    assert (ran.status, ran.told("built", "needs-build"), builds(guarded)) == (0, [], [])
    index.clear_log()
    assert guarded.migrate(*PYTHON).status == 0
    assert index.log == ()  # what was doubted once is not doubted again


def test_no_file_gives_leave(guarded: Bench, index: PackageIndex) -> None:
    """Whoever clones a project has not allowed its authors to run something."""
    publish_one_to_build(index)
    guarded.write(
        {
            "requirements.txt": f"--index-url {index.simple_url}\nold==1.0\n",
            "pyproject.toml": """\
                [tool.migrator]
                format = "requirements"
                sources = ["requirements.txt"]

                [tool.migrator.answers]
                allow-build = true
                """,
        }
    )
    assert (guarded.migrate(*PYTHON).status, builds(guarded)) == (1, [])
    assert guarded.migrate(*PYTHON, "--allow-build").status == 0
    written = guarded.snapshot()
    again = guarded.migrate(*PYTHON)
    assert (again.status, [code for code, _, _ in again.told("needs-build")]) == (1, ["needs-build"])
    assert guarded.migrate(*PYTHON, "--allow-build").status == 0
    assert guarded.snapshot() == written


def test_several_builds_are_told_at_once_each_with_its_place(guarded: Bench, index: PackageIndex) -> None:
    index.publish(*(Release(name, "1.0b1", wheels=(), sdist_metadata="dynamic") for name in ("one", "two")))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\ntwo==1.0b1\none==1.0b1\n"})
    both = "one 1.0b1 (requirements.txt:3), two 1.0b1 (requirements.txt:2)"
    assert guarded.migrate(*PYTHON).stops == [
        f"{both} have no wheel and no static metadata: what is needed is known only after running a build"
    ]
    ran = guarded.migrate(*PYTHON, "--allow-build")
    assert ran.told("built", "pre-release") == [
        ("built", "review", f"What these need was told by their builds, which ran their code: {both}"),
        ("pre-release", "note", f"{both} are pre-releases; the lock keeps them"),
    ]


def test_no_build_is_run_for_a_guess(guarded: Bench, index: PackageIndex) -> None:
    """What comes along is asked for before Poetry comes to it, in the newest version; that may not be what it takes."""
    index.publish(
        Release("a", "1.0", requires=["old"]),
        Release("b", "1.0", requires=["old<2"]),
        *(Release("old", version, wheels=(), sdist_metadata="dynamic") for version in ("1.0", "2.0")),
    )
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\na==1.0\nb==1.0\n"})
    ran = guarded.migrate(*PYTHON, "--allow-build")
    assert (ran.status, guarded.pins, builds(guarded)) == (0, ["a 1.0", "b 1.0", "old 1.0"], ["old==1.0"])


@pytest.mark.parametrize("mode", ["html", "json"])
def test_an_sdist_with_static_metadata_needs_no_leave(mode: str, guarded: Bench, index: PackageIndex) -> None:
    index.change(mode=mode)  # type: ignore[arg-type]
    index.publish(
        Release("new", "1.0", requires=["leaf"], wheels=(), sdist_metadata="static"),
        Release("none", "1.0", wheels=(), sdist_metadata="static"),
        Release("leaf", "1.0"),
    )
    guarded.write({"requirements.txt": "new==1.0\nnone==1.0\nleaf==1.0\n"})
    ran = guarded.migrate(*PYTHON, "--index-url", index.simple_url)
    assert (ran.status, guarded.pins, builds(guarded)) == (0, ["leaf 1.0", "new 1.0", "none 1.0"], [])


FOLDERS = {
    "setup.py": {"setup.py": SETUP},
    "a backend, with dynamic dependencies": {"pyproject.toml": DYNAMIC, "backend.py": BACKEND},
}


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_must_be_built_stops(files: dict[str, str], guarded: Bench, index: PackageIndex) -> None:
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\n-e ./local\n"})
    guarded.write({f"local/{name}": text for name, text in files.items()})
    before = guarded.snapshot()
    ran = guarded.migrate(*PYTHON)
    assert (ran.status, ran.stops) == (1, ["local: what it needs is known only after running its build"])
    assert (guarded.snapshot() == before, builds(guarded)) == (True, [])


def test_a_folder_is_built_with_leave(guarded: Bench, index: PackageIndex) -> None:
    index.publish(Release("leaf", "1.0"))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\n-e ./local\nleaf==1.0\n"})
    guarded.write({f"local/{name}": text for name, text in FOLDERS["a backend, with dynamic dependencies"].items()})
    ran = guarded.migrate(*PYTHON, "--allow-build")
    assert (ran.status, guarded.pins, builds(guarded)) == (0, ["leaf 1.0", "local 1.0"], ["local"])
    assert ran.told("built") == [("built", "review", "What local needs was told by its build, which ran its code")]


def test_a_repository_that_must_be_built_stops(guarded: Bench, index: PackageIndex) -> None:
    folder = guarded.root / "repository"
    folder.mkdir()
    (folder / "setup.py").write_text(SETUP)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=J", "-c", "user.email=j@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\ngit+file://{folder}#egg=local\n"})
    ran = guarded.migrate(*PYTHON)
    assert (ran.status, ran.stops) == (1, ["local: what it needs is known only after running its build"])
    assert builds(guarded) == []


@pytest.mark.parametrize("allow", [False, True])
def test_the_command_line_builds_nothing_without_leave(allow: bool, guarded: Bench, index: PackageIndex) -> None:
    """Poetry's own has no such switch; it gets an environment in which no build can begin."""
    index.publish(Release("leaf", "1.0"))
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\n-e ./local\nleaf==1.0\n"})
    guarded.write({f"local/{name}": text for name, text in FOLDERS["a backend, with dynamic dependencies"].items()})
    program = guarded.poetry_program()
    ran = guarded.migrate(*PYTHON, "--poetry", program, *(["--allow-build"] if allow else []))
    if allow:
        assert (ran.status, guarded.pins, builds(guarded)) == (0, ["leaf 1.0", "local 1.0"], ["local"])
    else:
        assert (ran.status, ran.stops) == (1, ["local: what it needs is known only after running its build"])
        assert builds(guarded) == []


@pytest.mark.parametrize("named", [False, True], ids=["PyPI", "a source of the project"])
def test_what_the_command_line_finds_in_its_cache_needs_leave_too(
    named: bool, guarded: Bench, index: PackageIndex
) -> None:
    publish_one_to_build(index)
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\ntop==1.0\n" if named else "top==1.0\n"})
    program = guarded.poetry_program()
    arguments = (*PYTHON, *(() if named else ("--index-url", index.simple_url)), "--poetry", program)
    assert guarded.migrate(*arguments, "--dry-run").told("needs-build") != []
    ran = guarded.migrate(*arguments, "--allow-build")
    assert (ran.status, guarded.pins) == (0, ["leaf 1.0", "old 1.0", "top 1.0"])
    assert ran.told("built") == [("built", "review", "What old 1.0 needs was told by its build, which ran its code")]
    again = guarded.migrate(*arguments)
    assert (again.status, again.stops) == (1, ["old 1.0: what it needs is known only after running its build"])


def test_a_pin_whose_build_fails_says_what_the_build_said(guarded: Bench, index: PackageIndex) -> None:
    """Neither a newer release that fails as well nor the line that asks for it is in the way of --allow-drift."""
    nowhere = str(guarded.root / "nowhere" / "marker")
    index.publish(
        *(
            Release("mod-x", version, wheels=(), sdist_metadata="dynamic", build_marker=nowhere)
            for version in ("1.0", "2.0")
        ),
        Release("leaf", "1.0"),
    )
    guarded.write({"requirements.txt": f"--index-url {index.simple_url}\nmod-x==1.0\nleaf==1.0\n"})
    stopped = guarded.migrate(*PYTHON, "--allow-build")
    assert stopped.status == 1
    (told,) = (finding for finding in stopped.report["findings"] if finding["severity"] == "stop")
    assert told["code"] == "pin-gone"
    assert "mod-x 1.0 goes: only its build tells what it needs, and that fails here: " in told["message"]
    assert "FileNotFoundError" in told["message"]
    assert told["advice"] == (
        "Make its build work here (what it said last stands above), or let it move or go with --allow-drift"
    )
    assert guarded.migrate(*PYTHON, "--allow-build", "--allow-drift").status == 0
    assert "mod-x" not in (guarded.app / "poetry.lock").read_text()
