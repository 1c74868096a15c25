"""One question per file: each check reads a record and says what agrees, is doubtful or can't be true.

`run_checks` is what the batch calls; `extractor.checks.source` holds a record against its source file and
`extractor.checks.against_study` a news item against its study. Thresholds stand in `thresholds`, the list of checks
in `registry`. Checks never change a value.
"""

from __future__ import annotations

from extractor.records.models import Check, Record

__all__ = ["run_checks"]


def run_checks(record: Record, *, disabled: frozenset[str] = frozenset()) -> Record:
    """A copy of `record` with the outcome of every check; earlier outcomes are dropped.

    What concerns one fact stands in `fact.checks`, what concerns several or none in `record.checks`. Agreement is one
    `pass` a check with the ids of the facts that it holds for; a check that does not apply says nothing. `disabled`
    are names of checks to leave out. The record is not validated again.
    """
    from extractor.checks.index import RecordIndex
    from extractor.checks.ledger import Ledger
    from extractor.checks.registry import CHECKS

    index = RecordIndex(record)
    about_record: list[Check] = []
    about_facts: dict[str, list[Check]] = {}
    for info, run in CHECKS:
        if info.name in disabled:
            continue
        ledger = Ledger(info.name)
        run(index, ledger)
        summary = ledger.summary()
        if summary is not None:
            about_record.append(summary)
        about_record.extend(ledger.about_record)
        for fact_id, check in ledger.about_facts:
            about_facts.setdefault(fact_id, []).append(check)
    facts = record.facts
    if about_facts or any(fact.checks for fact in facts):
        facts = tuple(
            fact.model_copy(update={"checks": tuple(about_facts.get(fact.id, ()))})
            if fact.id in about_facts or fact.checks
            else fact
            for fact in facts
        )
    return record.model_copy(update={"facts": facts, "checks": tuple(about_record)})
