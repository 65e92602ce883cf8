"""Expressions that mean ill: each ends in findings with a place, in no time, and no secret of theirs is shown."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from migrator.reports import form_names

from .command_line import Ran, migrate
from .test_read_pypi2nix import SIX, expression, package

MAIN = "requirements.nix"
PATIENCE = 30


def deep(value: str) -> str:
    return expression(package(propagatedBuildInputs=value) + SIX)


MANY = 10_000
NESTED = {
    "parentheses": deep("(" * MANY + "[ ]" + ")" * MANY),
    "lists": deep("[" * MANY + "]" * MANY),
    "sets": deep("[ ]") + "\n# " + "{a=" * MANY,
    "sets of sets": expression(package(meta="{a=" * MANY + "1" + ";}" * MANY) + SIX),
    "let": deep("let a = 1; in " * MANY + "[ ]"),
    "with": deep("with pkgs; " * MANY + "[ ]"),
    "functions": deep("(x: " * MANY + "[ ]" + ")" * MANY),
    "choices": deep("if a then [ ] else " * MANY + "[ ]"),
    "arguments": deep("f" + " x" * MANY),
    "attributes": deep("[ self" + ".a" * MANY + " ]"),
    "operators": deep("[ ]" + " ++ [ self.six ]" * MANY),
    "strings": expression(package(format='"${' * MANY + '"a"' + '}"' * MANY) + SIX),
    "overrides": expression(SIX, common="(self: super: " * MANY + "{ }" + ")" * MANY),
}
COMMANDS = {
    "inspect": ("inspect", MAIN, "--json"),
    "migrate": ("from-pypi2nix", "--no-lock", "--python", "3.12", "--dry-run", "--report", "json:-"),
}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


def run(folder: Path, content: str | bytes, command: tuple[str, ...]) -> Ran:
    (folder / MAIN).write_bytes(content if isinstance(content, bytes) else content.encode())
    begun = time.monotonic()
    ran = migrate(*command, cwd=folder)
    assert time.monotonic() - begun < PATIENCE
    return ran


def findings(ran: Ran) -> list[dict[str, Any]]:
    assert ran.err == ""
    told: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return told


@every_command
@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_nesting_costs_neither_the_stack_nor_the_time(text: str, command: tuple[str, ...], tmp_path: Path) -> None:
    ran = run(tmp_path, text, command)
    findings(ran)
    assert "six" in ran.out
    assert ran.status == 0


@every_command
def test_a_string_of_50_megabytes_is_a_string(command: tuple[str, ...], tmp_path: Path) -> None:
    described = package(meta='{ description = "' + "x" * 50_000_000 + '"; license = licenses.mit; }')
    ran = run(tmp_path, expression(described + SIX), command)
    assert ran.status == 0
    assert len(ran.out) < 50_000
    assert "shop" in ran.out


BYTES = {
    "NUL": (expression().replace("1.12.0", "1.12.0\0").encode(), "undecodable"),
    "Latin-1": (
        expression().replace('description = ""', 'description = "Gr\xfc\xdfe"').encode("latin-1"),
        "undecodable",
    ),
    "half a pair": (expression().encode() + b"# \xed\xa0\x80\n", "undecodable"),
    "a name that is none": (expression(SIX.replace('"six" =', '"six\\n[tool.poetry]" =')), "not-understood"),
    "a name that is computed": (expression(SIX + '"${x}" = python.mkDerivation { };'), "not-understood"),
    "a version that is computed": (
        expression(SIX.replace("six-1.12.0", "six-${builtins.readFile /etc/passwd}")),
        "not-understood",
    ),
}


@every_command
@pytest.mark.parametrize(("content", "code"), BYTES.values(), ids=BYTES)
def test_what_cannot_be_read_is_told_with_its_line(
    content: str | bytes, code: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    told = [finding for finding in findings(run(tmp_path, content, command)) if finding["code"] == code]
    assert told
    assert all(finding["origin"]["path"] == MAIN and finding["origin"]["line"] > 1 for finding in told)


@every_command
def test_nothing_of_the_machine_is_read(command: tuple[str, ...], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("9.9.9.9", encoding="utf-8")
    ran = run(tmp_path, expression(SIX.replace("1.12.0", f"${{builtins.readFile {secret}}}")), command)
    assert "9.9.9.9" not in ran.out


WINDOWS = {"CRLF": expression().replace("\n", "\r\n").encode(), "BOM": b"\xef\xbb\xbf" + expression().encode()}


@pytest.mark.parametrize("content", WINDOWS.values(), ids=WINDOWS)
def test_what_an_editor_of_windows_leaves_changes_nothing(content: bytes, tmp_path: Path) -> None:
    plain = run(tmp_path, expression(), COMMANDS["inspect"])
    assert run(tmp_path, content, COMMANDS["inspect"]) == plain


# credentials

HOST = "https://ada:tok3n-of-ada@git.example.org"
HASH = "ab" * 32
SECRETS = {
    "a file": package(src=f'pkgs.fetchurl {{ url = "{HOST}/shop-1.0.tar.gz"; sha256 = "{HASH}"; }}'),
    "a bare address": package(src=f"pkgs.fetchurl {{ url = {HOST}/shop-1.0.tar.gz; }}"),
    "a repository": package(src=f'pkgs.fetchgit {{ url = "{HOST}/shop.git"; rev = "{HASH[:40]}"; }}'),
    "one of Mercurial": package(src=f'pkgs.fetchhg {{ url = "{HOST}/shop"; rev = "1"; }}'),
    "what is computed": package(src=f'"${{fetch "{HOST}/shop"}}/sub"'),
    "what is not understood": package(propagatedBuildInputs=f'[ (f "{HOST}/shop") ]'),
    "a name": package(name="shop", version="1.0") + f'"{HOST}/shop" = python.mkDerivation {{ }};',
    "a version": package(version=f"{HOST}/shop"),
    "a licence": package(meta=f'{{ license = "{HOST}/shop"; }}'),
    "a format": package(format=f'"{HOST}/shop"'),
    "a comment": package() + f"# {HOST}/shop\n",
    "what is damaged": package() + f'<<<<<<< "{HOST}/shop"\n',
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_no_report_and_no_file_shows_credentials(text: str, tmp_path: Path) -> None:
    command = f"-r requirements.txt -O {HOST}/o.nix -e git+{HOST}/x.git#egg=x -N 'A={HOST}'"
    content = expression(text + SIX, command=command)
    (tmp_path / "requirements.txt").write_text("six\n", encoding="utf-8")
    reports = [word for form in form_names() for word in ("--report", f"{form}:report.{form}")]
    shown = run(tmp_path, content, ("inspect", MAIN)).out
    shown += run(tmp_path, content, ("inspect", MAIN, "--json")).out
    ran = run(tmp_path, content, ("from-pypi2nix", "--no-lock", "--python", "3.12", *reports))
    assert ran.status == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.name != MAIN}
    assert {"pyproject.toml", *(f"report.{form}" for form in form_names())} <= written.keys()
    assert "tok3n" not in shown + ran.out + ran.err + "".join(written.values())
