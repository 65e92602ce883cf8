"""Rules of nixfmt's style that a text can be held to without a formatter: none can be had everywhere."""

from __future__ import annotations

import re

WIDTH = 100
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMPUTED = re.compile(r"\$\{[^}]*\}")
_CODE = {
    "brackets without a space inside": re.compile(r"[\[{](?=\S)|(?<=\S)[\]}]"),
    "several items on a line": re.compile(r"(?<!=)= \[ [^\s\](\[{]\S* (?!\]|or )"),
    "several bindings on a line": re.compile(r"; [^}\s].*;"),
    "a set after = on one line": re.compile(r" = (\S+ // )?\{ (?!inherit|\})"),
    "no space around =": re.compile(r"(?<=[^\s=!])=|=(?![\s=]|$)"),
}


def breaches(text: str) -> list[str]:
    """What is wrong with ``text``, a line each, with its number."""
    found = [] if text.endswith("\n") and not text.endswith("\n\n") else ["end: not one newline"]
    before, level = "", 0
    for number, line in enumerate(text.split("\n")[:-1], 1):
        found += [f"{number}: {breach}" for breach in _of_line(line, before, level)]
        before, level = line, _level(line) if line else level
    return found


def _level(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _of_line(line: str, before: str, level: int) -> list[str]:
    general = {
        "space at the end": line.endswith(" "),
        "two empty lines": not line and not before,
        "odd indentation": _level(line) % 2 == 1,
        "indented by more than one level": bool(line) and _level(line) > level + 2,
        "a long line": len(line.lstrip(" ")) > WIDTH and '"' not in line,
    }
    found = [rule for rule, broken in general.items() if broken]
    if line.lstrip(" ").startswith("#"):
        return found
    code = _COMPUTED.sub("computed", _STRING.sub("string", line.lstrip(" ")))
    return found + [rule for rule, pattern in _CODE.items() if pattern.search(code)]
