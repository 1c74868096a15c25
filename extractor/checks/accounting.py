"""Do the outcomes told of a small cohort account for everybody in it?

A report of a small single-arm study often tells what became of each patient: six in remission, two relapsed, one
died, besides one death before. The check adds such outcomes of the last follow-up up and compares with the cohort.
"""

from __future__ import annotations

from collections import defaultdict

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="accounting",
    question="Do the outcomes told in one sentence, with deaths told elsewhere, account for the cohort?",
    formula="sum of counts of different outcomes in one sentence (+ deaths told elsewhere) == cohort size",
    source="CONSORT 2010 item 13, every participant accounted for",
    severity="warn",
)
_OUTCOMES = ("response", "death", "outcome")


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Only outcomes of no single arm; it can only agree: that a report leaves people out is no fault."""
    sizes = {n: fact for _, n, fact in index.sizes.get(None, ())}
    if len(sizes) != 1:
        return
    ((size, cohort),) = sizes.items()
    sentences: dict[int, list[Statement]] = defaultdict(list)
    for statement in index.kind(*_OUTCOMES):
        if statement.number("count") and statement.fact.population is None and statement.fact.arm is None:
            sentences[statement.fact.evidence.start].append(statement)
    deaths = [s for group in sentences.values() for s in group if s.fact.kind == "death"]
    for start, group in sentences.items():
        distinct = {(s.stat["count"].start, s.stat["count"].end): s for s in group}
        if len(distinct) < 2:
            continue
        told = sorted(distinct.values(), key=lambda s: s.stat["count"].start)
        elsewhere = [d for d in deaths if d.fact.evidence.start != start]
        total = sum(s.number("count") or 0 for s in told)
        late = sum(d.number("count") or 0 for d in elsewhere)
        facts = (cohort, *(s.id for s in told))
        if late and total + late == size and any(s.fact.kind == "response" for s in told):
            told, facts = [*told, *elsewhere], (*facts, *(d.id for d in elsewhere))
        elif total != size:
            continue
        ledger.passed(*facts)
        parts = " + ".join(format(s.number("count"), "g") for s in told)
        account = f"{parts} account for the cohort of {size:g}"
        ledger.note = f"{ledger.note}; {account}" if ledger.note else account
