"""What stands beside the requirement files and helps planning."""

from __future__ import annotations

from dataclasses import dataclass, field

from packaging.utils import NormalizedName

from .layout import Layout
from .native import SystemPackage
from .origin import Origin
from .plan import Record
from .project import MAIN, PythonHint, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingDependency:
    """A dependency that pyproject.toml has already.

    ``constraint`` is as written there, in the words of PEP 508 or of Poetry; empty where none is said. ``ours`` is
    true for what a previous run wrote and nobody edited since: a rerun replaces it, every other one stays.
    """

    name: NormalizedName
    constraint: str
    origin: Origin = field(compare=False)
    group: str = MAIN
    ours: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the project's folder says beside the input files; None or empty where it says nothing.

    ``name`` to ``authors`` are the project's metadata, ``pyproject`` the text of pyproject.toml.
    ``imports`` are the top-level names that the code imports and neither Python nor the project itself has;
    ``test_imports`` those that only tests import. ``python_hints`` come in the order in which they count.
    """

    name: str | None = None
    version: str | None = None
    description: str | None = None
    licence: str | None = None
    authors: tuple[str, ...] = ()
    pyproject: str | None = None
    has_project_table: bool = False
    has_poetry_table: bool = False
    existing: tuple[ExistingDependency, ...] = ()
    record: Record | None = None
    python_hints: tuple[PythonHint, ...] = ()
    layout: Layout = Layout()
    scripts: tuple[Script, ...] = ()
    imports: frozenset[str] = frozenset()
    test_imports: frozenset[str] = frozenset()
    has_poetry_toml: bool = False
    system_packages: tuple[SystemPackage, ...] = ()
    """What the Dockerfiles install, in reading order."""
    nix_files: tuple[str, ...] = ()
    """The Nix files of the project's folder, sorted, ours included."""
    own_default_nix: bool = False
    """default.nix is there, and the user's own."""
    own_shell_nix: bool = False
    """Likewise shell.nix."""
    own_flake: bool = False
    """Likewise flake.nix."""

    @property
    def default_nix(self) -> str:
        """What our default.nix is called: the user's own keeps that name."""
        return "migrator.nix" if self.own_default_nix else "default.nix"

    @property
    def shell_nix(self) -> str:
        """Likewise our shell.nix."""
        return "migrator-shell.nix" if self.own_shell_nix else "shell.nix"
