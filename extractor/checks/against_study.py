"""Does a news item say what its study says?

For each number of the news the study's statement of the same thing is sought (`align`), then, since either side may
hold facts the rules did not see, the number itself in a sentence of the study with the same words. Each number ends
as one of: agrees, rounded, differs, not in the study's text. What the study says and the news leaves out follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from extractor.checks.align import STRONG, SURE_OF_OTHER_ARM, Alignment, align, content_words, same_arms
from extractor.checks.comparison import VERDICTS, Compared, Comparison, quote
from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import of_reading, printed_unit
from extractor.checks.ledger import CheckInfo
from extractor.checks.left_out import CHECK as LEFT_OUT
from extractor.checks.left_out import is_relative_text, left_out
from extractor.checks.offer import Offer, judge, offer, relative_offer, relative_offers_in_text
from extractor.checks.reparse import reparse, unit_of
from extractor.checks.spin import spin_checks
from extractor.checks.text_numbers import TextNumber, numbers, sentences
from extractor.checks.thresholds import CONTEXT_SIMILARITY, SAME_CLAUSE
from extractor.records.models import Check, Record, Statistic, Value
from extractor.spans import Span

CHECK = CheckInfo(
    name="against_study",
    question="Does each number of the news item agree with the study it reports?",
    formula="aligned by endpoint, arm, group, time and statistic; the news is the study's number, or a rounding of it",
    source="Sumner et al. 2014, doi:10.1136/bmj.g7015 (exaggeration in health news)",
    severity="fail",
)
_STATISTIC: dict[str, Statistic] = {"percent": "percent", "plain": "count", "p_value": "p_value"}
_MAIN = frozenset(
    {
        "count", "percent", "mean", "median", "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "fraction",
        "risk_difference", "mean_difference", "incidence_rate", "duration", "p_value", "denominator", "ci_low",
        "ci_high", "range_low", "range_high", "q1", "q3", "sd", "se",
    }
)  # fmt: skip
_AGE = re.compile(r"\b(?:under|over|aged|older than|younger than|below|above)\s+$", re.IGNORECASE)
"""Before a number that is an age limit and not a count."""
MAYBE = "may be no result"
"""Note of a number that is dropped unless the study has an answer to it."""
_PEOPLE = re.compile(
    r"\s(?:[\w-]+\s){0,2}?(?:patients?|people|participants?|women|men|adults|children|volunteers|deaths|cases|nurses|babies"
    r"|animals|mice|of (?:them|those))\b",
    re.IGNORECASE,
)


def compare(news: Record, study: Record) -> Comparison:
    """Hold every main number of `news` against `study`; both records should have been made by the program."""
    told, known = RecordIndex(news), RecordIndex(study)
    compared = tuple(_with_siblings(told, known, list(_compared(told, known))))
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
    claims: list[_Claim] = []
    for statement in news.statements:
        alignments = align(statement, news, study, arms)
        for value in statement.fact.values:
            if value.statistic in _MAIN and value.value is not None and not _AGE.search(news.text[: value.start][-16:]):
                claims.append(_claim(news, study, statement, value, alignments))
    agreed = {
        (c.told.news_quote, c.told.statistic, c.told.study_fact)
        for c in claims
        if c.told.verdict in ("agrees", "rounded")
    }
    for claim in claims:
        place = claim.told.news_quote, claim.told.statistic, claim.told.study_fact
        # The other arm's number stands in the same news sentence and agrees: no swap, this one's arm was misread.
        yield claim.of_other_arm if claim.of_other_arm is not None and place in agreed else claim.told
    yield from _loose(news, study)


class _Claim(NamedTuple):
    """What became of a number of the news; `of_other_arm` is its agreement with the study's number for another arm."""

    told: Compared
    of_other_arm: Compared | None = None


def _claim(
    news: RecordIndex, study: RecordIndex, statement: Statement, value: Value, alignments: list[Alignment]
) -> _Claim:
    sentence = quote(news.text, statement.fact.evidence.start, statement.fact.evidence.end)
    base = Compared("not_in_study", statement.id, value.statistic, Span(value.start, value.end), sentence)
    good: list[Compared] = []
    other: list[Compared] = []
    against: list[Compared] = []
    for alignment in alignments:  # best first
        given = offer(value, statement, alignment.study, news) if alignment.score > 0 else None
        if given is None:
            continue
        verdict = judge(value, given)
        evidence = alignment.study.fact.evidence
        found = base._replace(
            verdict=verdict, study_fact=alignment.study.id, study_span=given.span, computed=given.computed,
            study_quote=quote(study.text, evidence.start, evidence.end),
        )  # fmt: skip
        if verdict == "differs":
            if alignment.score >= STRONG and not alignment.other_arm:
                against.append(found)
        elif alignment.other_arm:
            if alignment.score >= SURE_OF_OTHER_ARM:
                other.append(found)
        else:
            good.append(found)
    if good:
        return _Claim(next((found for found in good if found.verdict == "agrees"), good[0]))
    if other and against:
        return _Claim(against[0]._replace(note="the study gives this number for another arm"), other[0])
    if other:
        return _Claim(other[0]._replace(verdict="differs", note="said of another arm"))
    if against:
        return _Claim(against[0])
    own = next((n for n in numbers(news.text) if n.span.overlaps(base.news_span)), None)
    relative = _relative_claim(news, study, own, value, base) if own is not None else None
    return _Claim(
        relative
        or _in_text(news, study, statement, value, base)
        or _contradicted(news, study, value, base)
        or base._replace(note=_elsewhere(value, study))
    )


def _in_text(
    news: RecordIndex, study: RecordIndex, statement: Statement | None, value: Value, base: Compared
) -> Compared | None:
    """The number, or what it may be rounded from, in a sentence of the study with the same words; None if nowhere."""
    told = content_words(base.news_quote)
    kind = _type_of(value)
    found: list[tuple[int, float, float, Compared]] = []
    for number in numbers(study.text):
        if number.type != kind and not {number.type, kind} <= {"plain", "year", "month", "week", "day"}:
            continue
        shared = len(told & content_words(number.sentence.of(study.text))) / (len(told) or 1)
        if shared < CONTEXT_SIMILARITY and not (_distinctive(value) and number.reading.value == value.value):
            continue
        verdict = judge(value, _printed(number))
        if verdict != "differs":
            hit = base._replace(
                verdict=verdict, study_span=number.span, study_quote=quote(study.text, *number.sentence)
            )
            off = abs((number.reading.value or 0.0) - (value.value or 0.0))
            found.append((0 if verdict == "agrees" else 1, -shared, off, hit))
    return min(found, key=lambda f: f[:3])[3] if found else None


def _distinctive(value: Value) -> bool:
    """Whether a number is long enough to be the same thing wherever it stands: 88,259, but no year."""
    number = value.value or 0.0
    return number >= 1000 and not 1900 <= number <= 2100


def _printed(number: TextNumber) -> Offer:
    exact = number.reading.value or 0.0
    if number.reading.fraction and number.type == "percent":
        exact *= 100
    unit = printed_unit(number.reading.decimals)
    return Offer(exact, unit, number.span, None, of_reading(number.reading, exact, "="))


def _type_of(value: Value) -> str:
    if value.statistic in ("percent", "p_value"):
        return value.statistic
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
    """Numbers of the news that no fact holds. Those that are neither percents nor p-values carry `MAYBE` if the study
    has no answer: they may be no result at all."""
    taken = [(v.start, v.end) for s in news.statements for v in s.fact.values]
    taken += [(t.start, t.end) for s in news.statements if (t := s.fact.timepoint) is not None]
    for number in numbers(news.text):
        if any(number.span.overlaps(span) for span in taken):
            continue
        if number.type == "plain" and not _PEOPLE.match(news.text, number.span.end):
            continue
        value = _value_of(number, news.text)
        base = Compared("not_in_study", None, value.statistic, number.span, quote(news.text, *number.sentence))
        answer = _relative_claim(news, study, number, value, base)
        answer = answer or _in_text(news, study, None, value, base) or _contradicted(news, study, value, base)
        if answer is None:
            sure = number.type in ("percent", "p_value") and number.reading.fraction is None
            answer = base._replace(note=_elsewhere(value, study) if sure else MAYBE)
        if answer.verdict != "rounded" or number.type == "percent":
            yield answer


def _value_of(number: TextNumber, text: str) -> Value:
    """A number of a text as a record would hold it; "half" is 50 percent."""
    scale = 100 if number.reading.fraction is not None and number.type == "percent" else 1
    return Value(
        statistic=_STATISTIC.get(number.type, "duration"), value=(number.reading.value or 0.0) * scale,
        unit=None if number.type == "plain" else number.type, start=number.span.start, end=number.span.end,
        text=number.span.of(text),
    )  # fmt: skip


def _relative_claim(
    news: RecordIndex, study: RecordIndex, number: TextNumber, value: Value, base: Compared
) -> Compared | None:
    """ "38 percent lower" against the ratios of the study: the nearest if it agrees, else a contradiction if the study
    speaks of the same things at all; None for a percent that is no comparison, and where the study gives no ratio."""
    if number.type != "percent" or not is_relative_text(news.text, number.span.start, number.span.end):
        return None
    offers: list[tuple[Offer, str | None]] = [
        (given, statement.id)
        for statement in study.statements
        if (given := relative_offer(value, base.news_quote, statement)) is not None
    ]
    held = [given.span for given, _ in offers]
    in_text = relative_offers_in_text(base.news_quote, study.text)
    offers += [(given, None) for given in in_text if not any(given.span.overlaps(span) for span in held)]
    about = number.words - content_words("risk lower likely chance also made makes")
    if not offers or not about & content_words(study.text):
        return None
    given, fact = min(offers, key=lambda offered: abs(offered[0].value - (value.value or 0.0)))
    if judge(value, given) == "differs" and not about <= content_words(study.text):
        return None  # said of something that the study does not speak of
    home = next((s for s in sentences(study.text) if s.start <= given.span.start < s.end), given.span)
    return base._replace(
        verdict=judge(value, given), study_fact=fact, study_span=given.span, computed=given.computed,
        study_quote=quote(study.text, *home),
    )  # fmt: skip


def _with_siblings(news: RecordIndex, study: RecordIndex, found: list[Compared]) -> Iterator[Compared]:
    """What was not found, once more: a number whose sentence has one answered in the study is held against the one
    number of that study sentence that is left over."""
    homes: dict[str, set[Span]] = {}
    used = [number.study_span for number in found if number.study_span is not None]
    for number in found:
        if number.verdict in ("agrees", "rounded") and number.study_span is not None:
            place = number.study_span
            homes.setdefault(number.news_quote, set()).update(
                n.sentence for n in numbers(study.text) if n.span.overlaps(place)
            )
    for number in found:
        own = next((n for n in numbers(news.text) if n.span.overlaps(number.news_span)), None)
        home = homes.get(number.news_quote, set())
        if number.verdict == "not_in_study" and own is not None and own.type in ("percent", "plain") and len(home) == 1:
            number = _left_over(number, own, next(iter(home)), news, study, used)
        if number.note != MAYBE:
            yield number


def _left_over(
    number: Compared, own: TextNumber, home: Span, news: RecordIndex, study: RecordIndex, used: list[Span]
) -> Compared:
    there = [n for n in numbers(study.text) if n.sentence == home and n.type == own.type]
    here = [n for n in numbers(news.text) if n.sentence == own.sentence and n.type == own.type]
    left = [n for n in there if not any(n.span.overlaps(span) for span in used)]
    if len(left) != 1 or len(there) != len(here):
        return number
    verdict = judge(_value_of(own, news.text), _printed(left[0]))
    return number._replace(verdict=verdict, study_span=left[0].span, study_quote=quote(study.text, *home), note=None)


def _elsewhere(value: Value, study: RecordIndex) -> str | None:
    if any(number.reading.value == value.value for number in numbers(study.text)):
        return "the number stands there in another connection"
    return None
