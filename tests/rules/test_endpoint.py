"""Endpoints by lexicon, pattern, abbreviation and definition."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.rules.endpoint import cause_mention, find_endpoints
from extractor.rules.layout import build_layout
from extractor.rules.lexicon import rows
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "endpoint"


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = find_endpoints(layout(example["text"]))
    assert [[m.label, m.code, m.family] for m in found] == example["mentions"]


def test_labels_stand_at_their_span(layout: Callable[[str], Layout]) -> None:
    text = "Both progression-free survival (PFS) and the ORR improved; two died of sepsis."
    for mention in find_endpoints(layout(text)):
        assert text[mention.start : mention.end] == mention.label


def test_cause_of_death_ends_before_time_and_place(layout: Callable[[str], Layout]) -> None:
    text = "One patient died of septic shock and renal failure on day 4 after surgery."
    parsed = layout(text)
    death = next(m for m in find_endpoints(parsed) if m.family == "death")
    cause = cause_mention(parsed, death)
    assert cause is not None
    assert cause.label == "septic shock and renal failure"


def test_death_without_cause(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Nine of the patients died during the study.")
    death = next(m for m in find_endpoints(parsed) if m.family == "death")
    assert cause_mention(parsed, death) is None


def test_primary_endpoint_without_definition_stays_generic(layout: Callable[[str], Layout]) -> None:
    (mention,) = find_endpoints(layout("The primary endpoint was met in 12%."))
    assert (mention.family, mention.code) == ("generic", None)


def test_abbreviation_defined_as_something_else_is_no_endpoint(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Oxidative stress (OS) was high. OS fell later.")
    assert [m.label for m in find_endpoints(parsed) if m.code == "OS"] == []


def test_lexicon_has_at_least_six_hundred_adverse_event_terms() -> None:
    assert len(rows("adverse_events.tsv", ("term", "normal", "system"))) >= 600


_TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)
_WORDS = st.sampled_from(
    ["overall", "survival", "-", "free", "disease", "partial", "complete", "response", "(", ")", "and", "or", "12", "%",
     "died", "of", "sepsis", ",", ".", "The", "primary", "endpoint", "was", "OS", "CR", "grade", "3", "nausea"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=40))
def test_mentions_are_ordered_and_apart(words: list[str]) -> None:
    parsed = build_layout(_TOKENIZER(" ".join(words)))
    found = find_endpoints(parsed)
    for left, right in pairwise(found):
        assert left.token_end <= right.token
    for mention in found:
        assert parsed.text[mention.start : mention.end] == mention.label
        assert parsed.sentence_of[mention.token] == parsed.sentence_of[mention.token_end - 1]
