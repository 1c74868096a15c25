"""Find a quote again in a text that has changed.

Exact first, then with any white space, then by ever shorter context around it; last the sentence most like it.
Each result says how it was found, so that "found exactly" differs from "found roughly".
"""

from __future__ import annotations

import difflib
import re
from functools import cached_property
from typing import Literal, NamedTuple

from extractor.checks.thresholds import RELOCATE_CONTEXT, RELOCATE_MIN_CONTEXT, RELOCATE_SIMILARITY
from extractor.spans import Span

How = Literal["same", "moved", "context", "similar"]
_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")
MAX_SENTENCES_COMPARED = 400
"""Sentences compared letter by letter; those that share most words with the quote come first."""


class Anchor(NamedTuple):
    """Where the quote stands now, and how it was found."""

    span: Span
    how: How


class ChangedText:
    """A new version of a text, prepared for finding quotes of the old one."""

    def __init__(self, old: str, new: str) -> None:
        self.old = old
        self.new = new

    @cached_property
    def _squeezed(self) -> tuple[str, list[int]]:
        """The new text without white space, and each remaining character's offset."""
        offsets = [i for i, char in enumerate(self.new) if not char.isspace()]
        return "".join(self.new[i] for i in offsets), offsets

    @cached_property
    def _sentences(self) -> list[tuple[Span, frozenset[str]]]:
        edges = [0, *(edge for match in _BREAK.finditer(self.new) for edge in match.span()), len(self.new)]
        spans = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
        return [(span, _words(span.of(self.new))) for span in spans]

    def exact(self, start: int, end: int) -> Anchor | None:
        """The quote `old[start:end]` in the new text, white space aside; the copy nearest its old relative place."""
        quote = self.old[start:end]
        if not quote.strip():
            return None
        if self.new[start:end] == quote:
            return Anchor(Span(start, end), "same")
        squeezed, offsets = self._squeezed
        wanted = "".join(quote.split())
        expected = start * len(squeezed) / max(1, len(self.old))
        places = [m.start() for m in re.finditer(re.escape(wanted), squeezed)]
        if not places:
            return None
        first = min(places, key=lambda place: abs(place - expected))
        return Anchor(Span(offsets[first], offsets[first + len(wanted) - 1] + 1), "moved")

    def by_context(self, start: int, end: int) -> Anchor | None:
        """The quote by what stands around it or on one side, less and less of it; None if nowhere or not unique."""
        squeezed, offsets = self._squeezed
        wanted = "".join(self.old[start:end].split())
        context = RELOCATE_CONTEXT
        while wanted and context >= RELOCATE_MIN_CONTEXT:
            before = "".join(self.old[max(0, start - context) : start].split())
            after = "".join(self.old[end : end + context].split())
            for left, right in ((before, after), (before, ""), ("", after)):
                if len(left + right) < RELOCATE_MIN_CONTEXT:
                    continue
                places = [m.start() for m in re.finditer(re.escape(left + wanted + right), squeezed)]
                if len(places) == 1:
                    first = places[0] + len(left)
                    return Anchor(Span(offsets[first], offsets[first + len(wanted) - 1] + 1), "context")
            context //= 2
        return None

    def similar(self, start: int, end: int) -> Anchor | None:
        """The new text's sentence most like the quote, if it is alike enough."""
        quote = self.old[start:end]
        words = _words(quote)
        ranked = sorted(self._sentences, key=lambda s: -len(words & s[1]) / (len(words | s[1]) or 1))
        best: tuple[float, Span] | None = None
        for span, _ in ranked[:MAX_SENTENCES_COMPARED]:
            matcher = difflib.SequenceMatcher(None, quote, span.of(self.new), autojunk=False)
            if matcher.real_quick_ratio() < RELOCATE_SIMILARITY or matcher.quick_ratio() < RELOCATE_SIMILARITY:
                continue
            ratio = matcher.ratio()
            if ratio >= RELOCATE_SIMILARITY and (best is None or ratio > best[0]):
                best = ratio, span
            if best is not None and best[0] > 0.95:
                break
        return Anchor(best[1], "similar") if best else None


def _words(sentence: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", sentence.lower()))
