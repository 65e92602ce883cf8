"""What a command of pip or Pipenv becomes: the advice is right for Poetry, or there is none."""

from __future__ import annotations

import re

import pytest

from migrator.readers.surroundings import leftovers, old_commands
from migrator.readers.surroundings.old_commands import EXPORT, FREEZE, INSTALL, LOCK, SYNC, UPDATE

from .test_leftovers import NAME, PRODUCTION, SAME_PYTHON, find

FROM_EXPORT = old_commands._FROM_EXPORT
OTHERS = INSTALL + old_commands._OTHERS
IMAGE = SAME_PYTHON.format(INSTALL, "pip")
TOX = "`commands_pre = poetry sync` does that now, with `allowlist_externals = poetry` and `skip_install = true`"
NOX = '`session.run_install("poetry", "install", external=True)` does that now'
STATED = "pyproject.toml states the dependencies now; take the line out that reads the file"
BOUND = "The lock holds these versions now: `poetry add NAME` for what the line installs"
CATEGORIES = "`poetry install --only GROUPS` does that now, with the names of the categories"
DEVELOPERS = "`poetry install` does that now"

PIP = [
    ("x.sh", "pip wheel -w /w gunicorn -r requirements.txt", FROM_EXPORT),
    ("x.sh", "pip download -d /w -r requirements.txt", FROM_EXPORT),
    ("x.sh", "pip install --target=build -r requirements.txt", FROM_EXPORT),
    ("x.sh", "pip install -t build -r requirements.txt", FROM_EXPORT),
    ("x.sh", "pip uninstall -y -r requirements.txt", "`poetry sync` removes what the lock does not name"),
    ("x.sh", "pip freeze -r requirements.txt", FREEZE),
    ("x.sh", "pip install -r a.txt -r b.txt", INSTALL),
    ("x.sh", "pip install -U pip setuptools -r requirements.txt", INSTALL),
    ("x.sh", "pip install -e . --index-url x -r requirements.txt", INSTALL),
    ("x.sh", "pip install -q gunicorn -r requirements.txt", OTHERS),
    ("x.sh", "pip install -r requirements.txt 'gunicorn>=20'", OTHERS),
    ("x.sh", "pip install -r requirements.txt && pip install gunicorn", INSTALL),
    ("x.sh", "pip install -r requirements.txt; echo done", INSTALL),
    ("x.sh", "pip install -r requirements.txt # all of it", INSTALL),
    ("x.sh", "uv pip install --system -r requirements.txt", IMAGE),
    (
        "x.sh",
        "pip install -c requirements.txt gunicorn",
        "The lock holds these versions now: `poetry add NAME` for what the line installs",
    ),
    ("x.sh", "pip-sync requirements.txt dev.txt", SYNC),
    ("x.sh", "pip-compile requirements/dev.in", LOCK),
    ("x.sh", "pip-compile --upgrade", UPDATE),
    ("x.sh", "pip freeze > requirements.txt", FREEZE),
    ("x.sh", "rm -r requirements.txt", NAME),
    ("Makefile", "\t$(PIP) install -r requirements.txt", INSTALL),
    ("Procfile", "release: python -m pip install -r requirements.txt && ./run", INSTALL),
    ("README.md", "Run `pip install -r requirements.txt`.", INSTALL),
    ("environment.yml", "    - -r requirements.txt", INSTALL),
    (
        ".github/workflows/test.yml",
        "  - run: if [ -f requirements.txt ]; then pip install -r requirements.txt; fi",
        INSTALL,
    ),
    (".github/workflows/test.yml", "    cache-dependency-path: requirements.txt", NAME),
    ("Dockerfile", "RUN pip install --no-cache-dir -U pip && pip install -r ${HERE}/requirements.txt", IMAGE),
    ("Dockerfile", 'RUN ["pip", "install", "-r", "requirements.txt"]', IMAGE),
    ("Dockerfile", "COPY requirements.txt /app/", NAME),
    ("tox.ini", "deps = -rrequirements.txt", TOX),
    ("tox.ini", "    -r{toxinidir}/requirements.txt", TOX),
    ("noxfile.py", '    session.install("-r", "requirements.txt")', NOX),
    ("setup.py", "install_requires = open('requirements.txt').read()", STATED),
    ("setup.cfg", "install_requires = file: requirements.txt", STATED),
    (
        ".readthedocs.yaml",
        "    - requirements: requirements.txt",
        (
            "Install Poetry in `build.jobs.post_create_environment` and run `VIRTUAL_ENV=$READTHEDOCS_VIRTUALENV_PATH "
            "poetry install` in `build.jobs.post_install`"
        ),
    ),
    (
        "renovate.json",
        '  "fileMatch": ["requirements.txt"]',
        'Delete the line: Renovate\'s manager "poetry" finds pyproject.toml and poetry.lock by itself',
    ),
    (
        ".pre-commit-config.yaml",
        "  - id: pip-compile",
        "The hooks poetry-check and poetry-lock of Poetry's own repository do that now",
    ),
]
PIPENV = [
    ("x.sh", "pipenv install --system --deploy", SAME_PYTHON.format(PRODUCTION, "Pipenv")),
    ("x.sh", "pipenv install --ignore-pipfile # all", PRODUCTION),
    ("x.sh", "pipenv install -e .", PRODUCTION),
    ("x.sh", "pipenv install --dev", DEVELOPERS),
    ("x.sh", "pipenv --python 3.11 install -d", DEVELOPERS),
    ("x.sh", "pipenv sync", PRODUCTION),
    ("x.sh", "pip install pipenv && pipenv sync --dev", DEVELOPERS),
    ("x.sh", "PIPENV_VENV_IN_PROJECT=1 pipenv sync", PRODUCTION),
    ("x.sh", "pipenv install requests", "`poetry add NAME` does that now"),
    ("x.sh", "pipenv install --dev 'black<24'", "`poetry add --group dev NAME` does that now"),
    ("x.sh", "pipenv install -r x.txt", "Poetry reads no such file: `poetry add NAME` for each package of it"),
    ("x.sh", "pipenv install --categories=docs", CATEGORIES),
    ("x.sh", "pipenv run pytest -x", "`poetry run` does that now"),
    ("x.sh", "pipenv lock", LOCK),
    ("x.sh", "pipenv lock -r > x.txt", EXPORT),
    ("x.sh", "pipenv requirements > x.txt", EXPORT),
    ("x.sh", "pipenv update --outdated", "`poetry show --outdated` does that now"),
    ("x.sh", "pipenv clean", "`poetry sync` does that now"),
    ("x.sh", "pipenv check", "Poetry has no such command; pip-audit is one"),
    ("x.sh", "cd $(pipenv --venv)", "`poetry env info --path` does that now"),
    ("x.sh", "pipenv --help", "Poetry does that now"),
    ("Dockerfile", "RUN pip install -q pipenv", "Install Poetry in its place: `pipx install poetry`"),
    ("Dockerfile", 'RUN ["pipenv", "sync"]', PRODUCTION),
    ("noxfile.py", 'session.run("pipenv", "install", "--dev", external=True)', DEVELOPERS),
    (".github/workflows/test.yml", "    cache: pipenv", "Write poetry in its place, which setup-python knows as well"),
    ("renovate.json", '  "enabledManagers": ["pipenv"]', 'Renovate\'s manager is called "poetry"'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "line"), [(".github/dependabot.yml", "  - package-ecosystem: pip"), ("x", "pip -r")])
def test_what_stays_right_gets_no_advice(path: str, line: str) -> None:
    """Dependabot's ``pip`` reads poetry.lock as well."""
    assert find({path: line}) == ()


@pytest.mark.parametrize(("path", "line", "advice"), PIP)
def test_a_command_of_pip_gets_the_advice_for_what_it_does(path: str, line: str, advice: str) -> None:
    assert [finding.advice for finding in find({path: line})] == [advice]


@pytest.mark.parametrize(("path", "line", "advice"), PIPENV)
def test_a_command_of_pipenv_gets_the_advice_for_what_it_does(path: str, line: str, advice: str) -> None:
    assert [finding.advice for finding in find({path: line}, "pipenv")] == [advice]


def test_a_statement_of_several_lines_is_one_and_each_line_has_its_place() -> None:
    text = "RUN cd / \\\n && pip install \\\r\n    --quiet \\\n  -r requirements.txt \\\n && rm requirements.txt\n"
    assert [(str(finding.origin), finding.advice) for finding in find({"Dockerfile": text})] == [
        ("Dockerfile:4", IMAGE),
        ("Dockerfile:5", NAME),
    ]
    (finding,) = find({"x.sh": "pipenv install \\\n  --system \\\n  --dev\n"}, "pipenv")
    assert (str(finding.origin), finding.message) == ("x.sh:1", "pipenv install --system --dev")
    assert finding.advice == SAME_PYTHON.format(DEVELOPERS, "Pipenv")


def test_a_heredoc_is_lines_as_well() -> None:
    text = "RUN <<EOF\nset -e\npip install -r requirements.txt\nEOF\n"
    assert [(str(finding.origin), finding.advice) for finding in find({"Dockerfile": text})] == [
        ("Dockerfile:3", IMAGE)
    ]


def test_a_secret_that_goes_over_the_end_of_a_line_is_not_shown() -> None:
    for between in ("hun\\\nter2", "hun" + "\\\n" * 45 + "ter2", "x" * 4_990 + "\\\nter2"):
        text = f"pip install -r requirements.txt -i https://bot:{between}@host/simple \\\n -r requirements.txt\n"
        for finding in find({"x.sh": text}):
            assert "ter2" not in finding.message
            assert "hun" not in finding.message


@pytest.mark.parametrize(
    "word",
    [
        "pip install \\\n",
        "install -r ",
        "pip && -r x ",
        "pip -r",
        "\\\n",
        "pipenv ",
        "pipenv install \\\n",
        "; ",
        "pip -c",
        f"{'pip ' * 1200}requirements.txt\n",
    ],
)
@pytest.mark.parametrize("format_", ["requirements", "pipenv"])
def test_a_statement_made_to_be_slow_comes_to_an_end(word: str, format_: str) -> None:
    """Whatever takes the square of the length would take days."""
    content = ("pip pipenv requirements.txt " + word * (900_000 // len(word))).encode()
    find({"README.md": content, "Makefile": content.replace(b" ", b" \n", 40)}, format_)


def test_every_command_and_option_that_is_advised_is_one_of_poetry() -> None:
    """By Poetry itself; ``export`` is that of its plugin."""
    from poetry.console.application import Application

    sources = [*vars(old_commands).values(), *vars(leftovers).values(), *(advice for *_, advice in (*PIP, *PIPENV))]
    texts = [text for value in sources for text in (value.values() if isinstance(value, dict) else [value])]
    advised = {found for text in texts if isinstance(text, str) for found in re.findall(r"`poetry ([^`]+)`", text)}
    assert len(advised) > 15
    application = Application()
    for line in sorted(advised):
        words = [word for word in line.split() if not word.isupper()]
        if words[0] == "export":
            continue
        name = " ".join(words[:2]) if words[0] == "env" else words[0]
        options = {option.name for option in application.find(name).definition.options}
        assert {word.removeprefix("--") for word in words if word.startswith("--")} <= options, line
