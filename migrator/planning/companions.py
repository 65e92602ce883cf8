"""What stands beside an expression of pypi2nix: where it differs, the expression counts, for that is what was built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Dependency, Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs
from migrator.model.version import RawSpecifier, pinned_version, read_specifier

UNLISTED = frozenset(NormalizedName(name) for name in ("distribute", "pip", "setuptools", "wheel"))
"""What pip freeze never lists, and pypi2nix left out of its expressions before 2.0."""


_ROOTS_ADVICE = (
    "The expression was not made from this line; if the line is what is meant, let the pin move (--allow-drift)"
)
_FROZEN_ADVICE = (
    "Find out which of them production runs; if it is this one, migrate this file: migrate from-requirements"
)


def add_roots(project: Project, roots: Project) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with what ``roots``, the requirements files beside it, declare; its own pins stay.

    Each line that the pins contradict is a finding.
    """
    findings = _differences(project.pins, roots.declared, "asks for", _ROOTS_ADVICE)
    project = replace(
        project,
        declared=(*project.declared, *roots.declared),
        indexes=(*project.indexes, *roots.indexes),
        options=(*project.options, *roots.options),
        comments=(*project.comments, *roots.comments),
        python_hints=(*project.python_hints, *roots.python_hints),
        sources=tuple(dict.fromkeys((*project.sources, *roots.sources))),
    )
    return project, tuple(findings)


def compare_frozen(project: Project, frozen: Project) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with the files of ``frozen`` among its sources, and a finding for each pin that differs there."""
    sources = tuple(dict.fromkeys((*project.sources, *frozen.sources)))
    return replace(project, sources=sources), tuple(_differences(project.pins, frozen.declared, "has", _FROZEN_ADVICE))


def take_stated(project: Project) -> Project:
    """``project`` with one word on each package, for planning.

    A package that a line pins and the expression lacks is pinned; hashes that a line gives for the pinned version are
    the pin's as well; what the expression fetched from elsewhere comes from there. Where nothing is declared and the
    expression marks what was asked for (``passthru.top_level``), that is declared.
    """
    if project.format != "pypi2nix":
        return project
    lines = [line for line in project.declared if not line.constraint]
    pins = tuple(replace(pin, hashes=_all_hashes(pin, lines)) for pin in project.pins)
    known = _by_name(pins)
    stated = {line.name: _pin(line) for line in lines if line.name not in known and _is_pin(line)}
    declared = tuple(_from_elsewhere(line, known.get(line.name, [])) for line in project.declared)
    if not lines:
        declared = (*declared, *(_asked_for(pin) for pin in pins if pin.top_level))
    return replace(project, declared=declared, pins=(*pins, *stated.values()))


def _differences(pins: tuple[Pin, ...], lines: Iterable[Dependency], verb: str, advice: str) -> list[Finding]:
    known = _by_name(pins)
    findings = []
    for line in lines:
        if not line.name or line.constraint or line.marker is not None:
            continue  # what holds only under a condition may well be missing or another one
        mine = known.get(line.name, [])
        if not mine and line.name not in UNLISTED:
            findings.append(_differs(line, f"{verb} {_show(line)}, and the expression has no {line.name}", advice))
        elif mine and not any(_agree(line, pin) for pin in mine):
            there = mine[0].version or _describe(mine[0])
            findings.append(
                _differs(line, f"{verb} {_show(line)}, and the expression has {there} ({mine[0].origin})", advice)
            )
    return findings


def _agree(line: Dependency, pin: Pin) -> bool:
    match line.source, pin.source:
        case FromVcs(rev=str(wished)), FromVcs(rev=str(built)):
            # a branch or a tag says nothing about a commit
            return built.startswith(wished) or not _is_commit(wished)
        case FromIndex(), _:
            pass
        case FromUrl(url=url), FromIndex() if url.scheme in {"", "file"}:
            return True  # pip's own place for building: `name @ file:///build/…`
        case _, FromIndex():
            return False
        case _:
            return True
    if not isinstance(pin.version, Version) or isinstance(line.specifier, RawSpecifier):
        return str(pinned_version(line.specifier) or pin.version) == str(pin.version)
    return line.specifier.contains(pin.version, prereleases=True)


def _is_commit(revision: str) -> bool:
    return len(revision) >= 7 and all(c in "0123456789abcdef" for c in revision)  # noqa: PLR2004 (git's shortest)


def _by_name(pins: Iterable[Pin]) -> dict[NormalizedName, list[Pin]]:
    found: dict[NormalizedName, list[Pin]] = {}
    for pin in pins:
        found.setdefault(pin.name, []).append(pin)
    return found


def _all_hashes(pin: Pin, lines: Iterable[Dependency]) -> tuple[str, ...]:
    stated = (
        digest
        for line in lines
        if line.name == pin.name and pin.version is not None and pinned_version(line.specifier) == pin.version
        for digest in line.hashes
    )
    return tuple(dict.fromkeys((*pin.hashes, *stated)))


def _is_pin(line: Dependency) -> bool:
    return bool(line.name) and isinstance(line.source, FromIndex) and pinned_version(line.specifier) is not None


def _pin(line: Dependency) -> Pin:
    return Pin(
        name=line.name,
        raw_name=line.raw_name,
        version=pinned_version(line.specifier),
        origin=line.origin,
        source=line.source,
        hashes=line.hashes,
        marker=line.marker,
        groups=frozenset({line.group}),
        extras=line.extras,
    )


def _from_elsewhere(line: Dependency, pins: list[Pin]) -> Dependency:
    """``line`` with the very commit or address that the expression fetched."""
    if len(pins) != 1 or isinstance(pins[0].source, FromIndex) or line.constraint:
        return line
    return replace(line, source=pins[0].source, specifier=SpecifierSet())


def _asked_for(pin: Pin) -> Dependency:
    return Dependency(
        name=pin.name,
        raw_name=pin.raw_name,
        origin=pin.origin,
        specifier=SpecifierSet() if pin.version is None else read_specifier(f"=={pin.version}"),
        source=pin.source,
        via=(f"-r {pin.origin.path}",),
        compiled=True,
    )


def _show(line: Dependency) -> str:
    match line.source:
        case FromIndex():
            return f"{line.raw_name} {line.specifier}".replace(" ==", " ").rstrip()
        case FromPath():
            return f"{line.raw_name} from a folder"
        case FromVcs(url=url, rev=rev):
            return f"{line.raw_name} from {url}" + (f" at {rev}" if rev else "")
        case FromUrl(url=url):
            return f"{line.raw_name} from {url}"


def _describe(pin: Pin) -> str:
    """What the expression has of ``pin`` where that is no version."""
    return "one from the index" if isinstance(pin.source, FromIndex) else "one from elsewhere"


def _differs(line: Dependency, what: str, advice: str) -> Finding:
    return Finding(
        code=Code.EXPRESSION_DIFFERS,
        severity=Severity.REVIEW,
        origin=line.origin,
        message=f"{line.origin.path} {what}; the expression counts, for it is what was built",
        advice=advice,
    )
