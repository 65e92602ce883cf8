"""Native inputs, attributed: which package needs which library, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from packaging.utils import NormalizedName

from .origin import Origin

NIX_FIRST_LINE = "# Written by migrator; a later run overwrites this file."
"""The first line of every Nix file that we write, by which it is known as ours."""

POETRY2NIX_COMMIT = "ce2369db77f45688172384bbeb962bc6c2ea6f94"
"""The last commit of poetry2nix, which our Nix files pin."""


class Settled(StrEnum):
    """Who provides a native input."""

    OURS = "ours"
    """A row of the override table that we write."""
    POETRY2NIX = "poetry2nix"
    """poetry2nix's default override of a locked package has it."""
    WHEEL = "wheel"
    """The locked wheel carries the library, and wheels are used."""
    NOBODY = "nobody"
    """No locked package is known to need it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemPackage:
    """A package of a Linux distribution that somebody installs beside the project: ``apt-get install libxml2-dev``."""

    name: str
    origin: Origin = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """One native input and who provides it. ``attribute`` is what nixpkgs calls it today."""

    attribute: str
    settled: Settled
    packages: tuple[NormalizedName, ...]
    evidence: str
    tool: bool = False
    """A program that runs during the build (``pkg-config``): it goes to nativeBuildInputs."""
    was: str = ""
    """The name of then, where it differs."""
    hint: bool = False
    """It was no native input of a Nix expression, but the system package ``was``."""
    candidates: tuple[NormalizedName, ...] = ()
    """Where nobody is known to need it: the locked packages that may, the likeliest first."""
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OldOverride:
    """What became of one override of the old Nix expression.

    ``covered`` says what does its work now; ``open`` what of it is written nowhere. One of them may be empty.
    """

    package: str
    covered: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NixOverride:
    """One row of the override table in default.nix; every list is sorted.

    Libraries and tools are attribute paths of nixpkgs (``xorg.libxcb``); ``a or b`` takes the first that is there.
    ``libraries`` go to buildInputs, ``tools`` to nativeBuildInputs, ``build_systems`` are Python packages that build
    it. ``prefer_wheel`` takes the wheel of just this package; ``drop`` sets it to null everywhere, because its marker
    excludes every platform; ``systems`` (``x86_64-linux``) and ``pythons`` (``3.9``), where there are any, are those
    that its marker allows: it is null on all others.
    """

    package: NormalizedName
    libraries: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    build_systems: tuple[NormalizedName, ...] = ()
    prefer_wheel: bool = False
    drop: bool = False
    systems: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileVersion:
    """The version of a locked package as the names of its files spell it, which is not how the lock does."""

    package: NormalizedName
    version: str
    spelled: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NixPlan:
    """Everything that the Nix files depend on.

    ``application`` is true for a project that is a package or has scripts (``mkPoetryApplication``), else an
    environment is made (``mkPoetryEnv``). ``python_attributes`` are the interpreters of nixpkgs that the range
    allows, newest first (``python313``, ``python312``).
    """

    name: str
    application: bool
    python_attributes: tuple[str, ...]
    overrides: tuple[NixOverride, ...]
    nixpkgs_release: str
    """The release of nixpkgs that flake.nix names: it has the newest of those Pythons (``25.11``)."""
    attributions: tuple[Attribution, ...] = ()
    groups: tuple[str, ...] = ()
    editable_packages: tuple[str, ...] = ()
    """The project itself, where it is a package: development installs it as its files stand."""
    import_root: str = ""
    """Their folder, from the project's, in which Python looks for them."""
    editable_dependencies: tuple[str, ...] = ()
    """Folders that development installs as their files stand, and production as packages; sorted."""
    respelled: tuple[FileVersion, ...] = ()
    prefer_wheels: bool = False
    old_overrides: tuple[OldOverride, ...] = ()
    file: str = "default.nix"
    """What the Nix file with the override table is called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NixAnswers:
    """What the user settled about Nix: ``--native ATTRIBUTE=PACKAGE`` (repeatable) and ``--prefer-wheels``."""

    natives: tuple[tuple[str, NormalizedName], ...] = ()
    prefer_wheels: bool = False
