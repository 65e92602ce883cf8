"""The expressions that pypi2nix generated over its life, from 1.0.0 to 2.0.4, and what stands beside them."""

from __future__ import annotations

import posixpath

from migrator.model.origin import Origin
from migrator.model.project import MAIN, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree

_NAME = "pypi2nix"


_SIGNS = (
    b"generated using pypi2nix",
    b'" = python.mkDerivation',
    b"_generated.nix",
    b"commonBuildInputs",
    b"localOverridesFile",
    b"interpreterWithPackages",
)
"""What stands near the beginning of some layout, with or without the header, and in no other Nix file."""
_OVERRIDE_SIGNS = (b"overrideDerivation", b"self:", b"super:")


def _recognises(name: str, head: bytes) -> bool:
    if not posixpath.basename(name).lower().endswith(".nix"):
        return b"generated using pypi2nix" in head
    return any(sign in head for sign in _SIGNS) or all(sign in head for sign in _OVERRIDE_SIGNS)


def _discover(tree: Tree) -> tuple[Input, ...]:
    return (Input(path="requirements.nix"),) if tree.read("requirements.nix") is not None else ()


def _read(tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:  # noqa: ARG001 (Nix is UTF-8)
    from .document import Document  # the parser is loaded by who reads such a file

    document = Document(tree)
    for given in inputs:
        document.read(given)
    collected = document.collected
    return Reading(
        project=Project(
            format=_NAME,
            origin=Origin(path=inputs[0].path if inputs else ""),
            python=document.python,
            python_hints=tuple(collected.hints),
            declared=tuple(collected.declared),
            pins=tuple(collected.pins),
            options=tuple(collected.options),
            natives=tuple(collected.natives),
            overrides=tuple(collected.overrides),
            comments=tuple(collected.comments),
            sources=tuple(collected.sources),
        ),
        findings=tuple(collected.findings),
        companions=tuple(collected.companions),
    )


READER = Reader(
    name=_NAME,
    summary="pypi2nix's expressions",
    migrates=True,
    recognises=_recognises,
    discover=_discover,
    read=_read,
    group_of=lambda _: MAIN,
)
"""The pypi2nix format. Reading never raises for what stands in a file."""
