"""What ``diff`` and ``check`` show, in every form: structure, order, size, and that no value can do anything."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator.compare import compare, compare_entries, compare_wishes, find_direct
from migrator.model.comparison import Comparison, EntryChanged, EntryKind, Side, WishChanged
from migrator.model.finding import Code, Finding, Severity
from migrator.model.form import DIFF_MARK
from migrator.model.origin import Origin
from migrator.model.project import Dependency, Index, IndexRole, Option, Pin, PinField, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawVersion, read_version
from migrator.reports import form_names, load_form
from migrator.reports.comparison import describe_comparison
from migrator.reports.form_json import render_json
from migrator.reports.form_md import render_markdown
from migrator.reports.inert import show_invisible
from migrator.reports.markdown import LIMIT
from migrator.reports.sheet_text import render_sheet

from .report_outcomes import HOSTILE, SECRET
from .report_readers import (
    SCHEMAS,
    check_form,
    read_commands,
    read_headings,
    read_html,
    read_sarif,
    read_tables,
    sarif_path,
    walk,
)

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


# what is said


def test_each_kind_of_change_has_its_row_and_what_wants_eyes_comes_first() -> None:
    text = render_sheet(describe_comparison(everything()))
    about, verdict, _, *rows = [" ".join(line.split()) for line in text.splitlines()]
    assert about == "Compared main:poetry.lock (10 pins) with poetry.lock (10 pins)"
    assert verdict == (
        "1 with other bytes under the same version, 1 downgraded, 1 removed, 1 added, 1 upgraded, "
        "1 in another version, 8 other changes"
    )
    assert rows == [
        "other bytes evil 1 hash gone -> 1 new hash version 1.0",
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


def test_what_wants_eyes_stands_apart_and_what_weighs_little_is_folded_in_markdown() -> None:
    text = render_markdown(everything())
    assert text.startswith(
        "<!-- migrator-diff -->\n\n# Dependencies\n\n**1 with other bytes under the same version, 1 downgraded, "
    )
    assert read_headings(text) == ["Changes to look at", "Changes", "The same version, stated otherwise"]
    look, changes, slight = read_tables(text)
    assert look[0] == ["", "Package", "Before", "Now", "More"]
    assert look[1] == ["other bytes", "`evil`", "`1 hash gone`", "`1 new hash`", "version 1.0"]
    assert ["upgraded", "`up`", "`1.0`", "`1.1`", "transitive"] in changes
    assert [row[0] for row in slight[1:]] == ["marker", "groups", "hashes"]
    assert text.index("<summary>3 rows</summary>") > text.index("## The same version")


def test_a_long_list_is_folded() -> None:
    text = render_markdown(large(50))
    assert (
        text.index("<summary>50 rows</summary>") < text.index("| upgraded | `package-49` |") < text.index("</details>")
    )


def test_an_unreadable_side_is_no_difference_and_no_agreement() -> None:
    found = COMPARISONS["not compared"]
    assert not found.differs
    assert (
        render_sheet(describe_comparison(found)).splitlines()[1] == "Not compared, because one of them cannot be read"
    )


def test_the_terminal_shows_a_screenful_of_each_kind_and_a_file_everything() -> None:
    sheet = describe_comparison(large(100))
    assert len(render_sheet(sheet).splitlines()) == 3 + 100
    lines = render_sheet(sheet, whole=False).splitlines()
    assert lines[-1].split() == ["and", "40", "more", "rows;", "a", "--report", "tells", "them", "all"]
    assert len(lines) == 3 + 60 + 1


def test_colours_are_the_only_escape_codes_and_only_where_they_are_wanted() -> None:
    sheet = describe_comparison(hostile("\x1b[31mred\x07"))
    assert "\x1b" not in render_sheet(sheet)
    painted = render_sheet(sheet, color=True)
    assert "\x1b[1;33m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render_sheet(sheet)


# every form, whatever the input


@all_comparisons
@pytest.mark.parametrize("name", form_names())
def test_every_form_is_what_its_reader_expects_and_nothing_in_it_acts(found: Comparison, name: str) -> None:
    check_form(name, found, DIFF_MARK)


def test_the_schema_lets_nothing_else_through() -> None:
    told = json.loads(render_json(everything()))
    for change in told["changes"]:
        change["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, SCHEMAS[DIFF_MARK], cls=jsonschema.Draft202012Validator)


@all_comparisons
def test_text_is_one_line_a_row_and_printable(found: Comparison) -> None:
    sheet = describe_comparison(found)
    text = render_sheet(sheet)
    assert all(line.isprintable() for line in text.removesuffix("\n").split("\n"))
    if not sheet.findings:
        rows = text.split("\n\n")[1].splitlines() if sheet.rows else []
        assert [line.split()[0] for line in rows] == [row.kind.split()[0] for row in sheet.rows]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_markdown_shows_a_hostile_value_as_it_is(text: str) -> None:
    found = comparison(side("a"), side("b", pin("x", "1")))
    found = replace(found, entries=(EntryChanged(kind=EntryKind.OPTION, old=text, new=None),))
    row = next(line for line in render_markdown(found).splitlines() if line.startswith("| option"))
    cell = row.split(" | ")[2]
    shown = show_invisible(text.strip() if len(text) <= 300 else text[:297] + "...")
    inline = MarkdownIt("commonmark").use(gfm_plugin).parseInline(cell)
    assert "".join(token.content for token in walk(inline) if token.type in {"text", "code_inline"}) == shown


def test_a_comment_that_would_be_too_long_loses_what_weighs_least_and_counts_it() -> None:
    many = large(1500)
    text = render_markdown(replace(many, changes=(*many.changes, *everything().changes)))
    (left_out,) = re.findall(r"\*(\d+) rows left out here\.\*", text)
    assert "| other bytes |" in text
    assert "with `--report report.html` writes the whole" in text
    assert sum(len(table) - 1 for table in read_tables(text)) + int(left_out) == 1500 + len(everything().changes)
    told = Finding(code=Code.NOT_UNDERSTOOD, severity=Severity.REVIEW, message="word " * 300, origin=NOWHERE)
    findings = tuple(replace(told, origin=Origin(path=f"f{number}")) for number in range(300))
    text = render_markdown(replace(everything(), findings=findings))
    assert len(text.encode()) <= LIMIT
    assert len(re.findall(r"^- \*\*review\*\*", text, re.MULTILINE)) > 30


PLACES = {
    "added": ("note", "poetry.lock", 3),
    "upgraded": ("note", "poetry.lock", 2),
    "other-bytes": ("warning", "poetry.lock", 4),
    "downgraded": ("warning", "poetry.lock", 5),
    "option": ("note", "poetry.lock", 9),
    "asked-for": ("note", "pyproject.toml", 7),
    "python": ("note", "poetry.lock", 1),
    "not-understood": ("warning", "poetry.lock", 6),
}


def with_places(old_revision: str = "", new_revision: str = "") -> Comparison:
    """A change of several kinds, each with its line, in files of commits where these are named."""

    def line(number: int, path: str = "poetry.lock") -> Origin:
        return Origin(path=path, line=number, end_line=number)

    wish = Dependency(name=canonicalize_name("web"), raw_name="web", origin=line(7, "pyproject.toml"))
    old = side(
        "old",
        replace(pin("gone", "1.0"), origin=line(12)),
        *(replace(pin(name, "2.0", sha("a")), origin=line(20)) for name in ("up", "evil", "down")),
        declared=(replace(wish, specifier=SpecifierSet(">=1")),),
        python=SpecifierSet(">=3.10"),
        options=(Option(option="--pre", value="", origin=line(30)),),
        origin=Origin(path="poetry.lock"),
    )
    new = side(
        "new",
        replace(pin("up", "2.1", sha("a")), origin=line(2)),
        replace(pin("come", "1.0"), origin=line(3)),
        replace(pin("evil", "2.0", sha("b")), origin=line(4)),
        replace(pin("down", "1.0", sha("a")), origin=line(5)),
        declared=(replace(wish, specifier=SpecifierSet(">=2")),),
        python=SpecifierSet(">=3.11"),
        options=(Option(option="--pre", value="no", origin=line(9)),),
        origin=Origin(path="poetry.lock"),
    )
    sides = [
        replace(one, revision=revision, place=f"{revision}:" if revision else "")
        for one, revision in ((old, old_revision), (new, new_revision))
    ]
    told = Finding(
        code=Code.NOT_UNDERSTOOD,
        severity=Severity.REVIEW,
        message="m",
        advice="a",
        origin=line(6, f"{sides[1].place}poetry.lock"),
    )
    return comparison(*sides, findings=(told,))


@pytest.mark.parametrize("revisions", [("", ""), ("v1", ""), ("v1", "HEAD")])
def test_each_change_stands_beside_its_line_of_the_new_file(revisions: tuple[str, str]) -> None:
    """What is gone has its line in the old file; where that is one of a commit, it stands at the whole new one."""
    found = with_places(*revisions)
    results = read_sarif(load_form("sarif").render(found))
    places = {
        result["ruleId"]: (
            result["level"],
            sarif_path(result),
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in results
    }
    removed = places.pop("removed")
    assert places == PLACES
    assert removed == ("warning", "poetry.lock", 1 if revisions[0] else 12)
    assert [result["level"] for result in results] == sorted((r["level"] for r in results), reverse=True)
    texts = {result["ruleId"]: result["message"]["text"] for result in results}
    assert texts["upgraded"] == "upgraded: up 2.0 -> 2.1\ntransitive"
    assert texts["removed"] == "removed: gone 1.0\ntransitive" + (
        f"\nIt stands in {revisions[0]}:poetry.lock:12" if revisions[0] else ""
    )


def test_a_runner_shows_each_change_once() -> None:
    commands = read_commands(load_form("github").render(with_places()))
    assert [(each.name, each.properties.get("title")) for each in commands[1:5]] == [
        ("warning", "Dependencies"),
        ("warning", "other-bytes"),
        ("warning", "downgraded"),
        ("warning", "removed"),
    ]
    assert len(commands) == 2 + len(PLACES) + 1
    assert commands[2].properties == {"title": "other-bytes", "file": "poetry.lock", "line": "4"}


def test_a_page_has_all_rows() -> None:
    page = read_html(load_form("html").render(large(500)), DIFF_MARK)
    assert page.headings == ["Changes"]
    assert [len(table) for table in page.tables] == [501]


def test_credentials_never_appear() -> None:
    address = f"https://bot:{SECRET}@e.example/simple?token={SECRET}"
    found = hostile(address)
    index = Index(name="i", url=Url.parse(address), role=IndexRole.SOURCE, origin=NOWHERE)
    found = replace(found, new=replace(found.new, project=replace(found.new.project, indexes=(index,))))
    for name in form_names():
        text = load_form(name).render(found)
        assert "e.example" in text
        assert SECRET not in text


@pytest.mark.parametrize("name", sorted({*form_names()} - {"json"}))
def test_the_same_in_gives_the_same_out_in_any_order(name: str) -> None:
    """JSON keeps the order of the comparison, which is sorted by itself."""
    found = everything()
    shuffled = replace(found, changes=found.changes[::-1], wishes=found.wishes[::-1], entries=found.entries[::-1])
    assert load_form(name).render(found) == load_form(name).render(shuffled)


@pytest.mark.parametrize("name", form_names())
def test_500_packages_cost_little(name: str) -> None:
    """All of reading, comparing and showing has half a second of CPU; showing gets a fifth of that."""
    times = []
    for _ in range(3):
        found = large(500)
        begin = time.process_time()
        load_form(name).render(found)
        times.append(time.process_time() - begin)
    assert min(times) < (0.1 if sys.gettrace() is None else 1)
