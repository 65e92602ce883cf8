"""What a Pipfile and its lock settle between them, before anything is planned.

Pipenv locks each section by itself, follows a branch and writes the commit, and gives each pin the Pythons of its
release as a condition. One lock of Poetry has none of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName

from migrator.model.change import Removed
from migrator.model.conditions import holds_nowhere
from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import MAIN, Dependency, Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.model.version import AnyVersion

_PYTHONS = ("2.7", *(f"3.{minor}" for minor in range(31)))
_GROUP = re.compile(r'"[^"]*" in dependency_groups(?: and |$)')
_WORDS = frozenset({"python_version", "python_full_version"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """A ``pin`` of one section that is not locked, because that of another section, ``by``, is."""

    pin: Pin
    by: Pin


def settle_pair(project: Project) -> tuple[Project, tuple[Finding, ...], tuple[Superseded, ...]]:
    """``project`` with one version for each name that its sections lock to several, and with commits for branches.

    A pin that another section's pin stands in for is left out, and told; ``default`` counts before all others. Those
    whose version no section's pin keeps come back too. Other formats come back as they are.
    """
    if not project.is_pair:
        return project, (), ()
    project = replace(project, declared=tuple(_with_commit(line, project.pins) for line in project.declared))
    return _settle_sections(project)


def list_superseded(superseded: tuple[Superseded, ...]) -> tuple[Removed, ...]:
    """What went with these pins, each version once."""
    gone: dict[object, Removed] = {}
    for each in superseded:
        what = _what(each.pin)
        reason = f"the group {_group(each.by)} locks {_show(each.by)}, and one lock holds one of them"
        groups = each.pin.groups | (gone[what].groups if what in gone else frozenset())
        gone[what] = Removed(name=each.pin.name, version=each.pin.version, reason=reason, groups=groups)
    return tuple(gone.values())


def _what(pin: Pin) -> tuple[NormalizedName, object]:
    """What a pin names: a version, or the place of what has none."""
    return (pin.name, pin.version if pin.version is not None else _place(pin.source))


def forget_echoes(project: Project, evidence: Evidence) -> Project:
    """``project`` with the conditions that are none taken off its pins.

    What pipenv calls a marker is mostly the release's own Requires-Python, and sometimes the group of the pin. Neither
    says that a pin is for some machines only.
    """
    if not project.is_pair:
        return project
    known = {(fact.name, str(fact.version)): fact for fact in evidence.facts}
    pins = []
    for pin in project.pins:
        fact = known.get((pin.name, str(pin.version)))
        requires = fact.requires_python if isinstance(fact, Metadata) else None
        marker = _without_group(pin.marker)
        if marker is not None and _is_echo(marker, requires, known=isinstance(fact, Metadata)):
            marker = None
        pins.append(replace(pin, marker=marker) if marker != pin.marker else pin)
    return replace(project, pins=tuple(pins))


def remark_python(project: Project, python: SpecifierSet) -> tuple[Finding, ...]:
    """That ``[requires]`` names one Python, where that is what the range was made of."""
    for hint in project.python_hints[:1]:
        clauses = list(hint.range)
        if not hint.stated or len(clauses) != 1 or clauses[0].operator != "==":
            continue
        minor = clauses[0].version.removesuffix(".*")
        if not all(str(clause).startswith((f">={minor}", "<")) for clause in python):
            continue
        exact = ""
        if project.python is not None and project.python != hint.range:
            exact = f" Its patch release ({project.python}) is that of one machine."
        return (
            Finding(
                code=Code.PYTHON_INFERRED,
                severity=Severity.NOTE,
                message=f"{hint.origin.path} asks for Python {minor} and no other, so pyproject.toml does too.{exact}",
                advice=f"If later ones are wanted as well: --python '>={minor}'",
                origin=hint.origin,
            ),
        )
    return ()


# commits


def _with_commit(line: Dependency, pins: tuple[Pin, ...]) -> Dependency:
    """``line`` with the commit that the lock holds for its repository."""
    if not isinstance(line.source, FromVcs):
        return line
    mine = [pin for pin in pins if pin.name == line.name and isinstance(pin.source, FromVcs)]
    for pin in sorted(mine, key=lambda pin: (line.group not in pin.groups, repr(pin.source))):
        assert isinstance(pin.source, FromVcs)  # noqa: S101 (chosen so)
        if pin.source.resolved and _place(pin.source) == _place(line.source):
            return replace(line, source=replace(line.source, resolved=pin.source.resolved))
    return line


# sections


def _settle_sections(project: Project) -> tuple[Project, tuple[Finding, ...], tuple[Superseded, ...]]:
    kept: dict[NormalizedName, list[Pin]] = {}
    dropped: list[tuple[Pin, Pin]] = []
    # by name, not as they stand there: the order of JSON means nothing
    for pin in sorted(project.pins, key=lambda pin: (_group(pin) != MAIN, _group(pin))):
        other = next((other for other in kept.get(pin.name, ()) if _excludes(other, pin)), None)
        if other is None:
            kept.setdefault(pin.name, []).append(pin)
        else:
            dropped.append((pin, other))
    declared = project.declared
    findings = []
    for pin, other in dropped:
        declared, lost = _follow(declared, pin, other)
        findings.append(_disagree(pin, other, lost))
    gone = {id(pin) for pin, _ in dropped}
    pins = tuple(pin for pin in project.pins if id(pin) not in gone)
    held = set(map(_what, pins))
    superseded = tuple(Superseded(pin=pin, by=other) for pin, other in dropped if _what(pin) not in held)
    return replace(project, declared=declared, pins=pins), tuple(findings), superseded


def _group(pin: Pin) -> str:
    return min(pin.groups)


def _excludes(kept: Pin, pin: Pin) -> bool:
    """Whether one lock cannot hold both, because they are two of one name on one machine."""
    if _group(kept) == _group(pin):
        return False  # two of one section are told as such
    same = kept.version is None or pin.version is None or kept.version == pin.version
    if same and _place(kept.source)[0] == _place(pin.source)[0]:
        return False
    if kept.marker is None or pin.marker is None:
        return True
    return not holds_nowhere(Marker(f"({kept.marker}) and ({pin.marker})"), SpecifierSet())


def _follow(
    declared: tuple[Dependency, ...], pin: Pin, kept: Pin
) -> tuple[tuple[Dependency, ...], tuple[Dependency, ...]]:
    """``declared`` without what the group of ``pin`` wishes and the version that was ``kept`` contradicts; and that."""
    lines: list[Dependency] = []
    lost = []
    for line in declared:
        if (line.name, line.group) != (pin.name, _group(pin)):
            lines.append(line)
        elif _place(line.source)[0] != _place(kept.source)[0]:
            lost.append(line)
        elif not _allows(line, kept.version):
            lost.append(line)
            lines.append(replace(line, specifier=SpecifierSet()))
        else:
            lines.append(line)
    return tuple(lines), tuple(lost)


def _allows(line: Dependency, version: AnyVersion | None) -> bool:
    if not isinstance(line.specifier, SpecifierSet) or version is None:
        return True
    try:
        return line.specifier.contains(str(version), prereleases=True)
    except InvalidSpecifier:  # a version outside PEP 440
        return True


def _disagree(pin: Pin, kept: Pin, lost: Iterable[Dependency]) -> Finding:
    wishes = "".join(f", and the wish in {line.origin} is not carried over" for line in lost)
    return Finding(
        code=Code.PINS_DISAGREE,
        severity=Severity.REVIEW,
        message=f"{pin.name} is pinned to {_show(kept)} for the group {_group(kept)} ({kept.origin}) and to "
        f"{_show(pin)} for the group {_group(pin)}; one lock holds one of them, and that is {_show(kept)}{wishes}",
        advice=f"Lock one version in both sections, or look whether what the group {_group(pin)} is for works with "
        f"{_show(kept)}",
        origin=pin.origin,
    )


def _show(pin: Pin) -> str:
    match pin.source:
        case FromIndex():
            return str(pin.version)
        case FromVcs(url=url):
            return str(url)
        case FromUrl(url=url):
            return str(url)
        case FromPath(path=path):
            return path


def _place(source: Source) -> tuple[str, str]:
    """The kind of a source, and where it is."""
    match source:
        case FromIndex():
            return "index", ""
        case FromVcs(kind=kind, url=url):
            return kind, url.without_credentials().reveal().rstrip("/").removesuffix(".git")
        case FromUrl(url=url):
            return "url", url.without_credentials().reveal()
        case FromPath(path=path):
            return "path", path.rstrip("/")


# echoes


def _without_group(marker: Marker | None) -> Marker | None:
    """Without ``'dev' in dependency_groups``, which the section says as well."""
    text = str(marker or "")
    if "dependency_groups" not in text:
        return marker
    text = _GROUP.sub("", text)
    return Marker(text) if text else None


def _is_echo(marker: Marker, requires: str | None, *, known: bool) -> bool:
    """Whether ``marker`` excludes no Python that the release allows; unknown what that is, whether it only begins."""
    text = str(marker)
    if not set(re.findall(r"[a-z_]{4,}", re.sub(r'"[^"]*"', "", text))) <= _WORDS:
        return False
    if not known:
        return "<" not in text
    try:
        allowed = SpecifierSet(requires or "")
    except InvalidSpecifier:
        return False
    return all(_holds(marker, python) for python in _PYTHONS if allowed.contains(f"{python}.99", prereleases=True))


def _holds(marker: Marker, python: str) -> bool:
    return marker.evaluate({"python_version": python, "python_full_version": f"{python}.99"})
