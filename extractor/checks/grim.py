"""Can any whole number of people give this percentage, any sum of whole scores this mean?"""

from __future__ import annotations

import re

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.proportion import is_estimate, is_proportion, possible_counts
from extractor.checks.thresholds import GRIM_MAX_DENOMINATOR
from extractor.rules.lexicon import rows

CHECK = CheckInfo(
    name="grim",
    question="Does some whole number of people give the percentage, some whole sum the mean?",
    formula="exists k: 100 k / n prints as p; exists s: s / n prints as the mean of whole-number scores",
    source="Brown & Heathers 2017, doi:10.1177/1948550616673876 (GRIM)",
    severity="fail",
)


_OF = re.compile(r"\s*(?:of|among|in)(?:\s+(?:the|all|our))?\s+", re.IGNORECASE)
_CHANGE = re.compile(r"\b(?:reduc|chang|increas|decreas|declin|improve|mean|median|volume|difference)", re.IGNORECASE)


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Percents with a denominator but no count, then means of endpoints counted in whole numbers."""
    for statement in index.having("percent", "denominator"):
        if "count" not in statement.stat and not statement.repeated and is_proportion(statement):
            _percent(index, ledger, statement)
    for statement in index.having("mean"):
        if not statement.repeated and statement.fact.endpoint is not None:
            _mean(index, ledger, statement)


def _percent(index: RecordIndex, ledger: Ledger, statement: Statement) -> None:
    percent, n = statement.number("percent"), statement.number("denominator")
    if percent is None or not n or statement.stat["percent"].text[:1].isalpha():
        return
    decimals = statement.reading("percent").decimals
    if n >= GRIM_MAX_DENOMINATOR * 10**decimals:
        return
    if possible_counts(percent, decimals, n):
        ledger.passed(statement.id)
        return
    shown, whole = statement.stat["percent"], statement.stat["denominator"]
    between = index.text[shown.end : whole.start] if shown.end <= whole.start else ""
    bracketed = "(" in between or "[" in between  # "31.3 % (n = 30)": the 30 may be the count
    if bracketed or is_estimate(index, statement) or _CHANGE.search(index.evidence(statement)):
        return
    message = f"no whole number of {n:g} people is {shown.text}"
    if _OF.fullmatch(between):
        ledger.fail(message, statement.id)
    else:
        ledger.warn(message, statement.id)


def _mean(index: RecordIndex, ledger: Ledger, statement: Statement) -> None:
    mean, n = statement.number("mean"), _group_size(index, statement)
    endpoint = statement.fact.endpoint
    if mean is None or not n or endpoint is None:
        return
    decimals = statement.reading("mean").decimals
    if not decimals or n >= 10**decimals or not is_whole_number_endpoint(endpoint.label):
        return
    if any(
        word in index.evidence(statement).lower() for word in ("adjusted", "least squares", "ls mean", "change", "log")
    ):
        return
    unit = 10.0**-decimals
    nearest = round(mean * n)
    if any(abs(total / n - mean) <= unit for total in (nearest - 1, nearest, nearest + 1)):
        ledger.passed(statement.id)
    else:
        ledger.warn(f"no sum of {n:g} whole numbers has the mean {statement.stat['mean'].text}", statement.id)


def _group_size(index: RecordIndex, statement: Statement) -> float | None:
    """The fact's own denominator, else the size of its arm where all that is stated of it agrees."""
    own = statement.number("denominator")
    if own is not None or statement.fact.population is not None:
        return own
    sizes = {n for _, n, _ in index.sizes.get(statement.fact.arm, ())}
    return sizes.pop() if len(sizes) == 1 else None


def is_whole_number_endpoint(label: str) -> bool:
    """Whether one person's value of this endpoint is a whole number, by `lexicons/whole_number_endpoints.tsv`."""
    lowered = label.lower()
    return any(row["term"] in lowered for row in rows("whole_number_endpoints.tsv", ("term", "source")))
