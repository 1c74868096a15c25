"""Where words, sentences and brackets lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from extractor.rules.layout import CLOSING, MAX_SENTENCE_TOKENS, OPENING, build_layout, layout_of
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language

    from extractor.rules.layout import Layout

CORPUS = "sentence"
TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)


def sentences(parsed: Layout) -> list[str]:
    return [parsed.text[parsed.starts[a] : parsed.ends[b - 1]] for a, b in parsed.sentences]


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    assert sentences(layout(example["text"])) == example["sentences"]


@given(st.one_of(st.text(max_size=200), st.text(alphabet="aB1 .?!()[]\"'\n\r\t\u2009", max_size=120)))
def test_every_token_is_its_slice_and_every_sentence_has_its_tokens(text: str) -> None:
    parsed = build_layout(TOKENIZER(text))
    assert [text[a:b] for a, b in zip(parsed.starts, parsed.ends, strict=True)] == parsed.words
    assert "".join(parsed.words) == "".join(c for c in text if not c.isspace())
    assert [k for k, (a, b) in enumerate(parsed.sentences) for _ in range(a, b)] == parsed.sentence_of
    covered = [t for a, b in parsed.sentences for t in range(a, b)]
    assert covered == list(range(len(parsed.words)))


@given(st.text(alphabet="()[]{} ab", max_size=80))
def test_depth_and_opener_agree(text: str) -> None:
    parsed = build_layout(TOKENIZER(text))
    for i, word in enumerate(parsed.words):
        assert (parsed.depth[i] > 0) == (parsed.opener[i] >= 0)
        if parsed.opener[i] >= 0:
            assert parsed.words[parsed.opener[i]] in OPENING
            assert parsed.opener[i] <= i
        if word in OPENING:
            assert parsed.opener[i] == i


def test_nested_brackets(layout: Callable[[str], Layout]) -> None:
    parsed = layout("a (b [c] d) e")
    assert parsed.depth == [0, 1, 1, 2, 2, 2, 1, 1, 0]
    assert parsed.closer(1) == 7
    assert parsed.closer(3) == 5


def test_a_bracket_that_is_never_closed_ends(layout: Callable[[str], Layout]) -> None:
    parsed = layout("( " + "word " * 400)
    assert parsed.depth[100] == 1
    assert parsed.depth[-1] == 0
    assert parsed.closer(0) == -1


def test_a_closing_bracket_alone_is_outside(layout: Callable[[str], Layout]) -> None:
    assert layout("a) b").depth == [0, 0, 0]
    assert ")" in CLOSING


def test_text_without_sentence_marks_is_cut(layout: Callable[[str], Layout]) -> None:
    parsed = layout("word " * (2 * MAX_SENTENCE_TOKENS + 7))
    assert [b - a for a, b in parsed.sentences] == [MAX_SENTENCE_TOKENS, MAX_SENTENCE_TOKENS, 7]


def test_adjacent(layout: Callable[[str], Layout]) -> None:
    parsed = layout("n =45")
    assert [parsed.adjacent(i) for i in range(3)] == [False, False, True]


def test_spacy_sees_the_same_sentences(nlp: Language) -> None:
    doc = nlp("It helped.  We saw\u2009no harm.\n\nAll 12 lived.")
    assert [s.text.strip() for s in doc.sents] == ["It helped.", "We saw\u2009no harm.", "All 12 lived."]


def test_layout_of_a_plain_doc() -> None:
    doc = spacy.blank("en")("Two words.")
    assert layout_of(doc) is layout_of(doc)
    assert layout_of(doc).words == ["Two", "words", "."]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_no_words(text: str, layout: Callable[[str], Layout]) -> None:
    parsed = layout(text)
    assert (parsed.words, parsed.sentences) == ([], [])
