"""What Nix text stands for, as far as looking tells.

Names are looked up, sets are joined, and functions that the files themselves define are unfolded where they are used.
What comes from outside (``pkgs``, ``self``, ``old``) stays a :class:`Symbol`, and what is asked of it a
:class:`Member` or a :class:`Call`. Nothing is built, fetched or run; the work is bounded in steps and in depth, and
what lies beyond a bound is :class:`Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from . import parse as syntax

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_STEPS = 2_000_000
_DEEPEST = 80
"""Each level takes a handful of Python's own."""


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
            if self._busy or self.node is None:
                return UNKNOWN
            self._busy = True
            try:
                self._value = unfolder.unfold(self.node, self.scope, self)
            finally:
                self._busy = False
        return self._value


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


class File(NamedTuple):
    """A parsed file."""

    path: str
    root: Node


class Unfolder:
    """Looks at expressions. ``load`` gives the file at a path, None where there is none that can be read.

    ``known`` are the attribute names of some symbols (``super``), where somebody else knows them.
    """

    def __init__(
        self, load: Callable[[FilePath], File | None], known: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self.load = load
        self.known = known or {}
        self.exhausted = False
        self.repeated: list[tuple[str, Thunk]] = []
        """Entries that a set has twice, which Nix refuses."""
        self._steps = 0
        self._depth = 0

    # expressions

    def unfold(self, node: Node, scope: Scope, at: Thunk | None = None) -> Value:
        """What the expression ``node`` stands for."""
        self._steps += 1
        if self._depth >= _DEEPEST or self._steps > _MOST_STEPS:
            self.exhausted = True
            return UNKNOWN
        self._depth += 1
        try:
            return self._unfold(syntax.form_of(node), scope, at or Thunk(node, scope))
        finally:
            self._depth -= 1

    def _unfold(self, form: syntax.Form, scope: Scope, at: Thunk) -> Value:  # noqa: C901, PLR0912 (one case a form)
        match form:
            case syntax.Text(parts):
                return Words(_flat(part if isinstance(part, str) else self.unfold(part, scope) for part in parts), at)
            case syntax.PathText(text) | syntax.Uri(text):
                return FilePath(text, scope.file)
            case syntax.Number(text):
                return Constant(text)
            case syntax.Variable(name):
                return self.look_up(name, scope)
            case syntax.Selection(base, path, default):
                return self._select(self.unfold(base, scope), path, default, scope)
            case syntax.Items(items):
                return Sequence(tuple(Thunk(item, scope) for item in items))
            case syntax.Attributes(entries, recursive):
                return self._record(entries, scope, recursive=recursive)
            case syntax.Lambda():
                return Closure(form, scope)
            case syntax.Application():
                return self._application(form, scope)
            case syntax.Local(entries, body):
                return self.unfold(body, self.local(entries, scope))
            case syntax.Within(inner, body):
                return self.unfold(body, Scope(scope.file, parent=scope, within=Thunk(inner, scope)))
            case syntax.Asserted(_, body):
                return self.unfold(body, scope)
            case syntax.Choice(condition, yes, no):
                decided = self.unfold(condition, scope)
                if decided == TRUE:
                    return self.unfold(yes, scope)
                return self.unfold(no, scope) if decided == FALSE else Undecided((Thunk(yes, scope), Thunk(no, scope)))
            case syntax.Operation():
                return self._operation(form, scope)
            case syntax.Unary("!", operand):
                return _not(self.unfold(operand, scope))
            case syntax.Membership(subject, path):
                return self._has(self.unfold(subject, scope), path, scope)
            case _:
                return UNKNOWN

    def local(self, entries: Iterable[syntax.Entry | syntax.Inherited], scope: Scope) -> Scope:
        """The scope inside ``let entries in``."""
        inner = Scope(scope.file, parent=scope)
        inner.names.update(self._bind(entries, inner, scope))
        return inner

    def look_up(self, name: str, scope: Scope) -> Value:
        """What the variable ``name`` stands for; a symbol of that name where the files do not say."""
        at: Scope | None = scope
        offered: list[Thunk] = []
        while at is not None:
            if at.within is not None:
                offered.append(at.within)
            elif name in at.names:
                return at.names[name].settle(self)
            at = at.parent
        if name in {"true", "false", "null"}:
            return Constant(name)
        if name in _GLOBAL:
            return Symbol("builtins") if name == "builtins" else Member(Symbol("builtins"), name)
        return self._look_within(name, offered)

    def _look_within(self, name: str, offered: list[Thunk]) -> Value:
        fallback: Value | None = None
        for thunk in offered:  # the innermost first
            source = thunk.settle(self)
            if isinstance(source, Record):
                if name in source.entries:
                    return source.entries[name].settle(self)
                for other in source.others:
                    fallback = fallback or Member(other, name)
                continue
            if is_library(source):
                if name in _PRIMITIVES or name in _LIBRARY_NAMES:
                    return Member(source, name)
                continue
            names = self.known.get(source.name) if isinstance(source, Symbol) else None
            if names is not None and name not in names:
                fallback = fallback or Member(source, name)
                continue
            if not isinstance(source, Unknown):
                return Member(source, name)
        if fallback is None and any(is_library(thunk.settle(self)) for thunk in offered):
            fallback = Member(next(s for s in (t.settle(self) for t in offered) if is_library(s)), name)
        return fallback or Symbol(name)

    def _select(self, base: Value, path: tuple[syntax.Key, ...], default: Node | None, scope: Scope) -> Value:
        value = base
        for step in path:
            name = self._name(step, scope)
            if name is None:
                return UNKNOWN
            found = self.member(value, name)
            if default is not None and (found is None or self._has_attribute(name, value) == FALSE):
                return self.unfold(default, scope)
            if found is None:
                return UNKNOWN
            value = found
        return value

    def member(self, value: Value, name: str) -> Value | None:
        """The attribute ``name`` of ``value``, None where it has none."""
        match value:
            case Record(entries, others):
                if name in entries:
                    return entries[name].settle(self)
                return Member(others[-1], name) if others else None
            case Symbol() | Member() | Call():
                return Member(value, name)
            case Undecided(options):
                return self.member(options[0].settle(self), name)
            case _:
                return UNKNOWN

    def _name(self, step: syntax.Key, scope: Scope) -> str | None:
        if isinstance(step, str):
            return step
        value = self.unfold(step, scope)
        return value.plain if isinstance(value, Words) else None

    def _has(self, value: Value, path: tuple[syntax.Key, ...], scope: Scope) -> Value:
        for step in path:
            name = self._name(step, scope)
            if name is None:
                return UNKNOWN
            decided = self._has_attribute(name, value)
            if decided != TRUE:
                return decided
            value = self.member(value, name) or UNKNOWN
        return TRUE

    def _has_attribute(self, name: str, value: Value) -> Value:
        match value:
            case Record(entries, others):
                return TRUE if name in entries else UNKNOWN if others else FALSE
            case Symbol(symbol) if symbol in self.known:
                return TRUE if name in self.known[symbol] else FALSE
            case _:
                return UNKNOWN

    # sets

    def _record(self, entries: Iterable[syntax.Entry | syntax.Inherited], scope: Scope, *, recursive: bool) -> Record:
        inner = Scope(scope.file, parent=scope) if recursive else scope
        found = self._bind(entries, inner, scope)
        if recursive:
            inner.names.update(found)
        return Record(found)

    def _bind(
        self, entries: Iterable[syntax.Entry | syntax.Inherited], scope: Scope, outside: Scope
    ) -> dict[str, Thunk]:
        found: dict[str, Thunk] = {}
        for entry in entries:
            if isinstance(entry, syntax.Inherited):
                for name in entry.names:
                    found[name] = self._inherit(name, entry, scope if entry.source is not None else outside)
                continue
            name = self._name(entry.path[0], scope) if entry.path else None
            if name is None:
                continue
            if len(entry.path) == 1:
                thunk = Thunk(entry.value, scope, entry.node)
                if name in found:
                    self.repeated.append((name, thunk))
                found[name] = thunk
            else:
                inner = syntax.Attributes((syntax.Entry(entry.path[1:], entry.value, entry.node),), recursive=False)
                before = found[name].known() if name in found else None
                more = self._record(inner.entries, scope, recursive=False)
                joined = _join(before, more) if isinstance(before, Record) else more
                found[name] = Thunk(entry.value, scope, entry.node, joined)
        return found

    def _inherit(self, name: str, entry: syntax.Inherited, scope: Scope) -> Thunk:
        if entry.source is None:
            return _Inheriting(entry.node, scope, name)
        return _InheritingFrom(entry.source, scope, name, entry.node)

    # functions

    def _application(self, form: syntax.Application, scope: Scope) -> Value:
        arguments = [form.argument]
        function = syntax.form_of(form.function)
        head = form.function
        while isinstance(function, syntax.Application):
            arguments.append(function.argument)
            head = function.function
            function = syntax.form_of(head)
        value = self.unfold(head, scope)
        for argument in reversed(arguments):
            value = self.apply(value, Thunk(argument, scope))
        return value

    def apply(self, function: Value, argument: Thunk) -> Value:
        """``function`` applied to one argument."""
        match function:
            case Closure(form, scope):
                self._steps += 1
                return self.unfold(form.body, self._called(form, scope, argument))
            case Undecided(options):
                return self.apply(options[0].settle(self), argument)
            case Symbol() | Member() | Call():
                return self._call(function, argument)
            case Record(entries) if "__functor" in entries:
                return self.apply(self.apply(entries["__functor"].settle(self), given(function)), argument)
            case _:
                return UNKNOWN

    def _called(self, form: syntax.Lambda, outer: Scope, argument: Thunk) -> Scope:
        scope = Scope(outer.file, parent=outer)
        if form.argument is not None:
            scope.names[form.argument] = argument
        if form.parameters is None:
            return scope
        value = argument.settle(self)
        for parameter in form.parameters:
            found: Thunk | None = None
            if isinstance(value, Record):
                found = value.entries.get(parameter.name)
                if found is None and parameter.default is not None:
                    found = Thunk(parameter.default, scope)
            elif isinstance(value, Symbol | Member | Call):
                found = given(Member(value, parameter.name))
            scope.names[parameter.name] = found or given(Symbol(parameter.name))
        return scope

    def _call(self, function: Value, argument: Thunk) -> Value:
        head, arguments = function, [argument]
        while isinstance(head, Call):
            arguments.append(head.argument)
            head = head.function
        name = head.name if isinstance(head, Member) and is_library(head.base) else None
        if isinstance(head, Member) and head.name == "callPackage" and len(arguments) == 2:  # noqa: PLR2004
            return self._call_package(arguments[1], arguments[0]) or Call(function, argument)
        if name is None:
            return Call(function, argument)
        if name == "import" and len(arguments) > 1:
            from_outside = _imported_from_outside(arguments[-1].settle(self), arguments[-2].settle(self))
            return from_outside or Call(function, argument)
        arity, run = _PRIMITIVES.get(name, (0, _left_alone))
        if len(arguments) < arity or arity == 0:
            return Call(function, argument)
        result = run(self, *reversed(arguments[len(arguments) - arity :]))
        if result is None:
            return Call(function, argument)
        for extra in reversed(arguments[: len(arguments) - arity]):
            result = self.apply(result, extra)
        return result

    def _call_package(self, function: Thunk, arguments: Thunk) -> Value | None:
        value = function.settle(self)
        if isinstance(value, FilePath):
            value = import_file(self, function) or UNKNOWN
        return self.apply(value, arguments) if isinstance(value, Closure) else None

    # operators

    def _operation(self, form: syntax.Operation, scope: Scope) -> Value:
        if form.operator in {"++", "//", "+"}:
            return self._chain(form, scope)
        left = self.unfold(form.left, scope)
        match form.operator:
            case "&&" if left == FALSE:
                return FALSE
            case "||" if left == TRUE:
                return TRUE
            case "->" if left == FALSE:
                return TRUE
        right = self.unfold(form.right, scope)
        match form.operator:
            case "==":
                return _equal(left, right)
            case "!=":
                return _not(_equal(left, right))
            case "&&":
                return right if left == TRUE else FALSE if right == FALSE else UNKNOWN
            case "||":
                return right if left == FALSE else TRUE if right == TRUE else UNKNOWN
            case "->":
                return right if left == TRUE else UNKNOWN
            case _:
                return UNKNOWN

    def _chain(self, form: syntax.Operation, scope: Scope) -> Value:
        """Operands joined by one operator, from either side; a long chain costs no depth."""
        operands: list[Value] = []
        stack: list[Node] = [form.right, form.left]
        while stack:
            node = stack.pop()
            inner = syntax.form_of(node)
            if isinstance(inner, syntax.Operation) and inner.operator == form.operator:
                stack += [inner.right, inner.left]
            else:
                operands.append(self.unfold(node, scope))
        match form.operator:
            case "++":
                return Sequence(tuple(part for operand in operands for part in self.parts(operand)))
            case "//":
                joined = Record({})
                for operand in operands:
                    joined = _join(joined, self.record(operand))
                return joined
            case _:
                return _add(operands)

    # shapes

    def parts(self, value: Value) -> tuple[Thunk | Rest, ...]:
        """``value`` as the parts of a list."""
        match value:
            case Sequence(parts):
                return parts
            case Undecided(options):
                found: dict[object, Thunk | Rest] = {}
                for option in options:
                    for part in self.parts(option.settle(self)):
                        shown = part if isinstance(part, Rest) else part.settle(self)
                        found.setdefault(shown if isinstance(shown, Rest | Member | Symbol) else id(part), part)
                return tuple(found.values())
            case _:
                return (Rest(value),)

    def record(self, value: Value) -> Record:
        """``value`` as a set; what comes from outside is one of the others in it."""
        match value:
            case Record():
                return value
            case Undecided(options):
                joined = Record({})
                for option in reversed(options):
                    joined = _join(joined, self.record(option.settle(self)))
                return joined
            case _:
                return Record({}, (value,))

    def names(self, value: Value) -> tuple[tuple[str, Thunk | None], ...] | None:
        """The attribute names of a set, each with its entry where there is one; None where they are not known."""
        match value:
            case Record(entries, ()):
                return tuple(sorted(entries.items()))
            case Symbol(symbol) if symbol in self.known:
                return tuple((name, None) for name in sorted(self.known[symbol]))
            case _:
                return None


class _Inheriting(Thunk):
    """``inherit name;``"""

    __slots__ = ("_name",)

    def __init__(self, node: Node, scope: Scope, name: str) -> None:
        super().__init__(node, scope, node)
        self._name = name

    def settle(self, unfolder: Unfolder) -> Value:
        if self._value is None:
            self._value = unfolder.look_up(self._name, self.scope)
        return self._value


class _InheritingFrom(Thunk):
    """``inherit (source) name;``"""

    __slots__ = ("_name",)

    def __init__(self, source: Node, scope: Scope, name: str, entry: Node) -> None:
        super().__init__(source, scope, entry)
        self._name = name

    def settle(self, unfolder: Unfolder) -> Value:
        if self._value is None:
            if self._busy or self.node is None:
                return UNKNOWN
            self._busy = True
            try:
                self._value = unfolder.member(unfolder.unfold(self.node, self.scope), self._name) or UNKNOWN
            finally:
                self._busy = False
        return self._value


def is_library(value: Value) -> bool:
    """Whether ``value`` is Nix's ``builtins`` or the library of nixpkgs, or a part of it."""
    path = path_of(value)
    return bool(path) and (path[0] == "builtins" or "lib" in path[:3])


def _join(left: Record, right: Record) -> Record:
    if not left.entries and not left.others:
        return right
    if not right.entries and not right.others:
        return left
    return Record({**left.entries, **right.entries}, (*left.others, *right.others))


def _not(value: Value) -> Value:
    return FALSE if value == TRUE else TRUE if value == FALSE else UNKNOWN


def _equal(left: Value, right: Value) -> Value:
    if isinstance(left, Words) and isinstance(right, Words):
        if left.plain is None or right.plain is None:
            return UNKNOWN
        return TRUE if left.plain == right.plain else FALSE
    if isinstance(left, Constant) and isinstance(right, Constant):
        return TRUE if left == right else FALSE
    return UNKNOWN


def _add(operands: list[Value]) -> Value:
    """Strings and paths joined by ``+``."""
    first = operands[0]
    if isinstance(first, FilePath):
        texts = [o.text if isinstance(o, FilePath) else o.plain if isinstance(o, Words) else None for o in operands]
        known = [text for text in texts if text is not None]
        return FilePath("".join(known), first.file) if len(known) == len(texts) else UNKNOWN
    return Words(_flat(operands), None)


def _flat(operands: Iterable[str | Value]) -> tuple[str | Value, ...]:
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


# what Nix and nixpkgs bring along


def import_file(unfolder: Unfolder, argument: Thunk) -> Value | None:
    """``import argument``, where that is a file that can be read here."""
    value = argument.settle(unfolder)
    if isinstance(value, Undecided):
        value = value.options[0].settle(unfolder)
    if not isinstance(value, FilePath):
        return None
    file = unfolder.load(value)
    if file is None:
        return None
    expression = syntax.expression_of(file.root)
    if expression is None:
        return None
    found = unfolder.unfold(expression, Scope(file.path))
    # a symbolic link, in a place that does not follow them, is a file that holds a path
    target = unfolder.load(found) if isinstance(found, FilePath) else None
    inner = None if target is None else syntax.expression_of(target.root)
    return found if inner is None or target is None else unfolder.unfold(inner, Scope(target.path))


def _imported_from_outside(argument: Value, with_: Value) -> Value | None:
    """``import X {…}``: nixpkgs, from wherever it is taken. What is given a ``python`` is something else."""
    if isinstance(with_, Record) and "python" in with_.entries:
        return None
    if isinstance(argument, FilePath):
        return PKGS if argument.text.rstrip(">").removesuffix(".nix").endswith("nixpkgs") else None
    return PKGS if isinstance(argument, Call | Symbol) else None


def _left_alone(_: Unfolder, *arguments: Thunk) -> Value | None:  # noqa: ARG001
    return None


def _items(unfolder: Unfolder, thunk: Thunk) -> tuple[Thunk | Rest, ...]:
    return unfolder.parts(thunk.settle(unfolder))


def _plain(unfolder: Unfolder, thunk: Thunk) -> str | None:
    value = thunk.settle(unfolder)
    return value.plain if isinstance(value, Words) else None


def _texts(unfolder: Unfolder, thunk: Thunk) -> list[tuple[str, Thunk]] | None:
    """The strings of a list that is all known."""
    found = []
    for part in _items(unfolder, thunk):
        text = None if isinstance(part, Rest) else _plain(unfolder, part)
        if text is None or isinstance(part, Rest):
            return None
        found.append((text, part))
    return found


def _name_thunk(name: str, entry: Thunk | None) -> Thunk:
    return given(Words((name,), entry))


def _map(unfolder: Unfolder, function: Thunk, items: Thunk) -> Value:
    applied = function.settle(unfolder)
    return Sequence(
        tuple(
            Rest(UNKNOWN, filtered=part.filtered) if isinstance(part, Rest) else _Applied(applied, part)
            for part in _items(unfolder, items)
        )
    )


class _Applied(Thunk):
    """``function argument``, put off."""

    __slots__ = ("_argument", "_function")

    def __init__(self, function: Value, argument: Thunk) -> None:
        super().__init__(argument.node, argument.scope, argument.entry)
        self._function = function
        self._argument = argument

    def settle(self, unfolder: Unfolder) -> Value:
        if self._value is None:
            if self._busy:
                return UNKNOWN
            self._busy = True
            try:
                self._value = unfolder.apply(self._function, self._argument)
            finally:
                self._busy = False
        return self._value


def _filter(unfolder: Unfolder, predicate: Thunk, items: Thunk) -> Value:
    test = predicate.settle(unfolder)
    kept: list[Thunk | Rest] = []
    for part in _items(unfolder, items):
        if isinstance(part, Rest):
            kept.append(Rest(part.value, filtered=True))
        elif unfolder.apply(test, part) != FALSE:
            kept.append(part)
    return Sequence(tuple(kept))


def _without(unfolder: Unfolder, unwanted: Thunk, items: Thunk) -> Value:
    """``lib.remove`` and ``lib.subtractLists``."""
    wanted = unwanted.settle(unfolder)
    away = wanted.parts if isinstance(wanted, Sequence) else (unwanted,)
    shown = [part.settle(unfolder) for part in away if isinstance(part, Thunk)]
    kept: list[Thunk | Rest] = []
    for part in _items(unfolder, items):
        if isinstance(part, Rest):
            kept.append(Rest(part.value, filtered=True))
        elif part.settle(unfolder) not in shown:
            kept.append(part)
    return Sequence(tuple(kept))


def _elem(unfolder: Unfolder, item: Thunk, items: Thunk) -> Value | None:
    text, texts = _plain(unfolder, item), _texts(unfolder, items)
    if text is None or texts is None:
        return None
    return TRUE if any(text == other for other, _ in texts) else FALSE


def _attr_names(unfolder: Unfolder, record: Thunk) -> Value | None:
    names = unfolder.names(record.settle(unfolder))
    return None if names is None else Sequence(tuple(_name_thunk(name, entry) for name, entry in names))


def _attr_values(unfolder: Unfolder, record: Thunk) -> Value | None:
    value = record.settle(unfolder)
    if isinstance(value, Record) and not value.others:
        return Sequence(tuple(thunk for _, thunk in sorted(value.entries.items())))
    return None


def _list_to_attrs(unfolder: Unfolder, items: Thunk) -> Value | None:
    found: dict[str, Thunk] = {}
    others: list[Value] = []
    for part in _items(unfolder, items):
        record = UNKNOWN if isinstance(part, Rest) else part.settle(unfolder)
        name = unfolder.member(record, "name") if isinstance(record, Record) else None
        value = record.entries.get("value") if isinstance(record, Record) else None
        if not isinstance(name, Words) or name.plain is None or value is None:
            others.append(UNKNOWN)
        else:
            found.setdefault(name.plain, _Placed(value, name.node))
    return Record(found, tuple(others[:1]))


class _Placed(Thunk):
    """The value of another thunk, as an entry whose name stands somewhere else (None: nowhere in the files)."""

    __slots__ = ("_of", "of_name")

    def __init__(self, of: Thunk, of_name: Thunk | None) -> None:
        place = of if of_name is None else of_name
        super().__init__(place.node, place.scope, place.entry)
        self._of = of
        self.of_name = of_name

    def settle(self, unfolder: Unfolder) -> Value:
        return self._of.settle(unfolder)


def is_from_loop(thunk: Thunk) -> bool:
    """Whether an entry has a name that stands nowhere in the files: one of all names of a symbol."""
    return isinstance(thunk, _Placed) and thunk.of_name is None


def _named(unfolder: Unfolder, record: Thunk) -> tuple[tuple[str, Thunk | None], ...] | None:
    return unfolder.names(record.settle(unfolder))


def _member_thunk(unfolder: Unfolder, record: Thunk, name: str, entry: Thunk | None) -> Thunk:
    if entry is not None:
        return entry
    return given(unfolder.member(record.settle(unfolder), name) or UNKNOWN)


def _map_attrs(unfolder: Unfolder, function: Thunk, record: Thunk) -> Value | None:
    names = _named(unfolder, record)
    if names is None:
        return None
    applied = function.settle(unfolder)
    found = {}
    for name, entry in names:
        first = unfolder.apply(applied, _name_thunk(name, entry))
        found[name] = _Placed(_Applied(first, _member_thunk(unfolder, record, name, entry)), entry)
    return Record(found)


def _map_attrs_to(unfolder: Unfolder, function: Thunk, record: Thunk) -> Value | None:
    names = _named(unfolder, record)
    if names is None:
        return None
    applied = function.settle(unfolder)
    pairs = [
        _Applied(unfolder.apply(applied, _name_thunk(name, entry)), _member_thunk(unfolder, record, name, entry))
        for name, entry in names
    ]
    return _list_to_attrs(unfolder, given(Sequence(tuple(pairs))))


def _filter_attrs(unfolder: Unfolder, predicate: Thunk, record: Thunk) -> Value | None:
    value = record.settle(unfolder)
    names = unfolder.names(value)
    if names is None:
        return value if isinstance(value, Record) else None
    test = predicate.settle(unfolder)
    found = {}
    for name, entry in names:
        member = _member_thunk(unfolder, record, name, entry)
        if unfolder.apply(unfolder.apply(test, _name_thunk(name, entry)), member) != FALSE:
            found[name] = member if entry is not None else _Placed(member, None)
    return Record(found)


def _gen_attrs(unfolder: Unfolder, names: Thunk, function: Thunk) -> Value | None:
    texts = _texts(unfolder, names)
    if texts is None:
        return None
    applied = function.settle(unfolder)
    found: dict[str, Thunk] = {}
    for text, thunk in texts:
        words = thunk.settle(unfolder)
        found[text] = _Placed(_Applied(applied, thunk), words.node if isinstance(words, Words) else None)
    return Record(found)


def _remove_attrs(unfolder: Unfolder, record: Thunk, names: Thunk) -> Value | None:
    value, texts = record.settle(unfolder), _texts(unfolder, names)
    if texts is None:
        return value
    away = {text for text, _ in texts}
    if isinstance(value, Record):
        return Record({name: thunk for name, thunk in value.entries.items() if name not in away}, value.others)
    return value


def _has_attr(unfolder: Unfolder, name: Thunk, record: Thunk) -> Value | None:
    text = _plain(unfolder, name)
    return None if text is None else unfolder._has_attribute(text, record.settle(unfolder))  # noqa: SLF001


def _get_attr(unfolder: Unfolder, name: Thunk, record: Thunk) -> Value | None:
    text = _plain(unfolder, name)
    return None if text is None else unfolder.member(record.settle(unfolder), text)


def _optional(unfolder: Unfolder, condition: Thunk, item: Thunk) -> Value:
    return Sequence(()) if condition.settle(unfolder) == FALSE else Sequence((item,))


def _if_true(empty: Value) -> Callable[[Unfolder, Thunk, Thunk], Value]:
    def choose(unfolder: Unfolder, condition: Thunk, value: Thunk) -> Value:
        return empty if condition.settle(unfolder) == FALSE else value.settle(unfolder)

    return choose


def _concat(unfolder: Unfolder, lists: Thunk) -> Value:
    found: list[Thunk | Rest] = []
    for part in _items(unfolder, lists):
        found += [Rest(part.value)] if isinstance(part, Rest) else unfolder.parts(part.settle(unfolder))
    return Sequence(tuple(found))


def _concat_map(unfolder: Unfolder, function: Thunk, items: Thunk) -> Value:
    return _concat(unfolder, given(_map(unfolder, function, items)))


def _concat_strings(unfolder: Unfolder, separator: Thunk, items: Thunk) -> Value:
    between = separator.settle(unfolder)
    operands: list[Value] = []
    for part in _items(unfolder, items):
        operands += [between] if operands else []
        operands.append(part.value if isinstance(part, Rest) else part.settle(unfolder))
    return _add(operands) if operands else Words((), None)


def _fold(unfolder: Unfolder, function: Thunk, start: Thunk, items: Thunk) -> Value | None:
    """``lib.foldr``; ``fold`` is its older name."""
    parts = _items(unfolder, items)
    value = start
    for part in reversed(parts):
        item = given(part.value) if isinstance(part, Rest) else part
        value = given(unfolder.apply(unfolder.apply(function.settle(unfolder), item), value))
    return value.settle(unfolder)


def _fold_left(unfolder: Unfolder, function: Thunk, start: Thunk, items: Thunk) -> Value | None:
    value = start
    for part in _items(unfolder, items):
        item = given(part.value) if isinstance(part, Rest) else part
        value = given(unfolder.apply(unfolder.apply(function.settle(unfolder), value), item))
    return value.settle(unfolder)


def _compose(unfolder: Unfolder, first: Thunk, second: Thunk, self: Thunk, super_: Thunk) -> Value:
    """``lib.composeExtensions``; the second sees what the first made of an attribute as one of its own ``super``."""
    one = unfolder.record(unfolder.apply(unfolder.apply(first.settle(unfolder), self), super_))
    other = unfolder.record(unfolder.apply(unfolder.apply(second.settle(unfolder), self), super_))
    return _join(one, other)


def _compose_many(unfolder: Unfolder, extensions: Thunk, self: Thunk, super_: Thunk) -> Value:
    joined = Record({})
    for part in _items(unfolder, extensions):
        extension = part.value if isinstance(part, Rest) else part.settle(unfolder)
        joined = _join(joined, unfolder.record(unfolder.apply(unfolder.apply(extension, self), super_)))
    return joined


def _flip(unfolder: Unfolder, function: Thunk, first: Thunk, second: Thunk) -> Value:
    return unfolder.apply(unfolder.apply(function.settle(unfolder), second), first)


def _pair(_: Unfolder, name: Thunk, value: Thunk) -> Value:
    return Record({"name": name, "value": value})


def _update(unfolder: Unfolder, left: Thunk, right: Thunk) -> Value:
    return _join(unfolder.record(left.settle(unfolder)), unfolder.record(right.settle(unfolder)))


def _ends(test: Callable[[str, str], bool]) -> Callable[[Unfolder, Thunk, Thunk], Value | None]:
    def decide(unfolder: Unfolder, end: Thunk, text: Thunk) -> Value | None:
        one, other = _plain(unfolder, end), _plain(unfolder, text)
        return None if one is None or other is None else TRUE if test(other, one) else FALSE

    return decide


def _path_exists(unfolder: Unfolder, path: Thunk) -> Value | None:
    value = path.settle(unfolder)
    if not isinstance(value, FilePath) or not value.text.endswith(".nix"):
        return None
    return TRUE if unfolder.load(value) is not None else FALSE


def _is_function(unfolder: Unfolder, value: Thunk) -> Value | None:
    match value.settle(unfolder):
        case Closure():
            return TRUE
        case Words() | Constant() | FilePath() | Sequence() | Record():
            return FALSE
        case _:
            return None


def _to_string(unfolder: Unfolder, value: Thunk) -> Value | None:
    shown = value.settle(unfolder)
    return shown if isinstance(shown, Words | FilePath) else None


def _identity(unfolder: Unfolder, value: Thunk) -> Value:
    return value.settle(unfolder)


def _second(unfolder: Unfolder, _: Thunk, value: Thunk) -> Value:
    return value.settle(unfolder)


_PRIMITIVES: dict[str, tuple[int, Callable[..., Value | None]]] = {
    "attrNames": (1, _attr_names),
    "attrValues": (1, _attr_values),
    "composeExtensions": (4, _compose),
    "composeManyExtensions": (3, _compose_many),
    "concatLists": (1, _concat),
    "concatMap": (2, _concat_map),
    "concatStrings": (1, lambda unfolder, items: _concat_strings(unfolder, given(Words((), None)), items)),
    "concatStringsSep": (2, _concat_strings),
    "deepSeq": (2, _second),
    "elem": (2, _elem),
    "filter": (2, _filter),
    "filterAttrs": (2, _filter_attrs),
    "flatten": (1, _concat),
    "flip": (3, _flip),
    "fold": (3, _fold),
    "foldl": (3, _fold_left),
    "foldl'": (3, _fold_left),
    "foldr": (3, _fold),
    "genAttrs": (2, _gen_attrs),
    "getAttr": (2, _get_attr),
    "hasAttr": (2, _has_attr),
    "hasPrefix": (2, _ends(str.startswith)),
    "hasSuffix": (2, _ends(str.endswith)),
    "id": (1, _identity),
    "import": (1, import_file),
    "isFunction": (1, _is_function),
    "listToAttrs": (1, _list_to_attrs),
    "map": (2, _map),
    "mapAttrs": (2, _map_attrs),
    "mapAttrs'": (2, _map_attrs_to),
    "nameValuePair": (2, _pair),
    "optional": (2, _optional),
    "optionalAttrs": (2, _if_true(Record({}))),
    "optionalString": (2, _if_true(Words((), None))),
    "optionals": (2, _if_true(Sequence(()))),
    "pathExists": (1, _path_exists),
    "recursiveUpdate": (2, _update),
    "remove": (2, _without),
    "removeAttrs": (2, _remove_attrs),
    "seq": (2, _second),
    "singleton": (1, lambda _, item: Sequence((item,))),
    "subtractLists": (2, _without),
    "toPath": (1, _identity),
    "toString": (1, _to_string),
    "trace": (2, _second),
    "unique": (1, _identity),
}
"""What can be told of the functions of Nix and nixpkgs by looking; None leaves the call as it stands."""

_LIBRARY_NAMES = frozenset(
    {
        "all",
        "any",
        "baseNameOf",
        "cleanSource",
        "extends",
        "fetchGit",
        "fetchTarball",
        "fileContents",
        "fix",
        "fix'",
        "getDev",
        "getLib",
        "head",
        "inNixShell",
        "last",
        "length",
        "licenses",
        "maintainers",
        "makeLibraryPath",
        "not",
        "overrideDerivation",
        "parseDrvName",
        "readFile",
        "splitString",
        "substring",
        "tail",
        "versionAtLeast",
        "versionOlder",
    }
)
"""Other names that a ``with`` of the library means, and not one of nixpkgs."""

_GLOBAL = frozenset(
    {
        "abort",
        "baseNameOf",
        "builtins",
        "derivation",
        "dirOf",
        "fetchGit",
        "fetchTarball",
        "fetchurl",
        "import",
        "isNull",
        "map",
        "placeholder",
        "removeAttrs",
        "throw",
        "toString",
    }
)
"""The names that Nix itself has everywhere. (``fetchurl`` only as ``builtins.fetchurl``.)"""
_GLOBAL -= {"fetchurl"}


def places(thunks: Iterable[Thunk]) -> Iterator[syntax.Place]:
    """Where the thunks stand, as far as they stand anywhere."""
    for thunk in thunks:
        node = thunk.entry or thunk.node
        if node is not None:
            yield syntax.place_of(node)
