"""The report of a migration, as a document: for a reviewer who knows neither Poetry nor Nix and sees nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.model.artifact import Ownership
from migrator.model.finding import Finding
from migrator.model.form import REPORT_MARK
from migrator.model.outcome import Ended, Outcome
from migrator.model.project import MAIN

from .document import Cell, Code, Commands, Document, Inline, Item, Items, Section, Table, Text, listed
from .finding_items import show_finding
from .inert import hide_credentials
from .migration_tables import lay_out_direct, lay_out_leftovers
from .movement import Difference, Move
from .natives import Native
from .summary import Login, Place, Summary, WrittenFile, summarise
from .wording import count_of, join_words, old_tool

_MOVED = "Versions that moved, appeared or went"
_LEFTOVERS = "What still names the old tool"
_EYES = "What needs your eyes"
_DIFFERENCES = "What else differs in the lock"
_DUTIES = "What to do now"

_RANKS = (
    "The direct dependencies and their native inputs, drawn",
    _DIFFERENCES,
    "Also good to know",
    _MOVED,
    "What was not carried over, and why",
    _LEFTOVERS,
    "What was inferred, and from what",
    "Native inputs and overrides",
    "Direct dependencies",
    "How to go back",
    "Files",
    "Sources and credentials",
    _DUTIES,
    _EYES,
)
"""What matters least comes first: in a report that is too long it is shortened first."""


def describe_migration(outcome: Outcome) -> Document:
    """All that there is to say of ``outcome``, credentials hidden; parts with nothing in them are left out."""
    summary = summarise(hide_credentials(outcome))
    sections = (section for section in _list_sections(summary) if section.before or section.body)
    return Document(
        mark=REPORT_MARK,
        title=f"Migration to Poetry: {summary.project}" if summary.project else "Migration to Poetry",
        verdict=f"{summary.verdict}.",
        lead=tuple(_introduce(summary)),
        sections=tuple(sections),
    )


def _introduce(summary: Summary) -> Iterator[str]:
    if summary.ended is Ended.STOPPED:
        yield "No file was changed. What stopped it comes first below, each with what to do; then run it again."
        return
    if not summary.direct and not summary.locked:
        return
    names = [f"`{name}`" for name in summary.sources[:5] if "`" not in name]
    if len(names) < len(summary.sources):
        names.append(count_of(len(summary.sources) - len(names), "more file" if names else "file"))
    said = join_words(tuple(names)) or "other files"
    lock = ", and `poetry.lock` names each package with its one version and the hashes of its files"
    yield (
        f"Until now {said} said what this project installs. With this change Poetry can install it"
        f"{', and Nix can build it' if summary.nix_pythons else ''}: `pyproject.toml` says what the project asks for"
        f"{lock if summary.locked else ''}."
    )
    if summary.locked:
        yield (
            "The old files stay, and whatever installs from them goes on as before: production changes on the day when "
            f'it installs from `poetry.lock`, as "{_DUTIES}" tells. {_tell_difference(summary)}'
        )
    if summary.counts.pins and summary.locked:
        locker = f", made by Poetry {summary.poetry}," if summary.poetry else ""
        yield (
            f"A version is kept when the new `poetry.lock`{locker} names the one that the old files pinned; a hash set "
            f"is proven when every hash that they had for it stands in the lock.{_tell_unproven(summary)}"
        )


def _tell_unproven(summary: Summary) -> str:
    unproven = summary.counts.hash_sets - summary.counts.proven
    if not unproven:
        return ""
    parts = ((_EYES, summary.told(Place.EYES)), (_MOVED, summary.moves), (_DIFFERENCES, summary.differences))
    where = join_words(tuple(f'"{title}"' for title, rows in parts if rows))
    return f" That is not so for {unproven} of them{f': look under {where}' if where else ''}."


def _tell_difference(summary: Summary) -> str:
    if not summary.counts.pins:
        return "The old files pinned no version, so the lock holds the newest that fit."
    kinds = {move.kind for move in summary.moves}
    if kinds & {"moved", "went"}:
        return f'Each version that was pinned stays, except for those that "{_MOVED}" lists.'
    more = f', and "{_MOVED}" lists what nobody had pinned' if kinds else ""
    if summary.counts.overridden:
        more += f'; in the place of {summary.counts.overridden} of them production ran something else, see "{_EYES}"'
    return f"Each version that was pinned stays{more}."


def _list_sections(summary: Summary) -> Iterator[Section]:
    yield _show_eyes(summary)
    yield _show_direct(summary)
    yield _show_moves(summary)
    yield _table(
        _DIFFERENCES,
        ("Package", "Version", "What", "Before", "Now", "Why"),
        tuple(map(_difference_cells, summary.differences)),
        after=_explain_differences(summary),
        folded=True,
    )
    yield _show_natives(summary)
    yield _show_picture(summary)
    yield _table(
        "Sources and credentials",
        ("Source", "Address", "Priority", "From", "Credentials"),
        tuple(map(_login_cells, summary.logins)),
        after="Credentials never stand in a written file: set the two variables wherever `poetry` runs.",
    )
    yield _show_inferred(summary)
    yield _list("What was not carried over, and why", summary.told(Place.NOT_CARRIED))
    yield _list("Also good to know", summary.told(Place.TOLD))
    yield _show_files(summary)
    yield _show_leftovers(summary.told(Place.LEFTOVERS))
    yield _show_duties(summary)
    yield _show_undo(summary)


def _section(title: str, **fields: object) -> Section:
    return replace(Section(title=title, rank=_RANKS.index(title)), **fields)  # type: ignore[arg-type]


def _table(title: str, header: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], **fields: object) -> Section:
    return _section(title, body=Table(header=header, rows=rows), **fields) if rows else _section(title)


def _list(title: str, findings: tuple[Finding, ...], *, before: str = "") -> Section:
    if not findings:
        return _section(title)
    return _section(title, body=Items(rows=tuple(map(show_finding, findings))), before=before)


def _show_eyes(summary: Summary) -> Section:
    rows = tuple(show_finding(finding, weigh=True) for finding in summary.told(Place.EYES))
    return _section(_EYES, body=Items(rows=rows)) if rows else _section(_EYES, before="Nothing.")


def _show_direct(summary: Summary) -> Section:
    if not summary.direct:
        return _section("Direct dependencies")
    before = "What the project itself asks for from now on; what these packages need in turn stands in the lock only."
    before = "" if summary.ended is Ended.STOPPED else before
    table, after = lay_out_direct(summary.direct)
    return _section("Direct dependencies", body=table, before=before, after=after)


def _show_moves(summary: Summary) -> Section:
    rows = tuple(map(_move_cells, summary.moves))
    kinds = {move.kind for move in summary.moves}
    after = ""
    if "appeared" in kinds:
        after = (
            "What appeared was pinned nowhere before. Where a condition stands beside it, it is installed only where "
            "that holds."
        )
    part = _table(_MOVED, ("", "Package", "Before", "Now", "Why"), rows, after=after)
    if not summary.locked or kinds - {"appeared"}:
        return part
    return replace(part, before="No version of before moved or went." if rows else "None.")


def _move_cells(move: Move) -> tuple[Cell, ...]:
    values = (Code(text=move.name), Code(text=move.old), Code(text=move.new))
    return ((Text(text=move.kind),), *((value,) for value in values), (Text(text=move.why),))


def _difference_cells(row: Difference) -> tuple[Cell, ...]:
    kind: type[Inline] = Text if row.kind.startswith("hashes") else Code
    return (
        (Code(text=row.name),),
        (Code(text=row.version),),
        (Text(text=row.kind),),
        (kind(text=row.old),),
        (kind(text=row.new),),
        (Text(text=row.why),),
    )


def _show_natives(summary: Summary) -> Section:
    rows = tuple(map(_native_cells, summary.natives))
    before = (
        "Only for those who build with Nix: what these packages need beside Python. The override table is the list in "
        "the new Nix file that gives it to them. A wheel is the ready-made file that pip installs too; all else is "
        "built from source."
    )
    either = any(" or " in name for row in summary.natives for name in row.inputs)
    after = "`a or b` takes the first that nixpkgs has." if either else ""
    header = ("Package", "Needs", "Provided by", "Why")
    return _table("Native inputs and overrides", header, rows, before=before, after=after)


def _explain_differences(summary: Summary) -> str:
    if not any(row.kind == "hashes" and "more file" in row.new for row in summary.differences):
        return ""
    return (
        "More files of the same release are other builds of the same version: the old files named the hashes of some, "
        "the lock names those of all."
    )


def _native_cells(row: Native) -> tuple[Cell, ...]:
    return (
        (Code(text=row.package),),
        listed(Code(text=name) for name in row.inputs),
        (Text(text=row.provider),),
        (Text(text=row.why),),
    )


def _show_picture(summary: Summary) -> Section:
    if summary.picture is None or summary.ended is Ended.STOPPED:
        return _section(_RANKS[0])
    return _section(_RANKS[0], body=summary.picture, folded=True)


def _login_cells(row: Login) -> tuple[Cell, ...]:
    need = "taken out of the old file: " if row.stated else "none stated; where it asks, "
    if row.variables:
        user, password = row.variables
        ways: Cell = (Text(text=f"{need}set "), Code(text=user), Text(text=" and "), Code(text=password))
    else:
        ways = (Text(text=f"{need}run "), Code(text=row.command))
    values = (Code(text=row.name), Code(text=row.url), Text(text=row.priority), Code(text=row.origin))
    return (*((value,) for value in values), ways)


def _show_inferred(summary: Summary) -> Section:
    rows = [show_finding(finding) for finding in summary.told(Place.INFERRED)]
    if summary.python:
        why = summary.python_why or "as stated"
        rows.insert(0, Item(head=(Text(text="the range of Pythons is"), Code(text=summary.python)), text=why))
    if summary.nix_pythons:
        rows.insert(bool(summary.python), _show_interpreter(summary.nix_pythons))
    if not rows:
        return _section("What was inferred, and from what")
    return _section("What was inferred, and from what", body=Items(rows=tuple(rows)))


def _show_interpreter(attributes: tuple[str, ...]) -> Item:
    other = attributes[min(1, len(attributes) - 1)]
    return Item(
        head=(Text(text="Nix builds with"), Code(text=attributes[0])),
        text="or the next older Python that nixpkgs has: the newest of the range, whatever production runs today",
        advice=f"Name another one where it is built: `--arg python '(import <nixpkgs> {{}}).{other}'`",
    )


_FILES = {
    Ended.WRITTEN: "Files written",
    Ended.UNCHANGED: "Files",
    Ended.DRY_RUN: "Files that would be written",
    Ended.STOPPED: "Files",
}
_OWNERS = {
    Ownership.GENERATED: "generated: a later run may overwrite it",
    Ownership.MERGED: "yours: a later run changes our parts only",
    Ownership.SEEDED: "yours from now on",
    None: "",
}
_PURPOSES = {
    "pyproject.toml": "what the project asks for, read by Poetry",
    "poetry.lock": "every package with its version and hashes, made and read by Poetry",
    "default.nix": "builds the project with Nix",
    "migrator.nix": "builds the project with Nix",
    "shell.nix": "a shell with all of it, for developers with Nix",
    "migrator-shell.nix": "a shell with all of it, for developers with Nix",
    "flake.nix": "the same for Nix flakes",
}


def _show_files(summary: Summary) -> Section:
    told = any(not file.changed for file in summary.files)
    header = ("File", "What it is for", *(("Changed",) if told else ()), "Whose it is")
    rows = tuple(_file_cells(file, told=told) for file in summary.files)
    return replace(_table("Files", header, rows), title=_FILES[summary.ended])


def _file_cells(file: WrittenFile, *, told: bool) -> tuple[Cell, ...]:
    changed = "yes" if file.changed else "no"
    return (
        (Code(text=file.path),),
        (Text(text=_PURPOSES.get(file.path, "")),),
        *(((Text(text=changed),),) if told else ()),
        (Text(text=_OWNERS[file.ownership]),),
    )


def _show_leftovers(findings: tuple[Finding, ...]) -> Section:
    if not findings:
        return _section(_LEFTOVERS)
    return _section(_LEFTOVERS, body=lay_out_leftovers(findings), before="These lines were not edited.")


def _show_duties(summary: Summary) -> Section:
    """Who has to do what. Nothing of it follows from an input but numbers and which files there are."""
    if summary.ended is Ended.STOPPED or not summary.direct:
        return _section(_DUTIES)
    rows = tuple(((Text(text=who),), (Text(text=what),)) for who, what in _list_duties(summary))
    return _table(_DUTIES, ("Who", "What"), rows)


def _list_duties(summary: Summary) -> Iterator[tuple[str, str]]:
    yield "whoever reviews this", _tell_reviewers(len(summary.told(Place.EYES)))
    if any(row.stated for row in summary.logins):
        yield "whoever has the credentials", 'Set the variables under "Sources and credentials" wherever Poetry runs.'
    if not summary.locked:
        yield "whoever goes on from here", "Lock before anything is installed: nothing names the versions of today yet."
        return
    names = {file.path for file in summary.files}
    yield "developers", _tell_developers(names)
    yield "whoever builds and deploys", _tell_deployers(summary, names)
    yield (
        "everybody, from then on",
        "`poetry add NAME` adds a package, `poetry update NAME` moves one, and both files are committed each time.",
    )
    yield (
        "whoever cleans up",
        "Delete the old files when nothing reads them any more; until then `migrate check` compares old and new.",
    )


def _tell_reviewers(eyes: int) -> str:
    decide = f'Decide on the {count_of(eyes, "thing")} under "{_EYES}".' if eyes else "Nothing needs a decision."
    return f"{decide} Read the direct dependencies once: they are what is kept up to date from now on."


def _tell_developers(names: set[str]) -> str:
    shell = next((name for name in ("migrator-shell.nix", "shell.nix") if name in names), "")
    enter = "`nix-shell`" if shell == "shell.nix" else f"`nix-shell {shell}`"
    flake = ", or `nix develop` in the project's folder" if "flake.nix" in names else ""
    nix = f" With Nix: {enter}{flake}." if shell else ""
    return (
        "Install Poetry 2 once (`pipx install poetry`), then `poetry install` in the project; "
        f"`poetry run COMMAND` runs something in its environment.{nix}"
    )


def _tell_deployers(summary: Summary, names: set[str]) -> str:
    leftovers = len(summary.told(Place.LEFTOVERS))
    sentences = [
        f'Change the {count_of(leftovers, "place")} under "{_LEFTOVERS}".'
        if leftovers
        else "No file that was searched names the old tool; look at what stands outside of the project."
    ]
    tool = old_tool(summary.format)
    grouped = any(entry.group != MAIN for entry in summary.direct)
    command = "`poetry install --only main`" if grouped else "`poetry install`"
    instead = f" in the place of `{tool.install} ...`" if tool.install else ""
    poetry = (
        f"Bring Poetry 2 to the image or machine and run {command}{instead}: it takes the versions of the lock, and no "
        "file whose hash is not in it."
    )
    file = next((name for name in ("migrator.nix", "default.nix") if name in names), "")
    build = "`nix-build`" if file == "default.nix" else f"`nix-build {file}`"
    if "flake.nix" in names:
        build += " (or `nix build`, when git knows the new files: a flake sees no others)"
    if file and tool.expression:
        sentences += [f"Build with {build} in the place of `{tool.expression}`.", f"Without Nix: {poetry}"]
    else:
        sentences += [poetry, *([f"With Nix: {build}."] if file else [])]
    sentences.append(
        "Two take the new files by themselves: `pip install .`, which reads pyproject.toml, and platforms that look "
        "for poetry.lock."
    )
    return " ".join(sentences)


def _show_undo(summary: Summary) -> Section:
    if not summary.go_back:
        return _section("How to go back")
    before = (
        "Saying no costs nothing: the old files stand unchanged where they stood, and whatever reads them works as "
        "before. After a commit, `git revert` takes the migration back; before it, this does:"
    )
    return _section("How to go back", body=Commands(rows=summary.go_back), before=before)
