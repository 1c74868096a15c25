"""What a fetched page is: an article, a feed, a paywall, or nothing that can be read.

Only enough is read to name and mark the page; its text is the readers' business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bs4 import BeautifulSoup, Tag

from extractor.errors import WrongContentType
from extractor.sources.http import Answer
from extractor.sources.redact import redact_url
from extractor.sources.wordlist import terms

PageKind = Literal["html", "xml", "text", "feed"]

_SUFFIXES: dict[PageKind, str] = {"html": ".html", "xml": ".xml", "text": ".txt", "feed": ".xml"}
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_XML = frozenset({"application/xml", "text/xml", "application/jats+xml"})
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_SILENT = frozenset({"", "application/octet-stream", "binary/octet-stream", "unknown/unknown"})
# What files of other kinds begin with, whatever the server calls them.
_MAGIC = (
    (b"%PDF-", "a PDF"), (b"\x89PNG", "an image"), (b"\xff\xd8\xff", "an image"), (b"GIF8", "an image"),
    (b"RIFF", "an image or a sound"), (b"PK\x03\x04", "a zip archive or office file"), (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an office file"), (b"\x00\x00\x01\x00", "an icon"), (b"ID3", "a sound"),
)  # fmt: skip
_FEED_ROOT = re.compile(
    rb"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<\?.*?\?>\s*|<!DOCTYPE[^>]*>\s*)*<(?:rss|feed|rdf:RDF)\b", re.S
)
_XML_ROOT = re.compile(rb"\A\s*(?:<\?xml\b|<(?:article|PubmedArticleSet|pmc-articleset)\b)")
_HTML_ROOT = re.compile(rb"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.S | re.I)
_SNIFFED = 4096

_RUNNING_TEXT = 250
"""Words in paragraphs from which a page is taken to show its article, whatever its banners say. The shortest of the
news items that the readers' tests know has 290."""
_LOCKED_TIERS = frozenset({"locked", "metered", "premium", "paid", "subscriber", "subscription"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page that can be saved. `paywalled` is the evidence for a paywall, or None."""

    kind: PageKind
    suffix: str
    title: str | None
    paywalled: str | None
    doi: str | None
    """The DOI that the page gives of itself (`citation_doi`), as journals' pages do."""
    pmid: str | None


def look_at(answer: Answer) -> Page:
    """What the answer is. Raises `WrongContentType` for what cannot be an article."""
    kind = kind_of(answer)
    if kind != "html":
        return Page(kind, _SUFFIXES[kind], None, None, None, None)
    soup = BeautifulSoup(answer.content, "lxml")
    title = soup.find("title")
    return Page(
        kind=kind,
        suffix=_SUFFIXES[kind],
        title=" ".join(title.get_text().split()) or None if isinstance(title, Tag) else None,
        paywalled=paywall_evidence(answer.status, soup),
        doi=_meta(soup, "citation_doi", "dc.identifier", "prism.doi", pattern=r"10\.\d{4,9}/\S+"),
        pmid=_meta(soup, "citation_pmid", pattern=r"\d{1,9}"),
    )


def kind_of(answer: Answer) -> PageKind:
    """By the declared type, and by the first bytes where that says nothing or cannot be true."""
    start = answer.content[:_SNIFFED]
    where, declared = redact_url(answer.final_url), answer.media_type
    for magic, what in _MAGIC:
        if start.startswith(magic):
            raise WrongContentType(f"{where} is {what}, declared as {declared or 'nothing'}; only web pages are read")
    if not start.strip():
        raise WrongContentType(f"{where} is empty")
    is_xml = declared in _XML or declared.endswith("+xml") or declared in _SILENT
    if declared in _FEEDS or ((is_xml or declared in _HTML) and _FEED_ROOT.match(start)):
        return "feed"
    if declared in _HTML or (declared in _SILENT and _HTML_ROOT.match(start)):
        return "html"
    if declared in _XML or declared == "application/jats+xml" or (declared in _SILENT and _XML_ROOT.match(start)):
        return "html" if _HTML_ROOT.match(start) else "xml"
    if declared == "text/plain" and b"\x00" not in start:
        return "text"
    raise WrongContentType(
        f"{where} is declared as {declared or 'nothing'}, which is no article; only web pages are read"
    )


def paywall_evidence(status: int, soup: BeautifulSoup) -> str | None:
    """By what a page is known to hide its article, or None.

    The site's own statement to search engines counts first (schema.org `isAccessibleForFree`), then the content tier in
    its meta tags, then a phrase of the lexicon on a page with little running text.
    """
    if status == 402:
        return "HTTP 402 Payment Required"
    for block in soup.find_all("script", type="application/ld+json"):
        if any(_says_not_free(node) for node in _json_nodes(block.get_text())):
            return "the page states isAccessibleForFree: false"
    tier = _meta(soup, "article:content_tier", "content_tier", pattern=r"\w+")
    if tier and tier.lower() in _LOCKED_TIERS:
        return f"the page states the content tier {tier!r}"
    words = sum(len(paragraph.get_text().split()) for paragraph in soup.find_all("p"))
    if words < _RUNNING_TEXT:
        text = " ".join(soup.get_text(" ").split()).lower()
        phrase = next((phrase for phrase in terms("paywall_phrases.tsv") if phrase in text), None)
        if phrase:
            return f"the page says {phrase!r} and has {words} words in paragraphs"
    return None


def _says_not_free(node: dict[str, Any]) -> bool:
    # A part marked as not free (hasPart with a cssSelector) is how a metered page marks its hidden text; it counts too.
    return str(node.get("isAccessibleForFree", "")).strip().lower() in ("false", "no")


def _json_nodes(text: str) -> Iterator[dict[str, Any]]:
    try:
        todo = [json.loads(text)]
    except (ValueError, RecursionError):
        return  # a site's broken JSON-LD says nothing either way
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            yield node
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)


def _meta(soup: BeautifulSoup, *names: str, pattern: str) -> str | None:
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").lower()
        if name in names and (match := re.search(pattern, str(tag.get("content") or ""))):
            return match[0]
    return None
