"""The migrating commands ``from-…``: one for each format that migrates, all with the same options."""

from __future__ import annotations

import locale
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from migrator.model.reader import Input, Reader
from migrator.model.trouble import UsageError, WorldError

from .display import complain, display, show
from .inputs import CheckWithNix, find_inputs, read_pair, refuse_unevaluable
from .status import EYES, STOPPED
from .targets import Reports, printed_form, render_reports, report_target, split_targets, write_outside

if TYPE_CHECKING:
    from migrator.model.outcome import Outcome
    from migrator.model.settings import Ask, Settings
    from migrator.tools.poetry.choose import Opener

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""PEP 508's names, ASCII: of projects and of groups."""
_SCRIPT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*=[A-Za-z0-9_.]+:[A-Za-z0-9_.]+")
"""The entry points specification's console scripts, as the command line takes them."""

Files = Annotated[
    list[str] | None, typer.Argument(metavar="[FILE]...", help="What to migrate; by default what is found here.")
]


def migrating_command(reader: Reader) -> Callable[..., None]:
    """The command ``from-…`` of one format. All of them share their options."""

    def command(
        files: Files = None,
        output: Annotated[
            str | None, typer.Option(metavar="DIR", help="Where files are written; default: the project.")
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Print the diff of every file, write nothing.")
        ] = False,
        no_lock: Annotated[bool, typer.Option("--no-lock", help="Write pyproject.toml only.")] = False,
        no_nix: Annotated[bool, typer.Option("--no-nix", help="Write no Nix files.")] = False,
        flake: Annotated[bool, typer.Option("--flake", help="Write flake.nix beside default.nix.")] = False,
        style: Annotated[
            str | None, typer.Option("--format", metavar="poetry|pep621", help="Form of pyproject.toml.")
        ] = None,
        python: Annotated[
            str | None, typer.Option(metavar="RANGE", help="Pythons the project is for, such as '>=3.11'.")
        ] = None,
        constraint: Annotated[
            str | None,
            typer.Option(
                metavar="caret|compatible|minimum|exact", help="What a pin becomes in pyproject.toml; default: caret."
            ),
        ] = None,
        group: Annotated[
            list[str] | None, typer.Option(metavar="NAME=FILE", help="A file for a dependency group.")
        ] = None,
        dev: Annotated[list[str] | None, typer.Option(metavar="FILE", help="The same as --group dev=FILE.")] = None,
        constraints: Annotated[
            list[str] | None, typer.Option(metavar="FILE", help="A file that only bounds versions.")
        ] = None,
        name: Annotated[str | None, typer.Option(metavar="NAME", help="The project's name.")] = None,
        script: Annotated[
            list[str] | None, typer.Option(metavar="NAME=MODULE:FUNCTION", help="A console script.")
        ] = None,
        native: Annotated[
            list[str] | None, typer.Option(metavar="ATTRIBUTE=PACKAGE", help="Which package a native input is for.")
        ] = None,
        prefer_wheels: Annotated[
            bool, typer.Option("--prefer-wheels/--no-prefer-wheels", help="Let Nix install wheels instead of building.")
        ] = False,
        index_url: Annotated[
            str | None,
            typer.Option(metavar="URL", help="How to reach the default package index; not written anywhere."),
        ] = None,
        poetry: Annotated[
            str | None, typer.Option(metavar="PATH", help="Lock with this Poetry, not the one that came along.")
        ] = None,
        report: Reports = None,
        strict: Annotated[
            bool, typer.Option("--strict", help="Exit with 3 when something wants a person's eyes.")
        ] = False,
        allow_drift: Annotated[
            bool, typer.Option("--allow-drift", help="Go on although a pin cannot be kept.")
        ] = False,
        allow_build: Annotated[
            bool, typer.Option("--allow-build", help="Run builds where nothing else tells what is needed.")
        ] = False,
        check_with_nix: CheckWithNix = False,
        yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")] = False,
        no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
    ) -> None:
        options = dict(locals())
        del options["files"]
        migrate_project(reader, files or [], options)

    command.__doc__ = reader.summary
    return command


def migrate_project(reader: Reader, files: list[str], options: dict[str, Any], root: str | None = None) -> None:
    """Migrate one project: what ``files`` name, else what is found in ``root``, by default the current folder."""
    from migrator.tools.poetry.choose import Opener

    options["form"] = printed_form(options["report"] or [], as_json=options["as_json"])
    # first of all: Poetry's import goes on while we do ours and read the files
    opener = None if options["no_lock"] else Opener(_absolute_program(options["poetry"]))
    try:
        outcome = _run(reader, files, options, opener, root)
    finally:
        if opener is not None:
            opener.close()
    try:
        show(outcome, options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough; the files are as they should be
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        complain(f"The report cannot be printed ({error.strerror}); everything else is done")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if outcome.ended == "stopped":
        raise typer.Exit(STOPPED)
    if options["strict"] and any(finding.severity == "review" for finding in outcome.findings):
        raise typer.Exit(EYES)


def _run(
    reader: Reader, files: list[str], options: dict[str, Any], opener: Opener | None, folder: str | None
) -> Outcome:
    from migrator.pipeline import Job, World, migrate
    from migrator.tools.commit import recover
    from migrator.tools.poetry.choose import Opener

    if options["check_with_nix"]:
        refuse_unevaluable(reader)
    root, inputs = find_inputs(reader, files, options, folder)
    settings = _settings(options, inputs)
    output = os.path.abspath(options["output"] or root)
    inside, outside = split_targets([report_target(text) for text in options["report"] or []], output)
    recovered = None if settings.dry_run else recover(output)
    if recovered is not None:
        complain(recovered.finding.message)
    job = Job(
        reader=reader,
        root=root,
        output=output,
        name=os.path.basename(root),
        settings=settings,
        locale_encoding=locale.getpreferredencoding(do_setlocale=False),
    )
    with display(options) as screen:
        world = World(
            open_poetry=opener.open if opener else _no_poetry,
            progress=screen.progress,
            ask=cache(screen.ask),  # of two attempts the first one asks
            reports=lambda outcome: render_reports(inside, outside, outcome, job),
        )
        outcome = migrate(job, world)
        if not settings.allow_build and _may_build(outcome, world.ask):
            again = Opener(_absolute_program(options["poetry"]))
            try:
                job = replace(job, settings=replace(settings, allow_build=True))
                outcome = migrate(job, replace(world, open_poetry=again.open))
            finally:
                again.close()
    if outcome.ended in {"written", "unchanged"}:
        write_outside(outside, outcome)
    return outcome


def _may_build(outcome: Outcome, ask: Ask) -> bool:
    """Whether the one thing that stopped it is that builds have to run, and whoever sits at a terminal lets them."""
    stops = [finding for finding in outcome.findings if finding.severity == "stop"]
    if not stops or any(finding.code != "needs-build" for finding in stops):
        return False
    needed = ". ".join(finding.message for finding in stops)
    return (ask(f"{needed}. Run these builds, which is their code? (yes or no)") or "").lower() in {"y", "yes"}


def _settings(options: dict[str, Any], inputs: tuple[Input, ...]) -> Settings:
    from packaging.utils import canonicalize_name

    from migrator.model.plan import Style
    from migrator.model.project import Script
    from migrator.model.settings import Constraint, Settings
    from migrator.model.url import Url
    from migrator.pipeline import read_range

    _refuse_undecodable(options)
    styles = {"poetry": Style.CLASSIC, "pep621": Style.PEP621}
    if options["style"] not in {None, *styles}:
        raise UsageError(f"--format is poetry or pep621, not {options['style']!r}")
    if options["constraint"] not in {None, *Constraint}:
        raise UsageError(f"--constraint is one of {', '.join(Constraint)}, not {options['constraint']!r}")
    if options["flake"] and (options["no_nix"] or options["no_lock"]):
        without = "--no-nix" if options["no_nix"] else "--no-lock"
        raise UsageError(f"--flake asks for a Nix file and {without} for none; leave one of them out")
    if options["name"] is not None and not _NAME.fullmatch(options["name"]):
        raise UsageError(f"--name takes a name of letters, digits, '.', '_' and '-', not {options['name']!r}")
    for given in inputs:
        if not _NAME.fullmatch(given.group):
            raise UsageError(f"--group takes a name of letters, digits, '.', '_' and '-', not {given.group!r}")
    scripts = [read_pair(text, "--script", "NAME=MODULE:FUNCTION") for text in options["script"] or []]
    for text in options["script"] or []:
        if not _SCRIPT.fullmatch(text):
            raise UsageError(f"--script takes NAME=MODULE:FUNCTION, not {text!r}")
    natives = [read_pair(text, "--native", "ATTRIBUTE=PACKAGE") for text in options["native"] or []]
    return Settings(
        style=styles.get(options["style"]),
        python=read_range(options["python"]) if options["python"] else None,
        constraint=Constraint(options["constraint"]) if options["constraint"] else None,
        inputs=inputs,
        name=options["name"],
        scripts=tuple(Script(name=name, target=target) for name, target in scripts),
        natives=tuple((attribute, canonicalize_name(package)) for attribute, package in natives),
        prefer_wheels=options["prefer_wheels"],
        index_url=Url.parse(options["index_url"]) if options["index_url"] else None,
        lock=not options["no_lock"],
        nix=not options["no_nix"] and not options["no_lock"],
        flake=options["flake"],
        dry_run=options["dry_run"],
        allow_drift=options["allow_drift"],
        allow_build=options["allow_build"],
        check_with_nix=options["check_with_nix"],
    )


_PATHS = frozenset({"output", "report", "poetry", "dev", "group", "constraints"})
"""Options that name files; what is wrong with those is told of the file."""


def _refuse_undecodable(options: dict[str, Any]) -> None:
    for name, value in options.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and name not in _PATHS and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise UsageError(f"--{name.replace('_', '-')} takes text in UTF-8, not {text!r}")


def _no_poetry(_: object) -> NoReturn:
    raise WorldError("--no-lock was asked for, and yet Poetry was needed")


def _absolute_program(path: str | None) -> str | None:
    """A path as seen from here; a bare name is left to PATH. Poetry is started in another folder."""
    return os.path.abspath(path) if path and os.sep in path else path
