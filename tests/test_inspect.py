from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import (
    AttributeChange,
    Comment,
    Dependency,
    Index,
    IndexRole,
    NativeInput,
    Option,
    Override,
    OverrideKind,
    Pin,
    Project,
    Reading,
    Script,
)
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawSpecifier, RawVersion
from migrator.readers.poetry import READER
from migrator.reports.inspect import inspect_json, schema_text, show_inspect
from migrator.reports.inspect_text import inspect_text

from .poetry_locks import make_lock
from .trees import DictTree

SECRET = "hunter2"
SCHEMA = json.loads(schema_text())
PLACE = Origin(path="requirements.txt", line=3, end_line=4)
PLACE_JSON = {"path": "requirements.txt", "line": 3, "end_line": 4, "key": ""}
X = canonicalize_name("x")


def read_json(reading: Reading) -> Any:
    text = inspect_json(reading)
    content = json.loads(text)
    Draft202012Validator(SCHEMA).validate(content)
    assert text == json.dumps(content, indent=2) + "\n"
    return content


def source_json(source: Source) -> Any:
    pin = Pin(name=X, raw_name="x", version=None, origin=PLACE, source=source)
    return read_json(Reading(project=Project(format="poetry", origin=PLACE, pins=(pin,))))["pins"][0]["source"]


FULL = Reading(
    project=Project(
        format="pypi2nix",
        origin=Origin(path="requirements.nix"),
        python=SpecifierSet(">=3.8,<4"),
        declared=(
            Dependency(
                name=canonicalize_name("Zope.Interface"),
                raw_name="Zope.Interface",
                origin=PLACE,
                specifier=SpecifierSet(" >= 7 , != 7.1"),
                extras=frozenset({"test", "docs"}),
                marker=Marker("python_version>='3.8' and (os_name=='nt')"),
                source=FromVcs(
                    kind=VcsKind.GIT,
                    url=Url.parse(f"https://{SECRET}@git.example.org/a.git"),
                    rev="v1",
                    subdirectory="python",
                ),
                editable=True,
                group="dev",
                constraint=True,
                hashes=("sha256:aa", "md5:bb"),
                comment=f"ours, see https://u:{SECRET}@example.org/\x1b[31m",
            ),
            Dependency(name=X, raw_name="x", origin=PLACE, specifier=RawSpecifier(text="==2004d")),
        ),
        pins=(
            Pin(
                name=X,
                raw_name="X",
                version=RawVersion(text="2004d"),
                origin=PLACE,
                source=FromIndex(url=Url.parse("https://files.example.org/x.tar.gz")),
                hashes=("sha256:aa",),
                marker=Marker("os_name == 'nt'"),
                groups=frozenset({"main", "dev"}),
                needs=("z", "a"),
                build_needs=("setuptools",),
                format="setuptools",
                licence="MIT",
                top_level=True,
                files=("x.tar.gz",),
            ),
        ),
        indexes=(
            Index(url=Url.parse(f"https://u:{SECRET}@example.org/simple"), role=IndexRole.EXTRA, origin=PLACE),
            Index(url=Url.parse("https://example.org"), role=IndexRole.SOURCE, origin=PLACE, name="mirror"),
        ),
        options=(Option(option="--find-links", value=f"https://u:{SECRET}@example.org/", origin=PLACE),),
        natives=(
            NativeInput(attribute="libffi", today="libffi", package=canonicalize_name("cffi"), origin=PLACE),
            NativeInput(attribute="gone", origin=PLACE),
        ),
        overrides=(
            Override(
                package=X,
                raw_name="X",
                how=OverrideKind.OVERRIDE,
                origin=PLACE,
                attributes=(("buildInputs", AttributeChange.APPEND), ("doCheck", AttributeChange.SET)),
            ),
        ),
        scripts=(Script(name="b", target="x:b"), Script(name="a", target="x:a")),
        comments=(Comment(text=f"https://u:{SECRET}@example.org/", origin=PLACE),),
        sources=("requirements.nix", "requirements.txt"),
    ),
    findings=(
        Finding(
            code=Code.NOT_UNDERSTOOD,
            severity=Severity.REVIEW,
            message=f"No sense in https://u:{SECRET}@example.org/.",
            origin=PLACE,
            advice="Look at it.",
        ),
        Finding(code=Code.NOTHING_READ, severity=Severity.STOP, message="Nothing."),
    ),
)


def test_every_fact_has_its_key() -> None:
    content = read_json(FULL)
    assert list(content) == [
        "schema",
        "format",
        "python",
        "declared",
        "pins",
        "indexes",
        "options",
        "natives",
        "overrides",
        "scripts",
        "comments",
        "findings",
    ]
    assert content == {
        "schema": 1,
        "format": "pypi2nix",
        "python": "<4,>=3.8",
        "declared": [
            {
                "name": "zope-interface",
                "raw_name": "Zope.Interface",
                "specifier": "!=7.1,>=7",
                "extras": ["docs", "test"],
                "marker": 'python_version >= "3.8" and os_name == "nt"',
                "source": {
                    "kind": "git",
                    "url": "https://***@git.example.org/a.git",
                    "rev": "v1",
                    "subdirectory": "python",
                    "path": None,
                    "index": None,
                },
                "editable": True,
                "group": "dev",
                "constraint": True,
                "hashes": ["sha256:aa", "md5:bb"],
                "comment": "ours, see https://***@example.org/\x1b[31m",
                "origin": PLACE_JSON,
            },
            {
                "name": "x",
                "raw_name": "x",
                "specifier": "==2004d",
                "extras": [],
                "marker": None,
                "source": {
                    "kind": "index",
                    "url": None,
                    "rev": None,
                    "subdirectory": None,
                    "path": None,
                    "index": None,
                },
                "editable": False,
                "group": "main",
                "constraint": False,
                "hashes": [],
                "comment": None,
                "origin": PLACE_JSON,
            },
        ],
        "pins": [
            {
                "name": "x",
                "raw_name": "X",
                "version": "2004d",
                "source": {
                    "kind": "index",
                    "url": "https://files.example.org/x.tar.gz",
                    "rev": None,
                    "subdirectory": None,
                    "path": None,
                    "index": None,
                },
                "hashes": ["sha256:aa"],
                "marker": 'os_name == "nt"',
                "groups": ["dev", "main"],
                "needs": ["z", "a"],
                "build_needs": ["setuptools"],
                "format": "setuptools",
                "licence": "MIT",
                "top_level": True,
                "origin": PLACE_JSON,
            }
        ],
        "indexes": [
            {"name": None, "url": "https://***@example.org/simple", "role": "extra", "origin": PLACE_JSON},
            {"name": "mirror", "url": "https://example.org", "role": "source", "origin": PLACE_JSON},
        ],
        "options": [{"option": "--find-links", "value": "https://***@example.org/", "origin": PLACE_JSON}],
        "natives": [
            {"attribute": "libffi", "today": "libffi", "package": "cffi", "origin": PLACE_JSON},
            {"attribute": "gone", "today": None, "package": None, "origin": PLACE_JSON},
        ],
        "overrides": [
            {
                "package": "x",
                "raw_name": "X",
                "how": "override",
                "attributes": {"buildInputs": "append", "doCheck": "set"},
                "origin": PLACE_JSON,
            }
        ],
        "scripts": {"b": "x:b", "a": "x:a"},
        "comments": [{"text": "https://***@example.org/", "origin": PLACE_JSON}],
        "findings": [
            {
                "code": "not-understood",
                "severity": "review",
                "message": "No sense in https://***@example.org/.",
                "advice": "Look at it.",
                "origin": PLACE_JSON,
            },
            {"code": "nothing-read", "severity": "stop", "message": "Nothing.", "advice": "", "origin": None},
        ],
    }


def test_an_empty_project_has_every_key_too() -> None:
    content = read_json(Reading(project=Project(format="requirements", origin=PLACE)))
    assert content == {
        "schema": 1,
        "format": "requirements",
        "python": None,
        "declared": [],
        "pins": [],
        "indexes": [],
        "options": [],
        "natives": [],
        "overrides": [],
        "scripts": {},
        "comments": [],
        "findings": [],
    }


NOTHING = dict.fromkeys(("url", "rev", "subdirectory", "path", "index"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (FromIndex(), {"kind": "index"}),
        (FromIndex(index="mirror"), {"kind": "index", "index": "mirror"}),
        (
            FromVcs(kind=VcsKind.GIT, url=Url.parse("git@example.org:a.git"), rev="main", resolved="abc"),
            {"kind": "git", "url": "git@example.org:a.git", "rev": "abc"},
        ),
        (FromVcs(kind=VcsKind.HG, url=Url.parse("ssh://hg@h/a")), {"kind": "hg", "url": "ssh://hg@h/a"}),
        (
            FromVcs(kind=VcsKind.SVN, url=Url.parse("https://h/a"), rev="7"),
            {"kind": "svn", "url": "https://h/a", "rev": "7"},
        ),
        (FromVcs(kind=VcsKind.BZR, url=Url.parse("lp:a")), {"kind": "bzr", "url": "lp:a"}),
        (
            FromUrl(url=Url.parse("https://h/a.zip?token=hunter2"), subdirectory="b"),
            {"kind": "url", "url": "https://h/a.zip?token=***", "subdirectory": "b"},
        ),
        (FromPath(path="lib/x", subdirectory="y"), {"kind": "path", "path": "lib/x", "subdirectory": "y"}),
    ],
)
def test_a_source_has_all_its_keys(source: Source, expected: dict[str, str]) -> None:
    assert source_json(source) == NOTHING | expected


def test_the_schema_is_sound_and_closed_everywhere() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    objects = [node for node in _nodes(SCHEMA) if node.get("type") == "object"]
    assert len(objects) == 13
    for node in objects:
        assert "additionalProperties" in node
        if "properties" in node:
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content.pop("pins"), "'pins' is a required property"),
        (lambda content: content.update(more=1), "Additional properties are not allowed ('more' was unexpected)"),
        (lambda content: content["pins"][0].pop("marker"), "'marker' is a required property"),
        (lambda content: content["pins"][0]["source"].update(kind="ftp"), "'ftp' is not one of"),
        (lambda content: content["pins"][0]["origin"].update(line=-1), "-1 is less than the minimum of 0"),
        (lambda content: content["declared"][0].update(name="Flask"), "'Flask' does not match"),
    ],
)
def test_the_schema_refuses_what_is_not_promised(spoil: Any, message: str) -> None:
    content = read_json(FULL)
    spoil(content)
    (error,) = Draft202012Validator(SCHEMA).iter_errors(content)
    assert message in error.message


def _nodes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in _nodes(value))]
    return [found for value in node for found in _nodes(value)] if isinstance(node, list) else []


def test_a_real_lock_fits_the_schema() -> None:
    tree = DictTree({"poetry.lock": make_lock("2.1")})
    content = read_json(READER.read(tree, (Input(path="poetry.lock"),), "utf-8"))
    assert [pin["name"] for pin in content["pins"]][:3] == ["asgiref", "certifi", "colorama"]


def test_an_include_at_an_address_hides_its_credentials() -> None:
    origin = Origin(path=f"https://u:{SECRET}@example.org/requirements.txt", key=f"https://{SECRET}@example.org/")
    project = Project(format="requirements", origin=origin, comments=(Comment(text="", origin=origin),))
    for text in (inspect_json(Reading(project=project)), inspect_text(Reading(project=project))):
        assert "***@example.org" in text
        assert SECRET not in text


def test_no_locale_can_break_the_json() -> None:
    project = Project(format="poetry", origin=PLACE, comments=(Comment(text="caf\xe9 \udce9", origin=PLACE),))
    assert inspect_json(Reading(project=project)).isascii()


def test_people_see_aligned_tables_without_secrets_and_without_control_characters() -> None:
    assert (
        inspect_text(FULL)
        == """\
requirements.nix, requirements.txt (pypi2nix)
2 requirements, 1 pin, 2 findings
Python: >=3.8,<4

Declared (2)
  From the default index where no other source stands.
  package                    asked for  group         place               source        \
                                only where
  Zope.Interface[docs,test]  >=7,!=7.1  (constraint)  requirements.txt:3  \
editable git https://***@git.example.org/a.git at v1, folder python  python_version >= "3.8" and os_name == "nt"
  x                          ==2004d    main          requirements.txt:3

Pins (1)
  package  version  groups    hashes  place               only where
  X        2004d    dev,main  1       requirements.txt:3  os_name == "nt"

Indexes (2)
  name    role    place               address
  -       extra   requirements.txt:3  https://***@example.org/simple
  mirror  source  requirements.txt:3  https://example.org

Options (1)
  option        place               value
  --find-links  requirements.txt:3  https://***@example.org/

Native inputs (2)
  attribute  in nixpkgs today  for   place
  libffi     libffi            cffi  requirements.txt:3
  gone       ?                 -     requirements.txt:3

Overrides (1)
  package  how       place               attributes
  X        override  requirements.txt:3  buildInputs:append doCheck:set

Scripts (2)
  name  runs
  b     x:b
  a     x:a

Comments (1)
  place               text
  requirements.txt:3  https://***@example.org/

Findings (2)
  review  requirements.txt:3  not-understood
    No sense in https://***@example.org/.
    -> Look at it.

  stop  nothing-read
    Nothing.
"""
    )


def test_people_see_an_empty_project_and_every_kind_of_place() -> None:
    sources: tuple[Source, ...] = (
        FromIndex(index="mirror"),
        FromUrl(url=Url.parse("https://h/a.zip")),
        FromPath(path="li\nb"),
        FromVcs(kind=VcsKind.HG, url=Url.parse("https://h/a")),
    )
    pins = tuple(Pin(name=X, raw_name="x\x1b", version=Version("1"), origin=PLACE, source=s) for s in sources)
    unversioned = Pin(name=X, raw_name="x", version=None, origin=PLACE, hashes=("sha256:aa", "sha256:bb"))
    project = Project(format="poetry", origin=Origin(path="poetry.lock"), pins=(*pins, unversioned))
    assert (
        inspect_text(Reading(project=project))
        == """\
poetry.lock (poetry)
5 pins
Python: not stated

Pins (5)
  From the default index where no other source stands.
  package  version     groups  hashes  place               source
  x\\x1b    1           main    none    requirements.txt:3  source mirror
  x\\x1b    1           main    none    requirements.txt:3  https://h/a.zip
  x\\x1b    1           main    none    requirements.txt:3  path li\\nb
  x\\x1b    1           main    none    requirements.txt:3  hg https://h/a
  x        no version  main    2       requirements.txt:3
"""
    )
    empty = Reading(project=Project(format="poetry", origin=Origin(path="a")))
    assert inspect_text(empty) == "a (poetry)\nNothing was read\nPython: not stated\n"


def test_the_json_comes_in_pieces_of_one_entry() -> None:
    """So that a long file never stands in memory twice."""
    pieces = list(show_inspect(FULL))
    assert "".join(pieces) == inspect_json(FULL)
    assert [piece.count('"raw_name"') for piece in pieces if '"raw_name"' in piece] == [1, 1, 1, 1]


SECRETS = {
    "a password": ("https://jo:hunter2@h/", "https://***@h/"),
    "a token": ("see https://hunter2@h/ there", "see https://***@h/ there"),
    "a query": ("https://h/?token=hunter2&b=c", "https://h/?token=***&b=c"),
    "a query of a part": ("path?api_key=hunter2", "path?api_key=***"),
    "a later pair": ("&password=hunter2", "&password=***"),
    "none": ("a==1 ; b and c", "a==1 ; b and c"),
}


@pytest.mark.parametrize(("text", "shown"), SECRETS.values(), ids=SECRETS)
def test_no_text_shows_a_secret(text: str, shown: str) -> None:
    project = Project(format="requirements", origin=PLACE, comments=(Comment(text=text, origin=PLACE),))
    (comment,) = read_json(Reading(project=project))["comments"]
    assert comment["text"] == shown
