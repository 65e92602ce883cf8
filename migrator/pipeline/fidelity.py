"""In what the old files and the new ones differ: one rule for ``check`` and for what a migration puts on record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.compare import compare, prove
from migrator.compare.hashes import normal_hash
from migrator.model.change import HashVerdict, SourceChanged
from migrator.model.conditions import holds_nowhere
from migrator.model.fidelity import Divergence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.plan import AcceptedDrift, ProjectPlan, Record
from migrator.model.project import Dependency, Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.planning.bounds import pin_bounded
from migrator.planning.drift import Drift, find_drifts, is_project_itself
from migrator.planning.indexes import is_public, plan_sources
from migrator.planning.remarks import leave_other_pythons

LOCK = "poetry.lock"
PYPROJECT = "pyproject.toml"
_COMMIT = re.compile(r"[0-9a-f]{40}")


def prepare(read: Project, after: Project) -> Project:
    """What of the old files counts: the pins that some Python of the project installs."""
    return leave_other_pythons(pin_bounded(read), after.python or SpecifierSet())[0]


def find_divergences(read: Project, after: Project, *, whole: bool = True) -> tuple[Divergence, ...]:
    """Every difference between the old files as they were ``read`` and the lock with its pyproject.toml, ``after``.

    Compared are versions, hashes, sources, wishes without a pin, and the indexes. Without ``whole`` some of the old
    files are gone, so that nobody can say what only the new ones have. Groups and markers have no counterpart that
    could be changed in an old file, and are not compared.
    """
    before = prepare(read, after)
    found = [
        *_find_versions(before, after),
        *_find_bytes(before, after),
        *_find_sources(before, after),
        *_find_wishes(before, after),
        *_find_indexes(read, after),
    ]
    if whole:
        found += _find_additions(read, after)
    unique = {divergence.key: divergence for divergence in reversed(found)}
    return tuple(sorted(unique.values(), key=_rank))


def put_known(plan: ProjectPlan, read: Project, after: Project) -> ProjectPlan:
    """``plan`` with what this migration leaves different on record, beside the drifts that were accepted."""
    found = leave_known(find_divergences(read, after), replace(plan.record, known=()))
    return replace(plan, record=replace(plan.record, known=tuple(sorted(d.key for d in found))))


def leave_known(divergences: Iterable[Divergence], record: Record) -> tuple[Divergence, ...]:
    """Those that are not on record: neither accepted as drift nor known since the migration."""
    return tuple(d for d in divergences if d.key not in record.known and d.drift not in record.accepted)


def _rank(divergence: Divergence) -> tuple[str, int, str]:
    origin = divergence.finding.origin
    return (origin.path if origin else "", origin.line if origin else 0, divergence.key)


def _find_versions(before: Project, after: Project) -> Iterator[Divergence]:
    held = _by_name(after.pins)
    lines = {(line.name, line.origin): line for line in before.declared}
    for drift in find_drifts(before, after, after.python or SpecifierSet()):
        pin = drift.pin
        told = AcceptedDrift(name=pin.name, old=str(pin.version or ""), new=str(drift.new or ""))
        locked = next((p for p in held.get(pin.name, ()) if p.version == drift.new), None)
        if locked is None:
            locked = next(iter(held.get(pin.name, ())), None)
        if locked is None:
            yield _absent(pin, before.format, told)
        elif pin.version is not None:  # else it comes from elsewhere, and that is told
            line = lines.get((pin.name, pin.origin))
            yield _moved(drift, locked, _how_to_pin(pin, locked, line, before.format), before.format, told)


def _absent(pin: Pin, format_: str, told: AcceptedDrift) -> Divergence:
    pinned = f"is pinned to {pin.version} here" if pin.version is not None else "is asked for here"
    return Divergence(
        key=f"{pin.name}: not in {LOCK}",
        finding=_tell(
            Code.NOT_IN_LOCK,
            f"{pin.name} {pinned}, and {LOCK} has no {pin.name}",
            f"{_again(format_)}, or take it out of {pin.origin.path}",
            pin.origin,
        ),
        drift=told,
    )


def _moved(drift: Drift, locked: Pin, how: str, format_: str, told: AcceptedDrift) -> Divergence:
    pin = drift.pin
    old, new = pin.version, locked.version
    is_older = isinstance(old, Version) and isinstance(new, Version) and old < new
    ways = [how, f"{_again(format_)}, which brings {old} to {LOCK}"]
    first, second = ways if is_older else reversed(ways)
    return Divergence(
        key=f"{pin.name}: {old} and {new}",
        finding=_tell(
            Code.VERSION_DIFFERS,
            f"{pin.name} is pinned to {old} here, and {locked.origin} has {new}",
            f"{first}; or {second[:1].lower()}{second[1:]}",
            pin.origin,
        ),
        drift=told,
    )


def _how_to_pin(pin: Pin, locked: Pin, line: Dependency | None, format_: str) -> str:
    wanted = f"{pin.name}=={locked.version}"
    match format_:
        case "pipenv" if line is not None and line.origin == pin.origin:  # a Pipfile without a lock
            return f'Write {pin.raw_name} = "=={locked.version}" to {pin.origin.path}'
        case "pipenv":
            return f"Run `pipenv upgrade {wanted}`, which changes {pin.origin.path}"
        case "pypi2nix":
            return f"Write {wanted} to the requirements file and run pypi2nix, which changes {pin.origin.path}"
        case _:
            compiled = line is not None and (line.compiled or line.via)
            tool = " (pip-compile --upgrade-package does)" if compiled else ""
            return f"Write {wanted} to {pin.origin.path}{tool}"


def _find_bytes(before: Project, after: Project) -> Iterator[Divergence]:
    """Other bytes under a version that both have."""
    held = _by_name(after.pins)
    pinned = _by_name(before.pins)
    for proof in prove(before, after):
        if proof.verdict is not HashVerdict.MISMATCH:
            continue
        old = [pin for pin in pinned[proof.name] if pin.version == proof.version]
        new = [pin for pin in held[proof.name] if pin.version == proof.version]
        known = {normal_hash(digest) for pin in new for digest in pin.hashes}
        lost = [pin for pin in old if not {*map(normal_hash, pin.hashes)} <= known] or old
        missing = [digest for digest in lost[0].hashes if normal_hash(digest) not in known]
        yield Divergence(
            key=f"{proof.name} {proof.version}: other hashes",
            finding=_tell(
                Code.HASH_MISMATCH,
                f"{proof.name} {proof.version} has other hashes here than in {new[0].origin}: "
                f"{', '.join(missing[:1])} is not there, so other bytes would be installed under this version",
                "Find out which of the two is what the index has, before anything is deployed",
                lost[0].origin,
            ),
        )


def _find_sources(before: Project, after: Project) -> Iterator[Divergence]:
    """The same name from elsewhere."""
    origins = {pin.name: pin.origin for pin in reversed(before.pins)}
    locked = {(pin.name, str(pin.version)): pin.origin for pin in reversed(after.pins)}
    for change in compare(before, after):
        if isinstance(change, SourceChanged) and change.name in origins:
            place = locked.get((change.name, str(change.version)), LOCK)
            was, now = _describe(change.old), _describe(change.new)
            yield Divergence(
                key=f"{change.name}: another source",
                finding=_tell(
                    Code.SOURCE_DIFFERS,
                    f"{change.name} comes from {was} here, and from {now} in {place}",
                    f"{_again(before.format)}, or name the source of {PYPROJECT} here",
                    origins[change.name],
                ),
            )


def _find_wishes(before: Project, after: Project) -> Iterator[Divergence]:
    """Lines that are no pins: what they ask for has to be in the lock."""
    pinned = {(pin.name, pin.origin) for pin in before.pins}
    pinned_names = {pin.name for pin in before.pins}
    python = after.python or SpecifierSet()
    held = _by_name(after.pins)
    for line in before.declared:
        if line.constraint or not line.name or (line.name, line.origin) in pinned or is_project_itself(line.source):
            continue
        if holds_nowhere(line.marker, python):
            continue
        if line.name not in held:
            if line.name not in pinned_names:  # else that is told of its pin
                yield Divergence(
                    key=f"{line.name}: not in {LOCK}",
                    finding=_tell(
                        Code.NOT_IN_LOCK,
                        f"{line.raw_name} is asked for here, and {LOCK} has no {line.name}",
                        f"{_again(before.format)}, or take it out of {line.origin.path}",
                        line.origin,
                    ),
                    drift=AcceptedDrift(name=line.name, old="", new=""),
                )
        elif not _is_met(line, held[line.name]):
            locked = held[line.name][0]
            version = locked.version
            yield Divergence(
                key=f"{line.name}: {line.specifier} is not met",
                finding=_tell(
                    Code.VERSION_DIFFERS,
                    f"{line.raw_name} is asked for as {line.specifier} here, and {locked.origin} has {version}",
                    f"{_again(before.format)}, or allow {version} in {line.origin.path}",
                    line.origin,
                ),
            )


def _is_met(line: Dependency, pins: list[Pin]) -> bool:
    if not isinstance(line.specifier, SpecifierSet) or not isinstance(line.source, FromIndex):
        return True
    versions = [pin.version for pin in pins if isinstance(pin.version, Version)]
    return not versions or any(line.specifier.contains(version, prereleases=True) for version in versions)


def _find_additions(read: Project, after: Project) -> Iterator[Divergence]:
    """What pyproject.toml asks for and no old file names: whoever still installs from these misses it."""
    named = {line.name for line in read.declared if not line.constraint} | {pin.name for pin in read.pins}
    held = _by_name(after.pins)
    for line in after.declared:
        if line.name in named or line.constraint or is_project_itself(line.source):
            continue
        versions = [str(pin.version) for pin in held.get(line.name, ()) if pin.version is not None]
        pin = f"{line.name}=={versions[0]}" if len(versions) == 1 else line.raw_name
        yield Divergence(
            key=f"{line.name}: only in {PYPROJECT}",
            finding=_tell(
                Code.NOT_IN_OLD_FILES,
                f"{line.raw_name} is asked for here, and no old file names it",
                f"Add {pin} to {_first_source(read)}, or take it out here with `poetry remove {line.raw_name}`",
                line.origin,
            ),
        )


def _find_indexes(read: Project, after: Project) -> Iterator[Divergence]:
    """The indexes of the old files that became no source."""
    known = {str(index.url.without_credentials()).rstrip("/") for index in after.indexes}
    for source in plan_sources(read)[0]:
        address = str(source.url.without_credentials())
        if not is_public(source.url) and address.rstrip("/") not in known:
            yield Divergence(
                key=f"{address}: no source",
                finding=_tell(
                    Code.SOURCE_DIFFERS,
                    f"The index {address} is named here, and no source in {PYPROJECT} has that address",
                    f"Run `poetry source add {source.name} {address}`, or take it out of the old file",
                    source.origin,
                ),
            )


def _by_name(pins: Iterable[Pin]) -> dict[NormalizedName, list[Pin]]:
    found: dict[NormalizedName, list[Pin]] = defaultdict(list)
    for pin in pins:
        found[pin.name].append(pin)
    return dict(found)


def _again(format_: str) -> str:
    return f"Run `migrate from-{format_}` again"


def _first_source(read: Project) -> str:
    return read.sources[0] if read.sources else "an old file"


def _describe(source: Source) -> str:
    match source:
        case FromIndex(index=None):
            return "the default index"
        case FromIndex(index=index):
            return f"the source {index}"
        case FromVcs(url=url, rev=rev, resolved=resolved):
            at = resolved or rev
            return f"{url}" + (f" at {at[:12] if _COMMIT.fullmatch(at) else at}" if at else "")
        case FromUrl(url=url):
            return str(url)
        case FromPath(path=path):
            return f"the path {path}"


def _tell(code: Code, message: str, advice: str, origin: Origin | None) -> Finding:
    return Finding(code=code, severity=Severity.REVIEW, message=message, advice=advice, origin=origin)


def count_proven(before: Project, after: Project) -> tuple[int, int]:
    """How many pins of ``before`` have hashes, and how many of these the lock proves."""
    hashed = {(pin.name, pin.version) for pin in before.pins if pin.hashes}
    proven = {
        (proof.name, proof.version)
        for proof in prove(before, after)
        if proof.verdict in {HashVerdict.SAME, HashVerdict.SUPERSET}
    }
    return len(hashed), len(hashed & proven)
