"""Tell from its content what an article is, and read it into `Document`s."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from extractor.documents.decoding import decode
from extractor.documents.model import Document
from extractor.documents.text import read_text
from extractor.errors import DamagedSource, EmptySource, NoText, TooLarge, UnsupportedFormat
from extractor.settings import DEFAULTS, Settings
from extractor.sources.raw import RawArticle

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF", "save the article as HTML or text, or fetch its JATS XML from PubMed Central"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", "give the article's text"),
    (b"\xff\xd8\xff", "a JPEG image", "give the article's text"),
    (b"GIF8", "a GIF image", "give the article's text"),
    (b"II*\x00", "a TIFF image", "give the article's text"),
    (b"MM\x00*", "a TIFF image", "give the article's text"),
    (b"PK\x03\x04", "an office file or another zip archive", "save the article as HTML or text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office file", "save the article as HTML or text"),
    (b"{\\rtf", "an RTF file", "save the article as HTML or text"),
    (b"\x1f\x8b", "gzip data inside gzip data", "unpack it once"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    (b"BZh", "bzip2 data", "unpack it first"),
    (b"\xfd7zXZ\x00", "xz data", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it first"),
    (b"\x7fELF", "a program", "give the article's text"),
    (b"SQLite format 3\x00", "a database", "give the article's text"),
)
_FIRST_BYTES = tuple(signature for signature, _, _ in _SIGNATURES)
_FORMATS_READ = "HTML, plain text, PubMed XML or JATS XML"
_SAMPLE = 1 << 16
_MAX_CONTROL_SHARE = 0.05
"""Of the characters of random bytes a tenth are control characters; of a text with a few stray ones far fewer."""
_MAX_REPLACED_SHARE = 0.1
_LONGEST_WORD = 5_000
"""A sample of ASCII without a single space in so many characters is encoded data, not an article."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MARKUP_HEAD = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\b|<!--|<[A-Za-z_])", re.IGNORECASE)
_HTML_MARK = re.compile(r"<(?:!DOCTYPE\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+html\b", re.IGNORECASE)
_CLOSING_TAG = re.compile(r"</(?:p|div|h[1-6]|span|li|td|a)\s*>", re.IGNORECASE)
_JATS_MARK = re.compile(
    r"<(?:front|front-stub|article-meta|journal-meta|sec|table-wrap|abstract|ref-list)\b|\barticle-type\s*=|\bdtd-version\s*=",
)
_HTML_ROOTS = frozenset(
    [
        "html",
        "head",
        "body",
        "div",
        "p",
        "article",
        "section",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "table",
        "ul",
        "ol",
        "span",
        "h1",
        "h2",
        "h3",
        "h4",
        "meta",
        "title",
        "link",
        "script",
        "style",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "br",
        "center",
        "font",
        "form",
        "blockquote",
        "figure",
        "img",
        "pre",
    ]
)


def read(raw: RawArticle, settings: Settings = DEFAULTS) -> list[Document]:
    """The articles in `raw`: one, except for a set of several (`PubmedArticleSet`, `pmc-articleset`).

    A single article's id is `raw.name`, those of a set are `PMID...`, `PMC...` or `<name>-<number>`. Raises
    EmptySource, UnsupportedFormat, DamagedSource, UnsafeMarkup, TooLarge or NoText, each naming the article.
    """
    content = raw.content
    if not content or (len(content) < _SAMPLE and not content.strip(b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe")):
        raise EmptySource(f"{raw.place}: the file is empty")
    if len(content) > settings.max_set_bytes:
        raise TooLarge(
            f"{raw.place}: {len(content):,} bytes, over the limit of {settings.max_set_bytes:,}; split the file"
        )
    _refuse_other_formats(content, raw.place)
    text = decode(content, _content_type(raw))
    _refuse_junk(text, raw.place)
    kind = _format(text, raw)
    if len(content) > settings.max_article_bytes and kind != "pubmed" and kind != "jats":
        limit = settings.max_article_bytes
        raise TooLarge(
            f"{raw.place}: {len(content):,} bytes, over the limit of {limit:,} for one article; split the file"
        )
    documents = [document for document in _read_as(kind, text, raw) if document.text.strip()]
    if not documents:
        raise NoText(f"{raw.place}: understood as {kind}, but it holds no text to read; check what was saved")
    return _with_ids(documents, raw.name, raw.first_article)


def _read_as(kind: str, text: str, raw: RawArticle) -> Iterable[Document]:
    # Imported here, because lxml and the main-text library take longer to import than hundreds of abstracts to read.
    if kind == "text":
        return [read_text(text, raw.name)]
    if kind == "html":
        from extractor.documents.html import read_html

        return [read_html(text, raw.name, url=raw.url, place=raw.place)]
    from extractor.documents.jats import read_jats
    from extractor.documents.markup import parse_xml
    from extractor.documents.pubmed_xml import read_pubmed

    root = parse_xml(text, raw.place, size=len(raw.content))
    return read_pubmed(root) if kind == "pubmed" else read_jats(root)


def _content_type(raw: RawArticle) -> str | None:
    by_header = next((value for name, value in raw.headers.items() if name.lower() == "content-type"), None)
    return raw.content_type or by_header


def _with_ids(documents: list[Document], name: str, first: int | None) -> list[Document]:
    if len(documents) == 1 and first is None:
        return documents if documents[0].id == name else [replace(documents[0], id=name)]
    seen: set[str] = set()
    named = []
    for number, document in enumerate(documents, start=first or 1):
        article_id = document.id if document.id and document.id not in seen else f"{name}-{number}"
        seen.add(article_id)
        named.append(replace(document, id=article_id))
    return named


def _refuse_other_formats(content: bytes, place: str) -> None:
    for signature, what, advice in _SIGNATURES if content.startswith(_FIRST_BYTES) else ():
        if content.startswith(signature):
            raise UnsupportedFormat(f"{place}: {what}, not an article in {_FORMATS_READ}; {advice}")
    if content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise UnsupportedFormat(f"{place}: an image, sound or film, not an article in {_FORMATS_READ}; give its text")
    # Some servers put a line or two before a PDF.
    if b"%PDF-" in content[:1024] and b"<" not in content[:64]:
        raise UnsupportedFormat(f"{place}: a PDF, not an article in {_FORMATS_READ}; {_SIGNATURES[0][2]}")


def _refuse_junk(text: str, place: str) -> None:
    """Raises UnsupportedFormat for what decodes but is no writing; looks at samples only, so size does not matter."""
    middle = len(text) // 2
    for sample in {text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]}:
        if not sample:
            continue
        share = len(sample) * _MAX_CONTROL_SHARE
        if len(sample) >= 16 and len(_CONTROL.findall(sample)) > share:
            raise UnsupportedFormat(f"{place}: binary data, not an article in {_FORMATS_READ}; give the article's text")
        if sample.count("\ufffd") > max(len(sample) * _MAX_REPLACED_SHARE, 3):
            raise UnsupportedFormat(f"{place}: bytes of no known encoding; save the article as UTF-8")
        if len(sample) > _LONGEST_WORD and "<" not in sample and sample.isascii() and not any(map(str.isspace, sample)):
            raise UnsupportedFormat(f"{place}: no words in it, only {len(text):,} characters without a space")


def _format(text: str, raw: RawArticle) -> str:
    """`html`, `text`, `pubmed` or `jats`, told by the first element (and what it holds where HTML has it too)."""
    if not _MARKUP_HEAD.match(text):
        return _unmarked_format(text, raw.place)
    from extractor.documents.markup import root_name

    root = root_name(text)
    declared = text.lstrip()[:5].lower() == "<?xml"
    if root is None:
        if declared:
            raise DamagedSource(f"{raw.place}: the XML ends before its first element; get the file again")
        return "html" if _HTML_MARK.search(text[:_SAMPLE]) else "text"
    if declared and ">" not in text[text.find(f"<{root}") :]:
        raise DamagedSource(f"{raw.place}: the XML ends inside its first tag; the file is cut off, get it again")
    from extractor.documents.jats import ROOTS as JATS_ROOTS
    from extractor.documents.pubmed_xml import ROOTS as PUBMED_ROOTS

    if root in PUBMED_ROOTS:
        return "pubmed"
    if _HTML_DOCTYPE.search(text[:2048]):
        return "html"
    if root in JATS_ROOTS and (root not in _HTML_ROOTS or _JATS_MARK.search(text)):
        return "jats"
    if root.lower() in _HTML_ROOTS:
        return "html"
    if declared or f"</{root}" in text:
        raise UnsupportedFormat(f"{raw.place}: XML with the root <{root}>, not an article in {_FORMATS_READ}")
    return _unmarked_format(text, raw.place)


def _unmarked_format(text: str, place: str) -> str:
    head = text[:_SAMPLE]
    if head.lstrip()[:1] in ("{", "[") and re.match(r"\s*(?:\{\s*\"[^\"\n]{1,80}\"\s*:|\[\s*\{\s*\")", head):
        raise UnsupportedFormat(f"{place}: JSON, not an article in {_FORMATS_READ}")
    if _HTML_MARK.search(head[:4096]) or len(_CLOSING_TAG.findall(head)) >= 6:
        return "html"
    return "text"
