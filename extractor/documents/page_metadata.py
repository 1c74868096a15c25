"""Metadata that a web page states in the standards pages carry.

Asked in this order, the first answer wins: `citation_*` tags (Highwire), schema.org JSON-LD, OpenGraph and its
`article:` tags, Dublin Core, `<time>`, then by-line and dateline wording. A page without any of them is no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from extractor.documents.dates import iso_date
from extractor.documents.metadata import (
    authors_in,
    clean_doi,
    is_study_link,
    people,
    published_in,
    publisher_named,
    with_agency,
)
from extractor.documents.normalise import fold_space

_ARTICLE_TYPES = (
    "MedicalScholarlyArticle", "ScholarlyArticle", "NewsArticle", "ReportageNewsArticle", "MedicalWebPage", "Article",
    "BlogPosting", "Report", "TechArticle", "SocialMediaPosting", "ItemPage", "WebPage",
)  # fmt: skip
"""schema.org types that describe the page's article, the most telling first."""
_MAX_NODES = 5_000
_MAX_DEPTH = 12
_JSON_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$|;\s*$"
)
_TAGS = re.compile(r"<[^<>]{1,400}>")
_SITE_SEPARATOR = re.compile(r"\s+[|–—•·»:-]\s+|\s*\|\s*")
_TOP_WORDING = 4000
_FURNITURE = frozenset({"nav", "footer", "aside", "header", "form"})
_FURNITURE_NAME = re.compile(
    r"related|recommend|sidebar|footer|newsletter|teaser|promo|more-(?:news|stories)|read-next|trending", re.IGNORECASE
)
_BYLINE_NAME = re.compile(
    r"byline|author|contributor|dateline|pub-?date|published|article-?(?:meta|info|date)|post-?meta|entry-?meta|timestamp",
    re.IGNORECASE,
)
_MAX_LINKS = 20
"""A page that links to more studies is a review or an encyclopedia, not a report of one."""
_MAX_WORDING = 240


@dataclass(frozen=True)
class PageMetadata:
    """What the page says of itself; `article_body` is the JSON-LD text of the article, if the page carries it."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None
    doi: str | None = None
    pmid: str | None = None
    links: tuple[str, ...] = ()
    article_body: str | None = None


@dataclass
class _Tags:
    """The page's `meta` tags by lower-case name or property, each with its contents in page order."""

    contents: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        return next((content for name in names for content in self.contents.get(name, ()) if content), None)

    def all(self, *names: str) -> list[str]:
        return next((found for name in names if (found := [c for c in self.contents.get(name, []) if c])), [])


def read_page_metadata(tree: etree._Element, url: str | None) -> PageMetadata:
    """The metadata of a parsed page; `url` is where it was fetched from, to complete its links."""
    tags = _tags(tree)
    nodes = list(_json_nodes(tree))
    article = _article_node(nodes)
    wording = _wording(tree)
    site = _named(article.get("publisher")) or tags.first(
        "og:site_name", "application-name", "dc.publisher", "citation_publisher"
    )
    site = (_clean(site) or "").partition(" | ")[0] or _host(tags.first("og:url") or url)
    doi = clean_doi(tags.first("citation_doi", "dc.identifier.doi", "prism.doi") or _identifier(article))
    if not doi and (identifier := tags.first("dc.identifier")) and "10." in identifier:
        doi = clean_doi(identifier)
    return PageMetadata(
        title=_title(tree, tags, article, site),
        authors=tuple(name for name in _authors(tags, article, wording) if name != site),
        journal=_clean(tags.first("citation_journal_title", "prism.publicationname") or _journal(article)),
        publisher=with_agency(site, _agency(wording)),
        published=_published(tree, tags, article, wording),
        language=_language(tree, tags, article),
        doi=doi,
        pmid=tags.first("citation_pmid"),
        links=tuple(_study_links(tree, url, article, doi)),
        article_body=_article_body(article),
    )


# --- meta tags and JSON-LD ----------------------------------------------------------------------------------------


def _tags(tree: etree._Element) -> _Tags:
    tags = _Tags()
    for element in tree.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop")
        content = element.get("content")
        if name and content:
            tags.contents.setdefault(name.strip().lower(), []).append(fold_space(unescape(content)))
    return tags


def _json_nodes(tree: etree._Element) -> Iterator[dict[str, Any]]:
    """Every object in the page's JSON-LD, whether alone, in a list or in a `@graph`."""
    budget = _MAX_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        written = _JSON_WRAPPING.sub("", script.text or "").strip()
        try:
            parsed = json.loads(written, strict=False)
        except (ValueError, RecursionError):
            continue  # pages carry broken JSON-LD; what it says is said elsewhere too
        for node in _objects(parsed, _MAX_DEPTH):
            budget -= 1
            if budget < 0:
                return
            yield node


def _objects(parsed: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth <= 0:
        return
    if isinstance(parsed, list):
        for entry in parsed:
            yield from _objects(entry, depth - 1)
    elif isinstance(parsed, dict):
        yield parsed
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement"):
            if isinstance(parsed.get(key), (dict, list)):
                yield from _objects(parsed[key], depth - 1)


def _article_node(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The object that describes the article; empty where there is none."""

    def rank(node: dict[str, Any]) -> int:
        written = node.get("@type")
        names = [str(name).rpartition("/")[2] for name in (written if isinstance(written, list) else [written])]
        return min(
            (_ARTICLE_TYPES.index(name) for name in names if name in _ARTICLE_TYPES), default=len(_ARTICLE_TYPES)
        )

    ranked = sorted(nodes, key=rank)
    return ranked[0] if ranked and rank(ranked[0]) < len(_ARTICLE_TYPES) else {}


def _named(value: Any) -> str | None:
    """The name in a schema.org value: a string, an object with a name, or a list of them."""
    if isinstance(value, list):
        return next((name for entry in value if (name := _named(entry))), None)
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) and value.strip() else None


def _identifier(article: dict[str, Any]) -> str | None:
    for key in ("identifier", "sameAs", "@id"):
        values = article.get(key)
        for value in values if isinstance(values, list) else [values]:
            written = value.get("value") if isinstance(value, dict) else value
            if isinstance(written, str) and "10." in written and clean_doi(written):
                return written
    return None


def _journal(article: dict[str, Any]) -> str | None:
    part_of = article.get("isPartOf")
    while isinstance(part_of, dict):
        if part_of.get("@type") == "Periodical":
            return _named(part_of)
        part_of = part_of.get("isPartOf")
    return None


def _article_body(article: dict[str, Any]) -> str | None:
    body = article.get("articleBody")
    if not isinstance(body, str):
        return None
    return _TAGS.sub(" ", unescape(body)).strip() or None


# --- title, people, dates -----------------------------------------------------------------------------------------


def _title(tree: etree._Element, tags: _Tags, article: dict[str, Any], site: str | None) -> str | None:
    headings = [text for h1 in tree.iter("h1") if (text := element_text(h1))]
    stated = _clean(
        tags.first("citation_title")
        or _string(article.get("headline"))
        or tags.first("og:title", "twitter:title", "dc.title")
    )
    title_element = tree.find(".//title")
    shown = element_text(title_element) if title_element is not None else None
    for candidate in (stated, shown):
        # The heading on the page is the title as its readers see it; the others may be cut short for other sites.
        if candidate and (heading := next((h for h in headings if _same_title(h, candidate)), None)):
            return heading
    if stated:
        return _without_site(stated, site)
    return headings[0] if len(headings) == 1 else _without_site(shown, site) if shown else None


def _same_title(heading: str, candidate: str) -> bool:
    one, other = _letters(heading), _letters(candidate)
    return len(one) > 8 and (other.startswith(one) or (one.startswith(other) and len(other) > 20))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _without_site(title: str, site: str | None) -> str:
    """The title without " | Site" behind it."""
    parts = _SITE_SEPARATOR.split(title)
    if len(parts) > 1 and (
        (site and _letters(parts[-1]) in (_letters(site), _letters(site.split(".")[0]))) or "|" in title
    ):
        return title[: title.rindex(parts[-1])].rstrip(" |–—•·»:-") or title
    return title


def _authors(tags: _Tags, article: dict[str, Any], wording: list[str]) -> tuple[str, ...]:
    listed = tags.all("citation_author", "citation_authors", "dc.creator", "dcterms.creator")
    if listed:
        split = [part for name in listed for part in name.split(";")]
        return tuple(dict.fromkeys(_first_name_first(fold_space(part)) for part in split if part.strip()))
    written = article.get("author")
    names = [name for entry in (written if isinstance(written, list) else [written]) if (name := _named(entry))]
    names = names or tags.all("author", "article:author", "parsely-author", "sailthru.author", "byl")
    found = [person for name in names if not name.startswith("http") for person in people(_clean(name) or "")]
    if found:
        return tuple(dict.fromkeys(found))
    return next((authors for line in wording if (authors := authors_in(line))), ())


def _first_name_first(name: str) -> str:
    family, comma, given = name.partition(",")
    ordered = f"{given.strip()} {family.strip()}" if comma and given.strip() and "," not in given else name
    return " ".join(ordered.split())


def _published(tree: etree._Element, tags: _Tags, article: dict[str, Any], wording: list[str]) -> str | None:
    stated = [
        *tags.all("citation_online_date"), *tags.all("citation_publication_date"), *tags.all("citation_date"),
        _string(article.get("datePublished")), _string(article.get("dateCreated")),
        *tags.all("article:published_time"), *tags.all("og:published_time", "og:article:published_time"),
        *tags.all("datepublished"),
        *tags.all("dc.date", "dcterms.date", "dc.date.issued", "dcterms.issued", "dcterms.created"),
        *tags.all("pubdate", "publishdate", "publish-date", "date", "parsely-pub-date", "sailthru.date"),
    ]  # fmt: skip
    for written in stated:
        if iso := iso_date(written):
            return iso
    if iso := published_in(wording):
        return iso
    for element in tree.iter("time"):
        if _in_furniture(element):
            continue
        if iso := iso_date(element.get("datetime")) or iso_date(element_text(element)):
            return iso
    return iso_date(_string(article.get("dateModified")))


def _agency(wording: list[str]) -> str | None:
    named = publisher_named(wording)
    return named.rpartition(" / ")[2] if named else None


def _language(tree: etree._Element, tags: _Tags, article: dict[str, Any]) -> str | None:
    root = tree if tree.tag == "html" else tree.find(".//html")
    declared = (root.get("lang") or root.get("xml:lang")) if root is not None else None
    return (
        declared
        or _string(article.get("inLanguage"))
        or tags.first("citation_language", "dc.language", "og:locale", "content-language")
    )


# --- links and wording --------------------------------------------------------------------------------------------


def _study_links(tree: etree._Element, url: str | None, article: dict[str, Any], own_doi: str | None) -> Iterator[str]:
    """Addresses of studies that the page links to outside its menus and teasers, or names in its JSON-LD."""
    seen: set[str] = set()
    for address in [*_cited(article), *_anchors(tree, url)]:
        bare = address.split("#")[0]
        if bare in seen or not is_study_link(bare) or (own_doi and own_doi.lower() in bare.lower()):
            continue
        if url and urlsplit(bare)[1:3] == urlsplit(url)[1:3]:
            continue
        seen.add(bare)
        yield bare
        if len(seen) >= _MAX_LINKS:
            return


def _cited(article: dict[str, Any]) -> Iterator[str]:
    for key in ("isBasedOn", "citation", "about", "mentions"):
        values = article.get(key)
        for value in values if isinstance(values, list) else [values]:
            written = (
                (value.get("url") or value.get("@id") or value.get("sameAs")) if isinstance(value, dict) else value
            )
            if isinstance(written, str) and written.startswith("http"):
                yield written


def _anchors(tree: etree._Element, url: str | None) -> Iterator[str]:
    for anchor in tree.iter("a"):
        address = (anchor.get("href") or "").strip()
        if not address or address.startswith(("#", "mailto:", "javascript:", "tel:")) or _in_furniture(anchor):
            continue
        try:
            yield urljoin(url or "https:", address)
        except ValueError:
            continue  # not an address


def _in_furniture(element: etree._Element) -> bool:
    for ancestor in element.iterancestors():
        if ancestor.tag in ("article", "main", "body"):
            return False
        if ancestor.tag in _FURNITURE or _FURNITURE_NAME.search(
            f"{ancestor.get('class', '')} {ancestor.get('id', '')}"
        ):
            return True
    return False


def _wording(tree: etree._Element) -> list[str]:
    """Texts that may be by-lines or date lines: elements named so, and the openings of paragraphs."""
    named: list[str] = []
    plain: list[str] = []
    body = tree.find(".//body")
    for element in (body if body is not None else tree).iter(
        "p", "div", "span", "time", "li", "address", "h2", "h3", "h4", "h5", "small", "em", "strong"
    ):
        name = f"{element.get('class', '')} {element.get('id', '')} {element.get('itemprop', '')}"
        is_named = bool(_BYLINE_NAME.search(name))
        if not is_named and element.tag not in ("p", "div"):
            continue
        if element.tag == "div" and not is_named and len(element):
            continue
        text = element_text(element, limit=600)
        if not text or _in_furniture(element):
            continue
        if is_named and len(text) <= _MAX_WORDING:
            named.append(text)
        elif element.tag in ("p", "div"):
            plain.append(text[:_MAX_WORDING])
        if len(plain) > 60:
            break
    return named[:30] + plain


def element_text(element: etree._Element, limit: int | None = None) -> str:
    """All text in an element, white space folded; "" if it is longer than `limit` characters."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(str(part))
        length += len(part)
        if limit is not None and length > 4 * limit:
            return ""
    text = fold_space("".join(parts))
    return text if limit is None or len(text) <= limit else ""


def _string(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value.strip() else None


def _clean(text: str | None) -> str | None:
    return (fold_space(unescape(_TAGS.sub("", text))) or None) if text else None


def _host(address: str | None) -> str | None:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.") or None if address else None
    except ValueError:
        return None
