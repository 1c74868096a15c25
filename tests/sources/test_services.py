"""Every source and every way in which it can fail, played from cassettes (see tests/cassettes/README.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from extractor.errors import FetchError
from extractor.sources.fetch import DateRange, Fetcher
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient

pytestmark = pytest.mark.usefixtures("cassette")
real_service = pytest.mark.real_service
MakeClient = Callable[..., PoliteClient]


@pytest.fixture
def fetch(tmp_path: Path, make_client: MakeClient) -> Callable[..., dict[str, Outcome]]:
    """Fetch references into tmp_path; the outcomes by reference. Options as keywords."""

    def run(
        *references: str,
        queries: tuple[str, ...] = (),
        dates: DateRange | None = None,
        maximum: int | None = None,
        **options: Any,
    ) -> dict[str, Outcome]:
        outcomes: list[Outcome] = []
        client = make_client(workers=1, read_timeout=0.5, **options)
        with ArticleFolder(tmp_path) as folder:
            Fetcher(folder, client, dates=dates, maximum=maximum, tell=outcomes.append).run(references, queries)
            written = list(folder.outcomes())
        assert sorted(outcome.key for outcome in outcomes) == sorted(outcome.key for outcome in written)
        return {outcome.reference: outcome for outcome in outcomes}

    return run


Fetch = Callable[..., dict[str, Outcome]]


def provenance(folder: Path, identifier: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"{identifier}.provenance.json").read_bytes())
    return content


@real_service
def test_pubmed_abstract(fetch: Fetch, tmp_path: Path) -> None:
    outcome = fetch("PMID: 29768149")["PMID: 29768149"]
    assert (outcome.status, outcome.id, outcome.file, outcome.reason) == (
        "saved",
        "PMID29768149",
        "PMID29768149.xml",
        None,
    )
    saved = (tmp_path / "PMID29768149.xml").read_bytes()
    assert b"<PubmedArticleSet>" in saved
    assert b"10.1056/NEJMoa1715274" in saved
    told = provenance(tmp_path, "PMID29768149")
    assert told["sha256"] == hashlib.sha256(saved).hexdigest() == outcome.sha256
    assert told["url"] == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&id=29768149&retmode=xml"
    assert told["status"] == 200
    assert told["content_type"].startswith("text/xml")
    assert told["title"] == "Inhaled Combined Budesonide-Formoterol as Needed in Mild Asthma."
    assert told["identifiers"]["doi"] == "10.1056/NEJMoa1715274"
    assert told["slice_of"]["articles"] == 1


@real_service
def test_several_pmids_of_which_one_does_not_exist(fetch: Fetch, tmp_path: Path) -> None:
    outcomes = fetch("29768149", "99999999", "29768147")
    assert [outcomes[pmid].status for pmid in ("29768149", "99999999", "29768147")] == ["saved", "failed", "saved"]
    assert outcomes["99999999"].reason == "not_found"
    assert "99999999" in (outcomes["99999999"].message or "")
    first, second = ((tmp_path / f"PMID{pmid}.xml").read_bytes() for pmid in ("29768149", "29768147"))
    assert b"29768147</PMID>" not in first
    assert b"29768147</PMID>" in second
    assert provenance(tmp_path, "PMID29768149")["slice_of"]["articles"] == 2


@real_service
def test_retracted_article_is_saved_and_noted(fetch: Fetch) -> None:
    outcome = fetch("9500320")["9500320"]
    assert outcome.status == "saved"
    assert outcome.reason is None
    assert any(note.startswith("retracted") and "2010" in note for note in outcome.notes)


@real_service
def test_pmid_without_abstract_is_saved_and_noted(fetch: Fetch) -> None:
    outcome = fetch("13054692")["13054692"]
    assert outcome.status == "saved"
    assert "no_abstract" in outcome.notes


@real_service
def test_query_uses_the_history_server(fetch: Fetch, tmp_path: Path, cassette: Any) -> None:
    query = "budesonide-formoterol mild asthma"
    outcomes = fetch(queries=(query,), maximum=2, dates=DateRange(date(2018, 5, 1), date(2018, 5, 31)))
    assert outcomes[query].status == "expanded"
    assert len(list(tmp_path.glob("PMID*.xml"))) == 2
    search, efetch = cassette.requests
    assert dict(search.query)["mindate"] == "2018/05/01"
    assert dict(search.query)["usehistory"] == "y"
    assert dict(efetch.query)["WebEnv"]
    assert "id" not in dict(efetch.query)


@real_service
def test_query_without_results_is_named(fetch: Fetch) -> None:
    assert fetch(queries=("zzqxj nonexistent wording",))["zzqxj nonexistent wording"].reason == "not_found"


@real_service
def test_doi_that_pubmed_has(fetch: Fetch) -> None:
    outcomes = fetch("https://doi.org/10.1056/NEJMoa1715274", "PMID:29768149")
    assert {outcome.id for outcome in outcomes.values()} == {"PMID29768149"}
    assert {outcome.status for outcome in outcomes.values()} <= {"saved", "unchanged"}


@real_service
def test_doi_of_a_preprint_comes_from_europe_pmc(fetch: Fetch, tmp_path: Path) -> None:
    outcome = fetch("doi:10.1101/2020.06.22.20137273")["doi:10.1101/2020.06.22.20137273"]
    assert outcome.status == "saved"
    assert outcome.file is not None
    assert outcome.file.endswith(".txt")
    text = (tmp_path / outcome.file).read_text()
    assert text.startswith("Effect of Dexamethasone in Hospitalized Patients with COVID-19")
    assert "<" not in text
    assert "2104" in text
    assert json.loads((tmp_path / f"{outcome.id}.answer.provenance.json").read_bytes())["resultList"]


def test_doi_that_pubmed_guesses_at_leads_to_its_page(fetch: Fetch, tmp_path: Path) -> None:
    outcome = fetch("10.5555/12345678")["10.5555/12345678"]
    assert outcome.status == "saved"
    assert outcome.url == "https://news.example.org/one"
    assert not (tmp_path / "PMID13054692.xml").exists()


@real_service
def test_doi_that_resolves_nowhere(fetch: Fetch) -> None:
    outcome = fetch("10.9999/does-not-exist-0")["10.9999/does-not-exist-0"]
    assert (outcome.status, outcome.reason) == ("failed", "doi_unresolved")


@real_service
def test_pmcid_open_full_text(fetch: Fetch, tmp_path: Path) -> None:
    outcome = fetch("PMC1182327")["PMC1182327"]
    assert (outcome.status, outcome.file) == ("saved", "PMC1182327.xml")
    assert b"<body" in (tmp_path / "PMC1182327.xml").read_bytes()


def test_pmcid_without_open_full_text_gives_the_abstract(fetch: Fetch) -> None:
    outcome = fetch("PMC7745181")["PMC7745181"]
    assert (outcome.status, outcome.file) == ("saved", "PMID29768149.xml")
    assert "no_full_text" in outcome.notes


def test_pmcid_that_does_not_exist(fetch: Fetch) -> None:
    assert fetch("PMC99999999")["PMC99999999"].reason == "not_found"


def test_429_with_retry_after_is_waited_for(fetch: Fetch, clock: Any) -> None:
    assert fetch("29768149", tool="busy")["29768149"].status == "saved"
    assert max(clock.naps) >= 7


def test_503_is_tried_again_with_growing_waits(fetch: Fetch, clock: Any) -> None:
    assert fetch("29768149", tool="down", ncbi_interval=0.0)["29768149"].status == "saved"
    assert len(clock.naps) == 2
    assert all(nap <= limit for nap, limit in zip(clock.naps, (0.5, 1.0), strict=True))


def test_503_to_the_end_is_named(fetch: Fetch) -> None:
    outcome = fetch("29768149", tool="down", attempts=2)["29768149"]
    assert (outcome.status, outcome.reason) == ("failed", "http_status")
    assert "503" in (outcome.message or "")
    assert "2 tries" in (outcome.message or "")


def test_timeout_is_tried_again(fetch: Fetch) -> None:
    assert fetch("29768149", tool="slow")["29768149"].status == "saved"


def test_truncated_body_is_tried_again(fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("29768149", tool="truncated")["29768149"].status == "saved"
    assert (tmp_path / "PMID29768149.xml").read_bytes().rstrip().endswith(b"</PubmedArticleSet>")


def test_truncated_body_to_the_end_is_named(fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("29768149", tool="truncated", attempts=1)["29768149"].reason == "bad_answer"
    assert not list(tmp_path.glob("PMID*"))


def test_bad_xml_is_tried_again(fetch: Fetch) -> None:
    assert fetch("29768149", tool="broken")["29768149"].status == "saved"


def test_bad_xml_to_the_end_is_named(fetch: Fetch) -> None:
    outcome = fetch("29768149", tool="always-broken", attempts=2)["29768149"]
    assert outcome.reason == "bad_answer"
    assert "well-formed" in (outcome.message or "")


def test_error_message_in_a_good_answer_is_tried_again(fetch: Fetch) -> None:
    assert fetch("29768149", tool="backend")["29768149"].status == "saved"


def test_gzip(fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("29768149", tool="zipped")["29768149"].status == "saved"
    assert (tmp_path / "PMID29768149.xml").read_bytes().startswith(b"<?xml")


def test_web_page(fetch: Fetch, tmp_path: Path) -> None:
    address = "https://news.example.org/moved?utm_source=feed"
    outcome = fetch(address, "https://news.example.org/moved")[address]
    assert outcome.status == "saved"
    assert outcome.url == "https://news.example.org/one"
    told = provenance(tmp_path, str(outcome.id))
    assert told["url"] == address
    assert told["redirects"] == [address]
    assert told["title"] == "Reliever cuts attacks"
    assert told["headers"]["etag"] == '"v1"'


def test_paywalled_page_is_saved_and_marked(fetch: Fetch, tmp_path: Path) -> None:
    outcome = fetch("https://news.example.org/paywall")["https://news.example.org/paywall"]
    assert (outcome.status, outcome.reason) == ("saved", "paywalled")
    assert (tmp_path / "news-example-org-paywall.html").exists()


def test_feed_rss(fetch: Fetch) -> None:
    outcomes = fetch("https://news.example.org/feed.rss", dates=DateRange(date(2018, 1, 1)))
    assert outcomes["https://news.example.org/feed.rss"].status == "expanded"
    assert outcomes["https://news.example.org/one"].status == "saved"
    assert len(outcomes) == 2


def test_feed_atom_with_a_relative_link(fetch: Fetch) -> None:
    assert fetch("https://news.example.org/feed.atom")["https://news.example.org/one"].status == "saved"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("paper.pdf", "content_type"),
        ("mislabelled", "content_type"),
        ("gone", "not_found"),
        ("to-private", "private_address"),
        ("to-metadata", "private_address"),
        ("to-decimal", "private_address"),
        ("to-mapped", "private_address"),
        ("to-file", "redirect"),
        ("circle", "redirect"),
        ("broken.xml", "bad_answer"),
    ],
)
def test_refused_page(fetch: Fetch, tmp_path: Path, path: str, reason: str) -> None:
    address = f"https://news.example.org/{path}"
    outcomes = fetch(address, "29768149", attempts=2)
    assert (outcomes[address].status, outcomes[address].reason) == ("failed", reason)
    assert outcomes["29768149"].status == "saved"
    assert [file.name for file in tmp_path.glob("news-*")] == []


def test_robots_disallow(fetch: Fetch) -> None:
    outcomes = fetch("https://closed.example.org/private/a", "https://closed.example.org/open")
    assert outcomes["https://closed.example.org/private/a"].reason == "robots"
    assert outcomes["https://closed.example.org/open"].status == "saved"


def test_robots_crawl_delay_is_kept(make_client: MakeClient, clock: Any) -> None:
    client = make_client()
    for path in ("a", "b"):
        client.get(f"https://closed.example.org/{path}", robots=True)
    # robots.txt at 0 s, the first page a web interval later, the second the site's delay after that
    assert clock.seconds == pytest.approx(1 + 3)


def test_robots_that_fails_forbids(fetch: Fetch) -> None:
    outcome = fetch("https://broken.example.org/a", attempts=2)["https://broken.example.org/a"]
    assert outcome.reason == "robots"
    assert "500" in (outcome.message or "")


def test_refresh_is_conditional_and_changes_nothing(fetch: Fetch, tmp_path: Path, cassette: Any) -> None:
    address = "https://news.example.org/one"
    cache = tmp_path.with_name("cache") / "http.sqlite"
    assert fetch(address, cache=cache)[address].status == "saved"
    before = {file: file.read_bytes() for file in tmp_path.glob("news-*")}
    assert fetch(address, cache=cache, refresh=True)[address].status == "unchanged"
    assert {file: file.read_bytes() for file in tmp_path.glob("news-*")} == before
    again = [request for request in cassette.requests if request.path == "/one"][-1]
    assert again.headers.get("If-None-Match") == '"v1"'


def test_second_run_asks_nothing(fetch: Fetch, tmp_path: Path, cassette: Any) -> None:
    references = ("29768149", "10.1056/NEJMoa1715274", "PMC1182327", "https://news.example.org/one")
    assert {outcome.status for outcome in fetch(*references).values()} <= {"saved", "unchanged"}
    asked = cassette.play_count
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if not file.name.startswith("manifest")}
    assert {outcome.status for outcome in fetch(*references).values()} == {"unchanged"}
    assert cassette.play_count == asked
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if not file.name.startswith("manifest")} == before


def test_unrecorded_request_fails(make_client: MakeClient, recording: Any) -> None:
    if recording.MODE != "none":
        pytest.skip("nothing is unrecorded while recording")
    with pytest.raises((CannotOverwriteExistingCassetteException, FetchError, AssertionError)):
        make_client(attempts=1).get("https://news.example.org/never-recorded")
