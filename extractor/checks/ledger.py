"""Where a check writes what it found, and how that becomes the record's `checks`."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extractor.records.models import Check

Severity = Literal["fail", "warn"]


class CheckInfo(NamedTuple):
    """What a check is: `severity` is the worst it can say, `formula` what it computes, `source` where that is from."""

    name: str
    question: str
    formula: str
    source: str
    severity: Severity


class Ledger:
    """The findings of one check on one record. `passed` counts what agreed, without a line for each."""

    __slots__ = ("about_facts", "about_record", "name", "note", "passed_count", "passed_facts")

    def __init__(self, name: str) -> None:
        self.name = name
        self.note: str | None = None
        self.passed_count = 0
        self.passed_facts: dict[str, None] = {}
        self.about_facts: list[tuple[str, Check]] = []
        self.about_record: list[Check] = []

    def passed(self, *facts: str) -> None:
        """One comparison that agrees."""
        self.passed_count += 1
        for fact in facts:
            self.passed_facts[fact] = None

    def warn(self, message: str, *facts: str) -> None:
        """One that is doubtful."""
        self._add("warn", message, facts)

    def fail(self, message: str, *facts: str) -> None:
        """One that can't be true."""
        self._add("fail", message, facts)

    def report(self, severity: Severity, message: str, *facts: str) -> None:
        """`warn` or `fail` by name."""
        self._add(severity, message, facts)

    def _add(self, severity: Severity, message: str, facts: tuple[str, ...]) -> None:
        check = Check(name=self.name, status=severity, message=message, facts=facts)
        if len(facts) == 1:
            self.about_facts.append((facts[0], check))
        else:
            self.about_record.append(check)

    def summary(self) -> Check | None:
        """One `pass` for everything that agreed, or None where the check did not apply. `note` replaces its message."""
        if not self.passed_count:
            return None
        message = self.note
        if message is None:
            message = "1 comparison agrees" if self.passed_count == 1 else f"{self.passed_count} comparisons agree"
        return Check(name=self.name, status="pass", message=message, facts=tuple(self.passed_facts))
