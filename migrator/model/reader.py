"""What an input format offers to the program: one constant ``READER`` in each module of ``migrator.readers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .project import MAIN, Reading
from .tree import Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One file to read. ``path`` is relative to the tree's root; what it wishes lands in ``group``.

    ``constraint`` is true for a file that only bounds versions (``--constraints``).
    """

    path: str
    group: str = MAIN
    constraint: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """An input format.

    * ``name`` is what ``inspect`` prints and what follows ``from-`` on the command line, where ``migrates`` is true;
      ``summary`` stands in ``--help``.
    * ``recognises(name, head)`` tells from a file's name and its first bytes whether the file is of this format.
    * ``discover(tree)`` lists the format's files in a project folder, in the order in which they are read;
      ``group_of(path)`` is the group that a file's name speaks of.
    * ``read(tree, inputs, locale_encoding)`` never raises for what stands in a file: that is a finding.
    * ``evaluable`` is true for expressions of Nix, which an installed Nix can be asked about.
    * ``whole_project`` is true where one file (with what belongs to it) is the whole project and says itself which
      groups there are: a folder may be named in its place, and there are no further files.
    """

    name: str
    summary: str
    migrates: bool
    recognises: Callable[[str, bytes], bool]
    discover: Callable[[Tree], tuple[Input, ...]]
    read: Callable[[Tree, tuple[Input, ...], str], Reading]
    group_of: Callable[[str], str] = lambda _: MAIN
    whole_project: bool = False
    evaluable: bool = False
