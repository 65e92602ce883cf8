"""Put blocks into the text of a TOML file and leave everything else as it stands, to the byte.

tomlkit finds the places and replaces values. Whole new tables are text of their own, before the record or at the end
of the file; a key for a table that is there follows the key that sorts before it, because tomlkit's own ``append``
would put it behind comments that speak about the next table.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import tomlkit
from packaging.utils import canonicalize_name
from tomlkit.items import AoT, Array, InlineTable, Item, Table, Whitespace

from migrator.model.written import fingerprint

from .blocks import POETRY, PROJECT, RECORD, Block, Kind, Path
from .segments import split
from .standing import get, name_of_element, name_of_requirement, name_of_table, read_path
from .values import show_header, show_pair, show_path, to_item, to_table_element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tomlkit.container import Container
    from tomlkit.items import Key

_COMMENT_ABOVE = re.compile(r"(?:^#[^\n]*\n)+\Z", re.MULTILINE)
_COMMENT_AT_END = re.compile(r"^#[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*\Z", re.MULTILINE)
_IN_READING_ORDER: tuple[Path, ...] = (PROJECT, POETRY, ("build-system",), RECORD)
"""Tables whose keys nobody sorts."""
_GROUP_TABLES: tuple[Path, ...] = (("dependency-groups",), ("tool", "poetry", "group"))


class _Place(NamedTuple):
    """One key of the document: the container that it stands in, and what it holds."""

    container: Container
    key: Key
    item: Item
    inline: bool

    def set(self, value: Item) -> None:
        """Put ``value`` in the place of what stands there; the comment behind it stays."""
        if self.inline:
            self.container[self.key] = value
            return
        trivia = self.item.trivia
        value.trivia.indent, value.trivia.comment_ws = trivia.indent, trivia.comment_ws
        value.trivia.comment, value.trivia.trail = trivia.comment, trivia.trail
        self._put(self.key, value)

    def clear(self, rest: str = "") -> None:
        """Take it out, and leave the text ``rest``."""
        if self.inline:
            self.container.remove(self.key)
        else:
            self._put(None, Whitespace(rest))

    def _put(self, key: Key | None, item: Item) -> None:
        # straight into the body: tomlkit's own ways lose their bearings in tables that stand in several places
        body = self.container.body
        body[next(index for index, (_, each) in enumerate(body) if each is self.item)] = (key, item)


class Document:
    """A TOML text under edit.

    ``ours`` are the fingerprints that a previous run left, by the table's name and the entry's. An entry whose value
    still has its fingerprint is replaced or removed; every other one is the user's and stays. ``written`` are the
    fingerprints that this run leaves.
    """

    def __init__(self, text: str, ours: Mapping[str, Mapping[str, str]]) -> None:
        self._data: dict[str, Any] = tomllib.loads(text)
        # one at a time: of a whole file tomlkit moves tables together that stand apart
        self._segments = [tomlkit.parse(segment) for segment in split(text)]
        self._ours = ours
        self._asked: set[Path] = set()
        self._wanted: set[tuple[str, str]] = set()
        self._new: dict[Path, list[str]] = {}
        self._elements: dict[Path, list[str]] = {}
        self._added: dict[Path, list[tuple[str, str]]] = {}
        self.written: dict[str, dict[str, str]] = {}

    def put(self, block: Block) -> None:
        """Bring the entries of one block into the document."""
        path = self._as_spelled(block.path)
        self._asked.add(path)
        match block.kind:
            case Kind.TABLE:
                self._put_keys(path, block.entries, same=str)
            case Kind.DEPENDENCIES:
                self._put_keys(path, block.entries, same=canonicalize_name)
            case Kind.REQUIREMENTS:
                self._put_elements(path, block.entries, name_of_requirement)
            case Kind.NAMED:
                self._put_elements(path, {name: [entry] for name, entry in block.entries.items()}, name_of_table)
            case Kind.RECORD:
                self._put_record(path, block.entries)

    def remove_stale(self) -> None:
        """Take out what a previous run wrote, nobody edited since, and no block asked for."""
        for table, entries in self._ours.items():
            path = read_path(table)
            standing = get(self._data, path)
            for name in sorted(entries):
                if (table, name) in self._wanted:
                    continue
                if isinstance(standing, dict):
                    if name in standing and self._is_ours(table, name, standing[name]):
                        self._remove((*path, name))
                elif isinstance(standing, list):
                    self._remove_elements(path, name)
            if isinstance(standing, list) and path not in self._asked:
                self._remove_if_empty(path)

    def show(self) -> str:
        """The whole text; the very same one where nothing had to change."""
        for path, pairs in self._added.items():
            table = next(table for table in self._tables(path) if not table.is_super_table())
            _append_to_table(table, pairs, in_order=path not in _IN_READING_ORDER)
        for path, elements in self._elements.items():
            arrays = [place.item for place in self._places().get(path, ()) if isinstance(place.item, AoT)]
            if arrays:  # in another place of the file the next run would move them here
                last = [inner.item for _, inner in _walk(arrays[-1].body[-1].value, ())][-1]
                _follow(last, "".join(f"\n{element}" for element in elements))
            else:
                self._new[path] = ["\n".join(elements)]
        new = {path: "".join(lines) for path, lines in self._new.items() if lines}
        records = [block for path, block in new.items() if path[:2] == RECORD]
        others = [block for path, block in new.items() if path[:2] != RECORD]
        head, tail = self._show_around_record() if others else (self._show_all(), "")
        return _join([part for part in (head, *others, tail, *records) if part])

    # tables

    def _put_keys(self, path: Path, entries: Mapping[str, Any], same: Callable[[str], str]) -> None:
        standing = get(self._data, path) or {}
        there = {same(key): key for key in standing}
        table = show_path(path)
        for name, value in entries.items():
            self._wanted.add((table, name))
            key = there.get(same(name))
            if key is None:
                self._add(path, name, value)
            elif not self._is_ours(table, name, standing[key]):
                continue
            elif standing[key] != value:
                self._replace((*path, key), value)
            self._claim(table, name, value)

    def _put_record(self, path: Path, entries: Mapping[str, Any]) -> None:
        standing = get(self._data, path) or {}
        if not isinstance(standing, dict):  # somebody edited the record into something else
            self._remove(path)
            standing = {}
        for name, value in entries.items():
            if name not in standing:
                self._add(path, name, value)
            elif standing[name] != value:
                self._replace((*path, name), value)
        for name, value in standing.items():
            if name not in entries and (len(path) > len(RECORD) or not isinstance(value, dict)):
                self._remove((*path, name))

    def _add(self, path: Path, name: str, value: Any) -> None:  # noqa: ANN401 (whatever TOML can hold)
        places = self._places()
        if any(not table.is_super_table() for table in self._tables(path)):
            self._added.setdefault(path, []).append((name, show_pair(name, value)))
            return
        for depth in range(1, len(path) + 1):
            for place in places.get(path[:depth], ()):
                if isinstance(place.item, InlineTable) or (depth == len(path) and place.key.is_dotted()):
                    self._add_inside(place.item, path[depth:], name, value)
                    return
        self._new.setdefault(path, [f"[{show_header(path)}]\n"]).append(show_pair(name, value))

    @staticmethod
    def _add_inside(table: Any, path: Path, name: str, value: Any) -> None:  # noqa: ANN401 (tomlkit's tables)
        """An inline table, or one made of dotted keys, cannot be continued by a header of its own."""
        for part in path:
            if part not in table:
                table[part] = tomlkit.inline_table()
            table = table[part]
        table[name] = to_item(value)

    def _replace(self, path: Path, value: Any) -> None:  # noqa: ANN401 (whatever TOML can hold)
        for place in self._places().get(path, ()):
            if isinstance(place.item, Table | AoT):  # the user gave it a header of its own
                self._remove(path)
                self._add(path[:-1], path[-1], value)
            else:
                place.set(to_item(value))
            return

    def _remove(self, path: Path) -> None:
        for place in self._places().get(path, ()):
            place.clear()
        self._remove_bare(path)

    def _remove_bare(self, path: Path) -> None:
        """The headers above ``path`` under which nothing is left."""
        while len(path) > 1 and self._is_bare(path := path[:-1]):
            for place in self._places()[path]:
                place.clear()

    def _is_bare(self, path: Path) -> bool:
        """Whether nothing is left of a table but its header."""
        tables = self._tables(path)
        rest = "".join(table.as_string() + table.trivia.comment for table in tables)
        return bool(tables) and path not in self._added and not rest.strip()

    # arrays

    def _put_elements(self, path: Path, entries: Mapping[str, list[Any]], name_of: Callable[[Any], str | None]) -> None:
        standing = get(self._data, path)
        table = show_path(path)
        fresh: list[Any] = []
        for name, values in entries.items():
            self._wanted.add((table, name))
            there = [element for element in standing or () if name_of(element) == name]
            if not there:
                fresh += values
            elif not self._is_ours(table, name, there):
                continue
            elif there != values:
                self._replace_elements(path, name, values, name_of)
            self._claim(table, name, values)
        if standing is None or (table in self._ours and self._is_all_ours(table, standing, name_of)):
            self.written.setdefault(table, {})  # the array is ours, even while it is empty
        if standing is None and name_of is name_of_requirement:
            self._add(path[:-1], path[-1], fresh)
        elif fresh:
            self._add_elements(path, fresh)

    def _add_elements(self, path: Path, values: list[Any]) -> None:
        places = self._places()
        for place in places.get(path, ()):
            if isinstance(place.item, Array):
                _extend(place.item, values)
                return
        if any(isinstance(place.item, InlineTable) for end in range(len(path)) for place in places.get(path[:end], ())):
            self._add(path[:-1], path[-1], values)
        else:
            self._elements[path] = [to_table_element(path, value) for value in values]
            self._new[path] = []

    def _replace_elements(self, path: Path, name: str, values: list[Any], name_of: Callable[[Any], str | None]) -> None:
        for place in self._places().get(path, ()):
            if isinstance(place.item, Array):
                _replace_in_array(place.item, name, values, name_of)
            elif isinstance(place.item, AoT):
                for element in (each for each in place.item.body if name_of(each) == name):
                    for path_, inner in _walk(element.value, ()):
                        if path_[-1] in values[0]:
                            inner.set(to_item(values[0][path_[-1]]))
                        else:
                            inner.clear()

    def _remove_elements(self, path: Path, name: str) -> None:
        standing = [element for element in get(self._data, path) if name_of_element(element) == name]
        if not self._is_ours(show_path(path), name, standing):
            return
        for place in self._places().get(path, ()):
            if isinstance(place.item, Array):
                plain = place.item.unwrap()
                for index in reversed([i for i, element in enumerate(plain) if name_of_element(element) == name]):
                    del place.item[index]
            elif isinstance(place.item, AoT) and name_of_element(place.item.body[0]) == name:
                comment = _COMMENT_AT_END.search(place.item.as_string())
                place.clear(f"\n{comment[0]}" if comment else "")
        self._remove_bare(path)

    def _remove_if_empty(self, path: Path) -> None:
        if any(isinstance(place.item, Array) and not len(place.item) for place in self._places().get(path, ())):
            self._remove(path)

    # the document

    def _show_all(self) -> str:
        return "".join(tomlkit.dumps(segment) for segment in self._segments)

    def _show_around_record(self) -> tuple[str, str]:
        """What stands before the header of the record and the comment above it, and the rest."""
        texts = [tomlkit.dumps(segment) for segment in self._segments]
        for index, segment in enumerate(self._segments):
            if texts[index].lstrip().startswith("[") and any(path == RECORD for path, _ in _walk(segment, ())):
                head, tail = "".join(texts[:index]), "".join(texts[index:])
                comment = _COMMENT_ABOVE.search(head)
                cut = comment.start() if comment else len(head)
                return head[:cut], head[cut:] + tail
        return "".join(texts), ""

    def _places(self) -> dict[Path, list[_Place]]:
        places: dict[Path, list[_Place]] = {}
        for segment in self._segments:
            for path, place in _walk(segment, ()):
                places.setdefault(path, []).append(place)
        return places

    def _tables(self, path: Path) -> list[Table]:
        return [place.item for place in self._places().get(path, ()) if isinstance(place.item, Table)]

    def _as_spelled(self, path: Path) -> Path:
        """A group that the file has already, in the file's own spelling: Poetry refuses two of one name."""
        for prefix in _GROUP_TABLES:
            if path[: len(prefix)] == prefix and len(path) > len(prefix):
                name, rest = path[len(prefix)], path[len(prefix) + 1 :]
                spelled = (key for table in _GROUP_TABLES for key in get(self._data, table) or {})
                same = (key for key in spelled if canonicalize_name(key) == canonicalize_name(name))
                return (*prefix, next(same, name), *rest)
        return path

    def _is_ours(self, table: str, name: str, value: Any) -> bool:  # noqa: ANN401 (whatever TOML can hold)
        return self._ours.get(table, {}).get(name) == fingerprint(value)

    def _is_all_ours(self, table: str, elements: list[Any], name_of: Callable[[Any], str | None]) -> bool:
        named: dict[str | None, list[Any]] = {}
        for element in elements:
            named.setdefault(name_of(element), []).append(element)
        return all(name is not None and self._is_ours(table, name, values) for name, values in named.items())

    def _claim(self, table: str, name: str, value: Any) -> None:  # noqa: ANN401 (whatever TOML can hold)
        self.written.setdefault(table, {})[name] = fingerprint(value)


def _walk(container: Container, path: Path, *, inline: bool = False) -> Iterator[tuple[Path, _Place]]:
    for key, item in container.body:
        if key is not None:
            here = (*path, key.key)
            yield here, _Place(container, key, item, inline)
            if isinstance(item, Table | InlineTable):
                yield from _walk(item.value, here, inline=isinstance(item, InlineTable))


def _append_to_table(table: Table, pairs: list[tuple[str, str]], *, in_order: bool) -> None:
    keys = [(key.key, item) for key, item in table.value.body if key is not None and not _has_header(item)]
    names = [_sorting(name) for name, _ in keys]
    is_sorted = in_order and names == sorted(names)
    after: dict[int, tuple[Item, list[str]]] = {}
    for name, text in sorted(pairs, key=lambda pair: _sorting(pair[0])) if is_sorted else pairs:
        before = [item for key, item in keys if not is_sorted or _sorting(key) < _sorting(name)]
        anchor = before[-1] if before else table
        after.setdefault(id(anchor), (anchor, []))[1].append(text)
    for anchor, lines in after.values():
        _follow(anchor, "".join(lines))


def _follow(anchor: Item, text: str) -> None:
    trail = anchor.trivia.trail
    # the last line of a file may lack its end
    anchor.trivia.trail = (trail if "\n" in trail else "\n") + text


def _has_header(item: Item) -> bool:
    return isinstance(item, Table | AoT)


def _sorting(name: str) -> tuple[bool, str]:
    return (name != "python", canonicalize_name(name))


def _extend(array: Array, values: list[Any]) -> None:
    was_empty = not len(array)
    for value in values:
        array.append(to_item(value))
    if was_empty:
        array.multiline(multiline=True)


def _replace_in_array(array: Array, name: str, values: list[Any], name_of: Callable[[Any], str | None]) -> None:
    there = [index for index, element in enumerate(array.unwrap()) if name_of(element) == name]
    for index, value in zip(there, values, strict=False):
        array[index] = to_item(value)
    for index in reversed(there[len(values) :]):
        del array[index]
    for offset, value in enumerate(values[len(there) :]):
        array.insert(there[-1] + 1 + offset, to_item(value))


def _join(parts: list[str]) -> str:
    """The parts with one blank line between them; what stands within a part is not touched."""
    text = parts[0]
    for part in parts[1:]:
        if not text.endswith("\n"):
            text += "\n"
        text += part if text.endswith("\n\n") else f"\n{part}"
    return text
