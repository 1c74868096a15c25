"""Does every value stand at its place in the text and say there what the record says?

Reads the printed text again with `reparse`, which shares nothing with the rules: value, unit, sign of relation,
"not reached", the number behind "all"; then timepoints, labels and the evidence around them.
"""

from __future__ import annotations

import math
import re

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.reparse import Reading, reparse, unit_of
from extractor.records.models import Labelled, Timepoint, Value

CHECK = CheckInfo(
    name="grounding",
    question="Does each value's text stand at its span and parse again to its value, unit and relation?",
    formula="text[start:end] == value.text and reparse(value.text) == value.value",
    source="CONTRACT: every value is a verbatim span of the source",
    severity="fail",
)
MONTHS_PER = {
    "year": (12.0,), "month": (1.0,), "week": (12 / 52.18, 12 / 52.1775, 12 / 52, 7 / 30.4375, 12 * 7 / 365.25),
    "day": (12 / 365.25, 1 / 30.4375, 12 / 365, 1 / 30, 1 / 30.44, 12 / (52.18 * 7), 12 / (52 * 7)),
    "hour": (12 / 365.25 / 24, 12 / (52.18 * 7 * 24), 1 / 30.4375 / 24, 1 / 30.44 / 24),
    "minute": (12 / 365.25 / 1440, 12 / (52.18 * 7 * 1440), 1 / 30.4375 / 1440, 1 / 30.44 / 1440),
}  # fmt: skip
"""Months in one unit, by the conversions in use; the record says 12 months and 52.18 weeks a year."""
MAX_TIMEPOINT_CHARACTERS = 60
"""A timepoint is a few words; a longer span was altered."""
_PERCENT_FREE = frozenset({"count", "denominator", "p_value", "hazard_ratio", "duration"})
_BEFORE = re.compile(r"(?:([<>]\s?=?|[≤≥⩽⩾≦≧]|=\s?[<>])|([=:]))\s*$")
_SYMBOLS = {"<": "<", ">": ">", "<=": "<=", "=<": "<=", ">=": ">=", "=>": ">=", "≤": "<=", "⩽": "<=", "≦": "<=",
            "≥": ">=", "⩾": ">=", "≧": ">="}  # fmt: skip
_BROKEN = re.compile(r"\. |\n|^[^(]*\)|\([^)]*$")
_PLAIN_EDGES = frozenset("0123456789.·,")
_SIGNS = frozenset("<>≤≥⩽⩾≦≧=:")
_LEFT_OF_CUT = re.compile(r"(?:(?:\d[.·,]?)+|(?<![^\s(<>=])[.·])$")
_RIGHT_OF_CUT = re.compile(r"\d*(?:[.·]\d+)?(?:,\d{3}(?!\d))*")
_CARELESS = {"=<": "<", "=>": ">"}
"""Printed for "less than" as often as for "at most"."""
_LABEL_NOISE = re.compile(r"[\s\-‐-―()\[\],.'’/\u00a0]+")


def run(index: RecordIndex, ledger: Ledger) -> None:
    """One finding for each value, timepoint or label that does not say what the record says."""
    text = index.text
    count = 0
    for statement in index.statements:
        fact = statement.fact
        sound = True
        for value in fact.values:
            count += 1
            if plainly_sound(value, text):
                continue
            fault = value_fault(value, text, index)
            if fault:
                sound = False
                ledger.fail(f"{value.statistic} {value.text!r} at {value.start}-{value.end}: {fault}", fact.id)
        if fact.timepoint is not None and (fault := timepoint_fault(fact.timepoint, text)):
            sound = False
            ledger.fail(f"timepoint at {fact.timepoint.start}-{fact.timepoint.end}: {fault}", fact.id)
        for name, labelled in (("endpoint", fact.endpoint), ("population", fact.population)):
            if labelled is not None and (fault := label_fault(labelled, text)):
                sound = False
                ledger.fail(f"{name} at {labelled.start}-{labelled.end}: {fault}", fact.id)
        if fault := evidence_fault(statement, text):
            sound = False
            ledger.fail(fault, fact.id)
        if sound:
            ledger.passed_facts[fact.id] = None
    ledger.passed_count = count if not ledger.about_facts else 0


def plainly_sound(value: Value, text: str) -> bool:
    """Whether a value is right beyond doubt, without the closer look of `value_fault`: nine in ten are."""
    start, end, number = value.start, value.end, value.value
    if number is None or not 0 < start < end < len(text) or text[start:end] != value.text:
        return False
    reading = reparse(value.text)
    return (
        reading.value == number
        and reading.relation is None
        and (reading.unit is None or reading.unit == value.unit or (reading.unit == "percent" == value.statistic))
        and not (reading.unit == "percent" and value.statistic in _PERCENT_FREE)
        and _PLAIN_EDGES.isdisjoint(text[start - 1] + text[end])
        and _SIGNS.isdisjoint(text[max(0, start - 6) : start])
    )


def value_fault(value: Value, text: str, index: RecordIndex | None = None) -> str | None:
    """What is wrong with one value, or None. `index` gives the other values for "all of the group"."""
    if not value.start < value.end <= len(text):
        return f"the span is not inside the text of {len(text)} characters"
    found = text[value.start : value.end]
    if found != value.text:
        return f"the text there is {found!r}"
    reading = reparse(found)
    if value.value is None:
        return None if reading.not_reached else "the record holds no value, but the text is not a form of 'not reached'"
    if reading.group:
        return _group_fault(value.value, index)
    if not reading.says(value.value) and not _says_percent(reading, value):
        says = "no single number" if reading.value is None else f"{reading.value:g}"
        return f"the record says {value.value:g}, the text says {says}"
    if cut := _cut_number(value, text):
        return cut
    return _unit_fault(value, reading) or _relation_fault(value, reading, text)


def _says_percent(reading: Reading, value: Value) -> bool:
    return value.statistic == "percent" and reading.fraction is not None and reading.says(value.value or 0.0)


def _cut_word(start: int, end: int, text: str) -> str | None:
    """A span that starts or ends inside a word or number."""
    if start and text[start : start + 1].isalnum() and text[start - 1].isalnum():
        return f"the span begins inside a word ({text[max(0, start - 10) : start + 10]!r})"
    if 0 < end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        return f"the span ends inside a word ({text[max(0, end - 10) : end + 10]!r})"
    return None


def _cut_number(value: Value, text: str) -> str | None:
    """A span that starts or ends inside a printed number: "1" of "12", "12" of "12.5", "234" of "1,234"."""
    start, end = value.start, value.end
    left = right = ""
    if text[start].isdigit() and start and (text[start - 1].isdigit() or text[start - 1] in ".·,"):
        before = _LEFT_OF_CUT.search(text[max(0, start - 12) : start])
        left = before.group() if before else ""
        if left == "." and value.statistic == "ci_level":
            left = ""  # ", .95% CI": a stray point
        if left.endswith(",") and not re.match(r"\d{3}(?!\d)", text[start:]):
            left = ""
    if text[end - 1].isdigit() and end < len(text) and (text[end].isdigit() or text[end] in ".·,"):
        after = _RIGHT_OF_CUT.match(text[end : end + 12])
        right = after.group() if after else ""
        if right.startswith(",") and not re.search(r"(?<!\d)\d{1,3}$", text[start:end]):
            right = ""
    if left or right:
        return f"the span cuts the number {left + value.text + right!r}"
    return None


def _group_fault(number: float, index: RecordIndex | None) -> str | None:
    if index is None:
        return None
    for statement in index.statements:
        for other in statement.stat.values():
            reading = reparse(other.text)
            if not reading.group and reading.says(number):
                return None
    if re.search(rf"(?<![\d.]){number:.0f}(?![\d.]\d)", index.text.replace(",", "")):
        return None
    return f"the text says all of a group, but no group of {number:g} is stated"


def _unit_fault(value: Value, reading: Reading) -> str | None:
    if reading.unit == "percent" and value.statistic in _PERCENT_FREE:
        return f"the text is a percentage, the record says {value.statistic}"
    if reading.unit is None or value.unit is None or reading.unit == "percent":
        return None
    unit = unit_of(value.unit)
    if unit is not None and unit != reading.unit:
        return f"the record says {value.unit}, the text says {reading.unit}s"
    return None


def _relation_fault(value: Value, reading: Reading, text: str) -> str | None:
    """Only a printed sign is held against the relation; words ("at least") are many and the rules' business."""
    symbol = reading.relation
    if symbol is None:
        before = text[max(0, value.start - 4) : value.start]
        match = _BEFORE.search(before)
        if match is None:
            return None
        written = match[1].replace(" ", "") if match[1] else ""
        symbol = _SYMBOLS.get(written)
        if written in _CARELESS and value.relation == _CARELESS[written]:
            return None
        if symbol is None:
            plain_equals = match[2] == "=" and text[max(0, value.start - 6) : value.start].count("<") == 0
            if plain_equals and value.relation in ("<", ">", "<=", ">="):
                return f"the record says {value.relation!r}, the text says '='"
            return None
    if symbol != value.relation and {symbol, value.relation} != {"~", "="}:
        return f"the record says {value.relation!r}, the text says {symbol!r}"
    return None


def timepoint_fault(timepoint: Timepoint, text: str) -> str | None:
    """What is wrong with a timepoint's number, unit or months, or None."""
    if not timepoint.start <= timepoint.end <= len(text):
        return "the span is not inside the text"
    unit = unit_of(timepoint.unit)
    factors = MONTHS_PER.get(unit or "")
    if factors and not any(_correctly_rounded(timepoint.months, timepoint.value * factor) for factor in factors):
        return f"{timepoint.value:g} {timepoint.unit} are not {timepoint.months:g} months"
    found = text[timepoint.start : timepoint.end]
    if found != found.strip() or len(found) > MAX_TIMEPOINT_CHARACTERS or _BROKEN.search(found):
        return f"the text there is {found[:MAX_TIMEPOINT_CHARACTERS]!r}"
    if cut := _cut_word(timepoint.start, timepoint.end, text):
        return cut
    reading = reparse(found)
    if reading.value is None or reading.fraction is not None:
        # "at 12, 24 and 36 months" or "the last visit": no single number to hold against it
        numbers = [reparse(number).value for number in re.findall(r"\d+(?:[.·]\d+)?", found)]
        if timepoint.value not in numbers:
            return f"the text says {found!r}"
        return None
    if not reading.says(timepoint.value):
        return f"the record says {timepoint.value:g} {timepoint.unit}, the text says {found!r}"
    if reading.unit and unit and reading.unit != unit:
        return f"the record says {timepoint.unit}, the text says {found!r}"
    return None


def _correctly_rounded(number: float, exact: float) -> bool:
    """Whether `number` is `exact` or a correct rounding of it to two digits or more."""
    return math.isclose(number, exact, rel_tol=1e-15) or any(number == round(exact, digits) for digits in range(2, 12))


def label_fault(labelled: Labelled, text: str) -> str | None:
    """What is wrong with a label that should stand as written at its span, or None; case and spacing are free."""
    if not labelled.start <= labelled.end <= len(text):
        return "the span is not inside the text"
    found = text[labelled.start : labelled.end]
    if found == labelled.label or (found == found.strip() and _plain(found) == _plain(labelled.label)):
        return None
    return f"the record says {labelled.label!r}, the text says {found!r}"


def _plain(label: str) -> str:
    return _LABEL_NOISE.sub(" ", label).lower()


def evidence_fault(statement: Statement, text: str) -> str | None:
    """The evidence must lie in the text and begin and end at a word's edge."""
    evidence = statement.fact.evidence
    start, end = evidence.start, evidence.end
    if not start < end <= len(text):
        return f"evidence {start}-{end} is not inside the text of {len(text)} characters"
    if cut := _cut_word(start, end, text):
        return f"evidence {start}-{end}: {cut}"
    values = statement.fact.values
    if all(value.end <= start or value.start >= end for value in values):
        return f"evidence {start}-{end} holds none of the fact's values"
    return None
