"""Zip archives of a code host whose address has no ending: Poetry takes those for tarballs, and fails."""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Project
from migrator.model.source import FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url

_GITHUB = re.compile(
    r"https://(?:(?:www\.)?github\.com|api\.github\.com/repos)/(?P<owner>[^/]+)/(?P<name>[^/]+)/zipball/(?P<rev>[^/]+)"
    r"|https://codeload\.github\.com/(?P<owner2>[^/]+)/(?P<name2>[^/]+)/(?:legacy\.)?zip/(?P<rev2>[^/]+)"
)


def take_repositories(project: Project) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` with the repository in the place of each such archive, and a finding for each."""
    told: dict[str, tuple[str, Origin]] = {}

    def take(name: str, source: Source, origin: Origin) -> Source:
        repository = repository_of(source)
        if repository is None:
            return source
        told.setdefault(f"{source}", (name, origin))
        return repository

    declared = tuple(replace(d, source=take(d.raw_name, d.source, d.origin)) for d in project.declared)
    pins = tuple(replace(p, source=take(p.raw_name, p.source, p.origin)) for p in project.pins)
    if not told:
        return project, ()
    findings = tuple(
        Finding(
            code=Code.UNSUPPORTED_SOURCE,
            severity=Severity.REVIEW,
            message=f"{name} comes as a zip archive whose address does not end in .zip, which Poetry cannot read; it "
            "becomes the repository at that revision, and no hash proves that it is the same",
            advice="Compare that revision with what production runs",
            origin=origin,
        )
        for name, origin in told.values()
    )
    return replace(project, declared=declared, pins=pins), findings


def repository_of(source: Source) -> FromVcs | None:
    """The repository that such an archive was made of; None for any other source."""
    found = _GITHUB.fullmatch(source.url.reveal()) if isinstance(source, FromUrl) else None
    if found is None or not isinstance(source, FromUrl) or found[0].endswith(".zip"):
        return None
    owner, name, rev = (found[key] or found[f"{key}2"] for key in ("owner", "name", "rev"))
    address = Url.parse(f"https://github.com/{owner}/{name}.git")
    return FromVcs(kind=VcsKind.GIT, url=address, rev=rev, subdirectory=source.subdirectory)
