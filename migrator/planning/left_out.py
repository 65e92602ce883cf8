"""Pins that no lock needs: an expression of pypi2nix has what builds its packages, and what one old Python needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Pin, Project
from migrator.model.source import FromIndex

from .closure import Graph, Node, draw_graph, find_roots, start_nodes
from .python_range import pythons_of
from .roots import IMPORT_NAMES

_ANY_PYTHON = pythons_of(SpecifierSet(">=2.6"))


def leave_unneeded(
    project: Project, evidence: Evidence, pythons: tuple[str, ...], imports: frozenset[str]
) -> tuple[Project, tuple[Finding, ...]]:
    """``project``, read from an expression, without the pins that nothing runs on ``pythons``, and what was left out.

    Such a pin is there to build others (it is named as a build requirement, or needed by one only), or what runs needs
    it on other Pythons only (a backport). What nobody asks for at all stays: the user may.
    """
    if not project.is_expression:
        return project, ()
    named = _build_requirements(project)
    there, anywhere = (draw_graph(project.pins, evidence, p) for p in (pythons, _ANY_PYTHON))
    edges = draw_graph(project.pins, Evidence(), pythons)
    alone = (find_roots(anywhere) & find_roots(edges)) - named
    starts = (*_wished(project, there, imports), *((name, "") for name in alone))
    running = there.reach(starts)
    builders = [(name, "") for name in named]
    building = (there.reach(builders) | edges.reach(builders)) - running
    elsewhere = anywhere.reach(starts) - running - building
    other, builds = (
        tuple(p for p in project.pins if p.name in names and isinstance(p.source, FromIndex))
        for names in (elsewhere, building)
    )
    findings = [*_tell_building(builds, project), *_tell_elsewhere(other, anywhere, pythons)]
    return replace(project, pins=tuple(p for p in project.pins if p not in builds and p not in other)), tuple(findings)


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


def _wished(project: Project, graph: Graph, imports: frozenset[str]) -> Iterable[Node]:
    """What the user or the code asks for."""
    pinned = graph.requires.keys()
    lines = [line for line in project.declared if not line.constraint and line.name in pinned]
    imported = {canonicalize_name(IMPORT_NAMES.get(name.lower(), name)) for name in imports} & pinned
    return start_nodes([*((line.name, line.extras) for line in lines), *((name, ()) for name in imported)])


def _tell_building(pins: tuple[Pin, ...], project: Project) -> Iterable[Finding]:
    if not pins:
        return
    is_sure = any(not line.constraint for line in project.declared)
    what = "This pin is" if len(pins) == 1 else "These pins are"
    yield Finding(
        code=Code.BUILD_REQUIREMENT,
        # where nothing names what the project asks for, it may well ask for one of these
        severity=Severity.NOTE if is_sure else Severity.REVIEW,
        message=f"{what} there to build other packages and not locked: {_list(pins)}; poetry2nix and Poetry bring what "
        "builds a package themselves",
        advice="If the project runs one of them, name it in the requirements file and migrate again"
        if is_sure
        else "If the project runs one of them, write it into a requirements file: --group main=FILE",
        origin=pins[0].origin,
    )


def _tell_elsewhere(pins: tuple[Pin, ...], graph: Graph, pythons: tuple[str, ...]) -> Iterable[Finding]:
    if not pins:
        return
    names = {pin.name for pin in pins}
    asking = sorted(
        {
            name
            for name in graph.requires
            for _, requirement in graph.active(name)
            if name not in names and canonicalize_name(requirement.name) in names
        }
    )
    yield Finding(
        code=Code.OTHER_PYTHONS,
        severity=Severity.NOTE,
        message=f"{', '.join(asking)} {'ask' if len(asking) > 1 else 'asks'} for these pins on no Python from "
        f"{pythons[0]} on, so nothing installs them: {_list(pins)}",
        origin=pins[0].origin,
    )


def _list(pins: Iterable[Pin]) -> str:
    return ", ".join(sorted(f"{pin.name} {pin.version}" for pin in pins))
