"""The tables of pyproject.toml that a plan asks for, as plain values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from packaging.utils import canonicalize_name

from migrator.model.plan import PlannedDependency, PlannedSource, Priority, ProjectPlan, Record, Style
from migrator.model.project import MAIN

from .requirement import show_enrichment, show_entries, show_requirement, show_specifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName

Path: TypeAlias = tuple[str, ...]

POETRY: Path = ("tool", "poetry")
PROJECT: Path = ("project",)
RECORD: Path = ("tool", "migrator")

_PRIORITIES = tuple(Priority)


class Kind(Enum):
    """How the entries of a block are told apart in the file."""

    TABLE = "table"
    """By their key."""
    DEPENDENCIES = "dependencies"
    """By their key, in which ``_``, ``-``, ``.`` and case make no difference."""
    REQUIREMENTS = "requirements"
    """An array of PEP 508 texts; an entry is all those of one name."""
    NAMED = "named"
    """An array of tables; by ``name``."""
    RECORD = "record"
    """By their key, and all of it is ours."""


@dataclass(frozen=True, slots=True)
class Block:
    """One table or array at ``path``, with its entries in the order in which a new file has them."""

    path: Path
    kind: Kind
    entries: dict[str, Any] = field(default_factory=dict)
    bare: bool = False
    """Written even when it has no entries."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about the form and stands in the file already."""

    has_project: bool = False
    is_classic: bool = False
    """``[tool.poetry]`` is the user's, and there is no ``[project]``."""
    dynamic: frozenset[str] = frozenset()
    has_build_system: bool = False
    groups: frozenset[NormalizedName] = frozenset()
    """Those of ``[dependency-groups]``."""
    requirements: tuple[str, ...] = ()
    """The user's names in ``project.dependencies``."""
    requires_python: str | None = None
    """The user's ``project.requires-python``."""


def choose_style(wished: Style, standing: Standing) -> Style:
    """The form that keeps what stands in the file working.

    As soon as ``[project]`` has dependencies, Poetry takes those of ``[tool.poetry]`` as additions only, so a file
    that has just one of the two keeps it. A ``[project]`` of the user's stays in any case.
    """
    if standing.has_project:
        return Style.HYBRID if wished is Style.CLASSIC else wished
    return Style.CLASSIC if standing.is_classic else wished


def lay_out(plan: ProjectPlan, style: Style, standing: Standing) -> tuple[Block, ...]:
    """All blocks that ``plan`` asks for, in the order of a new file; the record is not among them."""
    blocks = _classic(plan) if style is Style.CLASSIC else _with_project(plan, style, standing)
    blocks.append(Block((*POETRY, "source"), Kind.NAMED, _sources(plan.sources)))
    if plan.package_mode and not standing.has_build_system:
        oldest = "1.0.0" if style is Style.CLASSIC else "2.0.0"
        entries = {"requires": [f"poetry-core>={oldest}"], "build-backend": "poetry.core.masonry.api"}
        blocks.append(Block(("build-system",), Kind.TABLE, entries))
    return tuple(block for block in blocks if block.entries or block.bare)


def lay_out_record(record: Record, written: dict[str, dict[str, str]]) -> tuple[Block, ...]:
    """The blocks of ``[tool.migrator]``, in the order of a new file."""
    head: dict[str, Any] = {"format": record.format, "sources": list(record.sources)}
    accepted = sorted(record.accepted, key=lambda drift: (drift.name, drift.old, drift.new))
    if accepted:
        head["accepted"] = [{"name": drift.name, "old": drift.old, "new": drift.new} for drift in accepted]
    if record.known:
        head["known"] = sorted(record.known)
    answers = {key: list(value) if isinstance(value, tuple) else value for key, value in sorted(record.answers)}
    return (
        Block(RECORD, Kind.RECORD, head),
        Block((*RECORD, "answers"), Kind.RECORD, answers),
        Block((*RECORD, "written"), Kind.RECORD, dict(sorted(written.items()))),
    )


def _classic(plan: ProjectPlan) -> list[Block]:
    head: dict[str, Any] = {"name": plan.name, "version": plan.version}
    description = _one_line(plan.description)
    if description or _is_editable(plan):
        head["description"] = description
    if plan.package_mode:
        head["authors"] = []  # Poetry 1 wants the key; nobody is invented
    head |= _packaging(plan)
    python = {"python": show_specifier(plan.python) or "*"}
    names = _by_name(plan.dependencies, MAIN)
    return [
        Block(POETRY, Kind.TABLE, head),
        Block((*POETRY, "scripts"), Kind.TABLE, _scripts(plan)),
        Block(
            (*POETRY, "dependencies"),
            Kind.DEPENDENCIES,
            python | {name: show_entries(dependencies) for name, dependencies in names.items()},
        ),
        *(_poetry_group(plan, group) for group in plan.groups),
    ]


def _is_editable(plan: ProjectPlan) -> bool:
    """Whether something is installed as its files stand: poetry2nix then wants a description, be it empty."""
    return plan.package_mode or any(dependency.editable for dependency in plan.dependencies)


def _with_project(plan: ProjectPlan, style: Style, standing: Standing) -> list[Block]:
    """``[project]``, and beside it in ``[tool.poetry]`` what PEP 621 cannot say or poetry2nix looks for there."""
    hybrid = style is Style.HYBRID
    head: dict[str, Any] = {"name": plan.name}
    if "version" not in standing.dynamic:
        head["version"] = plan.version
    description = _one_line(plan.description)
    if description and "description" not in standing.dynamic:
        head["description"] = description
    if (python := show_specifier(plan.python)) and "requires-python" not in standing.dynamic:
        head["requires-python"] = python
    scripts = {} if "scripts" in standing.dynamic else _scripts(plan)
    names = _by_name(plan.dependencies, MAIN)
    tool: dict[str, Any] = {"name": plan.name} if hybrid else {}
    if hybrid or (plan.package_mode and "version" in standing.dynamic):
        tool["version"] = plan.version
    if hybrid and _is_editable(plan):
        tool["description"] = description
    blocks = [Block(PROJECT, Kind.TABLE, head)]
    if "dependencies" in standing.dynamic:  # Poetry then takes all of them from [tool.poetry]
        main = {name: show_entries(dependencies) for name, dependencies in names.items()}
    else:
        requirements = {name: [show_requirement(each) for each in several] for name, several in names.items()}
        blocks.append(Block((*PROJECT, "dependencies"), Kind.REQUIREMENTS, requirements, bare=True))
        every = sorted({*names, *standing.requirements}) if hybrid else names
        main = _enrichments(names, every, always=hybrid)
    main = _narrowed_python(plan.python, standing) | main
    blocks += [
        Block((*PROJECT, "scripts"), Kind.TABLE, scripts),
        *_pep735_groups(plan, style, standing),
        Block(POETRY, Kind.TABLE, tool | _packaging(plan)),
        Block((*POETRY, "dependencies"), Kind.DEPENDENCIES, main),
    ]
    for group in plan.groups:
        members = _by_name(plan.dependencies, group)
        if _in_pep735(group, style, standing):
            more = _enrichments(members, members, always=hybrid)
            blocks.append(Block(_group_path(group), Kind.DEPENDENCIES, more))
        else:
            blocks.append(_poetry_group(plan, group))
    return blocks


def _narrowed_python(python: SpecifierSet, standing: Standing) -> dict[str, str]:
    """The range for Poetry alone, where the user's ``requires-python`` is wider and stays.

    As a rule it has no end, and Poetry finds no lock as soon as one release wants a Python below 4.
    """
    text = show_specifier(python)
    if "requires-python" in standing.dynamic:
        return {"python": text} if text else {}
    if not standing.requires_python or not text:
        return {}
    # only a file with such a range of the user's needs it
    from poetry.core.constraints.version import parse_constraint

    try:
        stated, narrowed = parse_constraint(standing.requires_python), parse_constraint(text)
    except ValueError:
        return {}
    # Poetry refuses what is no part of requires-python
    return {"python": text} if stated.allows_all(narrowed) and not narrowed.allows_all(stated) else {}


def _pep735_groups(plan: ProjectPlan, style: Style, standing: Standing) -> list[Block]:
    return [
        Block(
            ("dependency-groups", group),
            Kind.REQUIREMENTS,
            {
                name: [show_requirement(each) for each in several]
                for name, several in _by_name(plan.dependencies, group).items()
            },
        )
        for group in plan.groups
        if _in_pep735(group, style, standing)
    ]


def _in_pep735(group: str, style: Style, standing: Standing) -> bool:
    """poetry2nix does not read PEP 735; a group that is there already has to stay whole."""
    return style is Style.PEP621 or canonicalize_name(group) in standing.groups


def _poetry_group(plan: ProjectPlan, group: str) -> Block:
    members = _by_name(plan.dependencies, group)
    entries = {name: show_entries(dependencies) for name, dependencies in members.items()}
    return Block(_group_path(group), Kind.DEPENDENCIES, entries)


def _group_path(group: str) -> Path:
    return (*POETRY, "group", group, "dependencies")


def _enrichments(names: dict[str, list[PlannedDependency]], every: Iterable[str], *, always: bool) -> dict[str, Any]:
    enrichments = {name: show_enrichment(names.get(name, ())) for name in every}
    return {name: more or {} for name, more in enrichments.items() if more or always}


def _packaging(plan: ProjectPlan) -> dict[str, Any]:
    if not plan.package_mode:
        return {"package-mode": False}
    packages = [
        {"include": each.include, "from": each.root} if each.root else {"include": each.include}
        for each in sorted(plan.packages)
    ]
    return {"packages": packages} if packages else {}


def _scripts(plan: ProjectPlan) -> dict[str, Any]:
    return {script.name: script.target for script in sorted(plan.scripts, key=lambda script: script.name)}


def _sources(sources: Sequence[PlannedSource]) -> dict[str, Any]:
    return {
        source.name: {
            "name": source.name,
            **({} if source.is_public else {"url": str(source.url.without_credentials())}),
            "priority": str(source.priority),
        }
        for source in sorted(sources, key=lambda source: (_PRIORITIES.index(source.priority), source.name))
    }


def _by_name(dependencies: Iterable[PlannedDependency], group: str) -> dict[str, list[PlannedDependency]]:
    """Sorted, so that the order in the plan makes no difference; a package called ``python`` cannot be asked for."""
    names = defaultdict(list)
    for dependency in dependencies:
        if dependency.group == group and dependency.name != "python":
            names[str(dependency.name)].append(dependency)
    return {name: sorted(names[name], key=_text_order) for name in sorted(names)}


def _text_order(dependency: PlannedDependency) -> tuple[str, str]:
    return (dependency.constraint, repr(show_entries([dependency])))


def _one_line(text: str) -> str:
    """Poetry refuses a description of several lines."""
    return " ".join(text.split())
