"""What the parser reads, as the trees that are shown: so that each of the two is a judge of the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.nix import parse as syntax
from migrator.nix.parse import form_of
from migrator.nix.tree import (
    Apply,
    AttrSet,
    Binary,
    Binding,
    Commented,
    Expression,
    Formal,
    Function,
    If,
    Inherit,
    Let,
    List,
    Name,
    Not,
    Path,
    Select,
    String,
)

if TYPE_CHECKING:
    from tree_sitter import Node


def as_tree(node: Node | None) -> Expression:  # noqa: C901, PLR0912 (one case a form)
    """The tree of one expression; comments are no part of it."""
    match form_of(node):
        case syntax.Text(parts):
            return _string(part if isinstance(part, str) else as_tree(part) for part in parts)
        case syntax.PathText(text):
            return Path(text)
        case syntax.Variable(name):
            return Name(name)
        case syntax.Selection(base, path, default):
            steps = tuple(step if isinstance(step, str) else as_tree(step) for step in path)
            return Select(as_tree(base), steps, None if default is None else as_tree(default))
        case syntax.Items(items):
            return List(tuple(map(as_tree, items)))
        case syntax.Attributes(entries, recursive=False):
            return AttrSet(_bindings(entries))
        case syntax.Lambda(argument, None, body) if argument is not None:
            return Function(argument, as_tree(body))
        case syntax.Lambda(None, parameters, body) if parameters is not None:
            formals = (Formal(p.name, None if p.default is None else as_tree(p.default)) for p in parameters)
            return Function(tuple(formals), as_tree(body))
        case syntax.Application():
            return _application(node)
        case syntax.Local(entries, body):
            return Let(_bindings(entries), as_tree(body))
        case syntax.Choice(condition, yes, no):
            return If(as_tree(condition), as_tree(yes), as_tree(no))
        case syntax.Operation(operator):
            return Binary(operator, tuple(map(as_tree, _operands(node, operator))))
        case syntax.Unary("!", operand):
            return Not(as_tree(operand))
        case other:
            raise ValueError(f"no tree is shown like that: {other}")


def plain(tree: Expression) -> Expression:  # noqa: C901, PLR0912 (likewise)
    """``tree`` without its comments, and with the texts of a string joined: what can be read back."""
    match tree:
        case String(parts):
            return _string(part if isinstance(part, str) else plain(part) for part in parts)
        case Select(base, path, default):
            steps = tuple(step if isinstance(step, str) else plain(step) for step in path)
            return Select(plain(base), steps, None if default is None else plain(default))
        case List(items):
            return List(tuple(map(plain, items)))
        case AttrSet(bindings):
            return AttrSet(_plain_bindings(bindings))
        case Function(argument, body):
            if isinstance(argument, str):
                return Function(argument, plain(body))
            formals = (Formal(f.name, None if f.default is None else plain(f.default)) for f in argument)
            return Function(tuple(formals), plain(body))
        case Apply(function, arguments):
            return Apply(plain(function), tuple(map(plain, arguments)))
        case Let(bindings, body):
            return Let(_plain_bindings(bindings), plain(body))
        case If(condition, yes, no):
            return If(plain(condition), plain(yes), plain(no))
        case Binary(operator, operands):
            return Binary(operator, tuple(map(plain, operands)))
        case Not(operand):
            return Not(plain(operand))
        case Commented(_, body):
            return plain(body)
        case _:
            return tree


def _string(parts: Iterable[str | Expression]) -> String:
    joined: list[str | Expression] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(before, str):
            joined[-1] = before + part
        elif part != "":
            joined.append(part)
    return String(tuple(joined))


def _bindings(entries: Iterable[syntax.Entry | syntax.Inherited]) -> tuple[Binding | Inherit, ...]:
    return tuple(
        Inherit(entry.names, None if entry.source is None else as_tree(entry.source))
        if isinstance(entry, syntax.Inherited)
        else Binding(tuple(step for step in entry.path if isinstance(step, str)), as_tree(entry.value))
        for entry in entries
    )


def _plain_bindings(bindings: Iterable[Binding | Inherit]) -> tuple[Binding | Inherit, ...]:
    return tuple(
        Inherit(binding.names, None if binding.source is None else plain(binding.source))
        if isinstance(binding, Inherit)
        else Binding(binding.path, plain(binding.value))
        for binding in bindings
    )


def _application(node: Node | None) -> Apply:
    arguments: list[Expression] = []
    form = form_of(node)
    function = node
    while isinstance(form, syntax.Application):
        arguments.append(as_tree(form.argument))
        function = form.function
        form = syntax.Refused() if _is_in_parentheses(function) else form_of(function)
    return Apply(as_tree(function), tuple(reversed(arguments)))


def _operands(node: Node | None, operator: str) -> list[Node]:
    """The operands that stand side by side, whichever way the operator associates."""
    form = form_of(node)
    assert isinstance(form, syntax.Operation)
    found: list[Node] = []
    for side in (form.left, form.right):
        inner = form_of(side)
        same = isinstance(inner, syntax.Operation) and inner.operator == operator and not _is_in_parentheses(side)
        found += _operands(side, operator) if same else [side]
    return found


def _is_in_parentheses(node: Node) -> bool:
    return node.type == "parenthesized_expression"
