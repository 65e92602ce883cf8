"""Any Poetry from 1.8 on, through its command line.

What the command line cannot do is told: it cannot leave out a requirement to prove a reason, and cannot lock for a
range of Pythons that excludes the one it runs on.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.evidence import Evidence
from migrator.model.locking import Failure, LockAnswer, Locked, LockRequest, NotLocked
from migrator.model.plan import Priority, credential_variables
from migrator.model.progress import Progress
from migrator.model.project import Pin
from migrator.model.trouble import WorldError
from migrator.model.url import Url, mask_credentials
from migrator.model.version import AnyVersion

from .bundled import BundledPoetry
from .door import InternalsChangedError, Opening, read_credentials
from .layout import direct_origins, lay_out
from .process import Stage, end

OLDEST = Version("1.8")
_TWO = Version("2")
_TRANSPORT = "migrator-transport"
_PUBLIC = Url.parse("https://pypi.org/simple/")
_GROUPS_IN_HASH_SINCE = Version("2.3.0")
_NO_BUILDS = "no-leave-to-build"
_VERSION = re.compile(r"\(version ([^)\s]+)\)|Poetry ([0-9][^\s]*)")
_NOT_FOUND = re.compile(r"^Package \[?([^\s\]]+)\]? (?:\((\S+)\) )?not found\.", re.MULTILINE)
_PYTHON = re.compile(r"^\s*- (\S+) requires Python (.+), so it will not be installable", re.MULTILINE)
_OTHER_PYTHON = re.compile(r"Current Python version \((\S+)\) is not allowed by the project \((.+)\)")
_UNREACHABLE = re.compile(
    r"All attempts to connect to|HTTPError|ConnectionError|Max retries exceeded|Expecting value|"
    r"Server Error: |Client Error: |Authorization error|Connection aborted|not responding"
)
_SOURCE_BLOCK = re.compile(rf'\n\[package\.source\]\ntype = "legacy"\nurl = "[^"\n]*"\nreference = "{_TRANSPORT}"\n')
_HASH = re.compile(r'^content-hash = "[0-9a-f]*"$', re.MULTILINE)

_Answer = TypeVar("_Answer")


class CommandPoetry:
    """A Poetry of the user's; ``command`` is how it is started, ``helper`` asks the index, which no command does.

    :raises migrator.model.trouble.WorldError: it does not start, says no version, or is older than 1.8
    """

    def __init__(self, command: tuple[str, ...], helper: BundledPoetry | None, opening: Opening) -> None:
        self._command = command
        self._helper = helper
        self._opening = opening
        self._only_plain_pages = False
        self._stage = Stage()
        try:
            self._version = self._ask_version()
        except BaseException:
            self._stage.close()
            raise

    @property
    def version(self) -> str:
        """What ``poetry --version`` says."""
        return str(self._version)

    @property
    def relaxes(self) -> bool:
        """Never: the command line has no such thing."""
        return False

    @property
    def limits(self) -> tuple[str, ...]:
        """That nothing was asked of the index beforehand, where that is so."""
        if self._helper is not None:
            return ()
        return (
            (
                "Poetry's command line tells nothing of the pins before it locks: the range of Pythons was not "
                "compared with them"
            ),
        )

    def gather(self, pins: tuple[Pin, ...], progress: Progress) -> Evidence:
        """What the index says, asked by the bundled Poetry; nothing where that one cannot."""
        found = self._ask_helper(lambda helper: helper.gather(pins, progress), Evidence())
        self._only_plain_pages = self._only_plain_pages or found.fallback
        return found

    def versions(self, name: NormalizedName, index: str | None) -> tuple[AnyVersion, ...]:
        """See :meth:`migrator.tools.poetry.door.Poetry.versions`."""
        return self._ask_helper(lambda helper: helper.versions(name, index), ())

    def look_into(self, files: tuple[DistributionFile, ...]) -> tuple[Inside, ...]:
        """What the bundled Poetry finds; nothing where that one cannot work."""
        return self._ask_helper(lambda helper: helper.look_into(files), ())

    def lock(self, request: LockRequest) -> LockAnswer:
        """Run ``poetry lock`` in a copy of the project's surroundings, so that relative paths keep their meaning."""
        through = self._through()
        with self._stage.folder() as stage:
            folder = lay_out(Path(self._opening.root), request.pyproject, Path(stage))
            text = request.pyproject + _transport_source(through) if through else request.pyproject
            (folder / "pyproject.toml").write_text(text, encoding="utf-8", newline="")
            (folder / "poetry.lock").write_text(request.seed, encoding="utf-8", newline="")
            arguments = ("lock", "--no-update") if self._version < _TWO else ("lock",)
            status, said = self._run(arguments, folder)
            if status:
                return self._failure(said, request.pyproject)
            lock = (folder / "poetry.lock").read_text(encoding="utf-8")
        if lock == request.seed:
            raise WorldError(f"{self._shown} wrote no lock; name another Poetry with --poetry, or leave the option out")
        if through:
            lock = self._without_transport(lock, request.pyproject)
        warnings = tuple(line.removeprefix("Warning: ") for line in said.splitlines() if line.startswith("Warning: "))
        return Locked(text=lock, warnings=warnings)

    def check(self, pyproject: str, lock: str) -> tuple[str, ...]:
        """Run ``poetry check --lock`` on the two files."""
        with self._stage.folder() as stage:
            folder = lay_out(Path(self._opening.root), pyproject, Path(stage))
            (folder / "pyproject.toml").write_text(pyproject, encoding="utf-8", newline="")
            (folder / "poetry.lock").write_text(lock, encoding="utf-8", newline="")
            _, said = self._run(("check", "--lock"), folder)
        # a staged project has no README; every other error counts
        return tuple(
            line.removeprefix("Error: ")
            for line in said.splitlines()
            if line.startswith("Error: ") and "README" not in line
        )

    def close(self) -> None:
        """End the helper; a second time does nothing."""
        if self._helper is not None:
            self._helper.close()
        self._stage.close()

    def _ask_helper(self, question: Callable[[BundledPoetry], _Answer], otherwise: _Answer) -> _Answer:
        if self._helper is None:
            return otherwise
        try:
            return question(self._helper)
        except InternalsChangedError:
            self._helper = None
            return otherwise

    def _ask_version(self) -> Version:
        status, said = self._run(("--version",), self._stage.path)
        found = _VERSION.search(said)
        try:
            version = Version(found[1] or found[2]) if found and not status else None
        except InvalidVersion:
            version = None
        if version is None:
            raise WorldError(
                f"{self._shown} is no working Poetry; name another one with --poetry, or leave the option out"
            )
        if version < OLDEST:
            raise WorldError(
                f"Poetry {version} ({self._shown}) is too old to keep the versions of a lock; "
                f"name one from {OLDEST} on with --poetry, or leave the option out"
            )
        return version

    @property
    def _shown(self) -> str:
        return " ".join(self._command)

    def _run(self, arguments: tuple[str, ...], folder: Path) -> tuple[int, str]:
        try:
            process = subprocess.Popen(
                [*self._command, *arguments, "--no-interaction", "--no-ansi"],
                cwd=folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        except OSError as error:
            raise WorldError(
                f"{self._shown} cannot be started ({error.strerror}); name a Poetry with --poetry PATH"
            ) from error
        with process:
            try:
                said, _ = process.communicate()
            except BaseException:
                end(process)
                raise
        return process.returncode, mask_credentials(said)

    def _environment(self) -> dict[str, str]:
        environment = {
            **self._stage.environment(),
            "POETRY_VIRTUALENVS_CREATE": "false",
            "POETRY_VIRTUALENVS_IN_PROJECT": "false",
            "NO_COLOR": "1",
            "PYTHONSAFEPATH": "1",
            "PYTHONUTF8": "1",
        }
        environment.pop("VIRTUAL_ENV", None)
        if not self._opening.allow_build:
            # every build of metadata begins with a virtual environment; this one cannot be made
            environment["VIRTUALENV_CREATOR"] = _NO_BUILDS
        addresses = {source.name: source.url for source in self._opening.sources}
        if self._opening.transport is not None:
            addresses[_TRANSPORT] = self._opening.transport
        for name, url in addresses.items():
            if (pair := read_credentials(url)) is not None:
                for variable, value in zip(credential_variables(name), pair, strict=True):
                    environment.setdefault(variable, value)
        return environment

    def _through(self) -> Url | None:
        """The address to send Poetry to where it cannot use PyPI's own interface; None where it can."""
        if any(source.priority is Priority.PRIMARY for source in self._opening.sources):
            return None
        return self._opening.transport or (_PUBLIC if self._only_plain_pages else None)

    def _without_transport(self, lock: str, pyproject: str) -> str:
        """The lock as from PyPI itself: no trace of the address that was used, the hash of the real pyproject."""
        digest = self._ask_helper(
            lambda helper: helper.hash(pyproject, groups=self._version >= _GROUPS_IN_HASH_SINCE), ""
        )
        if not digest:
            raise WorldError(
                f"Poetry {self._version} does not reach PyPI through another address by itself; "
                "lock on a machine that reaches PyPI, or name the index in the requirements file"
            )
        return _HASH.sub(f'content-hash = "{digest}"', _SOURCE_BLOCK.sub("", lock))

    def _failure(self, said: str, pyproject: str) -> NotLocked:
        """Why Poetry gave up.

        :raises migrator.model.trouble.WorldError: for a reason that no other plan can mend
        """
        if _NO_BUILDS in said or "No implementation for PythonInfo" in said:
            return NotLocked(
                failure=Failure.NEEDS_BUILD, message="Poetry wanted to run a build", packages=direct_origins(pyproject)
            )
        if other := _OTHER_PYTHON.search(said):
            raise WorldError(
                f"Poetry {self._version} runs on Python {other[1]}, and its command line locks only for ranges with "
                f"that one in it, which {other[2]} is not; leave --poetry out, or name a Poetry on another Python"
            )
        if missing := _NOT_FOUND.search(said):
            words = [canonicalize_name(missing[1]), missing[2] or ""]
            return NotLocked(failure=Failure.VERSION_NOT_FOUND, message=missing[0], packages=(" ".join(words).strip(),))
        if python := sorted({canonicalize_name(match[1]) for match in _PYTHON.finditer(said)}):
            return NotLocked(failure=Failure.PYTHON, message=_tail(said), packages=tuple(python))
        if "version solving failed" in said or "Because " in said:
            return NotLocked(failure=Failure.CONFLICT, message=_tail(said))
        if _UNREACHABLE.search(said):
            raise WorldError(f"Poetry {self._version} could not ask the package index: {_tail(said)}")
        return NotLocked(failure=Failure.OTHER, message=_tail(said))


def _transport_source(url: Url) -> str:
    """The address for the staged file only. Its credentials go through the environment."""
    quoted = url.without_credentials().reveal().replace("\\", "\\\\").replace('"', '\\"')
    return f'\n[[tool.poetry.source]]\nname = "{_TRANSPORT}"\nurl = "{quoted}"\npriority = "primary"\n'


def _tail(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(lines[-12:])
