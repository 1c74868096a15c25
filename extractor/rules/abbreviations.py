"""Find abbreviations that a text defines: "pathologic complete response (pCR)".

Algorithm: Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text",
PSB 2003: the short form stands in brackets, its letters occur in order in the words before, the first one at a word's
start.
"""

from __future__ import annotations

from extractor.rules.layout import OPENING, Layout

_MAX_LONG_WORDS = 9
_MAX_SHORT_TOKENS = 9
_ENDS = frozenset((",", ";", ":", "=", ")", "]"))
"""What ends a short form: "(PFS)", "(PFS; 5 months)"."""


def find_abbreviations(layout: Layout) -> dict[str, tuple[int, int]]:
    """Short form as written -> token range of its long form (half-open). Looked for once in each layout."""
    if layout.abbreviations is None:
        layout.abbreviations = _find(layout)
    return layout.abbreviations


def _find(layout: Layout) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    words = layout.words
    for i in [k for k, word in enumerate(words[:-2]) if word in OPENING]:
        end = next((k for k in range(i + 1, min(i + _MAX_SHORT_TOKENS, len(words))) if words[k] in _ENDS), i)
        short = layout.text[layout.starts[i + 1] : layout.ends[end - 1]] if end > i + 1 else ""
        if not _is_short_form(short) or short in found:
            continue
        begin = max(layout.sentences[layout.sentence_of[i]][0], i - _MAX_LONG_WORDS - short.count("-") * 2)
        start = _match(layout, short, begin, i)
        if start >= 0 and short not in words[start:i]:
            found[short] = (start, i)
    return found


def _is_short_form(short: str) -> bool:
    """2 to 10 characters, a capital among them, no white space inside, at most a few signs."""
    return 2 <= len(short) <= 10 and " " not in short and any(c.isupper() for c in short) and short[0].isalnum()


def _match(layout: Layout, short: str, begin: int, end: int) -> int:
    """First token of the long form that ends before token `end`, or -1."""
    text = layout.text[layout.starts[begin] : layout.ends[end - 1]].lower() if end > begin else ""
    s, t = len(short) - 1, len(text) - 1
    while s >= 0:
        letter = short[s].lower()
        if not letter.isalnum():
            s -= 1
            continue
        while t >= 0 and (text[t] != letter or (s == 0 and t > 0 and text[t - 1].isalnum())):
            t -= 1
        if t < 0:
            return -1
        s -= 1
        t -= 1
    start = layout.starts[begin] + t + 1
    for k in range(begin, end):
        if layout.starts[k] >= start:
            return k
    return -1
