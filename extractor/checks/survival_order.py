"""Is overall survival at least progression-free, event-free or disease-free survival?"""

from __future__ import annotations

from collections import defaultdict

from extractor.checks.index import GroupKey, RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger, Severity
from extractor.checks.thresholds import SURVIVAL_SLACK_POINTS

CHECK = CheckInfo(
    name="survival_order",
    question="Is overall survival at least any survival that counts death as one of its events?",
    formula="OS(t) >= PFS(t), EFS(t), DFS(t), RFS(t); median OS >= median PFS ...; same arm, group and time",
    source="Definitions: NCI / FDA 2018 guidance, Clinical Trial Endpoints for the Approval of Cancer Drugs",
    severity="fail",
)
_FROM_START = frozenset({"PFS", "EFS", "FFS"})
"""Counted from the same start as overall survival, in everybody; disease-free and relapse-free survival may be counted
in those in remission only, who live longer than the whole group, so they only warn unless told in one breath."""
_INCLUDED = _FROM_START | {"DFS", "RFS", "LFS", "IDFS", "GRFS"}
"""Local and distant recurrence-free survival often count recurrences only, so they are not compared."""


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Rates at one time and medians; compares the nearest ends of the rounding intervals."""
    groups: dict[tuple[GroupKey, float | None, str], list[Statement]] = defaultdict(list)
    for statement in index.kind("survival"):
        if statement.repeated:
            continue
        for statistic in ("percent", "median", "duration"):
            if statistic in statement.stat:
                time = statement.months if statistic == "percent" else None
                groups[statement.group, time and round(time, 1), statistic].append(statement)
    for (_, time, statistic), statements in groups.items():
        if statistic == "percent" and time is None:
            continue
        overall = [s for s in statements if s.fact.endpoint and s.fact.endpoint.code == "OS"]
        for within in statements:
            code = within.fact.endpoint.code if within.fact.endpoint else None
            if code in _INCLUDED and overall:
                _compare(ledger, _closest(overall, within), within, statistic, str(code))


def _closest(overall: list[Statement], within: Statement) -> Statement:
    return min(overall, key=lambda s: abs(s.fact.evidence.start - within.fact.evidence.start))


def _compare(ledger: Ledger, overall: Statement, within: Statement, statistic: str, code: str) -> None:
    high, low = overall.interval(statistic), within.interval(statistic)
    if high is None or low is None or overall.stat[statistic].unit != within.stat[statistic].unit:
        return
    if statistic != "percent" and overall.stat[statistic].unit is None:
        return  # "16 vs 12 weeks" prints the unit once; months and weeks must not be mixed up
    if high.high + SURVIVAL_SLACK_POINTS >= low.low:
        ledger.passed(overall.id, within.id)
        return
    one_breath = overall.fact.evidence.start == within.fact.evidence.start and overall.fact.population is None
    severity: Severity = "fail" if one_breath and code in _FROM_START else "warn"
    ledger.report(
        severity,
        f"overall survival {overall.stat[statistic].text} is below {code} {within.stat[statistic].text}, "
        "which counts deaths too",
        overall.id, within.id,
    )  # fmt: skip
