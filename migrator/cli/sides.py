"""The two inputs that ``migrate diff`` is given: files, or files of a commit."""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from migrator.model.trouble import WorldError

from .inputs import recognise_content

if TYPE_CHECKING:
    from migrator.pipeline.diff import Given
    from migrator.tools.git import Repository


@contextlib.contextmanager
def open_sides(*texts: str) -> Iterator[tuple[Given, ...]]:
    """What each of ``texts`` names: an existing file, else ``REV:PATH`` of the repository around here.

    :raises WorldError: it names nothing that could be read
    """
    with contextlib.ExitStack() as stack:
        repositories: list[Repository] = []

        def repository() -> Repository:
            from migrator.tools.git import Repository

            if not repositories:
                repositories.append(stack.enter_context(Repository(os.getcwd())))
            return repositories[0]

        found = []
        for text in texts:
            given = _find_file(text)
            found.append(given if given is not None else _find_in_commit(text, repository))
        yield tuple(found)


def _find_file(text: str) -> Given | None:
    from migrator.pipeline.diff import Given
    from migrator.tools.disk import DiskTree

    here = DiskTree(os.getcwd())
    if here.is_folder(text):
        raise WorldError(f"{text} is a folder; name a file in it")
    content = here.read(text)
    if content is None:
        return None
    folder, name = os.path.split(text)
    return Given(
        label=name if os.path.isabs(text) else text.replace(os.sep, "/"),
        place="" if os.path.isabs(text) or not folder else folder.replace(os.sep, "/") + "/",
        tree=DiskTree(os.path.abspath(folder)),
        path=name,
        reader=recognise_content(text, content),
    )


def _find_in_commit(text: str, repository: Callable[[], Repository]) -> Given:
    from migrator.pipeline.diff import Given
    from migrator.tools.git import split_revision

    named = split_revision(text)
    if named is None:
        raise WorldError(f"{text} does not exist; name an existing file, or REV:PATH for one of a commit")
    revision, path = named
    try:
        commit, place = repository().commit(revision), repository().place(path)
    except WorldError as error:
        raise WorldError(f"{text} is no file here, and as REV:PATH it cannot be read: {error}") from error
    content = commit.read(place)
    if content is None and commit.is_folder(place):
        raise WorldError(f"{text} is a folder in that commit; name a file in it")
    if content is None and (target := commit.link(place)) is not None:
        raise WorldError(f"{text} is a symbolic link to {target} in that commit; name the file itself")
    if content is None and commit.passed:
        passed = commit.passed[0]
        raise WorldError(f"{text} is not read, because {passed.path} is {passed.kind} in that commit")
    folder, name = posixpath.split(place)
    return Given(
        label=text,
        place=f"{revision}:{folder}/" if folder else f"{revision}:",
        revision=revision,
        tree=commit.below(folder),
        path=name,
        reader=None if content is None else recognise_content(text, content),
    )
