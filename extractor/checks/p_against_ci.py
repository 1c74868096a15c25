"""Does the p-value fit the interval?"""

from __future__ import annotations

import math
from itertools import product

from extractor.checks.estimates import estimate_of
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import Interval
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import (
    P_CONTRADICTION,
    P_CONTRADICTION_SMALL,
    P_DECADES,
    SIGNIFICANCE_LEVEL,
)

CHECK = CheckInfo(
    name="p_against_ci",
    question="Does the p-value recomputed from the estimate and its interval fit the one printed?",
    formula="se = (log h - log l) / (2 z(level)); z = log e / se; p = 2 (1 - Phi(|z|)); linear for differences",
    source="Altman & Bland 2011, doi:10.1136/bmj.d2304; statcheck, Nuijten et al. 2016, doi:10.3758/s13428-015-0664-2",
    severity="fail",
)
_OTHER_TESTS = ("interaction", "heterogeneity", "inferior", "trend", "equivalen", "one-sided", "one sided", "1-sided")
_LEVEL_Z = {95.0: 1.959963984540054, 90.0: 1.6448536269514722, 99.0: 2.5758293035489004, 97.5: 2.241402727604947,
            80.0: 1.2815515655446004, 98.0: 2.3263478740408408}  # fmt: skip


def normal_quantile(level: float) -> float:
    """z for a two-sided interval of `level` percent (0 to 100), for example 1.96 for 95."""
    if level in _LEVEL_Z:
        return _LEVEL_Z[level]
    low, high = 0.0, 10.0
    while high - low > 1e-10:  # erfc falls with z, so halving finds it
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(middle / math.sqrt(2)) > 1 - level / 100 else (low, middle)
    return low


def recomputed(estimate: Interval, low: Interval, high: Interval, level: float, logarithmic: bool) -> Interval | None:
    """The two-sided p-values that the printed numbers allow; None for bounds that no interval can have."""
    if logarithmic and min(estimate.low, low.low, high.low) <= 0:
        return None
    quantile = normal_quantile(level)
    found: list[float] = []
    for e, bottom, top in product(estimate, low, high):
        width = math.log(top / bottom) if logarithmic else top - bottom
        if width <= 0:
            return None
        z = abs(math.log(e) if logarithmic else e) * 2 * quantile / width
        found.append(math.erfc(z / math.sqrt(2)))
    null = 1.0 if logarithmic else 0.0
    top_p = 1.0 if estimate.low <= null <= estimate.high else max(found)
    return Interval(min(found), top_p)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Effects with both bounds and a p-value in one fact. Fails only on a contradiction of both decision and size."""
    for statement in index.having("p_value", "ci_low", "ci_high"):
        found = estimate_of(statement)
        if found is None or found[1] == "other":
            continue
        name, scale = found
        if _plainly_fits(statement, name, scale == "ratio"):
            ledger.passed(statement.id)
            continue
        parts = [statement.interval(part) for part in (name, "ci_low", "ci_high")]
        stated = statement.stat["p_value"]
        if stated.value is None or any(part is None or math.isinf(part.low + part.high) for part in parts):
            continue
        estimate, low, high = (part for part in parts if part is not None)
        level = statement.number("ci_level") or 95.0
        if not 50 <= level < 100:
            continue
        p = recomputed(estimate, low, high, level, scale == "ratio")
        p_stated = statement.interval("p_value")
        if p is not None and p_stated is not None:
            _compare(index, ledger, statement, p, p_stated)


def _plainly_fits(statement: Statement, name: str, logarithmic: bool) -> bool:
    """Both p-values, as printed and recomputed without thought of rounding, lie on one side of 0.05 and near."""
    estimate, low, high = (statement.number(part) for part in (name, "ci_low", "ci_high"))
    stated = statement.stat["p_value"]
    if estimate is None or low is None or high is None or low >= high or stated.value is None:
        return False
    if logarithmic:
        if min(estimate, low) <= 0:
            return False
        estimate, low, high = math.log(estimate), math.log(low), math.log(high)
    level = statement.number("ci_level") or 95.0
    if level not in _LEVEL_Z:
        return False
    p = math.erfc(abs(estimate) * 2 * _LEVEL_Z[level] / (high - low) / math.sqrt(2))
    if stated.relation in ("<", "<="):
        return p <= stated.value <= SIGNIFICANCE_LEVEL
    near = stated.value <= 3 * p and p <= 3 * stated.value
    return stated.relation == "=" and near and (p < SIGNIFICANCE_LEVEL) == (stated.value < SIGNIFICANCE_LEVEL)


def _compare(index: RecordIndex, ledger: Ledger, statement: Statement, p: Interval, stated: Interval) -> None:
    lowest, highest = max(stated.low, 0.0), min(stated.high, 1.0)
    tolerance = 10**P_DECADES
    # A printed p-value may be one-sided, half of the two-sided one.
    decision_differs = (p.low > SIGNIFICANCE_LEVEL and highest / 1 < SIGNIFICANCE_LEVEL) or (
        p.high < SIGNIFICANCE_LEVEL and lowest > SIGNIFICANCE_LEVEL
    )
    far = lowest > p.high * tolerance or highest * tolerance < p.low
    if not far and not (decision_differs and (lowest > p.high * 3 or highest * 3 < p.low)):
        ledger.passed(statement.id)
        return
    if any(word in index.evidence(statement).lower() for word in _OTHER_TESTS):
        return
    text = statement.stat["p_value"].text
    message = f"p {statement.stat['p_value'].relation} {text.lstrip('pP <>=')}, but the interval gives p = {_shown(p)}"
    contradiction = (p.low > P_CONTRADICTION and highest < P_CONTRADICTION_SMALL) or (
        p.high < P_CONTRADICTION_SMALL and lowest > P_CONTRADICTION
    )
    if contradiction:
        ledger.fail(message, statement.id)
    elif decision_differs or min(p.low, lowest) > 0.0001:
        ledger.warn(message, statement.id)
    else:
        ledger.passed(statement.id)


def _shown(p: Interval) -> str:
    return f"{p.low:.2g}" if f"{p.low:.2g}" == f"{p.high:.2g}" else f"{p.low:.2g} to {p.high:.2g}"
