"""Is the percentage what the count and the denominator give?"""

from __future__ import annotations

import re
from itertools import pairwise

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.proportion import is_estimate, is_proportion, percent_error, possible_denominators
from extractor.checks.thresholds import ROUNDING_SLIP_UNITS

CHECK = CheckInfo(
    name="percent_of_count",
    question="Is the percentage what the count and the denominator give?",
    formula="100 * count / denominator within [p - u/2, p + u), u the unit of the last printed digit; without a "
    "denominator: some whole n gives count / n = p, and it is no larger than the largest group stated",
    source="Nuijten et al. 2016, doi:10.3758/s13428-015-0664-2 (rounding intervals)",
    severity="fail",
)


_CROSSED = re.compile(r"\s*(?:vs\.?|versus|and|or|,|;)\s*\d+\s*(?:/|of)\s*\d", re.IGNORECASE)
"""Behind "96% vs. 92% (42/44": the counts of both groups follow, so this count may belong to the other percent."""


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Facts with a count and a percent; survival estimates are left alone."""
    for statement in index.having("count", "percent"):
        if statement.repeated or not is_proportion(statement):
            continue
        count = statement.number("count")
        if count is None or count < 0 or statement.stat["percent"].value is None:
            continue
        if "denominator" in statement.stat:
            _with_denominator(index, ledger, statement, count)
        else:
            _without_denominator(index, ledger, statement, count)


def _with_denominator(index: RecordIndex, ledger: Ledger, statement: Statement, count: float) -> None:
    denominator = statement.number("denominator")
    if not denominator:
        return
    percent = statement.stat["percent"]
    error = percent_error(count, denominator, percent, statement.reading("percent").decimals)
    if error == 0.0:
        ledger.passed(statement.id)
        return
    if is_estimate(index, statement):
        return
    message = f"{count:g} of {denominator:g} is {100 * count / denominator:.2f} %, not {percent.text}"
    parts = sorted((statement.stat["count"], statement.stat["denominator"], percent), key=lambda value: value.start)
    side_by_side = all(index.near(first, second) for first, second in pairwise(parts))
    crossed = _CROSSED.match(index.text, parts[-1].end)
    if error > ROUNDING_SLIP_UNITS and side_by_side and not crossed and percent.relation == "=":
        ledger.fail(message, statement.id)
    else:
        ledger.warn(message, statement.id)


def _without_denominator(index: RecordIndex, ledger: Ledger, statement: Statement, count: float) -> None:
    percent = statement.number("percent")
    if percent is None or not count or not percent or percent > 100:
        return
    decimals = statement.reading("percent").decimals
    own = [n for _, n, _ in index.sizes.get(statement.fact.arm, ())]
    if any(percent_error(count, n, statement.stat["percent"], decimals) == 0.0 for n in own if n):
        ledger.passed(statement.id)
        return
    possible = possible_denominators(count, percent, decimals)
    shown = statement.stat["percent"].text
    if possible is None:
        if not is_estimate(index, statement):
            ledger.warn(f"{count:g} people are {shown} of no whole number of people", statement.id)
        return
    of_arm = own and statement.fact.arm is not None and statement.fact.kind not in ("cohort_size", "demographic")
    largest = max(own) if of_arm else index.largest_group
    named = f" of {index.arm_label(statement.fact.arm)}" if of_arm else ""
    if largest is not None and possible.low > largest + 0.5 and not is_estimate(index, statement):
        ledger.warn(
            f"{count:g} people are {shown} of about {100 * count / percent:.0f}, "
            f"but the largest group stated{named} has {largest:g}",
            statement.id,
        )
        return
    ledger.passed(statement.id)
