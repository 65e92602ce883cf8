"""Pins that only build other packages: an expression of pypi2nix has them, a lock has not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Project
from migrator.model.source import FromIndex

from .closure import Graph, Node, draw_graph, find_roots, start_nodes
from .roots import IMPORT_NAMES


def leave_build_requirements(
    project: Project, evidence: Evidence, pythons: tuple[str, ...], imports: frozenset[str]
) -> tuple[Project, tuple[Finding, ...]]:
    """``project`` without the pins that are there to build others, and one remark that names them.

    Such a pin is named as a build requirement, or needed by one only, and nothing that runs asks for it: no line of
    the user, no package that is needed at run time, no import of the code.
    """
    named = _build_requirements(project)
    if not named:
        return project, ()
    graph = draw_graph(project.pins, evidence, pythons)
    edges = draw_graph(project.pins, Evidence(), pythons)
    start = [(name, "") for name in named]
    alone = (find_roots(graph) & find_roots(edges)) - named
    running = graph.reach((*_starts(project, graph, imports), *((name, "") for name in alone)))
    building = (graph.reach(start) | edges.reach(start)) - running
    left = tuple(p for p in project.pins if p.name in building and isinstance(p.source, FromIndex))
    if not left:
        return project, ()
    what = "This pin is" if len(left) == 1 else "These pins are"
    is_sure = any(not line.constraint for line in project.declared)
    finding = Finding(
        code=Code.BUILD_REQUIREMENT,
        # where nothing names what the project asks for, it may well ask for one of these
        severity=Severity.NOTE if is_sure else Severity.REVIEW,
        message=f"{what} there to build other packages and not locked: "
        + ", ".join(sorted(f"{pin.name} {pin.version}" for pin in left))
        + "; poetry2nix and Poetry bring what builds a package themselves",
        advice="If the project runs one of them, name it in the requirements file and migrate again"
        if is_sure
        else "If the project runs one of them, write it into a requirements file: --group main=FILE",
        origin=left[0].origin,
    )
    return replace(project, pins=tuple(pin for pin in project.pins if pin not in left)), (finding,)


def _build_requirements(project: Project) -> frozenset[NormalizedName]:
    found = {canonicalize_name(need) for pin in project.pins for need in pin.build_needs}
    for option in project.options:
        if option.option == "--setup-requires" and option.origin.path.endswith(".nix"):
            found |= {name for text in option.value.split() if (name := _name_of(text))}
    return frozenset(found)


def _name_of(text: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return None


def _starts(project: Project, graph: Graph, imports: frozenset[str]) -> Iterable[Node]:
    """What runs for its own sake: what the user or the code asks for."""
    pinned = graph.requires.keys()
    lines = [line for line in project.declared if not line.constraint and line.name in pinned]
    imported = {canonicalize_name(IMPORT_NAMES.get(name.lower(), name)) for name in imports} & pinned
    return start_nodes([*((line.name, line.extras) for line in lines), *((name, ()) for name in imported)])
