"""Files that are no records, and records that were edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.checks import run_checks
from extractor.checks.load import load_record, read_record
from extractor.checks.structure import structure_checks
from extractor.errors import MissingSource, RecordError

Build = Callable[[str], Any]
TEXT = "Of 40 patients, 12 (30%) responded."


def sound(build: Build) -> dict[str, Any]:
    made: dict[str, Any] = build(TEXT).fact(TEXT, "response", endpoint="responded", count="12", percent="30%").as_dict()
    return made


def loaded(record: Any) -> Any:
    return load_record(json.dumps(record).encode(), "r.json")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"), (b"\xff\xfe\x00", "not JSON"), (b"<html>", "not JSON"), (b"[1]", "no schema_version"),
        (b"42", "no schema_version"), (b"{}", "no schema_version"), (b"[" * 100_000, "not a record"),
        (b'{"schema_version": "0.9"}', "'0.9'"), (b'{"schema_version": 1}', "schema version 1"),
        (b'{"schema_version": "1.0"}', "Field required"),
    ],
)  # fmt: skip
def test_no_record(content: bytes, told: str) -> None:
    with pytest.raises(RecordError, match=r"r\.json") as raised:
        load_record(content, "r.json")
    assert told in str(raised.value)


@pytest.mark.parametrize("start", [-1, "x", 1.5, None])
def test_a_span_that_is_no_offset(build: Build, start: Any) -> None:
    record = sound(build)
    record["facts"][0]["values"][0]["start"] = start
    with pytest.raises(RecordError, match=r"facts\.0\.values\.0\.start"):
        loaded(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("facts", 0, "values", 0, "end"), 10_000), (("facts", 0, "values", 0, "start"), 10**30),
        (("facts", 0, "evidence", "end"), 10_000),
        (("facts", 0, "arm"), "nobody"), (("facts", 0, "evidence", "start"), 9_999),
        (("facts", 0, "endpoint", "start"), 9_999), (("text",), ""),
    ],
)  # fmt: skip
def test_a_record_pointing_outside_is_a_failed_check(build: Build, path: tuple[Any, ...], value: Any) -> None:
    record = sound(build)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    edited = loaded(record)
    checked = run_checks(edited)
    found = [*structure_checks(edited), *checked.checks, *(c for f in checked.facts for c in f.checks)]
    assert any(check.status == "fail" for check in found)


def test_unknown_fields_and_values_are_named(build: Build) -> None:
    record = sound(build)
    record["facts"][0]["kind"] = "rumour"
    with pytest.raises(RecordError, match=r"facts\.0\.kind"):
        loaded(record)


def test_files(tmp_path: Path, build: Build) -> None:
    with pytest.raises(MissingSource, match=r"none\.json"):
        read_record(tmp_path / "none.json")
    with pytest.raises(RecordError, match="cannot be read"):
        read_record(tmp_path)
    (tmp_path / "r.json").write_text("\ufeff" + json.dumps(sound(build)), encoding="utf-8")
    assert read_record(tmp_path / "r.json").text == TEXT
