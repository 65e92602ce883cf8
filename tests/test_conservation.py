"""Nothing that a requirements file says is lost on the way: it stands in pyproject.toml, or a finding tells of it.

A row is one statement; what becomes of it is asserted whole. A row that neither becomes something nor is told fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from migrator import cli
from migrator.model.finding import Code
from migrator.model.reader import Input
from migrator.planning.bounds import pin_bounded
from migrator.readers import load_reader
from migrator.tools.disk import DiskTree

CODE_OF_RUN = frozenset({Code.NOT_LOCKED, Code.NAME_INFERRED})
"""What every run here tells."""

LIBRARY = '[project]\nname = "{}"\nversion = "1"\n'
AROUND = {
    "base.txt": "included==1.0\n",
    "lib/pyproject.toml": LIBRARY.format("lib-here"),
    "noname/setup.py": "from setuptools import setup\nsetup(**read())\n",
}
COMMIT = "0123456789012345678901234567890123456789"


class Told(NamedTuple):
    code: Code
    severity: str
    message: str
    advice: str = ""


class Ran(NamedTuple):
    status: int
    dependencies: dict[str, Any]
    groups: dict[str, Any]
    sources: list[dict[str, str]]
    told: list[Told]


def migrate(folder: Path, files: dict[str, str], *arguments: str) -> Ran:
    """What ``migrate from-requirements requirements.txt --no-lock`` writes and tells."""
    project = folder / "shop"
    for path, text in {**AROUND, **files}.items():
        place = project / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    out = io.StringIO()
    command = ["migrate", "from-requirements", "requirements.txt", "--no-lock", "--json", "--format", "poetry"]
    with (
        contextlib.chdir(project),
        patch.object(sys, "argv", [*command, "--python", ">=3.11", *arguments]),
        contextlib.redirect_stdout(out),
        pytest.raises(SystemExit) as left,
    ):
        cli.main()
    findings = json.loads(out.getvalue())["findings"]
    told = [
        Told(Code(f["code"]), f["severity"], f["message"], f["advice"])
        for f in findings
        if f["code"] not in CODE_OF_RUN
    ]
    written = project / "pyproject.toml"
    poetry = tomllib.loads(written.read_text())["tool"]["poetry"] if written.exists() else {}
    dependencies = {k: v for k, v in poetry.get("dependencies", {}).items() if k != "python"}
    return Ran(int(left.value.code or 0), dependencies, poetry.get("group", {}), poetry.get("source", []), told)


# options


def differs(option: str, *, gone: bool = False) -> Told:
    who = "pip 23 and pip 26 refuse it" if gone else "only one of pip 23 and pip 26 knows it"
    return Told(Code.PIP_DIFFERS, "note", f"`{option}`: {who}.")


def note(shown: str, why: str, advice: str = "") -> Told:
    return Told(Code.OPTION_NOT_CARRIED, "note", f"{shown} is not carried over: {why}", advice)


def review(shown: str, advice: str) -> Told:
    return Told(Code.OPTION_NOT_CARRIED, "review", f"{shown} has no place in pyproject.toml", advice)


BUILD = "Poetry 2.1 has a setting for it: poetry config --local installer.build-config-settings.PACKAGE"
LOOK = "Look whether the project still needs it; Poetry's own settings are listed by: poetry config --list"

FLAGS: dict[tuple[str, ...], list[Told]] = {
    ("--pre",): [
        note(
            "--pre",
            "the lock keeps the pre-releases that are pinned",
            "Set allow-prereleases = true on a package that should take pre-releases in later updates",
        )
    ],
    ("--prefer-binary",): [note("--prefer-binary", "Poetry takes a wheel wherever there is one")],
    ("--require-hashes",): [note("--require-hashes", "Poetry always checks the hashes in poetry.lock")],
    ("--no-require-hashes",): [review("--no-require-hashes", LOOK), differs("--no-require-hashes")],
    ("--no-index",): [
        review(
            "--no-index",
            "Poetry asks PyPI unless another source has the priority primary; name your own index with --index-url",
        )
    ],
    ("--no-use-wheel",): [
        note("--no-use-wheel", "pip itself has forgotten it"),
        differs("--no-use-wheel", gone=True),
    ],
    ("-Z", "--always-unzip"): [review("--always-unzip", LOOK), differs("--always-unzip", gone=True)],
    ("--allow-all-external",): [review("--allow-all-external", LOOK), differs("--allow-all-external", gone=True)],
}
"""Flags in their spellings, and what is told of them."""

VALUES: dict[tuple[tuple[str, ...], str], list[Told]] = {
    (("--no-binary",), "Some_Name,other"): [
        review("--no-binary Some_Name,other", "Run: poetry config --local installer.no-binary some-name,other")
    ],
    (("--only-binary",), ":all:"): [
        review("--only-binary :all:", "Run: poetry config --local installer.only-binary :all:")
    ],
    (("--trusted-host",), "corp.example"): [
        review(
            "--trusted-host corp.example",
            "Give Poetry the certificate of that host: poetry config certificates.SOURCE.cert PATH",
        )
    ],
    (("--use-feature",), "fast-deps"): [note("--use-feature fast-deps", "it switches on something in pip itself")],
    (("-C", "--config-setting", "--config-settings"), "a=b"): [review("--config-settings a=b", BUILD)],
    (("--global-option",), "x"): [review("--global-option x", BUILD), differs("--global-option")],
    (("--install-option",), "x"): [review("--install-option x", BUILD), differs("--install-option", gone=True)],
    (("--allow-external",), "x"): [review("--allow-external x", LOOK), differs("--allow-external", gone=True)],
    (("--allow-unverified",), "x"): [review("--allow-unverified x", LOOK), differs("--allow-unverified", gone=True)],
    (("--all-releases",), "x"): [review("--all-releases x", LOOK), differs("--all-releases")],
    (("--only-final",), ":all:"): [review("--only-final :all:", LOOK), differs("--only-final")],
    (("-f", "--find-links"), "./wheels"): [
        Told(
            Code.OPTION_NOT_CARRIED,
            "review",
            "Poetry looks for no packages in ./wheels (--find-links)",
            "Depend on each file that comes from there by its own path or address, or serve them as an index",
        )
    ],
    (("--process-dependency-links",), ""): [
        Told(
            Code.NOT_UNDERSTOOD,
            "review",
            "`--process-dependency-links` is no requirement: no such option: --process-dependency-links.",
            "Write it as NAME[EXTRAS]VERSIONS ; MARKER, or take the line out.",
        )
    ],
}
"""Options with a value in their spellings, and what is told of them."""


def spellings(names: tuple[str, ...], value: str) -> Iterator[str]:
    for name in names:
        if not value:
            yield name
        elif name.startswith("--"):
            yield from (f"{name} {value}", f"{name}={value}")
        else:
            yield from (f"{name} {value}", f"{name}{value}")


OPTIONS = [(line, told) for names, told in FLAGS.items() for line in names] + [
    (line, told) for (names, value), told in VALUES.items() for line in spellings(names, value)
]


@pytest.mark.parametrize(("line", "told"), OPTIONS, ids=[line for line, _ in OPTIONS])
def test_an_option_is_told_with_what_poetry_has_instead(line: str, told: list[Told], tmp_path: Path) -> None:
    ran = migrate(tmp_path, {"requirements.txt": f"{line}\nplain==1.0\n"})
    assert (ran.status, ran.dependencies, ran.sources) == (0, {"plain": "^1.0"}, [])
    assert sorted(ran.told) == sorted(told)


CORP = {"name": "pypi-corp-example", "url": "https://pypi.corp.example/simple", "priority": "primary"}
SECOND = CORP | {"priority": "supplemental"}
CONFUSION = Told(
    Code.DEPENDENCY_CONFUSION,
    "review",
    "pip takes the best version from every index, so whoever registers a private name on another one decides what is "
    "installed; Poetry asks pypi-corp-example only for what the first index lacks",
    'Mark private packages with source = "pypi-corp-example" and give that source the priority "explicit"',
)


def erased(option: str, url: str, why: str) -> Told:
    return Told(
        Code.OPTION_NOT_CARRIED,
        "review",
        f"pip never asks the index {url} of {option}: {why}.",
        "Put the --index-url first, or take this line out.",
    )


@pytest.mark.parametrize(
    ("lines", "sources", "told"),
    [
        ("-i https://pypi.org/simple", [], []),
        *((line, [CORP], []) for line in spellings(("-i", "--index-url", "--pypi-url"), CORP["url"])),
        *((line, [SECOND], [CONFUSION]) for line in spellings(("--extra-index-url",), CORP["url"])),
        (
            f"--extra-index-url https://gone.example/simple\n-i {CORP['url']}",
            [CORP],
            [
                erased(
                    "--extra-index-url",
                    "https://gone.example/simple",
                    "--index-url in requirements.txt:2 comes later and replaces it",
                )
            ],
        ),
        (
            f"-i https://jo:hunter2@first.example/simple\n-i {CORP['url']}",
            [CORP],
            [
                erased(
                    "--index-url",
                    "https://***@first.example/simple",
                    "--index-url in requirements.txt:2 comes later and replaces it",
                )
            ],
        ),
        (
            f"-i {CORP['url']}\n--no-index",
            [],
            [
                erased("--index-url", CORP["url"], "--no-index in requirements.txt:2 switches it off"),
                *FLAGS["--no-index",],
            ],
        ),
    ],
)
def test_an_index_becomes_a_source_or_is_told(
    lines: str, sources: list[dict[str, str]], told: list[Told], tmp_path: Path
) -> None:
    ran = migrate(tmp_path, {"requirements.txt": f"{lines}\nplain==1.0\n"})
    assert (ran.status, ran.sources, sorted(ran.told)) == (0, sources, sorted(told))


def test_options_on_the_line_of_a_requirement_are_told(tmp_path: Path) -> None:
    lines = "plain==1.0 --global-option=x --config-settings=q=r\nother==1.0 --index-url https://a.example\n"
    ran = migrate(tmp_path, {"requirements.txt": lines})
    assert ran.dependencies == {"other": "^1.0", "plain": "^1.0"}
    assert ran.told == [
        review("--config-settings q=r", BUILD),
        review("--global-option x", BUILD),
        Told(
            Code.OPTION_ON_REQUIREMENT,
            "review",
            "`other==1.0 --index-url https://a.example`: pip passes over `--index-url https://a.example` "
            "on the line of a requirement.",
            "Put it on a line of its own, or take it out.",
        ),
    ]


# requirements


def floating(name: str, said: str = "names no commit") -> Told:
    return Told(
        Code.FLOATING_REVISION,
        "review",
        f"{name} {said}: the lock takes what stands there today, production may run another one",
        "Write the commit that production runs after the @ (pip freeze shows it), and migrate again",
    )


def unsupported(name: str, kind: str) -> Told:
    return Told(
        Code.UNSUPPORTED_SOURCE,
        "review",
        f"{name}: Poetry cannot install from {kind}, so the line is not carried over",
        "Publish a wheel or an archive of that revision and depend on its address, or mirror it in git",
    )


def credentials(url: str, host: str, name: str, held: str = "") -> Told:
    key = name.upper().replace("-", "_")
    return Told(
        Code.CREDENTIALS_REMOVED,
        "review",
        f"The credentials in {url} are not written to pyproject.toml{held}",
        f"Run: poetry config repositories.{name} https://{host}; then set POETRY_HTTP_BASIC_{key}_USERNAME and "
        f"POETRY_HTTP_BASIC_{key}_PASSWORD, or run: poetry config http-basic.{name} USER PASSWORD",
    )


def variable(shown: str, instead: str = "does not: write the value") -> Told:
    return Told(
        Code.VARIABLE_KEPT,
        "review",
        f"`{shown}` holds a variable, which is kept as it stands.",
        f"pip puts the value from the environment there, Poetry {instead}.",
    )


def nameless(shown: str, advice: str) -> Told:
    return Told(Code.NAMELESS_URL, "review", f"`{shown}` does not say which package it is.", advice)


ONE_MACHINE = Told(
    Code.UNSUPPORTED_SOURCE, "review", "path is a path of one machine", "Write a path relative to the project"
)
SETTINGS = "has settings of its own for credentials"

REQUIREMENTS: list[tuple[str, dict[str, Any], list[Told]]] = [
    ("plain", {"plain": "*"}, []),
    ("pinned==1.2.3", {"pinned": "^1.2.3"}, []),
    ("Some_Name[b,a]==1.0", {"some-name": {"version": "^1.0", "extras": ["a", "b"]}}, []),
    ("ranged >=1,!=1.5,<2", {"ranged": ">=1,<2,!=1.5"}, []),
    ("close~=1.4", {"close": "~=1.4"}, []),
    ("wild==1.*", {"wild": "==1.*"}, []),
    ("local==1.0+cpu", {"local": "==1.0+cpu"}, []),
    ("epoch==1!2.0", {"epoch": ">=1!2.0"}, []),
    ("there==1 ; sys_platform == 'win32'", {"there": {"version": "^1", "markers": "sys_platform == 'win32'"}}, []),
    ("hashed==1.0 --hash=sha256:aaaa --hash=sha512:bbbb", {"hashed": "^1.0"}, []),
    ("hashed==1.0 \\\n  --hash=sha256:aaaa", {"hashed": "^1.0"}, []),
    (
        "old==2011n",
        {"old": "*"},
        [
            Told(
                Code.LEGACY_VERSION,
                "review",
                "`old==2011n`: ==2011n is no version specifier of PEP 440; pip refuses it since 24.1.",
                "Name a release by its PEP 440 version.",
            )
        ],
    ),
    (
        "any===2011n",
        {"any": "*"},
        [
            Told(
                Code.ARBITRARY_EQUALITY,
                "review",
                "`any===2011n` names a version outside PEP 440, which only === can.",
                "Name a release by its PEP 440 version.",
            )
        ],
    ),
    (
        "single=1.0",
        {},
        [
            Told(
                Code.NOT_UNDERSTOOD,
                "review",
                "`single=1.0` is no requirement: a single = compares nothing.",
                "Write single==1.0.",
            )
        ],
    ),
    ("-r base.txt", {"included": "^1.0"}, []),
    ("-rbase.txt", {"included": "^1.0"}, []),
    ("--requirement=base.txt", {"included": "^1.0"}, []),
    ("--requirement base.txt\n-r base.txt", {"included": "^1.0"}, []),
    (
        "-r gone.txt",
        {},
        [
            Told(
                Code.MISSING_INCLUDE,
                "review",
                "--requirement gone.txt is not followed: gone.txt is not there.",
                "Add the file, or take the --requirement line out.",
            )
        ],
    ),
    (
        f"x @ git+https://git.example/x.git@{COMMIT}#subdirectory=sub",
        {"x": {"git": "https://git.example/x.git", "rev": COMMIT, "subdirectory": "sub"}},
        [],
    ),
    (
        f"git+https://git.example/x.git@{COMMIT}#egg=x",
        {"x": {"git": "https://git.example/x.git", "rev": COMMIT}},
        [],
    ),
    (
        "x @ git+ssh://git@git.example/x.git@v1",
        {"x": {"git": "ssh://git@git.example/x.git", "rev": "v1"}},
        [floating("x", "names 'v1', which is no commit")],
    ),
    (
        f"-e git+https://git.example/x.git@{COMMIT}#egg=x",
        {"x": {"git": "https://git.example/x.git", "rev": COMMIT, "develop": True}},
        [],
    ),
    *(
        (f"{kind}+https://{kind}.example/x@{COMMIT}#egg=x", {}, [unsupported("x", kind)])
        for kind in ("hg", "svn", "bzr")
    ),
    (
        "https://example.org/x-2.0.tar.gz#sha256=cccc",
        {"x": {"url": "https://example.org/x-2.0.tar.gz"}},
        [],
    ),
    (
        "x @ https://example.org/x.zip ; python_version < '3.12'",
        {"x": {"url": "https://example.org/x.zip", "markers": "python_version < '3.12'"}},
        [],
    ),
    (
        "https://example.org/x-1.0-py3-none-any.whl",
        {"x": {"url": "https://example.org/x-1.0-py3-none-any.whl"}},
        [],
    ),
    (
        "https://example.org/nameless.zip",
        {},
        [nameless("https://example.org/nameless.zip", "Write NAME @ before the address.")],
    ),
    (
        "https://jo:hunter2@example.org:8443/x-2.0.tar.gz",
        {"x": {"url": "https://example.org:8443/x-2.0.tar.gz"}},
        [credentials("https://***@example.org:8443/x-2.0.tar.gz", "example.org:8443", "example-org")],
    ),
    (
        "https://${TOKEN}@example.org/x-2.0.tar.gz",
        {"x": {"url": "https://example.org/x-2.0.tar.gz"}},
        [
            credentials(
                "https://***@example.org/x-2.0.tar.gz", "example.org", "example-org", " (they are those of TOKEN)"
            ),
            variable("https://***@example.org/x-2.0.tar.gz", SETTINGS),
        ],
    ),
    (
        f"git+https://${{USER}}:${{TOKEN}}@git.example/x.git@{COMMIT}#egg=x",
        {"x": {"git": "https://git.example/x.git", "rev": COMMIT}},
        [
            credentials(
                "https://***@git.example/x.git", "git.example", "git-example", " (they are those of TOKEN and USER)"
            ),
            variable(f"git+https://***@git.example/x.git@{COMMIT}#egg=x", SETTINGS),
        ],
    ),
    (
        f"git+ssh://jo:hunter2@git.example/x.git@{COMMIT}#egg=x",
        {"x": {"git": "ssh://jo@git.example/x.git", "rev": COMMIT}},
        [
            Told(
                Code.CREDENTIALS_REMOVED,
                "review",
                "The credentials in ssh://jo:***@git.example/x.git are not written to pyproject.toml",
                "Give ssh a key for that host",
            )
        ],
    ),
    ("./lib", {"lib-here": {"path": "./lib"}}, []),
    ("-e ./lib", {"lib-here": {"path": "./lib", "develop": True}}, []),
    ("file:lib", {"lib-here": {"path": "lib"}}, []),
    ("./noname", {}, [nameless("./noname", "State the name in the pyproject.toml there.")]),
    ("vendor/x-1.0.tar.gz", {"x": {"path": "vendor/x-1.0.tar.gz"}}, []),
    ("./vendor/x-1.0-py3-none-any.whl", {"x": {"path": "./vendor/x-1.0-py3-none-any.whl"}}, []),
    ("/srv/path-1.0.tar.gz", {"path": {"path": "/srv/path-1.0.tar.gz"}}, [ONE_MACHINE]),
    ("file:///srv/path-1.0.tar.gz", {"path": {"path": "/srv/path-1.0.tar.gz"}}, [ONE_MACHINE]),
    (
        "-e .",
        {},
        [
            Told(
                Code.PROJECT_ITSELF,
                "note",
                "The project itself is no package that Poetry installs; the line is no dependency",
            ),
            Told(
                Code.PACKAGE_INFERRED,
                "note",
                "The project's folder holds no package, so `poetry install` installs the dependencies only "
                "(package-mode = false)",
            ),
        ],
    ),
    (
        "plain==1.0  # because of the office",
        {"plain": "^1.0"},
        [
            Told(
                Code.COMMENT_NOT_CARRIED,
                "note",
                "1 comment is not carried over, also of plain (because of the office)",
                "The file stays; copy to pyproject.toml what should be known there",
            )
        ],
    ),
]


@pytest.mark.parametrize(("lines", "dependencies", "told"), REQUIREMENTS, ids=[row[0] for row in REQUIREMENTS])
def test_a_requirement_becomes_a_dependency_or_is_told(
    lines: str, dependencies: dict[str, Any], told: list[Told], tmp_path: Path
) -> None:
    assert dependencies or told
    anchor = "" if dependencies else "anchor==1.0\n"
    ran = migrate(tmp_path, {"requirements.txt": f"{anchor}{lines}\n"})
    assert ran.status == 0
    assert ran.dependencies == (dependencies or {"anchor": "^1.0"})
    assert sorted(ran.told) == sorted(told)


@pytest.mark.parametrize(
    ("line", "shown", "held"),
    [
        ("https://${HOST}/x-2.0.tar.gz", None, "HOST"),
        ("https://example.org/${FOLDER}/x-2.0.tar.gz", None, "FOLDER"),
        (f"git+https://git.example/${{TEAM}}/x.git@{COMMIT}#egg=x", None, "TEAM"),
        ("git+https://git.example/x.git@${REV}#egg=x", None, "REV"),
        ("x @ file:///${HOME}/x-2.0.tar.gz", None, "HOME"),
        ("https://jo:${TOKEN}@${HOST}/x-2.0.tar.gz", "https://***@${HOST}/x-2.0.tar.gz", "HOST"),
    ],
)
def test_a_variable_outside_the_credentials_stops(line: str, shown: str | None, held: str, tmp_path: Path) -> None:
    """Poetry would ask for the very text."""
    ran = migrate(tmp_path, {"requirements.txt": f"{line}\n"})
    assert ran.status == 1
    assert [told for told in ran.told if told.code == Code.VARIABLE_KEPT] == [
        Told(
            Code.VARIABLE_KEPT,
            "stop",
            f"The address of x holds the variable {held}, and Poetry expands none there",
            "Write the value in its place",
        ),
        variable(shown or line),
    ]
    assert not (tmp_path / "shop" / "pyproject.toml").exists()


# constraints


def carried(message: str) -> Told:
    return Told(Code.CONSTRAINT_CARRIED, "note", message)


def unused(*bounds: str) -> Told:
    return Told(Code.CONSTRAINT_UNUSED, "note", f"These bound nothing that is asked for by name: {', '.join(bounds)}")


def unwritten(*bounds: str) -> Told:
    return Told(
        Code.CONSTRAINT_UNUSED, "note", f"Poetry knows no constraints: these are written nowhere: {', '.join(bounds)}"
    )


def contradiction(bound: str, other: str) -> Told:
    return Told(
        Code.PINS_DISAGREE,
        "review",
        f"The constraint {bound} contradicts: {other}; pip refuses both together",
        "Take out the one that production does not run",
    )


@pytest.mark.parametrize(
    ("line", "bound", "dependencies", "told"),
    [
        ("a==1.0", "a<2", {"a": "^1.0"}, [unwritten("a<2")]),
        ("a==1.0", "a==1.0", {"a": "^1.0"}, [unwritten("a==1.0")]),
        ("a==3.0", "a<2", {"a": "^3.0"}, [contradiction("a<2", "requirements.txt:2 pins 3.0")]),
        ("a==3.0", "a<2 ; python_version < '3.8'", {"a": "^3.0"}, [unwritten("a<2")]),
        ("a", "a<2", {"a": "<2"}, [carried("a in requirements.txt:2 takes over the bound <2")]),
        ("a>1", "a>=1.5,<2", {"a": ">1,>=1.5,<2"}, [carried("a in requirements.txt:2 takes over the bound <2,>=1.5")]),
        ("a", "a==1.5", {"a": "*"}, [unwritten("a==1.5")]),
        ("a>=2", "a==1.5", {"a": ">=2"}, [contradiction("a==1.5", "requirements.txt:2 asks for >=2")]),
        (
            "a",
            "a<2 ; python_version < '3.12'",
            {"a": "*"},
            [
                Told(
                    Code.CONSTRAINT_UNUSED,
                    "review",
                    'The bound a<2 holds only where python_version < "3.12", so it is not carried over',
                    "Write it into the dependency in pyproject.toml if it still counts",
                )
            ],
        ),
        (
            "a==2011n",
            "a<2012",
            {"a": "*"},
            [
                Told(
                    Code.LEGACY_VERSION,
                    "review",
                    "`a==2011n`: ==2011n is no version specifier of PEP 440; pip refuses it since 24.1.",
                    "Name a release by its PEP 440 version.",
                ),
                unwritten("a<2012"),
            ],
        ),
        (
            "a",
            "a @ https://example.org/a-1.0.zip",
            {"a": {"url": "https://example.org/a-1.0.zip"}},
            [carried("a comes from the address that the constraint gives")],
        ),
        ("a", "a", {"a": "*"}, [unwritten("a")]),
        ("a @ https://example.org/a.zip", "a<2", {"a": {"url": "https://example.org/a.zip"}}, [unwritten("a<2")]),
        ("a", "b<2\nc==1.0", {"a": "*"}, [unused("b<2", "c==1.0")]),
    ],
)
def test_a_constraint_joins_its_dependency_or_is_told(
    line: str, bound: str, dependencies: dict[str, Any], told: list[Told], tmp_path: Path
) -> None:
    files = {"requirements.txt": f"-c bounds.txt\n{line}\n", "bounds.txt": f"{bound}\n"}
    ran = migrate(tmp_path, files)
    assert (ran.status, ran.dependencies, sorted(ran.told)) == (0, dependencies, sorted(told))


def test_a_constraint_brings_its_package_nowhere_where_the_line_does_not(tmp_path: Path) -> None:
    files = {"requirements.txt": "-c bounds.txt\na ; sys_platform == 'win32'\n", "bounds.txt": "a==1.5\n"}
    ran = migrate(tmp_path, files)
    assert ran.dependencies == {"a": {"version": "*", "markers": "sys_platform == 'win32'"}}
    assert ran.told == [unwritten("a==1.5")]


def test_a_constraint_pins_for_each_line_that_asks(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "-c bounds.txt\na ; sys_platform == 'win32'\na[x] ; sys_platform == 'win32'\n",
        "requirements-dev.txt": "a ; sys_platform == 'win32'\na\n",
        "bounds.txt": "a==1.5\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    inputs = (Input(path="requirements.txt"), Input(path="requirements-dev.txt", group="dev"))
    pins = pin_bounded(load_reader("requirements").read(DiskTree(str(tmp_path)), inputs, "utf-8").project).pins
    assert [(str(pin.version), str(pin.marker), set(pin.groups), set(pin.extras)) for pin in pins] == [
        ("1.5", 'sys_platform == "win32"', {"main", "dev"}, {"x"}),
        ("1.5", "None", {"dev"}, set()),
    ]


@pytest.mark.parametrize(
    "spelling", ["-c bounds.txt", "-cbounds.txt", "--constraint bounds.txt", "--constraint=bounds.txt"]
)
def test_every_spelling_of_an_include_of_constraints_counts(spelling: str, tmp_path: Path) -> None:
    ran = migrate(tmp_path, {"requirements.txt": f"{spelling}\na\n", "bounds.txt": "a<2\n"})
    assert ran.dependencies == {"a": "<2"}


def test_constraints_of_the_command_line_count_too(tmp_path: Path) -> None:
    ran = migrate(tmp_path, {"requirements.txt": "a\n", "bounds.txt": "a<2\n"}, "--constraints", "bounds.txt")
    assert (ran.dependencies, ran.told) == ({"a": "<2"}, [carried("a in requirements.txt:1 takes over the bound <2")])


def test_a_layer_that_bounds_another_one_is_read_as_what_it_is(tmp_path: Path) -> None:
    """pip-tools' own way of layers: ``-c requirements.txt`` in the requirements of developers."""
    files = {"requirements.txt": "a==1.0\nb==1.0\n", "dev.txt": "-c requirements.txt\nc==1.0\n"}
    ran = migrate(tmp_path, files, "--dev", "dev.txt")
    assert (ran.dependencies, ran.groups, ran.told) == (
        {"a": "^1.0", "b": "^1.0"},
        {"dev": {"dependencies": {"c": "^1.0"}}},
        [],
    )
