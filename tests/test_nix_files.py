"""default.nix, shell.nix and flake.nix: their text, and what real Nix makes of them with a stand-in for poetry2nix."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name as canonical

from migrator.model.artifact import Ownership
from migrator.model.native import NIX_FIRST_LINE, POETRY2NIX_COMMIT, FileVersion, NixOverride, NixPlan
from migrator.planning.natives.rows import native_rows
from migrator.writers import default_nix, flake_nix, shell_nix

from .nix_evaluation import STAND_INS, evaluate, parse
from .nix_projects import NixProject, entry, lock, nix_files, plan
from .nix_style import breaches
from .poetry2nix_behaviour import MISTAKEN, REFUSED, Behaviour, behaviours, disagreement

PILLOWS = '"freetype" "libjpeg" "pkg-config"'
HARD = canonical('zope.interface"${x}')
ROWS = (
    NixOverride(package=canonical("bcrypt"), prefer_wheel=True, reason="written in Rust"),
    NixOverride(
        package=canonical("appnope"),
        systems=("aarch64-darwin", "x86_64-darwin"),
        reason="its marker: sys_platform == 'darwin'",
    ),
    NixOverride(package=canonical("pillow"), libraries=("openjpeg", "xorg.libxcb"), reason="image\nformats"),
    NixOverride(
        package=canonical("psycopg2"),
        libraries=("libpq or postgresql",),
        tools=("libpq.pg_config or postgresql",),
        reason="a binding of libpq, found by pg_config",
    ),
    NixOverride(package=canonical("pywin32"), drop=True, reason="its marker: sys_platform == 'win32'"),
    NixOverride(package=canonical("scrypt"), libraries=("openssl",), build_systems=(canonical("setuptools"),)),
    NixOverride(
        package=canonical("tomli"),
        build_systems=(canonical("flit-core"),),
        pythons=("3.11", "3.12"),
        reason="its marker: python_version < '3.13'",
    ),
    NixOverride(package=HARD, tools=("pkg-config",)),
)
FULL = plan(*ROWS, pythons=("python313", "python312", "python311"), groups=("dev", "docs"), editable=("imgapp",))
ENVIRONMENT = plan(application=False, prefer_wheels=True)
DEVELOPED = replace(plan(application=False), editable_dependencies=("near",))
PLANS = {
    "an application with every kind of row": FULL,
    "an environment from wheels without a row": ENVIRONMENT,
    "an environment with a folder that is developed": DEVELOPED,
    "every Python of nixpkgs": plan(pythons=tuple(f"python3{minor}" for minor in range(14, 8, -1))),
}

UNREADABLE = [ending.format(minor=13) for ending in (*REFUSED, *MISTAKEN)]
READABLE = (
    "-py3-none-any.whl",
    "-py2.py3-none-any.whl",
    "-1-py3-none-any.whl",
    "-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "-cp36-abi3-manylinux1_i686.whl",
    "-cp36-cp36m-musllinux_1_1_aarch64.whl",
    "-cp27-cp27mu-manylinux2010_x86_64.whl",
    "-cp311-cp311-macosx_10_9_universal2.whl",
    "-cp311-cp311-macosx_11_0_arm64.whl",
    "-cp311-cp311-win32.whl",
    "-cp311-cp311-win_amd64.whl",
    "-cp39-cp39-linux_armv6l.whl",
    "-pp311-pypy311_pp73-manylinux_2_28_x86_64.whl",
    "-py3-none-manylinux_2_5_x86_64.manylinux1_x86_64.whl",
    ".tar.gz",
    ".zip",
)


def test_the_files_are_ours_and_belong_to_us() -> None:
    for artifact in nix_files(FULL):
        assert artifact.text.splitlines()[0] == NIX_FIRST_LINE
        assert artifact.ownership is Ownership.GENERATED


def test_the_files_are_as_the_expected_ones() -> None:
    """They are read before they are changed: this is what a reviewer sees."""
    for artifact in nix_files(FULL):
        assert artifact.text == (STAND_INS / "expected" / artifact.path).read_text(encoding="utf-8")


def test_other_names_are_carried_through() -> None:
    """The user's own default.nix stays, so ours is called otherwise."""
    default = default_nix.write(FULL, path="migrator.nix")
    shell = shell_nix.write(FULL, path="migrator-shell.nix", default="migrator.nix")
    assert (default.path, shell.path) == ("migrator.nix", "migrator-shell.nix")
    assert default.text == default_nix.write(FULL).text
    assert shell.text == shell_nix.write(FULL).text.replace("./default.nix", "./migrator.nix")
    flake = flake_nix.write(FULL, default="migrator.nix", shell="migrator-shell.nix")
    renamed = flake_nix.write(FULL).text.replace("./default.nix", "./migrator.nix")
    assert flake.text == renamed.replace("./shell.nix", "./migrator-shell.nix")


def test_the_order_of_the_plan_changes_no_byte() -> None:
    turned = plan(
        *reversed(ROWS), pythons=FULL.python_attributes, groups=("docs", "dev"), editable=FULL.editable_packages
    )
    assert nix_files(turned) == nix_files(FULL)


@pytest.mark.parametrize("nix", PLANS.values(), ids=PLANS.keys())
def test_the_files_are_in_style(nix: NixPlan) -> None:
    assert [breaches(artifact.text) for artifact in nix_files(nix)] == [[], [], []]


@pytest.mark.nix
@pytest.mark.parametrize("nix", PLANS.values(), ids=PLANS.keys())
def test_nix_parses_the_files(tmp_path: Path, nix: NixPlan) -> None:
    assert all(parse(tmp_path, artifact.text) for artifact in nix_files(nix))


@pytest.mark.nix
def test_files_that_spell_the_version_otherwise_are_found(tmp_path: Path) -> None:
    """Without the other spelling poetry2nix finds no file of such a package."""
    locked = lock(
        entry("regex", "regex-01.00.tar.gz").replace('version = "1.0"', 'version = "1.0.post2"'),
        entry("regexes", ".tar.gz"),
    )
    plain = plan()
    with pytest.raises(ValueError, match="Missing suitable source/wheel file entry for regex"):
        NixProject(tmp_path, plain, locked).ask("packages.regex.src")
    row = FileVersion(package=canonical("regex"), version="1.0.post2", spelled="01.00")
    project = NixProject(tmp_path, replace(plain, respelled=(row,)), locked)
    assert project.ask("[ packages.regex.src packages.regexes.src ]") == ["regex-01.00.tar.gz", "regexes-1.0.tar.gz"]
    text = default_nix.write(replace(plain, respelled=(row,))).text
    assert breaches(text) == []
    assert parse(tmp_path, text)


@pytest.mark.nix
def test_what_the_table_says_is_what_the_package_gets(tmp_path: Path) -> None:
    project = NixProject(
        tmp_path,
        FULL,
        lock(
            entry("bcrypt", "-cp39-abi3-manylinux_2_28_x86_64.whl", ".tar.gz"),
            entry("flask", "-py3-none-any.whl", ".tar.gz"),
            entry("pillow", "-cp313-cp313-manylinux_2_28_x86_64.whl", ".tar.gz"),
            entry("psycopg2"),
            entry("pywin32", "-cp313-cp313-win_amd64.whl"),
            entry("scrypt"),
        ),
    )
    asked = "{ inherit (packages) bcrypt flask pillow psycopg2 pywin32 scrypt; }"
    assert project.ask(f"builtins.mapAttrs (_: inputs) {asked}") == {
        "bcrypt": {
            "src": "bcrypt-1.0-cp39-abi3-manylinux_2_28_x86_64.whl",
            "buildInputs": [],
            "nativeBuildInputs": [],
        },
        "flask": {"src": "flask-1.0.tar.gz", "buildInputs": [], "nativeBuildInputs": []},
        "pillow": {
            "src": "pillow-1.0.tar.gz",
            "buildInputs": ["freetype", "libjpeg", "openjpeg", "xorg.libxcb"],
            "nativeBuildInputs": ["pkg-config"],
        },
        "psycopg2": {
            "src": "psycopg2-1.0.tar.gz",
            "buildInputs": ["libpq"],
            "nativeBuildInputs": ["libpq.pg_config"],
        },
        "pywin32": None,
        "scrypt": {"src": "scrypt-1.0.tar.gz", "buildInputs": ["openssl"], "nativeBuildInputs": ["setuptools"]},
    }


PLACES = {
    ("x86_64-linux", "python312"): ["tomli"],
    ("x86_64-linux", "python313"): [],
    ("aarch64-darwin", "python312"): ["appnope", "tomli"],
    ("x86_64-darwin", "python313"): ["appnope"],
}


@pytest.mark.nix
@pytest.mark.parametrize(("place", "there"), PLACES.items(), ids=map(" ".join, PLACES))
def test_a_package_is_null_where_its_marker_does_not_want_it(
    tmp_path: Path, place: tuple[str, str], there: list[str]
) -> None:
    """poetry2nix itself does not look at the markers of direct dependencies."""
    project = NixProject(tmp_path, FULL, lock(entry("appnope"), entry("tomli"), entry("pywin32")))
    project.system, project.pythons = place[0], [place[1]]
    names = '[ "appnope" "pywin32" "tomli" ]'
    assert project.ask(f"builtins.filter (name: packages.${{name}} != null) {names}") == there


@pytest.mark.nix
def test_groups_and_extras_are_passed_on(tmp_path: Path) -> None:
    project = NixProject(tmp_path, FULL, lock(entry("flask")))
    again = (
        'import ./default.nix { inherit pkgs; poetry2nixSource = ./stand-ins/poetry2nix; groups = [ "main" "docs" ];'
    )
    assert project.ask("{ inherit (default) groups extras; }") == {"groups": ["main"], "extras": ["*"]}
    asked = f"let other = {again} extras = [ ]; }}; in {{ inherit (other) groups extras; }}"
    assert project.ask(asked) == {"groups": ["main", "docs"], "extras": []}


@pytest.mark.nix
def test_the_second_choice_is_taken_where_nixpkgs_lacks_the_first(tmp_path: Path) -> None:
    project = NixProject(tmp_path, FULL, lock(entry("psycopg2")))
    project.attributes = ["postgresql"]
    assert project.ask("inputs packages.psycopg2") == {
        "src": "psycopg2-1.0.tar.gz",
        "buildInputs": ["postgresql"],
        "nativeBuildInputs": ["postgresql"],
    }


@pytest.mark.nix
def test_a_row_for_a_package_that_is_not_installed_is_harmless(tmp_path: Path) -> None:
    """A later lock may lack it, or leave it out for this Python."""
    project = NixProject(tmp_path, FULL, lock(entry("bcrypt", python="<3"), entry("flask")))
    assert project.ask("{ inherit (packages) bcrypt; flask = packages.flask.src; lock = default.lock != null; }") == {
        "bcrypt": None,
        "flask": "flask-1.0.tar.gz",
        "lock": True,
    }


@pytest.mark.nix
def test_every_row_of_the_knowledge_evaluates(tmp_path: Path) -> None:
    """Each package of natives.toml, with everything in the row as if poetry2nix had nothing."""
    rows = native_rows()
    nix = plan(
        *(
            NixOverride(
                package=row.package, libraries=row.libraries, tools=row.tools, build_systems=row.build_systems(None)
            )
            for row in rows.values()
        )
    )
    project = NixProject(tmp_path, nix, lock(*(entry(name) for name in rows if name not in {"bcrypt", "pillow"})))
    asked = " ".join(f'"{name}"' for name in rows if name not in {"bcrypt", "pillow"})
    got = project.ask(f"lib.genAttrs [ {asked} ] (name: inputs packages.${{name}})")
    assert got == {
        name: {
            "src": f"{name.replace('-', '_')}-1.0.tar.gz",
            "buildInputs": [choice.split(" or ")[0] for choice in row.libraries],
            "nativeBuildInputs": [choice.split(" or ")[0] for choice in (*row.tools, *row.build_systems(None))],
        }
        for name, row in rows.items()
        if name not in {"bcrypt", "pillow"}
    }


@pytest.mark.nix
def test_the_lock_loses_exactly_the_wheels_that_poetry2nix_cannot_read(tmp_path: Path) -> None:
    reference = (
        '\n[package.source]\ntype = "url"\nurl = "https://example.org/numpy-1.0-cp311-cp311-ios_13_0_arm64.whl"\n'
    )
    text = lock(entry("numpy", *UNREADABLE, *READABLE, extra=reference), entry("flask", "-py3-none-any.whl"))
    project = NixProject(tmp_path, FULL, text)
    lost = {f'    {{file = "numpy-1.0{tags}"' for tags in UNREADABLE}
    kept = [line for line in text.split("\n") if line.partition(",")[0] not in lost]
    assert len(kept) == len(text.split("\n")) - len(UNREADABLE)
    assert project.ask("default.lock") == "\n".join(kept)
    assert project.ask("packages.numpy.src") == "numpy-1.0.tar.gz"


@pytest.mark.nix
@pytest.mark.parametrize("ending", UNREADABLE)
def test_a_wheel_that_poetry2nix_cannot_read_does_not_matter(tmp_path: Path, ending: str) -> None:
    """Without our filter the evaluation stops, or takes a wheel for another kind of Python."""
    project = NixProject(tmp_path, plan(prefer_wheels=True), lock(entry("numpy", ending, ".tar.gz")))
    assert project.ask("packages.numpy.src") == "numpy-1.0.tar.gz"


@pytest.mark.nix
def test_an_application_is_called_with_what_production_needs(tmp_path: Path) -> None:
    project = NixProject(tmp_path, FULL, lock(entry("flask")))
    asked = (
        "{ inherit (default) name groups checkGroups; licences = default.meta.license; python = default.python.name; }"
    )
    assert project.ask(asked) == {
        "name": "imgapp",
        "groups": ["main"],
        "checkGroups": [],
        "licences": ["MIT"],
        "python": "python313",
    }


@pytest.mark.nix
def test_an_environment_takes_wheels_where_they_are_preferred(tmp_path: Path) -> None:
    files = ("-cp313-cp313-manylinux_2_28_x86_64.whl", ".tar.gz")
    project = NixProject(tmp_path, ENVIRONMENT, lock(entry("flask", "-py3-none-any.whl"), entry("numpy", *files)))
    asked = "{ inherit (default) name groups checkGroups; numpy = packages.numpy.src; }"
    assert project.ask(asked) == {
        "name": "env",
        "groups": ["main"],
        "checkGroups": [],
        "numpy": "numpy-1.0-cp313-cp313-manylinux_2_28_x86_64.whl",
    }


@pytest.mark.nix
def test_the_newest_python_that_nixpkgs_has_is_taken(tmp_path: Path) -> None:
    project = NixProject(tmp_path, FULL, lock(entry("flask")))
    project.pythons = ["python311", "python312"]
    assert project.ask("default.python.name") == "python312"


@pytest.mark.nix
@pytest.mark.parametrize("nix", [FULL, ENVIRONMENT], ids=["application", "environment"])
def test_the_shell_has_all_groups_the_project_as_it_stands_and_poetry(tmp_path: Path, nix: NixPlan) -> None:
    project = NixProject(tmp_path, nix, lock(entry("pillow")))
    got = project.ask(
        """let environment = builtins.head shell.nativeBuildInputs; in {
          inherit (environment) name groups checkGroups editable;
          pillow = inputs environment.python.pkgs.pillow;
          shell = names shell.nativeBuildInputs;
        }"""
    )
    assert got == {
        "name": "env",
        "shell": ["env", "poetry"],
        "groups": ["main", *nix.groups],
        "checkGroups": [],
        "editable": dict.fromkeys(nix.editable_packages, str(tmp_path)),
        "pillow": {
            "src": "pillow-1.0.tar.gz",
            "buildInputs": ["freetype", "libjpeg", *(["openjpeg", "xorg.libxcb"] if nix is FULL else [])],
            "nativeBuildInputs": ["pkg-config"],
        },
    }


@pytest.mark.nix
@pytest.mark.parametrize("nix", [FULL, ENVIRONMENT], ids=["application", "environment"])
def test_a_flake_has_what_the_two_files_have_for_each_system(tmp_path: Path, nix: NixPlan) -> None:
    """Its poetry2nix reads the licences as default.nix does, or the application would stop at the functions there."""
    project = NixProject(tmp_path, nix, lock(entry("pillow")))
    got = project.ask(
        """{
          packages = builtins.mapAttrs (_: of: of.default.name) flake.packages;
          shells = builtins.mapAttrs (_: of: names of.default.nativeBuildInputs) flake.devShells;
          licences = flake.packages.x86_64-linux.default.meta.license or [ ];
          same = inputs flake.packages.x86_64-linux.default.python.pkgs.pillow == inputs packages.pillow;
          outputs = builtins.attrNames flake;
        }"""
    )
    systems = ("aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux")
    assert got == {
        "packages": dict.fromkeys(systems, "imgapp" if nix.application else "env"),
        "shells": {system: ["env", "poetry"] for system in systems},
        "licences": ["MIT"] if nix.application else [],
        "same": True,
        "outputs": ["devShells", "packages"],
    }


@pytest.mark.nix
@pytest.mark.parametrize(("nix", "name"), [(FULL, "imgapp"), (replace(ENVIRONMENT, name='a"${b}\\'), 'a"${b}\\')])
def test_the_inputs_of_a_flake_are_pinned_as_default_nix_pins_them(tmp_path: Path, nix: NixPlan, name: str) -> None:
    (tmp_path / "flake.nix").write_text(flake_nix.write(nix).text)
    got = evaluate(tmp_path, 'removeAttrs (import ./flake.nix) [ "outputs" ]')
    assert got == {
        "description": name,
        "inputs": {
            "nixpkgs": {"url": "github:NixOS/nixpkgs/nixos-25.11"},
            "poetry2nix": {"url": f"github:nix-community/poetry2nix/{POETRY2NIX_COMMIT}", "flake": False},
        },
    }


@pytest.mark.nix
@pytest.mark.parametrize(
    ("nix", "before", "after"),
    [
        (FULL, "", "{0}"),
        (FULL, "/other", "{0}:/other"),
        (replace(FULL, import_root="src"), "/other", "{0}/src:/other"),
        (replace(FULL, import_root="a 'b' $(c)\"${d}"), "/other", "{0}/a 'b' $(c)\"${{d}}:/other"),
    ],
)
def test_the_shell_of_a_flake_finds_the_folder_that_is_edited(
    tmp_path: Path, nix: NixPlan, before: str, after: str
) -> None:
    """What a flake sees of the project is a copy in the store; bash says what the hook puts before it."""
    hook = NixProject(tmp_path, nix, lock(entry("pillow"))).ask("flake.devShells.x86_64-linux.default.shellHook")
    done = subprocess.run(
        ["bash", "-c", f'{hook}; printf %s "$PYTHONPATH"'],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": before},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == after.format(tmp_path)


@pytest.mark.nix
def test_the_shell_of_a_flake_needs_no_hook_where_nothing_is_edited(tmp_path: Path) -> None:
    project = NixProject(tmp_path, ENVIRONMENT, lock(entry("pillow")))
    assert project.ask("flake.devShells.x86_64-linux.default ? shellHook") is False


@pytest.mark.nix
@pytest.mark.parametrize("root", ["src", 'a "b"; ${c}/d'])
def test_development_finds_the_package_where_python_has_to_look(root: str, tmp_path: Path) -> None:
    project = NixProject(tmp_path, replace(plan(editable=("imgapp",)), import_root=root), lock())
    assert project.ask("(builtins.head shell.nativeBuildInputs).editable") == {"imgapp": str(tmp_path / root)}


@pytest.mark.nix
def test_only_development_has_a_folder_as_its_files_stand(tmp_path: Path) -> None:
    """Elsewhere its place would be that of somebody's checkout."""
    project = NixProject(tmp_path, DEVELOPED, lock(entry("near")))
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(
        pyproject.read_text() + '[tool.poetry.dependencies]\nnear = { path = "near", develop = true }\n'
    )
    shell = "(builtins.head shell.nativeBuildInputs).editable"
    assert project.ask(f"[ default.editable {shell} ]") == [{}, {"near": str(tmp_path / "near")}]


@pytest.mark.nix
@pytest.mark.parametrize("behaviour", behaviours(13), ids=lambda behaviour: behaviour.says)
def test_the_stand_in_behaves_as_poetry2nix_does(tmp_path: Path, behaviour: Behaviour) -> None:
    nixpkgs = f"import {STAND_INS / 'nixpkgs'} {{ attributes = [ {PILLOWS} ]; }}"
    assert disagreement(behaviour, tmp_path, str(STAND_INS / "poetry2nix"), nixpkgs, "python313") == ""
