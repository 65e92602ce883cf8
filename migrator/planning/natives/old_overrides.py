"""What became of the overrides of an old pypi2nix expression: each is covered by something, or told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from packaging.utils import NormalizedName

from migrator.model.native import Attribution, NixOverride, OldOverride, Settled
from migrator.model.project import AttributeChange, Override, OverrideKind

from .attribution import LockedSet


class _Fate(NamedTuple):
    """What becomes of one attribute; exactly one of the two says something."""

    covered: str = ""
    open: str = ""


_NO_TESTS = _Fate(covered="poetry2nix runs no tests of dependencies")
_UTF8 = _Fate(covered="Python 3.7 and later read and write UTF-8 without it")
_DESCRIPTION = _Fate(covered="the lock names and describes the package")
_PIP = _Fate(covered="poetry2nix calls pip in its own way")
_FIXED: Mapping[str, _Fate] = {
    **dict.fromkeys(("checkInputs", "checkPhase", "doCheck", "doInstallCheck", "installCheckPhase"), _NO_TESTS),
    **dict.fromkeys(("LANG", "LC_ALL", "LC_CTYPE", "LOCALE_ARCHIVE", "PYTHONIOENCODING"), _UTF8),
    **dict.fromkeys(("meta", "name", "passthru", "pname", "version"), _DESCRIPTION),
    **dict.fromkeys(("installFlags", "pipInstallFlags"), _PIP),
}
_SOURCE = _Fate(open="its source was replaced: depend on that source instead, in the requirements")
_NEEDS = _Fate(open="it changed what the package depends on, which the lock takes from its metadata")
_INPUTS = frozenset({"buildInputs", "nativeBuildInputs", "propagatedNativeBuildInputs"})
_OPEN: Mapping[str, _Fate] = {
    **dict.fromkeys(("src", "srcs"), _SOURCE),
    "propagatedBuildInputs": _NEEDS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Now:
    """What stands in the place of the old overrides."""

    locked: LockedSet
    rows: Mapping[NormalizedName, NixOverride]
    attributions: tuple[Attribution, ...]

    def inputs(self, name: NormalizedName) -> str:
        """What a package is built with that an old override may have named for it; empty where nothing is known."""
        row = self.rows.get(name)
        ours = {*row.libraries, *row.tools, *row.build_systems} if row is not None else set()
        theirs = {a.attribute for a in self.attributions if a.settled is Settled.POETRY2NIX and name in a.packages}
        return ", ".join(sorted({*ours, *theirs, *self.locked.recorded.get(name, ())}))


def account_for(overrides: tuple[Override, ...], now: Now) -> tuple[OldOverride, ...]:
    """One entry for each old override, in reading order: what does its work now, and what nothing does."""
    return tuple(_account(override, _fates(override, now)) for override in overrides)


def _account(override: Override, fates: tuple[_Fate, ...]) -> OldOverride:
    return OldOverride(
        package=override.raw_name,
        covered=tuple(dict.fromkeys(fate.covered for fate in fates if fate.covered)),
        open=tuple(dict.fromkeys(fate.open for fate in fates if fate.open)),
        origin=override.origin,
    )


def _fates(override: Override, now: Now) -> tuple[_Fate, ...]:
    is_locked = override.package in now.locked.pins
    match override.how:
        case OverrideKind.BULK:
            return (_Fate(open="it changes many packages at once"),)
        case OverrideKind.UNKNOWN:
            return (_Fate(open="it is written in a way that cannot be read"),)
        case OverrideKind.NULL if is_locked:
            return (_Fate(open="it left the package out, and the lock installs it"),)
        case OverrideKind.NEW if not is_locked:
            return (_Fate(open="it made a package that is not locked: depend on it in the requirements"),)
        case OverrideKind.ALIAS if is_locked:
            return (_Fate(covered=f"the lock has {override.package} itself"),)
        case OverrideKind.ALIAS:
            return (_Fate(open="it took the package from elsewhere, and the lock has none of that name"),)
        case OverrideKind.NULL | OverrideKind.OVERRIDE if not is_locked:
            return (_Fate(covered="the package is not locked"),)
        case _:
            return tuple(_fate(override.package, name, change, now) for name, change in override.attributes)


def _fate(package: NormalizedName, name: str, change: AttributeChange, now: Now) -> _Fate:
    if name in _FIXED:
        return _FIXED[name]
    if name in _OPEN:
        return _OPEN[name]
    if now.locked.takes_wheel(package):
        return _Fate(covered="its wheel is installed, so nothing is built")
    if name not in _INPUTS:
        return _Fate(open=f"{name}: carry it over by hand")
    if change in {AttributeChange.CLEAR, AttributeChange.FILTER}:
        return _Fate(covered="poetry2nix starts from inputs of its own")
    inputs = now.inputs(package)
    return _Fate(covered=f"built with {inputs}") if inputs else _Fate(open=f"{name}: nothing tells what it added")
