"""How an article's words lie: tokens without white space, sentences, brackets.

Every rule reads these plain lists instead of walking spaCy tokens itself. Sentence ends are decided here
and written back to the `Doc`. Cost is linear in the number of tokens; a stretch without any sentence mark is cut at
`MAX_SENTENCE_TOKENS`, so that no later rule can become quadratic.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy
from spacy.tokens import Doc, Span

from extractor.rules.component import component
from extractor.rules.lexicon import terms

MAX_SENTENCE_TOKENS = 400
"""Twice the longest sentence of 2,000 abstracts (191 tokens, cut by nothing but sentence ends and line breaks)."""

_MAX_KNOWN = 1 << 17

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
_TERMINAL = frozenset(".?!")
_AFTER_TERMINAL = frozenset("\"”’')]")
_ABBREVIATIONS = terms("sentence_abbreviations.tsv", "always")
_BEFORE_NUMBER = terms("sentence_abbreviations.tsv", "number")
_LATIN = terms("sentence_abbreviations.tsv", "letters")


@dataclass(slots=True)
class Layout:
    """Parallel lists over tokens; `sentences` are half-open token ranges that cover all tokens."""

    text: str
    words: list[str]
    lower: list[str]
    starts: list[int]
    ends: list[int]
    doc_index: list[int]
    """Index of the token in the spaCy `Doc`."""
    depth: list[int]
    """How many brackets are open at the token; a bracket itself counts as inside."""
    opener: list[int]
    """Index of the innermost open bracket, -1 outside."""
    sentences: list[tuple[int, int]]
    sentence_of: list[int]
    abbreviations: dict[str, tuple[int, int]] | None = None
    """What `abbreviations.find_abbreviations` found, kept because several rules ask."""

    def adjacent(self, i: int) -> bool:
        """Whether token i follows token i - 1 without white space."""
        return i > 0 and self.ends[i - 1] == self.starts[i]

    def closer(self, i: int, limit: int = 60) -> int:
        """Index of the bracket that closes the one at token i, or -1 if none within `limit` tokens."""
        depth = 0
        for j in range(i, min(i + limit, len(self.words))):
            if self.words[j] in OPENING:
                depth += 1
            elif self.words[j] in CLOSING:
                depth -= 1
                if depth <= 0:
                    return j
        return -1


_lower: dict[str, str] = {}
"""Words in lower case; filled as words turn up. Much faster than making them anew."""


def _learn(word: str) -> str:
    found = sys.intern(word.lower())
    if len(_lower) < _MAX_KNOWN:
        _lower[word] = found
    return found


def build_layout(doc: Doc) -> Layout:
    """The layout of a tokenised `Doc`."""
    given = doc.user_data.get("words") or ([t.text for t in doc], [bool(t.whitespace_) for t in doc], doc.text)
    tokens: list[str] = given[0]
    spaces: list[bool] = given[1]
    text: str = given[2]
    words: list[str] = []
    lower: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    doc_index: list[int] = []
    breaks: set[int] = set()  # token before which a hard line break or a blank line stands
    known = _lower
    position = line_start = 0
    for i, token in enumerate(tokens):
        end = position + len(token)
        if not token.isspace():
            words.append(token)
            lower.append(known.get(token) or _learn(token))
            starts.append(position)
            ends.append(end)
            doc_index.append(i)
        elif "\n" in token or "\r" in token:
            long_line = 50 <= position - line_start <= 110
            if token.count("\n") > 1 or not long_line or (i > 0 and tokens[i - 1] in _TERMINAL):
                breaks.add(len(words))
            line_start = end
        position = end + 1 if spaces[i] else end
    depth, opener = _brackets(words)
    sentences, sentence_of = _sentences(words, lower, starts, ends, breaks)
    return Layout(text, words, lower, starts, ends, doc_index, depth, opener, sentences, sentence_of)


def _brackets(words: list[str]) -> tuple[list[int], list[int]]:
    """Depth and innermost opener per token. An unclosed bracket is given up after 150 tokens: otherwise one typing
    error would put the rest of the article in brackets."""
    depth = [0] * len(words)
    opener = [-1] * len(words)
    stack: list[int] = []
    opening, closing = OPENING, CLOSING
    for i, word in enumerate(words):
        if word in opening:
            stack.append(i)
        elif not stack:
            continue
        while stack and i - stack[0] > 150:
            stack.pop(0)
        if stack:
            depth[i], opener[i] = len(stack), stack[-1]
            if word in closing:
                stack.pop()
    return depth, opener


def _sentences(
    words: list[str], lower: list[str], starts: list[int], ends: list[int], breaks: set[int]
) -> tuple[list[tuple[int, int]], list[int]]:
    sentences: list[tuple[int, int]] = []
    sentence_of: list[int] = []
    begin = 0
    candidates = {i + 1 for i, word in enumerate(words) if word in _TERMINAL}
    candidates |= {i + 1 for i in candidates if i < len(words) and words[i] in _AFTER_TERMINAL}
    candidates = {i for i in candidates if i < len(words) and _starts_sentence(words, lower, starts, ends, i)}
    candidates |= {i for i in breaks if i < len(words)}
    for i in [*sorted(candidates), len(words)]:
        while i - begin > MAX_SENTENCE_TOKENS:
            sentences.append((begin, begin + MAX_SENTENCE_TOKENS))
            begin += MAX_SENTENCE_TOKENS
        if i > begin:
            sentences.append((begin, i))
            begin = i
    for k, (a, b) in enumerate(sentences):
        sentence_of += [k] * (b - a)
    return sentences, sentence_of


def _starts_sentence(words: list[str], lower: list[str], starts: list[int], ends: list[int], i: int) -> bool:
    """Whether a sentence ends before token i."""
    mark = i - 1
    if words[mark] in _AFTER_TERMINAL and mark and words[mark - 1] in _TERMINAL and words[i] not in CLOSING:
        mark -= 1
    if words[mark] not in _TERMINAL or mark == 0:
        return False
    first = words[i][0]
    spaced = ends[i - 1] < starts[i]
    before = words[mark - 1]
    if not spaced:  # "results.We found": a capitalised word glued to a full stop behind a long lower-case word
        return first.isupper() and len(words[i]) > 1 and words[i][1:].islower() and before.islower() and len(before) > 3
    if words[mark] != ".":
        return first.isupper() or first.isdigit() or first in '(["“'
    if lower[mark - 1] in _ABBREVIATIONS or "".join(lower[max(0, mark - 3) : mark]) in _LATIN:
        return False
    if first.isdigit():
        if lower[mark - 1] in _BEFORE_NUMBER:
            return False
        # "0. 92" is a broken decimal, "in 2001. 12 patients" is not
        return not (before.isdigit() and len(before) < 4)
    if first.isupper():
        return not _is_initial(words, lower, mark - 1)
    return first in '(["“'


def _is_initial(words: list[str], lower: list[str], i: int) -> bool:
    """Whether token i is an initial: a capital behind a name, a title or another ("Steven W. Pipe", "Dr. A. B.")."""
    if i < 1 or len(words[i]) > 1 or not words[i].isupper():
        return False
    if words[i - 1] == "." and i >= 2:
        return lower[i - 2] in _ABBREVIATIONS or (len(words[i - 2]) == 1 and words[i - 2].isupper())
    return words[i - 1][0].isupper()


@component("trial_layout")
def trial_layout(doc: Doc) -> Doc:
    """Put the `Layout` into `doc.user_data["layout"]` and mark the sentence starts."""
    layout = build_layout(doc)
    doc.user_data["layout"] = layout
    if len(doc):
        # In one call: spaCy looks through the whole Doc each time that a single token's `is_sent_start` is set.
        sent_starts = numpy.full((len(doc), 1), -1, dtype=numpy.int64)
        sent_starts[[layout.doc_index[begin] for begin, _ in layout.sentences]] = 1
        doc.from_array(["SENT_START"], cast(Any, sent_starts.astype(numpy.uint64)))
    return doc


def layout_of(doc: Doc) -> Layout:
    """The layout of a `Doc` that went through `trial_layout`, made now if it did not (a component used on its own)."""
    layout = doc.user_data.get("layout")
    if not isinstance(layout, Layout):
        layout = build_layout(doc)
        doc.user_data["layout"] = layout
    return layout


def write_spans(doc: Doc, key: str, found: Iterable[tuple[int, int, str]]) -> None:
    """Show findings, as (first token, token behind the last, label) of the layout, in `doc.spans[key]`.

    `doc.user_data["findings_only"]` leaves them out: nobody looks at them in a batch, and they cost time.
    """
    if doc.user_data.get("findings_only"):
        return
    index = layout_of(doc).doc_index
    doc.spans[key] = [
        Span(doc, index[first], index[min(last, len(index)) - 1] + 1, label=label) for first, last, label in found
    ]
