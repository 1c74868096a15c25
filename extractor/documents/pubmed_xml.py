"""Read PubMed's XML: one article or a whole set, each article a `Document` of its title and abstract."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extractor.documents.dates import best_date, compose
from extractor.documents.inline import inline_text
from extractor.documents.language import detect_language
from extractor.documents.layout import Layout
from extractor.documents.metadata import clean_doi, trial_numbers
from extractor.documents.model import Document, Identifiers, Metadata
from extractor.documents.normalise import fold_space

ROOTS = frozenset(
    {
        "PubmedArticleSet", "PubmedArticle", "PubmedBookArticleSet", "PubmedBookArticle", "BookDocument",
        "MedlineCitationSet", "MedlineCitation",
    }
)  # fmt: skip
"""Names of the root elements that this reader takes."""
_ARTICLES = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation", "BookDocument")
_UNLABELLED = frozenset({"", "UNLABELLED", "UNASSIGNED"})


def read_pubmed(root: etree._Element) -> Iterator[Document]:
    """One document per article under `root`, in order; ids are `PMID<pmid>`. An article without text is left out."""
    for article in _articles(root):
        document = _document(article)
        if document.text:
            yield document


def _articles(root: etree._Element) -> Iterator[etree._Element]:
    if root.tag in _ARTICLES:
        yield root
        return
    for child in root:
        if child.tag in ROOTS:  # sets one after the other in one file
            yield from _articles(child)


def _document(article: etree._Element) -> Document:
    citation = _first(article, "MedlineCitation", "BookDocument")
    body = _first(citation, "Article")
    pmid = _text(citation, "PMID")
    title = _text(body, "ArticleTitle") or _text(body, "VernacularTitle") or _text(body, "Book/BookTitle")
    layout = Layout()
    if title:
        layout.block(title)
    _write_abstract(body, citation, layout)
    text = layout.text
    return Document(
        id=f"PMID{pmid}" if pmid else "",
        format="pubmed",
        text=text,
        metadata=Metadata(
            title=title or None,
            authors=tuple(_authors(body)),
            journal=_text(body, "Journal/Title") or _text(body, "Journal/ISOAbbreviation") or None,
            publisher=_text(body, "Book/Publisher/PublisherName") or None,
            published=_published(article, body),
            # The language of the text read: a German article's abstract in PubMed is English.
            language=detect_language(text, _text(body, "Language")),
            identifiers=_identifiers(article, citation, body, pmid, text),
        ),
        sections=layout.sections,
    )


def _write_abstract(body: etree._Element, citation: etree._Element, layout: Layout) -> None:
    abstract = body.find("Abstract")
    if abstract is None:
        # Only where there is no other: OtherAbstract is a translation or a summary for lay readers.
        abstract = citation.find("OtherAbstract")
    if abstract is None:
        return
    for part in abstract.findall("AbstractText"):
        text = fold_space(inline_text(part))
        if not text:
            continue
        label = fold_space(part.get("Label", ""))
        if label.upper() in _UNLABELLED:
            layout.section("Abstract")
            layout.block(text)
        else:
            layout.section(label)
            layout.block(f"{label}: {text}")


def _authors(body: etree._Element) -> Iterator[str]:
    for author in body.iterfind("AuthorList/Author"):
        name = " ".join(part for part in (_text(author, "ForeName"), _text(author, "LastName")) if part)
        if name or (name := _text(author, "CollectiveName")):
            yield name


def _published(article: etree._Element, body: etree._Element) -> str | None:
    dates = [body.find("ArticleDate"), body.find("Journal/JournalIssue/PubDate"), body.find("Book/PubDate")]
    found = [_date(element) for element in dates if element is not None]
    if any(found):
        return best_date(found)
    history = article.findall("PubmedData/History/PubMedPubDate")
    return best_date([_date(element) for element in history if element.get("PubStatus") in ("pubmed", "entrez")])


def _date(element: etree._Element) -> str | None:
    year = _text(element, "Year")
    if year:
        return compose(year, _text(element, "Month") or None, _text(element, "Day") or None)
    # "2018 May-Jun", "Spring 2001": only the year is one.
    words = _text(element, "MedlineDate").replace("-", " ").split()
    return next((iso for word in words if len(word) == 4 and (iso := compose(word))), None)


def _identifiers(
    article: etree._Element, citation: etree._Element, body: etree._Element, pmid: str, text: str
) -> Identifiers:
    # Direct children only: the reference list below PubmedData has article ids of its own.
    listed = [*article.findall("PubmedData/ArticleIdList/ArticleId"), *citation.findall("ArticleIdList/ArticleId")]
    listed += article.findall("PubmedBookData/ArticleIdList/ArticleId")
    ids = {element.get("IdType", ""): (element.text or "").strip() for element in listed}
    locations = {
        e.get("EIdType", ""): (e.text or "").strip() for e in body.findall("ELocationID") if e.get("ValidYN") != "N"
    }
    registered = [
        (number.text or "").strip()
        for bank in body.iterfind("DataBankList/DataBank")
        for number in bank.iterfind("AccessionNumberList/AccessionNumber")
    ]
    return Identifiers(
        doi=clean_doi(ids.get("doi") or locations.get("doi")),
        pmid=pmid or ids.get("pubmed") or None,
        pmcid=ids.get("pmc") or None,
        trials=tuple(dict.fromkeys([*trial_numbers(" ".join(registered)), *trial_numbers(text)])),
    )


def _first(element: etree._Element, *names: str) -> etree._Element:
    """The first child of one of these names, or the element itself: citations come with and without their wrappers."""
    for name in names:
        child = element.find(name)
        if child is not None:
            return child
    return element


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return fold_space(inline_text(found)) if found is not None else ""
