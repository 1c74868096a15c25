"""The guard and the limits on real sockets of this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from extractor.errors import BadAnswer, FetchError, PrivateAddress, TooLarge, Unreachable
from extractor.sources import connections
from extractor.sources.http import PoliteClient

MakeClient = Callable[..., PoliteClient]
PUBLIC = "93.184.216.34"


class Names:
    """A resolver whose answers change from one time to the next, and the addresses that were then dialled."""

    def __init__(self, **answers: list[str]) -> None:
        self._answers = {name.replace("_", "."): addresses for name, addresses in answers.items()}
        self.asked: list[str] = []
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> list[Any]:
        self.asked.append(host)
        addresses = self._answers[host]
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture
def dial(monkeypatch: pytest.MonkeyPatch) -> Callable[[Names, int], None]:
    """Lets the public test address stand for the local server, and notes what is dialled."""

    def install(names: Names, port: int) -> None:
        real = connections.create_connection

        def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
            names.dialled.append(address[0])
            assert address[0] == PUBLIC, f"dialled {address[0]}"
            return real(("127.0.0.1", port), *args, **kwargs)

        monkeypatch.setattr(connections, "create_connection", create_connection)

    return install


def test_rebinding_dials_the_address_that_was_checked(
    make_client: MakeClient, services: ModuleType, dial: Callable[[Names, int], None]
) -> None:
    names = Names(rebind_example_org=[PUBLIC, "127.0.0.1"])
    client = make_client(resolver=names.resolve, attempts=1)
    with services.LocalServer(lambda request: services.Reply(body=request.host.encode())) as server:
        dial(names, server.port)
        assert client.get("http://rebind.example.org/a").content == b"rebind.example.org"
    assert (names.asked, names.dialled) == (["rebind.example.org"], [PUBLIC])
    # a new connection asks again, gets the private address, and is refused
    with pytest.raises(PrivateAddress):
        make_client(resolver=names.resolve, attempts=1).get("http://rebind.example.org/a")


def test_redirect_to_a_name_with_a_private_address(
    make_client: MakeClient, services: ModuleType, dial: Callable[[Names, int], None]
) -> None:
    names = Names(good_example_org=[PUBLIC], inside_example_org=["10.0.0.5"])
    moved = services.Reply(302, headers={"Location": "http://inside.example.org/admin"})
    with services.LocalServer(lambda request: moved) as server:
        dial(names, server.port)
        with pytest.raises(PrivateAddress, match=r"inside.example.org is 10.0.0.5"):
            make_client(resolver=names.resolve).get("http://good.example.org/a")
    assert names.dialled == [PUBLIC]


def test_password_in_an_address_does_not_follow_a_redirect(make_client: MakeClient, services: ModuleType) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Any) -> Any:
        seen.append(request.headers)
        if request.path == "/a":
            return services.Reply(302, headers={"Location": f"http://localhost:{server.port}/b"})
        return services.Reply(body=b"done")

    def resolver(host: str, port: int) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with services.LocalServer(answer) as server:
        client = make_client(resolver=resolver, allow_private_addresses=True)
        answered = client.get(f"http://user:secret@127.0.0.1:{server.port}/a")
    assert "authorization" in seen[0]
    assert "authorization" not in seen[1]
    assert "secret" not in repr(answered)


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does not keep to HTTP: `serve` gets the socket once the request has come."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def loop() -> None:
        listener.settimeout(0.05)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                continue
            with connection:
                connection.settimeout(2)
                try:
                    connection.recv(65536)
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"
    stop.set()
    thread.join()
    listener.close()


def dripping(before: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(before)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.02)

    return serve


@pytest.mark.parametrize("before", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_a_server_that_drips_is_cut_off(make_client: MakeClient, before: bytes) -> None:
    client = make_client(allow_private_addresses=True, attempts=1, deadline=0.2, read_timeout=1.0)
    with raw_server(dripping(before)) as url, pytest.raises(Unreachable, match="in time"):
        client.get(url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"cut short" * 100, mtime=0)[:-9],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip at all",
    ],
)
def test_a_cut_body_is_never_taken_for_whole(make_client: MakeClient, answer: bytes) -> None:
    client = make_client(allow_private_addresses=True, attempts=2)
    with raw_server(lambda connection: connection.sendall(answer)) as url, pytest.raises(BadAnswer, match="2 tries"):
        client.get(url)


@pytest.mark.parametrize("answer", [b"", b"no HTTP\r\n\r\n"])
def test_a_server_that_does_not_speak_http(make_client: MakeClient, answer: bytes) -> None:
    client = make_client(allow_private_addresses=True, attempts=1)
    with raw_server(lambda connection: connection.sendall(answer)) as url, pytest.raises(Unreachable):
        client.get(url)


def test_limits_on_size(make_client: MakeClient, services: ModuleType) -> None:
    bomb = gzip.compress(b"0" * 1_000_000, mtime=0)
    replies = {
        "/announced": services.Reply(body=b"0" * 20_000),
        "/bomb": services.Reply(body=bomb, headers={"Content-Encoding": "gzip"}),
        "/fits": services.Reply(body=b"0" * 10_000),
    }
    assert len(bomb) < 10_000
    client = make_client(allow_private_addresses=True, max_bytes=10_000)
    with services.LocalServer(lambda request: replies[request.path]) as server:
        assert len(client.get(f"{server.url}/fits").content) == 10_000
        for path in ("announced", "bomb"):
            with pytest.raises(TooLarge):
                client.get(f"{server.url}/{path}")
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"0" * 20_000
    with raw_server(lambda connection: connection.sendall(endless)) as url, pytest.raises(TooLarge):
        client.get(url)


def test_compression_that_was_not_asked_for(make_client: MakeClient, services: ModuleType) -> None:
    reply = services.Reply(body=b"?", headers={"Content-Encoding": "br"})
    with services.LocalServer(lambda request: reply) as server, pytest.raises(FetchError, match="br"):
        make_client(allow_private_addresses=True).get(server.url)


@pytest.mark.parametrize(
    "url",
    [
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://example.org@127.0.0.1/",
        "http://1.1.1.1 &@127.0.0.1# @2.2.2.2/",
        "http:///127.0.0.1/",
        "http://127.0.0.1\t/",
        "http://127.0.0.1:99999/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]/",
        "http://%6c%6fcalhost/",
        "http://metadata.google.internal/",
        "http://169.254.169.254.nip.example.org/",
    ],
)
def test_addresses_that_parsers_read_differently(make_client: MakeClient, url: str) -> None:
    def resolver(host: str, port: int) -> list[Any]:
        inside = "169.254.169.254" if "nip" in host else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (inside, port))]

    with pytest.raises((PrivateAddress, FetchError)):
        make_client(resolver=resolver, attempts=1).get(url)


def test_behind_a_proxy(make_client: MakeClient, services: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy itself may be private; what it is asked for may not, as far as this machine can tell."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[Any]:
        if host == "inside.example.org":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.7.7", port))]
        raise socket.gaierror(socket.EAI_AGAIN, "only the proxy knows names")

    def answer(request: Any) -> Any:
        asked.append(request.host)
        return (
            services.Reply(302, headers={"Location": "http://169.254.169.254/"}) if len(asked) > 1 else services.Reply()
        )

    with services.LocalServer(answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        client = make_client(resolver=resolver, attempts=1)
        assert client.get("http://news.example.org/a").status == 200
        for url in ("http://127.0.0.1/", "http://inside.example.org/", "http://news.example.org/moved"):
            with pytest.raises(PrivateAddress):
                client.get(url)
    assert asked == ["news.example.org", "news.example.org"]
