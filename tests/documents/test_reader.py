"""Which format a file is, told from its content; and a clear error for each file that is no article."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents.reader import read
from extractor.errors import (
    DamagedSource,
    EmptySource,
    ExtractorError,
    NoText,
    TooLarge,
    UnsafeMarkup,
    UnsupportedFormat,
)
from extractor.sources.raw import RawArticle

TEXT = b"Ten patients were treated. Eight of them were alive after one year."
HTML = b"<html><head><title>A trial</title></head><body><p>" + TEXT + b"</p></body></html>"
PUBMED = (
    b"<PubmedArticle><MedlineCitation><PMID>11</PMID><Article><ArticleTitle>A trial.</ArticleTitle></Article>"
    b"</MedlineCitation></PubmedArticle>"
)
JATS = (
    b'<article article-type="research-article"><front><article-meta><title-group><article-title>A trial</article-title>'
    b"</title-group></article-meta></front><body><sec><title>Results</title><p>" + TEXT + b"</p></sec></body></article>"
)


def raw(content: bytes, name: str = "article", **more: str) -> RawArticle:
    return RawArticle(content=content, name=name, path=f"in/{name}", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT, "text"),
        (HTML, "html"),
        (b"\n\n  <!-- saved -->\n<!DOCTYPE html>\n" + HTML, "html"),
        (b"HTTP body follows\n" + HTML, "html"),
        (b"<p>" + TEXT + b"</p><p>" + TEXT + b"</p>", "html"),
        (b'<article class="story"><h1>A trial</h1><p>' + TEXT + b"</p></article>", "html"),
        (
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>' + TEXT + b"</p></body></html>",
            "html",
        ),
        (PUBMED, "pubmed"),
        (b'<?xml version="1.0"?>\n<!-- x --><PubmedArticleSet>' + PUBMED + b"</PubmedArticleSet>", "pubmed"),
        (JATS, "jats"),
        (b"<abstract><p>" + TEXT + b"</p></abstract><sec><p>More.</p></sec>", "jats"),
        (b"<0.05 was the level of significance. Ten patients were treated.", "text"),
        (b"P<0.05 and a<b in ten patients & others.", "text"),
    ],
)
def test_format_is_told_from_the_content(content: bytes, expected: str) -> None:
    for name in ("article.txt", "article.html", "article.xml"):
        (document,) = read(raw(content, name))
        assert document.format == expected


@pytest.mark.parametrize(
    "content", [b'<?xml version="1.0"?><PubmedArt', b'<?xml version="1.0"?><article art', b"<?xml ver"]
)
def test_xml_cut_in_its_first_tag(content: bytes) -> None:
    with pytest.raises(DamagedSource, match=r"in/article: the XML (ends|stops)"):
        read(raw(content))


@pytest.mark.parametrize("content", [b"", b"  \n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\xff\xfe"])
def test_empty(content: bytes) -> None:
    with pytest.raises(EmptySource, match="in/article"):
        read(raw(content))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\n%PDF-1.4 \n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (b"PK\x03\x04\x14\x00\x06\x00word/document.xml", "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, "office"),
        (b"{\\rtf1\\ansi Ten patients}", "RTF"),
        (b'{"text": "Ten patients"}', "JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "<rss>"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><text>10</text></svg>', "<svg>"),
        (random.Random(1).randbytes(200_000), "binary"),
        (b"QUJD" * 50_000, "without a space"),
    ],
)
def test_other_formats_are_named_and_refused(content: bytes, word: str) -> None:
    with pytest.raises(UnsupportedFormat, match=word) as caught:
        read(raw(content))
    assert "in/article" in str(caught.value)


def test_fifty_megabytes_are_refused() -> None:
    with pytest.raises(TooLarge):
        read(raw(b"ten patients " * 4_000_000))
    with pytest.raises(UnsupportedFormat):
        read(raw(b"\x00\x01\x02\x03" * 12_500_000))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.98])
@pytest.mark.parametrize("whole", [JATS, b"<PubmedArticleSet>" + PUBMED + b"</PubmedArticleSet>"])
def test_truncated_xml_is_damaged_and_says_where(whole: bytes, share: float) -> None:
    content = b'<?xml version="1.0"?>\n' + whole
    cut = content[: int(len(content) * share)]
    with pytest.raises(DamagedSource, match=rf"line 1 .*byte {len(cut)}|before its first element|cut off") as caught:
        read(raw(cut))
    assert "in/article" in str(caught.value)


def test_xml_without_its_first_element_is_damaged() -> None:
    with pytest.raises(DamagedSource):
        read(raw(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE article PUBLIC "-//NLM//D'))


@pytest.mark.parametrize("end", range(60, len(HTML), 7))
def test_html_cut_anywhere_is_read_or_has_no_text(end: int) -> None:
    try:
        (document,) = read(raw(HTML[:end]))
    except NoText:
        assert b"<p>Ten" not in HTML[:end]
    else:
        assert document.format == "html"


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (c, c - 1, c - 1, c - 1, c - 1) for c in range(ord("b"), ord("p")))
    + b"]><article><body><sec><p>&o;</p></sec></body></article>"
)


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<?xml version="1.0"?><!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]><article><body><sec><p>&x;</p></sec></body></article>',
        b'<!DOCTYPE PubmedArticleSet [<!ENTITY % x SYSTEM "http://localhost/x.dtd"> %x;]><PubmedArticleSet/>',
        b'<!DOCTYPE html [<!ENTITY x "y">]><html><body><p>Ten patients</p></body></html>',
        b"<article><front/><body><sec>" + b"<p>" * 3000 + b"x" + b"</p>" * 3000 + b"</sec></body></article>",
    ],
)
def test_unsafe_markup_is_refused(content: bytes) -> None:
    with pytest.raises(UnsafeMarkup):
        read(raw(content))


def test_plain_reference_to_an_external_dtd_is_normal() -> None:
    doctype = b'<!DOCTYPE article PUBLIC "-//NLM//DTD JATS 1.3//EN" "JATS-archivearticle1.dtd">'
    (document,) = read(raw(doctype + JATS))
    assert "Eight of them" in document.text


@pytest.mark.parametrize(
    "content",
    [
        b"<html><head><title></title></head><body><nav></nav></body></html>",
        b"<html></html>",
        b"<PubmedArticleSet></PubmedArticleSet>",
        b"<article><front><article-meta/></front><body/></article>",
    ],
)
def test_nothing_to_read(content: bytes) -> None:
    with pytest.raises(NoText, match="in/article"):
        read(raw(content))


def test_ids() -> None:
    assert [d.id for d in read(raw(PUBMED, "my-file"))] == ["my-file"]
    two = b"<PubmedArticleSet>" + PUBMED + PUBMED.replace(b">11<", b">12<") + b"</PubmedArticleSet>"
    assert [d.id for d in read(raw(two, "set"))] == ["PMID11", "PMID12"]
    same = b"<PubmedArticleSet>" + PUBMED + PUBMED + b"</PubmedArticleSet>"
    assert [d.id for d in read(raw(same, "set"))] == ["PMID11", "set-2"]


def test_control_characters_are_survived() -> None:
    (text,) = read(raw(b"Ten\x0b patients\x00 were treated\x1b[0m. " * 8))
    assert text.text.count("\x00") == 8
    (jats,) = read(raw(JATS.replace(b"Eight", b"Eight\x0b\x1f &#x1;&#xD800;")))
    assert "Eight of them" in jats.text
    (page,) = read(raw(HTML.replace(b"Eight", b"Ei\x00ght\x0b")))
    assert "Eight of them" in page.text


def test_lone_surrogates_cannot_come_from_bytes() -> None:
    (document,) = read(raw(TEXT + b" \xed\xa0\x80 " + "±".encode() * 5))
    assert document.text.encode("utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_give_documents_or_an_error_of_ours(content: bytes) -> None:
    try:
        documents = read(raw(content))
    except ExtractorError:
        return
    for document in documents:
        assert document.text.encode("utf-8")


PIECES = [
    "<sec>", "</sec>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</table>",
    "<xref ref-type='bibr'>",
    "</xref>", "<sup>", "</sup>", "12", " 4.5% ", "&nbsp;", "&bad;", "&", "<", "x<y", "<title>", "</title>",
    "<mml:math>", "]]>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_broken_fragment_keeps_its_spans_right(parts: list[str]) -> None:
    content = ("<abstract><p>Ten.</p></abstract>" + "".join(parts)).encode()
    try:
        (document,) = read(raw(content))
    except DamagedSource:
        return
    assert document.text.startswith("Abstract")
    for section in document.sections:
        assert 0 <= section.start <= section.end <= len(document.text)
    for table in document.tables:
        for row in table.rows:
            for cell in row:
                assert document.text[cell.start : cell.end] == cell.text
