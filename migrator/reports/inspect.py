"""The normal form of one input, for scripts."""

from __future__ import annotations

import json.encoder
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.model.url import mask_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from packaging.markers import Marker

    from migrator.model.finding import Finding
    from migrator.model.origin import Origin
    from migrator.model.project import Comment, Dependency, Index, NativeInput, Option, Override, Pin, Reading

_SCHEMA_VERSION = 1
_LINE = tuple("\n" + "  " * depth for depth in range(6))
"""A new line, at so many indents."""
_quoted: Callable[[str], str] = json.encoder.encode_basestring_ascii
_quoted_key = lru_cache(maxsize=256)(_quoted)


def inspect_json(reading: Reading) -> str:
    """:func:`show_inspect` in one piece."""
    return "".join(show_inspect(reading))


def show_inspect(reading: Reading) -> Iterator[str]:
    """``reading`` as the JSON object that ``inspect.schema.json`` describes, indented, ending with a newline.

    No key is ever left out, lists stand in reading order (sets are sorted), and no credentials are shown.
    The text is pure ASCII, so that no locale can break it. It comes in pieces of one entry each: a file of
    100,000 lines would fill the memory as a tree of objects.
    """
    project = reading.project
    yield "{"
    yield f'{_LINE[1]}"schema": {_SCHEMA_VERSION}'
    yield f',{_LINE[1]}"format": {_text(project.format)}'
    yield f',{_LINE[1]}"python": {_text_or_null(None if project.python is None else str(project.python))}'
    yield from _entries("declared", map(_dependency, project.declared))
    yield from _entries("pins", map(_pin, project.pins))
    yield from _entries("indexes", map(_index, project.indexes))
    yield from _entries("options", map(_option, project.options))
    yield from _entries("natives", map(_native, project.natives))
    yield from _entries("overrides", map(_override, project.overrides))
    yield f',{_LINE[1]}"scripts": {_object({s.name: _text(s.target) for s in project.scripts}, 1)}'
    yield from _entries("comments", map(_comment, project.comments))
    yield from _entries("findings", map(_finding, reading.findings))
    yield "\n}\n"


def schema_text() -> str:
    """The JSON schema (draft 2020-12) of what :func:`inspect_json` gives, as it is published."""
    from importlib.resources import files  # only who asks for the schema pays for it

    return files(__package__).joinpath("inspect.schema.json").read_text(encoding="utf-8")


def _entries(key: str, entries: Iterator[str]) -> Iterator[str]:
    """A member of the whole object: a list with one piece for each entry."""
    first = next(entries, None)
    if first is None:
        yield f',{_LINE[1]}"{key}": []'
        return
    yield f',{_LINE[1]}"{key}": [{_LINE[2]}{first}'
    for entry in entries:
        yield f",{_LINE[2]}{entry}"
    yield f"{_LINE[1]}]"


def _dependency(dependency: Dependency) -> str:
    return _object(
        {
            "name": _text(dependency.name),
            "raw_name": _text(dependency.raw_name),
            "specifier": _text(str(dependency.specifier)),
            "extras": _texts(sorted(dependency.extras)),
            "marker": _marker(dependency.marker),
            "source": _source(dependency.source),
            "editable": _truth(dependency.editable),
            "group": _text(dependency.group),
            "constraint": _truth(dependency.constraint),
            "hashes": _texts(dependency.hashes),
            "comment": _text_or_null(dependency.comment),
            "origin": _origin(dependency.origin),
        }
    )


def _pin(pin: Pin) -> str:
    return _object(
        {
            "name": _text(pin.name),
            "raw_name": _text(pin.raw_name),
            "version": _text_or_null(None if pin.version is None else str(pin.version)),
            "source": _source(pin.source),
            "hashes": _texts(pin.hashes),
            "marker": _marker(pin.marker),
            "groups": _texts(sorted(pin.groups)),
            "needs": _texts(pin.needs),
            "build_needs": _texts(pin.build_needs),
            "format": _text_or_null(pin.format),
            "licence": _text_or_null(pin.licence),
            "top_level": "null" if pin.top_level is None else _truth(pin.top_level),
            "origin": _origin(pin.origin),
        }
    )


@lru_cache(maxsize=256)  # nearly all are one and the same: the default index
def _source(source: Source) -> str:
    kind, url, rev, subdirectory, path, index = "index", None, None, None, None, None
    match source:
        case FromIndex():
            url, index = source.url, source.index
        case FromVcs():
            kind, url, subdirectory = source.kind.value, source.url, source.subdirectory
            rev = source.resolved or source.rev  # what runs is the commit, where it is known
        case FromUrl():
            kind, url, subdirectory = "url", source.url, source.subdirectory
        case FromPath():
            kind, path, subdirectory = "path", source.path, source.subdirectory
        case _:
            assert_never(source)
    return _object(
        {
            "kind": _text(kind),
            "url": _text_or_null(None if url is None else str(url)),
            "rev": _text_or_null(rev),
            "subdirectory": _text_or_null(subdirectory),
            "path": _text_or_null(path),
            "index": _text_or_null(index),
        },
        3,
    )


def _index(index: Index) -> str:
    return _object(
        {
            "name": _text_or_null(index.name),
            "url": _text(str(index.url)),
            "role": _text(index.role.value),
            "origin": _origin(index.origin),
        }
    )


def _option(option: Option) -> str:
    return _object(
        {
            "option": _text(option.option),
            "value": _text(option.value),
            "origin": _origin(option.origin),
        }
    )


def _native(native: NativeInput) -> str:
    return _object(
        {
            "attribute": _text(native.attribute),
            "today": _text_or_null(native.today),
            "package": _text_or_null(native.package),
            "origin": _origin(native.origin),
        }
    )


def _override(override: Override) -> str:
    return _object(
        {
            "package": _text(override.package),
            "raw_name": _text(override.raw_name),
            "how": _text(override.how.value),
            "attributes": _object({name: _text(change.value) for name, change in override.attributes}, 3),
            "origin": _origin(override.origin),
        }
    )


def _comment(comment: Comment) -> str:
    return _object({"text": _text(comment.text), "origin": _origin(comment.origin)})


def _finding(finding: Finding) -> str:
    return _object(
        {
            "code": _text(finding.code.value),
            "severity": _text(finding.severity.value),
            "message": _text(finding.message),
            "advice": _text(finding.advice),
            "origin": "null" if finding.origin is None else _origin(finding.origin),
        }
    )


def _origin(origin: Origin) -> str:
    return _object(
        {
            "path": _text(origin.path),
            "line": str(origin.line),
            "end_line": str(origin.end_line),
            "key": _text(origin.key),
        },
        3,
    )


def _marker(marker: Marker | None) -> str:
    return "null" if marker is None else _text(str(marker))


def _object(members: dict[str, str], depth: int = 2) -> str:
    """An object of ``members``, whose values are JSON already; it stands in so many others."""
    if not members:
        return "{}"
    inner = _LINE[depth + 1]
    shown = [f"{_quoted_key(key)}: {value}" for key, value in members.items()]
    return f"{{{inner}{f',{inner}'.join(shown)}{_LINE[depth]}}}"


def _texts(texts: Sequence[str]) -> str:
    """A list of texts, as it stands in an entry."""
    if not texts:
        return "[]"
    inner = _LINE[4]
    return f"[{inner}{f',{inner}'.join([_text(text) for text in texts])}{_LINE[3]}]"


def _text(text: str) -> str:
    """``text`` masked: a comment, an option or the path of an include may be an address with credentials as well."""
    return _quoted(mask_credentials(text))


def _text_or_null(text: str | None) -> str:
    return "null" if text is None else _text(text)


def _truth(value: bool) -> str:  # noqa: FBT001 (it is the value that is shown)
    return "true" if value else "false"
