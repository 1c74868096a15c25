"""Printed decimals as intervals: what the true number may have been.

A printed 54 stands for anything that rounds to it (53.5 to 54.5) or was cut off to it (54 to 55); 2.20 is not 2.2.
Source: Nuijten et al. 2016, doi:10.3758/s13428-015-0664-2 (statcheck), where correct rounding is never flagged.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from extractor.checks.reparse import Reading
from extractor.checks.thresholds import ABOUT_RELATIVE, FLOAT_SLACK


class Interval(NamedTuple):
    """Closed interval of real numbers; either end may be infinite."""

    low: float
    high: float

    def holds(self, number: float) -> bool:
        """Whether `number` lies inside, with slack for binary floats."""
        return self.low - FLOAT_SLACK <= number <= self.high + FLOAT_SLACK

    def meets(self, other: Interval) -> bool:
        """Whether the two share a number."""
        return self.low <= other.high + FLOAT_SLACK and other.low <= self.high + FLOAT_SLACK

    def widened(self, by: float) -> Interval:
        """Both ends moved outward by `by`."""
        return Interval(self.low - by, self.high + by)


def printed_unit(decimals: int) -> float:
    """The size of the last digit printed: 0.01 for two decimals."""
    return 10.0**-decimals


def rounded(value: float, decimals: int) -> Interval:
    """Numbers that round to `value` at `decimals` digits after the point; either way at a tie."""
    half = printed_unit(decimals) / 2
    return Interval(value - half, value + half)


def printed(value: float, decimals: int, relation: str = "=", about: float = 0.0) -> Interval:
    """Numbers that may be printed as `value`: rounded or cut off, and what its relation says.

    `about` is the absolute width by which "~" opens the interval, at least `ABOUT_RELATIVE` of the value.
    """
    unit = printed_unit(decimals)
    low, high = value - unit / 2, value + unit / 2
    if value >= 0:
        high = value + unit
    if value <= 0:
        low = value - unit
    if relation == "~":
        about = max(about, ABOUT_RELATIVE * abs(value))
        return Interval(low - about, high + about)
    if relation in ("<", "<="):
        return Interval(-math.inf, high)
    if relation in (">", ">="):
        return Interval(low, math.inf)
    return Interval(low, high)


def of_reading(reading: Reading, value: float, relation: str, about: float = 0.0) -> Interval:
    """`printed` with the decimals that the text shows."""
    return printed(value, reading.decimals, relation, about)
