"""Single lines: first what is refused, told or passed over, then what is read. Whole messages, whole values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Dependency, Index, IndexRole, Option, Pin, PythonHint
from migrator.model.source import FromPath, FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawSpecifier, RawVersion
from migrator.readers.requirements.pins import read_pin
from migrator.readers.requirements.statements import Requirement, read_statement, survey
from tests.requirements_views import read
from tests.trees import DictTree

AT = Origin(path="requirements.txt", line=1, end_line=1)
CONFLICT = "a conflict marker of a merge", "Resolve the merge conflict in this file."
TEMPLATE = "part of a template", "Render the template and give the rendered file."
SHELL = "a shell command", "Move it to a script; a requirements file holds requirements and options only."
FORM = (
    "it is not of the form NAME[EXTRAS]VERSIONS ; MARKER",
    "Write it as NAME[EXTRAS]VERSIONS ; MARKER, or take the line out.",
)

REFUSED = {
    "<<<<<<< HEAD": CONFLICT,
    "=======": CONFLICT,
    "||||||| base": CONFLICT,
    ">>>>>>> tags/v8.0.0": CONFLICT,
    "{{ cookiecutter.name }}": TEMPLATE,
    "{% if x %}": TEMPLATE,
    "hyperlink=19.0.0": ("a single = compares nothing", "Write hyperlink==19.0.0."),
    "numpy=1.19=py38": ("a single = compares nothing", "Write numpy==1.19."),
    'grpcio = "==1.62.2"': ("TOML, as in pyproject.toml", "Write grpcio==1.62.2."),
    'grpcio = "1.62.2"': ("TOML, as in pyproject.toml", "Write grpcio==1.62.2."),
    'grpcio = "^1.62"': ("TOML, as in pyproject.toml", "Write grpcio with a version range that pip reads."),
    'grpcio = {version = "1"}': (
        "TOML, as in pyproject.toml",
        "Write it as NAME[EXTRAS]VERSIONS, or take the line out.",
    ),
    "[tool.poetry]": ("the heading of a TOML or INI section", "Take the line out."),
    "subversion [platform:rpm]": ("a bindep line, which names a package of the system", "Keep it in bindep.txt."),
    "pip install flask": ("a shell command", "Write flask."),
    "wget 'https://host/x'": SHELL,
    "brew install ./x.rb": SHELL,
    "flask^1.0": ("Poetry's ^ or ~, which pip does not know", "Write the range with >= and <."),
    "WebTest==1.4.3',": ("there is something left over at the end", "Write WebTest==1.4.3."),
    "'flask==1.0',": ("there is something left over at the end", "Write flask==1.0."),
    "flask 1.0": ("there is no operator before the version", "Write flask==1.0."),
    "flask==1.0 \\ # pyup: ignore": (
        "a backslash continues a line only as its very last character",
        "Move what follows the backslash to a line of its own, or take the backslash out.",
    ),
    "flask==1.0\t--hash=sha256:aa": (
        "a tab before an option, which pip takes for a part of the requirement",
        "Put a blank before the option.",
    ),
    "./missing": ("there is no folder ./missing", FORM[1]),
    "./plain": ("the folder ./plain has neither pyproject.toml nor setup.py", FORM[1]),
    "flask ; nonsense": ("its marker nonsense cannot be read", FORM[1]),
    "flask==1.0 other==2": FORM,
    "$(cat x)": FORM,
    "((((" * 4000: FORM,
}


def quoted(line: str) -> str:
    text = line.partition(" #")[0]
    return f"`{text if len(text) <= 160 else text[:160] + '…'}`"


@pytest.mark.parametrize(("line", "expected"), REFUSED.items(), ids=[line[:30] for line in REFUSED])
def test_a_line_that_is_no_requirement_is_one_finding(line: str, expected: tuple[str, str]) -> None:
    reading = read({"requirements.txt": line, "plain/readme": ""})
    assert reading.project.declared == ()
    what, advice = expected
    assert [(f.code, f.severity, f.message, f.advice, f.origin) for f in reading.findings] == [
        (Code.NOT_UNDERSTOOD, Severity.REVIEW, f"{quoted(line)} is no requirement: {what}.", advice, AT)
    ]


TOLD = {
    "pytz==2011n": (
        Code.LEGACY_VERSION,
        Severity.REVIEW,
        "`pytz==2011n`: ==2011n is no version specifier of PEP 440; pip refuses it since 24.1.",
    ),
    "pairtree===0.7.1-T": (
        Code.ARBITRARY_EQUALITY,
        Severity.REVIEW,
        "`pairtree===0.7.1-T` names a version outside PEP 440, which only === can.",
    ),
    "git+https://user:pw@host/x": (
        Code.NAMELESS_URL,
        Severity.REVIEW,
        "`git+https://***@host/x` does not say which package it is.",
    ),
    "git+https://host/x#egg=x[y]": (
        Code.PIP_DIFFERS,
        Severity.NOTE,
        "`git+https://host/x#egg=x[y]`: pip 23 reads more than a name after #egg=, pip 26 refuses it.",
    ),
    "git@github.com:org/x.git==v1.0.0": (
        Code.PIP_DIFFERS,
        Severity.REVIEW,
        "`git@github.com:org/x.git==v1.0.0`: pip 26 takes what follows the @ for an address, pip 23 refuses it.",
    ),
    "flask>=1,": (
        Code.PIP_DIFFERS,
        Severity.NOTE,
        "`flask>=1,`: pip 26 passes over the comma at the end, pip 23 refuses it.",
    ),
    "x @ https://${TOKEN}@host/x.zip": (
        Code.VARIABLE_KEPT,
        Severity.REVIEW,
        "`x @ https://***@host/x.zip` holds a variable, which is kept as it stands.",
    ),
    "flask==1.0 --pre": (
        Code.OPTION_ON_REQUIREMENT,
        Severity.REVIEW,
        "`flask==1.0 --pre`: pip passes over `--pre` on the line of a requirement.",
    ),
    "flask -i https://u:p@host/": (
        Code.OPTION_ON_REQUIREMENT,
        Severity.REVIEW,
        "`flask -i https://***@host/`: pip passes over `--index-url https://***@host/` on the line of a requirement.",
    ),
    "flask==1.0 --what": (
        Code.OPTION_ON_REQUIREMENT,
        Severity.REVIEW,
        "`flask==1.0 --what`: pip passes over `--what` on the line of a requirement.",
    ),
}


@pytest.mark.parametrize(("line", "expected"), TOLD.items(), ids=TOLD.keys())
def test_a_line_that_is_read_may_be_told_as_well(line: str, expected: tuple[Code, Severity, str]) -> None:
    reading = read({"requirements.txt": line})
    assert len(reading.project.declared) == 1
    assert [(f.code, f.severity, f.message) for f in reading.findings] == [expected]


PASSED_OVER = {
    "--only-binary=all git+https://host/x#egg=x": "git+https://host/x#egg=x",
    "- flask==1.0": "- flask==1.0",
    "--hash=sha256:aa": "--hash sha256:aa",
    "-": "-",
    "-f ./a -f ./b": "--find-links ./b",
}


@pytest.mark.parametrize(("line", "what"), PASSED_OVER.items(), ids=PASSED_OVER.keys())
def test_what_pip_passes_over_in_silence_is_told(line: str, what: str) -> None:
    reading = read({"requirements.txt": line})
    assert reading.project.declared == ()
    assert [(f.code, f.message) for f in reading.findings] == [
        (
            Code.NOT_UNDERSTOOD,
            f"pip passes over `{what}` here: a line that begins with an option holds no requirement.",
        )
    ]


def dependency(raw_name: str, specifier: str = "", **rest: object) -> Dependency:
    return Dependency(
        name=canonicalize_name(raw_name),
        raw_name=raw_name,
        origin=AT,
        specifier=SpecifierSet(specifier),
        **rest,  # type: ignore[arg-type]
    )


READ = {
    "Zope.Interface": dependency("Zope.Interface"),
    "flask==3.0.0": dependency("flask", "==3.0.0"),
    "flask[async, dotenv] ~= 3.0 ; os.name == 'nt'  # why": dependency(
        "flask", "~=3.0", extras=frozenset({"async", "dotenv"}), marker=Marker("os_name == 'nt'"), comment="why"
    ),
    "flask==3.0.0 --hash=sha256:aa --hash=sha512:bb": dependency("flask", "==3.0.0", hashes=("sha256:aa", "sha512:bb")),
    "flask==3.0.0 --hash=md5:aa": dependency("flask", "==3.0.0", hashes=("md5:aa",)),
    "flask==3.0.0  # via shop, -r requirements.in": dependency("flask", "==3.0.0", via=("shop", "-r requirements.in")),
    "-e .[dev]": dependency("shop", source=FromPath(path="."), editable=True, extras=frozenset({"dev"})),
    "./libs/core": dependency("shop-core", source=FromPath(path="./libs/core")),
    "file:libs/core": dependency("shop-core", source=FromPath(path="libs/core")),
    "./libs/shop-lib-1.0.tar.gz": dependency("shop-lib", source=FromPath(path="./libs/shop-lib-1.0.tar.gz")),
    "-e git://host/x@v1#egg=x&subdirectory=src": dependency(
        "x",
        source=FromVcs(kind=VcsKind.GIT, url=Url.parse("git://host/x"), rev="v1", subdirectory="src"),
        editable=True,
    ),
    "x @ git+ssh://git@host/org/x.git@feature/y": dependency(
        "x", source=FromVcs(kind=VcsKind.GIT, url=Url.parse("ssh://git@host/org/x.git"), rev="feature/y")
    ),
    "-e git+git@host:org/x.git@v1#egg=x": dependency(
        "x", source=FromVcs(kind=VcsKind.GIT, url=Url.parse("git@host:org/x.git"), rev="v1"), editable=True
    ),
    "https://host/x_y-1.0-py3-none-any.whl#sha256=ab": dependency(
        "x_y", "==1.0", source=FromUrl(url=Url.parse("https://host/x_y-1.0-py3-none-any.whl"))
    ),
}
PROJECT = {
    "setup.py": "import setuptools\nsetuptools.setup(name='shop')\n",
    "libs/core/pyproject.toml": '[tool.poetry]\nname = "shop-core"\n',
}


@pytest.mark.parametrize(("line", "expected"), READ.items(), ids=READ.keys())
def test_a_line_is_read(line: str, expected: Dependency) -> None:
    assert read({"requirements.txt": line, **PROJECT}).project.declared == (expected,)


PINS = {
    "flask>=3": None,
    "flask==3.*": None,
    "flask==3.0,<4": None,
    "flask==${VERSION}": None,
    "git+https://host/x": None,
    "flask==3.0": (Version("3.0"), ()),
    "flask===3.0": (Version("3.0"), ()),
    "pytz==2011n": (RawVersion(text="2011n"), ()),
    "-e .": (None, ()),
    "https://host/x_y-1.0-py3-none-any.whl#sha256=ab": (Version("1.0"), ("sha256:ab",)),
    "x @ git+https://host/x": (None, ()),
}


@pytest.mark.parametrize(("line", "expected"), PINS.items(), ids=PINS.keys())
def test_a_line_that_settles_what_runs_is_a_pin(line: str, expected: tuple[object, object] | None) -> None:
    pins = read({"requirements.txt": line, **PROJECT}).project.pins
    assert [(pin.version, pin.hashes) for pin in pins] == ([expected] if expected else [])


def test_a_specifier_outside_pep_440_is_kept_as_written() -> None:
    read_one = read({"requirements.txt": "pytz ( >dev, != 2011n )"}).project.declared[0]
    assert read_one.specifier == RawSpecifier(text="!=2011n,>dev")


OPTIONS = {
    "--pre": ("--pre", ""),
    "--no-index": ("--no-index", ""),
    "--prefer-binary": ("--prefer-binary", ""),
    "--require-hashes": ("--require-hashes", ""),
    "--trusted-host=host:8080": ("--trusted-host", "host:8080"),
    "--use-feature fast-deps": ("--use-feature", "fast-deps"),
    "--no-binary :all:": ("--no-binary", ":all:"),
    "--only-binary=a,b": ("--only-binary", "a,b"),
    "-C a=b": ("--config-settings", "a=b"),
    "-r 'base.txt'": ("--requirement", "base.txt"),
    "-cbase.txt": ("--constraint", "base.txt"),
}


@pytest.mark.parametrize(("line", "expected"), OPTIONS.items(), ids=OPTIONS.keys())
def test_an_option_is_carried_under_its_long_name(line: str, expected: tuple[str, str]) -> None:
    reading = read({"requirements.txt": f"{line} # why", "base.txt": ""})
    option, value = expected
    assert reading.project.options == (Option(option=option, value=value, origin=AT),)
    assert [one.comment for one in reading.project.options] == ["why"]
    assert reading.findings == ()


def test_an_option_on_a_requirements_line_that_counts_for_the_whole_run_is_carried() -> None:
    reading = read({"requirements.txt": "psycopg2==2.7.4 --no-binary psycopg2"})
    assert reading.project.declared == (dependency("psycopg2", "==2.7.4"),)
    assert reading.project.options == (Option(option="--no-binary", value="psycopg2", origin=AT),)
    assert reading.findings == ()


def test_a_later_index_url_erases_the_indexes_before_it() -> None:
    """pip's own rule; the find-links stay, and what is erased is told where it stood."""
    text = "--extra-index-url https://u:p@b/\n-f https://links/\n-i https://main/simple\n--extra-index-url https://b/"
    reading = read({"requirements.txt": text})
    assert [(index.role, index.url.reveal()) for index in reading.project.indexes] == [
        (IndexRole.FIND_LINKS, "https://links/"),
        (IndexRole.INDEX, "https://main/simple"),
        (IndexRole.EXTRA, "https://b/"),
    ]
    later = "--index-url in requirements.txt:3 comes later and replaces it"
    assert [(f.code, f.message, f.origin) for f in reading.findings] == [
        (
            Code.OPTION_NOT_CARRIED,
            f"pip never asks the index https://***@b/ of --extra-index-url: {later}.",
            AT,
        )
    ]


def test_the_same_index_twice_is_no_news() -> None:
    reading = read({"requirements.txt": "-i https://main/simple\n-i https://main/simple"})
    same = Index(url=Url.parse("https://main/simple"), role=IndexRole.INDEX, origin=AT)
    assert (reading.project.indexes, reading.findings) == ((same, same), ())


def test_no_index_switches_every_index_off() -> None:
    reading = read({"requirements.txt": "-i https://a/\n--no-index\n--extra-index-url https://b/"})
    assert reading.project.indexes == ()
    assert [f.message for f in reading.findings] == [
        "pip never asks the index https://a/ of --index-url: --no-index in requirements.txt:2 switches it off.",
        "pip never asks the index https://b/ of --extra-index-url: --no-index in requirements.txt:2 switches it off.",
    ]


COMPILED = """\
#
# This file is autogenerated by pip-compile with Python 3.11
# by the following command:
#
#    pip-compile requirements.in
#
flask==3.0.0 \\
    --hash=sha256:aa
    # via
    #   -r requirements.in
    #   shop (pyproject.toml)
# a comment of its own
idna==3.6  # via
    #   requests
requests==2.31.0
    # via flask
"""


def test_who_asked_for_a_package_belongs_to_its_entry() -> None:
    project = read({"requirements.txt": COMPILED}).project
    assert [(d.name, d.via, d.comment, d.compiled, d.origin.line, d.origin.end_line) for d in project.declared] == [
        ("flask", ("-r requirements.in", "shop (pyproject.toml)"), None, True, 7, 11),
        ("idna", ("requests",), None, True, 13, 14),
        ("requests", ("flask",), None, True, 15, 16),
    ]
    assert [(c.text, c.origin.line) for c in project.comments][-2:] == [("", 6), ("a comment of its own", 12)]
    hint = PythonHint(range=SpecifierSet(">=3.11"), stated=False, origin=AT)
    assert project.python_hints == (hint,)
    assert project.python_hints[0].origin.line == 2


def test_the_header_of_uv_is_known() -> None:
    text = (
        "# This file was autogenerated by uv via the following command:\n#    uv pip compile --python-version 3.9\na==1"
    )
    project = read({"requirements.txt": text}).project
    assert [d.compiled for d in project.declared] == [True]
    assert [(str(h.range), h.origin.line) for h in project.python_hints] == [(">=3.9", 2)]


def test_a_file_written_by_hand_is_not_compiled() -> None:
    project = read({"requirements.txt": "# by hand\na==1\n# autogenerated by pip-compile with Python 3.11"}).project
    assert ([d.compiled for d in project.declared], project.python_hints) == ([False], ())


def test_credentials_in_a_comment_are_masked() -> None:
    project = read({"requirements.txt": "# from https://u:p@host/"}).project
    assert project.comments == (Comment(text="from https://***@host/", origin=AT),)


plain_pins = st.builds(
    "{}{}{}=={}{}{}{}".format,
    st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,5}[A-Za-z0-9])?", fullmatch=True),
    st.sampled_from(["", "[a]", "[a_b,c-d]", "[a, b]", "[A]"]),
    st.sampled_from(["", " ", "  "]),
    st.from_regex(
        r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}(?:(?:a|b|rc)[0-9])?(?:\.post[0-9])?(?:\.dev[0-9])?", fullmatch=True
    ),
    st.sampled_from(["", " ; python_version < '3'", ";os_name=='a b'", " ; nonsense", " ; a-b", "; os.name == 'x'"]),
    st.sampled_from(["", " --hash=sha256:ab", "   --hash=sha512:ab --hash=sha256:cd", " --hash=sha256:XY", " --pre"]),
    st.sampled_from(["", " ", "\t", "x", ","]),
)


@given(text=plain_pins)
def test_the_fast_path_reads_what_the_slow_path_reads(text: str) -> None:
    pin = read_pin(text.strip())
    if pin is None:
        return
    statement = read_statement(text.strip(), survey(DictTree({})))
    assert isinstance(statement, Requirement)
    entry = statement.entry
    assert (pin.raw_name, pin.specifier, pin.extras, pin.marker) == (
        entry.raw_name,
        entry.specifier,
        entry.extras,
        entry.marker,
    )
    assert (pin.name, pin.hashes) == (canonicalize_name(entry.raw_name), statement.options.values("--hash"))
    assert SpecifierSet(f"=={pin.version}") == pin.specifier


def test_the_fast_path_takes_most_lines() -> None:
    taken = [
        "a==1",
        "A.b_c[x,y] == 1.0rc1 ; python_version >= '3.8' and os_name == 'nt' --hash=sha256:ab",
        "a==1.0.post1",
    ]
    assert [read_pin(text) is not None for text in taken] == [True] * 3


def test_one_pin_of_each_layer_is_whole() -> None:
    reading = read({"requirements.txt": "Flask[async]==3.0.0 ; os_name == 'nt' --hash=sha256:aa"})
    assert reading.project.pins == (
        Pin(
            name=canonicalize_name("flask"),
            raw_name="Flask",
            version=Version("3.0.0"),
            origin=AT,
            hashes=("sha256:aa",),
            marker=Marker("os_name == 'nt'"),
            extras=frozenset({"async"}),
        ),
    )
