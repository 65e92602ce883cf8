"""What a report has to say, whatever its form: the verdict, the rows, the way back."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from poetry.config.config import Config

from migrator.model.artifact import Artifact, Ownership
from migrator.model.change import HashesChanged, HashProof, HashVerdict, VersionChanged
from migrator.model.finding import Severity
from migrator.model.native import NixOverride, NixPlan
from migrator.model.outcome import Ended, Outcome
from migrator.model.plan import PlannedDependency, PlannedSource, Priority
from migrator.model.project import Pin
from migrator.model.source import FromPath
from migrator.model.url import Url, mask_credentials
from migrator.reports.inert import show_invisible, show_lines
from migrator.reports.natives import Native
from migrator.reports.summary import Place, place, show_login, summarise
from migrator.reports.wording import count_of, show_range

from .report_outcomes import (
    empty,
    happy,
    hostile,
    make_pin,
    make_plan,
)

NOT_LOCKED = replace(happy(), after=None, changes=(), proofs=(), poetry="")
DRY_RUN = replace(happy(), ended=Ended.DRY_RUN)
UNCHANGED = replace(happy(), ended=Ended.UNCHANGED, written=())


def test_each_finding_is_told_in_exactly_one_place() -> None:
    summary = summarise(hostile("x"))
    told = [finding for where in Place for finding in summary.told(where)]
    assert Counter(told) == Counter(summary.findings)
    assert {place(finding) for finding in told if finding.severity is not Severity.NOTE} == {Place.EYES}


def test_a_finding_that_is_said_twice_is_told_once() -> None:
    finding = happy().findings[0]
    assert summarise(replace(happy(), findings=(finding, finding))).findings == (finding,)


GIT = replace(make_pin("x", "1"), version=None)
VERDICTS: dict[str, tuple[Outcome, str]] = {
    "nothing at all": (empty(), "Stopped: nothing was written. Nothing locked, nothing to look at"),
    "not locked": (NOT_LOCKED, "13 pinned versions read, nothing locked, 1 thing to look at"),
    "a dry run": (
        DRY_RUN,
        "Dry run, nothing was written: 13 of 13 versions would be kept, 13 of 13 hash sets proven, 1 thing to look at",
    ),
    "a second run": (
        replace(UNCHANGED, findings=()),
        "Nothing to change: 13 of 13 versions kept, 13 of 13 hash sets proven, nothing to look at",
    ),
    "no pins": (
        replace(happy(), before=empty().before, proofs=(), findings=()),
        "No version was pinned before, nothing to look at",
    ),
    "no hashes": (
        replace(happy(), before=replace(empty().before, pins=(make_pin("idna", "3.11"),)), proofs=()),
        "1 of 1 version kept, no old hashes to compare, 1 thing to look at",
    ),
    "a repository without a version": (
        replace(happy(), before=replace(empty().before, pins=(GIT,)), proofs=(), findings=()),
        "1 of 1 version kept, no old hashes to compare, nothing to look at",
    ),
}


@pytest.mark.parametrize(("outcome", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict_in_one_line(outcome: Outcome, verdict: str) -> None:
    assert summarise(outcome).verdict == verdict


def test_a_direct_dependency_tells_what_its_constraint_does_not() -> None:
    plan = make_plan()
    entry = PlannedDependency(
        name=canonicalize_name("Lib"),
        raw_name="Lib",
        constraint="*",
        extras=frozenset({"b", "a"}),
        marker=Marker('os_name == "nt"'),
        source=FromPath(path="../lib"),
        editable=True,
        prereleases=True,
    )
    (direct,) = summarise(replace(happy(), plan=replace(plan, dependencies=(entry,)))).direct
    assert direct.beside == ("with a, b", "path ../lib, editable", 'only where os_name == "nt"', "pre-releases allowed")


OVERRIDES: dict[str, tuple[NixOverride, Native]] = {
    "a package that is left out": (
        NixOverride(package=canonicalize_name("pywin32"), drop=True, reason="its marker excludes Linux"),
        Native(
            package="pywin32",
            inputs=(),
            provider="left out: set to null in the override table",
            why="its marker excludes Linux",
        ),
    ),
    "a wheel": (
        NixOverride(package=canonicalize_name("cryptography"), prefer_wheel=True, reason="Rust"),
        Native(package="cryptography", inputs=(), provider="its wheel, by the override table", why="Rust"),
    ),
}


@pytest.mark.parametrize(("override", "native"), OVERRIDES.values(), ids=OVERRIDES)
def test_an_override_is_a_row(override: NixOverride, native: Native) -> None:
    nix = NixPlan(name="x", application=False, python_attributes=(), overrides=(override,), nixpkgs_release="25.11")
    assert summarise(replace(happy(), nix=nix)).natives == (native,)


HASHES = {
    HashVerdict.SAME: "the same",
    HashVerdict.SUPERSET: "all old ones, and 2 more files of the same release",
    HashVerdict.SUBSET: "1 old hash not in the lock, no new one",
    HashVerdict.NOT_COMPARABLE: "not comparable",
    HashVerdict.MISMATCH: "1 old hash not in the lock, 2 new hashes: other bytes under the same version",
}


@pytest.mark.parametrize("verdict", HashVerdict)
def test_each_verdict_on_hashes_has_its_words(verdict: HashVerdict) -> None:
    name = canonicalize_name("idna")
    change = HashesChanged(name=name, version=Version("3.11"), verdict=verdict, missing=("a",), extra=("b", "c"))
    assert [row.new for row in summarise(replace(happy(), changes=(change,))).differences] == [HASHES[verdict]]


def test_the_next_step_names_our_nix_file_where_default_nix_is_the_users() -> None:
    ours = tuple(replace(artifact, path=artifact.path.replace("default", "migrator")) for artifact in happy().artifacts)
    outcome = replace(happy(), artifacts=ours, written=tuple(artifact.path for artifact in ours))
    assert [command for command, _ in summarise(outcome).next_steps] == [
        "poetry install",
        "nix-build migrator.nix",
        "git status",
    ]


def test_whoever_builds_a_flake_is_told_of_git_first() -> None:
    flake = Artifact(path="flake.nix", text="", ownership=Ownership.GENERATED)
    outcome = replace(happy(), artifacts=(*happy().artifacts, flake))
    assert [command for command, _ in summarise(outcome).next_steps] == [
        "poetry install",
        "nix-build",
        "git add *.nix poetry.lock pyproject.toml",
        "nix build",
        "git status",
    ]


@pytest.mark.parametrize("verdict", HashVerdict)
def test_only_the_same_or_more_hashes_prove(verdict: HashVerdict) -> None:
    pin = make_pin("idna", "3.11", 1, "sha256:1")
    proof = HashProof(name=pin.name, version=Version("3.11"), verdict=verdict)
    outcome = replace(happy(), before=replace(happy().before, pins=(pin,)), proofs=(proof,))
    proves = verdict in {HashVerdict.SAME, HashVerdict.SUPERSET}
    assert summarise(outcome).counts.proven == int(proves)


def test_one_of_two_versions_of_a_name_moves() -> None:
    pins: tuple[Pin, ...] = (make_pin("numpy", "1.26"), make_pin("numpy", "2.0"), make_pin("numpy", "2.0", 3))
    change = VersionChanged(name=canonicalize_name("numpy"), old=Version("1.26"), new=Version("1.26.4"))
    outcome = replace(happy(), before=replace(happy().before, pins=pins), changes=(change,))
    counts = summarise(outcome).counts
    assert (counts.pins, counts.kept) == (2, 1)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("my.priv", ()),
        ("büro", ()),
        ("priv", ("POETRY_HTTP_BASIC_PRIV_USERNAME", "POETRY_HTTP_BASIC_PRIV_PASSWORD")),
        ("my-priv_2", ("POETRY_HTTP_BASIC_MY_PRIV_2_USERNAME", "POETRY_HTTP_BASIC_MY_PRIV_2_PASSWORD")),
    ],
)
def test_the_variables_are_those_that_poetry_reads(
    name: str, variables: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    login = show_login(PlannedSource(name=name, url=Url.parse("https://x.example"), priority=Priority.PRIMARY))
    assert login.variables == variables
    for number, variable in enumerate(variables):
        monkeypatch.setenv(variable, str(number))
    keys = ("username", "password")
    expected = ["0", "1"] if variables else [None, None]
    assert [Config().get(["http-basic", name, key]) for key in keys] == expected


def test_the_way_back_works_for_changed_and_for_new_files(tmp_path: Path) -> None:
    def run(command: str) -> str:
        done = subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    run("git init -q . && git config user.email a@example && git config user.name a")
    (tmp_path / "pyproject.toml").write_text("old\n")
    run("git add . && git commit -qm x")
    for path in happy().written:
        (tmp_path / path).write_text("new\n")
    (tmp_path / "mine").write_text("mine\n")
    look, back, again = (command for command, _ in summarise(happy()).go_back)
    assert "+new" in run(look)
    run(back)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "mine", "pyproject.toml"]
    assert (tmp_path / "pyproject.toml").read_text() == "old\n"
    run(again)
    assert all((tmp_path / path).read_text() == "new\n" for path in happy().written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日", "plain ü 日"),
        ("a\x1b[0m\n\t\x7f", "a\\x1b[0m\\n\\t\\x7f"),
        ("\u202e\u2066\u200b\ufeff", "\\u202e\\u2066\\u200b\\ufeff"),
        ("\ud800\U000e0041\xa0", "\\ud800\\U000e0041\\xa0"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert show_invisible(text) == shown


def test_a_long_message_keeps_its_lines_up_to_the_limit() -> None:
    assert show_lines("\n one\r\n\n\ttwo \x1b\n", 100) == ("one", "two \\x1b")
    assert show_lines("x" * 50 + "\ny" * 50, 52) == ("x" * 50, "y", "y")
    assert show_lines("x" * 50, 10) == ("x" * 7 + "...",)


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "version", "0 versions"), (1, "old hash", "1 old hash"), (2, "old hash", "2 old hashes")],
)
def test_nouns_are_counted(number: int, noun: str, text: str) -> None:
    assert count_of(number, noun) == text


def test_a_range_begins_with_its_lower_bound() -> None:
    assert show_range(SpecifierSet("!=3.12.1,<3.14,>=3.11")) == ">=3.11,<3.14,!=3.12.1"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("git+https://host:443/r.git@rev", "git+https://host:443/r.git@rev"),
        ("https://host:8080/@scope/x and ssh://git@host/x", "https://host:8080/@scope/x and ssh://git@host/x"),
        ("https://u:p@hunter2@host/x", "https://***@host/x"),
        ("https://u:a/hunter2@host/x", "https://***@host/x"),
        ("-ihttps://hunter2@host/x", "-ihttps://***@host/x"),
        ("see https://host/x?a=1&api_key=hunter2#egg=x", "see https://host/x?a=1&api_key=***#egg=x"),
        ("--proxy bot:hunter2@proxy.example:3128", "--proxy bot:***@proxy.example:3128"),
        ("was (bot:p@hunter2@10.0.0.1) once", "was (bot:***@10.0.0.1) once"),
        ("'bot:hunter2@[::1]/x', :hunter2@host", "'bot:***@[::1]/x', :***@host"),
        ("${USER}:hunter2@proxy", "${USER}:***@proxy"),
        ("https:///bot:hunter2@host/x", "https:///bot:***@host/x"),
        ("ssh://git:hunter2@host/x", "ssh://git:***@host/x"),
    ],
)
def test_credentials_in_a_sentence_are_masked(text: str, masked: str) -> None:
    assert mask_credentials(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:org/repo.git@v1.0",
        "git@host:repo.git@main",
        "host:repo@1.2",
        "pkg @ https://host/x.whl",
        "pkg[extra]@https://host/x.whl",
        "ask bob@example.com, al@example.com: they know",
        "mailto:bob@example.com Contact:bob@example.com TODO:bob@example.com",
        "FROM registry:5000/python:3.11@sha256:" + "1" * 64,
        "FROM python:3.11@sha256:" + "a" * 64,
        "npm:left-pad@1.3.0-beta, npm:x@v2",
        "https://host/team:tool@main/x",
        "file:///team:tool@main/x",
        "C:\\Users:x\\me@host",
        "--hash=sha256:" + "b" * 64,
    ],
)
def test_what_holds_no_credentials_is_left_as_it_is(text: str) -> None:
    assert mask_credentials(text) == text
