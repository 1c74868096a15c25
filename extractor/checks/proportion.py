"""Which statements are plain proportions of people, and what percents k of n may be printed as.

Kaplan-Meier and other time-to-event estimates are no proportions: 68 % alive at one year of 10 patients is right,
though no count of 10 gives 68 %, because people whose follow-up is shorter are weighted in.
"""

from __future__ import annotations

import re

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import Interval, printed_unit
from extractor.checks.thresholds import ABOUT_PERCENT_POINTS, FLOAT_SLACK
from extractor.records.models import Value

TIME_TO_EVENT = frozenset(
    {
        "OS", "DFS", "PFS", "EFS", "RFS", "LFS", "MFS", "DMFS", "DDFS", "FFS", "TTP", "DOR", "CSS", "IDFS", "BCSS",
        "LRFS", "GRFS", "NRM", "TRM", "CIR", "TTF", "TTR", "BCFI", "RFI",
    }
)  # fmt: skip
ESTIMATE_WORDS = re.compile(
    r"\b(?:estimat|kaplan|actuarial|cumulative|probabilit|predicted|projected|adjusted|weighted|standardi[sz]ed)"
    r"|\bproduct[- ]limit|\bper 100\b|\bannual|\brates? at \d|\b\d+-(?:year|month|yr)\b|[- ]free survival"
    r"|survival (?:rate|was|at)",
    re.IGNORECASE,
)


def is_proportion(statement: Statement) -> bool:
    """Whether the fact's kind and endpoint allow its percent to be read as k of n."""
    fact = statement.fact
    if fact.kind in ("survival", "effect", "follow_up"):
        return False
    if fact.endpoint is not None and fact.endpoint.code in TIME_TO_EVENT:
        return False
    return not (fact.timepoint is not None and "count" not in statement.stat)


def is_estimate(index: RecordIndex, statement: Statement) -> bool:
    """Whether the words around it say that a percent is an estimate over time; asked only where numbers disagree."""
    return bool(ESTIMATE_WORDS.search(index.evidence(statement)))


def percent_error(count: float, denominator: float, percent: Value, decimals: int) -> float:
    """How far `percent` is from every correct rounding of count / denominator, in units of its last printed digit.

    0 for correct rounding (either way at a tie) and for cutting off; "<" and ">" are held against the exact
    percentage, "~" allows `ABOUT_PERCENT_POINTS`. `denominator` > 0, `percent.value` is not null.
    """
    printed = percent.value or 0.0
    exact = 100.0 * count / denominator
    unit = printed_unit(decimals)
    if percent.relation in ("<", "<="):
        allowed = Interval(0.0, printed + unit / 2)
    elif percent.relation in (">", ">="):
        allowed = Interval(printed - unit / 2, 100.0)
    else:
        allowed = Interval(printed - unit / 2, printed + unit)
        if percent.relation == "~":
            allowed = allowed.widened(ABOUT_PERCENT_POINTS)
    if allowed.holds(exact):
        return 0.0
    return (allowed.low - exact if exact < allowed.low else exact - allowed.high) / unit


def possible_counts(percent: float, decimals: int, denominator: float) -> tuple[float, ...]:
    """Whole numbers k for which k / denominator prints as `percent`; empty where none does (the GRIM test).

    Source: Brown & Heathers 2017, doi:10.1177/1948550616673876, for a proportion as the mean of zeros and ones.
    """
    unit = printed_unit(decimals)
    low = int(max(0.0, (percent - unit / 2) * denominator / 100 - 1))
    high = int((percent + unit) * denominator / 100 + 1)
    slack = FLOAT_SLACK
    return tuple(
        float(k)
        for k in range(low, high + 1)
        if percent - unit / 2 - slack <= 100.0 * k / denominator <= percent + unit + slack
    )


def possible_denominators(count: float, percent: float, decimals: int) -> Interval | None:
    """The range of n for which count / n prints as `percent`, or None if no whole number lies in it."""
    unit = printed_unit(decimals)
    top = percent - unit / 2
    low = 100.0 * count / (percent + unit)
    high = 100.0 * count / top if top > 0 else float("inf")
    first = max(1, int(low - FLOAT_SLACK) + (0 if float(int(low)) >= low - FLOAT_SLACK else 1))
    if first > high + FLOAT_SLACK:
        return None
    return Interval(low, high)
