"""Private indexes: credentials come from where Poetry looks and from the address, and go nowhere."""

from __future__ import annotations

import os
from dataclasses import replace
from urllib.parse import quote

import pytest

from tests.package_index import PackageIndex, Release

from .workbench import PYTHON, REPOSITORY, Bench

USER, SECRET = "jo@example.org", "p:w/ord-7f3a%2"
NAME = "127-0-0-1"
"""What a source without a name is called after."""


@pytest.fixture
def private(index: PackageIndex) -> PackageIndex:
    index.publish(Release("priv", "1.0", requires=["leaf"]), Release("leaf", "1.0"), Release("leaf", "2.0"))
    index.change(credentials=(USER, SECRET))
    return index


def _with_poetry_variables(bench: Bench, name: str) -> Bench:
    key = name.upper().replace("-", "_")
    return replace(
        bench, environment={f"POETRY_HTTP_BASIC_{key}_USERNAME": USER, f"POETRY_HTTP_BASIC_{key}_PASSWORD": SECRET}
    )


def _with_poetry_configuration(bench: Bench, name: str) -> Bench:
    folder = bench.root / "configuration"
    folder.mkdir()
    (folder / "auth.toml").write_text(f'[http-basic.{name}]\nusername = "{USER}"\npassword = "{SECRET}"\n')
    return replace(bench, environment={"POETRY_CONFIG_DIR": str(folder)})


def _with_netrc(bench: Bench, _name: str) -> Bench:
    file = bench.root / "netrc"
    file.write_text(f"machine 127.0.0.1 login {USER} password {SECRET}\n")
    file.chmod(0o600)
    return replace(bench, environment={"NETRC": str(file)})


VAULT = f"""\
from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential

class Vault(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return None

    def set_password(self, service, username, password):
        raise NotImplementedError

    def get_credential(self, service, username):
        return SimpleCredential({USER!r}, {SECRET!r}) if "127.0.0.1" in service else None
"""
"""A keyring as others install theirs: a backend of the keyring package, which Poetry asks by the host."""


def _with_keyring(bench: Bench, _name: str) -> Bench:
    folder = bench.root / "vault"
    folder.mkdir()
    (folder / "vault.py").write_text(VAULT)
    paths = os.pathsep.join((str(REPOSITORY), str(folder)))
    backend = {"POETRY_KEYRING_ENABLED": "true", "PYTHON_KEYRING_BACKEND": "vault.Vault"}
    return replace(bench, environment={"PYTHONPATH": paths, **backend})


WAYS = {
    "POETRY_HTTP_BASIC variables": _with_poetry_variables,
    "Poetry's auth.toml": _with_poetry_configuration,
    "netrc": _with_netrc,
    "a keyring": _with_keyring,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("named", [True, False], ids=["a source of the project", "transport only"])
def test_poetrys_own_ways_open_the_door(way: object, named: bool, bench: Bench, private: PackageIndex) -> None:
    assert callable(way)
    bench = way(bench, NAME if named else "PyPI")
    before = "".join(path.read_text() for path in bench.root.glob("*") if path.is_file())
    line = f"--index-url {private.simple_url}\n" if named else ""
    bench.write({"requirements.txt": f"{line}priv==1.0\nleaf==1.0\n"})
    ran = bench.migrate(*PYTHON, "--report", "report.md", *([] if named else ["--index-url", private.simple_url]))
    assert (ran.status, ran.stops) == (0, [])
    assert bench.pins == ["leaf 1.0", "priv 1.0"]
    assert {request.user for request in private.log if request.status == 200} == {USER}
    assert "".join(path.read_text() for path in bench.root.glob("*") if path.is_file()) == before
    for path in ("requirements.txt", "pyproject.toml", "poetry.lock", "report.md"):
        _assert_silent((bench.app / path).read_text())
    _assert_silent(ran.out + ran.err)
    _assert_silent_cache(bench)


@pytest.mark.parametrize("json_report", [True, False], ids=["json", "text"])
def test_credentials_in_a_requirements_file_are_used_and_written_nowhere(
    json_report: bool, bench: Bench, private: PackageIndex
) -> None:
    bench.write({"requirements.txt": f"--index-url {private.simple_url_with_credentials}\npriv==1.0\nleaf==1.0\n"})
    ran = bench.migrate(*PYTHON, "--report", "report.md", "--report", "report.json", json_report=json_report)
    assert (ran.status, bench.pins) == (0, ["leaf 1.0", "priv 1.0"])
    if json_report:
        assert ran.told("credentials-removed") == [
            (
                "credentials-removed",
                "review",
                f"The credentials in {private.simple_url.replace('//', '//***@')} are not written to pyproject.toml",
            )
        ]
    for path in ("pyproject.toml", "poetry.lock", "report.md", "report.json"):
        _assert_silent((bench.app / path).read_text())
    _assert_silent(ran.out + ran.err)
    _assert_silent_cache(bench)
    assert bench.pyproject["tool"]["poetry"]["source"][0]["url"] == private.simple_url


@pytest.mark.parametrize("is_set", [True, False], ids=["set", "not set"])
def test_variables_in_the_credentials_are_those_of_the_environment(
    is_set: bool, bench: Bench, private: PackageIndex
) -> None:
    """As in pip; nothing else is expanded, and no value is written."""
    bench = replace(bench, environment={"CORP_USER": USER, "CORP_TOKEN": SECRET} if is_set else {})
    url = private.simple_url.replace("//", "//${CORP_USER}:${CORP_TOKEN}@")
    bench.write({"requirements.txt": f"--index-url {url}\npriv==1.0\nleaf==1.0\n"})
    ran = bench.migrate(*PYTHON, "--report", "report.md")
    if not is_set:
        assert (ran.status, "refused access (HTTP 401)" in ran.err) == (1, True)
        return
    assert (ran.status, bench.pins) == (0, ["leaf 1.0", "priv 1.0"])
    for path in ("pyproject.toml", "poetry.lock", "report.md"):
        _assert_silent((bench.app / path).read_text())
    _assert_silent(ran.out + ran.err)


def test_credentials_of_the_transport_are_used_and_written_nowhere(bench: Bench, private: PackageIndex) -> None:
    bench.write({"requirements.txt": "priv==1.0\nleaf==1.0\n"})
    ran = bench.migrate(*PYTHON, "--index-url", private.simple_url_with_credentials, "--report", "report.md")
    assert (ran.status, bench.pins) == (0, ["leaf 1.0", "priv 1.0"])
    for path in ("pyproject.toml", "poetry.lock", "report.md"):
        _assert_silent((bench.app / path).read_text())
    _assert_silent(ran.out + ran.err)
    _assert_silent_cache(bench)
    assert "source" not in bench.packages[0]


def test_what_poetry_is_configured_with_weighs_more_than_the_address(bench: Bench, private: PackageIndex) -> None:
    bench = _with_poetry_configuration(bench, NAME)
    stale = private.simple_url.replace("//", "//old:stale@")
    bench.write({"requirements.txt": f"--index-url {stale}\npriv==1.0\nleaf==1.0\n"})
    assert bench.migrate(*PYTHON).status == 0


@pytest.mark.parametrize("wrong", [True, False], ids=["wrong credentials", "no credentials"])
def test_refused_access_is_said_as_such(wrong: bool, bench: Bench, private: PackageIndex) -> None:
    url = private.simple_url.replace("//", f"//{USER.replace('@', '%40')}:stale@") if wrong else private.simple_url
    bench.write({"requirements.txt": f"--index-url {url}\npriv==1.0\n"})
    before = bench.snapshot()
    ran = bench.migrate(*PYTHON)
    assert (ran.status, ran.out, ran.err) == (
        1,
        "",
        (
            f"migrate: The package index {NAME} ({private.simple_url}) refused access (HTTP 401): set "
            "POETRY_HTTP_BASIC_127_0_0_1_USERNAME and POETRY_HTTP_BASIC_127_0_0_1_PASSWORD, or run: "
            "poetry config http-basic.127-0-0-1 USER PASSWORD\n"
        ),
    )
    assert bench.snapshot() == before


def test_a_failure_of_the_index_shows_no_credentials(bench: Bench, private: PackageIndex) -> None:
    url = private.simple_url_with_credentials.replace("/simple", "/nothing")
    bench.write({"requirements.txt": f"--index-url {url}\npriv==1.0\n"})
    ran = bench.migrate(*PYTHON)
    assert ran.status == 1
    _assert_silent(ran.out + ran.err)


def _assert_silent(text: str) -> None:
    for secret in (SECRET, quote(SECRET, safe=""), USER, quote(USER, safe="")):
        assert secret not in text


def _assert_silent_cache(bench: Bench) -> None:
    """Poetry's cache is a file too."""
    for path in (bench.root / "cache").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content
            assert quote(SECRET, safe="").encode() not in content
