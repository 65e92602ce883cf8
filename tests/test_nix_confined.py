"""What a hostile expression tries, with real Nix: it reads, fetches, runs and leaves nothing, and comes to an end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migrator.model.evaluation import Evaluation, NotEvaluated
from migrator.tools.nix.confined import Limits, NixError, evaluate, find_nix
from migrator.tools.nix.evaluation import evaluate_expression

pytestmark = pytest.mark.nix

SECRET = "the-secret-of-this-machine"
PATIENCE = 30


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that the expression is not given, in a folder of git that it is not given either."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    return folder / "secret"


def ask(folder: Path, text: str, limits: Limits | None = None) -> str:
    """What Nix prints for ``text``, confined."""
    folder.mkdir()
    answer = evaluate(find_nix(), {"question.nix": text.encode()}, "question.nix", str(folder), limits or Limits())
    return answer.decode().strip()


def refusal(folder: Path, text: str, limits: Limits | None = None) -> str:
    with pytest.raises(NixError) as refused:
        ask(folder, text, limits)
    return str(refused.value)


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                came.append(str(address))
                connection.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)


def test_what_it_may_do_it_does(tmp_path: Path) -> None:
    """Or all that follows would be easy."""
    assert ask(tmp_path / "nix", "map (n: n * 2) [ 1 2 ]") == "[2,4]"


READING = {
    "reads a file": "builtins.readFile {secret}",
    "reads it by a way around": 'builtins.readFile (./. + "/../../elsewhere/secret")',
    "reads it from text": 'builtins.readFile "{secret}"',
    "puts it into a string": '"${{{secret}}}"',
    "imports it": "import {secret}",
    "imports it with a scope": "builtins.scopedImport {{ }} {secret}",
    "lists its folder": "builtins.readDir {folder}",
    "hashes it": 'builtins.hashFile "sha256" {secret}',
    "stores it": 'builtins.path {{ path = {secret}; name = "x"; }}',
    "filters its folder": "builtins.filterSource (_: _: true) {folder}",
    "clones its folder": "builtins.fetchGit {folder}",
    "clones it by an address": 'builtins.fetchGit "file://{folder}"',
    "fetches it": 'builtins.fetchurl "file://{secret}"',
    "takes it from a search path": 'import (builtins.findFile [ {{ prefix = "x"; path = "{folder}"; }} ] "x/secret")',
    "calls it a path of the store": 'builtins.readFile (builtins.storePath "{secret}")',
    "builds and reads": 'builtins.readFile (derivation {{ name = "x"; system = builtins.currentSystem; '
    'builder = "/bin/sh"; args = [ "-c" "cat {secret} > $out" ]; }})',
    "takes a flake": 'builtins.getFlake "path:{folder}"',
    "runs a program": 'builtins.exec [ "cat" "{secret}" ]',
    "loads a library": 'builtins.importNative "{secret}" "x"',
}


@pytest.mark.parametrize("attack", READING.values(), ids=READING)
def test_no_other_file_can_be_read(attack: str, tmp_path: Path, secret: Path) -> None:
    said = refusal(tmp_path / "nix", attack.format(secret=secret, folder=secret.parent))
    assert SECRET not in said
    assert said.startswith("Nix refuses it: ")


def test_not_even_whether_a_file_is_there_can_be_known(tmp_path: Path, secret: Path) -> None:
    assert ask(tmp_path / "nix", f"builtins.pathExists {secret}") == "false"


@pytest.mark.parametrize("name", ["HOME_OF_MINE", "PATH", "HOME", "USER", "NIX_PATH"])
def test_the_environment_is_empty(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, os.environ.get(name, SECRET))
    assert ask(tmp_path / "nix", f'builtins.getEnv "{name}"') == '""'


FETCHING = {
    "a file": 'builtins.fetchurl "http://127.0.0.1:{port}/x"',
    "an archive": 'builtins.fetchTarball "http://127.0.0.1:{port}/x.tar.gz"',
    "an archive of a known hash": 'builtins.fetchTarball {{ url = "http://127.0.0.1:{port}/x.tar.gz"; '
    'sha256 = "0000000000000000000000000000000000000000000000000000"; }}',
    "a repository": 'builtins.fetchGit "http://127.0.0.1:{port}/x"',
    "a commit": 'builtins.fetchGit {{ url = "http://127.0.0.1:{port}/x"; '
    'rev = "0123456789012345678901234567890123456789"; }}',
    "a repository through ssh": 'builtins.fetchGit "ssh://127.0.0.1:{port}/x"',
    "a repository through a program": 'builtins.fetchGit "ext::touch {port}"',
    "a repository of Mercurial": 'builtins.fetchMercurial "http://127.0.0.1:{port}/x"',
    "a tree": 'builtins.fetchTree {{ type = "tarball"; url = "http://127.0.0.1:{port}/x"; }}',
    "a flake": 'builtins.getFlake "http://127.0.0.1:{port}/x.tar.gz"',
    "what Nix would substitute": 'builtins.readFile (import <nix/fetchurl.nix> {{ url = "http://127.0.0.1:{port}/x"; '
    'sha256 = "0000000000000000000000000000000000000000000000000000"; }})',
}


@pytest.mark.parametrize("attack", FETCHING.values(), ids=FETCHING)
def test_nothing_can_be_fetched(attack: str, tmp_path: Path) -> None:
    with listening() as (port, came):
        said = refusal(tmp_path / "nix", attack.format(port=port))
    assert came == []
    assert said.startswith("Nix refuses it: ")


def test_the_port_would_have_told(tmp_path: Path) -> None:
    """The judge of the test above: Nix without its fetters does come there."""
    with listening() as (port, came):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NIX_STORE_DIR": str(tmp_path / "store")}
        text = f'builtins.fetchurl "http://127.0.0.1:{port}/x"'
        options = ["--option", "download-attempts", "1", "--option", "substitute", "false"]
        subprocess.run(
            ["nix-instantiate", "--eval", "--store", "dummy://", *options, "-E", text],
            check=False,
            capture_output=True,
            env=environment,
            timeout=PATIENCE,
        )
    assert came


def test_nothing_is_left_in_the_store_or_anywhere(tmp_path: Path) -> None:
    text = (
        'let d = derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; }; '
        'in [ (builtins.toFile "x" "y") d.drvPath "${./question.nix}" ]'
    )
    ask(tmp_path / "nix", text)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "nix/files/question.nix"
    ]


ENDLESS = (
    "let many = builtins.genList (n: n) 1000000; in builtins.foldl' (a: _: builtins.foldl' (b: n: b + n) a many) 0 many"
)
LIMITED = {
    "runs for ever": (ENDLESS, Limits(seconds=2), "Nix was not done after 2 seconds"),
    "sleeps on a pipe": ("builtins.readFile /dev/stdin", Limits(seconds=5), "Nix refuses it: "),
    "calls itself": (
        "let f = n: 1 + f n; in f 0",
        Limits(),
        "Nix finds an expression without an end (infinite recursion)",
    ),
    "is its own value": (
        "let x = x; in x",
        Limits(),
        "Nix finds an expression without an end (infinite recursion)",
    ),
    "takes all memory": (
        'builtins.foldl\' (s: _: s + s) "0123456789abcdef" (builtins.genList (n: n) 40)',
        Limits(memory=1 << 30),
        "Nix refuses it: out of memory",
    ),
    "takes all memory in a list": (
        "builtins.length (builtins.genList (n: n) 2000000000)",
        Limits(memory=1 << 30),
        "Nix refuses it: out of memory",
    ),
    "never ends its answer": (
        "builtins.genList (n: n) 10000000",
        Limits(output=1 << 20),
        "Nix said more than anybody could read",
    ),
    "never ends its chatter": (
        'builtins.foldl\' (a: n: builtins.trace "chatter" a) 0 (builtins.genList (n: n) 1000000)',
        Limits(output=1 << 20),
        "Nix said more than anybody could read",
    ),
}


@pytest.mark.parametrize(("text", "limits", "expected"), LIMITED.values(), ids=LIMITED)
def test_whatever_it_does_it_ends(text: str, limits: Limits, expected: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    assert refusal(tmp_path / "nix", text, limits).startswith(expected)
    assert time.monotonic() - begun < PATIENCE


# through the whole question

EXPRESSION = """\
{ pkgs ? import <nixpkgs> { } }:
let
  commonBuildInputs = [ ];
  python = { mkDerivation = arguments: arguments; };
  generated = self: {
    "six" = python.mkDerivation { name = "six-%s"; src = ./.; };
  };
in
{ packages = pkgs.lib.fix' generated; }
"""


def evaluated(version: str, limits: Limits | None = None) -> Evaluation | NotEvaluated:
    return evaluate_expression("requirements.nix", {"requirements.nix": (EXPRESSION % version).encode()}, limits)


def test_an_expression_is_given_no_file_but_itself(secret: Path) -> None:
    said = evaluated(f"${{builtins.readFile {secret}}}")
    assert isinstance(said, NotEvaluated)
    assert said.why == (f"Nix refuses it: access to absolute path '{secret}' is forbidden in restricted mode")


def test_its_message_names_its_own_file_and_line_and_no_folder_of_ours() -> None:
    assert evaluated("${nowhere}") == NotEvaluated(
        why="Nix refuses it: undefined variable 'nowhere' (at requirements.nix:6:49)"
    )


def test_credentials_and_control_characters_in_its_message_are_masked() -> None:
    said = evaluated('${throw "https://ada:pa55word@example.org \\u001b[31m"}')
    assert isinstance(said, NotEvaluated)
    assert "pa55word" not in said.why
    assert said.why.isprintable()


def test_what_it_fetches_is_a_stand_in() -> None:
    said = evaluated(
        '${(import (builtins.fetchTarball "https://example.org/x.tar.gz") { }).lib.optionalString true "1.0"}'
    )
    assert isinstance(said, Evaluation)
    assert said.packages["six"].full_name == "six-1.0"


def test_a_large_file_is_not_laid_before_nix() -> None:
    said = evaluate_expression("requirements.nix", {"requirements.nix": b" " * (17 << 20)})
    assert said == NotEvaluated(why="it has more than 16 MB")


# Nix itself


def fake(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "nix-instantiate"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_without_nix_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert evaluated("1.0") == NotEvaluated(why="nix-instantiate is not installed here")


FAKES = {
    'echo "nix-instantiate (Nix) 2.3.16"': "Nix 2.3 is too old to be confined; it takes 2.4 or a newer one",
    "echo hello": "nix-instantiate says no version",
    'case "$1" in --version) echo "nix-instantiate (Nix) 2.18.1";; *) echo "{";; esac': (
        "what Nix answers, or the name of a file, is nothing that can be read"
    ),
    'case "$1" in --version) echo "nix-instantiate (Nix) 2.18.1";; *) kill -9 $$;; esac': (
        "Nix broke off, most likely for want of memory"
    ),
}


@pytest.mark.parametrize(("script", "expected"), FAKES.items())
def test_another_nix_is_told(script: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, script, monkeypatch)
    assert evaluated("1.0") == NotEvaluated(why=expected)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find what still runs")
def test_ctrl_c_ends_nix_too(tmp_path: Path) -> None:
    endless = EXPRESSION % f"${{toString ({ENDLESS})}}"
    (tmp_path / "requirements.nix").write_text(endless, encoding="utf-8")
    stage = tmp_path / "stage"
    stage.mkdir()
    run = subprocess.Popen(
        [sys.executable, "-m", "migrator", "inspect", "--check-with-nix", "requirements.nix"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(stage), "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ended = time.monotonic() + PATIENCE
    while not any("nix-instantiate" in line for line in running_in(stage)):
        assert time.monotonic() < ended
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    assert said.decode().strip().endswith("Stopped; nothing was changed")
    assert running_in(stage) == []
    assert list(stage.iterdir()) == []


def running_in(folder: Path) -> list[str]:
    """The command lines of all processes that name ``folder``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found
