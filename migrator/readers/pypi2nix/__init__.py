"""The expressions that pypi2nix generated over its life, from 1.0.0 to 2.0.4, and what stands beside them.

``READER`` is the format. In reading order: ``discovery`` finds the files and ``files`` parses them, ``document`` reads
one expression with all that belongs to it, ``command`` and ``wishes`` its header, ``expression`` the main file and the
generated set, ``packages`` the entries of that with ``lookup`` and ``origins``, and ``overrides`` the rest.
The layout is always told from the content: the version in the header is only a label.
"""

from __future__ import annotations

from migrator.model.origin import Origin
from migrator.model.project import Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree

from .discovery import discover, group_of, recognises

__all__ = ["READER"]


def _read(tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:  # noqa: ARG001 (Nix is UTF-8)
    from .document import Document  # who reads no such file needs no parser for it

    document = Document(tree)
    for given in inputs:
        document.read(given)
    collected = document.collected
    return Reading(
        project=Project(
            format=READER.name,
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
    name="pypi2nix",
    summary="pypi2nix's expressions",
    migrates=True,
    recognises=recognises,
    discover=discover,
    read=_read,
    group_of=group_of,
    evaluable=True,
)
"""The pypi2nix format. Reading never raises for what stands in a file."""
