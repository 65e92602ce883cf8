"""pyproject.toml, whatever manages it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.plan import AcceptedDrift, Record
from migrator.model.project import MAIN, PythonHint, Script
from migrator.model.surroundings import ExistingDependency
from migrator.model.written import fingerprint

from .build_tools import PATH, read_selection
from .metadata import Metadata, find_line, read_hint, text_or_none

_PLACE = re.compile(r" \(at (?P<place>line (?P<line>\d+), column \d+)\)$")
_TABLES = (
    "project",
    "project.scripts",
    "build-system",
    "dependency-groups",
    "tool",
    "tool.poetry",
    "tool.poetry.scripts",
    "tool.poetry.dependencies",
    "tool.poetry.group",
    "tool.migrator",
)
_ARRAYS = ("project.dependencies", "project.dynamic", "tool.poetry.source")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pyproject:
    """What pyproject.toml says; ``text`` is None where it is absent or no TOML."""

    text: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    has_project_table: bool = False
    has_poetry_table: bool = False
    existing: tuple[ExistingDependency, ...] = ()
    record: Record | None = None
    findings: tuple[Finding, ...] = ()


def read_pyproject(content: bytes | None) -> Pyproject:
    """Read the file; what keeps us from merging into it is a STOP finding."""
    if content is None:
        return Pyproject()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Pyproject(findings=(_invalid(f"line {line} is not UTF-8", line),))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Pyproject(findings=(_not_toml(str(error)),))
    except RecursionError:
        return Pyproject(findings=(_invalid("its values are nested too deeply", 0),))
    findings = tuple(_wrong_shapes(data))
    if findings:
        return Pyproject(findings=findings)
    return Pyproject(
        text=text,
        metadata=_read_metadata(text, data, _read_marks(data)),
        has_project_table="project" in data,
        has_poetry_table=bool(_table(data, "tool.poetry")),
        existing=tuple(_read_existing(text, data)),
        record=_read_record(_table(data, "tool.migrator")),
    )


def _not_toml(error: str) -> Finding:
    match = _PLACE.search(error)
    if match is None:
        return _invalid(f"{error[:1].lower()}{error[1:]}", 0)
    return _invalid(f"{match['place']}: {error[: match.start()]}", int(match["line"]))


def _invalid(what: str, line: int) -> Finding:
    return Finding(
        code=Code.INVALID_PYPROJECT,
        severity=Severity.STOP,
        message=f"pyproject.toml cannot be merged: {what}",
        origin=Origin(path=PATH, line=line, end_line=line),
        advice="Correct the file, or move it away to get a new one",
    )


def _wrong_shapes(data: dict[str, Any]) -> Iterator[Finding]:
    for names, kind, called in ((_TABLES, dict, "table"), (_ARRAYS, list, "array")):
        for name in names:
            value = _get(data, name)
            if value is not None and not isinstance(value, kind):
                yield _invalid(f"{name} is no {called}", 0)
    for group, members in _table(data, "dependency-groups").items():
        if not isinstance(members, list):
            yield _invalid(f"dependency-groups.{group} is no array", 0)
    for group, table in _table(data, "tool.poetry.group").items():
        if not isinstance(table, dict) or not isinstance(table.get("dependencies", {}), dict):
            yield _invalid(f"tool.poetry.group.{group} is no table of dependencies", 0)


def _read_metadata(text: str, data: dict[str, Any], marks: dict[str, Any]) -> Metadata:
    project = _leave_ours(_dict(data, "project"), "project", marks)
    poetry = _leave_ours(_table(data, "tool.poetry"), "tool.poetry", marks)
    builds = bool(_leave_ours(_dict(data, "build-system"), "build-system", marks))
    licence = project.get("license")
    authors = [each for each in _list(project, "authors") if isinstance(each, dict) and text_or_none(each.get("name"))]
    scripts = {
        **_leave_ours(_dict(poetry, "scripts"), "tool.poetry.scripts", marks),
        **_leave_ours(_dict(project, "scripts"), "project.scripts", marks),
    }
    return Metadata(
        name=text_or_none(project.get("name")) or text_or_none(poetry.get("name")),
        version=text_or_none(project.get("version")) or text_or_none(poetry.get("version")),
        description=text_or_none(project.get("description")) or text_or_none(poetry.get("description")),
        licence=text_or_none(licence.get("text") if isinstance(licence, dict) else licence)
        or text_or_none(poetry.get("license")),
        authors=tuple(f"{each['name']} <{each['email']}>" if each.get("email") else each["name"] for each in authors)
        or tuple(each for each in _list(poetry, "authors") if isinstance(each, str)),
        scripts=tuple(Script(name=name, target=target) for name, target in sorted(scripts.items()) if _is_text(target)),
        selection=read_selection(text, {**_dict(data, "tool"), "poetry": poetry}, builds=builds),
        python_hints=tuple(_read_python(text, project, poetry, marks)),
    )


def _read_python(
    text: str, project: dict[str, Any], poetry: dict[str, Any], marks: dict[str, Any]
) -> Iterator[PythonHint]:
    """The ranges that the user states; one that a previous run wrote says only what that run was told."""
    stated = project.get("requires-python")
    if not _is_ours(stated, "project", "requires-python", marks):
        line = find_line(text, r"\s*(project\s*\.\s*)?[\"']?requires-python\b")
        hint = read_hint(stated, PATH, line, stated=True)
        if hint:
            yield hint
    stated = _dict(poetry, "dependencies").get("python")
    if not _is_ours(stated, "tool.poetry.dependencies", "python", marks):
        line = _line_of_entry(text, "tool.poetry.dependencies", "python")
        hint = read_hint(_convert_range(stated), PATH, line, stated=True)
        if hint:
            yield hint


def _read_marks(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fingerprints of what a previous run wrote, by table and key."""
    written = _table(data, "tool.migrator.written")
    return {table: entries for table, entries in written.items() if isinstance(entries, dict)}


def _leave_ours(table: dict[str, Any], name: str, marks: dict[str, Any]) -> dict[str, Any]:
    """What the user wrote into a table: a previous run's words say nothing new to this one."""
    return {key: value for key, value in table.items() if not _is_ours(value, name, key, marks)}


def _is_ours(value: object, table: str, key: str, marks: dict[str, Any]) -> bool:
    return value is not None and marks.get(table, {}).get(key) == fingerprint(value)


def _convert_range(text: object) -> str | None:
    """Poetry's range of Pythons (``^3.8``, ``~2.7 || ^3.6``) in the words of PEP 440; of a union its hull."""
    if not isinstance(text, str):
        return None
    # few projects that are migrated have one
    from poetry.core.constraints.version import Version, VersionRange, VersionUnion, parse_constraint

    try:
        parsed = parse_constraint(text)
    except ValueError:
        return None
    if isinstance(parsed, VersionUnion):
        low, high = parsed.ranges[0], parsed.ranges[-1]
        parsed = VersionRange(low.min, high.max, low.include_min, high.include_max)
    if isinstance(parsed, Version):
        return f"=={parsed.text}"
    return None if parsed.is_any() or parsed.is_empty() else str(parsed)


def _read_existing(text: str, data: dict[str, Any]) -> Iterator[ExistingDependency]:
    marks = _read_marks(data)
    yield from _read_requirements(text, "project.dependencies", _get(data, "project.dependencies"), MAIN, marks)
    for group, members in _table(data, "dependency-groups").items():
        yield from _read_requirements(text, f"dependency-groups.{group}", members, group, marks)
    tables = [("tool.poetry.dependencies", MAIN), ("tool.poetry.dev-dependencies", "dev")]
    tables += [(f"tool.poetry.group.{group}.dependencies", group) for group in _table(data, "tool.poetry.group")]
    for table, group in tables:
        entries = _get(data, table)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if name != "python":
                line = _line_of_entry(text, table, name)
                yield ExistingDependency(
                    name=canonicalize_name(name),
                    constraint=_constraint(entry),
                    group=group,
                    ours=marks.get(table, {}).get(canonicalize_name(name)) == fingerprint(entry),
                    origin=Origin(path=PATH, line=line, end_line=line, key=f"{table}.{name}"),
                )


def _read_requirements(
    text: str, table: str, members: object, group: str, marks: dict[str, dict[str, Any]]
) -> Iterator[ExistingDependency]:
    by_name: dict[str, list[tuple[str, Requirement]]] = {}
    for member in members if isinstance(members, list) else ():
        try:
            requirement = Requirement(member) if isinstance(member, str) else None
        except InvalidRequirement:
            continue
        if requirement:
            by_name.setdefault(canonicalize_name(requirement.name), []).append((member, requirement))
    for name, several in by_name.items():
        mark = fingerprint([member for member, _ in several])
        for member, requirement in several:
            line = find_line(text, rf".*[\"']{re.escape(member)}[\"']")
            yield ExistingDependency(
                name=canonicalize_name(name),
                constraint=str(requirement.specifier),
                group=group,
                ours=marks.get(table, {}).get(name) == mark,
                origin=Origin(path=PATH, line=line, end_line=line, key=table),
            )


def _constraint(entry: object) -> str:
    """What an entry of Poetry says of the version; of several entries, all that they say."""
    match entry:
        case str():
            return entry
        case dict():
            version = entry.get("version", "")
            return version if isinstance(version, str) else ""
        case list():
            return " || ".join(sorted({text for each in entry if (text := _constraint(each))}))
        case _:
            return ""


def _read_record(table: dict[str, Any]) -> Record | None:
    """The record of the previous run; None where there is none, or one that is not ours."""
    format_ = table.get("format")
    if not isinstance(format_, str):
        return None
    answers = {key: _answer(value) for key, value in _dict(table, "answers").items()}
    drifts = [each for each in _list(table, "accepted") if isinstance(each, dict) and all(map(_is_text, each.values()))]
    return Record(
        format=format_,
        sources=tuple(each for each in _list(table, "sources") if isinstance(each, str)),
        answers=tuple((key, value) for key, value in sorted(answers.items()) if value is not None),
        accepted=tuple(
            AcceptedDrift(name=canonicalize_name(each["name"]), old=each.get("old", ""), new=each.get("new", ""))
            for each in drifts
            if "name" in each
        ),
        known=tuple(each for each in _list(table, "known") if isinstance(each, str)),
    )


def _answer(value: object) -> str | bool | tuple[str, ...] | None:
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return value if isinstance(value, str | bool) else None


def _line_of_entry(text: str, table: str, key: str) -> int:
    """The line of ``key`` below the header of ``table``, 0 where the file writes it another way."""
    header = rf"\s*\[\s*{re.escape(table)}\s*\]"
    below = False
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("["):
            below = re.match(header, line) is not None
        elif below and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return 0


def _get(data: Any, name: str) -> Any:  # noqa: ANN401 (whatever TOML can hold)
    for part in name.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = _get(data, name)
    return value if isinstance(value, dict) else {}


def _dict(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _list(table: dict[str, Any], key: str) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str)
