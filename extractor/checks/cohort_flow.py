"""Does the number of people fall from stage to stage of the study?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="cohort_flow",
    question="Are no more people randomized than screened, treated, analyzed or completing than randomized?",
    formula="n(screened) >= n(randomized) >= n(treated), n(analyzed), n(completed), of the whole study",
    source="CONSORT 2010 flow diagram",
    severity="warn",
)
_LATER = {
    "screened": ("enrolled", "randomized", "treated", "analyzed", "completed"),
    "randomized": ("treated", "analyzed", "completed"),
}
"""Who was "enrolled" is told of subgroups and of groups of centres too, so it is no earlier stage here."""


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Whole study only, stages stated once; warns only, as an earlier stage may be stated of a part of the study."""
    stated: dict[str | None, list[tuple[float, str]]] = {}
    for role, n, fact in index.sizes.get(None, ()):
        stated.setdefault(role, []).append((n, fact))
    for earlier, others in _LATER.items():
        for later in others:
            if len(stated.get(earlier, ())) != 1 or len(stated.get(later, ())) != 1:
                continue
            ((before, first),), ((after, second),) = stated[earlier], stated[later]
            if after <= before:
                ledger.passed(first, second)
            else:
                ledger.warn(f"{after:g} {later} are more than the {before:g} {earlier}", first, second)
