"""A local server that answers as the services do, in their formats; every text in it is made up for the tests.

One server plays every host: it goes by the Host header and the path. Identifiers, journals and names are those of real
articles, so that the cassettes can be recorded again against the real services; the abstracts are not theirs.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

EUTILS = "eutils.ncbi.nlm.nih.gov"
EUROPE_PMC = "www.ebi.ac.uk"
CROSSREF = "api.crossref.org"
DOI = "doi.org"
NEWS = "news.example.org"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass
class Request:
    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.query.get(name, "")


@dataclass
class Reply:
    """`fault`: "truncate" sends half of the body it announces, "stall" sends nothing for `stall` seconds."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/xml; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    stall: float = 3.0


@dataclass
class Article:
    pmid: str
    title: str
    abstract: str | None
    journal: str = "The New England journal of medicine"
    short_journal: str = "N Engl J Med"
    doi: str | None = None
    pmcid: str | None = None
    year: str = "2018"
    month: str = "May"
    day: str = "17"
    authors: tuple[tuple[str, str], ...] = (("Ada", "Example"),)
    kinds: tuple[str, ...] = ("Journal Article",)
    trial: str | None = None
    retraction: str | None = None

    def xml(self) -> str:
        abstract = f"<Abstract><AbstractText>{escape(self.abstract)}</AbstractText></Abstract>" if self.abstract else ""
        authors = "".join(
            f"<Author><LastName>{last}</LastName><ForeName>{fore}</ForeName></Author>" for fore, last in self.authors
        )
        kinds = "".join(f'<PublicationType UI="D000000">{kind}</PublicationType>' for kind in self.kinds)
        bank = (
            "<DataBankList><DataBank><AccessionNumberList>"
            f"<AccessionNumber>{self.trial}</AccessionNumber></AccessionNumberList></DataBank></DataBankList>"
            if self.trial
            else ""
        )
        retraction = (
            '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn">'
            f"<RefSource>{self.retraction}</RefSource></CommentsCorrections></CommentsCorrectionsList>"
            if self.retraction
            else ""
        )
        doi = f'<ELocationID EIdType="doi" ValidYN="Y">{escape(self.doi)}</ELocationID>' if self.doi else ""
        ids = f'<ArticleId IdType="pubmed">{self.pmid}</ArticleId>'
        ids += f'<ArticleId IdType="doi">{escape(self.doi)}</ArticleId>' if self.doi else ""
        ids += f'<ArticleId IdType="pmc">{self.pmcid}</ArticleId>' if self.pmcid else ""
        return (
            f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{self.pmid}</PMID>'
            f'<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>{self.year}</Year>'
            f"<Month>{self.month}</Month><Day>{self.day}</Day></PubDate></JournalIssue>"
            f"<ISOAbbreviation>{self.short_journal}</ISOAbbreviation><Title>{self.journal}</Title></Journal>"
            f"{doi}<ArticleTitle>{escape(self.title)}</ArticleTitle>{abstract}"
            f'<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>{bank}'
            f"<PublicationTypeList>{kinds}</PublicationTypeList></Article>"
            f"<MedlineJournalInfo><MedlineTA>{self.short_journal}</MedlineTA></MedlineJournalInfo>{retraction}"
            f"</MedlineCitation><PubmedData><ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>"
        )


ARTICLES = {
    article.pmid: article
    for article in (
        Article(
            "29768149",
            "Inhaled Combined Budesonide-Formoterol as Needed in Mild Asthma.",
            "Asthma & relief: 3849 people drew lots for a reliever; weeks under control came to 34.4% and 31.1%.",
            doi="10.1056/NEJMoa1715274",
            authors=(("Paul M", "O'Byrne"), ("J Mark", "FitzGerald"), ("Helen K", "Reddel")),
            trial="NCT02149199",
        ),
        Article(
            "29768147",
            "As-Needed Budesonide-Formoterol versus Maintenance Budesonide in Mild Asthma.",
            "A second asthma comparison, in 4215 people, looked at severe attacks a year: 0.11 and 0.12.",
            doi="10.1056/NEJMoa1715275",
            authors=(("Eric D", "Bateman"), ("Helen K", "Reddel"), ("Paul M", "O'Byrne")),
            trial="NCT02224157",
        ),
        Article(
            "9500320",
            "RETRACTED: Ileal-lymphoid-nodular hyperplasia, and disorder in children.",
            "A report on twelve children which the journal has withdrawn.",
            journal="Lancet (London, England)",
            short_journal="Lancet",
            doi="10.1016/s0140-6736(97)11096-0",
            year="1998",
            month="Feb",
            day="28",
            kinds=("Journal Article", "Retracted Publication"),
            retraction="Lancet. 2010 Feb 6;375(9713):445",
        ),
        Article(
            "13054692",
            "Molecular structure of nucleic acids; a structure for deoxyribose nucleic acid.",
            None,
            journal="Nature",
            short_journal="Nature",
            doi="10.1038/171737a0",
            year="1953",
            month="Apr",
            day="25",
        ),
        Article(
            "16060722",
            "Why most published research findings are false.",
            "An essay with a model of how often a claimed finding holds.",
            journal="PLoS medicine",
            short_journal="PLoS Med",
            doi="10.1371/journal.pmed.0020124",
            pmcid="PMC1182327",
            year="2005",
            month="Aug",
        ),
    )
}
SEARCHES = {
    "budesonide-formoterol mild asthma": ["29768149", "29768147"],
    '"10.1056/nejmoa1715274"[doi]': ["29768149"],
    '"10.1371/journal.pmed.0020124"[doi]': ["16060722"],
    # PubMed guesses at a DOI that it does not know.
    '"10.5555/12345678"[doi]': ["13054692"],
    "NCT02149199[si] OR NCT02149199[tiab]": ["29768149"],
}
JATS = (
    XML_HEAD + '<article article-type="research-article"><front><article-meta>'
    '<article-id pub-id-type="pmcid">PMC1182327</article-id><title-group><article-title>Why most published research '
    "findings are false</article-title></title-group></article-meta></front>"
    "<body><sec><title>Model</title><p>A paragraph that was written for the tests.</p></sec></body></article>\n"
)
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Reliever cuts attacks</title></head><body><article>'
    + "".join(
        f"<p>Paragraph {n}: people with mild asthma took part in the trial that this page tells of.</p>"
        for n in range(30)
    )
    + "</article></body></html>"
)
PAYWALL = (
    '<!DOCTYPE html><html><head><title>Behind the wall</title><script type="application/ld+json">'
    '{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script></head>'
    "<body><p>The first lines only.</p></body></html>"
)
RSS = (
    XML_HEAD + '<rss version="2.0"><channel><title>Health desk</title>'
    "<item><title>One</title><link>https://news.example.org/one</link>"
    "<pubDate>Thu, 17 May 2018 10:00:00 GMT</pubDate></item>"
    "<item><title>Old</title><link>https://news.example.org/old</link>"
    "<pubDate>Mon, 01 Jan 2001 10:00:00 GMT</pubDate></item>"
    "<item><title>Bad</title><link>file:///etc/passwd</link></item></channel></rss>"
)
ATOM = (
    XML_HEAD + '<feed xmlns="http://www.w3.org/2005/Atom"><title>Health desk</title><id>urn:x</id>'
    '<entry><title>One</title><id>urn:1</id><link href="/one"/><updated>2018-05-17T10:00:00Z</updated></entry></feed>'
)


def generated(pmid: str, words: int = 40) -> Article:
    """One of any number of articles with nothing in common but their form."""
    return Article(pmid, f"Trial number {pmid}.", f"Outcome of trial {pmid}: " + f"word{pmid} " * words)


def pubmed_set(pmids: list[str], known: Callable[[str], Article | None] = ARTICLES.get) -> bytes:
    articles = "\n".join(article.xml() for pmid in pmids if (article := known(pmid)))
    return (
        f'{XML_HEAD}<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n{articles}\n</PubmedArticleSet>\n'
    ).encode()


def search_result(pmids: list[str], count: int | None = None, term: str = "") -> bytes:
    ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in pmids)
    missing = f"<ErrorList><PhraseNotFound>{escape(term)}</PhraseNotFound></ErrorList>" if not pmids else ""
    return (
        f'{XML_HEAD}<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n<eSearchResult>'
        f"<Count>{len(pmids) if count is None else count}</Count><RetMax>{len(pmids)}</RetMax><RetStart>0</RetStart>"
        f"<QueryKey>1</QueryKey><WebEnv>MCID_test</WebEnv><IdList>{ids}</IdList><TranslationSet/>"
        f"<QueryTranslation>{escape(term)}</QueryTranslation>{missing}</eSearchResult>\n"
    ).encode()


class Services:
    """The answers. `visits` counts requests by host and path, for pages that fail at first and then do not."""

    def __init__(self) -> None:
        self.visits: dict[str, int] = {}
        self.history: list[str] = []

    def answer(self, request: Request) -> Reply:
        key = f"{request.host}{request.path}"
        self.visits[key] = self.visits.get(key, 0) + 1
        hosts = {EUTILS: self._eutils, EUROPE_PMC: self._europe_pmc, CROSSREF: self._crossref, DOI: self._doi}
        return hosts.get(request.host, self._web)(request, self.visits[key])

    def _eutils(self, request: Request, visit: int) -> Reply:
        if request.path.endswith("esearch.fcgi"):
            self.history = SEARCHES.get(request["term"]) or matching(request["term"])
            return Reply(
                body=search_result(self.history[: int(request["retmax"] or 20)], len(self.history), request["term"])
            )
        if request["db"] == "pmc":
            if request["id"] == "1182327":
                article = JATS.removeprefix(XML_HEAD)
                return Reply(body=f"{XML_HEAD}<pmc-articleset>{article}</pmc-articleset>".encode())
            return Reply(
                body=f'{XML_HEAD}<pmc-articleset><Reply Id="0" error="id not found"/></pmc-articleset>'.encode()
            )
        if request["WebEnv"]:
            start, count = int(request["retstart"]), int(request["retmax"])
            return Reply(body=pubmed_set(self.history[start : start + count]))
        return self._efetch(request, request["id"].split(","), visit)

    def _efetch(self, request: Request, pmids: list[str], visit: int) -> Reply:
        good = Reply(body=pubmed_set(pmids))
        fault = request["tool"]  # a test names the fault that it wants as its tool
        if fault == "busy" and visit == 1:
            return Reply(429, b'{"error":"API rate limit exceeded"}', "application/json", {"Retry-After": "7"})
        if fault == "down" and visit <= 2:
            return Reply(503, b"<html><body>Service Unavailable</body></html>", "text/html")
        if fault == "broken" and visit == 1:
            return Reply(body=good.body[: len(good.body) // 2])
        if fault == "always-broken":
            return Reply(body=good.body[: len(good.body) // 2])
        if fault == "backend" and visit == 1:
            return Reply(body=f"{XML_HEAD}<eFetchResult><ERROR>Search Backend failed</ERROR></eFetchResult>".encode())
        if fault == "truncated" and visit == 1:
            return Reply(body=good.body, fault="truncate")
        if fault == "slow" and visit == 1:
            return Reply(body=good.body, fault="stall")
        if fault == "zipped":
            return Reply(body=gzip.compress(good.body, mtime=0), headers={"Content-Encoding": "gzip"})
        return good

    def _europe_pmc(self, request: Request, visit: int) -> Reply:
        if request.path.endswith("/fullTextXML"):
            if "PMC1182327" in request.path:
                return Reply(body=JATS.encode(), content_type="application/xml;charset=utf-8")
            return Reply(404, b"", "application/xml")
        results: list[dict[str, Any]] = []
        if request["query"] == 'DOI:"10.1101/2020.06.22.20137273"':
            results = [
                {
                    "id": "PPR178921",
                    "source": "PPR",
                    "doi": "10.1101/2020.06.22.20137273",
                    "title": "Effect of Dexamethasone in Hospitalized Patients with COVID-19",
                    "abstractText": "<h4>Background</h4>A test text on 2104 people.<h4>Results</h4>Fewer died.",
                }
            ]
        elif request["query"] == "PMCID:PMC7745181":
            results = [{"id": "29768149", "source": "MED", "pmid": "29768149", "pmcid": "PMC7745181"}]
        return json_reply({"version": "6.9", "hitCount": len(results), "resultList": {"result": results}})

    def _crossref(self, request: Request, visit: int) -> Reply:
        if unquote(request.path) == "/works/10.5555/12345678":
            work = {
                "DOI": "10.5555/12345678",
                "title": ["Metaphysics"],
                "container-title": [],
                "type": "journal-article",
            }
            return json_reply({"status": "ok", "message-type": "work", "message": work})
        return Reply(404, b"Resource not found.", "text/plain")

    def _doi(self, request: Request, visit: int) -> Reply:
        if request.path == "/10.5555/12345678":
            return Reply(302, headers={"Location": "https://news.example.org/one"}, content_type="text/html")
        return Reply(404, b"<html><body>DOI Not Found</body></html>", "text/html")

    def _web(self, request: Request, visit: int) -> Reply:
        if request.path == "/robots.txt":
            if request.host == "closed.example.org":
                return Reply(body=b"User-agent: *\nDisallow: /private/\nCrawl-delay: 3\n", content_type="text/plain")
            if request.host == "broken.example.org":
                return Reply(500, b"", "text/plain")
            return Reply(404, b"", "text/plain")
        if request.host == "journal.example.org":
            head = '<title>Reliever</title><meta name="citation_doi" content="10.1056/NEJMoa1715274">'
            return Reply(
                body=f"<!DOCTYPE html><html><head>{head}</head><body></body></html>".encode(), content_type="text/html"
            )
        page = Reply(body=PAGE.encode(), content_type="text/html; charset=utf-8", headers={"ETag": '"v1"'})
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(304, headers={"ETag": '"v1"'})
        pages = {
            "/paywall": Reply(body=PAYWALL.encode(), content_type="text/html"),
            "/feed.rss": Reply(body=RSS.encode(), content_type="application/rss+xml"),
            "/feed.atom": Reply(body=ATOM.encode(), content_type="application/xml"),
            "/paper.pdf": Reply(body=b"%PDF-1.7 not a page", content_type="application/pdf"),
            "/mislabelled": Reply(body=b"%PDF-1.7 not a page", content_type="text/html"),
            "/gone": Reply(410, b"", "text/html"),
            "/to-private": Reply(302, headers={"Location": "http://10.0.0.1/latest"}),
            "/to-metadata": Reply(301, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
            "/to-decimal": Reply(302, headers={"Location": "http://2130706433/"}),
            "/to-mapped": Reply(302, headers={"Location": "http://[::ffff:127.0.0.1]/"}),
            "/to-file": Reply(302, headers={"Location": "file:///etc/passwd"}),
            "/circle": Reply(302, headers={"Location": "/circle"}),
            "/moved": Reply(301, headers={"Location": "/one"}),
            "/broken.xml": Reply(body=b"<?xml version='1.0'?><article><front>", content_type="application/xml"),
        }
        return pages.get(request.path, page)


def matching(term: str) -> list[str]:
    """The articles that a search of the kind `(A[au] OR B[au]) AND word[tiab]` finds, as far as the tests need it."""
    groups = [
        [word.strip(' ()"').lower() for word in re.findall(r"[^\[\]]+(?=\[(?:au|tiab|jour|si)\])", group)]
        for group in term.split(" AND ")
    ]
    groups = [[word.removeprefix("or ").strip(' ("') for word in group] for group in groups]
    if not all(groups):
        return []
    return [
        pmid
        for pmid, article in ARTICLES.items()
        if all(any(re.search(rf"\b{re.escape(word)}", article.xml().lower()) for word in group) for group in groups)
    ]


def json_reply(content: object) -> Reply:
    return Reply(body=json.dumps(content).encode(), content_type="application/json")


class LocalServer:
    """Serves `answer` on a free port of this machine, in threads, until it is closed."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())

            def _serve(self, form: str) -> None:
                parts = urlsplit(self.path)
                fields = parse_qs(parts.query, keep_blank_values=True) | parse_qs(form, keep_blank_values=True)
                reply = answer(
                    Request(
                        self.command,
                        (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host") or "",
                        parts.path,
                        {name: values[0] for name, values in fields.items()},
                        {name.lower(): value for name, value in self.headers.items()},
                    )
                )
                if reply.fault == "reset":
                    self.close_connection = True
                    # No lingering: the client gets a reset, not an orderly end.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                if reply.fault == "stall":
                    time.sleep(reply.stall)
                self.send_response_only(reply.status)
                self.send_header("Date", "Thu, 17 May 2018 10:00:00 GMT")
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                body = reply.body
                if reply.fault == "truncate":
                    body = body[: len(body) // 2]
                    self.close_connection = True
                self.wfile.write(body)

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # the client has gone, which some tests mean to do
                    super().handle()

            def finish(self) -> None:
                with contextlib.suppress(OSError):
                    super().finish()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
