"""What Nix makes of an expression, as far as it can be held against what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluatedInput:
    """One item of a list of inputs: an ``entry`` of the set, an attribute ``path`` of nixpkgs, or a ``text``.

    All are None for anything else.
    """

    entry: str | None = None
    path: str | None = None
    text: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluatedSource:
    """A ``src``: the function that fetches it, ``path`` for a folder beside the expression, and what it is given."""

    fetcher: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluatedPackage:
    """One entry of the set. ``full_name`` is its ``name``, ``number`` what Nix takes for the version in that.

    What is None is not there, or is nothing that could be shown.
    """

    full_name: str | None
    number: str | None
    version: str | None
    format: str | None
    source: EvaluatedSource | None
    needs: tuple[EvaluatedInput, ...]
    build_needs: tuple[EvaluatedInput, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """The set of an expression by the names of its attributes, without the overrides that are laid over it."""

    packages: Mapping[str, EvaluatedPackage]


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluatedOverride:
    """What a file of overrides does to a package: ``how`` in the words of ``OverrideKind``, None where it is none.

    ``attributes`` has the words of ``AttributeChange``.
    """

    how: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotEvaluated:
    """There is no answer; ``why`` is a part of a sentence."""

    why: str
