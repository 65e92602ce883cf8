"""What stands beside an expression of pypi2nix: where it differs, the expression counts, for that is what was built."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Dependency, NativeInput, Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, is_stated
from migrator.model.version import RawSpecifier, pinned_version, read_specifier

from .drift import is_project_itself
from .natives.rows import native_rows

UNLISTED = frozenset(NormalizedName(name) for name in ("distribute", "pip", "setuptools", "wheel"))
"""What pip freeze never lists, and pypi2nix left out of its expressions before 2.0."""


_FROM_LINE = (
    "The expression was not made from this line; if the line is what is meant, let the pin move with --allow-drift"
)
_FROM_FREEZE = "Find out which of them production runs; if it is the frozen one, migrate that file by itself"
_MANY = 10
"""So many differences in one file stand one by one; more of them are one remark, and notes."""


def find_contradicted(project: Project) -> tuple[Finding, ...]:
    """What an expression's own lines (``-e`` on the command line that made it) say otherwise than its pins."""
    if not project.is_expression:
        return ()
    return tuple(_contradictions(project.pins, project.declared))


def add_roots(project: Project, roots: Project) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with what ``roots``, the requirements files beside it, declare; its own pins stay.

    Each line that the pins contradict is a finding.
    """
    findings = tuple(_contradictions(project.pins, roots.declared))
    project = replace(
        project,
        declared=(*project.declared, *roots.declared),
        indexes=(*project.indexes, *roots.indexes),
        options=(*project.options, *roots.options),
        comments=(*project.comments, *roots.comments),
        python_hints=(*project.python_hints, *roots.python_hints),
        sources=tuple(dict.fromkeys((*project.sources, *roots.sources))),
    )
    return project, findings


def compare_frozen(project: Project, frozen: Project) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with the files of ``frozen`` among its sources, and what differs there as findings.

    What only the frozen file has is one note: the freeze saw the tools of its environment as well.
    """
    sources = tuple(dict.fromkeys((*project.sources, *frozen.sources)))
    differing, absent = _differences(project.pins, frozen.declared)
    findings = _tell(differing, "has", _FROM_FREEZE)
    if absent:
        more = Finding(
            code=Code.EXPRESSION_DIFFERS,
            severity=Severity.NOTE,
            origin=absent[0].origin,
            message=f"{absent[0].origin.path} lists packages that the expression does not build, and they are not "
            f"locked: {', '.join(_show(line) for line in absent)}",
            advice="Name one in the requirements file if the project runs it, and migrate again",
        )
        findings.append(more)
    return replace(project, sources=sources), tuple(findings)


def take_stated(project: Project) -> Project:
    """``project`` with one word on each package, for planning.

    A package that a line pins and the expression lacks is pinned; hashes that a line gives for the pinned version are
    the pin's as well, and so is the address that a line gives where the expression computes one. What the expression
    fetched from elsewhere comes from there, and gives its name to a line that has only the place. Where nothing is
    declared and the expression marks what was asked for (``passthru.top_level``), that is declared. What an override
    takes from the set itself is no native input.
    """
    if not project.is_expression:
        return project
    lines = [line for line in project.declared if not line.constraint]
    pins = tuple(
        replace(pin, hashes=_all_hashes(pin, lines), source=_stated_source(pin, lines)) for pin in project.pins
    )
    known = _by_name(pins)
    stated = {line.name: _pin(line) for line in lines if line.name not in known and _is_pin(line)}
    named = (line if line.name else _name(line, pins) for line in project.declared)
    declared = tuple(_from_elsewhere(line, known.get(line.name, [])) for line in named)
    if not lines:
        declared = (*declared, *(_asked_for(pin) for pin in pins if pin.top_level))
    natives = tuple(native for native in project.natives if not _is_of_the_set(native, known))
    return replace(project, declared=declared, pins=(*pins, *stated.values()), natives=natives)


def _contradictions(pins: tuple[Pin, ...], lines: Iterable[Dependency]) -> list[Finding]:
    differing, absent = _differences(pins, lines)
    missing = [_Difference(line, f"{_show(line)}, and the expression has no {line.name}") for line in absent]
    return _tell([*differing, *missing], "asks for", _FROM_LINE)


class _Difference(NamedTuple):
    line: Dependency
    what: str


def _is_of_the_set(native: NativeInput, known: Mapping[NormalizedName, object]) -> bool:
    """Whether what an override names is a Python package of the expression, and no library.

    ``with self; with pkgs; [ pbr libffi ]``: nixpkgs has no ``pbr``, so Nix takes that of ``self``.
    """
    if native.package is None or canonicalize_name(native.attribute) not in known:
        return False
    rows = native_rows().values()
    libraries = {choice for row in rows for name in (*row.libraries, *row.tools) for choice in name.split(" or ")}
    return not {native.attribute, native.today} & libraries


def _differences(pins: tuple[Pin, ...], lines: Iterable[Dependency]) -> tuple[list[_Difference], list[Dependency]]:
    """The lines that the pins contradict, and those that no pin speaks of."""
    known = _by_name(pins)
    differing: list[_Difference] = []
    absent: list[Dependency] = []
    for line in lines if known else ():  # an expression without any package was told of by its reader
        if not line.name or line.constraint or is_project_itself(line.source):
            continue
        if line.marker is not None:
            continue  # what holds only under a condition may well be missing or another one
        mine = known.get(line.name, [])
        if not mine and line.name not in UNLISTED:
            absent.append(line)
        elif mine and not any(_agree(line, pin) for pin in mine):
            there = mine[0].version or "one from elsewhere"
            differing.append(_Difference(line, f"{_show(line)}, and the expression has {there} ({mine[0].origin})"))
    return differing, absent


def _tell(differences: list[_Difference], verb: str, advice: str) -> list[Finding]:
    by_file: dict[str, list[_Difference]] = {}
    for difference in differences:
        by_file.setdefault(difference.line.origin.path, []).append(difference)
    findings = []
    for path, found in by_file.items():
        if len(found) <= _MANY:
            findings += [_differs(d, verb, Severity.REVIEW, advice) for d in found]
            continue
        summary = Finding(
            code=Code.EXPRESSION_DIFFERS,
            severity=Severity.REVIEW,
            origin=found[0].line.origin,
            message=f"{path} and the expression differ in {len(found)} packages, so they were not made together; the "
            "expression counts, for it is what was built, and each difference is told among the notes",
            advice=advice,
        )
        findings += [summary, *(_differs(d, verb, Severity.NOTE, "") for d in found)]
    return findings


def _differs(difference: _Difference, verb: str, severity: Severity, advice: str) -> Finding:
    return Finding(
        code=Code.EXPRESSION_DIFFERS,
        severity=severity,
        origin=difference.line.origin,
        message=f"{difference.line.origin.path} {verb} {difference.what}; the expression counts, for it is what was "
        "built",
        advice=advice,
    )


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


def _stated_source(pin: Pin, lines: Iterable[Dependency]) -> Source:
    """Where ``pin`` comes from, in the words of a line where the expression has none; never a bare name of an index."""
    if is_stated(pin.source):
        return pin.source
    said = {line.source for line in lines if line.name == pin.name and not isinstance(line.source, FromIndex)}
    return said.pop() if len(said) == 1 else pin.source


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


def _name(line: Dependency, pins: tuple[Pin, ...]) -> Dependency:
    """``line`` with the name that the expression has for its folder or address."""
    place = _place(line.source)
    same = next((pin for pin in pins if place and _place(pin.source) == place), None)
    return line if same is None else replace(line, name=same.name, raw_name=same.raw_name)


def _place(source: Source) -> str:
    match source:
        case FromPath(path=path):
            return posixpath.normpath(path)
        case FromUrl(url=url) | FromVcs(url=url):
            return url.without_credentials().reveal().removesuffix(".git")
        case FromIndex():
            return ""


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
