"""Which fact of a study a fact of a news item speaks of, by endpoint, arm, group, time and statistic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.thresholds import ENDPOINT_SIMILARITY, TIMEPOINT_TOLERANCE
from extractor.records.models import Arm, Fact
from extractor.rules.lexicon import mapping, terms

_WORD = re.compile(r"[a-z]{3,}|[a-z]+\d+|\d+(?:\.\d+)?")
_EMPTY_WORDS = terms("empty_words.tsv", "empty")
_ENDINGS = ("ations", "ation", "ings", "ions", "ing", "ion", "ies", "ied", "ed", "es", "ly", "s", "e")
_TWINS: tuple[frozenset[str], ...] = (
    frozenset({"outcome", "survival", "response", "effect", "death", "adverse_event"}),
    frozenset({"cohort_size", "demographic"}), frozenset({"follow_up"}),
)  # fmt: skip
_SAME_ROLE = frozenset({"enrolled", "randomized", "treated", "analyzed"})
"""A news item says "included" or "involved" for any of these."""
SAME_WORDS = 1.5
"""What sentences with the same content words add to the score of an alignment."""
SURE_OF_OTHER_ARM = 2.0
"""Score, without what the arm adds, from which a number of another arm is a swap."""
WHOLE_AGAINST_ARM = -1.2
"""A size of an arm against one of the whole study: they may agree ("142 to each group"), but never contradict."""
STRONG = 3.0
"""Alignment score from which two statements speak of the same thing; below it only equal numbers count."""


class Alignment(NamedTuple):
    """How well a study's statement fits a news item's; `other_arm` tells that only the arm does not fit."""

    score: float
    study: Statement
    other_arm: bool


def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning, lay words as their medical kin; numbers and function words left out."""
    kin = _lay_words()
    words = (word for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS and not word[0].isdigit())
    return frozenset(stem(kin.get(word) or kin.get(word.removesuffix("s")) or word) for word in words)


@cache
def _lay_words() -> Mapping[str, str]:
    return mapping("lay_words.tsv", "term", "canonical")


def stem(word: str) -> str:
    """`word` without its commonest endings, so that "assigned", "assigns" and "assigning" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def overlap(one: str, other: str) -> float:
    """Shared content words over those of the shorter text; 0 where one has none."""
    first, second = content_words(one), content_words(other)
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def same_arms(news: RecordIndex, study: RecordIndex) -> Mapping[str, str]:
    """News arm id to study arm id: by the words of labels and aliases, then by role where that leaves no doubt."""
    found: dict[str, str] = {}
    for arm in news.record.arms:
        scored = sorted(((_arm_likeness(arm, other), other.id) for other in study.record.arms), reverse=True)
        if scored and scored[0][0] > 0 and (len(scored) == 1 or scored[0][0] > scored[1][0]):
            found[arm.id] = scored[0][1]
    for arm in news.record.arms:
        if arm.id not in found:
            alike = [o.id for o in study.record.arms if o.role == arm.role and o.id not in found.values()]
            if len(alike) == 1:
                found[arm.id] = alike[0]
    return found


def _arm_likeness(one: Arm, other: Arm) -> float:
    first = frozenset().union(*(content_words(name) for name in (one.label, *one.aliases)))
    second = frozenset().union(*(content_words(name) for name in (other.label, *other.aliases)))
    return len(first & second) / len(first | second) if first | second else 0.0


def align(news: Statement, index: RecordIndex, study: RecordIndex, arms: Mapping[str, str]) -> list[Alignment]:
    """The study's statements that may be what `news`, a statement of `index`, speaks of, best first."""
    told = index.evidence(news)
    found = []
    news_arm = arm_named(index, news)
    for candidate in study.statements:
        score = _score(news.fact, candidate.fact, study.evidence(candidate))
        if score is None:
            continue
        score += SAME_WORDS * overlap(told, study.evidence(candidate))
        arm = _arm_score(news.fact, news_arm, candidate.fact, arm_named(study, candidate), arms)
        if arm == WHOLE_AGAINST_ARM:
            found.append(Alignment(score + arm, candidate, other_arm=False))
            continue
        found.append(Alignment(score + max(arm, 0.0) if arm > -1 else score, candidate, other_arm=arm <= -1))
    return sorted(found, key=lambda a: (-a.score, a.study.fact.values[0].start))


def _arm_score(news: Fact, news_arm: str | None, study: Fact, study_arm: str | None, arms: Mapping[str, str]) -> float:
    if news.kind == "effect" or study.kind == "effect":
        return 0.5
    mapped = arms.get(news_arm) if news_arm else None
    if "cohort_size" in (news.kind, study.kind) and (news_arm is None) != (study_arm is None):
        return WHOLE_AGAINST_ARM
    if news_arm is None or study_arm is None or mapped is None:
        return 0.5 if news_arm == study_arm else 0.0
    return 1.5 if mapped == study_arm else -1.0


_BEFORE_ARM = re.compile(
    r"[)\]%]*\s*(?:(?:of|patients|people|women|men|those|adults|participants|who|were|was)\s+)*"
    r"(?:in|on|with|given|for|receiving|taking|assigned to)\s+(?:the\s+)?",
    re.IGNORECASE,
)
"""What stands between a number and the arm it is said of: "(54 %) in the", "percent of patients given"."""


def arm_named(index: RecordIndex, statement: Statement) -> str | None:
    """Whom a statement is about: the arm named right behind its last number, else the fact's arm.

    The fact's arm is left aside where another fact of the sentence gives the same arm another number for the same
    thing: then one of the two is wrong, and nothing tells which.
    """
    fact = statement.fact
    behind = index.text[max(v.end for v in fact.values) :][:80]
    lead = _BEFORE_ARM.match(behind)
    if lead is not None:
        rest = behind[lead.end() :].lower()
        named = {
            arm.id: len(name)
            for arm in index.record.arms
            for name in (arm.label, *arm.aliases)
            if name and rest.startswith(name.lower()) and not _names_others(index, arm, name)
        }
        if named:
            return max(named, key=lambda arm: named[arm])
    return None if _doubly_told(index, statement) else fact.arm


def _names_others(index: RecordIndex, arm: Arm, name: str) -> bool:
    """Whether a name is part of another arm's too: "rituximab" where both arms get it."""
    return any(
        name.lower() in other_name.lower()
        for other in index.record.arms
        if other.id != arm.id
        for other_name in (other.label, *other.aliases)
    )


def _doubly_told(index: RecordIndex, statement: Statement) -> bool:
    fact = statement.fact
    for other in index.statements:
        if other is statement or other.fact.arm != fact.arm or fact.arm is None:
            continue
        if other.fact.evidence.start != fact.evidence.start or _about(other.fact) != _about(fact):
            continue
        shared = set(statement.stat) & set(other.stat) & {"count", "percent", "mean", "median"}
        if any(statement.stat[name].value != other.stat[name].value for name in shared):
            return True
    return False


def _about(fact: Fact) -> tuple[object, ...]:
    endpoint = fact.endpoint.label.lower() if fact.endpoint else None
    return fact.kind, endpoint, fact.event, fact.timepoint and fact.timepoint.months


def _score(news: Fact, study: Fact, said: str) -> float | None:
    """How much speaks for the two being one statement, arms aside; None where something excludes it. `said` is the
    study's sentence."""
    if not any(news.kind in twins and study.kind in twins for twins in _TWINS):
        return None
    score = 1.0 if news.kind == study.kind else 0.0
    parts = (
        _role(news, study),
        _event(news, study),
        _endpoint(news, study),
        _population(news, study, said),
        _time(news, study),
    )
    for part in parts:
        if part is None:
            return None
        score += part
    return score


def _role(news: Fact, study: Fact) -> float | None:
    if news.kind != study.kind and "cohort_size" in (news.kind, study.kind):
        return 2.0 if news.endpoint is study.endpoint is None else None
    if news.kind not in ("cohort_size", "follow_up"):
        return 0.0
    if news.kind == "follow_up" or news.role == study.role or news.role is None or study.role is None:
        return 2.0
    return 1.5 if {news.role, study.role} <= _SAME_ROLE else None


def _event(news: Fact, study: Fact) -> float | None:
    if news.event is None or study.event is None:
        return 0.0
    if news.event.term != study.event.term:
        return None
    if news.event.grades and study.event.grades and news.event.grades != study.event.grades:
        return None
    exact = (news.event.grades, news.event.serious, news.event.fatal) == (
        study.event.grades, study.event.serious, study.event.fatal,
    )  # fmt: skip
    return 2.5 if exact else 1.0


def _endpoint(news: Fact, study: Fact) -> float | None:
    if news.endpoint is None or study.endpoint is None:
        return 2.0 if news.kind == study.kind == "death" and news.event is study.event is None else 0.0
    if news.endpoint.code and study.endpoint.code:
        return 2.0 if news.endpoint.code == study.endpoint.code else None
    alike = overlap(news.endpoint.label, study.endpoint.label)
    return 2.0 * alike if alike >= ENDPOINT_SIMILARITY else -1.0


_NUMBER = re.compile(r"\d+")


def _population(news: Fact, study: Fact, said: str) -> float | None:
    if news.population is None and study.population is None:
        return 0.0
    if news.population is None or study.population is None:
        return -1.0
    if overlap(news.population.label, study.population.label) >= ENDPOINT_SIMILARITY:
        return 1.0
    bounds = _NUMBER.findall(news.population.label)  # "people under 50" are "patients younger than 50 years"
    return 1.0 if bounds and set(bounds) <= set(_NUMBER.findall(said)) else None


def _time(news: Fact, study: Fact) -> float | None:
    if news.timepoint is None or study.timepoint is None:
        return 0.0
    one, other = news.timepoint.months, study.timepoint.months
    return 1.0 if abs(one - other) <= TIMEPOINT_TOLERANCE * max(one, other) else None
