"""Packages that bring parts of newer standard libraries to older Pythons, where nobody should install them."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.change import Added
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Project

from .closure import applies

_GIVEN_SINCE: dict[str, tuple[str, tuple[int, int]]] = {
    # the package: what it brings, and the first Python 3 that has it
    "argparse": ("argparse", (3, 2)),
    "asyncio": ("asyncio", (3, 4)),
    "backports-csv": ("csv", (3, 0)),
    "backports-functools-lru-cache": ("functools.lru_cache", (3, 3)),
    "backports-lzma": ("lzma", (3, 3)),
    "backports-shutil-get-terminal-size": ("shutil.get_terminal_size", (3, 3)),
    "backports-shutil-which": ("shutil.which", (3, 3)),
    "backports-statistics": ("statistics", (3, 4)),
    "backports-tempfile": ("tempfile", (3, 2)),
    "backports-weakref": ("weakref", (3, 4)),
    "backports-zoneinfo": ("zoneinfo", (3, 9)),
    "chainmap": ("collections.ChainMap", (3, 3)),
    "contextvars": ("contextvars", (3, 7)),
    "counter": ("collections.Counter", (3, 1)),
    "dataclasses": ("dataclasses", (3, 7)),
    "enum34": ("enum", (3, 4)),
    "faulthandler": ("faulthandler", (3, 3)),
    "funcsigs": ("inspect.signature", (3, 3)),
    "functools32": ("functools", (3, 2)),
    "futures": ("concurrent.futures", (3, 2)),
    "graphlib-backport": ("graphlib", (3, 9)),
    "importlib": ("importlib", (3, 1)),
    "ipaddress": ("ipaddress", (3, 3)),
    "monotonic": ("time.monotonic", (3, 3)),
    "ordereddict": ("collections.OrderedDict", (3, 1)),
    "pathlib": ("pathlib", (3, 4)),
    "pathlib2": ("pathlib", (3, 4)),
    "scandir": ("os.scandir", (3, 5)),
    "selectors34": ("selectors", (3, 4)),
    "singledispatch": ("functools.singledispatch", (3, 4)),
    "statistics": ("statistics", (3, 4)),
    "subprocess32": ("subprocess", (3, 2)),
    "trollius": ("asyncio", (3, 4)),
    "typing": ("typing", (3, 5)),
    "unittest2": ("unittest", (3, 2)),
    "weakrefmethod": ("weakref.WeakMethod", (3, 4)),
}
"""Only what is done with: a backport that goes on to newer features (importlib-metadata, mock) has its users."""


def list_backports(additions: Iterable[Added], pythons: tuple[str, ...]) -> tuple[Added, ...]:
    """Those of ``additions`` that another package brings to a Python of ``pythons`` which has the same itself."""
    return tuple(
        change
        for change in additions
        if change.needed_by
        and change.name in _GIVEN_SINCE
        and applies(change.marker, tuple(python for python in pythons if _is_given(change.name, python)))
    )


def remark_backports(backports: Iterable[Added], before: Project) -> tuple[Finding, ...]:
    """One finding for each group of packages that ask for the same ones, at the first of those that is pinned."""
    by_askers: dict[tuple[str, ...], set[NormalizedName]] = {}
    for change in backports:
        by_askers.setdefault(change.needed_by, set()).add(change.name)
    return tuple(_remark(askers, sorted(names), before) for askers, names in by_askers.items())


def _remark(askers: tuple[str, ...], names: list[NormalizedName], before: Project) -> Finding:
    pins = [pin for pin in before.pins if pin.name in {canonicalize_name(asker) for asker in askers}]
    asking = ", ".join(dict.fromkeys(f"{pin.name} {pin.version}" for pin in pins)) or ", ".join(askers)
    brought = ", ".join(f"{name} ({_GIVEN_SINCE[name][0]})" for name in names)
    one = len(pins or askers) == 1
    return Finding(
        code=Code.BACKPORT_ADDED,
        severity=Severity.REVIEW,
        message=f"{brought}: installed now though nobody pinned {'it' if len(names) == 1 else 'them'} and Python has "
        f"the same itself, because the metadata of {asking} asks for {'it' if len(names) == 1 else 'them'} on every "
        "Python, as an sdist made on Python 2 does",
        advice=f"Compare with what production runs; a newer release of {'it' if one else 'these'}, or a wheel that you "
        "build on Python 3 and keep on an index of yours, does not ask for that",
        origin=pins[0].origin if pins else None,
    )


def _is_given(name: NormalizedName, python: str) -> bool:
    major, _, minor = python.partition(".")
    return (int(major), int(minor)) >= _GIVEN_SINCE[name][1]
