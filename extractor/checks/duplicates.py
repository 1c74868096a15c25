"""Do two statements of one thing (title, abstract, body) give the same number?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="duplicates",
    question="Do statements of the same group, endpoint, time and statistic in different places agree?",
    formula="the rounding intervals of both printed values share a number",
    source="Pitkin et al. 1999, doi:10.1001/jama.281.12.1110 (abstracts that differ from their article)",
    severity="warn",
)
_STATISTICS = ("count", "percent", "median", "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio")
_KINDS = frozenset({"cohort_size", "follow_up", "survival", "response", "effect", "death"})


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Only statements whose meaning is fixed by their fields; endpoints without a code and subgroups are left alone."""
    seen: dict[tuple[object, ...], Statement] = {}
    for statement in index.statements:
        fact = statement.fact
        if fact.kind not in _KINDS or fact.population is not None or statement.repeated:
            continue
        code = fact.endpoint.code if fact.endpoint else None
        if fact.kind in ("survival", "response", "effect") and code is None:
            continue
        if fact.kind == "cohort_size" and fact.role != "randomized":
            continue
        if fact.kind == "death":
            continue  # causes and times are too many to be told apart by fields
        key = (fact.kind, fact.arm, code, fact.role, fact.compares, statement.months, _statistic(statement))
        first = seen.setdefault(key, statement)
        if first is not statement and key[-1] is not None and _elsewhere(index, first, statement):
            _compare(index, ledger, first, statement, str(key[-1]))


def _elsewhere(index: RecordIndex, first: Statement, second: Statement) -> bool:
    """Whether the two stand in different parts of the article: titled sections, or the first line and the rest.

    Within one part the same fields mostly mean different things, such as a subgroup that was not recognised.
    """
    if first.fact.evidence.section != second.fact.evidence.section:
        return True
    title_end = index.text.find("\n")
    return first.fact.evidence.end <= title_end < second.fact.evidence.start


def _statistic(statement: Statement) -> str | None:
    return next((name for name in _STATISTICS if name in statement.stat), None)


def _compare(index: RecordIndex, ledger: Ledger, first: Statement, second: Statement, statistic: str) -> None:
    one, other = first.interval(statistic), second.interval(statistic)
    if one is None or other is None:
        return
    if one.meets(other):
        ledger.passed(first.id, second.id)
    else:
        ledger.warn(
            f"{first.fact.kind.replace('_', ' ')} of {index.arm_label(first.fact.arm)}: "
            f"{first.stat[statistic].text} in one place, {second.stat[statistic].text} in another",
            first.id, second.id,
        )  # fmt: skip
