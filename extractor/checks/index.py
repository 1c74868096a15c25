"""One pass over a record's facts, from which every check reads; built once a record because checks run on each.

A `Statement` is a fact with its values by statistic. A fact that holds one statistic twice keeps the first; such
facts are listed in `repeated` so that a check can leave them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from extractor.checks.interval import Interval, of_reading
from extractor.checks.reparse import Reading, reparse
from extractor.checks.thresholds import NEAR_CHARACTERS
from extractor.records.models import Fact, Record, Value

GroupKey = tuple[str | None, str | None]
"""(arm id, population label in lower case) of a statement."""


class Statement:
    """A fact and its values by statistic."""

    __slots__ = ("fact", "repeated", "stat")

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        stat: dict[str, Value] = {}
        self.repeated = False
        for value in fact.values:
            if value.statistic in stat:
                self.repeated = True
            else:
                stat[value.statistic] = value
        self.stat = stat

    @property
    def id(self) -> str:
        """The fact's id."""
        return self.fact.id

    @property
    def group(self) -> GroupKey:
        """Whom the statement is about."""
        population = self.fact.population
        return self.fact.arm, population.label.lower() if population else None

    @property
    def months(self) -> float | None:
        """The timepoint in months, or None."""
        return self.fact.timepoint.months if self.fact.timepoint else None

    def number(self, statistic: str) -> float | None:
        """The value of `statistic` when it is printed as an exact number, else None ("<", "~" and null are not)."""
        value = self.stat.get(statistic)
        return value.value if value is not None and value.relation == "=" else None

    def interval(self, statistic: str, about: float = 0.0) -> Interval | None:
        """What the printed value of `statistic` may stand for, or None where it is absent or null."""
        value = self.stat.get(statistic)
        if value is None or value.value is None:
            return None
        return of_reading(reparse(value.text), value.value, value.relation, about)

    def reading(self, statistic: str) -> Reading:
        """How the text of `statistic` reads."""
        return reparse(self.stat[statistic].text)


class RecordIndex:
    """What the checks look up about one record; see the module's docstring."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.text = record.text
        self.statements = [Statement(fact) for fact in record.facts]
        self.by_kind: dict[str, list[Statement]] = {}
        self.with_stat: dict[str, list[Statement]] = {}
        for statement in self.statements:
            self.by_kind.setdefault(statement.fact.kind, []).append(statement)
            for statistic in statement.stat:
                self.with_stat.setdefault(statistic, []).append(statement)

    def kind(self, *kinds: str) -> Iterator[Statement]:
        """The statements of these kinds, in the order of the kinds."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    def having(self, *statistics: str) -> Iterator[Statement]:
        """The statements that hold all of these statistics."""
        first, *others = statistics
        for statement in self.with_stat.get(first, ()):
            if all(other in statement.stat for other in others):
                yield statement

    @cached_property
    def sizes(self) -> dict[str | None, list[tuple[str | None, float, str]]]:
        """Arm id (None: the whole study) to the sizes stated of it as (role, people, fact id); subgroups left out."""
        sizes: dict[str | None, list[tuple[str | None, float, str]]] = {}
        for statement in self.kind("cohort_size"):
            count = statement.number("count")
            if count is not None and statement.fact.population is None:
                sizes.setdefault(statement.fact.arm, []).append((statement.fact.role, count, statement.id))
        return sizes

    @cached_property
    def largest_group(self) -> float | None:
        """The largest number of people that the record states, or None when it states none."""
        numbers = [count for group in self.sizes.values() for _, count, _ in group]
        numbers += [n for s in self.having("denominator") if (n := s.number("denominator")) is not None]
        return max(numbers, default=None)

    def evidence(self, statement: Statement) -> str:
        """The sentence or cell that states the fact."""
        return self.text[statement.fact.evidence.start : statement.fact.evidence.end]

    def near(self, first: Value, second: Value) -> bool:
        """Whether two values are printed side by side: few characters and no other digit between them."""
        start, end = min(first.end, second.end), max(first.start, second.start)
        gap = self.text[start:end]
        return len(gap) <= NEAR_CHARACTERS and not any(char.isdigit() for char in gap) and ";" not in gap

    def arm_label(self, arm: str | None) -> str:
        """How to call the group in a message."""
        for known in self.record.arms:
            if known.id == arm:
                return known.label
        return "the whole study" if arm is None else arm
