"""From a number and its kind to the value of a record: statistic, span, unit, sign."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from extractor.rules.bundle import Bundle
from extractor.rules.layout import Layout
from extractor.rules.numbers import Number

Value = dict[str, Any]

_BY_KIND = {
    "T": "count", "N": "count", "G": "count", "C": "count", "P": "percent", "M": "mean", "D": "median", "S": "sd",
    "plus_minus": "sd",
}  # fmt: skip
_AS_IS = frozenset(
    ("ci_low", "ci_high", "ci_level", "range_low", "range_high", "q1", "q3", "p_value", "hazard_ratio", "odds_ratio",
     "risk_ratio", "rate_ratio")
)  # fmt: skip
_STANDARD_ERROR = frozenset(("se", "sem", "s.e.m", "s.e"))
_RATE_PER = frozenset(("year", "years", "person", "patient", "1000", "100", "10", "100,000", "10,000", "py"))


_WITH_UNIT = frozenset(("mean", "median", "duration", "sd", "se", "range_high", "q3", "mean_difference"))


def value_of(layout: Layout, n: Number, kind: str, bundle: Bundle) -> Value | None:
    """The value that number `n` of `bundle` becomes, None if its kind has no place in a record."""
    statistic = _statistic(layout, n, kind, bundle)
    if statistic is None:
        return None
    start, end, unit = _span(layout, n, statistic)
    value = n.value
    if statistic in ("sd", "se", "p_value", "ci_level", "denominator") or (statistic == "count" and value < 0):
        value, start = abs(value), n.start
    return {
        "statistic": statistic, "value": value, "unit": unit, "relation": n.relation, "start": start, "end": end,
        "text": layout.text[start:end],
    }  # fmt: skip


def _statistic(layout: Layout, n: Number, kind: str, bundle: Bundle) -> str | None:
    if kind in _AS_IS:
        return kind
    if n is bundle.denominator:
        return "denominator"
    if n.fraction:
        return "fraction" if kind in "CPXRG" else None
    if kind == "F":
        before = layout.lower[max(0, n.token - 8) : n.token]
        for word in reversed(before):
            if word in ("median", "mean"):
                return word
        return "duration"
    if kind == "R":
        return "percent" if n.is_percent else "mean_difference"
    if kind in ("S", "plus_minus"):
        return "se" if _is_standard_error(layout, n) else "sd"
    if kind == "M" and _is_rate(layout, n):
        return "incidence_rate"
    if kind == "P" and n.whole and not n.is_percent and n.in_words and n.value < 1:
        return None
    return _BY_KIND.get(kind)


def _is_standard_error(layout: Layout, n: Number) -> bool:
    """A standard error is named beside the number or once in its sentence or the one before ("mean ± SEM")."""
    first, last = layout.sentences[max(0, n.sentence - 1)][0], layout.sentences[n.sentence][1]
    words = layout.lower[first:last]
    if any(w in _STANDARD_ERROR for w in words):
        return True
    return any(a == "standard" and b.startswith("error") for a, b in pairwise(words))


def _is_rate(layout: Layout, n: Number) -> bool:
    """As in "4.1 per 1000 person-years"."""
    following = layout.lower[n.after : n.after + 6]
    return "per" in following[:3] and any(w in _RATE_PER for w in following)


def _span(layout: Layout, n: Number, statistic: str) -> tuple[int, int, str | None]:
    """Characters and unit: a percentage takes in its sign or word, a quantity its unit of time (others, "kg" or
    "points", stay outside), a minus always."""
    start = n.sign_start if n.sign_start >= 0 and layout.text[n.sign_start] != "+" else n.start
    if n.percent_end:
        return start, n.percent_end, "%"
    if statistic == "percent":
        return start, n.end, "%"
    if n.unit_class == "time" and statistic in _WITH_UNIT:
        return start, n.unit_end, n.unit
    return start, n.end, n.unit if statistic not in ("count", "denominator") else None
