"""The phrases that a number of a sentence may measure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from extractor.rules.endpoint import find_endpoints
from extractor.rules.endpoint_phrase import find_phrases, skeleton
from extractor.rules.layout import build_layout
from extractor.rules.numbers import find_numbers
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.endpoint_phrase import Phrase
    from extractor.rules.layout import Layout


TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)


def phrases_in(parsed: Layout) -> list[Phrase]:
    """Those of the first sentence; numbers are barred."""
    begin, end = parsed.sentences[0]
    barred = [False] * (end - begin)
    for n in find_numbers(parsed):
        if n.token < end and n.value > 5:
            barred[n.token - begin : min(n.after, end) - begin] = [True] * (min(n.after, end) - n.token)
    mentions = [m for m in find_endpoints(parsed) if m.token < end]
    return find_phrases(parsed, begin, end, barred, mentions)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Mean walking distance was 410 m.", ["walking distance"]),
        ("The incidence of night cramps fell to 12%.", ["night cramps"]),
        ("A strikingly low rate of hoarseness (31%).", ["hoarseness"]),
        ("AB/CD ratio and knee-joint angle were 1.2 and 80.", ["AB/CD ratio", "knee-joint angle"]),
        ("Time to first steps was 9 days.", ["Time to first steps"]),
        ("Length of stay was 9 days.", ["Length of stay"]),
        ("Overall, 12 patients needed a second operation.", ["second operation"]),
        ("Grade 3 or 4 nausea was seen.", ["Grade 3 or 4 nausea"]),
        ("Of them, 12 were in the group and these were the values.", []),
        ("Median overall survival (OS) was 9 months.", ["overall survival"]),
    ],
)
def test_phrases(text: str, phrases: list[str], layout: Callable[[str], Layout]) -> None:
    parsed = layout(text)
    found = [p.endpoint(parsed) for p in phrases_in(parsed)]
    assert [m.label for m in found if m is not None] == phrases


def test_a_phrase_takes_code_and_family_of_the_endpoint_in_it(layout: Callable[[str], Layout]) -> None:
    parsed = layout("The overall survival rates were 61%.")
    (found,) = [p.endpoint(parsed) for p in phrases_in(parsed) if p.mention is not None]
    assert found is not None
    assert (found.code, found.family, found.label) == ("OS", "survival", "overall survival rates")


def test_a_skeleton_shows_what_stands_between(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Nausea was less frequent with A than with B (12 v 19).")
    begin, end = parsed.sentences[0]
    numbers = {n.token: (n.after, "c") for n in find_numbers(parsed)}
    signs, before = skeleton(parsed, begin, end, phrases_in(parsed), numbers)
    assert signs.startswith("P=+")
    assert signs.endswith("(cvc)")
    assert len(before) == end - begin + 1


@given(st.text(alphabet="ab1 .,()/+-%", max_size=60))
def test_any_text_gives_phrases_in_order(text: str) -> None:
    parsed = build_layout(TOKENIZER(text))
    if not parsed.sentences:
        return
    found = phrases_in(parsed)
    assert all(p.token < p.token_end for p in found)
    assert all(a.token_end <= b.token for a, b in pairwise(found))
    for p in found:
        m = p.endpoint(parsed)
        assert m is not None
        assert m.label == parsed.text[m.start : m.end]
