"""setup.cfg and setup.py, neither of which is ever run."""

from __future__ import annotations

import ast
import configparser
import warnings
from typing import Any

from migrator.model.origin import Origin
from migrator.model.project import Script

from .build_tools import read_finds, select_setuptools
from .metadata import Metadata, find_line, read_hint, read_script, text_or_none
from .selection import Find, Selection

_LARGEST = 1_000_000
_FINDERS = frozenset({"find_packages", "find_namespace_packages"})


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
        selection=_select_in_cfg(text, parser),
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
        selection=_select_in_setup(values, lines),
        python_hints=(hint,) if hint else (),
    )


def _select_in_cfg(text: str, parser: configparser.RawConfigParser) -> Selection | None:
    options = _section(parser, "options")
    packages, modules = options.get("packages", "").strip(), _words(options.get("py_modules", ""))
    pairs = (line.partition("=") for line in options.get("package_dir", "").replace(",", "\n").splitlines())
    folders = {name.strip(): folder.strip() for name, equals, folder in pairs if equals}
    names, roots = select_setuptools([] if packages.startswith("find") else _words(packages), modules, folders)
    finds: tuple[Find, ...] = ()
    if packages in {"find:", "find_namespace:"}:
        section = {key: _words(value) for key, value in _section(parser, "options.packages.find").items()}
        finds = read_finds(section.get, namespaces=packages == "find_namespace:")
    key = "packages" if packages else "py_modules"
    line = find_line(text, rf"{key}\s*[=:]")
    return _selection(f"[options] {key}", Origin(path="setup.cfg", line=line, end_line=line), names, roots, finds)


def _select_in_setup(values: dict[str, Any], lines: dict[str, int]) -> Selection | None:
    """``setup(packages=…)`` with a list, with ``find_packages(…)`` or with a sum of them."""
    parts = _list(values.get("packages"))
    listed = [each for each in parts if isinstance(each, str)]
    finds = tuple(each for each in parts if isinstance(each, Find))
    names, roots = select_setuptools(listed, values.get("py_modules"), values.get("package_dir"))
    key = "packages" if parts else "py_modules"
    line = lines.get(key, 0)
    return _selection(f"setup({key}=…)", Origin(path="setup.py", line=line, end_line=line), names, roots, finds)


def _selection(
    by: str, origin: Origin, names: tuple[str, ...], roots: tuple[str, ...], finds: tuple[Find, ...]
) -> Selection | None:
    if not names and not finds:
        return None
    return Selection(by=by, origin=origin, names=names, roots=roots, finds=finds)


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
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_list(_value(left, names)), *_list(_value(right, names))]
        case ast.Call(args=arguments, keywords=keywords) if _called(node) in _FINDERS:
            stated = dict(zip(("where", "exclude", "include"), arguments, strict=False))
            stated |= {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
            options = {key: _value(value, names) for key, value in stated.items()}
            return [*read_finds(options.get, namespaces=_called(node) == "find_namespace_packages")]
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


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()


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
