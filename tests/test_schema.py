import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from extractor.outputs.schemas import schemas, write_schemas

COMMITTED = Path(__file__).resolve().parent.parent / "schemas"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((COMMITTED / name).read_text(encoding="utf-8")))


def test_the_committed_schemas_are_those_of_the_models(tmp_path: Path) -> None:
    written = {path.name: path.read_bytes() for path in write_schemas(tmp_path)}
    committed = {path.name: path.read_bytes() for path in COMMITTED.iterdir()}
    assert committed == written, "run `make schemas` and commit the result"


@pytest.mark.parametrize("name", sorted(schemas()))
def test_each_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((COMMITTED / name).read_text(encoding="utf-8")))


def test_every_record_of_a_batch_is_valid(fixture_batch: Path) -> None:
    valid = validator("record.schema.json")
    paths = sorted((fixture_batch / "records").glob("*.json"))
    assert len(paths) >= 16
    for path in paths:
        assert [error.message for error in valid.iter_errors(json.loads(path.read_bytes()))] == [], path.name


def test_every_line_of_a_manifest_is_valid(fixture_batch: Path) -> None:
    valid = validator("manifest.schema.json")
    for line in (fixture_batch / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        assert [error.message for error in valid.iter_errors(json.loads(line))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.update(unknown=1),
        lambda record: record.pop("text"),
        lambda record: record["article"]["source"].update(sha256="short"),
        lambda record: record.update(schema_version="0.9"),
        lambda record: record["sections"].append({"title": "x", "start": -1, "end": 2}),
    ],
)
def test_a_spoilt_record_is_not(fixture_batch: Path, spoil: Any) -> None:
    record = json.loads(next(iter(sorted((fixture_batch / "records").glob("*.json")))).read_bytes())
    assert validator("record.schema.json").is_valid(record)
    spoil(record)
    assert not validator("record.schema.json").is_valid(record)
