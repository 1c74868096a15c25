"""Can a value of this kind be that large or small at all?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.reparse import reparse
from extractor.records.models import Value

CHECK = CheckInfo(
    name="value_range",
    question="Does each value lie where its statistic can?",
    formula="0 <= p <= 1; 0 <= proportion <= 100 %; 0 < ci_level < 100; counts whole, >= 0; ratios, sd, se >= 0",
    source="Definitions of the statistics",
    severity="fail",
)
NEAR_SIGN = 120
"""Characters within which "twelve and thirteen percent, respectively" shows its sign."""
_COUNTS = frozenset({"count", "denominator"})
_RATIOS = frozenset({"hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio"})
_SPREADS = frozenset({"sd", "se"})
_PROPORTIONS = frozenset({"survival", "response", "adverse_event", "death"})


def run(index: RecordIndex, ledger: Ledger) -> None:
    """One `fail` for each value outside its range; a percent change (kinds outcome and effect) may be anything."""
    for statement in index.statements:
        for name, value in statement.stat.items():
            if value.value is not None and (fault := _fault(statement, name, value.value)):
                # A percent change taken for a proportion is a fault of the reading; beside its count it is none.
                surely = name != "percent" or ("count" in statement.stat and index.near(statement.stat["count"], value))
                ledger.report("fail" if surely else "warn", f"{name} {value.text!r}: {fault}", statement.id)
            elif name == "percent" and _without_sign(index, value):
                ledger.warn(f"percent {value.text!r}: a number in words, and no percent sign near it", statement.id)
            else:
                ledger.passed_count += 1


def _without_sign(index: RecordIndex, value: Value) -> bool:
    """A number in words called a percentage where neither it nor what stands around it says so."""
    reading = reparse(value.text)
    if not reading.worded or reading.unit == "percent" or reading.fraction is not None:
        return False
    around = index.text[max(0, value.start - NEAR_SIGN) : value.end + NEAR_SIGN].lower()
    return not any(sign in around for sign in ("%", "percent", "per cent"))


def _fault(statement: Statement, name: str, number: float) -> str | None:
    if name in _COUNTS:
        if number < 0 or number != int(number):
            return "people are counted in whole numbers from 0"
    elif name == "percent":
        if statement.fact.kind in _PROPORTIONS and not 0 <= number <= 100:
            return "a proportion of people lies between 0 and 100 %"
    elif name == "p_value":
        if not 0 <= number <= 1:
            return "a probability lies between 0 and 1"
    elif name == "ci_level":
        if not 0 < number < 100:
            return "a confidence level lies between 0 and 100 %"
    elif name in _RATIOS:
        if number < 0:  # 0 events in one arm are printed as a ratio of 0
            return "a ratio of risks can't be negative"
    elif name in _SPREADS and number < 0:
        return "a standard deviation or error can't be negative"
    return None
