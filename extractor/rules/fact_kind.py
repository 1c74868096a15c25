"""Say what kind of fact a bundle of numbers is, and which people a cohort size counts.

The kind follows from what the bundle's head is (`number_kind`) and what it measures (`endpoint`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from extractor.rules.endpoint import EndpointMention
from extractor.rules.layout import Layout
from extractor.rules.lexicon import rows

EFFECT_HEADS = frozenset(
    ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "R", "mean_difference", "risk_difference")
)
COHORT_HEADS = frozenset("TNG")
_ROLES = ("screened", "enrolled", "randomized", "treated", "analyzed", "completed")
_EFFICACY = frozenset(("vaccine efficacy", "efficacy"))


@cache
def _role_words() -> Mapping[str, str]:
    return MappingProxyType(
        {
            r["term"]: r["category"]
            for r in rows("statement_words.tsv", ("term", "category"), unique=False)
            if r["category"] in _ROLES
        }
    )


def fact_kind(head_kind: str, endpoint: EndpointMention | None, *, safety: bool, baseline: bool, percent: bool) -> str:
    """The record's kind for a bundle whose head is `head_kind` and that measures `endpoint`. `safety`: the statement
    speaks of adverse events; `baseline`: of people at entry; `percent`: the head is a percentage."""
    family = endpoint.family if endpoint is not None else ""
    if head_kind in COHORT_HEADS:
        return "cohort_size"
    if head_kind == "F":
        return "follow_up"
    if head_kind in EFFECT_HEADS or (percent and endpoint is not None and endpoint.term in _EFFICACY):
        return "effect"
    if endpoint is not None and endpoint.source == "cause":
        return "death"
    if family == "follow_up":
        return "follow_up" if head_kind in ("D", "M", "F") else "outcome"
    if family == "demographic" or baseline:
        return "demographic"
    if family == "survival" and head_kind == "C" and endpoint is not None and endpoint.code == "OS":
        return "outcome" if endpoint.term != "overall survival" else "survival"
    if family in ("survival", "response", "adverse_event", "death"):
        return family
    if safety and family == "outcome" and head_kind in ("C", "P"):
        return "adverse_event"
    return "outcome"


_FAR = 8


def cohort_role(layout: Layout, start: int, end: int, *, default: str) -> str:
    """What the people counted at tokens `start`..`end` had gone through: the nearest telling word of the sentence, up
    to 14 tokens before or after the number; `default` where none stands."""
    begin, stop = layout.sentences[layout.sentence_of[start]]
    words = _role_words()
    best, best_distance = default, 15
    for i in range(max(begin, start - 14), min(stop, end + 14)):
        role = words.get(layout.lower[i])
        if role is None:
            continue
        distance = start - i + 1 if i < start else i - end  # what follows a number speaks of it more often
        if layout.lower[i] == "eligible":
            distance += _FAR  # of "412 eligible patients were enrolled" the verb tells
        if any(layout.lower[t] in (";", ".") for t in range(min(i, end), max(i, start)) if layout.depth[t] == 0):
            continue
        if 0 <= distance < best_distance:
            best, best_distance = role, distance
    return best
