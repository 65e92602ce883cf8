"""What attributes of nixpkgs are called today: the table ``renames.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

_DISSOLVED = "gnome3"
"""A set whose members stand at the top level now."""


def names_today(attribute: str) -> tuple[str, ...]:
    """What nixpkgs calls ``attribute`` (a path such as ``xorg.libxcb``) today, the nearest first.

    Several where a package was taken apart; none where nixpkgs has nothing in its place. A name that the table does
    not have is taken for unchanged.
    """
    table = rename_table()
    if attribute in table:
        return table[attribute]
    head, dot, rest = attribute.partition(".")
    if not dot or head not in table:
        return (attribute,)
    return (rest,) if head == _DISSOLVED else tuple(f"{new}.{rest}" for new in table[head][:1])


def today(attribute: str) -> str | None:
    """The nearest of :func:`names_today`, None where there is none."""
    return next(iter(names_today(attribute)), None)


@cache
def rename_table() -> dict[str, tuple[str, ...]]:
    """The name of then, and the names of today."""
    rows = tomllib.loads(files(__package__).joinpath("renames.toml").read_text(encoding="utf-8"))["renames"]
    return {then: tuple(filter(None, (now,))) if isinstance(now, str) else tuple(now) for then, now in rows.items()}
