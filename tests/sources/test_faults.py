"""Hundreds of references from a server that fails at random: none lost, none twice, the pace kept."""

from __future__ import annotations

import json
import random
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.sources.fetch import Fetcher
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient
from extractor.sources.options import FetchOptions

INTERVAL = 0.004
JITTER = 0.05
"""Seconds over the whole run: threads do not wake to the microsecond. The exact pace is tested in test_pacing.py."""


class FaultyServer:
    """10 % 5xx, 5 % resets, 5 % too slow, 5 % cut short; pages and PubMed articles. Seeded, so each run is the same
    as far as the order of the requests is."""

    def __init__(self, services: ModuleType, seed: int) -> None:
        self._services = services
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self.times: list[float] = []
        self.faults: Counter[str] = Counter()

    def answer(self, request: Any) -> Any:
        with self._lock:
            self.times.append(time.monotonic())
            drawn = self._chance.random()
        reply = self._good(request)
        for fault, share in (("5xx", 0.10), ("reset", 0.05), ("stall", 0.05), ("truncate", 0.05)):
            if drawn < share:
                with self._lock:
                    self.faults[fault] += 1
                if fault == "5xx":
                    return self._services.Reply(503, b"try again", "text/plain")
                reply.fault, reply.stall = fault, 0.6
                return reply
            drawn -= share
        return reply

    def _good(self, request: Any) -> Any:
        services = self._services
        if request.path == "/robots.txt":
            return services.Reply(404, b"", "text/plain")
        if request.path.endswith("efetch.fcgi"):
            return services.Reply(body=services.pubmed_set(request["id"].split(","), services.generated))
        page = services.PAGE.replace("Reliever cuts attacks", request.path)
        return services.Reply(body=page.encode(), content_type="text/html")


@pytest.fixture
def faulty(services: ModuleType) -> FaultyServer:
    return FaultyServer(services, seed=20180517)


def test_500_references_none_lost_none_twice(tmp_path: Path, services: ModuleType, faulty: FaultyServer) -> None:
    with services.LocalServer(faulty.answer) as server:
        options = FetchOptions(
            eutils_url=f"{server.url}/eutils",
            allow_private_addresses=True,
            ncbi_interval=INTERVAL,
            web_interval=INTERVAL,
            service_interval=INTERVAL,
            read_timeout=0.3,
            backoff=0.01,
            backoff_limit=0.1,
            attempts=12,
            workers=8,
        )
        pages = [f"{server.url}/news/{number}" for number in range(400)]
        pmids = [f"PMID: {30_000_000 + number}" for number in range(100)]
        references = pages + pmids + pages[:20] + pmids[:20]  # the last 40 are repeats
        random.Random(1).shuffle(references)
        outcomes: list[Outcome] = []
        with PoliteClient(options) as client, ArticleFolder(tmp_path) as folder:
            tally = Fetcher(folder, client, tell=outcomes.append).run(references)

    assert (tally.saved, tally.failed) == (500, 0)
    assert len({outcome.key for outcome in outcomes}) == len(outcomes) == 500
    lines = [json.loads(line) for line in (tmp_path / "manifest.fetch.jsonl").read_text().splitlines()]
    assert Counter(line["key"] for line in lines) == Counter(outcome.key for outcome in outcomes)
    assert len(list(tmp_path.glob("*.html"))) == 400
    assert len(list(tmp_path.glob("PMID*.xml"))) == 100
    for line in lines:
        content = (tmp_path / line["file"]).read_bytes()
        assert content.rstrip().endswith((b"</html>", b"</PubmedArticleSet>"))
    assert not list(tmp_path.glob(".fetch-*"))
    # every kind of fault has really been met, and requests were never closer together than allowed
    assert min(faulty.faults[fault] for fault in ("5xx", "reset", "stall", "truncate")) > 5
    sent = sorted(faulty.times)
    assert (sent[-1] - sent[0]) >= (len(sent) - 1) * INTERVAL - JITTER


def test_killed_run_goes_on_where_it_stopped(tmp_path: Path, services: ModuleType, faulty: FaultyServer) -> None:
    """A run that is stopped in the middle leaves whole files only, and the next one completes it."""

    class Stop(Exception):
        pass

    def stop_after(number: int) -> Callable[[Outcome], None]:
        seen: list[Outcome] = []

        def tell(outcome: Outcome) -> None:
            seen.append(outcome)
            if len(seen) == number:
                raise Stop

        return tell

    with services.LocalServer(faulty._good) as server:
        options = FetchOptions(allow_private_addresses=True, web_interval=0.0, workers=4)
        pages = [f"{server.url}/news/{number}" for number in range(40)]
        with PoliteClient(options) as client, ArticleFolder(tmp_path) as folder, pytest.raises(Stop):
            Fetcher(folder, client, tell=stop_after(15)).run(pages)
        for file in tmp_path.glob("*.html"):
            assert file.read_bytes().endswith(b"</html>")
            assert file.with_name(f"{file.stem}.provenance.json").exists()
        (tmp_path / "manifest.fetch.jsonl").open("ab").write(b'{"reference": "cut sho')
        (tmp_path / ".fetch-left-behind").write_bytes(b"half")
        damaged = sorted(tmp_path.glob("*.html"))[0]
        damaged.write_bytes(b"<html>")
        with PoliteClient(options) as client, ArticleFolder(tmp_path) as folder:
            tally = Fetcher(folder, client).run(pages)
    assert tally.saved + tally.unchanged == 40
    assert tally.unchanged >= 14
    assert damaged.read_bytes().endswith(b"</html>")
    assert len((tmp_path / "manifest.fetch.jsonl").read_text().splitlines()) == 40
    assert not (tmp_path / ".fetch-left-behind").exists()


def _peak_while_fetching(folder_path: Path, services: ModuleType, count: int) -> int:
    """Peak of Python's own memory in bytes while `count` PMIDs are fetched, answers of about 400 kB each."""

    def answer(request: Any) -> Any:
        known = lambda pmid: services.generated(pmid, 100)  # noqa: E731
        return services.Reply(body=services.pubmed_set(request["id"].split(","), known))

    with services.LocalServer(answer) as server:
        options = FetchOptions(eutils_url=server.url, allow_private_addresses=True, ncbi_interval=0.0, workers=2)
        with PoliteClient(options) as client, ArticleFolder(folder_path) as folder:
            tracemalloc.start()
            try:
                tally = Fetcher(folder, client).run(str(40_000_000 + number) for number in range(count))
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
                assert tally.saved == count


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path, services: ModuleType) -> None:
    few = _peak_while_fetching(tmp_path / "few", services, 2_000)
    many = _peak_while_fetching(tmp_path / "many", services, 10_000)
    print(f"peak for 2,000: {few / 1e6:.1f} MB, for 10,000: {many / 1e6:.1f} MB")
    # what is kept of an article is its key and a line number, a few hundred bytes
    assert many - few < 8_000 * 1_000
