"""How a run is put together: searches, what is there already, interruption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.errors import UsageError
from extractor.sources.fetch import Fetcher
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient

MakeClient = Callable[..., PoliteClient]


class PubMed:
    """A search that finds `count` articles, and a history server that may have forgotten it."""

    def __init__(self, services: ModuleType, count: int, *, forgets: bool = False) -> None:
        self.pmids = [str(30_000_000 + number) for number in range(count)]
        self.asked: list[str] = []
        self._services = services
        self._forgets = forgets

    def answer(self, request: Any) -> Any:
        services = self._services
        if request.path.endswith("esearch.fcgi"):
            self.asked.append("search")
            found = self.pmids[: int(request["retmax"])]
            return services.Reply(body=services.search_result(found, len(self.pmids)))
        if request["WebEnv"]:
            self.asked.append(f"history {request['retstart']}")
            if self._forgets:
                return services.Reply(400, b"<eFetchResult><ERROR>Unable to obtain query</ERROR></eFetchResult>")
            start = int(request["retstart"])
            pmids = self.pmids[start : start + int(request["retmax"])]
        else:
            pmids = request["id"].split(",")
            self.asked.append(f"list of {len(pmids)}")
        return services.Reply(body=services.pubmed_set(pmids, services.generated))


@pytest.fixture
def query(tmp_path: Path, services: ModuleType, make_client: MakeClient) -> Callable[..., Any]:
    def run(pubmed: PubMed, *references: str, maximum: int | None = None) -> Any:
        pubmed.asked.clear()
        with services.LocalServer(pubmed.answer) as server:
            client = make_client(
                eutils_url=server.url, allow_private_addresses=True, ncbi_interval=0.0, workers=1, attempts=2
            )
            with ArticleFolder(tmp_path) as folder:
                return Fetcher(folder, client, maximum=maximum).run(references, ["asthma"])

    return run


def test_a_search_comes_from_the_history_server(
    query: Callable[..., Any], services: ModuleType, tmp_path: Path
) -> None:
    pubmed = PubMed(services, 450)
    assert query(pubmed).saved == 450
    assert pubmed.asked == ["search", "history 0", "history 200", "history 400"]
    assert len(list(tmp_path.glob("PMID*.xml"))) == 450


def test_a_search_is_bounded(query: Callable[..., Any], services: ModuleType) -> None:
    pubmed = PubMed(services, 450)
    assert query(pubmed, maximum=30).saved == 30
    assert pubmed.asked == ["search", "history 0"]


def test_what_is_there_is_not_asked_for(query: Callable[..., Any], services: ModuleType) -> None:
    pubmed = PubMed(services, 450)
    query(pubmed, maximum=30)
    tally = query(pubmed)
    assert (tally.saved, tally.unchanged) == (420, 30)
    # the first stretch is partly there, so what is missing of it is listed; the rest is new
    assert pubmed.asked == ["search", "history 200", "history 400", "list of 170"]
    assert query(pubmed).unchanged == 450
    assert pubmed.asked == ["search"]


def test_a_history_that_is_forgotten(query: Callable[..., Any], services: ModuleType) -> None:
    pubmed = PubMed(services, 250, forgets=True)
    assert query(pubmed).saved == 250
    assert [asked for asked in pubmed.asked if asked.startswith("list")] == ["list of 200", "list of 50"]


def test_a_reference_that_the_search_finds_too_comes_once(
    query: Callable[..., Any], services: ModuleType, tmp_path: Path
) -> None:
    pubmed = PubMed(services, 10)
    tally = query(pubmed, "PMID: 30000003", "30000003", "https://pubmed.ncbi.nlm.nih.gov/30000003/")
    assert (tally.saved, tally.expanded) == (10, 1)
    assert len((tmp_path / "manifest.fetch.jsonl").read_text().splitlines()) == 11


def test_an_interrupt_ends_the_waiting(tmp_path: Path, services: ModuleType) -> None:
    """Ctrl-C must not wait for the turn of pages that have not been asked for."""
    from extractor.sources.options import FetchOptions

    def interrupt(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    reply = services.Reply(body=services.PAGE.encode(), content_type="text/html")
    with services.LocalServer(lambda request: reply) as server:
        options = FetchOptions(allow_private_addresses=True, ignore_robots=True, web_interval=3600.0, workers=2)
        with PoliteClient(options) as client, ArticleFolder(tmp_path) as folder, pytest.raises(KeyboardInterrupt):
            Fetcher(folder, client, tell=interrupt).run(f"{server.url}/{number}" for number in range(5))
    assert len((tmp_path / "manifest.fetch.jsonl").read_text().splitlines()) == 1


def test_a_full_disk_ends_the_run(
    tmp_path: Path, services: ModuleType, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    reply = services.Reply(body=services.PAGE.encode(), content_type="text/html")
    with services.LocalServer(lambda request: reply) as server, ArticleFolder(tmp_path) as folder:
        client = make_client(allow_private_addresses=True)
        monkeypatch.setattr(folder, "write", full)
        with pytest.raises(UsageError, match="No space left"):
            Fetcher(folder, client).run([f"{server.url}/a"])


def test_a_bug_costs_one_reference(
    tmp_path: Path, services: ModuleType, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[Outcome] = []
    reply = services.Reply(body=services.PAGE.encode(), content_type="text/html")
    with services.LocalServer(lambda request: reply) as server, ArticleFolder(tmp_path) as folder:
        fetcher = Fetcher(folder, make_client(allow_private_addresses=True), tell=outcomes.append)
        save = folder.save

        def faulty(identifier: str, *arguments: Any) -> bool:
            if identifier.endswith("-b"):
                raise ZeroDivisionError("a mistake")
            return save(identifier, *arguments)

        monkeypatch.setattr(folder, "save", faulty)
        fetcher.run(f"{server.url}/{name}" for name in "abc")
    told = {outcome.reference[-1]: (outcome.status, outcome.reason) for outcome in outcomes}
    assert told == {"a": ("saved", None), "b": ("failed", "internal"), "c": ("saved", None)}
