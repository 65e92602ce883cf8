"""What stands beside the requirement files and helps planning. No format of its own, so there is no ``READER``."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.finding import Finding
from migrator.model.native import NIX_FIRST_LINE
from migrator.model.surroundings import Surroundings
from migrator.model.tree import Tree

from .build_tools import PATH
from .code import read_code
from .dockerfile import read_system_packages
from .layout import read_layout
from .leftovers import find_leftovers
from .machine import read_machine_hints
from .pyproject import read_pyproject
from .setuptools import read_setup_cfg, read_setup_py

__all__ = ["find_leftovers", "read_surroundings"]


def read_surroundings(tree: Tree) -> tuple[Surroundings, tuple[Finding, ...]]:
    """What the project's folder, the root of ``tree``, says beside its requirement files, and what is wrong with it.

    Of the metadata pyproject.toml counts first, then setup.cfg, then setup.py. Nothing is run: setup.py and the
    project's modules are parsed only. A pyproject.toml that cannot be merged into is a STOP finding; whatever else
    cannot be read here says nothing, because the requirement files speak for themselves.

    :raises migrator.model.trouble.WorldError: a file of the project's folder may not be read
    """
    pyproject = read_pyproject(tree.read(PATH))
    stated = (
        pyproject.metadata,
        read_setup_cfg(tree.read("setup.cfg") or b""),
        read_setup_py(tree.read("setup.py") or b""),
    )
    layout = read_layout(tree, stated)
    code = read_code(tree, layout.places)
    names = tree.list(".")
    surroundings = Surroundings(
        name=_first(each.name for each in stated),
        version=_first(each.version for each in stated),
        description=_first(each.description for each in stated),
        licence=_first(each.licence for each in stated),
        authors=next((each.authors for each in stated if each.authors), ()),
        pyproject=pyproject.text,
        has_project_table=pyproject.has_project_table,
        has_poetry_table=pyproject.has_poetry_table,
        existing=pyproject.existing,
        record=pyproject.record,
        python_hints=(*(hint for each in stated for hint in each.python_hints), *read_machine_hints(tree)),
        layout=layout,
        scripts=next((each.scripts for each in stated if each.scripts), ()),
        imports=code.imports,
        test_imports=code.test_imports,
        has_poetry_toml="poetry.toml" in names,
        system_packages=read_system_packages(tree),
        nix_files=tuple(name for name in names if name.endswith(".nix")),
        own_default_nix=_is_the_users(tree, "default.nix"),
        own_shell_nix=_is_the_users(tree, "shell.nix"),
        own_flake=_is_the_users(tree, "flake.nix"),
    )
    return surroundings, pyproject.findings


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _is_the_users(tree: Tree, path: str) -> bool:
    content = tree.read(path)
    return content is not None and not content.startswith(NIX_FIRST_LINE.encode())
