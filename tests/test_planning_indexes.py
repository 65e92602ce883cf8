"""Which sources a project gets, and what is said about them."""

from __future__ import annotations

import pytest

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.plan import credential_variables
from migrator.model.project import Index, IndexRole, Project
from migrator.model.url import Url
from migrator.planning.indexes import is_public, plan_sources

INDEX, EXTRA, LINKS, SOURCE = IndexRole.INDEX, IndexRole.EXTRA, IndexRole.FIND_LINKS, IndexRole.SOURCE
CORP = "https://pypi.corp.example/simple"
PUBLIC = "https://pypi.org/simple"


def project(*indexes: tuple[IndexRole, str] | tuple[IndexRole, str, str]) -> Project:
    origin = Origin(path="requirements.txt", line=1)
    return Project(
        format="requirements",
        origin=origin,
        indexes=tuple(
            Index(url=Url.parse(url), role=role, name=name[0] if name else None, origin=origin)
            for role, url, *name in indexes
        ),
    )


@pytest.mark.parametrize(
    ("indexes", "planned"),
    [
        ((), []),
        (((INDEX, PUBLIC),), []),
        (((INDEX, "https://pypi.python.org/simple/"),), []),
        (((LINKS, "https://corp.example/wheels.html"),), []),
        (((INDEX, CORP),), [("pypi-corp-example", CORP, "primary")]),
        (((EXTRA, CORP),), [("pypi-corp-example", CORP, "supplemental")]),
        (((INDEX, PUBLIC), (EXTRA, CORP)), [("pypi-corp-example", CORP, "supplemental")]),
        (
            ((INDEX, CORP), (EXTRA, PUBLIC)),
            [("pypi-corp-example", CORP, "primary"), ("PyPI", PUBLIC, "supplemental")],
        ),
        (((EXTRA, CORP), (EXTRA, f"{CORP}/")), [("pypi-corp-example", CORP, "supplemental")]),
        (
            ((EXTRA, f"{CORP}/a"), (EXTRA, f"{CORP}/b")),
            [("pypi-corp-example", f"{CORP}/a", "supplemental"), ("pypi-corp-example-2", f"{CORP}/b", "supplemental")],
        ),
        (((SOURCE, CORP, "corp"),), [("corp", CORP, "primary")]),
        (((INDEX, "http://10.0.0.1:8080/simple"),), [("10-0-0-1", "http://10.0.0.1:8080/simple", "primary")]),
    ],
)
def test_sources(indexes: tuple[tuple[IndexRole, str], ...], planned: list[tuple[str, str, str]]) -> None:
    sources, _ = plan_sources(project(*indexes))
    assert [(s.name, str(s.url), s.priority.value) for s in sources] == planned


CONFUSION = (
    Code.DEPENDENCY_CONFUSION,
    Severity.REVIEW,
    (
        "pip takes the best version from every index, so whoever registers a private name on another one decides "
        "what is installed; Poetry asks pypi-corp-example only for what the first index lacks"
    ),
    'Mark private packages with source = "pypi-corp-example" and give that source the priority "explicit"',
)
VARIABLES = (
    "Set POETRY_HTTP_BASIC_PYPI_CORP_EXAMPLE_USERNAME and POETRY_HTTP_BASIC_PYPI_CORP_EXAMPLE_PASSWORD, or run: "
    "poetry config http-basic.pypi-corp-example USER PASSWORD"
)


@pytest.mark.parametrize(
    ("index", "override", "told"),
    [
        ((INDEX, PUBLIC), None, []),
        ((INDEX, CORP), None, []),
        ((EXTRA, CORP), None, [CONFUSION]),
        (
            (LINKS, "./wheels"),
            None,
            [
                (
                    Code.OPTION_NOT_CARRIED,
                    Severity.REVIEW,
                    "Poetry looks for no packages in ./wheels (--find-links)",
                    "Depend on each file that comes from there by its own path or address, or serve them as an index",
                )
            ],
        ),
        (
            (INDEX, "https://jo:secret@pypi.corp.example/simple"),
            None,
            [
                (
                    Code.CREDENTIALS_REMOVED,
                    Severity.REVIEW,
                    "The credentials in https://***@pypi.corp.example/simple are not written to pyproject.toml",
                    VARIABLES,
                )
            ],
        ),
        (
            (INDEX, "https://${CORP_USER}:${CORP_TOKEN}@pypi.corp.example/simple"),
            None,
            [
                (
                    Code.CREDENTIALS_REMOVED,
                    Severity.REVIEW,
                    (
                        "The credentials in https://***@pypi.corp.example/simple are not written to pyproject.toml "
                        "(they are those of CORP_TOKEN and CORP_USER)"
                    ),
                    VARIABLES,
                )
            ],
        ),
        (
            (INDEX, "https://${CORP_HOST}/simple"),
            None,
            [
                (
                    Code.VARIABLE_KEPT,
                    Severity.STOP,
                    (
                        "The address https://${CORP_HOST}/simple holds the variable CORP_HOST, "
                        "and Poetry expands none in an address"
                    ),
                    "Give the address with --index-url URL",
                )
            ],
        ),
    ],
)
def test_what_is_told(
    index: tuple[IndexRole, str], override: str | None, told: list[tuple[Code, Severity, str, str]]
) -> None:
    _, findings = plan_sources(project(index), Url.parse(override) if override else None)
    assert [(f.code, f.severity, f.message, f.advice) for f in findings] == told


def test_an_address_with_a_variable_is_replaced_by_the_one_that_was_asked_for() -> None:
    sources, findings = plan_sources(project((INDEX, "https://${CORP_HOST}/simple")), Url.parse(CORP))
    assert ([(s.name, str(s.url)) for s in sources], findings) == ([("pypi-corp-example", CORP)], ())


@pytest.mark.parametrize(
    ("url", "public"),
    [(PUBLIC, True), ("https://pypi.python.org/pypi", True), (CORP, False), ("https://pypi.org.example/simple", False)],
)
def test_pypi_under_its_old_addresses(url: str, public: bool) -> None:
    assert is_public(Url.parse(url)) is public


@pytest.mark.parametrize(("name", "key"), [("corp", "CORP"), ("my-corp", "MY_CORP"), ("PyPI", "PYPI"), ("a.b", "A.B")])
def test_the_variables_are_those_that_poetry_reads(name: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from poetry.config.config import Config

    user, password = credential_variables(name)
    assert (user, password) == (f"POETRY_HTTP_BASIC_{key}_USERNAME", f"POETRY_HTTP_BASIC_{key}_PASSWORD")
    monkeypatch.setenv(user, "jo")
    monkeypatch.setenv(password, "secret")
    config = Config()
    assert [config.get(["http-basic", name, each]) for each in ("username", "password")] == ["jo", "secret"]
