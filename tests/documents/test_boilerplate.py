"""Lines of the article against lines of the page."""

from __future__ import annotations

import pytest

from extractor.documents.boilerplate import boilerplate_lines, classify

STORY = (
    "In the trial 120 people took the tablets for a year, and 14 of them had a further stroke, against 31 of the 119 "
    "people who took the dummy tablets, the team told reporters."
)
TEASER = (
    "Another trial found that 9 of 10 children did well, the researchers said on Tuesday at a meeting in Lyon, France, "
    "and more"
)


@pytest.mark.parametrize(
    ("line", "scope", "category"),
    [
        ("Read this next", "tail", "teaser"),
        ("READ THIS NEXT:", "tail", "teaser"),
        ("  Related Stories  ", "tail", "teaser"),
        ("References", "tail", "references"),
        ("Share this article on Mastodon", "line", "share"),
        ("© 2023 Example Media. All rights reserved.", "line", "legal"),
        ("Skip to main content", "line", "share"),
        ("Rated 4.6 out of 5 by 1,284 readers.", "line", "share"),
        ("Rating: 4,5 / 5 (212 votes)", "line", "share"),
        ("4.9 out of 5 stars", "line", "share"),
        ("Medically reviewed by A. Doctor, MD. Last updated on May 1, 2023.", "line", "byline"),
    ],
)
def test_boilerplate(line: str, scope: str, category: str) -> None:
    kind = classify(line)
    assert kind is not None
    assert (kind.scope, kind.category) == (scope, category)


@pytest.mark.parametrize(
    "line",
    [
        STORY,
        "References to earlier trials were few.",
        "Related adverse events occurred in 12 patients.",
        "Comments from the authors: none of the 12 deaths was related to the drug.",
        "Published in The Example Journal, the trial enrolled 300 people and found a benefit of 12 percent at a year, "
        "which the authors had not expected when they began their work.",
        "Topics such as survival were not studied.",
        "Rated 4 or higher by 31 of 40 patients.",
        "Rated 4.6 out of 5 by the 31 patients who came to the last visit, pain was worse than at the start.",
        "Results",
        "",
    ],
)
def test_the_articles_own_lines(line: str) -> None:
    assert classify(line) is None


def test_a_heading_takes_all_that_follows() -> None:
    lines = ["A title", STORY, STORY, "Read this next", "Other title", TEASER, "More"]
    assert boilerplate_lines(lines) == [False, False, False, True, True, True, True]


def test_the_same_heading_before_the_story_takes_only_its_links() -> None:
    lines = ["A title", "Related stories", "Other title", "Third title", STORY, STORY, STORY]
    assert boilerplate_lines(lines) == [False, True, True, True, False, False, False]


def test_references_end_the_article_however_long_they_are() -> None:
    lines = [STORY, STORY, "References", *[f"{n}. {TEASER}" for n in range(9)]]
    assert boilerplate_lines(lines) == [False, False] + [True] * 10


def test_a_menu_pasted_as_one_line() -> None:
    assert classify("Home   News   Health   3 new messages") is not None
    assert classify("Home | Diseases | Log in") is not None
    assert classify("Months   Drug   Dummy") is None
    assert classify("Deaths | 12 | 15") is None


def test_portraits_of_companies_and_diseases_are_left_out() -> None:
    lines = [
        STORY,
        STORY,
        "About Example Pharma",
        "It employs 640 people.",
        "About type 2 diabetes",
        TEASER,
        "Safety",
        STORY,
    ]
    assert boilerplate_lines(lines) == [False, False, True, True, True, True, False, False]


@pytest.mark.parametrize("heading", ["About the trial", "About ZIP-12", "About the Phase 3 Study", "About 40 died."])
def test_portraits_of_trials_stay(heading: str) -> None:
    assert boilerplate_lines([STORY, STORY, heading, STORY]) == [False] * 4


def test_an_article_without_boilerplate() -> None:
    assert boilerplate_lines([STORY, STORY]) == [False, False]
    assert boilerplate_lines([]) == []
