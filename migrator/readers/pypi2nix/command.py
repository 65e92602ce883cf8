"""The header that pypi2nix writes above its expressions, and the command line in it.

Up to 1.8 the words were joined without their quotes (``-E 'libffi openssl'`` became ``-E libffi openssl``), since 2.0
they are quoted as a shell would have them. So the words that follow an option which takes a list belong to it, up to
the next option.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import NamedTuple

_FLAGS = {
    "-v": "--verbose",
    "-q": "--quiet",
    "-T": "--enable-tests",
    "--version": "--version",
    "--default-overrides": "--default-overrides",
    "--no-default-overrides": "--no-default-overrides",
    "--emit-extra-build-inputs": "--emit-extra-build-inputs",
    "--no-emit-extra-build-inputs": "--no-emit-extra-build-inputs",
}
_VALUES = {
    "-I": "--nix-path",
    "-b": "--buildout",
    "-C": "--cache-dir",
    "-E": "--extra-build-inputs",
    "-N": "--extra-env",
    "-V": "--python-version",
    "-r": "--requirements",
    "-e": "--editable",
    "-s": "--setup-requires",
    "-O": "--overrides",
    "-W": "--wheels-cache",
    "--nix-shell": "--nix-shell",
    "--basename": "--basename",
    "--name": "--name",
    "--build-directory": "--build-directory",
    "--dependency-graph-output": "--dependency-graph-output",
    "--dependency-graph-input": "--dependency-graph-input",
}
_FLAGS |= {long: long for long in _FLAGS.values()}
_VALUES |= {long: long for long in _VALUES.values()}
_SEVERAL_WORDS = frozenset({"--extra-build-inputs", "--setup-requires", "--extra-env", "--editable"})
"""Options whose value may have had blanks in it, and so have lost its quotes."""
_VERSION = re.compile(r"generated using pypi2nix tool(?: \(version: (?P<version>.*)\))?")
SPECIFICATION = ""
"""The name of what stands for itself: requirements, as pypi2nix 1.0 to 1.2 took them."""
UNKNOWN = "?"
"""The name of an option that no pypi2nix ever had."""


class Given(NamedTuple):
    """One option by its long name, with its value (empty for a flag); :data:`SPECIFICATION` or :data:`UNKNOWN`."""

    option: str
    value: str

    @property
    def words(self) -> tuple[str, ...]:
        """The value of an option that takes a list."""
        return tuple(self.value.split())


class Header(NamedTuple):
    """What the header says. ``version`` is only a label: it stayed for months in either direction."""

    line: int
    """The line of the command, or of the first line of the header where there is none."""
    last: int
    """The last line of the header."""
    version: str | None
    command: str | None
    given: tuple[Given, ...]

    def values(self, option: str) -> tuple[str, ...]:
        """What was given for ``option``, in order."""
        return tuple(given.value for given in self.given if given.option == option)


def read_header(comments: Iterable[tuple[str, int]]) -> Header | None:
    """The header among the comments at the start of a file (each with its line), None where there is none."""
    version, first, expected = None, 0, False
    for comment, line in comments:
        for offset, text in enumerate(comment.removeprefix("/*").removesuffix("*/").split("\n")):
            text = text.strip().lstrip("#").strip()  # noqa: PLW2901
            found = _VERSION.match(text)
            if found is not None:
                version, first = found["version"], line + offset
            elif text == "COMMAND:":
                expected = True
            elif expected and text:
                program, _, rest = text.partition(" ")
                return Header(line + offset, line + offset, version, text, read_command(rest) if program else ())
    return Header(first, first, version, None, ()) if first else None


def read_command(arguments: str) -> tuple[Given, ...]:
    """The options in ``arguments``, what follows ``pypi2nix`` on its command line."""
    found: list[Given] = []
    words = _split(arguments)
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        for option, value in _read_word(word):
            if value is not None or option not in _VALUES.values():
                found.append(Given(option, value or ""))
                continue
            taken = words[at : at + 1]
            if option in _SEVERAL_WORDS:
                end = at + 1
                while end < len(words) and not _is_option(words[end]):
                    end += 1
                taken = words[at:end]
            at += len(taken)
            found.append(Given(option, " ".join(taken)))
    return tuple(found)


def _split(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:  # an apostrophe of a time without quotes
        return arguments.split()


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-")


def _read_word(word: str) -> list[tuple[str, str | None]]:
    """The options in one word; a value is None where the next word is it."""
    if not _is_option(word):
        return [(SPECIFICATION, word)]
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if name in _FLAGS:
            return [(_FLAGS[name], "")]
        return [(_VALUES[name], value if equals else None)] if name in _VALUES else [(UNKNOWN, word)]
    found: list[tuple[str, str | None]] = []
    for at, letter in enumerate(word[1:], 1):
        if f"-{letter}" in _FLAGS:
            found.append((_FLAGS[f"-{letter}"], ""))
        elif f"-{letter}" in _VALUES:
            return [*found, (_VALUES[f"-{letter}"], word[at + 1 :] or None)]
        else:
            return [*found, (UNKNOWN, word)]
    return found
