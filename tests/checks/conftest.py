"""A builder of small records: values are found in the text by the order in which they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from extractor.checks import run_checks
from extractor.checks.reparse import reparse, unit_of
from extractor.records.models import Record

MONTHS = {"year": 12.0, "month": 1.0, "week": 12 / 52.18, "day": 12 / 365.25}


class RecordBuilder:
    """`fact(sentence, kind, statistic="text", ...)` finds each text in its sentence, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.facts: list[dict[str, Any]] = []
        self.arms: list[dict[str, Any]] = []

    def arm(self, id: str, label: str, role: str) -> RecordBuilder:
        start = self.text.index(label)
        self.arms.append({"id": id, "label": label, "role": role, "start": start, "end": start + len(label)})
        return self

    def _span(self, written: str, lo: int, hi: int) -> tuple[int, int]:
        edge = r"(?<!\d)(?<!\d[.·])" if written[0].isdigit() else ""
        close = r"(?![.·]?\d)" if written[-1].isdigit() else ""
        found = re.search(edge + re.escape(written) + close, self.text[lo:hi])
        assert found, f"{written!r} is not in {self.text[lo:hi]!r}"
        return lo + found.start(), lo + found.end()

    def fact(
        self,
        sentence: str,
        kind: str,
        *,
        arm: str | None = None,
        role: str | None = None,
        endpoint: str | None = None,
        code: str | None = None,
        at: str | None = None,
        population: str | None = None,
        event: dict[str, Any] | None = None,
        compares: tuple[str, str] | None = None,
        relations: dict[str, str] | None = None,
        unit: str | None = None,
        values: dict[str, float | None] | None = None,
        **texts: str,
    ) -> RecordBuilder:
        lo = self.text.index(sentence)
        hi = lo + len(sentence)
        made: list[dict[str, Any]] = []
        cursor: dict[str, int] = {}
        for statistic, written in texts.items():
            begin = max(cursor.values(), default=lo)
            try:
                start, end = self._span(written, begin, hi)
            except AssertionError:
                start, end = self._span(written, lo, hi)
            cursor[statistic] = end
            reading = reparse(written)
            value = (values or {}).get(statistic, reading.value) if not reading.not_reached else None
            if reading.fraction and statistic != "fraction" and value is not None and statistic == "percent":
                value *= 100
            made.append(
                {
                    "statistic": statistic, "value": value, "unit": unit or reading.unit, "start": start, "end": end,
                    "text": self.text[start:end], "relation": (relations or {}).get(statistic, "="),
                }
            )  # fmt: skip
        fact: dict[str, Any] = {
            "id": f"f{len(self.facts) + 1}", "kind": kind, "arm": arm, "role": role, "event": event, "values": made,
            "evidence": {"start": lo, "end": hi}, "rule": "by_hand", "confidence": 1.0, "compares": compares,
        }  # fmt: skip
        for name, label in (("endpoint", endpoint), ("population", population)):
            if label:
                start, end = self._span(label, lo, hi)
                fact[name] = {"label": label, "start": start, "end": end}
        if code:
            fact.setdefault("endpoint", {"label": sentence, "start": lo, "end": hi})["code"] = code
        if at:
            start, end = self._span(at, lo, hi)
            reading = reparse(at)
            time_unit = unit_of(reading.unit or "") or "month"
            number = reading.value or 0.0
            fact["timepoint"] = {
                "value": number, "unit": time_unit, "months": number * MONTHS[time_unit], "start": start, "end": end,
            }  # fmt: skip
        self.facts.append(fact)
        return self

    def as_dict(self) -> dict[str, Any]:
        return {
            "schema_version": "1.0",
            "extractor": {"version": "0", "rules": "hand"},
            "article": {"id": "a", "source": {"path": "a.txt", "format": "text", "sha256": "0" * 64}},
            "text": self.text,
            "arms": self.arms,
            "facts": self.facts,
        }

    def record(self) -> Record:
        return Record.model_validate(self.as_dict())

    def outcome(self, name: str) -> list[tuple[str, str]]:
        """(status, message) of every finding of one check."""
        checked = run_checks(self.record())
        found = [*checked.checks, *(check for fact in checked.facts for check in fact.checks)]
        return [(check.status, check.message) for check in found if check.name == name]

    def statuses(self, name: str) -> list[str]:
        return [status for status, _ in self.outcome(name)]


@pytest.fixture
def build() -> Callable[[str], RecordBuilder]:
    return RecordBuilder
