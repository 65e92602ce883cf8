"""What ``migrate diff`` found: two inputs, and everything in which they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from packaging.utils import NormalizedName

from .change import Change
from .finding import Finding
from .origin import Origin
from .project import PinField, Project


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two inputs. ``label`` is how the user named it; ``present`` is false where a commit has no such file.

    ``place`` stands before the path of a place in it, wherever that is shown; ``revision`` names the commit that it is
    of, as the user did, and is empty for files on disk. ``direct`` are the packages that the project itself asks for,
    ``transitive`` those that only others need; a package of which the input does not tell is in neither.
    """

    label: str
    project: Project
    present: bool = True
    place: str = ""
    revision: str = ""
    direct: frozenset[NormalizedName] = frozenset()
    transitive: frozenset[NormalizedName] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class WishChanged:
    """What the project asks for of one package: ``old`` and ``new`` as a requirement without its name.

    Empty is a wish for any version, None no wish at all. ``constraint`` is true for what only bounds versions.
    """

    name: NormalizedName
    group: str
    old: str | None
    new: str | None
    constraint: bool = False
    origin: Origin


class EntryKind(StrEnum):
    """What an input states beside packages."""

    INDEX = "index"
    PYTHON = "python"
    OPTION = "option"
    NATIVE = "native"
    OVERRIDE = "override"
    SCRIPT = "script"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryChanged:
    """An entry beside the packages; ``old`` is None where it is new, ``new`` where it is gone.

    ``origin`` is its place on the new side, or on the old one where it is gone; None where the input has none for it.
    """

    kind: EntryKind
    old: str | None
    new: str | None
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two inputs and their differences.

    ``wishes`` and ``entries`` are compared between inputs of one format only; ``unstated`` are the fields that one
    side cannot tell and that were therefore not compared wherever they stood empty. ``alike`` counts the remarks of
    the reader that are the same for both, and stand in ``findings`` only where they stop.
    """

    old: Side
    new: Side
    changes: tuple[Change, ...] = ()
    wishes: tuple[WishChanged, ...] = ()
    entries: tuple[EntryChanged, ...] = ()
    unstated: frozenset[PinField] = frozenset()
    findings: tuple[Finding, ...] = ()
    alike: int = 0

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.changes or self.wishes or self.entries)
