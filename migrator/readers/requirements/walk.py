"""From an input file through everything that it includes, in pip's order."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Dependency, Option, Pin, PythonHint
from migrator.model.reader import Input
from migrator.model.tree import Tree
from migrator.model.url import mask_credentials

from .annotations import read_header, take_via
from .collected import Collected, IndexLedger
from .decoding import Undecodable, decode
from .discovery import group_of_include
from .lines import Line, read_lines
from .pins import PlainPin, read_pin
from .places import File, Place

if TYPE_CHECKING:
    from .slow import SlowPath

_MOST_READS = 2_000
_DEEPEST = 60
_ADDRESS = ("http:", "https:", "ftp:")


class Walk:
    """Reads inputs one after the other into one :class:`~.collected.Collected`."""

    def __init__(self, tree: Tree, locale_encoding: str) -> None:
        self.collected = Collected()
        self._tree = tree
        self._locale_encoding = locale_encoding
        self._reads = 0
        self._ledger = IndexLedger(self.collected)

    def read(self, given: Input) -> None:
        """Read one input and what it includes; pip's rule for indexes begins anew."""
        self._ledger = IndexLedger(self.collected)
        path = posixpath.normpath(given.path)
        data = self._tree.read(path)
        if data is None:
            what = "is a folder" if self._tree.is_folder(path) else "is not there"
            self.collected.tell(
                Code.MISSING_INCLUDE,
                Severity.STOP,
                f"{path} {what}, so it cannot be read.",
                Origin(path=path),
                "Name a requirements file.",
            )
            return
        self._read_file(File(path, given.group, given.constraint), data)

    def include(self, place: Place, target: str, *, constraint: bool) -> None:
        """Follow ``-r`` or ``-c``: ``target`` is relative to the file that names it."""
        file, origin = place.file, place.origin
        option = "--constraint" if constraint else "--requirement"
        remote = target.lower().startswith(_ADDRESS)
        written = unquote(target[5:].removeprefix("//")) if target[:5].lower() == "file:" else target
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), written))
        trouble = self._obstacle(file, target, path, remote=remote)
        data = None
        if trouble is None:
            data = self._tree.read(path)
            if data is None:
                what = "is a folder" if self._tree.is_folder(path) else "is not there"
                trouble = Code.MISSING_INCLUDE, f"{path} {what}", f"Add the file, or take the {option} line out."
        if trouble is not None or data is None:
            code, why, advice = trouble or (Code.MISSING_INCLUDE, "", "")
            self.collected.tell(
                code, Severity.REVIEW, f"{option} {mask_credentials(target)} is not followed: {why}.", origin, advice
            )
            return
        value = mask_credentials(target)
        self.collected.options.append(Option(option=option, value=value, origin=origin, comment=place.comment))
        group = group_of_include(path, file.group)
        self._read_file(File(path, group, constraint, above=(*file.above, file.path)), data)

    def _obstacle(self, file: File, target: str, path: str, *, remote: bool) -> tuple[Code, str, str] | None:
        if remote:
            advice = "Download the file, put it beside this one and include it there."
            return Code.REMOTE_INCLUDE, "it is an address and nothing is downloaded", advice
        if path == file.path or path in file.above:
            way = " → ".join((*file.above[file.above.index(path) :], file.path) if path in file.above else (path,))
            return Code.INCLUDE_CYCLE, f"it leads back to itself ({way} → {path})", "Take one of these lines out."
        if "${" in target:
            return Code.MISSING_INCLUDE, "its path holds a variable", "Write the path itself."
        if self._reads >= _MOST_READS or len(file.above) >= _DEEPEST:
            return Code.INCLUDE_CYCLE, "too many files are included already", "Flatten the includes."
        return None

    def _read_file(self, file: File, data: bytes) -> None:
        self._reads += 1
        if file.path not in self.collected.sources:
            self.collected.sources.append(file.path)
        text = decode(data, self._locale_encoding)
        if isinstance(text, Undecodable):
            self.collected.tell(
                Code.UNDECODABLE,
                Severity.REVIEW,
                f"{file.path} is not {text.encoding} ({text.why}), so nothing of it is read.",
                Origin(path=file.path),
                "Save the file as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-",
            )
            return
        lines = list(read_lines(text))
        header = read_header(lines)
        if header is not None:
            file = file._replace(compiled=True)
            if header.python is not None:
                origin = Origin(path=file.path, line=header.line, end_line=header.line)
                self.collected.hints.append(PythonHint(range=header.python, stated=False, origin=origin))
        self._read_lines(file, lines)

    def _read_lines(self, file: File, lines: Sequence[Line]) -> None:
        index = 0
        while index < len(lines):
            line = lines[index]
            via: tuple[str, ...] = ()
            end = line.end
            comment = line.comment
            if line.text:
                taken = take_via(lines, index)
                if taken is not None:
                    via, index = taken
                    end = lines[index].end
                    comment = None
            index += 1
            origin = Origin(path=file.path, line=line.start, end_line=end)
            comment = _clean(comment)
            pin = read_pin(line.text)
            if pin is not None:
                self._add_pin(pin, Place(file, line.text, origin, comment, via))
            elif line.text:
                self._slow.read(Place(file, line.text, origin, comment, via))
            elif comment is not None:
                self.collected.comments.append(Comment(text=comment, origin=origin))
            else:
                self.collected.tell(
                    Code.NOT_UNDERSTOOD, Severity.NOTE, "There is nothing but a backslash here.", origin, "Take it out."
                )

    def _add_pin(self, pin: PlainPin, place: Place) -> None:
        file = place.file
        self.collected.declared.append(
            Dependency(
                name=pin.name,
                raw_name=pin.raw_name,
                origin=place.origin,
                specifier=pin.specifier,
                extras=pin.extras,
                marker=pin.marker,
                group=file.group,
                constraint=file.constraint,
                hashes=pin.hashes,
                comment=place.comment,
                via=place.via,
                by_hand=file.by_hand,
                compiled=file.compiled,
            )
        )
        if not file.constraint:
            self.collected.pins.append(
                Pin(
                    name=pin.name,
                    raw_name=pin.raw_name,
                    version=pin.version,
                    origin=place.origin,
                    hashes=pin.hashes,
                    marker=pin.marker,
                    groups=frozenset({file.group}),
                    extras=pin.extras,
                )
            )

    @cached_property
    def _slow(self) -> SlowPath:
        from .slow import SlowPath  # pip-requirements-parser costs 30 ms that plain pins never need

        return SlowPath(walk=self, tree=self._tree, ledger=lambda: self._ledger)


def _clean(comment: str | None) -> str | None:
    return None if comment is None else mask_credentials(comment.strip())
