"""The files of one expression, read together: the main file, what it imports, and what stands beside it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Companion, CompanionRole, NativeInput, Option, PythonHint
from migrator.model.reader import Input
from migrator.model.tree import Tree
from migrator.nix import parse as syntax
from migrator.nix.unfold import File, Unfolder
from migrator.nix.values import FilePath, Scope

from .command import SPECIFICATION, UNKNOWN, Header, read_header
from .expression import (
    Frame,
    Generated,
    find_file,
    find_generated,
    find_interpreter,
    find_overrides,
    read_frame,
    read_inputs,
    share_inputs,
    version_of,
)
from .lookup import Lookup
from .overrides import OverrideReader
from .packages import read_package
from .renames import today
from .told import Collected, origin_of, origin_of_thunk, quote
from .wishes import read_wishes

if TYPE_CHECKING:
    from tree_sitter import Node

_GENERATED = "_generated.nix"
_MOST_TOLD = 20
_TEMPLATE = frozenset({"patching pip so it does not try to remove files when running nix-shell"})


class Document:
    """Reads one input after another into ``collected``."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, File | None] = {}
        self.collected = Collected()
        self.python: SpecifierSet | None = None

    def read(self, given: Input) -> None:
        """Read the expression at ``given.path`` and all that belongs to it."""
        path = self._main_of(given.path)
        file = self._load(path)
        if file is None:
            if self._tree.read(path) is None:
                self.tell_missing(path, Origin(path=path))
            return
        Reading(self, file, given.group).read()

    def _main_of(self, path: str) -> str:
        """The main file of a generated one, where that still imports it."""
        if not path.endswith(_GENERATED):
            return path
        main = path.removesuffix(_GENERATED) + ".nix"
        file = self._load(main, quiet=True)
        expression = None if file is None else syntax.expression_of(file.root)
        if expression is None:
            return path
        generated = find_generated(read_frame(expression, main, Unfolder(self.load)), Unfolder(self.load))
        return main if isinstance(generated, Generated) and generated.path == path else path

    # files

    def load(self, path: FilePath) -> File | None:
        """The Nix file at a path in an expression; None where it is not there."""
        if path.text.startswith("<") or not path.text.endswith(".nix"):
            return None
        return self._load(find_file(path))

    def _load(self, path: str, *, quiet: bool = False) -> File | None:
        if path not in self._files:
            data = self._tree.read(path)
            self._files[path] = None if data is None else File(path, syntax.parse(self._decode(data, path)))
        file = self._files[path]
        if file is not None and not quiet and path not in self.collected.sources:
            self.collected.sources.append(path)
            self._tell_refused(file)
            self._note_comments(file)
        return file

    def _note_comments(self, file: File) -> None:
        """What people have written beside the code; the header and the template's own comment are none of theirs."""
        header = read_header(syntax.comments_at_start(file.root))
        last = 0 if header is None else header.last
        for text, line in syntax.find_comments(file.root, file.root.text or b""):
            for offset, part in enumerate(text.removeprefix("/*").removesuffix("*/").split("\n")):
                shown = part.strip().lstrip("#").strip()
                at = line + offset
                if shown and at > last and shown not in _TEMPLATE:
                    self.collected.comments.append(
                        Comment(text=shown, origin=Origin(path=file.path, line=at, end_line=at))
                    )

    def _decode(self, data: bytes, path: str) -> bytes:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.collected.tell(
                Code.UNDECODABLE,
                Severity.REVIEW,
                f"{path} is not UTF-8 (line {line}: {error.reason}); what is no UTF-8 was read as �.",
                Origin(path=path, line=line, end_line=line),
                "Save it as UTF-8 and read it again.",
            )
            return data.decode("utf-8", "replace").encode()
        return data

    def _tell_refused(self, file: File) -> None:
        told = 0
        for node, missing in syntax.find_refused(file.root):
            place = syntax.place_of(node)
            what = f"`{missing}` is missing here" if missing else f"this is no Nix: {quote(node)}"
            self.collected.tell(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{file.path}:{place.line}:{place.column}: {what}; the rest of the file was read.",
                Origin(path=file.path, line=place.line, end_line=place.end_line),
                "Look whether an entry is lost there; Nix itself says more with nix-instantiate --parse.",
            )
            told += 1
            if told == _MOST_TOLD:
                return

    def exists(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return self._tree.read(path) is not None

    def tell_missing(self, name: str, origin: Origin) -> None:
        """Say that the file ``name``, which is named at ``origin``, is not there."""
        self.collected.tell(
            Code.MISSING_INCLUDE,
            Severity.REVIEW,
            f"{name} is not there, so nothing of it was read.",
            origin,
            "Add the file, or take its name out.",
        )


class Reading:
    """One expression on its way into what has been collected."""

    def __init__(self, document: Document, file: File, group: str) -> None:
        self._document = document
        self._collected = document.collected
        self._file = file
        self._group = group
        self._unfolder = Unfolder(document.load)

    def read(self) -> None:
        """Read all of it."""
        header = read_header(syntax.comments_at_start(self._file.root))
        if header is not None:
            self._read_options(header)
        self._read_companions(header)
        expression = syntax.expression_of(self._file.root)
        if expression is None:
            self._tell_nothing()
            return
        frame = read_frame(expression, self._file.path, self._unfolder)
        generated = find_generated(frame, self._unfolder)
        if isinstance(generated, FilePath):
            self._document.tell_missing(generated.text, Origin(path=self._file.path))
        self._read_python(frame, header)
        self._read_natives(frame, generated if isinstance(generated, Generated) else None, header)
        if isinstance(generated, Generated):
            self._read_packages(generated)
            self._unfolder.known = {"super": tuple(generated.entries)}
        if not self._read_overrides(frame, expression) and generated is None:
            self._tell_nothing()

    def _tell_nothing(self) -> None:
        self._collected.tell(
            Code.NOTHING_READ,
            Severity.STOP,
            f"{self._file.path} holds no package that pypi2nix would have written.",
            Origin(path=self._file.path),
            "Name the file that pypi2nix wrote, usually requirements.nix.",
        )

    def _read_options(self, header: Header) -> None:
        origin = Origin(path=self._file.path, line=header.line, end_line=header.line)
        folder = posixpath.dirname(self._file.path)
        for option, value in header.given:
            if option not in {SPECIFICATION, UNKNOWN}:
                self._collected.options.append(Option(option=option, value=value, origin=origin))
            wished = read_wishes(value, folder, self._group, origin) if option in {SPECIFICATION, "--editable"} else ()
            self._collected.declared += wished
            if option == UNKNOWN or (not wished and option in {SPECIFICATION, "--editable"}):
                self._collected.tell(
                    Code.NOT_UNDERSTOOD,
                    Severity.REVIEW,
                    f"`{value}` on the command line in the header is no option of pypi2nix and no requirement.",
                    origin,
                    "Look what it was for; if it is a requirement, write it into the requirements file.",
                )

    def _read_companions(self, header: Header | None) -> None:
        """The requirements files that the command names, or the one of the same name; and the frozen one beside."""
        folder = posixpath.dirname(self._file.path)
        stem = self._file.path.removesuffix(_GENERATED).removesuffix(".nix")
        whole = Origin(path=self._file.path)
        origin = whole if header is None else Origin(path=self._file.path, line=header.line, end_line=header.line)
        named = header.values("--requirements") if header is not None else ()
        for name in dict.fromkeys(named):
            path = self._find_requirements(name, folder)
            if path is None:
                self._document.tell_missing(name, origin)
            else:
                self._accompany(path, CompanionRole.ROOTS, origin)
        if header is None or header.command is None:
            for beside in dict.fromkeys((f"{stem}.txt", posixpath.join(folder, "requirements.txt"))):
                if self._document.exists(beside):
                    self._accompany(beside, CompanionRole.ROOTS, whole)
                    break
        if self._document.exists(f"{stem}_frozen.txt"):
            self._accompany(f"{stem}_frozen.txt", CompanionRole.FROZEN, whole)

    def _find_requirements(self, name: str, folder: str) -> str | None:
        """Where a file that the command names is: it ran beside the expression, above it, or on another machine."""
        absolute = name.startswith(("/", "~"))
        tries = [] if absolute else [posixpath.join(folder, name), posixpath.join(folder, "..", name), name]
        tries += [posixpath.join(folder, posixpath.basename(name)), posixpath.basename(name)]
        for path in dict.fromkeys(map(posixpath.normpath, tries)):
            if self._document.exists(path) and not path.endswith(".nix"):
                return path
        return None

    def _accompany(self, path: str, role: CompanionRole, origin: Origin) -> None:
        self._collected.companions.append(
            Companion(format="requirements", path=path, role=role, origin=origin, group=self._group)
        )

    def _read_python(self, frame: Frame, header: Header | None) -> None:
        found = find_interpreter(frame, self._unfolder)
        origin = Origin(path=self._file.path)
        version = None
        if found is not None:
            version = version_of(found.attribute)
            origin = origin if found.thunk is None else origin_of_thunk(found.thunk, origin)
        elif header is not None:
            asked = header.values("--python-version")
            version = _asked_version(asked[-1]) if asked else None
            origin = Origin(path=self._file.path, line=header.line, end_line=header.line)
        if version is None:
            return
        if "." in version and self._document.python is None:
            self._document.python = SpecifierSet(f"=={version}.*")
        self._collected.hints.append(PythonHint(range=SpecifierSet(f">={version}"), stated=False, origin=origin))

    def _read_natives(self, frame: Frame, generated: Generated | None, header: Header | None) -> None:
        shared = share_inputs(frame, generated)
        named = dict.fromkeys(
            word for value in (header.values("--extra-build-inputs") if header else ()) for word in value.split()
        )
        if shared is None or (shared.node is not None and self._file.path.endswith(_GENERATED)):
            origin = Origin(path=self._file.path, line=header.line, end_line=header.line) if header else None
            for attribute in named:
                assert origin is not None
                self._collected.natives.append(NativeInput(attribute=attribute, today=today(attribute), origin=origin))
            return
        found, others = read_inputs(shared, self._unfolder)
        whole = origin_of_thunk(shared, Origin(path=self._file.path))
        for path, thunk in found:
            attribute = ".".join(path[1:] if path[0] == "pkgs" else path)
            self._collected.natives.append(
                NativeInput(attribute=attribute, today=today(attribute), origin=origin_of_thunk(thunk, whole))
            )
        for other in others:
            node = getattr(other, "node", None) or shared.node
            if node is not None:
                self._collected.tell(
                    Code.NOT_UNDERSTOOD,
                    Severity.REVIEW,
                    f"Something in commonBuildInputs is not understood: {quote(node)}.",
                    origin_of(node, shared.scope.file),
                    "Look which packages of nixpkgs it names.",
                )

    def _read_overrides(self, frame: Frame, expression: Node) -> bool:
        """Whether there are any, or a place for them."""
        reader = OverrideReader(self._unfolder, self._collected)
        whole = Origin(path=self._file.path)
        found = False
        for thunk in find_overrides(frame):
            found = reader.read(thunk.settle(self._unfolder), origin_of_thunk(thunk, whole)) or found
        if found or not frame.arguments:
            return found
        if len(frame.arguments) > 1:
            return reader.read(self._unfolder.unfold(expression, Scope(self._file.path)), whole)
        beside = self._file.path.removesuffix(_GENERATED).removesuffix(".nix") + "_override.nix"
        file = self._document.load(FilePath(f"./{posixpath.basename(beside)}", self._file.path))
        inner = None if file is None else syntax.expression_of(file.root)
        if inner is None:
            return False
        return reader.read(self._unfolder.unfold(inner, Scope(beside)), Origin(path=beside))

    def _read_packages(self, generated: Generated) -> None:
        lookup = Lookup(self._unfolder, generated.own, generated.entries)
        for name, thunk in generated.entries.items():
            pin = read_package(name, thunk, self._group, lookup, self._collected)
            if pin is not None:
                self._collected.pins.append(pin)


def _asked_version(text: str) -> str | None:
    """The version that ``-V`` means: ``3.5``, ``3``, ``python35``."""
    digits = text.strip()
    if digits.replace(".", "").isdigit():
        return "2.7" if digits == "2" else digits
    return version_of(digits)
