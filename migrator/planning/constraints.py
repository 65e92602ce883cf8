"""What a requirement becomes in Poetry's words."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from migrator.model.settings import Constraint
from migrator.model.version import AnySpecifier, AnyVersion, RawSpecifier, RawVersion

_CALENDAR = 1900
"""A first number from here on is a year: an upper bound at the next year would be no promise of anybody."""


def keep_wish(specifier: AnySpecifier) -> str:
    """A specifier that somebody wrote by hand, as Poetry spells it; ``*`` where nothing is asked."""
    if isinstance(specifier, RawSpecifier):
        return "*"
    clauses = sorted(
        (clause for clause in specifier),
        key=lambda c: ({">=": 0, ">": 0, "~=": 0, "==": 0, "<": 1, "<=": 1, "!=": 2}.get(c.operator, 0), c.version),
    )
    return ",".join(f"{c.operator.replace('===', '==')}{c.version}" for c in clauses) or "*"


def widen_pin(version: AnyVersion, policy: Constraint, below: AnyVersion | None = None) -> tuple[str, str]:
    """The constraint for a pin, and why it has that form.

    ``below`` is the next higher pin of the same name (under another marker): the constraint then ends before it,
    because Poetry takes the highest locked version that a constraint allows.
    """
    if isinstance(version, RawVersion):
        return "*", f"{version} is no PEP 440 version, so nothing can be said about it"
    if version.local:
        return f"=={version}", "a local version is one build and has no range"
    if policy is Constraint.EXACT:
        return f"=={version}", "exactly the pin, as asked for"
    if isinstance(below, Version):
        return f">={version},<{below}", f"up to the other pin of this name, {below}"
    if policy is Constraint.MINIMUM:
        return f">={version}", "at least the pin, as asked for"
    if policy is Constraint.COMPATIBLE:
        return f"~{version}" if not version.epoch else f">={version}", "compatible with the pin, as asked for"
    major, minor = version.major, version.minor
    if version.epoch or major >= _CALENDAR:
        return f">={version}", "the pin, without an upper bound: its first number is a date" if not version.epoch else (
            "the pin, without an upper bound: Poetry's caret knows no epoch"
        )
    if not major and not minor:
        return f">={version}", "the pin, without an upper bound: a caret on 0.0.x would allow no other version"
    return f"^{version}", "the pin, up to the next incompatible version"


def allows(constraint: SpecifierSet, version: Version) -> bool:
    """Whether ``constraint`` allows ``version``; a pre-release counts when it is the version asked about."""
    return constraint.contains(version, prereleases=True)
