"""Values in JSON, the same in every report."""

from __future__ import annotations

import json
from typing import TypeAlias

from migrator.model.finding import Finding
from migrator.model.origin import Origin
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.model.url import mask_credentials

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"


def write_json(value: Json) -> str:
    """``value``, indented, without credentials; invisible characters are written as JSON's own escapes."""
    text = json.dumps(_mask(value), ensure_ascii=False, indent=2)
    if text.replace("\n", "").isprintable():
        return text + "\n"
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in text) + "\n"


def show_source(source: Source) -> Json:
    """A source as an object with all keys."""
    shown: dict[str, Json] = dict.fromkeys(("kind", "url", "rev", "subdirectory", "path", "index"))
    match source:
        case FromIndex(index=index, url=url):
            shown |= {"kind": "index", "index": index, "url": str(url) if url else None}
        case FromVcs(kind=kind, url=url, subdirectory=subdirectory):
            rev = source.resolved or source.rev
            shown |= {"kind": kind.value, "url": str(url), "rev": rev, "subdirectory": subdirectory}
        case FromUrl(url=url, subdirectory=subdirectory):
            shown |= {"kind": "url", "url": str(url), "subdirectory": subdirectory}
        case FromPath(path=path, subdirectory=subdirectory):
            shown |= {"kind": "path", "path": path, "subdirectory": subdirectory}
    return shown


def show_origin(origin: Origin | None) -> Json:
    """A place as an object, null where there is none."""
    if origin is None:
        return None
    return {"path": origin.path, "line": origin.line, "end_line": origin.end_line, "key": origin.key}


def show_finding(finding: Finding) -> dict[str, Json]:
    """A finding as an object."""
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "message": finding.message,
        "advice": finding.advice,
        "origin": show_origin(finding.origin),
    }


def _mask(value: Json) -> Json:
    match value:
        case str():
            return "\n".join(map(mask_credentials, value.split("\n")))
        case list():
            return [_mask(item) for item in value]
        case dict():
            return {key: _mask(item) for key, item in value.items()}
        case _:
            return value


def _escape(char: str) -> str:
    # json.dumps leaves DEL alone
    return f"\\u{ord(char):04x}" if char.isascii() else json.dumps(char)[1:-1]
