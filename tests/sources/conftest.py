"""Shared by the tests of fetching: a clock that only the test moves, a client that never waits, and no network."""

from __future__ import annotations

import importlib.util
import random
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.sources.http import PoliteClient
from extractor.sources.options import FetchOptions

_CASSETTES = Path(__file__).parents[1] / "cassettes"


def _load(name: str) -> ModuleType:
    """A helper module beside the cassettes; the tests are no package, so it is loaded by its path."""
    qualified = f"cassettes_{name}"
    if qualified not in sys.modules:
        spec = importlib.util.spec_from_file_location(qualified, _CASSETTES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[qualified] = module
        spec.loader.exec_module(module)
    return sys.modules[qualified]


class Clock:
    """Seconds since the start of the test; `sleep` moves it and returns at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_526_551_200 + self.seconds, UTC)  # 2018-05-17T10:00:00Z


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services() -> ModuleType:
    return _load("services")


@pytest.fixture
def recording() -> ModuleType:
    return _load("recording")


@pytest.fixture
def make_client(clock: Clock) -> Iterator[Callable[..., PoliteClient]]:
    """A client on the test's clock; options as keywords."""
    clients: list[PoliteClient] = []

    def make(resolver: Any = None, **options: Any) -> PoliteClient:
        client = PoliteClient(
            FetchOptions(**options),
            sleep=clock.sleep,
            clock=clock,
            now=clock.now,
            chance=random.Random(7),
            resolver=resolver,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached, and no name be resolved, unless cassettes are recorded from the services."""
    if _load("recording").MODE == "real":
        return
    connect = socket.socket.connect
    resolve = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"the test tried to reach {address}")
        connect(self, address)

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("127.0.0.1", "::1", None):
            raise AssertionError(f"the test tried to resolve {host!r}")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def cassette(request: pytest.FixtureRequest, services: ModuleType, recording: ModuleType) -> Iterator[Any]:
    """The cassette named after the test."""
    name = request.node.name.removeprefix("test_").replace("[", "-").replace("]", "")
    name = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in name)
    if recording.MODE == "real" and request.node.get_closest_marker("real_service") is None:
        pytest.skip("this answer can only come from the local server")
    if recording.MODE == "local":
        with (
            services.LocalServer(services.Services().answer) as server,
            recording.cassette(name, server.port) as playing,
        ):
            yield playing
    else:
        with recording.cassette(name) as playing:
            yield playing
