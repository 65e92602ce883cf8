"""An index with TLS: who vouches for it is asked of pip's and Poetry's settings, on every connection."""

from __future__ import annotations

import datetime as dt
import ipaddress
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.package_index import PackageIndex, Release, serve

from .workbench import PYTHON, Bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Poetry brings cryptography along on Linux only")

NAMES = [f"pkg{number:02}" for number in range(20)]
SOURCE = "127-0-0-1"
"""What a source without a name is called after."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file; whoever trusts the file trusts the index."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "package index")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    place = tmp_path_factory.mktemp("certificate") / "index.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return place


@pytest.fixture
def index(certificate: Path) -> Iterator[PackageIndex]:
    with serve((Release(name, "1.0") for name in NAMES), certificate=certificate) as running:
        yield running


@pytest.fixture
def bench(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Nobody vouches for the index: what this machine says of its own is not for tests."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return bench


WAYS = {
    "REQUESTS_CA_BUNDLE": {"REQUESTS_CA_BUNDLE": "{file}"},
    "pip's own variable": {"PIP_CERT": "{file}"},
    "a certificate of Poetry's configuration": {"POETRY_CONFIG_DIR": "{file}"},
    "no verification in Poetry's configuration": {"POETRY_CONFIG_DIR": "false"},
}


@pytest.mark.parametrize("way", WAYS, ids=WAYS)
def test_the_index_is_trusted_where_somebody_vouches_for_it(
    way: str, bench: Bench, index: PackageIndex, certificate: Path
) -> None:
    said = {name: value.format(file=certificate) for name, value in WAYS[way].items()}
    if (cert := said.get("POETRY_CONFIG_DIR")) is not None:
        folder = bench.root / "configuration"
        folder.mkdir()
        value = "false" if cert == "false" else f'"{cert}"'
        (folder / "config.toml").write_text(f"[certificates.{SOURCE}]\ncert = {value}\n")
        said["POETRY_CONFIG_DIR"] = str(folder)
    index.change(latency=0.02)
    bench.write({"requirements.txt": f"--index-url {index.simple_url}\n" + "".join(f"{n}==1.0\n" for n in NAMES)})
    ran = replace(bench, environment=said).migrate(*PYTHON)
    assert (ran.status, ran.stops, bench.pins) == (0, [], [f"{name} 1.0" for name in NAMES])
    assert index.max_concurrency > 1


@pytest.mark.parametrize("named", [True, False], ids=["a source of the project", "transport only"])
def test_an_index_that_nobody_vouches_for_is_one_sentence(named: bool, bench: Bench, index: PackageIndex) -> None:
    line = f"--index-url {index.simple_url}\n" if named else ""
    bench.write({"requirements.txt": f"{line}pkg00==1.0\n"})
    before = bench.snapshot()
    ran = bench.migrate(*PYTHON, *([] if named else ["--index-url", index.simple_url]), json_report=False)
    assert (ran.status, ran.out, ran.err) == (
        1,
        "",
        (
            f"migrate: The certificate of {index.url.removeprefix('https://')} is signed by nobody who is trusted "
            "here: name the file of those who are in REQUESTS_CA_BUNDLE, then try again\n"
        ),
    )
    assert bench.snapshot() == before
    assert index.log == ()


def test_a_bundle_that_is_none_is_one_sentence(bench: Bench, index: PackageIndex) -> None:
    bench.write({"requirements.txt": "pkg00==1.0\n", "bundle.pem": "this is no certificate\n"})
    told = replace(bench, environment={"REQUESTS_CA_BUNDLE": str(bench.app / "bundle.pem")})
    ran = told.migrate(*PYTHON, "--index-url", index.simple_url, json_report=False)
    assert ran.status == 1
    assert ran.err.startswith("migrate: The package index PyPI (https://127.0.0.1:")
    assert ran.err.count("\n") == 1


def test_all_connections_share_one_context_where_they_trust_the_same(certificate: Path, bench: Bench) -> None:
    """A client's certificate, or no verification at all, is left to the connection itself."""
    import requests
    from poetry.config.config import Config
    from poetry.utils.authenticator import Authenticator

    from migrator.tools.poetry.trust import share_connections

    authenticator = Authenticator(Config(), disable_cache=True)
    share_connections(authenticator, RuntimeError)
    session = authenticator.get_session("https://one.example/simple/")
    assert authenticator.get_session("https://one.example/other/") is session
    trusted = str(certificate)

    def choose(url: str, verify: object, cert: str | None = None) -> tuple[object, object, object]:
        adapter: Any = session.get_adapter(url)
        request = requests.Request("GET", url).prepare()
        pool = adapter.get_connection_with_tls_context(request, verify, cert=cert)
        for _ in range(2):  # each request asks again
            adapter.cert_verify(pool, url, verify, cert)
        return pool.conn_kw.get("ssl_context"), pool.ca_certs, pool.cert_reqs

    (context, *rest) = choose("https://one.example/simple/", trusted)
    assert context is not None
    assert rest == [None, "CERT_REQUIRED"]
    assert choose("https://two.example/simple/", trusted)[0] is context
    assert choose("https://one.example/simple/", True)[0] not in {None, context}
    assert choose("https://one.example/simple/", trusted, trusted) == (None, trusted, "CERT_REQUIRED")
    assert choose("https://one.example/simple/", False) == (None, None, "CERT_NONE")
    assert choose("http://one.example/simple/", trusted)[0] is None
    broken = bench.root / "broken.pem"
    broken.write_text("nothing\n")
    assert choose("https://one.example/simple/", str(broken)) == (None, str(broken), "CERT_REQUIRED")
