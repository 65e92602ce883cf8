"""From the lines that the project itself asks for to the entries of its dependency tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.conditions import holds_nowhere, holds_on_all
from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import PlannedDependency, PlannedSource, Priority
from migrator.model.project import Dependency, Project
from migrator.model.settings import Constraint, Settings
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind, is_stated
from migrator.model.surroundings import Surroundings
from migrator.model.url import mask_credentials
from migrator.model.version import RawSpecifier, pinned_version

from .addresses import UNSTATED, remark_address
from .constraints import keep_wish, widen_pin
from .roots import Direct


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """The facts that a plan rests on. ``folder`` is the name of the project's folder."""

    project: Project
    surroundings: Surroundings
    evidence: Evidence
    settings: Settings
    sources: tuple[PlannedSource, ...]
    folder: str


def plan_dependencies(
    direct: Direct, basis: Basis, python: SpecifierSet
) -> tuple[tuple[PlannedDependency, ...], tuple[Finding, ...]]:
    """The entries of the dependency tables, sorted, and what could not become one.

    What pyproject.toml has already stays as the user wrote it, and so does a marker that somebody wrote by hand. Of
    what a tool wrote, pins that no Python of the range ``python`` installs are left out, and markers that say no more
    than the range.
    """
    pinned: dict[NormalizedName, set[Version]] = {}
    for pin in basis.project.pins:
        if isinstance(pin.version, Version) and not holds_nowhere(pin.marker, python):
            pinned.setdefault(pin.name, set()).add(pin.version)
    found: dict[tuple[NormalizedName, str, str, str], PlannedDependency] = {}
    findings: list[Finding] = []
    for line in (*direct.lines, *direct.orphans):
        obstacle = _obstacle(line.source)
        if obstacle:
            findings.append(_unsupported(line, obstacle))
            continue
        if isinstance(line.source, FromPath) and line.source.path.startswith("/"):
            findings.append(_absolute(line))
        findings += remark_address(line)
        mine = pinned.get(line.name, set())
        held, told = _hold_pin(line, mine, basis)
        findings += told
        planned = replace(_plan_line(held, direct, mine, basis), was=_as_written(line))
        if isinstance(line.source, FromIndex) and not planned.by_hand:  # a pin
            if holds_nowhere(line.marker, python):
                continue  # told among the pins that nothing installs
            if holds_on_all(line.marker, python):
                planned = replace(planned, marker=None)
        planned = _keep_existing(planned, basis, findings)
        key = (planned.name, planned.group, str(planned.marker), repr(planned.source))
        known = found.get(key)
        found[key] = planned if known is None else _merge(known, planned)
    entries = sorted(found.values(), key=lambda d: (d.group, d.name, str(d.marker), d.constraint))
    return tuple(entries), tuple(dict.fromkeys(findings))


def _obstacle(source: Source) -> str:
    """Why Poetry cannot install from ``source``; empty where it can."""
    if not is_stated(source):
        return UNSTATED
    if isinstance(source, FromVcs) and source.kind is not VcsKind.GIT:
        return f"Poetry cannot install from {source.kind}"
    if isinstance(source, FromUrl) and source.url.scheme not in {"http", "https", "file"}:
        return f"Poetry cannot install from {source.url}"
    return ""


def _hold_pin(line: Dependency, pinned: set[Version], basis: Basis) -> tuple[Dependency, list[Finding]]:
    """``line`` as a pin, where it excludes every version that a lock older than itself holds."""
    if not basis.project.is_pair or not isinstance(line.source, FromIndex) or not pinned:
        return line, []
    specifier = line.specifier
    if not isinstance(specifier, SpecifierSet) or any(specifier.contains(v, prereleases=True) for v in pinned):
        return line, []
    version = max(pinned)
    finding = Finding(
        code=Code.CONSTRAINT_LOOSENED,
        severity=Severity.REVIEW,
        message=f"{line.raw_name}{specifier} excludes {version}, which the lock holds and pyproject.toml now asks for",
        advice=f'To have what was wished: poetry add "{line.name}{specifier}"',
        origin=line.origin,
    )
    return replace(line, specifier=SpecifierSet(f"=={version}"), by_hand=False), [finding]


def _plan_line(line: Dependency, direct: Direct, pinned: set[Version], basis: Basis) -> PlannedDependency:
    source = line.source
    constraint, why = "", "not from an index"
    prereleases = by_hand = False
    if isinstance(source, FromIndex):
        version = pinned_version(line.specifier)
        by_hand = line.by_hand or version is None
        if by_hand:
            constraint, why = keep_wish(line.specifier), "as it was written by hand"
            if isinstance(line.specifier, RawSpecifier):
                why = f"{line.specifier} is no PEP 440 specifier; the lock alone keeps the version"
        elif version is not None:
            above = sorted(v for v in pinned if isinstance(version, Version) and v > version)
            constraint, why = widen_pin(
                version, basis.settings.constraint or Constraint.CARET, above[0] if above and line.marker else None
            )
        source = FromIndex(index=_index_of(line, basis))
        prereleases = bool(pinned) and all(v.is_prerelease for v in pinned) and _hides_prereleases(constraint, basis)
    return PlannedDependency(
        name=line.name,
        raw_name=line.raw_name,
        constraint=constraint,
        extras=line.extras | direct.extras.get(line.name, frozenset()),
        marker=line.marker,
        source=_without_secrets(source),
        editable=line.editable,
        group=line.group,
        prereleases=prereleases,
        by_hand=by_hand,
        why=why,
        origin=line.origin,
    )


def _without_secrets(source: Source) -> Source:
    """``source`` with what looks like credentials masked in a path and a revision, which hold none by right."""
    match source:
        case FromPath(path=path):
            return replace(source, path=mask_credentials(path))
        case FromVcs(rev=str(rev)):
            return replace(source, rev=mask_credentials(rev))
        case _:
            return source


def _hides_prereleases(constraint: str, basis: Basis) -> bool:
    """Whether Poetry needs leave to keep a pre-release under ``constraint``; one that names a pre-release gives it."""
    if constraint == "*":
        return True
    allowed = any(o.option == "allow_prereleases" and o.value == "true" for o in basis.project.options)
    try:
        return allowed and not any(Version(clause.version).is_prerelease for clause in SpecifierSet(constraint))
    except ValueError:  # Poetry's own words were made of the pin, and a wildcard names none
        return allowed and "*" in constraint


def _keep_existing(planned: PlannedDependency, basis: Basis, findings: list[Finding]) -> PlannedDependency:
    """The entry as it stands in pyproject.toml, where it is the user's own."""
    theirs = next(
        (e for e in basis.surroundings.existing if not e.ours and (e.name, e.group) == (planned.name, planned.group)),
        None,
    )
    if theirs is None:
        return planned
    findings.append(
        Finding(
            code=Code.EXISTING_KEPT,
            severity=Severity.NOTE,
            message=f"{planned.raw_name} stands in pyproject.toml already and stays as it is there",
            origin=theirs.origin,
        )
    )
    return replace(planned, constraint=theirs.constraint or "*", by_hand=True, why=f"as it stands in {theirs.origin}")


def _index_of(line: Dependency, basis: Basis) -> str | None:
    """The source that a direct dependency must name: the one that has its pin, where that is not searched first."""
    if isinstance(line.source, FromIndex) and line.source.index:
        return line.source.index
    priorities = {source.name: source.priority for source in basis.sources}
    for fact in basis.evidence.facts:
        if fact.name == line.name and isinstance(fact, Metadata) and fact.index:
            first = priorities.get(fact.index) is Priority.PRIMARY and not fact.contested
            return None if first else fact.index
    return None


def _merge(known: PlannedDependency, new: PlannedDependency) -> PlannedDependency:
    """Two lines for one package under one condition: both must hold; of a wish and a pin the wish, as everywhere."""
    both = [each for each in (known, new) if each.constraint not in {"", "*"}]
    wished = [each for each in both if each.by_hand]
    if wished:
        both, known = wished, replace(known, by_hand=True, why=wished[0].why)
    parts = [each.constraint for each in both]
    constraint = parts[0] if parts else known.constraint
    if len(set(parts)) > 1:
        constraint = ",".join(parts)
    return replace(known, constraint=constraint, extras=known.extras | new.extras)


def _as_written(line: Dependency) -> str:
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras and "[" not in line.raw_name else ""
    marker = f" ; {line.marker}" if line.marker else ""
    match line.source:
        case FromIndex():
            return f"{line.raw_name}{extras}{line.specifier}{marker}"
        case FromVcs(kind=kind, url=url, rev=rev):
            return f"{line.raw_name}{extras} @ {kind}+{url}{'@' + rev if rev else ''}{marker}"
        case FromUrl(url=url):
            return f"{line.raw_name}{extras} @ {url}{marker}"
        case FromPath(path=path):
            return f"{'-e ' if line.editable else ''}{path}{extras}{marker}"


def _unsupported(line: Dependency, why: str) -> Finding:
    mend = "Publish a wheel or an archive of that revision and depend on its address, or mirror it in git"
    return Finding(
        code=Code.UNSUPPORTED_SOURCE,
        severity=Severity.REVIEW,
        origin=line.origin,
        message=f"{line.raw_name}: {why}, so the line is not carried over",
        advice=mend if why != UNSTATED else f"Write {line.raw_name} @ ADDRESS into the requirements file",
    )


def _absolute(line: Dependency) -> Finding:
    return Finding(
        code=Code.UNSUPPORTED_SOURCE,
        severity=Severity.REVIEW,
        origin=line.origin,
        message=f"{line.raw_name} is a path of one machine",
        advice="Write a path relative to the project",
    )
