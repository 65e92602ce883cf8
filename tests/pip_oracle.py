"""What the pip of this interpreter reads in a requirements file: the judge over our reader.

Any pip from 23 to 26 will do. A line that pip refuses is passed over, the rest still counts; nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from .command_line import inside

HERE = "file://$HERE"


def _inside(module: str) -> Any:
    """A module of pip, whose types differ from release to release."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(f"pip._internal.{module}")


PipError: type[Exception] = _inside("exceptions").PipError
req_file = _inside("req.req_file")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One requirement as pip reads it. ``url`` has no fragment, ``HERE`` stands for the working directory."""

    path: str
    line: int
    name: str | None
    specifier: str
    extras: frozenset[str]
    marker: str | None
    url: str | None
    subdirectory: str | None
    editable: bool
    constraint: bool
    hashes: frozenset[str]


def judge(folder: Path, name: str = "requirements.txt") -> list[Judged]:
    """What pip reads in ``folder/name``, in order, run from ``folder``."""
    with inside(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_judge(name, folder))


def _judge(name: str, folder: Path) -> Iterator[Judged]:
    read_line = req_file.get_line_parser(None)
    base: Any = req_file.RequirementsFileParser
    construct = _inside("req.constructors").install_req_from_parsed_requirement

    class Tolerant(base):  # type: ignore[misc]  # known when it runs
        def _parse_file(self, filename: str, constraint: bool) -> Iterator[Any]:
            try:
                content = req_file.get_file_content(filename, self._session)[1]
            except (PipError, UnicodeError, LookupError):
                return
            for number, text in req_file.preprocess(content):
                try:
                    words, options = read_line(text)
                except req_file.OptionParsingError:
                    continue
                included = [] if words or options.editables else [*options.requirements, *options.constraints]
                if included and not Path(os.path.dirname(filename), included[0]).is_file():  # noqa: PTH120  # pip's way
                    continue
                yield req_file.ParsedLine(filename, number, words, options, constraint)

    # no session: nothing is fetched, and making one asks a dozen programs for their versions
    for line in Tolerant(None, read_line).parse(name, constraint=False):
        text = getattr(line, "requirement", None)
        if text is None:
            continue
        try:
            parsed = req_file.handle_requirement_line(line)
            found = construct(parsed, isolated=True)
        except (PipError, ValueError):
            continue
        path = os.path.relpath(line.filename, folder)
        yield _judged(path, line.lineno, parsed, found, folder)


def _judged(path: str, line: int, parsed: Any, found: Any, folder: Path) -> Judged:
    url = found.link.url.partition("#")[0] if found.link else None
    if url is not None:
        url = _placed(url, folder)
    options = getattr(parsed, "options", None) or {}
    return Judged(
        path=path,
        line=line,
        name=canonicalize_name(found.req.name) if found.req else None,
        specifier=_normalised(str(found.req.specifier)) if found.req else "",
        extras=frozenset(canonicalize_name(extra) for extra in found.extras),
        marker=str(Marker(str(found.markers))) if found.markers else None,
        url=url,
        subdirectory=found.link.subdirectory_fragment if found.link else None,
        editable=found.editable,
        constraint=found.constraint,
        hashes=frozenset(f"{name}:{value}" for name, values in options.get("hashes", {}).items() for value in values),
    )


def _placed(url: str, folder: Path) -> str:
    """``url`` with the working directory as ``HERE``; pip 26 takes a relative path after ``@``."""
    if ":" not in url or re.match("file:(?!/)", url):
        url = url.removeprefix("file:")
        return HERE + os.path.normpath(f"/{url}").rstrip("/")
    return unquote(url.replace(folder.as_uri(), HERE)) if url.startswith("file:") else url


def _normalised(specifier: str) -> str:
    try:
        return str(SpecifierSet(specifier))
    except InvalidSpecifier:
        return specifier
