"""Which folder is the package. The judge is poetry-core, which builds a wheel of what was decided."""

from __future__ import annotations

import itertools
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from poetry.core.factory import Factory
from poetry.core.masonry.builders.wheel import WheelBuilder
from poetry.core.masonry.utils.module import Module

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.plan import ProjectPlan, Style
from migrator.model.project import Dependency, Project, Script
from migrator.model.settings import Settings
from migrator.model.source import FromPath
from migrator.planning.dependencies import Basis
from migrator.planning.package import find_as_poetry
from migrator.planning.project_plan import plan_project
from migrator.readers.surroundings import read_surroundings
from migrator.tools.disk import DiskTree
from migrator.writers import pyproject

INIT = "__init__.py"
PROJECT = '[project]\nname = "shop"\nversion = "1.0"\n'
SETUP = "from setuptools import find_packages, find_namespace_packages, setup\n"
ITSELF = Dependency(
    name=NormalizedName(""), raw_name="", source=FromPath(path="."), editable=True, origin=Origin(path="r.txt", line=1)
)
BUILD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
RUN = (Script(name="run", target="shop.main:run"),)


def unseen(packages: str) -> str:
    """What is told of packages that Poetry would not find."""
    return f"Poetry does not find {packages} by the project's name, {NAME_ALL if ',' in packages else NAMED}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A project's files; ``wheel`` is what can be imported of it, None where there is nothing to install."""

    files: dict[str, str]
    wheel: set[str] | None
    told: str = ""
    scripts: tuple[Script, ...] = ()
    itself: bool = False
    severity: Severity = Severity.NOTE
    folder: str = "checkout"


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """What came of a case."""

    plan: ProjectPlan
    findings: tuple[Finding, ...]
    text: str

    def told(self, code: Code = Code.PACKAGE_INFERRED) -> list[tuple[Severity, str]]:
        return [(finding.severity, finding.message) for finding in self.findings if finding.code is code]


def files(*paths: str, **more: str) -> dict[str, str]:
    """Empty files; ``more`` are texts, ``pyproject`` that of pyproject.toml."""
    names = {"pyproject": "pyproject.toml", "setup_py": "setup.py", "setup_cfg": "setup.cfg"}
    return dict.fromkeys(paths, "") | {names[key]: text for key, text in more.items()}


ONLY = "so `poetry install` installs the dependencies only (package-mode = false)"
NAMED = "so [tool.poetry] packages names it"
NAME_ALL = "so [tool.poetry] packages names them"

CASES = {
    # what Poetry finds by itself
    "a folder of that name": Case(files=files(f"shop/{INIT}", pyproject=PROJECT), wheel={"shop"}),
    "a folder in src": Case(files=files(f"src/shop/{INIT}", pyproject=PROJECT), wheel={"shop"}),
    "a module": Case(files=files("shop.py", pyproject=PROJECT), wheel={"shop.py"}),
    "a module in src": Case(files=files("src/shop.py", pyproject=PROJECT), wheel={"shop.py"}),
    "a folder without __init__.py": Case(files=files("shop/views.py", pyproject=PROJECT), wheel={"shop"}),
    "the only package of a nameless project": Case(files=files(f"shop/{INIT}", f"tests/{INIT}"), wheel={"shop"}),
    "a package called like the folder": Case(
        files=files(f"shop/{INIT}", f"other/{INIT}"), folder="shop", wheel={"shop"}
    ),
    "dashes": Case(files=files(f"my_shop/{INIT}", setup_cfg="[metadata]\nname = My.Shop\n"), wheel={"my_shop"}),
    # what it does not
    "capitals": Case(
        files=files(f"CTFd/{INIT}", f"migrations/{INIT}", "manage.py", pyproject='[project]\nname = "ctfd"\n'),
        wheel={"CTFd"},
        told=unseen("CTFd"),
    ),
    "capitals of a nameless project": Case(
        files=files(f"CTFd/{INIT}", "manage.py"),
        wheel={"CTFd"},
        told=unseen("CTFd"),
    ),
    "capitals in src": Case(
        files=files(f"src/MyShop/{INIT}", pyproject='[project]\nname = "my-shop"\n'),
        wheel={"MyShop"},
        told=unseen("src/MyShop"),
    ),
    "a folder that holds no Python before src": Case(
        files=files("shop/logo.svg", f"src/shop/{INIT}", pyproject=PROJECT),
        wheel={"shop"},
        told=unseen("src/shop"),
    ),
    "a folder and a module of that name": Case(
        files=files(f"shop/{INIT}", "shop.py", pyproject=PROJECT),
        wheel={"shop"},
        told=unseen("shop"),
    ),
    "a namespace": Case(
        files=files(f"acme/shop/{INIT}", f"docs/conf/{INIT}", pyproject='[project]\nname = "acme-shop"\n'),
        wheel={"acme"},
        told=unseen("acme/shop"),
    ),
    "the only package has another name": Case(
        files=files(f"imgapp/{INIT}", "manage.py", f"tests/{INIT}", pyproject=PROJECT),
        wheel={"imgapp"},
        told=unseen("imgapp"),
    ),
    "several packages in src": Case(
        files=files(f"src/one/{INIT}", f"src/two/{INIT}", pyproject=PROJECT),
        wheel={"one", "two"},
        told=unseen("src/one, src/two"),
    ),
    "what a script starts": Case(
        files=files(f"one/{INIT}", "two/cli.py", "job.py", pyproject=PROJECT),
        scripts=(Script(name="job", target="job:main"), Script(name="two", target="two.cli:main")),
        wheel={"one", "two", "job.py"},
        told=unseen("job.py, one, two"),
    ),
    "what a script starts beside it": Case(
        files=files(f"shop/{INIT}", f"other/{INIT}", "job.py", pyproject=PROJECT),
        scripts=(Script(name="job", target="job:main"), Script(name="shop", target="shop.cli:main")),
        wheel={"shop", "job.py"},
        told=f"The scripts start job.py beside shop, {NAME_ALL}",
    ),
    # what is none
    "nothing to install": Case(files=files("app.py", "manage.py"), wheel=None),
    "a name and no code": Case(
        files=files("README.md", pyproject=PROJECT), wheel=None, told=f"The project's folder holds no package, {ONLY}"
    ),
    "a Django repository": Case(
        files=files(f"hc/{INIT}", f"accounts/{INIT}", f"tests/{INIT}", "manage.py"),
        wheel=None,
        told=f"Nothing says which of the packages (accounts, hc) is the project, {ONLY}",
    ),
    "a Django repository with [project]": Case(
        files=files(f"hc/{INIT}", f"accounts/{INIT}", "manage.py", pyproject=PROJECT),
        wheel=None,
        severity=Severity.REVIEW,
        told=f"Nothing says which of the packages (accounts, hc) is the project, {ONLY}",
    ),
    "a Django repository that installs itself": Case(
        files=files(f"hc/{INIT}", f"accounts/{INIT}"),
        itself=True,
        wheel=None,
        severity=Severity.REVIEW,
        told=f"Nothing says which of the packages (accounts, hc) is the project, {ONLY}",
    ),
    "a script of nothing": Case(
        files=files("README.md"),
        scripts=RUN,
        wheel=None,
        severity=Severity.REVIEW,
        told=f"Nothing in the project's folder is what the scripts start (shop.main:run), {ONLY}",
    ),
    "a script of none of the packages": Case(
        files=files(f"one/{INIT}", f"two/{INIT}"),
        scripts=RUN,
        wheel=None,
        severity=Severity.REVIEW,
        told=f"None of the packages (one, two) is what the scripts start (shop.main:run), {ONLY}",
    ),
    # what the build tool says
    "uv": Case(
        files=files(f"shop/{INIT}", pyproject=f"{PROJECT}[tool.uv]\npackage = false\n"),
        wheel=None,
        told=f"[tool.uv] package = false: it is no package, {ONLY}",
    ),
    "uv where nothing builds it": Case(
        files=files(f"apps/{INIT}", pyproject=f"{PROJECT}[tool.uv]\nlink-mode = 'copy'\n"),
        wheel=None,
        told=f"[tool.uv] without [build-system]: it is no package, {ONLY}",
    ),
    "uv where something builds it": Case(
        files=files(f"shop/{INIT}", pyproject=f"{PROJECT}[tool.uv]\nlink-mode = 'copy'\n{BUILD}"), wheel={"shop"}
    ),
    "uv's own backend": Case(
        files=files(
            f"src/Pictures/{INIT}",
            "pictures.py",
            pyproject=f'{PROJECT}[tool.uv.build-backend]\nmodule-name = "Pictures"\n',
        ),
        wheel={"Pictures"},
        told=f"[tool.uv.build-backend] module-name installs src/Pictures, {NAMED}",
    ),
    "PDM": Case(
        files=files(f"shop/{INIT}", pyproject=f"{PROJECT}[tool.pdm]\ndistribution = false\n"),
        wheel=None,
        told=f"[tool.pdm] distribution = false: it is no package, {ONLY}",
    ),
    "PDM's folder": Case(
        files=files(f"python/pictures/{INIT}", pyproject=f'{PROJECT}[tool.pdm.build]\npackage-dir = "python"\n'),
        wheel={"pictures"},
        told=f"[tool.pdm.build] package-dir installs python/pictures, {NAMED}",
    ),
    "Hatch": Case(
        files=files(
            f"lib/pictures/{INIT}",
            f"shop/{INIT}",
            pyproject=f'{PROJECT}[tool.hatch.build.targets.wheel]\npackages = ["lib/pictures"]\n',
        ),
        wheel={"pictures"},
        told=f"[tool.hatch.build.targets.wheel] packages installs lib/pictures, {NAMED}",
    ),
    "Flit": Case(
        files=files("Pictures.py", f"shop/{INIT}", pyproject=f'{PROJECT}[tool.flit.module]\nname = "Pictures"\n'),
        wheel={"Pictures.py"},
        told=f"[tool.flit.module] name installs Pictures.py, {NAMED}",
    ),
    "setuptools in pyproject.toml": Case(
        files=files(
            f"lib/one/{INIT}",
            f"lib/one/more/{INIT}",
            "lib/two.py",
            pyproject=PROJECT
            + '[tool.setuptools]\npackages = ["one", "one.more"]\npy-modules = ["two"]\npackage-dir = {"" = "lib"}\n',
        ),
        wheel={"one", "two.py"},
        told=f"[tool.setuptools] packages installs lib/one, lib/two.py, {NAME_ALL}",
    ),
    "a package outside of the project": Case(
        files=files(
            "README.md", pyproject=PROJECT + '[tool.setuptools]\npackages = ["one"]\npackage-dir = {"" = "../lib"}\n'
        ),
        wheel=None,
        told=f"What [tool.setuptools] packages installs is not in the project's folder, {ONLY}",
        severity=Severity.REVIEW,
    ),
    "setuptools finds": Case(
        files=files(
            f"hc/{INIT}",
            f"hc_docs/{INIT}",
            "frontend/x.py",
            f"static/{INIT}",
            pyproject=f'{PROJECT}[tool.setuptools.packages.find]\ninclude = ["hc*"]\nexclude = ["hc_docs*"]\n',
        ),
        wheel={"hc"},
        told=f"[tool.setuptools.packages] find installs hc, {NAMED}",
    ),
    "setup.cfg": Case(
        files=files(
            f"lib/one/{INIT}",
            f"lib/tests/{INIT}",
            setup_cfg="[metadata]\nname = shop\n[options]\npackages = find:\npackage_dir =\n    = lib\n",
        ),
        wheel={"one"},
        told=f"[options] packages installs lib/one, {NAMED}",
    ),
    "modules in setup.cfg": Case(
        files=files("one.py", "two.py", "three.py", setup_cfg="[options]\npy_modules = one, two, gone\n"),
        wheel={"one.py", "two.py"},
        told=f"[options] py_modules installs one.py, two.py, {NAME_ALL}",
    ),
    "namespaces in setup.cfg": Case(
        files=files(
            f"src/acme/shop/{INIT}",
            setup_cfg="[metadata]\nname = shop\n[options]\npackages = find_namespace:\n"
            "[options.packages.find]\nwhere = src\n",
        ),
        wheel={"acme"},
        told=f"[options] packages installs src/acme, {NAMED}",
    ),
    "setup.py finds": Case(
        files=files(
            f"one/{INIT}",
            f"two/{INIT}",
            f"tests/{INIT}",
            f"extra/{INIT}",
            setup_py=f"{SETUP}setup(name='shop', packages=find_packages(exclude=['extra', 'extra.*']))\n",
        ),
        wheel={"one", "two"},
        told=f"setup(packages=…) installs one, two, {NAME_ALL}",
    ),
    "setup.py finds in a folder": Case(
        files=files(
            f"lib/shop/{INIT}", setup_py=f"{SETUP}setup(name='shop', packages=find_packages('lib') + ['gone'])\n"
        ),
        wheel={"shop"},
        told=f"setup(packages=…) installs lib/shop, {NAMED}",
    ),
    "setup.py names its packages": Case(
        files=files(
            f"Shop/{INIT}",
            f"Shop/inner/{INIT}",
            f"other/{INIT}",
            setup_py=f"{SETUP}setup(name='shop', packages=['Shop', 'Shop.inner'])\n",
        ),
        wheel={"Shop"},
        told=f"setup(packages=…) installs Shop, {NAMED}",
    ),
    "setup.py names what Poetry finds": Case(
        files=files(f"shop/{INIT}", f"other/{INIT}", setup_py=f"{SETUP}setup(name='shop', packages=['shop'])\n"),
        wheel={"shop"},
    ),
    "setup.py names what is not there": Case(
        files=files(f"shop/{INIT}", setup_py=f"{SETUP}setup(name='shop', packages=['gone'])\n"), wheel={"shop"}
    ),
    "a root outside": Case(
        files=files(f"shop/{INIT}", setup_py=f"{SETUP}setup(name='shop', packages=find_packages('../..'))\n"),
        wheel={"shop"},
    ),
    # what the user told Poetry
    "packages for Poetry": Case(
        files=files(
            f"shop/{INIT}",
            f"lib/two/{INIT}",
            pyproject=PROJECT + '[tool.poetry]\npackages = [{include = "two", from = "lib"}]\n',
        ),
        wheel={"two"},
    ),
    "no package mode": Case(
        files=files(f"shop/{INIT}", pyproject=f"{PROJECT}[tool.poetry]\npackage-mode = false\n"), wheel=None
    ),
}


def migrate(case: Case, root: Path, style: Style) -> Migrated:
    """The files as they are and what is decided of them, with no dependency."""
    surroundings, _ = read_surroundings(DiskTree(str(root)))
    declared = (ITSELF,) if case.itself else ()
    basis = Basis(
        project=Project(format="requirements", origin=Origin(path="requirements.txt"), declared=declared),
        surroundings=surroundings,
        evidence=Evidence(),
        settings=Settings(
            python=SpecifierSet(">=3.9"), nix=style is not Style.PEP621, style=style, scripts=case.scripts
        ),
        sources=(),
        folder=case.folder,
    )
    plan, findings = plan_project(basis)
    assert plan is not None
    return Migrated(plan=plan, findings=findings, text=pyproject.write(plan, surroundings.pyproject).text)


def lay(case: Case, root: Path) -> Path:
    for path, text in case.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def build(root: Path, target: Path) -> set[str] | None:
    """The top of the wheel that poetry-core builds; None where the project is no package."""
    poetry = Factory().create_poetry(root)
    if not poetry.is_package_mode:
        return None
    wheel = target / WheelBuilder.make_in(poetry, target)
    with zipfile.ZipFile(wheel) as archive:
        return {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" not in name}


@pytest.mark.parametrize("style", [Style.CLASSIC, Style.PEP621, Style.HYBRID])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_poetry_core_builds_what_was_decided(case: Case, style: Style, tmp_path: Path) -> None:
    root = lay(case, tmp_path / "project")
    migrated = migrate(case, root, style)
    told = [(case.severity, case.told)] if case.told else []
    assert migrated.told() == told
    (root / "pyproject.toml").write_text(migrated.text, encoding="utf-8")
    (root / "README.md").touch()
    assert build(root, tmp_path) == case.wheel
    assert migrated.plan.package_mode is (case.wheel is not None)
    again = migrate(case, root, style)
    assert (again.text, again.told()) == (migrated.text, told)


@pytest.mark.parametrize("style", [Style.CLASSIC, Style.PEP621, Style.HYBRID])
@pytest.mark.parametrize(
    ("more", "version", "told"),
    [
        ({"pyproject": PROJECT}, "1.0", ""),
        (
            {"setup_py": f"{SETUP}setup(name='shop', version='1.0-final')\n"},
            "0.1.0",
            "its own, '1.0-final', is none of PEP 440's",
        ),
        ({"setup_py": f"{SETUP}setup(name='shop', version=compute())\n"}, "0.1.0", "only a build would tell its own"),
        (
            {"pyproject": '[project]\nname = "shop"\ndynamic = ["version"]\n'},
            "0.1.0",
            "only a build would tell its own",
        ),
        ({}, "0.1.0", ""),
    ],
)
def test_poetry_core_gets_a_version(
    more: dict[str, str], version: str, told: str, style: Style, tmp_path: Path
) -> None:
    case = Case(files=files(f"shop/{INIT}", **more), wheel={"shop"})
    root = lay(case, tmp_path)
    migrated = migrate(case, root, style)
    (root / "pyproject.toml").write_text(migrated.text, encoding="utf-8")
    assert str(Factory().create_poetry(root).package.version) == version
    whole = f"The project is installed as version 0.1.0, because {told}"
    assert migrated.told(Code.VERSION_INFERRED) == ([(Severity.NOTE, whole)] if told else [])


def test_a_name_is_spelled_as_setuptools_does(tmp_path: Path) -> None:
    case = Case(files=files(f"shop/{INIT}", setup_py=f"{SETUP}setup(name='My shop!', packages=['shop'])\n"), wheel=None)
    assert migrate(case, lay(case, tmp_path), Style.CLASSIC).plan.name == "My-shop"


@pytest.mark.parametrize(
    "paths",
    [
        *itertools.product(
            (None, f"my_shop/{INIT}", "my_shop/deep/er/x.py", "my_shop/logo.svg"),
            (None, "my_shop.py"),
            (None, f"src/my_shop/{INIT}", "src/my_shop/logo.svg"),
            (None, "src/my_shop.py"),
        )
    ],
    ids=str,
)
def test_what_poetry_finds_by_the_name_is_what_poetry_core_finds(paths: tuple[str | None, ...], tmp_path: Path) -> None:
    lay(Case(files=files(*filter(None, paths)), wheel=None), tmp_path)
    surroundings, _ = read_surroundings(DiskTree(str(tmp_path)))
    found = find_as_poetry("My.Shop", surroundings.layout)
    try:
        expected = Module("My.Shop", str(tmp_path)).includes[0]
    except ValueError:
        assert found is None
    else:
        assert found is not None
        path = tmp_path / found.include.path
        assert (path.parent, path.stem) == (expected.base, expected.package)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shop", "The project itself is installed by `poetry install`; the line is no dependency"),
        ("hc", "The project itself is no package that Poetry installs; the line is no dependency"),
    ],
)
def test_a_line_for_the_project_itself_says_whether_it_is_installed(name: str, message: str, tmp_path: Path) -> None:
    case = Case(files=files(f"{name}/{INIT}", f"accounts/{INIT}", pyproject=PROJECT), itself=True, wheel=None)
    migrated = migrate(case, lay(case, tmp_path), Style.PEP621)
    assert migrated.told(Code.PROJECT_ITSELF) == [(Severity.NOTE, message)]


@pytest.mark.parametrize(
    "words",
    [
        "tool = {uv = 3, pdm = [], hatch = 'x', flit = 4, setuptools = true}",
        "[tool.setuptools]\npackages = 3\npy-modules = 'x'\npackage-dir = ['x']",
        "[tool.setuptools]\npackages = ['../shop', '/etc', '', ' ', 3, '.', '..']",
        "[tool.setuptools.packages.find]\nwhere = ['..', '/etc', 'a\\u0000b', 4]\ninclude = [[]]",
        "[tool.hatch.build.targets.wheel]\npackages = ['../shop', '/etc/passwd', '**/*.py', '', '\\u0000']",
        "[tool.hatch.build]\ntargets = 3\ninclude = [{}]",
        "[tool.flit.module]\nname = '../../etc'",
        "[tool.pdm.build]\npackage-dir = '/'\nincludes = 'shop'",
        "[tool.uv.build-backend]\nmodule-name = ['a\\u0000', 3]\nmodule-root = '..'",
    ],
)
def test_words_that_name_nothing_in_the_folder_say_nothing(words: str, tmp_path: Path) -> None:
    root = lay(Case(files=files(f"shop/{INIT}", pyproject=f"{words}\n{BUILD}"), wheel=None), tmp_path)
    surroundings, findings = read_surroundings(DiskTree(str(root)))
    assert (surroundings.layout.stated, findings) == (None, ())
