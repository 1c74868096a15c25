"""A news item against its study: each verdict, on statements built by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extractor.checks.against_study import compare, with_comparison
from extractor.checks.comparison import Comparison

Build = Callable[[str], Any]

STUDY = (
    "Drug A or placebo was given to 412 people with asthma. The primary endpoint was remission at week 12. "
    "Remission at week 12 was reached by 144 of 207 (69.6%) people on drug A and 103 of 205 (50.2%) on placebo. "
    "The hazard ratio for a first attack was 0.62 (95% CI, 0.48 to 0.80). "
    "Grade 3 nausea occurred in 31 (15.0%) people on drug A. There were 23 deaths. Median follow-up was 15.1 months."
)


def study(build: Build) -> Any:
    made = build(STUDY).arm("a", "Drug A", "intervention").arm("b", "placebo", "control")
    made.fact("given to 412 people with asthma", "cohort_size", role="randomized", count="412")
    reached = "Remission at week 12 was reached by 144 of 207 (69.6%) people on drug A"
    made.fact(reached, "response", arm="a", endpoint="Remission", count="144", denominator="207", percent="69.6%")
    rest = "Remission at week 12 was reached by 144 of 207 (69.6%) people on drug A and 103 of 205 (50.2%) on placebo"
    made.fact(rest, "response", arm="b", endpoint="Remission", count="103", denominator="205", percent="50.2%")
    hazard = "The hazard ratio for a first attack was 0.62 (95% CI, 0.48 to 0.80)"
    made.fact(
        hazard,
        "effect",
        endpoint="first attack",
        compares=("a", "b"),
        hazard_ratio="0.62",
        ci_low="0.48",
        ci_high="0.80",
    )
    nausea = "Grade 3 nausea occurred in 31 (15.0%) people on drug A"
    made.fact(nausea, "adverse_event", arm="a", event={"term": "nausea", "grades": [3]}, count="31", percent="15.0%")
    made.fact("There were 23 deaths", "death", count="23")
    made.fact("Median follow-up was 15.1 months", "follow_up", median="15.1 months")
    return made


def held(build: Build, sentence: str, kind: str, arms: bool = True, **fact: Any) -> Comparison:
    news = build(f"{sentence} Drug A was held against placebo.")
    if arms:
        news.arm("x", "Drug A", "intervention").arm("y", "placebo", "control")
    news.fact(sentence, kind, **fact)
    return compare(news.record(), study(build).record())


@pytest.mark.parametrize(
    ("sentence", "kind", "fact", "verdict"),
    [
        ("It took in 412 people.", "cohort_size", {"role": "enrolled", "count": "412"}, "agrees"),
        ("It took in 421 people.", "cohort_size", {"role": "enrolled", "count": "421"}, "differs"),
        ("Remission came to 70 percent.", "response",
         {"arm": "x", "endpoint": "Remission", "percent": "70 percent"}, "rounded"),
        ("Remission came to 69.6 percent.", "response",
         {"arm": "x", "endpoint": "Remission", "percent": "69.6 percent"}, "agrees"),
        ("Remission came to 68 percent.", "response",
         {"arm": "x", "endpoint": "Remission", "percent": "68 percent"}, "differs"),
        ("Remission came to half of them.", "response",
         {"arm": "y", "endpoint": "Remission", "fraction": "half"}, "rounded"),
        ("Remission came to 50.2 percent.", "response",
         {"arm": "x", "endpoint": "Remission", "percent": "50.2 percent"}, "differs"),
        ("It cut the risk of an attack by 38 percent.", "effect",
         {"endpoint": "an attack", "percent": "38 percent"}, "agrees"),
        ("It cut the risk of an attack by 48 percent.", "effect",
         {"endpoint": "an attack", "percent": "48 percent"}, "differs"),
        ("In all, 32 people died.", "death", {"count": "32"}, "differs"),
        ("In all, 23 people died.", "death", {"count": "23"}, "agrees"),
        ("They were followed for 15 months.", "follow_up", {"median": "15 months"}, "rounded"),
        ("They were followed for 1.3 years.", "follow_up", {"median": "1.3 years"}, "rounded"),
        ("They were followed for 18 months.", "follow_up", {"median": "18 months"}, "differs"),
        ("Gallstones fell by 40 percent.", "outcome",
         {"endpoint": "Gallstones", "percent": "40 percent"}, "not_in_study"),
    ],
)  # fmt: skip
def test_verdicts(build: Build, sentence: str, kind: str, fact: dict[str, Any], verdict: str) -> None:
    (number,) = held(build, sentence, kind, **fact).numbers
    assert number.verdict == verdict
    if verdict != "not_in_study":
        assert number.study_quote
        assert number.study_quote in " ".join(STUDY.split())


def test_arms_swapped_says_so(build: Build) -> None:
    sentence = "Remission came to 50.2 percent."
    (number,) = held(build, sentence, "response", arm="x", endpoint="Remission", percent="50.2 percent").numbers
    assert number.note == "the study gives this number for another arm"


def test_computed_numbers_name_their_formula(build: Build) -> None:
    (number,) = held(build, "It cut attacks by 38 percent.", "effect", endpoint="attacks", percent="38 percent").numbers
    assert number.computed == "100 * (1 - 0.62)"


def test_what_the_news_leaves_out(build: Build) -> None:
    comparison = held(
        build, "It cut the risk of an attack by 38 percent.", "effect", endpoint="an attack", percent="38 percent"
    )
    assert {"adverse_events", "absolute_numbers", "primary_endpoint"} <= {m.what for m in comparison.left_out if m.main}
    for missing in comparison.left_out:
        assert missing.study_quote in STUDY


def test_the_checks_of_the_record(build: Build) -> None:
    sentence = "Remission came to 68 percent."
    news = build(f"{sentence} Drug A was held against placebo.").arm("x", "Drug A", "intervention")
    news.fact(sentence, "response", arm="x", endpoint="Remission", percent="68 percent")
    record = news.record()
    checked = with_comparison(record, compare(record, study(build).record()))
    (check,) = checked.facts[0].checks
    assert (check.name, check.status) == ("against_study", "fail")
    assert "'68 percent' differs: the study says 'Remission at week 12" in check.message


def test_two_records_without_facts(build: Build) -> None:
    empty = build("Nothing.").record()
    assert compare(empty, empty) == Comparison((), (), ())
