"""Whether two markers hold on the same machines, and whether one holds anywhere at all.

Tools rewrite markers: pip-compile writes ``platform_system == "Windows"``, Poetry ``sys_platform == "win32"`` or
nothing at all where the project's Python range says the same. So two markers are compared by what they say of every
machine that either of them can tell from the others, not by their text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING, Final

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPERATOR = r"(===|==|~=|!=|<=|>=|<|>|not in|in)"
_COMPARISON = re.compile(rf'([a-z_]+) *{_OPERATOR} *"([^"]*)"|"([^"]*)" *{_OPERATOR} *([a-z_]+)')
_BETWEEN = re.compile(r"(?:[\s()]|\b(?:and|or)\b)*")
_WORD = re.compile(r"[^\s,|]+")
_EQUALITY: Final = frozenset({"==", "!=", "in", "not in"})
_MOST_MACHINES = 4_000
_MOST_PARTS = 4

_PYTHON: Final = frozenset({"python_version", "python_full_version"})
_SYSTEM: Final = ("sys_platform", "os_name", "platform_system")
_SYSTEMS: Final = (
    ("linux", "posix", "Linux"),
    ("darwin", "posix", "Darwin"),
    ("win32", "nt", "Windows"),
    ("cygwin", "posix", "CYGWIN_NT-10.0"),
    ("freebsd14", "posix", "FreeBSD"),
)
_IMPLEMENTATION: Final = ("platform_python_implementation", "implementation_name")
_IMPLEMENTATIONS: Final = (("CPython", "cpython"), ("PyPy", "pypy"), ("GraalVM", "graalpy"))
_SINGLE: Final = frozenset(
    {"platform_machine", "platform_release", "platform_version", "implementation_version", "extra"}
)
_OTHER: Final = "other"
_MINORS: Final = ((2, 7), *((3, minor) for minor in range(21)))
_LAST_MICRO: Final = 99
_NEVER: Final = Marker('python_version < "0"')


def is_same_condition(old: Marker | None, new: Marker | None, pythons: Iterable[SpecifierSet | None]) -> bool:
    """Whether ``old`` and ``new`` hold on the same machines whose Python is in all of the ranges ``pythons``.

    Where these have no Python in common, those in any of them count. None always holds. Markers with something in
    them that cannot be followed are the same only when their texts are.
    """
    if old == new:
        return True
    ranges = tuple(sorted({str(python) for python in pythons if python is not None}))
    first, second = sorted("" if marker is None else str(marker) for marker in (old, new))
    return _is_same(first, second, ranges)


def holds_nowhere(marker: Marker | None, python: SpecifierSet) -> bool:
    """Whether no machine with a Python of the range ``python`` fulfils ``marker``; False where that is not known."""
    return marker is not None and is_same_condition(marker, _NEVER, (python,))


def holds_on_all(marker: Marker | None, python: SpecifierSet) -> bool:
    """Whether every machine with a Python of the range ``python`` fulfils ``marker``; False where that is not known."""
    return is_same_condition(marker, None, (python,))


@lru_cache(maxsize=4096)
def _is_same(first: str, second: str, ranges: tuple[str, ...]) -> bool:
    mentioned: dict[str, set[str]] = {}
    parts: dict[str, set[str]] = {}
    for text in (first, second):
        if _BETWEEN.fullmatch(_COMPARISON.sub(" ", text)) is None:
            return False
        for name, operator, value, value_first, operator_between, name_last in _COMPARISON.findall(text):
            if (name or name_last) not in _PYTHON and (operator or operator_between) not in _EQUALITY:
                return False  # releases and versions of systems have no grid that could be tried
            values = {value} if operator in {"==", "!="} else set(_WORD.findall(value))
            mentioned.setdefault(name or name_last, set()).update({value_first} if name_last else values)
            if name_last and operator_between.endswith("in"):
                parts.setdefault(name_last, set()).add(value_first)
    if "python_full_version" in parts or any(len(each) > _MOST_PARTS for each in parts.values()):
        return False
    for name in parts.keys() - _PYTHON:
        mentioned[name] |= _containing(parts[name], least=1 if name in _SINGLE else 2)
    if not mentioned.keys() <= {*_PYTHON, *_SYSTEM, *_IMPLEMENTATION, *_SINGLE}:
        return False
    if prod(map(len, mentioned.values())) > _MOST_MACHINES:
        return False
    markers = [Marker(text) if text else None for text in (first, second)]
    try:
        axes = list(_axes(mentioned, ranges))
        return prod(map(len, axes)) <= _MOST_MACHINES and all(
            _holds(markers[0], machine) == _holds(markers[1], machine) for machine in map(_merge, product(*axes))
        )
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):  # a Python that is ${VARIABLE}, say
        return False


def _containing(parts: set[str], *, least: int) -> set[str]:
    """Values with at least so many of ``parts`` in them: ``"arm" in platform_machine`` means arm64 too.

    The usual names of systems are tried anyway.
    """
    some = (each for size in range(least, len(parts) + 1) for each in combinations(sorted(parts), size))
    return {" ".join((*each, _OTHER)) for each in some}


def _holds(marker: Marker | None, machine: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(machine)


def _merge(parts: Iterable[dict[str, str]]) -> dict[str, str]:
    machine = dict(_ANY_MACHINE)
    for part in parts:
        machine.update(part)
    return machine


def _axes(mentioned: dict[str, set[str]], ranges: tuple[str, ...]) -> Iterator[list[dict[str, str]]]:
    """What the markers can tell apart, one independent list of partial machines for each subject."""
    if _PYTHON & mentioned.keys():
        yield _pythons(mentioned, ranges)
    for names, known in ((_SYSTEM, _SYSTEMS), (_IMPLEMENTATION, _IMPLEMENTATIONS)):
        if mentioned.keys() & set(names):
            yield _together(names, known, mentioned)
    for name in sorted(_SINGLE & mentioned.keys()):
        yield [{name: value} for value in sorted({*mentioned[name], "" if name == "extra" else _OTHER})]


def _together(
    names: tuple[str, ...], known: tuple[tuple[str, ...], ...], mentioned: dict[str, set[str]]
) -> list[dict[str, str]]:
    """Machines as they are, where one fact tells the others.

    A value that none of them has belongs to a machine of which nothing else is known: AIX is posix, but who knows.
    """
    machines = [dict(zip(names, values, strict=True)) for values in (*known, (_OTHER,) * len(names))]
    usual = {(name, value) for values in known for name, value in zip(names, values, strict=True)}
    asked = [[(name, value) for value in sorted({*mentioned[name], _OTHER})] for name in names if name in mentioned]
    machines += [
        dict.fromkeys(names, _OTHER) | dict(facts)
        for facts in product(*asked)
        if any(fact not in usual and fact[1] != _OTHER for fact in facts)
    ]
    return machines


def _pythons(mentioned: dict[str, set[str]], ranges: tuple[str, ...]) -> list[dict[str, str]]:
    candidates = {(*minor, micro) for minor in _MINORS for micro in (0, _LAST_MICRO)}
    early = set[Version]()
    for text in {*mentioned.get("python_version", set()), *mentioned.get("python_full_version", set())}:
        stated = Version(text.removesuffix(".*"))
        if stated.is_prerelease:
            early.add(stated)
        major, minor, micro = (*stated.release, 0, 0)[:3]
        candidates |= {(major, minor, near) for near in (max(micro - 1, 0), micro, micro + 1)}
    versions = sorted({*early, *(Version(".".join(map(str, candidate))) for candidate in candidates)})
    within = [[v for v in versions if SpecifierSet(r).contains(v, prereleases=True)] for r in ranges]
    in_all = [v for v in versions if all(v in allowed for allowed in within)]
    in_any = [v for v in versions if any(v in allowed for allowed in within)]  # a project that left its old Python
    return [
        {"python_version": f"{v.major}.{v.minor}", "python_full_version": str(v)} for v in in_all or in_any or versions
    ]


_ANY_MACHINE: Final = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}
