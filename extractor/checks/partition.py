"""Do parts that exclude each other fit into the whole?"""

from __future__ import annotations

import re
from collections import defaultdict

from extractor.checks.index import GroupKey, RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger, Severity
from extractor.checks.thresholds import PARTITION_SLACK_POINTS

CHECK = CheckInfo(
    name="partition",
    question="Do best responses that exclude each other stay within the group, and parts within what they are part of?",
    formula="CR + PR + SD + PD <= n and <= 100 %; CR <= ORR, PR <= ORR, ORR <= DCR",
    source="RECIST 1.1, Eisenhauer et al. 2009, doi:10.1016/j.ejca.2008.10.026",
    severity="fail",
)
_EXCLUSIVE = ("CR", "PR", "SD", "PD", "NE")
_WITHIN = (("CR", "ORR"), ("PR", "ORR"), ("ORR", "DCR"), ("CR", "DCR"))


_BOTH = re.compile(
    r"\b(?:complete|CR)\b[^.;%]{0,30}(?:\band\b|\bor\b|\bplus\b|\+|/)[^.;%]{0,15}\b(?:partial|PR)\b", re.IGNORECASE
)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Responses of one group at one time from one sentence fail; from several sentences they warn."""
    groups: dict[tuple[GroupKey, float | None], dict[str, Statement]] = defaultdict(dict)
    for statement in index.kind("response"):
        endpoint = statement.fact.endpoint
        if endpoint is not None and endpoint.code and not statement.repeated:
            groups[statement.group, statement.months].setdefault(endpoint.code, statement)
    for by_code in groups.values():
        parts = [by_code[code] for code in _EXCLUSIVE if code in by_code]
        if len(parts) > 1:
            _exceeds_whole(index, ledger, parts)
        for part, whole in _WITHIN:
            if part in by_code and whole in by_code:
                _within(ledger, by_code[part], by_code[whole])


def _same_sentence(parts: list[Statement]) -> bool:
    return len({part.fact.evidence.start for part in parts}) == 1


def _exceeds_whole(index: RecordIndex, ledger: Ledger, parts: list[Statement]) -> None:
    if any(_BOTH.search(index.evidence(part)) for part in parts):
        return  # "complete and partial responses": the second includes the first
    facts = tuple(part.id for part in parts)
    severity: Severity = "fail" if _same_sentence(parts) and all(p.fact.population is None for p in parts) else "warn"
    percents = [p.number("percent") for p in parts]
    if all(p is not None for p in percents):
        total = sum(p for p in percents if p is not None)
        if total > 100 + PARTITION_SLACK_POINTS * len(parts):
            ledger.report(severity, f"exclusive responses add up to {total:g} %", *facts)
            return
    counts = [p.number("count") for p in parts]
    denominators = {n for p in parts if (n := p.number("denominator")) is not None}
    if all(c is not None for c in counts) and len(denominators) == 1:
        whole = denominators.pop()
        people = sum(c for c in counts if c is not None)
        if people > whole:
            ledger.report(severity, f"exclusive responses add up to {people:g} of {whole:g} people", *facts)
            return
    ledger.passed(*facts)


def _within(ledger: Ledger, part: Statement, whole: Statement) -> None:
    for statistic in ("count", "percent"):
        small, large = part.interval(statistic), whole.interval(statistic)
        if small is None or large is None:
            continue
        if small.low <= large.high:
            ledger.passed(part.id, whole.id)
        else:
            ledger.warn(
                f"{_code(part)} {part.stat[statistic].text} is more than {_code(whole)} {whole.stat[statistic].text}, "
                "which includes it",
                part.id, whole.id,
            )  # fmt: skip
        return


def _code(statement: Statement) -> str:
    return (statement.fact.endpoint.code if statement.fact.endpoint else None) or "a part"
