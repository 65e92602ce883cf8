"""The report in all its forms: what it says, and that nothing from an input can do anything in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin
from packaging.utils import canonicalize_name
from rich.cells import cell_len

from migrator.model.artifact import Artifact, Ownership
from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import NixPlan
from migrator.model.outcome import Ended, Outcome
from migrator.model.plan import ProjectPlan
from migrator.model.url import mask_credentials
from migrator.reports import form_for, form_names, load_form
from migrator.reports.form_json import render_json
from migrator.reports.form_md import render_markdown
from migrator.reports.inert import show_invisible
from migrator.reports.markdown import LIMIT
from migrator.reports.summary import summarise
from migrator.reports.terminal import render_terminal

from .report_outcomes import (
    HOSTILE,
    SECRET,
    at,
    drifted,
    empty,
    happy,
    hostile,
    large,
    with_credentials,
)
from .report_readers import (
    SCHEMA,
    check_report,
    parse_markdown,
    read_headings,
    read_html,
    read_report_json,
    read_tables,
    walk,
)

OUTCOMES = {
    "empty": empty(),
    "happy": happy(),
    "drifted": drifted(),
    "with credentials": with_credentials(),
    "dry run": replace(happy(), ended=Ended.DRY_RUN, diffs=("--- pyproject.toml\n+++ pyproject.toml\n",)),
    "unchanged": replace(happy(), ended=Ended.UNCHANGED, written=()),
    "not locked": replace(happy(), after=None, changes=(), proofs=(), poetry=""),
    **{f"hostile {number}": hostile(text) for number, text in enumerate(HOSTILE)},
}
all_outcomes = pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
all_hostile = pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))


def read_json(outcome: Outcome) -> Any:
    return read_report_json(render_json(outcome))


# Forms


def test_forms_are_found_by_looking_in_the_folder() -> None:
    assert [(load_form(name).name, load_form(name).suffix) for name in form_names()] == [
        ("github", ""),
        ("html", ".html"),
        ("json", ".json"),
        ("md", ".md"),
        ("sarif", ".sarif"),
        ("txt", ".txt"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("report", None),
        ("report.docx", None),
        ("md", None),
        ("a/report.md", "md"),
        ("R.JSON", "json"),
        ("x.txt", "txt"),
        ("x.html", "html"),
        ("x.sarif", "sarif"),
        ("github", None),
    ],
)
def test_the_suffix_of_a_path_chooses_the_form(path: str, name: str | None) -> None:
    form = form_for(path)
    assert (form.name if form else None) == name


def test_no_form_loads_rich_before_it_has_to_and_no_name_loads_a_form() -> None:
    code = (
        "import sys; from migrator.reports import form_names, form_for; form_names();"
        "assert not [m for m in sys.modules if m.startswith('migrator.reports.form_')];"
        "form_for('x.md'); assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Every form, every outcome


@all_outcomes
@pytest.mark.parametrize("name", form_names())
def test_the_same_outcome_gives_the_same_utf8_whatever_the_order_of_its_facts(outcome: Outcome, name: str) -> None:
    render = load_form(name).render
    text = render(outcome)
    shuffled = replace(
        outcome,
        changes=outcome.changes[::-1],
        findings=outcome.findings[::-1],
        proofs=outcome.proofs[::-1],
        artifacts=outcome.artifacts[::-1],
        plan=outcome.plan and replace(outcome.plan, dependencies=outcome.plan.dependencies[::-1]),
        nix=outcome.nix and replace(outcome.nix, attributions=outcome.nix.attributions[::-1]),
    )
    assert render(shuffled) == text
    assert text.encode().decode() == text
    assert text.endswith("\n")


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import sys; from tests.report_outcomes import drifted, hostile; from migrator.reports import *;"
        "sys.stdout.write(''.join(load_form(n).render(o) for n in form_names() for o in (drifted(), hostile('x|y'))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1
    assert len(texts.pop()) > 10_000


@all_outcomes
@pytest.mark.parametrize("name", form_names())
def test_every_form_is_what_its_reader_expects_and_nothing_in_it_acts(outcome: Outcome, name: str) -> None:
    check_report(name, load_form(name).render(outcome))
    assert load_form(name).render(outcome).startswith(load_form(name).marks[0])


@all_outcomes
@pytest.mark.parametrize("name", form_names())
def test_nothing_invisible_reaches_the_reader(outcome: Outcome, name: str) -> None:
    text = load_form(name).render(outcome)
    assert {char for char in text if not char.isprintable()} <= {"\n"}


@pytest.mark.parametrize("name", form_names())
def test_credentials_never_appear(name: str) -> None:
    text = load_form(name).render(with_credentials())
    assert SECRET not in text.replace("\n", "").replace(" ", "")
    assert not re.search(r"\bbot\b", text)


@pytest.mark.parametrize("name", form_names())
def test_500_packages_cost_at_most_a_third_of_a_second(name: str) -> None:
    render = load_form(name).render
    outcome = large(500)
    times = []
    for _ in range(3):  # a busy machine slows a run, never all of them for this long
        begin = time.process_time()
        render(outcome)
        times.append(time.process_time() - begin)
    assert min(times) < (0.3 if sys.gettrace() is None else 3)  # who counts lines pays for it


# Markdown


@all_outcomes
def test_markdown_begins_with_the_verdict(outcome: Outcome) -> None:
    text = render_markdown(outcome)
    tokens = [token for token in parse_markdown(text) if token.type == "inline"]
    assert tokens[1].content == f"**{summarise(outcome).verdict}.**"


@all_hostile
def test_markdown_shows_a_hostile_value_as_it_is(text: str) -> None:
    rows = read_tables(render_markdown(replace(hostile(text), findings=())))
    shown = show_invisible(text.strip() if len(text) <= 300 else text[:297] + "...")
    old = next(table for table in rows if "Asked for before" in table[0])[1][1]
    inline = MarkdownIt("commonmark").use(gfm_plugin).parseInline(old)
    assert "".join(token.content for token in walk(inline) if token.type in {"text", "code_inline"}) == shown


def test_markdown_tells_a_good_migration() -> None:
    text = render_markdown(happy())
    assert "**13 of 13 versions kept, 13 of 13 hash sets proven, 1 thing to look at.**" in text
    assert read_headings(text) == [
        "What needs your eyes",
        "Direct dependencies",
        "Versions that moved, appeared or went",
        "Native inputs and overrides",
        "The direct dependencies and their native inputs, drawn",
        "What was inferred, and from what",
        "What was not carried over, and why",
        "Files written",
        "What still names the old tool",
        "What to do now",
        "How to go back",
    ]
    direct, moves, natives, files, leftovers, duties = read_tables(text)
    assert direct == [
        ["Package", "Asked for before", "Where", "In pyproject.toml", "In poetry.lock", "Why"],
        *(
            [f"`{name}`", f"`{name}=={version}`", f"`requirements.txt:{line}`", f"`^{version}`", f"`{version}`", _WHY]
            for name, version, line in (("Flask", "3.1.2", 5), ("pillow", "12.0.0", 8), ("requests", "2.32.5", 101))
        ),
    ]
    assert moves[1:] == [
        ["appeared", "`colorama`", "", "`0.4.6`", 'needed by click, only where platform_system == "Windows"'],
    ]
    assert natives[1:] == [
        ["`cffi`", "`libffi`", "poetry2nix itself", "its default override has it"],
        [
            "`pillow`",
            "`libavif`, `libjpeg`, `pkg-config`, `pybind11 (builds it)`",
            "the override table",
            "pillow 12 is built with pybind11, which poetry2nix does not know yet; libjpeg was called libjpeg_turbo",
        ],
    ]
    assert files[1:] == [
        ["`default.nix`", "builds the project with Nix", "generated: a later run may overwrite it"],
        [
            "`poetry.lock`",
            "every package with its version and hashes, made and read by Poetry",
            "generated: a later run may overwrite it",
        ],
        ["`pyproject.toml`", "what the project asks for, read by Poetry", "yours: a later run changes our parts only"],
        ["`shell.nix`", "a shell with all of it, for developers with Nix", "yours from now on"],
    ]
    assert [who for who, _ in duties] == [
        "Who",
        "whoever reviews this",
        "developers",
        "whoever builds and deploys",
        "everybody, from then on",
        "whoever cleans up",
    ]
    assert "- the range of Pythons is `>=3.11,<3.14`:<br>stated by .python-version (3.11), up to" in text
    assert leftovers[1][:2] == ["`Dockerfile:7`", "`RUN pip install -r requirements.txt`"]


_WHY = "a pin of a full freeze: the version stays in the lock, the range may grow"


def test_markdown_tells_a_stopped_drift() -> None:
    text = render_markdown(drifted())
    assert (
        "**Stopped: nothing was written. 13 of 15 versions would be kept, 12 of 14 hash sets proven, "
        "1 version with other bytes than before, 3 things to look at.**"
    ) in text
    assert "Files written" not in text
    assert "How to go back" not in text
    eyes = text[text.index("## What needs your eyes") : text.index("## Direct")]
    assert re.findall(r"^- \*\*(\w+)\*\* `([a-z-]+)`", eyes, re.MULTILINE) == [
        ("stop", "hash-mismatch"),
        ("stop", "pin-gone"),
        ("review", "native-unknown"),
    ]
    _, moves, differences, _, leftovers = read_tables(text)
    assert leftovers[0] == ["Where", "What stands there", "What to do"]
    assert [row[:4] for row in moves[1:]] == [
        ["went", "`pytz`", "`2011`", ""],
        ["moved", "`urllib3`", "`2.5.0`", "`2.4.0`"],
        ["appeared", "`colorama`", "", "`0.4.6`"],
    ]
    assert differences[1:] == [
        ["`six`", "`1.0`", "hashes differ", "", _OTHER_BYTES, ""],
        ["`idna`", "`3.11`", "source", "`the default index`", "`git https://git.example/idna at v3, folder lib`", ""],
        ["`idna`", "`3.11`", "groups", "`main`", "`dev, main`", ""],
        ["`idna`", "`3.11`", "marker", '`os_name == "nt"`', "`always`", ""],
        ["`idna`", "`3.11`", "hashes", "", "all old ones, and 1 more file of the same release", ""],
    ]


_OTHER_BYTES = "1 old hash not in the lock, 2 new hashes: other bytes under the same version"


def test_markdown_that_is_too_long_loses_the_least_weighty_rows_and_says_how_many() -> None:
    text = render_markdown(large(500))
    assert LIMIT - 2_000 < len(text.encode()) <= LIMIT
    assert "This report is shortened to fit a comment" in text
    kept = {table[0][-1] + str(len(table[0])): len(table) - 1 for table in read_tables(text)}
    left = [int(number) for number in re.findall(r"^\*(\d+) rows left out here\.\*$", text, re.MULTILINE)]
    eyes = len(re.findall(r"^- \*\*review\*\*", text, re.MULTILINE))
    assert left == [500 - eyes, 475, 475, 475, 475]
    assert eyes > 300
    assert set(kept.values()) == {25, 2, 4, 5}
    assert text.count("\n*1 picture left out here.*\n") == 1
    assert "shortened" not in render_markdown(large(10))


# JSON


def test_the_schema_is_a_schema_and_closed_everywhere() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def look(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for inner in node.values():
                yield from look(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from look(inner)

    objects = list(look(SCHEMA))
    assert len(objects) > 15
    for node in objects:
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


@all_hostile
def test_json_gives_a_hostile_value_back_as_it_was(text: str) -> None:
    report = read_json(hostile(text))
    assert {finding["message"] for finding in report["findings"]} == {mask_credentials(text)}
    assert report["direct"][0]["was"] == mask_credentials(text)


def test_json_tells_what_the_markdown_tells() -> None:
    report = read_json(drifted())
    assert (report["schema"], report["kind"], report["ended"], report["project"]) == (
        1,
        "migration",
        "stopped",
        "imgapp",
    )
    assert report["counts"] == {
        "pins": 15,
        "kept": 13,
        "overridden": 0,
        "hash_sets": 14,
        "proven": 12,
        "not_comparable": 0,
        "mismatched": 1,
        "stop": 2,
        "review": 1,
        "note": 4,
    }
    assert Counter(change["kind"] for change in report["changes"]) == {
        "added": 1,
        "removed": 1,
        "version": 1,
        "source": 1,
        "marker": 1,
        "groups": 1,
        "hashes": 2,
    }
    assert report["verdict"] == summarise(drifted()).verdict
    assert report["python"]["range"] == ">=3.11,<3.14"
    assert report["files"] == []


def test_json_keeps_letters_of_any_script() -> None:
    finding = Finding(code=Code.NAME_INFERRED, severity=Severity.NOTE, message="naïve 日本 \u202e\x7f")
    text = render_json(replace(happy(), findings=(finding,)))
    assert '"message": "naïve 日本 \\u202e\\u007f"' in text


# Terminal


@all_outcomes
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_gets_no_escape_code_without_color_and_no_line_too_long(outcome: Outcome, width: int) -> None:
    text = render_terminal(outcome, width=width)
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= width


@all_outcomes
def test_color_adds_only_the_codes_of_colors(outcome: Outcome) -> None:
    text = render_terminal(outcome, width=80, color=True)
    assert "\x1b[" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert {char for char in plain if not char.isprintable()} <= {"\n"}
    strip = [line.rstrip() for line in plain.splitlines()]
    assert strip == [line.rstrip() for line in render_terminal(outcome, width=80).splitlines()]


def test_the_environment_does_not_color_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = render_terminal(happy())
    for name in ("FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "JUPYTER_COLUMNS"):
        monkeypatch.setenv(name, "1")
    assert render_terminal(happy()) == plain


def test_the_terminal_tells_a_good_migration() -> None:
    assert (
        render_terminal(happy())
        == """\
13 of 13 versions kept, 13 of 13 hash sets proven, 1 thing to look at

What needs your eyes
  review  requirements.txt:8  native-unknown
    pillow is built from source, and no row of the table speaks about pillow 12.
    ->  Build it with nix-build; where a library is missing, run again with
        --native ATTRIBUTE=pillow.

What moved
  appeared  colorama  0.4.6  needed by click, only where platform_system ==
                             "Windows"

What still names the old tool
  Dockerfile:7  RUN pip install -r requirements.txt

Also told
  4 inferred, 1 not carried over: --report report.md tells them

Files written
  default.nix  poetry.lock  pyproject.toml  shell.nix

Next
  poetry install  installs exactly what the lock says
  nix-build       builds it with Nix
  git status      shows which files are new or changed
"""
    )


def test_the_terminal_stays_short() -> None:
    text = render_terminal(large(500))
    assert len(text.splitlines()) < 250
    assert "and 460 findings more: --report report.md tells all" in text
    assert "and 480 packages more: --report report.md tells all" in text


def test_the_terminal_names_the_report_that_was_written() -> None:
    text = render_terminal(large(500), report="docs/migration.md")
    assert "and 460 findings more: docs/migration.md tells all" in text
    assert "--report" not in text
    assert render_terminal(OUTCOMES["dry run"], report="migration.md") == render_terminal(OUTCOMES["dry run"])


# All of them


def test_a_dry_run_names_the_files_that_would_be_written_and_no_way_back() -> None:
    text = render_markdown(OUTCOMES["dry run"])
    assert "## Files that would be written\n" in text
    assert "How to go back" not in text
    assert "Files that would be written\n  default.nix  poetry.lock" in render_terminal(OUTCOMES["dry run"])
    assert read_json(OUTCOMES["dry run"])["diffs"] == ["--- pyproject.toml\n+++ pyproject.toml\n"]


def test_the_place_of_a_finding_is_told() -> None:
    finding = Finding(code=Code.YANKED, severity=Severity.REVIEW, message="m", origin=at(7), advice="a")
    text = render_markdown(replace(happy(), findings=(finding,)))
    assert "- **review** `yanked` `requirements.txt:7`:<br>m<br>*What to do:* a\n" in text


@pytest.mark.parametrize(
    ("format_", "sources", "command"),
    [
        ("requirements", ("requirements.txt",), "in the place of `pip install -r ...`"),
        ("pipenv", ("Pipfile", "Pipfile.lock"), "in the place of `pipenv sync ...`"),
        (
            "pypi2nix",
            ("requirements.nix",),
            "Build with `nix-build` in the place of `requirements.nix`. Without Nix: Bring Poetry 2 to the image or",
        ),
        ("another", ("deps.lock",), "run `poetry install`: it takes"),
    ],
)
def test_the_words_are_those_of_the_old_tool(format_: str, sources: tuple[str, ...], command: str) -> None:
    outcome = replace(happy(), plan=replace(_plan(), dependencies=_plan().dependencies[:1]), findings=())
    text = render_markdown(replace(outcome, before=replace(outcome.before, format=format_, sources=sources)))
    assert f"Until now {' and '.join(f'`{name}`' for name in sources)} said what this project installs." in text
    assert command in text
    # the places of the outcome are those of a requirements file; nothing else may speak of one
    rest = re.sub(r"`requirements\.txt:\d+`", "", text).replace(sources[0], "")
    assert "requirement" not in rest
    dry = render_terminal(replace(outcome, ended=Ended.DRY_RUN, before=replace(outcome.before, format=format_)))
    assert f"migrate from-{format_} ... without --dry-run" in dry


def _plan() -> ProjectPlan:
    plan = happy().plan
    assert plan is not None
    return plan


LEADS = {
    "all kept": (happy(), 'Each version that was pinned stays, and "Versions that moved, appeared or went" lists what'),
    "nothing else": (replace(happy(), changes=()), "Each version that was pinned stays."),
    "drift allowed": (
        replace(drifted(), ended=Ended.WRITTEN),
        'Each version that was pinned stays, except for those that "Versions that moved, appeared or went" lists.',
    ),
    "not all proven": (
        replace(drifted(), ended=Ended.WRITTEN),
        'That is not so for 2 of them: look under "What needs your eyes", "Versions that moved, appeared or went" and',
    ),
    "no pins": (
        replace(happy(), before=replace(happy().before, pins=()), proofs=()),
        "The old files pinned no version, so the lock holds the newest that fit.",
    ),
    "not locked": (
        OUTCOMES["not locked"],
        "Lock before anything is installed: nothing names the versions of today yet.",
    ),
    "stopped": (drifted(), "No file was changed. What stopped it comes first below, each with what to do"),
    "nothing names the old tool": (
        replace(happy(), findings=()),
        "No file that was searched names the old tool; look at what stands outside of the project.",
    ),
    "more hashes": (drifted(), "More files of the same release are other builds of the same version: the old files"),
    "the interpreter": (happy(), "- Nix builds with `python313`:<br>or the next older Python that nixpkgs has"),
    "no other interpreter": (
        replace(
            happy(),
            nix=NixPlan(
                name="x", application=False, python_attributes=("python39",), overrides=(), nixpkgs_release="24.11"
            ),
        ),
        "`--arg python '(import <nixpkgs> {}).python39'`",
    ),
    "nothing to decide": (replace(happy(), findings=()), "Nothing needs a decision. Read the direct dependencies once"),
    "credentials": (
        with_credentials(),
        'Set the variables under "Sources and credentials" wherever Poetry runs.',
    ),
}


@pytest.mark.parametrize(("outcome", "sentence"), LEADS.values(), ids=LEADS)
def test_the_reviewer_is_told_what_changes(outcome: Outcome, sentence: str) -> None:
    assert sentence in render_markdown(outcome)


def test_what_is_the_same_in_most_rows_is_said_once() -> None:
    """The usual reason of the direct dependencies, and what to do with lines of one kind that follow one another."""
    (entry, *_) = _plan().dependencies
    names = [canonicalize_name(f"p{number}") for number in range(7)]
    entries = tuple(replace(entry, name=name, why="by hand") for name in names)
    line = Finding(code=Code.LEFTOVER, severity=Severity.NOTE, message="", advice="do it", origin=at(1, "Makefile"))
    lines = ("a `code` b|c", "pip install", "pip freeze", "pip install")
    told = tuple(
        replace(
            line, message=text, advice="list it" if text == "pip freeze" else "do it", origin=at(number, "Makefile")
        )
        for number, text in enumerate(lines, start=1)
    )
    outcome = replace(happy(), plan=replace(_plan(), dependencies=entries), findings=told)
    text = render_markdown(outcome)
    assert read_tables(text)[0][0][-1] == "In pyproject.toml"
    assert "Why, for each of them: by hand." in text
    leftovers = next(table for table in read_tables(text) if table[0][0] == "Where")
    assert [row[0] for row in leftovers[1:]] == [f"`Makefile:{number}`" for number in range(1, 5)]
    assert [row[2] for row in leftovers[1:]] == ["do it", "as above", "list it", "do it"]
    assert "<code>a &#96;code&#96; b&#124;c</code>" in text
    entries = (*entries, replace(entry, name=canonicalize_name("q"), why="a guess"))
    text = render_markdown(replace(outcome, plan=replace(_plan(), dependencies=entries)))
    assert [row[-1] for row in read_tables(text)[0]] == ["Why", *[""] * 7, "a guess"]
    assert "Why, where nothing else stands: by hand." in text


def test_a_stopped_run_tells_nobody_what_to_do_and_draws_nothing() -> None:
    headings = read_headings(render_markdown(drifted()))
    assert not {"What to do now", "How to go back", "The direct dependencies and their native inputs, drawn"} & {
        *headings
    }


def test_many_sources_are_counted() -> None:
    names = tuple(f"requirements/{letter}.txt" for letter in "abcdefg")
    text = render_markdown(replace(happy(), before=replace(happy().before, sources=names)))
    assert "`requirements/e.txt` and 2 more files said what this project installs" in text


def test_the_nix_files_are_named_as_they_are_called() -> None:
    names = {"default.nix": "migrator.nix", "shell.nix": "migrator-shell.nix"}
    artifacts = tuple(replace(each, path=names.get(each.path, each.path)) for each in happy().artifacts)
    text = render_markdown(replace(happy(), artifacts=artifacts, written=tuple(each.path for each in artifacts)))
    assert "With Nix: `nix-shell migrator-shell.nix`." in text
    assert "With Nix: `nix-build migrator.nix`." in text


def test_a_flake_is_told_to_developers_and_to_whoever_builds() -> None:
    flake = Artifact(path="flake.nix", text="", ownership=Ownership.GENERATED)
    text = render_markdown(replace(happy(), artifacts=(*happy().artifacts, flake)))
    assert "With Nix: `nix-shell`, or `nix develop` in the project's folder." in text
    assert "`nix-build` (or `nix build`, when git knows the new files: a flake sees no others)" in text


def test_a_report_far_too_long_keeps_what_needs_eyes_longest() -> None:
    text = render_markdown(large(3_000))
    check_report("md", text)
    assert len(text.encode()) > LIMIT - 2_000
    assert text.count("- **review** `yanked`") > 200
    assert "| whoever reviews this |" in text


def test_the_page_and_the_text_are_whole() -> None:
    outcome = large(500)
    page = read_html(load_form("html").render(outcome))
    assert [len(table) - 1 for table in page.tables][:3] == [500, 500, 500]
    assert load_form("txt").render(outcome).count("package-0499") >= 5
    assert page.headings == [
        heading for heading in read_headings(render_markdown(outcome)) if not heading.endswith("drawn")
    ]


def test_the_terminal_names_the_variables_of_removed_credentials() -> None:
    text = render_terminal(with_credentials(), width=200)
    assert "Credentials to set where Poetry runs\n" in text
    assert "my-priv  POETRY_HTTP_BASIC_MY_PRIV_USERNAME POETRY_HTTP_BASIC_MY_PRIV_PASSWORD" in text


def test_the_page_of_reports_names_every_form() -> None:
    page = (Path(__file__).parents[1] / "docs" / "reports.md").read_text(encoding="utf-8")
    for name in form_names():
        assert f"| `{name}` | {f'`{load_form(name).suffix}`' if load_form(name).suffix else ''}" in page
    assert load_form("md").marks[0] in page
