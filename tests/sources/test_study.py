"""Finding the study behind a news record, played from cassettes (see tests/cassettes/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.errors import RecordError
from extractor.sources.fetch import Fetcher
from extractor.sources.folder import ArticleFolder
from extractor.sources.http import PoliteClient
from extractor.sources.news import NewsRecord, people_in, read_news_record, search_words
from extractor.sources.pubmed_set import split_pubmed_set
from extractor.sources.study import fetch_studies
from extractor.sources.study_evidence import evidence_for, read_candidate

MakeClient = Callable[..., PoliteClient]
TEXT = (
    "An inhaler taken only when needed kept mild asthma in check, a trial in 3,849 people has found. Weeks under "
    "control came to 34.4 percent with budesonide-formoterol, against 31.1 percent. Dr. Paul O'Byrne, who led the "
    "work, said the inhaled combined drug was a choice for many. It was published on Thursday."
)


def news(**fields: Any) -> dict[str, Any]:
    """A news record, as far as matching reads it."""
    article = {
        "id": "reliever-news",
        "title": "As-needed inhaler keeps mild asthma in check",
        "journal": None,
        "published": "2018-05-20",
        "identifiers": {"doi": None, "pmid": None, "pmcid": None, "trials": []},
        "links": [],
    }
    text = fields.pop("text", TEXT)
    return {"schema_version": "1.0", "article": article | fields, "text": text}


@pytest.fixture
def find(tmp_path: Path, make_client: MakeClient, cassette: Any) -> Callable[..., list[dict[str, Any]]]:
    """The lines of study-matches.jsonl for some records."""

    def run(*records: dict[str, Any]) -> list[dict[str, Any]]:
        paths = []
        for number, record in enumerate(records):
            paths.append(tmp_path / f"record-{number}.json")
            paths[-1].write_text(json.dumps(record))
        client = make_client(workers=1, attempts=2)
        with ArticleFolder(tmp_path / "out") as folder:
            fetch_studies(paths, folder, client, Fetcher(folder, client))
        return [json.loads(line) for line in (tmp_path / "out" / "study-matches.jsonl").read_text().splitlines()]

    return run


Find = Callable[..., list[dict[str, Any]]]


def test_study_by_its_doi(find: Find, tmp_path: Path) -> None:
    (match,) = find(news(links=["https://www.nejm.org/doi/full/10.1056/NEJMoa1715274"]))
    assert (match["status"], match["pmid"], match["file"]) == ("matched", "29768149", "PMID29768149.xml")
    assert match["evidence"][0]["name"] == "identifier"
    assert (tmp_path / "out" / "PMID29768149.xml").exists()
    assert (tmp_path / "out" / "PMID29768149.provenance.json").exists()


def test_study_by_a_trial_number_in_the_text(find: Find) -> None:
    (match,) = find(news(text=f"{TEXT} The trial is registered as NCT02149199."))
    assert match["pmid"] == "29768149"
    assert "trial" in {evidence["name"] for evidence in match["evidence"]}


def test_study_by_the_page_that_is_linked(find: Find) -> None:
    (match,) = find(news(links=["https://journal.example.org/articles/reliever"]))
    assert match["pmid"] == "29768149"
    assert match["evidence"][0]["name"] == "linked page"


def test_study_by_journal_people_and_words(find: Find) -> None:
    (match,) = find(news(journal="New England Journal of Medicine"))
    assert (match["status"], match["pmid"]) == ("matched", "29768149")
    assert {"journal", "date", "authors", "title words", "numbers"} <= {
        evidence["name"] for evidence in match["evidence"]
    }
    assert match["queries"]
    assert [rival["pmid"] for rival in match["rivals"]][:1] == ["29768147"]
    assert match["score"] - match["rivals"][0]["score"] >= 1.5


def test_study_is_refused_when_two_fit_alike(find: Find, tmp_path: Path) -> None:
    text = (
        "Two trials of an inhaler for mild asthma came out together. Dr. Helen Reddel said budesonide-formoterol as "
        "needed was a choice for many with mild asthma."
    )
    (match,) = find(news(text=text, journal="N Engl J Med"))
    assert (match["status"], match["reason"], match["pmid"]) == ("failed", "ambiguous", None)
    assert {rival["pmid"] for rival in match["rivals"]} == {"29768149", "29768147"}
    assert not (tmp_path / "out" / "PMID29768149.xml").exists()


def test_study_is_refused_when_nothing_fits(find: Find) -> None:
    far = news(
        title="Walking helps the knees", text="Walking was good for the knees, a survey said.", published="2018-05-20"
    )
    (match,) = find(far)
    assert (match["status"], match["reason"]) == ("failed", "no_match")


def test_study_of_several_records_of_which_one_is_broken(find: Find, tmp_path: Path) -> None:
    good = news(links=["PMID: 29768149"])
    broken = {"no": "record"}
    matches = {match["record"]: match for match in find(good, broken)}
    assert matches["reliever-news"]["pmid"] == "29768149"
    assert matches["record-1"]["reason"] == "record"
    again = find(good)
    assert {match["record"] for match in again} == set(matches)
    manifest = [json.loads(line) for line in (tmp_path / "out" / "manifest.fetch.jsonl").read_text().splitlines()]
    assert {(line["key"], line["reason"]) for line in manifest} == {
        ("pmid:29768149", None),
        (f"study:{tmp_path / 'record-0.json'}", None),
        (f"study:{tmp_path / 'record-1.json'}", "record"),
    }


def test_people() -> None:
    text = "said Jane Q. Example, MD. Dr. Ana de la Cruz’s group and lead author Li Wei, led by Sean O’Casey."
    assert set(people_in(text)) == {"Example", "Cruz", "Wei", "O'Casey"}
    assert people_in("The New York Times said that 12 patients improved. Breast Cancer Week") == []


def test_words_to_search_for(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(news(title="New drug pembrolizumab helps patients with melanoma", text="")))
    words = search_words(read_news_record(path))
    assert words[0] == "pembrolizumab"
    assert "melanoma" in words
    assert not {"patients", "drug", "helps", "with"} & set(words)


def record(**fields: Any) -> NewsRecord:
    told: dict[str, Any] = {
        "id": "x", "title": "", "text": "", "journal": None, "published": None,
        "links": (), "identifiers": (), "trials": (),
    }  # fmt: skip
    return NewsRecord(**{**told, **fields})


@pytest.mark.parametrize(
    ("fields", "name", "points"),
    [
        ({"journal": "The New England Journal of Medicine"}, "journal", 2.0),
        ({"journal": "NEJM"}, "journal", 2.0),
        ({"journal": "The Lancet"}, "journal", -1.0),
        ({"published": date(2018, 5, 17)}, "date", 1.5),
        ({"published": date(2018, 8, 1)}, "date", 0.5),
        ({"published": date(2015, 5, 17)}, "date", -2.5),
        ({"published": date(2021, 5, 17)}, "date", -2.5),
        ({"text": "Paul M. O'Byrne spoke"}, "authors", 2.0),
        ({"text": "Mark FitzGerald and Paul O'Byrne"}, "authors", 2.0),
        ({"text": "in 3849 people, 34.4 percent"}, "numbers", 1.0),
        ({"trials": ("NCT02149199",)}, "trial", 4.0),
    ],
)
def test_points(services: ModuleType, fields: dict[str, Any], name: str, points: float) -> None:
    (article,) = split_pubmed_set(services.pubmed_set(["29768149"]))
    evidence = {one.name: one.points for one in evidence_for(record(**fields), read_candidate(article.content))}
    assert evidence[name] == points


@pytest.mark.parametrize(
    "fields",
    [{}, {"text": "Paul Smith and O'Byrne's pub"}, {"text": "in 2018, 100 people and 12 more"}, {"published": None}],
)
def test_nothing_speaks_for_it(services: ModuleType, fields: dict[str, Any]) -> None:
    (article,) = split_pubmed_set(services.pubmed_set(["29768149"]))
    assert evidence_for(record(**fields), read_candidate(article.content)) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"article": {"id": 1}}', '{"article": 1, "text": ""}'])
def test_what_is_no_record(tmp_path: Path, content: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(content)
    with pytest.raises(RecordError, match="no record"):
        read_news_record(path)
    with pytest.raises(RecordError, match="cannot be read"):
        read_news_record(tmp_path / "absent.json")
