"""The decisions of a migration, put together: from what was read and gathered to what is written."""

from __future__ import annotations

import re
from dataclasses import replace

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata, Missing
from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import AcceptedDrift, ProjectPlan, Record, Seed, Style
from migrator.model.project import Pin, Script
from migrator.model.settings import Settings
from migrator.model.source import FromIndex
from migrator.model.surroundings import Surroundings
from migrator.model.version import AnyVersion, read_version

from .answers import record_answers
from .bounds import bind_lines, list_preferred
from .closure import draw_graph
from .comments import remark_comments
from .dependencies import Basis, plan_dependencies
from .drift import is_project_itself
from .gone_pythons import find_gone
from .options import remark_options
from .package import plan_packaging, remark_itself
from .pairs import remark_python
from .python_range import plan_python, pythons_of
from .remarks import find_floating_revisions, find_two_pins, remark_evidence, remark_groups
from .roots import choose_direct

_NO_NAME = "project"
_NO_VERSION = "0.1.0"


def plan_project(basis: Basis) -> tuple[ProjectPlan | None, tuple[Finding, ...]]:
    """The first plan, before Poetry has seen it; None where a STOP finding tells what must be said first."""
    project, surroundings, evidence, settings = basis.project, basis.surroundings, basis.evidence, basis.settings
    findings: list[Finding] = [
        *find_two_pins(project),
        *find_floating_revisions(project),
        *remark_evidence(project, evidence),
        *remark_options(project),
        *remark_comments(project),
    ]
    hints = (*surroundings.python_hints, *project.python_hints)
    python = plan_python(settings.python, hints, project.pins, evidence)
    findings += python.findings
    if settings.nix:
        findings += find_gone(project, evidence, python, surroundings.imports)
    if python.range is None:
        return None, tuple(findings)
    if settings.python is None and not any(hint.stated for hint in surroundings.python_hints):
        findings += remark_python(project, python.range)
    itself = tuple(line for line in project.declared if is_project_itself(line.source))
    # what has no name was told by the reader
    lines = tuple(line for line in project.declared if not is_project_itself(line.source) and _is_name(line.name))
    lines, bound = bind_lines(lines, project.pins)
    findings += bound
    graph = draw_graph(project.pins, evidence, pythons_of(python.range))
    others = tuple(pin for pin in project.pins if not is_project_itself(pin.source) and _is_name(pin.name))
    direct = choose_direct(lines, others, evidence, graph, surroundings.imports)
    findings += direct.findings
    dependencies, told = plan_dependencies(direct, basis, python.range)
    findings += told
    findings += remark_groups(dependencies, settings)
    name, named = _choose_name(settings, surroundings, basis.folder, {d.name for d in dependencies})
    findings += named
    excluded = {(pin.name, pin.version) for pin in python.excluded}
    scripts = settings.scripts or _join_scripts(surroundings.scripts, project.scripts)
    installs = bool(itself or surroundings.name)
    packaging = plan_packaging(name, surroundings.layout, scripts, installs=installs)
    findings += (*packaging.findings, *remark_itself(project, packaging))
    version, told = _choose_version(surroundings)
    findings += told if packaging.package_mode else ()
    plan = ProjectPlan(
        style=_choose_style(settings, surroundings),
        name=name,
        version=version,
        description=surroundings.description or "",
        python=python.range,
        python_why=python.why,
        package_mode=packaging.package_mode,
        packages=packaging.packages,
        import_root=packaging.import_root,
        scripts=scripts,
        dependencies=dependencies,
        sources=basis.sources,
        seeds=_plan_seeds((*project.pins, *list_preferred(project, evidence)), evidence, excluded),
        record=Record(
            format=project.format,
            sources=tuple(sorted(set(project.sources))),
            answers=record_answers(settings),
            accepted=(),
        ),
    )
    return plan, tuple(findings)


def with_accepted(plan: ProjectPlan, accepted: tuple[AcceptedDrift, ...]) -> ProjectPlan:
    """``plan`` with the drifts that the user let pass on record."""
    return replace(plan, record=replace(plan.record, accepted=tuple(sorted(accepted, key=lambda a: (a.name, a.old)))))


def _is_name(name: str) -> bool:
    try:
        canonicalize_name(name, validate=True)
    except InvalidName:
        return False
    return True


def _plan_seeds(
    pins: tuple[Pin, ...], evidence: Evidence, excluded: set[tuple[NormalizedName, AnyVersion | None]]
) -> tuple[Seed, ...]:
    seeds = set()
    for pin in pins:
        if not isinstance(pin.source, FromIndex) or not isinstance(pin.version, Version):
            continue
        fact = evidence.of(pin.name, pin.version)
        if isinstance(fact, Missing) or (pin.name, pin.version) in excluded:
            continue
        index = fact.index if isinstance(fact, Metadata) else pin.source.index
        seeds.add(Seed(name=pin.name, version=pin.version, index=index))
    return tuple(sorted(seeds, key=lambda s: (s.name, str(s.version))))


def _choose_name(
    settings: Settings, surroundings: Surroundings, folder: str, taken: set[NormalizedName]
) -> tuple[str, list[Finding]]:
    if settings.name:
        return settings.name, []
    if surroundings.name:
        return _spell_name(surroundings.name), []
    if len(packages := surroundings.layout.packages) == 1:
        return packages[0].module, []
    name = _spell_name(folder)
    if canonicalize_name(name) in taken:
        name += "-app"  # Poetry takes a dependency of the project's own name for the project
    return name, [
        Finding(
            code=Code.NAME_INFERRED,
            severity=Severity.NOTE,
            message=f"Nothing names the project, so it is called {name!r} like its folder",
            advice="Choose another name with --name",
        )
    ]


def _spell_name(text: str) -> str:
    """A name as setuptools makes one of whatever text it is given."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._") or _NO_NAME


def _choose_version(surroundings: Surroundings) -> tuple[str, tuple[Finding, ...]]:
    """The stated version; told where the project has metadata, and they compute one or state what is none."""
    stated = surroundings.version
    if stated is not None and isinstance(read_version(stated), Version):
        return stated, ()
    if surroundings.name is None:
        return _NO_VERSION, ()
    why = "only a build would tell its own" if stated is None else f"its own, {stated!r}, is none of PEP 440's"
    finding = Finding(
        code=Code.VERSION_INFERRED,
        severity=Severity.NOTE,
        message=f"The project is installed as version {_NO_VERSION}, because {why}",
        advice="Write its version to pyproject.toml if somebody looks at it",
    )
    return _NO_VERSION, (finding,)


def _join_scripts(stated: tuple[Script, ...], read: tuple[Script, ...]) -> tuple[Script, ...]:
    """Both; of two with one name that of the project's metadata, which is what was installed."""
    known = {script.name for script in stated}
    return (*stated, *(script for script in read if script.name not in known))


def _choose_style(settings: Settings, surroundings: Surroundings) -> Style:
    if surroundings.has_project_table:
        return Style.HYBRID if settings.nix else Style.PEP621
    if settings.nix:
        return Style.HYBRID if settings.style is Style.PEP621 else settings.style or Style.CLASSIC
    return settings.style or Style.PEP621
