"""A whole expression: the main file, the generated set in it or beside it, and what all packages share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrator.nix import parse as syntax
from migrator.nix.unfold import File, Unfolder
from migrator.nix.values import Closure, FilePath, Record, Rest, Scope, Symbol, Thunk, Value, given, path_of

from .lookup import COMMON, package_set

if TYPE_CHECKING:
    from tree_sitter import Node

_GIVEN = ("lib", "nixpkgs", "pkgs", "python", "pythonPackages", "stdenv", "system")
"""Names that stand for the world outside, whatever a file says how to get it."""
_ARGUMENTS_OF_OVERRIDES = 2
_PARTS_OF_ALL = ("localOverrides", "overrides", "commonOverrides", "paramOverrides")
_INTERPRETER = re.compile(r"(?P<kind>python|pypy)(?P<major>[23])?(?P<minor>\d+)?(?:Full|Packages)?")


class Frame(NamedTuple):
    """A file up to its innermost expression: the names that it defines on the way, and that expression.

    ``own`` is what the generated set calls itself, where the file is one.
    """

    path: str
    scope: Scope
    names: dict[str, Thunk]
    body: Node
    arguments: tuple[str, ...]


def read_frame(node: Node, path: str, unfolder: Unfolder) -> Frame:
    """Go down from ``node`` through functions, ``let`` and ``with``. What comes from outside becomes symbols."""
    scope = Scope(path)
    names: dict[str, Thunk] = {}
    arguments: list[str] = []
    while True:
        match syntax.form_of(node):
            case syntax.Lambda(argument, parameters, body):
                scope = Scope(path, parent=scope)
                if argument is not None and parameters is None:
                    scope.names[argument] = given(Symbol(("self", "super", "?")[min(len(arguments), 2)]))
                    arguments.append(argument)
                for parameter in parameters or ():
                    keeps = parameter.default is not None and parameter.name not in _GIVEN
                    scope.names[parameter.name] = (
                        Thunk(parameter.default, scope) if keeps else given(Symbol(parameter.name))
                    )
                names.update(scope.names)
                node = body
            case syntax.Local(entries, body):
                scope = unfolder.local(entries, scope)
                names.update(scope.names)
                for name in _GIVEN:
                    if name in scope.names and not (
                        name == "pythonPackages" and path_of(scope.names[name].settle(unfolder))
                    ):
                        scope.names[name] = given(Symbol(name))
                node = body
            case syntax.Within(inner, body):
                scope = Scope(path, parent=scope, within=Thunk(inner, scope))
                node = body
            case syntax.Asserted(_, body):
                node = body
            case _:
                return Frame(path, scope, names, node, tuple(arguments))


class Generated(NamedTuple):
    """The generated set: its entries, what it calls itself, and the file that it stands in."""

    entries: dict[str, Thunk]
    own: str
    path: str


def find_generated(frame: Frame, unfolder: Unfolder) -> Generated | FilePath | None:
    """The generated set of a file; the file that should hold it, where that is not there; None where there is none."""
    missing: FilePath | None = None
    if "generated" in frame.names:
        thunk = frame.names["generated"]
        found = _generated_by(thunk.settle(unfolder), unfolder)
        if found is not None:
            return found
        missing = _missing_import(thunk, unfolder)
    for name, thunk in frame.names.items():
        function = _function_with_packages(thunk)
        if function:
            found = _generated_by(thunk.settle(unfolder), unfolder)
        elif function is None:
            # a set that calls itself by the name that it is bound to
            found = _generated_as(thunk.settle(unfolder), name, thunk.scope.file)
            thunk.scope.names[name] = given(Symbol("self"))
        else:
            found = None
        if found is not None:
            return found
    if len(frame.arguments) < _ARGUMENTS_OF_OVERRIDES and holds_packages(frame.body):
        own = frame.arguments[0] if frame.arguments else ""
        return _generated_as(unfolder.unfold(frame.body, frame.scope), own, frame.path)
    return missing


def holds_packages(node: Node) -> bool:
    """Whether ``node`` is a set, or sets joined, with an entry that makes a package."""
    form = syntax.form_of(node)
    while isinstance(form, syntax.Operation) and form.operator == "//":
        if holds_packages(form.right):
            return True
        form = syntax.form_of(form.left)
    return isinstance(form, syntax.Attributes) and any(
        isinstance(entry, syntax.Entry) and package_set(entry.value) is not None for entry in form.entries
    )


def _function_with_packages(thunk: Thunk) -> bool | None:
    """Whether a name stands for a function of one plain argument to packages; None where it is such a set itself."""
    form = syntax.form_of(thunk.node)
    if isinstance(form, syntax.Lambda):
        return form.parameters is None and holds_packages(form.body)
    return None if thunk.node is not None and holds_packages(thunk.node) else False


def _generated_by(function: Value, unfolder: Unfolder) -> Generated | None:
    if not isinstance(function, Closure) or function.form.parameters is not None or function.form.argument is None:
        return None
    value = unfolder.apply(function, given(Symbol("self")))
    return _generated_as(value, function.form.argument, function.scope.file)


def _generated_as(value: Value, own: str, path: str) -> Generated | None:
    return Generated(dict(value.entries), own, path) if isinstance(value, Record) else None


def find_strays(generated: Generated | None, file: File, scope: Scope, unfolder: Unfolder) -> Generated | None:
    """``generated`` with the entries that a damaged file has anywhere else: all that is still whole is there."""
    damaged = file if generated is None or generated.path == file.path else unfolder.load(FilePath(generated.path, ""))
    if damaged is None or not damaged.root.has_error:
        return generated
    found = dict(generated.entries) if generated is not None else {}
    stack = [damaged.root]
    while stack:
        node = stack.pop()
        stack += reversed(node.named_children)  # also of an entry: one that nothing closes holds those behind it
        if node.type != "binding":
            continue
        value, path = node.child_by_field_name("expression"), node.child_by_field_name("attrpath")
        name = None if path is None else syntax.name_in(path.text or b"")
        if name is not None and name != "interpreter" and value is not None and package_set(value) is not None:
            found.setdefault(name, Thunk(value, scope, node))
    return Generated(found, "self", damaged.path) if found else generated


def _missing_import(thunk: Thunk, unfolder: Unfolder) -> FilePath | None:
    """The path in ``import ./x_generated.nix { … }``."""
    node = thunk.node
    while node is not None:
        form = syntax.form_of(node)
        if isinstance(form, syntax.Application):
            argument = unfolder.unfold(form.argument, thunk.scope)
            if isinstance(argument, FilePath):
                return argument
            node = form.function
        else:
            return None
    return None


def share_inputs(frame: Frame, generated: Generated | None) -> Thunk | None:
    """The list that all packages get; from here on its name stands for itself in their entries."""
    found = frame.names.get(COMMON)
    scopes = [frame.scope]
    if generated is not None:
        scopes += [thunk.scope for thunk in generated.entries.values()][:1]
    for innermost in scopes:
        scope: Scope | None = innermost
        while scope is not None:
            if COMMON in scope.names:
                scope.names[COMMON] = given(Symbol(COMMON))
            scope = scope.parent
    return found


def read_inputs(shared: Thunk, unfolder: Unfolder) -> tuple[list[tuple[tuple[str, ...], Thunk]], list[Thunk | Rest]]:
    """The attribute paths in the list, each with where it stands; and what else is in it."""
    found: list[tuple[tuple[str, ...], Thunk]] = []
    others: list[Thunk | Rest] = []
    for part in unfolder.parts(shared.settle(unfolder)):
        path = () if isinstance(part, Rest) else path_of(part.settle(unfolder))
        if path and isinstance(part, Thunk):
            found.append((path, part))
        else:
            others.append(part)
    return found, others


class Interpreter(NamedTuple):
    """The Python of the expression: its attribute in nixpkgs, and where it is named."""

    attribute: str
    thunk: Thunk


def version_of(attribute: str) -> str | None:
    """``3.6`` of ``python36``, ``python36Full`` or ``python36Packages``; ``3`` of ``python3``; None for PyPy."""
    found = _INTERPRETER.fullmatch(attribute)
    if found is None or found["kind"] != "python":
        return None
    if found["major"] is None:
        return "2.7"  # what nixpkgs called python while pypi2nix lived
    return f"{found['major']}.{found['minor']}" if found["minor"] else "2.7" if found["major"] == "2" else "3"


def find_interpreter(frame: Frame, unfolder: Unfolder) -> Interpreter | None:
    """The Python that the package set of the main file is made with."""
    for name in ("pythonPackages", "python", *frame.names):
        thunk = frame.names.get(name)
        if thunk is None or thunk.node is None:
            continue
        found = _interpreter_in(thunk, unfolder)
        if found is not None:
            return found
    return None


def _interpreter_in(thunk: Thunk, unfolder: Unfolder) -> Interpreter | None:
    node = thunk.node
    while node is not None:
        form = syntax.form_of(node)
        if not isinstance(form, syntax.Application):
            break
        argument = syntax.form_of(form.argument)
        for entry in argument.entries if isinstance(argument, syntax.Attributes) else ():
            if isinstance(entry, syntax.Entry) and entry.path == ("python",):
                inner = Thunk(entry.value, thunk.scope, entry.node)
                named = _interpreter_named(inner.settle(unfolder))
                if named is not None:
                    return Interpreter(named, inner)
        node = form.function
    named = _interpreter_named(thunk.settle(unfolder)) if node is thunk.node else None
    return None if named is None else Interpreter(named, thunk)


def _interpreter_named(value: Value) -> str | None:
    path = path_of(value)
    return next((step for step in path[1:] if _INTERPRETER.fullmatch(step)), None) if path[:1] == ("pkgs",) else None


def find_overrides(frame: Frame) -> list[Thunk]:
    """What the names of a main file bind to overrides, in the order in which they are applied, the last first."""
    rest = [
        thunk
        for name, thunk in frame.names.items()
        if "overrides" in name.lower() and name not in {*_PARTS_OF_ALL, "allOverrides", "localOverridesFile"}
    ]
    if "allOverrides" in frame.names:
        return [frame.names["allOverrides"], *rest]
    return [*(frame.names[name] for name in _PARTS_OF_ALL if name in frame.names), *rest]
