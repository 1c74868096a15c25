"""Tell an article's language: English by its commonest words, any other by a statistical model."""

from __future__ import annotations

import math
import re
from functools import cache

from extractor.documents.wordlists import pairs, rows

_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 1200
"""Characters: some 170 words settle it."""
_LOOKED_AT_AGAIN = 4000
"""Characters, where the first ones (names and doses, say) leave it open."""
_MIN_WORDS = 8
_ENGLISH_SHARE = 0.13
"""Of an English abstract's words a quarter is in the list (2,000 abstracts: 0.12 to 0.40); of a Dutch text's under
0.07, of other languages' less."""
_ENGLISH_SHARE_OF_MORE = 0.10
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Letters of Thai, Lao, Khmer, Japanese and Chinese, which put no spaces between words."""
_LETTERS_PER_UNSPACED_WORD = 2
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*$")
_MODEL_CONFIDENCE = 0.9


@cache
def _english_words() -> frozenset[str]:
    return frozenset(word for (word,) in rows("english_words.tsv", ("word",)))


@cache
def _three_letter_codes() -> dict[str, str]:
    return dict(pairs("language_codes.tsv", ("code", "canonical")))


def _by_model(text: str) -> tuple[str, float]:
    """The likeliest language of all the model knows, and its probability."""
    import py3langid  # only now: loading the model takes longer than reading hundreds of English articles

    ranked = py3langid.rank(text)
    code, score = ranked[0]
    return str(code), 1 / sum(math.exp(float(other) - float(score)) for _, other in ranked)


def detect_language(text: str, declared: str | None = None) -> str | None:
    """The ISO 639-1 code of `text`'s language; `declared` is a tag from the page or file.

    A declaration is believed unless the text speaks clearly against it: many pages are declared English by their
    template. None for a text of a few words without a declaration.
    """
    tag = language_code(declared)
    head = text[:_LOOKED_AT]
    words = head.lower().split()
    unspaced = 0 if head.isascii() else len(_UNSPACED.findall(head))
    if len(words) + unspaced // _LETTERS_PER_UNSPACED_WORD < _MIN_WORDS:
        return tag
    if _english_share(words) >= _ENGLISH_SHARE:
        return "en"
    if tag and tag != "en":
        return tag
    if _english_share(_WORD.findall(text[:_LOOKED_AT_AGAIN].lower()) or words) >= _ENGLISH_SHARE_OF_MORE:
        return "en"
    code, probability = _by_model(text[:_LOOKED_AT_AGAIN])
    if probability >= _MODEL_CONFIDENCE:
        return code
    return tag


def _english_share(words: list[str]) -> float:
    return sum(map(_english_words().__contains__, words)) / len(words)


def language_code(tag: str | None) -> str | None:
    """`en` for "en-US", "en_GB", "eng" or "EN"; None for anything that is no language tag."""
    found = _TAG.match(tag) if tag else None
    if not found:
        return None
    code = found[1].lower()
    return code if len(code) == 2 else _three_letter_codes().get(code)
