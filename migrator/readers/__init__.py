"""One module for each input format; each exposes one constant ``READER``.

A format is added by adding a module: nothing else lists them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from migrator.model.reader import Reader

_NOT_A_FORMAT = frozenset({"surroundings"})
"""What stands beside the input files; read for every format."""


def reader_names() -> tuple[str, ...]:
    """The names of all formats, sorted; no reader is imported."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name not in _NOT_A_FORMAT))


def load_reader(name: str) -> Reader:
    """The reader of one format, by a name that :func:`reader_names` gave."""
    reader = import_module(f"{__name__}.{name}").READER
    assert isinstance(reader, Reader)  # noqa: S101 (a module without READER is a bug of ours)
    return reader
