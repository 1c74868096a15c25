"""Do the arms add up to the whole study?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="arm_sizes",
    question="Do the sizes of the arms add up to the study's total of the same role?",
    formula="sum over arms of n(arm, role) == n(study, role)",
    source="CONSORT 2010 item 13a, flow of participants",
    severity="warn",
)
_ROLES = ("randomized", "enrolled", "treated", "analyzed", "completed")


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Silent unless the total and every arm state a size of one role; an arm missed by the extraction would mislead."""
    arms = [arm.id for arm in index.record.arms]
    if len(arms) < 2:
        return
    for role in _ROLES:
        totals = [(n, fact) for r, n, fact in index.sizes.get(None, ()) if r == role]
        parts = [[(n, fact) for r, n, fact in index.sizes.get(arm, ()) if r == role] for arm in arms]
        if not totals or not all(parts):
            continue
        first = [part[0] for part in parts]
        total = sum(n for n, _ in first)
        facts = (totals[0][1], *(fact for _, fact in first))
        if any(abs(n - total) < 0.5 for _, n, _ in index.sizes.get(None, ())):  # of whatever role: words vary
            ledger.passed(*facts)
        else:
            sizes = " + ".join(f"{n:g}" for n, _ in first)
            ledger.warn(f"{role}: {sizes} = {total:g}, but the study's total is {totals[0][0]:g}", *facts)
