"""Tokens: nothing lost, numbers whole, signs apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = "token"
TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)


def test_corpus(example: dict[str, Any]) -> None:
    doc = TOKENIZER(example["text"])
    assert [t.text for t in doc if not t.is_space] == example["tokens"]


@given(st.text(max_size=200))
def test_tokens_rebuild_the_text(text: str) -> None:
    assert TOKENIZER(text).text == text


@given(st.text(alphabet="0123456789 .,·()-%\u2009\u00a0\nabZ", max_size=80))
def test_tokens_rebuild_texts_of_numbers(text: str) -> None:
    doc = TOKENIZER(text)
    assert doc.text == text
    assert all(t.text for t in doc)


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "a\u2028b", "(" * 50, "\U0001d7d7", "e\u0301"])
def test_odd_texts_come_back(text: str) -> None:
    assert TOKENIZER(text).text == text


def test_long_rows_of_groups_are_no_number() -> None:
    """Twenty groups of three digits are a table's row; a bound on the groups keeps the search linear."""
    doc = TOKENIZER("123 " * 20 + "patients")
    assert max(len(t.text) for t in doc if t.text[0].isdigit()) <= len("123 123 123 123")


def test_a_saved_pipeline_tokenizes_alike(tmp_path: Path) -> None:
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "extractor.trial_tokenizer.v1"}}})
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert isinstance(loaded.make_doc("95%CI"), Doc)
    assert [t.text for t in loaded.make_doc("95%CI p<0·001")] == ["95", "%", "CI", "p", "<", "0·001"]
