from __future__ import annotations

from datetime import date

import pytest

from extractor.errors import BadAnswer, UnsafeMarkup, WrongContentType
from extractor.sources.feeds import read_feed
from extractor.sources.http import Answer
from extractor.sources.webpage import kind_of, look_at


def answer(content: bytes | str, content_type: str = "text/html", status: int = 200) -> Answer:
    body = content.encode() if isinstance(content, str) else content
    headers = {"content-type": content_type} if content_type else {}
    return Answer(
        "https://news.example.org/a", "https://news.example.org/a", status, headers, body, "2018-05-17T10:00:00Z"
    )


HTML = "<!DOCTYPE html><html><head><title>A  page</title></head><body><p>Words.</p></body></html>"
LONG = "".join(f"<p>{'word ' * 20}</p>" for _ in range(20))


@pytest.mark.parametrize(
    ("content", "content_type", "kind"),
    [
        (HTML, "text/html; charset=utf-8", "html"),
        (HTML, "application/xhtml+xml", "html"),
        (HTML, "", "html"),
        ("<!-- built --><html></html>", "application/octet-stream", "html"),
        ("<?xml version='1.0'?><html></html>", "text/html", "html"),
        ("<?xml version='1.0'?><article/>", "application/xml", "xml"),
        ("<article/>", "", "xml"),
        ("plain words", "text/plain", "text"),
        ("<?xml version='1.0'?><rss version='2.0'/>", "application/xml", "feed"),
        ("<?xml version='1.0'?><!-- x --><feed/>", "text/html", "feed"),
        ("<rdf:RDF/>", "text/xml", "feed"),
        ("anything", "application/rss+xml", "feed"),
    ],
)
def test_kinds(content: str, content_type: str, kind: str) -> None:
    assert kind_of(answer(content, content_type)) == kind


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"%PDF-1.7", "text/html"),
        (b"\x89PNG\r\n", ""),
        (b"PK\x03\x04", "text/plain"),
        (b"{}", "application/json"),
        (b"bin\x00ary", "text/plain"),
        (b"", "text/html"),
        (b"   \n", "text/html"),
        (b"whatever", ""),
        (b"video", "video/mp4"),
    ],
)
def test_what_is_no_article(content: bytes, content_type: str) -> None:
    with pytest.raises(WrongContentType, match=r"news\.example\.org"):
        kind_of(answer(content, content_type))


def test_what_a_page_says_of_itself() -> None:
    head = (
        "<title> Two\n lines </title>"
        '<meta name="citation_doi" content="doi:10.1234/Abc"><meta name="citation_pmid" content="77">'
    )
    page = look_at(answer(f"<html><head>{head}</head><body>{LONG}</body></html>"))
    assert (page.title, page.doi, page.pmid, page.paywalled) == ("Two lines", "10.1234/Abc", "77", None)


@pytest.mark.parametrize(
    "content",
    [
        '<script type="application/ld+json">{"@graph": [{"isAccessibleForFree": false}]}</script>' + LONG,
        '<script type="application/ld+json">[{"hasPart": {"isAccessibleForFree": "False"}}]</script>' + LONG,
        '<meta property="article:content_tier" content="locked">' + LONG,
        "<p>The first lines.</p><div>Subscribe  to\ncontinue reading</div>",
        "<p>Abstract.</p><a>Get access to the full version of this article</a>",
    ],
)
def test_paywalls(content: str) -> None:
    assert look_at(answer(f"<html><body>{content}</body></html>")).paywalled


@pytest.mark.parametrize(
    "content",
    [
        '<script type="application/ld+json">{"isAccessibleForFree": true}</script><p>Short.</p>',
        '<script type="application/ld+json">{broken</script><p>Short.</p>',
        '<meta property="article:content_tier" content="free"><p>Short.</p>',
        # the whole article is there, and a banner beside it
        f"{LONG}<div>Subscribe to continue reading our other stories</div>",
        "<p>The trial's patients could subscribe to a newsletter.</p>",
    ],
)
def test_no_paywalls(content: str) -> None:
    assert look_at(answer(f"<html><body>{content}</body></html>")).paywalled is None


def test_payment_required() -> None:
    assert "402" in (look_at(answer(HTML, status=402)).paywalled or "")


def feed(entries: str) -> Answer:
    return answer(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{entries}</channel></rss>', "text/xml"
    )


def test_feed_entries_within_dates() -> None:
    told = feed(
        "<item><link>https://a.example.org/1</link><pubDate>Thu, 17 May 2018 23:30:00 -0500</pubDate></item>"
        "<item><link>/2</link></item><item><link>https://a.example.org/1</link></item>"
        "<item><link>javascript:alert(1)</link></item><item><title>no link</title></item>"
    )
    entries = read_feed(told)
    assert [entry.link for entry in entries] == ["https://a.example.org/1", "https://news.example.org/2"]
    assert entries[0].published == date(2018, 5, 18)  # in UTC
    late = read_feed(told, since=date(2018, 5, 19))
    assert [entry.link for entry in late] == ["https://news.example.org/2", "https://a.example.org/1"]
    assert len(read_feed(told, until=date(2018, 5, 18))) == 2


def test_no_feed() -> None:
    with pytest.raises(BadAnswer):
        read_feed(answer("{}", "application/rss+xml"))
    with pytest.raises(UnsafeMarkup):
        read_feed(answer('<!DOCTYPE rss [<!ENTITY x "y">]><rss version="2.0"/>', "application/rss+xml"))
    assert read_feed(feed("")) == []
