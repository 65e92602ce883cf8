"""setup.cfg and setup.py, neither of which is ever run."""

from __future__ import annotations

import ast
import configparser
import warnings
from typing import Any

from migrator.model.project import Script

from .metadata import Metadata, find_line, read_hint, read_script, text_or_none

_LARGEST = 1_000_000


def read_setup_cfg(content: bytes) -> Metadata:
    """What setup.cfg says as plain values; ``attr:`` and ``file:`` are not followed.

    See https://setuptools.pypa.io/en/latest/userguide/declarative_config.html.
    """
    text = content.decode("utf-8", errors="replace")
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Metadata()
    metadata = _section(parser, "metadata")
    options = _section(parser, "options")
    scripts = _section(parser, "options.entry_points").get("console_scripts", "")
    line = find_line(text, r"python[_-]requires\s*[=:]")
    hint = read_hint(_plain(options, "python_requires"), "setup.cfg", line, stated=True)
    return Metadata(
        name=_plain(metadata, "name"),
        version=_plain(metadata, "version"),
        description=_plain(metadata, "description") or _plain(metadata, "summary"),
        licence=_plain(metadata, "license"),
        authors=_authors(_plain(metadata, "author"), _plain(metadata, "author_email")),
        scripts=_scripts(scripts),
        modules=tuple(_plain(options, "py_modules", "").replace(",", " ").split()),
        python_hints=(hint,) if hint else (),
    )


def read_setup_py(content: bytes) -> Metadata:
    """What the call of ``setup()`` in setup.py says in literals (or in names that a literal was given to)."""
    tree = parse(content)
    if tree is None:
        return Metadata()
    names = _literals(tree)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "setup":
            for keyword in node.keywords:
                value = _value(keyword.value, names)
                if keyword.arg is None:
                    values |= value if isinstance(value, dict) else {}
                else:
                    values[keyword.arg] = value
                    lines[keyword.arg] = keyword.value.lineno
    points = values.get("entry_points")
    hint = read_hint(values.get("python_requires"), "setup.py", lines.get("python_requires", 0), stated=True)
    return Metadata(
        name=text_or_none(values.get("name")),
        version=text_or_none(values.get("version")),
        description=text_or_none(values.get("description")),
        licence=text_or_none(values.get("license")),
        authors=_authors(text_or_none(values.get("author")), text_or_none(values.get("author_email"))),
        scripts=_scripts(points.get("console_scripts") if isinstance(points, dict) else _ini_scripts(points)),
        modules=tuple(each for each in _list(values.get("py_modules")) if isinstance(each, str)),
        python_hints=(hint,) if hint else (),
    )


def parse(content: bytes) -> ast.Module | None:
    """The syntax tree of a Python file, None where this Python does not read it (Python 2, or no Python at all)."""
    if len(content) > _LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in somebody's string is not our business
            return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the latter two: parentheses piled up
        return None


def _literals(tree: ast.Module) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = _value(node.value, names)
    return names


def _value(node: ast.expr, names: dict[str, Any]) -> Any:  # noqa: ANN401 (whatever Python can write down)
    """The value of a literal, None for anything that would have to be run."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names.get(name)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element, names) for element in elements]
        case ast.Dict(keys=keys, values=values):
            return {
                key.value: _value(value, names)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant)
            }
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            return {keyword.arg: _value(keyword.value, names) for keyword in keywords if keyword.arg}
        case _:
            return None


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _section(parser: configparser.RawConfigParser, name: str) -> dict[str, str]:
    if not parser.has_section(name):
        return {}
    return {key.replace("-", "_"): value or "" for key, value in parser.items(name)}


def _plain(section: dict[str, str], key: str, default: str | None = None) -> Any:  # noqa: ANN401 (as the default)
    value = section.get(key, "").strip()
    return default if not value or value.startswith(("attr:", "file:", "find:")) else value


def _authors(name: str | None, email: str | None) -> tuple[str, ...]:
    """As Poetry writes them; an address without a name is no author of Poetry's."""
    if not name:
        return ()
    return (f"{name} <{email}>",) if email and "," not in f"{name}{email}" else (name,)


def _scripts(lines: object) -> tuple[Script, ...]:
    scripts = [read_script(line) for line in (lines.splitlines() if isinstance(lines, str) else _list(lines))]
    return tuple(script for script in scripts if script)


def _ini_scripts(points: object) -> str:
    """The console scripts of entry points that setup.py gives as one text."""
    if not isinstance(points, str):
        return ""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string("\n".join(line.strip() for line in points.splitlines()))
    except configparser.Error:
        return ""
    section = parser["console_scripts"] if parser.has_section("console_scripts") else {}
    return "\n".join(f"{name} = {target}" for name, target in section.items())


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
