"""Native inputs and overrides as rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.native import Attribution, NixOverride, NixPlan, OldOverride, Settled


@dataclass(frozen=True, kw_only=True, slots=True)
class Native:
    """A row on native inputs: for which package, what, who provides it, and on what evidence."""

    package: str
    inputs: tuple[str, ...]
    provider: str
    why: str


def list_natives(nix: NixPlan | None) -> tuple[Native, ...]:
    """A row for every native input that the old files named, what else our override table holds, and old overrides."""
    if nix is None:
        return ()
    ours: set[tuple[str, str]] = {
        (row.package, attribute) for row in nix.overrides for attribute in (*row.libraries, *row.tools)
    }
    shown = [entry for entry in nix.attributions if not _is_only_ours(entry, ours)]
    told: set[tuple[str, str]] = {
        (package, entry.attribute) for entry in shown if entry.settled is Settled.OURS for package in entry.packages
    }
    rows = [_show_attribution(entry) for entry in shown]
    rows += [row for override in nix.overrides if (row := _show_override(override, nix.attributions, told)) is not None]
    rows += [_show_old(override) for override in nix.old_overrides]
    return tuple(sorted(rows, key=lambda row: (row.package == "", row.package, row.inputs, row.provider, row.why)))


def _is_only_ours(entry: Attribution, ours: set[tuple[str, str]]) -> bool:
    """Whether nobody named an input, so that the override table alone tells of it."""
    pairs = {(package, entry.attribute) for package in entry.packages}
    return entry.origin is None and entry.settled is Settled.OURS and bool(pairs) and pairs <= ours


def _show_override(
    row: NixOverride, attributions: tuple[Attribution, ...], told: set[tuple[str, str]]
) -> Native | None:
    """What the override table says of a package, without the inputs that have rows of their own; None for nothing."""
    inputs = (
        *(attribute for attribute in (*row.libraries, *row.tools) if (row.package, attribute) not in told),
        *(f"{name} (builds it)" for name in row.build_systems),
    )
    is_special = row.drop or row.prefer_wheel or row.systems or row.pythons
    if not inputs and not is_special and (row.libraries or row.tools):
        return None
    reasons = [row.reason] if row.reason else []
    reasons += sorted(
        f"{entry.attribute} was called {entry.was}"
        for entry in attributions
        if entry.settled is Settled.OURS and row.package in entry.packages and entry.was and entry.attribute in inputs
    )
    return Native(package=row.package, inputs=tuple(dict.fromkeys(inputs)), provider=_provider(row), why=_join(reasons))


def _provider(row: NixOverride) -> str:
    if row.drop:
        return "left out: set to null in the override table"
    places = ", ".join((*row.systems, *(f"Python {python}" for python in row.pythons)))
    provider = "its wheel, by the override table" if row.prefer_wheel else "the override table"
    return f"{provider}, only on {places}" if places else provider


_PROVIDERS = {
    Settled.OURS: "the override table",
    Settled.POETRY2NIX: "poetry2nix itself",
    Settled.WHEEL: "the wheel that is installed",
    Settled.NOBODY: "nobody",
}


def _show_attribution(entry: Attribution) -> Native:
    notes = [entry.evidence]
    if entry.candidates:
        notes.append(f"it may be {', '.join(entry.candidates)}")
    if entry.was and not entry.hint:
        notes.append(f"was called {entry.was}")
    if entry.origin:
        notes.append(f"named in {entry.origin}" if not entry.hint else f"{entry.was} is installed in {entry.origin}")
    return Native(
        package=", ".join(entry.packages),
        inputs=(entry.attribute,),
        provider=_PROVIDERS[entry.settled],
        why=_join(notes),
    )


def _show_old(override: OldOverride) -> Native:
    notes = [*override.covered, *(f"not carried over: {text}" for text in override.open)]
    if override.origin:
        notes.append(f"old override in {override.origin}")
    return Native(
        package=override.package,
        inputs=(),
        provider="nothing: carry it over by hand" if override.open or not override.covered else "not needed any more",
        why=_join(notes),
    )


def _join(notes: list[str]) -> str:
    return "; ".join(dict.fromkeys(note for note in notes if note))
