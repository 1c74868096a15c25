"""Does a news item say what its study says?

For each number of the news the study's statement of the same thing is sought (`align`), then, since either side may
hold facts the rules did not see, the number itself in a sentence of the study with the same words. Each number ends
as one of: agrees, rounded, differs, not in the study's text. What the study says and the news leaves out follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from extractor.checks.align import STRONG, Alignment, align, content_words, same_arms
from extractor.checks.comparison import VERDICTS, Compared, Comparison, quote
from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import of_reading, printed_unit
from extractor.checks.ledger import CheckInfo
from extractor.checks.left_out import CHECK as LEFT_OUT
from extractor.checks.left_out import left_out
from extractor.checks.offer import Offer, judge, offer
from extractor.checks.reparse import reparse, unit_of
from extractor.checks.spin import spin_checks
from extractor.checks.text_numbers import TextNumber, numbers
from extractor.checks.thresholds import CONTEXT_SIMILARITY, SAME_CLAUSE
from extractor.records.models import Check, Record, Value
from extractor.spans import Span

CHECK = CheckInfo(
    name="against_study",
    question="Does each number of the news item agree with the study it reports?",
    formula="aligned by endpoint, arm, group, time and statistic; the news is the study's number, or a rounding of it",
    source="Sumner et al. 2014, doi:10.1136/bmj.g7015 (exaggeration in health news)",
    severity="fail",
)
_MAIN = frozenset(
    {
        "count", "percent", "mean", "median", "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "fraction",
        "risk_difference", "mean_difference", "incidence_rate", "duration", "p_value", "denominator", "ci_low",
        "ci_high", "range_low", "range_high", "q1", "q3", "sd", "se",
    }
)  # fmt: skip
_PEOPLE = re.compile(
    r"\s(?:[\w-]+\s){0,2}?(?:patients?|people|participants?|women|men|adults|children|volunteers|deaths|cases|nurses|babies"
    r"|animals|mice|of (?:them|those))\b",
    re.IGNORECASE,
)


def compare(news: Record, study: Record) -> Comparison:
    """Hold every main number of `news` against `study`; both records should have been made by the program."""
    told, known = RecordIndex(news), RecordIndex(study)
    compared = tuple(_compared(told, known))
    return Comparison(compared, tuple(left_out(told, known, compared)), tuple(spin_checks(told, known, compared)))


def with_comparison(news: Record, comparison: Comparison) -> Record:
    """A copy of `news` whose checks hold the comparison."""
    checks: list[Check] = []
    about: dict[str, list[Check]] = {}
    good: dict[str, None] = {}
    for number in comparison.numbers:
        if number.verdict in ("agrees", "rounded"):
            if number.news_fact is not None:
                good[number.news_fact] = None
            continue
        status: Literal["fail", "warn"] = "fail" if number.verdict == "differs" else "warn"
        message = describe(number, news.text)
        if number.news_fact is None:
            checks.append(Check(name=CHECK.name, status=status, message=f"{message}; the news: {number.news_quote!r}"))
            continue
        check = Check(name=CHECK.name, status=status, message=message, facts=(number.news_fact,))
        about.setdefault(number.news_fact, []).append(check)
    count = sum(number.verdict in ("agrees", "rounded") for number in comparison.numbers)
    if count:
        message = f"{count} of {len(comparison.numbers)} numbers agree with the study, some rounded"
        checks.append(Check(name=CHECK.name, status="pass", message=message, facts=tuple(good)))
    for missing in (m for m in comparison.left_out if m.main):
        checks.append(Check(name=LEFT_OUT.name, status="warn", message=f"{missing.message}: {missing.study_quote!r}"))
    checks.extend(comparison.spin)
    facts = tuple(
        f.model_copy(update={"checks": (*f.checks, *about[f.id])}) if f.id in about else f for f in news.facts
    )
    return news.model_copy(update={"facts": facts, "checks": (*news.checks, *checks)})


def describe(number: Compared, news_text: str) -> str:
    """One line with both quotes."""
    written = number.news_span.of(news_text)
    if number.verdict == "not_in_study":
        note = f" ({number.note})" if number.note else ""
        return f"{number.statistic} {written!r}: not in the study's text{note}"
    how = f" (computed: {number.computed})" if number.computed else ""
    note = f"; {number.note}" if number.note else ""
    return (
        f"{number.statistic} {written!r} {VERDICTS[number.verdict]}: the study says {number.study_quote!r}{how}{note}"
    )


def _compared(news: RecordIndex, study: RecordIndex) -> Iterator[Compared]:
    arms = same_arms(news, study)
    for statement in news.statements:
        alignments = align(statement, news.evidence(statement), study, arms)
        for value in statement.fact.values:
            if value.statistic in _MAIN and value.value is not None:
                yield _verdict(news, study, statement, value, alignments)
    yield from _loose(news, study)


def _verdict(
    news: RecordIndex, study: RecordIndex, statement: Statement, value: Value, alignments: list[Alignment]
) -> Compared:
    sentence = quote(news.text, statement.fact.evidence.start, statement.fact.evidence.end)
    base = Compared("not_in_study", statement.id, value.statistic, Span(value.start, value.end), sentence)
    verdicts: list[tuple[int, float, Compared]] = []
    for alignment in alignments:
        if alignment.score <= 0:
            continue
        given = offer(value, statement, alignment.study, news)
        if given is None:
            continue
        verdict = judge(value, given)
        found = base._replace(
            verdict=verdict, study_fact=alignment.study.id, study_span=given.span, computed=given.computed,
            study_quote=quote(study.text, alignment.study.fact.evidence.start, alignment.study.fact.evidence.end),
        )  # fmt: skip
        if alignment.other_arm:
            if verdict != "differs":
                verdicts.append((3, alignment.score, found._replace(verdict="differs", note="said of another arm")))
            continue
        rank = {"agrees": 0, "rounded": 1, "differs": 4}[verdict]
        if verdict != "differs" or alignment.score >= STRONG:
            verdicts.append((rank, alignment.score, found))
    if verdicts:
        best = min(verdicts, key=lambda v: (v[0], -v[1]))
        if best[0] <= 1:
            return best[2]
        in_text = _in_text(news, study, statement, value, base)
        own = max((v for v in verdicts if v[0] >= 3), key=lambda v: (v[0] == 4, v[1]), default=best)
        if in_text is not None and own[0] != 4 and best[0] != 3:
            return in_text
        if best[0] == 3 and own[0] == 4:
            return own[2]._replace(note="the study gives this number for another arm")
        return own[2]
    return (
        _in_text(news, study, statement, value, base)
        or _contradicted(news, study, value, base)
        or base._replace(note=_elsewhere(value, study))
    )


def _in_text(
    news: RecordIndex, study: RecordIndex, statement: Statement | None, value: Value, base: Compared
) -> Compared | None:
    """The number, or what it may be rounded from, in a sentence of the study with the same words; None if nowhere."""
    told = content_words(base.news_quote)
    kind = _type_of(value)
    found: list[tuple[int, float, Compared]] = []
    for number in numbers(study.text):
        if number.type != kind and not {number.type, kind} <= {"plain", "year", "month", "week", "day"}:
            continue
        shared = len(told & content_words(number.sentence.of(study.text))) / (len(told) or 1)
        if shared < CONTEXT_SIMILARITY:
            continue
        verdict = judge(value, _printed(number))
        if verdict != "differs":
            hit = base._replace(
                verdict=verdict, study_span=number.span, study_quote=quote(study.text, *number.sentence)
            )
            found.append((0 if verdict == "agrees" else 1, -shared, hit))
    return min(found, key=lambda f: f[:2])[2] if found else None


def _printed(number: TextNumber) -> Offer:
    exact = number.reading.value or 0.0
    unit = printed_unit(number.reading.decimals)
    return Offer(exact, unit, number.span, None, of_reading(number.reading, exact, "="))


def _type_of(value: Value) -> str:
    if value.statistic == "percent":
        return "percent"
    unit = unit_of(value.unit or "") or reparse(value.text).unit
    return unit if unit in MONTHS_PER and unit else "plain"


def _contradicted(news: RecordIndex, study: RecordIndex, value: Value, base: Compared) -> Compared | None:
    """The study's number with the same clause words, if it is the only one of its type and told nowhere in the news."""
    own = next((n for n in numbers(news.text) if n.span.overlaps(base.news_span)), None)
    if own is None or not own.words:
        return None
    kind = _type_of(value)
    alike = [
        n for n in numbers(study.text) if n.type == kind and len(own.words & n.words) / len(own.words) > SAME_CLAUSE
    ]
    told = {n.reading.value for n in numbers(news.text)}
    alike = [n for n in alike if n.reading.value not in told]
    if len({n.reading.value for n in alike}) != 1:
        return None
    return base._replace(verdict="differs", study_span=alike[0].span, study_quote=quote(study.text, *alike[0].sentence))


def _loose(news: RecordIndex, study: RecordIndex) -> Iterator[Compared]:
    """Numbers of the news that no fact holds: percents, and what the study's text answers."""
    taken = [(v.start, v.end) for s in news.statements for v in s.fact.values]
    taken += [(t.start, t.end) for s in news.statements if (t := s.fact.timepoint) is not None]
    for number in numbers(news.text):
        if any(number.span.overlaps(span) for span in taken) or number.reading.value is None:
            continue
        if number.type == "plain" and not _PEOPLE.match(news.text, number.span.end):
            continue
        value = Value(
            statistic="percent" if number.type == "percent" else "count" if number.type == "plain" else "duration",
            value=number.reading.value, unit=None if number.type == "plain" else number.type,
            start=number.span.start, end=number.span.end, text=number.span.of(news.text),
        )  # fmt: skip
        base = Compared("not_in_study", None, value.statistic, number.span, quote(news.text, *number.sentence))
        answer = _in_text(news, study, None, value, base) or _contradicted(news, study, value, base)
        if answer is not None and (answer.verdict != "rounded" or number.type == "percent"):
            yield answer
        elif answer is None and number.type == "percent":
            yield base._replace(note=_elsewhere(value, study))


def _elsewhere(value: Value, study: RecordIndex) -> str | None:
    if any(number.reading.value == value.value for number in numbers(study.text)):
        return "the number stands there in another connection"
    return None
