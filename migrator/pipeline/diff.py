"""``migrate diff``: read two inputs of any format, and compare them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from migrator.compare import compare, compare_entries, compare_wishes, find_direct, find_unstated, tell_by_group
from migrator.model.comparison import Comparison, EntryKind, Side
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import PinField, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.model.trouble import WorldError
from migrator.tools.git import Commit

from .reading import read_with_companions

_OF_A_MIGRATION = frozenset(
    {Code.COMMENT_NOT_CARRIED, Code.CREDENTIALS_REMOVED, Code.NOTHING_READ, Code.OPTION_NOT_CARRIED}
)
"""What readers tell for the sake of what is going to be written, or what a comparison shows by itself."""

_OF_A_FILE = frozenset({EntryKind.INDEX, EntryKind.PYTHON})
"""What comes and goes with the file itself, and is no news then."""
_LEFT_OUT = frozenset(
    {Code.MISSING_INCLUDE, Code.NAMELESS_URL, Code.NOT_UNDERSTOOD, Code.REMOTE_INCLUDE, Code.UNDECODABLE}
)
"""What was not read and is therefore not compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One of the two inputs: the file ``path`` in ``tree``, which the user named ``label``.

    ``place`` stands before the path of a place in it, wherever that is shown; ``revision`` is the commit that the user
    named, or empty; ``reader`` is None where a commit has no such file.
    """

    label: str
    place: str
    revision: str = ""
    tree: Tree
    path: str
    reader: Reader | None


def diff(old: Given, new: Given, locale_encoding: str) -> Comparison:
    """Compare ``old`` with ``new``. Nothing is compared where one of them cannot be read: a STOP finding says why.

    What a commit does not have is compared as if it were empty.

    :raises migrator.model.trouble.WorldError: neither is there, or a file may not be read
    """
    reader = new.reader or old.reader
    if reader is None:
        raise WorldError(f"Neither {old.label} nor {new.label} is there; name a file that one of them has")
    before, after = _read(old, reader.name, locale_encoding), _read(new, reader.name, locale_encoding)
    findings, alike = _list_findings((old, before), (new, after))
    sides = (_side(old, before.project), _side(new, after.project))
    if any(finding.severity is Severity.STOP for finding in findings):
        return Comparison(old=sides[0], new=sides[1], findings=findings)
    both = old.reader is not None and new.reader is not None
    unstated = find_unstated(before.project, after.project) if both else frozenset[PinField]()
    changes = compare(before.project, after.project)
    if before.project.format == after.project.format and PinField.GROUPS not in unstated:
        changes = tell_by_group(changes, before.project, after.project)
    entries = compare_entries(before.project, after.project)
    return Comparison(
        old=sides[0],
        new=sides[1],
        changes=changes,
        wishes=compare_wishes(before.project, after.project),
        entries=tuple(entry for entry in entries if both or entry.kind not in _OF_A_FILE),
        unstated=unstated,
        findings=findings,
        alike=alike,
    )


def _read(given: Given, otherwise: str, locale_encoding: str) -> Reading:
    if given.reader is None:
        return Reading(project=Project(format=otherwise, origin=Origin(path=given.path)))
    return read_with_companions(given.reader, given.tree, (Input(path=given.path),), locale_encoding)


def _side(given: Given, project: Project) -> Side:
    direct, transitive = find_direct(project)
    return Side(
        label=given.label,
        project=project,
        present=given.reader is not None,
        place=given.place,
        revision=given.revision,
        direct=direct,
        transitive=transitive,
    )


def _list_findings(old: tuple[Given, Reading], new: tuple[Given, Reading]) -> tuple[tuple[Finding, ...], int]:
    """What the readers remarked, and how many remarks are the same for both: these are no difference.

    Of the old side only what was left out matters: nobody mends it any more.
    """
    told = {f for f in old[1].findings if _matters(f)}, {f for f in new[1].findings if _matters(f)}
    alike = {(f.code, f.message) for f in told[0]} & {(f.code, f.message) for f in told[1]}
    findings = [
        replace(finding, origin=_show(given, finding.origin))
        for given, reading in (old, new)
        for finding in reading.findings
        if _matters(finding)
        and (finding.severity is Severity.STOP or (finding.code, finding.message) not in alike)
        and (given is new[0] or finding.severity is Severity.STOP or finding.code in _LEFT_OUT)
    ]
    findings += [passed for given, _ in (old, new) for passed in _list_passed(given)]
    return tuple(dict.fromkeys(findings)), len(alike)


def _matters(finding: Finding) -> bool:
    return finding.severity is not Severity.NOTE and finding.code not in _OF_A_MIGRATION


def _show(given: Given, origin: Origin | None) -> Origin:
    return Origin(path=given.label) if origin is None else replace(origin, path=given.place + origin.path)


def _list_passed(given: Given) -> Iterable[Finding]:
    if not isinstance(given.tree, Commit):
        return
    for passed in given.tree.passed:
        yield Finding(
            code=Code.LINK_NOT_FOLLOWED,
            severity=Severity.REVIEW,
            message=f"{passed.path} is {passed.kind} in that commit, so it was not read",
            origin=Origin(path=given.label),
            advice="Compare the files themselves",
        )
