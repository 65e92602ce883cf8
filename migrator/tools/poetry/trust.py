"""One TLS context for all connections that trust the same certificates; imported by the worker only.

requests has the bundle read for every connection: 20 ms each, on sixteen connections more time than all answers of a
near index together.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.exceptions import SSLError
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

if TYPE_CHECKING:
    import requests
    from poetry.utils.authenticator import Authenticator

_Verify = Callable[[Any, str, Any, Any], None]

_CONTEXT = "ssl_context"
_MAKING = threading.Lock()
_contexts: dict[tuple[str | None, str | None], ssl.SSLContext | None] = {}


def share_connections(authenticator: Authenticator, distrust: Callable[[str], Exception]) -> None:
    """From now on all threads share one session for each host, and its connections one TLS context.

    A host whose certificate nobody vouches for is an error at once, which ``distrust`` makes: to try again is in vain.
    """
    get_session = authenticator.get_session
    create_session = authenticator.create_session
    opening = threading.Lock()

    def get_one_session(url: str | None = None) -> requests.Session:
        with opening:  # two threads at once would make two, and lose the connections of one
            return get_session(url)

    def create_sharing_session() -> requests.Session:
        session = create_session()
        for adapter in {id(adapter): adapter for adapter in session.adapters.values()}.values():
            if hasattr(adapter, "cert_verify"):
                adapter.cert_verify = _sharing(adapter.cert_verify)
                adapter.send = _telling(adapter.send, distrust)  # type: ignore[method-assign]
        return session

    authenticator.get_session = get_one_session  # type: ignore[method-assign]
    authenticator.create_session = create_sharing_session  # type: ignore[method-assign]


def prepare_trust() -> None:
    """Make the context that most connections will ask for, while nobody waits for it."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    _context(*((None, bundle) if os.path.isdir(bundle) else (bundle, None)))


def _telling(send: Callable[..., requests.Response], distrust: Callable[[str], Exception]) -> Callable[..., Any]:
    def send_once(request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401 (as requests has it)
        try:
            return send(request, **options)
        except SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise
            raise distrust(urlsplit(str(request.url)).netloc.rpartition("@")[2]) from error

    return send_once


def _sharing(choose_certificates: _Verify) -> _Verify:
    """``cert_verify`` of an adapter, whose choice becomes a context that is made once."""
    chosen: dict[Any, ssl.SSLContext] = {}

    def cert_verify(pool: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401 (as requests has it)
        context = pool.conn_kw.get(_CONTEXT)
        if context is not None and context is chosen.get(verify) and not cert:
            return
        choose_certificates(pool, url, verify, cert)
        # a certificate of the user's own or a proxy with TLS has needs of its own
        if pool.scheme != "https" or not verify or cert or pool.proxy is not None:
            if context in chosen.values():
                del pool.conn_kw[_CONTEXT]
            return
        context = _context(pool.ca_certs, pool.ca_cert_dir)
        if context is not None:
            chosen[verify] = pool.conn_kw[_CONTEXT] = context
            pool.ca_certs = pool.ca_cert_dir = None

    return cert_verify


def _context(file: str | None, folder: str | None) -> ssl.SSLContext | None:
    """The context that trusts what stands there; None where it cannot be read, which urllib3 will tell."""
    with _MAKING:
        if (file, folder) not in _contexts:
            context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
            try:
                context.load_verify_locations(file, folder)
            except (OSError, TypeError):
                _contexts[file, folder] = None
            else:
                _contexts[file, folder] = context
        return _contexts[file, folder]
