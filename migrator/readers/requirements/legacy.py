"""Requirements that pip read until 24.1 and no longer reads: versions outside PEP 440, and their wheels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from migrator.model.version import AnySpecifier, RawSpecifier

_NAME = r"[A-Za-z0-9](?:[-_.]*[A-Za-z0-9])*"
_REQUIREMENT = re.compile(
    rf"(?P<name>{_NAME})\s*(?:\[\s*(?P<extras>{_NAME}(?:\s*,\s*{_NAME})*)?\s*\]\s*)?(?P<clauses>[=!<>~(].*)?"
)
_CLAUSE = re.compile(r"(?P<operator>===|==|~=|!=|<=|>=|<|>)\s*(?P<version>[^,;\s)]*)")
# === takes everything up to a blank, commas too; only afterwards is its text split at the commas
_PART = re.compile(r"(?P<clause>===\s*\S*+|(?:==(?!=)|~=|!=|<=|>=|<|>)\s*[^,;\s)]*)\s*(?:,\s*(?=[=!<>~])|$)")
_TAKES_PARENTHESIS = re.compile(r"===\s*\S*\)$")
_LONGEST = 2_000
_WHEEL_PARTS = (5, 6)  # name, version, maybe a build, python, abi, platform


@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyRequirement:
    """A requirement as pip 23 reads it."""

    name: str
    extras: frozenset[str]
    specifier: AnySpecifier


def read_legacy(text: str) -> LegacyRequirement | None:
    """``text`` (without marker) by the grammar of pip 23, None where that refuses it too."""
    match = _REQUIREMENT.fullmatch(text) if len(text) <= _LONGEST else None
    clauses = _read_clauses(match["clauses"] or "") if match is not None else None
    if match is None or clauses is None:
        return None
    extras = frozenset(e.strip() for e in match["extras"].split(",")) if match["extras"] else frozenset()
    return LegacyRequirement(name=match["name"], extras=extras, specifier=_specifier(clauses))


def is_legacy(text: str) -> bool:
    """Whether the grammar of pip 23 takes ``text``, a requirement without address and marker."""
    match = _REQUIREMENT.fullmatch(text) if len(text) <= _LONGEST else None
    return match is not None and _read_clauses(match["clauses"] or "") is not None


def read_wheel_name(file_name: str) -> tuple[str, str] | None:
    """Name and version from a wheel's file name, by the looser rule of pip 23; None where it is no wheel's name."""
    parts = file_name.removesuffix(".whl").split("-")
    if len(file_name) > _LONGEST or re.search(r"\s", file_name) or not all((parts[0], *parts[2:])):
        return None
    if len(parts) not in _WHEEL_PARTS or (len(parts) == max(_WHEEL_PARTS) and not parts[2][0].isdigit()):
        return None
    return parts[0].replace("_", "-"), parts[1].replace("_", "-")


def _read_clauses(text: str) -> list[str] | None:
    text = text.strip()
    if text.startswith("("):
        if not text.endswith(")") or _TAKES_PARENTHESIS.search(text):
            return None
        text = text[1:-1].strip()
        if not text:
            return None
    if not text:
        return []
    parts = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        parts.append(part["clause"])
        at = part.end()
    clauses = []
    for one in ",".join(parts).split(","):
        clause = _CLAUSE.fullmatch(one.strip())
        if clause is None or (clause["operator"] == "~=" and not _is_standard(clause[0])):
            return None
        clauses.append(clause["operator"] + clause["version"])
    return clauses


def _specifier(clauses: list[str]) -> AnySpecifier:
    if all(_is_standard(clause) for clause in clauses):
        return SpecifierSet(",".join(clauses))
    return RawSpecifier(text=",".join(sorted(set(clauses))))


def _is_standard(clause: str) -> bool:
    try:
        SpecifierSet(clause)
    except InvalidSpecifier:
        return False
    return True
