"""What a study's statement gives for a number of the news, and how the two stand to each other."""

from __future__ import annotations

import re
from typing import NamedTuple

from extractor.checks.comparison import Verdict
from extractor.checks.estimates import RATIOS
from extractor.checks.grounding import MONTHS_PER
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.interval import Interval, of_reading, printed_unit
from extractor.checks.reparse import reparse, unit_of
from extractor.checks.thresholds import ABOUT_PERCENT_POINTS
from extractor.records.models import Value
from extractor.spans import Span

MAX_RATIO = 20.0
"""A larger number before an interval is no ratio that news would tell as a percentage."""
_BEFORE_INTERVAL = re.compile(r"(?<![\d.])(\d+[.·]\d+)\s*[(,;\[]\s*9\d(?:\.\d)?\s?%\s*(?:CI|confidence)", re.IGNORECASE)
_FEWER = re.compile(r"\b(?:lower\w*|less|reduc\w*|decreas\w*|cut\w*|fewer|drop\w*|declin\w*|smaller)\b", re.IGNORECASE)


class Offer(NamedTuple):
    """A number that the study gives, as printed or computed, with the unit that it is comparable in."""

    value: float
    unit: float
    span: Span
    computed: str | None
    printed_as: Interval


def offer(value: Value, statement: Statement, candidate: Statement, news: RecordIndex) -> Offer | None:
    """What the study's statement gives for the news value's statistic, printed or computed; None if nothing."""
    other = candidate.stat.get(value.statistic)
    if other is None and value.statistic == "fraction":
        other = candidate.stat.get("percent")
        if other is not None and other.value is not None:
            return Offer(other.value / 100, 0.01, Span(other.start, other.end), None, _interval(other, 0.01))
    if other is not None and other.value is not None:
        factor = _months(other) / _months(value) if _comparable_times(value, other) else 1.0
        decimals = printed_unit(reparse(other.text).decimals)
        return Offer(
            other.value * factor, decimals * factor, Span(other.start, other.end), None, _interval(other, factor)
        )
    if value.statistic in ("percent", "fraction"):
        return _computed_percent(value, candidate) or _relative(value, statement, candidate, news)
    if value.statistic == "duration" and "median" in candidate.stat and statement.fact.kind == candidate.fact.kind:
        return offer(value.model_copy(update={"statistic": "median"}), statement, candidate, news)
    return None


def _interval(value: Value, factor: float) -> Interval:
    low, high = of_reading(reparse(value.text), value.value or 0.0, value.relation)
    return Interval(low * factor, high * factor)


def _computed_percent(value: Value, candidate: Statement) -> Offer | None:
    count, whole = candidate.number("count"), candidate.number("denominator")
    if count is None or not whole:
        return None
    scale = 100.0 if value.statistic == "percent" else 1.0
    exact = scale * count / whole
    place = candidate.stat["count"]
    return Offer(exact, 0.0, Span(place.start, place.end), f"{count:g}/{whole:g}", Interval(exact, exact))


def _relative(value: Value, statement: Statement, candidate: Statement, news: RecordIndex) -> Offer | None:
    if value.statistic != "percent":
        return None
    return relative_offer(value, news.text[value.start : value.end + 40] + news.evidence(statement), candidate)


def relative_offer(value: Value, told: str, candidate: Statement) -> Offer | None:
    """ "38 percent lower" against a hazard ratio of 0.62, "38 percent higher" against 1.38; None without such a ratio.

    `told` is the wording around the percent.
    """
    for name in RATIOS:
        ratio = candidate.stat.get(name)
        if value.statistic == "percent" and ratio is not None and ratio.value is not None:
            decimals = reparse(ratio.text).decimals
            given = _of_ratio(told, ratio.value, decimals, Span(ratio.start, ratio.end))
            if given is not None:
                return given
    return None


def relative_offers_in_text(told: str, text: str) -> list[Offer]:
    """The same for ratios that stand before an interval in a text: "0.58 (95% CI 0.49 to 0.68)"."""
    found = []
    for match in _BEFORE_INTERVAL.finditer(text):
        reading = reparse(match[1])
        given = _of_ratio(told, reading.value or 0.0, reading.decimals, Span(*match.span(1)))
        if given is not None:
            found.append(given)
    return found


def _of_ratio(told: str, ratio: float, decimals: int, place: Span) -> Offer | None:
    if not 0 < ratio < MAX_RATIO or bool(_FEWER.search(told)) != (ratio < 1):
        return None
    exact = 100 * abs(1 - ratio)
    step = 100 * printed_unit(decimals)
    how = f"100 * (1 - {ratio:g})" if ratio < 1 else f"100 * ({ratio:g} - 1)"
    return Offer(exact, step, place, how, Interval(exact - step / 2, exact + step / 2))


def _months(value: Value) -> float:
    unit = unit_of(value.unit or "") or reparse(value.text).unit
    return MONTHS_PER.get(unit or "", (1.0,))[0]


def _comparable_times(one: Value, other: Value) -> bool:
    units = [unit_of(v.unit or "") or reparse(v.text).unit for v in (one, other)]
    return all(unit in MONTHS_PER for unit in units)


def judge(value: Value, given: Offer) -> Verdict:
    """How the news value stands to the study's: equal, what rounding or a word like "about" makes of it, or neither."""
    number = value.value or 0.0
    if abs(number - given.value) <= max(1e-9, 1e-6 * abs(number)) and value.relation != "~":
        return "agrees"
    about = {"fraction": ABOUT_PERCENT_POINTS / 100, "percent": ABOUT_PERCENT_POINTS}.get(value.statistic, 0.0)
    reading = reparse(value.text)
    widened = of_reading(reading, number, value.relation, about)
    if value.statistic == "fraction" or reading.fraction:
        # "two thirds", "one in five": said of what is near
        widened = widened if value.relation in ("<", ">") else Interval(number - about, number + about)
        if reading.fraction and value.statistic == "percent":
            widened = Interval(number - ABOUT_PERCENT_POINTS, number + ABOUT_PERCENT_POINTS)
    if given.computed and abs(number - given.value) <= given.unit / 2 + 1e-9:
        return "agrees"
    if given.unit < printed_unit(reading.decimals) or value.relation != "=" or reading.fraction:
        return "rounded" if widened.holds(given.value) else "differs"
    # The news prints as many digits as the study or more: only the study's own relation leaves room.
    if given.printed_as.low == float("-inf") or given.printed_as.high == float("inf"):
        return "rounded" if given.printed_as.holds(number) else "differs"
    if (
        value.statistic in ("duration", "median", "mean")
        and widened.meets(given.printed_as)
        and given.unit != printed_unit(reading.decimals)
    ):
        return "rounded"
    return "rounded" if _trailing_zeros(number, given.value, value) else "differs"


def _trailing_zeros(number: float, exact: float, value: Value) -> bool:
    """ "Nearly 3,000" or "2,900" for 2,873: whole thousands or hundreds, rounded to the digits that are not zero."""
    if value.statistic not in ("count", "denominator") or number < 100 or number % 100:
        return False
    step = 10.0 ** (len(str(int(number))) - len(str(int(number)).rstrip("0")))
    return abs(number - exact) <= step / 2
