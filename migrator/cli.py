"""Arguments in, exit status out. The only module that prints."""

from __future__ import annotations

import contextlib
import gc
import locale
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from migrator import __version__
from migrator.model.project import DEVELOPER_GROUPS, MAIN
from migrator.model.reader import Input, Reader
from migrator.model.trouble import UsageError, WorldError
from migrator.readers import load_reader, reader_names

if TYPE_CHECKING:
    from migrator.model.artifact import Artifact
    from migrator.model.outcome import Outcome
    from migrator.model.progress import Progress
    from migrator.model.settings import Settings
    from migrator.pipeline import Job
    from migrator.tools.poetry.choose import Opener

# click's own error class: typer carries a click of its own since 0.26 and exports only this heir
_ClickError: type[typer.BadParameter] = typer.BadParameter.__mro__[2]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""PEP 508's names, ASCII: of projects and of groups."""
_SCRIPT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*=[A-Za-z0-9_.]+:[A-Za-z0-9_.]+")
"""The entry points specification's console scripts, as the command line takes them."""

DONE, STOPPED, USAGE, EYES, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="migrate",
    help="Bring a Python project from requirements.txt to Poetry and poetry2nix, with every version kept.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line and exit with the status that INTERFACE promises; never a traceback."""
    # a reading is a great many values and no cycles: looking for them costs a third of the time
    gc.set_threshold(100_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):
            # what is printed is UTF-8 wherever it goes: JSON says so, and a pipe has no better idea
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = app(prog_name="migrate", standalone_mode=False)
    except WorldError as error:
        _complain(str(error))
        sys.exit(STOPPED)
    except UsageError as error:
        _complain(str(error))
        sys.exit(USAGE)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except _ClickError as error:
        _complain(f"{error.format_message().rstrip('.')}; migrate --help tells what can be asked")
        sys.exit(USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(STOPPED)
    except Exception as error:  # noqa: BLE001 (a bug is one sentence too)
        _explain_failure(error)
    if status == INTERRUPTED:
        _complain("Stopped; nothing was changed")
    sys.exit(status or DONE)


def _explain_failure(error: Exception) -> NoReturn:
    from migrator.tools.crash import keep_traceback

    place = keep_traceback(error)
    _complain(
        f"This is a fault of migrator ({type(error).__name__}), nothing was changed; "
        f"please send {place} with your report"
    )
    sys.exit(STOPPED)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        print(f"migrate {__version__}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        raise UsageError("Name a command; migrate --help lists them")


@app.command()
def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Any supported input, poetry.lock included.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the normal form as JSON.")] = False,
) -> None:
    """Show what a file says, in the one form that all formats share. Writes nothing, needs no network."""
    from migrator.pipeline import read_one
    from migrator.reports.inspect import inspect_text, show_inspect

    folder, name = os.path.split(os.path.abspath(file))
    reader = _recognise(file)
    reading = read_one(reader, folder, name, locale.getpreferredencoding(do_setlocale=False))
    sys.stdout.writelines(show_inspect(reading) if as_json else [inspect_text(reading)])
    if any(finding.severity == "stop" for finding in reading.findings):
        raise typer.Exit(STOPPED)


Files = Annotated[
    list[str] | None, typer.Argument(metavar="[FILE]...", help="What to migrate; by default what is found here.")
]


def _migrating_command(reader: Reader) -> Callable[..., None]:
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
        report: Annotated[
            list[str] | None, typer.Option(metavar="FILE", help="Write the report: .md, .json or .txt.")
        ] = None,
        strict: Annotated[
            bool, typer.Option("--strict", help="Exit with 3 when something wants a person's eyes.")
        ] = False,
        allow_drift: Annotated[
            bool, typer.Option("--allow-drift", help="Go on although a pin cannot be kept.")
        ] = False,
        allow_build: Annotated[
            bool, typer.Option("--allow-build", help="Run builds where nothing else tells what is needed.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")] = False,
        no_color: Annotated[bool, typer.Option("--no-color", help="Print without colours.")] = False,
    ) -> None:
        options = dict(locals())
        del options["files"]
        _migrate(reader, files or [], options)

    command.__doc__ = reader.summary
    return command


def _register() -> None:
    for name in reader_names():
        reader = load_reader(name)
        if reader.migrates:
            app.command(f"from-{reader.name}", help=f"Migrate {reader.summary}.")(_migrating_command(reader))


_register()


def _migrate(reader: Reader, files: list[str], options: dict[str, Any]) -> None:
    from migrator.tools.poetry.choose import Opener

    # first of all: Poetry's import goes on while we do ours and read the files
    opener = None if options["no_lock"] else Opener(_absolute_program(options["poetry"]))
    try:
        outcome = _run(reader, files, options, opener)
    finally:
        if opener is not None:
            opener.close()
    try:
        _show(outcome, options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough; the files are as they should be
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        _complain(f"The report cannot be printed ({error.strerror}); everything else is done")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if outcome.ended == "stopped":
        raise typer.Exit(STOPPED)
    if options["strict"] and any(finding.severity == "review" for finding in outcome.findings):
        raise typer.Exit(EYES)


def _run(reader: Reader, files: list[str], options: dict[str, Any], opener: Opener | None) -> Outcome:
    from migrator.pipeline import Job, World, migrate
    from migrator.tools.commit import recover

    root, inputs = _find_inputs(reader, files, options)
    settings = _settings(options, inputs)
    output = os.path.abspath(options["output"] or root)
    inside, outside = _split_targets([_report_target(text) for text in options["report"] or []], output)
    recovered = None if settings.dry_run else recover(output)
    if recovered is not None:
        _complain(recovered.finding.message)
    job = Job(
        reader=reader,
        root=root,
        output=output,
        name=os.path.basename(root),
        settings=settings,
        locale_encoding=locale.getpreferredencoding(do_setlocale=False),
    )
    with _display(options) as progress:
        world = World(
            open_poetry=opener.open if opener else _no_poetry,
            progress=progress,
            ask=_asker(options),
            reports=lambda outcome: _reports(inside, outside, outcome, job),
        )
        outcome = migrate(job, world)
    if outcome.ended in {"written", "unchanged"}:
        _write_outside(outside, outcome)
    return outcome


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
    if options["name"] is not None and not _NAME.fullmatch(options["name"]):
        raise UsageError(f"--name takes a name of letters, digits, '.', '_' and '-', not {options['name']!r}")
    for given in inputs:
        if not _NAME.fullmatch(given.group):
            raise UsageError(f"--group takes a name of letters, digits, '.', '_' and '-', not {given.group!r}")
    scripts = [_pair(text, "--script", "NAME=MODULE:FUNCTION") for text in options["script"] or []]
    for text in options["script"] or []:
        if not _SCRIPT.fullmatch(text):
            raise UsageError(f"--script takes NAME=MODULE:FUNCTION, not {text!r}")
    natives = [_pair(text, "--native", "ATTRIBUTE=PACKAGE") for text in options["native"] or []]
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
        dry_run=options["dry_run"],
        allow_drift=options["allow_drift"],
        allow_build=options["allow_build"],
    )


_PATHS = frozenset({"output", "report", "poetry", "dev", "group", "constraints"})
"""Options that name files; what is wrong with those is told of the file."""


def _refuse_undecodable(options: dict[str, Any]) -> None:
    for name, value in options.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and name not in _PATHS and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise UsageError(f"--{name.replace('_', '-')} takes text in UTF-8, not {text!r}")


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise UsageError(f"{option} takes {form}, not {text!r}")
    return left, right


def _find_inputs(reader: Reader, files: list[str], options: dict[str, Any]) -> tuple[str, tuple[Input, ...]]:
    """The project's folder, and the files to read relative to it."""
    from migrator.tools.disk import DiskTree

    named: list[tuple[str, str | None, bool]] = [(path, None, False) for path in files]
    named += [(path, "dev", False) for path in options["dev"] or []]
    for text in options["group"] or []:
        group, path = _pair(text, "--group", "NAME=FILE")
        named.append((path, group, False))
    named += [(path, None, True) for path in options["constraints"] or []]
    here = DiskTree(os.getcwd())
    for path, _, _ in named:
        if here.is_folder(path):
            raise WorldError(f"{path} is a folder; name a file in it")
        if here.read(path) is None:
            raise WorldError(f"{path} does not exist; name an existing file")
    root = os.path.abspath(os.path.dirname(files[0])) if files else os.getcwd()
    if os.path.basename(root) == "requirements":
        root = os.path.dirname(root)
    if named and not files:
        # "--dev FILE" alone adds to what is found here
        named = [(given.path, given.group, given.constraint) for given in reader.discover(DiskTree(root))] + named
    inputs: dict[str, Input] = {}
    for path, wished, constraint in named:
        relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
        group = wished or reader.group_of(relative)
        if wished is None and files and path == files[0] and group not in DEVELOPER_GROUPS:
            group = MAIN  # whatever it is called, it is what the user came for
        inputs[relative] = Input(path=relative, constraint=constraint, group=group)
    return root, tuple(inputs.values())


def _recognise(file: str) -> Reader:
    from migrator.tools.disk import DiskTree

    tree = DiskTree(os.getcwd())
    if tree.is_folder(file):
        raise WorldError(f"{file} is a folder; name a file in it")
    content = tree.read(file)
    if content is None:
        raise WorldError(f"{file} does not exist; name an existing file")
    for name in reader_names():
        reader = load_reader(name)
        if reader.recognises(os.path.basename(file), content[:4096]):
            return reader
    raise WorldError(f"{file} is of no format that migrate reads ({', '.join(reader_names())})")


def _report_target(text: str) -> tuple[str, str]:
    """The form and the path that ``--report`` names."""
    from migrator.reports import form_for, form_names

    form, colon, path = text.partition(":")
    if colon and form in form_names() and path:
        return form, os.path.abspath(path)
    known = form_for(text)
    if known is None:
        raise UsageError(
            f"--report {text}: the name must end in .md, .json or .txt, or begin with one of "
            f"{', '.join(name + ':' for name in form_names())}"
        )
    return known.name, os.path.abspath(text)


def _split_targets(targets: list[tuple[str, str]], output: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    inside = [(form, os.path.relpath(path, output)) for form, path in targets if path.startswith(output + os.sep)]
    return inside, [(form, path) for form, path in targets if not path.startswith(output + os.sep)]


def _reports(
    inside: list[tuple[str, str]], outside: list[tuple[str, str]], outcome: Outcome, job: Job
) -> tuple[Artifact, ...]:
    """The reports that are written with the other files; none may take the place of a file that matters.

    :raises UsageError: ``--report`` names a file that was read, or one that is about to be written
    """
    taken = {os.path.realpath(os.path.join(job.root, path)) for path in outcome.before.sources}
    taken |= {os.path.realpath(os.path.join(job.output, artifact.path)) for artifact in outcome.artifacts}
    for path in [*(os.path.join(job.output, path) for _, path in inside), *(path for _, path in outside)]:
        if os.path.realpath(path) in taken or not _may_be_replaced(path):
            raise UsageError(f"--report {os.path.basename(path)}: that file is no report; name another one")
        if not path.startswith(job.output + os.sep) and not os.path.isdir(os.path.dirname(path)):
            raise UsageError(f"--report {os.path.basename(path)}: its folder does not exist; make it first")
    return tuple(_report(form, path, outcome) for form, path in inside)


def _may_be_replaced(path: str) -> bool:
    """Whether nothing stands at ``path``, or an earlier report; a text report has no mark but its ending."""
    from migrator.tools.disk import DiskTree

    real = os.path.realpath(path)
    if {".git", ".migrate-journal"} & set(real.split(os.sep)):
        return False
    tree = DiskTree(os.path.dirname(real))
    content = tree.read(os.path.basename(real))
    if content is None:
        return not tree.is_folder(os.path.basename(real))
    marks = {".md": b"<!-- migrator-report -->", ".json": b'{\n  "schema"', ".txt": b""}
    suffix = os.path.splitext(real)[1].lower()
    return suffix in marks and content.startswith(marks[suffix])


def _report(form: str, path: str, outcome: Outcome) -> Artifact:
    from dataclasses import replace

    from migrator.model.artifact import Artifact, Ownership
    from migrator.model.outcome import Ended
    from migrator.reports import load_form

    # the file tells of the migration, not of this run: a second run must not change it
    outcome = replace(outcome, ended=Ended.WRITTEN, written=tuple(artifact.path for artifact in outcome.artifacts))
    return Artifact(path=path.replace(os.sep, "/"), text=load_form(form).render(outcome), ownership=Ownership.GENERATED)


def _write_outside(targets: list[tuple[str, str]], outcome: Outcome) -> None:
    from migrator.tools.durable import write_alone

    for form, path in targets:
        write_alone(path, _report(form, os.path.basename(path), outcome).text)


@dataclass(frozen=True)
class _Asker:
    """Puts questions to whoever sits at the terminal."""

    def __call__(self, question: str) -> str | None:
        answer = typer.prompt(question, default="", show_default=False, err=True)
        return str(answer) or None


def _asker(options: dict[str, Any]) -> Callable[[str], str | None]:
    silent = options["yes"] or options["as_json"] or options["quiet"]
    return (lambda _: None) if silent or not (sys.stdin.isatty() and sys.stderr.isatty()) else _Asker()


@contextlib.contextmanager
def _display(options: dict[str, Any]) -> Iterator[Progress]:
    """What is going on, on the terminal; nothing where nobody watches."""
    from migrator.model.progress import silent

    if options["quiet"] or options["as_json"] or not sys.stderr.isatty():
        yield silent
        return
    from rich import progress as bar
    from rich.console import Console

    console = Console(stderr=True, no_color=_colourless(options) or None)
    with bar.Progress(
        bar.SpinnerColumn(),
        bar.TextColumn("{task.description}"),
        bar.BarColumn(),
        bar.MofNCompleteColumn(),
        console=console,
        transient=True,
    ) as bars:
        shown = ("starting", bars.add_task("starting", total=None))

        def tell(what: str, done: int, of: int) -> None:
            nonlocal shown
            if what != shown[0]:  # a bar never forgets its total
                bars.remove_task(shown[1])
                shown = (what, bars.add_task(what, total=of or None))
            bars.update(shown[1], completed=done)

        yield tell


def _show(outcome: Outcome, options: dict[str, Any]) -> None:
    if options["as_json"]:
        from migrator.reports import load_form

        sys.stdout.write(load_form("json").render(outcome))
        return
    if outcome.ended == "dry-run":
        sys.stdout.write("".join(outcome.diffs))
    if options["quiet"] and outcome.ended != "stopped":
        return
    from migrator.reports.terminal import render_terminal

    stream = sys.stderr if outcome.ended in {"dry-run", "stopped"} else sys.stdout
    color = stream.isatty() and not _colourless(options)
    width = min(os.get_terminal_size(stream.fileno()).columns, 120) if stream.isatty() else 100
    stream.write(render_terminal(outcome, width=width, color=color))


def _colourless(options: dict[str, Any]) -> bool:
    return bool(options["no_color"] or os.environ.get("NO_COLOR"))


def _no_poetry(_: object) -> NoReturn:
    raise WorldError("--no-lock was asked for, and yet Poetry was needed")


def _complain(text: str) -> None:
    from migrator.model.url import mask_credentials
    from migrator.tools.durable import show_path

    # whatever a file, an index or a folder's name brought along is inert on the terminal
    print(f"migrate: {show_path(mask_credentials(text))}", file=sys.stderr)


def _absolute_program(path: str | None) -> str | None:
    """A path as seen from here; a bare name is left to PATH. Poetry is started in another folder."""
    return os.path.abspath(path) if path and os.sep in path else path
