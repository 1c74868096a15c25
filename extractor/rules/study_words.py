"""Tell an article that reports a study from one that is only full of numbers: prices, beds, staff, polls of a union."""

from __future__ import annotations

from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms

STUDY_WORDS = frozenset[str]().union(
    *(terms("study_words.tsv", category) for category in ("design", "people", "authors", "analysis", "plain"))
)
MIN_TOKENS = 100
"""A shorter text (a sentence, a list of results) may do without any such word."""
MIN_STUDY_WORDS = 2
"""Occurrences. Of 2,700 abstracts of trials four hold fewer, of newspaper pages on other matters most do."""


def may_report_study(layout: Layout) -> bool:
    """Whether the text has words of a study, or is too short to tell."""
    if len(layout.lower) < MIN_TOKENS:
        return True
    found = 0
    for word in layout.lower:
        if word in STUDY_WORDS:
            found += 1
            if found == MIN_STUDY_WORDS:
                return True
    return False
