"""Count hits, false alarms and misses, and say what kind of error they are.

Two modes, both over distinct (document, label, span): `exact` wants the annotators' first and last character, `value`
that the digits of both overlap ("5.1" is a hit for "5.1 months"; a number in words counts whole). Three diagnoses
with value mode: *kind* takes the arms' labels together (what is each number?), *arms* exchanges intervention and
control in every document where that gives more hits (are numbers grouped by arm rightly?), and the documents that
wanted the exchange are *swapped* (which arm is the intervention?).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from extractor.evaluation.entities import Entity, Origin
from extractor.evaluation.labels import Labels
from extractor.spans import Span

Mode = Literal["value", "exact"]
MODES: tuple[Mode, ...] = ("value", "exact")
_DIGITS = re.compile(r"\d(?:[\d.,· \u00a0\u2008\u2009\u202f]*\d)?")
"""A number's digits with what stands inside numbers: points, commas, a middle dot, spaces of every width."""


def numeric_core(text: str, span: Span) -> Span:
    """The first number within a span, without its sign; the span itself if it holds no digit."""
    found = _DIGITS.search(text, span.start, span.end)
    return Span(found.start(), found.end()) if found else span


class Match(NamedTuple):
    """How the entities of one text meet: `hits` are (found, annotated) pairs."""

    hits: tuple[tuple[Entity, Entity], ...]
    false: tuple[Entity, ...]
    missed: tuple[Entity, ...]


def match(annotated: Set[Entity], found: Set[Entity], text: str, mode: Mode) -> Match:
    """Pair entities of the same label from left to right; each is used once."""
    core = {e: e.span if mode == "exact" else numeric_core(text, e.span) for e in annotated | found}
    waiting: dict[str, list[Entity]] = defaultdict(list)
    for entity in sorted(annotated):
        waiting[entity.label].append(entity)
    hits, false = [], []
    for entity in sorted(found):
        place = core[entity]
        for candidate in waiting[entity.label]:
            same = core[candidate] == place if mode == "exact" else place.overlaps(core[candidate])
            if same:
                waiting[entity.label].remove(candidate)
                hits.append((entity, candidate))
                break
        else:
            false.append(entity)
    return Match(tuple(hits), tuple(false), tuple(sorted(e for left in waiting.values() for e in left)))


@dataclass(slots=True)
class Tally:
    """Hits, false alarms, misses."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def add(self, hits: int, false: int, missed: int) -> None:
        """Count on."""
        self.hits += hits
        self.false += false
        self.missed += missed

    @property
    def annotated(self) -> int:
        """Entities that annotators marked."""
        return self.hits + self.missed

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 if nothing was found."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 0.0

    @property
    def recall(self) -> float:
        """Share of what was annotated that was found; 0 if nothing was annotated."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One text: what annotators marked, what was found, and how the two meet under each question."""

    id: str
    text: str
    annotated: frozenset[Entity]
    found: Mapping[Entity, Origin]
    value: Match
    exact: Match
    kind: Match
    """With the labels of both arms merged."""
    arms: Match
    """With intervention and control exchanged in what was found, if `swapped`."""
    swapped: bool


def compare(
    article: str, text: str, annotated: Iterable[Entity], found: Mapping[Entity, Origin], labels: Labels
) -> Compared:
    """Hold what was found in one text against what annotators marked."""
    gold = frozenset(annotated)
    value = match(gold, found.keys(), text, "value")
    turned = match(gold, {_relabelled(e, labels.swapped) for e in found}, text, "value")
    swapped = len(turned.hits) > len(value.hits)
    return Compared(
        article,
        text,
        gold,
        found,
        value=value,
        exact=match(gold, found.keys(), text, "exact"),
        kind=match(
            {_relabelled(e, labels.merged) for e in gold}, {_relabelled(e, labels.merged) for e in found}, text, "value"
        ),
        arms=turned if swapped else value,
        swapped=swapped,
    )


def _relabelled(entity: Entity, names: Mapping[str, str]) -> Entity:
    return Entity(names[entity.label], entity.span)


@dataclass
class Scores:
    """Figures over a whole collection."""

    labels: Labels
    documents: int = 0
    missing: list[str] = field(default_factory=list)
    """Documents without a record, which count as nothing found."""
    value: dict[str, Tally] = field(default_factory=dict)
    exact: dict[str, Tally] = field(default_factory=dict)
    kind: Tally = field(default_factory=Tally)
    arms: Tally = field(default_factory=Tally)
    swapped: int = 0
    with_arms: int = 0
    """Documents in which something was given to an arm."""

    def __post_init__(self) -> None:
        for mode in (self.value, self.exact):
            mode.update({label: Tally() for label in self.labels.names})

    def add(self, compared: Compared) -> None:
        """Count one document."""
        self.documents += 1
        for tallies, outcome in ((self.value, compared.value), (self.exact, compared.exact)):
            for hit, _ in outcome.hits:
                tallies[hit.label].hits += 1
            for entity in outcome.false:
                tallies[entity.label].false += 1
            for entity in outcome.missed:
                tallies[entity.label].missed += 1
        for tally, outcome in ((self.kind, compared.kind), (self.arms, compared.arms)):
            tally.add(len(outcome.hits), len(outcome.false), len(outcome.missed))
        self.swapped += compared.swapped
        self.with_arms += any(self.labels.swapped[e.label] != e.label for e in compared.found)

    def micro(self, mode: Mode = "value") -> Tally:
        """All labels together."""
        total = Tally()
        for tally in (self.value if mode == "value" else self.exact).values():
            total.add(tally.hits, tally.false, tally.missed)
        return total
