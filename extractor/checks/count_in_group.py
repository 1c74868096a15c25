"""Can the count be part of its group?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="count_in_group",
    question="Is the count no larger than its denominator, and no larger than the largest group stated?",
    formula="count <= denominator; people counted <= the largest size or denominator in the record",
    source="A part is at most its whole",
    severity="fail",
)
_PEOPLE = ("response", "death", "survival")


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Counts with a denominator fail beyond it; counts of people alone are held against the largest group."""
    for statement in index.having("count"):
        count = statement.number("count")
        if count is None or statement.repeated:
            continue
        denominator = statement.number("denominator")
        if denominator is not None:
            if count <= denominator:
                ledger.passed(statement.id)
            elif index.near(statement.stat["count"], statement.stat["denominator"]):
                ledger.fail(f"{count:g} of {denominator:g}: the part is larger than the whole", statement.id)
            else:
                ledger.warn(f"{count:g} is more than its denominator {denominator:g}", statement.id)
        elif statement.fact.kind in _PEOPLE and index.largest_group is not None:
            if count > index.largest_group:
                ledger.warn(f"{count:g} is more than the largest group stated ({index.largest_group:g})", statement.id)
            else:
                ledger.passed(statement.id)
