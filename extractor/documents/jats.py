"""Read JATS (and its forerunner NLM) full texts: title, abstract, body by section, tables, figure captions.

References, acknowledgements, permissions, footnotes about authors and supplements are left out: their numbers are
never the study's. Fragments without a root or a head (an abstract and some sections) are read like whole articles.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extractor.documents.dates import best_date, compose
from extractor.documents.inline import collect, inline_text, without_citations
from extractor.documents.language import detect_language
from extractor.documents.layout import Layout
from extractor.documents.metadata import clean_doi, trial_numbers
from extractor.documents.model import Document, Identifiers, Metadata
from extractor.documents.normalise import fold_space
from extractor.documents.tables import read_grid

ROOTS = frozenset(
    {
        "article",
        "pmc-articleset",
        "abstract",
        "sec",
        "body",
        "front",
        "front-stub",
        "OAI-PMH",
        "sub-article",
        "table-wrap",
    }
)
"""Names of the root elements that this reader takes; of HTML's `article` see `reader`."""
_LEFT_OUT = frozenset(
    {
        "ref-list", "ack", "permissions", "fn-group", "fn", "author-notes", "supplementary-material", "notes", "bio",
        "glossary", "kwd-group", "related-article", "app-group", "graphic", "media", "object-id", "sec-meta",
        "trans-abstract", "back", "front", "front-stub", "article-meta", "journal-meta", "response", "sub-article",
        "contrib-group", "history", "counts", "self-uri", "funding-group", "custom-meta-group", "label", "attrib",
        "inline-graphic", "alt-text",
    }
)  # fmt: skip
"""What holds no part of the report itself; a label is written with its caption or not at all."""
_BLOCKS = frozenset(
    {
        "p", "sec", "title", "subtitle", "list", "list-item", "def-list", "def-item", "def", "term", "disp-quote",
        "boxed-text", "table-wrap", "table-wrap-group", "table-wrap-foot", "fig", "fig-group", "table", "caption",
        "disp-formula", "disp-formula-group", "statement", "verse-group", "speech", "floats-group", "floats-wrap",
        "alternatives", "array", "preformat", "abstract", "body", "article", "chem-struct-wrap",
    }
)  # fmt: skip
"""What ends the paragraph it stands in."""
_LEFT_OUT_SECTIONS = frozenset({"supplementary-material", "display-objects-supplementary"})
_SIDE_ABSTRACTS = frozenset({"graphical", "toc", "teaser", "precis"})
_SEPARATOR = " / "


def read_jats(root: etree._Element) -> Iterator[Document]:
    """One document per article under `root`; ids are `PMC...` or `PMID...`, "" where the file has neither."""
    for article in _articles(root):
        document = _document(article)
        if document.text:
            yield document


def _articles(root: etree._Element) -> list[etree._Element]:
    if root.tag == "article":
        return [root]
    # A set (efetch) or a repository's answer (OAI-PMH) wraps whole articles; a lone fragment gets the root it lacks.
    found = list(root.iter("article"))
    if not found:
        found = [etree.Element("article")]
        found[0].append(root)
    return found


def _document(article: etree._Element) -> Document:
    front = article.find("front")
    meta = front.find("article-meta") if front is not None else article.find("article-meta")
    title = _title(meta)
    writer = _Writer()
    if title:
        writer.layout.block(title)
    if meta is not None:
        for abstract in meta.findall("abstract"):
            writer.abstract(abstract)
    writer.children(article, ())
    text = writer.layout.text
    identifiers = _identifiers(meta, text)
    return Document(
        id=identifiers.pmcid or (f"PMID{identifiers.pmid}" if identifiers.pmid else ""),
        format="jats",
        text=text,
        metadata=Metadata(
            title=title,
            authors=tuple(_authors(meta)),
            journal=_journal(front),
            publisher=_text(front, "journal-meta/publisher/publisher-name"),
            published=_published(meta),
            language=detect_language(text, article.get("{http://www.w3.org/XML/1998/namespace}lang")),
            identifiers=identifiers,
        ),
        sections=writer.layout.sections,
        tables=tuple(writer.layout.tables),
    )


class _Writer:
    """Walks an article in reading order and lays its blocks out."""

    def __init__(self) -> None:
        self.layout = Layout()
        self._table_ids: set[str] = set()
        self._path: tuple[str, ...] | None = None

    def abstract(self, element: etree._Element) -> None:
        if element.get("abstract-type") in _SIDE_ABSTRACTS:
            return
        heading = element.find("title")
        title = fold_space(inline_text(heading)) if heading is not None else ""
        self._open((title or "Abstract",), title or "Abstract")
        self.children(element, (title or "Abstract",), after=heading)

    def children(self, element: etree._Element, path: tuple[str, ...], after: etree._Element | None = None) -> None:
        """Write what `element` holds: runs of text and inline elements as paragraphs, blocks each in its own way."""
        pending: list[str] = [element.text or ""]
        for child in element:
            tag = child.tag
            if child is after or tag in _LEFT_OUT:
                pass
            elif tag in _BLOCKS:
                self._flush(pending, path)
                self._block(child, path)
                self._reopen(path)
            elif isinstance(tag, str):
                collect(child, pending)
            pending.append(child.tail or "")
        self._flush(pending, path)

    def _flush(self, pending: list[str], path: tuple[str, ...]) -> None:
        self.layout.block(without_citations("".join(pending)))
        pending.clear()

    def _block(self, element: etree._Element, path: tuple[str, ...]) -> None:
        tag = element.tag
        if tag == "sec":
            self._section(element, path)
        elif tag == "abstract":
            self.abstract(element)
        elif tag == "table-wrap":
            self._table_wrap(element, path)
        elif tag in ("table", "array"):
            self._table(element, "", "")
        elif tag == "fig":
            self._figure(element)
        elif tag in ("title", "subtitle", "term") or tag == "disp-formula":
            self.layout.block(inline_text(element))
        elif tag == "alternatives":
            self._alternatives(element, path)
        else:
            self.children(element, path)

    def _section(self, element: etree._Element, path: tuple[str, ...]) -> None:
        if element.get("sec-type") in _LEFT_OUT_SECTIONS:
            return
        heading = element.find("title")
        title = fold_space(inline_text(heading)) if heading is not None else ""
        if title:
            self._open((*path, title), title)
            self.children(element, (*path, title), after=heading)
        else:
            self.children(element, path)

    def _open(self, path: tuple[str, ...], heading: str) -> None:
        self._path = path
        self.layout.section(_SEPARATOR.join(path), heading)

    def _reopen(self, path: tuple[str, ...]) -> None:
        """Text after a nested section belongs to the outer one again."""
        if path and self._path is not None and self._path != path:
            self._path = path
            self.layout.section(_SEPARATOR.join(path))

    def _table_wrap(self, element: etree._Element, path: tuple[str, ...]) -> None:
        caption = _caption(element)
        tables = [table for table in element.iter("table") if not _inside(table, "table", element)]
        for table in tables:
            self._table(table, element.get("id", ""), caption)
            caption = ""
        if not tables:
            self.layout.block(caption)
        for foot in element.iterfind("table-wrap-foot"):
            for note in foot:
                self.layout.block(inline_text(note))

    def _table(self, table: etree._Element, wanted_id: str, caption: str) -> None:
        grid = read_grid(table, inline_text)
        if not grid:
            self.layout.block(caption)
            return
        base = wanted_id or f"table{len(self.layout.tables) + 1}"
        table_id, number = base, 2
        while table_id in self._table_ids:
            table_id, number = f"{base}-{number}", number + 1
        self._table_ids.add(table_id)
        self.layout.table(table_id, caption, grid)

    def _figure(self, element: etree._Element) -> None:
        self.layout.block(_caption(element))

    def _alternatives(self, element: etree._Element, path: tuple[str, ...]) -> None:
        """The same thing in several forms: a table that can be read rather than its picture."""
        table = element.find("table")
        if table is not None:
            self._table(table, "", "")
        else:
            self.children(element, path)


def _inside(element: etree._Element, tag: str, top: etree._Element) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not top:
        if parent.tag == tag:
            return True
        parent = parent.getparent()
    return False


def _caption(element: etree._Element) -> str:
    """Label and caption as one paragraph: "Table 1. Patients at baseline"."""
    label = _text(element, "label")
    parts = [
        fold_space(inline_text(part)) for caption in element.iterfind("caption") for part in _caption_parts(caption)
    ]
    caption = " ".join(part for part in parts if part)
    if label and caption:
        return f"{label}{' ' if label[-1] in '.:' else '. '}{caption}"
    return label or caption


def _caption_parts(caption: etree._Element) -> list[etree._Element]:
    children = [child for child in caption if child.tag in ("title", "p")]
    return children or [caption]


def _title(meta: etree._Element | None) -> str | None:
    if meta is None:
        return None
    found = meta.find("title-group/article-title")
    if found is None:
        found = meta.find("article-title")
    if found is None:
        return None
    title = fold_space(inline_text(found, skip=frozenset({"fn", "xref"})))
    subtitle = _text(meta, "title-group/subtitle")
    return (f"{title}: {subtitle}" if subtitle and title else title) or None


def _authors(meta: etree._Element | None) -> Iterator[str]:
    if meta is None:
        return
    for contributor in meta.iterfind("contrib-group/contrib"):
        if contributor.get("contrib-type", "author") != "author":
            continue
        name = contributor.find(".//name")
        written = " ".join(p for p in (_text(name, "given-names"), _text(name, "surname"), _text(name, "suffix")) if p)
        written = written or _text(contributor, ".//string-name") or _text(contributor, "collab") or ""
        if written:
            yield written


def _journal(front: etree._Element | None) -> str | None:
    paths = ("journal-meta/journal-title-group/journal-title", "journal-meta/journal-title", "journal-meta/journal-id")
    return next((name for path in paths if (name := _text(front, path))), None)


def _published(meta: etree._Element | None) -> str | None:
    if meta is None:
        return None
    dates = []
    for element in meta.iterfind("pub-date"):
        if element.get("pub-type") in ("pmc-release", "nihms-submitted"):
            continue  # when it entered the archive, not when it appeared
        dates.append(compose(_text(element, "year"), _text(element, "month"), _text(element, "day")))
    return best_date(dates)


def _identifiers(meta: etree._Element | None, text: str) -> Identifiers:
    ids: dict[str, str] = {}
    if meta is not None:
        for element in meta.iterfind("article-id"):
            ids.setdefault(element.get("pub-id-type", ""), (element.text or "").strip())
    pmcid = ids.get("pmcid") or ids.get("pmc") or ids.get("pmcaid") or ""
    if pmcid and not pmcid.startswith("PMC"):
        pmcid = f"PMC{pmcid}"
    registered = (
        " ".join(" ".join(str(t) for t in e.itertext()) for e in meta.iterfind("ext-link")) if meta is not None else ""
    )
    return Identifiers(
        doi=clean_doi(ids.get("doi")),
        pmid=ids.get("pmid") or None,
        pmcid=pmcid or None,
        trials=tuple(dict.fromkeys([*trial_numbers(registered), *trial_numbers(text)])),
    )


def _text(element: etree._Element | None, path: str) -> str | None:
    found = element.find(path) if element is not None else None
    return (fold_space(inline_text(found)) or None) if found is not None else None
