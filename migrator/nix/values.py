"""What Nix text stands for: values with symbols in them for whatever comes from outside.

What is asked of a :class:`Symbol` (``pkgs``, ``self``, ``old``) is a :class:`Member` or a :class:`Call`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from . import parse as syntax

if TYPE_CHECKING:
    from tree_sitter import Node

    from .unfold import Unfolder


class Words(NamedTuple):
    """A string. ``node`` is where it is written; None for a name that was given from outside."""

    parts: tuple[str | Value, ...]
    node: Thunk | None

    @property
    def plain(self) -> str | None:
        """The text, where nothing in it is unknown."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None


class Constant(NamedTuple):
    """``true``, ``false``, ``null`` or a number."""

    text: str


class FilePath(NamedTuple):
    """A path, as written, and the file that it is written in; or a URL without quotes."""

    text: str
    file: str


class Symbol(NamedTuple):
    """Something that comes from outside."""

    name: str


class Member(NamedTuple):
    """An attribute of something that comes from outside."""

    base: Value
    name: str


class Call(NamedTuple):
    """A function from outside, applied."""

    function: Value
    argument: Thunk


class Rest(NamedTuple):
    """All items of a list that comes from outside; ``filtered``: less some of them."""

    value: Value
    filtered: bool = False


class Sequence(NamedTuple):
    """A list, in order."""

    parts: tuple[Thunk | Rest, ...]


class Record(NamedTuple):
    """A set. ``others`` are sets from outside that are part of it."""

    entries: Mapping[str, Thunk]
    others: tuple[Value, ...] = ()


class Closure(NamedTuple):
    """A function that the files define."""

    form: syntax.Lambda
    scope: Scope


class Undecided(NamedTuple):
    """One of these, depending on something from outside."""

    options: tuple[Thunk, ...]


class Unknown(NamedTuple):
    """What looking does not tell."""


Value: TypeAlias = (
    Words | Constant | FilePath | Symbol | Member | Call | Sequence | Record | Closure | Undecided | Unknown
)

UNKNOWN = Unknown()
TRUE, FALSE, NULL = Constant("true"), Constant("false"), Constant("null")
PKGS = Symbol("pkgs")


class Scope:
    """The names that can be seen at some place of a file."""

    __slots__ = ("file", "names", "parent", "within")

    def __init__(
        self,
        file: str,
        names: dict[str, Thunk] | None = None,
        parent: Scope | None = None,
        within: Thunk | None = None,
    ) -> None:
        self.file = file
        self.names = names if names is not None else {}
        self.parent = parent
        self.within = within


class Thunk:
    """An expression at its place, not looked at before it is needed; or a value without a place."""

    __slots__ = ("_busy", "_value", "entry", "node", "scope")

    def __init__(self, node: Node | None, scope: Scope, entry: Node | None = None, value: Value | None = None) -> None:
        self.node = node
        self.scope = scope
        self.entry = entry
        """The whole entry of a set, where the expression is the value of one."""
        self._value = value
        self._busy = False

    def known(self) -> Value | None:
        """The value, where it is known by now."""
        return self._value

    def settle(self, unfolder: Unfolder) -> Value:
        """The value. What needs itself is unknown."""
        if self._value is None:
            if self._busy:
                return UNKNOWN
            self._busy = True
            try:
                self._value = self._look(unfolder)
            finally:
                self._busy = False
        return self._value

    def _look(self, unfolder: Unfolder) -> Value:
        return UNKNOWN if self.node is None else unfolder.unfold(self.node, self.scope, self)


NOWHERE = Scope("")


def given(value: Value) -> Thunk:
    """A value that stands nowhere in the files."""
    return Thunk(None, NOWHERE, value=value)


def path_of(value: Value) -> tuple[str, ...]:
    """The names from a symbol down to ``value``; empty for anything else. Long chains cost no depth."""
    names: list[str] = []
    while isinstance(value, Member):
        names.append(value.name)
        value = value.base
    if not isinstance(value, Symbol):
        return ()
    names.append(value.name)
    return tuple(reversed(names))


def root_of(value: Value) -> Value:
    """What ``value`` is a member of, in the end."""
    while isinstance(value, Member):
        value = value.base
    return value


class Inheriting(Thunk):
    """What ``inherit name;`` binds."""

    __slots__ = ("_name",)

    def __init__(self, node: Node, scope: Scope, name: str) -> None:
        super().__init__(node, scope, node)
        self._name = name

    def _look(self, unfolder: Unfolder) -> Value:
        return unfolder.look_up(self._name, self.scope)


class InheritingFrom(Thunk):
    """What ``inherit (source) name;`` binds."""

    __slots__ = ("_name",)

    def __init__(self, source: Node, scope: Scope, name: str, entry: Node) -> None:
        super().__init__(source, scope, entry)
        self._name = name

    def _look(self, unfolder: Unfolder) -> Value:
        return unfolder.member(super()._look(unfolder), self._name) or UNKNOWN


class Applied(Thunk):
    """``function argument``, put off; it stands where the argument stands."""

    __slots__ = ("_argument", "_function")

    def __init__(self, function: Value, argument: Thunk) -> None:
        super().__init__(argument.node, argument.scope, argument.entry)
        self._function = function
        self._argument = argument

    def _look(self, unfolder: Unfolder) -> Value:
        return unfolder.apply(self._function, self._argument)


class Placed(Thunk):
    """The value of another thunk, as an entry whose name stands somewhere else (None: nowhere in the files)."""

    __slots__ = ("_of", "of_name")

    def __init__(self, of: Thunk, of_name: Thunk | None) -> None:
        place = of if of_name is None else of_name
        super().__init__(place.node, place.scope, place.entry)
        self._of = of
        self.of_name = of_name

    def _look(self, unfolder: Unfolder) -> Value:
        return self._of.settle(unfolder)


def is_library(value: Value) -> bool:
    """Whether ``value`` is Nix's ``builtins`` or the library of nixpkgs, or a part of it."""
    path = path_of(value)
    return bool(path) and (path[0] == "builtins" or "lib" in path[:3])


def is_from_loop(thunk: Thunk) -> bool:
    """Whether an entry has a name that stands nowhere in the files: one of all names of a symbol."""
    return isinstance(thunk, Placed) and thunk.of_name is None


def join(left: Record, right: Record) -> Record:
    """The sets as ``left // right`` joins them."""
    if not left.entries and not left.others:
        return right
    if not right.entries and not right.others:
        return left
    return Record({**left.entries, **right.entries}, (*left.others, *right.others))


def join_words(operands: Iterable[str | Value]) -> tuple[str | Value, ...]:
    """The parts of a string: strings in it are part of it, and adjacent texts are one."""
    parts: list[str | Value] = []
    for operand in operands:
        for part in operand.parts if isinstance(operand, Words) else (operand,):
            before = parts[-1] if parts else None
            if isinstance(part, str) and isinstance(before, str):
                parts[-1] = before + part
            else:
                parts.append(part)
    return tuple(parts)


def negate(value: Value) -> Value:
    """What ``!value`` is, as far as that is known."""
    return FALSE if value == TRUE else TRUE if value == FALSE else UNKNOWN
