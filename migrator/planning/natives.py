"""What the Nix files need beyond the lock: inputs that poetry2nix lacks, wheels that it has to take, Pythons.

poetry2nix knows the native inputs of many packages, not of all, and no newer ones than its last commit. The
knowledge is a table (``natives.toml``); here it meets the locked packages, and the native inputs that the project
named before (pypi2nix's ``-E``, which never said for which package).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import Attribution, NixAnswers, NixOverride, NixPlan, Settled
from migrator.model.plan import PlannedDependency, ProjectPlan
from migrator.model.project import NativeInput, Pin, Project
from migrator.model.source import FromIndex

from .native_rows import NativeRow, native_rows

NIXPKGS_PYTHONS = (14, 13, 12, 11, 10, 9)
"""The minor versions of Python 3 that nixpkgs has had since 23.11, newest first."""

_PATCHES = range(40)
_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*(\.[A-Za-z_][A-Za-z0-9_'-]*)*")
_OUTPUTS = frozenset({"bin", "dev", "lib", "out"})
_TOOLS = frozenset(
    {
        *("autoconf", "automake", "autoPatchelfHook", "autoreconfHook", "bison", "cargo", "cmake", "cython", "doxygen"),
        *("flex", "gettext", "gfortran", "git", "gnumake", "intltool", "jdk", "libtool", "m4", "maturin", "meson"),
        *("ninja", "nodejs", "patchelf", "perl", "pkg-config", "protobuf", "rustc", "swig", "unzip", "which"),
    }
)
_PLATFORMS = (
    *({"sys_platform": "linux", "platform_system": "Linux", "platform_machine": m} for m in ("x86_64", "aarch64")),
    *({"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": m} for m in ("x86_64", "arm64")),
)


def plan_nix(
    before: Project, after: Project, plan: ProjectPlan, answers: NixAnswers
) -> tuple[NixPlan, tuple[Finding, ...]]:
    """Decide what default.nix and shell.nix say, given the project as it was, its new lock and the plan.

    The override table gets a row for a locked package that needs an input which poetry2nix does not give it, that
    has to be taken as a wheel, or that no platform of nixpkgs installs. Every native input of ``before`` is
    attributed; one that nobody is known to need is a finding that asks for ``--native``. Nothing depends on the
    order of pins or inputs.
    """
    rows = native_rows()
    pins = {pin.name: pin for pin in sorted(after.pins, key=lambda p: (p.name, str(p.version)), reverse=True)}
    allowed = tuple(minor for minor in NIXPKGS_PYTHONS if _allows(plan.python, minor))
    settled = tuple(_settle(native, pins, rows, answers) for native in before.natives)
    dropped = _dropped(plan.dependencies, after.pins, allowed or NIXPKGS_PYTHONS)
    overrides = [
        override
        for pin in pins.values()
        if pin.name not in dropped and (override := _override(pin, rows.get(pin.name), settled, answers)) is not None
    ]
    overrides += [NixOverride(package=name, drop=True, reason=why) for name, why in dropped.items() if name in pins]
    wheels = tuple(pins[override.package] for override in overrides if override.prefer_wheel)
    minors = tuple(m for m in allowed if all(_has_wheel(pin, m) for pin in wheels)) or allowed
    nix = NixPlan(
        name=plan.name,
        application=plan.package_mode,
        python_attributes=tuple(f"python3{minor}" for minor in minors) or ("python3",),
        overrides=tuple(sorted(overrides, key=lambda o: o.package)),
        attributions=_attributions(settled, overrides),
        groups=plan.groups,
        editable_packages=(canonicalize_name(plan.name),) if plan.package_mode else (),
        prefer_wheels=answers.prefer_wheels,
    )
    return nix, (*_python_findings(plan.python, allowed, minors, wheels), *_findings(nix))


# Pythons and platforms


def _allows(python: SpecifierSet, minor: int) -> bool:
    return any(python.contains(Version(f"3.{minor}.{patch}"), prereleases=True) for patch in _PATCHES)


def _has_wheel(pin: Pin, minor: int) -> bool:
    """Whether a wheel of ``pin`` runs on CPython 3.``minor`` on Linux, as far as its files are known."""
    return not pin.files or any(_runs_on(file, minor) for file in _wheels(pin))


def _runs_on(wheel: str, minor: int) -> bool:
    try:
        tags = parse_wheel_filename(wheel)[3]
    except InvalidWheelFilename:
        return False
    linux = sorted({tag.platform for tag in tags if tag.platform.startswith(("any", "manylinux"))})
    if not linux:
        return False
    cpython = f"cp3{minor}"
    usable = {
        *cpython_tags((3, minor), abis=[cpython], platforms=linux),
        *compatible_tags((3, minor), interpreter=cpython, platforms=linux),
    }
    return not tags.isdisjoint(usable)


def _python_findings(
    python: SpecifierSet, allowed: tuple[int, ...], minors: tuple[int, ...], wheels: tuple[Pin, ...]
) -> Iterator[Finding]:
    if not allowed:
        yield _no_python(python)
    elif allowed[0] != minors[0]:
        without = sorted(pin.name for pin in wheels if not _has_wheel(pin, allowed[0]))
        yield Finding(
            code=Code.NIX_LIMIT,
            severity=Severity.NOTE,
            message=f"default.nix takes Python 3.{minors[0]}, not 3.{allowed[0]}, "
            f"for which there is no wheel of {', '.join(without)}",
        )


def _dropped(
    dependencies: tuple[PlannedDependency, ...], pins: Iterable[Pin], minors: tuple[int, ...]
) -> dict[NormalizedName, str]:
    """The direct dependencies that no platform of nixpkgs installs, each with the reason.

    poetry2nix ignores the markers of direct dependencies, and fails where such a package has Windows wheels only.
    """
    environments = [
        {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_python_implementation": "CPython",
            "python_version": f"3.{minor}",
            "python_full_version": f"3.{minor}.0",
            **platform,
        }
        for platform in _PLATFORMS
        for minor in minors
    ]

    def never(marker: Marker | None) -> bool:
        return marker is not None and not any(marker.evaluate(environment) for environment in environments)

    needed = {need for pin in pins for need in pin.needs if not never(pin.marker)}
    markers: dict[NormalizedName, list[Marker | None]] = {}
    for dependency in dependencies:
        markers.setdefault(dependency.name, []).append(dependency.marker)
    wanted = {pin.name for pin in pins if not never(pin.marker)}
    return {
        name: "its marker: " + " or ".join(sorted({str(marker) for marker in wishes}))
        for name, wishes in sorted(markers.items())
        if all(never(wish) for wish in wishes) and (name not in wanted or name not in needed)
    }


def _no_python(python: SpecifierSet) -> Finding:
    known = ", ".join(f"3.{minor}" for minor in reversed(NIXPKGS_PYTHONS))
    return Finding(
        code=Code.NIX_LIMIT,
        severity=Severity.STOP,
        message=f"nixpkgs has no Python that {python} allows; it has {known}",
        advice="Widen the range with --python, or leave the Nix files out with --no-nix",
    )


# who needs what


def _settle(
    native: NativeInput,
    pins: Mapping[NormalizedName, Pin],
    rows: Mapping[NormalizedName, NativeRow],
    answers: NixAnswers,
) -> Attribution:
    """Who provides one native input that the project named before."""
    today = native.today or native.attribute
    told = {package for attribute, package in answers.natives if attribute in {native.attribute, today}}
    told |= {native.package} if native.package else set()
    needing = {name for name in pins if name in rows and _given(rows[name], today)}
    users = tuple(sorted(told & pins.keys() or needing)) if _ATTRIBUTE.fullmatch(today) else ()
    settled, packages, evidence = _provider(users, today, pins, rows, answers)
    return Attribution(
        attribute=today,
        settled=settled,
        packages=packages,
        evidence=evidence,
        tool=_is_tool(today),
        was=native.attribute if native.attribute != today else "",
        origin=native.origin,
    )


def _provider(
    users: tuple[NormalizedName, ...],
    attribute: str,
    pins: Mapping[NormalizedName, Pin],
    rows: Mapping[NormalizedName, NativeRow],
    answers: NixAnswers,
) -> tuple[Settled, tuple[NormalizedName, ...], str]:
    """Who gives ``attribute`` to its ``users``: we, if only one of them lacks it otherwise."""
    built = tuple(name for name in users if not _takes_wheel(pins[name], rows.get(name), answers))
    lacking = tuple(name for name in built if name not in rows or not _covers(rows[name], attribute))
    if lacking:
        row = rows.get(lacking[0])
        return Settled.OURS, lacking, row.reason if row and _given(row, attribute) else "named for it"
    if built:
        return Settled.POETRY2NIX, built, "poetry2nix's own override"
    if users:
        return Settled.WHEEL, users, "taken as a wheel"
    return Settled.NOBODY, (), "no locked package is known to need it"


def _given(row: NativeRow, attribute: str) -> bool:
    return any(_same(attribute, choice) for known in row.libraries + row.tools for choice in known.split(" or "))


def _covers(row: NativeRow, attribute: str) -> bool:
    return any(_same(attribute, known) for known in row.covered)


def _same(one: str, other: str) -> bool:
    """Whether two attributes are one package: ``libxml2.dev`` is an output of ``libxml2``."""
    return _without_output(one) == _without_output(other)


def _without_output(attribute: str) -> str:
    base, dot, output = attribute.rpartition(".")
    return base if dot and output in _OUTPUTS else attribute


def _is_tool(attribute: str) -> bool:
    return attribute in _TOOLS or attribute.endswith("Hook")


def _takes_wheel(pin: Pin, row: NativeRow | None, answers: NixAnswers) -> bool:
    if not isinstance(pin.source, FromIndex) or (pin.files and not _wheels(pin)):
        return False
    if answers.prefer_wheels and pin.files:
        return True
    return row is not None and row.prefer_wheel is not None and _within(pin, row.prefer_wheel)


def _wheels(pin: Pin) -> tuple[str, ...]:
    return tuple(file for file in pin.files if file.endswith(".whl"))


def _within(pin: Pin, versions: SpecifierSet) -> bool:
    return not isinstance(pin.version, Version) or versions.contains(pin.version, prereleases=True)


# the table


def _override(
    pin: Pin, row: NativeRow | None, settled: tuple[Attribution, ...], answers: NixAnswers
) -> NixOverride | None:
    """The row of default.nix for ``pin``, None where poetry2nix needs none."""
    wheel = _takes_wheel(pin, row, answers)
    if row is not None and row.prefer_wheel is not None and wheel:
        return NixOverride(package=pin.name, prefer_wheel=True, reason=row.reason)
    named = [a for a in settled if a.settled is Settled.OURS and pin.name in a.packages and not wheel]
    named = [a for a in named if row is None or not _given(row, a.attribute)]
    table = row if row is not None and not wheel else None
    libraries = {a.attribute for a in named if not a.tool} | set(_lacking(table, "libraries"))
    tools = {a.attribute for a in named if a.tool} | set(_lacking(table, "tools"))
    build_systems = table.build_systems if table is not None else ()
    if not (libraries or tools or build_systems):
        return None
    return NixOverride(
        package=pin.name,
        libraries=tuple(sorted(libraries)),
        tools=tuple(sorted(tools)),
        build_systems=build_systems,
        reason=row.reason if row is not None and not named else "named for it before",
    )


def _lacking(row: NativeRow | None, kind: str) -> Iterator[str]:
    if row is not None:
        attributes = row.libraries if kind == "libraries" else row.tools
        yield from (attribute for attribute in attributes if attribute not in row.covered)


def _attributions(settled: tuple[Attribution, ...], overrides: Iterable[NixOverride]) -> tuple[Attribution, ...]:
    """The settled inputs, and those that only our table knows of, sorted by attribute."""
    named = {(a.attribute, package) for a in settled for package in a.packages}
    ours = (
        Attribution(
            attribute=attribute,
            settled=Settled.OURS,
            packages=(override.package,),
            evidence=override.reason,
            tool=attribute not in override.libraries,
        )
        for override in overrides
        for attribute in dict.fromkeys(override.libraries + override.tools)
        if (attribute, override.package) not in named
    )
    return tuple(sorted((*settled, *ours), key=lambda a: (a.attribute, a.packages)))


# what is said


def _findings(nix: NixPlan) -> Iterator[Finding]:
    for attribution in nix.attributions:
        if attribution.settled is Settled.NOBODY:
            name = attribution.was or attribution.attribute
            yield Finding(
                code=Code.NATIVE_UNKNOWN,
                severity=Severity.REVIEW,
                message=f"The native input {name} is in no Nix file: no locked package is known to need it",
                origin=attribution.origin,
                advice=f"If one does, say which: --native {name}=PACKAGE",
            )
    for override in nix.overrides:
        if override.libraries or override.tools or override.build_systems:
            given = ", ".join(dict.fromkeys((*override.libraries, *override.tools, *override.build_systems)))
            yield Finding(
                code=Code.NATIVE_OURS,
                severity=Severity.NOTE,
                message=f"{override.package} gets {given} in default.nix, which poetry2nix lacks: {override.reason}",
            )
    wheels = ", ".join(override.package for override in nix.overrides if override.prefer_wheel)
    if wheels:
        yield Finding(
            code=Code.NIX_LIMIT,
            severity=Severity.NOTE,
            message=f"default.nix takes {wheels} as wheels: poetry2nix cannot build them any more",
        )
    for override in nix.overrides:
        if override.drop:
            yield Finding(
                code=Code.NIX_LIMIT,
                severity=Severity.NOTE,
                message=f"default.nix leaves {override.package} out, which no platform of nixpkgs installs: "
                f"{override.reason}",
            )
