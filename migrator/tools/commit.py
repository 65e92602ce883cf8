"""Several files into one folder, all or none, whatever happens on the way.

No file system renames several files at once, so a commit goes like this, each step on the disk before the next:

1. the journal is written: which files, what they hold now and what they will hold;
2. the new bytes are written beside each file, and the old file gets a second name beside it;
3. the new files are renamed into place, one by one: each file is whole at every instant;
4. the journal says that the commit is done: from here on recovery only clears away;
5. the second names of the old files go, then the journal.

Killed before 4 and recovered, the folder is as before, down to each file's inode and times; killed after it, as after.
Recovery looks at bytes, not at how far somebody says to have come; a file that is neither as before nor as after was
changed by somebody else in between, and then nothing is touched.

The new file has the mode of the old one (and its owner, where the system allows it), or what the umask leaves. A link
stays a link, the file it leads to is replaced, as long as that is in the folder. Other hard links of a replaced file
keep the old bytes; access control lists and extended attributes are not carried over.
"""

# Each call of the system counts here, and pathlib hides which one it makes.

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.model.artifact import Artifact
from migrator.model.finding import Code, Finding, Severity
from migrator.model.trouble import WorldError

from .durable import (
    digest,
    explained,
    interrupts_deferred,
    read_regular,
    show_path,
    sync_folder,
    write_like,
)
from .journal import Entry, HeldJournal, Journal, State, create, reopen
from .rewrite import JOURNAL, Rewrite, find_rewrites, parents


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """What became of an interrupted commit: ``completed`` or else rolled back; ``paths`` are its files, sorted."""

    completed: bool
    paths: tuple[str, ...]

    @property
    def finding(self) -> Finding:
        """The same in words."""
        files = ", ".join(show_path(path) for path in self.paths)
        if not self.paths:
            message = "An interrupted run of migrate, which had not written anything yet, was cleared away."
        elif self.completed:
            message = f"An interrupted run of migrate had written all its files and was cleared up after: {files}."
        else:
            message = f"An interrupted run of migrate was rolled back; as before it are: {files}."
        return Finding(code=Code.JOURNAL_RECOVERED, severity=Severity.NOTE, message=message)


def commit(folder: str, artifacts: tuple[Artifact, ...]) -> tuple[str, ...]:
    """Write ``artifacts`` into ``folder`` (made when it is missing), all or none; the paths that changed, sorted.

    A file whose bytes are right already is not touched. Ctrl-C before all files are in place rolls back.

    :raises WorldError: they cannot all be written, or another migrate is at work or was interrupted here; nothing
        was changed, unless the sentence says that the journal has to put it in order
    """
    if not find_rewrites(folder, artifacts):
        return ()
    root = os.path.realpath(folder)
    with interrupts_deferred() as stop_if_interrupted, _made_folder(root) as made, create(root) as held:
        try:
            rewrites = find_rewrites(root, artifacts)  # what counts is what stands there now that it is ours alone
            _refuse_protected(root, rewrites)
            journal = _plan_journal(root, rewrites, made=made)
        except BaseException:
            with explained("The output folder"):
                held.remove()
            raise
        _write_all_or_none(root, held, journal, rewrites, stop_if_interrupted)
    return tuple(rewrite.path for rewrite in rewrites)


def pending(folder: str) -> bool:
    """Whether a commit into ``folder`` is under way or was interrupted; looks only."""
    return os.path.lexists(os.path.join(folder, JOURNAL))


def recover(folder: str) -> Recovery | None:
    """Put ``folder`` in order after an interrupted commit: as before or as after. None when there is nothing to do.

    Interrupted itself, it can be run again.

    :raises WorldError: another migrate is at work, the journal is damaged or none of ours, or a file of it was changed
        since; nothing was touched then
    """
    root = os.path.realpath(folder)
    with interrupts_deferred(), reopen(root) as held, explained("The output folder", "put in order", ""):
        if held is None:
            return None
        state, journal = held.read()
        if journal is None:
            held.remove()
            return Recovery(completed=False, paths=())
        _refuse_links(root, journal)
        if state is State.COMMITTED:
            _clear_away(root, journal)
            held.remove()
        else:
            _put_back(root, held, journal)
        places = tuple(sorted(entry.place for entry in journal.entries))
        return Recovery(completed=state is State.COMMITTED, paths=places)


def _write_all_or_none(
    root: str,
    held: HeldJournal,
    journal: Journal,
    rewrites: tuple[Rewrite, ...],
    stop_if_interrupted: Callable[[], None],
) -> None:
    try:
        with explained("The output folder"):
            held.publish(journal)
        for folder in filter(None, journal.folders):
            with explained(folder):
                os.mkdir(os.path.join(root, folder))
        for number, rewrite in enumerate(rewrites):
            stop_if_interrupted()
            with explained(rewrite.path):
                _stage(root, journal, number, rewrite)
        with explained("The output folder"):
            _sync_folders(root, journal)
        for number, rewrite in enumerate(rewrites):
            stop_if_interrupted()
            with explained(rewrite.path):
                os.replace(os.path.join(root, journal.beside(number, "new")), os.path.join(root, rewrite.place))
        stop_if_interrupted()
        with explained("The output folder"):
            _sync_folders(root, journal)
            held.mark_committed()
    except BaseException as error:
        _undo(root, held, journal, error)
        raise
    with contextlib.suppress(OSError):  # all is written; what cannot be cleared away now, the next run clears away
        _remove_beside(root, journal)
        held.remove()


def _undo(root: str, held: HeldJournal, journal: Journal, error: BaseException) -> None:
    try:
        _put_back(root, held, journal)
    except (OSError, WorldError) as second:
        raise WorldError(
            f"{_without_stop(error)}, and putting the old files back failed too: leave {JOURNAL} and the files named "
            ".migrate-… where they are, mend that and run migrate again, it first puts the folder in order."
        ) from second


def _without_stop(error: BaseException) -> str:
    return (str(error) or "The commit was interrupted").removesuffix(".").removesuffix(" (nothing was changed)")


def _stage(root: str, journal: Journal, number: int, rewrite: Rewrite) -> None:
    """Write the new bytes beside the file, and give the old file its second name."""
    place = os.path.join(root, rewrite.place)
    write_like(place, os.path.join(root, journal.beside(number, "new")), rewrite.new)
    if rewrite.old is not None:
        beside = os.path.join(root, journal.beside(number, "old"))
        try:
            os.link(place, beside)
        except OSError:  # not every file system has hard links, and some forbid those to another's files
            write_like(place, beside, rewrite.old)
            shutil.copystat(place, beside)


def _put_back(root: str, held: HeldJournal, journal: Journal) -> None:
    _roll_back(root, journal)
    for folder in filter(None, reversed(journal.folders)):
        _remove_folder(os.path.join(root, folder))
    held.remove()
    if "" in journal.folders:
        _remove_folder(root)


def _roll_back(root: str, journal: Journal) -> None:
    """Bring every file back to what it was; touches nothing when one of them is somebody else's by now."""
    restore = []
    for number, entry in enumerate(journal.entries):
        now = _digest_at(root, entry.place)
        if now == entry.old:
            continue
        old_is_kept = entry.old is None or _digest_at(root, journal.beside(number, "old")) == entry.old
        if now != entry.new or not old_is_kept:
            raise WorldError(
                f"{show_path(entry.place)} was changed after an interrupted run of migrate, and nothing was touched: "
                f"its old bytes are in {show_path(journal.beside(number, 'old'))} if that is there; decide which you "
                f"want, move {JOURNAL} away, then run migrate again."
            )
        restore.append((number, entry))
    for number, entry in restore:
        place = os.path.join(root, entry.place)
        if entry.old is None:
            os.unlink(place)
        else:
            os.replace(os.path.join(root, journal.beside(number, "old")), place)
    _sync_folders(root, journal)  # what was put back is safe before anything that could put it back goes
    _remove_beside(root, journal)


def _clear_away(root: str, journal: Journal) -> None:
    for number, entry in enumerate(journal.entries):
        if entry.old is not None and _digest_at(root, journal.beside(number, "old")) not in {None, entry.old}:
            raise WorldError(
                f"{show_path(journal.beside(number, 'old'))} is not what {JOURNAL} says of it, and nothing was "
                "touched: move both away, then run migrate again."
            )
    _remove_beside(root, journal)


def _remove_beside(root: str, journal: Journal) -> None:
    for number in range(len(journal.entries)):
        for suffix in ("new", "old"):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(os.path.join(root, journal.beside(number, suffix)))
    _sync_folders(root, journal)


def _remove_folder(path: str) -> None:
    with contextlib.suppress(OSError):  # somebody else's file is in it by now, or it was never made
        os.rmdir(path)


def _sync_folders(root: str, journal: Journal) -> None:
    names = (*(entry.place for entry in journal.entries), *filter(None, journal.folders))
    for parent in sorted({os.path.dirname(name) for name in names} | {""}):
        with contextlib.suppress(FileNotFoundError):
            sync_folder(os.path.join(root, parent))


def _digest_at(root: str, place: str) -> str | None:
    with explained(place, "put in order", ""):
        try:
            data = read_regular(os.path.join(root, place))
        except NotADirectoryError:
            return None
    return None if data is None else digest(data)


def _plan_journal(root: str, rewrites: tuple[Rewrite, ...], *, made: bool) -> Journal:
    missing = {
        parent
        for rewrite in rewrites
        for parent in parents(rewrite.place)
        if not os.path.lexists(os.path.join(root, parent))
    }
    entries = (Entry(place=r.place, old=None if r.old is None else digest(r.old), new=digest(r.new)) for r in rewrites)
    return Journal(entries=tuple(entries), folders=("",) * made + tuple(sorted(missing)))


def _refuse_protected(root: str, rewrites: tuple[Rewrite, ...]) -> None:
    """A rename would replace a write-protected file without asking."""
    effective = os.access in os.supports_effective_ids
    for rewrite in rewrites:
        place = os.path.join(root, rewrite.place)
        if rewrite.old is not None and not os.access(place, os.W_OK, effective_ids=effective):
            raise WorldError(
                f"{show_path(rewrite.path)} cannot be written because it is write-protected: "
                "give yourself the right to write it, then run migrate again (nothing was changed)."
            )


def _refuse_links(root: str, journal: Journal) -> None:
    """A place in a journal has its links followed already; one that has links is made to lead elsewhere."""
    for entry in journal.entries:
        parent = os.path.join(root, os.path.dirname(entry.place)).rstrip(os.sep)
        if os.path.realpath(parent) != os.path.normpath(parent):
            raise WorldError(
                f"{JOURNAL} names {show_path(entry.place)}, which a link leads elsewhere, and nothing was touched: "
                "move that file away, then run migrate again."
            )


@contextlib.contextmanager
def _made_folder(root: str) -> Iterator[bool]:
    """Make the folder ``root`` and those above it where they are missing; on failure they go again."""
    missing = []
    path = root
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    try:
        with explained("The output folder"):
            os.makedirs(root, exist_ok=True)
        yield bool(missing)
    except BaseException:
        for path in missing:
            _remove_folder(path)
        raise
