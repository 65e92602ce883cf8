"""One module for each input format; each exposes one constant ``READER``.

A format is added by adding a module: nothing else lists them.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from migrator.model.reader import Reader


def reader_names() -> tuple[str, ...]:
    """The names of all formats, sorted; no reader is imported."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def load_reader(name: str) -> Reader:
    """The reader of one format, by a name that :func:`reader_names` gave."""
    reader = import_module(f"{__name__}.{name}").READER
    assert isinstance(reader, Reader)  # noqa: S101 (a module without READER is a bug of ours)
    return reader
