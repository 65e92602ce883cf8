"""The likely repair of a line that is no requirement. The first pattern that fits is taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Repair(NamedTuple):
    """What the line probably is, and what to do about it."""

    what: str
    advice: str


_LONGEST = 2_000
_Teller = Callable[[re.Match[str]], Repair]


def suggest_repair(text: str) -> Repair | None:
    """What ``text`` is taken for and how to repair it, None when nothing known fits."""
    for pattern, tell in _KNOWN:
        match = pattern.search(text[:_LONGEST])
        if match is not None:
            return tell(match)
    return None


def _always(what: str, advice: str) -> _Teller:
    return lambda _: Repair(what, advice)


def _equals(match: re.Match[str]) -> Repair:
    return Repair("a single = compares nothing", f"Write {match['name']}=={match['version']}.")


def _toml(match: re.Match[str]) -> Repair:
    version = match["version"]
    written = f"{match['name']}=={version}" if version[:1].isdigit() else match["name"] + version
    if version[:1] in "^*":
        return Repair("TOML, as in pyproject.toml", f"Write {match['name']} with a version range that pip reads.")
    return Repair("TOML, as in pyproject.toml", f"Write {written}.")


def _stripped(match: re.Match[str]) -> Repair:
    return Repair("there is something left over at the end", f"Write {match['good'].strip()}.")


def _installed(match: re.Match[str]) -> Repair:
    return Repair("a shell command", f"Write {match['what'].strip()}.")


def _scp(match: re.Match[str]) -> Repair:
    rev = f"@{match['rev']}" if match["rev"] else ""
    name = match["path"].rpartition("/")[2].removesuffix(".git")
    address = f"git+ssh://{match['user']}@{match['host']}/{match['path']}{rev}"
    return Repair("an address in git's short form", f"Write {name} @ {address}.")


_NAME = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?)"
_KNOWN: tuple[tuple[re.Pattern[str], _Teller], ...] = (
    (
        re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})"),
        _always("a conflict marker of a merge", "Resolve the merge conflict in this file."),
    ),
    (
        re.compile(r"\{\{|\{%|\{#"),
        _always("part of a template", "Render the template and give the rendered file."),
    ),
    (
        re.compile(r"^(?:sudo\s+)?(?:python3?\s+-m\s+)?pip3?\s+install\s+(?P<what>[^-\s].*)$"),
        _installed,
    ),
    (
        re.compile(
            r"^(?:sudo|apt|apt-get|yum|dnf|brew|wget|curl|git|echo|export|set|cd|pip3?|python3?|npm|conda|source|if|for|fi|done)\s"
        ),
        _always("a shell command", "Move it to a script; a requirements file holds requirements and options only."),
    ),
    (
        re.compile(rf"^{_NAME}\s*=\s*(?P<quote>['\"])(?P<version>[^'\"]+)(?P=quote),?$"),
        _toml,
    ),
    (
        re.compile(rf"^{_NAME}\s*=\s*(?:\{{|\[)"),
        _always("TOML, as in pyproject.toml", "Write it as NAME[EXTRAS]VERSIONS, or take the line out."),
    ),
    (
        re.compile(r"^\[\[?[A-Za-z0-9_.\"'-]+\]\]?$"),
        _always("the heading of a TOML or INI section", "Take the line out."),
    ),
    (
        re.compile(r"^[A-Za-z0-9._-]+\s*\[(?:[^\]]*:|!)[^\]]*\]$"),
        _always("a bindep line, which names a package of the system", "Keep it in bindep.txt."),
    ),
    (
        re.compile(r"^(?P<user>[A-Za-z0-9_-]+)@(?P<host>[A-Za-z0-9.-]+):(?P<path>[^\s@=#]+)(?:==?|@)?(?P<rev>[^\s#]*)"),
        _scp,
    ),
    (
        re.compile(r"^(?P<good>[A-Za-z0-9][^\\#]*)\\(?:\s|$)"),
        _always(
            "a backslash continues a line only as its very last character",
            "Move what follows the backslash to a line of its own, or take the backslash out.",
        ),
    ),
    (
        re.compile(r"\t-"),
        _always(
            "a tab before an option, which pip takes for a part of the requirement", "Put a blank before the option."
        ),
    ),
    (
        re.compile(rf"^{_NAME}\s*(?P<operator>[\^~])\s*(?P<version>[0-9][^\s;]*)"),
        _always("Poetry's ^ or ~, which pip does not know", "Write the range with >= and <."),
    ),
    (
        re.compile(rf"^{_NAME}\s*=\s*(?P<version>[0-9][^\s;=]*)(?:=[^\s;]*)?(?:\s*;.*)?$"),
        _equals,
    ),
    (
        re.compile(r"^['\"](?P<good>[A-Za-z0-9][^'\"]*)['\"]?,?$"),
        _stripped,
    ),
    (
        re.compile(r"^(?P<good>[A-Za-z0-9][^'\",;]*(?:,[^'\",;]+)*)['\",;]+$"),
        _stripped,
    ),
    (
        re.compile(rf"^{_NAME}\s+(?P<version>[0-9][A-Za-z0-9.]*)$"),
        lambda match: Repair("there is no operator before the version", f"Write {match['name']}=={match['version']}."),
    ),
)
