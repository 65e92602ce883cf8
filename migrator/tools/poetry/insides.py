"""What a distributed file holds, without downloading it where a part will do; imported by the worker only.

A wheel is a zip archive, and its list of files stands at its end: one range request for the tail shows which libraries
a repaired wheel carries (``NAME.libs/``) and what made it. An sdist has to be read from its beginning. Nothing of what
is read is run or written to the disk, except the few facts to a cache.
"""

from __future__ import annotations

import io
import re
import tarfile
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from poetry.utils.cache import FileCache

_TAIL = 65_536
"""Of nearly all wheels this holds the list of files and the ``.dist-info`` folder."""
_MOST = 4 * 1024 * 1024
"""More than this is read of no wheel."""
_MOST_OF_SDIST = 8 * 1024 * 1024
"""More than this is read of no sdist, compressed or not."""
_METADATA = 64 * 1024
_TIMEOUT = (3.0, 10.0)
_PARTIAL = 206
_DONE = 200
_ABSENT = frozenset({404, 410})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_CARRIED = re.compile(r"[^/]+\.libs/([^/]+)")
_SDIST = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
_FORMAT = "1"
"""To be raised when the facts change their form."""

Facts = dict[str, Any]


class Session(Protocol):
    """What is used of Poetry's authenticator."""

    def get(self, url: str, **kwargs: Any) -> Any:  # noqa: ANN401 (a response of requests)
        """The response, streamed."""
        ...


class NotShownError(Exception):
    """The file cannot be looked into: it is not what its name says, or more would have to be read than is worth it."""


class NotHereError(Exception):
    """The server does not have the file just now."""


class NoPartsError(Exception):
    """The server gives no parts of files, or none to us."""


class Insides:
    """Looks into files, each once: what was found is kept in ``folder`` under the file's hash.

    A server that gives no parts of files, or does not answer, is not asked again.
    """

    def __init__(self, folder: Path) -> None:
        self._cache: FileCache[Facts] = FileCache(path=folder)
        self._silent: set[str] = set()
        self._guard = threading.Lock()

    def look(self, session: Session, name: str, url: str, digest: str) -> Facts | None:
        """The facts of the file ``name`` at ``url``, None where they cannot be had. Raises nothing but bugs."""
        key = f"{_FORMAT}:{digest}"
        known = self._cache.get(key)
        if known is not None:
            return known or None
        address = urlsplit(url)
        server = f"{address.netloc} {name.endswith('.whl')}"  # parts are asked of wheels only
        if server in self._silent or address.scheme not in {"http", "https"}:
            return None
        try:
            facts = _look_into(session, name, url)
        except NotShownError:
            facts = {}
        except NotHereError:
            return None
        except Exception:  # noqa: BLE001 (Poetry's, requests' and the network's; none of them matters here)
            with self._guard:
                self._silent.add(server)
            return None
        self._cache.put(key, facts)
        return facts or None


def read_build_requires(path: Path) -> list[str] | None:
    """The build requirements of a source: a folder, or an archive of one; None where it cannot be read."""
    try:
        if path.is_dir():
            text = path / "pyproject.toml"
            return _build_requires(text.read_bytes() if text.is_file() else b"")
        if path.name.endswith(_SDIST):
            with path.open("rb") as stream:
                return _of_archive(path.name, _Bounded(stream))
    except (OSError, NotShownError, tarfile.TarError, zipfile.BadZipFile, EOFError):
        return None
    return None


def _look_into(session: Session, name: str, url: str) -> Facts:
    if name.endswith(".whl"):
        tail = _Ranged(session, url)
        try:
            with zipfile.ZipFile(tail) as archive:
                return {"libraries": sorted(_carried(archive)), "generator": _generator(archive, tail)}
        except zipfile.BadZipFile as error:
            raise NotShownError from error
    response = session.get(url, stream=True, timeout=_TIMEOUT, raise_for_status=False)
    with response:
        if response.status_code != _DONE:
            raise NotHereError
        stream = _Bounded(response.raw)
        try:
            return {"build_requires": _of_archive(name, stream)}
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise NotShownError from error


def _carried(archive: zipfile.ZipFile) -> Iterator[str]:
    for entry in archive.namelist():
        if found := _CARRIED.fullmatch(entry):
            yield found[1]


def _generator(archive: zipfile.ZipFile, tail: _Ranged) -> str:
    for entry in archive.infolist():
        folder, _, name = entry.filename.rpartition("/")
        if name == "WHEEL" and folder.endswith(".dist-info") and "/" not in folder:
            if entry.file_size > _METADATA or not tail.holds(entry.header_offset):
                return ""
            with archive.open(entry) as stream:
                return str(BytesParser().parsebytes(stream.read(_METADATA)).get("Generator", "")).strip()
    return ""


def _of_archive(name: str, stream: _Bounded) -> list[str]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
            for entry in archive.infolist():
                if _is_ours(entry.filename) and entry.file_size <= _METADATA:
                    return _build_requires(archive.read(entry))
        return []
    with tarfile.open(fileobj=stream, mode="r|*") as tar:  # type: ignore[call-overload]
        unpacked = 0
        for member in tar:
            unpacked += member.size
            if unpacked > _MOST_OF_SDIST:
                raise NotShownError
            if member.isfile() and _is_ours(member.name) and member.size <= _METADATA:
                content = tar.extractfile(member)
                return _build_requires(content.read() if content else b"")
    return []


def _is_ours(path: str) -> bool:
    folder, slash, name = path.removeprefix("./").partition("/")
    return bool(folder and slash) and name == "pyproject.toml"


def _build_requires(content: bytes) -> list[str]:
    try:
        table = tomllib.loads(content.decode()).get("build-system", {})
    except (ValueError, AttributeError) as error:
        raise NotShownError from error
    requires = table.get("requires", []) if isinstance(table, dict) else []
    return [text for text in requires if isinstance(text, str)] if isinstance(requires, list) else []


class _Bounded:
    """A stream of which only so much is read."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 (a file, or urllib3's response)
        self._stream = stream
        self._left = _MOST_OF_SDIST

    def read(self, size: int = -1) -> bytes:
        wanted = self._left + 1 if size < 0 else size
        data: bytes = self._stream.read(wanted) or b""
        self._left -= len(data)
        if self._left < 0:
            raise NotShownError
        return data


class _Ranged(io.RawIOBase):
    """A file at an address of which only the end is fetched: once, and a second time where the list begins earlier."""

    def __init__(self, session: Session, url: str) -> None:
        super().__init__()
        self._session = session
        self._url = url
        self._data, self._start, self._size = self._fetch(f"bytes=-{_TAIL}")
        if self._start + len(self._data) != self._size:
            raise NoPartsError
        self._place = 0

    def holds(self, offset: int) -> bool:
        """Whether what stands at ``offset`` needs no more requests."""
        return offset >= self._start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (any writable buffer)
        if self._place < self._start:
            self._extend()
        data = self._data[self._place - self._start :][: len(buffer)]
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _extend(self) -> None:
        # the .dist-info folder stands right before the list, and its RECORD is about as long
        first = max(0, self._place - _TAIL - 2 * (self._start - self._place))
        if self._start - first > _MOST:
            raise NotShownError
        data, start, _ = self._fetch(f"bytes={first}-{self._start - 1}")
        if (start, start + len(data)) != (first, self._start):
            raise NoPartsError
        self._data, self._start = data + self._data, first

    def _fetch(self, wanted: str) -> tuple[bytes, int, int]:
        """The bytes, where they begin, and the size of the whole."""
        # Poetry keeps whole answers in a cache; a part is no whole answer
        headers = {"Range": wanted, "Cache-Control": "no-cache", "Accept-Encoding": "identity"}
        response = self._session.get(self._url, headers=headers, stream=True, timeout=_TIMEOUT, raise_for_status=False)
        with response:
            place = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if response.status_code in _ABSENT:
                raise NotHereError
            if response.status_code != _PARTIAL or place is None:
                raise NoPartsError  # whoever sends the whole is left before it arrives
            first, last, size = map(int, place.groups())
            length = last - first + 1
            if not 0 < length <= _MOST + _TAIL:
                raise NotShownError
            data: bytes = response.raw.read(length)
        if len(data) != length:
            raise NotHereError
        return data, first, size
