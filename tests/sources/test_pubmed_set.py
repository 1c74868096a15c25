from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.errors import BadAnswer, UnsafeMarkup
from extractor.sources.pubmed_set import split_pubmed_set
from extractor.sources.study_evidence import read_candidate


def test_slices_are_the_answers_own_bytes(services: ModuleType) -> None:
    answer = services.pubmed_set(["29768149", "9500320", "13054692"])
    slices = list(split_pubmed_set(answer))
    assert [one.pmid for one in slices] == ["29768149", "9500320", "13054692"]
    for one in slices:
        head, article, tail = one.content.partition(b"<PubmedArticle>")
        assert answer.startswith(head)
        assert (article + tail).removesuffix(b"\n</PubmedArticleSet>\n") in answer
        assert one.content.count(b"<PubmedArticle>") == 1
        assert list(split_pubmed_set(one.content)) == [one]


def test_what_is_known_of_an_article(services: ModuleType) -> None:
    trial, retracted, bare = split_pubmed_set(services.pubmed_set(["29768149", "9500320", "13054692"]))
    assert (trial.doi, trial.has_abstract, trial.retracted) == ("10.1056/NEJMoa1715274", True, False)
    assert (retracted.retracted, retracted.retraction_notice) == (True, "Lancet. 2010 Feb 6;375(9713):445")
    assert (bare.has_abstract, bare.title) == (
        False,
        "Molecular structure of nucleic acids; a structure for deoxyribose nucleic acid.",
    )


def test_set_without_articles(services: ModuleType) -> None:
    assert list(split_pubmed_set(services.pubmed_set(["99999999"]))) == []
    assert list(split_pubmed_set(b"<PubmedArticleSet/>")) == []


def test_markup_that_looks_like_an_article_is_none() -> None:
    content = (
        b"<PubmedArticleSet><!-- <PubmedArticle> --><PubmedArticle a='>'><MedlineCitation><PMID>7</PMID><Article>"
        b"<ArticleTitle><![CDATA[</PubmedArticle>]]></ArticleTitle></Article></MedlineCitation></PubmedArticle ><X/>"
        b"</PubmedArticleSet>"
    )
    (only,) = split_pubmed_set(content)
    assert (only.pmid, only.title) == ("7", "</PubmedArticle>")
    assert only.content.endswith(b"</PubmedArticle ></PubmedArticleSet>")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_other_encodings(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID>'
        "<Article><ArticleTitle>Béla</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    (only,) = split_pubmed_set(text.encode(encoding))
    assert only.title == "Béla"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not XML",
        b"<html><body>Bad gateway</body></html>",
        b"<PubmedArticleSet><PubmedArticle>",
        b"<eFetchResult><ERROR>Search Backend failed</ERROR></eFetchResult>",
        b"<PubmedArticleSet><ERROR>busy</ERROR></PubmedArticleSet>",
        b"<PubmedArticleSet><PubmedArticle><MedlineCitation/></PubmedArticle></PubmedArticleSet>",
    ],
)
def test_broken_answers(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        list(split_pubmed_set(content))


def test_entities_of_its_own_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
    with pytest.raises(UnsafeMarkup):
        list(split_pubmed_set(bomb))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=3000))
def test_a_cut_answer_never_passes_for_a_whole_one(services: ModuleType, cut: int) -> None:
    answer = services.pubmed_set(["29768149", "9500320"]).rstrip()
    if cut < len(answer):
        with pytest.raises(BadAnswer):
            list(split_pubmed_set(answer[:cut]))


def test_a_real_answer() -> None:
    corpora = Path(os.environ.get("EXTRACTOR_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
    sample = corpora / "samples" / "pubmed-29768149.xml"
    if not sample.is_file():
        pytest.skip(f"{sample} is not there; EXTRACTOR_CORPORA names the corpora")
    content = sample.read_bytes()
    (only,) = split_pubmed_set(content)
    assert only.content == content
    assert (only.pmid, only.doi, only.has_abstract, only.retracted) == (
        "29768149",
        "10.1056/NEJMoa1715274",
        True,
        False,
    )
    candidate = read_candidate(only.content)
    assert candidate.journal_names >= {"new england journal of medicine", "n engl j med"}
    assert ("Paul M", "O'Byrne") in candidate.authors
    assert candidate.trials == {"NCT02149199"}
