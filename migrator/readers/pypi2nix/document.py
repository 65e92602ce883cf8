"""One expression and all that belongs to it: the main file, what it imports, and what stands beside it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Companion, CompanionRole, NativeInput, Option, PythonHint
from migrator.model.reader import Input
from migrator.model.tree import Tree
from migrator.model.url import mask_credentials
from migrator.nix import parse as syntax
from migrator.nix.unfold import File, Unfolder
from migrator.nix.values import FilePath, Scope, Thunk

from .command import SPECIFICATION, UNKNOWN, Header, read_header
from .expression import (
    Frame,
    Generated,
    find_generated,
    find_interpreter,
    find_overrides,
    find_strays,
    read_frame,
    read_inputs,
    share_inputs,
    version_of,
)
from .files import Files, find_file
from .lookup import Lookup, package_set
from .overrides import OverrideReader
from .packages import read_package
from .renames import names_today, today
from .told import Collected, origin_of, origin_of_thunk, quote
from .wishes import read_wishes

if TYPE_CHECKING:
    from tree_sitter import Node

GENERATED, OVERRIDE, FROZEN = "_generated.nix", "_override.nix", "_frozen.txt"


class Document:
    """Reads one input after another into ``collected``."""

    def __init__(self, tree: Tree) -> None:
        self.collected = Collected()
        self.python: SpecifierSet | None = None
        self._files = Files(tree, self.collected)

    def read(self, given: Input) -> None:
        """Read the expression at ``given.path`` and all that belongs to it."""
        path = self._main_of(given.path)
        file = self._files.read(path)
        if file is None:
            self.collected.tell(
                Code.MISSING_INCLUDE,
                Severity.REVIEW,
                f"{path} is not there, so nothing of it was read.",
                Origin(path=path),
                "Name an expression that is there.",
            )
            return
        reading = _Reading(self._files, self.collected, file, given.group)
        reading.read()
        self.python = self.python or reading.python

    def _main_of(self, path: str) -> str:
        """The main file of a generated one, where that still imports it."""
        if not path.endswith(GENERATED):
            return path
        main = path.removesuffix(GENERATED) + ".nix"
        file = self._files.peek(main)
        expression = None if file is None else syntax.expression_of(file.root)
        if expression is None:
            return path
        unfolder = Unfolder(lambda there: self._files.peek(find_file(there)))
        generated = find_generated(read_frame(expression, main, unfolder), unfolder)
        return main if isinstance(generated, Generated) and generated.path == path else path


class _Reading:
    """One expression on its way into what has been collected."""

    def __init__(self, files: Files, collected: Collected, file: File, group: str) -> None:
        self.python: SpecifierSet | None = None
        self._files = files
        self._collected = collected
        self._file = file
        self._group = group
        self._unfolder = Unfolder(files.load)
        self._whole = Origin(path=file.path)
        self._header = read_header(syntax.comments_at_start(file.root))
        line = 0 if self._header is None else self._header.line
        self._at_header = Origin(path=file.path, line=line, end_line=line)

    def read(self) -> None:
        """Read all of it."""
        if self._header is not None:
            self._read_options(self._header)
        self._read_companions(self._header)
        expression = syntax.expression_of(self._file.root)
        if expression is None:
            self._tell_nothing()
            return
        frame = read_frame(expression, self._file.path, self._unfolder)
        generated = find_generated(frame, self._unfolder)
        if isinstance(generated, FilePath):
            self._tell_missing(generated.text, self._whole)
            generated = Generated({}, "self", self._file.path)
        generated = find_strays(generated, self._file, frame.scope, self._unfolder)
        self._read_python(frame)
        self._read_natives(frame, generated)
        if generated is not None:
            self._read_packages(generated)
            self._unfolder.known = {"super": tuple(generated.entries)}
            self._tell_stale(generated)
        found = self._read_overrides(frame, expression)
        if generated is None:
            self._tell_overrides_only() if found else self._tell_nothing()
        self._tell_limits()

    # the command line

    def _read_options(self, header: Header) -> None:
        folder = posixpath.dirname(self._file.path)
        for option, value in header.given:
            if option not in {SPECIFICATION, UNKNOWN}:
                shown = mask_credentials(value)
                self._collected.options.append(Option(option=option, value=shown, origin=self._at_header))
            if option not in {SPECIFICATION, "--editable", UNKNOWN}:
                continue
            wished = () if option == UNKNOWN else read_wishes(value, folder, self._group, self._at_header)
            self._collected.declared += [wish for wish in wished if wish.raw_name]
            if not wished:
                self._collected.tell(
                    Code.NOT_UNDERSTOOD,
                    Severity.REVIEW,
                    f"`{value}` on the command line in the header is no option of pypi2nix and no requirement.",
                    self._at_header,
                    "Look what it was for; if it is a requirement, write it into the requirements file.",
                )
            elif not all(wish.raw_name for wish in wished):
                self._collected.tell(
                    Code.NAMELESS_URL,
                    Severity.REVIEW,
                    f"`{value}` on the command line in the header does not say which package it is.",
                    self._at_header,
                    "Write it into the requirements file, with its name before the address: NAME @ ADDRESS.",
                )

    def _values(self, option: str) -> tuple[str, ...]:
        return () if self._header is None else self._header.values(option)

    # what stands beside

    def _read_companions(self, header: Header | None) -> None:
        """The requirements files that the command names, or the one of the same name; and the frozen one beside."""
        folder = posixpath.dirname(self._file.path)
        stem = self._file.path.removesuffix(GENERATED).removesuffix(".nix")
        for name in dict.fromkeys(self._values("--requirements")):
            path = self._find_requirements(name, folder)
            if path is None and name.endswith(".nix"):
                self._tell_no_requirements(name)
            elif path is None:
                self._tell_missing(name, self._at_header)
            else:
                self._accompany(path, CompanionRole.ROOTS, self._at_header)
        if header is None or header.command is None:
            for beside in dict.fromkeys((f"{stem}.txt", posixpath.join(folder, "requirements.txt"))):
                if self._files.exists(beside):
                    self._accompany(beside, CompanionRole.ROOTS, self._whole)
                    break
        if self._files.exists(stem + FROZEN):
            self._accompany(stem + FROZEN, CompanionRole.FROZEN, self._whole)

    def _find_requirements(self, name: str, folder: str) -> str | None:
        """Where a file that the command names is: it ran beside the expression, above it, or on another machine."""
        absolute = name.startswith(("/", "~"))
        tries = [] if absolute else [posixpath.join(folder, name), posixpath.join(folder, "..", name), name]
        tries += [posixpath.join(folder, posixpath.basename(name)), posixpath.basename(name)]
        for path in dict.fromkeys(map(posixpath.normpath, tries)):
            if self._files.exists(path) and not path.endswith(".nix"):
                return path
        return None

    def _accompany(self, path: str, role: CompanionRole, origin: Origin) -> None:
        self._collected.companions.append(
            Companion(format="requirements", path=path, role=role, origin=origin, group=self._group)
        )

    # the expression

    def _read_python(self, frame: Frame) -> None:
        found = find_interpreter(frame, self._unfolder)
        asked = next(map(_asked_version, reversed(self._values("--python-version"))), None)
        version, origin = asked, self._at_header
        if found is not None:
            version = version_of(found.attribute)
            origin = origin_of_thunk(found.thunk, self._whole)
            if asked is not None and version is not None and not _agree(version, asked):
                self._tell_differs(f"names Python {asked}, the expression has {found.attribute}", origin)
        if version is None:
            return
        if "." in version:
            self.python = SpecifierSet(f"=={version}.*")
        self._collected.hints.append(PythonHint(range=SpecifierSet(f">={version}"), stated=False, origin=origin))

    def _read_natives(self, frame: Frame, generated: Generated | None) -> None:
        named = dict.fromkeys(word for value in self._values("--extra-build-inputs") for word in value.split())
        shared = share_inputs(frame, generated)
        if shared is None or generated is None or (generated.path == frame.path and frame.arguments):
            # a generated file by itself: its list is empty where nobody gives it one
            for attribute in named:
                self._add_native(attribute, self._at_header)
            return
        found, others = read_inputs(shared, self._unfolder)
        whole = origin_of_thunk(shared, self._whole)
        listed = {}
        for path, thunk in found:
            attribute = ".".join(path[1:] if path[0] == "pkgs" else path)
            listed[attribute] = True
            self._add_native(attribute, origin_of_thunk(thunk, whole))
        for other in others:
            node = (other.node if isinstance(other, Thunk) else None) or shared.node
            if node is not None:
                self._tell_not_understood("Something in commonBuildInputs", node, shared.scope.file)
        missing = [attribute for attribute in named if attribute not in listed]
        if missing and not others:
            self._tell_differs(f"names {', '.join(missing)}, which commonBuildInputs does not have", whole)

    def _add_native(self, attribute: str, origin: Origin) -> None:
        self._collected.natives.append(NativeInput(attribute=attribute, today=today(attribute), origin=origin))

    def _read_packages(self, generated: Generated) -> None:
        lookup = Lookup(self._unfolder, generated.own, generated.entries)
        for name, thunk in generated.entries.items():
            pin = read_package(name, thunk, self._group, lookup, self._collected)
            if pin is not None:
                self._collected.pins.append(pin)

    def _read_overrides(self, frame: Frame, expression: Node) -> bool:
        """Whether there are any, or a place for them."""
        reader = OverrideReader(self._unfolder, self._collected)
        found = False
        for thunk in find_overrides(frame):
            found = reader.read(thunk.settle(self._unfolder), origin_of_thunk(thunk, self._whole)) or found
        if found:
            return True
        if not self._collected.pins:
            return reader.read(self._unfolder.unfold(expression, Scope(self._file.path)), self._whole)
        return self._read_overrides_beside(reader) if frame.arguments else False

    def _read_overrides_beside(self, reader: OverrideReader) -> bool:
        """The override file of a generated one that no main file imports."""
        beside = self._file.path.removesuffix(GENERATED).removesuffix(".nix") + OVERRIDE
        file = self._files.read(beside)
        expression = None if file is None else syntax.expression_of(file.root)
        if expression is None:
            return False
        return reader.read(self._unfolder.unfold(expression, Scope(beside)), Origin(path=beside))

    # findings

    def _tell_nothing(self) -> None:
        self._collected.tell(
            Code.NOTHING_READ,
            Severity.STOP,
            f"{self._file.path} holds no package that pypi2nix would have written.",
            self._whole,
            "Name the file that pypi2nix wrote, usually requirements.nix.",
        )

    def _tell_overrides_only(self) -> None:
        is_beside = self._file.path.endswith(OVERRIDE)
        main = self._file.path.removesuffix(OVERRIDE) + ".nix" if is_beside else "the file that imports it"
        self._collected.tell(
            Code.NOTHING_READ,
            Severity.REVIEW,
            f"{self._file.path} holds overrides and no packages.",
            self._whole,
            f"Name {main} to read both.",
        )

    def _tell_missing(self, name: str, origin: Origin) -> None:
        self._collected.tell(
            Code.MISSING_INCLUDE,
            Severity.REVIEW,
            f"{name} is not there, so nothing of it was read.",
            origin,
            "Add the file, or take its name out.",
        )

    def _tell_no_requirements(self, name: str) -> None:
        self._collected.tell(
            Code.MISSING_INCLUDE,
            Severity.REVIEW,
            f"{name} is named as a requirements file, and is a Nix file: which packages the project itself asks for is "
            "inferred.",
            self._at_header,
            "Name the requirements file, if there is one: --group main=FILE",
        )

    def _tell_not_understood(self, what: str, node: Node, file: str) -> None:
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"{what} is not understood: {quote(node)}.",
            origin_of(node, file),
            "Look what it is for; it was left out.",
        )

    def _tell_differs(self, what: str, origin: Origin) -> None:
        self._collected.tell(
            Code.COMMAND_DIFFERS,
            Severity.NOTE,
            f"The command line in the header {what}; what the expression has is what was built.",
            origin,
        )

    def _tell_stale(self, generated: Generated) -> None:
        """A generated file that stands beside and that the main file does not import."""
        beside = self._file.path.removesuffix(".nix") + GENERATED
        if not self._file.path.endswith(GENERATED) and generated.path != beside and self._files.exists(beside):
            self._collected.tell(
                Code.LEFTOVER,
                Severity.NOTE,
                f"{beside} is of an older pypi2nix; {self._file.path} does not import it, so it was not read.",
                Origin(path=beside),
                "Delete it.",
            )

    def _tell_limits(self) -> None:
        for name, thunk in self._unfolder.repeated:
            origin = origin_of_thunk(thunk, self._whole, name)
            self._collected.tell(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{name} stands there twice, which Nix refuses; the last one was read.",
                origin,
                "Take one of them out.",
            )
        for thunk in self._unfolder.nameless:
            if thunk.entry is not None and package_set(thunk.node) is not None:
                self._tell_not_understood("The name of a package", thunk.entry, thunk.scope.file)
        if self._unfolder.exhausted:
            self._collected.tell(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{self._file.path} is nested too deeply, or makes too much of too little, to be read to its end.",
                self._whole,
                "Compare what was read with the file.",
            )
        for native in {native.attribute: native for native in self._collected.natives}.values():
            self._tell_renamed(native)

    def _tell_renamed(self, native: NativeInput) -> None:
        names = names_today(native.attribute)
        if len(names) == 1:
            return
        said = f"is several packages of nixpkgs today: {', '.join(names)}" if names else "is in nixpkgs no more"
        self._collected.tell(
            Code.NATIVE_RENAMED,
            Severity.NOTE if names else Severity.REVIEW,
            f"The native input {native.attribute} {said}.",
            native.origin,
            "Look which of them is needed." if names else "Look what took its place, if anything needs it.",
        )


def _asked_version(text: str) -> str | None:
    """The version that ``-V`` means: ``3.5``, ``3``, ``python35``."""
    digits = text.strip()
    if digits.replace(".", "").isdigit():
        return "2.7" if digits == "2" else digits
    return version_of(digits)


def _agree(one: str, other: str) -> bool:
    """Whether two versions can be the same: ``3`` is any 3.x."""
    return one == other or f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
