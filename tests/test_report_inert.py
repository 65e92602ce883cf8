"""Whatever an input says, in every form of the report it is text: read by others than ourselves."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.outcome import Outcome
from migrator.model.url import mask_credentials
from migrator.reports import form_names, load_form
from migrator.reports.document import Edge, Node, Picture
from migrator.reports.inert import show_invisible
from migrator.reports.inert_md import show_code
from migrator.reports.markdown import show_picture
from migrator.reports.terminal import render_terminal

from .report_outcomes import HOSTILE, SECRET, happy, hostile
from .report_readers import (
    DRAWN_LABEL,
    check_report,
    parse_markdown,
    read_commands,
    read_html,
    read_sarif,
    read_tables,
    sarif_path,
    walk,
)

_PIECES = (
    *HOSTILE,
    *("|", "\\|", "`", "``", "```mermaid", "~~~", "<", ">", "&", "&#124;", "#", "*", "_", "[", "](", ")", "!", "\\"),
    *("\n", "\r", "\t", " ", "\x1b[", "\x9b", "\u202e", "\u2028", "\0", "\ud800", "%0A", "%", "::", "::error::", "##["),
    *(
        "@a",
        "#1",
        "://",
        "www.",
        ":x:",
        "$",
        "$$",
        "-->",
        "<!--",
        "]]>",
        "</style>",
        "</code>",
        '"',
        "'",
        "javascript:",
    ),
    *(
        "#quot;",
        "end",
        "click n0 href",
        "%%{init: {}}%%",
        "{0}",
        "{{",
        "::add-mask::x",
        "::set-output name=a::b",
        "..",
        "/",
    ),
    *("¹", "²", "🎉", "日本", "e\u0301", "\U000e0041"),
)
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=8).map("".join)
_often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_LEAST = (Code.NOT_UNDERSTOOD, Code.NAME_INFERRED, Code.LEFTOVER, Code.OPTION_NOT_CARRIED, Code.PLAIN_INDEX)


def little(text: str) -> Outcome:
    """A hostile outcome with few findings, so that many can be tried."""
    outcome = hostile(text)
    return replace(
        outcome,
        before=replace(outcome.before, sources=(text, "x")),
        findings=tuple(finding for finding in outcome.findings if finding.code in _LEAST),
    )


@pytest.mark.parametrize("name", form_names())
@_often
@given(text=_TEXTS)
def test_no_text_acts_in_any_form(name: str, text: str) -> None:
    shown = load_form(name).render(little(text))
    check_report(name, shown)
    assert {char for char in shown if not char.isprintable()} <= {"\n"}
    assert shown.encode().decode() == shown


@_often
@given(text=_TEXTS)
def test_no_text_steers_a_terminal(text: str) -> None:
    shown = render_terminal(little(text))
    assert {char for char in shown if not char.isprintable()} <= {"\n"}
    colored = re.sub(r"\x1b\[[0-9;]*m", "", render_terminal(little(text), color=True))
    assert {char for char in colored if not char.isprintable()} <= {"\n"}


@_often
@given(text=_TEXTS)
def test_a_value_in_a_cell_is_shown_as_it_is(text: str) -> None:
    """Renderers of Markdown and of HTML give the very text back."""
    value = mask_credentials(text).strip()
    value = show_invisible(value if len(value) <= 300 else value[:297] + "...")
    assume(len(value) <= 300)  # a longer one is shortened
    inline = MarkdownIt("commonmark").use(gfm_plugin).parseInline(show_code(value))
    assert "".join(token.content for token in walk(inline) if token.type in {"text", "code_inline"}) == value
    table = f"| {show_code(value)} | x |\n| --- | --- |\n| {show_code(value)} | {show_code(value)} |\n"
    assert read_tables(table) == [[[show_code(value), "x"], [show_code(value)] * 2]]


@_often
@given(text=_TEXTS)
def test_a_page_shows_a_value_as_it_is(text: str) -> None:
    page = read_html(load_form("html").render(little(text)))
    direct = next(table for table in page.tables if "Asked for before" in table[0])
    # credentials are masked in the whole text, and a line break cannot be in a name
    wanted = "\n".join(map(mask_credentials, text.split("\n")))
    assert direct[1][1] == show_invisible(wanted)


@_often
@given(text=_TEXTS)
@example(text="a,line=1::b")
def test_a_runner_reads_the_very_place_and_words(text: str) -> None:
    finding = Finding(
        code=Code.YANKED,
        severity=Severity.REVIEW,
        message="m",
        advice="a",
        origin=Origin(path=text, line=3, end_line=5),
    )
    _, _, command = read_commands(load_form("github").render(replace(happy(), findings=(finding,))))
    path = show_invisible("\n".join(map(mask_credentials, text.split("\n"))))
    assert command.name == "warning"
    place = {"file": path, "line": "3", "endLine": "5"} if text else {}
    assert command.properties == {**place, "title": "yanked"}
    assert command.data == "m\na"


@_often
@given(text=_TEXTS)
@example(text="//evil.example/x")
@example(text="javascript:x")
def test_code_scanning_reads_the_very_path(text: str) -> None:
    finding = Finding(code=Code.YANKED, severity=Severity.STOP, message=text, origin=Origin(path=text, line=3))
    (result,) = read_sarif(load_form("sarif").render(replace(happy(), findings=(finding,))))
    path = show_invisible("\n".join(map(mask_credentials, text.split("\n"))))
    assert sarif_path(result) == (path.lstrip("/") or ".")


@_often
@given(text=_TEXTS)
def test_a_label_of_a_picture_is_a_label(text: str) -> None:
    """The fence holds lines of our own grammar only, whatever stands on the nodes."""
    drawn = show_picture(
        Picture(nodes=(Node(label=text), Node(label=text, native=True)), edges=(Edge(start=0, end=1, label=text),))
    )
    (fence,) = parse_markdown(drawn)
    assert (fence.type, fence.info) == ("fence", "mermaid")
    head, first, second, edge = fence.content.splitlines()
    label = DRAWN_LABEL
    assert head == "graph LR"
    assert re.fullmatch(rf"  n0\[{label}\]", first)
    assert re.fullmatch(rf"  n1\(\[{label}\]\)", second)
    assert re.fullmatch(rf"  n0 -->(\|{label}\|)? n1", edge)


@pytest.mark.parametrize(
    "address",
    [
        f"https://robot:{SECRET}@pkgs.example/simple",
        f"https://pkgs.example/simple?api_key={SECRET}",
        f"git+ssh://git:{SECRET}@git.example/x.git",
        f"robot:{SECRET}@proxy.example:3128",
        f"\u202ehttps://robot:{SECRET}@pkgs.example/\x1b[0m",
    ],
)
@pytest.mark.parametrize("name", form_names())
def test_no_form_shows_credentials_wherever_they_stand(name: str, address: str) -> None:
    outcome = little(f"{'x ' * 140}{address}")
    shown = load_form(name).render(replace(outcome, poetry=address))
    assert SECRET not in re.sub(r"\s|…|\.\.\.|\|", "", shown)
