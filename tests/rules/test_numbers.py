"""Numbers with their values, units, relations and signs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from extractor.rules.layout import build_layout
from extractor.rules.numbers import MAX_VALUE, Number, find_numbers, numbers_of, parse_value
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language

    from extractor.rules.layout import Layout

CORPUS = "number"
PARTS = (
    *("12", "3.4", "9·5", "1,009", "²", "٣", "-", "−", "+", "%", "percent", "per", "cent", "one", "hundred", "and"),
    *("thirds", "half", "in", "five", "no", "deaths", "than", "more", "at", "least", "months", "mg", "(", ")"),
    *("million", "<", "=", ".", "\u2009", "\n", "1e999", "9" * 400),
)
TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)


def read(n: Number) -> list[Any]:
    return [n.text, pytest.approx(n.value), "%" if n.is_percent else n.unit, n.relation, n.decimals]


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    assert [read(n) for n in find_numbers(layout(example["text"]))] == example["numbers"]


@given(
    st.lists(st.sampled_from(PARTS), max_size=25),
    st.sampled_from(("", " ")),
)
def test_every_number_is_its_slice(parts: list[str], joint: str) -> None:
    parsed = build_layout(TOKENIZER(joint.join(parts)))
    end = 0
    for k, n in enumerate(find_numbers(parsed)):
        assert (n.index, n.text) == (k, parsed.text[n.start : n.end])
        assert end <= n.start < n.end
        end = n.end
        assert math.isfinite(n.value)
        assert n.token < n.token_end <= n.after <= len(parsed.words)
        assert -1 <= n.before < n.token
        assert n.relation in ("=", "<", ">", "<=", ">=", "~")
        for place in (n.percent_end, n.unit_end):
            assert place == 0 or n.end < place <= len(parsed.text)
        if n.sign_start >= 0:
            assert parsed.text[n.sign_start] in "+-−–"


@given(st.integers(0, 10**9))
def test_whole_numbers_in_any_writing(value: int) -> None:
    for written in (f"{value}", f"{value:,}", f"{value:,}".replace(",", "\u2009")):
        assert parse_value(written) == value
        found = find_numbers(build_layout(TOKENIZER(f"{written} people")))
        assert [n.value for n in found] == [value]
        assert found[0].whole


@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from(".·∙"))
def test_decimals_as_printed(value: int, decimals: int, point: str) -> None:
    written = f"{value / 10**decimals:.{decimals}f}".replace(".", point)
    (found,) = find_numbers(build_layout(TOKENIZER(f"a score of {written} was seen")))
    assert (found.text, found.decimals) == (written, decimals)
    assert found.value == pytest.approx(value / 10**decimals)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13 194", 13194), ("9·5%", 9.5), ("One hundred and seventy-six", 176), ("−3.2", -3.2), ("two thirds", 2 / 3),
        ("one in five", 0.2), ("none", 0), ("no", 0), ("half", 0.5), (".05", 0.05), ("ninety-nine", 99),
    ],
)  # fmt: skip
def test_parse_value(text: str, value: float) -> None:
    assert parse_value(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "word", "²", "()", "not reached"])
def test_parse_value_of_no_number(text: str) -> None:
    assert parse_value(text) is None


def test_digits_beyond_any_quantity_are_identifiers(layout: Callable[[str], Layout]) -> None:
    assert find_numbers(layout("9" * 10_000)) == []
    assert [n.value for n in find_numbers(layout("9" * 15))] == [MAX_VALUE - 1]


@pytest.mark.parametrize("text", ["half of them", "one in five", "two thirds", "three-quarters"])
def test_parts_of_a_whole_are_marked(text: str, layout: Callable[[str], Layout]) -> None:
    (found,) = find_numbers(layout(text))
    assert found.fraction
    assert not found.whole


def test_numbers_of_a_plain_doc() -> None:
    doc = spacy.blank("en")("It was 12 percent.")
    assert [n.text for n in numbers_of(doc)] == ["12"]
    assert numbers_of(doc) is numbers_of(doc)


def test_spans_in_the_doc(nlp: Language) -> None:
    doc = nlp("In 24 patients\u2009it took 9·5 days.")
    assert [span.text for span in doc.spans["numbers"]] == ["24", "9·5"]
