"""What was read of files of overrides, held against what Nix makes of them, package by package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from migrator.model.evaluation import EvaluatedOverride
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Override, OverrideKind, Project


class _Effect(NamedTuple):
    how: str
    attributes: tuple[tuple[str, str], ...]


def compare_overrides(project: Project, files: Mapping[str, Mapping[str, EvaluatedOverride]]) -> tuple[Finding, ...]:
    """Each package to which ``files``, by their paths, do something else than was read.

    What the reader has told that it does not understand is left out, and so is what Nix cannot show.
    """
    return tuple(_find_differences(project, files))


def _find_differences(project: Project, files: Mapping[str, Mapping[str, EvaluatedOverride]]) -> Iterator[Finding]:
    read: dict[str, list[Override]] = {}
    for override in project.overrides:
        if override.origin.path in files:
            read.setdefault(override.raw_name, []).append(override)
    known = {pin.raw_name for pin in project.pins}
    for name in sorted(known & (read.keys() | {name for said in files.values() for name in said})):
        mine = read.get(name, [])
        theirs = {path: said[name] for path, said in files.items() if name in said}
        if any(o.how is OverrideKind.UNKNOWN for o in mine) or any(said.how is None for said in theirs.values()):
            continue
        ours = {_effect_read(override) for override in mine}
        effects = {_effect_of(said) for said in theirs.values()}
        if ours != effects:
            origin = mine[0].origin if mine else Origin(path=min(theirs))
            yield Finding(
                code=Code.NIX_DIFFERS,
                severity=Severity.REVIEW,
                message=f"{name}, override: {_show(ours)} was read, Nix has {_show(effects)}.",
                origin=origin,
                advice="Look at that place, and report it: what was told of this override is not what Nix does.",
            )


def _effect_read(override: Override) -> _Effect:
    how = OverrideKind.OVERRIDE if override.how is OverrideKind.BULK else override.how
    return _Effect(how.value, tuple(sorted((name, change.value) for name, change in override.attributes)))


def _effect_of(said: EvaluatedOverride) -> _Effect:
    return _Effect(said.how or "", tuple(sorted(said.attributes.items())))


def _show(effects: set[_Effect]) -> str:
    shown = (" ".join((how, *(f"{name}:{change}" for name, change in changes))) for how, changes in sorted(effects))
    return " and ".join(shown) or "none"
