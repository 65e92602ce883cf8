"""What Pipfile and Pipfile.lock say of one another."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, Pin
from migrator.model.source import FromIndex, FromPath
from migrator.model.version import pinned_version

from .freshness import hash_pipfile
from .lock import Lock
from .pipfile import Pipfile

_NEVER_LOCKED = frozenset({"distribute", "pip", "setuptools", "wheel"})
"""What pipenv left out of its locks until 2022."""


def compare_pair(pipfile: Pipfile, lock: Lock, path: str, lock_path: str) -> list[Finding]:
    """Whether the lock belongs to the Pipfile and is as new, and which wishes it holds nothing for."""
    findings = []
    if lock.digest is None:
        findings.append(
            Finding(
                code=Code.STALE_LOCK,
                severity=Severity.NOTE,
                message=f"{lock_path} does not say of which {path} it was made, so nobody can tell how old it is.",
                origin=lock.digest_origin,
            )
        )
    elif lock.digest not in hash_pipfile(pipfile.data):
        findings.append(_stale(pipfile, lock, path, lock_path))
        if findings[-1].severity is Severity.STOP:
            return findings
    locked = {(next(iter(pin.groups)), pin.name) for pin in lock.pins}
    paths = {pin.source.path for pin in lock.pins if isinstance(pin.source, FromPath)}
    findings += [
        _unlocked(line, lock_path)
        for line in pipfile.declared
        if (line.group, line.name) not in locked
        and not (isinstance(line.source, FromPath) and line.source.path in paths)
    ]
    return findings


def _stale(pipfile: Pipfile, lock: Lock, path: str, lock_path: str) -> Finding:
    wished = {line.name for line in pipfile.declared}
    locked = {pin.name for pin in lock.pins}
    if wished and locked and not wished & locked:
        return Finding(
            code=Code.STALE_LOCK,
            severity=Severity.STOP,
            message=f"{lock_path} holds none of the {len(wished)} packages that {path} asks for: "
            "it is the lock of another project.",
            origin=lock.digest_origin,
            advice=f"Put the right lock there, or move it away to migrate {path} alone.",
        )
    return Finding(
        code=Code.STALE_LOCK,
        severity=Severity.REVIEW,
        message=f"{path} was changed after {lock_path} was made (the hash in the lock is that of another text); "
        "the versions in the lock are the ones that are kept.",
        origin=lock.digest_origin,
        advice="If production runs what the lock says, all is well; else run `pipenv lock` first.",
    )


def _unlocked(line: Dependency, lock_path: str) -> Finding:
    if line.name in _NEVER_LOCKED:
        return Finding(
            code=Code.WISH_NOT_PINNED,
            severity=Severity.NOTE,
            message=f"{line.raw_name} is not in {lock_path}: pipenv locked it never before 2022; Poetry does.",
            origin=line.origin,
        )
    return Finding(
        code=Code.WISH_NOT_PINNED,
        severity=Severity.REVIEW,
        message=f"{line.raw_name} is not in {lock_path}, so nobody knows which version runs; Poetry takes the newest "
        "that is allowed.",
        origin=line.origin,
        advice="Compare with what production runs.",
    )


def pin_wishes(declared: Iterable[Dependency]) -> tuple[Pin, ...]:
    """What a Pipfile pins where no lock stands beside it: each ``==``, and what comes from elsewhere than an index."""
    found = ((line, pinned_version(line.specifier)) for line in declared)
    return tuple(
        Pin(
            name=line.name,
            raw_name=line.raw_name,
            version=version,
            origin=line.origin,
            source=line.source,
            hashes=line.hashes,
            marker=line.marker,
            groups=frozenset({line.group}),
            extras=line.extras,
            editable=line.editable,
            top_level=True,
        )
        for line, version in found
        if "$" not in str(version) and (version is not None or not isinstance(line.source, FromIndex))
    )


def lone_pipfile(path: str, lock_path: str, pins: Iterable[Pin]) -> Finding:
    """What nobody can know without the lock, which may be less where the Pipfile pins something."""
    beside = " beside those that it pins" if any(pin.version is not None for pin in pins) else ""
    return Finding(
        code=Code.UNPAIRED,
        severity=Severity.REVIEW,
        message=f"There is no {lock_path}, so nobody knows which versions run{beside}: "
        f"poetry.lock will hold the newest ones that {path} allows today.",
        origin=Origin(path=path),
        advice="Put the lock beside it and migrate again, if there is one; else compare with what production runs.",
    )


def lone_lock(path: str, lock_path: str) -> Finding:
    """What nobody can know without the Pipfile."""
    return Finding(
        code=Code.UNPAIRED,
        severity=Severity.REVIEW,
        message=f"There is no {path}, so nobody knows which packages the project asks for itself, in which versions, "
        "and what its scripts are; all versions are kept.",
        origin=Origin(path=lock_path),
        advice=f"Put {path} beside it and migrate again, if there is one.",
    )


def join_indexes(indexes: Iterable[Index], lock: Lock) -> tuple[Index, ...]:
    """The sources of the Pipfile, and those that only the lock has and that one of its pins names."""
    known = tuple(indexes)
    names = {index.name for index in known}
    named = {pin.source.index for pin in lock.pins if isinstance(pin.source, FromIndex)}
    return (*known, *(index for index in lock.indexes if index.name in named - names))
