"""Is something called significant whose p-value is not?"""

from __future__ import annotations

import re

from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import SIGNIFICANCE_LEVEL

CHECK = CheckInfo(
    name="significance_wording",
    question="Is a result called significant although its p-value is 0.05 or more?",
    formula=f"'significant' without a negation, and p >= {SIGNIFICANCE_LEVEL:g} in the same sentence",
    source="Boutron et al. 2010, doi:10.1001/jama.2010.651 (spin)",
    severity="warn",
)
_DENIED = re.compile(
    r"\b(?:no|not|non|nor|neither|never|without|fail\w*|lack\w*|insignifican\w*|nonsignifican\w*|un\w*|similar\w*|trend\w*"
    r"|border\w*|approach\w*|marginal\w*|although|but|while|whereas|however|except|only)\b|n't\b",
    re.IGNORECASE,
)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Sentences with one p-value only; any denial in the sentence silences the check."""
    stated = list(index.having("p_value"))
    places = {(s.fact.evidence.start, s.stat["p_value"].start) for s in stated}
    sentences = [start for start, _ in places]
    for statement in stated:
        p = statement.interval("p_value")
        if p is None or p.low < SIGNIFICANCE_LEVEL - 1e-9 or sentences.count(statement.fact.evidence.start) > 1:
            continue
        sentence = index.evidence(statement)
        if "significan" not in sentence.lower() or _DENIED.search(sentence):
            continue
        ledger.warn(f"called significant with p {statement.stat['p_value'].text.lstrip('pP =')}", statement.id)
