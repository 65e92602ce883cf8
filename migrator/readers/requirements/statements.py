"""One logical line outside the fast path: what it states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from migrator.model.project_name import is_project, read_project_name
from migrator.model.tree import Tree

from .entries import Entry, Ground, NotRequirementError, read_editable, read_entry
from .options import BadOptionsError, Options, read_options, split_options


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """A requirement, and the options on its line."""

    entry: Entry
    options: Options
    ignored: tuple[str, ...] = ()
    """What pip passes over in silence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionLine:
    """A line of options only."""

    options: Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A line that neither pip 23 nor pip 26 reads, and why."""

    why: str


Statement = Requirement | OptionLine | Refused


def read_statement(text: str, ground: Ground) -> Statement:
    """What the logical line ``text`` states; never raises."""
    head, tail = split_options(text)
    ignored: tuple[str, ...] = ()
    try:
        options = read_options(tail)
    except BadOptionsError as trouble:
        if not head.strip():
            return Refused(why=str(trouble))
        # pip gives up on the whole file here; the requirement before the options is still one
        options, ignored = Options(), (tail,)
    try:
        if head:
            return Requirement(entry=read_entry(head, ground), options=options, ignored=(*ignored, *options.leftover))
        editables = options.values("--editable")
        if editables:
            entry = read_editable(editables[0], ground)
            return Requirement(entry=entry, options=options, ignored=options.leftover)
    except NotRequirementError as refusal:
        return Refused(why=str(refusal))
    return OptionLine(options=options)


def survey(tree: Tree) -> Ground:
    """The folders of ``tree``; each is looked at once."""
    return Ground(
        is_folder=cache(tree.is_folder),
        is_project=cache(lambda folder: is_project(tree, folder)),
        name_of=cache(lambda folder: read_project_name(tree, folder)),
    )
