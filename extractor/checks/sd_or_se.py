"""Can the standard deviation be one, or is it a standard error?"""

from __future__ import annotations

import math
from collections import defaultdict

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import AGE_ADULT_YEARS, AGE_MIN_GROUP, AGE_SD_MIN_YEARS, SD_ARM_RATIO

CHECK = CheckInfo(
    name="sd_or_se",
    question="Can the standard deviation belong to that range, that age, that group?",
    formula="R / sqrt(2 (n - 1)) <= sd <= R / 2 * sqrt(n / (n - 1)) for a range R of n values; adults' ages: sd >= "
    f"{AGE_SD_MIN_YEARS:g} years; arms of one measure: ratio of sd <= {SD_ARM_RATIO:g}",
    source="Popoviciu 1935 (upper bound), von Szokefalvi Nagy 1918 (lower bound); Mathes et al. 2017, "
    "doi:10.1186/s12874-017-0431-4 (SE entered as SD)",
    severity="fail",
)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Fails on a standard deviation that no values within the range have; the rest warns."""
    by_measure: dict[tuple[str, float | None, int], list[Statement]] = defaultdict(list)
    for statement in index.having("sd"):
        sd = statement.interval("sd")
        if sd is None or statement.repeated:
            continue
        _against_range(index, ledger, statement)
        _age(index, ledger, statement)
        if statement.fact.endpoint is not None and statement.fact.arm is not None:
            key = statement.fact.endpoint.label.lower(), statement.months, statement.fact.evidence.start
            by_measure[key].append(statement)
    for statements in by_measure.values():
        _between_arms(ledger, statements)


def _size(index: RecordIndex, statement: Statement) -> float | None:
    own = statement.number("denominator")
    if own is not None:
        return own
    sizes = [n for _, n, _ in index.sizes.get(statement.fact.arm, ())]
    return max(sizes) if sizes else None


def _against_range(index: RecordIndex, ledger: Ledger, statement: Statement) -> None:
    sd, low, high = (statement.interval(part) for part in ("sd", "range_low", "range_high"))
    if sd is None or low is None or high is None or math.isinf(high.high + low.low):
        return
    spread = high.high - low.low
    n = _size(index, statement) or 2.0  # with two values the upper bound is widest
    if n < 2 or spread <= 0:
        return
    sd_text = statement.stat["sd"].text
    if sd.low > spread / 2 * math.sqrt(n / (n - 1)):
        ledger.fail(f"sd {sd_text} is more than any values between {low.low:g} and {high.high:g} have", statement.id)
    elif n > 2 and sd.high < (high.low - low.high) / math.sqrt(2 * (n - 1)):
        ledger.warn(f"sd {sd_text} is less than {n:g} values with that range have: a standard error?", statement.id)
    else:
        ledger.passed(statement.id)


def _age(index: RecordIndex, ledger: Ledger, statement: Statement) -> None:
    fact = statement.fact
    label = fact.endpoint.label.lower() if fact.endpoint else ""
    if fact.kind != "demographic" or "age" not in label.split():
        return
    mean, sd, n = statement.number("mean"), statement.number("sd"), _size(index, statement)
    if mean is None or sd is None or mean < AGE_ADULT_YEARS or not n or n < AGE_MIN_GROUP:
        return
    if sd < AGE_SD_MIN_YEARS:
        implied = sd * math.sqrt(n)
        ledger.warn(
            f"ages of {n:g} adults with sd {statement.stat['sd'].text}: as a standard error it gives sd {implied:.1f}",
            statement.id,
        )
    else:
        ledger.passed(statement.id)


def _between_arms(ledger: Ledger, statements: list[Statement]) -> None:
    found = [(sd, s) for s in statements if (sd := s.number("sd"))]
    if len(found) < 2 or len({s.fact.arm for _, s in found}) < 2:
        return
    (small, first), (large, second) = min(found, key=lambda f: f[0]), max(found, key=lambda f: f[0])
    if large / small > SD_ARM_RATIO:
        ledger.warn(
            f"sd {large:g} and {small:g} in two arms of one measure: is one a standard error?", first.id, second.id
        )
    else:
        ledger.passed(first.id, second.id)
