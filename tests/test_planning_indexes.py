"""Which sources a project gets, and what is said about them."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.plan import credential_variables
from migrator.model.project import Dependency, Index, IndexRole, Option, Pin, Project
from migrator.model.source import FromIndex
from migrator.model.url import Url
from migrator.planning.indexes import is_public, name_indexes, plan_sources

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


# a Pipfile's sources: the first is for all that name none, a further one for those that name it


def pipenv_project(
    *indexes: tuple[str | None, str], wishes: str = "", pins: str = "", everywhere: bool = False
) -> Project:
    """Sources by name and address; each letter of ``wishes`` and ``pins`` is a package from the source of that name."""
    origin = Origin(path="Pipfile", line=1)

    def source(index: str) -> FromIndex:
        return FromIndex(index=None if index == "-" else index)

    options = (Option(option="install_search_all_sources", value="true", origin=origin),) if everywhere else ()
    return Project(
        format="pipenv",
        origin=origin,
        indexes=tuple(Index(url=Url.parse(url), role=SOURCE, name=name, origin=origin) for name, url in indexes),
        declared=tuple(
            Dependency(name=canonicalize_name(f"wish-{k}"), raw_name=f"wish-{k}", origin=origin, source=source(index))
            for k, index in enumerate(wishes)
        ),
        pins=tuple(
            Pin(name=canonicalize_name(f"pin-{k}"), raw_name="", version=None, origin=origin, source=source(index))
            for k, index in enumerate(pins)
        ),
        options=options,
    )


PIPENV = {
    "PyPI alone": (pipenv_project(("p", PUBLIC), wishes="p-", pins="p"), [], ["None", "None", "None"]),
    "PyPI at an old address": (pipenv_project(("p", "https://pypi.python.org/simple"), wishes="p"), [], ["None"]),
    "one of your own": (pipenv_project(("c", CORP), wishes="-c"), [("c", CORP, "primary")], ["None", "c"]),
    "a further one that is named": (
        pipenv_project(("p", PUBLIC), ("c", CORP), wishes="pc-"),
        [("c", CORP, "explicit")],
        ["None", "c", "None"],
    ),
    "a further one that the lock names": (
        pipenv_project(("p", PUBLIC), ("c", CORP), wishes="-", pins="c"),
        [("c", CORP, "explicit")],
        ["None", "c"],
    ),
    "a further one that nobody names": (
        pipenv_project(("p", PUBLIC), ("c", CORP), wishes="p"),
        [("c", CORP, "supplemental")],
        ["None"],
    ),
    "all are asked for everything": (
        pipenv_project(("p", PUBLIC), ("c", CORP), wishes="c", everywhere=True),
        [("c", CORP, "supplemental")],
        ["c"],
    ),
    "PyPI behind your own": (
        pipenv_project(("c", CORP), ("p", PUBLIC), wishes="pc-"),
        [("c", CORP, "primary"), ("PyPI", PUBLIC, "supplemental")],
        ["PyPI", "c", "None"],
    ),
    "two of one name": (
        pipenv_project(("c", CORP), ("c", f"{CORP}/b"), wishes="-"),
        [("c", CORP, "primary"), ("pypi-corp-example", f"{CORP}/b", "supplemental")],
        ["None"],
    ),
    "one address twice": (
        pipenv_project(("c", CORP), ("d", f"{CORP}/"), wishes="cd"),
        [("c", CORP, "primary")],
        ["c"] * 2,
    ),
    "no name": (pipenv_project((None, CORP), wishes="-"), [("pypi-corp-example", CORP, "primary")], ["None"]),
    "no source, and a name in the lock": (pipenv_project(pins="p"), [], ["None"]),
}


@pytest.mark.parametrize(("read", "planned", "names"), PIPENV.values(), ids=PIPENV)
def test_sources_of_a_pipfile(read: Project, planned: list[tuple[str, str, str]], names: list[str]) -> None:
    sources, findings = plan_sources(read)
    assert [(s.name, str(s.url), s.priority.value) for s in sources] == planned
    assert all(finding.severity is not Severity.STOP for finding in findings)
    named = name_indexes(read, sources)
    found = [*(line.source for line in named.declared), *(pin.source for pin in named.pins)]
    assert [str(source.index) for source in found if isinstance(source, FromIndex)] == names


def test_a_name_of_no_source_stops() -> None:
    _, findings = plan_sources(pipenv_project(("p", PUBLIC), wishes="px"))
    assert [(f.code, f.severity, f.message) for f in findings] == [
        (Code.UNSUPPORTED_SOURCE, Severity.STOP, "wish-1 comes from the source 'x', which is not defined")
    ]


def test_a_source_with_pypis_name_gets_another_one() -> None:
    read = pipenv_project(("PyPI", CORP), wishes="-")
    sources, findings = plan_sources(read)
    assert [source.name for source in sources] == ["pypi-corp-example"]
    assert [(f.code, f.message) for f in findings] == [
        (
            Code.SOURCE_RENAMED,
            (
                f"The source 'PyPI' ({CORP}) is called 'pypi-corp-example' in pyproject.toml: "
                "Poetry keeps the name PyPI for PyPI, and a name for one source"
            ),
        )
    ]


def test_a_variable_in_the_address_of_a_source_stops_unless_its_value_is_given() -> None:
    read = pipenv_project(("c", "https://${HOST}/simple"), wishes="c")
    _, findings = plan_sources(read)
    assert [(f.code, f.severity) for f in findings] == [(Code.VARIABLE_KEPT, Severity.STOP)]
    given = Url.parse(CORP)
    sources, findings = plan_sources(read, given)
    assert ([str(source.url) for source in sources], findings) == ([CORP], ())
    assert name_indexes(read, sources, given).declared[0].source == FromIndex(index="c")


def test_variables_in_credentials_are_told_with_those_that_poetry_reads() -> None:
    _, (finding,) = plan_sources(pipenv_project(("corp", "https://${USER}:${TOKEN}@pypi.corp.example/simple")))
    assert (finding.code, finding.message, finding.advice) == (
        Code.CREDENTIALS_REMOVED,
        (
            "The credentials in https://***@pypi.corp.example/simple are not written to pyproject.toml "
            "(they are those of TOKEN and USER)"
        ),
        (
            "Set POETRY_HTTP_BASIC_CORP_USERNAME and POETRY_HTTP_BASIC_CORP_PASSWORD, or run: poetry config "
            "http-basic.corp USER PASSWORD"
        ),
    )
