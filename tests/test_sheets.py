"""What ``diff`` and ``check`` show, in every form: structure, order, size, and that no value can do anything."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.gfm import gfm_plugin
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import migrator.reports
from migrator.compare import compare, compare_entries, compare_wishes, find_direct
from migrator.model.comparison import Comparison, EntryChanged, EntryKind, Side, WishChanged
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, IndexRole, Pin, PinField, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawVersion, read_version
from migrator.reports.comparison import describe_comparison
from migrator.reports.comparison_json import render_comparison_json
from migrator.reports.inert import show_invisible
from migrator.reports.sheet_md import LIMIT, mark_of, render_md
from migrator.reports.sheet_text import render_text

from .report_outcomes import HOSTILE, SECRET

SCHEMA = json.loads(Path(migrator.reports.__file__).with_name("comparison.schema.json").read_text(encoding="utf-8"))
NOWHERE = Origin(path="x")


def pin(name: str, version: str | None, *hashes: str, **facts: Any) -> Pin:
    told = None if version is None else read_version(version)
    raw = canonicalize_name(name)
    return Pin(name=raw, raw_name=name, version=told, origin=NOWHERE, hashes=hashes, **facts)


def side(label: str, *pins: Pin, **facts: Any) -> Side:
    project = Project(**{"format": "poetry", "origin": NOWHERE, "pins": pins, **facts})
    direct, transitive = find_direct(project)
    return Side(label=label, project=project, direct=direct, transitive=transitive)


def comparison(old: Side, new: Side, **facts: Any) -> Comparison:
    return Comparison(
        old=old,
        new=new,
        changes=compare(old.project, new.project),
        wishes=compare_wishes(old.project, new.project),
        entries=compare_entries(old.project, new.project),
        **facts,
    )


def sha(digit: str) -> str:
    return "sha256:" + digit * 64


def everything() -> Comparison:
    """One change of each kind."""
    wish = Dependency(name=canonicalize_name("web"), raw_name="web", origin=Origin(path="pyproject.toml", line=7))
    mirror = Index(name="mirror", url=Url.parse("https://m.example/simple"), role=IndexRole.SOURCE, origin=NOWHERE)
    old = side(
        "main:poetry.lock",
        pin("gone", "1.0"),
        pin("up", "1.0"),
        pin("down", "2.0"),
        pin("old-style", "2011n"),
        pin("evil", "1.0", sha("a")),
        pin("more", "1.0", sha("a")),
        pin("bare", "1.0", sha("a")),
        pin("moved", "1.0"),
        pin("windows", "1.0", marker=Marker("os_name == 'nt'")),
        pin("grouped", "1.0"),
        declared=(replace(wish, specifier=SpecifierSet(">=1")),),
        python=SpecifierSet(">=3.10"),
    )
    new = side(
        "poetry.lock",
        pin("up", "1.1", needs=("come",)),
        pin("come", "1.0", marker=Marker("os_name == 'nt'"), groups=frozenset({"dev"})),
        pin("down", "1.0"),
        pin("old-style", "2012n"),
        pin("evil", "1.0", sha("b")),
        pin("more", "1.0", sha("a"), sha("b")),
        pin("bare", "1.0"),
        pin("moved", "1.0", source=FromIndex(index="mirror")),
        pin("windows", "1.0"),
        pin("grouped", "1.0", groups=frozenset({"main", "dev"})),
        declared=(replace(wish, specifier=SpecifierSet(">=2,<3")),),
        indexes=(mirror,),
        python=SpecifierSet(">=3.11"),
    )
    return comparison(old, new)


def hostile(text: str) -> Comparison:
    """``text`` wherever an input can put one."""
    url = Url.parse(f"https://e.example/{text}")
    name = canonicalize_name(text)
    raw = RawVersion(text=text)
    old = Pin(name=name, raw_name=text, version=raw, origin=NOWHERE, source=FromIndex(index=text))
    sources: tuple[Source, ...] = (
        FromUrl(url=url, subdirectory=text),
        FromPath(path=text, subdirectory=text),
        FromVcs(kind=VcsKind.GIT, url=url, rev=text, subdirectory=text, resolved=text),
    )
    groups = frozenset({text, "dev"})
    origin = Origin(path=text, line=3, end_line=3, key=text)
    finding = Finding(code=Code.NOT_UNDERSTOOD, severity=Severity.REVIEW, message=text, advice=text, origin=origin)
    new = [
        replace(old, version=RawVersion(text=f"{text}{n}"), source=s, groups=groups, needs=(text,))
        for n, s in enumerate(sources)
    ]
    changed = comparison(side(text, old), side(text, *new))
    return replace(
        changed,
        wishes=(WishChanged(name=canonicalize_name("w"), group=text, old=text, new=text, origin=origin),),
        entries=tuple(EntryChanged(kind=kind, old=text, new=text) for kind in EntryKind),
        findings=(finding,),
    )


def large(number: int) -> Comparison:
    old = [pin(f"package-{n}", f"1.{n}", *map(sha, "abcdef")) for n in range(number)]
    new = [replace(p, version=read_version(f"2.{n}"), needs=("package-1",)) for n, p in enumerate(old)]
    return comparison(side("old", *old), side("new", *new))


COMPARISONS = {
    "nothing": comparison(side("a"), side("b")),
    "everything": everything(),
    "one side absent": comparison(replace(side("a"), present=False), everything().new),
    "not compared": Comparison(
        old=side("a"),
        new=side("b"),
        findings=(Finding(code=Code.INVALID_TOML, severity=Severity.STOP, message="No TOML", origin=NOWHERE),),
    ),
    "formats": comparison(side("a", format="requirements"), side("b"), unstated=frozenset(PinField)),
    "large": large(200),
    **{f"hostile {number}": hostile(text) for number, text in enumerate(HOSTILE)},
}
all_comparisons = pytest.mark.parametrize("found", COMPARISONS.values(), ids=COMPARISONS)


def markdown(found: Comparison) -> str:
    return render_md(describe_comparison(found))


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def parse(text: str) -> list[Token]:
    """What GitHub would see."""
    return [*walk(MarkdownIt("commonmark").use(gfm_plugin, dollarmath=True).parse(text))]


# what is said


def test_each_kind_of_change_has_its_row_and_what_wants_eyes_comes_first() -> None:
    text = render_text(describe_comparison(everything()))
    about, verdict, _, *rows = [" ".join(line.split()) for line in text.splitlines()]
    assert about == "Compared main:poetry.lock (10 pins) with poetry.lock (10 pins)"
    assert verdict == (
        "1 with other bytes under the same version, 1 downgraded, 1 removed, 1 added, 1 upgraded, "
        "1 in another version, 8 other changes"
    )
    assert rows == [
        "other bytes evil 1 hash that are gone -> 1 hash that are new version 1.0",
        "source moved the default index -> mirror (https://m.example/simple) version 1.0, transitive",
        "index (none) -> mirror https://m.example/simple (source)",
        "downgraded down 2.0 -> 1.0 transitive",
        "removed gone 1.0 transitive",
        "hashes bare 1 hash -> none version 1.0",
        'added come 1.0 transitive, for dev, needed by up, only where os_name == "nt"',
        "upgraded up 1.0 -> 1.1 transitive",
        "version old-style 2011n -> 2012n transitive",
        "asked for web >=1 -> >=2,<3 pyproject.toml:7",
        "python >=3.10 -> >=3.11",
        'marker windows os_name == "nt" -> always version 1.0',
        "groups grouped main -> dev, main version 1.0",
        "hashes more 1 hash more version 1.0",
    ]


def test_what_weighs_little_is_folded_in_markdown() -> None:
    text = markdown(everything())
    assert text.startswith(
        "<!-- migrator-diff -->\n\n### Dependencies: 1 with other bytes under the same version, 1 down"
    )
    head, _, folded = text.partition("<details>")
    assert folded.startswith("<summary>3 rows: marker, groups, hashes</summary>")
    assert "| **other bytes** | `evil` | `1 hash that are gone` | `1 hash that are new` | version 1.0 |" in head
    assert "| upgraded | `up` | `1.0` | `1.1` | transitive |" in head


def test_of_a_long_list_only_what_wants_eyes_stays_open() -> None:
    many = large(50)
    found = replace(many, changes=(*many.changes, *everything().changes))
    head, _, folded = markdown(found).partition("<details>")
    assert "| **downgraded** | `down` |" in head
    assert "upgraded | `package-" not in head
    assert "| upgraded | `package-49` |" in folded


def test_an_unreadable_side_is_no_difference_and_no_agreement() -> None:
    found = COMPARISONS["not compared"]
    assert not found.differs
    assert render_text(describe_comparison(found)).splitlines()[1] == "Not compared, because one of them cannot be read"


def test_the_terminal_shows_a_screenful_of_each_kind_and_a_file_everything() -> None:
    sheet = describe_comparison(large(100))
    assert len(render_text(sheet).splitlines()) == 3 + 100
    lines = render_text(sheet, whole=False).splitlines()
    assert lines[-1].split() == ["and", "40", "more", "rows;", "a", "--report", "tells", "them", "all"]
    assert len(lines) == 3 + 60 + 1


def test_colours_are_the_only_escape_codes_and_only_where_they_are_wanted() -> None:
    sheet = describe_comparison(hostile("\x1b[31mred\x07"))
    assert "\x1b" not in render_text(sheet)
    painted = render_text(sheet, color=True)
    assert "\x1b[1;33m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render_text(sheet)


# every form, whatever the input


@all_comparisons
def test_json_follows_its_schema(found: Comparison) -> None:
    text = render_comparison_json(found)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(text), SCHEMA, cls=jsonschema.Draft202012Validator)
    assert text.endswith("}\n")
    assert all(char.isprintable() or char == "\n" for char in text)


def test_the_schema_lets_nothing_else_through() -> None:
    told = json.loads(render_comparison_json(everything()))
    for change in told["changes"]:
        change["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, SCHEMA, cls=jsonschema.Draft202012Validator)


@all_comparisons
def test_text_is_one_line_a_row_and_printable(found: Comparison) -> None:
    sheet = describe_comparison(found)
    text = render_text(sheet)
    assert all(line.isprintable() for line in text.removesuffix("\n").split("\n"))
    if not sheet.findings:
        rows = text.split("\n\n")[1].splitlines() if sheet.rows else []
        assert [line.split()[0] for line in rows] == [row.kind.split()[0] for row in sheet.rows]


@all_comparisons
def test_markdown_is_whole_tables_and_nothing_of_an_input_is_alive(found: Comparison) -> None:
    text = markdown(found)
    assert text.startswith(f"{mark_of('diff')}\n\n### Dependencies: ")
    assert len(text.encode()) <= LIMIT
    ours = re.compile(r"<!-- migrator-diff -->|<details><summary>\d+ rows?: [a-z, ]+</summary>|</details>")
    words, depth, width = "", 0, 0
    for token in parse(text):
        if token.type == "html_inline":
            assert token.content in {"<br>", "<code>", "</code>"}
            depth += {"<code>": 1, "</code>": -1}.get(token.content, 0)
        elif token.type == "html_block":
            assert ours.fullmatch(token.content.strip())
        elif token.type == "text" and not depth:
            words += token.content + "\n"
        elif token.type == "tr_open":
            width = 0
        elif token.type in {"th_open", "td_open"}:
            width += 1
        elif token.type == "tr_close":
            assert width == 5
        assert not re.match(r"link|image|math|footnote|s_|code_block|fence|blockquote|ordered|hr|alert", token.type)
        assert not token.type.startswith("heading") or token.markup == "###"
    assert not re.search(r"@\w|\w#\d|#\d|GH-\d|://|www\.|:\w+:", words)
    for line in text.splitlines():
        if line.startswith("| ") and "---" not in line:
            assert line.endswith(" |")
            assert line.count(" | ") == 4


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_markdown_shows_a_hostile_value_as_it_is(text: str) -> None:
    found = comparison(side("a"), side("b", pin("x", "1")))
    found = replace(found, entries=(EntryChanged(kind=EntryKind.OPTION, old=text, new=None),))
    row = next(line for line in markdown(found).splitlines() if line.startswith("| option"))
    cell = row.split(" | ")[2]
    shown = show_invisible(text.strip() if len(text) <= 300 else text[:297] + "...")
    inline = MarkdownIt("commonmark").use(gfm_plugin).parseInline(cell)
    assert "".join(token.content for token in walk(inline) if token.type in {"text", "code_inline"}) == shown


def test_a_comment_that_would_be_too_long_loses_what_weighs_least_and_counts_it() -> None:
    many = large(1500)
    text = markdown(replace(many, changes=(*many.changes, *everything().changes)))
    (left_out,) = re.findall(r"\*(\d+) rows left out to fit a comment; ", text)
    assert "**other bytes**" in text
    assert text.count("\n| ") - 2 * 2 + int(left_out) == 1500 + len(everything().changes)
    told = Finding(code=Code.NOT_UNDERSTOOD, severity=Severity.REVIEW, message="word " * 300, origin=NOWHERE)
    findings = tuple(replace(told, origin=Origin(path=f"f{number}")) for number in range(300))
    text = markdown(replace(everything(), findings=findings))
    assert len(text.encode()) <= LIMIT
    assert "findings left out to fit a comment.*" in text


def test_credentials_never_appear() -> None:
    address = f"https://bot:{SECRET}@e.example/simple?token={SECRET}"
    found = hostile(address)
    index = Index(name="i", url=Url.parse(address), role=IndexRole.SOURCE, origin=NOWHERE)
    found = replace(found, new=replace(found.new, project=replace(found.new.project, indexes=(index,))))
    sheet = describe_comparison(found)
    for text in (render_text(sheet), render_md(sheet), render_comparison_json(found)):
        assert "e.example" in text
        assert SECRET not in text


def test_the_same_in_gives_the_same_out_in_any_order() -> None:
    found = everything()
    shuffled = replace(found, changes=found.changes[::-1], wishes=found.wishes[::-1], entries=found.entries[::-1])
    assert render_text(describe_comparison(found)) == render_text(describe_comparison(shuffled))
    assert markdown(found) == markdown(shuffled)


@pytest.mark.parametrize("render", [render_text, render_md, None], ids=["text", "markdown", "json"])
def test_500_packages_cost_little(render: Any) -> None:
    """All of reading, comparing and showing has half a second of CPU; showing gets a fifth of that."""
    times = []
    for _ in range(3):
        found = large(500)
        begin = time.process_time()
        render(describe_comparison(found)) if render else render_comparison_json(found)
        times.append(time.process_time() - begin)
    assert min(times) < (0.1 if sys.gettrace() is None else 1)
