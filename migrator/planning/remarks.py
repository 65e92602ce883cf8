"""What a person should know of the pins themselves, before anything is planned."""

from __future__ import annotations

import re
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.conditions import holds_nowhere
from migrator.model.evidence import Absence, Evidence, Metadata, Missing
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.plan import PlannedDependency
from migrator.model.project import DEVELOPER_GROUPS, MAIN, Dependency, Pin, Project
from migrator.model.settings import Settings
from migrator.model.source import FromVcs

from .drift import advise_missing, is_project_itself
from .python_range import show_range

_ABSENCES = frozenset({Code.NOT_ON_INDEX, Code.NEEDS_BUILD})
_COMMIT = re.compile(r"[0-9a-f]{7,40}")

_Labelled = tuple[str, Origin | None]
"""A package for a sentence, and where it stands."""


def find_two_pins(project: Project) -> list[Finding]:
    """Pins of one name in one file that are live together: pip refuses them, so nobody ran both."""
    seen: dict[tuple[NormalizedName, str, str], Pin] = {}
    elsewhere: dict[tuple[NormalizedName, str], Pin] = {}
    findings = []
    for pin in project.pins:
        if pin.version is None:
            continue
        first = seen.setdefault((pin.name, str(pin.marker), pin.origin.path), pin)
        if first.version != pin.version:
            findings.append(
                Finding(
                    code=Code.TWO_PINS,
                    severity=Severity.STOP,
                    message=f"{pin.name} is pinned to {first.version} ({first.origin}) "
                    f"and to {pin.version} in the same file",
                    advice="Remove the line that does not run in production",
                    origin=pin.origin,
                )
            )
            continue
        other = elsewhere.setdefault((pin.name, str(pin.marker)), pin)
        if other.version != pin.version:
            findings.append(
                Finding(
                    code=Code.PINS_DISAGREE,
                    severity=Severity.REVIEW,
                    message=f"{pin.name} is pinned to {other.version} in {other.origin} and to {pin.version} here; "
                    "one lock holds one of them",
                    advice="Pin the same version in both files",
                    origin=pin.origin,
                )
            )
    return findings


def find_floating_revisions(project: Project) -> list[Finding]:
    """Repositories whose line names no commit: nobody can tell what production ran."""
    findings = []
    for line in project.declared:
        if not isinstance(line.source, FromVcs) or _COMMIT.fullmatch(line.source.rev or ""):
            continue
        if line.source.resolved:
            findings += [_followed(line, line.source.rev, line.source.resolved)] if line.source.rev else []
            continue
        what = f"names {line.source.rev!r}, which is no commit" if line.source.rev else "names no commit"
        findings.append(
            Finding(
                code=Code.FLOATING_REVISION,
                severity=Severity.REVIEW,
                origin=line.origin,
                message=f"{line.raw_name} {what}: the lock takes what stands there today, "
                "production may run another one",
                advice="Write the commit that production runs after the @ (pip freeze shows it), and migrate again",
            )
        )
    return findings


def _followed(line: Dependency, rev: str, commit: str) -> Finding:
    """A branch or tag whose commit is known."""
    return Finding(
        code=Code.FLOATING_REVISION,
        severity=Severity.NOTE,
        origin=line.origin,
        message=f"{line.raw_name} follows {rev!r}; pyproject.toml names the commit that was locked, {commit}",
        advice=f'To follow it again: branch = "{rev}" (or tag) in the place of rev',
    )


def remark_evidence(project: Project, evidence: Evidence) -> list[Finding]:
    """What the index says of single pins."""
    findings = []
    unbuilt: list[_Labelled] = []
    early: list[_Labelled] = []
    origins: dict[tuple[NormalizedName, str], Origin] = {}
    for pin in project.pins:
        origins.setdefault((pin.name, str(pin.version)), pin.origin)
    for fact in evidence.facts:
        origin = origins.get((fact.name, str(fact.version)))
        label = f"{fact.name} {fact.version}"
        if isinstance(fact, Missing) and origin is None:
            continue  # it was left out, so nothing is asked for it
        if isinstance(fact, Metadata):
            if fact.yanked is not None:
                reason = f": {fact.yanked}" if fact.yanked else ""
                findings.append(
                    Finding(
                        code=Code.YANKED,
                        severity=Severity.REVIEW,
                        origin=origin,
                        message=f"{label} was yanked from the index{reason}; the lock keeps it",
                        advice="Plan an update; nobody else will be offered this release",
                    )
                )
            if fact.contested:
                findings.append(
                    Finding(
                        code=Code.DEPENDENCY_CONFUSION,
                        severity=Severity.REVIEW,
                        origin=origin,
                        message=f"{label} is on two indexes with different files; the old hashes are those of "
                        f"{fact.index}, so pyproject.toml names that source",
                        advice="Find out who publishes the other one",
                    )
                )
            if isinstance(fact.version, Version) and fact.version.is_prerelease:
                early.append((label, origin))
            continue
        if fact.why is Absence.NEEDS_BUILD:
            unbuilt.append((label, origin))
        else:
            findings.append(_absent(fact, label, origin))
    if unbuilt:
        findings.append(_unbuilt(unbuilt))
    if early:
        findings.append(_early(early))
    if evidence.fallback:
        findings.append(
            Finding(
                code=Code.PLAIN_INDEX,
                severity=Severity.NOTE,
                message="The package index has no JSON interface, so its plain pages were read; "
                "the lock is the one that PyPI itself would give",
            )
        )
    return findings


def remark_builds(built: tuple[str, ...], before: Project) -> tuple[Finding, ...]:
    """One remark on the packages whose builds told what they need; ``built`` are names, or names with versions."""
    if not built:
        return ()
    origins: dict[str, Origin] = {pin.name: pin.origin for pin in reversed(before.pins)}
    origins |= {f"{pin.name} {pin.version}": pin.origin for pin in reversed(before.pins)}
    packages = [(package, origins.get(package)) for package in sorted(built)]
    listed = _list_places(packages)
    return (
        Finding(
            code=Code.BUILT,
            severity=Severity.REVIEW,
            message=f"What {listed} needs was told by its build, which ran its code"
            if len(packages) == 1
            else f"What these need was told by their builds, which ran their code: {listed}",
            origin=_first_place(packages),
        ),
    )


def _list_places(packages: list[_Labelled]) -> str:
    """The packages; each with its place where they are several, because a finding stands at one."""
    if len(packages) == 1:
        return packages[0][0]
    return ", ".join(f"{label} ({origin})" if origin else label for label, origin in packages)


def _first_place(packages: list[_Labelled]) -> Origin | None:
    return next((origin for _, origin in packages if origin), None)


def _early(pins: list[_Labelled]) -> Finding:
    is_one = len(pins) == 1
    return Finding(
        code=Code.PRE_RELEASE,
        severity=Severity.NOTE,
        origin=_first_place(pins),
        message=f"{_list_places(pins)} {'is a pre-release' if is_one else 'are pre-releases'}; "
        f"the lock keeps {'it' if is_one else 'them'}",
    )


def _unbuilt(pins: list[_Labelled]) -> Finding:
    names = _list_places(pins)
    has = "has" if len(pins) == 1 else "have"
    return Finding(
        code=Code.NEEDS_BUILD,
        severity=Severity.STOP,
        origin=pins[0][1],
        message=f"{names} {has} no wheel and no static metadata: what is needed is known only after running a build",
        advice="Allow their code to run with --allow-build",
    )


def _absent(fact: Missing, label: str, origin: Origin | None) -> Finding:
    """What is told of a release that cannot be had; what needs a build is told in one sentence for all."""
    code = Code.NOT_ON_INDEX
    match fact.why:
        case Absence.NO_PACKAGE:
            message = f"{label}: no index that was asked has a package of this name"
        case Absence.NO_VERSION | Absence.NO_FILES:
            newest = f"; the newest there is {fact.versions[-1]}" if fact.versions else ""
            message = f"{label} is not on the index (any more){newest}"
        case Absence.UNREAD_NAME:
            message = f"{label} is on the index as {fact.detail}, and Poetry reads no version from such a name"
        case Absence.BUILD_FAILED:
            code = Code.NEEDS_BUILD
            message = f"{label}: only its build tells what it needs, and that fails here: {fact.detail}"
        case _:
            message = f"{label}: its metadata on the index cannot be read ({fact.detail})"
    return Finding(code=code, severity=Severity.REVIEW, origin=origin, message=message, advice=advise_missing(fact))


def remark_groups(dependencies: tuple[PlannedDependency, ...], settings: Settings) -> tuple[Finding, ...]:
    """Groups that were made from a file's name and that production may need: it installs main alone by default.

    A format whose entries have keys (a Pipfile) names its groups itself.
    """
    named = {given.group for given in settings.inputs}
    named |= {entry.group for entry in dependencies if entry.origin is not None and entry.origin.key}
    places: dict[str, Origin | None] = {}
    for entry in dependencies:
        if entry.group not in {MAIN, *DEVELOPER_GROUPS, *named}:
            places.setdefault(entry.group, entry.origin)
    return tuple(
        Finding(
            code=Code.GROUP_INFERRED,
            severity=Severity.REVIEW,
            message=f"{origin.path if origin else group} became the dependency group {group!r}, after its name; "
            f"{'the Nix build' if settings.nix else '`poetry install --only main`'} installs the group main alone",
            advice=f"If production needs it, migrate again with --group main={origin.path if origin else 'FILE'}",
            origin=origin,
        )
        for group, origin in sorted(places.items())
    )


def remark_without_nix(project: Project) -> tuple[Finding, ...]:
    """What stands in no new file where no Nix files are written: native inputs and overrides of the old expression."""
    natives = list(dict.fromkeys(native.attribute for native in project.natives))
    overridden = list(dict.fromkeys(override.package for override in project.overrides))
    parts = [f"the native inputs {', '.join(natives)}"] if natives else []
    parts += [f"the overrides of {', '.join(overridden)}"] if overridden else []
    if not parts:
        return ()
    places = [*(native.origin for native in project.natives), *(override.origin for override in project.overrides)]
    finding = Finding(
        code=Code.NIX_LEFT_OUT,
        severity=Severity.NOTE,
        message=f"No Nix files were asked for, so these stand in no new file: {'; '.join(parts)}",
        advice="Migrate again without --no-nix or --no-lock if the project is still built with Nix",
        origin=places[0],
    )
    return (finding,)


def forget_nameless(findings: tuple[Finding, ...], project: Project) -> tuple[Finding, ...]:
    """``findings`` without the remark that a line has no name where one was found, or where it is the project."""
    known = {line.origin for line in project.declared if line.name or is_project_itself(line.source)}
    return tuple(f for f in findings if f.code is not Code.NAMELESS_URL or f.origin not in known)


def leave_other_pythons(project: Project, python: SpecifierSet) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` without the pins that no Python of the range installs, and one remark that names them.

    The project itself (``-e .``) is no pin either: `poetry install` installs it, no lock holds it.
    """
    project = replace(project, pins=tuple(pin for pin in project.pins if not is_project_itself(pin.source)))
    kept = tuple(pin for pin in project.pins if not holds_nowhere(pin.marker, python))
    others = tuple(pin for pin in project.pins if holds_nowhere(pin.marker, python))
    if not others:
        return project, ()
    names = ", ".join(sorted({f"{pin.name} {pin.version}" if pin.version else pin.name for pin in others}))
    finding = Finding(
        code=Code.OTHER_PYTHONS,
        severity=Severity.NOTE,
        message=f"Their markers allow these pins on no Python of {show_range(python)}, "
        f"so nothing installs them and poetry.lock leaves them out: {names}",
        origin=others[0].origin,
    )
    return replace(project, pins=kept), (finding,)


def drop_told(findings: tuple[Finding, ...], about: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """``findings`` without the remarks on what cannot be had that a later finding about the same pin says better."""
    places = {finding.origin for finding in about}
    return tuple(f for f in findings if f.code not in _ABSENCES or f.origin not in places)
