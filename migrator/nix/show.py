"""Nix values as text, in the style of nixfmt (RFC 166). The only place where Nix text is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from . import quote
from .tree import (
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

WIDTH = 100
"""The longest line, its indentation not counted."""

_MOST_INHERITED_INLINE = 3
_MOST_FORMALS_INLINE = 2
_ABSORBING_OPERATORS = frozenset({"++", "//", "+"})
_LOOSENESS = {"++": 1, "+": 2, "!": 3, "//": 4, "==": 5, "!=": 5, "&&": 6, "||": 7}


def show(expression: Expression) -> str:
    """``expression`` as Nix text, without a newline at the end.

    What Nix cannot say is refused, never altered; only a comment is (control characters become spaces).

    :raises ValueError: a string or attribute name holds NUL or half of a surrogate pair; a variable is no
        identifier; a path has characters that need quoting; an expression inside ``${ }`` takes several lines
    """
    return _block(expression, 0, WIDTH)


def _string(value: String) -> str:
    # adjacent texts are one: "$" before "{" in the next part would otherwise escape being escaped
    texts: list[str] = []
    literal = ""
    for part in value.parts:
        if isinstance(part, str):
            literal += part
        else:
            texts.append(quote.escape_before_interpolation(literal) + "${" + _single(_line(part)) + "}")
            literal = ""
    return '"' + "".join(texts) + quote.escape(literal) + '"'


def _selection(path: Iterable[str | Expression]) -> str:
    return "".join(
        f".{quote.attribute(step)}" if isinstance(step, str) else ".${" + _single(_line(step)) + "}" for step in path
    )


def _single(line: str | None) -> str:
    if line is None:
        raise ValueError("an expression inside ${ } has to fit on a line")
    return line


# on one line


def _line(expression: Expression) -> str | None:
    """``expression`` on one line, None where the style wants several."""
    match expression:
        case String() | Path() | Name():
            return _atom(expression)
        case Select(base, path, default):
            head = _joined("", _base(base), _selection(path))
            # "a or b or c" is read from the right, as it is meant
            return head if default is None else _joined(" or ", head, _term(default))
        case List(items):
            return "[ ]" if not items else _wrapped("[ ", _term(items[0]), " ]") if len(items) == 1 else None
        case AttrSet(bindings):
            return "{ }" if not bindings else _wrapped("{ ", _binding_line(bindings[0]), " }", alone=len(bindings) == 1)
        case Function(argument, body):
            return _joined(": ", _argument_line(argument), _line(body))
        case Apply(function, arguments):
            return _joined(" ", _term(function), *(_term(argument) for argument in arguments))
        case If(condition, yes, no):
            parts = _joined(" else ", _joined(" then ", _line(condition), _line(yes)), _line(no))
            return None if isinstance(no, If) else _wrapped("if ", parts, "")
        case Binary(operator, operands):
            return _joined(f" {operator} ", *(_operand(operand, operator) for operand in operands))
        case Not(operand):
            return _wrapped("!", _operand(operand, "!"), "")
        case Let() | Commented():
            return None
        case never:
            assert_never(never)


def _atom(expression: String | Path | Name) -> str:
    match expression:
        case String():
            return _string(expression)
        case Path(text):
            return quote.path(text)
        case Name(text):
            return quote.variable(text)
        case never:
            assert_never(never)


def _joined(separator: str, *parts: str | None) -> str | None:
    known = [part for part in parts if part is not None]
    return separator.join(known) if len(known) == len(parts) else None


def _wrapped(before: str, inner: str | None, after: str, *, alone: bool = True) -> str | None:
    return None if inner is None or not alone else before + inner + after


def _is_term(expression: Expression) -> bool:
    """Whether ``expression`` may stand in a list without parentheses."""
    return isinstance(expression, String | Path | Name | Select | List | AttrSet)


def _term(expression: Expression) -> str | None:
    line = _line(expression)
    return line if _is_term(expression) else _wrapped("(", line, ")")


def _base(expression: Expression) -> str | None:
    # "(a.b or c).d" is not "a.b or c.d", and "./a.b" is a path
    bare = isinstance(expression, Name | AttrSet | String) or (
        isinstance(expression, Select) and expression.default is None
    )
    return _line(expression) if bare else _wrapped("(", _line(expression), ")")


def _operand(expression: Expression, operator: str) -> str | None:
    return _line(expression) if _binds_tighter(expression, operator) else _term(expression)


def _binds_tighter(expression: Expression, operator: str) -> bool:
    """Whether ``expression`` may be an operand of ``operator`` without parentheses."""
    match expression:
        case Apply():
            return True
        case Not():
            return _LOOSENESS["!"] < _LOOSENESS[operator]
        case Binary(inner, _):
            return _LOOSENESS[inner] < _LOOSENESS[operator]
        case _:
            return _is_term(expression)


def _binding_line(binding: Binding | Inherit) -> str | None:
    match binding:
        case Inherit(names, source):
            origin = () if source is None else (_wrapped("(", _line(source), ")"),)
            short = len(names) <= _MOST_INHERITED_INLINE
            return _wrapped("", _joined(" ", "inherit", *origin, *map(quote.attribute, names)), ";", alone=short)
        case Binding(path, value, comment):
            if comment or _is_wide(value):
                return None
            return _wrapped(".".join(map(quote.attribute, path)) + " = ", _line(value), ";")
        case never:
            assert_never(never)


def _argument_line(argument: str | tuple[Formal, ...]) -> str | None:
    if isinstance(argument, str):
        return quote.variable(argument)
    if len(argument) > _MOST_FORMALS_INLINE or any(f.default is not None or f.comment for f in argument):
        return None
    return "{ " + ", ".join(quote.variable(f.name) for f in argument) + " }" if argument else "{ }"


# on several lines


def _block(expression: Expression, depth: int, room: int) -> str:
    """``expression`` from the current column on; later lines are indented by ``depth`` levels.

    ``room`` is what is left of the current line.
    """
    line = _line(expression)
    if line is not None and len(line) <= room:
        return line
    match expression:
        case String() | Path() | Name():
            return _atom(expression)
        case Not(operand):
            return "!" + _operand_block(operand, "!", depth, WIDTH)
        case Select():
            return _select_block(expression, depth)
        case List() | AttrSet():
            return _collection_block(expression, depth)
        case Function(argument, body):
            return _function_block(argument, body, depth)
        case Apply():
            return _absorbed(expression, depth, room) or _spread(expression, depth)
        case Let(bindings, body):
            inner = _between("let", _let_bindings(bindings, depth + 1), depth, "in")
            return inner + _newline(depth) + _block(body, depth, WIDTH)
        case If():
            return _if_block(expression, depth)
        case Binary(operator, operands):
            return _operand_block(operands[0], operator, depth, WIDTH) + _others(operator, operands[1:], depth)
        case Commented(comment, body):
            return _comment(comment, depth) + _block(body, depth, WIDTH)
        case never:
            assert_never(never)


def _collection_block(expression: List | AttrSet, depth: int) -> str:
    if isinstance(expression, List):
        return _between("[", (_term_block(item, depth + 1, WIDTH) for item in expression.items), depth, "]")
    return _between("{", (_binding(binding, depth + 1) for binding in expression.bindings), depth, "}")


def _others(operator: str, operands: Iterable[Expression], depth: int) -> str:
    """All operands but the first, each on a line of its own."""
    room = WIDTH - len(operator) - 1
    blocks = (_operand_block(operand, operator, depth, room) for operand in operands)
    return "".join(f"{_newline(depth)}{operator} {block}" for block in blocks)


def _newline(depth: int) -> str:
    return "\n" + "  " * depth


def _between(opening: str, items: Iterable[str], depth: int, closing: str) -> str:
    inner = "".join(_newline(depth + 1) + item if item else "\n" for item in items)
    return opening + inner + _newline(depth) + closing


def _comment(text: str, depth: int) -> str:
    return "".join(line + _newline(depth) for line in quote.comment(text))


def _term_block(expression: Expression, depth: int, room: int) -> str:
    return _block(expression, depth, room) if _is_term(expression) else _parenthesised(expression, depth, room)


def _operand_block(expression: Expression, operator: str, depth: int, room: int) -> str:
    bare = _binds_tighter(expression, operator)
    return _block(expression, depth, room) if bare else _parenthesised(expression, depth, room)


def _parenthesised(expression: Expression, depth: int, room: int) -> str:
    line = _wrapped("(", _line(expression), ")")
    if line is not None and len(line) <= room:
        return line
    if isinstance(expression, Function) and isinstance(expression.argument, str) and _is_full(expression.body):
        return f"({quote.variable(expression.argument)}: {_expanded(expression.body, depth)})"
    return f"({_newline(depth + 1)}{_block(expression, depth + 1, WIDTH)}{_newline(depth)})"


def _is_full_set(expression: Expression) -> bool:
    """Whether ``expression`` is a set that is always expanded as the value of a binding."""
    match expression:
        case AttrSet((Inherit(),)) | AttrSet(()):
            return False
        case AttrSet():
            return True
        case _:
            return False


def _is_wide(value: Expression) -> bool:
    """Whether ``value`` takes several lines as the value of a binding, however short it is."""
    match value:
        case Binary(operator, (left, right)) if operator in _ABSORBING_OPERATORS:
            return _is_full_set(left) or _is_full_set(right)
        case _:
            return _is_full_set(value)


def _is_full(expression: Expression) -> bool:
    """Whether ``expression`` is a list or set with something in it, which may begin at the end of a line."""
    return _is_full_set(expression) or (isinstance(expression, List) and bool(expression.items))


def _expanded(expression: Expression, depth: int) -> str:
    """A list or set that begins at the end of a line: a set on several lines, always."""
    return _block(expression, depth, 0) if _is_full_set(expression) else _block(expression, depth, WIDTH)


def _select_block(expression: Select, depth: int) -> str:
    steps = [expression]
    while isinstance(steps[-1].default, Select):
        steps.append(steps[-1].default)
    parts = [_selected(step, depth) for step in steps]
    if steps[-1].default is not None:
        parts.append(_term_block(steps[-1].default, depth, WIDTH))
    text, used = parts[0], len(parts[0])
    for part in parts[1:]:
        beside = "\n" in text + part or used + len(f" or {part}") <= WIDTH
        text += f" or {part}" if beside else f"{_newline(depth + 1)}or {part}"
        used = used + len(f" or {part}") if beside else len(f"or {part}")
    return text


def _selected(step: Select, depth: int) -> str:
    line = _line(Select(step.base, step.path))
    if line is not None:
        return line
    bare = isinstance(step.base, AttrSet)
    base = _block(step.base, depth, WIDTH) if bare else _parenthesised(step.base, depth, WIDTH)
    return base + _selection(step.path)


def _function_block(argument: str | tuple[Formal, ...], body: Expression, depth: int) -> str:
    if isinstance(argument, str):
        head = f"{quote.variable(argument)}:"
        if isinstance(body, Function) and isinstance(body.argument, str):
            return f"{head} {_function_block(body.argument, body.body, depth)}"
        if _is_full(body):
            return f"{head} {_block(body, depth, 0)}"
        return head + _newline(depth) + _block(body, depth, WIDTH)
    line = _argument_line(argument)
    head = line or _between("{", (_formal(formal, depth + 1) for formal in argument), depth, "}")
    return head + ":" + _newline(depth) + _block(body, depth, WIDTH)


def _formal(formal: Formal, depth: int) -> str:
    name = quote.variable(formal.name)
    value = "" if formal.default is None else " ?" + _value(formal.default, depth, len(name) + 2)
    return _comment(formal.comment, depth) + name + value + ","


def _let_bindings(bindings: Iterable[Binding | Inherit], depth: int) -> Iterable[str]:
    """The bindings of a ``let``; an empty line stands before one that has a comment."""
    for number, binding in enumerate(bindings):
        if number and isinstance(binding, Binding) and binding.comment:
            yield ""
        yield _binding(binding, depth)


def _binding(binding: Binding | Inherit, depth: int) -> str:
    match binding:
        case Inherit(names, source):
            line = _binding_line(binding)
            if line is not None and len(line) <= WIDTH:
                return line
            head = "inherit" if source is None else f"inherit {_parenthesised(source, depth, WIDTH)}"
            inner = "".join(_newline(depth + 1) + quote.attribute(name) for name in names)
            return f"{head}{inner}{_newline(depth + 1)};"
        case Binding(path, value, comment):
            name = ".".join(map(quote.attribute, path))
            return f"{_comment(comment, depth)}{name} ={_value(value, depth, len(name) + 2)};"
        case never:
            assert_never(never)


def _value(value: Expression, depth: int, used: int) -> str:
    """What follows ``name =`` or ``name ?``, from the space or newline on; ``used`` are the columns taken."""
    room = WIDTH - used - 2
    line = None if _is_wide(value) else _line(value)
    if line is not None and (len(line) <= room or isinstance(value, String | Path)):
        return f" {line}"
    beside = _beside(value, depth, room)
    return f" {beside}" if beside is not None else _newline(depth + 1) + _block(value, depth + 1, WIDTH - 1)


def _beside(value: Expression, depth: int, room: int) -> str | None:
    """``value`` on several lines beginning beside its name, None where it has to begin on a new line."""
    match value:
        case List() | AttrSet():
            return _block(value, depth, 0)
        case Function(str(), body) if _is_full(_innermost(body)):
            return _block(value, depth, room)
        case Apply():
            return _absorbed(value, depth, room)
        case Binary(operator, (first, *others)) if operator in _ABSORBING_OPERATORS and _is_full(first):
            return _expanded(first, depth) + _others(operator, others, depth)
        case Binary(operator, (left, right)) if operator in _ABSORBING_OPERATORS and _is_full(right):
            head = _joined(" ", _operand(left, operator), operator)
            return None if head is None or len(head) > room else f"{head} {_expanded(right, depth)}"
        case _:
            return None


def _innermost(expression: Expression) -> Expression:
    while isinstance(expression, Function) and isinstance(expression.argument, str):
        expression = expression.body
    return expression


def _absorbed(expression: Apply, depth: int, room: int) -> str | None:
    """The application with all but its last argument on the current line, None where that cannot be."""
    *others, last = expression.arguments
    head = _joined(" ", _term(expression.function), *(_term(argument) for argument in others))
    if head is None or len(head) + 2 > room:
        return None
    if _is_full(last):
        return f"{head} {_block(last, depth, 0)}"
    if _is_term(last):
        return None
    return f"{head} {_parenthesised(last, depth, room - len(head) - 1)}"


def _spread(expression: Apply, depth: int) -> str:
    """The application with each argument on a line of its own."""
    head = _term_block(expression.function, depth, WIDTH)
    arguments = (_term_block(argument, depth + 1, WIDTH) for argument in expression.arguments)
    return head + "".join(_newline(depth + 1) + argument for argument in arguments)


def _if_block(expression: If, depth: int) -> str:
    condition = _line(expression.condition)
    if condition is not None and len(condition) + len("if  then") <= WIDTH:
        head = f"if {condition} then"
    else:
        inner = _block(expression.condition, depth + 1, WIDTH)
        head = f"if{_newline(depth + 1)}{inner}{_newline(depth)}then"
    yes = _newline(depth + 1) + _block(expression.yes, depth + 1, WIDTH)
    if isinstance(expression.no, If):
        return f"{head}{yes}{_newline(depth)}else {_if_block(expression.no, depth)}"
    return f"{head}{yes}{_newline(depth)}else{_newline(depth + 1)}{_block(expression.no, depth + 1, WIDTH)}"
