"""Whether confidence keeps its word: of the facts given 0.9, nine in ten should be right.

A reliability table puts facts with like confidence together and sets their mean confidence beside the share that is
right; the expected calibration error is the mean gap between the two, weighted by facts. `isotonic` fits the
monotone curve from confidence to that share.
Source: Guo et al. 2017, arXiv:1706.04599 (reliability, ECE); Barlow et al. 1972 (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
"""Bins are finer where most facts are; the last one takes in 1."""


class Judged(NamedTuple):
    """A statement's confidence, and whether it is right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Statements with low <= confidence < high (the last bin: <= high)."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean confidence; 0 in an empty bin."""
    right: float
    """Share that is right; 0 in an empty bin."""


def reliability(judged: Iterable[Judged], edges: Sequence[float] = EDGES) -> list[Bin]:
    """The table's rows, from low to high confidence, empty bins included."""
    rows = sorted(judged)
    table = []
    for low, high in pairwise(edges):
        last = high == edges[-1]
        inside = [j for j in rows if low <= j.confidence and (j.confidence < high or last)]
        count = len(inside)
        table.append(
            Bin(
                low,
                high,
                count,
                sum(j.confidence for j in inside) / count if count else 0.0,
                sum(j.right for j in inside) / count if count else 0.0,
            )
        )
    return table


def calibration_error(table: Iterable[Bin]) -> float:
    """Expected calibration error, 0 to 1; 0 for an empty table."""
    rows = list(table)
    total = sum(row.count for row in rows)
    return sum(row.count * abs(row.confidence - row.right) for row in rows) / total if total else 0.0


def precision_above(judged: Iterable[Judged], threshold: float) -> tuple[int, float]:
    """How many statements have at least this confidence, and the share of them that is right (0 if none)."""
    chosen = [j.right for j in judged if j.confidence >= threshold]
    return len(chosen), sum(chosen) / len(chosen) if chosen else 0.0


@dataclass(frozen=True, slots=True)
class Knot:
    """A point of a calibration curve: raw confidence, and the share that is right there."""

    raw: float
    calibrated: float
    count: int


def isotonic(judged: Iterable[Judged], least: int = 1) -> list[Knot]:
    """The non-decreasing curve nearest to the outcomes (least squares), one knot for each level of it.

    Neighbouring statements are pooled until the shares never fall (pool adjacent violators), and until each level has
    `least` statements, so that no level rests on a handful. A knot stands at its level's mean confidence.
    """
    blocks: list[_Block] = []
    for block in _chunks(sorted(judged), max(1, least)):
        while blocks and blocks[-1].share >= block.share:
            block = blocks.pop().joined(block)
        blocks.append(block)
    return [Knot(block.total / block.count, block.share, block.count) for block in blocks]


def cautious(knots: Iterable[Knot]) -> list[Knot]:
    """The same curve lowered by one standard error of each level's share, and still never falling: what the curve then
    says is more likely too little than too much."""
    lowered: list[Knot] = []
    least = 0.0
    for knot in knots:
        share = knot.calibrated
        least = max(least, share - (share * (1 - share) / knot.count) ** 0.5)
        lowered.append(Knot(knot.raw, least, knot.count))
    return lowered


@dataclass(frozen=True, slots=True)
class _Block:
    """Pooled statements: the sum of their confidences, how many are right, how many there are."""

    total: float
    right: int
    count: int

    @property
    def share(self) -> float:
        return self.right / self.count

    def joined(self, other: _Block) -> _Block:
        return _Block(self.total + other.total, self.right + other.right, self.count + other.count)


def _chunks(rows: Sequence[Judged], least: int) -> list[_Block]:
    """Statements in order, at least `least` together; equal confidences are never parted."""
    blocks: list[_Block] = []
    current = _Block(0.0, 0, 0)
    for _, group in groupby(rows, key=lambda j: j.confidence):
        for judged in group:
            current = current.joined(_Block(judged.confidence, judged.right, 1))
        if current.count >= least:
            blocks.append(current)
            current = _Block(0.0, 0, 0)
    if current.count:
        blocks.append(blocks.pop().joined(current) if blocks else current)
    return blocks


def interpolated(knots: Sequence[Knot], raw: float) -> float:
    """The curve at a raw confidence: straight between knots, level beyond the first and last. Raises ValueError for
    no knots."""
    if not knots:
        raise ValueError("a calibration curve needs a knot")
    for left, right in pairwise(knots):
        if left.raw <= raw <= right.raw and right.raw > left.raw:
            share = (raw - left.raw) / (right.raw - left.raw)
            return left.calibrated + share * (right.calibrated - left.calibrated)
    return knots[0].calibrated if raw < knots[0].raw else knots[-1].calibrated
