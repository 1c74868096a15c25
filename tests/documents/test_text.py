"""Plain text: untouched, with what is no part of the article marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents.model import Document
from extractor.documents.text import read_text

PAGE = """Skip to content

Nightly Inhaler Cuts Asthma Attacks in Teenagers

Medically reviewed by Bea Stone, PharmD. Last updated on March 8, 2023.

By Cal Reed HealthDay Reporter

TUESDAY, March 7, 2023 -- A new inhaler taken each night cut attacks by a third in 212 teenagers with asthma, say \
doctors whose work is in the March 6 issue of JAMA Pediatrics.

The 106 who were given the real inhaler had 41 attacks in a year, while there were 63 among the 106 who puffed at a \
dummy. Two in each group needed a bed in hospital.

Disclaimer: Numbers in news stories are averages. Ask your own doctor about yourself.

© 2023 HealthDay. All rights reserved.

Read this next

Peanut Drops Work for Toddlers

MONDAY, March 6, 2023 -- Of 90 toddlers given the drops, 71 could eat a peanut after two years, a trial has shown...

Subscribe to our newsletter

Get the best of Drugs.com in your inbox.
"""


def excluded(document: Document) -> list[str]:
    return [span.of(document.text) for span in document.excluded]


def test_a_pasted_page() -> None:
    document = read_text(PAGE, "page")
    meta = document.metadata
    assert document.text == PAGE
    assert meta.title == "Nightly Inhaler Cuts Asthma Attacks in Teenagers"
    assert meta.authors == ("Cal Reed",)
    assert meta.published == "2023-03-07"
    assert meta.journal == "JAMA Pediatrics"
    assert meta.publisher == "Drugs.com / HealthDay"
    assert meta.language == "en"
    gone = "\n".join(excluded(document))
    for words in (
        "Skip to",
        "Bea Stone",
        "Cal Reed",
        "TUESDAY, March 7, 2023 -- ",
        "Numbers in news",
        "©",
        "Peanut",
        "71",
        "inbox",
    ):
        assert words in gone
    for words in ("212 teenagers", "41 attacks", "Two in each group", "Nightly"):
        assert words not in gone


def test_line_ends_and_spaces_stay() -> None:
    text = "\r\n A title \r\n\r\nTen patients were treated.  \r\n"
    document = read_text(text, "a")
    assert document.text == text
    assert document.metadata.title == "A title"


def test_an_abstract_in_one_paragraph_has_nothing_excluded() -> None:
    text = "Zinc for colds. We gave zinc to 50 adults. References to earlier work were made. Results: 12 recovered."
    document = read_text(text, "a")
    assert document.excluded == ()
    assert document.metadata.title == "Zinc for colds."


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "Zinc for colds\n\nBACKGROUND: Colds are common.\n\nMETHODS: We gave zinc to 50.\n\nRESULTS: 12 recovered.",
            ["", "BACKGROUND", "METHODS", "RESULTS"],
        ),
        (
            "Background: Colds are common. Methods: We gave zinc to 50 adults. Results: Twelve recovered.",
            ["Background", "Methods", "Results"],
        ),
        ("METHODS We gave zinc to 50 adults. RESULTS Twelve recovered.", ["METHODS", "RESULTS"]),
        (
            "Zinc for colds\n\nPatients and methods\nFifty adults had zinc.\n\nResults\nTwelve recovered.",
            ["", "Patients and methods", "Results"],
        ),
        ("We gave zinc to 50 adults: 12 recovered. The methods: simple.", []),
        ("The RESULTS were good in 12 of 50 adults.", []),
    ],
)
def test_sections(text: str, titles: list[str]) -> None:
    document = read_text(text, "a")
    assert [section.title for section in document.sections] == titles
    for section in document.sections[1:]:
        assert document.text[section.start :].startswith(section.title)


def test_reference_list_is_excluded() -> None:
    story = "Of the 120 people in the trial 40 were better after a month, said the doctors of the nine city hospitals. "
    text = f"A trial of honey\n\n{story * 2}\n\nReferences\n\n1. Bee A. Honey in 300 patients. J Honey 2001;12:1-9.\n"
    assert excluded(read_text(text, "a")) == ["References\n\n1. Bee A. Honey in 300 patients. J Honey 2001;12:1-9."]


def test_identifiers_and_links_of_an_abstract() -> None:
    text = "A trial\n\nTen patients. NCT01234567.\n\nDOI: 10.1000/x.1\nPMID: 12345678"
    meta = read_text(text, "a").metadata
    assert meta.identifiers.doi == "10.1000/x.1"
    assert meta.identifiers.pmid == "12345678"
    assert meta.identifiers.trials == ("NCT01234567",)
    assert meta.links == ()


@pytest.mark.parametrize(
    "unit", ["a", "A", " ", "1 ", ":", "a:", "Published in ", "10.1/", "By A ", "- ", "http://", "\n", "© ", "METHODS "]
)
def test_a_line_of_a_megabyte_takes_linear_time(unit: str) -> None:
    # Quadratic patterns would take hours here, so the test needs no clock.
    text = unit * (1_000_000 // len(unit))
    assert read_text(text, "a").text == text


@given(st.text(max_size=600))
def test_spans_are_ordered_and_inside(text: str) -> None:
    document = read_text(text, "a")
    assert document.text == text
    end = 0
    for span in document.excluded:
        assert end <= span.start <= span.end <= len(text)
        end = span.end
    end = 0
    for section in document.sections:
        assert end <= section.start < section.end <= len(text)
        end = section.end
