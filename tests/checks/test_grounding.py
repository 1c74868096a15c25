"""Every value stands at its place, and nothing altered by a digit gets through."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractor.checks import run_checks
from extractor.checks.grounding import value_fault
from extractor.checks.load import EditedRecord
from extractor.checks.structure import structure_checks
from extractor.records.models import Value

Build = Callable[[str], Any]

TEXT = (
    "Of 1,204 adults, 12·5% had a response after a median of 15.1 months. Ten died within one year (p < 0.001). "
    "All 602 of one group were alive, and two thirds were well."
)


def small(build: Build) -> Any:
    made = build(TEXT)
    made.fact("Of 1,204 adults", "cohort_size", role="enrolled", count="1,204")
    made.fact("Of 1,204 adults, 12·5% had a response", "response", endpoint="response", percent="12·5%")
    made.fact("after a median of 15.1 months", "follow_up", median="15.1 months")
    made.fact("Ten died within one year (p < 0.001)", "death", at="one year", count="Ten")
    made.fact("Ten died within one year (p < 0.001)", "effect", p_value="0.001", relations={"p_value": "<"})
    made.fact("All 602 of one group were alive", "outcome", count="602")
    made.fact("and two thirds were well", "outcome", fraction="two thirds")
    return made


def test_a_sound_record_passes(build: Build) -> None:
    assert small(build).outcome("grounding") == [("pass", "7 comparisons agree")]


def numbers(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every number in the facts, but for confidence, which is a judgement and no quotation."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, entry in entries:
        if isinstance(entry, int | float) and not isinstance(entry, bool):
            if key != "confidence":
                yield (*path, key)
        else:
            yield from numbers(entry, (*path, key))


def altered_digits(number: float) -> Iterator[float]:
    written = repr(number)
    for position, digit in enumerate(written):
        if digit.isdigit():
            for other in "0123456789":
                changed = written[:position] + other + written[position + 1 :]
                if float(changed) != number:
                    yield type(number)(float(changed))


def test_every_digit_altered_anywhere_is_caught(build: Build) -> None:
    original = small(build).as_dict()
    missed = []
    tried = 0
    for path in list(numbers(original["facts"])):
        number = original["facts"]
        for key in path:
            number = number[key]
        for other in altered_digits(number):
            edited = copy.deepcopy(original)
            place = edited["facts"]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = other
            tried += 1
            if not caught(edited):
                missed.append((path, number, other))
    assert tried > 300
    # Evidence may grow or shrink by whole words without a contradiction inside the record; extracting again shows it.
    inside = [(path, text_of(original, path), number, other) for path, number, other in missed if path[1] != "evidence"]
    assert not inside, "\n".join(map(str, inside))


def text_of(record: dict[str, Any], path: tuple[Any, ...]) -> str:
    place = record["facts"]
    for key in path[:-1]:
        place = place[key]
    return str(place)


def caught(edited: dict[str, Any]) -> bool:
    record = EditedRecord.model_validate(edited)
    checked = run_checks(record)
    found = [*checked.checks, *(c for f in checked.facts for c in f.checks), *structure_checks(record)]
    return any(check.status == "fail" for check in found)


@pytest.mark.parametrize("statistic", ["count", "percent", "median"])
def test_altered_text_is_caught(build: Build, statistic: str) -> None:
    edited = small(build).as_dict()
    for fact in edited["facts"]:
        for value in fact["values"]:
            if value["statistic"] == statistic:
                value["text"] = value["text"].translate(str.maketrans("0123456789T", "1234567890t"))
    assert caught(edited)


def value(text: str, written: str, number: float | None, statistic: str = "count", **more: Any) -> tuple[Value, str]:
    start = text.index(written)
    made = Value.model_validate(
        {"statistic": statistic, "value": number, "start": start, "end": start + len(written), "text": written, **more}
    )
    return made, text


SOUND = [
    value("grades 1,2 and 3", "2", 2),
    value("The rate was .05 here", ".05", 0.05, "p_value"),
    value("p<0.05", "0.05", 0.05, "p_value", relation="<"),
    value("p = 0.05", "0.05", 0.05, "p_value"),
    value("about 50% of them", "50%", 50, "percent", relation="~", unit="%"),
    value("12 and 13 percent, respectively", "12", 12, "percent", unit="%"),
    value("median not reached", "not reached", None, "median"),
    value("in 2010. 5 died", "5", 5),
    value("The trial.5 Patients", "5", 5),
    value("for 6 mo", "6 mo", 6, "duration", unit="months"),
]
FAULTY = [
    value("of 1,234 people", "234", 234),
    value("of 12 people", "1", 1),
    value("of 12.5 points", "12", 12),
    value("of 12.5 points", "5", 5),
    value("p<0.05", "0.05", 0.05, "p_value"),
    value("p = 0.05", "0.05", 0.05, "p_value", relation="<"),
    value("p ≤ 0.05", "≤ 0.05", 0.05, "p_value", relation="<"),
    value("for 6 months", "6 months", 6, "duration", unit="years"),
    value("in 54 percent", "54 percent", 54, "count"),
    value("median 12.1 months", "12.1 months", None, "median"),
    value("median not reached", "not reached", 12.0, "median"),
    value("lost −1.2 kg", "−1.2", 1.2, "mean_difference"),
    value("2.20 points", "2.20", 2.21, "mean"),
]


@pytest.mark.parametrize(("made", "text"), SOUND, ids=lambda x: getattr(x, "text", x))
def test_sound_values(made: Value, text: str) -> None:
    assert value_fault(made, text) is None


@pytest.mark.parametrize(("made", "text"), FAULTY, ids=lambda x: getattr(x, "text", x))
def test_faulty_values(made: Value, text: str) -> None:
    assert value_fault(made, text)


def test_all_of_a_group_needs_a_group(build: Build) -> None:
    text = "Of 10 patients all responded."
    made = build(text).fact("Of 10 patients", "cohort_size", role="enrolled", count="10")
    made.fact("all responded", "response", endpoint="responded", count="all", values={"count": 10.0})
    assert made.statuses("grounding") == ["pass"]
    made.facts[1]["values"][0]["value"] = 11.0
    assert made.statuses("grounding") == ["fail"]


def test_timepoint_months_and_labels(build: Build) -> None:
    text = "Overall survival at 2 years was 80%."
    made = build(text).fact(text, "survival", endpoint="Overall survival", code="OS", at="2 years", percent="80%")
    assert made.statuses("grounding") == ["pass"]
    for field, wrong in (("value", 3.0), ("months", 25.0), ("unit", "month")):
        kept = made.facts[0]["timepoint"][field]
        made.facts[0]["timepoint"][field] = wrong
        assert made.statuses("grounding") == ["fail"], field
        made.facts[0]["timepoint"][field] = kept
    made.facts[0]["endpoint"]["start"] += 1
    assert made.statuses("grounding") == ["fail"]
