"""The normal form of one input, for people: a few tables of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from migrator.model.source import FromIndex, Source
from migrator.model.url import mask_credentials

from .inert import hide_credentials, show_invisible
from .sheet_text import show_finding
from .wording import count_of, describe_source, show_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.model.project import Dependency, Index, NativeInput, Pin, Project, Reading

_WIDEST = 44
"""A longer cell moves what stands behind it on its own line only."""
_DECLARED = ("package", "asked for", "group", "place", "source", "only where")
_PINS = ("package", "version", "groups", "hashes", "place", "source", "only where")
_NATIVES = ("attribute", "in nixpkgs today", "for", "place")
_DEFAULT = "From the default index where no other source stands."


def inspect_text(reading: Reading) -> str:
    """``reading`` as titled tables, ending with a newline. No credentials, no control characters.

    Columns in which nothing stands are left out; the last one, which may be long, is what a terminal wraps.
    """
    blocks = ["\n".join(_introduce(reading)), *_list_tables(reading.project)]
    if reading.findings:
        shown = "\n\n".join("\n".join(show_finding(hide_credentials(finding))) for finding in reading.findings)
        blocks.append(f"Findings ({len(reading.findings)})\n{shown}")
    return "\n\n".join(blocks) + "\n"


def _introduce(reading: Reading) -> Iterator[str]:
    project = reading.project
    yield _printable(f"{', '.join(project.sources) or project.origin.path} ({project.format})")
    counts = ((len(project.declared), "requirement"), (len(project.pins), "pin"), (len(reading.findings), "finding"))
    yield ", ".join(count_of(number, noun) for number, noun in counts if number) or "Nothing was read"
    yield f"Python: {'not stated' if project.python is None else show_range(project.python) or 'any'}"


def _list_tables(project: Project) -> Iterator[str]:
    yield from _table("Declared", _DECLARED, map(_show_dependency, project.declared), _say_default(project.declared))
    yield from _table("Pins", _PINS, map(_show_pin, project.pins), _say_default(project.pins))
    yield from _table("Indexes", ("name", "role", "place", "address"), map(_show_index, project.indexes))
    options = ((o.option, str(o.origin), o.value) for o in project.options)
    yield from _table("Options", ("option", "place", "value"), options)
    yield from _table("Native inputs", _NATIVES, map(_show_native, project.natives))
    overrides = (
        (o.raw_name, o.how.value, str(o.origin), " ".join(f"{name}:{how}" for name, how in o.attributes))
        for o in project.overrides
    )
    yield from _table("Overrides", ("package", "how", "place", "attributes"), overrides)
    yield from _table("Scripts", ("name", "runs"), ((script.name, script.target) for script in project.scripts))
    yield from _table("Comments", ("place", "text"), ((str(c.origin), c.text) for c in project.comments))


def _say_default(entries: Sequence[Dependency] | Sequence[Pin]) -> str:
    mixed = {_show_source(entry.source) == "" for entry in entries} == {True, False}
    return _DEFAULT if mixed else ""


def _show_dependency(dependency: Dependency) -> tuple[str, ...]:
    extras = f"[{','.join(sorted(dependency.extras))}]" if dependency.extras else ""
    specifier = dependency.specifier
    versions = show_range(specifier) if isinstance(specifier, SpecifierSet) else str(specifier)
    return (
        dependency.raw_name + extras,
        versions or "any version",
        "(constraint)" if dependency.constraint else dependency.group,
        str(dependency.origin),
        ("editable " if dependency.editable else "") + _show_source(dependency.source),
        "" if dependency.marker is None else str(dependency.marker),
    )


def _show_pin(pin: Pin) -> tuple[str, ...]:
    return (
        pin.raw_name,
        "no version" if pin.version is None else str(pin.version),
        ",".join(sorted(pin.groups)),
        str(len(pin.hashes) or "none"),
        str(pin.origin),
        _show_source(pin.source),
        "" if pin.marker is None else str(pin.marker),
    )


def _show_index(index: Index) -> tuple[str, ...]:
    return (index.name or "-", index.role.value, str(index.origin), str(index.url))


def _show_native(native: NativeInput) -> tuple[str, ...]:
    return (native.attribute, native.today or "?", native.package or "-", str(native.origin))


def _show_source(source: Source) -> str:
    """Nothing for the default index, which is where nearly all come from."""
    return "" if isinstance(source, FromIndex) and source.index is None else describe_source(source)


def _table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> Iterator[str]:
    """A titled table with its columns aligned and empty ones left out; nothing at all without rows."""
    table = [[_printable(cell) for cell in row] for row in rows]
    if not table:
        return
    columns = [(name, *cells) for name, *cells in zip(header, *table, strict=True) if any(cells)]
    widths = [min(max(map(len, column)), _WIDEST) for column in columns]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    )
    yield "\n".join((f"{title} ({len(table)})", *([f"  {note}"] if note else []), *(f"  {line}" for line in lines)))


def _printable(text: str) -> str:
    """``text`` on one line, without credentials and without anything that steers a terminal."""
    return show_invisible(mask_credentials(text))
