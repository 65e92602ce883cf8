"""The index over HTTP, in threads of this process."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import os
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote, urlsplit

from packaging.utils import canonicalize_name

from .behaviour import Behaviour, BehaviourOptions, Failure
from .catalogue import Catalogue
from .release import Release
from .routes import Answer, answer, part, text, unchanged
from .traffic import Request, Traffic

HOST = "127.0.0.1"
LOG_PATH = "/-/log"
"""GET: the log as JSON; DELETE: clear it. For an index in a process of its own; never logged."""


class PackageIndex:
    """A running index. Everything here may be called from any thread."""

    def __init__(
        self,
        releases: Iterable[Release] = (),
        *,
        port: int = 0,
        certificate: Path | None = None,
        **options: Unpack[BehaviourOptions],
    ) -> None:
        """With ``certificate``, a PEM file of a certificate and its key, over TLS."""
        self._scheme = "https" if certificate else "http"
        self.catalogue = Catalogue(releases)
        self.traffic = Traffic()
        self._behaviour = Behaviour(**options)
        self._server = _Server((HOST, port), self)
        if certificate:
            self._server.speak_tls(certificate)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="package index", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._server.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.cut_connections()

    @property
    def url(self) -> str:
        """The root, without a slash at the end."""
        return f"{self._scheme}://{HOST}:{self._server.server_address[1]}"

    @property
    def simple_url(self) -> str:
        """What goes after `--index-url`."""
        return f"{self.url}/simple"

    @property
    def simple_url_with_credentials(self) -> str:
        """The same with user and password in it, when the index wants them."""
        if self.behaviour.credentials is None:
            return self.simple_url
        user, password = (quote(word, safe="") for word in self.behaviour.credentials)
        return self.simple_url.replace("//", f"//{user}:{password}@", 1)

    @property
    def behaviour(self) -> Behaviour:
        """How the index behaves now."""
        return self._behaviour

    def change(self, **options: Unpack[BehaviourOptions]) -> None:
        """Behave otherwise from the next request on; failures count from here."""
        self._behaviour = dataclasses.replace(self._behaviour, **options)
        if "failures" in options or "down_after" in options:
            self.traffic.forget_failures()

    def publish(self, *releases: Release) -> None:
        """Add or replace releases."""
        self.catalogue.publish(*releases)

    def withdraw(self, name: str, version: str | None = None) -> None:
        """Remove one version, or all of them."""
        self.catalogue.withdraw(name, version)

    @property
    def log(self) -> tuple[Request, ...]:
        """The requests so far."""
        return self.traffic.log

    @property
    def max_concurrency(self) -> int:
        """The most requests that were under way at one time."""
        return self.traffic.peak

    def clear_log(self) -> None:
        """Forget the log and the concurrency."""
        self.traffic.clear()

    def hashes(self, name: str, version: str, algorithm: str = "sha256") -> tuple[str, ...]:
        """`sha256:…` of each file of a release: wheels as declared, then the sdist."""
        files = self.catalogue.files(name, version)
        if not files:
            raise KeyError(f"{name} {version}")
        return tuple(f"{algorithm}:{file.digests[algorithm]}" for file in files)

    def requirements_line(self, name: str, version: str) -> str:
        """A pin with all its hashes, as pip-compile writes it (a backslash ends each line)."""
        hashes = sorted(self.hashes(name, version))
        lines = [
            f"{canonicalize_name(name)}=={version}",
            *(f"    --hash={each}" for each in hashes),
        ]
        return " \\\n".join(lines) + "\n"


@contextmanager
def serve(
    releases: Iterable[Release] = (),
    *,
    port: int = 0,
    certificate: Path | None = None,
    **options: Unpack[BehaviourOptions],
) -> Iterator[PackageIndex]:
    """An index that runs as long as the block does."""
    index = PackageIndex(releases, port=port, certificate=certificate, **options)
    try:
        yield index
    finally:
        index.close()


class _Server(ThreadingHTTPServer):
    """Threads that do not outlive the index, and connections that can be cut."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], index: PackageIndex) -> None:
        self.index = index
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._abrupt: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__(address, _Handler)

    def speak_tls(self, certificate: Path) -> None:
        """From now on; a handshake is part of the first read, so that none keeps others waiting."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
            abrupt = request in self._abrupt
            self._abrupt.discard(request)
        if abrupt:  # a polite shutdown would send the end of the stream before the reset
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def reset(self, connection: socket.socket) -> None:
        """Let the connection end with a reset when its handler is done."""
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        with self._connections_lock:
            self._abrupt.add(connection)

    def cut_connections(self) -> None:
        """End connections that clients keep open."""
        with self._connections_lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is a mistake of ours."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, waits, fails, or answers."""

    protocol_version = "HTTP/1.1"
    server_version = "PackageIndex"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        if urlsplit(self.path).path == LOG_PATH:
            self._send(self._log_page())
            return
        with self.server.index.traffic.under_way():
            self._respond()
            self.wfile.flush()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        if urlsplit(self.path).path == LOG_PATH:
            self.server.index.clear_log()
            self._send(Answer(status=204))
        else:
            self._send(text(405, "Only the log can be deleted"))

    def log_message(self, *_words: object) -> None:
        """Nothing: the index has a log of its own."""

    def _respond(self) -> None:
        index = self.server.index
        behaviour = index.behaviour
        path = urlsplit(self.path).path
        failure = index.traffic.failure(path, behaviour)
        self._wait(behaviour.latency)
        if failure is not None and failure.kind == "reset":
            self._record(None)
            self.server.reset(self.connection)
            self.close_connection = True
        elif failure is not None and failure.kind == "status":
            self._finish(_failed(failure))
        else:
            if failure is not None:
                self._wait(failure.seconds)
            self._finish(self._answer(path, behaviour), failure)

    def _answer(self, path: str, behaviour: Behaviour) -> Answer:
        if behaviour.credentials is not None and self._shown() != behaviour.credentials:
            challenge = {"WWW-Authenticate": 'Basic realm="package index"'}
            return text(401, "Authentication required", challenge)
        index = self.server.index
        accept = self.headers.get("Accept", "")
        found = answer(path, catalogue=index.catalogue, behaviour=behaviour, base=index.url, accept=accept)
        found = unchanged(found, self.headers.get("If-None-Match"))
        return part(found, self.headers.get("Range"))

    def _finish(self, found: Answer, failure: Failure | None = None) -> None:
        """Log first: a client that has the answer must find its request in the log."""
        self._record(found.status)
        truncated = failure is not None and failure.kind == "truncated"
        self._send(found, truncated=truncated)

    def _send(self, found: Answer, *, truncated: bool = False) -> None:
        self.send_response(found.status)
        for key, value in found.headers.items():
            self.send_header(key, value)
        if found.status not in {204, 304}:
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        body = found.body[: len(found.body) // 2] if truncated else found.body
        if self.command != "HEAD":
            self.wfile.write(body)
        if truncated:
            self.close_connection = True

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.server.stopping.wait(seconds)

    def _record(self, status: int | None) -> None:
        shown = self._shown()
        self.server.index.traffic.record(
            Request(
                self.command,
                urlsplit(self.path).path,
                status,
                range=self.headers.get("Range"),
                user=None if shown is None else shown[0],
                user_agent=self.headers.get("User-Agent"),
            )
        )

    def _shown(self) -> tuple[str, str] | None:
        """The user and password that came with the request."""
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user, password

    def _log_page(self) -> Answer:
        index = self.server.index
        requests = [dataclasses.asdict(request) for request in index.log]
        page = {"max_concurrency": index.max_concurrency, "requests": requests}
        return Answer(body=json.dumps(page).encode(), headers={"Content-Type": "application/json"})


def _failed(failure: Failure) -> Answer:
    headers = {}
    if failure.retry_after is not None:
        headers["Retry-After"] = f"{failure.retry_after:g}"
    return text(failure.status, "This request was told to fail", headers)
