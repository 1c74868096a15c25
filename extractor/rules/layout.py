"""How an article's words lie: tokens without white space, sentences, brackets.

Every rule reads this instead of spaCy tokens: plain lists cost a tenth of the time. Sentence ends are decided here
and written back to the `Doc`. Cost is linear in the number of tokens; a stretch without any sentence mark is cut at
`MAX_SENTENCE_TOKENS`, so that no later rule can become quadratic.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from extractor.rules.lexicon import terms

MAX_SENTENCE_TOKENS = 400
"""Longer than any sentence of the 2,000 reference abstracts that ends with a full stop (longest: 331 tokens)."""

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
_TERMINAL = frozenset(".?!")
_AFTER_TERMINAL = frozenset("\"”’')]")
_ABBREVIATIONS = terms("sentence_abbreviations.tsv", "always")
_BEFORE_NUMBER = terms("sentence_abbreviations.tsv", "number")


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


def build_layout(doc: Doc) -> Layout:
    """The layout of a tokenised `Doc`."""
    text = doc.text
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    doc_index: list[int] = []
    breaks: list[int] = []  # token before which a hard line break or a blank line stands
    position = line_start = 0
    for i, token in enumerate(doc):
        word = token.text
        if word.isspace():
            if "\n" in word or "\r" in word:
                long_line = 50 <= position - line_start <= 110
                if words and (word.count("\n") > 1 or not long_line or words[-1] in _TERMINAL):
                    breaks.append(len(words))
                line_start = position + len(word)
            position += len(word) + (1 if token.whitespace_ else 0)
            continue
        words.append(word)
        starts.append(position)
        position += len(word)
        ends.append(position)
        doc_index.append(i)
        if token.whitespace_:
            position += 1
    lower = [word.lower() for word in words]
    depth, opener = _brackets(words)
    sentences, sentence_of = _sentences(words, lower, starts, ends, set(breaks))
    return Layout(text, words, lower, starts, ends, doc_index, depth, opener, sentences, sentence_of)


def _brackets(words: list[str]) -> tuple[list[int], list[int]]:
    """Depth and innermost opener per token. An unclosed bracket is given up after 150 tokens, as annotators of the
    page would: otherwise one typing error would put the rest of the article in brackets."""
    depth: list[int] = []
    opener: list[int] = []
    stack: list[int] = []
    for i, word in enumerate(words):
        if word in OPENING:
            stack.append(i)
        while stack and i - stack[0] > 150:
            stack.pop(0)
        depth.append(len(stack))
        opener.append(stack[-1] if stack else -1)
        if word in CLOSING and stack:
            stack.pop()
    return depth, opener


def _sentences(
    words: list[str], lower: list[str], starts: list[int], ends: list[int], breaks: set[int]
) -> tuple[list[tuple[int, int]], list[int]]:
    sentences: list[tuple[int, int]] = []
    sentence_of: list[int] = []
    begin = 0
    for i in range(len(words)):
        if i > begin and (
            i in breaks
            or i - begin >= MAX_SENTENCE_TOKENS
            or _starts_sentence(words, lower, starts, ends, i)
        ):
            sentences.append((begin, i))
            begin = i
        sentence_of.append(len(sentences))
    if words:
        sentences.append((begin, len(words)))
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
        return first.isupper() or first.isdigit() or first in "([\"“"
    if lower[mark - 1] in _ABBREVIATIONS:
        return False
    if first.isdigit():
        if lower[mark - 1] in _BEFORE_NUMBER:
            return False
        # "0. 92" is a broken decimal, "in 2001. 12 patients" is not
        return not (before.isdigit() and len(before) < 4)
    if first.isupper():
        # an initial: "Steven W. Pipe"
        initial = len(before) == 1 and before.isupper() and mark >= 2 and words[mark - 2][0].isupper()
        return not initial
    return first in "([\"“"


@Language.component("trial_layout")
def trial_layout(doc: Doc) -> Doc:
    """Put the `Layout` into `doc.user_data["layout"]` and mark the sentence starts."""
    layout = build_layout(doc)
    doc.user_data["layout"] = layout
    for begin, _ in layout.sentences:
        doc[layout.doc_index[begin]].is_sent_start = True
    return doc


def layout_of(doc: Doc) -> Layout:
    """The layout of a `Doc` that went through `trial_layout`, made now if it did not (a component used on its own)."""
    layout = doc.user_data.get("layout")
    if not isinstance(layout, Layout):
        layout = build_layout(doc)
        doc.user_data["layout"] = layout
    return layout
