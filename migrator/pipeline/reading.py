"""Reading with what belongs to an input and is of another format: a reader knows no other one, so that is done here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace

from migrator.model.finding import Finding
from migrator.model.origin import Origin
from migrator.model.project import MAIN, Companion, CompanionRole, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.planning.companions import add_roots, compare_frozen
from migrator.readers import load_reader

_BESIDE = "requirements"
"""The format of the files that a user may name beside an input of another one (``--dev FILE``)."""
_REQUIREMENTS = frozenset({"", "--editable"})
"""The options of pypi2nix whose values are requirements; before 1.3 they stood without an option."""
_COMMAND = "command-line-of-pypi2nix.txt"
"""The name of the file that those values would be; it exists nowhere."""


def read_with_companions(reader: Reader, tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:
    """What ``reader`` reads of ``inputs``, with what its companions say.

    A requirements file among the inputs of another format names roots, as if the input itself had named it.
    """
    own = tuple(given for given in inputs if not _is_beside(given, reader, tree)) or inputs
    beside = tuple(given for given in inputs if given not in own)
    reading = reader.read(tree, own, locale_encoding)
    roots = _find_roots(reading.companions, beside)
    frozen = [c for c in reading.companions if c.role is CompanionRole.FROZEN]
    project, findings = reading.project, [*reading.findings]
    for format_, named in _by_format(roots):
        said = load_reader(format_).read(tree, named, locale_encoding)
        project, differing = add_roots(project, said.project)
        findings += (*said.findings, *differing)
    project, told = _read_command(project, tree, locale_encoding)
    findings += told
    for companion in frozen:
        said = load_reader(companion.format).read(tree, (Input(path=companion.path),), locale_encoding)
        project, differing = compare_frozen(project, said.project)
        findings += (*said.findings, *differing)
    return replace(reading, project=project, findings=tuple(findings), companions=())


def _is_beside(given: Input, reader: Reader, tree: Tree) -> bool:
    if reader.name == _BESIDE:
        return False
    head = (tree.read(given.path) or b"")[:4096]
    return not reader.recognises(given.path, head) and load_reader(_BESIDE).recognises(given.path, head)


def _find_roots(companions: Iterable[Companion], beside: tuple[Input, ...]) -> tuple[tuple[str, Input], ...]:
    """The files that name roots, each once and by its format; what the user says of one counts."""
    named = {given.path for given in beside}
    found: dict[str, tuple[str, Input]] = {}
    for companion in companions:
        if companion.role is not CompanionRole.ROOTS or companion.path in named:
            continue
        stated = companion.group if companion.group != MAIN else load_reader(companion.format).group_of(companion.path)
        found.setdefault(companion.path, (companion.format, Input(path=companion.path, group=stated)))
    roots = [*found.values()]
    if roots and all(given.group != MAIN for given in (*(given for _, given in roots), *beside)):
        # whatever the first one is called, it is what was built
        format_, first = roots[0]
        roots[0] = (format_, replace(first, group=MAIN))
    return (*roots, *((_BESIDE, given) for given in beside))


def _read_command(project: Project, tree: Tree, locale_encoding: str) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with the requirements on pypi2nix's own command line (``-e``), which it read as a file of them."""
    options = [option for option in project.options if option.option in _REQUIREMENTS and _is_nix(option.origin)]
    if not options:
        return project, ()
    folder = posixpath.dirname(options[0].origin.path)
    path = posixpath.join(folder, _COMMAND)
    text = "\n".join(_as_line(option.value, folder) for option in options)
    said = load_reader(_BESIDE).read(_With(tree, path, text.encode()), (Input(path=path),), locale_encoding)

    def place(origin: Origin | None) -> Origin | None:
        known = origin is not None and origin.path == path and 0 < origin.line <= len(options)
        return options[origin.line - 1].origin if origin is not None and known else origin

    declared = tuple(
        # pypi2nix installs what its -e names, like anything else
        replace(line, origin=place(line.origin) or line.origin, editable=False)
        for line in said.project.declared
    )
    roots = replace(said.project, declared=declared, options=(), sources=())
    project, differing = add_roots(project, roots)
    return project, (*(replace(f, origin=place(f.origin)) for f in said.findings), *differing)


def _as_line(value: str, folder: str) -> str:
    """A requirement as pip's files have it: of a folder (``./lib[extra]#egg=lib``) only ``-e`` takes the name."""
    line = " ".join(value.split())
    if not line.startswith((".", "/")):
        return line
    path, _, fragment = line.partition("#")
    name = next((part[4:] for part in fragment.split("&") if part.startswith("egg=")), "")
    path, bracket, extras = path.partition("[") if path.endswith("]") else (path, "", "")
    path = posixpath.normpath(posixpath.join(folder, path))
    path = path if path.startswith((".", "/")) else f"./{path}"
    return f"-e file:{path}#egg={name}{bracket}{extras}" if name else f"-e {path}{bracket}{extras}"


def _is_nix(origin: Origin) -> bool:
    return origin.path.endswith(".nix")


@dataclass(frozen=True, slots=True)
class _With:
    """A tree with one file more."""

    tree: Tree
    path: str
    content: bytes

    def read(self, path: str) -> bytes | None:
        return self.content if path == self.path else self.tree.read(path)

    def is_folder(self, path: str) -> bool:
        return self.tree.is_folder(path)

    def list(self, path: str) -> tuple[str, ...]:
        return self.tree.list(path)


def _by_format(roots: tuple[tuple[str, Input], ...]) -> tuple[tuple[str, tuple[Input, ...]], ...]:
    formats = dict.fromkeys(format_ for format_, _ in roots)
    return tuple((name, tuple(given for format_, given in roots if format_ == name)) for name in formats)
