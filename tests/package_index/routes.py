"""Which answer a path gets: a pure function, without sockets."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from . import pages
from .behaviour import Behaviour
from .catalogue import Catalogue

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body; Content-Length is the server's business."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(path: str, *, catalogue: Catalogue, behaviour: Behaviour, base: str, accept: str = "") -> Answer:
    """The answer to a GET of the path, as if there were no ranges and no caches."""
    parts = [unquote(part) for part in path.split("/")[1:]]
    page: Answer | None = None
    match parts:
        case ["simple", ""]:
            page = _root(catalogue, behaviour, accept)
        case ["simple", name, ""] if name == canonicalize_name(name):
            page = _package(name, catalogue, behaviour, accept)
        case ["simple"] | ["simple", _] | ["simple", _, ""]:
            name = canonicalize_name(parts[1]) if len(parts) > 1 else ""
            return _redirect(f"{base}/simple/{name}{'/' if name else ''}")
        case ["files", name, filename]:
            page = _file(name, filename, catalogue, behaviour)
        case ["pypi", name, "json"] if behaviour.mode == "json":
            page = _json(pages.package_json(catalogue, base, name))
        case ["pypi", name, version, "json"] if behaviour.mode == "json":
            page = _json(pages.release_json(catalogue, base, name, version))
    return page or text(404, "Not found")


def text(status: int, words: str, headers: dict[str, str] | None = None) -> Answer:
    """A short answer in plain words."""
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    return Answer(status=status, body=f"{words}\n".encode(), headers=kind | (headers or {}))


def unchanged(found: Answer, if_none_match: str | None) -> Answer:
    """The 304 for a client that has the page already."""
    tag = found.headers.get("ETag")
    if tag is None or found.status != 200 or tag != if_none_match:
        return found
    return Answer(status=304, headers={k: v for k, v in found.headers.items() if k != "Content-Type"})


def part(found: Answer, wanted: str | None) -> Answer:
    """The part of a file that a Range header names; several ranges at once give the whole."""
    if found.status != 200 or "Accept-Ranges" not in found.headers or wanted is None:
        return found
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or not any(match.groups()):
        return found
    size = len(found.body)
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, stop = max(0, size - int(last)), size
    if start >= stop:
        return Answer(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = found.headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return Answer(status=206, body=found.body[start:stop], headers=headers)


def _root(catalogue: Catalogue, behaviour: Behaviour, accept: str) -> Answer:
    if behaviour.mode == "json" and pages.wants_pep_691(accept):
        return _page(pages.json_root(catalogue.names()), pages.PEP_691, behaviour)
    return _page(pages.html_root(catalogue.names()), pages.HTML, behaviour)


def _package(name: str, catalogue: Catalogue, behaviour: Behaviour, accept: str) -> Answer | None:
    versions = catalogue.versions(name)
    if versions is None:
        return None
    files = catalogue.files(name)
    metadata_files = behaviour.offers_metadata_files
    if behaviour.mode == "json" and pages.wants_pep_691(accept):
        body = pages.json_package(name, versions, files, metadata_files=metadata_files)
        return _page(body, pages.PEP_691, behaviour)
    body = pages.html_package(name, files, metadata_files=metadata_files)
    return _page(body, pages.HTML, behaviour)


def _file(name: str, filename: str, catalogue: Catalogue, behaviour: Behaviour) -> Answer | None:
    for file in catalogue.files(name):
        if file.filename == filename:
            headers = {"Content-Type": "application/octet-stream"}
            if behaviour.ranges:
                headers["Accept-Ranges"] = "bytes"
            return Answer(body=file.content, headers=headers)
        beside = f"{file.filename}.metadata" == filename and behaviour.offers_metadata_files
        if beside and file.core_metadata is not None:
            return Answer(body=file.core_metadata, headers={"Content-Type": "text/plain"})
    return None


def _json(body: str | None) -> Answer | None:
    headers = {"Content-Type": "application/json"}
    return None if body is None else Answer(body=body.encode(), headers=headers)


def _page(body: str, kind: str, behaviour: Behaviour) -> Answer:
    content = body.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Content-Type": kind, "ETag": tag, "Vary": "Accept"}
    if behaviour.cache_control is not None:
        headers["Cache-Control"] = behaviour.cache_control
    return Answer(body=content, headers=headers)


def _redirect(target: str) -> Answer:
    return text(301, "Moved", {"Location": target})
