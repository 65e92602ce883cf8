"""``--check-with-nix``: what was read of an expression, held against what Nix makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from migrator.compare.evaluated_overrides import compare_overrides
from migrator.compare.evaluation import compare_evaluation
from migrator.model.evaluation import EvaluatedOverride, Evaluation, NotEvaluated
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, NativeInput, OverrideKind, Pin, Project
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath
from migrator.model.url import Url
from migrator.model.version import read_version
from migrator.pipeline.nix_check import check_with_nix
from migrator.readers.pypi2nix import READER
from migrator.tools.nix.evaluation import evaluate_expression, evaluate_overrides

from .command_line import migrate
from .nix_expressions import evaluate_expression as evaluate_by_another_hand
from .nix_expressions import evaluate_overrides as overrides_by_another_hand
from .test_read_pypi2nix import INPUTS, LAYOUTS, SIX, every_layout, files_of, package, read
from .test_read_pypi2nix import expression as unfinished_expression
from .trees import DictTree

pytestmark = pytest.mark.nix

MAIN = "requirements.nix"


def expression(packages: str = SIX, *, inputs: str = "[]") -> str:
    """One that Nix takes to its end."""
    return unfinished_expression(packages, inputs=inputs).replace("in python.withPackages", "in")


def check(files: Mapping[str, bytes | str], *paths: str) -> tuple[Finding, ...]:
    return check_with_nix(READER, DictTree(files), tuple(Input(path=path) for path in paths or (MAIN,)), "utf-8")


def evaluate(files: Mapping[str, str], main: str = MAIN) -> Evaluation:
    said = evaluate_expression(main, {path: text.encode() for path, text in files.items() if path.endswith(".nix")})
    assert isinstance(said, Evaluation)
    return said


# where both say the same


def agreed(path: str, packages: str) -> tuple[Finding, ...]:
    return (
        Finding(
            code=Code.NIX_AGREES,
            severity=Severity.NOTE,
            message=f"Nix was asked: {packages} what was read, with source, hash and inputs.",
            origin=Origin(path=path),
        ),
    )


@every_layout
def test_every_layout_is_what_nix_has(layout: str) -> None:
    files = files_of(layout)
    count = len(read(files, INPUTS[layout]).project.pins)
    assert check(files, INPUTS[layout]) == agreed(INPUTS[layout], f"{count} packages are")


def test_one_package_is_what_nix_has() -> None:
    assert check({MAIN: expression()}) == agreed(MAIN, "1 package is")


@every_layout
def test_the_stand_ins_mean_what_other_stand_ins_mean(layout: str) -> None:
    """The question that the tests of the reader ask was written apart from this one."""
    said = evaluate(files_of(layout), INPUTS[layout])
    other = evaluate_by_another_hand(LAYOUTS / layout / INPUTS[layout])
    assert {
        name: (one.full_name, one.format, [item.entry or item.path for item in one.needs])
        for name, one in said.packages.items()
    } == {name: (one["name"], one["format"], one["propagatedBuildInputs"]) for name, one in other.items()}


LISTS = [
    '[ "six" ]',
    "[ pkgs.python3Packages.six ]",
    "[ pkgs.zlib.dev ]",
    '[ self."six" self."nowhere" ]',
    "with self; [ six ]",
]


@pytest.mark.parametrize("items", LISTS)
def test_what_people_write_into_lists_is_what_nix_has(items: str) -> None:
    text = expression(SIX + package("shop", "1.0", propagatedBuildInputs=items))
    assert check({MAIN: text}) == agreed(MAIN, "2 packages are")


SOURCES = [
    "./.",
    "./../elsewhere",
    "/home/ada/shop",
    "pkgs.lib.cleanSource ./lib",
    'pkgs.fetchgit { url = "https://example.org/shop"; rev = "0123456789"; sha256 = ""; }',
    'pkgs.fetchFromGitHub { owner = "ada"; repo = "shop"; rev = "v1"; sha256 = ""; }',
    'pkgs.fetchhg { url = "https://example.org/shop"; rev = "1"; }',
    'pkgs.fetchurl { url = https://example.org/shop-1.0.tar.gz; md5 = "%s"; }' % ("ab" * 16),
    'builtins.fetchTarball "https://example.org/shop-1.0.tar.gz"',
    "",
]


@pytest.mark.parametrize("src", SOURCES)
def test_every_kind_of_source_is_what_nix_has(src: str) -> None:
    assert check({f"nix/{MAIN}": expression(package("shop", "1.0", src=src))}, f"nix/{MAIN}") == agreed(
        f"nix/{MAIN}", "1 package is"
    )


def test_files_beside_an_expression_are_not_laid_before_nix() -> None:
    files = {MAIN: expression(), "requirements-dev.txt": "pytest==5.0\n"}
    assert check(files, MAIN, "requirements-dev.txt") == agreed(MAIN, "1 package is")


def test_each_expression_is_laid_before_nix_by_itself() -> None:
    files = {MAIN: expression(), "test_requirements.nix": expression(package("mock", "1.0"))}
    assert check(files, MAIN, "test_requirements.nix") == (
        *agreed(MAIN, "1 package is"),
        *agreed("test_requirements.nix", "1 package is"),
    )


def test_an_expression_that_is_not_there_is_none_of_nix() -> None:
    assert check({}) == ()


# where they differ: what was read is changed, what Nix has is real

SHOP = package(
    "shop",
    "1.0",
    src='pkgs.fetchurl { url = "https://pypi.org/shop-1.0.tar.gz"; sha256 = "%s"; }' % ("ab" * 32),
    format='"setuptools"',
    buildInputs='commonBuildInputs ++ [ self."six" pkgs.libffi ]',
    propagatedBuildInputs='[ self."six" ]',
)
FILES = {MAIN: expression(package("six", "1.12.0") + SHOP, inputs="with pkgs; [ zlib ]")}
LINE = FILES[MAIN].split('"shop" =')[0].count("\n") + 1


def changed(**fields: object) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        pins = tuple(replace(pin, **fields) if pin.name == "shop" else pin for pin in project.pins)  # type: ignore[arg-type]
        return replace(project, pins=pins)

    return change


def with_natives(*natives: NativeInput) -> Callable[[Project], Project]:
    return lambda project: replace(project, natives=natives)


AT = Origin(path=MAIN, line=9, end_line=9)
ZLIB = NativeInput(attribute="zlib", origin=AT)
LIBFFI = NativeInput(attribute="libffi", origin=AT, package=canonicalize_name("shop"))
HIDDEN = FromIndex(url=Url.parse("https://ada:pa55@pypi.org/shop-1.0.tar.gz"))
GHOST = Pin(name=canonicalize_name("ghost"), raw_name="ghost", version=read_version("2"), origin=AT)

DIFFERENCES: dict[str, tuple[Callable[[Project], Project], str]] = {
    "version": (changed(version=read_version("1.1")), "shop, version: 1.1 was read, Nix has 1.0."),
    "no version": (changed(version=None), "shop, version: none was read, Nix has 1.0."),
    "address": (
        changed(source=HIDDEN),
        "shop, src: https://***@pypi.org/shop-1.0.tar.gz was read, Nix has https://pypi.org/shop-1.0.tar.gz.",
    ),
    "path": (
        changed(source=FromPath(path="lib")),
        "shop, src: lib was read, Nix has https://pypi.org/shop-1.0.tar.gz.",
    ),
    "hash": (changed(hashes=("sha256:00",)), f"shop, hash: sha256:00 was read, Nix has sha256:{'ab' * 32}."),
    "no hash": (changed(hashes=()), f"shop, hash: none was read, Nix has sha256:{'ab' * 32}."),
    "format": (changed(format=None), "shop, format: none was read, Nix has setuptools."),
    "needs": (changed(needs=("six", "x")), "shop, propagatedBuildInputs: six x was read, Nix has six."),
    "no needs": (changed(needs=()), "shop, propagatedBuildInputs: none was read, Nix has six."),
    "build needs": (
        changed(build_needs=("libffi",)),
        "shop, buildInputs: libffi zlib was read, Nix has libffi six zlib.",
    ),
    "a name": (changed(raw_name="Shop"), "shop, package: none was read, Nix has shop-1.0."),
    "a native input": (with_natives(ZLIB), "shop, native inputs: none was read, Nix has libffi."),
    "a shared input that nothing has": (
        with_natives(ZLIB, LIBFFI, replace(ZLIB, attribute="openssl")),
        "commonBuildInputs, item: openssl was read, Nix has none.",
    ),
    "a package too many": (
        lambda project: replace(project, pins=(*project.pins, GHOST)),
        "ghost, package: 2 was read, Nix has none.",
    ),
}


def test_the_example_is_what_nix_has() -> None:
    assert check(FILES) == agreed(MAIN, "2 packages are")


@pytest.mark.parametrize(("change", "expected"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_told_with_both_values(change: Callable[[Project], Project], expected: str) -> None:
    told = compare_evaluation(change(read(FILES).project), evaluate(FILES))
    assert expected in [finding.message for finding in told]
    assert {finding.code for finding in told} == {Code.NIX_DIFFERS}
    assert {finding.severity for finding in told} == {Severity.STOP}


def test_a_difference_names_the_line_of_the_package() -> None:
    (told,) = compare_evaluation(changed(format=None)(read(FILES).project), evaluate(FILES))
    assert str(told.origin) == f"{MAIN}:{LINE}"


# overrides

OVERRIDES = LAYOUTS.parent / "overrides"
KNOWN = ["append", "prepend", "replace", "clear", "filter", "set", "patch", "plain", "local", "with", "optional"]
KNOWN += ["inherited", "alias", "six", "attrs", "cffi", "olefile", "pycparser", "zope.interface", "Pillow"]


@pytest.mark.parametrize("name", ["idioms.nix", "helpers.nix"])
def test_overrides_mean_what_other_stand_ins_mean(name: str) -> None:
    said = evaluate_overrides(name, {name: (OVERRIDES / name).read_bytes()}, KNOWN)
    assert not isinstance(said, NotEvaluated)
    other = overrides_by_another_hand(OVERRIDES / name, KNOWN)
    assert {name: (one.how, one.attributes) for name, one in said.items()} == {
        name: (one["how"], {key: change for key, change in one["attributes"].items() if change != "same"})
        for name, one in other.items()
        if name in KNOWN
    }


@pytest.mark.parametrize("name", ["idioms.nix", "helpers.nix"])
def test_overrides_are_what_nix_has(name: str) -> None:
    files = {
        MAIN: expression("\n".join(package(known) for known in KNOWN)),
        "requirements_override.nix": (OVERRIDES / name).read_text(encoding="utf-8"),
    }
    assert read(files).project.overrides
    assert check(files) == agreed(MAIN, f"{len(KNOWN)} packages are")


OVERRIDDEN = {
    **FILES,
    "requirements_override.nix": "{ pkgs, python }: self: super: {\n"
    "  shop = python.overrideDerivation super.shop (old: { buildInputs = old.buildInputs ++ [ self.six ]; });\n}\n",
}


def with_override(**fields: Any) -> Project:
    project = read(OVERRIDDEN).project
    return replace(project, overrides=tuple(replace(override, **fields) for override in project.overrides))


def effects() -> dict[str, Mapping[str, EvaluatedOverride]]:
    path = "requirements_override.nix"
    said = evaluate_overrides(path, {path: OVERRIDDEN[path].encode()}, ["shop", "six"])
    assert not isinstance(said, NotEvaluated)
    return {path: said}


OTHERWISE = {
    "another change": (
        with_override(attributes=(("buildInputs", AttributeChange.REPLACE),)),
        "shop, override: override buildInputs:replace was read, Nix has override buildInputs:append.",
    ),
    "another kind": (
        with_override(how=OverrideKind.ALIAS, attributes=()),
        "shop, override: alias was read, Nix has override buildInputs:append.",
    ),
    "another package": (
        with_override(raw_name="six"),
        "six, override: override buildInputs:append was read, Nix has none.",
    ),
    "none": (
        replace(read(OVERRIDDEN).project, overrides=()),
        "shop, override: none was read, Nix has override buildInputs:append.",
    ),
}


@pytest.mark.parametrize(("project", "expected"), OTHERWISE.values(), ids=OTHERWISE)
def test_an_override_that_is_another_one_is_told(project: Project, expected: str) -> None:
    told = compare_overrides(project, effects())
    assert expected in [finding.message for finding in told]
    assert {(finding.code, finding.severity) for finding in told} == {(Code.NIX_DIFFERS, Severity.REVIEW)}


def test_an_override_that_was_not_understood_is_told_once() -> None:
    """By the reader: that Nix knows more is nothing new then."""
    assert compare_overrides(with_override(how=OverrideKind.UNKNOWN, attributes=()), effects()) == ()


def test_overrides_that_nix_refuses_are_told_and_the_packages_are_checked() -> None:
    files = {**OVERRIDDEN, "requirements_override.nix": "{ pkgs, python }: self: super: { shop = super.nowhere; }"}
    agreement, refused = check(files)
    assert agreement.code is Code.NIX_AGREES
    assert (refused.severity, refused.message) == (
        Severity.REVIEW,
        (
            "requirements_override.nix was not checked with Nix: Nix refuses it: attribute 'nowhere' missing "
            "(at requirements_override.nix:1:41)."
        ),
    )


def test_overrides_above_the_expression_are_checked_too() -> None:
    files = {
        f"nix/{MAIN}": OVERRIDDEN[MAIN].replace("./requirements_override.nix", "../ours.nix"),
        "ours.nix": OVERRIDDEN["requirements_override.nix"] + "}",
    }
    (_, refused) = check(files, f"nix/{MAIN}")
    assert str(refused.origin) == "ours.nix"
    assert "(at ours.nix:4:1)" in refused.message


# the command line

COMPUTED = expression(package()).replace('"shop-1.0"', 'builtins.replaceStrings [ "x" ] [ "1" ] "shop-x.0"')


def test_inspect_tells_that_they_agree(tmp_path: Path) -> None:
    (tmp_path / MAIN).write_text(expression(), encoding="utf-8")
    ran = migrate("inspect", "--check-with-nix", "--json", MAIN, cwd=tmp_path)
    assert ran.status == 0
    assert [finding["code"] for finding in json.loads(ran.out)["findings"]] == ["nix-agrees"]


@pytest.mark.parametrize("command", [("inspect", MAIN), ("from-pypi2nix",), ("auto",)], ids=" ".join)
def test_a_difference_stops(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / MAIN).write_text(COMPUTED, encoding="utf-8")
    more = () if command[0] == "inspect" else ("--no-lock", "--python", "3.12")
    ran = migrate(*command, *more, "--check-with-nix", "--json", cwd=tmp_path)
    assert ran.status == 1
    assert [finding["message"] for finding in json.loads(ran.out)["findings"] if finding["severity"] == "stop"] == [
        "shop, version: none was read, Nix has 1.0."
    ]
    assert [path.name for path in tmp_path.iterdir()] == [MAIN]


@pytest.mark.parametrize("command", [("inspect", MAIN), ("from-pypi2nix",)], ids=" ".join)
def test_a_check_that_cannot_be_made_is_told_and_stops_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / MAIN).write_text(expression() + "}", encoding="utf-8")
    more = () if command[0] == "inspect" else ("--no-lock", "--python", "3.12")
    ran = migrate(*command, *more, "--check-with-nix", "--json", cwd=tmp_path)
    assert ran.status == 0
    (told,) = (finding for finding in json.loads(ran.out)["findings"] if finding["code"] == "nix-not-checked")
    assert told["severity"] == "review"
    assert told["message"].startswith(f"{MAIN} was not checked with Nix: Nix refuses it: syntax error, ")


def test_nothing_is_asked_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> NotEvaluated:
        raise AssertionError

    monkeypatch.setattr("migrator.tools.nix.evaluation.find_nix", forbidden)
    (tmp_path / MAIN).write_text(expression(), encoding="utf-8")
    assert migrate("inspect", MAIN, cwd=tmp_path).status == 0


@pytest.mark.parametrize("command", [("inspect", "requirements.txt"), ("from-requirements",)], ids=" ".join)
def test_only_an_expression_can_be_laid_before_nix(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.12.0\n", encoding="utf-8")
    ran = migrate(*command, "--check-with-nix", cwd=tmp_path)
    assert (ran.status, ran.err) == (
        2,
        "migrate: --check-with-nix is for expressions of Nix; requirements files are none\n",
    )


def test_auto_asks_where_there_is_an_expression(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.12.0\n", encoding="utf-8")
    assert migrate("auto", "--check-with-nix", "--no-lock", "--python", "3.12", "--yes", cwd=tmp_path).status == 0
