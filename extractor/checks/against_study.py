"""Does a news item say what its study says?

For each number of the news the study's statement of the same thing is sought (`align`), then, since either side may
hold facts the rules did not see, the number itself in a sentence of the study with the same words. Each number ends
as one of: agrees, rounded, differs, not in the study's text. What the study says and the news leaves out follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from extractor.checks.align import STRONG, Alignment, align, content_words, overlap, same_arms
from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import Interval, of_reading, printed_unit
from extractor.checks.ledger import CheckInfo
from extractor.checks.reparse import reparse, unit_of
from extractor.checks.thresholds import ABOUT_PERCENT_POINTS, CONTEXT_SIMILARITY
from extractor.records.models import Check, Record, Value
from extractor.spans import Span

CHECK = CheckInfo(
    name="against_study",
    question="Does each number of the news item agree with the study it reports?",
    formula="aligned by endpoint, arm, group, time and statistic; the news is the study's number, or a rounding of it",
    source="Sumner et al. 2014, doi:10.1136/bmj.g7015 (exaggeration in health news)",
    severity="fail",
)
LEFT_OUT = CheckInfo(
    name="left_out",
    question="Does the news item tell the study's harms, absolute numbers and primary endpoint?",
    formula="facts of the study's main results without a counterpart in the news",
    source="Schwitzer 2008, doi:10.1371/journal.pmed.0050095 (criteria for health news)",
    severity="warn",
)
Verdict = Literal["agrees", "rounded", "differs", "not_in_study"]
VERDICTS: dict[Verdict, str] = {
    "agrees": "agrees", "rounded": "rounded", "differs": "differs", "not_in_study": "not in the study's text",
}  # fmt: skip
_MAIN = frozenset(
    {
        "count", "percent", "mean", "median", "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "fraction",
        "risk_difference", "mean_difference", "incidence_rate", "duration", "p_value", "denominator", "ci_low",
        "ci_high", "range_low", "range_high", "q1", "q3", "sd", "se",
    }
)  # fmt: skip
_RATIOS = ("hazard_ratio", "risk_ratio", "rate_ratio", "odds_ratio")
_FEWER = re.compile(r"\b(?:lower|less|reduc\w*|decreas\w*|cut\w*|fewer|drop\w*|declin\w*|smaller)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:[.·]\d+)?(?:\s?%|\s(?:percent|per cent)\b)?", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(])|\n+")
_HARM_WORDS = re.compile(r"adverse|side effect|toxic|safety|tolerab|harm|complication", re.IGNORECASE)
_PRIMARY = re.compile(r"\bprimary\b[^.;]{0,40}\b(?:end ?-?points?|outcomes?|measures?)", re.IGNORECASE)


class Compared(NamedTuple):
    """One number of the news and what became of it. `study_span` is None where the study has no counterpart.

    `computed` tells how the study's number was computed where it is not printed, for example "12/20".
    """

    verdict: Verdict
    news_fact: str
    statistic: str
    news_span: Span
    news_quote: str
    study_fact: str | None = None
    study_span: Span | None = None
    study_quote: str | None = None
    computed: str | None = None
    note: str | None = None


class LeftOut(NamedTuple):
    """A main result of the study that the news does not tell."""

    what: Literal["adverse_events", "absolute_numbers", "primary_endpoint"]
    message: str
    study_span: Span
    study_quote: str


class Comparison(NamedTuple):
    """The news item against its study."""

    numbers: tuple[Compared, ...]
    left_out: tuple[LeftOut, ...]
    spin: tuple[Check, ...]


class _Offer(NamedTuple):
    """A number that the study gives, as printed or computed, with the unit that it is comparable in."""

    value: float
    unit: float
    span: Span
    computed: str | None
    printed_as: Interval


def compare(news: Record, study: Record) -> Comparison:
    """Hold every main number of `news` against `study`; both records should have been made by the program."""
    from extractor.checks.spin import spin_checks

    told, known = RecordIndex(news), RecordIndex(study)
    numbers = tuple(_compared(told, known))
    return Comparison(numbers, tuple(_left_out(told, known)), tuple(spin_checks(told, known, numbers)))


def with_comparison(news: Record, comparison: Comparison) -> Record:
    """A copy of `news` whose checks hold the comparison."""
    checks: list[Check] = []
    about: dict[str, list[Check]] = {}
    good: dict[str, None] = {}
    for number in comparison.numbers:
        if number.verdict in ("agrees", "rounded"):
            good[number.news_fact] = None
            continue
        status: Literal["fail", "warn"] = "fail" if number.verdict == "differs" else "warn"
        check = Check(name=CHECK.name, status=status, message=describe(number, news.text), facts=(number.news_fact,))
        about.setdefault(number.news_fact, []).append(check)
    count = sum(number.verdict in ("agrees", "rounded") for number in comparison.numbers)
    if count:
        message = f"{count} of {len(comparison.numbers)} numbers agree with the study, some rounded"
        checks.append(Check(name=CHECK.name, status="pass", message=message, facts=tuple(good)))
    for missing in comparison.left_out:
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
    sentences = _sentences(study.text)
    for statement in news.statements:
        alignments = align(statement, news.evidence(statement), study, arms)
        for value in statement.fact.values:
            if value.statistic in _MAIN and value.value is not None:
                yield _verdict(news, study, statement, value, alignments, sentences)


def _verdict(
    news: RecordIndex, study: RecordIndex, statement: Statement, value: Value, alignments: list[Alignment],
    sentences: list[Span],
) -> Compared:  # fmt: skip
    quote = _quote(news.text, statement.fact.evidence.start, statement.fact.evidence.end)
    base = Compared("not_in_study", statement.id, value.statistic, Span(value.start, value.end), quote)
    verdicts: list[tuple[int, float, Compared]] = []
    for alignment in alignments:
        if alignment.score <= 0:
            continue
        offer = _offer(value, statement, alignment.study, news)
        if offer is None:
            continue
        verdict = _judge(value, offer)
        found = base._replace(
            verdict=verdict, study_fact=alignment.study.id, study_span=offer.span, computed=offer.computed,
            study_quote=_quote(study.text, alignment.study.fact.evidence.start, alignment.study.fact.evidence.end),
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
        in_text = _in_text(news, study, statement, value, sentences, base)
        own = max((v for v in verdicts if v[0] >= 3), key=lambda v: (v[0] == 4, v[1]), default=best)
        if in_text is not None and own[0] != 4 and best[0] != 3:
            return in_text
        if best[0] == 3 and own[0] == 4:
            return own[2]._replace(note="the study gives this number for another arm")
        return own[2]
    return _in_text(news, study, statement, value, sentences, base) or base._replace(
        note=_elsewhere(value, study, sentences)
    )


def _offer(value: Value, statement: Statement, candidate: Statement, news: RecordIndex) -> _Offer | None:
    """What the study's statement gives for the news value's statistic, printed or computed; None if nothing."""
    other = candidate.stat.get(value.statistic)
    if other is None and value.statistic == "fraction":
        other = candidate.stat.get("percent")
        if other is not None and other.value is not None:
            return _Offer(other.value / 100, 0.01, Span(other.start, other.end), None, _interval(other, 0.01))
    if other is not None and other.value is not None:
        factor = _months(other) / _months(value) if _comparable_times(value, other) else 1.0
        decimals = printed_unit(reparse(other.text).decimals)
        return _Offer(
            other.value * factor, decimals * factor, Span(other.start, other.end), None, _interval(other, factor)
        )
    if value.statistic in ("percent", "fraction"):
        return _computed_percent(value, candidate) or _relative(value, statement, candidate, news)
    if value.statistic == "duration" and "median" in candidate.stat and statement.fact.kind == candidate.fact.kind:
        return _offer(value.model_copy(update={"statistic": "median"}), statement, candidate, news)
    return None


def _interval(value: Value, factor: float) -> Interval:
    low, high = of_reading(reparse(value.text), value.value or 0.0, value.relation)
    return Interval(low * factor, high * factor)


def _computed_percent(value: Value, candidate: Statement) -> _Offer | None:
    count, whole = candidate.number("count"), candidate.number("denominator")
    if count is None or not whole:
        return None
    scale = 100.0 if value.statistic == "percent" else 1.0
    exact = scale * count / whole
    place = candidate.stat["count"]
    return _Offer(exact, 0.0, Span(place.start, place.end), f"{count:g}/{whole:g}", Interval(exact, exact))


def _relative(value: Value, statement: Statement, candidate: Statement, news: RecordIndex) -> _Offer | None:
    """ "38 percent lower" against a hazard ratio of 0.62, "38 percent higher" against 1.38."""
    if value.statistic != "percent" or value.value is None:
        return None
    around = news.text[value.start : value.end + 40]
    for name in _RATIOS:
        ratio = candidate.stat.get(name)
        if ratio is None or ratio.value is None:
            continue
        fewer = bool(_FEWER.search(around) or _FEWER.search(news.evidence(statement)))
        if fewer != (ratio.value < 1):
            continue
        exact = 100 * abs(1 - ratio.value)
        step = 100 * printed_unit(reparse(ratio.text).decimals)
        how = f"100 * (1 - {ratio.value:g})" if fewer else f"100 * ({ratio.value:g} - 1)"
        return _Offer(exact, step, Span(ratio.start, ratio.end), how, Interval(exact - step / 2, exact + step / 2))
    return None


def _months(value: Value) -> float:
    unit = unit_of(value.unit or "") or reparse(value.text).unit
    return MONTHS_PER.get(unit or "", (1.0,))[0]


def _comparable_times(one: Value, other: Value) -> bool:
    units = [unit_of(v.unit or "") or reparse(v.text).unit for v in (one, other)]
    return all(unit in MONTHS_PER for unit in units)


def _judge(value: Value, offer: _Offer) -> Verdict:
    """How the news value stands to the study's: equal, what rounding or a word like "about" makes of it, or neither."""
    number = value.value or 0.0
    if abs(number - offer.value) <= max(1e-9, 1e-6 * abs(number)) and value.relation != "~":
        return "agrees"
    about = ABOUT_PERCENT_POINTS / (100 if value.statistic == "fraction" else 1)
    reading = reparse(value.text)
    widened = of_reading(reading, number, value.relation, about)
    if value.statistic == "fraction" or reading.fraction:
        # "two thirds", "one in five": said of what is near
        widened = widened if value.relation in ("<", ">") else Interval(number - about, number + about)
        if reading.fraction and value.statistic == "percent":
            widened = Interval(number - ABOUT_PERCENT_POINTS, number + ABOUT_PERCENT_POINTS)
    if offer.computed and abs(number - offer.value) <= offer.unit / 2 + 1e-9:
        return "agrees"
    if offer.unit < printed_unit(reading.decimals) or value.relation != "=" or reading.fraction:
        return "rounded" if widened.holds(offer.value) else "differs"
    # The news prints as many digits as the study or more: only the study's own relation leaves room.
    if offer.printed_as.low == float("-inf") or offer.printed_as.high == float("inf"):
        return "rounded" if offer.printed_as.holds(number) else "differs"
    if (
        value.statistic in ("duration", "median", "mean")
        and widened.meets(offer.printed_as)
        and offer.unit != printed_unit(reading.decimals)
    ):
        return "rounded"
    return "rounded" if _trailing_zeros(number, offer.value, value) else "differs"


def _trailing_zeros(number: float, exact: float, value: Value) -> bool:
    """ "Nearly 3,000" or "2,900" for 2,873: whole thousands or hundreds, rounded to the digits that are not zero."""
    if value.statistic not in ("count", "denominator") or number < 100 or number % 100:
        return False
    step = 10.0 ** (len(str(int(number))) - len(str(int(number)).rstrip("0")))
    return abs(number - exact) <= step / 2


def _sentences(text: str) -> list[Span]:
    edges = [0, *(edge for match in _SENTENCE.finditer(text) for edge in match.span()), len(text)]
    return [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _in_text(
    news: RecordIndex, study: RecordIndex, statement: Statement, value: Value, sentences: list[Span], base: Compared
) -> Compared | None:
    """The number, or what it may be rounded from, in a sentence of the study with the same words; None if nowhere."""
    told = content_words(news.evidence(statement))
    percent = reparse(value.text).unit == "percent" or value.statistic == "percent"
    found: list[tuple[int, float, Compared]] = []
    for span in sentences:
        sentence = span.of(study.text)
        shared = len(told & content_words(sentence)) / (len(told) or 1)
        if shared < CONTEXT_SIMILARITY:
            continue
        for match in _NUMBER.finditer(sentence):
            reading = reparse(match.group())
            if reading.value is None or (
                percent != (reading.unit == "percent") and not _shares_percent(sentence, match.end(), percent)
            ):
                continue
            place = Span(span.start + match.start(), span.start + match.end())
            unit = printed_unit(reading.decimals)
            verdict = _judge(value, _Offer(reading.value, unit, place, None, of_reading(reading, reading.value, "=")))
            if verdict != "differs":
                quote = _quote(study.text, span.start, span.end)
                hit = base._replace(verdict=verdict, study_span=place, study_quote=quote)
                found.append((0 if verdict == "agrees" else 1, -shared, hit))
    return min(found, key=lambda f: f[:2])[2] if found else None


def _shares_percent(sentence: str, end: int, percent: bool) -> bool:
    """ "54 and 68 percent": the first number has its sign behind the second."""
    return percent and bool(
        re.match(r"\s*(?:,|and|or|to|vs\.?|versus|-|–)[^.;]{0,30}(?:%|percent|per cent)", sentence[end:])
    )


def _elsewhere(value: Value, study: RecordIndex, sentences: list[Span]) -> str | None:
    for span in sentences:
        for match in _NUMBER.finditer(span.of(study.text)):
            if reparse(match.group()).value == value.value:
                return "the number stands there in another connection"
    return None


def _left_out(news: RecordIndex, study: RecordIndex) -> Iterator[LeftOut]:
    harms = list(study.kind("adverse_event"))
    if harms and not news.by_kind.get("adverse_event") and not _HARM_WORDS.search(news.text):
        yield _missing(study, harms[0], "adverse_events", f"the study reports adverse events ({len(harms)} statements)")
    yield from _absolute_left_out(news, study)
    yield from _primary_left_out(news, study)


def _missing(study: RecordIndex, statement: Statement, what: str, message: str) -> LeftOut:
    evidence = statement.fact.evidence
    span = Span(evidence.start, evidence.end)
    return LeftOut(what, message, span, _quote(study.text, *span))  # type: ignore[arg-type]


def gives_absolute(statement: Statement) -> bool:
    """Whether a statement tells how many people, in number or percent."""
    fact = statement.fact
    return fact.kind in ("outcome", "survival", "response", "death", "adverse_event") and any(
        name in statement.stat for name in ("count", "percent", "fraction", "median", "mean", "incidence_rate")
    )


def _absolute_left_out(news: RecordIndex, study: RecordIndex) -> Iterator[LeftOut]:
    relative = [
        s for s in news.statements if s.fact.kind == "effect" and any(r in s.stat for r in (*_RATIOS, "percent"))
    ]
    absolute = [s for s in news.statements if gives_absolute(s) and not is_relative_percent(news, s)]
    if not relative and not any(is_relative_percent(news, s) for s in news.statements):
        return
    if absolute and any(s.fact.kind != "adverse_event" for s in absolute):
        return
    for statement in study.statements:
        if gives_absolute(statement) and statement.fact.kind != "adverse_event":
            yield _missing(
                study, statement, "absolute_numbers", "the news tells relative effects only; the study gives"
            )
            return


def is_relative_percent(index: RecordIndex, statement: Statement) -> bool:
    """Whether the statement's percent compares two risks ("38 percent lower"), so that it says nothing absolute."""
    value = statement.stat.get("percent")
    if value is None:
        return False
    behind = index.text[value.end : value.end + 30]
    before = index.text[max(0, value.start - 30) : value.start]
    return bool(
        re.match(
            r"\s*(?:\w+\s){0,2}(?:lower|less|reduction|fewer|decrease|higher|greater|more likely|increase|drop|cut)\b",
            behind,
        )
        or re.search(
            r"\b(?:reduc\w+|lower\w*|cut\w*|decreas\w+|increas\w+|rais\w+)\b(?:\s\w+){0,4}\sby\s(?:\w+\s){0,2}$", before
        )
    )


def _primary_left_out(news: RecordIndex, study: RecordIndex) -> Iterator[LeftOut]:
    for match in _PRIMARY.finditer(study.text):
        span = next((s for s in _sentences(study.text) if s.start <= match.start() < s.end), None)
        if span is None:
            continue
        named = [
            s.fact.endpoint for s in study.statements
            if s.fact.endpoint is not None and _names(span.of(study.text), s.fact.endpoint.label, s.fact.endpoint.code)
        ]  # fmt: skip
        if not named:
            continue
        if any(_names(news.text, e.label, e.code) or _told(news, e.code) for e in named):
            return
        labels = sorted({e.label for e in named})
        message = f"the study's primary endpoint is not told ({', '.join(labels)})"
        yield LeftOut("primary_endpoint", message, span, _quote(study.text, *span))
        return


def _told(news: RecordIndex, code: str | None) -> bool:
    return code is not None and any(s.fact.endpoint and s.fact.endpoint.code == code for s in news.statements)


def _names(text: str, label: str, code: str | None) -> bool:
    lowered = text.lower()
    if label.lower() in lowered or (code and re.search(rf"\b{re.escape(code)}\b", text)):
        return True
    words = content_words(label)
    return bool(words) and len(words) > 1 and overlap(label, text) == 1.0


def _quote(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())
