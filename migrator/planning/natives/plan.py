"""What the Nix files need beyond the lock: inputs that poetry2nix lacks, wheels that it has to take, Pythons.

poetry2nix knows the native inputs of many packages, not of all, and no newer ones than its last commit. The
knowledge is in tables (``natives.toml``, ``libraries.toml``); here it meets the locked packages, what their own files
say, and the native inputs that the project named before (pypi2nix's ``-E``, which never said for which package).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.distribution import DistributionFile, Inside
from migrator.model.finding import Finding
from migrator.model.native import (
    Attribution,
    NixAnswers,
    NixOverride,
    NixPlan,
    Settled,
    SystemPackage,
)
from migrator.model.plan import ProjectPlan
from migrator.model.project import OverrideKind, Pin, Project
from migrator.model.source import FromIndex, FromPath

from .attribution import Asked, LockedSet, ask, given, python_package, settle, within
from .builds import FROM_NIXPKGS, UNKNOWN_BUILD, Build, find_build, is_outdated
from .environments import (
    NIXPKGS_PYTHONS,
    Confinement,
    allowed_minors,
    find_absent,
    find_confined,
    has_linux_wheel,
    has_wheel,
    release_with,
    runs_on,
    wheels,
)
from .known_builds import known_builds
from .libraries import libraries
from .old_overrides import Now, account_for
from .remarks import (
    remark_limits,
    remark_natives,
    remark_old_overrides,
    remark_pythons,
    remark_system_packages,
)
from .rows import NativeRow, native_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class NixBasis:
    """All that the Nix files are decided from.

    ``before`` is the project as it was, ``after`` its new lock. ``insides`` is what files of the lock hold, as far as
    that is known; ``system_packages`` what a Dockerfile installs, and ``file`` the name for our default.nix.
    """

    before: Project
    after: Project
    plan: ProjectPlan
    answers: NixAnswers = field(default_factory=NixAnswers)
    insides: tuple[Inside, ...] = ()
    system_packages: tuple[SystemPackage, ...] = ()
    file: str = "default.nix"


def find_wanted_files(basis: NixBasis) -> tuple[DistributionFile, ...]:
    """The files that would tell something which the tables do not, sorted; ask again with what was found in them.

    Of what is built from source: a wheel, which says what made it and what it links; the source of what has no wheel,
    of what poetry2nix does not know, and of what its wheel was made by something else than poetry2nix adds; and what
    was unpacked of a repository, a folder or an archive.
    """
    locked = _lock(basis)
    named = bool(basis.before.natives or basis.system_packages)
    minors = allowed_minors(basis.plan.python) or NIXPKGS_PYTHONS
    return tuple(file for _, pin in sorted(locked.pins.items()) for file in _wanted(pin, locked, minors, named=named))


def plan_nix(basis: NixBasis) -> tuple[NixPlan, tuple[Finding, ...]]:
    """Decide what default.nix and shell.nix say.

    The override table gets a row for a locked package that needs an input or a build system which poetry2nix does not
    give it, that has to be taken as a wheel, or that not every platform installs. Every native input of the old
    expression is attributed, and every override of it accounted for; one that nobody is known to need is a finding
    that asks for ``--native``. Nothing depends on the order of pins or inputs.
    """
    plan, locked = basis.plan, _lock(basis)
    builds = {name: _build(name, locked) for name in locked.pins}
    reasons = {name: _why_wheel(name, locked, build) for name, build in builds.items()}
    locked = replace(locked, preferred={name: why for name, why in reasons.items() if why is not None})
    allowed = allowed_minors(plan.python)
    settled = tuple(a for asked in _asked(basis) for a in settle(asked, locked))
    confined = find_confined(plan.dependencies, basis.after.pins, allowed or NIXPKGS_PYTHONS)
    overrides = tuple(
        row for name in sorted(locked.pins) if (row := _row(name, locked, settled, builds, confined)) is not None
    )
    rows = {row.package: row for row in overrides}
    taken = tuple(pin for name, pin in locked.pins.items() if _needs_wheel(pin, rows.get(name)))
    minors = tuple(m for m in allowed if all(has_wheel(pin, m) for pin in taken)) or allowed
    nix = NixPlan(
        name=plan.name,
        application=plan.package_mode,
        python_attributes=tuple(f"python3{minor}" for minor in minors) or ("python3",),
        overrides=overrides,
        nixpkgs_release=release_with(minors),
        attributions=_attributions(settled, overrides, locked),
        groups=plan.groups,
        editable_packages=(canonicalize_name(plan.name),) if plan.package_mode else (),
        import_root=plan.import_root,
        editable_dependencies=tuple(
            sorted({d.name for d in plan.dependencies if d.editable and isinstance(d.source, FromPath)})
        ),
        prefer_wheels=basis.answers.prefer_wheels,
        old_overrides=account_for(basis.before.overrides, Now(locked=locked, rows=rows, attributions=settled)),
        file=basis.file,
    )
    return nix, (
        *remark_pythons(plan.python, allowed, minors, taken, basis.file),
        *remark_natives(nix),
        *remark_limits(nix, builds, locked),
        *remark_old_overrides(nix),
        *remark_system_packages(basis.system_packages),
    )


def _lock(basis: NixBasis) -> LockedSet:
    newest_first = sorted(basis.after.pins, key=lambda pin: (pin.name, str(pin.version)), reverse=True)
    insides: dict[NormalizedName, list[Inside]] = {}
    for inside in sorted(basis.insides, key=lambda inside: (inside.package, inside.file)):
        insides.setdefault(inside.package, []).append(inside)
    return LockedSet(
        pins={pin.name: pin for pin in newest_first},
        rows=native_rows(),
        insides={name: tuple(found) for name, found in insides.items()},
        recorded=_recorded(basis.before),
        answers=basis.answers,
        absent=find_absent(basis.after.pins, allowed_minors(basis.plan.python) or NIXPKGS_PYTHONS),
    )


def _recorded(before: Project) -> Mapping[NormalizedName, tuple[str, ...]]:
    """The Python packages that the old expression, or an override of it, built each package with; sorted."""
    found: dict[NormalizedName, set[str]] = {}
    for pin in before.pins:
        found.setdefault(pin.name, set()).update(map(canonicalize_name, pin.build_needs))
    for override in before.overrides:
        if override.how is OverrideKind.OVERRIDE:
            found.setdefault(override.package, set()).update(override.builders)
    return {name: tuple(sorted(needs)) for name, needs in found.items()}


def _asked(basis: NixBasis) -> Iterator[Asked]:
    yield from map(ask, basis.before.natives)
    named = {ask(native).attribute for native in basis.before.natives}
    for package in basis.system_packages:
        for attribute in libraries().of_system(package.name):
            if attribute not in named:
                yield Asked(attribute=attribute, was=package.name, origin=package.origin, hint=True)


def _needs_wheel(pin: Pin, row: NixOverride | None) -> bool:
    """Whether only a wheel of ``pin`` can be installed, on every Python that is taken."""
    if row is not None and (row.drop or row.systems or row.pythons):
        return False
    if row is not None and row.prefer_wheel:
        return True
    # what a marker keeps from some Python is not wanted there, and what has wheels for Windows alone nowhere
    return pin.marker is None and has_linux_wheel(pin) and len(wheels(pin)) == len(pin.files)


# what is looked into


def _wanted(pin: Pin, locked: LockedSet, minors: tuple[int, ...], *, named: bool) -> Iterator[DistributionFile]:
    row = locked.row(pin.name)
    if locked.takes_wheel(pin.name) or pin.name in FROM_NIXPKGS | locked.absent:
        return
    if not isinstance(pin.source, FromIndex):
        yield DistributionFile(package=pin.name, version=pin.version)
        return
    looked = locked.insides.get(pin.name, ())
    binaries = sorted(wheels(pin), key=lambda file: (_rank(file, minors), file))[:1]
    sources = sorted(set(pin.files) - set(wheels(pin)))[:1]
    is_compiled = locked.is_compiled(pin.name)
    is_unknown = not known_builds().has(pin.name)
    if row is not None and row.built_with and is_unknown:
        binaries, sources = binaries if named else [], []
    elif is_unknown and sources and not is_compiled:
        binaries = []
    elif not is_unknown and binaries and not is_outdated(pin, looked):
        sources = []
    for file in (*binaries, *sources):
        if all(inside.file != file for inside in looked):
            yield DistributionFile(
                package=pin.name, version=pin.version, file=file, hashes=pin.hashes, index=pin.source.index
            )


def _rank(wheel: str, minors: tuple[int, ...]) -> tuple[bool, int, bool]:
    """What the Nix files would be built like comes first: the newest Python, on an ordinary machine."""
    newest = next((place for place, minor in enumerate(minors) if runs_on(wheel, minor)), len(minors))
    return (newest == len(minors), newest, "x86_64" not in wheel)


# the table


def _build(name: NormalizedName, locked: LockedSet) -> Build:
    """What builds a package that is built; our table says it better than evidence."""
    row, version = locked.row(name), locked.pins[name].version
    more = row.build_systems(version) if row is not None else ()
    if locked.takes_wheel(name):
        return Build()
    if more and not known_builds().has(name):
        return Build(systems=more)
    if row is not None and "cargo" in row.tools and row.prefer_wheel is not None:
        return Build(rust=within(locked.pins[name], row.prefer_wheel), evidence=row.reason)
    build = find_build(locked.pins[name], locked.recorded.get(name, ()), locked.insides)
    return replace(build, systems=tuple(sorted({*build.systems, *more}))) if more else build


def _row(
    name: NormalizedName,
    locked: LockedSet,
    settled: tuple[Attribution, ...],
    builds: Mapping[NormalizedName, Build],
    confined: Mapping[NormalizedName, Confinement],
) -> NixOverride | None:
    """The row of default.nix for a package, None where poetry2nix needs none."""
    confinement = confined.get(name, Confinement(systems=("",)))
    if confinement.is_total:
        return NixOverride(package=name, drop=True, reason=confinement.reason)
    if name in locked.absent:
        return None
    row = _row_where_wanted(name, locked, settled, builds[name])
    if name not in confined:
        return row
    if row is None:
        row = NixOverride(package=name)
    return replace(
        row,
        systems=confinement.systems,
        pythons=confinement.pythons,
        reason="; ".join(text for text in (row.reason, confinement.reason) if text),
    )


def _row_where_wanted(
    name: NormalizedName, locked: LockedSet, settled: tuple[Attribution, ...], build: Build
) -> NixOverride | None:
    row = locked.row(name)
    if name in locked.preferred:
        return NixOverride(package=name, prefer_wheel=True, reason=locked.preferred[name])
    if locked.takes_wheel(name):
        return None
    named = [a for a in settled if a.settled is Settled.OURS and name in a.packages]
    python = {package for a in named if (package := python_package(a.attribute)) is not None}
    named = [a for a in named if python_package(a.attribute) is None and not _is_given(row, a.attribute)]
    seen = locked.carries(name) if row is None and not known_builds().has(name) else frozenset()
    libraries_ = {a.attribute for a in named if not a.tool} | set(_lacking(row, "libraries")) | seen
    tools = {a.attribute for a in named if a.tool} | set(_lacking(row, "tools")) | set(build.tools)
    systems = {*build.systems, *python}
    if not (libraries_ or tools or systems):
        return None
    return NixOverride(
        package=name,
        libraries=tuple(sorted(libraries_)),
        tools=tuple(sorted(tools)),
        build_systems=tuple(sorted(systems)),
        reason=_reason(name, row, named, seen, build),
    )


def _reason(
    name: NormalizedName, row: NativeRow | None, named: list[Attribution], seen: frozenset[str], build: Build
) -> str:
    parts = [row.reason] if row is not None and set(_lacking(row, "libraries")) | set(_lacking(row, "tools")) else []
    parts += list(dict.fromkeys(a.evidence for a in named))
    if seen and not named:
        parts.append(f"seen in {name}'s own wheel")
    parts.append(build.evidence)
    return "; ".join(dict.fromkeys(part for part in parts if part)) or (row.reason if row is not None else "")


def _why_wheel(name: NormalizedName, locked: LockedSet, build: Build) -> str | None:
    """Why default.nix takes the wheel of just this package; None where it does not."""
    pin, row = locked.pins[name], locked.row(name)
    if locked.answers.prefer_wheels:
        return None
    if row is not None and row.prefer_wheel is not None and within(pin, row.prefer_wheel):
        return row.reason if locked.takes_wheel(name) else None
    if build.rust and has_linux_wheel(pin):
        return build.evidence
    if row is None and not known_builds().has(name) and (unknown := locked.carries_unknown(name)):
        return f"its wheel carries libraries that no table knows, such as {unknown[0]}"
    if build.assumed and has_linux_wheel(pin):
        return UNKNOWN_BUILD
    if build.doubtful and has_linux_wheel(pin):
        return f"nixpkgs may lack what builds it: {', '.join(build.doubtful)}"
    return None


def _is_given(row: NativeRow | None, attribute: str) -> bool:
    return row is not None and given(row, attribute)


def _lacking(row: NativeRow | None, kind: str) -> Iterator[str]:
    if row is not None:
        attributes = row.libraries if kind == "libraries" else row.tools
        yield from (attribute for attribute in attributes if attribute not in row.covered)


def _attributions(
    settled: tuple[Attribution, ...], overrides: Iterable[NixOverride], locked: LockedSet
) -> tuple[Attribution, ...]:
    """The settled inputs, and those that only our tables know of, sorted by attribute."""
    named = {(a.attribute, package) for a in settled for package in a.packages}
    ours = (
        Attribution(
            attribute=attribute,
            settled=Settled.OURS,
            packages=(override.package,),
            evidence=_proof(attribute, override, locked),
            tool=attribute not in override.libraries,
        )
        for override in overrides
        for attribute in dict.fromkeys(override.libraries + override.tools)
        if (attribute, override.package) not in named
    )
    return tuple(sorted((*settled, *ours), key=lambda a: (a.attribute, a.settled, a.packages, a.was)))


def _proof(attribute: str, override: NixOverride, locked: LockedSet) -> str:
    seen = locked.carries_same(override.package, attribute)
    row = locked.row(override.package)
    told = row.reason if row is not None else ""
    proof = f"seen in {override.package}'s own wheel" if seen else ""
    return "; ".join(text for text in (told, proof) if text) or override.reason
