"""Reading with what belongs to an input and is of another format: a reader knows no other one, so that is done here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model.project import MAIN, Companion, CompanionRole, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.planning.companions import add_roots, compare_frozen, find_contradicted
from migrator.readers import load_reader

_BESIDE = "requirements"
"""The format of the files that a user may name beside an input of another one (``--dev FILE``)."""


def read_with_companions(reader: Reader, tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:
    """What ``reader`` reads of ``inputs``, with what its companions say.

    A requirements file among the inputs of another format names roots, as if the input itself had named it.
    """
    own = tuple(given for given in inputs if not is_beside(given, reader, tree)) or inputs
    beside = tuple(given for given in inputs if given not in own)
    reading = reader.read(tree, own, locale_encoding)
    roots = _find_roots(reading.companions, beside)
    frozen = [c for c in reading.companions if c.role is CompanionRole.FROZEN]
    project, findings = reading.project, [*reading.findings, *find_contradicted(reading.project)]
    for format_, named in _by_format(roots):
        said = load_reader(format_).read(tree, named, locale_encoding)
        project, differing = add_roots(project, said.project)
        findings += (*said.findings, *differing)
    for companion in frozen:
        said = load_reader(companion.format).read(tree, (Input(path=companion.path),), locale_encoding)
        project, differing = compare_frozen(project, said.project)
        findings += (*said.findings, *differing)
    return replace(reading, project=project, findings=tuple(findings), companions=())


def is_beside(given: Input, reader: Reader, tree: Tree) -> bool:
    """Whether an input is no file of ``reader``, but a requirements file that the user names beside those."""
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


def _by_format(roots: tuple[tuple[str, Input], ...]) -> tuple[tuple[str, tuple[Input, ...]], ...]:
    formats = dict.fromkeys(format_ for format_, _ in roots)
    return tuple((name, tuple(given for format_, given in roots if format_ == name)) for name in formats)
