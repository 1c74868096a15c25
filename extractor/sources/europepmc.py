"""Europe PMC: open-access full texts, and abstracts of what PubMed does not hold (preprints, for one).

Source: the Articles RESTful API (europepmc.org/RestfulWebService).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup

from extractor.errors import BadAnswer, NotFound, ServiceFailed
from extractor.sources.http import Answer, PoliteClient
from extractor.sources.pubmed_set import parse_xml


@dataclass(frozen=True)
class EuropePmcResult:
    """One article as Europe PMC knows it; `abstract` and `title` are plain text."""

    pmid: str | None
    pmcid: str | None
    doi: str | None
    title: str | None
    abstract: str | None
    answer: Answer


class EuropePmcClient:
    """Asks Europe PMC at `options.europepmc_url`. All methods raise `FetchError`s."""

    def __init__(self, client: PoliteClient) -> None:
        self._client = client
        self._base = client.options.europepmc_url

    def full_text(self, pmcid: str) -> Answer:
        """The JATS of an open-access article. Raises `NotFound` if Europe PMC has none to give out."""
        try:
            return self._client.get(
                f"{self._base}/{quote(pmcid)}/fullTextXML", accept="application/xml", check=_check_full_text
            )
        except ServiceFailed as failure:
            if failure.status in (400, 403):
                raise NotFound(f"{pmcid}: Europe PMC has no open full text") from None
            raise
        except NotFound:
            raise NotFound(f"{pmcid}: Europe PMC has no open full text") from None

    def by_doi(self, doi: str) -> EuropePmcResult | None:
        """The article with this DOI, or None."""
        found = self._search(f'DOI:"{doi}"')
        return found if found is not None and (found.doi or "").lower() == doi else None

    def by_pmcid(self, pmcid: str) -> EuropePmcResult | None:
        """The article with this PMCID, or None."""
        found = self._search(f"PMCID:{pmcid}")
        return found if found is not None and found.pmcid == pmcid else None

    def _search(self, query: str) -> EuropePmcResult | None:
        answer = self._client.get(
            f"{self._base}/search",
            {"query": query, "resultType": "core", "format": "json", "pageSize": "1"},
            accept="application/json",
            check=parse_json,
        )
        try:
            results = parse_json(answer)["resultList"]["result"]
        except (KeyError, TypeError):
            raise BadAnswer(f"{answer.url}: the answer has no result list") from None
        if not results:
            return None
        first = results[0]
        return EuropePmcResult(
            pmid=first.get("pmid"),
            pmcid=first.get("pmcid"),
            doi=first.get("doi"),
            title=_plain(first.get("title")),
            abstract=_plain(first.get("abstractText")),
            answer=answer,
        )


def parse_json(answer: Answer) -> Any:
    """The answer's JSON object. Raises `BadAnswer`."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"{answer.url}: the answer is no JSON ({error})") from None


def _check_full_text(answer: Answer) -> None:
    root = parse_xml(answer.content)
    if root.tag != "article":
        raise BadAnswer(f"{answer.url}: <{root.tag}> instead of an article")


def _plain(marked_up: str | None) -> str | None:
    """Text without its inline HTML; a heading of a structured abstract begins a paragraph."""
    if not marked_up:
        return None
    soup = BeautifulSoup(marked_up, "lxml")
    for heading in soup.find_all(["h4", "h3", "p", "br"]):
        heading.insert_before("\n\n")
        if heading.name in ("h3", "h4"):
            heading.append(": ")
    paragraphs = (" ".join(paragraph.split()) for paragraph in soup.get_text().split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) or None
