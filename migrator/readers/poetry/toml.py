"""TOML with a sentence for what is wrong in it, and with the lines where its tables stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.model.tree import Tree

Table: TypeAlias = dict[str, Any]

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LINE_END = "\n"
_ITEM = re.compile(r'\{file = "([^"\\\x00-\x1f\x7f]*)", hash = "([^"\\\x00-\x1f\x7f]*)"\}')
_FILES = re.compile(rf"(?m)^(?P<key>[A-Za-z0-9_-]+|\"[A-Za-z0-9_.-]+\") = \[\n(?P<items>(?:    {_ITEM.pattern},\n)+)\]")
_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7}) ")


def read_toml(tree: Tree, path: str, *, severity: Severity, advice: str) -> tuple[str, Table] | Finding:
    """The text and the data of the file ``path``, or the one finding that says why there is none.

    ``advice`` tells what to do about a file that is no TOML 1.0; a merge conflict has its own.
    """
    raw = tree.read(path)
    if raw is None:
        return Finding(
            code=Code.NOTHING_READ,
            severity=severity,
            message=f"There is no file {path}.",
            origin=Origin(path=path),
            advice="Name the poetry.lock that is to be read.",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        return Finding(
            code=Code.UNDECODABLE,
            severity=severity,
            message=f"{path} is not UTF-8: byte 0x{raw[error.start]:02x} at line {line}, column {column}.",
            origin=Origin(path=path, line=line, end_line=line),
            advice=advice,
        )
    return _parse(text, path, severity=severity, advice=advice)


def _load(text: str) -> Table:
    """What ``tomllib.loads`` gives, in less than half of the time where most of the text is lists of files.

    tomllib goes through strings letter by letter, and four fifths of a lock are names and hashes of files. So the lists
    that stand as Poetry writes them are taken out first, a number each in their place, and put back afterwards.
    """
    import tomllib  # 12 ms that only commands reading TOML pay

    lists: list[str] = []

    def take_out(match: re.Match[str]) -> str:
        lists.append(match["items"])
        return f"{match['key']} = {len(lists) - 1}" + _LINE_END * match[0].count(_LINE_END)

    shorter = _FILES.sub(take_out, text.replace("\r\n", _LINE_END))
    try:
        data = tomllib.loads(shorter)
    except (ValueError, RecursionError):
        lists.clear()
    else:
        places = [
            (table, key) for table in _tables_of_files(data) for key, value in table.items() if type(value) is int
        ]
        if [table[key] for table, key in places] == list(range(len(lists))):
            for table, key in places:
                table[key] = [{"file": file, "hash": digest} for file, digest in _ITEM.findall(lists[table[key]])]
            return data
    # not as Poetry writes it: a list inside of a string, a number where files belong, or no TOML at all
    return tomllib.loads(text)


def _tables_of_files(data: Table) -> Iterator[Table]:
    packages, metadata = data.get("package"), data.get("metadata")
    for package in packages if isinstance(packages, list) else []:
        if isinstance(package, dict):
            yield package
    if isinstance(metadata, dict) and isinstance(files := metadata.get("files"), dict):
        yield files


def _parse(text: str, path: str, *, severity: Severity, advice: str) -> tuple[str, Table] | Finding:
    try:
        return text, _load(text)
    except RecursionError:
        line, column, what = 0, 0, "values nested too deeply"
    except ValueError as error:
        what, line, column = str(error), 0, 0
        if (place := _PLACE.search(what)) is None:
            what = "a number of too many digits"  # int() refuses thousands of them, and knows no place
        else:
            what = what[: place.start()]
            last = text.rstrip().rpartition("\n")[2]
            line = int(place["line"] or text.rstrip().count("\n") + 1)
            column = int(place["column"] or len(last) + 1)
    if conflict := _CONFLICT.search(text):
        line, column = text.count("\n", 0, conflict.start()) + 1, 1
        what, advice = "an unresolved merge conflict", "Resolve the merge conflict first."
    where = f" at line {line}, column {column}" if line else ""
    return Finding(
        code=Code.INVALID_TOML,
        severity=severity,
        message=f"{path} is no TOML: {what[:1].lower()}{what[1:]}{where}.",
        origin=Origin(path=path, line=line, end_line=line),
        advice=advice,
    )
