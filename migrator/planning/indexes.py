"""Which package sources the project gets, and under which names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import PUBLIC_NAME, PlannedSource, Priority, credential_variables
from migrator.model.project import Dependency, Index, IndexRole, Pin, Project
from migrator.model.source import FromIndex
from migrator.model.url import Url

PUBLIC_HOSTS = frozenset({"pypi.org", "pypi.python.org", "www.pypi.org", "pypi.io"})
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_ALL_SOURCES = "install_search_all_sources"

Named = TypeVar("Named", Dependency, Pin)


def is_public(url: Url) -> bool:
    """Whether ``url`` is PyPI's own simple index, whatever its old address; Poetry knows it without being told."""
    return url.host in PUBLIC_HOSTS


def plan_sources(
    project: Project, override: Url | None = None
) -> tuple[tuple[PlannedSource, ...], tuple[Finding, ...]]:
    """The sources that the user's files name, in Poetry's words, and what to know about them.

    pip's rule holds: a later ``--index-url`` erases the indexes before it (the reader has applied it). A Pipfile's
    first source is the one for all packages that name none; a further one is asked for those only that name it.
    ``override`` stands in for an index whose address holds a variable.
    """
    named = _names_in(project.declared)
    if named or any(index.role is IndexRole.SOURCE for index in project.indexes):
        return _plan_named(project, override)
    findings: list[Finding] = []
    sources: list[PlannedSource] = []
    main = [i for i in project.indexes if i.role is IndexRole.INDEX]
    private = bool(main) and not is_public(main[-1].url)
    for index in project.indexes:
        if variable := _variable_in_address(index):
            if override is None:
                findings.append(_unusable(index, variable))
                continue
            index = replace(index, url=override)  # noqa: PLW2901 (the address that was meant)
        if index.role is IndexRole.FIND_LINKS:
            findings.append(_links(index))
            continue
        if is_public(index.url):
            if private and index.role is not IndexRole.INDEX:
                sources.append(_source("PyPI", index, Priority.SUPPLEMENTAL))
            continue
        priority = Priority.SUPPLEMENTAL if index.role is IndexRole.EXTRA else Priority.PRIMARY
        sources.append(_source(index.name or _name_for(index.url, sources), index, priority))
        findings += _about_credentials(sources[-1])
        if index.role is IndexRole.EXTRA:
            findings.append(_confusion(sources[-1], index))
    if main and not private:
        sources = [s for s in sources if s.priority is not Priority.PRIMARY]
    return _once(sources), tuple(findings)


def name_indexes(project: Project, sources: tuple[PlannedSource, ...], override: Url | None = None) -> Project:
    """``project`` with the names of its sources as they will be in pyproject.toml; none for the default index.

    What no source is called is left to the default index: a pin is known by its hashes, and :func:`plan_sources` stops
    where a wish says so.
    """
    places = {_key(source.url): source.name for source in sources}
    public = next((source.name for source in sources if source.is_public), None)
    names: dict[str | None, str | None] = {}
    for index in project.indexes:
        if index.role is IndexRole.SOURCE:
            url = override if override is not None and _variable_in_address(index) else index.url
            names.setdefault(index.name, public if is_public(index.url) else places.get(_key(url)))

    def rename(each: Named) -> Named:
        source = each.source
        if not isinstance(source, FromIndex) or source.index is None:
            return each
        return replace(each, source=replace(source, index=names.get(source.index)))

    declared, pins = tuple(map(rename, project.declared)), tuple(map(rename, project.pins))
    return replace(project, declared=declared, pins=pins)


def _plan_named(project: Project, override: Url | None) -> tuple[tuple[PlannedSource, ...], tuple[Finding, ...]]:
    findings: list[Finding] = []
    sources: list[PlannedSource] = []
    named = _names_in(project.declared) | _names_in(project.pins)
    everywhere = any(o.option == _ALL_SOURCES and o.value == "true" for o in project.options)
    for number, index in enumerate(project.indexes):
        if variable := _variable_in_address(index):
            if override is None:
                findings.append(_unusable(index, variable))
                continue
            index = replace(index, url=override)  # noqa: PLW2901 (the address that was meant)
        if is_public(index.url):
            if not is_public(project.indexes[0].url):
                sources.append(_source("PyPI", index, Priority.SUPPLEMENTAL))
            continue
        if any(_key(source.url) == _key(index.url) for source in sources):
            continue
        explicit = index.name in named and not everywhere
        further = Priority.EXPLICIT if explicit else Priority.SUPPLEMENTAL
        priority = further if number else Priority.PRIMARY
        source = _source(_free_name(index, sources), index, priority)
        sources.append(source)
        if index.name and index.name != source.name:
            findings.append(_renamed(index, source))
        findings += _about_credentials(source)
        if priority is Priority.SUPPLEMENTAL:
            findings.append(_unnamed(source, index))
    findings += _unknown_names(project)
    return tuple(sources), tuple(findings)


def _names_in(packages: Iterable[Dependency | Pin]) -> frozenset[str]:
    return frozenset(p.source.index for p in packages if isinstance(p.source, FromIndex) and p.source.index)


def _free_name(index: Index, taken: list[PlannedSource]) -> str:
    """The source's own name as far as Poetry can have it: ``PyPI`` is PyPI, and two of a name are one."""
    name = _NOT_IN_A_NAME.sub("-", index.name or "").strip("-")
    if not name or name.lower() == PUBLIC_NAME or name.lower() in {source.name.lower() for source in taken}:
        return _name_for(index.url, taken)
    return name


def _unknown_names(project: Project) -> list[Finding]:
    """Packages from a source that nobody defines: as plain names they would come from PyPI, from whoever has them."""
    known = {index.name for index in project.indexes} or {PUBLIC_NAME}  # pipenv's own, where none is defined
    return [
        Finding(
            code=Code.UNSUPPORTED_SOURCE,
            severity=Severity.STOP,
            message=f"{line.raw_name} comes from the source {line.source.index!r}, which is not defined",
            advice="Define it in a [[source]], or correct the name",
            origin=line.origin,
        )
        for line in project.declared
        if isinstance(line.source, FromIndex) and line.source.index and line.source.index not in known
    ]


def _renamed(index: Index, source: PlannedSource) -> Finding:
    return Finding(
        code=Code.SOURCE_RENAMED,
        severity=Severity.NOTE,
        message=f"The source {index.name!r} ({index.url}) is called {source.name!r} in pyproject.toml: "
        "Poetry keeps the name PyPI for PyPI, and a name for one source",
        origin=index.origin,
    )


def _unnamed(source: PlannedSource, index: Index) -> Finding:
    return Finding(
        code=Code.DEPENDENCY_CONFUSION,
        severity=Severity.REVIEW,
        message=f"Packages may come from the source {source.name} without naming it, so whoever registers a private "
        f"name on another one decides what is installed; Poetry asks {source.name} for what the first source lacks",
        advice=f'Mark its packages with source = "{source.name}" and give that source the priority "explicit"',
        origin=index.origin,
    )


def _key(url: Url) -> str:
    return url.without_credentials().reveal().rstrip("/")


def _source(name: str, index: Index, priority: Priority) -> PlannedSource:
    return PlannedSource(name=name, url=index.url, priority=priority, origin=index.origin)


def _once(sources: list[PlannedSource]) -> tuple[PlannedSource, ...]:
    kept: dict[str, PlannedSource] = {}
    for source in sources:
        kept.setdefault(_key(source.url), source)
    return tuple(kept.values())


def _name_for(url: Url, taken: list[PlannedSource]) -> str:
    same = next((s.name for s in taken if s.url.without_credentials() == url.without_credentials()), None)
    if same:
        return same
    base = re.sub(r"[^a-z0-9]+", "-", url.host).strip("-") or "index"
    names = {source.name for source in taken}
    return next(n for n in (base, *(f"{base}-{k}" for k in range(2, len(names) + 3))) if n not in names)


def _variable_in_address(index: Index) -> str | None:
    """The first variable outside the credentials; Poetry expands none there."""
    found = _VARIABLE.search(index.url.without_credentials().reveal())
    return found[1] if found else None


def _unusable(index: Index, variable: str) -> Finding:
    return Finding(
        code=Code.VARIABLE_KEPT,
        severity=Severity.STOP,
        message=f"The address {index.url} holds the variable {variable}, and Poetry expands none in an address",
        advice="Give the address with --index-url URL",
        origin=index.origin,
    )


def _links(index: Index) -> Finding:
    return Finding(
        code=Code.OPTION_NOT_CARRIED,
        severity=Severity.REVIEW,
        message=f"Poetry looks for no packages in {index.url} (--find-links)",
        advice="Depend on each file that comes from there by its own path or address, or serve them as an index",
        origin=index.origin,
    )


def _about_credentials(source: PlannedSource) -> list[Finding]:
    if not source.url.has_credentials:
        return []
    user, password = credential_variables(source.name)
    variables = sorted({*_VARIABLE.findall(source.url.user or ""), *_VARIABLE.findall(source.url.password or "")})
    held = f" (they are those of {' and '.join(variables)})" if variables else ""
    return [
        Finding(
            code=Code.CREDENTIALS_REMOVED,
            severity=Severity.REVIEW,
            message=f"The credentials in {source.url} are not written to pyproject.toml{held}",
            advice=f"Set {user} and {password}, or run: poetry config http-basic.{source.name} USER PASSWORD",
            origin=source.origin,
        )
    ]


def _confusion(source: PlannedSource, index: Index) -> Finding:
    return Finding(
        code=Code.DEPENDENCY_CONFUSION,
        severity=Severity.REVIEW,
        message=(
            f"pip takes the best version from every index, so whoever registers a private name on another one decides "
            f"what is installed; Poetry asks {source.name} only for what the first index lacks"
        ),
        advice=f'Mark private packages with source = "{source.name}" and give that source the priority "explicit"',
        origin=index.origin,
    )
