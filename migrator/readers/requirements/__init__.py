"""pip's requirements files: everything that pip 23 or pip 26 reads, and a finding for everything else.

``READER`` is the format; ``group_of`` tells which group a file's name speaks of. In reading order: ``decoding``
(bytes to text), ``lines`` (text to logical lines), ``pins`` (the fast path for plain pins), and for every other line
``statements`` with ``options`` and ``entries``; ``walk`` follows the includes and ``slow`` says what becomes of a line.
"""

from __future__ import annotations

from migrator.model.origin import Origin
from migrator.model.project import Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree

from .discovery import discover, group_of, recognises
from .walk import Walk

__all__ = ["READER", "group_of"]


def _read(tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> Reading:
    walk = Walk(tree, locale_encoding)
    for given in inputs:
        walk.read(given)
    return walk.collected.reading(Origin(path=inputs[0].path if inputs else ""))


READER = Reader(
    name="requirements",
    summary="pip's requirements files",
    migrates=True,
    recognises=recognises,
    discover=discover,
    read=_read,
    group_of=group_of,
)
