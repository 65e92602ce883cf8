"""Pipfile.lock: what runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import SpecifierSet

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Index, IndexRole, Option, Pin, PythonHint
from migrator.model.source import FromIndex
from migrator.model.version import AnyVersion, pinned_version

from .addresses import read_index_url
from .entries import Entry, read_entry
from .files import Data
from .groups import DEFAULT, group_of
from .json_text import Repeated
from .pipfile import remark_no_name, remark_unverified
from .places import Keys, Places
from .remarks import Remark, not_understood, quote
from .requires import read_requires

_META = "_meta"
_SPEC = 6
_META_KEYS = frozenset({"hash", "pipfile-spec", "requires", "sources", "host-environment-markers"})


@dataclass(kw_only=True, slots=True)
class Lock:
    """What was read of a lock, in its order. ``digest`` is the hash of the Pipfile that it was made of, where told."""

    digest: str | None = None
    digest_origin: Origin
    pins: list[Pin] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    python: SpecifierSet | None = None
    hints: list[PythonHint] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_lock(data: Data, places: Places, repeated: Iterable[Repeated], *, alone: bool) -> Lock:
    """All that a lock says.

    ``alone`` is true where no Pipfile stands beside it: then what the lock says about the Pipfile is told as well.
    """
    return _Reader(data, places, alone=alone).read(repeated)


class _Reader:
    def __init__(self, data: Data, places: Places, *, alone: bool) -> None:
        self._data = data
        self._places = places
        self._alone = alone
        self._found = Lock(digest_origin=Origin(path=places.path))

    def read(self, repeated: Iterable[Repeated]) -> Lock:
        found = self._found
        for keys, line in repeated:
            message = f"{'.'.join(keys)} stands in the lock twice; the last one counts, as for every reader of JSON."
            origin = Origin(path=self._places.path, line=line, end_line=line, key=".".join(keys))
            found.findings.append(not_understood(message, "Take out the one that does not run.").at(origin))
        self._read_meta()
        for section, table in self._data.items():
            if section == _META:
                continue
            if not isinstance(table, dict):
                message = f"{section} = {quote(table)} is no section of packages; it is left out."
                self._tell(not_understood(message, "Lock the project again with pipenv."), section)
                continue
            groups = frozenset({group_of(section)})
            for key, value in table.items():
                self._read_package(section, groups, key, value)
        return found

    def _tell(self, remark: Remark, *keys: str) -> None:
        self._found.findings.append(remark.at(self._places.find(*keys)))

    # packages

    def _read_package(
        self,
        section: str,
        groups: frozenset[str],
        key: str,
        value: Any,  # noqa: ANN401 (whatever JSON can hold)
    ) -> None:
        origin = self._places.find(section, key)
        entry = read_entry(key, value)
        if isinstance(entry, Remark):
            # what is left out of a lock is a pin that is lost
            self._found.findings.append(entry._replace(severity=Severity.STOP).at(origin))
            return
        # what the lock has from the Pipfile is told of the Pipfile
        told = (remark for remark in entry.remarks if self._alone or remark.code is not Code.LIKELY_MISTAKE)
        self._found.findings += [remark.at(origin) for remark in told]
        if not entry.named:
            self._tell(remark_no_name(entry), section, key)
            if isinstance(entry.source, FromIndex):
                return
        if self._alone:
            self._found.options += [Option(option=flag, value=shown, origin=origin) for flag, shown in entry.flags]
        self._found.pins.append(
            Pin(
                name=entry.name,
                raw_name=entry.raw_name,
                version=self._version(entry, origin),
                origin=origin,
                source=entry.source,
                hashes=entry.hashes,
                marker=entry.marker,
                groups=groups,
                extras=entry.extras,
                editable=entry.editable,
                top_level=self._is_asked_for(section, entry),
            )
        )

    def _version(self, entry: Entry, origin: Origin) -> AnyVersion | None:
        version = pinned_version(entry.specifier)
        if version is None and isinstance(entry.source, FromIndex):
            self._found.findings.append(_unpinned(entry).at(origin))
        return version

    def _is_asked_for(self, section: str, entry: Entry) -> bool | None:
        """True where the entry itself tells that somebody asked for it; the lock never tells the contrary.

        pipenv notes the index of what the Pipfile names, in whichever section it stands; so the word of a further
        section counts only for what ``default`` does not have.
        """
        known = not isinstance(entry.source, FromIndex) or entry.source.index is not None
        default = self._data.get(DEFAULT)
        elsewhere = section != DEFAULT and isinstance(default, dict) and entry.raw_name in default
        return True if known and not elsewhere else None

    # _meta

    def _read_meta(self) -> None:
        meta = self._data.get(_META, {})
        if not isinstance(meta, dict):
            self._tell(not_understood(f"{_META} is {quote(meta)}, no object.", ""), _META)
            return
        digest = meta.get("hash")
        if isinstance(digest, dict) and isinstance(digest.get("sha256"), str):
            self._found.digest = digest["sha256"]
        self._found.digest_origin = self._places.find(_META, "hash")
        if meta.get("pipfile-spec") not in {None, _SPEC}:
            message = f"The lock has the format {quote(meta['pipfile-spec'])}; {_SPEC} is the one in use since 2017."
            self._tell(
                not_understood(message, "Compare what was read with the lock.", Severity.NOTE), _META, "pipfile-spec"
            )
        self._read_sources(meta.get("sources", []))
        told: list[tuple[Keys, Remark]] = []
        required = read_requires(meta.get("requires"), self._places, (_META, "requires"), told)
        self._found.python = required.python
        self._found.hints += [required.hint] if required.hint else []
        for keys, remark in told if self._alone else ():
            self._tell(remark, *keys)
        self._read_host(meta.get("host-environment-markers"))
        for key in meta:
            if key not in _META_KEYS:
                message = f"{_META}.{key} = {quote(meta[key])} is not known."
                self._tell(not_understood(message, "", Severity.NOTE), _META, key)

    def _read_sources(self, sources: object) -> None:
        for number, source in enumerate(sources if isinstance(sources, list) else [sources]):
            keys = (_META, "sources", str(number))
            if not isinstance(source, dict) or not isinstance(source.get("url"), str):
                self._tell(not_understood(f"The source {quote(source)} has no `url`.", "", Severity.NOTE), *keys)
                continue
            name = source.get("name")
            name = name if isinstance(name, str) and name else None
            url = read_index_url(source["url"])
            origin = self._places.find(*keys)
            self._found.indexes.append(Index(url=url, role=IndexRole.SOURCE, name=name, origin=origin))
            if self._alone and source.get("verify_ssl") is False:
                self._found.findings.append(remark_unverified(name, url).at(origin))

    def _read_host(self, host: object) -> None:
        """The machine that locked, as pipenv wrote it down until 2018: a hint, and no promise."""
        if host is None:
            return
        origin = self._places.find(_META, "host-environment-markers")
        python = host.get("python_version") if isinstance(host, dict) else None
        if isinstance(python, str) and python.replace(".", "").isdigit():
            self._found.hints.append(PythonHint(range=SpecifierSet(f">={python}"), stated=False, origin=origin))
        message = "host-environment-markers describes the machine that locked; pyproject.toml has no place for it."
        self._found.findings.append(Remark(Code.OPTION_NOT_CARRIED, Severity.NOTE, message).at(origin))


def _unpinned(entry: Entry) -> Remark:
    """What to know of an entry that names no one version."""
    what = quote(str(entry.specifier)) if entry.specifier else "no version"
    if entry.marker is not None:
        message = f"{entry.raw_name} is locked to {what}: its marker did not hold on the machine that locked."
        return Remark(Code.WISH_NOT_PINNED, Severity.NOTE, message)
    message = f"{entry.raw_name} is locked to {what}, so nobody knows which version runs; Poetry locks the newest."
    return Remark(Code.WISH_NOT_PINNED, Severity.REVIEW, message, "Compare with what production runs.")
