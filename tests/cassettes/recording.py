"""How the client's connections are recorded in cassettes, and played from them.

vcrpy replaces the connection classes of the client's own pools. Two things that a cassette cannot hold as they are get
a place in it: a body cut short keeps the length it announced, and a timeout or reset is written as the status 598 or
597, which the playing connection turns back into the error.
"""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path
from typing import Any

import vcr
from urllib3.util.connection import create_connection
from vcr.stubs.requests_stubs import VCRRequestsHTTPConnection, VCRRequestsHTTPSConnection

from extractor.sources import connections

FOLDER = Path(__file__).parent
MODE = os.environ.get("EXTRACTOR_RECORD", "none")
"""none: play only, and fail on any other request. local: record from the local server. real: from the services."""
_TIMEOUT, _RESET = 598, 597
_plain_getresponse = http.client.HTTPConnection.getresponse  # vcrpy replaces the class later


class _Recorded:
    """An answer in the shape that vcrpy writes down."""

    def __init__(self, status: int, reason: str, headers: Any, body: bytes) -> None:
        self.status, self.reason, self.headers, self.data, self.msg = status, reason, headers, body, None


class _LocalConnection(connections.GuardedHTTPConnection):
    """Dials the local server, whatever the host, and without TLS."""

    port_of_server = 0

    def __init__(
        self, host: str, port: int | None = None, *, timeout: Any = None, blocksize: int = 16384, **_: Any
    ) -> None:
        super().__init__(host, port, timeout=timeout, blocksize=blocksize)

    def _new_conn(self) -> socket.socket:
        return create_connection(("127.0.0.1", self.port_of_server), self.timeout)

    def getresponse(self) -> Any:
        try:
            response = _plain_getresponse(self)
            try:
                body = response.read()
            except http.client.IncompleteRead as cut:
                body = cut.partial
            return _Recorded(response.status, response.reason, response.headers, body)
        except TimeoutError:
            return _Recorded(_TIMEOUT, "Recorded Timeout", http.client.HTTPMessage(), b"")
        except (ConnectionError, http.client.HTTPException):
            return _Recorded(_RESET, "Recorded Reset", http.client.HTTPMessage(), b"")
        finally:
            self.close()


class _Playing:
    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        response = super().getresponse(*args, **kwargs)  # type: ignore[misc]
        if response.status == _TIMEOUT:
            raise TimeoutError("recorded timeout")
        if response.status == _RESET:
            raise ConnectionResetError("recorded reset")
        return response


class _PlayedHTTP(_Playing, VCRRequestsHTTPConnection):
    _baseclass = connections.GuardedHTTPConnection


class _PlayedHTTPS(_Playing, VCRRequestsHTTPSConnection):
    _baseclass = connections.GuardedHTTPSConnection


class _LocalHTTP(_Playing, VCRRequestsHTTPConnection):
    _baseclass = _LocalConnection


class _LocalHTTPS(_Playing, VCRRequestsHTTPSConnection):
    _baseclass = _LocalConnection


def cassette(name: str, port: int | None = None) -> Any:
    """The cassette `name`.yaml as a context manager; `port` of the local server if it is to be recorded from there."""
    path = FOLDER / f"{name}.yaml"
    if MODE != "none":
        path.unlink(missing_ok=True)
    _LocalConnection.port_of_server = port or 0
    http_class, https_class = (_LocalHTTP, _LocalHTTPS) if MODE == "local" else (_PlayedHTTP, _PlayedHTTPS)
    recorder = vcr.VCR(
        record_mode=vcr.mode.NONE if MODE == "none" else vcr.mode.ALL,
        match_on=("method", "scheme", "host", "port", "path", "query", "body"),
        filter_headers=["Authorization", "Proxy-Authorization", "Cookie", "User-Agent"],
        filter_query_parameters=["api_key", "email"],
        filter_post_data_parameters=["api_key", "email"],
        custom_patches=(
            (connections.GuardedHTTPConnectionPool, "ConnectionCls", http_class),
            (connections.GuardedHTTPSConnectionPool, "ConnectionCls", https_class),
        ),
    )
    return recorder.use_cassette(str(path))
