"""Half-open spans of Unicode code points into an article's text."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """`text[start:end]`; 0 <= start <= end <= len(text)."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The slice of `text` that this span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: tuple[int, int]) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other[1] and other[0] < self.end

    def contains(self, other: tuple[int, int]) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other[0] and other[1] <= self.end
