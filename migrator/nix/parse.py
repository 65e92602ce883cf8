"""Nix text to a tree with positions, by tree-sitter and its Nix grammar. Nothing is ever evaluated.

The tree is read one step at a time: :func:`form_of` tells what a node is, and leaves its parts unread. So a file of
many thousand packages costs no more than what is looked at. What the grammar refuses is told by its place
(:func:`find_refused`), and the rest of the tree is there all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


class Text(NamedTuple):
    """A string. ``parts`` are text as Nix means it (escapes and indentation resolved), and what ``${ }`` holds."""

    parts: tuple[str | Node, ...]


class PathText(NamedTuple):
    """A path (``./x.nix``, ``/x``, ``~/x``) or one that is looked up (``<nixpkgs>``), as written; ``${ }`` included."""

    text: str


class Uri(NamedTuple):
    """A URL without quotes."""

    text: str


class Number(NamedTuple):
    """A number, as written."""

    text: str


class Variable(NamedTuple):
    """A variable, ``true``, ``false`` or ``null``."""

    name: str


class Selection(NamedTuple):
    """``base.path or default``. A node in the path is computed: ``a.${b}``."""

    base: Node
    path: tuple[Key, ...]
    default: Node | None


class Items(NamedTuple):
    """``[ a b ]``."""

    items: tuple[Node, ...]


class Entry(NamedTuple):
    """``path = value;`` of a set or of ``let``; ``node`` is all of it, for its place."""

    path: tuple[Key, ...]
    value: Node
    node: Node


class Inherited(NamedTuple):
    """``inherit names;`` or ``inherit (source) names;``."""

    names: tuple[str, ...]
    source: Node | None
    node: Node


class Attributes(NamedTuple):
    """``{ … }`` or ``rec { … }``."""

    entries: tuple[Entry | Inherited, ...]
    recursive: bool


class Parameter(NamedTuple):
    """One of the arguments of ``{ a, b ? c }: …``."""

    name: str
    default: Node | None


class Lambda(NamedTuple):
    """``argument: body``, or ``{ parameters }@argument: body``; ``parameters`` is None for the plain form."""

    argument: str | None
    parameters: tuple[Parameter, ...] | None
    body: Node


class Application(NamedTuple):
    """``function argument``: one argument, as Nix has it."""

    function: Node
    argument: Node


class Local(NamedTuple):
    """``let entries in body``."""

    entries: tuple[Entry | Inherited, ...]
    body: Node


class Within(NamedTuple):
    """``with scope; body``."""

    scope: Node
    body: Node


class Asserted(NamedTuple):
    """``assert condition; body``."""

    condition: Node
    body: Node


class Choice(NamedTuple):
    """``if condition then yes else no``."""

    condition: Node
    yes: Node
    no: Node


class Operation(NamedTuple):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


class Unary(NamedTuple):
    """``!operand`` or ``-operand``."""

    operator: str
    operand: Node


class Membership(NamedTuple):
    """``subject ? path``."""

    subject: Node
    path: tuple[Key, ...]


class Refused(NamedTuple):
    """What the grammar does not take, or an expression with a part missing."""


Form: TypeAlias = (
    Text
    | PathText
    | Uri
    | Number
    | Variable
    | Selection
    | Items
    | Attributes
    | Lambda
    | Application
    | Local
    | Within
    | Asserted
    | Choice
    | Operation
    | Unary
    | Membership
    | Refused
)
Key: TypeAlias = "str | Node"
"""A step of an attribute path: its name, or the node of an expression that computes it."""


class Place(NamedTuple):
    """Where something stands; lines and columns count from 1, columns in characters."""

    line: int
    end_line: int
    column: int


def parse(text: bytes) -> Node:
    """The root of the tree of ``text``, which is UTF-8. Whatever the text is, there is a tree."""
    return _parser().parse(text).root_node


def expression_of(root: Node) -> Node | None:
    """The expression that a file holds, None where there is none."""
    found = root.child_by_field_name("expression")
    if found is None and root.has_error:
        found = next((child for child in root.named_children if child.type != "comment"), None)
    return found


def place_of(node: Node) -> Place:
    """The place of ``node``."""
    start = node.start_point
    return Place(start.row + 1, node.end_point.row + 1, start.column + 1)


def source_of(node: Node) -> str:
    """The text of ``node``, as written."""
    return _text(node)


def comments_at_start(root: Node) -> Iterator[tuple[str, int]]:
    """The comments before the first expression, each with its line; ``/* */`` comes as one."""
    for child in root.children:
        if child.type != "comment":
            return
        yield _text(child), child.start_point.row + 1


def find_comments(root: Node, text: bytes) -> Iterator[tuple[str, int]]:
    """All comments in ``text``, whose tree this is, each with its line; a comment of several lines comes as one."""
    marks = {mark: text.find(mark) for mark in (b"#", b"/*")}
    while found := [at for at in marks.values() if at >= 0]:
        at = min(found)
        node = root.descendant_for_byte_range(at, at + 1)
        after = at + 1
        if node is not None and node.type == "comment":
            yield _text(node), node.start_point.row + 1
            after = node.end_byte
        elif node is not None and not node.child_count:
            after = max(node.end_byte, after)  # the inside of a string or of a URL
        for mark, place in marks.items():
            if 0 <= place < after:
                marks[mark] = text.find(mark, after)


def find_refused(root: Node) -> Iterator[tuple[Node, str]]:
    """What the grammar refuses, in reading order: where, and what is missing there (empty: something is too much)."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_missing:
            if not _is_after_last_comma(node):
                yield node, node.type
        elif node.is_error:
            yield node, ""
        if node.has_error:
            stack.extend(reversed([child for child in node.children if child.has_error or child.is_missing]))


def _is_after_last_comma(missing: Node) -> bool:
    """Whether the grammar misses another argument in ``{ a, b, }:``, where Nix misses none."""
    formal = missing.parent
    following = None if formal is None or formal.type != "formal" else formal.next_sibling
    return following is not None and following.type == "}"


def form_of(node: Node | None) -> Form:
    """What ``node`` is, parentheses taken off. Its parts are left unread."""
    while node is not None:
        kind = node.type
        if kind == "parenthesized_expression":
            node = node.child_by_field_name("expression")
            continue
        reader = _FORMS.get(kind)
        return _REFUSED if reader is None else reader(node)
    return _REFUSED


_REFUSED = Refused()


@cache
def _parser() -> Parser:
    import tree_sitter  # only who reads Nix pays for it
    import tree_sitter_nix

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_nix.language()))


_IDENTIFIER = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'"
_NOT_LITERAL = b'"\\$\r'
"""What has a meaning of its own between quotes."""


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def name_in(text: bytes) -> str | None:
    """The name that ``text`` writes, an identifier or a string without escapes; None for anything else."""
    if text[:1] == b'"':
        inside = text[1:-1]
        plain = len(text) > 1 and text[-1:] == b'"' and len(inside.translate(None, _NOT_LITERAL)) == len(inside)
        return inside.decode("utf-8", "replace") if plain else None
    return text.decode("ascii") if text and not text.translate(None, _IDENTIFIER) else None


def selected_from(node: Node, base: bytes) -> str | None:
    """``x`` of the expression ``base."x"`` or ``base.x``; None for anything else, also for what only means the same."""
    text = node.text or b""
    return name_in(text[len(base) + 1 :]) if text.startswith(base + b".") else None


def _parts(node: Node) -> Iterator[str | Node]:
    """The parts of a string, of a computed name or of a path; adjacent texts are not joined."""
    for child in node.children:
        match child.type:
            case "string_fragment":
                yield _LINE_END.sub("\n", _text(child))
            case "escape_sequence":
                yield _unescaped(_text(child))
            case "interpolation":
                inner = child.child_by_field_name("expression")
                yield child if inner is None else inner
            case _:
                pass


_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_LINE_END = re.compile(r"\r\n?")


def _unescaped(sequence: str) -> str:
    character = sequence[1:]
    return _ESCAPED.get(character, character)


def _joined(parts: Iterator[str | Node]) -> tuple[str | Node, ...]:
    found: list[str | Node] = []
    for part in parts:
        before = found[-1] if found else None
        if isinstance(part, str) and isinstance(before, str):
            found[-1] = before + part
        elif part != "":
            found.append(part)
    return tuple(found)


def _read_string(node: Node) -> Form:
    plain = name_in(node.text or b"")
    if plain is not None:
        return Text((plain,) if plain else ())
    return Text(_joined(_parts(node)))


class _Escape(NamedTuple):
    """Text of an indented string that was escaped: it is no indentation."""

    text: str


def _indented_parts(node: Node) -> Iterator[str | Node | _Escape]:
    after_dollar = False
    for child in node.children:
        match child.type:
            case "string_fragment":
                text = _text(child)
                if after_dollar and text.startswith("$"):
                    yield _Escape("$")
                    text = text[1:]
                yield text
            case "escape_sequence":
                text = _text(child)
                yield _Escape("''" if text == "'''" else _unescaped(text[2:]))
            case "interpolation":
                inner = child.child_by_field_name("expression")
                yield child if inner is None else inner
            case _:
                pass
        after_dollar = child.type == "dollar_escape"


def _read_indented(node: Node) -> Form:
    """An indented string: the indentation that all lines share is no part of it, nor is an empty first line."""
    parts = [part for part in _indented_parts(node) if part != ""]
    least = _least_indentation(parts)
    found: list[str | Node] = []
    at_start = True
    dropped = 0
    for number, part in enumerate(parts):
        if not isinstance(part, str):
            found.append(part.text if isinstance(part, _Escape) else part)
            at_start = False
            continue
        kept: list[str] = []
        for character in part:
            if at_start and character == " " and dropped < least:
                dropped += 1
                continue
            at_start = character == "\n"
            if at_start:
                dropped = 0
            kept.append(character)
        text = "".join(kept)
        if number == len(parts) - 1 and "\n" in text and not text.rpartition("\n")[2].strip(" "):
            text = text.rpartition("\n")[0] + "\n"
        found.append(text)
    if found and isinstance(found[0], str) and isinstance(parts[0], str):
        first, newline, _ = parts[0].partition("\n")
        if newline and not first.strip(" "):
            found[0] = found[0].partition("\n")[2]
        elif not newline and not first.strip(" ") and len(parts) == 1:
            found[0] = ""
    return Text(_joined(iter(found)))


def _least_indentation(parts: list[str | Node | _Escape]) -> int:
    least: int | None = None
    at_start = True
    current = 0
    for part in parts:
        if not isinstance(part, str):
            if at_start:
                at_start = False
                least = current if least is None else min(least, current)
            continue
        for character in part:
            if at_start:
                if character == " ":
                    current += 1
                    continue
                if character == "\n":
                    current = 0
                    continue
                at_start = False
                least = current if least is None else min(least, current)
            elif character == "\n":
                at_start = True
                current = 0
    return least or 0


def _key(node: Node) -> Key:
    match node.type:
        case "identifier":
            return _text(node)
        case "string_expression":
            parts = _joined(_parts(node))
            if not parts:
                return ""
            return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else node
        case "interpolation":
            inner = node.child_by_field_name("expression")
            return node if inner is None else inner
        case _:
            return node


def _path(node: Node | None) -> tuple[Key, ...]:
    if node is None:
        return ()
    name = name_in(node.text or b"")
    return tuple([_key(step) for step in node.children_by_field_name("attr")]) if name is None else (name,)


def _entries(node: Node) -> tuple[Entry | Inherited, ...]:
    found: list[Entry | Inherited] = []
    for bindings in node.named_children:
        if bindings.type != "binding_set":
            continue
        for binding in bindings.named_children:
            entry = _entry(binding)
            if entry is not None:
                found.append(entry)
    return tuple(found)


def _entry(binding: Node) -> Entry | Inherited | None:
    kind = binding.type
    if kind == "binding":
        value = binding.child_by_field_name("expression")
        return None if value is None else Entry(_path(binding.child_by_field_name("attrpath")), value, binding)
    if kind not in {"inherit", "inherit_from"}:
        return None
    attributes = binding.child_by_field_name("attrs")
    keys = () if attributes is None else tuple(_key(attr) for attr in attributes.children_by_field_name("attr"))
    source = binding.child_by_field_name("expression") if kind == "inherit_from" else None
    return Inherited(tuple(key for key in keys if isinstance(key, str)), source, binding)


def _read_selection(node: Node) -> Form:
    base = node.child_by_field_name("expression")
    if base is None:
        return _REFUSED
    return Selection(base, _path(node.child_by_field_name("attrpath")), node.child_by_field_name("default"))


def _read_lambda(node: Node) -> Form:
    body = node.child_by_field_name("body")
    if body is None:
        return _REFUSED
    argument = node.child_by_field_name("universal")
    formals = node.child_by_field_name("formals")
    parameters = None
    if formals is not None:
        parameters = tuple(
            Parameter(_text(name), formal.child_by_field_name("default"))
            for formal in formals.named_children
            if formal.type == "formal" and (name := formal.child_by_field_name("name")) is not None and name.text
        )
    return Lambda(None if argument is None else _text(argument), parameters, body)


def _read_application(node: Node) -> Form:
    function, argument = node.child_by_field_name("function"), node.child_by_field_name("argument")
    return _REFUSED if function is None or argument is None else Application(function, argument)


def _read_local(node: Node) -> Form:
    body = node.child_by_field_name("body")
    return _REFUSED if body is None else Local(_entries(node), body)


def _read_within(node: Node) -> Form:
    scope, body = node.child_by_field_name("environment"), node.child_by_field_name("body")
    return _REFUSED if scope is None or body is None else Within(scope, body)


def _read_assert(node: Node) -> Form:
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    return _REFUSED if condition is None or body is None else Asserted(condition, body)


def _read_choice(node: Node) -> Form:
    parts = [node.child_by_field_name(field) for field in ("condition", "consequence", "alternative")]
    known = [part for part in parts if part is not None]
    return Choice(*known) if len(known) == len(parts) else _REFUSED


def _read_operation(node: Node) -> Form:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return _REFUSED
    return Operation(operator.type, left, right)


def _read_unary(node: Node) -> Form:
    operand, operator = node.child_by_field_name("argument"), node.child_by_field_name("operator")
    return _REFUSED if operand is None or operator is None else Unary(operator.type, operand)


def _read_membership(node: Node) -> Form:
    subject = node.child_by_field_name("expression")
    return _REFUSED if subject is None else Membership(subject, _path(node.child_by_field_name("attrpath")))


def _read_legacy_let(node: Node) -> Form:
    """``let { …; body = …; }``: Nix itself calls it ancient."""
    entries = _entries(node)
    body = [entry.value for entry in entries if isinstance(entry, Entry) and entry.path == ("body",)]
    return Local(entries, body[0]) if body else _REFUSED


_FORMS: dict[str, Callable[[Node], Form]] = {
    "string_expression": _read_string,
    "indented_string_expression": _read_indented,
    "path_expression": lambda node: PathText(_text(node)),
    "hpath_expression": lambda node: PathText(_text(node)),
    "spath_expression": lambda node: PathText(_text(node)),
    "uri_expression": lambda node: Uri(_text(node)),
    "integer_expression": lambda node: Number(_text(node)),
    "float_expression": lambda node: Number(_text(node)),
    "variable_expression": lambda node: Variable(_text(node)) if node.text else _REFUSED,
    "identifier": lambda node: Variable(_text(node)),
    "select_expression": _read_selection,
    "list_expression": lambda node: Items(tuple(node.children_by_field_name("element"))),
    "attrset_expression": lambda node: Attributes(_entries(node), recursive=False),
    "rec_attrset_expression": lambda node: Attributes(_entries(node), recursive=True),
    "let_attrset_expression": _read_legacy_let,
    "function_expression": _read_lambda,
    "apply_expression": _read_application,
    "let_expression": _read_local,
    "with_expression": _read_within,
    "assert_expression": _read_assert,
    "if_expression": _read_choice,
    "binary_expression": _read_operation,
    "unary_expression": _read_unary,
    "has_attr_expression": _read_membership,
}
