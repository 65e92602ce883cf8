"""What default.nix needs beyond the lock: the table of natives, and how it meets a lock and old native inputs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name as canonical

import migrator.planning
from migrator.model.finding import Code, Severity
from migrator.model.native import Attribution, NixAnswers, NixOverride, NixPlan, Settled
from migrator.model.origin import Origin
from migrator.model.plan import PlannedDependency, ProjectPlan, Record, Style
from migrator.model.project import NativeInput, Pin, Project
from migrator.model.source import FromVcs, VcsKind
from migrator.model.url import Url
from migrator.model.version import read_version
from migrator.planning.native_rows import native_rows
from migrator.planning.natives import plan_nix

HERE = Origin(path="requirements.nix", line=1)
TABLE = Path(str(migrator.planning.__file__)).parent / "natives.toml"
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
        package_name=None,
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
    nix, findings = plan_nix(before, after, plan or project_plan(), answers or NixAnswers())
    return nix, [f"{finding.code}: {finding.message}" for finding in findings]


# the table


def test_the_table_is_sorted_and_every_row_is_whole() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    assert list(table) == sorted(table)
    fields = ["libraries", "tools", "covered", "build-systems", "prefer-wheel", "reason"]
    for name, row in table.items():
        assert name == canonical(name)
        assert list(row) == [field for field in fields if field in row]
        assert re.fullmatch(r"\S.*[^\s.]", row["reason"]), name
        assert row.keys() & {"libraries", "tools", "prefer-wheel"}, name
        for field in ("libraries", "tools"):
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
    assert rows.keys() == ours | covered
    assert {"pygit2", "xmlsec", "pyaudio", "pyodbc", "psycopg2", "pillow"} <= ours
    assert {"cryptography", "bcrypt", "orjson", "pydantic-core", "rpds-py"} <= ours
    assert {"lxml", "pycairo", "h5py", "mysqlclient", "python-ldap"} <= covered - ours


# the plan


def test_a_project_without_natives_needs_no_row() -> None:
    nix, findings = decide(pin("flask"), pin("requests"), plan=project_plan(wish("flask"), wish("pytest", group="dev")))
    assert nix == NixPlan(
        name="Img.App",
        application=True,
        python_attributes=("python313", "python312", "python311"),
        overrides=(),
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
    assert findings == [
        f"native-ours: pillow gets openjpeg in default.nix, which poetry2nix lacks: {IMAGES}",
        f"native-ours: pygit2 gets libgit2 in default.nix, which poetry2nix lacks: {LIBGIT2}",
        "native-ours: scrypt gets openssl, setuptools in default.nix, which poetry2nix lacks: hashes with OpenSSL",
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
    assert findings[-1] == (
        "nix-limit: default.nix takes cryptography, rpds-py as wheels: poetry2nix cannot build them any more"
    )


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
    "the wheel's": (("libffi", pin("bcrypt", "5.0.0")), Settled.WHEEL, "bcrypt", "taken as a wheel"),
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
    assert nix.overrides == (
        NixOverride(package=canonical("flask"), tools=("gfortran",), reason="named for it before"),
    )
    assert findings == [
        "native-unknown: The native input zlib is in no Nix file: no locked package is known to need it",
        "native-ours: flask gets gfortran in default.nix, which poetry2nix lacks: named for it before",
    ]


def test_an_input_under_its_old_name_is_known_by_its_new_one() -> None:
    before = Project(
        format="pypi2nix", origin=HERE, natives=(NativeInput(attribute="pkgconfig", today="pkg-config", origin=HERE),)
    )
    after = Project(format="poetry", origin=HERE, pins=(pin("lxml"),))
    nix, findings = plan_nix(before, after, project_plan(), NixAnswers())
    assert [(a.attribute, a.was, a.tool, a.settled) for a in nix.attributions] == [
        ("pkg-config", "pkgconfig", True, Settled.POETRY2NIX)
    ]
    assert findings == ()


def test_an_input_that_nobody_needs_asks_for_its_package() -> None:
    before = Project(format="pypi2nix", origin=HERE, natives=(NativeInput(attribute="zeromq3", origin=HERE),))
    _, (finding,) = plan_nix(before, Project(format="poetry", origin=HERE), project_plan(), NixAnswers())
    assert (finding.code, finding.severity, finding.origin) == (Code.NATIVE_UNKNOWN, Severity.REVIEW, HERE)
    assert finding.advice == "If one does, say which: --native zeromq3=PACKAGE"


def test_the_order_of_pins_and_inputs_changes_nothing() -> None:
    pins = (pin("pillow"), pin("pygit2"), pin("bcrypt", "5.0.0"), pin("numpy", "1.0"), pin("numpy", "2.0"))
    natives = ("openjpeg", "libgit2", "freetype", "zlib")
    assert decide(*pins, natives=natives)[0] == decide(*reversed(pins), natives=natives[::-1])[0]
