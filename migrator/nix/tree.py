"""Values of the Nix language.

One class for each form of expression that is written, no more. The fields are given by position: a tree of them reads
like the Nix that it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class String:
    """A string. ``parts`` alternate freely between literal text and interpolated expressions."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A path relative to the file (``./poetry.lock``) or one that is looked up (``<nixpkgs>``), as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, ``true``, ``false`` or ``null``."""

    text: str


@dataclass(frozen=True, slots=True)
class Select:
    """``base.path``, with ``default`` ``base.path or default``. An expression in the path is computed: ``a.${b}``."""

    base: Expression
    path: tuple[str | Expression, ...]
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class List:
    """``[ a b ]``."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """``path = value;`` with the lines of ``comment`` above it."""

    path: tuple[str, ...]
    value: Expression
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Inherit:
    """``inherit names;`` or ``inherit (source) names;``."""

    names: tuple[str, ...]
    source: Expression | None = None


@dataclass(frozen=True, slots=True)
class AttrSet:
    """``{ … }``."""

    bindings: tuple[Binding | Inherit, ...]


@dataclass(frozen=True, slots=True)
class Formal:
    """An argument of a function that takes a set, with the lines of ``comment`` above it."""

    name: str
    default: Expression | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """``argument: body``, or ``{ formals }: body`` where the argument is a tuple."""

    argument: str | tuple[Formal, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Apply:
    """``function argument argument``."""

    function: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Let:
    """``let … in body``."""

    bindings: tuple[Binding | Inherit, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class If:
    """``if condition then yes else no``."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``operands`` joined by one operator: ``a ++ b ++ c``. ``==`` and ``!=`` take two."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``!operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Commented:
    """The lines of ``comment`` above an expression: the head of a file."""

    comment: str
    body: Expression


Expression: TypeAlias = (
    String | Path | Name | Select | List | AttrSet | Function | Apply | Let | If | Binary | Not | Commented
)


def string(text: str) -> String:
    """A string that means exactly ``text``."""
    return String((text,))


def select(base: str, *path: str) -> Select:
    """The attribute ``path`` of the variable ``base``."""
    return Select(Name(base), path)


def apply(function: Expression | str, *arguments: Expression) -> Apply:
    """``function`` applied to ``arguments``; a ``str`` names a variable."""
    return Apply(Name(function) if isinstance(function, str) else function, arguments)


def bind(name: str, value: Expression, comment: str = "") -> Binding:
    """``name = value;``: ``name`` is one attribute, whatever characters it has."""
    return Binding((name,), value, comment)
