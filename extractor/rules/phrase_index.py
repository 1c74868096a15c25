"""Look up thousands of phrases at the price of one dictionary access per token.

Phrases match in any spelling, number and hyphenation (`word_forms`), or exactly as written for abbreviations. The first
word finds a node, the second the few phrases that go on with it; only those are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from extractor.rules.numbers import DASHES
from extractor.rules.word_forms import normal_form

V = TypeVar("V")
_MAX_KNOWN = 1 << 17
"""Surface words remembered before the memory is dropped; a batch over any corpus stays in bounded memory."""


class _Node(Generic[V]):
    """The phrases that start with one word: the one of that word alone, and the longer ones by their second word."""

    __slots__ = ("alone", "begins", "exact", "longer")

    def __init__(
        self,
        alone: V | None,
        longer: dict[str, list[tuple[tuple[str, ...], V]]],
        exact: list[tuple[tuple[str, ...], V]],
    ) -> None:
        self.alone, self.longer, self.exact = alone, longer, exact
        self.begins = alone is not None or bool(longer) or bool(exact)
        """Whether any phrase starts with the word."""


class PhraseIndex(Generic[V]):
    """`phrases` are (words, exact, value): normal forms, or words as written where `exact`. Longest match wins; of two
    equal phrases the first one given."""

    def __init__(self, phrases: Iterable[tuple[tuple[str, ...], bool, V]]) -> None:
        self._plain: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        self._exact: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for words, exact, value in phrases:
            (self._exact if exact else self._plain).setdefault(words[0], []).append((words, value))
        for entries in (*self._plain.values(), *self._exact.values()):
            entries.sort(key=lambda e: -len(e[0]))
        self._known: dict[str, _Node[V]] = {}

    def _learn(self, word: str) -> _Node[V]:
        plain = self._plain.get(normal_form(word), [])
        longer: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for words, value in plain:
            if len(words) > 1:
                longer.setdefault(words[1], []).append((words, value))
        alone = next((value for words, value in plain if len(words) == 1), None)
        node = _Node(alone, longer, self._exact.get(word, []))
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[word] = node
        return node

    def scan(self, words: list[str]) -> list[tuple[int, int, V]]:
        """All matches as (first token, one past the last, value), from left to right, without overlap."""
        found: list[tuple[int, int, V]] = []
        known, free = self._known, 0
        for i, word in enumerate(words):
            node = known.get(word) or self._learn(word)
            if not node.begins or i < free:
                continue
            hit = _longest(node, words, i)
            if hit is not None:
                free = hit[0]
                found.append((i, free, hit[1]))
        return found


def _longest(node: _Node[V], words: list[str], i: int) -> tuple[int, V] | None:
    """One past the last token and the value of the longest phrase of the node at token i."""
    best: tuple[int, V] | None = None if node.alone is None else (i + 1, node.alone)
    for written, value in node.exact:
        end = _match(words, i, written, exact=True)
        if end > 0:
            best = (end, value)
            break
    if node.longer:
        j, count = i + 1, len(words)
        while j < count and words[j] in DASHES:
            j += 1
        if j < count:
            for forms, value in node.longer.get(normal_form(words[j]), ()):
                end = _match(words, i, forms, exact=False)
                if end > 0:
                    return (end, value) if best is None or end > best[0] else best
    return best


def _match(words: list[str], i: int, forms: Sequence[str], *, exact: bool) -> int:
    """One past the last token of the phrase if it starts at token i, dashes between its words aside; else -1."""
    j, count = i, len(words)
    for form in forms:
        while j < count and words[j] in DASHES:
            j += 1
        if j >= count or (words[j] if exact else normal_form(words[j])) != form:
            return -1
        j += 1
    return j
