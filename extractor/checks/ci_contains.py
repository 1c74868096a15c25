"""Does the interval hold its estimate?"""

from __future__ import annotations

from extractor.checks.estimates import estimate_of
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import Interval
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import NEAR_CHARACTERS

CHECK = CheckInfo(
    name="ci_contains",
    question="Does a confidence interval, range or interquartile range hold its estimate, in the right order?",
    formula="ci_low <= estimate <= ci_high; range_low <= mean, median <= range_high; q1 <= median <= q3",
    source="Definition; estimates are compared with the rounding intervals of all three numbers",
    severity="fail",
)
_BOUNDS = (("ci_low", "ci_high"), ("range_low", "range_high"), ("q1", "q3"))
_CENTRES = {"range_low": ("mean", "median"), "q1": ("median",)}


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Fails where the printed numbers can't be ordered; bounds in reverse order only warn."""
    for low_name, high_name in _BOUNDS:
        for statement in index.having(low_name, high_name):
            if not statement.repeated:
                _bounds(index, ledger, statement, low_name, high_name)


def _bounds(index: RecordIndex, ledger: Ledger, statement: Statement, low_name: str, high_name: str) -> None:
    if low_name == "ci_low" and _plainly_inside(statement):
        ledger.passed(statement.id)
        return
    low, high = statement.interval(low_name), statement.interval(high_name)
    if low is None or high is None:
        return
    shown = f"{statement.stat[low_name].text} to {statement.stat[high_name].text}"
    if low.low > high.high:
        ledger.warn(f"the bounds {shown} stand in reverse order", statement.id)
        low, high = high, low
    names = [name for name in _CENTRES.get(low_name, ()) if name in statement.stat]
    sure = index.near(statement.stat[low_name], statement.stat[high_name])
    if low_name == "ci_low":
        found = estimate_of(statement)
        names = [found[0]] if found else []
        # An interval behind the second of two percents is often that of their difference.
        sure = sure and found is not None and found[1] != "other"
    for name in names:
        estimate = statement.interval(name)
        if estimate is None or _unlike_units(statement, name, low_name):
            continue
        sure = sure and (low_name == "ci_low" or _one_phrase(index, statement, name, low_name))
        if Interval(low.low, high.high).meets(estimate):
            ledger.passed(statement.id)
        elif name == "percent" and Interval(100 * low.low, 100 * high.high).meets(estimate):
            ledger.passed(statement.id)  # "36 % (0.13 to 0.54)": one as a percent, the other as a share
        elif _signs_apart(estimate, low, high):
            ledger.warn(f"{name} {statement.stat[name].text} and its interval {shown} differ in sign", statement.id)
        else:
            ledger.report(
                "fail" if sure else "warn", f"{name} {statement.stat[name].text} lies outside {shown}", statement.id
            )


def _one_phrase(index: RecordIndex, statement: Statement, name: str, bound: str) -> bool:
    """Whether a range stands right behind its estimate: "18.3 +/- 6.7 months (range 12 to 23)"."""
    gap = index.text[statement.stat[name].end : statement.stat[bound].start]
    return len(gap) <= NEAR_CHARACTERS and not any(char in gap for char in ";.:")


def _plainly_inside(statement: Statement) -> bool:
    """The estimate lies inside as printed, so that rounding needs no thought; most do."""
    found = estimate_of(statement)
    low, high = statement.number("ci_low"), statement.number("ci_high")
    estimate = statement.number(found[0]) if found else None
    return estimate is not None and low is not None and high is not None and low <= estimate <= high


def _unlike_units(statement: Statement, name: str, bound: str) -> bool:
    one, other = statement.stat[name].unit, statement.stat[bound].unit
    return one is not None and other is not None and one != other


def _signs_apart(estimate: Interval, low: Interval, high: Interval) -> bool:
    """A reduction of 5 with the interval -8 to -2: the sign stands in the words."""
    return Interval(-high.high, -low.low).meets(estimate)
