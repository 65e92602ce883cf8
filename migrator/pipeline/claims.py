"""Which format a project is to be migrated from: what each reader finds in its folder, and what belongs to whom."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.readers import load_reader, reader_names
from migrator.readers.surroundings.pyproject import read_pyproject

_HEAD = 4096
_NOT_A_PROJECT = frozenset(
    {"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv", "virtualenv"}
)
_DEEPEST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The ``files`` of a project folder that are of the format of ``reader``."""

    reader: Reader
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.files)} (migrate from-{self.reader.name})"


def find_claims(tree: Tree, locale_encoding: str) -> tuple[Claim, ...]:
    """The claims on the project at the root of ``tree``, by format.

    A file that another claim names (an include, a frozen or override file, the requirements on pypi2nix's command
    line) or that says in its header that it was made from that other one is no claim of its own. Where a migration is
    on record, its format is the answer.
    """
    readers = [load_reader(name) for name in reader_names()]
    found = [(reader, inputs) for reader in readers if reader.migrates and (inputs := reader.discover(tree))]
    claims = [Claim(reader=reader, files=tuple(given.path for given in inputs)) for reader, inputs in found]
    if len(claims) > 1:
        named = [_names_of(tree, reader, inputs, locale_encoding) for reader, inputs in found]
        claims = [_own(tree, claims, named, place) for place in range(len(claims))]
        claims = [claim for claim in claims if claim.files]
        record = read_pyproject(tree.read("pyproject.toml")).record
        if record is not None and len(claims) > 1:
            claims = [claim for claim in claims if claim.reader.name == record.format] or claims
    return tuple(claims)


def find_projects(tree: Tree, is_link: Callable[[str], bool]) -> Iterator[str]:
    """The folders below the root of ``tree`` (``.`` is the root itself) in which some format finds its files, sorted.

    Hidden folders, environments, what a build leaves and other repositories are passed over; so are links, which
    lead in circles.
    """
    readers = [load_reader(name) for name in reader_names()]
    migrating = [reader for reader in readers if reader.migrates]
    waiting = ["."]
    while waiting:
        folder = waiting.pop()
        names = tree.list(folder)
        if folder != "." and not {".git", ".git/"}.isdisjoint(names):
            continue
        if any(reader.discover(_Below(tree, folder)) for reader in migrating):
            yield folder
        below = (name[:-1] for name in names if name.endswith("/"))
        paths = [
            posixpath.normpath(posixpath.join(folder, name))
            for name in below
            if not name.startswith(".") and name not in _NOT_A_PROJECT
        ]
        # the files in requirements/ belong to the folder above
        paths = [path for path in paths if posixpath.basename(path) != "requirements" and not is_link(path)]
        waiting += sorted((path for path in paths if path.count("/") < _DEEPEST), reverse=True)


def _own(tree: Tree, claims: list[Claim], named: list[set[str]], place: int) -> Claim:
    """The claim without the files that belong to another one. To be named counts for more than to name."""
    claim = claims[place]

    def belongs(path: str, other: int) -> bool:
        if posixpath.normpath(path) in named[other]:
            return not any(posixpath.normpath(file) in named[place] for file in claims[other].files)
        made_from_it = _is_made_from(tree, path, claims[other].files)
        return made_from_it and not any(
            posixpath.normpath(file) in named[place] or _is_made_from(tree, file, claim.files)
            for file in claims[other].files
        )

    others = [number for number in range(len(claims)) if number != place]
    files = tuple(path for path in claim.files if not any(belongs(path, other) for other in others))
    return Claim(reader=claim.reader, files=files)


def _is_made_from(tree: Tree, path: str, files: tuple[str, ...]) -> bool:
    """Whether the comments that a file begins with name one of ``files``."""
    header = _header(tree.read(path) or b"")
    return any(re.search(rf"(?<![\w.]){re.escape(file)}(?!\w|\.\w)", header) for file in files)


def _header(content: bytes) -> str:
    """The comments that a file begins with."""
    lines = []
    for line in content[:_HEAD].decode("utf-8", "replace").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines)


def _names_of(tree: Tree, reader: Reader, inputs: tuple[Input, ...], locale_encoding: str) -> set[str]:
    """All files that a claim reads or names, what its companions include among them."""
    reading = reader.read(tree, inputs, locale_encoding)
    named = {*reading.project.sources, *(companion.path for companion in reading.companions)}
    for companion in reading.companions:
        said = load_reader(companion.format).read(tree, (Input(path=companion.path),), locale_encoding)
        named |= {*said.project.sources}
    return {posixpath.normpath(path) for path in named}


@dataclass(frozen=True, slots=True)
class _Below:
    """A tree, seen from a folder in it."""

    tree: Tree
    folder: str

    def read(self, path: str) -> bytes | None:
        return self.tree.read(posixpath.join(self.folder, path))

    def is_folder(self, path: str) -> bool:
        return self.tree.is_folder(posixpath.join(self.folder, path))

    def list(self, path: str) -> tuple[str, ...]:
        return self.tree.list(posixpath.join(self.folder, path))
