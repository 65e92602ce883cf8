"""Strings and lists of names in the entries of a generated set.

What pypi2nix itself writes is read form by form, without a second look. What a person has written instead is unfolded.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from migrator.nix import parse as syntax
from migrator.nix.unfold import Unfolder
from migrator.nix.values import Call, Record, Rest, Scope, Thunk, Value, Words, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

COMMON = "commonBuildInputs"
_MAKERS = frozenset({"mkDerivation", "buildPythonPackage", "buildPythonApplication"})
_USUAL_FUNCTIONS = {b"python.mkDerivation": "mkDerivation", b"pkgs.fetchurl": "fetchurl"}
_PYTHON_SET = re.compile(r"(?:python|pypy)\d*(?:Full)?(?:Packages\.|\.pkgs\.)")


class Named(NamedTuple):
    """A name in a list. ``thunk`` is where somebody has written it, None for pypi2nix's own ``self."name"``."""

    name: str
    thunk: Thunk | None


class Names(NamedTuple):
    """What is in a list beside ``commonBuildInputs``: the names, and what is none."""

    names: tuple[Named, ...]
    others: tuple[Thunk | Rest, ...] = ()


class Lookup:
    """Looks things up for the entries of one generated set, which calls itself ``own``."""

    def __init__(self, unfolder: Unfolder, own: str, entries: Mapping[str, Thunk]) -> None:
        self.unfolder = unfolder
        self._own = own.encode()
        self._entries = entries

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
        return plain(self.unfolder.unfold(node, scope))

    def names(self, node: Node, scope: Scope) -> Names:
        """The names in a list."""
        quick = self._usual_names(node)
        if quick is not None:
            return Names(quick)
        found: list[Named] = []
        others: list[Thunk | Rest] = []
        for part in self.unfolder.parts(self.unfolder.unfold(node, scope)):
            if isinstance(part, Rest):
                if path_of(part.value) != (COMMON,):
                    others.append(part)
                continue
            name = self.name_of(part.settle(self.unfolder))
            if name:
                found.append(Named(name, part))
            else:
                others.append(part)
        return Names(tuple(found), tuple(others))

    def _usual_names(self, node: Node) -> tuple[Named, ...] | None:
        """``[ self."a" self."b" ]``, with ``commonBuildInputs ++`` before it or not: what is always written."""
        form = syntax.form_of(node)
        if isinstance(form, syntax.Variable):
            return () if form.name == COMMON else None
        if isinstance(form, syntax.Operation):
            if form.operator != "++" or syntax.form_of(form.left) != syntax.Variable(COMMON):
                return None
            form = syntax.form_of(form.right)
        if not isinstance(form, syntax.Items):
            return None
        found: list[Named] = []
        for item in form.items:
            name = syntax.selected_from(item, self._own)
            if name is None:
                return None
            found.append(Named(name, None))
        return tuple(found)

    def name_of(self, value: Value) -> str:
        """The name of a package, or of an attribute of nixpkgs; empty where it is neither."""
        path = path_of(value)
        if path:
            return ".".join(path[1:] if path[0] in {"self", "pkgs"} else path)
        if isinstance(value, Call):
            full = self._full_name(value)
            return self._by_full_name.get(full, full)
        return plain(value) or ""

    def is_own(self, value: Value) -> bool:
        """Whether ``value`` is an entry of the set."""
        return path_of(value)[:1] == ("self",) or self._full_name(value) in self._by_full_name

    @cached_property
    def _by_full_name(self) -> dict[str, str]:
        """The entries by ``NAME-VERSION``: what stands for itself in a list is known by that."""
        found = {self._full_name(thunk.settle(self.unfolder)): name for name, thunk in self._entries.items()}
        return {full: name for full, name in found.items() if full}

    def _full_name(self, value: Value) -> str:
        argument = value.argument.settle(self.unfolder) if isinstance(value, Call) else None
        return plain(self.unfolder.member(argument, "name")) or "" if isinstance(argument, Record) else ""


def plain(value: Value | None) -> str | None:
    """The text of a string that is all known."""
    return value.plain if isinstance(value, Words) else None


def is_python_set(attribute: str) -> bool:
    """Whether an attribute path of nixpkgs names a Python package."""
    return _PYTHON_SET.match(attribute) is not None


def package_set(node: Node | None) -> syntax.Attributes | None:
    """The set in ``python.mkDerivation { … }`` or the like, None for anything else."""
    form = syntax.form_of(node)
    if not isinstance(form, syntax.Application) or function_name(form.function) not in _MAKERS:
        return None
    argument = syntax.form_of(form.argument)
    return argument if isinstance(argument, syntax.Attributes) else None


def function_name(node: Node) -> str | None:
    """``mkDerivation`` of ``python.mkDerivation``, or of the bare name."""
    known = _USUAL_FUNCTIONS.get(node.text or b"")
    if known is not None:
        return known
    match syntax.form_of(node):
        case syntax.Selection(_, (*_, str(name)), _) | syntax.Variable(name):
            return name
        case _:
            return None
