"""Plain values as TOML (https://toml.io/en/v1.0.0). tomlkit escapes every key and string."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from tomlkit.items import Item

    from .blocks import Path

_WIDTH = 100


def to_item(value: Any, *, nested: bool = False) -> Item:  # noqa: ANN401 (whatever TOML can hold)
    """``value`` for the right side of a ``=``; an array of several tables, or a long one, takes a line an element."""
    match value:
        case dict():
            table = tomlkit.inline_table()
            for key, each in value.items():
                table.append(key, to_item(each, nested=True))
            return table
        case list():
            array = tomlkit.array()
            for each in value:
                array.append(to_item(each, nested=True))
            tables = sum(isinstance(each, dict) for each in value) > 1
            array.multiline(multiline=not nested and (tables or len(array.as_string()) > _WIDTH))
            return array
        case _:
            item: Item = tomlkit.item(value)
            return item


def show_pair(key: str, value: Any) -> str:  # noqa: ANN401 (whatever TOML can hold)
    """One line (or more, for an array) ``key = value``."""
    if isinstance(value, dict):
        # tomlkit looks through the whole table for each key that it appends
        inner = ", ".join(
            f"{_show_key(name)} = {to_item(each, nested=True).as_string()}" for name, each in value.items()
        )
        return f"{_show_key(key)} = {{{inner}}}\n"
    return f"{_show_key(key)} = {to_item(value).as_string()}\n"


def show_header(path: Path) -> str:
    """What stands between the brackets of a table's header."""
    return ".".join(_show_key(part) for part in path)


show_path = show_header


def to_table_element(path: Path, value: dict[str, Any]) -> str:
    """One element of an array of tables, with its header."""
    return f"[[{show_header(path)}]]\n" + "".join(show_pair(key, each) for key, each in value.items())


def _show_key(key: str) -> str:
    return tomlkit.key(key).as_string()
