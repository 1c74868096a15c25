"""Cut a PubMed answer into its articles, byte for byte, and look into one.

An efetch answer holds up to some hundred articles in one `PubmedArticleSet`. Each is saved by itself: the set's own
head and tail around the article's own bytes, so nothing is parsed and written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree

from extractor.errors import BadAnswer, UnsafeMarkup

_ARTICLES = frozenset({"PubmedArticle", "PubmedBookArticle"})
_RETRACTED_TYPE = "retracted publication"
_RETRACTION_LINKS = frozenset({"RetractionIn"})
_CONCERN_LINKS = frozenset({"ExpressionOfConcernIn"})


@dataclass(frozen=True)
class PubmedSlice:
    """One article of a set. `content` is a `PubmedArticleSet` of one, made of bytes of the answer only."""

    pmid: str
    content: bytes
    title: str | None
    doi: str | None
    pmcid: str | None
    has_abstract: bool
    retracted: bool
    retraction_notice: str | None
    """Where the retraction is published, as PubMed words it."""
    concern: bool
    """An expression of concern has been published."""


def split_pubmed_set(content: bytes) -> Iterator[PubmedSlice]:
    """The articles of an efetch answer, in its order.

    Raises `BadAnswer` if it is not well-formed, no PubmedArticleSet, or an error message of the service;
    `UnsafeMarkup` if it declares entities of its own.
    """
    head, articles, tail = _cut(content)
    for start, end in articles:
        yield _look_into(content[:head] + content[start:end] + content[tail:])


class _Cutter:
    """Finds, in bytes, where the head of a set ends, where each article begins and ends, and where the tail begins.

    expat tells where an event begins. So an end tag's own end is where the next event begins, whatever that is.
    """

    def __init__(self, content: bytes) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.head: int | None = None
        self.tail = len(content)
        self.root = ""
        self._content = content
        self._depth = 0
        self._in_article = self._just_closed = self._article_was_last = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity
        self._parser.DefaultHandler = self._other
        self._parser.CharacterDataHandler = self._other

    def cut(self) -> None:
        """Read the whole set. Raises `expat.ExpatError`, `BadAnswer` and `UnsafeMarkup`."""
        self._parser.Parse(self._content, True)

    def _other(self, *_: object) -> None:
        if self._just_closed:
            self.ends.append(self._parser.CurrentByteIndex)
            self._just_closed = False

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._other()
        if self._depth == 0:
            self.root = name
        elif self._depth == 1:
            if name == "ERROR":
                raise BadAnswer(f"the service answers with an error: {_error_text(self._content)}")
            if self.head is None:
                self.head = self._parser.CurrentByteIndex
            self._in_article = self._article_was_last = name in _ARTICLES
            if self._in_article:
                self.starts.append(self._parser.CurrentByteIndex)
        self._depth += 1

    def _end(self, _: str) -> None:
        self._other()
        self._depth -= 1
        if self._depth == 1 and self._in_article:
            self._in_article, self._just_closed = False, True
        elif self._depth == 0:
            # White space before the root's end tag stays, so that a set of one article comes out as it went in.
            self.tail = self.ends[-1] if self._article_was_last else self._parser.CurrentByteIndex

    def _entity(self, *_: object) -> None:
        raise UnsafeMarkup("the answer declares XML entities of its own; it is not used")


def _cut(content: bytes) -> tuple[int, list[tuple[int, int]], int]:
    """End of the head, start and end of each article, start of the tail."""
    cutter = _Cutter(content)
    try:
        cutter.cut()
    except expat.ExpatError as error:
        raise BadAnswer(f"the answer is no well-formed XML ({error})") from None
    if cutter.root != "PubmedArticleSet":
        raise BadAnswer(f"the answer is no PubmedArticleSet but {cutter.root!r}: {_error_text(content)}")
    head = cutter.head if cutter.head is not None else cutter.tail
    return head, list(zip(cutter.starts, cutter.ends, strict=True)), cutter.tail


def _error_text(content: bytes) -> str:
    text = re.sub(rb"<[^>]*>", b" ", content[:5000]).decode("utf-8", errors="replace")
    return " ".join(text.split())[:200] or "no message"


def parse_xml(content: bytes) -> etree._Element:
    """The root of an XML document; no entity is expanded, nothing is loaded. Raises `BadAnswer`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer(f"the answer is no well-formed XML ({error})") from None


def text_of(element: etree._Element | None) -> str | None:
    """All text under an element with white space collapsed, or None if there is none."""
    if element is None:
        return None
    return " ".join("".join(str(piece) for piece in element.itertext()).split()) or None


def _look_into(content: bytes) -> PubmedSlice:
    root = parse_xml(content)
    article = next(root.iterchildren("PubmedArticle", "PubmedBookArticle"))
    pmid = text_of(article.find("MedlineCitation/PMID"))
    if pmid is None:
        pmid = text_of(article.find("BookDocument/PMID"))
    if pmid is None:
        raise BadAnswer("an article of the answer has no PMID")
    title = article.find(".//ArticleTitle")
    types = {(text_of(kind) or "").lower() for kind in article.iter("PublicationType")}
    links = {link.get("RefType"): text_of(link.find("RefSource")) for link in article.iter("CommentsCorrections")}
    notice = next((source for kind, source in links.items() if kind in _RETRACTION_LINKS), None)
    return PubmedSlice(
        pmid=pmid,
        content=content,
        title=text_of(title if title is not None else article.find(".//BookTitle")),
        doi=_article_id(article, "doi"),
        pmcid=_article_id(article, "pmc"),
        has_abstract=any(text_of(piece) for piece in article.iter("AbstractText")),
        retracted=_RETRACTED_TYPE in types or any(kind in _RETRACTION_LINKS for kind in links),
        retraction_notice=notice,
        concern=any(kind in _CONCERN_LINKS for kind in links),
    )


def _article_id(article: etree._Element, kind: str) -> str | None:
    # Only the article's own list: references carry ArticleIdLists of their own.
    for path in ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"):
        for identifier in article.findall(path):
            if identifier.get("IdType") == kind and text_of(identifier):
                return text_of(identifier)
    for place in article.findall("MedlineCitation/Article/ELocationID"):
        if place.get("EIdType") == kind and place.get("ValidYN", "Y") == "Y":
            return text_of(place)
    return None
