"""One form for all spellings, and the index of phrases built on it."""

from __future__ import annotations

import pytest

from extractor.rules.phrase_index import PhraseIndex
from extractor.rules.word_forms import normal_form, normal_forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("haemorrhages", "hemorrhage"), ("anaemia", "anemia"), ("Tumours", "tumor"), ("toxicities", "toxicity"),
        ("metastases", "metastasis"), ("flushes", "flush"), ("oedema", "edema"), ("diarrhoea", "diarrhea"),
        ("hospitalisation", "hospitalization"), ("responses", "response"), ("leucopenia", "leukopenia"),
    ],
)  # fmt: skip
def test_spellings_meet(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(("one", "other"), [("mass", "mas"), ("virus", "viru"), ("is", "i"), ("dose", "does")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def index() -> PhraseIndex[str]:
    return PhraseIndex(
        [
            (normal_forms("response"), False, "ORR"),
            (normal_forms("response rate"), False, "rate"),
            (normal_forms("complete response"), False, "CR"),
            (("OS",), True, "OS"),
        ]
    )


def test_longest_phrase_wins_and_hyphens_do_not_matter() -> None:
    assert index().scan(["complete", "-", "responses", "and", "response", "rates"]) == [(0, 3, "CR"), (4, 6, "rate")]


def test_exact_phrases_need_their_letters() -> None:
    assert index().scan(["OS", "os", "Os"]) == [(0, 1, "OS")]


def test_memory_is_dropped_and_results_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.rules.phrase_index._MAX_KNOWN", 2)
    lookup = index()
    words = ["a", "b", "c", "response", "d", "complete", "response"]
    assert lookup.scan(words) == lookup.scan(words) == [(3, 4, "ORR"), (5, 7, "CR")]
