"""The Nix files of a project: read once, parsed, and their comments and what is no Nix in them told."""

from __future__ import annotations

import codecs
import posixpath

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment
from migrator.model.tree import Tree
from migrator.model.url import mask_credentials
from migrator.nix import parse as syntax
from migrator.nix.unfold import File
from migrator.nix.values import FilePath

from .command import read_header
from .told import Collected, quote

_MOST_TOLD = 10
_MANY_LINES = 3
"""A part of so many lines is no typing error in itself: something that opens or closes it is."""
_TEMPLATE = frozenset({"patching pip so it does not try to remove files when running nix-shell"})
"""The one comment that pypi2nix itself writes into an expression."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Files:
    """Parsed files by their paths in the tree."""

    def __init__(self, tree: Tree, collected: Collected) -> None:
        self._tree = tree
        self._collected = collected
        self._parsed: dict[str, File | None] = {}

    def load(self, path: FilePath) -> File | None:
        """The Nix file at a path in an expression; None where it is not there."""
        return None if path.text.startswith("<") or not path.text.endswith(".nix") else self.read(find_file(path))

    def read(self, path: str) -> File | None:
        """The Nix file at ``path``, as one of the sources; None where it is not there."""
        file = self.peek(path)
        if file is not None and path not in self._collected.sources:
            self._collected.sources.append(path)
            self._tell_refused(file)
            self._note_comments(file)
        return file

    def peek(self, path: str) -> File | None:
        """The same, without making it a source."""
        if path not in self._parsed:
            data = self._tree.read(path)
            self._parsed[path] = None if data is None else File(path, syntax.parse(self._decode(data, path)))
        return self._parsed[path]

    def exists(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return self._tree.read(path) is not None

    def _decode(self, data: bytes, path: str) -> bytes:
        """``data`` in UTF-8, which Nix itself does not check."""
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._tell_undecodable(path, 1, "it is UTF-16; Nix reads UTF-8")
            return data.decode("utf-16", "replace").encode()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._tell_undecodable(path, data.count(b"\n", 0, error.start) + 1, error.reason)
            data = data.decode("utf-8", "replace").encode()
        if b"\0" in data:
            self._tell_undecodable(path, data.count(b"\n", 0, data.index(b"\0")) + 1, "a NUL, which Nix cannot hold")
            data = data.replace(b"\0", _REPLACEMENT.encode())
        return data.removeprefix(codecs.BOM_UTF8)

    def _tell_undecodable(self, path: str, line: int, why: str) -> None:
        self._collected.tell(
            Code.UNDECODABLE,
            Severity.REVIEW,
            f"{path} is not UTF-8 in line {line}: {why}. What cannot be read was read as {_REPLACEMENT}.",
            Origin(path=path, line=line, end_line=line),
            "Save it as UTF-8 and read it again.",
        )

    def _tell_refused(self, file: File) -> None:
        refused = list(syntax.find_refused(file.root))
        for node, missing in refused[:_MOST_TOLD]:
            place = syntax.place_of(node)
            if missing:
                what = f"`{missing}` is missing"
            elif place.end_line - place.line > _MANY_LINES:
                what = f"up to line {place.end_line} a bracket or a quote is missing, or is too much"
            else:
                what = f"{quote(node)} is no Nix there"
            self._collected.tell(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{file.path}, line {place.line}, column {place.column}: {what}; the rest was read.",
                Origin(path=file.path, line=place.line, end_line=place.end_line),
                "Look whether something is lost there; nix-instantiate --parse says more.",
            )
        if len(refused) > _MOST_TOLD:
            self._collected.tell(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{len(refused) - _MOST_TOLD} more places of {file.path} are no Nix.",
                Origin(path=file.path),
                "Correct the first ones and read it again.",
            )

    def _note_comments(self, file: File) -> None:
        """What people have written beside the code; the header and the template's own comment are none of theirs."""
        header = read_header(syntax.comments_at_start(file.root))
        last = 0 if header is None else header.last
        for text, line in syntax.find_comments(file.root, file.root.text or b""):
            for offset, part in enumerate(text.removeprefix("/*").removesuffix("*/").split("\n")):
                shown = part.strip().lstrip("#").strip()
                at = line + offset
                if shown and at > last and shown not in _TEMPLATE:
                    self._collected.comments.append(
                        Comment(text=mask_credentials(shown), origin=Origin(path=file.path, line=at, end_line=at))
                    )


def find_file(path: FilePath) -> str:
    """Where a path of an expression leads.

    An absolute one is of the machine that the expression was made on: pypi2nix 1.0 wrote such, to files beside it.
    """
    folder = posixpath.dirname(path.file)
    relative = path.text.startswith(("./", "../"))
    return posixpath.normpath(posixpath.join(folder, path.text if relative else posixpath.basename(path.text)))
