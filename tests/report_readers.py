"""What others would read in a report: GitHub's Markdown, a browser, a runner of GitHub Actions, code scanning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.gfm import gfm_plugin

import migrator.reports
from migrator.model.form import CHECK_MARK, DIFF_MARK, REPORT_MARK, Subject
from migrator.reports import load_form
from migrator.reports.markdown import LIMIT

SCHEMAS = {
    mark: json.loads(Path(migrator.reports.__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8"))
    for mark, name in ((REPORT_MARK, "report"), (DIFF_MARK, "comparison"), (CHECK_MARK, "fidelity"))
}
SCHEMA = SCHEMAS[REPORT_MARK]

# Markdown


def parse_markdown(text: str) -> list[Token]:
    """What GitHub would see: tables, strikethrough, bare links, footnotes, alerts and formulas included."""
    return MarkdownIt("commonmark").use(gfm_plugin, dollarmath=True).parse(text)


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def read_tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, each cell as its Markdown."""
    tables: list[list[list[str]]] = []
    for token, inner in pairwise(parse_markdown(text)):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            tables[-1][-1].append(inner.content)
    return tables


def read_headings(text: str) -> list[str]:
    tokens = parse_markdown(text)
    return [inner.content for token, inner in pairwise(tokens) if token.type == "heading_open" and token.tag == "h2"]


def read_words(text: str) -> str:
    """All text outside of code: where GitHub looks for mentions, issues, links and emoji."""
    words, depth = "", 0
    for token in walk(parse_markdown(text)):
        if token.type == "html_inline":
            depth += {"<code>": 1, "</code>": -1}.get(token.content, 0)
        elif token.type == "text" and not depth:
            words += token.content + "\n"
    return words


_OURS = {"<br>", "<code>", "</code>"}
_OUR_BLOCKS = re.compile(
    r"<!-- migrator-(?:report|diff|check) -->|<details><summary>(?:\d+ rows?|the picture)</summary>|</details>"
)
DRAWN_LABEL = r'"(?:[A-Za-z0-9 ]|(?<=[A-Za-z0-9])[._-](?=[A-Za-z0-9])|#\d+;)+"'
"""What mermaid takes for text and nothing else; an empty label it does not take."""
_DRAWN = re.compile(
    rf"graph LR|  n\d+(?:\[{DRAWN_LABEL}\]|\(\[{DRAWN_LABEL}\]\))|  n\d+ (?:-->|-\.->)(?:\|{DRAWN_LABEL}\|)? n\d+"
)


TITLES = {REPORT_MARK: "Migration to Poetry", DIFF_MARK: "Dependencies", CHECK_MARK: "Migration"}
"""How a report begins that people read."""


def check_markdown(text: str, mark: str = REPORT_MARK) -> None:
    """A whole comment: marked, short enough, whole tables, and nothing in it that acts but what is ours."""
    assert text.startswith(f"<!-- {mark} -->\n\n# {TITLES[mark]}")
    assert len(text.encode()) <= LIMIT
    folded = 0
    for token in walk(parse_markdown(text)):
        if token.type == "html_inline":
            assert token.content in _OURS
        elif token.type == "html_block":
            assert _OUR_BLOCKS.fullmatch(token.content.strip())
            folded += {"<d": 1, "</": -1}.get(token.content[:2], 0)
            assert folded in {0, 1}
        elif token.type == "fence" and token.info == "mermaid":
            assert [line for line in token.content.splitlines() if not _DRAWN.fullmatch(line)] == []
        elif token.type == "fence":
            assert token.info == "sh"
            assert all(line.startswith(("# ", "git ")) for line in token.content.splitlines())
        else:
            assert not re.match(r"link|image|math|footnote|s_|code_block|blockquote|ordered|hr|alert", token.type)
            assert not token.type.startswith("heading") or token.markup in {"#", "##"}
    assert folded == 0
    assert not re.search(r"@\w|\w#\d|#\d|GH-\d|://|www\.|:\w+:", read_words(text))
    # cells beyond the header's are cut off by the renderer without a word: so the last one is looked at as well
    for table in read_tables(text):
        assert len({len(row) for row in table}) == 1
    for line in text.splitlines():
        if line.startswith("| ") and "---" not in line:
            assert line.endswith(" |")
            assert "|" not in line[1:-1].replace(" | ", "")


# HTML

_VOID = {"meta", "br"}
_TAGS = {
    *_VOID,
    *("html", "head", "title", "style", "body", "main", "h1", "h2", "p", "nav", "ul", "li", "a", "section", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "code", "pre", "span", "em"),
}
_ATTRIBUTES = {
    ("html", "lang"),
    *(("meta", name) for name in ("charset", "name", "content", "http-equiv")),
    *(("div", name) for name in ("class", "role", "tabindex", "aria-label")),
    *(("p", "class"), ("span", "class"), ("section", "id"), ("nav", "aria-label"), ("th", "scope"), ("a", "href")),
}


@dataclass
class Page(HTMLParser):
    """An HTML page as a browser's tokenizer gives it; every tag has to be closed, in order."""

    tables: list[list[list[str]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        assert {(tag, name) for name, _ in attrs} <= _ATTRIBUTES
        for name, value in attrs:
            assert name != "href" or re.fullmatch(r"#part-\d+", value or "")
        if tag in _VOID:
            return
        self.open_tags.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"th", "td"}:
            self.tables[-1][-1].append("")
        elif tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open_tags:
            self.texts.append(data)
        if {"th", "td"} & set(self.open_tags):
            self.tables[-1][-1][-1] += data
        elif self.open_tags[-1:] == ["h2"]:
            self.headings[-1] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read_html(text: str, mark: str = REPORT_MARK) -> Page:
    """The page, checked: complete, marked, of our tags and attributes alone, and with nothing that loads or runs."""
    page = Page()
    page.feed(text)
    page.close()
    assert text.startswith(f"<!DOCTYPE html>\n<!-- {mark} -->\n<html")
    assert text.endswith("</html>\n")
    assert page.open_tags == []
    assert page.comments == [f" {mark} "]
    for table in page.tables:
        assert len({len(row) for row in table}) == 1
    assert not re.search(r"url\(|@import|expression", text[text.index("<style>") : text.index("</style>")])
    return page


# GitHub Actions

_KINDS = {"debug", "notice", "warning", "error"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """A workflow command as a runner reads it."""

    name: str
    properties: dict[str, str]
    data: str


def read_commands(text: str) -> list[Command]:
    """Every line, read by the rule of the runner (actions/runner, ActionCommand.TryParseV2): none is mere output."""
    return [_read_command(line) for line in text.splitlines()]


def _read_command(line: str) -> Command:
    assert line.startswith("::")
    info, colons, data = line[2:].partition("::")
    assert colons
    name, _, rest = info.partition(" ")
    assert name in _KINDS
    properties = dict(pair.split("=", 1) for pair in rest.strip().split(",") if pair)
    unescaped = {key: _unescape(value, property_=True) for key, value in properties.items()}
    return Command(name=name, properties=unescaped, data=_unescape(data))


def _unescape(text: str, *, property_: bool = False) -> str:
    pairs = [("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if property_ else ()), ("%25", "%")]
    for escaped, char in pairs:
        text = text.replace(escaped, char)
    return text


# SARIF and JSON


def read_sarif(text: str) -> list[dict[str, Any]]:
    """The results, checked for what code scanning asks of them."""
    log = json.loads(text)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        assert "](" not in result["message"]["text"]
        assert not re.search(r"(?<!\{)\{(?:\{\{)*(?!\{)", result["message"]["text"])
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert 1 <= place["region"]["startLine"] <= place["region"]["endLine"]
        parts = urlsplit(place["artifactLocation"]["uri"])
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert parts.path
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", parts.path)
    return list(run["results"])


def sarif_path(result: dict[str, Any]) -> str:
    return unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def read_report_json(text: str) -> Any:
    """The object, valid by the published schema."""
    check_json(text)
    return json.loads(text)


def check_text(text: str, mark: str = REPORT_MARK) -> None:
    """Plain text: nothing that cannot be seen, and of a migration no line too long but a command."""
    begins = {REPORT_MARK: "migrator-report: Migration to Poetry", DIFF_MARK: "Compared ", CHECK_MARK: "Checked "}
    assert text.startswith(begins[mark])
    assert {char for char in text if not char.isprintable()} <= {"\n"}
    if mark == REPORT_MARK:
        assert [line for line in text.splitlines() if len(line) > 100 and not line.startswith("  git ")] == []


def check_json(text: str, mark: str = REPORT_MARK) -> None:
    """Printable, and valid by the schema of its kind."""
    report = json.loads(text)
    jsonschema.validate(report, SCHEMAS[mark], cls=jsonschema.Draft202012Validator)
    assert all(char.isprintable() or char == "\n" for char in text)


def check_report(form: str, text: str, mark: str = REPORT_MARK) -> None:
    """A report in any form, as its outside reader finds it."""
    match form:
        case "md":
            check_markdown(text, mark)
        case "html":
            read_html(text, mark)
        case "github":
            assert read_commands(text)[0].data == mark
        case "sarif":
            assert json.loads(text)["properties"]["kind"] == mark
            read_sarif(text)
        case "json":
            check_json(text, mark)
        case "txt":
            check_text(text, mark)
        case _:
            raise AssertionError(f"no reader for {form}: write one")


def check_form(name: str, subject: Subject, mark: str) -> None:
    """What a form makes of ``subject``: begun as promised, nothing invisible in it, and as its reader finds it."""
    form = load_form(name)
    text = form.render(subject)
    check_report(name, text, mark)
    assert text.startswith(form.marks)
    assert text.endswith("\n")
    assert {char for char in text if not char.isprintable()} <= {"\n"}
