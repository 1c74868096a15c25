"""A record that is not grounded cannot be made."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from extractor.records.models import Record, schema

TEXT = "In the examplin group, 12 of 20 women (60%) got well."
VALUES = [
    {"statistic": "count", "value": 12, "start": 23, "end": 25, "text": "12"},
    {"statistic": "percent", "value": 60, "unit": "%", "start": 39, "end": 42, "text": "60%"},
]
FACT = {
    "id": "f1", "kind": "response", "arm": "arm1", "values": VALUES, "evidence": {"start": 0, "end": 53},
    "rule": "count_with_outcome", "confidence": 0.9,
}  # fmt: skip


def sound() -> dict[str, Any]:
    return copy.deepcopy(
        {
            "schema_version": "1.0",
            "extractor": {"version": "0", "rules": "0"},
            "article": {"id": "a", "source": {"format": "text", "sha256": "0" * 64}},
            "text": TEXT,
            "arms": [{"id": "arm1", "label": "examplin", "role": "intervention", "start": 7, "end": 15}],
            "facts": [FACT],
            "checks": [{"name": "grounding", "status": "pass", "message": "all found", "facts": ["f1"]}],
        }
    )


def fact(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = record["facts"][0]
    return found


def test_a_sound_record() -> None:
    record = Record.model_validate(sound())
    assert list(record.problems()) == []
    for value in record.facts[0].values:
        assert record.text[value.start : value.end] == value.text


FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda r: fact(r)["values"][0].update(start=22, end=24), "count '12' is not at 22-24"),
    (lambda r: fact(r)["values"][0].update(text="13"), "count '13' is not at 23-25"),
    (lambda r: fact(r)["values"][0].update(start=23, end=23, text=""), "count '' is not at 23-23"),
    (lambda r: fact(r)["values"][0].update(start=-1), "greater than or equal to 0"),
    (lambda r: fact(r)["values"][0].update(value=float("inf")), "finite number"),
    (lambda r: fact(r)["values"][0].update(value=float("nan")), "finite number"),
    (lambda r: fact(r)["values"][0].update(statistic="guess"), "Input should be 'count'"),
    (lambda r: fact(r).update(values=[]), "at least 1 item"),
    (
        lambda r: fact(r).update(evidence={"start": 0, "end": 54}),
        "f1, evidence: span 0-54 is not inside the text of 53",
    ),
    (lambda r: fact(r).update(evidence={"start": 9, "end": 8}), "f1, evidence: span 9-8"),
    (lambda r: fact(r).update(endpoint={"label": "x", "start": 50, "end": 60}), "f1, endpoint: span 50-60"),
    (lambda r: fact(r).update(population={"label": "x", "start": 50, "end": 60}), "f1, population: span 50-60"),
    (
        lambda r: fact(r).update(timepoint={"value": 1, "unit": "years", "months": 12, "start": 50, "end": 60}),
        "f1, timepoint: span 50-60",
    ),
    (lambda r: fact(r).update(arm="arm2"), "f1 names the arm 'arm2'"),
    (lambda r: fact(r).update(compares=["arm1", "arm3"]), "f1 names the arm 'arm3'"),
    (lambda r: fact(r).update(confidence=1.1), "less than or equal to 1"),
    (lambda r: fact(r).update(event={"term": "rash", "grades": [6]}), "less than or equal to 5"),
    (lambda r: fact(r).update(note="x"), "Extra inputs are not permitted"),
    (lambda r: r["facts"].append(FACT), "two facts have the same id"),
    (lambda r: r["arms"].append(r["arms"][0]), "two arms have the same id"),
    (lambda r: r["arms"][0].update(end=99), "arm 'arm1': span 7-99"),
    (lambda r: r.update(sections=[{"title": "Results", "start": 0, "end": 99}]), "section 'Results': span 0-99"),
    (lambda r: r["checks"][0].update(facts=["f9"]), "check grounding names the fact 'f9'"),
    (lambda r: r["article"]["source"].update(sha256="0" * 63), "should match pattern"),
    (lambda r: r["article"].update(published="April 2024"), "should match pattern"),
    (lambda r: r.update(schema_version="2.0"), "Input should be '1.0'"),
]


@pytest.mark.parametrize(("spoil", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_faults_are_refused(spoil: Callable[[dict[str, Any]], object], message: str) -> None:
    record = sound()
    spoil(record)
    with pytest.raises(ValidationError) as refused:
        Record.model_validate(record)
    assert message in str(refused.value)


def test_records_are_frozen() -> None:
    record = Record.model_validate(sound())
    with pytest.raises(ValidationError, match="frozen"):
        record.text = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        record.facts[0].values[0].value = 13  # type: ignore[misc]


def test_what_is_written_is_read_back() -> None:
    record = Record.model_validate(sound())
    written = record.to_json()
    assert written.endswith("}\n")
    assert Record.model_validate_json(written) == record
    assert Record.model_validate_json(written).to_json() == written


def test_text_outside_ascii_is_written_as_it_is() -> None:
    changed = sound() | {"text": TEXT + " 9·5\u2009µg\U0001d7d7"}
    assert "9·5\u2009µg\U0001d7d7" in Record.model_validate(changed).to_json()


def test_a_value_that_was_not_reached() -> None:
    record = sound()
    record["text"] = "The median was not reached."
    record["arms"], record["checks"] = [], []
    record["facts"] = [
        FACT
        | {
            "arm": None,
            "evidence": {"start": 0, "end": 27},
            "values": [{"statistic": "median", "value": None, "start": 15, "end": 26, "text": "not reached"}],
        }
    ]
    assert json.loads(Record.model_validate(record).to_json())["facts"][0]["values"][0]["value"] is None


def test_the_schema_names_its_dialect() -> None:
    assert schema()["$schema"].endswith("2020-12/schema")
    assert schema()["additionalProperties"] is False
