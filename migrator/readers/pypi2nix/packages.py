"""One entry of the generated set, ``"NAME" = python.mkDerivation { … };``, to a pin.

``meta.homepage``, ``meta.description`` and the rules for tests are no facts of the pin: the index has the former, and
poetry2nix runs no tests. Whatever else pypi2nix would not have written there is an override by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, NativeInput, Override, OverrideKind, Pin
from migrator.model.source import FromIndex, FromPath, FromUrl
from migrator.model.url import Url, mask_credentials
from migrator.model.version import AnyVersion, read_version
from migrator.nix import parse as syntax
from migrator.nix.values import NULL, TRUE, Call, FilePath, Member, Record, Scope, Thunk, Value, Words, path_of

from .lookup import Lookup, Named, function_name, is_python_set, package_set, plain
from .origins import Fetched, read_fetch, read_path
from .renames import today
from .told import Collected, origin_of, quote

if TYPE_CHECKING:
    from tree_sitter import Node

_VERSION_OF_NAME = re.compile(r"-(?=[^a-zA-Z])(?P<version>.*)")
"""How Nix's ``parseDrvName`` finds the version: behind the first dash that no letter follows."""
_NOT_TESTED = frozenset({b"commonDoCheck", b"false"})
"""What pypi2nix writes for doCheck."""
_NO_FACTS = frozenset({"meta", "pname", "version", "checkPhase", "installCheckPhase", "doCheck", "passthru"})


def read_package(raw_name: str, thunk: Thunk, group: str, lookup: Lookup, collected: Collected) -> Pin | None:
    """The pin of the entry ``raw_name``; None (and a finding) where it is no package."""
    node = thunk.entry or thunk.node
    if node is None:
        return None
    origin = origin_of(node, thunk.scope.file, raw_name)
    try:
        name = canonicalize_name(raw_name, validate=True)
    except InvalidName:
        collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"{raw_name!r} is no name that a package can have; the entry was left out.",
            origin,
            "Look what it is, and name the package in the requirements file if the project needs it.",
        )
        return None
    found = package_set(thunk.node)
    if found is None:
        _tell_no_package(name, raw_name, thunk.settle(lookup.unfolder), origin, collected)
        return None
    scope = lookup.unfolder.local(found.entries, thunk.scope) if found.recursive else thunk.scope
    draft = _Draft(name, raw_name, origin, scope, lookup, collected)
    for entry in found.entries:
        draft.take(entry)
    return draft.finish(group)


def _tell_no_package(name: NormalizedName, raw_name: str, value: Value, origin: Origin, collected: Collected) -> None:
    path = path_of(value)
    how, what = OverrideKind.UNKNOWN, "is no package that pypi2nix would write"
    if path:
        how, what = OverrideKind.ALIAS, f"is taken from elsewhere ({'.'.join(path)})"
    elif value == NULL:
        how, what = OverrideKind.NULL, "is null"
    collected.overrides.append(Override(package=name, raw_name=raw_name, how=how, origin=origin))
    collected.tell(
        Code.NOT_UNDERSTOOD,
        Severity.REVIEW,
        f"The entry {raw_name} {what}, so it has no version to keep.",
        origin,
        "Look whether the project needs it, and pin it in the requirements file then.",
    )


class _Draft:
    """A pin that is being read."""

    def __init__(  # noqa: PLR0913, PLR0917 (all that an entry depends on)
        self,
        name: NormalizedName,
        raw_name: str,
        origin: Origin,
        scope: Scope,
        lookup: Lookup,
        collected: Collected,
    ) -> None:
        self._name = name
        self._raw_name = raw_name
        self._origin = origin
        self._scope = scope
        self._lookup = lookup
        self._unfolder = lookup.unfolder
        self._collected = collected
        self._texts: dict[str, str | None] = {}
        self._fetched: Fetched | None = None
        self._needs: tuple[str, ...] = ()
        self._build_needs: tuple[str, ...] = ()
        self._licence: str | None = None
        self._top_level: bool | None = None
        self._changed: dict[str, AttributeChange] = {}
        self._changed_at: Origin | None = None

    def take(self, entry: syntax.Entry | syntax.Inherited) -> None:
        """Read one entry of the set."""
        if isinstance(entry, syntax.Inherited):
            for name in entry.names:
                if name == "src":
                    self._fetched = _unclear(entry.node)
                if name not in _NO_FACTS:
                    self._change(entry.node, name)
            return
        first = entry.path[0] if entry.path else None
        if not isinstance(first, str):
            self._tell(entry.node, "the name of an attribute is computed")
        elif len(entry.path) == 1 and first in _TAKERS:
            _TAKERS[first](self, entry)
        elif entry.path == ("meta", "license"):
            self._licence = self._read_licence(entry.value)
        elif entry.path == ("passthru", "top_level"):
            self._top_level = self._truth(entry.value)
        elif first != "meta" and package_set(entry.value) is None:  # in a damaged file, the next entry
            if first == "src":
                self._fetched = _unclear(entry.node)
            self._change(entry.node, first)

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
        fetched = self._fetched or Fetched(FromIndex(), trouble="it has no src, so its name on an index is taken")
        if fetched.trouble:
            self._collected.tell(
                Code.UNSUPPORTED_SOURCE,
                Severity.REVIEW,
                f"Where {self._raw_name} comes from is not clear: {fetched.trouble}.",
                self._origin,
                f"Write where it comes from into the requirements file: {self._raw_name} @ ADDRESS.",
            )
        return Pin(
            name=self._name,
            raw_name=self._raw_name,
            version=self._version(),
            origin=self._origin,
            source=fetched.source,
            hashes=fetched.hashes,
            groups=frozenset({group}),
            needs=self._needs,
            build_needs=self._build_needs,
            format=self._texts.get("format"),
            licence=self._licence,
            top_level=self._top_level,
        )

    def _version(self) -> AnyVersion | None:
        text = self._texts.get("version") or _version_in(self._texts.get("name") or "", self._raw_name)
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

    # attributes

    def take_text(self, entry: syntax.Entry) -> None:
        """``name``, ``version``, ``format``."""
        self._texts[str(entry.path[0])] = self._lookup.text(entry.value, self._scope)

    def take_src(self, entry: syntax.Entry) -> None:
        """``src``."""
        form = syntax.form_of(entry.value)
        if isinstance(form, syntax.Application):
            name, argument = function_name(form.function), syntax.form_of(form.argument)
            if name is not None and isinstance(argument, syntax.Attributes):
                self._fetched = read_fetch(name, dict(self._fields(argument.entries)))
        if self._fetched is None:
            self._fetched = self._fetched_of(self._unfolder.unfold(entry.value, self._scope), entry.value)

    def take_needs(self, entry: syntax.Entry) -> None:
        """``propagatedBuildInputs``."""
        self._needs = self._read_list(entry)

    def take_build_needs(self, entry: syntax.Entry) -> None:
        """``buildInputs``."""
        self._build_needs = self._read_list(entry)

    def take_native_inputs(self, entry: syntax.Entry) -> None:
        """``nativeBuildInputs``, which pypi2nix never writes."""
        self._read_list(entry)
        self._change(entry.node, str(entry.path[0]))

    def take_check(self, entry: syntax.Entry) -> None:
        """``doCheck``."""
        if entry.value.text not in _NOT_TESTED and self._truth(entry.value):
            self._change(entry.node, "doCheck")

    def take_check_phase(self, entry: syntax.Entry) -> None:
        """``checkPhase`` and ``installCheckPhase``, which pypi2nix has left empty for a while."""
        if self._lookup.text(entry.value, self._scope) != "":
            self._change(entry.node, str(entry.path[0]))

    def take_meta(self, entry: syntax.Entry) -> None:
        """``meta``."""
        form = syntax.form_of(entry.value)
        if isinstance(form, syntax.Within):
            form = syntax.form_of(form.body)
        for inner in form.entries if isinstance(form, syntax.Attributes) else ():
            if isinstance(inner, syntax.Entry) and inner.path == ("license",):
                self._licence = self._read_licence(inner.value)

    def take_passthru(self, entry: syntax.Entry) -> None:
        """``passthru``."""
        form = syntax.form_of(entry.value)
        for inner in form.entries if isinstance(form, syntax.Attributes) else ():
            if isinstance(inner, syntax.Entry) and inner.path == ("top_level",):
                self._top_level = self._truth(inner.value)
            else:
                self._change(inner.node, "passthru")

    def take_nothing(self, entry: syntax.Entry) -> None:
        """``pname``, which ``name`` repeats."""

    # sources

    def _fields(self, entries: tuple[syntax.Entry | syntax.Inherited, ...]) -> Iterator[tuple[str, str]]:
        for entry in entries:
            if isinstance(entry, syntax.Entry) and len(entry.path) == 1 and isinstance(entry.path[0], str):
                text = self._lookup.text(entry.value, self._scope)
                if text is not None:
                    yield entry.path[0], text

    def _fetched_of(self, value: Value, node: Node) -> Fetched:
        match value:
            case FilePath(text, file):
                return read_path(text, file)
            case Words() if value.plain is not None:
                text = value.plain
                return Fetched(FromUrl(url=Url.parse(text))) if ":" in text else read_path(text, self._scope.file)
            case Call(Member(_, name), argument):
                return self._fetched_by_call(name, argument.settle(self._unfolder), node)
            case Call(Call(Member(_, "filterSource"), _), argument):
                return self._fetched_of(argument.settle(self._unfolder), node)
            case _:
                return _unclear(node)

    def _fetched_by_call(self, name: str, argument: Value, node: Node) -> Fetched:
        if name in {"cleanSource", "cleanSourceWith", "gitignoreSource", "path"}:
            inner: Value | None = argument
            if isinstance(argument, Record):
                inner = self._unfolder.member(argument, "src") or self._unfolder.member(argument, "path")
            return _unclear(node) if inner is None else self._fetched_of(inner, node)
        fields: dict[str, str] = {}
        if isinstance(argument, Record):
            for field, thunk in argument.entries.items():
                text = _address(thunk.settle(self._unfolder))
                if text is not None:
                    fields[field] = text
        elif (text := _address(argument)) is not None:
            fields["url"] = text
        return read_fetch(name, fields) or _unclear(node)

    # lists

    def _read_list(self, entry: syntax.Entry) -> tuple[str, ...]:
        found = self._lookup.names(entry.value, self._scope)
        for named in found.names:
            if named.thunk is not None:
                self._look_at(named, named.thunk, str(entry.path[0]))
        for other in found.others:
            shown = other.node if isinstance(other, Thunk) else None
            self._tell(shown or entry.value, f"something in {entry.path[0]}")
        return tuple(dict.fromkeys(named.name for named in found.names))

    def _look_at(self, named: Named, thunk: Thunk, attribute: str) -> None:
        """What a person has written into a list: an attribute of nixpkgs, and no package of the set."""
        value = thunk.settle(self._unfolder)
        if thunk.node is None or self._lookup.is_own(value):
            return
        path = path_of(value)
        origin = origin_of(thunk.node, thunk.scope.file, self._raw_name)
        if path[:1] == ("pkgs",) and not is_python_set(named.name):
            self._collected.natives.append(
                NativeInput(attribute=named.name, today=today(named.name), package=self._name, origin=origin)
            )
            return
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"{self._raw_name} has {named.name} of another set in its {attribute}, so nobody knows which version.",
            origin,
            f"Pin {named.name.rpartition('.')[2]} in the requirements file if the project needs it.",
        )

    # the rest

    def _read_licence(self, node: Node) -> str | None:
        usual = syntax.selected_from(node, b"licenses")
        if usual is not None:
            return f"licenses.{usual}"
        match syntax.form_of(node):
            case syntax.Text(parts):
                return "".join(part if isinstance(part, str) else syntax.source_of(part) for part in parts)
            case syntax.Selection(base, path, _):
                steps = [*syntax.source_of(base).split("."), *(step for step in path if isinstance(step, str))]
                return ".".join(steps[steps.index("licenses") :] if "licenses" in steps else steps)
            case syntax.Variable(name):
                return name
            case syntax.Items(items):
                return ", ".join(filter(None, map(self._read_licence, items)))
            case _:
                return None

    def _truth(self, node: Node) -> bool:
        return self._unfolder.unfold(node, self._scope) == TRUE

    def _change(self, node: Node, name: str) -> None:
        self._changed[name] = AttributeChange.SET
        self._changed_at = self._changed_at or origin_of(node, self._scope.file, self._raw_name)

    def _tell(self, node: Node, what: str) -> None:
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"In the entry {self._raw_name} {what} is not understood: {quote(node)}.",
            origin_of(node, self._scope.file, self._raw_name),
            "Look what it is for; it was left out.",
        )


_TAKERS: dict[str, Callable[[_Draft, syntax.Entry], None]] = {
    "name": _Draft.take_text,
    "version": _Draft.take_text,
    "format": _Draft.take_text,
    "pname": _Draft.take_nothing,
    "src": _Draft.take_src,
    "doCheck": _Draft.take_check,
    "checkPhase": _Draft.take_check_phase,
    "installCheckPhase": _Draft.take_check_phase,
    "buildInputs": _Draft.take_build_needs,
    "propagatedBuildInputs": _Draft.take_needs,
    "nativeBuildInputs": _Draft.take_native_inputs,
    "meta": _Draft.take_meta,
    "passthru": _Draft.take_passthru,
}


def _unclear(node: Node) -> Fetched:
    # masked before it is cut: half an address is not known as one
    path = mask_credentials(syntax.source_of(node))[:80]
    return Fetched(FromPath(path=path, computed=True), trouble=f"{quote(node)} is not understood")


def _address(value: Value) -> str | None:
    return value.text if isinstance(value, FilePath) else plain(value)


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
