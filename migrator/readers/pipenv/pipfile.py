"""The Pipfile: what the project wishes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Dependency, Index, IndexRole, Option, PythonHint, Script
from migrator.model.source import FromIndex
from migrator.model.url import Url, mask_credentials

from .addresses import read_index_url
from .entries import KNOWN_KEYS, Entry, read_entry
from .files import Data
from .groups import group_of, section_of
from .places import Keys, Places
from .remarks import Remark, in_toml, likely_mistake, not_understood, quote
from .requires import read_requires
from .scripts import read_script
from .toml_text import Comment as TomlComment

NOT_CATEGORIES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile", "build-system"})
"""The tables of a Pipfile that hold no packages."""
_FIRST = ("packages", "dev-packages")
_SOURCE_KEYS = frozenset({"name", "url", "verify_ssl"})
_MOST_NAMES = 12


@dataclass(kw_only=True, slots=True)
class Pipfile:
    """What was read of a Pipfile, in its order; ``data`` is the whole of it, for the hash."""

    data: Data
    declared: list[Dependency] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    python: SpecifierSet | None = None
    hint: PythonHint | None = None
    findings: list[Finding] = field(default_factory=list)


def read_pipfile(data: Data, places: Places, comments: Iterable[TomlComment]) -> Pipfile:
    """All that a Pipfile says."""
    return _Reader(data, places).read(comments)


class _Reader:
    def __init__(self, data: Data, places: Places) -> None:
        self._data = data
        self._places = places
        self._found = Pipfile(data=data)
        self._used_comments: set[Keys] = set()
        self._commented: dict[Keys, list[Keys]] = defaultdict(list)
        for path in places.comments:
            for depth in range(1, len(path) + 1):
                self._commented[path[:depth]].append(path)

    def read(self, comments: Iterable[TomlComment]) -> Pipfile:
        found = self._found
        self._read_sources()
        told: list[tuple[Keys, Remark]] = []
        found.python, found.hint = read_requires(self._data.get("requires"), self._places, ("requires",), told)
        for keys, remark in told:
            self._tell(remark, *keys)
        for category, table in self._data.items():
            if category not in NOT_CATEGORIES:
                self._read_category(category, table)
        self._remark_names()
        self._remark_twins()
        self._read_scripts()
        self._read_options()
        alone = [(comment.line, comment.text) for comment in comments]
        alone += [
            (self._places.spans[keys].line, text)
            for keys, text in self._places.comments.items()
            if keys not in self._used_comments
        ]
        found.comments = [
            Comment(text=mask_credentials(text), origin=_line(self._places.path, line)) for line, text in sorted(alone)
        ]
        return found

    def _tell(self, remark: Remark, *keys: str) -> None:
        self._found.findings.append(remark.at(self._places.find(*keys)))

    def _comment(self, *keys: str) -> str | None:
        """What stands behind an entry, also where a header or dotted keys write it."""
        path = next((path for path in self._commented.get(keys, ()) if path not in self._used_comments), None)
        if path is None:
            return None
        self._used_comments.add(path)
        return mask_credentials(self._places.comments[path])

    # sources

    def _read_sources(self) -> None:
        sources = self._data.get("source", [])
        if isinstance(sources, dict):
            self._tell(likely_mistake("[source] is one table.", "Write [[source]], which is a list."), "source")
        several = isinstance(sources, list)
        for number, source in enumerate(sources if isinstance(sources, list) else [sources]):
            self._read_source(source, ("source", str(number)) if several else ("source",))

    def _read_source(self, source: Any, keys: Keys) -> None:  # noqa: ANN401 (whatever TOML can hold)
        origin = self._places.find(*keys)
        if not isinstance(source, dict) or not isinstance(source.get("url"), str) or not source["url"].strip():
            self._tell(not_understood("A source without a `url` is left out.", 'Write url = "https://…".'), *keys)
            return
        name = source.get("name")
        self._found.indexes.append(
            Index(
                url=read_index_url(source["url"]),
                role=IndexRole.SOURCE,
                name=name if isinstance(name, str) and name else None,
                origin=origin,
                comment=self._comment(*keys),
            )
        )
        if source.get("verify_ssl") in {False, "false", "False"}:
            self._tell(remark_unverified(name, self._found.indexes[-1].url), *keys, "verify_ssl")
        for key in source:
            if key not in _SOURCE_KEYS:
                message = f"A source has {key} = {quote(source[key])}, which pipenv does not know."
                self._tell(not_understood(message, "Take it out."), *keys, key)

    # packages

    def _read_category(self, category: str, table: Any) -> None:  # noqa: ANN401 (as above)
        if not isinstance(table, dict):
            message = f"{category} = {quote(table)} belongs to no table; it is left out."
            self._tell(not_understood(message, "Move it to the table where it belongs, or take it out."), category)
            return
        group = group_of(section_of(category))
        if category not in _FIRST and group != category:
            message = f"The category {quote(category)} becomes the group {quote(group)}: its own name cannot be one."
            self._tell(Remark(Code.GROUP_INFERRED, Severity.NOTE, message), category)
        for key, value in table.items():
            self._read_package(category, group, key, value)

    def _read_package(self, category: str, group: str, key: str, value: Any) -> None:  # noqa: ANN401 (as above)
        origin = self._places.find(category, key)
        if (category, key) in self._places.dotted and isinstance(value, dict):
            torn = {inner: value[inner] for inner in value if inner not in KNOWN_KEYS}
            self._found.findings += [remark.at(origin) for remark in _unquoted(key, torn)]
            value = {inner: value[inner] for inner in value if inner not in torn}
        entry = read_entry(key, value)
        if isinstance(entry, Remark):
            self._found.findings.append(entry.at(origin))
            return
        for remark in entry.remarks:
            self._found.findings.append(remark.at(origin))
        if not entry.named:
            self._tell(remark_no_name(entry), category, key)
        self._found.declared.append(
            Dependency(
                name=entry.name,
                raw_name=entry.raw_name,
                origin=origin,
                specifier=entry.specifier,
                extras=entry.extras,
                marker=entry.marker,
                source=entry.source,
                editable=entry.editable,
                group=group,
                hashes=entry.hashes,
                comment=self._comment(category, key),
                by_hand=True,
            )
        )
        self._found.options += [Option(option=flag, value=shown, origin=origin) for flag, shown in entry.flags]

    def _remark_names(self) -> None:
        """One note for all names that PyPI's standard writes otherwise; that is so in every second Pipfile."""
        odd = [d for d in self._found.declared if canonicalize_name(_plain(d.raw_name)) == d.name != _plain(d.raw_name)]
        if odd:
            shown = ", ".join(f"{_plain(d.raw_name)} ({d.name})" for d in odd[:_MOST_NAMES])
            more = f" and {len(odd) - _MOST_NAMES} more" if len(odd) > _MOST_NAMES else ""
            message = f"pyproject.toml writes names as PEP 503 does: {shown}{more}."
            self._found.findings.append(likely_mistake(message, "", Severity.NOTE).at(odd[0].origin))

    def _remark_twins(self) -> None:
        first: dict[tuple[str, str], Dependency] = {}
        for line in self._found.declared:
            known = first.setdefault((line.group, line.name), line)
            if known is not line:
                message = f"{line.raw_name} is the same package as {known.raw_name} ({known.origin}); both count."
                remark = likely_mistake(message, "Keep one of the two.")
                self._found.findings.append(remark.at(line.origin))

    # the rest

    def _read_scripts(self) -> None:
        scripts = self._data.get("scripts", {})
        if not isinstance(scripts, dict):
            self._tell(not_understood(f"scripts is {quote(scripts)}, no table.", "Write [scripts]."), "scripts")
            return
        for name, value in scripts.items():
            script = read_script(name, value)
            if isinstance(script, Script):
                self._found.scripts.append(script)
            else:
                self._tell(script, "scripts", name)

    def _read_options(self) -> None:
        for table in ("pipenv", "build-system", "pipfile"):
            options = self._data.get(table, {})
            if not isinstance(options, dict):
                self._tell(not_understood(f"{table} is {quote(options)}, no table.", f"Write [{table}]."), table)
                continue
            prefix = "" if table == "pipenv" else f"{table}."
            for key, value in options.items():
                origin = self._places.find(table, key)
                comment = self._comment(table, key)
                shown = mask_credentials(_show(value))
                self._found.options.append(Option(option=prefix + key, value=shown, origin=origin, comment=comment))


def remark_unverified(name: object, url: Url) -> Remark:
    """What to know of a source whose certificate nobody checks."""
    shown = name if isinstance(name, str) and name else str(url)
    return Remark(
        Code.CERTIFICATE_UNCHECKED,
        Severity.REVIEW,
        f"pipenv asks the source {shown} without checking its certificate (verify_ssl = false); Poetry checks it.",
        f"If the certificate is one of your own: poetry config certificates.{shown}.cert PATH.",
    )


def remark_no_name(entry: Entry) -> Remark:
    """What to know of an entry whose key is no name."""
    left_out = "; it is left out" if isinstance(entry.source, FromIndex) else ""
    return not_understood(f"{quote(entry.raw_name)} is no name of a package{left_out}.", "Correct the name.")


def _unquoted(key: str, table: Mapping[str, Any]) -> Iterator[Remark]:
    """What TOML made of names with a dot that stand there without quotes: ``discord.py = "~=1.4"``."""
    for name, value in _leaves(key, table):
        wish = value if isinstance(value, str) and value != "*" else ""
        yield likely_mistake(
            f"{name} stands there without quotes, so TOML splits it at the dot: pipenv asks for any version of a "
            f"package called {key}, and never for {name}.",
            f'Write "{name}" = {in_toml(value)}; or later: poetry remove {key}, poetry add "{name}{wish}".',
        )


def _leaves(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value and not value.keys() & KNOWN_KEYS:
            yield from _leaves(f"{name}.{key}", value)
        else:
            yield f"{name}.{key}", value


def _plain(name: str) -> str:
    """A name without the extras and the version that some write into the key."""
    return re.split(r"[\[<>=!~;\s]", name.strip(), maxsplit=1)[0]


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _line(path: str, line: int) -> Origin:
    return Origin(path=path, line=line, end_line=line)
