from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.errors import ServiceFailed, Unreachable, UsageError
from extractor.sources.fetch import Fetcher
from extractor.sources.folder import ArticleFolder
from extractor.sources.http import PoliteClient
from extractor.sources.options import FetchOptions
from extractor.sources.redact import redact_text, redact_url

MakeClient = Callable[..., PoliteClient]
KEY = "0123456789abcdef-key"


@pytest.fixture
def local(make_client: MakeClient) -> Callable[..., PoliteClient]:
    def make(**options: Any) -> PoliteClient:
        return make_client(allow_private_addresses=True, **options)

    return make


def test_retry_after_as_a_date(local: Callable[..., PoliteClient], services: ModuleType, clock: Any) -> None:
    until = format_datetime(clock.now() + timedelta(seconds=40), usegmt=True)
    replies = [services.Reply(503, headers={"Retry-After": until}), services.Reply(body=b"fine")]
    with services.LocalServer(lambda request: replies.pop(0)) as server:
        assert local().get(server.url).content == b"fine"
    assert clock.seconds >= 40


def test_a_pause_that_is_too_long_is_named(
    local: Callable[..., PoliteClient], services: ModuleType, clock: Any
) -> None:
    reply = services.Reply(429, headers={"Retry-After": "86400"})
    with services.LocalServer(lambda request: reply) as server, pytest.raises(ServiceFailed, match="86400 s"):
        local().get(server.url)
    assert clock.seconds < 60


@pytest.mark.parametrize("header", ["soon", "-5", "Thu, 32 Foo", ""])
def test_a_retry_after_that_makes_no_sense_is_left(
    local: Callable[..., PoliteClient], services: ModuleType, header: str
) -> None:
    replies = [services.Reply(503, headers={"Retry-After": header}), services.Reply(body=b"fine")]
    with services.LocalServer(lambda request: replies.pop(0)) as server:
        assert local().get(server.url).content == b"fine"


def test_what_is_not_worth_another_try(local: Callable[..., PoliteClient], services: ModuleType) -> None:
    asked: list[str] = []

    def answer(request: Any) -> Any:
        asked.append(request.path)
        return services.Reply(403, b"no")

    with services.LocalServer(answer) as server, pytest.raises(ServiceFailed, match="403"):
        local().get(server.url)
    assert len(asked) == 1


def test_reset_is_tried_again(local: Callable[..., PoliteClient], services: ModuleType) -> None:
    replies = [services.Reply(fault="reset"), services.Reply(body=b"fine")]
    with services.LocalServer(lambda request: replies.pop(0)) as server:
        assert local().get(server.url).content == b"fine"


def test_no_one_listens(local: Callable[..., PoliteClient], services: ModuleType) -> None:
    with services.LocalServer(lambda request: services.Reply()) as server:
        url = server.url
    with pytest.raises(Unreachable, match="refused"):
        local(attempts=2).get(url)


def test_the_program_says_who_it_is(local: Callable[..., PoliteClient], services: ModuleType) -> None:
    seen: dict[str, str] = {}

    def answer(request: Any) -> Any:
        seen.update(request.headers)
        return services.Reply(body=b"fine")

    with services.LocalServer(answer) as server:
        local(email="me@example.org").get(server.url)
    assert seen["user-agent"].startswith("extractor/")
    assert "mailto:me@example.org" in seen["user-agent"]
    assert "Mozilla" not in seen["user-agent"]


def test_long_lists_are_posted_and_identify_the_caller(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def answer(request: Any) -> Any:
        asked.append(request)
        return services.Reply(body=services.pubmed_set(request["id"].split(","), services.generated))

    with services.LocalServer(answer) as server:
        client = local(eutils_url=server.url, email="me@example.org", api_key=KEY, workers=1)
        with ArticleFolder(tmp_path) as folder:
            Fetcher(folder, client).run(str(30_000_000 + number) for number in range(450))
    assert [(request.method, len(request["id"].split(","))) for request in asked] == [
        ("POST", 200),
        ("POST", 200),
        ("POST", 50),
    ]
    assert {(request["tool"], request["email"], request["api_key"]) for request in asked} == {
        ("extractor", "me@example.org", KEY)
    }


def test_an_article_left_out_of_an_answer_is_asked_for_again(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path
) -> None:
    asked: list[int] = []

    def answer(request: Any) -> Any:
        pmids = request["id"].split(",")
        asked.append(len(pmids))
        return services.Reply(body=services.pubmed_set(pmids[1:] if len(asked) == 1 else pmids, services.generated))

    with services.LocalServer(answer) as server, ArticleFolder(tmp_path) as folder:
        tally = Fetcher(folder, local(eutils_url=server.url)).run(["30000001", "30000002", "30000003"])
    assert (tally.saved, tally.failed, asked) == (3, 0, [3, 1])


def test_one_bad_article_costs_only_itself(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path
) -> None:
    def answer(request: Any) -> Any:
        pmids = request["id"].split(",")
        if "30000004" in pmids:
            return (
                services.Reply(400, b"bad request") if len(pmids) > 1 else services.Reply(body=b"<PubmedArticleSet><P")
            )
        return services.Reply(body=services.pubmed_set(pmids, services.generated))

    with services.LocalServer(answer) as server, ArticleFolder(tmp_path) as folder:
        fetcher = Fetcher(folder, local(eutils_url=server.url, attempts=2))
        tally = fetcher.run(str(30_000_000 + number) for number in range(10))
        outcome = folder.outcome_of("pmid:30000004")
    assert (tally.saved, tally.failed) == (9, 1)
    assert outcome is not None
    assert outcome.reason == "bad_answer"


def test_credentials_are_nowhere(
    local: Callable[..., PoliteClient],
    services: ModuleType,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(request: Any) -> Any:
        if request.path == "/efetch.fcgi":
            return services.Reply(body=services.pubmed_set(request["id"].split(",")))
        if request.path == "/fails":
            return services.Reply(500)
        return services.Reply(body=services.PAGE.encode(), content_type="text/html")

    caplog.set_level(logging.DEBUG)
    out = tmp_path / "out"
    with services.LocalServer(answer) as server:
        host = server.url.removeprefix("http://")
        client = local(
            eutils_url=server.url, api_key=KEY, attempts=2, cache=tmp_path / "http.sqlite", ignore_robots=True
        )
        with ArticleFolder(out) as folder:
            references = [
                "29768149",
                f"http://user:hush-hush@{host}/page?access_token=very-secret&id=1",
                f"http://user:hush-hush@{host}/fails?sig=very-secret",
                f"http://{host}/fails?X-Amz-Signature=very-secret",
            ]
            tally = Fetcher(folder, client).run(references)
    assert (tally.saved, tally.failed) == (2, 2)
    written = "".join(file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file())
    everything = written + caplog.text + "".join(capsys.readouterr()) + repr(client.options)
    for secret in (KEY, "hush-hush", "very-secret"):
        assert secret not in everything
    assert "id=1" in written


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=1"),
        ("https://u:p@example.org/a", "https://example.org/a"),
        ("https://u@x:p@example.org/a#access_token=s", "https://example.org/a"),
        ("https://example.org/a?api_key=s&id=1", "https://example.org/a?api_key=REDACTED&id=1"),
        ("https://example.org/a?X-Amz-Credential=s&x=1", "https://example.org/a?X-Amz-Credential=REDACTED&x=1"),
        ("https://example.org/a?keyword=asthma&monkey=1", "https://example.org/a?keyword=asthma&monkey=1"),
    ],
)
def test_redaction_of_addresses(url: str, safe: str) -> None:
    assert redact_url(url) == safe
    assert redact_text(f"at {url.partition('#')[0]} it failed") == f"at {safe} it failed"


@pytest.mark.parametrize(
    "wrong",
    [{"eutils_url": "file:///mirror"}, {"attempts": 0}, {"workers": 0}, {"deadline": 0}, {"read_timeout": -1}],
)
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        FetchOptions(**wrong)


def test_options_from_the_environment() -> None:
    options = FetchOptions.from_environment(
        {"NCBI_API_KEY": f" {KEY} ", "NCBI_EMAIL": "env@example.org"}, email="own@example.org"
    )
    assert (options.api_key, options.email) == (KEY, "own@example.org")
    assert KEY not in repr(options)


def test_an_unusable_cache_is_done_without(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path
) -> None:
    cache = tmp_path / "http.sqlite"
    client = local(cache=cache)
    reply = services.Reply(body=b"fine", headers={"ETag": '"1"'})
    with services.LocalServer(lambda request: reply) as server:
        client.get(server.url)
        for file in tmp_path.glob("http.sqlite*"):
            file.write_bytes(b"no database " * 1000)
        assert client.get(server.url).content == b"fine"


def test_a_cache_that_cannot_be_made_is_done_without(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with services.LocalServer(lambda request: services.Reply(body=b"fine")) as server:
        assert local(cache=tmp_path / "file" / "http.sqlite").get(server.url).content == b"fine"
    assert "going on without it" in caplog.text


def test_the_cache_answers_while_fresh_and_asks_conditionally_when_not(
    local: Callable[..., PoliteClient], services: ModuleType, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def answer(request: Any) -> Any:
        asked.append(request)
        if request.headers.get("if-none-match"):
            return services.Reply(304, headers={"ETag": '"1"'})
        headers = {"ETag": '"1"'} | ({"Cache-Control": "max-age=3600"} if request.path == "/fresh" else {})
        return services.Reply(body=json.dumps(len(asked)).encode(), headers=headers)

    client = local(cache=tmp_path / "http.sqlite")
    with services.LocalServer(answer) as server:
        answers = [client.get(f"{server.url}/{path}") for path in ("fresh", "fresh", "stale", "stale")]
    assert [answered.content for answered in answers] == [b"1", b"1", b"2", b"2"]
    assert [answered.from_cache for answered in answers] == [False, True, False, True]
    assert [request.path for request in asked] == ["/fresh", "/stale", "/stale"]
