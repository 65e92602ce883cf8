"""What default.nix needs beyond the lock: the table of natives, and how it meets a lock and old native inputs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name as canonical

import migrator.planning.natives
from migrator.model.distribution import Inside
from migrator.model.finding import Code, Severity
from migrator.model.native import Attribution, NixAnswers, NixOverride, NixPlan, Settled, SystemPackage
from migrator.model.origin import Origin
from migrator.model.plan import PlannedDependency, ProjectPlan, Record, Style
from migrator.model.project import AttributeChange, NativeInput, Override, OverrideKind, Pin, Project
from migrator.model.source import FromPath, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.model.version import read_version
from migrator.planning.natives.known_builds import known_builds
from migrator.planning.natives.known_builds import read as read_known_builds
from migrator.planning.natives.known_builds import show as known_builds_text
from migrator.planning.natives.libraries import libraries
from migrator.planning.natives.plan import NixBasis, find_wanted_files, plan_nix
from migrator.planning.natives.remarks import remark_flake, remark_natives
from migrator.planning.natives.rows import native_rows
from migrator.reports.natives import list_natives

HERE = Origin(path="requirements.nix", line=1)
TABLE = Path(str(migrator.planning.natives.__file__)).parent / "natives.toml"
IMAGES = "image formats, each a library that is found when it is built"
LIBGIT2 = "a binding of libgit2, of exactly its minor version"
ATTRIBUTE = r"[A-Za-z_][A-Za-z0-9_+-]*(\.[A-Za-z_][A-Za-z0-9_+-]*)*"


def pin(
    name: str,
    version: str = "1.0",
    files: tuple[str, ...] = (),
    *,
    marker: str | None = None,
    needs: tuple[str, ...] = (),
) -> Pin:
    return Pin(
        name=canonical(name),
        raw_name=name,
        version=read_version(version),
        origin=HERE,
        files=files,
        marker=Marker(marker) if marker else None,
        needs=needs,
    )


def wish(name: str, marker: str | None = None, group: str = "main") -> PlannedDependency:
    return PlannedDependency(
        name=canonical(name), raw_name=name, constraint="*", marker=Marker(marker) if marker else None, group=group
    )


def project_plan(*wishes: PlannedDependency, python: str = ">=3.11,<3.14", package: bool = True) -> ProjectPlan:
    return ProjectPlan(
        style=Style.CLASSIC,
        name="Img.App",
        version="0.1.0",
        description="",
        python=SpecifierSet(python),
        python_why="",
        package_mode=package,
        scripts=(),
        dependencies=wishes,
        sources=(),
        seeds=(),
        record=Record(format="requirements", sources=()),
    )


def decide(
    *pins: Pin,
    natives: tuple[str, ...] = (),
    plan: ProjectPlan | None = None,
    answers: NixAnswers | None = None,
) -> tuple[NixPlan, list[str]]:
    inputs = tuple(NativeInput(attribute=attribute, origin=HERE) for attribute in natives)
    before = Project(format="pypi2nix", origin=HERE, natives=inputs)
    after = Project(format="poetry", origin=HERE, pins=pins)
    nix, findings = plan_nix(
        NixBasis(before=before, after=after, plan=plan or project_plan(), answers=answers or NixAnswers())
    )
    return nix, [f"{finding.code}: {finding.message}" for finding in findings]


# the table


def test_the_table_is_sorted_and_every_row_is_whole() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    assert list(table) == sorted(table)
    fields = ["libraries", "tools", "optional", "runtime", "covered", "build-systems", "prefer-wheel", "reason"]
    for name, row in table.items():
        assert name == canonical(name)
        assert list(row) == [field for field in fields if field in row]
        assert re.fullmatch(r"\S.*[^\s.]", row["reason"]), name
        assert len(row) > 1, name
        for field in ("libraries", "tools", "optional", "runtime"):
            assert row.get(field, []) == sorted(set(row.get(field, []))), name
            for attribute in row.get(field, []):
                assert all(re.fullmatch(ATTRIBUTE, choice) for choice in attribute.split(" or ")), (name, attribute)


def test_what_is_covered_is_something_that_the_package_needs() -> None:
    for row in native_rows().values():
        assert row.covered <= {*row.libraries, *row.tools}, row.package


def test_every_row_says_something_that_poetry2nix_does_not_do_or_that_explains_an_old_input() -> None:
    rows = native_rows()
    ours = {name for name, row in rows.items() if not {*row.libraries, *row.tools} <= row.covered}
    ours |= {name for name, row in rows.items() if row.prefer_wheel is not None}
    covered = {name for name, row in rows.items() if row.covered}
    runtime = {name for name, row in rows.items() if row.runtime}
    optional = {name for name, row in rows.items() if row.optional}
    built = {name for name, row in rows.items() if row.built_with}
    assert rows.keys() == ours | covered | runtime | optional | built
    assert not covered & runtime
    assert rows[canonical("pillow")].build_systems(read_version("12.0.0")) == ("pybind11",)
    assert rows[canonical("pillow")].build_systems(read_version("11.3.0")) == ()
    assert {"pygit2", "xmlsec", "pyaudio", "pyodbc", "psycopg2", "pillow"} <= ours
    assert {"cryptography", "bcrypt", "orjson", "pydantic-core", "rpds-py"} <= ours
    assert {"lxml", "pycairo", "h5py", "mysqlclient", "python-ldap"} <= covered - ours


def test_tools_and_libraries_keep_apart() -> None:
    """What runs during a build is found on PATH, so it has to be a tool; pkg-config, say, is no library to link."""
    tools = {attribute for attribute, row in libraries().rows.items() if row.tool}
    for row in native_rows().values():
        assert not tools & set(row.libraries) - {"protobuf", "libtool", "jdk"}, row.package
        programs = {choice for tool in row.tools for choice in tool.split(" or ")}
        assert programs - tools <= CONFIG_PROGRAMS, row.package


CONFIG_PROGRAMS = {
    # each brings a program that tells the flags of its library (krb5-config, mecab-config, apxs), or a compiler
    *("R", "SDL2", "apacheHttpd", "castxml", "gdal", "glibcLocales", "gperftools", "installShellFiles", "krb5"),
    *("libmysqlclient", "libpq.pg_config", "llvm", "mapnik", "maturin", "mecab", "mono", "nasm", "net-snmp"),
    *("openjdk17_headless", "pari", "postgresql", "qt6.qmake", "wayland", "xorg.lndir"),
}


def test_the_table_of_libraries_is_sorted_and_names_each_thing_once() -> None:
    table = tomllib.loads(TABLE.with_name("libraries.toml").read_text(encoding="utf-8"))
    assert list(table) == sorted(table)
    fields = ["was", "also", "sonames", "debian", "alpine", "fedora", "tool"]
    named: list[str] = []
    sonames: list[str] = []
    for attribute, row in table.items():
        assert re.fullmatch(ATTRIBUTE, attribute)
        assert list(row) == [field for field in fields if field in row], attribute
        for field in fields[:-1]:
            assert row.get(field, []) == sorted(set(row.get(field, []))), (attribute, field)
        assert row.get("tool", True) is True
        named += [attribute, *row.get("was", []), *row.get("also", [])]
        sonames += row.get("sonames", [])
    assert len(named) == len(set(named))
    assert len(sonames) == len(set(sonames))


CARRIED_NAMES = {
    "libopenjp2-98a646ca.so.2.5.0": "openjpeg",
    "libpng16-36a62686.so.16.40.0": "libpng",
    "libpq-9b38f5e3.so.5.17": "libpq",
    "libusb-1.0-0d9f6d2a.so.0.3.0": "libusb1",
    "libscipy_openblas64_-ff651d7f.so": "openblas",
    "libz.so.1": "zlib",
    "libpng16-36a62686-0352e75f.so.16.40.0": "libpng",
    "libgfortran-040039e1.so.5.0.0": None,
    "libpng16.5.dylib": None,
    "not a library": None,
}


@pytest.mark.parametrize(("file", "attribute"), CARRIED_NAMES.items(), ids=CARRIED_NAMES)
def test_a_carried_library_is_known_by_its_soname(file: str, attribute: str | None) -> None:
    assert libraries().carried(file) == attribute


def test_what_poetry2nix_builds_is_known_by_its_hash() -> None:
    known = known_builds()
    assert [known.has(canonical(name)) for name in ("flask", "Pillow", "zipp", "no-such-package-at-all")] == [
        True,
        True,
        True,
        False,
    ]
    assert known.adds(canonical("zipp"), canonical("setuptools_scm"))
    assert not known.adds(canonical("flask"), canonical("hatchling"))
    text = TABLE.with_name("known-builds.txt").read_text(encoding="ascii")
    assert known_builds_text({"b a", "a"}) == known_builds_text({"a", "b a"})
    assert read_known_builds(known_builds_text({"a"})).has(canonical("A"))
    assert max(map(len, text.splitlines())) <= 100


# the plan


def test_a_project_without_natives_needs_no_row() -> None:
    nix, findings = decide(pin("flask"), pin("requests"), plan=project_plan(wish("flask"), wish("pytest", group="dev")))
    assert nix == NixPlan(
        name="Img.App",
        application=True,
        python_attributes=("python313", "python312", "python311"),
        overrides=(),
        nixpkgs_release="25.11",
        groups=("dev",),
        editable_packages=("img-app",),
    )
    assert findings == []


def test_a_project_that_is_no_package_is_an_environment() -> None:
    nix, _ = decide(pin("flask"), plan=project_plan(package=False), answers=NixAnswers(prefer_wheels=True))
    assert (nix.application, nix.editable_packages, nix.prefer_wheels) == (False, (), True)


PYTHONS = {
    ">=3.11": ("python314", "python313", "python312", "python311"),
    "~=3.9": ("python314", "python313", "python312", "python311", "python310", "python39"),
    "==3.12.*": ("python312",),
    ">=3.12.4,<3.13": ("python312",),
    "!=3.12.*,>=3.11,<3.14": ("python313", "python311"),
}


@pytest.mark.parametrize(("python", "attributes"), PYTHONS.items())
def test_the_pythons_are_those_of_the_range_newest_first(python: str, attributes: tuple[str, ...]) -> None:
    assert decide(plan=project_plan(python=python))[0].python_attributes == attributes


def test_a_range_without_a_python_of_nixpkgs_is_told() -> None:
    nix, findings = decide(plan=project_plan(python=">=2.7,<3.8"))
    assert nix.python_attributes == ("python3",)
    assert findings == [
        "nix-limit: nixpkgs has no Python that <3.8,>=2.7 allows; it has 3.9, 3.10, 3.11, 3.12, 3.13, 3.14"
    ]


@pytest.mark.parametrize(
    ("python", "release", "widen"),
    [
        ("==3.10.*", "25.11", "; or widen the range, for example --python '>=3.10'"),
        (">=3.9,<3.11", "25.11", "; or widen the range, for example --python '>=3.10'"),
        ("~=3.9.5", "24.11", "; or widen the range, for example --python '>=3.9'"),
    ],
)
def test_a_python_that_nixpkgs_had_is_told_with_the_release(python: str, release: str, widen: str) -> None:
    """The flake takes that very release; nix-build takes what the user has, which is newer as a rule."""
    nix, findings = plan_nix(basis(pin("flask"), plan=project_plan(python=python)))
    minor = nix.python_attributes[0].removeprefix("python3")
    (told,) = findings
    assert (nix.nixpkgs_release, told.code, told.severity) == (release, Code.NIX_LIMIT, Severity.REVIEW)
    assert told.message == f"default.nix takes Python 3.{minor}, and nixpkgs {release} was the last release that had it"
    assert told.advice == (
        "Build with that release (--flake pins it): nix-build --arg pkgs 'import (fetchTarball "
        f'"https://github.com/NixOS/nixpkgs/archive/nixos-{release}.tar.gz") {{ }}\'{widen}'
    )


def test_a_python_that_only_its_wheels_hold_back_is_told_without_another_range() -> None:
    wheel = "orjson-3.6.0-cp310-cp310-manylinux_2_17_x86_64.whl"
    _, findings = plan_nix(basis(pin("orjson", "3.6.0", (wheel,)), plan=project_plan(python=">=3.10")))
    told = next(f for f in findings if f.severity is Severity.REVIEW)
    assert told.advice.endswith("nixos-25.11.tar.gz\") { }'")


@pytest.mark.parametrize(
    ("path", "is_told"), [("../near", True), ("libs/../../near", True), ("/opt/near", True), ("libs/near", False)]
)
def test_what_a_flake_cannot_see_is_told(path: str, is_told: bool) -> None:
    """Seen with Nix: ../near is found where both stand in one repository, and nowhere else."""
    found = remark_flake((replace(wish("near"), source=FromPath(path=path), origin=HERE), wish("flask")))
    assert [(f.code, f.severity, f.message, f.origin) for f in found] == [
        (
            Code.NIX_LIMIT,
            Severity.REVIEW,
            f"A flake sees nothing outside of its git repository, and near stands in {path}",
            HERE,
        )
    ] * is_told


def test_what_poetry2nix_lacks_becomes_a_row() -> None:
    nix, findings = decide(pin("pygit2"), pin("scrypt"), pin("lxml"), pin("pillow"))
    assert nix.overrides == (
        NixOverride(
            package=canonical("pillow"),
            libraries=("openjpeg",),
            reason=IMAGES,
        ),
        NixOverride(
            package=canonical("pygit2"),
            libraries=("libgit2",),
            reason=LIBGIT2,
        ),
        NixOverride(
            package=canonical("scrypt"),
            libraries=("openssl",),
            build_systems=(canonical("setuptools"),),
            reason="hashes with OpenSSL",
        ),
    )
    assert [a.attribute for a in nix.attributions] == ["libgit2", "openjpeg", "openssl"]
    (told,) = findings
    assert told.splitlines() == [
        "native-ours: default.nix has what poetry2nix lacks",
        f"pillow gets openjpeg: {IMAGES}",
        f"pygit2 gets libgit2: {LIBGIT2}",
        "scrypt gets openssl, setuptools: hashes with OpenSSL",
    ]


def test_rust_comes_as_a_wheel_where_it_is_rust_and_has_one() -> None:
    nix, findings = decide(
        pin("bcrypt", "3.2.2"),
        pin("cryptography", "46.0.3", ("cryptography-46.0.3-cp311-abi3-manylinux_2_34_x86_64.whl",)),
        pin("jiter", "0.11.1", ("jiter-0.11.1.tar.gz",)),
        replace(pin("nh3"), source=FromVcs(kind=VcsKind.GIT, url=Url.parse("https://example.org/nh3"))),
        pin("rpds-py", "2011n"),
    )
    assert [(o.package, o.prefer_wheel) for o in nix.overrides] == [
        ("cryptography", True),
        ("jiter", False),
        ("nh3", False),
        ("rpds-py", True),
    ]
    assert findings[-3:] == [
        "nix-limit: default.nix takes cryptography, rpds-py as wheels: poetry2nix cannot build them any more",
        "nix-limit: jiter is written in Rust and has no wheel for Linux: default.nix cannot build it",
        "nix-limit: nh3 is written in Rust and has no wheel for Linux: default.nix cannot build it",
    ]


def test_a_python_for_which_such_a_wheel_is_missing_is_not_taken() -> None:
    wheels = tuple(f"orjson-3.10.0-cp3{m}-cp3{m}-manylinux_2_17_x86_64.whl" for m in (10, 11, 12))
    windows = ("orjson-3.10.0-cp313-cp313-win_amd64.whl", "orjson-3.10.0-cp313-cp313t-manylinux_2_17_x86_64.whl")
    nix, findings = decide(pin("orjson", "3.10.0", (*wheels, *windows, "orjson-3.10.0.whl")))
    assert nix.python_attributes == ("python312", "python311")
    assert findings == [
        "nix-limit: default.nix takes Python 3.12, not 3.13, for which there is no wheel of orjson",
        "nix-limit: default.nix takes orjson as wheels: poetry2nix cannot build them any more",
    ]


WINDOWS = "sys_platform == 'win32'"


def test_what_no_platform_installs_is_dropped() -> None:
    """poetry2nix ignores the markers of direct dependencies."""
    nix, findings = decide(
        pin("pywin32", marker=WINDOWS),
        pin("flask"),
        plan=project_plan(wish("pywin32", WINDOWS), wish("flask")),
    )
    marker = Marker(WINDOWS)
    assert nix.overrides == (NixOverride(package=canonical("pywin32"), drop=True, reason=f"its marker: {marker}"),)
    assert findings == [
        f"nix-limit: default.nix leaves pywin32 out, which no platform of nixpkgs installs: its marker: {marker}"
    ]


KEPT = {
    "a marker that macOS meets": (pin("a"), wish("a", "sys_platform == 'darwin'")),
    "a marker that an allowed Python meets": (pin("a"), wish("a", "python_version < '3.12'")),
    "needed by another package": (pin("a"), wish("a", WINDOWS)),
    "not locked": (pin("b"), wish("a", WINDOWS)),
}


@pytest.mark.parametrize(("locked", "wanted"), KEPT.values(), ids=KEPT.keys())
def test_what_some_platform_installs_is_kept(locked: Pin, wanted: PlannedDependency) -> None:
    nix, findings = decide(locked, pin("flask", needs=("a",)), plan=project_plan(wanted))
    assert (nix.overrides, findings) == ((), [])


def test_a_second_wish_without_a_marker_keeps_it() -> None:
    nix, _ = decide(pin("a"), plan=project_plan(wish("a", WINDOWS), wish("a")))
    assert nix.overrides == ()


# what the project named before


def settle(attribute: str, *pins: Pin, answers: NixAnswers | None = None) -> Attribution:
    nix, _ = decide(*pins, natives=(attribute,), answers=answers)
    return next(a for a in nix.attributions if a.origin is not None)


def told(**natives: str) -> NixAnswers:
    return NixAnswers(natives=tuple((attribute, canonical(package)) for attribute, package in natives.items()))


NO_ONE = "no locked package is known to need it"
POETRY2NIX = "poetry2nix's own override"
ATTRIBUTED = {
    "text that is no attribute": (('x"; evil', pin("flask")), Settled.NOBODY, "", NO_ONE),
    "nobody's": (("imagemagick", pin("flask")), Settled.NOBODY, "", NO_ONE),
    "said to be of a package that is not locked": (("git", pin("flask")), Settled.NOBODY, "", NO_ONE),
    "poetry2nix's": (("freetype", pin("pillow")), Settled.POETRY2NIX, "pillow", POETRY2NIX),
    "an output of what is poetry2nix's": (("libxml2.dev", pin("lxml")), Settled.POETRY2NIX, "lxml", POETRY2NIX),
    "of two packages": (("libjpeg", pin("pillow"), pin("pygame")), Settled.POETRY2NIX, "pillow pygame", POETRY2NIX),
    "the wheel's": (
        ("libffi", pin("bcrypt", "5.0.0")),
        Settled.WHEEL,
        "bcrypt",
        "taken as a wheel, which brings all that it links",
    ),
    "ours, by the table": (("openjpeg", pin("pillow")), Settled.OURS, "pillow", IMAGES),
    "ours, one of two names": (
        ("libpq", pin("psycopg2")),
        Settled.OURS,
        "psycopg2",
        "a binding of libpq, found by pg_config",
    ),
    "ours, because it was said": (("gfortran", pin("flask")), Settled.OURS, "flask", "named for it"),
}
SAID = NixAnswers(natives=(("gfortran", canonical("Flask")), ("git", canonical("copier"))))


@pytest.mark.parametrize(("given", "settled", "packages", "evidence"), ATTRIBUTED.values(), ids=ATTRIBUTED.keys())
def test_an_old_input_finds_its_package(
    given: tuple[str, *tuple[Pin, ...]], settled: Settled, packages: str, evidence: str
) -> None:
    attribute, *pins = given
    nix, _ = decide(*pins, natives=(attribute,), answers=SAID)
    (attribution,) = (a for a in nix.attributions if a.origin is not None)
    assert attribution == Attribution(
        attribute=attribute,
        settled=settled,
        packages=tuple(map(canonical, packages.split())),
        evidence=evidence,
        tool=attribute in {"gfortran", "git"},
        origin=HERE,
    )


def test_what_was_said_becomes_a_row() -> None:
    nix, findings = decide(pin("flask"), natives=("gfortran", "zlib"), answers=SAID)
    assert nix.overrides == (NixOverride(package=canonical("flask"), tools=("gfortran",), reason="named for it"),)
    assert findings == [
        "native-unknown: The native input zlib is in no Nix file: no locked package is known to need it",
        "native-ours: default.nix has what poetry2nix lacks\nflask gets gfortran: named for it",
    ]


def test_an_input_under_its_old_name_is_known_by_its_new_one() -> None:
    before = Project(
        format="pypi2nix", origin=HERE, natives=(NativeInput(attribute="pkgconfig", today="pkg-config", origin=HERE),)
    )
    after = Project(format="poetry", origin=HERE, pins=(pin("lxml"),))
    nix, findings = plan_nix(NixBasis(before=before, after=after, plan=project_plan()))
    assert [(a.attribute, a.was, a.tool, a.settled) for a in nix.attributions] == [
        ("pkg-config", "pkgconfig", True, Settled.POETRY2NIX)
    ]
    assert [finding.message for finding in findings] == ["poetry2nix itself gives lxml: pkg-config"]


def test_an_input_that_nobody_needs_asks_for_its_package() -> None:
    before = Project(format="pypi2nix", origin=HERE, natives=(NativeInput(attribute="zeromq3", origin=HERE),))
    after = Project(format="poetry", origin=HERE)
    _, (finding,) = plan_nix(NixBasis(before=before, after=after, plan=project_plan()))
    assert (finding.code, finding.severity, finding.origin) == (Code.NATIVE_UNKNOWN, Severity.REVIEW, HERE)
    assert finding.advice == "If one does, say which: --native zeromq3=PACKAGE"


NOBODY = "no locked package is known to need it"


def test_inputs_of_one_place_of_which_the_same_is_to_be_said_are_told_together() -> None:
    """Each of them keeps its row, with its place and its evidence, in the table of the report."""
    other = Origin(path="other.nix", line=9)
    named = (("portmidi", HERE), ("libffi", HERE), ("cmake", other))
    natives = tuple(NativeInput(attribute=attribute, origin=origin) for attribute, origin in named)
    before = Project(format="pypi2nix", origin=HERE, natives=natives)
    after = Project(format="poetry", origin=HERE)
    nix, findings = plan_nix(NixBasis(before=before, after=after, plan=project_plan()))
    assert [(f.message, f.advice, f.origin) for f in findings] == [
        (
            f"The native input cmake is in no Nix file: {NOBODY}",
            "If one does, say which: --native cmake=PACKAGE",
            other,
        ),
        (
            f"The native inputs libffi, portmidi are in no Nix file; of each of them: {NOBODY}",
            "If one does, say which: --native libffi=PACKAGE, --native portmidi=PACKAGE",
            HERE,
        ),
    ]
    assert [(row.inputs, row.provider, row.why) for row in list_natives(nix)] == [
        (("cmake",), "nobody", f"{NOBODY}; named in other.nix:9"),
        (("libffi",), "nobody", f"{NOBODY}; named in {HERE}"),
        (("portmidi",), "nobody", f"{NOBODY}; named in {HERE}"),
    ]


def test_what_one_reason_gives_to_several_packages_is_one_line() -> None:
    builds = NixOverride(package=canonical("a"), build_systems=(canonical("hatchling"),), reason="its source says it")
    rows = (
        replace(builds, package=canonical("b"), libraries=("zlib",), reason="zips"),
        builds,
        replace(builds, package=canonical("c")),
    )
    plan = NixPlan(name="x", application=False, python_attributes=(), overrides=rows, nixpkgs_release="25.11")
    (finding,) = remark_natives(plan)
    assert finding.message.splitlines() == [
        "default.nix has what poetry2nix lacks",
        "a gets hatchling; c gets hatchling: its source says it",
        "b gets zlib, hatchling: zips",
    ]


def test_the_order_of_pins_and_inputs_changes_nothing() -> None:
    pins = (pin("pillow"), pin("pygit2"), pin("bcrypt", "5.0.0"), pin("numpy", "1.0"), pin("numpy", "2.0"))
    natives = ("openjpeg", "libgit2", "freetype", "zlib")
    assert decide(*pins, natives=natives)[0] == decide(*reversed(pins), natives=natives[::-1])[0]


# what files of the lock say


def basis(*pins: Pin, natives: tuple[str, ...] = (), **more: Any) -> NixBasis:
    inputs = tuple(NativeInput(attribute=attribute, origin=HERE) for attribute in natives)
    before = Project(format="pypi2nix", origin=HERE, natives=inputs)
    after = Project(format="poetry", origin=HERE, pins=pins)
    return NixBasis(**{"before": before, "after": after, "plan": project_plan(), **more})


LINUX = "cp313-cp313-manylinux_2_28_x86_64.whl"
IMGAPP = ("pkgconfig", "freetype", "libjpeg", "openjpeg", "zlib", "libtiff", "libwebp", "tcl", "lcms2", "xorg.libxcb")
PILLOW = pin("pillow", "12.0.0", (f"pillow-12.0.0-{LINUX}", "pillow-12.0.0.tar.gz"))
CARRIED = (
    "libXau-154567c4.so.6.0.0",
    "libfreetype-5bb46249.so.6.20.4",
    "libopenjp2-94e588ba.so.2.5.4",
    "libtiff-295fd75c.so.6.2.0",
)
PILLOW_INSIDE = Inside(
    package=PILLOW.name, file=f"pillow-12.0.0-{LINUX}", libraries=CARRIED, generator="setuptools (80.9.0)"
)


def test_each_of_imgapps_ten_inputs_finds_pillow() -> None:
    """Nine are in poetry2nix's own override, one is ours, and the wheel is the proof where it carries the library."""
    flask = pin("flask", "3.1.2", ("flask-3.1.2-py3-none-any.whl", "flask-3.1.2.tar.gz"))
    nix, _ = plan_nix(basis(PILLOW, flask, natives=IMGAPP, insides=(PILLOW_INSIDE,)))
    by_attribute = {a.was or a.attribute: a for a in nix.attributions if a.origin is not None}
    assert by_attribute.keys() == set(IMGAPP)
    assert {a.packages for a in by_attribute.values()} == {(PILLOW.name,)}
    ours = by_attribute.pop("openjpeg")
    assert (ours.settled, ours.evidence) == (Settled.OURS, f"{IMAGES}; seen in pillow's own wheel")
    assert {a.settled for a in by_attribute.values()} == {Settled.POETRY2NIX}
    assert {name for name, a in by_attribute.items() if "seen in pillow's own wheel" in a.evidence} == {
        "freetype",
        "libtiff",
    }
    assert nix.overrides == (
        NixOverride(
            package=PILLOW.name, libraries=("openjpeg",), build_systems=(canonical("pybind11"),), reason=IMAGES
        ),
    )


def test_a_wheel_tells_whom_an_input_is_for_that_no_table_knows() -> None:
    drawing = pin("drawing", "1.0", (f"drawing-1.0-{LINUX}", "drawing-1.0.tar.gz"))
    inside = Inside(
        package=drawing.name,
        file=f"drawing-1.0-{LINUX}",
        libraries=("libportmidi-0d9f6d2a.so.2.0.4",),
        generator="setuptools (80.9.0)",
    )
    nix, _ = plan_nix(basis(drawing, natives=("portmidi",), insides=(inside,)))
    assert [(a.attribute, a.settled, a.packages, a.evidence) for a in nix.attributions] == [
        ("portmidi", Settled.OURS, ("drawing",), "seen in drawing's own wheel")
    ]
    assert [(o.package, o.libraries) for o in nix.overrides] == [("drawing", ("portmidi",))]


def test_a_package_of_which_nothing_is_known_is_built_with_what_its_wheel_carries_or_not_at_all() -> None:
    """A library that no table knows cannot be named; those that come along with others need no name."""
    own, odd = (pin(name, "1.0", (f"{name}-1.0-{LINUX}", f"{name}-1.0.tar.gz")) for name in ("own", "odd"))
    common = ("libfreetype-5bb46249.so.6.20.4", "libharfbuzz-525aa570.so.0", "libgomp-a34b3233.so.1.0.0")
    made: dict[str, Any] = {"generator": "setuptools (80)"}
    insides = (
        Inside(package=own.name, libraries=common, **made),
        Inside(package=odd.name, libraries=(*common, "libfreerdp2-0d9f6d2a.so.2", 'x";\n'), **made),
    )
    nix, findings = plan_nix(basis(own, odd, insides=insides))
    reason = "its wheel carries libraries that no table knows, such as libfreerdp2"
    assert nix.overrides == (
        NixOverride(package=odd.name, prefer_wheel=True, reason=reason),
        NixOverride(
            package=own.name,
            libraries=("freetype",),
            build_systems=(canonical("setuptools"),),
            reason="seen in own's own wheel; its wheel was made by setuptools",
        ),
    )
    assert f"default.nix takes odd as wheels: {reason}" in [f.message for f in findings]


def test_a_wheel_that_is_installed_carries_its_library() -> None:
    wheel = f"drawing-1.0-{LINUX}"
    inside = Inside(package=canonical("drawing"), file=wheel, libraries=("libportmidi-0d9f6d2a.so.2.0.4",))
    nix, findings = plan_nix(basis(pin("drawing", "1.0", (wheel,)), natives=("portmidi",), insides=(inside,)))
    assert [(a.settled, a.evidence) for a in nix.attributions] == [
        (Settled.WHEEL, "the wheel carries it: seen in drawing's own wheel")
    ]
    assert nix.overrides == ()
    assert [(f.code, f.message, f.origin) for f in findings] == [
        (Code.NATIVE_COVERED, "No build of drawing needs portmidi: its wheel is installed", HERE)
    ]


def test_what_nobody_needs_comes_with_the_packages_that_may() -> None:
    """Compiled ones of which nothing is known; first those that poetry2nix does not know either."""
    pins = (
        pin("markupsafe", "3.0", (f"markupsafe-3.0-{LINUX}", "markupsafe-3.0.tar.gz")),
        pin("midi-thing", "1.0", ("midi-thing-1.0.tar.gz",)),
        pin("pygit2", "1.0", ("pygit2-1.0.tar.gz",)),
        pin("flask", "3.0", ("flask-3.0-py3-none-any.whl", "flask-3.0.tar.gz")),
        pin("drawing", "1.0", (f"drawing-1.0-{LINUX}", "drawing-1.0.tar.gz")),
    )
    seen = Inside(package=canonical("drawing"), libraries=("libpng16-0d9f6d2a.so.16.40",), generator="setuptools (80)")
    nix, findings = plan_nix(basis(*pins, natives=("portmidi", "cmake"), insides=(seen,)))
    unknown = {a.attribute: a.candidates for a in nix.attributions if a.settled is Settled.NOBODY}
    assert unknown == {"portmidi": ("midi-thing", "markupsafe"), "cmake": ()}
    assert [f.advice for f in findings if f.code is Code.NATIVE_UNKNOWN] == [
        "If one does, say which: --native cmake=PACKAGE",
        "If one does, say which: --native portmidi=PACKAGE; it may be midi-thing, markupsafe",
    ]


OLD_NAMES = {
    "mysql.lib": ("libmysqlclient", "mysqlclient"),
    "openssl_1_0_2": ("openssl", "m2crypto"),
    "zeromq3": ("zeromq", "pyzmq"),
    "lzma": ("xz", "pylzma"),
    "kerberos": ("krb5", "gssapi"),
    "libffi.dev": ("libffi.dev", "cffi"),
    "xlibs.libxcb": ("xorg.libxcb", "xcffib"),
    "libusb": ("libusb1", "hidapi"),
}


@pytest.mark.parametrize(("old", "found"), OLD_NAMES.items(), ids=OLD_NAMES)
def test_an_old_name_that_nobody_translated_is_translated(old: str, found: tuple[str, str]) -> None:
    attribution = settle(old, pin(found[1]))
    assert (attribution.attribute, attribution.packages) == (found[0], (found[1],))


def test_an_input_of_two_packages_tells_who_gives_it_to_each() -> None:
    nix, _ = decide(pin("lxml"), pin("xmlsec"), natives=("libxml2",))
    assert [(a.settled, a.packages) for a in nix.attributions if a.origin is not None] == [
        (Settled.OURS, ("xmlsec",)),
        (Settled.POETRY2NIX, ("lxml",)),
    ]


PYTHON_INPUTS = {
    "locked": ((pin("numpy"),), Settled.POETRY2NIX, ("numpy",), "a Python package, and locked like any other"),
    "not locked": ((pin("flask"),), Settled.NOBODY, (), "a Python package that is not locked"),
    "named for a package": ((pin("numpy"), pin("own")), Settled.OURS, ("own",), "named for it"),
}


@pytest.mark.parametrize(("pins", "settled", "packages", "evidence"), PYTHON_INPUTS.values(), ids=PYTHON_INPUTS)
def test_a_python_package_among_the_inputs_is_no_library(
    pins: tuple[Pin, ...], settled: Settled, packages: tuple[str, ...], evidence: str
) -> None:
    named = NixAnswers(natives=(("python37Packages.numpy", canonical("own")),))
    nix, _ = decide(*pins, natives=("python37Packages.numpy",), answers=named)
    (attribution,) = (a for a in nix.attributions if a.origin is not None)
    assert (attribution.settled, attribution.packages, attribution.evidence) == (settled, packages, evidence)
    own = next((o for o in nix.overrides if o.package == "own"), None)
    assert (own.build_systems if own else ()) == (("numpy",) if settled is Settled.OURS else ())


def test_what_is_only_loaded_is_given_where_it_was_named_and_told_otherwise() -> None:
    """No build needs it, and a build input does not bring it along to where the program runs."""
    sound = pin("sounddevice")
    nix, findings = plan_nix(basis(sound))
    assert nix.overrides == ()
    assert [(f.code, f.message) for f in findings] == [
        (Code.NIX_LIMIT, "sounddevice loads PortAudio when it runs: a build does not bring portaudio along")
    ]
    nix, _ = plan_nix(basis(sound, natives=("portaudio",)))
    assert [(a.settled, a.packages, a.evidence) for a in nix.attributions] == [
        (Settled.OURS, ("sounddevice",), "loads PortAudio when it runs")
    ]
    assert [(o.package, o.libraries) for o in nix.overrides] == [("sounddevice", ("portaudio",))]
    hint = SystemPackage(name="portaudio19-dev", origin=HERE)
    nix, _ = plan_nix(basis(sound, system_packages=(hint,)))
    assert nix.overrides == ()
    assert [(a.settled, a.evidence) for a in nix.attributions] == [
        (Settled.NOBODY, "no build needs it; sounddevice loads PortAudio when it runs")
    ]


def test_what_comes_for_windows_alone_needs_no_row_and_no_look() -> None:
    """Nobody asks for it directly, so that poetry2nix leaves it out by itself."""
    windows = replace(source("own"), marker=Marker(WINDOWS))
    rusty = replace(source("rusty"), marker=Marker(WINDOWS))
    nix, findings = plan_nix(basis(windows, rusty, insides=(made_by("rusty", "maturin (1.0)"),)))
    assert (nix.overrides, findings) == ((), ())
    assert wanted(windows, rusty, natives=("zlib",)) == []


def test_what_is_optional_is_given_where_it_was_named_and_not_told_otherwise() -> None:
    nix, findings = plan_nix(basis(pin("uvloop")))
    assert (nix.overrides, findings) == ((), ())
    nix, _ = plan_nix(basis(pin("uvloop"), natives=("libuv",)))
    assert [(o.package, o.libraries) for o in nix.overrides] == [("uvloop", ("libuv",))]


def test_what_comes_along_in_a_wheel_is_for_nobody_where_the_table_knows_the_package() -> None:
    """PyGit2's wheel carries what libgit2 links in its turn."""
    pygit2 = pin("pygit2", "1.0", (f"pygit2-1.0-{LINUX}", "pygit2-1.0.tar.gz"))
    seen = Inside(package=pygit2.name, libraries=("libgit2-9f6d2a01.so.1.8", "libssl-0d9f6d2a.so.3"))
    nix, findings = plan_nix(basis(pygit2, natives=("openssl",), insides=(seen,)))
    (openssl,) = (a for a in nix.attributions if a.origin is not None)
    assert (openssl.settled, openssl.packages) == (Settled.NOBODY, ())
    told = "no locked package is known to need it; it comes along in pygit2's own wheel"
    assert openssl.evidence == told
    assert f"The native input openssl is in no Nix file: {told}" in [f.message for f in findings]


# what builds a package


def source(name: str, *, wheel: str = "py3-none-any") -> Pin:
    return pin(name, "1.0", (f"{name}-1.0-{wheel}.whl", f"{name}-1.0.tar.gz"))


def requires(name: str, *texts: str) -> Inside:
    return Inside(package=canonical(name), file=f"{name}-1.0.tar.gz", build_requires=texts)


def made_by(name: str, generator: str) -> Inside:
    return Inside(package=canonical(name), file=f"{name}-1.0-py3-none-any.whl", generator=generator)


GIT = FromVcs(kind=VcsKind.GIT, url=Url.parse("https://example.org/own"))
ONLY_SOURCE = pin("own", "1.0", ("own-1.0.tar.gz",))
BUILDS: dict[str, tuple[Pin, tuple[Inside, ...], tuple[str, ...], bool]] = {
    # the pin, what was seen, the build systems of its row, and whether it is taken as a wheel
    "known to poetry2nix": (source("flask"), (), (), False),
    "its source says": (
        source("own"),
        (requires("own", "hatchling>=1.27", "hatch_vcs"),),
        ("hatch-vcs", "hatchling"),
        False,
    ),
    "its source says nothing": (source("own"), (requires("own"),), ("setuptools",), False),
    "its source asks for pip and wheel": (
        source("own"),
        (requires("own", "setuptools", "wheel", "pip"),),
        ("setuptools",),
        False,
    ),
    "its source against its wheel": (
        source("own"),
        (made_by("own", "setuptools (80)"), requires("own", "flit_core")),
        ("flit-core",),
        False,
    ),
    "its source is not PEP 508": (source("own"), (requires("own", "???"),), ("setuptools",), False),
    "its wheel says": (source("own"), (made_by("own", "poetry-core 2.1.3"),), ("poetry-core",), False),
    "its wheel is old": (source("own"), (made_by("own", "bdist_wheel (0.36.2)"),), ("setuptools",), False),
    "its wheel is of Rust": (source("own"), (made_by("own", "maturin (1.9.0)"),), (), True),
    "its source is of Rust": (source("own"), (requires("own", "setuptools", "setuptools-rust"),), (), True),
    "what nixpkgs may lack": (source("own"), (requires("own", "hatchling", "uv-dynamic-versioning"),), (), True),
    "what nixpkgs may lack, without a wheel": (
        ONLY_SOURCE,
        (requires("own", "own-backend"),),
        ("own-backend",),
        False,
    ),
    "nothing is known, and there is a wheel": (source("own"), (), (), True),
    "nothing is known, and there is a source": (ONLY_SOURCE, (), ("setuptools",), False),
    "from a repository": (
        replace(pin("own"), source=GIT),
        (replace(requires("own", "flit_core"), file=""),),
        ("flit-core",),
        False,
    ),
    "from a repository, known by name": (
        replace(pin("flask"), source=GIT),
        (replace(requires("flask", "flit_core", "hatchling"), file=""),),
        ("hatchling",),
        False,
    ),
    "made by something newer than poetry2nix": (
        source("requests"),
        (made_by("requests", "hatchling 1.27"),),
        ("hatchling",),
        False,
    ),
    "made by what poetry2nix adds": (source("flask"), (made_by("flask", "flit 3.12.0"),), (), False),
    "made by something that nobody knows": (source("flask"), (made_by("flask", "own-tool 1.0"),), (), False),
    "known, and of Rust since": (source("requests"), (made_by("requests", "maturin (1.9.0)"),), (), True),
    "from a folder that says what builds it": (
        replace(pin("own"), source=FromPath(path="../own")),
        (replace(requires("own", "flit_core"), file=""),),
        (),
        False,
    ),
    "from a folder that does not": (
        replace(pin("own"), source=FromPath(path="../own")),
        (replace(requires("own"), file=""),),
        ("setuptools",),
        False,
    ),
    "taken from nixpkgs whatever is locked": (source("hatchling"), (), (), False),
}


@pytest.mark.parametrize(("locked", "insides", "systems", "as_wheel"), BUILDS.values(), ids=BUILDS)
def test_what_builds_a_package_that_poetry2nix_does_not_know(
    locked: Pin, insides: tuple[Inside, ...], systems: tuple[str, ...], as_wheel: bool
) -> None:
    nix, _ = plan_nix(basis(locked, insides=insides))
    row = next(iter(nix.overrides), NixOverride(package=locked.name))
    assert (row.build_systems, row.prefer_wheel) == (systems, as_wheel)


def test_what_the_old_expression_built_it_with_is_kept_where_poetry2nix_lacks_it() -> None:
    """It gives zipp setuptools-scm itself; what nobody knows of gets setuptools too."""
    before = Project(
        format="pypi2nix",
        origin=HERE,
        pins=tuple(
            replace(pin(name), build_needs=needs)
            for name, needs in {
                "zipp": ("setuptools-scm", "toml", "wheel"),
                "flask": ("pytest-runner",),
                "own": ("setuptools_scm",),
            }.items()
        ),
    )
    after = Project(format="poetry", origin=HERE, pins=(source("zipp"), source("flask"), ONLY_SOURCE))
    nix, _ = plan_nix(NixBasis(before=before, after=after, plan=project_plan()))
    assert {o.package: o.build_systems for o in nix.overrides} == {
        "flask": ("pytest-runner",),
        "own": ("setuptools", "setuptools-scm"),
        "zipp": ("toml",),
    }


def test_each_package_gets_an_input_for_its_own_reason() -> None:
    """What needs it for the same reason stands in one row of the report."""
    psycopg2, ldap = source("psycopg2"), source("python-ldap")
    nix, _ = plan_nix(basis(psycopg2, ldap, natives=("openssl",)))
    reasons = {name: native_rows()[name].reason for name in (psycopg2.name, ldap.name)}
    assert [(a.packages, a.evidence) for a in nix.attributions if a.attribute == "openssl"] == [
        ((name,), reason) for name, reason in reasons.items()
    ]
    assert {o.package: o.reason for o in nix.overrides} == reasons


def test_what_only_the_old_expression_tells_is_not_said_to_stand_in_the_source() -> None:
    before = Project(
        format="pypi2nix",
        origin=HERE,
        pins=(replace(pin("flask"), build_needs=("setuptools-scm",)), replace(pin("own"), build_needs=("pbr",))),
    )
    stated = {"flask": (), "own": ("flit-core",)}
    insides = tuple(
        Inside(package=canonical(name), file=f"{name}-1.0.tar.gz", build_requires=requires)
        for name, requires in stated.items()
    )
    nix, _ = plan_nix(basis(source("flask"), ONLY_SOURCE, before=before, insides=insides))
    old = "the old expression built it with it"
    assert {o.package: (o.build_systems, o.reason) for o in nix.overrides} == {
        "flask": (("setuptools-scm",), old),
        "own": (("flit-core", "pbr"), f"its source says what builds it; {old}"),
    }


def test_what_an_old_override_built_it_with_is_kept_where_poetry2nix_lacks_it() -> None:
    """It gives zipp setuptools-scm itself; what another kind of override names builds nothing of the lock."""
    added = override(OverrideKind.OVERRIDE, "zipp", buildInputs="append")
    before = Project(
        format="pypi2nix",
        origin=HERE,
        overrides=(
            replace(added, builders=(canonical("setuptools-scm"), canonical("pytest-runner"))),
            replace(override(OverrideKind.NEW, "flask", buildInputs="set"), builders=(canonical("pbr"),)),
        ),
    )
    nix, _ = plan_nix(basis(source("zipp"), source("flask"), before=before))
    assert {o.package: (o.build_systems, o.reason) for o in nix.overrides} == {
        "zipp": (("pytest-runner",), "the old expression built it with it"),
    }


def test_what_cannot_be_built_or_is_assumed_is_told() -> None:
    odd = pin("odd", "1.0", ("odd-1.0.tar.gz",))
    rusty = pin("rusty", "1.0", ("rusty-1.0.tar.gz",))
    seen = (requires("odd", "own-backend"), requires("rusty", "maturin"))
    _, findings = plan_nix(basis(ONLY_SOURCE, odd, rusty, source("other"), insides=seen))
    assert [f.message for f in findings if f.code is Code.NIX_LIMIT] == [
        "default.nix takes other as wheels: poetry2nix does not know what builds it, and nothing tells",
        "odd is built with own-backend, which nixpkgs may not have",
        (
            "default.nix builds own with setuptools: poetry2nix does not know what builds it, and nothing tells: "
            "setuptools is the default of PEP 517"
        ),
        "rusty is written in Rust and has no wheel for Linux: default.nix cannot build it",
    ]


# what is looked into


def wanted(*pins: Pin, natives: tuple[str, ...] = (), **more: Any) -> list[tuple[str, str]]:
    return [(file.package, file.file) for file in find_wanted_files(basis(*pins, natives=natives, **more))]


def test_only_what_may_tell_something_is_looked_into() -> None:
    """The wheel that Nix would build the like of, the source of what poetry2nix does not know, or has no wheel."""
    own = pin(
        "own",
        "1.0",
        (
            "own-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
            "own-1.0-cp313-cp313-manylinux_2_28_aarch64.whl",
            f"own-1.0-{LINUX}",
            "own-1.0-cp313-cp313-win_amd64.whl",
            "own-1.0.tar.gz",
        ),
    )
    assert wanted(own) == [("own", f"own-1.0-{LINUX}"), ("own", "own-1.0.tar.gz")]
    assert wanted(PILLOW) == [("pillow", f"pillow-12.0.0-{LINUX}")]
    assert wanted(source("pure")) == [("pure", "pure-1.0.tar.gz")]
    assert wanted(source("flask")) == [("flask", "flask-1.0-py3-none-any.whl")]
    assert wanted(pin("docopt", "1.0", ("docopt-1.0.tar.gz",))) == [("docopt", "docopt-1.0.tar.gz")]
    assert wanted(replace(pin("remote"), source=GIT)) == [("remote", "")]
    assert wanted(replace(pin("near"), source=FromPath(path="../near"))) == [("near", "")]


NOT_LOOKED_INTO = {
    "only a wheel": pin("own", "1.0", (f"own-1.0-{LINUX}",)),
    "no file that is known": pin("own", "1.0"),
    "a wheel by our table": pin("bcrypt", "5.0.0", (f"bcrypt-5.0.0-{LINUX}", "bcrypt-5.0.0.tar.gz")),
    "built by our table": pin("scrypt", "1.0", (f"scrypt-1.0-{LINUX}", "scrypt-1.0.tar.gz")),
    "taken from nixpkgs": source("hatchling"),
}


@pytest.mark.parametrize("locked", NOT_LOOKED_INTO.values(), ids=NOT_LOOKED_INTO)
def test_what_is_known_is_not_looked_into(locked: Pin) -> None:
    assert wanted(locked) == []


def test_nothing_is_looked_into_where_wheels_are_taken() -> None:
    assert wanted(PILLOW, source("pure"), answers=NixAnswers(prefer_wheels=True)) == []


def test_the_source_is_looked_into_where_the_wheel_was_made_by_something_newer_than_poetry2nix() -> None:
    seen = (made_by("flask", "flit 3.12.0"), made_by("requests", "hatchling 1.27"))
    assert wanted(source("flask"), source("requests"), insides=seen) == [("requests", "requests-1.0.tar.gz")]


def test_a_wheel_is_looked_into_for_its_libraries_where_inputs_were_named() -> None:
    scrypt = pin("scrypt", "1.0", (f"scrypt-1.0-{LINUX}", "scrypt-1.0.tar.gz"))
    assert wanted(scrypt, natives=("openssl",)) == [("scrypt", f"scrypt-1.0-{LINUX}")]


# what the project had before


def override(how: OverrideKind, package: str = "own", /, **attributes: str) -> Override:
    changes = tuple((name, AttributeChange(change)) for name, change in attributes.items())
    return Override(package=canonical(package), raw_name=package, how=how, origin=HERE, attributes=changes)


OVERRIDDEN: dict[str, tuple[Override, tuple[str, ...], tuple[str, ...]]] = {
    # the override, what covers it, what is open
    "no tests": (override(OverrideKind.OVERRIDE, doCheck="set"), ("poetry2nix runs no tests of dependencies",), ()),
    "its language": (
        override(OverrideKind.OVERRIDE, LANG="set", LC_ALL="set"),
        ("Python 3.7 and later read and write UTF-8 without it",),
        (),
    ),
    "an input that it still gets": (
        override(OverrideKind.OVERRIDE, "pygit2", buildInputs="append"),
        ("built with libgit2",),
        (),
    ),
    "an input that poetry2nix gives": (
        override(OverrideKind.OVERRIDE, "lxml", buildInputs="replace"),
        ("built with libxml2",),
        (),
    ),
    "a build system that poetry2nix gives": (
        override(OverrideKind.OVERRIDE, "zipp", buildInputs="append"),
        ("built with setuptools-scm",),
        (),
    ),
    "a build system that it names itself": (
        replace(override(OverrideKind.OVERRIDE, buildInputs="append"), builders=(canonical("pytest-runner"),)),
        ("built with pytest-runner",),
        (),
    ),
    "an input that nobody knows": (
        override(OverrideKind.OVERRIDE, buildInputs="append"),
        (),
        ("buildInputs: nothing tells what it added",),
    ),
    "an input that it took away": (
        override(OverrideKind.OVERRIDE, buildInputs="filter"),
        ("poetry2nix starts from inputs of its own",),
        (),
    ),
    "a patch and a test": (
        override(OverrideKind.OVERRIDE, patchPhase="set", doCheck="set"),
        ("poetry2nix runs no tests of dependencies",),
        ("patchPhase: carry it over by hand",),
    ),
    "a patch of what is a wheel now": (
        override(OverrideKind.OVERRIDE, "bcrypt", patchPhase="set"),
        ("its wheel is installed, so nothing is built",),
        (),
    ),
    "another source": (
        override(OverrideKind.OVERRIDE, src="set"),
        (),
        ("its source was replaced: depend on that source instead, in the requirements",),
    ),
    "other dependencies": (
        override(OverrideKind.OVERRIDE, propagatedBuildInputs="filter"),
        (),
        ("it changed what the package depends on, which the lock takes from its metadata",),
    ),
    "of a package that went": (override(OverrideKind.OVERRIDE, "gone", src="set"), ("the package is not locked",), ()),
    "nothing": (override(OverrideKind.OVERRIDE), (), ()),
    "nixpkgs' own": (override(OverrideKind.ALIAS), ("the lock has own itself",), ()),
    "nixpkgs' own, not locked": (
        override(OverrideKind.ALIAS, "gone"),
        (),
        ("it took the package from elsewhere, and the lock has none of that name",),
    ),
    "a new package": (
        override(OverrideKind.NEW, "gone"),
        (),
        ("it made a package that is not locked: depend on it in the requirements",),
    ),
    "a package left out": (
        override(OverrideKind.NULL),
        (),
        ("it left the package out, and the lock installs it",),
    ),
    "a package left out that went": (override(OverrideKind.NULL, "gone"), ("the package is not locked",), ()),
    "many at once": (override(OverrideKind.BULK), (), ("it changes many packages at once",)),
    "not understood": (override(OverrideKind.UNKNOWN), (), ("it is written in a way that cannot be read",)),
}


@pytest.mark.parametrize(("old", "covered", "still_open"), OVERRIDDEN.values(), ids=OVERRIDDEN)
def test_every_old_override_is_covered_or_told(
    old: Override, covered: tuple[str, ...], still_open: tuple[str, ...]
) -> None:
    pins = (pin("own"), pin("pygit2"), pin("lxml"), pin("zipp"), pin("bcrypt", "5.0.0"))
    before = Project(
        format="pypi2nix",
        origin=HERE,
        pins=(replace(pin("zipp"), build_needs=("setuptools-scm",)),),
        natives=(NativeInput(attribute="libxml2", origin=HERE, package=canonical("lxml")),),
        overrides=(old,),
    )
    nix, findings = plan_nix(basis(*pins, before=before))
    (entry,) = nix.old_overrides
    assert (entry.covered, entry.open, entry.origin) == (covered, still_open, HERE)
    told = {f.code: f.severity for f in findings if f.code in {Code.OVERRIDE_COVERED, Code.OVERRIDE_NOT_CARRIED}}
    expected = {Code.OVERRIDE_COVERED: Severity.NOTE} if entry.covered else {}
    if entry.open or not entry.covered:
        expected[Code.OVERRIDE_NOT_CARRIED] = Severity.REVIEW
    assert told == expected


def test_what_is_told_of_the_nix_file_names_ours_where_the_user_has_a_default_nix() -> None:
    """What is ours, a limit, an override to carry over: whoever follows the advice must not build the old file."""
    before = Project(format="pypi2nix", origin=HERE, overrides=(override(OverrideKind.OVERRIDE, patchPhase="set"),))
    windows = pin("pywin32", marker=WINDOWS)
    pins = (ONLY_SOURCE, windows, source("psycopg2"))
    _, findings = plan_nix(basis(*pins, before=before, file="migrator.nix", plan=project_plan(python=">=3.8,<3.9")))
    told = [f"{f.message} {f.advice}" for f in findings]
    assert all("default.nix" not in text for text in told)
    assert {f.code for f, text in zip(findings, told, strict=True) if "migrator.nix" in text} == {
        Code.NATIVE_OURS,
        Code.NIX_LIMIT,
        Code.OVERRIDE_NOT_CARRIED,
    }


# what a Dockerfile installs


def test_a_system_package_is_a_hint_of_the_same_kind() -> None:
    dockerfile = Origin(path="Dockerfile", line=3)
    packages = tuple(
        SystemPackage(name=name, origin=dockerfile)
        for name in ("libxml2-dev", "libgit2-dev", "libpq-dev", "vim", "libfoo-dev", "libxslt1-dev")
    )
    nix, findings = plan_nix(basis(pin("lxml"), pin("pygit2"), natives=("libxslt",), system_packages=packages))
    assert [(a.was, a.attribute, a.settled, a.packages, a.origin) for a in nix.attributions if a.hint] == [
        ("libgit2-dev", "libgit2", Settled.OURS, ("pygit2",), dockerfile),
        ("libpq-dev", "libpq", Settled.NOBODY, (), dockerfile),
        ("libxml2-dev", "libxml2", Settled.POETRY2NIX, ("lxml",), dockerfile),
    ]
    unknown = [f for f in findings if f.code is Code.NATIVE_UNKNOWN]
    assert [(f.severity, f.message, f.origin) for f in unknown] == [
        (
            Severity.NOTE,
            "The system package libpq-dev (libpq in nixpkgs) is in no Nix file: no locked package is known to need it",
            dockerfile,
        ),
        (
            Severity.NOTE,
            "System packages that no Nix file has, because nothing is known of them: vim, libfoo-dev",
            dockerfile,
        ),
    ]
