"""The language of a text: English cheaply, others by the model, declarations believed where plausible."""

from __future__ import annotations

import pytest

from extractor.documents.language import detect_language, language_code

ENGLISH = "The patients were assigned to the new drug or to placebo, and their survival was compared after one year."
GERMAN = (
    "Die Patienten erhielten entweder das neue Medikament oder ein Placebo. Nach einem Jahr lebten noch zwei Drittel, "
    "und die Nebenwirkungen waren in beiden Gruppen gering."
)
FRENCH = "Les malades ont reçu le nouveau médicament ou un placebo pendant un an, et deux tiers étaient encore en vie."


def test_english_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.documents.language._by_model", lambda text: pytest.fail("the model was asked"))
    assert detect_language(ENGLISH) == "en"
    assert detect_language(ENGLISH, "de") == "en"


@pytest.mark.parametrize(("text", "code"), [(GERMAN, "de"), (FRENCH, "fr")])
def test_other_languages(text: str, code: str) -> None:
    assert detect_language(text) == code
    assert detect_language(text, "en-US") == code
    assert detect_language(text, code) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("共有一百二十名患者参加了这项试验，治疗组的缓解率高于安慰剂组。", "zh"),
        ("この試験には百二十人の患者が参加し、奏効率はプラセボ群より高かった。", "ja"),
    ],
)
def test_languages_without_spaces_between_words(text: str, code: str) -> None:
    assert detect_language(text) == code
    assert detect_language(text[:8]) is None


def test_few_words_tell_nothing() -> None:
    assert detect_language("Phase 3") is None
    assert detect_language("Phase 3", "de-DE") == "de"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("ENG", "en"),
        ("ger", "de"),
        ("english text", None),
        (None, None),
    ],
)
def test_language_code(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code
