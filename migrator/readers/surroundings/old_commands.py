"""What a command of the old tool becomes: looked at word by word, never run.

A shell's line is read as far as its words and the marks between commands tell; ``["pip", "install"]`` of an image and
``session.install("-r", …)`` of nox read alike. What is not known gets no advice of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile
from typing import NamedTuple, TypeAlias

INSTALL = "`poetry install` does that now; where only production's packages belong, `poetry install --only main`"
SYNC = "`poetry sync` does that now; where only production's packages belong, `poetry sync --only main`"
LOCK = "`poetry lock` does that now"
UPDATE = "`poetry update` does that now"
FREEZE = "poetry.lock is that list now, and `poetry show` prints it"
EXPORT = "`poetry export` does that now, once poetry-plugin-export is there"
_FROM_EXPORT = (
    "Poetry has no such command: `poetry export --output FILE` writes FILE from the lock, once poetry-plugin-export is "
    "there, and pip takes it as before"
)
_OTHERS = "; the other packages that the line names are no part of the lock before `poetry add NAME`"
_SAME_PYTHON = "; it installs where pip did with POETRY_VIRTUALENVS_CREATE=false"

_SPACES = str.maketrans(dict.fromkeys("\"'`,[]()", " "))
_WORD = re.compile(r"\S+")
_BETWEEN = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<<", "then", "do"})
_PIP = re.compile(r"(?:\S*/)?pip(?:3(?:\.\d+)?)?")
_PIPENV = re.compile(r"(?:\S*/)?pipenv")
_REQUIREMENT = re.compile(r"-[UIqv]*r(?P<short>=?\S*)|--requirements?(?:=(?P<long>\S+))?")
_FILE = re.compile(r"\S*(?:require|constraint)\S*|\S+\.(?:txt|in|pip)")
_ELSEWHERE = re.compile(r"(?:-t\S*|--(?:target|prefix|root|platform|dry-run)(?:=\S*)?)")
_WITH_VALUE = frozenset({
    "-r", "-Ur", "-qr", "-c", "-e", "-i", "-f", "--requirement", "--requirements", "--constraint", "--constraints",
    "--editable", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "--proxy", "--cert", "--src",
    "--cache-dir", "--timeout", "--retries", "--no-binary", "--only-binary", "--upgrade-strategy", "--log", "--python",
    "--config-settings", "--global-option", "--progress-bar", "--root-user-action", "--use-feature", "--exists-action",
    "--report", "--use-deprecated", "--keyring-provider", "-p", "--index", "--default-index", "-n", "--implementation",
    "--abi", "--python-version",
})  # fmt: skip
_PACKAGE = re.compile(r"(?!(?:pip|setuptools|wheel)(?![\w.-]))[A-Za-z0-9]\S*")
"""What an environment has for itself is none."""
_ACTIONS = frozenset({"install", "wheel", "download", "uninstall", "freeze", "list", "show", "sync", "compile", "hash"})


class Word(NamedTuple):
    """One word of a statement, and where it begins."""

    text: str
    at: int


Command: TypeAlias = tuple[Word, ...]
Told: TypeAlias = tuple[int, str]
"""Where in the statement, and what to write now."""


def split_commands(statement: str) -> tuple[Command, ...]:
    """The commands of a statement as words; quotes, brackets and commas part words as spaces do."""
    commands: list[list[Word]] = [[]]
    for match in _WORD.finditer(statement.translate(_SPACES)):
        text = match[0]
        if text in _BETWEEN:
            commands.append([])
            continue
        if text.rstrip(";"):
            commands[-1].append(Word(text.rstrip(";"), match.start()))
        if text.endswith(";"):
            commands.append([])
    return tuple(tuple(words) for words in commands if words)


def advise_pip(commands: Iterable[Command], path: str) -> Iterator[Told]:
    """What to write for each requirements file that pip is given, in order."""
    for words in commands:
        called = next((number for number, word in enumerate(words) if _PIP.fullmatch(word.text)), None)
        action = next((word.text for word in words[called or 0 :] if word.text in _ACTIONS), "")
        if called is None and action != "install":
            continue
        advice = _advise_action(action, words, path)
        for number in range(called or 0, len(words)):
            if _names_a_file(words, number, is_pips=called is not None):
                yield words[number].at, advice


def _names_a_file(words: Command, number: int, *, is_pips: bool) -> bool:
    match = _REQUIREMENT.fullmatch(words[number].text)
    if match is None:
        return False
    if (match["short"] or match["long"] or "").lstrip("="):
        return True
    return number + 1 < len(words) and (is_pips or _FILE.fullmatch(words[number + 1].text) is not None)


def _advise_action(action: str, words: Command, path: str) -> str:
    texts = [word.text for word in words]
    match action:
        case "wheel" | "download" | "hash":
            return _FROM_EXPORT
        case "uninstall":
            return "`poetry sync` removes what the lock does not name"
        case "freeze" | "list" | "show":
            return FREEZE
        case "sync":
            return SYNC
        case "compile":
            return LOCK
        case _ if any(map(_ELSEWHERE.fullmatch, texts)):
            return _FROM_EXPORT
        case _:
            others = _OTHERS if _has_packages(texts) else ""
            is_image = _is_image(path) or "--system" in texts
            return INSTALL + others + (_SAME_PYTHON if is_image else "")


def _has_packages(texts: list[str]) -> bool:
    """Whether packages are named beside the files."""
    if "install" not in texts:
        return False
    value = False
    for text in texts[texts.index("install") + 1 :]:
        if text.startswith("#"):
            return False
        if not value and _PACKAGE.fullmatch(text) and "/" not in text and not _FILE.fullmatch(text):
            return True
        value = text in _WITH_VALUE
    return False


def advise_pipenv(commands: Iterable[Command], _path: str) -> Iterator[Told]:
    """What to write for each command of Pipenv, in order."""
    for words in commands:
        calls = [number for number, word in enumerate(words) if _PIPENV.fullmatch(word.text)]
        for number, following in pairwise((*calls, len(words))):
            advice = _advise_pipenv([word.text for word in words[number + 1 : following]])
            if advice:
                yield words[number].at, advice


_PIPENV_NOW = {
    "update": UPDATE,
    "upgrade": "`poetry update NAME` does that now",
    "run": "`poetry run` does that now",
    "graph": "`poetry show --tree` does that now",
    "shell": "`poetry run COMMAND` does that now, or `eval $(poetry env activate)`",
    "uninstall": "`poetry remove NAME` does that now",
    "clean": "`poetry sync` does that now",
    "verify": "`poetry check --lock` does that now",
    "--venv": "`poetry env info --path` does that now",
    "--py": "`poetry env info --executable` does that now",
    "--rm": "`poetry env remove --all` does that now",
    "--python": "`poetry env use VERSION` does that now",
    "check": "Poetry has no such command; pip-audit is one",
    "audit": "Poetry has no such command; pip-audit is one",
    "scan": "Poetry has no such command; pip-audit is one",
}
_TO_REQUIREMENTS = frozenset({"-r", "--requirements"})
_KEYWORD = re.compile(r"\w+=(?!=)")
"""A keyword of Python in a call: ``external=True``."""
_PIPENV_WITH_VALUE = frozenset({
    "-r", "--requirements", "-i", "--index", "--pypi-mirror", "--python", "--categories", "--extra-pip-args", "-c",
})  # fmt: skip


def _advise_pipenv(texts: list[str]) -> str:
    """What the words behind ``pipenv`` ask for, in Poetry's words; empty where that is no command of it."""
    texts = list(takewhile(lambda text: not text.startswith("#"), texts))
    options = {text.partition("=")[0] for text in texts}
    plain = [
        text
        for before, text in pairwise(("", *texts))
        if before not in _PIPENV_WITH_VALUE and _PACKAGE.match(text) and not _KEYWORD.match(text)
    ]
    command = plain[0] if plain else ""
    match command:
        case "install" | "sync":
            return _advise_pipenv_install(options, names_packages=command == "install" and len(plain) > 1)
        case "requirements":
            return EXPORT + ("; with developers' packages it is `poetry export --with dev`" if _is_dev(options) else "")
        case "lock":
            return EXPORT if options & _TO_REQUIREMENTS else LOCK
        case "update" if "--outdated" in options:
            return "`poetry show --outdated` does that now"
        case _ if command in _PIPENV_NOW:
            return _PIPENV_NOW[command]
        case _:
            return next((_PIPENV_NOW[text] for text in texts if text.startswith("-") and text in _PIPENV_NOW), "")


def _advise_pipenv_install(options: set[str], *, names_packages: bool) -> str:
    if options & _TO_REQUIREMENTS:
        return "Poetry reads no such file: `poetry add NAME` for each package of it"
    if names_packages:
        return f"`poetry add {'--group dev ' if _is_dev(options) else ''}NAME` does that now"
    if "--categories" in options:
        what = "`poetry install --only GROUPS` does that now, with the names of the categories"
    else:
        what = f"`poetry install{'' if _is_dev(options) else ' --only main'}` does that now"
    return what + (_SAME_PYTHON.replace("pip", "Pipenv") if "--system" in options else "")


def _is_dev(options: set[str]) -> bool:
    return bool(options & {"--dev", "-d", "--dev-only"})


def advise_compile(line: str) -> str:
    """What pip-compile's work is now: with an upgrade that of another command."""
    return UPDATE if re.search(r"\s(?:-U|--upgrade|-P)\b", line) else LOCK


def advise_name(path: str, line: str) -> str:
    """What to write where a line names a file of the old tool: what reads the line decides."""
    name = posixpath.basename(path).lower()
    installs = re.match(r"\s*(?:-\s+|deps\s*=\s*)?(?:-r|--requirement)", line) is not None
    if name in {"setup.py", "setup.cfg"} and not installs:
        return "pyproject.toml states the dependencies now; take the line out that reads the file"
    if name in {"tox.ini", "tox.toml", "setup.cfg"} and (installs or "-r" in line):
        return (
            "`commands_pre = poetry sync` does that now, with `allowlist_externals = poetry` and `skip_install = true`"
        )
    if name == "noxfile.py" and "install" in line:
        return '`session.run_install("poetry", "install", external=True)` does that now'
    if name.startswith((".readthedocs.", "readthedocs.")):
        return (
            "Install Poetry in `build.jobs.post_create_environment` and run `VIRTUAL_ENV=$READTHEDOCS_VIRTUALENV_PATH "
            "poetry install` in `build.jobs.post_install`"
        )
    if "renovate" in name:
        return 'Delete the line: Renovate\'s manager "poetry" finds pyproject.toml and poetry.lock by itself'
    if re.search(r"\bpip3?\b", line.rpartition(" -c")[0]):
        return "The lock holds these versions now: `poetry add NAME` for what the line installs"
    return INSTALL if installs else "Name pyproject.toml and poetry.lock there, or delete the line"


def advise_word(path: str, line: str) -> str:
    """What to write where a line merely names the old tool."""
    name = posixpath.basename(path).lower()
    if name == ".pre-commit-config.yaml":
        return "The hooks poetry-check and poetry-lock of Poetry's own repository do that now"
    if "renovate" in name:
        return 'Renovate\'s manager is called "poetry"'
    if re.search(r"\bcache:", line):
        return "Write poetry in its place, which setup-python knows as well"
    if 0 <= line.find("install ") < line.lower().rfind("pipenv"):
        return "Install Poetry in its place: `pipx install poetry`"
    return "Poetry does that now"


def _is_image(path: str) -> bool:
    return re.search(r"(?i)(?:docker|container)file", posixpath.basename(path)) is not None
