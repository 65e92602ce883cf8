"""What the tables of pyproject.toml say of the packages to install, each build tool in its own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from migrator.model.layout import PackageInclude
from migrator.model.origin import Origin

from .metadata import find_line
from .selection import Find, Selection, clean_root, include_of

PATH = "pyproject.toml"

_FLAT_OR_SRC = ("", "src")


def read_selection(text: str, tool: Mapping[str, Any], *, builds: bool) -> Selection | None:
    """The first table of ``[tool]`` that names packages, or says that there is none; None where none does.

    ``tool`` is what the user wrote there, without what a previous run did; ``builds`` whether ``[build-system]`` is.
    """
    readers = (_poetry, _uv, _pdm, _hatch, _flit, _uv_build, _setuptools)
    for read in readers if builds else (*readers, _uv_alone):
        for selection in read(tool):
            table, _, words = selection.by.partition("] ")
            key = words.partition(" ")[0]
            line = find_line(text, rf".*\b{key}\b") or find_line(text, re.escape(table))
            return replace(selection, origin=Origin(path=PATH, line=line, end_line=line))
    return None


def _poetry(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://python-poetry.org/docs/pyproject/."""
    poetry = _table(tool, "poetry")
    if poetry.get("package-mode") is False:
        yield Selection(by="[tool.poetry] package-mode = false", is_poetrys=True)
    entries = poetry.get("packages")
    paths = tuple(
        PackageInclude(include=entry["include"], root=clean_root(_text(entry.get("from"))))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("include"), str)
    )
    if paths:
        yield Selection(by="[tool.poetry] packages", paths=paths, is_poetrys=True)


def _uv(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://docs.astral.sh/uv/reference/settings/#package."""
    if _table(tool, "uv").get("package") is False:
        yield Selection(by="[tool.uv] package = false", nothing=True)


def _uv_alone(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """Where nothing builds it; see https://docs.astral.sh/uv/concepts/projects/config/#project-packaging."""
    if "uv" in tool and "package" not in _table(tool, "uv"):
        yield Selection(by="[tool.uv] without [build-system]", nothing=True)


def _pdm(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://backend.pdm-project.org/build_config/."""
    pdm = _table(tool, "pdm")
    if pdm.get("distribution") is False:
        yield Selection(by="[tool.pdm] distribution = false", nothing=True)
    build = _table(pdm, "build")
    if paths := _texts(build.get("includes")):
        yield Selection(by="[tool.pdm.build] includes", paths=tuple(map(include_of, paths)))
    if folder := _text(build.get("package-dir")):
        find = Find(root=clean_root(folder), namespaces=True)
        yield Selection(by="[tool.pdm.build] package-dir", finds=(find,))


def _hatch(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://hatch.pypa.io/latest/config/build/#packages."""
    build = _table(_table(tool, "hatch"), "build")
    wheel = _table(_table(build, "targets"), "wheel")
    for name, table in (("[tool.hatch.build.targets.wheel]", wheel), ("[tool.hatch.build]", build)):
        if table.get("bypass-selection") is True:
            yield Selection(by=f"{name} bypass-selection = true", nothing=True)
        for key in ("packages", "only-include", "include"):
            paths = [path.strip("/") for path in _texts(table.get(key)) if not set("*?[!") & set(path)]
            if paths:
                yield Selection(by=f"{name} {key}", paths=tuple(map(include_of, paths)))


def _flit(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://flit.pypa.io/en/stable/pyproject_toml.html#module-section."""
    if name := _text(_table(_table(tool, "flit"), "module").get("name")):
        yield Selection(by="[tool.flit.module] name", names=(name,), roots=_FLAT_OR_SRC)


def _uv_build(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://docs.astral.sh/uv/reference/settings/#build-backend."""
    build = _table(_table(tool, "uv"), "build-backend")
    stated = build.get("module-name")
    if names := _texts(stated if isinstance(stated, list) else [stated]):
        root = clean_root(_text(build.get("module-root", "src")))
        yield Selection(by="[tool.uv.build-backend] module-name", names=names, roots=(root,))


def _setuptools(tool: Mapping[str, Any]) -> Iterator[Selection]:
    """See https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html."""
    table = _table(tool, "setuptools")
    packages = table.get("packages")
    names, roots = select_setuptools(packages, table.get("py-modules"), table.get("package-dir"))
    find = _table(table, "packages").get("find")
    if isinstance(find, dict):
        finds = read_finds(find.get, namespaces=find.get("namespaces") is not False)
        yield Selection(by="[tool.setuptools.packages] find", names=names, roots=roots, finds=finds)
    elif names:
        key = "packages" if _texts(packages) else "py-modules"
        yield Selection(by=f"[tool.setuptools] {key}", names=names, roots=roots)


def select_setuptools(packages: object, modules: object, folders: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the roots of a selection, in the words that setuptools has in all of its files.

    Poetry cannot install a folder under another name than its own; such a package is looked for by its name.
    """
    roots = {}
    for name, folder in folders.items() if isinstance(folders, dict) else ():
        path, root = str(name).replace(".", "/"), clean_root(_text(folder))
        if not path:
            roots[""] = root
        elif f"/{root}".endswith(f"/{path}"):
            roots[path] = root.removesuffix(path).rstrip("/")
    return (*_texts(packages), *_texts(modules)), tuple(dict.fromkeys((roots.pop("", ""), *roots.values())))


def read_finds(get: Callable[[str], object], *, namespaces: bool) -> tuple[Find, ...]:
    """The options of ``packages.find``: ``where``, ``include`` and ``exclude``."""
    where = get("where")
    return tuple(
        Find(
            root=clean_root(root) if root else None,
            include=_texts(get("include")) or ("*",),
            exclude=_texts(get("exclude")),
            namespaces=namespaces,
        )
        for root in _texts(where if isinstance(where, list | tuple) else [where]) or ("",)
    )


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    """The texts of an array that say something."""
    return tuple(each for each in value if _text(each)) if isinstance(value, list | tuple) else ()
