"""What still names the old tool: found in what people and machines follow, quoted inert, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.finding import Code, Finding, Severity
from migrator.model.form import REPORT_MARK
from migrator.model.native import NIX_FIRST_LINE
from migrator.model.origin import Origin
from migrator.model.trouble import WorldError
from migrator.readers.surroundings import find_leftovers, leftovers
from migrator.tools.disk import DiskTree

from .trees import DictTree, RecordingTree

SOURCES = {
    "requirements": ("requirements.txt", "requirements/dev.in"),
    "pipenv": ("Pipfile", "Pipfile.lock"),
    "pypi2nix": ("requirements.nix", "requirements_override.nix"),
    "unheard-of": ("deps.lock",),
}
INSTALL = "`poetry install` does that now; where only production's packages belong, `poetry install --only main`"
SAME_PYTHON = "{}; it installs where {} did with POETRY_VIRTUALENVS_CREATE=false"
SYNC = "`poetry sync` does that now; where only production's packages belong, `poetry sync --only main`"
PRODUCTION = "`poetry install --only main` does that now"
NAME = "Name pyproject.toml and poetry.lock there, or delete the line"


def find(files: dict[str, bytes | str], format_: str = "requirements") -> tuple[Finding, ...]:
    return find_leftovers(DictTree(files), format_, SOURCES[format_])


def told(files: dict[str, bytes | str], format_: str = "requirements") -> list[tuple[str, str]]:
    return [(str(finding.origin), finding.message) for finding in find(files, format_)]


# what is left alone


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "pyproject.toml",
        "CHANGELOG.md",
        "docs/HISTORY.rst",
        "release-notes.md",
        "LICENSE",
        "app/models.py",
        "data.json",
        "notes.txt",
        "node_modules/x/README.md",
        ".venv/README.md",
        ".git/config.yml",
        "vendor/x/Makefile",
        "site-packages/x/setup.cfg",
    ],
)
def test_other_peoples_files_the_past_and_the_sources_themselves_are_passed_over(path: str) -> None:
    assert find({path: "pip install -r requirements.txt\n"}) == ()


def test_a_virtual_environment_is_passed_over_whatever_its_name() -> None:
    assert find({"py/pyvenv.cfg": "home = /usr", "py/README.md": "pip install -r requirements.txt"}) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"\0pip install -r requirements.txt",
        "pip install -r requirements.txt\n".encode("utf-16"),
        b"pip install -r requirements.txt\n" + b"x" * 1_000_000,
        NIX_FIRST_LINE.encode() + b"\nrequirements.txt",
        f"<!-- {REPORT_MARK} -->\n\nrequirements.txt".encode(),
    ],
    ids=["binary", "utf-16", "large", "our Nix", "our report"],
)
def test_binary_large_and_our_own_files_are_passed_over(content: bytes) -> None:
    assert find({"README.md": content, "docs/x.nix": content}) == ()


@pytest.mark.parametrize(
    ("format_", "line"),
    [
        ("requirements", "pip install build"),
        ("requirements", "pip install --user --upgrade pip"),
        ("requirements", "grep -r x.txt; rm -r y.txt"),
        ("requirements", "pipeline -r now"),
        ("requirements", "my-requirements.txt, requirements.txt.bak, xrequirements.txt, requirements.txt-old"),
        ("requirements", "dev.in"),
        ("pipenv", "pipenvironment MYPIPENV_X myPipfile Pipfiles pip install -r requirements.txt"),
        ("pypi2nix", "pypi2nixos pip install -r requirements.txt requirements.nixos"),
        ("unheard-of", "deps.lock.bak my-deps.lock pipenv pypi2nix"),
    ],
)
def test_what_only_looks_like_it_is_left_alone(format_: str, line: str) -> None:
    assert find({"Makefile": line}, format_) == ()


def test_a_folder_with_such_files_of_its_own_is_another_project() -> None:
    own = {"agent/requirements.txt": "x", "agent/requirements/dev.in": "x", "docker/x.sh": ""}
    lines = (
        "RUN pip install -r requirements.txt\n-r {toxinidir}/requirements/dev.in\npip install -r ./requirements.txt\n"
    )
    assert find({**own, "agent/Dockerfile": lines}) == ()
    assert [line for line, _ in told({**own, "Dockerfile": lines})] == [f"Dockerfile:{n}" for n in (1, 2, 3)]
    assert [line for line, _ in told({**own, "docker/Dockerfile": lines})] == [
        f"docker/Dockerfile:{n}" for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "pip install -r ../requirements.txt",
        "pip install -r requirements.txt -r absent.txt",
        "pip-compile",
        "-r/requirements.txt",
    ],
)
def test_what_may_mean_the_projects_own_files_is_told_there_as_well(line: str) -> None:
    assert len(find({"agent/requirements.txt": "x", "requirements.txt": "x", "agent/Makefile": line})) == 1


# what is told


@pytest.mark.parametrize(
    ("format_", "line", "advice"),
    [
        ("requirements", "\tpip install -r requirements.txt", INSTALL),
        ("requirements", "python -m pip install --no-cache-dir -U --requirement x/dev.txt", INSTALL),
        ("requirements", "pip3.11 install -Ur=x", INSTALL),
        ("requirements", "uv pip install -rdev.txt", INSTALL),
        ("requirements", "pip-compile --generate-hashes", "`poetry lock` does that now"),
        ("requirements", "uv pip sync x", SYNC),
        ("requirements", "pip freeze > x", "poetry.lock is that list now, and `poetry show` prints it"),
        ("requirements", "COPY requirements.txt /app/", NAME),
        ("requirements", "deps = -rrequirements.txt", INSTALL),
        ("requirements", "  -r{toxinidir}/requirements/dev.in", INSTALL),
        ("requirements", "It is in `requirements.txt`.", NAME),
        ("pipenv", "pipenv run pytest", "`poetry run` does that now"),
        (
            "pipenv",
            "pipenv install --system --deploy",
            SAME_PYTHON.format("`poetry install --only main` does that now", "Pipenv"),
        ),
        ("pipenv", "pip install pipenv", "Install Poetry in its place: `pipx install poetry`"),
        ("pipenv", "Pipenv makes the environment", "Poetry does that now"),
        (
            "pipenv",
            "PIPENV_VENV_IN_PROJECT=1",
            "Poetry does not read that; its own variables begin with POETRY_",
        ),
        ("pipenv", "hashFiles('**/Pipfile.lock')", NAME),
        (
            "pypi2nix",
            "nix-shell -p pypi2nix",
            "`poetry lock` does that now: the new Nix files read poetry.lock themselves",
        ),
        ("pypi2nix", "(import ./requirements.nix {})", "Import default.nix there"),
        ("pypi2nix", "(import ./nix/requirements_dev.nix {})", "Import default.nix there"),
        ("unheard-of", "cat deps.lock", NAME),
    ],
)
def test_a_line_that_names_the_old_tool_is_told_with_what_to_write(format_: str, line: str, advice: str) -> None:
    assert find({"Makefile": f"\n{line}  \r\n"}, format_) == (
        Finding(
            code=Code.LEFTOVER,
            severity=Severity.NOTE,
            message=" ".join(line.split()),
            advice=advice,
            origin=Origin(path="Makefile", line=2, end_line=2),
        ),
    )


def test_where_the_project_has_a_default_nix_of_its_own_ours_is_the_one_to_import() -> None:
    tree = DictTree({"release.nix": "import ./requirements.nix { }"})
    (found,) = find_leftovers(tree, "pypi2nix", SOURCES["pypi2nix"], "migrator.nix")
    assert found.advice == "Import migrator.nix there"


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/release.yml",
        "release.nix",
        "scripts/release.sh",
        "Dockerfile",
        "docker/Dockerfile.prod",
        "docker-compose.yml",
        ".github/workflows/test.yml",
        ".github/actions/setup/action.yaml",
        ".gitlab-ci.yml",
        ".travis.yml",
        ".circleci/config.yml",
        ".devcontainer/devcontainer.json",
        ".pre-commit-config.yaml",
        ".readthedocs.yaml",
        "tox.ini",
        "noxfile.py",
        "setup.py",
        "setup.cfg",
        "Makefile",
        "Procfile",
        "Jenkinsfile",
        "README",
        "README.md",
        "docs/install.rst",
        "scripts/deploy.sh",
        "shell.nix",
    ],
)
def test_every_file_that_people_or_machines_follow_is_looked_at(path: str) -> None:
    assert told({path: "x\nrequirements.txt\n"}) == [(f"{path}:2", "requirements.txt")]


def test_every_format_that_migrates_has_words_or_the_names_of_its_files() -> None:
    assert SOURCES.keys() - {"unheard-of"} == leftovers._MENTIONS.keys()


# hostile and plenty


def test_a_quoted_line_is_short_and_has_no_credentials() -> None:
    url = "https://bot:hunter2@pkgs.example/simple"
    line = f"{'x ' * 200}pip install --index-url {url} -r requirements.txt --proxy bot:hunter2@proxy {'y ' * 200}"
    ((_, message),) = told({"Makefile": line})
    assert "-r requirements.txt" in message
    assert message.startswith("…")
    assert message.endswith("…")
    assert len(message) == 122
    assert "hunter2" not in message


def test_a_line_cut_inside_an_address_loses_the_address() -> None:
    start = "x" * 4_900 + " pip install -r requirements.txt "
    line = start + "https://bot:" + "hunter2" * 50 + "@host"
    ((_, message),) = told({"Makefile": line})
    assert "hunter2" not in message


def test_of_many_lines_in_a_file_the_first_ones_are_told_and_how_many_there_are() -> None:
    found = told({"Makefile": "pip freeze\n" * 25})
    assert found[:10] == [(f"Makefile:{number}", "pip freeze") for number in range(1, 11)]
    assert found[10:] == [("Makefile", "Lines of this file that name the old tool, in all: 25")]


def test_looking_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, bytes | str] = {f"{name}.md": "requirements.txt" for name in "abcd"}
    monkeypatch.setattr(leftovers, "MOST_FILES", 2)
    assert told(files) == [
        ("a.md:1", "requirements.txt"),
        ("b.md:1", "requirements.txt"),
        ("None", "There is too much to look through: from c.md on, no file was searched for the old tool"),
    ]
    monkeypatch.setattr(leftovers, "MOST_FILES", 100)
    monkeypatch.setattr(leftovers, "MOST_OF_ALL", 3)
    assert [where for where, _ in told(files)] == ["a.md:1", "b.md:1", "c.md:1", "None"]
    monkeypatch.setattr(leftovers, "MOST_OF_ALL", 100)
    monkeypatch.setattr(leftovers, "MOST_BYTES", 20)
    assert [where for where, _ in told(files)] == ["a.md:1", "None"]


def test_folders_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "MOST_FOLDERS", 3)
    tree = RecordingTree(DictTree({f"{name}/README.md": "requirements.txt" for name in "abcdef"}))
    assert len(find_leftovers(tree, "requirements", SOURCES["requirements"])) == 2
    assert [path for what, path in tree.asked if what == "list"] == [".", "a", "b"]


def test_what_may_not_be_read_says_nothing() -> None:
    class Barred(DictTree):
        def read(self, path: str) -> bytes | None:
            raise WorldError(path)

        def list(self, path: str) -> tuple[str, ...]:
            if path == "secret":
                raise WorldError(path)
            return super().list(path)

    tree = Barred({"README.md": "requirements.txt", "secret/README.md": "requirements.txt"})
    assert find_leftovers(tree, "requirements", SOURCES["requirements"]) == ()


def test_a_link_that_leads_in_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "README.md").write_text("requirements.txt\n")
    found = find_leftovers(DiskTree(str(tmp_path)), "requirements", SOURCES["requirements"])
    assert 1 <= len(found) <= leftovers.MOST_OF_ALL + 1


@pytest.mark.parametrize(
    "word", ["pip ", "pip -", "pip install --", "requirements.txt", "a:b@", "-r ", "pip\t-" + "r" * 50]
)
def test_a_file_made_to_be_slow_comes_to_an_end(word: str) -> None:
    """Whatever takes the square of the length would take days."""
    content = (word * (900_000 // len(word))).encode()
    find({"README.md": content, "Makefile": content.replace(b" ", b" \n", 40)})
