"""What a set of artifacts would change in a folder, and that change shown as a diff."""

# Links are followed and looked at on purpose, which pathlib hides.

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from migrator.model.artifact import Artifact
from migrator.model.trouble import WorldError

from .durable import NotRegularError, explained, read_regular, show_path

JOURNAL = ".migrate-journal"
"""The file that stands in a folder while a commit is under way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewrite:
    """One file whose bytes change.

    ``path`` is the artifact's name for it, ``place`` the real file's when links on the way are followed; both are
    relative to the folder. ``old`` is None for a file that is not there yet.
    """

    path: str
    place: str
    old: bytes | None
    new: bytes


def find_rewrites(folder: str, artifacts: tuple[Artifact, ...]) -> tuple[Rewrite, ...]:
    """What would change in ``folder``, sorted by path; a file whose bytes are right already is no part of it.

    A link is followed as long as it stays in the folder.

    :raises WorldError: a path leads out of the folder, into ``.git``, to something that is no file, or twice to the
        same file; or a file cannot be read
    """
    root = os.path.realpath(folder)
    if os.path.lexists(root) and not os.path.isdir(root):
        raise WorldError("The output folder is a file: move it away or choose another folder with --output.")
    named: dict[str, str] = {}
    rewrites = []
    for artifact in sorted(artifacts, key=lambda a: a.path):
        place = _find_place(root, artifact.path)
        if place in named:
            raise WorldError(
                f"{show_path(named[place])} and {show_path(artifact.path)} are one and the same file, and both are to "
                "be written: replace the link by a file of its own."
            )
        named[place] = artifact.path
        old = _read_old(root, place, artifact.path)
        new = artifact.text.encode("utf-8")
        if old != new:
            rewrites.append(Rewrite(path=artifact.path, place=place, old=old, new=new))
    return tuple(rewrites)


def same(folder: str, artifacts: tuple[Artifact, ...]) -> bool:
    """Whether every artifact stands in ``folder`` already, byte for byte.

    :raises WorldError: as :func:`find_rewrites` does
    """
    return not find_rewrites(folder, artifacts)


def unified_diffs(folder: str, artifacts: tuple[Artifact, ...]) -> tuple[str, ...]:
    """What would change, one unified diff per file, sorted by path, as ``git apply`` and ``patch -p1`` take it.

    There is no date in it. A file that is no UTF-8 text is only named, as git does.

    :raises WorldError: as :func:`find_rewrites` does
    """
    return tuple(_show_diff(rewrite) for rewrite in find_rewrites(folder, artifacts))


def stays_inside(path: str) -> bool:
    """Whether ``path``, as text, names a file below a folder, and none that steers git or a commit of ours."""
    return all(
        part not in {"", ".", ".."}
        and "\0" not in part
        and os.path.basename(part) == part  # on Windows a backslash parts names, and "C:" leads elsewhere
        and not os.path.splitdrive(part)[0]
        and part.casefold() not in {".git", JOURNAL}
        for part in path.split("/")
    )


def _find_place(root: str, path: str) -> str:
    """The real file behind ``path``, relative to ``root``, with forward slashes."""
    if stays_inside(path):
        real = os.path.realpath(os.path.join(root, path))
        if os.path.splitdrive(real)[0] == os.path.splitdrive(root)[0]:
            place = os.path.relpath(real, root).replace(os.sep, "/")
            if stays_inside(place):
                return place
    raise WorldError(
        f"{show_path(path)} leads out of the output folder or into .git, and nothing is written there: "
        "put a file in its place or choose another folder with --output."
    )


def _read_old(root: str, place: str, shown: str) -> bytes | None:
    for parent in parents(place):
        full = os.path.join(root, parent)
        if os.path.lexists(full) and not os.path.isdir(full):
            raise _blocked(shown, f"{show_path(parent)} is no folder")
    with explained(shown, "read"):
        try:
            return read_regular(os.path.join(root, place))
        except IsADirectoryError:
            raise _blocked(shown, "a folder is there") from None
        except NotRegularError:
            raise _blocked(shown, "something is there that is no regular file") from None


def parents(place: str) -> Iterator[str]:
    """The folders on the way to ``place``, outermost first."""
    parts = place.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _blocked(path: str, why: str) -> WorldError:
    return WorldError(f"{show_path(path)} cannot be written because {why}: move it away (nothing was changed).")


def _show_diff(rewrite: Rewrite) -> str:
    old, new = _decode(rewrite.old or b""), _decode(rewrite.new)
    before, after = _quote(f"a/{rewrite.place}"), _quote(f"b/{rewrite.place}")
    head = f"diff --git {before} {after}\n"  # without it, a new file that is empty cannot be told, having no hunk
    if rewrite.old is None:
        head, before = f"{head}new file mode 100644\n", "/dev/null"
    if old is None or new is None:
        return f"{head}Binary files {before} and {after} differ\n"
    hunks = islice(difflib.unified_diff(list(_split_lines(old)), list(_split_lines(new))), 2, None)
    body = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in hunks)
    return f"{head}--- {before}{_tab(before)}\n+++ {after}{_tab(after)}\n{body}" if body else head


def _decode(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _split_lines(text: str) -> Iterator[str]:
    """The lines as git sees them; ``str.splitlines`` also breaks at form feeds and lone carriage returns."""
    return (match[0] for match in re.finditer(r"[^\n]*\n|[^\n]+\Z", text))


def _quote(name: str) -> str:
    """``name`` as git writes it in a diff: in C's quotes where it holds what would end or bend the line."""
    if name.isprintable() and not set(name) & set('"\\'):
        return name
    return (
        '"' + re.sub(rb"[^ !#-\[\]-~]", lambda match: b"\\%03o" % match[0][0], os.fsencode(name)).decode("ascii") + '"'
    )


def _tab(name: str) -> str:
    """A name with a space is ended by a tab, or ``patch`` takes its last word for a date."""
    return "\t" if " " in name and not name.startswith('"') else ""
