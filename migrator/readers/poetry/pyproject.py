"""What a pyproject.toml declares: ``[tool.poetry]`` of Poetry 1 and 2, ``[project]`` and ``[dependency-groups]``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import MAIN, Dependency, Index, IndexRole, Option, Script
from migrator.model.url import Url
from migrator.model.version import RawSpecifier

from .entries import BadEntryError, enrich, read_entry, read_requirement
from .lines import TomlLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .toml import Table

    _Found: TypeAlias = Iterator[Dependency | Finding]

_POETRY = ("tool", "poetry")
_DEV = "dev"
_PUBLIC_INDEX = "https://pypi.org/simple/"  # what Poetry means by a source named PyPI without an address


@dataclass(frozen=True, kw_only=True, slots=True)
class Declarations:
    """What a pyproject.toml says about dependencies; empty where there is none."""

    dependencies: tuple[Dependency, ...] = ()
    indexes: tuple[Index, ...] = ()
    options: tuple[Option, ...] = ()
    scripts: tuple[Script, ...] = ()
    python: str | None = None
    python_origin: Origin | None = None
    findings: tuple[Finding, ...] = ()
    read: bool = False


def read_pyproject(text: str, data: Table, path: str) -> Declarations:
    """What the pyproject.toml ``data``, parsed from ``text``, declares. A bad entry is a finding; the rest is read."""
    file = _File(text, data, path)
    found = [*file.read_main(), *file.read_groups()]
    indexes, bad_indexes = file.read_indexes()
    python, python_origin = file.read_python()
    dependencies = tuple(item for item in found if isinstance(item, Dependency))
    return Declarations(
        dependencies=dependencies,
        indexes=indexes,
        options=file.read_options(),
        scripts=file.read_scripts(),
        python=python,
        python_origin=python_origin,
        findings=(
            *(item for item in found if isinstance(item, Finding)),
            *bad_indexes,
            *(_unsayable(d) for d in dependencies if isinstance(d.specifier, RawSpecifier)),
        ),
        read=True,
    )


class _File:
    """One pyproject.toml while it is read."""

    def __init__(self, text: str, data: Table, path: str) -> None:
        self._path = path
        self._lines = TomlLines(text)
        self._project = _table(data, "project")
        self._poetry = _table(_table(data, "tool"), "poetry")
        self._groups = _canonical(_table(data, "dependency-groups"))
        self._poetry_groups = _canonical(_table(self._poetry, "group"))

    def read_main(self) -> _Found:
        """What production needs, and the project's extras."""
        key = (*_POETRY, "dependencies")
        wished, optional = self._project.get("dependencies"), _table(self._project, "optional-dependencies")
        if wished is None and not optional:
            yield from self._read_table(_table(self._poetry, "dependencies"), MAIN, key)
            return
        found = [*self._read_table(_table(self._poetry, "dependencies"), MAIN, key)]
        entries = _by_name(found)
        requirements = [*self._read_strings(wished or [], MAIN, None, ("project", "dependencies"))]
        for extra, strings in optional.items():
            requirements += self._read_strings(strings, MAIN, extra, ("project", "optional-dependencies", extra))
        yield from _enriched(requirements, entries)
        named = {item.name for item in requirements if isinstance(item, Dependency)}
        if "dependencies" in _listed(self._project.get("dynamic", [])):
            yield from (item for item in found if isinstance(item, Finding) or item.name not in named)
        else:
            yield from (item for item in found if isinstance(item, Finding))

    def read_groups(self) -> _Found:
        """The groups of ``[dependency-groups]``, of ``[tool.poetry.group]``, and the dev-dependencies of Poetry 1.0."""
        yield from self._read_table(_table(self._poetry, "dev-dependencies"), _DEV, (*_POETRY, "dev-dependencies"))
        for name in dict.fromkeys((*self._groups, *self._poetry_groups)):
            yield from self._read_group(name)

    def read_indexes(self) -> tuple[tuple[Index, ...], tuple[Finding, ...]]:
        """The sources, in order."""
        indexes, findings = [], []
        sources = self._poetry.get("source", [])
        for number, source in enumerate(sources if isinstance(sources, list) else [sources]):
            origin = self._origin((*_POETRY, "source"), self._lines.find(*_POETRY, "source", number=number))
            name, url = (source.get("name"), source.get("url")) if isinstance(source, dict) else (None, None)
            if url is None and isinstance(name, str) and name.lower() == "pypi":
                url = _PUBLIC_INDEX
            if isinstance(name, str) and isinstance(url, str):
                indexes.append(Index(url=Url.parse(url), role=IndexRole.SOURCE, name=name, origin=origin))
            else:
                findings.append(_bad("A source has to have a `name` and a `url`", origin))
        return tuple(indexes), tuple(findings)

    def read_python(self) -> tuple[str | None, Origin | None]:
        """The range as written: Poetry's own entry before that of ``[project]``."""
        for table, path in (
            (_table(self._poetry, "dependencies"), (*_POETRY, "dependencies", "python")),
            (self._project, ("project", "requires-python")),
        ):
            if isinstance(python := table.get(path[-1]), str):
                return python, self._origin(path, self._lines.find(*path))
        return None, None

    def read_options(self) -> tuple[Option, ...]:
        """What Poetry knows and the normal form has no field for: optional groups, pre-releases, unused optionals."""
        options = []
        tables: dict[tuple[str, ...], Table] = {(*_POETRY, "dependencies"): _table(self._poetry, "dependencies")}
        for name, group in self._poetry_groups.items():
            path: tuple[str, ...] = (*_POETRY, "group", name)
            if isinstance(group, dict) and group.get("optional") is True:
                origin = self._origin(path, self._lines.find(*path))
                options.append(Option(option="optional-group", value=name, origin=origin))
            tables[*path, "dependencies"] = _table(group, "dependencies") if isinstance(group, dict) else {}
        in_extras = _extras_by_name(_table(self._poetry, "extras"))
        for path, table in tables.items():
            for name, entry in table.items():
                origin = self._origin((*path, name), self._lines.find(*path, name))
                said = {k for e in _listed(entry) if isinstance(e, dict) for k, v in e.items() if v is True}
                if "allow-prereleases" in said:
                    options.append(Option(option="allow-prereleases", value=name, origin=origin))
                if "optional" in said and canonicalize_name(name) not in in_extras:
                    options.append(Option(option="optional", value=name, origin=origin))
        return tuple(options)

    def read_scripts(self) -> tuple[Script, ...]:
        """The console scripts."""
        scripts = []
        for name, target in (_table(self._project, "scripts") or _table(self._poetry, "scripts")).items():
            if isinstance(target, dict) and target.get("type") in {None, "console"}:
                target = target.get("reference") or target.get("callable")  # noqa: PLW2901 - two ways to say one thing
            if isinstance(target, str):
                scripts.append(Script(name=name, target=target))
        return tuple(scripts)

    def _read_group(self, group: str) -> _Found:
        """The group ``group``: its own entries, then those of the groups that it includes, each once."""
        waiting: list[tuple[str, tuple[str, ...]]] = [(group, ())]
        seen = set()
        while waiting:
            name, via = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            written, strings, included = self._parts_of_group(name)
            entries = [
                *self._read_table(_table(written, "dependencies"), group, (*_POETRY, "group", name, "dependencies"))
            ]
            requirements = [*self._read_strings(strings, group, None, ("dependency-groups", name))]
            yield from _enriched(requirements, _by_name(entries))
            named = {item.name for item in requirements if isinstance(item, Dependency)}
            yield from (item for item in entries if isinstance(item, Finding) or item.name not in named)
            path = ("dependency-groups", name) if strings or not written else (*_POETRY, "group", name)
            origin = self._origin(path, self._lines.find(*path))
            for other in included:
                if not isinstance(other, str):
                    what = "neither a requirement nor an `include-group`"
                    yield _bad(f"The group {name!r} has an entry that is {what}", origin)
                elif (other := canonicalize_name(other)) not in {*self._groups, *self._poetry_groups}:
                    yield _bad(f"The group {name!r} includes the group {other!r}, which is not defined", origin)
                elif other in {*via, name}:
                    chain = " -> ".join((*via, name, other))
                    yield _bad(f"Groups include one another: {chain}", origin, Code.INCLUDE_CYCLE)
                else:
                    waiting.append((other, (*via, name)))

    def _parts_of_group(self, name: str) -> tuple[Table, list[Any], list[Any]]:
        """Poetry's table of a group, its PEP 735 requirements, and the groups that either of them includes."""
        written, items = self._poetry_groups.get(name, {}), _listed(self._groups.get(name, []))
        written = written if isinstance(written, dict) else {}
        included = [item.get("include-group") for item in items if isinstance(item, dict)]
        included += _listed(written.get("include-groups", []))
        return written, [item for item in items if not isinstance(item, dict)], included

    def _read_table(self, table: Table, group: str, path: tuple[str, ...]) -> _Found:
        """The entries of one table of Poetry's; one with several constraints is several wishes."""
        listing = _extras_by_name(_table(self._poetry, "extras")) if group == MAIN else {}
        for raw_name, entry in table.items():
            if raw_name.lower() == "python":
                continue
            origin = self._origin((*path, raw_name), self._lines.find(*path, raw_name))
            for one in _listed(entry):
                extras = listing.get(canonicalize_name(raw_name), ())
                optional = isinstance(one, dict) and one.get("optional") is True
                try:
                    yield read_entry(raw_name, one, group=group, extras=extras if optional else (), origin=origin)
                except BadEntryError as error:
                    yield _bad(f"{raw_name}: {error}", origin)

    def _read_strings(self, strings: Any, group: str, extra: str | None, path: tuple[str, ...]) -> _Found:  # noqa: ANN401
        """The requirements of one PEP 508 list."""
        span, after = self._lines.find(*path), 0
        for string in _listed(strings):
            place = self._lines.find_item(string, span, after) if isinstance(string, str) else span
            origin = self._origin(path, place)
            if place != span:
                after = place[0]
            try:
                if not isinstance(string, str):
                    raise BadEntryError("A requirement has to be a string")  # noqa: TRY301 - told like the others
                yield read_requirement(string, group=group, extra=extra, origin=origin)
            except BadEntryError as error:
                yield _bad(str(error), origin)

    def _origin(self, path: tuple[str, ...], span: tuple[int, int]) -> Origin:
        return Origin(path=self._path, line=span[0], end_line=span[1], key=".".join(path))


def _by_name(found: list[Dependency | Finding]) -> Mapping[str, list[Dependency]]:
    entries = defaultdict(list)
    for item in found:
        if isinstance(item, Dependency):
            entries[str(item.name)].append(item)
    return entries


def _enriched(requirements: list[Dependency | Finding], entries: Mapping[str, list[Dependency]]) -> _Found:
    for item in requirements:
        yield enrich(item, entries.get(item.name, [])) if isinstance(item, Dependency) else item


def _extras_by_name(table: Table) -> Mapping[str, tuple[str, ...]]:
    listing: dict[str, tuple[str, ...]] = {}
    for extra, names in table.items():
        for name in names if isinstance(names, list) else []:
            if isinstance(name, str):
                # Poetry takes `name[extra]` as well
                key = canonicalize_name(name.partition("[")[0].strip())
                listing[key] = (*listing.get(key, ()), extra)
    return listing


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - whatever TOML may hold
    return value if isinstance(value, list) else [value]


def _canonical(groups: Table) -> Table:
    return {canonicalize_name(name): group for name, group in groups.items()}


def _table(table: Table, key: str) -> Table:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _bad(message: str, origin: Origin, code: Code = Code.NOT_UNDERSTOOD) -> Finding:
    return Finding(
        code=code,
        severity=Severity.REVIEW,
        message=f"{message}.",
        origin=origin,
        advice="Correct it; `poetry check` tells more. This entry was left out.",
    )


def _unsayable(dependency: Dependency) -> Finding:
    constraint = f"the constraint {str(dependency.specifier)!r}"
    return Finding(
        code=Code.NOT_UNDERSTOOD,
        severity=Severity.NOTE,
        message=f"{dependency.raw_name}: {constraint} has no PEP 440 form; it is kept as written.",
        origin=dependency.origin,
    )
