"""The reader of pypi2nix's expressions: every layout, as Nix understands it, and whatever people made of them."""

from __future__ import annotations

import base64
import json
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from migrator.model.finding import Code, Finding
from migrator.model.project import Companion, CompanionRole, Reading
from migrator.model.reader import Input
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source
from migrator.nix.hashes import read_hash
from migrator.readers.pypi2nix import READER
from migrator.readers.pypi2nix.command import read_command, read_header
from migrator.readers.pypi2nix.renames import names_today, rename_table, today
from migrator.reports.inspect import inspect_json, schema_text

from .nix_expressions import evaluate_expression, evaluate_overrides
from .trees import DictTree

ROOT = Path(__file__).parents[1]
LAYOUTS = ROOT / "fixtures" / "pypi2nix" / "layouts"
OVERRIDES = ROOT / "fixtures" / "pypi2nix" / "overrides"

INPUTS = {
    "1.0.0": "shop.nix",
    "1.1.1": "requirements.nix",
    "1.3.0": "requirements.nix",
    "1.7.0": "requirements.nix",
    "1.8.0": "requirements.nix",
    "1.8.1": "nix/requirements.nix",
    "2.0.0": "requirements.nix",
    "2.0.4": "requirements.nix",
    "dev-2018": "requirements.nix",
    "hand-edited": "requirements.nix",
    "nixfmt": "requirements.nix",
    "stale": "requirements.nix",
}
"""The main file of each layout."""
every_layout = pytest.mark.parametrize("layout", INPUTS)


def files_of(layout: str) -> dict[str, str]:
    folder = LAYOUTS / layout
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}


def read(files: Mapping[str, bytes | str], *paths: str) -> Reading:
    return READER.read(DictTree(files), tuple(Input(path=path) for path in paths or ("requirements.nix",)), "utf-8")


def read_layout(layout: str, path: str | None = None) -> Reading:
    return read(files_of(layout), path or INPUTS[layout])


def told(findings: tuple[Finding, ...]) -> list[tuple[Code, str, str]]:
    return [(finding.code, finding.severity.value, finding.message) for finding in findings]


def codes(reading: Reading) -> list[Code]:
    return [finding.code for finding in reading.findings]


# an expression of our own, for one thing at a time

HEAD = """\
# generated using pypi2nix tool (version: 2.0.4)
# See more at: https://github.com/nix-community/pypi2nix
#
# COMMAND:
#   pypi2nix {command}
#
"""
MAIN = """\
{{ pkgs ? import <nixpkgs> {{}}, overrides ? ({{ pkgs, python }}: self: super: {{}}) }}:
let
  pythonPackages = import "${{toString pkgs.path}}/pkgs/top-level/python-packages.nix" {{ python = pkgs.{python}; }};
  commonBuildInputs = {inputs};
  commonDoCheck = false;
  python = {{ mkDerivation = pythonPackages.buildPythonPackage; }};
  generated = self: {{
{packages}
  }};
  localOverridesFile = ./requirements_override.nix;
  localOverrides = import localOverridesFile {{ inherit pkgs python; }};
  commonOverrides = [ {common} ];
  paramOverrides = [ (overrides {{ inherit pkgs python; }}) ];
  allOverrides =
    (if (builtins.pathExists localOverridesFile)
     then [localOverrides] else [] ) ++ commonOverrides ++ paramOverrides;
in python.withPackages (pkgs.lib.fix' (pkgs.lib.fold pkgs.lib.extends generated allOverrides))
"""
SIX = """\
"six" = python.mkDerivation {
  name = "six-1.12.0";
  src = pkgs.fetchurl {
    url = "https://files.pythonhosted.org/packages/dd/bf/4138e7bfb757de47d1f4b6994648ec67a51efe58fa907c1e11e350cddfca/six-1.12.0.tar.gz";
    sha256 = "d16a0141ec1a18405cd4ce8b4613101da75da0e9a7aec5bdd4fa804d0e0eba73";
  };
  doCheck = commonDoCheck;
  buildInputs = commonBuildInputs;
  propagatedBuildInputs = [ ];
  meta = with pkgs.stdenv.lib; { homepage = ""; license = licenses.mit; description = ""; };
};
"""


def expression(
    packages: str = SIX, *, command: str = "", python: str = "python3", inputs: str = "[]", common: str = ""
) -> str:
    head = HEAD.format(command=command) if command else ""
    return head + MAIN.format(packages=packages, python=python, inputs=inputs, common=common)


def package(name: str = "shop", version: str = "1.0", **attributes: str) -> str:
    """An entry whose attributes are Nix text, with those that are always there."""
    lines = {
        "name": f'"{name}-{version}"',
        "src": "./.",
        "doCheck": "commonDoCheck",
        "buildInputs": "commonBuildInputs",
        "propagatedBuildInputs": "[ ]",
        **attributes,
    }
    return f'"{name}" = python.mkDerivation {{\n' + "".join(f"  {k} = {v};\n" for k, v in lines.items() if v) + "};\n"


# every layout, as Nix understands it


def source_as_nix_has_it(source: Source) -> tuple[str, dict[str, str]] | None:
    match source:
        case FromIndex(url=None):
            return None
        case FromIndex(url=url) | FromUrl(url=url):
            return "fetchurl", {"url": str(url)}
        case FromVcs(kind=kind, url=url, rev=rev):
            return f"fetch{kind.value}", {"url": str(url), "rev": str(rev)}
        case FromPath(path=path):
            return "path", {"path": path}


def source_of_nix(src: Any, folder: str) -> tuple[str, dict[str, str]] | None:
    if src is None:
        return None
    fetcher, arguments = src["fetcher"], src["arguments"]
    if fetcher == "fetchFromGitHub":
        address = f"https://github.com/{arguments['owner']}/{arguments['repo']}"
        return "fetchgit", {"url": address, "rev": arguments["rev"]}
    if fetcher == "path":
        place = arguments["path"].partition("/project")[2].strip("/")
        return "path", {"path": "/".join(filter(None, (folder, place))) or "."}
    return fetcher, {name: value for name, value in arguments.items() if name in {"url", "rev"}}


def hash_of_nix(src: Any) -> tuple[str, ...]:
    """The hash of a file, in hexadecimal digits by Nix's own tool."""
    if src is None or src["fetcher"] != "fetchurl":
        return ()
    (algorithm,) = {"md5", "sha256"} & set(src["arguments"])
    command = ["nix-hash", "--type", algorithm, "--to-base16", src["arguments"][algorithm]]
    return (f"{algorithm}:{subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()}",)


@pytest.mark.nix
@pytest.mark.parametrize(
    ("layout", "path"),
    [*INPUTS.items(), ("1.0.0", "shop_generated.nix"), ("stale", "requirements_generated.nix")],
    ids=lambda value: value,
)
def test_every_package_is_what_nix_says(layout: str, path: str) -> None:
    said = evaluate_expression(LAYOUTS / layout / path)
    reading = read_layout(layout, path)
    common = {native.attribute for native in reading.project.natives if native.package is None}
    if path == "requirements_generated.nix":
        common = set()  # nobody gives it any
    found = {
        pin.raw_name: (
            f"{pin.raw_name}-{pin.version}",
            source_as_nix_has_it(pin.source),
            pin.hashes,
            list(pin.needs),
            common | set(pin.build_needs),
            pin.format,
            pin.licence,
            pin.top_level,
        )
        for pin in reading.project.pins
    }
    assert found == {
        name: (
            package["name"].replace("zope.interface.4.6.0", "zope.interface-4.6.0"),  # written so by hand
            source_of_nix(package["src"], path.rpartition("/")[0]),
            hash_of_nix(package["src"]),
            package["propagatedBuildInputs"],
            set(package["buildInputs"]),
            package["format"],
            package["licence"],
            package["top_level"],
        )
        for name, package in said.items()
    }


@pytest.mark.nix
@pytest.mark.parametrize(
    "file",
    ["idioms.nix", "helpers.nix", "../layouts/1.8.1/nix/requirements_override.nix", "../layouts/1.8.1/common.nix"],
)
def test_every_override_is_what_nix_says(file: str) -> None:
    place = (OVERRIDES / file).resolve()
    known = ["append", "prepend", "replace", "clear", "filter", "set", "patch", "plain", "local", "with", "optional"]
    known += ["inherited", "alias", "six", "attrs", "cffi", "olefile", "pycparser", "zope.interface", "Pillow"]
    said = evaluate_overrides(place, known)
    files = {
        "requirements.nix": expression("\n".join(package(name) for name in known)),
        "requirements_override.nix": place.read_text(encoding="utf-8"),
    }
    found = {
        override.raw_name: {
            "how": "override" if override.how.value == "bulk" else override.how.value,
            "attributes": {name: change.value for name, change in override.attributes},
        }
        for override in read(files).project.overrides
    }
    assert found == {
        name: {**one, "attributes": {a: change for a, change in one["attributes"].items() if change != "same"}}
        for name, one in said.items()
    }


@every_layout
def test_every_layout_is_recognised_and_shown_by_the_schema(layout: str) -> None:
    text = files_of(layout)[INPUTS[layout]]
    assert READER.recognises(INPUTS[layout].rpartition("/")[2], text.encode()[:4096])
    shown = json.loads(inspect_json(read_layout(layout)))
    Draft202012Validator(json.loads(schema_text())).validate(shown)
    assert [finding["code"] for finding in shown["findings"] if finding["severity"] == "stop"] == []


@every_layout
def test_every_entry_and_option_and_native_has_its_place(layout: str) -> None:
    files = files_of(layout)
    project = read_layout(layout).project
    for pin in project.pins:
        line = files[pin.origin.path].splitlines()[pin.origin.line - 1]
        assert line.strip().strip('"').startswith(pin.raw_name)
    for native in project.natives:
        lines = files[native.origin.path].splitlines()[native.origin.line - 1 : native.origin.end_line]
        assert native.attribute.rpartition(".")[2] in "\n".join(lines)
    for override in project.overrides:
        line = files[override.origin.path].splitlines()[override.origin.line - 1]
        assert override.how.value == "bulk" or override.raw_name in line or override.origin.path == "requirements.nix"


STATED = {
    "1.0.0": ("==2.7.*", [], ["shop.txt"], []),
    "1.1.1": ("==2.7.*", ["libffi", "openssl"], ["requirements.txt"], []),
    "1.3.0": ("==3.5.*", ["groff", "less"], [], ["rsa==3.4.2", "docutils", "colorama"]),
    "1.7.0": (
        "==3.5.*",
        ["libyaml", "openssl", "libffi", "pyyaml: libyaml"],
        ["requirements.txt", "requirements-dev.txt", "requirements_frozen.txt"],
        [],
    ),
    "1.8.0": (None, [], ["requirements.txt"], []),
    "1.8.1": (
        "==3.6.*",
        ["libffi", "openssl", "zlib", "libjpeg", "postgresql", "pillow: pkgconfig", "cffi: libffi"],
        ["requirements/base.txt"],
        ["setuptools-scm"],
    ),
    "2.0.0": (
        "==3.7.*",
        ["openssl", "libffi"],
        [],
        ["jinja2 @ https://github.com/pallets/jinja/archive/2.11.2.tar.gz"],
    ),
    "2.0.4": ("==3.8.*", [], ["requirements.txt", "requirements_frozen.txt"], ["arrow"]),
    "dev-2018": (None, ["libyaml"], [], []),
    "hand-edited": (
        "==3.6.*",
        ["libffi", "xorg.libxcb", "pythonPackages.numpy", "attrs: git", "six: glibcLocales"],
        [],
        [],
    ),
    "nixfmt": (None, [], [], []),
    "stale": ("==3.6.*", [], [], []),
}


@every_layout
def test_the_python_the_natives_and_the_roots_of_every_layout(layout: str) -> None:
    reading = read_layout(layout)
    project = reading.project
    declared = [
        f"{wish.raw_name} @ {wish.source.url}"
        if isinstance(wish.source, FromUrl)
        else f"{wish.raw_name}{wish.specifier}"
        for wish in project.declared
    ]
    assert (
        None if project.python is None else str(project.python),
        [f"{n.package}: {n.attribute}" if n.package else n.attribute for n in project.natives],
        [companion.path for companion in reading.companions],
        declared,
    ) == STATED[layout]


TOLD: dict[str, list[tuple[Code, str, str]]] = {
    "1.8.1": [
        (
            Code.REMOTE_INCLUDE,
            "note",
            (
                "The default overrides of pypi2nix (garbas/nixpkgs-python) are not carried over: poetry2nix has its "
                "own for all of these packages."
            ),
        ),
        (
            Code.REMOTE_INCLUDE,
            "review",
            (
                "Overrides come from the address http://nix.example.org/more.nix; nothing was downloaded, so they "
                "were not read."
            ),
        ),
        (
            Code.NATIVE_RENAMED,
            "note",
            "The native input postgresql is several packages of nixpkgs today: postgresql, libpq.",
        ),
    ],
    "2.0.4": [
        (
            Code.REMOTE_INCLUDE,
            "note",
            (
                "The default overrides of pypi2nix (nix-community/pypi2nix-overrides) are not carried over: "
                "poetry2nix has its own for all of these packages."
            ),
        )
    ],
    "1.0.0": [
        (
            Code.UNSUPPORTED_SOURCE,
            "review",
            "Where itsdangerous comes from is not clear: it has no src, so its name on an index is taken.",
        ),
    ],
    "hand-edited": [
        (Code.MISSING_INCLUDE, "review", "requirements.txt is not there, so nothing of it was read."),
        (
            Code.NOT_UNDERSTOOD,
            "review",
            (
                "six has python36Packages.pyopenssl of another set in its propagatedBuildInputs, so nobody knows which "
                "version."
            ),
        ),
    ],
    "stale": [
        (Code.MISSING_INCLUDE, "review", "requirements.txt is not there, so nothing of it was read."),
        (
            Code.LEFTOVER,
            "note",
            (
                "requirements_generated.nix is of an older pypi2nix; requirements.nix does not import it, so it was "
                "not read."
            ),
        ),
    ],
    **{
        key: [(Code.MISSING_INCLUDE, "review", "requirements.txt is not there, so nothing of it was read.")]
        for key in ("dev-2018", "nixfmt")
    },
}


@every_layout
def test_what_is_told_of_every_layout(layout: str) -> None:
    assert told(read_layout(layout).findings) == TOLD.get(layout, [])


def test_a_generated_file_is_read_through_the_main_file_that_imports_it() -> None:
    assert read_layout("1.7.0", "requirements_generated.nix") == read_layout("1.7.0", "requirements.nix")


def test_a_stale_generated_file_is_read_alone_when_it_is_named() -> None:
    reading = read_layout("stale", "requirements_generated.nix")
    assert [pin.raw_name for pin in reading.project.pins] == ["click"]
    assert reading.project.sources == ("requirements_generated.nix", "requirements_override.nix")
    assert [native.attribute for native in reading.project.natives] == ["openssl"]


def test_comments_of_people_are_kept_and_the_ones_of_the_tool_are_not() -> None:
    project = read_layout("1.8.1").project
    assert [(comment.text, str(comment.origin)) for comment in project.comments] == [
        ('"zope.event" = python.mkDerivation {', "nix/requirements.nix:144"),
        ('name = "zope.event-4.4";', "nix/requirements.nix:145"),
        ("};", "nix/requirements.nix:146"),
    ]
    assert "zope-event" not in {pin.name for pin in project.pins}


def test_companions_tell_who_names_them() -> None:
    reading = read_layout("1.7.0")
    assert reading.companions[0] == Companion(
        format="requirements",
        path="requirements.txt",
        role=CompanionRole.ROOTS,
        origin=reading.project.options[0].origin,
    )
    assert [companion.role.value for companion in reading.companions] == ["roots", "roots", "frozen"]


def test_the_bulk_of_a_loop_is_told_for_every_package_that_it_meets() -> None:
    overrides = read_layout("1.8.1").project.overrides
    assert [override.raw_name for override in overrides if override.how.value == "bulk"] == [
        "Pillow",
        "attrs",
        "cffi",
        "olefile",
        "pycparser",
    ]


# the command line

COMMANDS = {
    "the words of a list lose their quotes": (
        "-V 2.7 -E libffi openssl -r requirements.txt -s setuptools-scm pytest-runner -v",
        [
            ("--python-version", "2.7"),
            ("--extra-build-inputs", "libffi openssl"),
            ("--requirements", "requirements.txt"),
            ("--setup-requires", "setuptools-scm pytest-runner"),
            ("--verbose", ""),
        ],
    ),
    "quotes": (
        "-E 'openssl libffi' -N 'LANG=C FOO=\"a b\"' -e 'name >= 1.2'",
        [
            ("--extra-build-inputs", "openssl libffi"),
            ("--extra-env", 'LANG=C FOO="a b"'),
            ("--editable", "name >= 1.2"),
        ],
    ),
    "glued": (
        "-V3.7 -vvv -rrequirements.txt -vV 3",
        [
            ("--python-version", "3.7"),
            *[("--verbose", "")] * 3,
            ("--requirements", "requirements.txt"),
            ("--verbose", ""),
            ("--python-version", "3"),
        ],
    ),
    "long": (
        "--extra-build-inputs a b --python-version=3 --basename shop --no-default-overrides",
        [
            ("--extra-build-inputs", "a b"),
            ("--python-version", "3"),
            ("--basename", "shop"),
            ("--no-default-overrides", ""),
        ],
    ),
    "all that there ever were": (
        (
            "-I nixpkgs=/x --nix-shell nix-shell -b buildout.cfg -C cache -T -O ../o.nix --default-overrides "
            "-W https://w.example --build-directory b --emit-extra-build-inputs "
            "--dependency-graph-output g --dependency-graph-input h --name n -q"
        ),
        [
            ("--nix-path", "nixpkgs=/x"),
            ("--nix-shell", "nix-shell"),
            ("--buildout", "buildout.cfg"),
            ("--cache-dir", "cache"),
            ("--enable-tests", ""),
            ("--overrides", "../o.nix"),
            ("--default-overrides", ""),
            ("--wheels-cache", "https://w.example"),
            ("--build-directory", "b"),
            ("--emit-extra-build-inputs", ""),
            ("--dependency-graph-output", "g"),
            ("--dependency-graph-input", "h"),
            ("--name", "n"),
            ("--quiet", ""),
        ],
    ),
    "what stands for itself": (
        "-V 2.7 awscli docutils==0.12",
        [("--python-version", "2.7"), ("", "awscli"), ("", "docutils==0.12")],
    ),
    "what nobody knows": ("--frobnicate -Z -vZ", [("?", "--frobnicate"), ("?", "-Z"), ("--verbose", ""), ("?", "-vZ")]),
    "an apostrophe alone": ("-N O'Hara -V 3", [("--extra-env", "O'Hara"), ("--python-version", "3")]),
    "an option without its value": ("-r", [("--requirements", "")]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("arguments", "expected"), COMMANDS.values(), ids=COMMANDS.keys())
def test_the_command_line_is_taken_apart(arguments: str, expected: list[tuple[str, str]]) -> None:
    assert [tuple(given) for given in read_command(arguments)] == expected


HEADERS = {
    "as it is written": (HEAD.format(command="-V 3"), (5, "2.0.4", "pypi2nix -V 3")),
    "without the address": (
        "# generated using pypi2nix tool (version: 1.1.1)\n#\n# COMMAND:\n#   pypi2nix -V 3\n",
        (4, "1.1.1", "pypi2nix -V 3"),
    ),
    "a version that was not put in": (
        "# generated using pypi2nix tool (version: %(version)s)\n",
        (1, "%(version)s", None),
    ),
    "none": ("# written by hand\n", None),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_the_header_is_found(text: str, expected: tuple[int, str, str | None] | None) -> None:
    comments = [(line, number) for number, line in enumerate(text.splitlines(), 1)]
    header = read_header(comments)
    assert (None if header is None else (header.line, header.version, header.command)) == expected


WISHES = {
    "name": ["name"],
    "name==1.2": ["name ==1.2"],
    "'name[a,b]>=1; python_version < \"3\"'": ['name[a,b] >=1 ; python_version < "3"'],
    "name >= 1": ["name >=1"],
    "one two": ["one", "two"],
    ".#egg=x": ["x @ ."],
    "./.#egg=x": ["x @ ."],
    "./[testing]#egg=nixbot": ["nixbot[testing] @ ."],
    "../lib/tool#egg=tool[a]": ["tool[a] @ ../lib/tool"],
    "https://a.example/x-1.tar.gz#egg=x": ["x @ https://a.example/x-1.tar.gz"],
    "git+https://a.example/x.git@abc#egg=x&subdirectory=sub": ["x @ git https://a.example/x.git abc sub"],
    "git+ssh://git@a.example/x.git#egg=x": ["x @ git ssh://git@a.example/x.git None None"],
    "pytz==2011n": ["pytz ==2011n"],
}


@pytest.mark.parametrize(("wished", "expected"), WISHES.items(), ids=WISHES.keys())
def test_editable_is_any_requirement(wished: str, expected: list[str]) -> None:
    reading = read({"requirements.nix": expression(command=f"-e {wished}")})
    shown = []
    for wish in reading.project.declared:
        extras = f"[{','.join(sorted(wish.extras))}]" if wish.extras else ""
        match wish.source:
            case FromIndex():
                source = f" {wish.specifier}" if str(wish.specifier) else ""
            case FromPath(path=path):
                source = f" @ {path}"
            case FromUrl(url=url):
                source = f" @ {url}"
            case FromVcs(kind=kind, url=url, rev=rev, subdirectory=subdirectory):
                source = f" @ {kind.value} {url} {rev} {subdirectory}"
        shown.append(wish.raw_name + extras + source + (f" ; {wish.marker}" if wish.marker else ""))
    assert shown == expected
    assert reading.findings == ()


def test_paths_on_the_command_line_are_seen_from_the_expression() -> None:
    reading = read({"nix/requirements.nix": expression(command="-e ../.#egg=shop")}, "nix/requirements.nix")
    assert [wish.source for wish in reading.project.declared] == [FromPath(path=".")]


def test_what_is_no_option_and_no_requirement_is_told() -> None:
    reading = read({"requirements.nix": expression(command="--frobnicate -e '=1' -e ./lib")})
    assert told(reading.findings) == [
        (
            Code.NOT_UNDERSTOOD,
            "review",
            "`--frobnicate` on the command line in the header is no option of pypi2nix and no requirement.",
        ),
        (
            Code.NOT_UNDERSTOOD,
            "review",
            "`=1` on the command line in the header is no option of pypi2nix and no requirement.",
        ),
        (Code.NAMELESS_URL, "review", "`./lib` on the command line in the header does not say which package it is."),
    ]


REQUIREMENTS = {
    "beside": ("nix/requirements.nix", "-r requirements.txt", "nix/requirements.txt"),
    "above": ("nix/requirements.nix", "-r ../requirements.txt", "requirements.txt"),
    "as seen from the project": ("nix/requirements.nix", "-r requirements/base.txt", "requirements/base.txt"),
    "on another machine": ("requirements.nix", "-r /home/ada/shop/requirements.txt", "requirements.txt"),
}


@pytest.mark.parametrize(("file", "command", "path"), REQUIREMENTS.values(), ids=REQUIREMENTS.keys())
def test_the_requirements_file_is_found_where_it_is(file: str, command: str, path: str) -> None:
    reading = read({file: expression(command=command), path: "six\n"}, file)
    assert [(c.path, c.role) for c in reading.companions] == [(path, CompanionRole.ROOTS)]
    assert reading.findings == ()


def test_the_expression_and_its_command_line_may_differ() -> None:
    reading = read(
        {
            "requirements.nix": expression(
                command="-V 3.7 -E zlib libffi", python="python36", inputs="with pkgs; [ zlib ]"
            )
        }
    )
    assert [native.attribute for native in reading.project.natives] == ["zlib"]
    assert str(reading.project.python) == "==3.6.*"
    assert told(reading.findings) == [
        (
            Code.COMMAND_DIFFERS,
            "note",
            (
                "The command line in the header names Python 3.7, the expression has python36; what the expression "
                "has is what was built."
            ),
        ),
        (
            Code.COMMAND_DIFFERS,
            "note",
            (
                "The command line in the header names libffi, which commonBuildInputs does not have; what the "
                "expression has is what was built."
            ),
        ),
    ]


PYTHONS = {
    "python27Full": "==2.7.*",
    "python2": "==2.7.*",
    "python": "==2.7.*",
    "python35": "==3.5.*",
    "python310": "==3.10.*",
    "python3": None,
    "pypy": None,
    "pypy3": None,
}


@pytest.mark.parametrize(("attribute", "expected"), PYTHONS.items(), ids=PYTHONS.keys())
def test_the_interpreter_tells_the_python(attribute: str, expected: str | None) -> None:
    project = read({"requirements.nix": expression(python=attribute)}).project
    assert (None if project.python is None else str(project.python)) == expected


# sources and hashes

SHA = "d16a0141ec1a18405cd4ce8b4613101da75da0e9a7aec5bdd4fa804d0e0eba73"
BASE32 = "0wxs1q74v07ssjywbbm7x1h9v9qx209hc4yld1ia9s0s5n1a2ghl"
INDEX = (
    "https://files.pythonhosted.org/x-1.tar.gz",
    "mirror://pypi/x/x/x-1.tar.gz",
    "https://pypi.io/packages/x-1.zip",
)
SOURCES = {
    "hexadecimal": (f'pkgs.fetchurl {{ url = "{INDEX[0]}"; sha256 = "{SHA}"; }}', "index", (f"sha256:{SHA}",)),
    "no space before the equals sign": (
        f'pkgs.fetchurl {{ url= "{INDEX[0]}"; sha256= "{SHA}"; }}',
        "index",
        (f"sha256:{SHA}",),
    ),
    "a mirror of nixpkgs": (f'pkgs.fetchurl {{ url = "{INDEX[1]}"; sha256 = "{SHA}"; }}', "index", (f"sha256:{SHA}",)),
    "an older address of PyPI": (
        f'pkgs.fetchurl {{ url = "{INDEX[2]}"; sha256 = "{SHA}"; }}',
        "index",
        (f"sha256:{SHA}",),
    ),
    "an address without quotes": (
        f'pkgs.fetchurl {{ url = {INDEX[0]}; sha256 = "{SHA}"; }}',
        "index",
        (f"sha256:{SHA}",),
    ),
    "md5": (f'pkgs.fetchurl {{ url = "{INDEX[0]}"; md5= "{SHA[:32]}"; }}', "index", (f"md5:{SHA[:32]}",)),
    "an archive of a code host": (
        'pkgs.fetchurl { url = "https://github.com/a/b/archive/1.tar.gz"; sha256 = ""; }',
        "url https://github.com/a/b/archive/1.tar.gz",
        (),
    ),
    "another index": (
        'pkgs.fetchurl { url = "https://pypi.shop.example/x-1.tar.gz"; sha256 = ""; }',
        "url https://pypi.shop.example/x-1.tar.gz",
        (),
    ),
    "fetchFromGitLab": (
        'pkgs.fetchFromGitLab { owner = "a"; repo = "b"; rev = "c"; sha256 = ""; }',
        "git https://gitlab.com/a/b c",
        (),
    ),
    "fetchgit without a revision": (
        'pkgs.fetchgit { url = "https://a.example/b"; sha256 = ""; }',
        "git https://a.example/b None",
        (),
    ),
    "builtins.fetchTarball": (
        'builtins.fetchTarball "https://a.example/b.tar.gz"',
        "url https://a.example/b.tar.gz",
        (),
    ),
    "builtins.fetchGit": (
        'builtins.fetchGit { url = "https://a.example/b"; rev = "c"; }',
        "git https://a.example/b c",
        (),
    ),
    "fetchPypi": (
        f'pkgs.python3Packages.fetchPypi {{ pname = "x"; version = "1"; sha256 = "{SHA}"; }}',
        "index",
        (f"sha256:{SHA}",),
    ),
    "a path": ("./vendor/x", "path vendor/x", ()),
    "a cleaned path": ("pkgs.lib.cleanSource ./../x", "path ../x", ()),
    "a cleaned path with a filter": ("pkgs.lib.cleanSourceWith { filter = f; src = ./.; }", "path .", ()),
    "a filtered path": ("builtins.filterSource (path: type: true) ./.", "path .", ()),
    "a path by a name": ("(let here = ./.; in here)", "path .", ()),
}


def shown_source(source: Source) -> str:
    match source:
        case FromIndex():
            return "index"
        case FromUrl(url=url):
            return f"url {url}"
        case FromVcs(kind=kind, url=url, rev=rev):
            return f"{kind.value} {url} {rev}"
        case FromPath(path=path):
            return f"path {path}"


@pytest.mark.parametrize(("src", "source", "hashes"), SOURCES.values(), ids=SOURCES.keys())
def test_a_source_is_what_it_is(src: str, source: str, hashes: tuple[str, ...]) -> None:
    reading = read({"requirements.nix": expression(package(src=src))})
    (pin,) = reading.project.pins
    assert (shown_source(pin.source), pin.hashes) == (source, hashes)
    assert reading.findings == ()


DOUBTFUL = {
    "/home/ada/x": ("path /home/ada/x", "the path /home/ada/x is one of the machine that it was made on"),
    "pkgs.something { a = 1; }": ("path pkgs.something { a = 1; }", "`pkgs.something { a = 1; }` is not understood"),
    'pkgs.fetchurl { url = "https://${x}"; }': ("url ", "it names no address"),
    'pkgs.fetchurl { url = "https://a.example/x"; sha256 = "zzz"; }': (
        "url https://a.example/x",
        "its sha256 is no hash",
    ),
    "pkgs.fetchFromGitHub { repo = x; }": ("git https://github.com// None", "it names no owner or no repository"),
}


@pytest.mark.parametrize(("src", "expected"), DOUBTFUL.items(), ids=DOUBTFUL.keys())
def test_a_doubtful_source_is_told_and_never_becomes_a_name_of_an_index(src: str, expected: tuple[str, str]) -> None:
    reading = read({"requirements.nix": expression(package(src=src))})
    (pin,) = reading.project.pins
    assert shown_source(pin.source) == expected[0]
    assert told(reading.findings) == [
        (Code.UNSUPPORTED_SOURCE, "review", f"Where shop comes from is not clear: {expected[1]}.")
    ]


HASHES = {
    SHA: ("sha256", f"sha256:{SHA}"),
    SHA.upper(): ("sha256", f"sha256:{SHA}"),
    BASE32: ("sha256", None),
    base64.b64encode(bytes.fromhex(SHA)).decode(): ("sha256", f"sha256:{SHA}"),
    "sha256-" + base64.b64encode(bytes.fromhex(SHA)).decode(): ("hash", f"sha256:{SHA}"),
    f"sha256:{SHA}": ("hash", f"sha256:{SHA}"),
    SHA[:32]: ("md5", f"md5:{SHA[:32]}"),
    SHA[:40]: ("sha1", f"sha1:{SHA[:40]}"),
    SHA * 2: ("sha512", f"sha512:{SHA * 2}"),
    SHA[:-1] + "g": ("sha256", None),
    SHA[:-1]: ("sha256", None),
    "e" * 52: ("sha256", None),
    "z" * 52: ("sha256", None),
    "": ("sha256", None),
    "sha256-": ("hash", None),
}


@pytest.mark.nix
@pytest.mark.parametrize(("text", "expected"), HASHES.items(), ids=HASHES.keys())
def test_a_hash_is_what_nix_says(text: str, expected: tuple[str, str | None]) -> None:
    algorithm, digest = expected
    type_ = "sha256" if algorithm == "hash" else algorithm
    command = ["nix-hash", "--type", type_, "--to-base16", text]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    said = f"{type_}:{done.stdout.strip()}" if done.returncode == 0 else None
    assert read_hash(text, algorithm) == (said if text == BASE32 else digest) == said


# lists

LISTS = {
    "as it is written": ('[ self."a" self."zope.interface" ]', ["a", "zope.interface"]),
    "without quotes": ("[ self.a self.b ]", ["a", "b"]),
    "with self": ('with self; [ a self."zope.interface" ]', ["a", "zope.interface"]),
    "joined": ("[ self.a ] ++ [ self.b ]", ["a", "b"]),
    "by name": ('let more = [ self.b ]; in [ self."a" ] ++ more', ["a", "b"]),
    "computed": ('[ self.${"a"} ]', ["a"]),
    "a string": ('[ "a" ]', ["a"]),
    "optional": ("[ self.a ] ++ pkgs.lib.optional pkgs.stdenv.isLinux self.b", ["a", "b"]),
    "twice": ("[ self.a self.a ]", ["a"]),
    "empty": ("[]", []),
}


@pytest.mark.parametrize(("text", "names"), LISTS.values(), ids=LISTS.keys())
def test_a_list_names_packages(text: str, names: list[str]) -> None:
    (pin,) = read({"requirements.nix": expression(package(propagatedBuildInputs=f"({text})"))}).project.pins
    assert list(pin.needs) == names


BUILD_LISTS = {
    "as it is written": ('commonBuildInputs ++ [ self."setuptools-scm" ]', ["setuptools-scm"]),
    "the other way round": ("[ self.a ] ++ commonBuildInputs", ["a"]),
    "in parentheses": ("(commonBuildInputs ++ [ self.a ])", ["a"]),
    "without what is shared": ("[ self.a ]", ["a"]),
    "with natives": ("commonBuildInputs ++ (with pkgs; [ git self.a ])", ["git", "a"]),
}


@pytest.mark.parametrize(("text", "names"), BUILD_LISTS.values(), ids=BUILD_LISTS.keys())
def test_what_a_package_has_beyond_all_others(text: str, names: list[str]) -> None:
    files = {"requirements.nix": expression(package(buildInputs=text), inputs="with pkgs; [ zlib ]")}
    (pin,) = read(files).project.pins
    assert list(pin.build_needs) == names


NATIVES = {
    "with": ("with pkgs; [ zlib openssl.dev xorg.libxcb ]", ["zlib", "openssl.dev", "xorg.libxcb"]),
    "one by one": ("[ pkgs.zlib pkgs.xorg.libxcb ]", ["zlib", "xorg.libxcb"]),
    "joined": ("(with pkgs; [ zlib ]) ++ [ pkgs.git ]", ["zlib", "git"]),
    "none": ("[]", []),
    "by name": ("let inherit (pkgs) zlib; in [ zlib ]", ["zlib"]),
    "by a choice": ("[ pkgs.zlib ] ++ (if pkgs.stdenv.isDarwin then [ pkgs.libiconv ] else [])", ["zlib", "libiconv"]),
}


@pytest.mark.parametrize(("text", "names"), NATIVES.values(), ids=NATIVES.keys())
def test_native_inputs_are_what_all_packages_share(text: str, names: list[str]) -> None:
    reading = read({"requirements.nix": expression(inputs=text)})
    assert [native.attribute for native in reading.project.natives] == names
    assert reading.findings == ()


def test_what_nobody_understands_among_them_is_told() -> None:
    reading = read({"requirements.nix": expression(inputs="with pkgs; [ zlib (f: f) ] ++ 1")})
    assert [native.attribute for native in reading.project.natives] == ["zlib"]
    assert told(reading.findings) == [
        (Code.NOT_UNDERSTOOD, "review", "Something in commonBuildInputs is not understood: `(f: f)`."),
        (
            Code.NOT_UNDERSTOOD,
            "review",
            "Something in commonBuildInputs is not understood: `with pkgs; [ zlib (f: f) ] ++ 1`.",
        ),
    ]


# main files that people have written themselves

SHOP = package(propagatedBuildInputs='[ self."six" ]')
PACKAGES = SHOP + SIX
PYTHON = "python = { mkDerivation = pkgs.python36Packages.buildPythonPackage; };"
OWN_LAYOUTS = {
    "a set that is bound to its own name": (
        f"{{ pkgs }}: let commonBuildInputs = [ pkgs.zlib ]; {PYTHON} self = {{ {PACKAGES} }}; in self"
    ),
    "a function of another name": f"{{ pkgs }}: let {PYTHON} all = self: {{ {PACKAGES} }}; in pkgs.lib.fix all",
    "two sets joined": f"{{ pkgs }}: let {PYTHON} generated = self: {{ {SHOP} }} // {{ {SIX} }}; in generated",
    "packages that name one another": "{ pkgs, python }: rec { " + PACKAGES.replace('self."six"', "six") + "}",
    "a generated set without arguments around it": f"self: {{ {PACKAGES} }}",
    "inside of with and assert": f"{{ pkgs, python }}: assert true; with pkgs; self: {{ {PACKAGES} }}",
    "names without quotes": f"{{ pkgs, python }}: self: {{ {PACKAGES} }}".replace('"shop" =', "shop =").replace(
        '"six" =', "six ="
    ),
    "another maker": f"{{ pkgs, python }}: self: {{ {PACKAGES} }}".replace("python.mkDerivation", "buildPythonPackage"),
}


@pytest.mark.parametrize("text", OWN_LAYOUTS.values(), ids=OWN_LAYOUTS.keys())
def test_a_main_file_of_somebodys_own_is_read(text: str) -> None:
    reading = read({"requirements.nix": text})
    assert [(pin.raw_name, str(pin.version), pin.needs) for pin in reading.project.pins] == [
        ("shop", "1.0", ("six",)),
        ("six", "1.12.0", ()),
    ]
    assert reading.findings == ()


OVERRIDDEN = {
    "by a name of their own": "myOverrides = self: super: { six = null; };",
    "in a list": "moreOverrides = [ (self: super: { six = null; }) ];",
    "composed": (
        "allOverrides = [ (pkgs.lib.composeExtensions (self: super: { six = super.six.override { a = 1; }; }) "
        "(self: super: { six = null; })) ];"
    ),
    "by a choice": "overrides = if pkgs.stdenv.isDarwin then (self: super: { six = null; }) else (self: super: { });",
}


@pytest.mark.parametrize("entry", OVERRIDDEN.values(), ids=OVERRIDDEN.keys())
def test_overrides_are_found_in_a_main_file_of_somebodys_own(entry: str) -> None:
    text = f"{{ pkgs }}: let {PYTHON} generated = self: {{ {SIX} }}; {entry} in pkgs.lib.fix generated"
    (override,) = read({"requirements.nix": text}).project.overrides
    assert (override.raw_name, override.how.value) == ("six", "null")


def test_an_expression_that_the_command_names_as_a_requirements_file_is_told_for_what_it_is() -> None:
    """It is there; that it is not would send the user looking for it."""
    header = "# generated using pypi2nix tool (version: 2.0.2)\n#\n# COMMAND:\n#   pypi2nix -r requirements.nix\n#\n"
    (found,) = (f for f in read({"requirements.nix": header + expression()}).findings if f.code is Code.MISSING_INCLUDE)
    assert (found.message, found.advice, str(found.origin)) == (
        (
            "requirements.nix is named as a requirements file, and is a Nix file: which packages the project itself "
            "asks for is inferred."
        ),
        "Name the requirements file, if there is one: --group main=FILE",
        "requirements.nix:4",
    )


def test_the_python_packages_that_an_override_builds_with_are_read_from_either_set() -> None:
    """What is propagated is needed when it runs, and libraries are native inputs."""
    builds = (
        "(self: super: { six = python.overrideDerivation super.six (old: {"
        ' buildInputs = old.buildInputs ++ [ self."setuptools-scm" super.pbr pkgs.libffi ];'
        " nativeBuildInputs = [ pkgs.python37Packages.pytest_runner pkgs.python3.pkgs.pbr self.nested.toml ];"
        " propagatedBuildInputs = old.propagatedBuildInputs ++ [ self.toml ]; }); })"
    )
    project = read({"requirements.nix": expression(common=builds)}).project
    (override,) = project.overrides
    assert override.builders == ("setuptools-scm", "pbr", "pytest-runner")
    assert [native.attribute for native in project.natives if native.package == "six"] == ["libffi"]


def test_an_override_of_what_another_made_has_the_changes_of_both() -> None:
    composed = (
        "(pkgs.lib.composeExtensions (self: super: { six = super.six.override { a = 1; }; }) "
        "(self: super: { six = super.six.overrideDerivation (old: { b = 1; }); }))"
    )
    (override,) = read({"requirements.nix": expression(common=composed)}).project.overrides
    assert dict(override.attributes) == {"a": "set", "b": "set"}


# what people changed

CHANGED = {
    "LC_ALL": ('"C"', "LC_ALL:set"),
    "doCheck": ("true", "doCheck:set"),
    "checkPhase": ('"pytest"', "checkPhase:set"),
    "patches": ("[ ./x.patch ]", "patches:set"),
    "nativeBuildInputs": ("[ pkgs.git ]", "nativeBuildInputs:set"),
    "passthru": ("{ tests = 1; }", "passthru:set"),
    "preBuild": ('"make"', "preBuild:set"),
}
UNCHANGED = {
    "checkPhase": '""',
    "installCheckPhase": '""',
    "doCheck": "false",
    "pname": '"shop"',
    "format": '"setuptools"',
    "meta": "with pkgs.stdenv.lib; { homepage = https://a.example; }",
    "meta.description": '"x"',
    "passthru.top_level": "true",
}


@pytest.mark.parametrize(("attribute", "expected"), CHANGED.items(), ids=CHANGED.keys())
def test_what_a_person_added_to_an_entry_is_an_override(attribute: str, expected: tuple[str, str]) -> None:
    text, change = expected
    reading = read({"requirements.nix": expression(package(**{attribute: text}))})
    (override,) = reading.project.overrides
    assert (override.raw_name, override.how.value) == ("shop", "override")
    assert [f"{name}:{how.value}" for name, how in override.attributes] == [change]
    assert reading.findings == ()


@pytest.mark.parametrize(("attribute", "text"), UNCHANGED.items(), ids=UNCHANGED.keys())
def test_what_pypi2nix_writes_itself_is_none(attribute: str, text: str) -> None:
    project = read({"requirements.nix": expression(package(**{attribute: text}))}).project
    assert project.overrides == ()


NO_PACKAGES = {
    '"six" = pkgs.python36Packages.six;': (
        "alias",
        "The entry six is taken from elsewhere (pkgs.python36Packages.six), so it has no version to keep.",
    ),
    '"six" = null;': ("null", "The entry six is null, so it has no version to keep."),
    '"six" = 1;': ("unknown", "The entry six is no package that pypi2nix would write, so it has no version to keep."),
    '"a b" = python.mkDerivation { };': ("", "'a b' is no name that a package can have; the entry was left out."),
}


@pytest.mark.parametrize(("entry", "expected"), NO_PACKAGES.items(), ids=NO_PACKAGES.keys())
def test_an_entry_that_is_no_package_is_told(entry: str, expected: tuple[str, str]) -> None:
    reading = read({"requirements.nix": expression(package() + entry)})
    assert [pin.raw_name for pin in reading.project.pins] == ["shop"]
    assert [override.how.value for override in reading.project.overrides] == ([expected[0]] if expected[0] else [])
    assert told(reading.findings) == [(Code.NOT_UNDERSTOOD, "review", expected[1])]


VERSIONS = {
    '"shop-1.0"': "1.0",
    '"shop-1.0-rc1"': "1.0rc1",
    '"shop-2011n"': "2011n",
    '"Shop-1.0"': "1.0",
    '"shop.1.11"': "1.11",
    '"python3.6-shop-1.0"': "1.0",
}


@pytest.mark.parametrize(("name", "version"), VERSIONS.items(), ids=VERSIONS.keys())
def test_the_version_stands_behind_the_name(name: str, version: str) -> None:
    (pin,) = read({"requirements.nix": expression(package().replace('"shop-1.0"', name))}).project.pins
    assert str(pin.version) == version


def test_a_version_that_nobody_can_tell_is_told() -> None:
    reading = read({"requirements.nix": expression(package().replace('"shop-1.0"', '"shop-${x}"'))})
    assert [pin.version for pin in reading.project.pins] == [None]
    assert told(reading.findings) == [(Code.NOT_UNDERSTOOD, "review", "The version of shop is not told by its name.")]


def test_an_entry_that_stands_there_twice_is_told() -> None:
    reading = read({"requirements.nix": expression(package(version="1.0") + package(version="2.0"))})
    assert [str(pin.version) for pin in reading.project.pins] == ["2.0"]
    assert told(reading.findings) == [
        (Code.NOT_UNDERSTOOD, "review", "shop stands there twice, which Nix refuses; the last one was read.")
    ]


# overrides

COMMON = {
    "a file of the project": ("(import ../common.nix { inherit pkgs python ; })", []),
    "a file that is not there": (
        "(import ./gone.nix { inherit pkgs python ; })",
        [(Code.MISSING_INCLUDE, "review", "The overrides in ./gone.nix are not there, so nothing of them was read.")],
    ),
    "a repository": (
        (
            '(let src = pkgs.fetchgit { url = "https://a.example/o.git"; sha256 = ""; rev = "x"; } ; in import '
            '"${src}/o.nix" { inherit pkgs python; })'
        ),
        [
            (
                Code.REMOTE_INCLUDE,
                "review",
                (
                    "Overrides come from the address https://a.example/o.git; nothing was downloaded, so they were not "
                    "read."
                ),
            )
        ],
    ),
    "what nobody can tell": (
        "(something self)",
        [
            (
                Code.REMOTE_INCLUDE,
                "review",
                (
                    "Overrides come from an address that is made up on the way; nothing was downloaded, so they were "
                    "not read."
                ),
            )
        ],
    ),
    "an address with a password": (
        (
            '(let src = pkgs.fetchurl { url = "https://ada:secret@a.example/o.nix"; sha256 = ""; }; in import "${src}" '
            "{ inherit pkgs python ; })"
        ),
        [
            (
                Code.REMOTE_INCLUDE,
                "review",
                (
                    "Overrides come from the address https://***@a.example/o.nix; nothing was downloaded, so they "
                    "were not read."
                ),
            )
        ],
    ),
}


@pytest.mark.parametrize(("common", "expected"), COMMON.values(), ids=COMMON.keys())
def test_common_overrides_are_followed_or_told(common: str, expected: list[tuple[Code, str, str]]) -> None:
    files = {
        "nix/requirements.nix": expression(common=common),
        "common.nix": "{ pkgs, python }: self: super: { six = super.six.override { doCheck = true; }; }",
    }
    reading = read(files, "nix/requirements.nix")
    assert told(reading.findings) == expected
    assert [o.raw_name for o in reading.project.overrides] == ([] if expected else ["six"])


def test_the_parameter_may_have_overrides_of_its_own() -> None:
    text = expression().replace("self: super: {})", "self: super: { six = null; })")
    (override,) = read({"requirements.nix": text}).project.overrides
    assert (override.raw_name, override.how.value, override.origin.line) == ("six", "null", 1)


def test_an_override_that_cannot_be_told_is_listed_by_its_package_and_place() -> None:
    files = {
        "requirements.nix": expression(),
        "requirements_override.nix": """\
{ pkgs, python }: self: super: {
  "six" = super.six.overrideDerivation (import ../elsewhere.nix { inherit pkgs; });
  "attrs" = pkgs.lib.somehow super.attrs;
} // pkgs.generate {
  "cffi" = 1;
}
""",
    }
    reading = read(files)
    assert [(o.raw_name, o.how.value, str(o.origin)) for o in reading.project.overrides] == [
        ("six", "override", "requirements_override.nix:2"),
        ("attrs", "alias", "requirements_override.nix:3"),
        ("cffi", "unknown", "requirements_override.nix:5"),
    ]
    assert told(reading.findings) == [
        (Code.NOT_UNDERSTOOD, "review", "The override of six cannot be told without running it."),
        (Code.NOT_UNDERSTOOD, "review", "A part of the overrides here cannot be told without running it."),
    ]


def test_an_override_file_by_itself_is_read_and_told() -> None:
    text = (OVERRIDES / "idioms.nix").read_text(encoding="utf-8")
    assert READER.recognises("requirements_override.nix", text.encode()[:4096])
    reading = read({"requirements_override.nix": text}, "requirements_override.nix")
    assert len(reading.project.overrides) == 15
    assert told(reading.findings) == [
        (Code.NOTHING_READ, "review", "requirements_override.nix holds overrides and no packages.")
    ]


# names of then and of today

TODAY = {
    "zlib": ("zlib",),
    "pkgconfig": ("pkg-config",),
    "mysql.connector-c": ("libmysqlclient",),
    "xlibs.libX11": ("xorg.libX11",),
    "gnome3.gtk": ("gtk3",),
    "gnome3.glib": ("glib",),
    "python36Packages.numpy": ("python3Packages.numpy",),
    "openssl_1_0_2.dev": ("openssl.dev",),
    "x11": ("xorg.libX11", "xorg.xorgproto"),
    "libcroco": (),
}


@pytest.mark.parametrize(("attribute", "names"), TODAY.items(), ids=TODAY.keys())
def test_what_an_attribute_is_called_today(attribute: str, names: tuple[str, ...]) -> None:
    assert names_today(attribute) == names
    assert today(attribute) == (names[0] if names else None)


def test_the_table_of_names_is_sorted_and_says_something() -> None:
    table = tomllib.loads((ROOT / "migrator/readers/pypi2nix/renames.toml").read_text(encoding="utf-8"))["renames"]
    assert list(table) == sorted(table)
    assert [then for then, names in rename_table().items() if names == (then,)] == []


def test_a_native_input_that_is_several_today_or_none_is_told() -> None:
    reading = read({"requirements.nix": expression(inputs="with pkgs; [ x11 libcroco zlib ]")})
    assert [native.today for native in reading.project.natives] == ["xorg.libX11", None, "zlib"]
    assert told(reading.findings) == [
        (
            Code.NATIVE_RENAMED,
            "note",
            "The native input x11 is several packages of nixpkgs today: xorg.libX11, xorg.xorgproto.",
        ),
        (Code.NATIVE_RENAMED, "review", "The native input libcroco is in nixpkgs no more."),
    ]


# damage

FULL = expression(
    "\n".join(package(f"shop-{number}") for number in range(9)), command="-V 3.6 -E zlib", inputs="with pkgs; [ zlib ]"
)
AT = FULL.index('"shop-4" =')
DAMAGED = {
    "cut in two": (FULL[:AT], 4),
    "cut in a string": (FULL[: AT + 45], 4),
    "a semicolon is gone": (FULL[:AT] + FULL[AT:].replace("./.;", "./.", 1), 9),
    "a bracket is gone": (FULL[:AT] + FULL[AT:].replace("};\n", "\n", 1), 9),
    "a bracket is too much": (FULL[:AT] + "}; " + FULL[AT:], 9),
    "a merge conflict": (FULL[:AT] + "<<<<<<< HEAD\n" + FULL[AT:], 9),
}


@pytest.mark.parametrize(("text", "count"), DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_still_whole_is_read_from_a_damaged_file(text: str, count: int) -> None:
    reading = read({"requirements.nix": text})
    assert [pin.raw_name for pin in reading.project.pins] == [f"shop-{number}" for number in range(count)]
    assert [native.attribute for native in reading.project.natives] == ["zlib"]
    assert Code.NOT_UNDERSTOOD in codes(reading)
    assert all(finding.origin is not None and finding.origin.line for finding in reading.findings)


def test_a_damaged_place_is_told_with_line_and_column() -> None:
    reading = read({"requirements.nix": FULL[:AT] + "<<<<<<< HEAD\n" + FULL[AT:]})
    line = FULL[:AT].count("\n") + 1
    assert told(reading.findings)[0] == (
        Code.NOT_UNDERSTOOD,
        "review",
        f"requirements.nix, line {line}, column 1: `<<<<<<< HEAD` is no Nix there; the rest was read.",
    )


def test_many_damaged_places_are_told_in_short() -> None:
    packages = "<<<<<<< HEAD\n".join(package(f"shop-{number}") for number in range(31))
    reading = read({"requirements.nix": expression(packages)})
    assert len(reading.project.pins) == 31
    assert told(reading.findings)[-1] == (
        Code.NOT_UNDERSTOOD,
        "review",
        "20 more places of requirements.nix are no Nix.",
    )
    assert len(reading.findings) == 11


def test_unescaped_quotes_in_a_description_hurt_nobody() -> None:
    described = package(meta='{ license = licenses.mit; description = "e.g. a "user data dir"."; }')
    reading = read({"requirements.nix": expression(described + SIX)})
    assert [(pin.raw_name, pin.licence) for pin in reading.project.pins] == [
        ("shop", "licenses.mit"),
        ("six", "licenses.mit"),
    ]
    assert reading.findings == ()


BYTES = {
    "Latin-1": (FULL.replace("zlib ]", "zlib ] /* Gr\xfc\xdfe */").encode("latin-1"), 9, "line 10: invalid start byte"),
    "UTF-16": (FULL.encode("utf-16"), 9, "line 1: it is UTF-16; Nix reads UTF-8"),
    "NUL": (FULL.replace("shop-4-1.0", "shop-4-1.0\0").encode(), 9, "a NUL, which Nix cannot hold"),
}


@pytest.mark.parametrize(("data", "count", "why"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_not_utf_8_are_told(data: bytes, count: int, why: str) -> None:
    reading = read({"requirements.nix": data})
    assert len(reading.project.pins) == count
    assert [
        finding.message for finding in reading.findings if finding.code is Code.UNDECODABLE and why in finding.message
    ]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = read({"requirements.nix": FULL})
    assert read({"requirements.nix": b"\xef\xbb\xbf" + FULL.encode()}) == plain
    assert read({"requirements.nix": FULL.replace("\n", "\r\n")}).project.pins == plain.project.pins


NOTHING = {
    "nothing at all": "",
    "a comment": "# generated using pypi2nix tool (version: 2.0.4)\n",
    "another expression": "{ pkgs }: pkgs.mkShell { }",
    "a package": '{ python }: python.mkDerivation { name = "a-1"; }',
    "brackets": "}}}}{{{{",
    "many brackets": "[" * 100_000,
    "endless": "let generated = generated; in generated",
    "text": "flask==1.0\nsix\n",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_a_file_that_is_none_stops(text: str) -> None:
    reading = read({"requirements.nix": text})
    assert reading.project.pins == ()
    assert (Code.NOTHING_READ, "stop", "requirements.nix holds no package that pypi2nix would have written.") in told(
        reading.findings
    )


def test_a_file_that_is_not_there_is_told() -> None:
    assert told(read({}).findings) == [
        (Code.MISSING_INCLUDE, "review", "requirements.nix is not there, so nothing of it was read.")
    ]


def test_a_generated_file_that_is_not_there_is_told() -> None:
    files = files_of("1.7.0")
    del files["requirements_generated.nix"]
    reading = read(files)
    assert reading.project.pins == ()
    assert (
        Code.MISSING_INCLUDE,
        "review",
        "./requirements_generated.nix is not there, so nothing of it was read.",
    ) in told(reading.findings)
    assert [native.attribute for native in reading.project.natives][:3] == ["libyaml", "openssl", "libffi"]


def test_hostile_strings_stay_strings() -> None:
    """Nothing is evaluated, and nothing leaves the place that it stands in."""
    hostile = package(
        src='pkgs.fetchurl { url = "https://ada:secret@a.example/${builtins.readFile /etc/passwd}"; sha256 = ""; }',
        meta='{ license = "${abort "x"}\\" ] ; ${import /etc/passwd}"; }',
        propagatedBuildInputs='[ self."a\\"; b" self."${builtins.getEnv "HOME"}" ]',
    )
    reading = read({"requirements.nix": expression(hostile, command="-O https://ada:secret@a.example/o.nix")})
    (pin,) = reading.project.pins
    assert pin.licence == 'abort "x"" ] ; import /etc/passwd'
    assert pin.needs == ('a"; b',)
    shown = inspect_json(reading)
    assert "secret" not in shown
    Draft202012Validator(json.loads(schema_text())).validate(json.loads(shown))
    assert Code.NOT_UNDERSTOOD in codes(reading)
    assert Code.UNSUPPORTED_SOURCE in codes(reading)


def test_what_would_take_for_ever_is_told() -> None:
    doubling = "let " + "".join(f"a{n + 1} = a{n} ++ a{n}; " for n in range(80)) + "a0 = [ self.a ]; in a80"
    reading = read({"requirements.nix": expression(package(propagatedBuildInputs=f"({doubling})"))})
    assert told(reading.findings)[-1] == (
        Code.NOT_UNDERSTOOD,
        "review",
        "requirements.nix is nested too deeply, or makes too much of too little, to be read to its end.",
    )


# which files of a folder

DISCOVERED = {
    "the usual one": (
        {"requirements.nix": FULL, "requirements_override.nix": "{ pkgs, python }: self: super: { }"},
        ["requirements.nix"],
    ),
    "a split one": (files_of("1.7.0"), ["requirements.nix"]),
    "one of another name, without a header": (files_of("1.0.0"), ["shop.nix"]),
    "a generated one whose main file is gone": (
        {"requirements_generated.nix": files_of("1.7.0")["requirements_generated.nix"]},
        ["requirements_generated.nix"],
    ),
    "in a folder of its own": ({"nix/requirements.nix": FULL, "default.nix": "{ }: 1"}, ["nix/requirements.nix"]),
    "for tests too": (
        {"requirements.nix": FULL, "test_requirements.nix": FULL, "old.nix": FULL},
        ["requirements.nix", "test_requirements.nix"],
    ),
    "none": ({"default.nix": "{ pkgs }: pkgs.python3.withPackages (p: [ p.six ])", "requirements.txt": "six"}, []),
    "one that uses it": ({"default.nix": "let python = import ./requirements.nix { }; in python.mkDerivation { }"}, []),
}


@pytest.mark.parametrize(("files", "paths"), DISCOVERED.values(), ids=DISCOVERED.keys())
def test_the_expressions_of_a_folder_are_found(files: dict[str, str], paths: list[str]) -> None:
    found = READER.discover(DictTree(files))
    assert [given.path for given in found] == paths
    assert [given.group for given in found] == ["test" if "test" in path else "main" for path in paths]


def test_several_inputs_are_read_each_for_its_group() -> None:
    tree = DictTree({"requirements.nix": expression(), "test_requirements.nix": expression(package("pytest", "5.0"))})
    project = READER.read(tree, READER.discover(tree), "utf-8").project
    assert [(pin.raw_name, sorted(pin.groups)) for pin in project.pins] == [("six", ["main"]), ("pytest", ["test"])]


RECOGNISED = {
    "an override file": (
        "o.nix",
        "{ pkgs, python }:\n\nself: super: { x = python.overrideDerivation super.x (old: { }); }",
        True,
    ),
    "a header without the ending": ("requirements", "# generated using pypi2nix tool (version: 1.8.1)", True),
    "a Nix file of the user's": (
        "default.nix",
        "with import <nixpkgs> { }; python3.withPackages (p: [ p.six ])",
        False,
    ),
    "a package of the user's": (
        "default.nix",
        "let python = import ./requirements.nix { }; in python.mkDerivation { }",
        False,
    ),
    "a requirements file": ("requirements.txt", "six==1.12.0", False),
}


@pytest.mark.parametrize(("name", "head", "expected"), RECOGNISED.values(), ids=RECOGNISED.keys())
def test_an_expression_is_recognised_by_its_content(name: str, head: str, expected: bool) -> None:
    assert READER.recognises(name, head.encode()) is expected


# nothing is lost


@every_layout
def test_every_fact_of_a_layout_ends_somewhere(layout: str) -> None:
    """Each word of the command, and each quoted text of a package that is a fact, stands in the outcome."""
    files = files_of(layout)
    shown = inspect_json(read_layout(layout))
    header = next((line for line in files[INPUTS[layout]].splitlines() if line.startswith("#   pypi2nix")), "")
    values = [value for _, value in read_command(header.partition("pypi2nix")[2])]
    assert [value for value in values if json.dumps(value)[1:-1] not in shown] == []
    main = read_layout(layout).project
    lines = [line.strip() for path in main.sources for line in files[path].splitlines()]
    entries = sum("= python.mkDerivation" in line and not line.startswith("#") for line in lines)
    made = sum(override.how.value == "new" for override in main.overrides)
    assert len(main.pins) == entries - made
