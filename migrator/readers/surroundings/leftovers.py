"""What still names the old tool: images, pipelines, scripts and pages. Told with place and line, not edited."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from migrator.model.finding import Code, Finding, Severity
from migrator.model.form import MARKS
from migrator.model.native import NIX_FIRST_LINE
from migrator.model.origin import Origin
from migrator.model.tree import Tree
from migrator.model.url import mask_credentials

from .lenient import list_folder, read_file
from .old_commands import (
    FREEZE,
    LOCK,
    SYNC,
    Command,
    Told,
    advise_compile,
    advise_name,
    advise_pip,
    advise_pipenv,
    advise_word,
    split_commands,
)
from .places import NOT_THE_PROJECT
from .statements import Line, split_statements

MOST_FILES = 2_000
MOST_FOLDERS = 1_000
MOST_BYTES = 8_000_000
LARGEST_FILE = 1_000_000
MOST_IN_A_FILE = 10
MOST_OF_ALL = 100
_LONGEST_QUOTE = 120

_RUN_OR_READ = re.compile(
    r"""(?xi)
      .* \. (?: ya?ml | sh | bash | zsh | fish | ps1 | bat | cmd | mk | mak | just | nix | md | rst | adoc | ini | toml
              | cfg | dockerfile | containerfile | service | tf | groovy )
    | (?: dockerfile | containerfile | makefile | gnumakefile | justfile | procfile | jenkinsfile | vagrantfile
        | \.envrc | readme | install | installing | contributing | hacking | development | building | deploy
        | deployment )
      (?: [.-] [\w.-]+ )?
    | (?: setup | noxfile | tasks | fabfile | dodo | conf ) \.py
    | (?: app | package | devcontainer | renovate | zappa_settings | \.releaserc ) \.json | \.dockerignore
    """
)
"""Names of the files that people or machines follow."""
_PAST = re.compile(
    r"(?i)(?:changelog|changes|history|news|releases?|authors|license|licence|copying)\b.*\.(?:md|rst|adoc)"
)
"""Pages that tell of the past, and the past stays as it was; ``release.nix`` and ``release.yml`` make the next one."""
_HIDDEN = frozenset({
    ".github", ".gitlab", ".circleci", ".buildkite", ".azure", ".azuredevops", ".pipelines", ".ci", ".devcontainer",
    ".docker", ".woodpecker", ".forgejo", ".gitea", ".semaphore", ".travis", ".teamcity", ".platform", ".ebextensions",
})  # fmt: skip
"""Hidden folders that belong to the project's work."""
_MERGED = "pyproject.toml"
"""Not looked at: our own table in it names the old files, and its lines move with the first run."""

_FILE = re.compile(
    r"(?<![\w./-])[\w.][\w.-]*(?:/[\w.-]+)*\.(?:txt|in|pip|nix)(?![\w-])|(?<![\w./-])Pipfile(?:\.lock)?(?![\w.-])"
)
"""A file that a line may mean, by a path from where the line stands."""

_Advise: TypeAlias = Callable[[str, str], str]
"""What to write now, by the path of the file and the line."""
_FromCommands: TypeAlias = Callable[[Iterable[Command], str], Iterator[Told]]


def _always(advice: str) -> _Advise:
    return lambda _path, _line: advice


def _compile(path: str, line: str) -> str:
    return advise_word(path, line) if path.endswith(".pre-commit-config.yaml") else advise_compile(line)


_MENTIONS: dict[str, tuple[tuple[str, str, _Advise], ...]] = {
    "requirements": (
        ("compile", r"\bpip-compile\b|\buv\s+pip\s+compile\b", _compile),
        ("sync", r"\bpip-sync\b|\buv\s+pip\s+sync\b", _always(SYNC)),
        ("freeze", r"\bpip3?\s+freeze\b", _always(FREEZE)),
    ),
    "pipenv": (
        ("pipenv_", r"\bPIPENV_\w+", _always("Poetry does not read that; its own variables begin with POETRY_")),
        ("pipenv", r"(?i)\bpipenv\b", advise_word),
        ("pipfile", r"\bPipfile(?:\.lock)?\b", advise_name),
    ),
    "pypi2nix": (("pypi2nix", r"\bpypi2nix\b", _always(f"{LOCK}: the new Nix files read poetry.lock themselves")),),
}
"""How each old tool is spoken of: a word in lower case that every such line has, the whole, and what to write now.

A format without a row has the names of its files.
"""
_COMMANDS: dict[str, tuple[str, _FromCommands]] = {
    "requirements": ("pip", advise_pip),
    "pipenv": ("pipenv", advise_pipenv),
}
"""How each old tool is called: a word in lower case that every such statement has, and who knows its commands."""


def find_leftovers(
    tree: Tree, format_: str, sources: Iterable[str], default_nix: str = "default.nix"
) -> tuple[Finding, ...]:
    """A note for each line below the root of ``tree`` that names the old tool or one of its files, ``sources``.

    A folder with files of its own by those names is another project, and what means them stays right. Nothing is run
    and nothing edited. Other people's folders, binaries, files of more than :data:`LARGEST_FILE` bytes and what we
    wrote ourselves are passed over; looking ends at :data:`MOST_FILES`, :data:`MOST_FOLDERS` and :data:`MOST_BYTES`,
    nearest folders first, and that it ended is told. Lines are quoted cut and without credentials. ``default_nix`` is
    what our Nix file is called.
    """
    sources = frozenset(posixpath.normpath(path) for path in sources)
    speaks = _Speech(format_, sources, default_nix)
    findings: list[Finding] = []
    files = size = 0
    for path in _list_files(tree, sources):
        content = read_file(tree, path)
        if content is None or len(content) > LARGEST_FILE or b"\0" in content[:8_192] or _is_ours(content):
            continue
        files += 1
        size += len(content)
        if files > MOST_FILES or size > MOST_BYTES or len(findings) >= MOST_OF_ALL:
            return (*findings, _tell_end(path))
        found = speaks.find(path, content.decode("utf-8", errors="replace"))
        findings += [note for note, line in found if line is None or not _means_another(tree, path, line, sources)]
    return tuple(findings)


def _means_another(tree: Tree, path: str, line: str, sources: frozenset[str]) -> bool:
    """Whether every file that ``line`` of ``path`` names stands beside it, in a folder below, and is none of ours."""
    folder = posixpath.dirname(path)
    if not folder:
        return False
    named = _FILE.findall(line.replace("{toxinidir}/", ""))
    meant = {posixpath.normpath(posixpath.join(folder, name)) for name in named}
    return bool(meant) and not meant & sources and all(read_file(tree, file) is not None for file in meant)


class _Speech:
    """Knows the words of one old tool."""

    def __init__(self, format_: str, sources: frozenset[str], default_nix: str) -> None:
        rows = list(_MENTIONS.get(format_, ()))
        if format_ == "pypi2nix":
            rows.append(("requirements", r"\brequirements(?:_\w+)?\.nix\b", _always(f"Import {default_nix} there")))
        for name in sorted({name for path in sources for name in _names_of(path)}):
            named = rf"(?:(?<![\w.-])|(?<=-[rc])){re.escape(name)}(?![\w-]|\.\w)"
            rows.append((name.lower(), named, advise_name))
        self._rows = [(word, re.compile(pattern), advise) for word, pattern, advise in rows]
        self._command = _COMMANDS.get(format_)

    def find(self, path: str, text: str) -> Iterator[tuple[Finding, str | None]]:
        """Each note with the statement that it is about, if it is about one."""
        lowered = text.lower()
        words = [word for word, _, _ in self._rows] + ([self._command[0]] if self._command else [])
        if not any(word in lowered for word in words):
            return
        found = 0
        for statement in split_statements(text):
            lowered = statement.text.lower()
            if not any(word in lowered for word in words):
                continue
            calls = self._find_calls(path, statement.text)
            for line in statement.lines:
                told = self._match(path, statement.text, line, calls)
                if told is None:
                    continue
                found += 1
                if found <= MOST_IN_A_FILE:
                    at, advice = told
                    origin = Origin(path=path, line=line.number, end_line=line.number)
                    yield _note(_quote(statement.text, at), advice, origin), statement.text
        if found > MOST_IN_A_FILE:
            yield _note(f"Lines of this file that name the old tool, in all: {found}", "", Origin(path=path)), None

    def _find_calls(self, path: str, statement: str) -> list[Told]:
        if self._command is None or self._command[0] not in statement.lower():
            return []
        return list(self._command[1](split_commands(statement), path))

    def _match(self, path: str, statement: str, line: Line, calls: list[Told]) -> Told | None:
        first = bisect_left(calls, (line.begin, ""))
        if first < len(calls) and calls[first][0] < line.end:
            return calls[first]
        text = statement[line.begin : line.end]
        lowered = text.lower()
        for word, pattern, advise in self._rows:
            if word in lowered and (match := pattern.search(text)):
                return line.begin + match.start(), advise(path, text)
        return None


def _names_of(path: str) -> Iterator[str]:
    """How a line may name a file: by its path, and by its name alone where that tells enough."""
    yield path
    name = posixpath.basename(path)
    if re.search(r"(?i)require|constraint|pipfile|\.nix$", name):
        yield name


def _quote(line: str, at: int) -> str:
    """``line`` on one line and cut around the place that matters; masked first, for half a URL is not known as one."""
    masked = mask_credentials(line)
    words = " ".join(masked.split())
    if len(words) <= _LONGEST_QUOTE:
        return words
    start = max(0, min(at - _LONGEST_QUOTE // 3, len(words) - _LONGEST_QUOTE))
    end = start + _LONGEST_QUOTE
    return ("…" if start else "") + words[start:end] + ("…" if end < len(words) else "")


def _is_ours(content: bytes) -> bool:
    return content.startswith(NIX_FIRST_LINE.encode()) or any(mark.encode() in content[:300] for mark in MARKS)


def _list_files(tree: Tree, sources: frozenset[str]) -> Iterator[str]:
    seen = 1
    folders = deque([""])
    while folders:
        folder = folders.popleft()
        names = list_folder(tree, folder)
        if "pyvenv.cfg" in names:
            continue
        for name in names:
            path = posixpath.join(folder, name.rstrip("/"))
            if not name.endswith("/"):
                if path not in sources and path != _MERGED and _is_followed(name):
                    yield path
            elif _is_the_projects(name.rstrip("/")) and seen < MOST_FOLDERS:
                seen += 1
                folders.append(path)


def _is_followed(name: str) -> bool:
    return bool(_RUN_OR_READ.fullmatch(name)) and not _PAST.fullmatch(name)


def _is_the_projects(folder: str) -> bool:
    return folder in _HIDDEN or (not folder.startswith(".") and folder not in NOT_THE_PROJECT)


def _tell_end(path: str) -> Finding:
    return _note(
        f"There is too much to look through: from {path} on, no file was searched for the old tool",
        "Search the others yourself",
    )


def _note(message: str, advice: str, origin: Origin | None = None) -> Finding:
    return Finding(code=Code.LEFTOVER, severity=Severity.NOTE, message=message, advice=advice, origin=origin)
