"""A text cut at every edge of the spans that mark it, so that spans may touch, nest or cross.

Nested tags can't show two spans that cross; flat pieces, each knowing all the spans that cover it, can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Mark(NamedTuple, Generic[T]):
    """`text[start:end]` belongs to `what`; 0 <= start <= end."""

    start: int
    end: int
    what: T


class Piece(NamedTuple, Generic[T]):
    """A stretch of text that the same marks cover from end to end; `first` are the marks that begin with it."""

    text: str
    marks: tuple[T, ...]
    first: tuple[T, ...]


def pieces(text: str, marks: Iterable[Mark[T]]) -> list[Piece[T]]:
    """`text` cut at every edge of `marks`, in order; the pieces joined are the text again.

    Marks without length are left out, ends beyond the text are cut off. Marks that cover a piece keep their order.
    """
    length = len(text)
    kept: list[Mark[T]] = [
        Mark(max(0, mark.start), min(mark.end, length), mark.what)
        for mark in marks
        if max(0, mark.start) < min(mark.end, length)
    ]
    edges = sorted({0, length, *(edge for mark in kept for edge in (mark.start, mark.end))})
    opening: dict[int, list[int]] = {}
    for number, mark in enumerate(kept):
        opening.setdefault(mark.start, []).append(number)
    open_marks: list[int] = []
    cut: list[Piece[T]] = []
    for start, end in pairwise(edges):
        open_marks = sorted([n for n in open_marks if kept[n].end > start] + opening.get(start, []))
        begun = [n for n in open_marks if kept[n].start == start]
        cut.append(Piece(text[start:end], _whats(kept, open_marks), _whats(kept, begun)))
    return cut


def _whats(marks: Sequence[Mark[T]], numbers: Iterable[int]) -> tuple[T, ...]:
    return tuple(marks[n].what for n in numbers)
