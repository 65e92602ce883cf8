"""Pipenv: the Pipfile says what was wished, Pipfile.lock what runs. Either alone is read as well.

In reading order: ``files`` (bytes to data, by ``toml_text`` and ``json_text``, which tell the line of each key),
``entries`` with ``addresses`` (one package, alike in both files), ``pipfile`` with ``requires`` and ``scripts``,
``lock``, and ``pair`` with ``freshness`` for what the two say of one another.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import PinField, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree

from .files import load_lock, load_pipfile
from .local import name_folders
from .lock import Lock, read_lock
from .pair import compare_pair, join_indexes, lone_lock, lone_pipfile, pin_wishes
from .pipfile import Pipfile, read_pipfile

_PIPFILE = "Pipfile"
_LOCK = ".lock"


def _recognises(name: str, head: bytes) -> bool:
    if name.removesuffix(_LOCK).endswith(_PIPFILE):
        return True
    return b'"pipfile-spec"' in head or (b"[[source]]" in head and b"[packages]" in head)


def _discover(tree: Tree) -> tuple[Input, ...]:
    names = tree.list(".")
    found = next((name for name in (_PIPFILE, _PIPFILE + _LOCK) if name in names), None)
    return (Input(path=found),) if found else ()


def _read(tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:  # noqa: ARG001 (both are UTF-8)
    given = posixpath.normpath(inputs[0].path)
    path = given.removesuffix(_LOCK)
    lock_path = path + _LOCK
    texts = {name: data for name in (path, lock_path) if (data := tree.read(name)) is not None}
    findings = [_not_read(other, given) for other in inputs[1:]]
    if not texts:
        return Reading(project=Project(format=READER.name, origin=Origin(path=given)), findings=(_absent(given),))
    wished, locked = None, None
    if path in texts:
        pipfile = load_pipfile(texts[path], path)
        if isinstance(pipfile, Finding):
            findings.append(pipfile)
        else:
            wished = read_pipfile(*pipfile)
    if lock_path in texts:
        lock = load_lock(texts[lock_path], lock_path)
        if isinstance(lock, Finding):
            findings.append(lock)
        else:
            locked = read_lock(*lock, alone=wished is None)
    findings += wished.findings if wished else []
    findings += locked.findings if locked else []
    if wished and locked:
        findings += compare_pair(wished, locked, path, lock_path)
    elif lock_path not in texts:
        findings.append(lone_pipfile(path, lock_path, pin_wishes(wished.declared if wished else ())))
    elif path not in texts:
        findings.append(lone_lock(path, lock_path))
    project = _join(wished, locked, Origin(path=given), tuple(texts))
    if lock_path not in texts:
        project = replace(project, pins=pin_wishes(project.declared), unstated=frozenset(PinField))
    project, told = name_folders(project, tree)
    return Reading(project=project, findings=(*findings, *told))


def _join(wished: Pipfile | None, locked: Lock | None, origin: Origin, sources: tuple[str, ...]) -> Project:
    wished = wished or Pipfile(data={})
    hints = [wished.hint] if wished.hint else []
    if locked:
        # where both state a Python they state the same one, unless the lock is old
        hints += [hint for hint in locked.hints if not (hint.stated and wished.hint)]
    return Project(
        format=READER.name,
        origin=origin,
        python=wished.python or (locked.python if locked else None),
        python_hints=tuple(hints),
        declared=tuple(wished.declared),
        pins=tuple(locked.pins) if locked else (),
        indexes=join_indexes(wished.indexes, locked) if locked else tuple(wished.indexes),
        options=(*wished.options, *(locked.options if locked else ())),
        scripts=tuple(wished.scripts),
        comments=tuple(wished.comments),
        sources=sources,
        unstated=frozenset({PinField.MARKER}),
    )


def _absent(path: str) -> Finding:
    return Finding(
        code=Code.MISSING_INCLUDE,
        severity=Severity.STOP,
        message=f"{path} is not there, so it cannot be read.",
        origin=Origin(path=path),
        advice="Name a Pipfile, or the folder that it stands in.",
    )


def _not_read(other: Input, first: str) -> Finding:
    return Finding(
        code=Code.NOT_UNDERSTOOD,
        severity=Severity.REVIEW,
        message=f"{other.path} is not read: {first} is one whole project.",
        origin=Origin(path=other.path),
        advice="Migrate each Pipfile by itself.",
    )


READER = Reader(
    name="pipenv",
    summary="a Pipfile with its Pipfile.lock",
    migrates=True,
    recognises=_recognises,
    discover=_discover,
    read=_read,
    whole_project=True,
)
"""The Pipenv format. Reading never raises for what stands in a file."""
