"""pyproject.toml is written, and merged into the user's own.

Oracles: tomllib for what a text says, Poetry's own factory for what Poetry makes of it.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from poetry.core.packages.directory_dependency import DirectoryDependency
from poetry.core.packages.project_package import ProjectPackage
from poetry.core.packages.url_dependency import URLDependency
from poetry.core.packages.vcs_dependency import VCSDependency
from poetry.core.pyproject.toml import PyProjectTOML
from poetry.factory import Factory

from migrator.model.artifact import Artifact, Ownership
from migrator.model.layout import PackageInclude
from migrator.model.plan import AcceptedDrift, PlannedDependency, PlannedSource, Priority, ProjectPlan, Record, Style
from migrator.model.project import Script
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.writers.pyproject import write
from migrator.writers.pyproject.requirement import convert_to_pep440, show_specifier
from tests.plans import plan, wish

DJANGO = (
    wish("Django", "==5.2.10", marker=Marker("python_version < '3.12'")),
    wish("Django", "==6.0.1", marker=Marker("python_version >= '3.12'")),
)
SHOP = (PackageInclude(include="shop"),)
EVERYTHING = plan(
    description="Pictures,\n  resized",
    package_mode=True,
    packages=(PackageInclude(include="pictures", root="src"),),
    scripts=(Script(name="resize", target="pictures.cli:resize"), Script(name="imgapp", target="pictures:main")),
    dependencies=(
        wish("requests", "^2.31.0", extras=frozenset({"socks", "security"})),
        *DJANGO,
        wish("Flask", "^3.0.2"),
        wish("tool", "", source=FromPath(path="../tool"), editable=True),
        wish(
            "lib",
            "",
            source=FromVcs(
                kind=VcsKind.GIT, url=Url.parse("https://me:pw@git.example/lib.git"), rev="v1", subdirectory="python"
            ),
            editable=True,
        ),
        wish("archive", "", source=FromUrl(url=Url.parse("https://files.example/archive-1.0.tar.gz"))),
        wish("private", "^1.0", source=FromIndex(index="corp"), prereleases=True),
        wish("pytest", ">=8,<9", group="dev"),
        wish("shared", "~=1.4", group="dev", source=FromIndex(index="corp")),
        wish("sphinx", "*", group="docs"),
    ),
    sources=(
        PlannedSource(
            name="corp", url=Url.parse("https://t0ken@pypi.corp.example/simple/"), priority=Priority.EXPLICIT
        ),
        PlannedSource(name="more", url=Url.parse("https://more.example/simple"), priority=Priority.SUPPLEMENTAL),
        PlannedSource(name="also", url=Url.parse("https://also.example/simple"), priority=Priority.SUPPLEMENTAL),
    ),
    record=Record(
        format="requirements",
        sources=("requirements.in", "requirements.txt"),
        answers=(("python", ">=3.11"), ("flake", True), ("group", ("dev=dev.txt",))),
        accepted=(AcceptedDrift(name="six", old="1.15.0", new=""),),  # type: ignore[arg-type]
    ),
)

CLASSIC = """\
[tool.poetry]
name = "imgapp"
version = "0.1.0"
description = "Pictures, resized"
authors = []
packages = [{include = "pictures", from = "src"}]

[tool.poetry.scripts]
imgapp = "pictures:main"
resize = "pictures.cli:resize"

[tool.poetry.dependencies]
python = ">=3.11,<4.0"
archive = {url = "https://files.example/archive-1.0.tar.gz"}
django = [
    {version = "==5.2.10", markers = "python_version < '3.12'"},
    {version = "==6.0.1", markers = "python_version >= '3.12'"},
]
flask = "^3.0.2"
lib = {git = "https://git.example/lib.git", rev = "v1", subdirectory = "python", develop = true}
private = {version = "^1.0", source = "corp", allow-prereleases = true}
requests = {version = "^2.31.0", extras = ["security", "socks"]}
tool = {path = "../tool", develop = true}

[tool.poetry.group.dev.dependencies]
pytest = ">=8,<9"
shared = {version = "~=1.4", source = "corp"}

[tool.poetry.group.docs.dependencies]
sphinx = "*"

[[tool.poetry.source]]
name = "also"
url = "https://also.example/simple"
priority = "supplemental"

[[tool.poetry.source]]
name = "more"
url = "https://more.example/simple"
priority = "supplemental"

[[tool.poetry.source]]
name = "corp"
url = "https://pypi.corp.example/simple/"
priority = "explicit"

[build-system]
requires = ["poetry-core>=1.0.0"]
build-backend = "poetry.core.masonry.api"

[tool.migrator]
format = "requirements"
sources = ["requirements.in", "requirements.txt"]
accepted = [{name = "six", old = "1.15.0", new = ""}]

[tool.migrator.answers]
flake = true
group = ["dev=dev.txt"]
python = ">=3.11"
"""

PROJECT = """\
[project]
name = "imgapp"
version = "0.1.0"
description = "Pictures, resized"
requires-python = ">=3.11,<4.0"
dependencies = [
    "archive @ https://files.example/archive-1.0.tar.gz",
    "django (==5.2.10) ; python_version < '3.12'",
    "django (==6.0.1) ; python_version >= '3.12'",
    "flask (>=3.0.2,<4.0.0)",
    "lib @ git+https://git.example/lib.git@v1#subdirectory=python",
    "private (>=1.0,<2.0)",
    "requests[security,socks] (>=2.31.0,<3.0.0)",
    "tool",
]

[project.scripts]
imgapp = "pictures:main"
resize = "pictures.cli:resize"

"""

PEP621 = (
    PROJECT
    + """\
[dependency-groups]
dev = ["pytest (>=8,<9)", "shared (~=1.4)"]
docs = ["sphinx"]

[tool.poetry]
packages = [{include = "pictures", from = "src"}]

[tool.poetry.dependencies]
lib = {develop = true}
private = {source = "corp", allow-prereleases = true}
tool = {path = "../tool", develop = true}

[tool.poetry.group.dev.dependencies]
shared = {source = "corp"}
"""
)

HYBRID = (
    PROJECT
    + """\
[tool.poetry]
name = "imgapp"
version = "0.1.0"
description = "Pictures, resized"
packages = [{include = "pictures", from = "src"}]

[tool.poetry.dependencies]
archive = {}
django = {}
flask = {}
lib = {develop = true}
private = {source = "corp", allow-prereleases = true}
requests = {}
tool = {path = "../tool", develop = true}

[tool.poetry.group.dev.dependencies]
pytest = ">=8,<9"
shared = {version = "~=1.4", source = "corp"}

[tool.poetry.group.docs.dependencies]
sphinx = "*"
"""
)
REST = CLASSIC[CLASSIC.index("\n[[tool.poetry.source]]") :]
WRITTEN = "\n[tool.migrator.written]\n"

STYLES = pytest.mark.parametrize("style", list(Style), ids=str)


def without_marks(text: str) -> str:
    """``text`` up to the fingerprints, which tell a reader nothing."""
    head, header, _ = text.partition(WRITTEN)
    assert header
    return head


def said(text: str) -> dict[str, Any]:
    """What a text says, our record apart."""
    data = tomllib.loads(text)
    del data["tool"]["migrator"]
    return data


# what is written


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style.CLASSIC, CLASSIC),
        (Style.PEP621, PEP621 + REST.replace(">=1.0.0", ">=2.0.0")),
        (Style.HYBRID, HYBRID + REST.replace(">=1.0.0", ">=2.0.0")),
    ],
    ids=str,
)
def test_a_new_file_says_all_of_the_plan(style: Style, expected: str) -> None:
    artifact = write(replace(EVERYTHING, style=style), None)
    assert without_marks(artifact.text) == expected
    assert artifact == Artifact(path="pyproject.toml", text=artifact.text, ownership=Ownership.MERGED)


def test_a_project_that_is_no_package_needs_little() -> None:
    assert without_marks(write(plan(dependencies=(wish("six", "^1.16.0"),)), None).text) == (
        """\
[tool.poetry]
name = "imgapp"
version = "0.1.0"
package-mode = false

[tool.poetry.dependencies]
python = ">=3.11,<4.0"
six = "^1.16.0"

[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
    )


def test_a_project_without_dependencies_says_so_in_pep_621() -> None:
    assert without_marks(write(plan(Style.PEP621), None).text) == (
        """\
[project]
name = "imgapp"
version = "0.1.0"
requires-python = ">=3.11,<4.0"
dependencies = []

[tool.poetry]
package-mode = false

[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
    )


def test_packages_are_named_sorted() -> None:
    packages = (PackageInclude(include="pictures", root="src"), PackageInclude(include="imgapp.py"))
    text = write(plan(packages=packages, package_mode=True), None).text
    assert tomllib.loads(text)["tool"]["poetry"]["packages"] == [
        {"include": "imgapp.py"},
        {"include": "pictures", "from": "src"},
    ]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("", ""),
        ("*", ""),
        ("  * ", ""),
        ("nonsense", "nonsense"),
        ("==2011n", "==2011n"),
        ("^2.31.0", ">=2.31.0,<3.0.0"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^2023.3", ">=2023.3,<2024.0"),
        ("^1!2.0", ">=1!2.0,<1!3.0"),
        ("~1.2.3", ">=1.2.3,<1.3.0"),
        ("2.31.0", "==2.31.0"),
        ("==1.*", "==1.*"),
        ("<3,>=1", ">=1,<3"),
        ("!=2.5,>=1,<3", ">=1,!=2.5,<3"),
        ("~=2.31", "~=2.31"),
        ("^1.0 || ^3.0", ">=1.0,<4.0"),
        ("<1.0 || >=2.0", ""),
        ("==2.1.0+cu118", "==2.1.0+cu118"),
    ],
)
def test_a_constraint_in_the_words_of_pep_440(constraint: str, expected: str) -> None:
    assert convert_to_pep440(constraint) == expected


def test_a_range_reads_from_its_lower_bound() -> None:
    assert show_specifier(SpecifierSet("<4.0,!=3.9.7,>=3.8")) == ">=3.8,!=3.9.7,<4.0"


@STYLES
def test_no_credentials_are_written(style: Style) -> None:
    text = write(replace(EVERYTHING, style=style), None).text
    assert "t0ken" not in text
    assert "pw@" not in text
    assert "***" not in text


def test_poetry_is_not_told_where_pypi_is() -> None:
    source = PlannedSource(name="PyPI", url=Url.parse("https://mirror.example/simple"), priority=Priority.SUPPLEMENTAL)
    text = write(plan(sources=(source,)), None).text
    assert tomllib.loads(text)["tool"]["poetry"]["source"] == [{"name": "PyPI", "priority": "supplemental"}]
    assert checked(text)["errors"] == []


@pytest.mark.parametrize("kind", [VcsKind.HG, VcsKind.SVN, VcsKind.BZR])
@STYLES
def test_a_repository_that_poetry_does_not_know_never_becomes_a_name(style: Style, kind: VcsKind) -> None:
    source = FromVcs(kind=kind, url=Url.parse("https://repos.example/lib"))
    with pytest.raises(ValueError, match=f"^lib: Poetry has no {kind} dependencies$"):
        write(plan(style, dependencies=(wish("lib", "", source=source),)), None)


@STYLES
def test_a_package_called_python_does_not_replace_the_python_range(style: Style) -> None:
    text = write(plan(style, dependencies=(wish("python", "==3.8"), wish("six"))), None).text
    assert "3.8" not in text
    assert ">=3.11,<4.0" in text


# what stays

USERS = """\
# ours since 2019
[build-system]
requires = ["setuptools>=61"]  # pinned by ops
build-backend = "setuptools.build_meta"

[project]
name = "shop"
dynamic = ["version"]
dependencies = [
    # the shop talks to this
    "requests>=2",  # keep wide
    "Zope.Interface",
]

# about black
[tool.black]
line-length = 88   # not 100

[dependency-groups]
Dev = ["pytest>=7", {include-group = "lint"}]
lint = ["ruff"]

# the end
"""


def test_an_existing_project_keeps_everything_and_gains_ours() -> None:
    """The user's ``requests`` and ``pytest`` stay; the group keeps its spelling; comments stay where they were."""
    wishes = (
        wish("requests", "^2.31.0"),
        wish("flask", "^3.0.2"),
        wish("zope-interface", "^6.0"),
        wish("pytest", "^8.0", group="dev"),
        wish("coverage", "^7.0", group="dev"),
        wish("sphinx", "^7.0", group="docs"),
    )
    artifact = write(plan(Style.HYBRID, dependencies=wishes, package_mode=True, packages=SHOP), USERS)
    assert artifact.ownership is Ownership.MERGED
    assert without_marks(artifact.text) == (
        """\
# ours since 2019
[build-system]
requires = ["setuptools>=61"]  # pinned by ops
build-backend = "setuptools.build_meta"

[project]
name = "shop"
dynamic = ["version"]
dependencies = [
    # the shop talks to this
    "requests>=2",  # keep wide
    "Zope.Interface",
    "flask (>=3.0.2,<4.0.0)",
]
requires-python = ">=3.11,<4.0"

# about black
[tool.black]
line-length = 88   # not 100

[dependency-groups]
Dev = ["pytest>=7", {include-group = "lint"}, "coverage (>=7.0,<8.0)"]
lint = ["ruff"]

# the end

[tool.poetry]
name = "imgapp"
version = "0.1.0"
description = ""
packages = [{include = "shop"}]

[tool.poetry.dependencies]
flask = {}
requests = {}
zope-interface = {}

[tool.poetry.group.Dev.dependencies]
coverage = {}
pytest = {}

[tool.poetry.group.docs.dependencies]
sphinx = "^7.0"

[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
    )


CLASSIC_USERS = """\
[tool.poetry]
name = "shop"
version = "2.0"   # by hand

[tool.poetry.dependencies]
# oldest that ops has
python = "^3.9"
Requests = {version = "*", optional = true}
tomli = "^2"

# formatting

[tool.black]
line-length = 88
"""


def test_an_existing_classic_file_stays_classic_and_sorted() -> None:
    wishes = (
        wish("requests", "^2.31.0"),
        wish("flask", "^3.0.2"),
        wish("urllib3", "^2.0.7"),
        wish("sphinx", group="docs"),
    )
    text = write(plan(Style.PEP621, dependencies=wishes), CLASSIC_USERS).text
    assert without_marks(text) == (
        """\
[tool.poetry]
name = "shop"
version = "2.0"   # by hand
package-mode = false

[tool.poetry.dependencies]
# oldest that ops has
python = "^3.9"
flask = "^3.0.2"
Requests = {version = "*", optional = true}
tomli = "^2"
urllib3 = "^2.0.7"

# formatting

[tool.black]
line-length = 88

[tool.poetry.group.docs.dependencies]
sphinx = "*"

[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
    )


APART = """\
[tool.poetry.group.a.dependencies]
six = "*"

[[tool.poetry.source]]
name = "corp"
# why

[tool.x]
y = [
[1],
]

[[tool.poetry.source]]
name = "b"

[tool.poetry.group.b.dependencies]
six = "*"
"""


@pytest.mark.parametrize(
    "existing",
    [
        "",
        "\n",
        "# nothing yet\n",
        "[tool.black]\nline-length = 88",
        "[tool.black]\nline-length = 88\n\n\n",
        '[tool]\npoetry = {name = "x", dependencies = {six = "*"}}\n',
        'tool.poetry.name = "x"\ntool.poetry.dependencies.six = "*"\n',
        '[tool.poetry]\nname = "x"\ndependencies.six = "*"\ngroup.dev.dependencies.pytest = "*"\n',
        '[tool.poetry.dependencies]\nsix = "*"\n\n[tool.poetry]\nname = "x"\n',
        '[tool.poetry]\nname = "x"\n\n[tool.black]\nx = 1\n\n[tool.poetry.dependencies]\nsix = "*"\n[tool.x]\ny = 2\n',
        APART,
        '# a\u2028[no header]\n[tool.x]\ny = "\u0085[no]"\n',
        '[tool.poetry]\nname = "x"\n\n[tool.poetry.dependencies.six]\nversion = "*"\n# why\noptional = true\n',
        '[tool.poetry]\nname = "x"\n[[tool.poetry.source]]\nname = "corp"\nurl = "https://own.example"\n',
        '[tool.poetry]\nname = "x"\nsource = [{name = "own", url = "https://own.example"}]\n',
        '[tool.poetry]\nname = """x\n[tool.migrator]\ny"""\n',
        '[project]\nname = "x"\ndynamic = ["dependencies", "version", "description", "requires-python", "scripts"]\n',
        '[project]\nname = "x"\nscripts = {run = "x:y"}\ndependencies = []\n',
        '[project]\nname = "x"\ndependencies = ["six"]\n[project.optional-dependencies]\nall = ["tqdm"]\n',
        'project = {name = "x", dependencies = ["six"]}\n',
        '[dependency-groups]\n"dev" = []\n',
    ],
)
@STYLES
def test_whatever_stands_there_is_kept_and_a_second_run_changes_nothing(existing: str, style: Style) -> None:
    artifact = write(replace(EVERYTHING, style=style), existing)
    assert_kept(tomllib.loads(existing), tomllib.loads(artifact.text))
    assert write(replace(EVERYTHING, style=style), artifact.text).text == artifact.text
    assert [line for line in existing.splitlines() if "#" in line] == [
        line for line in artifact.text.splitlines() if "# " in line
    ]
    lines = iter(artifact.text.split("\n"))
    for line in existing.split("\n"):
        assert "= {" in line or "= [" in line or line in lines, f"{line} is gone, or elsewhere"


def assert_kept(old: Any, new: Any, path: str = "") -> None:
    """Every value of the user's is where it was; arrays may have grown."""
    if isinstance(old, dict):
        for key, value in old.items():
            assert key in new, f"{path}.{key} is gone"
            assert_kept(value, new[key], f"{path}.{key}")
    elif isinstance(old, list):
        assert [each for each in new if each in old] == old, path
    else:
        assert new == old, path


@pytest.mark.parametrize("existing", [USERS, CLASSIC_USERS])
def test_windows_line_ends_are_kept(existing: str) -> None:
    windows = existing.replace("\n", "\r\n")
    text = write(replace(EVERYTHING, style=Style.HYBRID), windows).text
    assert text == write(replace(EVERYTHING, style=Style.HYBRID), existing).text.replace("\n", "\r\n")
    assert write(replace(EVERYTHING, style=Style.HYBRID), text).text == text


def test_dependencies_that_the_user_made_dynamic_stay_with_poetry() -> None:
    """Poetry reads them from ``[tool.poetry]`` then; setuptools goes on reading the requirements file."""
    existing = '[project]\nname = "x"\nversion = "1"\ndynamic = ["dependencies"]\n'
    data = said(write(plan(Style.HYBRID, dependencies=(wish("six", "^1.16.0"),)), existing).text)
    assert data["project"] == {
        "name": "x",
        "version": "1",
        "dynamic": ["dependencies"],
        "requires-python": ">=3.11,<4.0",
    }
    assert data["tool"]["poetry"]["dependencies"] == {"six": "^1.16.0"}


@pytest.mark.parametrize(
    ("existing", "python"),
    [
        ('requires-python = ">=3.9"\n', ">=3.11,<4.0"),
        ('requires-python = "<4.0,>=3.11"\n', None),
        ('requires-python = ">=3.12"\n', None),
        ('requires-python = ">=3.11.5"\n', None),
        ('requires-python = "==3.*,>=3.11"\n', None),
        ('requires-python = "three"\n', None),
        ("requires-python = 3\n", None),
        ('dynamic = ["requires-python"]\n', ">=3.11,<4.0"),
        ("", None),
    ],
)
def test_poetry_is_told_of_the_range_where_that_of_the_project_is_wider(existing: str, python: str | None) -> None:
    """Poetry takes only a part of ``requires-python`` there, and the user's own stays as it is."""
    text = write(plan(Style.PEP621), f'[project]\nname = "x"\nversion = "1"\n{existing}').text
    data = said(text)
    assert data["tool"]["poetry"].get("dependencies", {}).get("python") == python
    assert existing in text
    assert write(plan(Style.PEP621), text).text == text


# the second run


@STYLES
def test_a_second_run_on_its_own_output_changes_no_byte(style: Style) -> None:
    text = write(replace(EVERYTHING, style=style), None).text
    assert write(replace(EVERYTHING, style=style), text).text == text


@pytest.mark.parametrize("before", list(Style), ids=lambda style: f"from-{style}")
@pytest.mark.parametrize("after", list(Style), ids=lambda style: f"to-{style}")
@pytest.mark.parametrize("changed", [plan(), EVERYTHING], ids=["small", "large"])
def test_another_plan_over_our_own_file_gives_what_a_new_file_would_be(
    before: Style, after: Style, changed: ProjectPlan
) -> None:
    text = write(replace(EVERYTHING, style=before), None).text
    wanted = replace(changed, style=after)
    assert write(wanted, text).text == write(wanted, None).text


@pytest.mark.parametrize("before", list(Style), ids=lambda style: f"from-{style}")
@pytest.mark.parametrize("after", list(Style), ids=lambda style: f"to-{style}")
@pytest.mark.parametrize("changed", [plan(), EVERYTHING], ids=["small", "large"])
def test_another_plan_says_the_same_beside_a_comment(before: Style, after: Style, changed: ProjectPlan) -> None:
    """Then the user's hand is in the file, and it is merged instead of written anew."""
    text = "# mine\n" + write(replace(EVERYTHING, style=before), None).text
    wanted = replace(changed, style=after)
    again = write(wanted, text).text
    assert again.startswith("# mine\n")
    assert tomllib.loads(again) == tomllib.loads(write(wanted, None).text)
    assert write(wanted, again).text == again


def test_what_the_user_edited_or_added_is_theirs_and_the_rest_follows_the_requirements() -> None:
    first = plan(
        dependencies=(wish("flask", "^2.0"), wish("requests", "^2.30"), wish("six", "^1.15"), wish("tqdm", "^4"))
    )
    text = write(first, None).text
    edited = (
        text.replace('requests = "^2.30"', 'requests = ">=2"  # for the plugin')
        .replace('tqdm = "^4"', 'tqdm = "*"\nhttpx = "^0.27"')
        .replace('version = "0.1.0"', 'version = "1.0.0"')
    )
    second = plan(dependencies=(wish("flask", "^3.0"), wish("requests", "^2.31"), wish("attrs", "^23")))
    again = write(second, edited).text
    assert without_marks(again) == (
        """\
[tool.poetry]
name = "imgapp"
version = "1.0.0"
package-mode = false

[tool.poetry.dependencies]
python = ">=3.11,<4.0"
flask = "^3.0"
requests = ">=2"  # for the plugin
tqdm = "*"
httpx = "^0.27"
attrs = "^23"

[tool.migrator]
format = "requirements"
sources = ["requirements.txt"]
"""
    )
    assert write(second, again).text == again


def test_a_group_that_nobody_wants_any_more_goes_with_its_header() -> None:
    text = "# mine\n" + write(plan(dependencies=(wish("six"), wish("pytest", group="dev"))), None).text
    again = write(plan(dependencies=(wish("six"),)), text).text
    assert "dev" not in again
    assert said(again)["tool"]["poetry"].keys() == {"name", "version", "package-mode", "dependencies"}


def test_a_new_group_comes_before_the_record() -> None:
    text = "# mine\n" + write(plan(), None).text.replace("[tool.migrator]", "# the record\n[tool.migrator]")
    again = write(plan(dependencies=(wish("pytest", group="dev"),)), text).text
    assert '[tool.poetry.group.dev.dependencies]\npytest = "*"\n\n# the record\n[tool.migrator]\n' in again


def test_an_edited_record_does_no_harm() -> None:
    text = '[tool.poetry]\nname = "mine"\n\n[tool.migrator]\nformat = 3\nwritten = {"a..b" = {x = "1"}, project = 4}\n'
    again = write(plan(), text).text
    assert said(again)["tool"]["poetry"]["name"] == "mine"
    assert write(plan(), again).text == again


# properties


NAMES = st.from_regex(r"[a-z](?:-?[a-z0-9]){0,6}", fullmatch=True)
TEXTS = st.text(max_size=20)
CONSTRAINTS = st.sampled_from(["*", "^2.31.0", ">=1,<3", "==1.0", "~=1.4", "^0.0.3", "!=1.5"])
MARKERS = st.sampled_from(
    [None, Marker("python_version < '3.12'"), Marker("""sys_platform == "win32" and extra == 'a"b'""")]
)
SOURCES = st.one_of(
    st.builds(FromIndex, index=st.none() | TEXTS),
    st.builds(FromUrl, url=TEXTS.map(lambda t: Url.parse(f"https://e.example/{t}")), subdirectory=st.none() | TEXTS),
    st.builds(FromPath, path=TEXTS, subdirectory=st.none() | TEXTS),
    st.builds(
        FromVcs,
        kind=st.just(VcsKind.GIT),
        url=TEXTS.map(lambda t: Url.parse(f"ssh://git@e.example/{t}")),
        rev=st.none() | TEXTS,
        subdirectory=st.none() | TEXTS,
    ),
)
WISHES = st.lists(
    st.builds(
        wish,
        NAMES,
        CONSTRAINTS,
        extras=st.frozensets(NAMES, max_size=2),
        marker=MARKERS,
        source=SOURCES,
        editable=st.booleans(),
        prereleases=st.booleans(),
        group=st.just("main") | TEXTS.filter(lambda text: text.strip("-_. ") != ""),
    ),
    max_size=6,
).map(tuple)
PLANS = st.builds(
    plan,
    st.sampled_from(Style),
    name=TEXTS,
    version=TEXTS,
    description=TEXTS,
    package_mode=st.booleans(),
    packages=st.lists(st.builds(PackageInclude, include=TEXTS, root=TEXTS), max_size=2, unique=True).map(tuple),
    scripts=st.lists(st.builds(Script, name=TEXTS, target=TEXTS), max_size=2, unique_by=lambda s: s.name).map(tuple),
    dependencies=WISHES,
    sources=st.lists(
        st.builds(
            PlannedSource,
            name=TEXTS,
            url=TEXTS.map(lambda text: Url.parse(f"https://i.example/{text}")),
            priority=st.sampled_from(Priority),
        ),
        max_size=2,
        unique_by=lambda source: source.name,
    ).map(tuple),
    record=st.builds(
        Record,
        format=TEXTS,
        sources=st.lists(TEXTS, max_size=2).map(tuple),
        answers=st.dictionaries(TEXTS, TEXTS | st.booleans(), max_size=2).map(lambda each: tuple(each.items())),
        accepted=st.lists(st.builds(AcceptedDrift, name=NAMES, old=TEXTS, new=TEXTS), max_size=2).map(tuple),
    ),
)


@given(PLANS)
@settings(deadline=None)
def test_no_value_leaves_its_string(wanted: ProjectPlan) -> None:
    """tomllib gives the very strings back, and no other keys."""
    data = tomllib.loads(write(replace(wanted, style=Style.CLASSIC), None).text)
    poetry = data["tool"]["poetry"]
    assert poetry["name"] == wanted.name
    assert poetry["version"] == wanted.version
    assert poetry.get("description", "") == " ".join(wanted.description.split())
    assert poetry.get("scripts", {}) == {script.name: script.target for script in wanted.scripts}
    assert {(each["name"], each.get("url")) for each in poetry.get("source", [])} == {
        (source.name, None if source.is_public else str(source.url.without_credentials())) for source in wanted.sources
    }
    assert data["tool"]["migrator"]["sources"] == list(wanted.record.sources)
    assert data["tool"]["migrator"].get("answers", {}) == dict(wanted.record.answers)
    tables = {"main": poetry["dependencies"]} | {
        group: table["dependencies"] for group, table in poetry.get("group", {}).items()
    }
    del tables["main"]["python"]
    assert {group: set(table) for group, table in tables.items() if table} == {
        group: {each.name for each in wanted.dependencies if each.group == group}
        for group in {each.group for each in wanted.dependencies}
    }
    for dependency in wanted.dependencies:
        entries = tables[dependency.group][dependency.name]
        assert any(says(entry, dependency) for entry in (entries if isinstance(entries, list) else [entries]))
    assert data.keys() <= {"tool", "build-system"}
    assert data["tool"].keys() == {"poetry", "migrator"}


def says(entry: Any, dependency: PlannedDependency) -> bool:
    match dependency.source:
        case FromIndex(index=index):
            place: dict[str, Any] = {"version": dependency.constraint, "source": index}
        case FromUrl(url=url, subdirectory=subdirectory):
            place = {"url": str(url.without_credentials()), "subdirectory": subdirectory or None}
        case FromPath(path=path, subdirectory=subdirectory):
            place = {"path": path, "subdirectory": subdirectory or None}
        case FromVcs(url=url, rev=rev, subdirectory=subdirectory):
            place = {"git": str(url), "rev": rev or None, "subdirectory": subdirectory or None}
    entry = {"version": entry} if isinstance(entry, str) else entry
    marker = Marker(entry["markers"]) if "markers" in entry else None
    return marker == dependency.marker and place == {key: entry.get(key) for key in place}


@given(PLANS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_in_the_plan_makes_no_difference_and_a_second_run_none(
    wanted: ProjectPlan, chance: random.Random
) -> None:
    text = write(wanted, None).text
    shuffled: dict[str, Any] = {
        field: tuple(chance.sample(getattr(wanted, field), len(getattr(wanted, field))))
        for field in ("dependencies", "scripts", "sources")
    }
    assert write(replace(wanted, **shuffled), None).text == text
    assert write(wanted, text).text == text


@given(PLANS, PLANS, st.sampled_from([USERS, CLASSIC_USERS, APART, ""]), st.booleans())
@settings(deadline=None)
def test_a_rerun_keeps_what_is_the_users_and_comes_to_rest(
    first: ProjectPlan, second: ProjectPlan, existing: str, windows: bool
) -> None:
    existing = existing.replace("\n", "\r\n") if windows else existing
    text = write(first, existing).text
    assert_kept(tomllib.loads(existing), tomllib.loads(text))
    again = write(second, text).text
    assert_kept(tomllib.loads(existing), tomllib.loads(again))
    assert write(second, again).text == again
    # what the first plan wrote is gone: the way there leaves no trace
    assert unordered(tomllib.loads(again)) == unordered(tomllib.loads(write(second, existing).text))


def unordered(data: Any) -> Any:
    """``data`` with its arrays sorted: an entry that was there already keeps its place."""
    if isinstance(data, dict):
        return {key: unordered(value) for key, value in data.items()}
    return sorted(map(unordered, data), key=repr) if isinstance(data, list) else data


# Poetry reads it


def checked(text: str) -> dict[str, list[str]]:
    return Factory.validate(tomllib.loads(text), strict=True)


def test_what_is_installed_as_it_stands_has_a_description_for_poetry2nix() -> None:
    """Its editable package reads it from ``[tool.poetry]``, be it empty, and fails without."""
    editable = replace(wish("near", ""), source=FromPath(path="../near"), editable=True)
    for style in (Style.CLASSIC, Style.HYBRID):
        assert said(write(plan(style, dependencies=(editable,)), None).text)["tool"]["poetry"]["description"] == ""
        assert said(write(plan(style, package_mode=True), None).text)["tool"]["poetry"]["description"] == ""
        assert "description" not in said(write(plan(style), None).text)["tool"]["poetry"]


BOTH_SET = "[project.{0}] and [tool.poetry.{0}] are both set. The latter will be ignored."


@pytest.mark.parametrize("wanted", [plan(), EVERYTHING], ids=["small", "large"])
@STYLES
def test_poetry_check_has_no_errors(style: Style, wanted: ProjectPlan) -> None:
    result = checked(write(replace(wanted, style=style), None).text)
    assert result["errors"] == []
    warnings = [warning.partition("\n")[0] for warning in result["warnings"]]
    match style:
        case Style.CLASSIC:
            assert all("is deprecated" in warning or "is set but" in warning for warning in warnings)
        case Style.PEP621:
            assert warnings == []
        case Style.HYBRID:
            described = [BOTH_SET.format("description")] if wanted is EVERYTHING else []
            assert warnings == [BOTH_SET.format("name"), BOTH_SET.format("version"), *described]


@pytest.mark.parametrize("existing", [USERS, CLASSIC_USERS])
def test_poetry_check_has_no_errors_after_a_merge(existing: str) -> None:
    assert checked(write(replace(EVERYTHING, style=Style.HYBRID), existing).text)["errors"] == []


def configured(folder: Path, text: str) -> ProjectPackage:
    """What Poetry makes of a pyproject.toml."""
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder.parent / "tool").mkdir(exist_ok=True)
    (folder.parent / "tool" / "pyproject.toml").write_text('[project]\nname = "tool"\n', encoding="utf-8")
    package = ProjectPackage("imgapp", "0.1.0")
    Factory.configure_package(package, PyProjectTOML(folder / "pyproject.toml"), folder)
    return package


@STYLES
def test_poetry_reads_the_plan_back(tmp_path: Path, style: Style) -> None:
    folder = tmp_path / "imgapp"
    folder.mkdir()
    package = configured(folder, write(replace(EVERYTHING, style=style), None).text)
    read = {
        group: sorted(
            (each.name, str(each.constraint), str(each.marker), sorted(each.extras), each.source_name)
            for each in package.dependency_group(group).dependencies_for_locking
        )
        for group in package.dependency_group_names()
    }
    assert read == {
        "main": [
            ("archive", "*", "", [], None),
            ("django", "5.2.10", 'python_version < "3.12"', [], None),
            ("django", "6.0.1", 'python_version >= "3.12"', [], None),
            ("flask", ">=3.0.2,<4.0.0", "", [], None),
            ("lib", "*", "", [], None),
            ("private", ">=1.0,<2.0", "", [], "corp"),
            ("requests", ">=2.31.0,<3.0.0", "", ["security", "socks"], None),
            ("tool", "*", "", [], None),
        ],
        "dev": [("pytest", ">=8,<9", "", [], None), ("shared", ">=1.4,<2.0", "", [], "corp")],
        "docs": [("sphinx", "*", "", [], None)],
    }
    by_name = {str(each.name): each for each in package.dependency_group("main").dependencies_for_locking}
    tool, lib, archive = by_name["tool"], by_name["lib"], by_name["archive"]
    assert isinstance(tool, DirectoryDependency)
    assert (tool.path, tool.develop) == (Path("../tool"), True)
    assert isinstance(lib, VCSDependency)
    assert (lib.source, lib.rev, lib.directory, lib.develop) == ("https://git.example/lib.git", "v1", "python", True)
    assert isinstance(archive, URLDependency)
    assert archive.url == "https://files.example/archive-1.0.tar.gz"
    assert by_name["private"].allows_prereleases() is True
    assert package.python_versions == ">=3.11,<4.0"
