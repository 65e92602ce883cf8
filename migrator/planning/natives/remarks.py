"""What a person should know of the Nix files: findings about a plan that is made."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import Attribution, NixPlan, Settled, SystemPackage
from migrator.model.plan import PlannedDependency
from migrator.model.project import Override, OverrideKind, Pin, Project
from migrator.model.source import FromPath

from .attribution import LockedSet
from .builds import Build
from .environments import LAST_RELEASES, NIXPKGS_PYTHONS, has_linux_wheel, has_wheel
from .libraries import libraries

_SHOWN = 5
"""So many candidates are named in one sentence."""


def remark_pythons(
    python: SpecifierSet, allowed: tuple[int, ...], minors: tuple[int, ...], taken: tuple[Pin, ...], file: str
) -> Iterator[Finding]:
    """That nixpkgs has none of the Pythons (any more), or that the newest is not taken.

    ``taken`` are those that need a wheel, ``file`` is the name of our default.nix.
    """
    if not allowed:
        yield _no_python(python)
        return
    if minors[0] in LAST_RELEASES:
        yield _old_python(minors[0], file, is_newest=allowed[0] == minors[0])
    if allowed[0] != minors[0]:
        without = sorted(pin.name for pin in taken if not has_wheel(pin, allowed[0]))
        yield _limit(
            f"{file} takes Python 3.{minors[0]}, not 3.{allowed[0]}, "
            f"for which there is no wheel of {', '.join(without)}"
        )


def _no_python(python: SpecifierSet) -> Finding:
    known = ", ".join(f"3.{minor}" for minor in reversed(NIXPKGS_PYTHONS))
    return Finding(
        code=Code.NIX_LIMIT,
        severity=Severity.STOP,
        message=f"nixpkgs has no Python that {python} allows; it has {known}",
        advice="Widen the range with --python, or leave the Nix files out with --no-nix",
    )


def _old_python(minor: int, file: str, *, is_newest: bool) -> Finding:
    release = LAST_RELEASES[minor]
    widen = f"; or widen the range, for example --python '>=3.{minor}'" if is_newest else ""
    return Finding(
        code=Code.NIX_LIMIT,
        severity=Severity.REVIEW,
        message=f"{file} takes Python 3.{minor}, and nixpkgs {release} was the last release that had it",
        advice="Build with that release (--flake pins it): nix-build --arg pkgs 'import (fetchTarball "
        f'"https://github.com/NixOS/nixpkgs/archive/nixos-{release}.tar.gz") {{ }}\'{widen}',
    )


def remark_flake(dependencies: tuple[PlannedDependency, ...]) -> Iterator[Finding]:
    """Each dependency in a folder outside of the project, which a flake may not see."""
    for dependency in sorted(dependencies, key=lambda d: (d.name, d.group)):
        source = dependency.source
        if isinstance(source, FromPath) and posixpath.normpath(source.path).startswith(("..", "/")):
            yield Finding(
                code=Code.NIX_LIMIT,
                severity=Severity.REVIEW,
                message=f"A flake sees nothing outside of its git repository, and {dependency.name} stands in "
                f"{source.path}",
                origin=dependency.origin,
                advice="Keep it in the repository of the project; elsewhere only nix-build finds it",
            )


def remark_natives(nix: NixPlan) -> Iterator[Finding]:
    """Who provides what: nobody, poetry2nix or a wheel, and our own rows; one finding where the same is to be said."""
    covered: dict[tuple[str, Settled], list[Attribution]] = {}
    unknown: dict[tuple[object, ...], list[Attribution]] = {}
    for attribution in nix.attributions:
        if attribution.settled is Settled.NOBODY:
            place = attribution.origin and (attribution.origin.path, attribution.origin.line)
            same = (place, attribution.hint, attribution.evidence, attribution.candidates)
            unknown.setdefault(same, []).append(attribution)
        elif attribution.settled in {Settled.POETRY2NIX, Settled.WHEEL}:
            covered.setdefault((", ".join(attribution.packages), attribution.settled), []).append(attribution)
    yield from map(_nobody, unknown.values())
    for (packages, settled), entries in sorted(covered.items()):
        names = ", ".join(dict.fromkeys(entry.attribute for entry in entries))
        message = (
            f"poetry2nix itself gives {packages}: {names}"
            if settled is Settled.POETRY2NIX
            else f"No build of {packages} needs {names}: its wheel is installed"
        )
        yield Finding(
            code=Code.NATIVE_COVERED,
            severity=Severity.NOTE,
            message=message,
            origin=next((entry.origin for entry in entries if entry.origin is not None), None),
        )
    yield from _remark_ours(nix)


def _remark_ours(nix: NixPlan) -> Iterator[Finding]:
    """What our own rows give, one line for each reason."""
    given: dict[str, list[str]] = {}
    for row in nix.overrides:
        inputs = dict.fromkeys((*row.libraries, *row.tools, *row.build_systems))
        if inputs:
            given.setdefault(row.reason, []).append(f"{row.package} gets {', '.join(inputs)}")
    lines = [f"{'; '.join(packages)}: {reason}" for reason, packages in sorted(given.items(), key=lambda each: each[1])]
    if lines:
        yield Finding(
            code=Code.NATIVE_OURS,
            severity=Severity.NOTE,
            message="\n".join((f"{nix.file} has what poetry2nix lacks", *lines)),
        )


def _nobody(entries: list[Attribution]) -> Finding:
    """That no Nix file has ``entries``, of which the same is to be said."""
    first = entries[0]
    names = dict.fromkeys(entry.was or entry.attribute for entry in entries)
    shown, asked, what = list(names), list(names), "native input"
    if first.hint:
        shown = [f"{entry.was or entry.attribute} ({entry.attribute} in nixpkgs)" for entry in entries]
        asked, what = list(dict.fromkeys(entry.attribute for entry in entries)), "system package"
    is_in = "is in no Nix file:" if len(names) == 1 else "are in no Nix file; of each of them:"
    return Finding(
        code=Code.NATIVE_UNKNOWN,
        severity=Severity.NOTE if first.hint else Severity.REVIEW,
        message=f"The {what}{'' if len(names) == 1 else 's'} {', '.join(shown)} {is_in} {first.evidence}",
        origin=first.origin,
        advice=_ask_for_package(asked, first.candidates),
    )


def _ask_for_package(names: list[str], candidates: tuple[str, ...]) -> str:
    """How to say which package an input is for."""
    advice = f"If one does, say which: {', '.join(f'--native {name}=PACKAGE' for name in names)}"
    if not candidates:
        return advice
    more = len(candidates) - _SHOWN
    return f"{advice}; it may be {', '.join(candidates[:_SHOWN])}" + (f" or one of {more} more" if more > 0 else "")


def remark_limits(nix: NixPlan, builds: Mapping[NormalizedName, Build], locked: LockedSet) -> Iterator[Finding]:
    """What poetry2nix or nixpkgs cannot do for this project, and what default.nix does about it."""
    yield from _remark_wheels(nix, builds, locked)
    yield from _remark_places(nix)
    yield from _remark_builds(nix, builds, locked)
    for name in sorted((locked.pins.keys() & locked.rows.keys()) - locked.absent):
        row = locked.rows[name]
        if row.runtime and not locked.takes_wheel(name):
            yield _limit(
                f"{name} {row.reason}: a build does not bring {', '.join(row.runtime)} along",
                "Put it on PATH or LD_LIBRARY_PATH where the program runs, if it is not there already",
            )


def _remark_wheels(nix: NixPlan, builds: Mapping[NormalizedName, Build], locked: LockedSet) -> Iterator[Finding]:
    taken: dict[str, list[str]] = {}
    for row in nix.overrides:
        if row.prefer_wheel:
            is_known = row.package in locked.rows or builds[row.package].rust
            why = "poetry2nix cannot build them any more" if is_known else row.reason
            taken.setdefault(why, []).append(row.package)
    for why, names in sorted(taken.items()):
        yield _limit(f"{nix.file} takes {', '.join(names)} as wheels: {why}")


def _remark_places(nix: NixPlan) -> Iterator[Finding]:
    for row in nix.overrides:
        if row.drop:
            yield _limit(f"{nix.file} leaves {row.package} out, which no platform of nixpkgs installs: {row.reason}")
        elif row.systems or row.pythons:
            places = [*row.systems, *(f"Python {python}" for python in row.pythons)]
            yield _limit(f"{nix.file} installs {row.package} only on {', '.join(places)}: {row.reason}")


def _remark_builds(nix: NixPlan, builds: Mapping[NormalizedName, Build], locked: LockedSet) -> Iterator[Finding]:
    for row in nix.overrides:
        build = builds[row.package]
        if row.prefer_wheel or row.drop:
            continue
        if build.assumed:
            yield _limit(
                f"{nix.file} builds {row.package} with setuptools: {build.evidence}",
                "Look into its pyproject.toml if the build fails; --prefer-wheels takes a wheel where there is one",
            )
        if build.doubtful and row.build_systems:
            yield _limit(
                f"{row.package} is built with {', '.join(build.doubtful)}, which nixpkgs may not have",
                f"Evaluate {nix.file}; where one is missing, --prefer-wheels takes a wheel where there is one",
            )
    for name, build in sorted(builds.items()):
        if build.rust and name not in locked.absent and not has_linux_wheel(locked.pins[name]):
            yield _limit(f"{name} is written in Rust and has no wheel for Linux: {nix.file} cannot build it")


_WHAT = frozenset({"name", "pname", "src", "version"})
"""Attributes that decide which package it is."""

_OTHERS = {
    OverrideKind.ALIAS: "takes another package in its place",
    OverrideKind.NEW: "puts a package of its own in its place",
    OverrideKind.NULL: "leaves it out",
}


def _limit(message: str, advice: str = "") -> Finding:
    return Finding(code=Code.NIX_LIMIT, severity=Severity.NOTE, message=message, advice=advice)


def remark_old_overrides(nix: NixPlan) -> Iterator[Finding]:
    """What became of each override of the old expression."""
    for override in nix.old_overrides:
        if override.covered:
            yield Finding(
                code=Code.OVERRIDE_COVERED,
                severity=Severity.NOTE,
                message=f"The old override of {override.package} is not needed: {'; '.join(override.covered)}",
                origin=override.origin,
            )
        if override.open or not override.covered:
            yield Finding(
                code=Code.OVERRIDE_NOT_CARRIED,
                severity=Severity.REVIEW,
                message=f"The old override of {override.package} is not carried over: "
                f"{'; '.join(override.open) or 'it says nothing that could be read'}",
                origin=override.origin,
                advice=f"Build {nix.file} first; where it fails, write that part as an overlay on its poetry2nix",
            )


def find_overridden_pins(before: Project) -> Iterator[tuple[Pin, Override]]:
    """Each pin that production does not run, because an old override replaces its source, its version or all of it."""
    pins = {pin.name: pin for pin in before.pins}
    for override in before.overrides:
        pin = pins.get(override.package)
        if pin is not None and (_replaced(override) or override.how in _OTHERS):
            yield pin, override


def _replaced(override: Override) -> list[str]:
    return sorted(name for name, _ in override.attributes if name in _WHAT)


def remark_overridden_pins(before: Project, *, allowed: bool) -> Iterator[Finding]:
    """One finding for each of :func:`find_overridden_pins`; it stops unless drift is ``allowed``."""
    for pin, override in find_overridden_pins(before):
        what = _OTHERS.get(override.how) or f"sets its {' and '.join(_replaced(override))}"
        label = f"{pin.name} {pin.version}" if pin.version is not None else pin.name
        yield Finding(
            code=Code.PIN_OVERRIDDEN,
            severity=Severity.REVIEW if allowed else Severity.STOP,
            message=f"Production does not run {label}, which {pin.origin} pins: an override {what}",
            origin=override.origin,
            advice="Accepted by --allow-drift: poetry.lock has what was pinned"
            if allowed
            else "Pin what production runs in the requirements file, as a version or as a repository, and migrate "
            "again; or lock what was pinned with --allow-drift",
        )


def remark_overrides_without_nix(overrides: tuple[Override, ...]) -> Iterator[Finding]:
    """Each old override that changes what is installed, where no Nix file is written."""
    for override in overrides:
        changed = ", ".join(name for name, _ in override.attributes)
        if override.how is OverrideKind.OVERRIDE and not any(name in _WHAT for name, _ in override.attributes):
            continue
        yield Finding(
            code=Code.OVERRIDE_NOT_CARRIED,
            severity=Severity.REVIEW,
            message=f"The old override of {override.raw_name} is not carried over, because no Nix file is written"
            f"{f'; it sets {changed}' if changed else ''}",
            origin=override.origin,
            advice="If it changes what is installed, say so in the requirements and migrate again",
        )


def remark_system_packages(packages: tuple[SystemPackage, ...]) -> Iterator[Finding]:
    """What a Dockerfile installs and our table does not know, in one sentence for each place."""
    unknown: dict[tuple[str, int], list[SystemPackage]] = {}
    for package in packages:
        if not libraries().of_system(package.name):
            unknown.setdefault((package.origin.path, package.origin.line), []).append(package)
    for place in sorted(unknown):
        names = ", ".join(dict.fromkeys(package.name for package in unknown[place]))
        yield Finding(
            code=Code.NATIVE_UNKNOWN,
            severity=Severity.NOTE,
            message=f"System packages that no Nix file has, because nothing is known of them: {names}",
            origin=unknown[place][0].origin,
            advice="If a build needs one, say which: --native ATTRIBUTE=PACKAGE",
        )
