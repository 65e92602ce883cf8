"""What Nix text stands for, as far as looking tells.

Names are looked up, sets are joined, and functions that the files themselves define are unfolded where they are used.
What comes from outside (``pkgs``, ``self``, ``old``) stays a :class:`Symbol`, and what is asked of it a
:class:`Member` or a :class:`Call`. Nothing is built, fetched or run; the work is bounded in steps and in depth, and
what lies beyond a bound is :class:`Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from . import parse as syntax
from .library import EVERYWHERE, KNOWN, PRIMITIVES, import_file, imported_from_outside
from .values import (
    FALSE,
    TRUE,
    UNKNOWN,
    Call,
    Closure,
    Constant,
    FilePath,
    Inheriting,
    InheritingFrom,
    Member,
    Record,
    Rest,
    Scope,
    Sequence,
    Symbol,
    Thunk,
    Undecided,
    Unknown,
    Value,
    Words,
    given,
    is_library,
    join,
    join_words,
    negate,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_STEPS = 500_000
_DEEPEST = 64
"""Each level takes some ten of Python's own."""


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
        self.nameless: list[Thunk] = []
        """Entries whose name nobody can tell: it is computed."""
        self._steps = 0
        self._depth = 0

    # expressions

    def unfold(self, node: Node, scope: Scope, at: Thunk | None = None) -> Value:
        """What the expression ``node`` stands for."""
        if self._depth >= _DEEPEST or not self.spend(1):
            self.exhausted = True
            return UNKNOWN
        self._depth += 1
        try:
            return self._unfold(syntax.form_of(node), scope, at or Thunk(node, scope))
        except RecursionError:  # whoever called us was deep in already
            self.exhausted = True
            return UNKNOWN
        finally:
            self._depth -= 1

    def spend(self, steps: int) -> bool:
        """Whether there is still time for work of so many steps."""
        self._steps += steps
        if self._steps > _MOST_STEPS:
            self.exhausted = True
        return not self.exhausted

    def _unfold(self, form: syntax.Form, scope: Scope, at: Thunk) -> Value:  # noqa: C901, PLR0912 (one case a form)
        match form:
            case syntax.Text(parts):
                return self.words((part if isinstance(part, str) else self.unfold(part, scope) for part in parts), at)
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
                return negate(self.unfold(operand, scope))
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
        if name in EVERYWHERE:
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
                if name in KNOWN:
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
            if default is not None and (found is None or self.has_attribute(name, value) == FALSE):
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
            case Unknown():
                return UNKNOWN
            case _:
                return None

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
            decided = self.has_attribute(name, value)
            if decided != TRUE:
                return decided
            value = self.member(value, name) or UNKNOWN
        return TRUE

    def has_attribute(self, name: str, value: Value) -> Value:
        """Whether ``value`` has the attribute ``name``, as far as that is known."""
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
                inside = scope if entry.source is not None else outside
                found |= {inherited: self._inherit(inherited, entry, inside) for inherited in entry.names}
                continue
            name = self._name(entry.path[0], scope) if entry.path else None
            if name is None:
                self.nameless.append(Thunk(entry.value, scope, entry.node))
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
                joined = join(before, more) if isinstance(before, Record) else more
                found[name] = Thunk(entry.value, scope, entry.node, joined)
        return found

    def _inherit(self, name: str, entry: syntax.Inherited, scope: Scope) -> Thunk:
        if entry.source is None:
            return Inheriting(entry.node, scope, name)
        return InheritingFrom(entry.source, scope, name, entry.node)

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
        if not self.spend(len(arguments)):
            return UNKNOWN
        name = head.name if isinstance(head, Member) and is_library(head.base) else None
        if isinstance(head, Member) and head.name == "callPackage" and len(arguments) == 2:  # noqa: PLR2004
            return self._call_package(arguments[1], arguments[0]) or Call(function, argument)
        if name is None:
            return Call(function, argument)
        if name == "import" and len(arguments) > 1:
            from_outside = imported_from_outside(arguments[-1].settle(self), arguments[-2].settle(self))
            return from_outside or Call(function, argument)
        primitive = PRIMITIVES.get(name)
        if primitive is None or len(arguments) < primitive.arity:
            return Call(function, argument)
        arity = primitive.arity
        result = primitive.run(self, *reversed(arguments[len(arguments) - arity :]))
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
                return negate(_equal(left, right))
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
                return self.sequence(part for operand in operands for part in self.parts(operand))
            case "//":
                joined = Record({})
                for operand in operands:
                    joined = join(joined, self.record(operand))
                return joined
            case _:
                return _add(self, operands)

    # shapes

    def sequence(self, parts: Iterable[Thunk | Rest]) -> Value:
        """A list of ``parts``; unknown where it would be too long."""
        found = tuple(parts)
        return Sequence(found) if self.spend(len(found)) else UNKNOWN

    def words(self, operands: Iterable[str | Value], at: Thunk | None = None) -> Value:
        """A string of ``operands``; unknown where it would be too long."""
        parts = join_words(operands)
        length = sum(len(part) if isinstance(part, str) else 1 for part in parts)
        return Words(parts, at) if self.spend(length // 64) else UNKNOWN

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
                    joined = join(joined, self.record(option.settle(self)))
                return joined
            case _:
                return Record({}, (value,))

    def names(self, value: Value) -> tuple[tuple[str, Thunk | None], ...] | None:
        """The attribute names of a set, each with its entry where there is one; None where they are not known."""
        found: dict[str, Thunk | None]
        match value:
            case Record(entries, others):
                inherited = [self.names(other) for other in others]
                known = [names for names in inherited if names is not None]
                found = {name: entry for names in known for name, entry in names} | dict(entries)
                return tuple(sorted(found.items())) if len(known) == len(inherited) else None
            case Symbol(symbol) if symbol in self.known:
                return tuple((name, None) for name in sorted(self.known[symbol]))
            case _:
                return None


def _equal(left: Value, right: Value) -> Value:
    if isinstance(left, Words) and isinstance(right, Words):
        if left.plain is None or right.plain is None:
            return UNKNOWN
        return TRUE if left.plain == right.plain else FALSE
    if isinstance(left, Constant) and isinstance(right, Constant):
        return TRUE if left == right else FALSE
    return UNKNOWN


def _add(unfolder: Unfolder, operands: list[Value]) -> Value:
    """Strings and paths joined by ``+``."""
    first = operands[0]
    if not isinstance(first, FilePath):
        return unfolder.words(operands)
    texts = [o.text if isinstance(o, FilePath) else o.plain if isinstance(o, Words) else None for o in operands]
    known = [text for text in texts if text is not None]
    return FilePath("".join(known), first.file) if len(known) == len(texts) else UNKNOWN
