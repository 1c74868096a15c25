"""What `extractor check` found, in the form that a person or a program asked for.

`CheckedRecord` is what every format is made from; each format has a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from extractor.checks.comparison import Comparison
from extractor.records.models import Check, Fact, Record

Format = Literal["json", "html", "sarif", "junit"]
FORMATS: tuple[Format, ...] = ("json", "html", "sarif", "junit")
_ORDER = {"fail": 0, "warn": 1, "skip": 2, "pass": 3}
_UNSHOWN = (
    (0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0xFFFE, 0xFFFF),  # control characters, not in XML
    (0xD800, 0xDFFF),  # lone surrogates
    (0x202A, 0x202E), (0x2066, 0x2069),  # signs that turn the reading direction round
)  # fmt: skip
_CONTROL = dict.fromkeys((code for first, last in _UNSHOWN for code in range(first, last + 1)), "\ufffd")


@dataclass(frozen=True)
class CheckedRecord:
    """A record after its checks ran. `place` is the record's file as the user named it; `comparison` is there if it
    was held against `study`."""

    place: str
    record: Record
    comparison: Comparison | None = None
    study: Record | None = None


@dataclass(frozen=True)
class Finding:
    """One outcome with what it speaks of. `quote` is the evidence of its first fact, "" for the article as a whole;
    `start` and `end` are that evidence's span."""

    status: Literal["pass", "warn", "fail", "skip"]
    name: str
    message: str
    facts: tuple[str, ...]
    quote: str
    start: int | None
    end: int | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "status": self.status, "name": self.name, "message": self.message, "facts": list(self.facts),
            "quote": self.quote or None, "start": self.start, "end": self.end,
        }  # fmt: skip


def findings(record: Record) -> list[Finding]:
    """Every check of the record and its facts: failures first, then doubts, in the order of the checks."""
    by_id = {fact.id: fact for fact in record.facts}
    found: list[Finding] = []
    for check in record.checks:
        found.append(_finding(record, check, by_id, None))
    for fact in record.facts:
        found.extend(_finding(record, check, by_id, fact) for check in fact.checks)
    return sorted(found, key=lambda finding: _ORDER[finding.status])


def _finding(record: Record, check: Check, by_id: dict[str, Fact], fact: Fact | None) -> Finding:
    about = fact or next((by_id[f] for f in check.facts if f in by_id), None)
    ids = check.facts or ((fact.id,) if fact else ())
    if about is None or check.status == "pass":
        return Finding(check.status, check.name, check.message, ids, "", None, None)
    start, end = about.evidence.start, min(about.evidence.end, len(record.text))
    quote = " ".join(record.text[start:end].split())
    return Finding(check.status, check.name, check.message, ids, quote, start, end)


def failed(checked: CheckedRecord) -> bool:
    """Whether any check of the record failed."""
    record = checked.record
    return any(c.status == "fail" for c in record.checks) or any(
        c.status == "fail" for f in record.facts for c in f.checks
    )


def plain(text: str) -> str:
    """`text` without control characters, which could move a terminal's cursor or break XML, and without the signs that
    turn the reading direction round."""
    return text.translate(_CONTROL)


def render(checked: Sequence[CheckedRecord], wanted: Format) -> str:
    """The report as text in one of `FORMATS`; the same input gives the same characters."""
    if wanted == "json":
        return as_json(checked)
    if wanted == "html":
        from extractor.outputs.check_report_html import as_html

        return as_html(checked)
    if wanted == "sarif":
        from extractor.outputs.check_report_sarif import as_sarif

        return as_sarif(checked)
    from extractor.outputs.check_report_junit import as_junit

    return as_junit(checked)


def as_json(checked: Sequence[CheckedRecord]) -> str:
    """A list with one object for each record: its findings, and the comparison with its study."""
    return json.dumps([_as_dict(one) for one in checked], ensure_ascii=False, indent=1) + "\n"


def _as_dict(checked: CheckedRecord) -> dict[str, Any]:
    found = findings(checked.record)
    made: dict[str, Any] = {
        "record": checked.place,
        "id": checked.record.article.id,
        "failed": failed(checked),
        "counts": {status: sum(f.status == status for f in found) for status in _ORDER},
        "checks": [finding.as_dict() for finding in found],
    }
    if checked.comparison is not None and checked.study is not None:
        made["against"] = {
            "id": checked.study.article.id,
            "numbers": [_named(number) for number in checked.comparison.numbers],
            "left_out": [_named(missing) for missing in checked.comparison.left_out],
            "spin": [check.model_dump(mode="json") for check in checked.comparison.spin],
        }
    return made


def _named(row: Any) -> dict[str, Any]:
    """A named tuple as a mapping, its spans as [start, end]."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row._asdict().items()}
