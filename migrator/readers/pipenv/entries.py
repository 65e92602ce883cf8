"""One package, as an entry of Pipfile or of Pipfile.lock: both have the same keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.source import FromIndex, FromVcs, Source, VcsKind
from migrator.model.url import mask_credentials
from migrator.model.version import AnySpecifier, RawSpecifier, read_specifier

from .addresses import ADDRESS_KEYS, Address, is_location, read_address, read_location
from .remarks import Remark, in_toml, likely_mistake, not_understood, quote

MARKER_KEYS = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
)
"""PEP 508's variables; pipenv takes each of them as a key of an entry."""
_WHOLE_MARKERS = ("markers", "os_markers")
_CONDITIONS = {key: number for number, key in enumerate((*_WHOLE_MARKERS, *MARKER_KEYS))}
"""All keys that hold a condition, with their order."""
FLAGS = ("no_binary", "pip_args", "skip_resolver")
"""What pipenv hands to pip for one package."""
KNOWN_KEYS = frozenset(
    (
        *("version", "extras", "index", "editable", "ref", "subdirectory", "path", "file", "hash", "hashes", "name"),
        *VcsKind,
        *MARKER_KEYS,
        *_WHOLE_MARKERS,
        *FLAGS,
    )
)
_NO_ADDRESS = KNOWN_KEYS - {*ADDRESS_KEYS}
_REVISIONS = ("rev", "branch", "tag", "commit")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""A name as PEP 508 allows it."""
_KEY = re.compile(r"(?P<name>[^\[\]<>=!~;]*)(?P<extras>\[[^\]]*\])?(?P<version>\s*[<>=!~].*)?", re.DOTALL)
_VALUE = re.compile(r"(?P<operator>===|==|~=|!=|<=|>=|<|>|not\s+in\b|in\b)?\s*(?P<value>.*)", re.DOTALL)
_SCP = re.compile(r"[\w.-]+@[\w.-]+:")
_NO_VERSION = re.compile(r"[/\\@]|(?i:^file:)")
"""What no version holds, and an address or a path does."""
_OPERATOR_IN_KEY = re.compile(rf"(?P<key>version|{'|'.join(MARKER_KEYS)})\s*(?P<operator>[<>=!~]=?=?)")


class Entry(NamedTuple):
    """What an entry says. ``named`` is false where its key is no name that a package can have."""

    raw_name: str
    name: NormalizedName
    specifier: AnySpecifier
    source: Source
    named: bool = True
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None
    editable: bool = False
    hashes: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    remarks: tuple[Remark, ...] = ()


def read_entry(key: str, value: Any) -> Entry | Remark:  # noqa: ANN401 (whatever TOML or JSON can hold)
    """The entry ``key = value``, or why it is none at all."""
    remarks: list[Remark] = []
    name, in_key, in_key_version = _read_key(key, remarks)
    table = _as_table(key, value, remarks)
    if isinstance(table, Remark):
        return table
    address = _address(table, remarks)
    is_indexed = isinstance(address.source, FromIndex)
    astray = _unread_address(name, table) if is_indexed else None
    if astray is not None:
        return astray
    version = table.get("version", in_key_version if is_indexed else "")
    specifier = SpecifierSet() if _is_location(version) else _read_specifier(name, version, remarks)
    remarks += _remark_keys(name, table, address.source)
    extras = in_key | _read_extras(name, table.get("extras"), remarks)
    marker = _read_marker(name, table, remarks)
    if isinstance(marker, Remark):
        return marker
    return Entry(
        raw_name=mask_credentials(key),
        name=canonicalize_name(mask_credentials(name)),
        named=_NAME.fullmatch(name) is not None,
        specifier=specifier,
        extras=extras,
        marker=marker,
        source=address.source,
        editable=_read_truth(table, "editable", remarks),
        hashes=(*_read_hashes(name, table, remarks), *address.hashes),
        flags=tuple((flag, _show_flag(name, table[flag])) for flag in FLAGS if table.get(flag)),
        remarks=tuple(remarks),
    )


def _read_key(key: str, remarks: list[Remark]) -> tuple[str, frozenset[str], str]:
    """The name, the extras and the version that a key holds; the last two belong elsewhere, and that is told."""
    match = None if _NAME.fullmatch(key) else _KEY.fullmatch(key)
    if match is None:
        return key.strip(), frozenset(), ""
    name, version = match["name"].strip(), match["version"]
    extras = frozenset(_split_extras(match["extras"] or ""))
    if extras:
        remarks.append(_extras_in_key(key, name, extras))
    if version:
        remarks.append(likely_mistake(f"{quote(key)}: the version stands in the key.", f'Write {name} = "…".'))
    return name, extras, (version or "").strip()


def _as_table(key: str, value: Any, remarks: list[Remark]) -> Mapping[str, Any] | Remark:  # noqa: ANN401 (as above)
    match value:
        case dict():
            return value
        case str():
            return {"version": value}
        case int() | float() if not isinstance(value, bool):
            message = f"{key} = {value}: a number is no version for pipenv, so nothing is asked of the version."
            remarks.append(likely_mistake(message, f'Write it as a text, {key} = "==…".'))
            return {}
        case _:
            what = f"{key} = {quote(value)} is neither a version nor a table."
            return not_understood(what, f'Write {key} = "*", or take it out.')


def _address(table: Mapping[str, Any], remarks: list[Remark]) -> Address:
    version = table.get("version")
    if not _is_location(version):
        return read_address(table, remarks)
    message = f"{quote(version)} is an address in the place of a version; it is where the package comes from."
    remarks.append(likely_mistake(message, 'Write it as a table: {git = "…", ref = "…"}, or {file = "…"}.'))
    return read_location(str(version).strip(), None, table)


def _is_location(version: object) -> bool:
    return isinstance(version, str) and is_location(version.strip())


def _unread_address(name: str, table: Mapping[str, Any]) -> Remark | None:
    """Why an entry that names an address nobody can read is left out.

    Whoever owns its bare name on an index would decide what is installed.
    """
    version = table.get("version", "")
    if table.keys() <= _NO_ADDRESS and isinstance(version, str) and not _NO_VERSION.search(version.strip()):
        return None  # nearly all entries
    for key, value in table.items():
        text = value.strip() if isinstance(value, str) else ""
        unknown = key not in KNOWN_KEYS and (is_location(text) or _SCP.match(text) is not None)
        odd = key == "version" and _NO_VERSION.search(text) is not None
        if unknown or odd or key in ADDRESS_KEYS:
            return Remark(
                Code.NOT_UNDERSTOOD,
                Severity.REVIEW,
                f"{name}: {key} = {quote(value)} is no address that pipenv reads, and by its name alone {name} would "
                f"come from an index, from whoever owns the name there; the entry is left out.",
                f'Write {name} = {{git = "…", ref = "…"}}, {{file = "https://…"}} or {{path = "./…"}}.',
            )
    return None


def _split_extras(text: str) -> Iterable[str]:
    return (extra.strip() for extra in text.strip("[]").split(",") if extra.strip())


def _extras_in_key(key: str, name: str, extras: Iterable[str]) -> Remark:
    listed = ", ".join(f'"{extra}"' for extra in sorted(extras))
    return likely_mistake(
        f"{quote(key)}: the extras stand in the key, where pipenv looks for a name; they are taken as extras.",
        f"Write {name} = {{extras = [{listed}], …}}.",
    )


def _read_specifier(name: str, version: object, remarks: list[Remark]) -> AnySpecifier:
    if version is None:
        return SpecifierSet()
    if not isinstance(version, str):
        remarks.append(not_understood(f"{name}: the version {quote(version)} is no text.", 'Write version = "…".'))
        return SpecifierSet()
    text = version.strip().lstrip("(").rstrip(")").strip()  # pipenv does so
    if text in {"", "*", "==*"}:
        return SpecifierSet()
    specifier = _parse_specifier(text)
    if not isinstance(specifier, RawSpecifier):
        return specifier
    exact = read_specifier(f"=={text.removeprefix('=').strip()}")
    if isinstance(exact, RawSpecifier):
        message = f"{name}: {quote(version)} is no version specifier of PEP 440; it is kept as written."
        advice = "Write it with the operators of PEP 440, such as >=1.2,<2."
        remarks.append(Remark(Code.LEGACY_VERSION, Severity.REVIEW, message, advice))
        return specifier
    what = "a single = compares nothing" if text.startswith("=") else "there is no operator before the version"
    message = f"{name}: {quote(version)}: {what}; pipenv takes it for {exact}, and so it is read."
    remarks.append(likely_mistake(message, f'Write "{exact}", or a range.'))
    return exact


def _read_extras(name: str, value: object, remarks: list[Remark]) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        remarks.append(likely_mistake(f"{name}: extras is a text, not a list.", f'Write extras = ["{value}"].'))
        return frozenset(_split_extras(value))
    texts = [extra for extra in value if isinstance(extra, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(texts) != len(value):
        remarks.append(not_understood(f"{name}: extras holds {quote(value)}.", 'Write extras = ["…"].'))
    return frozenset(texts)


def _read_truth(table: Mapping[str, Any], key: str, remarks: list[Remark]) -> bool:
    value = table.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    remarks.append(likely_mistake(f"`{key}` is {quote(value)}, not true or false.", f"Write {key} = true."))
    return str(value).lower() == "true"


def _read_hashes(name: str, table: Mapping[str, Any], remarks: list[Remark]) -> tuple[str, ...]:
    """The hashes; locks before 2017 have one, under ``hash``."""
    value = table.get("hashes")
    found = value if isinstance(value, list) else [] if value is None else [value]
    if isinstance(table.get("hash"), str):
        found = [*found, table["hash"]]
    texts = tuple(digest.strip() for digest in found if isinstance(digest, str) and ":" in digest)
    if len(texts) != len(found):
        odd = next(digest for digest in found if not isinstance(digest, str) or ":" not in digest)
        remarks.append(not_understood(f"{name}: {quote(odd)} is no hash.", "Lock the project again with pipenv."))
    return texts


def _read_marker(name: str, table: Mapping[str, Any], remarks: list[Remark]) -> Marker | Remark | None:
    """All conditions of an entry, of which each has to hold; or why the entry cannot be installed as it stands."""
    markers: list[Marker] = []
    for key in sorted(table.keys() & _CONDITIONS.keys(), key=_CONDITIONS.__getitem__):
        value = table[key]
        if value is None or (value == "" and key in _WHOLE_MARKERS):
            continue
        marker = _read_whole(value) if key in _WHOLE_MARKERS else _read_condition(name, key, value, remarks)
        if marker is None:
            return _no_condition(name, key, value)
        markers.append(marker)
    if len(markers) <= 1:
        return markers[0] if markers else None
    parts = list(dict.fromkeys(map(str, markers)))
    return parse_marker(" and ".join(f"({part})" for part in parts) if len(parts) > 1 else parts[0])


def _no_condition(name: str, key: str, value: object) -> Remark:
    """Why an entry is left out: without its condition it would be installed where it never was, and pip refuses it."""
    return not_understood(
        f"{name}: {key} = {quote(value)} is no condition of PEP 508, and pip installs nothing that has it; "
        "the entry is left out.",
        "Correct it, for example markers = \"sys_platform == 'win32'\"."
        if key in _WHOLE_MARKERS
        else f"Write {key} = \"== '…'\".",
    )


def _read_whole(value: object) -> Marker | None:
    return parse_marker(value) if isinstance(value, str) else None


def _read_condition(name: str, key: str, value: object, remarks: list[Remark]) -> Marker | None:
    """``sys_platform = "== 'win32'"``; without its inner quotes, or without an operator, what is meant."""
    text = str(value).strip()
    marker = parse_marker(f"{key} {text}")
    if marker is not None:
        return marker
    match = _VALUE.fullmatch(text)
    meant = match["value"].strip().strip("'\"") if match else ""
    operator = (match["operator"] if match else None) or "=="
    marker = parse_marker(f"{key} {operator} '{meant}'") if meant and "'" not in meant else None
    if marker is not None:
        message = f"{name}: {key} = {quote(value)} is no condition for pipenv; it is read as {marker}."
        remarks.append(likely_mistake(message, f"Write {key} = \"{operator} '{meant}'\"."))
    return marker


_parse_specifier = lru_cache(maxsize=4096)(read_specifier)


@lru_cache(maxsize=4096)
def parse_marker(text: str) -> Marker | None:
    """``text`` as a PEP 508 marker, None where it is none."""
    try:
        return Marker(text)
    except (InvalidMarker, RecursionError, ValueError):
        return None


def _show_flag(name: str, value: object) -> str:
    if value is True:
        return name
    return f"{name}: {' '.join(map(str, value)) if isinstance(value, list) else value}"


def _remark_keys(name: str, table: Mapping[str, Any], source: Source) -> Iterable[Remark]:
    """What keys that nobody reads were probably meant to say."""
    other = table.get("name")
    if isinstance(other, str) and canonicalize_name(other) != canonicalize_name(name):
        yield not_understood(f"{name}: the entry calls itself {quote(other)}; its key counts.", "", Severity.NOTE)
    for key in ("ref", "subdirectory", "index"):
        if key in table and not isinstance(table[key], str):
            yield not_understood(f"{name}: {key} = {quote(table[key])} is no text.", f'Write {key} = "…".')
    for key in ("ref", "subdirectory"):
        if isinstance(table.get(key), str) and isinstance(source, FromIndex):
            message = f"{name}: {key} = {quote(table[key])} belongs to an address, and the entry has none."
            yield likely_mistake(message, f'Add the address, {name} = {{git = "…", …}}, or take {key} out.')
    for key in table:
        if key in KNOWN_KEYS:
            continue
        operator = _OPERATOR_IN_KEY.fullmatch(key)
        if key in _REVISIONS and isinstance(source, FromVcs):
            yield likely_mistake(
                f"{name}: pipenv does not know {key} = {quote(table[key])} and takes what is newest.",
                f"Write ref = {in_toml(table[key])}.",
            )
        elif operator is not None:
            value = table[key] if operator["key"] == "version" else f" '{table[key]}'"
            right = f'{operator["key"]} = "{operator["operator"]}{value}"'
            yield likely_mistake(f"{name}: the operator stands in the key {quote(key)}.", f"Write {right}.")
        else:
            yield not_understood(
                f"{name}: {key} = {quote(table[key])} is no key that pipenv knows; it is not carried over.",
                "Take it out, or write the key that was meant.",
            )
