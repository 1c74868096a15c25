"""A large set is cut into parts between its articles: all there, in order, each part readable by itself."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from extractor.documents.reader import read
from extractor.errors import DamagedSource
from extractor.sources.raw import RawArticle
from extractor.sources.sets import identifiers, parts, single
from extractor.sources.store import read_inputs

HEAD = '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//X//EN" "https://example.org/x.dtd">\n<PubmedArticleSet>\n'


def article(pmid: int) -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>Trial {pmid}.</ArticleTitle>"
        "</Article><CommentsCorrectionsList><CommentsCorrections><PMID>7</PMID></CommentsCorrections>"
        "</CommentsCorrectionsList></MedlineCitation></PubmedArticle>\n"
    )


def pubmed_set(count: int) -> bytes:
    return (HEAD + "".join(article(1_000 + n) for n in range(count)) + "</PubmedArticleSet>\n").encode()


def pmids(given: list[RawArticle]) -> list[str | None]:
    return [document.metadata.identifiers.pmid for raw in given for document in read(raw)]


def test_a_small_set_stays_whole() -> None:
    raw = RawArticle(pubmed_set(250), "a", path="a.xml")
    assert list(parts(raw)) == [raw]
    assert raw.place == "a.xml"


@pytest.mark.parametrize("count", [251, 500, 501])
def test_a_large_set_in_parts(count: int) -> None:
    raw = RawArticle(pubmed_set(count), "a", path="a.xml")
    cut = list(parts(raw))
    assert [part.place for part in cut] == [f"a.xml#{first}" for first in range(1, count + 1, 250)]
    assert {part.sha256 for part in cut} == {raw.sha256}
    assert pmids(cut) == [str(1_000 + n) for n in range(count)]
    # A part of one article has the same id as it would have among others.
    assert [d.id for d in read(cut[-1])][-1] == f"PMID{1_000 + count - 1}"


def test_full_texts_in_parts() -> None:
    full = "".join(
        f'<article><front><article-meta><article-id pub-id-type="pmc">PMC{n}</article-id><title-group><article-title>'
        f"Trial {n}</article-title></title-group></article-meta></front><body><p>Of 12 people, 3 died.</p></body>"
        f'<back><ref-list><ref><article-id pub-id-type="pmid">99</article-id></ref></ref-list></back></article>'
        for n in range(1, 42)
    )
    cut = list(parts(RawArticle(f"<pmc-articleset>{full}</pmc-articleset>".encode(), "a")))
    assert [part.first_article for part in cut] == [1, 21, 41]
    assert [document.id for part in cut for document in read(part)] == [f"PMC{n}" for n in range(1, 42)]
    assert identifiers(cut[2]) == ["41"]


def test_a_cut_off_set_loses_only_its_end() -> None:
    cut = list(parts(RawArticle(pubmed_set(300)[:-40], "a", path="a.xml")))
    assert len(read(cut[0])) == 250
    with pytest.raises(DamagedSource, match=r"a\.xml#251: the XML stops"):
        read(cut[1])


def test_one_article_of_a_part() -> None:
    first, second = parts(RawArticle(pubmed_set(300), "a"))
    assert identifiers(second) == [str(1_250 + n) for n in range(50)]
    found = single(second, "1260")
    assert found is not None
    assert pmids([found]) == ["1260"]
    assert (found.first_article, found.sha256) == (261, first.sha256)
    assert single(first, "1260") is None
    assert single(first, "7") is None  # cited, not there


def test_from_files_and_archives(tmp_path: Path) -> None:
    content = pubmed_set(260)
    (tmp_path / "a.xml").write_bytes(content)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("in.xml", content)
    with tarfile.open(tmp_path / "d.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("in.xml")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    given = [raw for raw in read_inputs([tmp_path]) if isinstance(raw, RawArticle)]
    places = ["a.xml", "b.xml.gz", "c.zip!in.xml", "d.tar.gz!in.xml"]
    assert [raw.place for raw in given] == [f"{tmp_path}/{place}#{first}" for place in places for first in (1, 251)]
    assert len({raw.sha256 for raw in given}) == 1
