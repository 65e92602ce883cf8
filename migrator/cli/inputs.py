"""Which files a command is about."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from migrator.model.project import DEVELOPER_GROUPS, MAIN
from migrator.model.reader import Input, Reader
from migrator.model.trouble import UsageError, WorldError
from migrator.readers import load_reader, reader_names

_OF_A_PROJECT = (".git", "pyproject.toml", "setup.py", "setup.cfg")
"""What stands in the folder of a project, and in none that is part of one."""
_BESIDE_REQUIREMENTS = (".txt", ".in", ".pip", ".md", ".rst")
"""All that stands in ``requirements/python3`` or ``requirements/generated``."""

CheckWithNix = Annotated[
    bool, typer.Option("--check-with-nix", help="Ask the Nix of this machine whether an expression was read rightly.")
]


def refuse_unevaluable(reader: Reader) -> None:
    """Only an expression can be laid before Nix.

    :raises UsageError: the format is another one
    """
    if not reader.evaluable:
        raise UsageError(f"--check-with-nix is for expressions of Nix; {reader.name} files are none")


def read_pair(text: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of ``LEFT=RIGHT``.

    :raises UsageError: one of them is missing; it names the ``option`` and its ``form``
    """
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise UsageError(f"{option} takes {form}, not {text!r}")
    return left, right


def find_inputs(
    reader: Reader, files: list[str], options: dict[str, Any], folder: str | None = None
) -> tuple[str, tuple[Input, ...]]:
    """The project's folder, and the files to read relative to it; without ``files`` it is ``folder``, or this one."""
    from migrator.tools.disk import DiskTree

    if reader.whole_project:
        return _find_project(reader, files or ([folder] if folder else []), options)
    named: list[tuple[str, str | None, bool]] = [(path, None, False) for path in files]
    named += [(path, "dev", False) for path in options["dev"] or []]
    for text in options["group"] or []:
        group, path = read_pair(text, "--group", "NAME=FILE")
        named.append((path, group, False))
    named += [(path, None, True) for path in options["constraints"] or []]
    here = DiskTree(os.getcwd())
    for path, _, _ in named:
        if here.is_folder(path):
            raise WorldError(f"{path} is a folder; name a file in it")
        if here.read(path) is None:
            raise WorldError(f"{path} does not exist; name an existing file")
    root = os.path.abspath(os.path.dirname(files[0])) if files else os.path.abspath(folder or ".")
    if folder is None:
        root = _find_root(root)
    if named and not files:
        # "--dev FILE" alone adds to what is found here
        found = reader.discover(DiskTree(root))
        named = [(os.path.join(root, given.path), given.group, given.constraint) for given in found] + named
    inputs: dict[str, Input] = {}
    for path, wished, constraint in named:
        relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
        group = wished or reader.group_of(relative)
        if wished is None and files and path == files[0] and group not in DEVELOPER_GROUPS:
            group = MAIN  # whatever it is called, it is what the user came for
        inputs[relative] = Input(path=relative, constraint=constraint, group=group)
    return root, tuple(inputs.values())


def _find_root(folder: str) -> str:
    """The project around a folder that only keeps files of it: ``requirements``, what is in there, ``nix``.

    Any other folder is a project itself.
    """
    from migrator.tools.disk import DiskTree

    if os.path.basename(folder) == "nix":  # a project may well be called so itself
        tree = DiskTree(folder)
        whole = any(tree.is_folder(path) or tree.read(path) is not None for path in _OF_A_PROJECT)
        return folder if whole else os.path.dirname(folder)
    around = os.path.dirname(folder)
    if os.path.basename(around) == "requirements" and _keeps_requirements_only(folder):
        folder = around
    return os.path.dirname(folder) if os.path.basename(folder) == "requirements" else folder


def _keeps_requirements_only(folder: str) -> bool:
    from migrator.tools.disk import DiskTree

    try:
        return all(name.endswith(_BESIDE_REQUIREMENTS) for name in DiskTree(folder).list("."))
    except WorldError:  # its files may be read, and nobody may list them
        return False


def _find_project(reader: Reader, files: list[str], options: dict[str, Any]) -> tuple[str, tuple[Input, ...]]:
    """The folder of a project that one file describes; the folder itself may be named in its place."""
    from migrator.tools.disk import DiskTree

    for option in ("group", "dev", "constraints"):
        if options[option]:
            raise UsageError(f"--{option} names a further file; from-{reader.name} takes none, and knows its groups")
    if len(files) > 1:
        raise UsageError(f"from-{reader.name} takes one project at a time, not {' and '.join(map(repr, files))}")
    named = files[0] if files else "."
    here = DiskTree(os.getcwd())
    if here.is_folder(named):
        return os.path.abspath(named), ()  # found there, by the reader
    if here.read(named) is None:
        raise WorldError(f"{named} does not exist; name an existing file, or its folder")
    if not reader.recognises(os.path.basename(named), (here.read(named) or b"")[:4096]):
        raise WorldError(f"{named} is none of the files that from-{reader.name} reads ({reader.summary})")
    return os.path.abspath(os.path.dirname(named)), (Input(path=os.path.basename(named)),)


def recognise(file: str) -> Reader:
    """The format of an existing file, by its name and its first bytes.

    :raises WorldError: there is no such file, or no format claims it
    """
    from migrator.tools.disk import DiskTree

    tree = DiskTree(os.getcwd())
    if tree.is_folder(file):
        raise WorldError(f"{file} is a folder; name a file in it")
    content = tree.read(file)
    if content is None:
        raise WorldError(f"{file} does not exist; name an existing file")
    return recognise_content(file, content)


def recognise_content(file: str, content: bytes) -> Reader:
    """The format of a file by its name and its content.

    :raises WorldError: no format claims it
    """
    for name in reader_names():
        reader = load_reader(name)
        if reader.recognises(os.path.basename(file), content[:4096]):
            return reader
    raise WorldError(f"{file} is of no format that migrate reads ({', '.join(reader_names())})")
