"""Does the estimate lie in the middle of its interval?"""

from __future__ import annotations

import math
from itertools import product

from extractor.checks.estimates import estimate_of
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import SYMMETRY_DIFFERENCE, SYMMETRY_RATIO

CHECK = CheckInfo(
    name="ci_symmetry",
    question="Is a ratio's interval symmetric on the log scale, a difference's on the linear?",
    formula="|log e - (log l + log h) / 2| <= k (log h - log l) / 2; the same without log for differences",
    source="Altman & Bland 2011, doi:10.1136/bmj.d2090; exact and profile intervals deviate, so it only warns",
    severity="warn",
)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Ratios and differences with both bounds; everything within rounding passes."""
    for statement in index.having("ci_low", "ci_high"):
        found = estimate_of(statement)
        if found is None or found[1] == "other":
            continue
        name, scale = found
        limit = SYMMETRY_RATIO if scale == "ratio" else SYMMETRY_DIFFERENCE
        if _plainly_central(statement, name, scale == "ratio", limit):
            ledger.passed(statement.id)
            continue
        off = off_centre(statement, name, scale == "ratio")
        if off is None:
            continue
        if off <= limit:
            ledger.passed(statement.id)
        else:
            where = "on the log scale" if scale == "ratio" else "of its interval"
            shown = f"{statement.stat['ci_low'].text} to {statement.stat['ci_high'].text}"
            ledger.warn(
                f"{name} {statement.stat[name].text} lies {off:.0%} of the half width off the middle {where} ({shown})",
                statement.id,
            )


def _plainly_central(statement: Statement, name: str, logarithmic: bool, limit: float) -> bool:
    """Central as printed, so that rounding needs no thought; most are."""
    estimate, low, high = (statement.number(part) for part in (name, "ci_low", "ci_high"))
    if estimate is None or low is None or high is None or low >= high:
        return False
    if logarithmic:
        if min(estimate, low, high) <= 0:
            return False
        estimate, low, high = math.log(estimate), math.log(low), math.log(high)
    return abs(2 * estimate - low - high) <= limit * (high - low)


def off_centre(statement: Statement, name: str, logarithmic: bool) -> float | None:
    """Distance of the estimate from the middle over the half width, the least that rounding allows; None if unknown.

    Over 1 the estimate is outside, which `ci_contains` reports.
    """
    intervals = [statement.interval(part) for part in (name, "ci_low", "ci_high")]
    if any(part is None or math.isinf(part.low) or math.isinf(part.high) for part in intervals):
        return None
    estimate, low, high = (part for part in intervals if part is not None)
    if low.low >= high.high or (logarithmic and min(estimate.low, low.low, high.low) <= 0):
        return None

    def scaled(number: float) -> float:
        return math.log(number) if logarithmic else number

    least = math.inf
    signs = set()
    for e, bottom, top in product(estimate, low, high):
        half = (scaled(top) - scaled(bottom)) / 2
        if half <= 0:
            return None
        off = (scaled(e) - (scaled(bottom) + scaled(top)) / 2) / half
        signs.add(off > 0)
        least = min(least, abs(off))
    if len(signs) == 2:
        return 0.0
    return least if least <= 1 else None
