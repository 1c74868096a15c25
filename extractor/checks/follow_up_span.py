"""Is the follow-up long enough for the times reported?"""

from __future__ import annotations

from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import of_reading
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.reparse import reparse, unit_of
from extractor.checks.thresholds import FOLLOW_UP_MEDIAN_FACTOR, TIMEPOINT_TOLERANCE
from extractor.records.models import Value

CHECK = CheckInfo(
    name="follow_up_span",
    question="Does no survival estimate lie beyond the longest follow-up, or far beyond the median?",
    formula=f"timepoint <= range_high; warn if timepoint > {FOLLOW_UP_MEDIAN_FACTOR:g} * median follow-up",
    source="A Kaplan-Meier estimate does not exist beyond the last observed time; Pocock et al. 2002, "
    "doi:10.1016/S0140-6736(02)08594-X",
    severity="warn",
)


def months_of(value: Value) -> float | None:
    """The upper end of a duration as printed, in months; None without a unit of time."""
    unit = unit_of(value.unit or "") or reparse(value.text).unit
    if value.value is None or unit not in MONTHS_PER:
        return None
    return of_reading(reparse(value.text), value.value, "=").high * MONTHS_PER[unit][0]


def run(index: RecordIndex, ledger: Ledger) -> None:
    """The latest survival estimate of each arm against follow-up of that arm or of the whole study."""
    longest: dict[str | None, tuple[float, Statement]] = {}
    middle: dict[str | None, tuple[float, Statement]] = {}
    for statement in index.kind("follow_up"):
        if statement.fact.population is not None or statement.repeated:
            continue
        for statistic, store in (("range_high", longest), ("median", middle)):
            value = statement.stat.get(statistic)
            months = months_of(value) if value is not None and value.relation == "=" else None
            if months is not None and (statement.fact.arm not in store or months > store[statement.fact.arm][0]):
                store[statement.fact.arm] = (months, statement)
    if not longest and not middle:
        return
    for statement in index.kind("survival"):
        at = statement.months
        if at is None or "percent" not in statement.stat or statement.fact.population is not None:
            continue
        end = longest.get(statement.fact.arm) or longest.get(None)
        median = middle.get(statement.fact.arm) or middle.get(None)
        if end and at > end[0] * (1 + TIMEPOINT_TOLERANCE):
            ledger.warn(
                f"a rate at {at:g} months, but the longest follow-up is {end[1].stat['range_high'].text}",
                statement.id, end[1].id,
            )  # fmt: skip
        elif median and not end and at > median[0] * FOLLOW_UP_MEDIAN_FACTOR:
            ledger.warn(
                f"a rate at {at:g} months rests on few people: the median follow-up is {median[1].stat['median'].text}",
                statement.id, median[1].id,
            )  # fmt: skip
        else:
            ledger.passed(statement.id)
