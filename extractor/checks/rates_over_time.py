"""Do survival rates fall with time, and do they agree with the median?"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import GroupKey, RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.reparse import unit_of
from extractor.checks.thresholds import MEDIAN_RATE_SLACK_POINTS

CHECK = CheckInfo(
    name="rates_over_time",
    question="Does a survival rate never grow with time, and pass 50 % at the median?",
    formula="S(t1) >= S(t2) for t1 < t2; S(t) >= 50 % before the median and <= 50 % after it",
    source="A survival function does not increase; Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452",
    severity="fail",
)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Per endpoint, arm and group. Fails within one sentence, warns across sentences."""
    rates: dict[tuple[GroupKey, str], list[Statement]] = defaultdict(list)
    medians: dict[tuple[GroupKey, str], Statement] = {}
    for statement in index.kind("survival"):
        endpoint = statement.fact.endpoint
        if endpoint is None or statement.repeated:
            continue
        key = statement.group, endpoint.code or endpoint.label.lower()
        if statement.months is not None and "percent" in statement.stat:
            rates[key].append(statement)
        elif "median" in statement.stat and statement.stat["median"].value is not None:
            medians.setdefault(key, statement)
    words = index.text.lower()
    single_group = len(index.record.arms) < 2 and " groups" not in words and " versus " not in words
    for key, statements in rates.items():
        ordered = sorted(statements, key=lambda s: s.months or 0.0)
        for early, late in pairwise(ordered):
            if (early.months or 0.0) < (late.months or 0.0):
                _falls(ledger, early, late, single_group)
        if key in medians:
            for statement in statements:
                _crosses(ledger, statement, medians[key])


def _falls(ledger: Ledger, early: Statement, late: Statement, single_group: bool) -> None:
    before, after = early.interval("percent"), late.interval("percent")
    if before is None or after is None:
        return
    if before.high >= after.low:
        ledger.passed(early.id, late.id)
        return
    same_sentence = early.fact.evidence.start == late.fact.evidence.start
    # Rates of two groups that the article compares, told without naming them, look like one group's.
    sure = same_sentence and early.fact.population is None and (early.fact.arm is not None or single_group)
    ledger.report(
        "fail" if sure else "warn",
        f"the rate grows from {early.stat['percent'].text} at {early.months:g} to {late.stat['percent'].text} at "
        f"{late.months:g} months",
        early.id, late.id,
    )  # fmt: skip


def _crosses(ledger: Ledger, rate: Statement, median: Statement) -> None:
    value = median.stat["median"]
    unit = unit_of(value.unit or "") or median.reading("median").unit
    percent = rate.interval("percent")
    if unit not in MONTHS_PER or percent is None or value.value is None or value.relation != "=":
        return
    months, at = value.value * MONTHS_PER[unit][0], rate.months or 0.0
    margin = 0.05 * months
    slack = MEDIAN_RATE_SLACK_POINTS
    if (at < months - margin and percent.high < 50 - slack) or (at > months + margin and percent.low > 50 + slack):
        ledger.warn(
            f"{rate.stat['percent'].text} at {at:g} months does not fit a median of {value.text}", rate.id, median.id
        )
    else:
        ledger.passed(rate.id, median.id)
