"""PubMed XML: title and labelled abstract, and what it says about itself."""

from __future__ import annotations

from extractor.documents.model import Document
from extractor.documents.reader import read
from extractor.sources.raw import RawArticle

ARTICLE = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2023//EN" "https://example.com/pubmed.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">90000001</PMID>
<Article><Journal><JournalIssue><PubDate><Year>2019</Year><Month>Mar</Month></PubDate></JournalIssue>
<Title>Journal of Made-Up Trials</Title></Journal>
<ArticleTitle>Zinc for <i>common</i> colds: the ZIP trial.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/zip.1</ELocationID>
<Abstract>
<AbstractText Label="BACKGROUND">Colds are common; Student's <i>t</i>-test is too.</AbstractText>
<AbstractText Label="RESULTS">Counts fell to 3.1 &#215; 10<sup>9</sup>/L in 12 of 50 adults &lt; 40 y given Zn<sub>2</sub>.</AbstractText>
<AbstractText Label="UNLABELLED">Registered as NCT01234567.</AbstractText>
<CopyrightInformation>Copyright 2019 Nobody.</CopyrightInformation>
</Abstract>
<AuthorList><Author><LastName>Lee</LastName><ForeName>Ann B</ForeName></Author>
<Author><CollectiveName>ZIP Study Group</CollectiveName></Author></AuthorList>
<Language>ger</Language>
<DataBankList><DataBank><DataBankName>ISRCTN</DataBankName><AccessionNumberList>
<AccessionNumber>ISRCTN12345678</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<ArticleDate DateType="Electronic"><Year>2019</Year><Month>02</Month><Day>14</Day></ArticleDate>
</Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">90000001</ArticleId><ArticleId IdType="pmc">PMC9000001</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle></PubmedArticleSet>
"""  # noqa: E501


def read_one(xml: str) -> Document:
    (document,) = read(RawArticle(content=xml.encode(), name="a"))
    return document


def test_a_set_with_forbidden_characters_is_still_a_set() -> None:
    broken = ARTICLE.replace("Colds are common", "Colds &#0;are&#xD800; common &")
    (document,) = read(RawArticle(broken.encode(), "a"))
    assert document.metadata.identifiers.pmid == "90000001"
    assert "Colds are common &" in document.text


def test_sets_one_after_the_other_in_one_file() -> None:
    second = ARTICLE.replace("90000001", "90000002")
    assert [d.id for d in read(RawArticle((ARTICLE + second).encode(), "a"))] == ["PMID90000001", "PMID90000002"]


def test_text_keeps_every_space_and_power() -> None:
    assert read_one(ARTICLE).text == (
        "Zinc for common colds: the ZIP trial.\n\n"
        "BACKGROUND: Colds are common; Student's t-test is too.\n\n"
        "RESULTS: Counts fell to 3.1 × 10⁹/L in 12 of 50 adults < 40 y given Zn2.\n\n"
        "Registered as NCT01234567."
    )


def test_sections_lie_on_their_labels() -> None:
    document = read_one(ARTICLE)
    assert [section.title for section in document.sections] == ["", "BACKGROUND", "RESULTS", "Abstract"]
    results = document.sections[2]
    assert document.text[results.start : results.end].startswith("RESULTS: Counts")
    assert document.text[results.start : results.end].endswith("Zn2.")


def test_metadata() -> None:
    meta = read_one(ARTICLE).metadata
    assert meta.title == "Zinc for common colds: the ZIP trial."
    assert meta.authors == ("Ann B Lee", "ZIP Study Group")
    assert meta.journal == "Journal of Made-Up Trials"
    assert meta.published == "2019-02-14"
    assert meta.language == "en", "the abstract is English, whatever the article is"
    assert meta.identifiers.doi == "10.1000/zip.1"
    assert meta.identifiers.pmid == "90000001"
    assert meta.identifiers.pmcid == "PMC9000001"
    assert meta.identifiers.trials == ("ISRCTN12345678", "NCT01234567")


def test_vague_dates_stay_vague() -> None:
    no_day = ARTICLE.replace("<ArticleDate", "<Other").replace("</ArticleDate", "</Other")
    assert read_one(no_day).metadata.published == "2019-03"
    season = no_day.replace("<Year>2019</Year><Month>Mar</Month>", "<MedlineDate>2019 May-Jun</MedlineDate>")
    assert read_one(season).metadata.published == "2019"


def test_an_article_without_an_abstract_is_its_title() -> None:
    start, end = ARTICLE.index("<Abstract>"), ARTICLE.index("</Abstract>") + len("</Abstract>")
    assert read_one(ARTICLE[:start] + ARTICLE[end:]).text == "Zinc for common colds: the ZIP trial."


def test_book_article() -> None:
    xml = (
        "<PubmedBookArticle><BookDocument><PMID>7</PMID><Book><BookTitle>Reviews</BookTitle></Book>"
        "<ArticleTitle>Zinc.</ArticleTitle><Abstract><AbstractText>Ten trials.</AbstractText></Abstract>"
        "</BookDocument></PubmedBookArticle>"
    )
    assert read_one(xml).text == "Zinc.\n\nTen trials."


def test_an_empty_article_in_a_set_is_passed_over() -> None:
    xml = ARTICLE.replace("</PubmedArticleSet>", "<PubmedArticle><MedlineCitation/></PubmedArticle></PubmedArticleSet>")
    assert read_one(xml).metadata.identifiers.pmid == "90000001"
