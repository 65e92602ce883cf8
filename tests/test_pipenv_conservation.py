"""Whatever stands in a Pipfile or its lock is read or told, with the line where it stands; nothing makes it raise."""

from __future__ import annotations

import contextlib
import json
import tomllib
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from migrator.model.evidence import Evidence
from migrator.model.plan import Style
from migrator.model.project import Reading
from migrator.model.settings import Settings
from migrator.model.surroundings import Surroundings
from migrator.model.url import mask_credentials
from migrator.planning.dependencies import Basis
from migrator.planning.indexes import name_indexes, plan_sources
from migrator.planning.pairs import forget_echoes, settle_pair
from migrator.planning.project_plan import plan_project
from migrator.readers.pipenv.json_text import NotJsonError, read_json
from migrator.readers.pipenv.toml_text import NotTomlError, read_toml
from migrator.writers import pyproject

from .pipenv_projects import TABLES, ours, read

PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x7f"), max_size=8)
WORDS = st.sampled_from(
    ["*", "==1.0", ">=1,<2", "1.0", "", "=1", "^1", "./lib", "https://example.org/a.zip", "git@example.org:a/b", "main"]
)
KEYS = st.sampled_from(
    [
        *("version", "extras", "markers", "sys_platform", "python_version", "git", "hg", "path", "file", "ref"),
        *("editable", "index", "hashes", "hash", "subdirectory", "rev", "name", "no_binary", "colour", "version >="),
    ]
)
VALUES = st.one_of(WORDS, PLAIN, st.booleans(), st.integers(-9, 9), st.lists(WORDS, max_size=2))
ENTRIES = st.one_of(VALUES, st.dictionaries(KEYS, VALUES, max_size=4))
NAMES = st.one_of(st.sampled_from(["idna", "Zope.Interface", "a[b]", "a>=1", "e1839a8", "lib"]), PLAIN)
SECTIONS = st.sampled_from(["packages", "dev-packages", "docs", "scripts", "pipenv", "requires", "main", "my docs"])
PIPFILES = st.dictionaries(SECTIONS, st.dictionaries(NAMES, ENTRIES, max_size=4), max_size=4)
LOCKS = st.dictionaries(
    st.sampled_from(["default", "develop", "docs", "my docs"]),
    st.dictionaries(NAMES, st.one_of(ENTRIES, st.none()), max_size=4),
    max_size=3,
)
BETWEEN = st.lists(st.sampled_from(["", "# a comment", "  "]), max_size=2)


def toml(value: Any) -> str:
    """A value in TOML; a text is written as JSON writes it."""
    match value:
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def write(data: dict[str, Any], draw: Any) -> tuple[str, dict[tuple[str, str], int]]:
    """A Pipfile, one entry a line and something between, and the line of each entry."""
    lines: list[str] = []
    places = {}
    for section, table in data.items():
        lines += [*draw(BETWEEN), f"[{toml(section)}]"]
        for key, value in table.items():
            lines += [*draw(BETWEEN), f"{toml(key)} = {toml(value)}"]
            places[section, key] = len(lines)
    return "\n".join(lines) + "\n", places


def is_told(reading: Reading, *keys: str) -> bool:
    wanted = mask_credentials(".".join(keys))
    return any(f.origin is not None and (f.origin.key + ".").startswith(wanted + ".") for f in reading.findings)


@given(PIPFILES, st.data())
def test_every_entry_of_a_pipfile_is_read_or_told_at_its_line(data: dict[str, Any], draw: st.DataObject) -> None:
    text, places = write(data, draw.draw)
    reading = read({"Pipfile": text})
    project = reading.project
    lines = {(line.origin.key, line.origin.line) for line in project.declared}
    options = {(option.origin.key, option.origin.line) for option in project.options}
    scripts = {script.name for script in project.scripts}
    for (section, key), line in places.items():
        place = (mask_credentials(f"{section}.{key}"), line)
        kept = (
            place in lines if section not in TABLES else place in options or (section == "scripts" and key in scripts)
        )
        kept = kept or (section == "requires" and key.startswith("python_"))
        assert kept or is_told(reading, section, key), (section, key, reading)
    for finding in reading.findings:
        assert finding.origin is not None
        section, dot, key = finding.origin.key.partition(".")
        if dot and (section, key) in places:
            assert finding.origin.line == places[section, key]


@given(LOCKS, st.sampled_from([None, 0, 1, 4]))
def test_every_entry_of_a_lock_is_read_or_told(data: dict[str, Any], indent: int | None) -> None:
    reading = read({"Pipfile.lock": json.dumps(data, indent=indent)}, "Pipfile.lock")
    pins = {pin.origin.key for pin in reading.project.pins}
    for section, table in data.items():
        for key in table:
            assert mask_credentials(f"{section}.{key}") in pins or is_told(reading, section, key)


@given(LOCKS, st.data())
def test_every_key_of_an_entry_is_used_or_told(data: dict[str, Any], draw: st.DataObject) -> None:
    """The one key among these that pipenv does not know, wherever it stands."""
    text, _ = write({"packages": {}, **data}, draw.draw) if all(_is_toml(t) for t in data.values()) else ("", {})
    reading = read({"Pipfile": text})
    odd = {
        f"{section}.{key}"
        for section, table in data.items()
        for key, entry in table.items()
        if text and isinstance(entry, dict) and "colour" in entry
    }
    told = {f.origin.key for f in reading.findings if f.origin is not None and "colour = " in f.message}
    assert {mask_credentials(key) for key in odd} <= told


def _is_toml(value: Any) -> bool:
    return all(_is_toml(each) for each in value.values()) if isinstance(value, dict) else value is not None


@given(LOCKS, st.randoms(use_true_random=False))
def test_the_order_of_a_lock_makes_no_difference(data: dict[str, Any], random: Any) -> None:
    def shuffled(table: dict[str, Any]) -> dict[str, Any]:
        keys = list(table)
        random.shuffle(keys)
        return {key: table[key] for key in keys}

    other = shuffled({section: shuffled(table) for section, table in data.items()})
    one, two = (read({"Pipfile.lock": json.dumps(each)}, "Pipfile.lock") for each in (data, other))
    assert sorted(map(repr, ours(one.project))) == sorted(map(repr, ours(two.project)))


@given(st.binary(max_size=80), st.binary(max_size=80))
@example(b'[packages]\n"" = {}\n', b'{"_meta": [], "default": {"": {}}}')
@example(b"[[packages]]\n[[packages]]\n", b'{"_meta": {"sources": 1, "requires": 2, "hash": 3}}')
@example(b"source = 1\nscripts = 1\npipenv = 1\nrequires = 1\n", b'{"_meta": {"sources": [[]]}, "default": 1}')
@example(b"[source]\nurl = 1\n[packages.a.b.c]\n", b'{"default": {"a": {"version": 1, "extras": 1, "hashes": 1}}}')
@example(b"packages.a.version = 1979-05-27\n", b'{"_meta": {"host-environment-markers": []}}')
def test_nothing_makes_it_raise(pipfile: bytes, lock: bytes) -> None:
    read({"Pipfile": pipfile, "Pipfile.lock": lock})


@given(st.recursive(st.one_of(st.none(), WORDS), lambda inner: st.lists(inner, max_size=3), max_leaves=6), st.data())
def test_json_comes_with_the_line_of_each_key(inner: Any, draw: st.DataObject) -> None:
    """Each key has a name of its own, so that a search in the text finds its line."""
    sections = draw.draw(st.integers(0, 3))
    data = {
        f"section-{s}": {f"key-{s}-{k}": {f"inner-{s}-{k}": inner} for k in range(draw.draw(st.integers(0, 3)))}
        for s in range(sections)
    }
    text = json.dumps(data, indent=draw.draw(st.sampled_from([None, 0, 3])), ensure_ascii=draw.draw(st.booleans()))
    found, places, repeated = read_json(text, "Pipfile.lock")
    assert (found, repeated) == (data, ())
    for section, table in data.items():
        for key in table:
            origin = places.find(section, key)
            assert origin.line == text[: text.index(f'"{key}"')].count("\n") + 1
            after = json.JSONDecoder().raw_decode(text, text.index("{", text.index(f'"{key}"')))[1]
            assert origin.end_line == text[:after].count("\n") + 1


@given(st.text(max_size=40))
def test_what_is_no_json_or_toml_is_said_so(text: str) -> None:
    for load, error in ((read_json, NotJsonError), (read_toml, NotTomlError)):
        with contextlib.suppress(error):
            load(text, "file")


TOML = '''
a.b . "c d" = 1 # one
[t."x.y"]
s = """
[no] = "header"
""" # two
l = [ # three
  { k = "]" }, # four
  \'\'\'
# no comment
\'\'\',
]
[[array]]
k = '#'
[array.sub]
z = 1
[[array]]
[array.sub]
z = {y = {x = 1}}
'''


def test_toml_comes_with_lines_and_comments() -> None:
    """What looks like a header, a comment or the end of a list inside of a text is none."""
    _, places, comments = read_toml(TOML, "Pipfile")
    assert {keys: tuple(span) for keys, span in places.spans.items()} == {
        ("a",): (2, 2),
        ("a", "b"): (2, 2),
        ("a", "b", "c d"): (2, 2),
        ("t",): (3, 12),
        ("t", "x.y"): (3, 12),
        ("t", "x.y", "s"): (4, 6),
        ("t", "x.y", "l"): (7, 12),
        ("array",): (13, 19),
        ("array", "0"): (13, 16),
        ("array", "0", "k"): (14, 14),
        ("array", "0", "sub"): (15, 16),
        ("array", "0", "sub", "z"): (16, 16),
        ("array", "1"): (17, 19),
        ("array", "1", "sub"): (18, 19),
        ("array", "1", "sub", "z"): (19, 19),
    }
    assert places.comments == {("a", "b", "c d"): "one", ("t", "x.y", "s"): "two"}
    assert [(comment.text, comment.line) for comment in comments] == [("three", 7), ("four", 8)]
    assert str(places.find("array", "1", "sub", "z", "y", "x")) == "Pipfile:19"


@settings(max_examples=60, deadline=None)
@given(PIPFILES, LOCKS, st.data())
def test_whatever_is_read_can_be_planned_and_written(
    wishes: dict[str, Any], locked: dict[str, Any], draw: st.DataObject
) -> None:
    """Without an index; what comes out is TOML, and holds no name that none can have."""
    text, _ = write(wishes, draw.draw)
    project, _, _ = settle_pair(read({"Pipfile": text, "Pipfile.lock": json.dumps(locked)}).project)
    sources, _ = plan_sources(project)
    project = forget_echoes(name_indexes(project, sources), Evidence())
    plan, _ = plan_project(
        Basis(
            project=project,
            surroundings=Surroundings(),
            evidence=Evidence(),
            settings=Settings(python=SpecifierSet(">=3.11"), lock=False, nix=False, style=Style.CLASSIC),
            sources=sources,
            folder="app",
        )
    )
    assert plan is not None
    written = tomllib.loads(pyproject.write(plan, None).text)["tool"]["poetry"]
    tables = [written["dependencies"], *(group["dependencies"] for group in written.get("group", {}).values())]
    assert all(canonicalize_name(name, validate=True) == name for table in tables for name in table)
