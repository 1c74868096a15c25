"""Connections that go only where the address guard allows, and answers that are complete or an error.

The host's name is resolved once per connection, the answer is checked, and exactly those addresses are dialled, so a
name that changes between check and use (DNS rebinding) gains nothing; Host header, SNI and certificate check keep the
name. Every read is bounded by the time left for the whole answer, every body by the size limit, before and after
decompression, and a body shorter than announced is an error.
"""

from __future__ import annotations

import functools
import gzip
import http.client
import io
import socket
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from extractor.errors import FetchError, TooLarge
from extractor.sources.addresses import AddressGuard
from extractor.sources.redact import redact_url

_CHUNK = 65_536


class IncompleteAnswer(Exception):
    """The body is shorter than announced, or its compression is cut or damaged. Worth another try."""


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, each read waiting no longer than the time left for the whole answer."""

    def __init__(self, sock: socket.socket, deadline: float, read_timeout: float | None) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)  # keeps the socket open as long as the answer is read
        self._deadline = deadline
        self._read_timeout = read_timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._sock.settimeout(left if self._read_timeout is None else min(left, self._read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """Status line, headers and body all count against the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock, deadline, sock.gettimeout()), _CHUNK)


class _Guarded:
    """What the two connection classes share. `guard` and `deadline_seconds` are set by the pool."""

    guard: AddressGuard = AddressGuard()
    deadline_seconds: float = 120.0

    def _new_conn(self: Any) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]  # the user's own proxy, wherever it stands
        try:
            infos = self.guard.resolve(self._dns_host, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except OSError as error:
            raise NewConnectionError(self, f"cannot resolve the host name: {error}") from error
        failure: OSError | None = None
        for info in infos:
            try:
                return create_connection(
                    (info[4][0], info[4][1]),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection to {self.host} in {self.timeout} s")
        raise NewConnectionError(self, f"no connection to {self.host}: {failure}")

    def getresponse(self: Any) -> Any:
        deadline = time.monotonic() + self.deadline_seconds
        setattr(self, "response_class", functools.partial(_DeadlineResponse, deadline=deadline))  # noqa: B010
        return super().getresponse()  # type: ignore[misc]


class GuardedHTTPConnection(_Guarded, HTTPConnection):
    """Plain HTTP."""


class GuardedHTTPSConnection(_Guarded, HTTPSConnection):
    """HTTP over TLS, the certificate checked against the host's name."""


class _GuardedPool:
    guard: AddressGuard
    deadline_seconds: float

    def _new_conn(self: Any) -> Any:
        connection = super()._new_conn()  # type: ignore[misc]
        connection.guard = self.guard
        connection.deadline_seconds = self.deadline_seconds
        return connection


class GuardedHTTPConnectionPool(_GuardedPool, HTTPConnectionPool):
    """Connections to one host by http."""

    ConnectionCls = GuardedHTTPConnection


class GuardedHTTPSConnectionPool(_GuardedPool, HTTPSConnectionPool):
    """Connections to one host by https."""

    ConnectionCls = GuardedHTTPSConnection


class GuardedAdapter(HTTPAdapter):
    """Sends one request when `before_send(host)` returns, and reads its answer whole, within the limits.

    The `Response` it returns has its body read and decompressed. Raises `PrivateAddress` and `TooLarge` of ours,
    `IncompleteAnswer`, and the exceptions of `requests` for everything else.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        max_bytes: int,
        deadline_seconds: float,
        connections: int,
        before_send: Callable[[str], None],
    ) -> None:
        self._guard = guard
        self._max_bytes = max_bytes
        self._deadline_seconds = deadline_seconds
        self._before_send = before_send
        super().__init__(pool_connections=32, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pool_classes()
        return manager

    def _pool_classes(self) -> dict[str, Any]:
        return {
            scheme: type(pool.__name__, (pool,), {"guard": self._guard, "deadline_seconds": self._deadline_seconds})
            for scheme, pool in (("http", GuardedHTTPConnectionPool), ("https", GuardedHTTPSConnectionPool))
        }

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = str(request.url)
        host = self._guard.check_url(url)
        if select_proxy(url, dict(proxies or {})):
            self._guard.check_behind_proxy(host, urlsplit(url).port or (443 if url.startswith("https") else 80))
        self._before_send(host)
        response = super().send(request, True, timeout, verify, cert, dict(proxies or {}))
        try:
            body = decompress(self._read(response), response.headers.get("Content-Encoding", ""), self._max_bytes, url)
        except BaseException:
            response.close()
            raise
        response._content = body
        response._content_consumed = True  # type: ignore[attr-defined]
        response.raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers={name: value for name, value in response.headers.items() if name.lower() != "content-encoding"},
            status=response.status_code,
            reason=response.reason,
            preload_content=False,
            decode_content=False,
            enforce_content_length=False,
            request_url=url,
        )
        return response

    def _read(self, response: requests.Response) -> bytes:
        """The body as sent. Counted here as well as by urllib3, which sees nothing of a replayed answer's length."""
        url = str(response.url)
        announced = response.headers.get("Content-Length", "")
        bodiless = response.status_code in (204, 304) or response.request.method == "HEAD"
        length = int(announced) if announced.isdecimal() and not bodiless else None
        if length is not None and length > self._max_bytes:
            raise TooLarge(f"{redact_url(url)} is {length:,} bytes; the limit is {self._max_bytes:,} (--max-bytes)")
        body = bytearray()
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                body += chunk
                if len(body) > self._max_bytes:
                    raise TooLarge(f"{redact_url(url)} goes over the limit of {self._max_bytes:,} bytes (--max-bytes)")
        except urllib3.exceptions.ReadTimeoutError as error:
            raise requests.ReadTimeout(str(error), request=response.request) from None
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise IncompleteAnswer(f"the answer broke off after {len(body):,} bytes ({type(error).__name__})") from None
        if length is not None and len(body) < length:
            raise IncompleteAnswer(f"the answer broke off after {len(body):,} of {length:,} bytes")
        return bytes(body)


def decompress(body: bytes, encoding: str, max_bytes: int, url: str) -> bytes:
    """`body` with its Content-Encoding undone: gzip, the only one asked for, or none.

    Raises `TooLarge` if it unpacks to more than `max_bytes`, `IncompleteAnswer` if it is cut or damaged,
    `FetchError` for another encoding.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity") or not body:
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise FetchError(f"{redact_url(url)} answers in the compression {encoding!r}, which was not asked for")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as unpacked:
            content = unpacked.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IncompleteAnswer(f"the gzip of the answer is cut or damaged ({error})") from None
    if len(content) > max_bytes:
        raise TooLarge(f"{redact_url(url)} unpacks to more than the limit of {max_bytes:,} bytes (--max-bytes)")
    return content
