"""``nix-instantiate --eval`` on files that nobody trusts: it can read these files, compute and print, and nothing else.

Nix's own restricted mode keeps it from every other file, from every address and from the environment; a store that is
none (``dummy://``) from building and from storing. What Nix's mode may miss meets a second wall: there is no program to
be found, every proxy is a closed port, no file may grow beyond what is printed, and time and memory are bounded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from migrator.model.url import mask_credentials
from migrator.tools.poetry.process import end

OLDEST = (2, 4)
"""The first one with a store that is none."""
FILES = "files"
"""The folder, in that of an evaluation, that Nix may read."""
_PROGRAM = "nix-instantiate"
_VERSION = re.compile(r"\(Nix[^)]*\) (\d+)\.(\d+)")
_OPTIONS = {
    "restrict-eval": "true",
    "allowed-uris": "",
    "allow-import-from-derivation": "false",
    "allow-unsafe-native-code-during-evaluation": "false",
    "experimental-features": "",
    "plugin-files": "",
    "substitute": "false",
}
_LIMITED = """\
import os, resource, signal, sys
def bound(name, most):
    hard = resource.getrlimit(getattr(resource, name))[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(getattr(resource, name), (most, most))
    except (OSError, ValueError):
        pass  # the system has no such bound; the time has another one
seconds, memory, output = map(int, sys.argv[1:4])
bound("RLIMIT_CPU", seconds)
bound("RLIMIT_AS", memory)
bound("RLIMIT_FSIZE", output)
bound("RLIMIT_CORE", 0)
for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and so would whatever it becomes
    signal.signal(getattr(signal, name), signal.SIG_DFL)
os.execv(sys.argv[4], sys.argv[4:])
"""
"""The bounds are set by a process of their own, which becomes Nix: nothing of ours runs between a fork and a start."""
_NOWHERE = "http://127.0.0.1:9"
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PLACE = re.compile(r"at (\S+:\d+:\d+):?")
_TIME, _SIZE = 24, 25
"""SIGXCPU and SIGXFSZ, by number: Windows has neither such signals nor Nix."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What an evaluation may use: seconds, bytes of memory, bytes of its answer."""

    seconds: int = 60
    memory: int = 3 << 30
    output: int = 64 << 20


class NixError(Exception):
    """Nix is not here, or gave no answer. The text is one sentence for the user, without paths of the machine."""


def find_nix() -> str:
    """The absolute path of an installed ``nix-instantiate`` that is new enough.

    :raises NixError: there is none
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise NixError(f"{_PROGRAM} is not installed here")
    try:
        said = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NixError(f"{_PROGRAM} cannot be started") from error
    found = _VERSION.search(said.decode("utf-8", "replace"))
    if found is None:
        raise NixError(f"{_PROGRAM} says no version")
    if (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise NixError(f"Nix {found[1]}.{found[2]} is too old to be confined; it takes {oldest} or a newer one")
    return os.path.abspath(program)


def evaluate(program: str, files: Mapping[str, bytes], question: str, folder: str, limits: Limits) -> bytes:
    """What Nix prints for ``question``, a path among ``files``, which are laid below the empty ``folder``.

    :raises NixError: Nix refuses it, or it needs more than ``limits`` allow
    :raises OSError: the files cannot be written
    """
    stage = os.path.join(folder, FILES)
    for path, data in files.items():
        place = os.path.join(stage, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as stream:
            stream.write(data)
    options = [word for name, value in _OPTIONS.items() for word in ("--option", name, value)]
    command = [sys.executable, "-I", "-S", "-c", _LIMITED, *map(str, (limits.seconds, limits.memory, limits.output))]
    command += [program, "--eval", "--strict", "--json", "--readonly-mode", "--store", "dummy://", *options]
    command += ["-I", f"stage={stage}", os.path.join(stage, question)]
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as noise:
        try:
            status = _run(command, folder, limits.seconds, answer.fileno(), noise.fileno())
        except OSError as error:
            raise NixError(f"{_PROGRAM} cannot be started: {error.strerror}") from error
        noise.seek(0)
        said = noise.read(1 << 16).decode("utf-8", "replace")
        if status:
            raise NixError(_explain(status, said, stage, limits))
        answer.seek(0)
        return answer.read()


def _run(command: list[str], folder: str, seconds: int, answer: int, noise: int) -> int:
    """The exit status, below zero the signal that ended it. Whatever ends us ends Nix, and all that it started."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=answer,
        stderr=noise,
        start_new_session=True,  # Ctrl-C is ours to handle
    )
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        end(process)
        return -_TIME
    except BaseException:
        end(process)
        raise


def _environment(folder: str) -> dict[str, str]:
    own = {f"NIX_{name}_DIR": os.path.join(folder, name.lower()) for name in ("STORE", "STATE", "LOG", "CONF", "DATA")}
    return {
        **own,
        "NIX_USER_CONF_FILES": os.path.join(folder, "none"),
        "HOME": folder,
        "XDG_CACHE_HOME": folder,
        "TMPDIR": folder,
        "PATH": os.path.join(folder, "none"),
        "LC_ALL": "C",
        "NO_COLOR": "1",
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), _NOWHERE),
        "GC_INITIAL_HEAP_SIZE": str(64 << 20),
    }


def _explain(status: int, said: str, stage: str, limits: Limits) -> str:
    """Why there is no answer."""
    if status == -_TIME:
        return f"Nix was not done after {limits.seconds} seconds"
    if status == -_SIZE:
        return "Nix said more than anybody could read"
    if "stack overflow" in said or "infinite recursion" in said:
        return "Nix finds an expression without an end (infinite recursion)"
    lines = [line.strip() for line in _ESCAPE.sub("", said).replace(f"{stage}/", "").splitlines()]
    errors = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    if not errors or status < 0:
        return "Nix broke off, most likely for want of memory"
    # the last one is the cause, and its place follows
    shown = mask_credentials(" ".join(lines[errors[-1]].removeprefix("error: ").split()))
    place = next(filter(None, map(_PLACE.fullmatch, lines[errors[-1] :])), None)
    return f"Nix refuses it: {shown}" + (f" (at {place[1]})" if place else "")
