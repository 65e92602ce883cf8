"""Native inputs and overrides as rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.native import Attribution, NixOverride, NixPlan, Settled


@dataclass(frozen=True, kw_only=True, slots=True)
class Native:
    """A row on native inputs: for which package, what, who provides it, and on what evidence."""

    package: str
    inputs: tuple[str, ...]
    provider: str
    why: str


def list_natives(nix: NixPlan | None) -> tuple[Native, ...]:
    """Our override table, and every native input that it does not tell of; by package."""
    if nix is None:
        return ()
    rows = [_show_override(row, nix.attributions) for row in nix.overrides]
    ours = {(row.package, attribute) for row in nix.overrides for attribute in (*row.libraries, *row.tools)}
    for entry in nix.attributions:
        pairs = {(package, entry.attribute) for package in entry.packages}
        if entry.settled is Settled.OURS and pairs and pairs <= ours:
            continue
        rows.append(_show_attribution(entry))
    return tuple(sorted(rows, key=lambda row: (row.package == "", row.package, row.inputs, row.provider, row.why)))


def _show_override(row: NixOverride, attributions: tuple[Attribution, ...]) -> Native:
    reasons = [row.reason] if row.reason else []
    reasons += sorted(
        f"{entry.attribute} was called {entry.was}"
        for entry in attributions
        if entry.settled is Settled.OURS and row.package in entry.packages and entry.was
    )
    if row.drop:
        provider = "left out: set to null in the override table"
    elif row.prefer_wheel:
        provider = "its wheel, by the override table"
    else:
        provider = "the override table"
    inputs = (*row.libraries, *row.tools, *(f"{name} (builds it)" for name in row.build_systems))
    return Native(package=row.package, inputs=inputs, provider=provider, why="; ".join(dict.fromkeys(reasons)))


_PROVIDERS = {
    Settled.OURS: "the override table",
    Settled.POETRY2NIX: "poetry2nix itself",
    Settled.WHEEL: "the wheel carries it",
    Settled.NOBODY: "nobody: no locked package is known to need it",
}


def _show_attribution(entry: Attribution) -> Native:
    notes = [entry.evidence] if entry.evidence else []
    if entry.was:
        notes.append(f"was called {entry.was}")
    if entry.origin:
        notes.append(f"named in {entry.origin}")
    return Native(
        package=", ".join(entry.packages),
        inputs=(entry.attribute,),
        provider=_PROVIDERS[entry.settled],
        why="; ".join(notes),
    )
