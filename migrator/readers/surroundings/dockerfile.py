"""Which system packages a Dockerfile installs: a hint at the native libraries that the project is built with.

The format is Docker's (https://docs.docker.com/reference/dockerfile/). ``RUN`` is looked at, and the lists of packages
that ``ARG`` and ``ENV`` keep for it; nothing is run, and what is not understood says nothing.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import dropwhile
from typing import TypeAlias

from migrator.model.native import SystemPackage
from migrator.model.origin import Origin
from migrator.model.tree import Tree

_NAMES = re.compile(r"(?i)(?:dockerfile|containerfile)(?:[.-].+)?|.+[.-](?:dockerfile|containerfile)")
_FOLDERS = (".", "docker", ".docker", ".devcontainer")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(?P<character>[\\`])\s*", re.IGNORECASE)
_INSTRUCTION = re.compile(r"\s*(?P<keyword>RUN|ARG|ENV)\s+(?P<rest>.*)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"(?P<name>\w+)=(?P<value>.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<name>\w+))")
_HEREDOC = re.compile(r"<<-?(?P<quote>[\"']?)(?P<end>\w+)(?P=quote)")
_VERSION = re.compile(r"[=~<>].*|:(?:amd64|arm64|armhf|i386|any|native)$")
_SEPARATOR = re.compile(r"[;&|()<>]+|\{|\}|then|do|else")

_BEFORE = re.compile(r"\w+=.*|--\w+=.*|sudo|exec|command|time|env|!")
"""What stands before a command: variables, RUN's own options, programs that start others."""

_INSTALL = {
    "apk": ("add", {"-t", "--virtual", "-X", "--repository", "-p", "--root"}),
    "apt": ("install", {"-t", "-o", "-c", "--target-release", "--default-release", "--option", "--config-file"}),
    "dnf": ("install", {"-c", "--config"}),
    "yum": ("install", {"-c", "--config"}),
    "zypper": ("install", {"-r", "--repo", "-t", "--type"}),
}
"""By the program: its word for installing, and its options that take a value."""
_ALIASES = {"apt-get": "apt", "aptitude": "apt", "microdnf": "dnf", "tdnf": "dnf", "dnf5": "dnf"}

_NO_PART = re.compile(r"\s*(?:#|$)")
"""A comment or an empty line between two parts of an instruction."""

_Numbered: TypeAlias = tuple[str, int]
"""A word or a line, with the number of its line."""


def read_system_packages(tree: Tree) -> tuple[SystemPackage, ...]:
    """What the Dockerfiles in the project's folder install, each name once in each file, in reading order."""
    packages = []
    for path in _find(tree):
        text = (tree.read(path) or b"").decode("utf-8", errors="replace")
        first: dict[str, int] = {}
        for name, line in _installed(text):
            first.setdefault(name, line)
        packages += [
            SystemPackage(name=name, origin=Origin(path=path, line=line, end_line=line)) for name, line in first.items()
        ]
    return tuple(packages)


def _find(tree: Tree) -> Iterator[str]:
    for folder in _FOLDERS:
        for name in tree.list(folder):
            if _NAMES.fullmatch(name) and not name.endswith(("/", "ignore")):
                yield posixpath.normpath(posixpath.join(folder, name))


def _installed(text: str) -> Iterator[_Numbered]:
    for words in _commands(text):
        command = list(dropwhile(lambda word: _BEFORE.fullmatch(word[0]), words))
        if command:
            yield from _packages(_program(command[0][0]), command[1:])


def _program(word: str) -> str:
    name = posixpath.basename(word)
    return _ALIASES.get(name, name)


def _packages(program: str, words: list[_Numbered]) -> Iterator[_Numbered]:
    if program not in _INSTALL:
        return
    verb, valued = _INSTALL[program]
    installing = skip = False
    for word, line in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        elif not installing:
            if word != verb:
                return
            installing = True
        elif name := _VERSION.sub("", word):
            yield name, line


def _commands(text: str) -> Iterator[list[_Numbered]]:
    """The simple commands of all RUN instructions, in order, with what variables of the file stand for."""
    variables: dict[str, list[_Numbered]] = {}
    for keyword, lines in _instructions(text):
        if keyword != "RUN":
            variables |= _assignments(lines)
            continue
        words = [(word, number) for line, number in lines for word in _split(line)]
        command: list[_Numbered] = []
        for word, number in words:
            variable = _VARIABLE.fullmatch(word)
            if _SEPARATOR.fullmatch(word):
                yield command
                command = []
            elif variable and (kept := variables.get(variable["braced"] or variable["name"])):
                command += kept
            else:
                command.append((word, number))
        yield command


def _assignments(lines: list[_Numbered]) -> dict[str, list[_Numbered]]:
    """What ``ARG`` or ``ENV`` set, each as the words that it is made of."""
    found: dict[str, list[_Numbered]] = {}
    current: list[_Numbered] | None = None
    quoted = False
    for line, number in lines:
        for word in _split(line):
            assignment = None if quoted else _ASSIGNMENT.fullmatch(word)
            if assignment:
                current = found.setdefault(assignment["name"], [])
                current += [(part, number) for part in assignment["value"].split()]
            elif current is None:  # the old form: ENV NAME VALUE
                current = found.setdefault(word, [])
            else:
                current += [(part, number) for part in word.split()]
        quoted ^= (line.count('"') + line.count("'")) % 2 == 1
    return found


def _instructions(text: str) -> Iterator[tuple[str, list[_Numbered]]]:
    """The lines of each RUN, ARG and ENV, with their numbers; those of a here-document end in a separator each."""
    lines = list(enumerate(text.splitlines(), start=1))
    directive = _ESCAPE.fullmatch(lines[0][1]) if lines else None
    escape = directive["character"] if directive else "\\"
    remaining = iter(lines)
    for number, line in remaining:
        if found := _INSTRUCTION.fullmatch(line):
            run = [(found["rest"], number)]
            while run[-1][0].rstrip().endswith(escape):
                run[-1] = (run[-1][0].rstrip().removesuffix(escape), run[-1][1])
                following = next((each for each in remaining if not _NO_PART.match(each[1])), None)
                run += [(following[1], following[0])] if following else []
            if here := _HEREDOC.search(run[-1][0]):
                run[-1] = (run[-1][0][: here.start()], run[-1][1])
                run += _document(remaining, here["end"])
            yield found["keyword"].upper(), run


def _document(remaining: Iterator[tuple[int, str]], end: str) -> Iterator[_Numbered]:
    for number, line in remaining:
        if line.strip() == end:
            return
        goes_on = line.rstrip().endswith("\\")
        yield (line.rstrip().removesuffix("\\") if goes_on else f"{line} ;", number)


def _split(line: str) -> list[str]:
    """The words of a line of shell, its operators as words of their own; ``["apt-get", "install"]`` is one too."""
    stripped = line.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        try:
            words = json.loads(stripped)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return words
    lexer = shlex.shlex(stripped, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:  # a quote that is closed on another line
        return stripped.replace('"', " ").replace("'", " ").split()
