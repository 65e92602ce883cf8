"""The normal form of one input, for scripts and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.model.url import mask_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.markers import Marker

    from migrator.model.finding import Finding
    from migrator.model.origin import Origin
    from migrator.model.project import Dependency, Override, Pin, Reading

    _Object: TypeAlias = dict[str, Any]

_SCHEMA_VERSION = 1


def inspect_json(reading: Reading) -> str:
    """``reading`` as the JSON object that ``inspect.schema.json`` describes, indented, ending with a newline.

    No key is ever left out, lists stand in reading order (sets are sorted), and no credentials are shown.
    The text is pure ASCII, so that no locale can break it.
    """
    project = reading.project
    content = {
        "schema": _SCHEMA_VERSION,
        "format": project.format,
        "python": None if project.python is None else str(project.python),
        "declared": [_dependency(dependency) for dependency in project.declared],
        "pins": [_pin(pin) for pin in project.pins],
        "indexes": [
            {"name": index.name, "url": str(index.url), "role": index.role.value, "origin": _origin(index.origin)}
            for index in project.indexes
        ],
        "options": [
            {"option": option.option, "value": option.value, "origin": _origin(option.origin)}
            for option in project.options
        ],
        "natives": [
            {
                "attribute": native.attribute,
                "today": native.today,
                "package": native.package,
                "origin": _origin(native.origin),
            }
            for native in project.natives
        ],
        "overrides": [_override(override) for override in project.overrides],
        "scripts": {script.name: script.target for script in project.scripts},
        "comments": [{"text": comment.text, "origin": _origin(comment.origin)} for comment in project.comments],
        "findings": [_finding(finding) for finding in reading.findings],
    }
    return json.dumps(_without_credentials(content), indent=2) + "\n"


def schema_text() -> str:
    """The JSON schema (draft 2020-12) of what :func:`inspect_json` gives, as it is published."""
    from importlib.resources import files  # only who asks for the schema pays for it

    return files(__package__).joinpath("inspect.schema.json").read_text(encoding="utf-8")


def inspect_text(reading: Reading) -> str:
    """``reading`` as a few tables of plain text, ending with a newline. No credentials, no control characters."""
    project = reading.project
    head = f"{project.format}: {', '.join(project.sources) or project.origin.path}"
    blocks = [f"{_printable(head)}\nPython: {project.python or 'not stated'}"]
    blocks += _section("Declared", (_dependency_row(dependency) for dependency in project.declared))
    blocks += _section("Pins", (_pin_row(pin) for pin in project.pins))
    blocks += _section("Indexes", ((i.name or "-", str(i.url), i.role.value, str(i.origin)) for i in project.indexes))
    blocks += _section("Options", ((o.option, o.value, str(o.origin)) for o in project.options))
    blocks += _section(
        "Native inputs", ((n.attribute, n.today or "?", n.package or "-", str(n.origin)) for n in project.natives)
    )
    blocks += _section(
        "Overrides",
        (
            (o.raw_name, o.how.value, " ".join(f"{name}:{how}" for name, how in o.attributes), str(o.origin))
            for o in project.overrides
        ),
    )
    blocks += _section("Scripts", ((script.name, script.target) for script in project.scripts))
    blocks += _section("Comments", ((c.text, str(c.origin)) for c in project.comments))
    blocks += _section(
        "Findings",
        (
            (f.severity.value, f.code.value, " ".join(filter(None, (f.message, f.advice))), str(f.origin or ""))
            for f in reading.findings
        ),
    )
    return "\n\n".join(blocks) + "\n"


def _dependency(dependency: Dependency) -> _Object:
    return {
        "name": dependency.name,
        "raw_name": dependency.raw_name,
        "specifier": str(dependency.specifier),
        "extras": sorted(dependency.extras),
        "marker": _marker(dependency.marker),
        "source": _source(dependency.source),
        "editable": dependency.editable,
        "group": dependency.group,
        "constraint": dependency.constraint,
        "hashes": list(dependency.hashes),
        "comment": dependency.comment,
        "origin": _origin(dependency.origin),
    }


def _pin(pin: Pin) -> _Object:
    return {
        "name": pin.name,
        "raw_name": pin.raw_name,
        "version": None if pin.version is None else str(pin.version),
        "source": _source(pin.source),
        "hashes": list(pin.hashes),
        "marker": _marker(pin.marker),
        "groups": sorted(pin.groups),
        "needs": list(pin.needs),
        "build_needs": list(pin.build_needs),
        "format": pin.format,
        "licence": pin.licence,
        "top_level": pin.top_level,
        "origin": _origin(pin.origin),
    }


def _source(source: Source) -> _Object:
    facts: _Object = {"kind": "index", "url": None, "rev": None, "subdirectory": None, "path": None, "index": None}
    match source:
        case FromIndex():
            return facts | {"url": None if source.url is None else str(source.url), "index": source.index}
        case FromVcs():
            return facts | {
                "kind": source.kind.value,
                "url": str(source.url),
                "rev": source.resolved or source.rev,  # what runs is the commit, where it is known
                "subdirectory": source.subdirectory,
            }
        case FromUrl():
            return facts | {"kind": "url", "url": str(source.url), "subdirectory": source.subdirectory}
        case FromPath():
            return facts | {"kind": "path", "path": source.path, "subdirectory": source.subdirectory}
        case _:
            assert_never(source)


def _override(override: Override) -> _Object:
    return {
        "package": override.package,
        "raw_name": override.raw_name,
        "how": override.how.value,
        "attributes": {name: change.value for name, change in override.attributes},
        "origin": _origin(override.origin),
    }


def _finding(finding: Finding) -> _Object:
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "message": finding.message,
        "advice": finding.advice,
        "origin": None if finding.origin is None else _origin(finding.origin),
    }


def _origin(origin: Origin) -> _Object:
    return {"path": origin.path, "line": origin.line, "end_line": origin.end_line, "key": origin.key}


def _without_credentials(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """``value`` with every text masked: a comment, an option or the path of an include may be a URL as well."""
    match value:
        case str():
            return mask_credentials(value)
        case dict():
            return {key: _without_credentials(item) for key, item in value.items()}
        case list():
            return [_without_credentials(item) for item in value]
        case _:
            return value


def _marker(marker: Marker | None) -> str | None:
    return None if marker is None else str(marker)


def _dependency_row(dependency: Dependency) -> tuple[str, ...]:
    extras = f"[{','.join(sorted(dependency.extras))}]" if dependency.extras else ""
    bound = "constraint" if dependency.constraint else dependency.group
    return (
        dependency.raw_name + extras,
        str(dependency.specifier) or "any version",
        _place(dependency.source),
        bound,
        "" if dependency.marker is None else f"if {dependency.marker}",
        str(dependency.origin),
    )


def _pin_row(pin: Pin) -> tuple[str, ...]:
    return (
        pin.raw_name,
        "no version" if pin.version is None else str(pin.version),
        _place(pin.source),
        ",".join(sorted(pin.groups)),
        f"{len(pin.hashes)} hash{'' if len(pin.hashes) == 1 else 'es'}",
        "" if pin.marker is None else f"if {pin.marker}",
        str(pin.origin),
    )


def _place(source: Source) -> str:
    match source:
        case FromIndex():
            return source.index or "default index"
        case FromVcs():
            rev = source.resolved or source.rev
            return f"{source.kind.value} {source.url}{f'@{rev}' if rev else ''}"
        case FromUrl():
            return str(source.url)
        case FromPath():
            return source.path
        case _:
            assert_never(source)


def _section(title: str, rows: Iterable[Sequence[str]]) -> list[str]:
    """A titled table with its columns aligned and empty ones left out; nothing at all without rows."""
    table = [[_printable(cell) for cell in row] for row in rows]
    if not table:
        return []
    columns = [column for column in zip(*table, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    )
    return ["\n".join((f"{title} ({len(table)})", *(f"  {line}" for line in lines)))]


def _printable(text: str) -> str:
    """``text`` on one line, without credentials and without anything that steers a terminal."""
    text = mask_credentials(text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
