from __future__ import annotations

import threading
from typing import Any

import pytest

from extractor.sources.options import FetchOptions
from extractor.sources.pacing import HostPacer


def test_requests_to_one_host_are_spaced(clock: Any) -> None:
    pacer = HostPacer({"eutils.example.org": 0.5}, 2.0, clock=clock, sleep=clock.sleep)
    sent = []
    for host in (
        "eutils.example.org",
        "EUTILS.example.org",
        "news.example.org",
        "eutils.example.org",
        "news.example.org",
    ):
        pacer.wait(host)
        sent.append((host.lower()[:4], clock.seconds))
    assert sent == [("euti", 0.0), ("euti", 0.5), ("news", 0.5), ("euti", 1.0), ("news", 2.5)]


def test_a_pause_that_the_server_asks_for_holds_for_everyone(clock: Any) -> None:
    pacer = HostPacer({}, 1.0, clock=clock, sleep=clock.sleep)
    pacer.wait("news.example.org")
    pacer.hold("news.example.org", 30)
    pacer.wait("other.example.org")
    assert clock.seconds == 0
    pacer.wait("news.example.org")
    assert clock.seconds == 30


def test_a_crawl_delay_only_slows_down(clock: Any) -> None:
    pacer = HostPacer({}, 1.0, clock=clock, sleep=clock.sleep)
    pacer.slow_down("news.example.org", 0.1)
    for _ in range(2):
        pacer.wait("news.example.org")
    assert clock.seconds == 1
    pacer.slow_down("news.example.org", 10)
    for _ in range(2):
        pacer.wait("news.example.org")
    assert clock.seconds == 1 + 1 + 10


def test_every_thread_gets_a_slot_of_its_own() -> None:
    pacer = HostPacer({}, 0.01)
    started: list[float] = []
    lock = threading.Lock()

    def ask() -> None:
        for _ in range(5):
            pacer.wait("news.example.org")
            with lock:
                started.append(0.0)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    begun = pacer._clock()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 20
    assert pacer._clock() - begun >= 19 * 0.01


@pytest.mark.parametrize(("key", "interval"), [(None, 1 / 3), ("k", 1 / 10)])
def test_the_pace_that_ncbi_allows(key: str | None, interval: float) -> None:
    assert FetchOptions(api_key=key).seconds_between_ncbi_requests == pytest.approx(interval)
