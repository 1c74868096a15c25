"""NCBI E-utilities: searching PubMed, and fetching abstracts and open full texts.

Source: Entrez Programming Utilities Help (NBK25501), chapters 2 to 4. Requests name the tool and, if known, an email
address, as NCBI asks; the API key goes along when there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.errors import BadAnswer, FetchError, NotFound, ServiceFailed
from extractor.sources.http import Answer, Check, PoliteClient
from extractor.sources.pubmed_set import PubmedSlice, parse_xml, split_pubmed_set, text_of

BATCH = 200
"""Articles in one efetch: NCBI asks for fewer, larger requests and advises batches of some hundred."""
SEARCH_LIMIT = 10_000
"""PubMed gives out no more than the first 10,000 results of a search."""
_POST_FROM = 50
"""Identifiers from which a request is POSTed; NCBI asks for POST above about 200."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: `count` in all, of which `pmids` are handed out; the rest names it on the history server."""

    count: int
    pmids: tuple[str, ...]
    web_env: str | None
    query_key: str | None
    translation: str | None
    """How PubMed understood the query."""


@dataclass(frozen=True)
class Batch:
    """One efetch answer: the articles it holds by PMID, and the answer itself."""

    articles: dict[str, PubmedSlice]
    answer: Answer


@dataclass
class Fetched:
    """What came of a list of PMIDs: usually one answer, and the PMIDs whose article could not be read, with the reason.

    A PMID in neither does not exist.
    """

    batches: list[Batch] = field(default_factory=list)
    failures: dict[str, FetchError] = field(default_factory=dict)

    def article_batch(self, pmid: str) -> Batch | None:
        """The answer that holds a PMID's article."""
        return next((batch for batch in self.batches if pmid in batch.articles), None)

    def add(self, other: Fetched) -> None:
        """Take in what came of a further list."""
        self.batches += other.batches
        self.failures |= other.failures


class NcbiClient:
    """Asks E-utilities at `options.eutils_url`. All methods raise `FetchError`s."""

    def __init__(self, client: PoliteClient) -> None:
        self._client = client
        self._options = client.options

    def search(
        self, query: str, *, since: str | None = None, until: str | None = None, maximum: int = SEARCH_LIMIT
    ) -> Search:
        """The newest `maximum` articles of PubMed that match, published between two dates (YYYY, YYYY/MM, YYYY/MM/DD).

        Keeps the result on the history server for `fetch_history`.
        """
        parameters = {
            "db": "pubmed", "term": query, "retmode": "xml", "retstart": "0", "usehistory": "y",
            "retmax": str(min(maximum, SEARCH_LIMIT)),
        }  # fmt: skip
        if since or until:
            parameters |= {"datetype": "pdat", "mindate": since or "1800", "maxdate": until or "3000"}
        answer = self._ask("esearch.fcgi", parameters, check=_check_search, post=len(query) > 1000)
        root = parse_xml(answer.content)
        return Search(
            count=int(text_of(root.find("Count")) or 0),
            pmids=tuple(pmid for element in root.iterfind("IdList/Id") if (pmid := text_of(element))),
            web_env=text_of(root.find("WebEnv")),
            query_key=text_of(root.find("QueryKey")),
            translation=text_of(root.find("QueryTranslation")),
        )

    def pmid_of_doi(self, doi: str) -> str | None:
        """The one PMID that PubMed gives for a DOI, or None. PubMed may guess, so look at the article's own DOI."""
        found = self.search(f'"{doi}"[doi]', maximum=2)
        return found.pmids[0] if len(found.pmids) == 1 else None

    def fetch(self, pmids: Sequence[str]) -> Fetched:
        """The articles of up to `BATCH` PMIDs.

        A list that the service refuses, or answers with broken XML to the end, is halved, so that
        one bad article costs only itself; a single PMID that is refused is one that does not exist.
        """
        parameters = {"db": "pubmed", "retmode": "xml", "rettype": "abstract", "id": ",".join(pmids)}
        try:
            return Fetched([self._batch(parameters, post=len(pmids) >= _POST_FROM)])
        except (ServiceFailed, NotFound, BadAnswer) as failure:
            if not _may_be_one_article(failure):
                raise
            if len(pmids) == 1:
                return Fetched(failures={pmids[0]: failure} if isinstance(failure, BadAnswer) else {})
        middle = len(pmids) // 2
        fetched = self.fetch(pmids[:middle])
        fetched.add(self.fetch(pmids[middle:]))
        return fetched

    def fetch_history(self, search: Search, start: int, count: int) -> Batch | None:
        """Results `start` to `start + count` of a search, or None if the history server no longer knows it."""
        if search.web_env is None or search.query_key is None:
            return None
        parameters = {
            "db": "pubmed", "retmode": "xml", "rettype": "abstract", "WebEnv": search.web_env,
            "query_key": search.query_key, "retstart": str(start), "retmax": str(count),
        }  # fmt: skip
        try:
            return self._batch(parameters, post=False)
        except (ServiceFailed, NotFound, BadAnswer) as failure:
            if not _may_be_one_article(failure):
                raise
            return None

    def full_text(self, pmcid: str) -> Answer:
        """The JATS of an open article of PubMed Central. Raises `NotFound` if it has none to give out."""
        parameters = {"db": "pmc", "retmode": "xml", "id": pmcid.removeprefix("PMC")}
        try:
            answer = self._ask("efetch.fcgi", parameters, check=_check_full_text)
        except ServiceFailed as failure:
            if failure.status == 400:
                raise NotFound(f"{pmcid}: PubMed Central has no such article") from None
            raise
        root = parse_xml(answer.content)
        article = root if root.tag == "article" else root.find("article")
        if article is None:
            raise NotFound(f"{pmcid}: PubMed Central has no such article")
        if article.find("body") is None:
            raise NotFound(f"{pmcid}: the publisher does not allow the full text to be given out")
        return answer

    def _batch(self, parameters: dict[str, str], post: bool) -> Batch:
        articles: dict[str, PubmedSlice] = {}

        def check(answer: Answer) -> None:
            articles.clear()
            articles.update((article.pmid, article) for article in split_pubmed_set(answer.content))

        answer = self._ask("efetch.fcgi", parameters, check=check, post=post)
        return Batch(articles, answer)

    def _ask(
        self, program: str, parameters: dict[str, str], *, check: Check | None = None, post: bool = False
    ) -> Answer:
        identified = {**parameters, "tool": self._options.tool}
        if self._options.email:
            identified["email"] = self._options.email
        if self._options.api_key:
            identified["api_key"] = self._options.api_key
        url = f"{self._options.eutils_url}/{program}"
        if post:
            return self._client.post(url, identified, check=check)
        return self._client.get(url, identified, accept="application/xml, text/xml", check=check)


def _may_be_one_article(failure: FetchError) -> bool:
    return not isinstance(failure, ServiceFailed) or failure.status in (400, 404, 413, 414)


def _check_search(answer: Answer) -> None:
    root = parse_xml(answer.content)
    error = text_of(root.find("ERROR"))
    if root.tag != "eSearchResult" or error:
        raise BadAnswer(f"PubMed's search answers with an error: {error or root.tag}")


def _check_full_text(answer: Answer) -> None:
    root = parse_xml(answer.content)
    if root.tag not in ("pmc-articleset", "article"):
        raise BadAnswer(f"PubMed Central answers with <{root.tag}> instead of an article")
