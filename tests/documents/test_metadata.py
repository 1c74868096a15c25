"""By-lines, datelines, journals, identifiers and publishers told by their wording."""

from __future__ import annotations

import pytest

from extractor.documents.metadata import (
    authors_in,
    clean_doi,
    dateline,
    is_date_line,
    is_study_link,
    journal_reported,
    own_identifiers,
    people,
    published_in,
    publisher_named,
    study_links_in_text,
    trial_numbers,
)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ann Lee", ("Ann Lee",)),
        ("By Ann Lee HealthDay Reporter", ("Ann Lee",)),
        ("By Ann Lee, HealthDay Reporter", ("Ann Lee",)),
        ("Ann Lee HealthDay Reporter", ("Ann Lee",)),
        ("BY ANN LEE", ("ANN LEE",)),
        ("Written by Ann B. Lee, M.D., and Jean-Luc van der Berg, Ph.D.", ("Ann B. Lee", "Jean-Luc van der Berg")),
        ("By Ann Lee | May 3, 2024", ("Ann Lee",)),
        ("By Ann Lee, Staff Writer", ("Ann Lee",)),
    ],
)
def test_bylines(line: str, names: tuple[str, ...]) -> None:
    assert authors_in(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "By week 12, eight of ten patients had a response.",
        "By contrast, no deaths occurred",
        "Survival was longer by four months",
        "By 2030",
        "",
    ],
)
def test_no_bylines(line: str) -> None:
    assert authors_in(line) == ()


def test_people_drops_degrees_and_roles() -> None:
    assert people("Ann Lee, MD, PhD; Bo Chen, Pharm.D.") == ("Ann Lee", "Bo Chen")


@pytest.mark.parametrize(
    ("paragraph", "opening", "published"),
    [
        ("THURSDAY, May 2, 2024 -- For adults with asthma", "THURSDAY, May 2, 2024 -- ", "2024-05-02"),
        ("TUESDAY, Jan. 9, 2024 (HealthDay News) — A pill", "TUESDAY, Jan. 9, 2024 (HealthDay News) — ", "2024-01-09"),
        ("FRIDAY, Dec. 16 (HealthDay News) -- A pill", "FRIDAY, Dec. 16 (HealthDay News) -- ", None),
        ("BOSTON, June 3, 2023 /PRNewswire/ -- Example Inc.", "BOSTON, June 3, 2023 /PRNewswire/ -- ", "2023-06-03"),
        ("OSLO & BERN--(EXAMPLEWIRE)--Example AG", "OSLO & BERN--(EXAMPLEWIRE)--", None),
        ("BASEL, Switzerland--(BUSINESS WIRE)--Example AG", "BASEL, Switzerland--(BUSINESS WIRE)--", None),
        ("date 2019-05-06 A pill helped", "date 2019-05-06 ", "2019-05-06"),
    ],
)
def test_datelines(paragraph: str, opening: str, published: str | None) -> None:
    found = dateline(paragraph)
    assert found is not None
    assert paragraph[: found.end] == opening
    assert found.published == published


@pytest.mark.parametrize(
    "paragraph",
    [
        "Patients enrolled between May 2, 2019 and June 3, 2020 -- 40 in all -- were followed for a year.",
        "The drug -- approved in 2019 -- helped 12 patients.",
        "Overall survival at 2 years was 68% - a record.",
        "CD19-directed CAR T cells",
    ],
)
def test_sentences_are_no_datelines(paragraph: str) -> None:
    assert dateline(paragraph) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("May 3, 2024", True),
        ("Published: 3 May 2024 at 10:15", True),
        ("Medically reviewed by Ann Lee, BPharm. Last updated on May 3, 2024.", True),
        ("Updated May 3, 2024, 9:30 a.m. ET", True),
        ("May 3, 2024 07:00 AM Eastern Standard Time", True),
        ("Checked by a pharmacist of ours. Updated: May 3, 2024", True),
        ("The trial began on May 3, 2024", False),
        ("Follow-up ended in May 2024", False),
        ("12 patients", False),
    ],
)
def test_date_lines(line: str, expected: bool) -> None:
    assert is_date_line(line) is expected


def test_the_dateline_is_believed_before_the_last_update() -> None:
    assert published_in(["Last updated on May 9, 2024.", "THURSDAY, May 2, 2024 -- A pill"]) == "2024-05-02"
    assert published_in(["Last updated on May 9, 2024."]) == "2024-05-09"
    assert published_in(["Updated May 9, 2024", "Published May 3, 2024"]) == "2024-05-03"
    assert published_in(["The trial ended on May 9, 2024."]) is None


@pytest.mark.parametrize(
    ("text", "journal"),
    [
        ("a study in the May 3 issue of the New England Journal of Medicine.", "New England Journal of Medicine"),
        ("The findings were published online May 3 in JAMA Oncology.", "JAMA Oncology"),
        ("The report appeared in The Lancet.", "The Lancet"),
        ("published online in Lancet Oncology", "The Lancet Oncology"),
        ("was reported in the New England Journal of Medicine of April 25", "New England Journal of Medicine"),
        ("The study was published Tuesday in the journal Blood.", "Blood"),
        ("It was reported in the Nordic Journal of Imaginary Surgery on Monday", "Nordic Journal of Imaginary Surgery"),
        ("The results, published in the Annals of Internal Medicine, show", "Annals of Internal Medicine"),
        ("Results were published in Nature Medicine", "Nature Medicine"),
        ("the study appears in the journal Frontiers in Example Research", "Frontiers in Example Research"),
    ],
)  # fmt: skip
def test_journals(text: str, journal: str) -> None:
    assert journal_reported(text) == journal


@pytest.mark.parametrize(
    "text",
    [
        "Blood was drawn and cells were counted in blood. The results will be published.",
        "Patients with cancer kept a journal of their symptoms.",
        "Cancer deaths were reported in 12 patients.",
        "Ten patients were treated.",
        "",
    ],
)
def test_no_journals(text: str) -> None:
    assert journal_reported(text) is None


def test_trial_numbers_in_order_of_mention() -> None:
    text = "EudraCT number 2015-001234-17, NCT01234567; ISRCTN 12345678, NCT01234567, ChiCTR-OOC-15006878."
    assert trial_numbers(text) == ("2015-001234-17", "NCT01234567", "ISRCTN12345678", "ChiCTR-OOC-15006878")
    assert trial_numbers("NCT0123 and 01234567") == ()


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("https://doi.org/10.1000/abc.123", "10.1000/abc.123"),
        ("doi: 10.1000/abc(1)23).", "10.1000/abc(1)23"),
        ("10.1000/S0140-6736(20)30183-5", "10.1000/S0140-6736(20)30183-5"),
        ("10.5 months", None),
        (None, None),
    ],
)
def test_clean_doi(written: str | None, doi: str | None) -> None:
    assert clean_doi(written) == doi


def test_own_identifiers_need_their_label() -> None:
    assert own_identifiers("A title\nDOI: 10.1000/x.1.\nPMID: 12345678 PMCID: PMC123456") == (
        "10.1000/x.1",
        "12345678",
        "PMC123456",
    )
    assert own_identifiers("as reported (10.1000/x.1)") == (None, None, None)


def test_study_links() -> None:
    text = "See https://www.nejm.org/doi/full/10.1056/x1, 10.1000/y2 and https://example.com/story."
    assert study_links_in_text(text) == ("https://www.nejm.org/doi/full/10.1056/x1", "https://doi.org/10.1000/y2")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://doi.org/10.1000/x", True),
        ("https://doi.org/", False),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", True),
        ("https://www.thelancet.com/journals/lanonc/article/x", True),
        ("https://www.thelancet.com/", False),
        ("https://example.com/doi.org/10.1000/x", False),
        ("https://notdoi.org/10.1000/x", False),
        ("http://[broken", False),
    ],
)
def test_is_study_link(address: str, expected: bool) -> None:
    assert is_study_link(address) is expected


def test_publisher_from_bylines_and_legal_lines_only() -> None:
    lines = ["By Ann Lee HealthDay Reporter", "Subscribe to get the best of Drugs.com in your inbox."]
    assert publisher_named(lines) == "Drugs.com / HealthDay"
    assert publisher_named(["A spokesman told Reuters that ten patients had died."]) is None
