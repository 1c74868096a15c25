"""Does the number of people fall from stage to stage of the study?"""

from __future__ import annotations

from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger

CHECK = CheckInfo(
    name="cohort_flow",
    question="Are no more people randomized than screened, treated, analyzed or completing than randomized?",
    formula="n(screened) >= n(enrolled) >= n(randomized) >= n(treated), n(analyzed), n(completed), group by group",
    source="CONSORT 2010 flow diagram",
    severity="warn",
)
_LATER = {"screened": ("enrolled", "randomized"), "enrolled": ("randomized", "treated", "analyzed", "completed"),
          "randomized": ("treated", "analyzed", "completed")}  # fmt: skip


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Warns only: an earlier stage may be stated of a part of the study."""
    for group in index.sizes.values():
        largest: dict[str | None, tuple[float, str]] = {}
        for role, n, fact in group:
            if role not in largest or n > largest[role][0]:
                largest[role] = (n, fact)
        for earlier, others in _LATER.items():
            for later in others:
                if earlier in largest and later in largest:
                    (before, first), (after, second) = largest[earlier], largest[later]
                    if after <= before:
                        ledger.passed(first, second)
                    else:
                        ledger.warn(f"{after:g} {later} are more than the {before:g} {earlier}", first, second)
