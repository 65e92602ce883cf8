"""One entry of the generated set: ``"NAME" = python.mkDerivation { … };`` to a pin.

What pypi2nix itself writes is read form by form, without a second look. What a person has written instead is unfolded
(:mod:`migrator.nix.unfold`), and what even that does not tell is a finding.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, NativeInput, Override, OverrideKind, Pin
from migrator.model.source import FromIndex, FromPath, FromUrl
from migrator.model.url import Url
from migrator.model.version import AnyVersion, read_version
from migrator.nix import parse as syntax
from migrator.nix.unfold import Call, Constant, FilePath, Member, Record, Rest, Scope, Symbol, Thunk, Unfolder, Value
from migrator.nix.unfold import Words, path_of

from .origins import Fetched, read_fetch, read_path
from .renames import today
from .told import Collected, origin_of, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

COMMON = "commonBuildInputs"
_MAKERS = frozenset({"mkDerivation", "buildPythonPackage", "buildPythonApplication"})
_VERSION_OF_NAME = re.compile(r"-(?=[^a-zA-Z])(?P<version>.*)")
"""How Nix's ``parseDrvName`` finds the version: behind the first dash that no letter follows."""
_USUAL = frozenset({"meta", "pname", "version", "checkPhase", "installCheckPhase", "doCheck", "passthru"})


class PackageReader:
    """Reads the entries of one generated set, whose own name (``self``) is ``own``."""

    def __init__(self, unfolder: Unfolder, collected: Collected, own: str, names: Mapping[str, Thunk]) -> None:
        self._unfolder = unfolder
        self._collected = collected
        self._own = own.encode()
        self._names = names

    def read(self, raw_name: str, thunk: Thunk, group: str) -> Pin | None:
        """The pin of the entry ``raw_name``; None (and a finding) where it is no package."""
        node = thunk.entry or thunk.node
        if node is None or thunk.node is None:
            return None
        origin = origin_of(node, thunk.scope.file, raw_name)
        entries, scope = self._entries_of(thunk)
        if entries is None:
            self._tell_no_package(raw_name, thunk, origin)
            return None
        pin = _Draft(self, raw_name, origin, scope)
        for entry in entries:
            if isinstance(entry, syntax.Inherited):
                pin.take_inherited(entry)
            else:
                pin.take(entry)
        return pin.finish(group)

    def _entries_of(self, thunk: Thunk) -> tuple[tuple[syntax.Entry | syntax.Inherited, ...] | None, Scope]:
        argument = _argument_of(thunk.node)
        if argument is None:
            return None, thunk.scope
        scope = self._unfolder.local(argument.entries, thunk.scope) if argument.recursive else thunk.scope
        return argument.entries, scope

    def _tell_no_package(self, raw_name: str, thunk: Thunk, origin: Origin) -> None:
        value = thunk.settle(self._unfolder)
        path = path_of(value)
        if path:
            how, what = OverrideKind.ALIAS, f"is taken from nixpkgs ({'.'.join(path)})"
        elif value == Constant("null"):
            how, what = OverrideKind.NULL, "is null"
        else:
            how, what = OverrideKind.UNKNOWN, "is no package that pypi2nix would write"
        self._collected.overrides.append(
            Override(package=canonicalize_name(raw_name), raw_name=raw_name, how=how, origin=origin)
        )
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"The entry {raw_name} {what}, so it has no version to keep.",
            origin,
            "Look whether the project needs it, and name its version in the requirements file then.",
        )

    # values

    def text(self, node: Node, scope: Scope) -> str | None:
        """The string that ``node`` is, None where nobody can tell."""
        form = syntax.form_of(node)
        if isinstance(form, syntax.Text):
            if len(form.parts) == 1 and isinstance(form.parts[0], str):
                return form.parts[0]
            if not form.parts:
                return ""
        elif isinstance(form, syntax.Uri):
            return form.text
        return plain(self._unfolder.unfold(node, scope))

    def names(self, node: Node, scope: Scope) -> tuple[list[tuple[str, Thunk | Node]], list[Thunk | Rest]] | None:
        """The names in a list with where they stand, and what else is in it. None where it is no list."""
        quick = self._quick_names(node)
        if quick is not None:
            return quick, []
        found: list[tuple[str, Thunk | Node]] = []
        others: list[Thunk | Rest] = []
        for part in self._unfolder.parts(self._unfolder.unfold(node, scope)):
            if isinstance(part, Rest):
                if path_of(part.value) != (COMMON,):
                    others.append(part)
                continue
            name = self.name_of(part.settle(self._unfolder))
            if name:
                found.append((name, part))
            else:
                others.append(part)
        return found, others

    def _quick_names(self, node: Node) -> list[tuple[str, Thunk | Node]] | None:
        """``[ self."a" self."b" ]``, with ``commonBuildInputs ++`` before it or not: what is always written."""
        form = syntax.form_of(node)
        if isinstance(form, syntax.Variable):
            return [] if form.name == COMMON else None
        if isinstance(form, syntax.Operation):
            left = syntax.form_of(form.left)
            if form.operator != "++" or left != (COMMON,) or not isinstance(left, syntax.Variable):
                return None
            form = syntax.form_of(form.right)
        if not isinstance(form, syntax.Items):
            return None
        found: list[tuple[str, Thunk | Node]] = []
        for item in form.items:
            name = self._quick_name(item)
            if name is None:
                return None
            found.append((name, item))
        return found

    def _quick_name(self, item: Node) -> str | None:
        if item.type != "select_expression":
            return None
        form = syntax.form_of(item)
        if isinstance(form, syntax.Selection) and form.base.text == self._own and len(form.path) == 1:
            step = form.path[0]
            return step if isinstance(step, str) else None
        return None

    def name_of(self, value: Value) -> str:
        """The name of a package or of a nixpkgs attribute; empty where it is neither."""
        path = path_of(value)
        if path[:1] == ("self",):
            return ".".join(path[1:])
        if path:
            return ".".join(path[1:] if path[0] == "pkgs" else path)
        if isinstance(value, Call):
            full = self._full_name(value)
            return self._by_full_name.get(full, full)
        return plain(value) or ""

    @cached_property
    def _by_full_name(self) -> dict[str, str]:
        """The entries by ``NAME-VERSION``: what stands for itself in a list is known by that."""
        found = {self._full_name(thunk.settle(self._unfolder)): name for name, thunk in self._names.items()}
        return {full: name for full, name in found.items() if full}

    def _full_name(self, value: Value) -> str:
        argument = value.argument.settle(self._unfolder) if isinstance(value, Call) else None
        return plain(self._unfolder.member(argument, "name")) or "" if isinstance(argument, Record) else ""


class _Draft:
    """A pin that is being read."""

    def __init__(self, reader: PackageReader, raw_name: str, origin: Origin, scope: Scope) -> None:
        self._reader = reader
        self._collected = reader._collected  # noqa: SLF001 (two halves of one reader)
        self._unfolder = reader._unfolder  # noqa: SLF001
        self._raw_name = raw_name
        self._name = canonicalize_name(raw_name)
        self._origin = origin
        self._scope = scope
        self._full_name: str | None = None
        self._version: str | None = None
        self._fetched: Fetched | None = None
        self._needs: tuple[str, ...] = ()
        self._build_needs: tuple[str, ...] = ()
        self._format: str | None = None
        self._licence: str | None = None
        self._top_level: bool | None = None
        self._changed: dict[str, AttributeChange] = {}
        self._changed_at: Origin | None = None

    def take(self, entry: syntax.Entry) -> None:
        """Read one entry of the set."""
        match entry.path:
            case ("name",):
                self._full_name = self._reader.text(entry.value, self._scope)
            case ("src",):
                self._fetched = self._read_src(entry.value)
            case ("propagatedBuildInputs",):
                self._needs = self._read_list(entry, "propagatedBuildInputs")
            case ("buildInputs",):
                self._build_needs = self._read_list(entry, "buildInputs")
            case ("nativeBuildInputs",):
                self._read_list(entry, "nativeBuildInputs")
                self._change(entry, "nativeBuildInputs", AttributeChange.APPEND)
            case ("doCheck",):
                if self._unfolder.unfold(entry.value, self._scope) == Constant("true"):
                    self._change(entry, "doCheck", AttributeChange.SET)
            case ("format",):
                self._format = self._reader.text(entry.value, self._scope)
            case ("version",):
                self._version = self._reader.text(entry.value, self._scope)
            case ("meta",):
                self._read_meta(entry.value)
            case ("meta", "license"):
                self._licence = self._read_licence(entry.value)
            case ("passthru",):
                self._read_passthru(entry.value)
            case ("passthru", "top_level"):
                self._top_level = self._truth(entry.value)
            case ("checkPhase",) | ("installCheckPhase",):
                if self._reader.text(entry.value, self._scope) != "":
                    self._change(entry, str(entry.path[0]), AttributeChange.SET)
            case ("pname",) | ("meta", _):
                pass
            case (str(first), *_):
                self._change(entry, first, AttributeChange.SET)
            case _:
                self._tell(entry.node, "the name of an attribute is computed")

    def take_inherited(self, entry: syntax.Inherited) -> None:
        """Read ``inherit …;``: nothing that pypi2nix writes."""
        for name in entry.names:
            if name not in _USUAL:
                self._changed.setdefault(name, AttributeChange.SET)
                self._changed_at = self._changed_at or origin_of(entry.node, self._scope.file, self._raw_name)

    def finish(self, group: str) -> Pin:
        """The pin, and the override for what a person has added to it."""
        if self._changed:
            self._collected.overrides.append(
                Override(
                    package=self._name,
                    raw_name=self._raw_name,
                    how=OverrideKind.OVERRIDE,
                    attributes=tuple(sorted(self._changed.items())),
                    origin=self._changed_at or self._origin,
                )
            )
        fetched = self._fetched or Fetched(FromIndex())
        if fetched.trouble:
            self._collected.tell(
                Code.UNSUPPORTED_SOURCE,
                Severity.REVIEW,
                f"Where {self._raw_name} comes from is not clear: {fetched.trouble}.",
                self._origin,
                "Write where it comes from into the requirements file.",
            )
        return Pin(
            name=self._name,
            raw_name=self._raw_name,
            version=self._read_version(),
            origin=self._origin,
            source=fetched.source,
            hashes=fetched.hashes,
            groups=frozenset({group}),
            needs=self._needs,
            build_needs=self._build_needs,
            format=self._format,
            licence=self._licence,
            top_level=self._top_level,
        )

    def _read_version(self) -> AnyVersion | None:
        text = self._version or _version_in(self._full_name or "", self._raw_name)
        if text:
            return _known_version(text)
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"The version of {self._raw_name} is not told by its name.",
            self._origin,
            f'Write it as name = "{self._raw_name}-VERSION";.',
        )
        return None

    def _read_src(self, node: Node) -> Fetched:
        form = syntax.form_of(node)
        if isinstance(form, syntax.Application):
            function = syntax.form_of(form.function)
            argument = syntax.form_of(form.argument)
            last = function.path[-1] if isinstance(function, syntax.Selection) and function.path else None
            if isinstance(last, str) and isinstance(argument, syntax.Attributes):
                fields = dict(self._fields(argument.entries))
                found = read_fetch(last, fields)
                if found is not None:
                    return found
        return self._fetched_of(self._unfolder.unfold(node, self._scope), node)

    def _fields(self, entries: tuple[syntax.Entry | syntax.Inherited, ...]) -> Iterator[tuple[str, str]]:
        for entry in entries:
            if isinstance(entry, syntax.Entry) and len(entry.path) == 1 and isinstance(entry.path[0], str):
                text = self._reader.text(entry.value, self._scope)
                if text is not None:
                    yield entry.path[0], text

    def _fetched_of(self, value: Value, node: Node) -> Fetched:
        match value:
            case FilePath(text, file):
                return read_path(text, file)
            case Words() if value.plain is not None:
                text = value.plain
                return read_path(text, self._scope.file) if ":" not in text else Fetched(FromUrl(url=Url.parse(text)))
            case Call(Member(_, name), argument):
                return self._fetched_by_call(name, argument.settle(self._unfolder), node)
            case Call(Call(Member(_, "filterSource" | "filterSourceFiles"), _), argument):
                return self._fetched_of(argument.settle(self._unfolder), node)
            case _:
                return _unclear(node)

    def _fetched_by_call(self, name: str, argument: Value, node: Node) -> Fetched:
        if name in {"cleanSource", "cleanSourceWith", "gitignoreSource", "path"}:
            inner = self._unfolder.member(argument, "src") if isinstance(argument, Record) else argument
            if inner is None and isinstance(argument, Record):
                inner = self._unfolder.member(argument, "path")
            return _unclear(node) if inner is None else self._fetched_of(inner, node)
        fields: dict[str, str] = {}
        if isinstance(argument, Record):
            for field, thunk in argument.entries.items():
                value = thunk.settle(self._unfolder)
                text = value.text if isinstance(value, FilePath) else plain(value)
                if text is not None:
                    fields[field] = text
        elif isinstance(argument, Words | FilePath):
            fields["url"] = argument.text if isinstance(argument, FilePath) else argument.plain or ""
        return read_fetch(name, fields) or _unclear(node)

    def _read_list(self, entry: syntax.Entry, attribute: str) -> tuple[str, ...]:
        found = self._reader.names(entry.value, self._scope)
        if found is None:
            return ()
        names, others = found
        for name, at in names:
            if isinstance(at, Thunk):
                self._look_at(name, at, attribute)
        for other in others:
            shown = other.node if isinstance(other, Thunk) else None
            self._tell(shown or entry.value, f"something in {attribute}")
        return tuple(dict.fromkeys(name for name, _ in names))

    def _look_at(self, name: str, at: Thunk, attribute: str) -> None:
        """What a person has written into a list: an attribute of nixpkgs, and no package of the set."""
        path = path_of(at.settle(self._unfolder))
        if path[:1] == ("self",) or at.node is None:
            return
        origin = origin_of(at.node, at.scope.file, self._raw_name)
        if path[:1] == ("pkgs",) and not is_python_set(name):
            self._collected.natives.append(
                NativeInput(attribute=name, today=today(name), package=self._name, origin=origin)
            )
            return
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"{self._raw_name} takes {name} into its {attribute} from outside of this file, so its version is not known.",
            origin,
            f"Pin {name.rpartition('.')[2]} in the requirements file if the project needs it.",
        )

    def _read_meta(self, node: Node) -> None:
        form = syntax.form_of(node)
        if isinstance(form, syntax.Within):
            form = syntax.form_of(form.body)
        if not isinstance(form, syntax.Attributes):
            return
        for entry in form.entries:
            if isinstance(entry, syntax.Entry) and entry.path == ("license",):
                self._licence = self._read_licence(entry.value)

    def _read_licence(self, node: Node) -> str | None:
        form = syntax.form_of(node)
        match form:
            case syntax.Text(parts) if all(isinstance(part, str) for part in parts):
                return "".join(part for part in parts if isinstance(part, str))
            case syntax.Selection(_, path, _) if all(isinstance(step, str) for step in path):
                base = syntax.source_of(form.base)
                steps = [base, *(step for step in path if isinstance(step, str))]
                return ".".join(steps[steps.index("licenses") :] if "licenses" in steps else steps)
            case syntax.Variable(name):
                return name
            case syntax.Items(items):
                return ", ".join(filter(None, (self._read_licence(item) for item in items)))
            case _:
                return None

    def _read_passthru(self, node: Node) -> None:
        form = syntax.form_of(node)
        if isinstance(form, syntax.Attributes):
            for entry in form.entries:
                if isinstance(entry, syntax.Entry) and entry.path == ("top_level",):
                    self._top_level = self._truth(entry.value)

    def _truth(self, node: Node) -> bool | None:
        value = self._unfolder.unfold(node, self._scope)
        return value.text == "true" if value in {Constant("true"), Constant("false")} else None

    def _change(self, entry: syntax.Entry, name: str, how: AttributeChange) -> None:
        self._changed[name] = how
        self._changed_at = self._changed_at or origin_of(entry.node, self._scope.file, self._raw_name)

    def _tell(self, node: Node, what: str) -> None:
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"In the entry {self._raw_name} {what} is not understood: {quote(node)}.",
            origin_of(node, self._scope.file, self._raw_name),
            "Look what it is for; it is left out.",
        )


def makes_package(node: Node) -> bool:
    """Whether ``node`` is ``python.mkDerivation { … }`` or the like."""
    return _argument_of(node) is not None


def _argument_of(node: Node | None) -> syntax.Attributes | None:
    form = syntax.form_of(node)
    if not isinstance(form, syntax.Application):
        return None
    function = syntax.form_of(form.function)
    if isinstance(function, syntax.Selection):
        name = function.path[-1] if function.path else None
    else:
        name = function.name if isinstance(function, syntax.Variable) else None
    argument = syntax.form_of(form.argument)
    return argument if name in _MAKERS and isinstance(argument, syntax.Attributes) else None


def plain(value: Value | None) -> str | None:
    """The text of a string that is all known."""
    return value.plain if isinstance(value, Words) else None


def is_python_set(attribute: str) -> bool:
    """Whether an attribute path of nixpkgs names a Python package."""
    return bool(re.match(r"(?:python|pypy)\d*(?:Full)?(?:Packages\.|\.pkgs\.)", attribute))


def _unclear(node: Node) -> Fetched:
    return Fetched(FromPath(path=syntax.source_of(node)[:80]), trouble=f"{quote(node)} is not understood")


def _version_in(full_name: str, raw_name: str) -> str:
    """The version in ``NAME-VERSION``, or behind another separator that somebody has written."""
    if full_name.startswith(f"{raw_name}-"):
        return full_name[len(raw_name) + 1 :]
    found = _VERSION_OF_NAME.search(full_name)
    if found is not None:
        return found["version"]
    rest = full_name[len(raw_name) + 1 :] if full_name.startswith(raw_name) else ""
    return rest if rest[:1].isdigit() else ""


@lru_cache(maxsize=8192)
def _known_version(text: str) -> AnyVersion:
    return read_version(text)
