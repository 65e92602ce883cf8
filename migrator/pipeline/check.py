"""``migrate check``: read the old files and the new ones, and say whether they are still faithful to one another.

Offline, and nothing is planned anew: what the migration left different is on record in pyproject.toml.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from packaging.specifiers import SpecifierSet

from migrator.compare.freshness import is_fresh
from migrator.model.fidelity import Fidelity
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.plan import Record
from migrator.model.project import Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.settings import Settings
from migrator.model.tree import Tree
from migrator.model.trouble import WorldError
from migrator.planning.answers import recall_answers
from migrator.planning.drift import find_drifts
from migrator.readers import load_reader, reader_names
from migrator.readers.surroundings.pyproject import read_pyproject
from migrator.tools.rewrite import JOURNAL

from .fidelity import LOCK, PYPROJECT, count_proven, find_divergences, leave_known, prepare
from .reading import read_with_companions

_LEFT_OUT = frozenset({Code.MISSING_INCLUDE, Code.NAMELESS_URL, Code.NOT_UNDERSTOOD, Code.REMOTE_INCLUDE})


def check(tree: Tree, locale_encoding: str) -> Fidelity:
    """Whether the project in ``tree`` is still faithful to what it was migrated from.

    :raises migrator.model.trouble.WorldError: no migration is on record here, or a file may not be read
    """
    pyproject = read_pyproject(tree.read(PYPROJECT))
    record = pyproject.record
    if record is None:
        if pyproject.findings:
            return Fidelity(format="", sources=(), findings=pyproject.findings)
        raise WorldError(
            f"{PYPROJECT} has no [tool.migrator], so there is no migration to check; "
            "migrate diff OLD NEW compares any two files"
            if pyproject.text is not None
            else f"There is no {PYPROJECT} in this folder; name the folder of a migrated project"
        )
    if record.format not in reader_names():
        raise WorldError(
            f"{PYPROJECT} was migrated from {record.format}, which this migrate does not read; "
            "use the one that wrote it, or a newer one"
        )
    reader = load_reader(record.format)
    pending = (_pending(),) if tree.read(JOURNAL) is not None else ()
    inputs, gone = _find_inputs(tree, reader, record)
    notes = tuple(_gone(path) for path in gone)
    lock = tree.read(LOCK)
    if lock is None:
        return Fidelity(
            format=record.format, sources=(), gone=gone, findings=(*pending, *pyproject.findings, _no_lock(), *notes)
        )
    after = load_reader("poetry").read(tree, (Input(path=LOCK),), locale_encoding)
    stops = tuple(f for f in (*pyproject.findings, *after.findings) if f.severity is Severity.STOP)
    if stops:
        return Fidelity(format=record.format, sources=(), gone=gone, findings=(*pending, *stops, *notes))
    stale = _check_freshness(pyproject.text or "", lock.decode("utf-8", "replace"))
    if not inputs:
        return Fidelity(format=record.format, sources=(), gone=gone, findings=(*pending, *stale, *notes))
    old = read_old(reader, tree, inputs, locale_encoding)
    found = _compare(old, after.project, record, whole=not gone)
    unreadable = tuple(f for f in old.findings if f.severity is Severity.STOP or f.code is Code.UNDECODABLE)
    if unreadable:
        stops = tuple(replace(finding, severity=Severity.STOP) for finding in unreadable)
        return Fidelity(format=record.format, sources=found.sources, gone=gone, findings=(*pending, *stops))
    # the migration told of these; that they were not compared has to be said all the same
    left_out = tuple(replace(f, severity=Severity.NOTE) for f in old.findings if f.code in _LEFT_OUT)
    return replace(found, gone=gone, findings=(*pending, *stale, *found.findings, *notes, *left_out))


def read_old(reader: Reader, tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:
    """The old files, as a migration reads them."""
    return read_with_companions(reader, tree, inputs, locale_encoding)


def _compare(old: Reading, after: Project, record: Record, *, whole: bool) -> Fidelity:
    divergences = find_divergences(old.project, after, whole=whole)
    new = leave_known(divergences, record)
    before = prepare(old.project, after)
    known = tuple(d.drift for d in divergences if d not in new and d.drift is not None)
    left_out = {(drift.name, drift.old) for drift in known if not drift.new}
    pinned = tuple(pin for pin in before.pins if (pin.name, str(pin.version or "")) not in left_out)
    before = replace(before, pins=pinned)
    pins = {(pin.name, pin.version) for pin in before.pins}
    lost = {(d.pin.name, d.pin.version) for d in find_drifts(before, after, after.python or SpecifierSet())}
    hash_sets, proven = count_proven(before, after)
    return Fidelity(
        format=record.format,
        sources=old.project.sources,
        pins=len(pins),
        kept=len(pins - lost),
        hash_sets=hash_sets,
        proven=proven,
        known=len(divergences) - len(new),
        findings=tuple(divergence.finding for divergence in new),
    )


def _find_inputs(tree: Tree, reader: Reader, record: Record) -> tuple[tuple[Input, ...], tuple[str, ...]]:
    """What a rerun of the migration would read, as far as it is there, and the old files that are not."""
    named = recall_answers(Settings(), record, record.format).inputs or reader.discover(tree)
    inputs = tuple(given for given in named if tree.read(given.path) is not None)
    missing = {given.path for given in named if given not in inputs}
    missing |= {path for path in record.sources if tree.read(path) is None}
    return inputs, tuple(sorted(missing))


def _check_freshness(pyproject: str, lock: str) -> tuple[Finding, ...]:
    try:
        data: dict[str, Any] = tomllib.loads(pyproject)
        fresh = is_fresh(data, tomllib.loads(lock), lock.partition("\n")[0])
    except (ValueError, TypeError):  # told elsewhere, or nothing that Poetry could lock
        return ()
    if fresh is not False:
        return ()
    return (
        Finding(
            code=Code.LOCK_STALE,
            severity=Severity.REVIEW,
            message=f"{PYPROJECT} was changed after {LOCK} was made from it",
            origin=Origin(path=LOCK),
            advice="Run `poetry lock`, which keeps the versions that may stay",
        ),
    )


def _no_lock() -> Finding:
    return Finding(
        code=Code.NOT_LOCKED,
        severity=Severity.REVIEW,
        message=f"There is no {LOCK}, so nothing keeps the versions of the old files",
        origin=Origin(path=PYPROJECT),
        advice="Migrate again without --no-lock, or take the file from version control",
    )


def _pending() -> Finding:
    return Finding(
        code=Code.JOURNAL_PENDING,
        severity=Severity.REVIEW,
        message="A run of migrate is under way here or was interrupted: the new files may be old and new in part",
        origin=Origin(path=JOURNAL),
        advice="Wait for it, or run the same migrate again, which first puts the folder in order",
    )


def _gone(path: str) -> Finding:
    return Finding(
        code=Code.OLD_FILE_GONE,
        severity=Severity.NOTE,
        message=f"{path} is no longer there, so nothing is compared with it",
        origin=Origin(path=PYPROJECT, key="tool.migrator.sources"),
        advice="When all old files are gone, [tool.migrator] and this check may go too",
    )
