"""Which package sources the project gets, and under which names."""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import PlannedSource, Priority, credential_variables
from migrator.model.project import Index, IndexRole, Project
from migrator.model.url import Url

PUBLIC_HOSTS = frozenset({"pypi.org", "pypi.python.org", "www.pypi.org", "pypi.io"})
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_PAGE = re.compile(r"\.html?$", re.IGNORECASE)


def is_public(url: Url) -> bool:
    """Whether ``url`` is PyPI's own simple index, whatever its old address; Poetry knows it without being told."""
    return url.host in PUBLIC_HOSTS


def plan_sources(
    project: Project, override: Url | None = None
) -> tuple[tuple[PlannedSource, ...], tuple[Finding, ...]]:
    """The sources that the user's files name, in Poetry's words, and what to know about them.

    pip's rule holds: a later ``--index-url`` erases the indexes before it (the reader has applied it). ``override``
    stands in for an index whose address holds a variable.
    """
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


def _source(name: str, index: Index, priority: Priority) -> PlannedSource:
    return PlannedSource(name=name, url=index.url, priority=priority, origin=index.origin)


def _once(sources: list[PlannedSource]) -> tuple[PlannedSource, ...]:
    kept: dict[str, PlannedSource] = {}
    for source in sources:
        kept.setdefault(source.url.without_credentials().reveal().rstrip("/"), source)
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
