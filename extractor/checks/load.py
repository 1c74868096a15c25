"""Read a record file that people may have edited: its shape must be right, its spans may be wrong.

`Record` refuses to exist with a wrong span, so a check could never say which one it is; `EditedRecord` lets it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from extractor import SCHEMA_VERSION
from extractor.errors import MissingSource, RecordError
from extractor.records.models import Record

MAX_FAULTS_SHOWN = 3


class EditedRecord(Record):
    """A record whose spans and references were not verified; `problems()` lists what is wrong with them."""

    @model_validator(mode="after")
    def _grounded(self) -> EditedRecord:
        return self


def load_record(content: bytes, place: str) -> EditedRecord:
    """The record in `content`; `place` names it in messages.

    Raises RecordError if it is not JSON, not a record, of another schema version, or of a wrong shape.
    """
    try:
        loaded: Any = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise RecordError(f"{place}: not a record: not JSON ({_first_line(error)})") from error
    except RecursionError as error:
        raise RecordError(f"{place}: not a record: JSON nested too deeply") from error
    if not isinstance(loaded, dict) or "schema_version" not in loaded:
        raise RecordError(f"{place}: not a record: no schema_version; give a file that `extractor` wrote")
    version = loaded["schema_version"]
    if version != SCHEMA_VERSION:
        raise RecordError(
            f"{place}: schema version {version!r}, but this program reads {SCHEMA_VERSION!r}; extract the article again"
        )
    try:
        # From the text, not from `loaded`: JSON mode takes lists for tuples, and numbers keep their form.
        return EditedRecord.model_validate_json(json.dumps(loaded))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg']}" for fault in error.errors()]
        shown = "; ".join(faults[:MAX_FAULTS_SHOWN])
        more = f" and {len(faults) - MAX_FAULTS_SHOWN} more" if len(faults) > MAX_FAULTS_SHOWN else ""
        raise RecordError(f"{place}: not a valid record: {shown}{more}") from error


def read_record(path: Path) -> EditedRecord:
    """The record in a file; raises MissingSource or RecordError, each naming the file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingSource(f"{path}: no such record; check the spelling") from error
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error
    return load_record(content, str(path))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]
