"""What the rules that say what a bundle of numbers measures share: the attachment they make, and the article as they
see it, mentions and bundles by sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.population import PopulationMention, find_populations
from extractor.rules.timepoint import TimepointMention

_CONTRAST = terms("statement_words.tsv", "contrast")
TIME_UNITS = frozenset(("years", "months", "weeks", "days", "hours", "minutes"))


@dataclass(slots=True)
class Attachment:
    """What one bundle says. `also` are further statements of the same numbers ("all 10 had X and grade 4 Y")."""

    endpoint: EndpointMention | None = None
    timepoint: TimepointMention | None = None
    population: PopulationMention | None = None
    grades: tuple[int, ...] = ()
    serious: bool = False
    treatment_related: bool = False
    fatal: bool = False
    kind: str = "outcome"
    role: str | None = None
    score: float = 0.0
    """How well the endpoint fits; below 2 it is a guess."""
    also: list[Attachment] = field(default_factory=list)


class StatementScene:
    """What the attachments of one article share: mentions and bundles by sentence, running counts of clause ends."""

    def __init__(
        self,
        layout: Layout,
        bundles: Sequence[Bundle],
        owners: Sequence[int],
        endpoints: Sequence[EndpointMention],
        timepoints: Sequence[TimepointMention],
        arm_mentions: Sequence[tuple[int, int]],
    ) -> None:
        self.layout = layout
        self.bundles = bundles
        self.owners = owners
        self.mentions: dict[int, list[EndpointMention]] = {}
        for m in endpoints:
            self.mentions.setdefault(layout.sentence_of[m.token], []).append(m)
        self.timepoints: dict[int, list[TimepointMention]] = {}
        for t in timepoints:
            self.timepoints.setdefault(t.sentence, []).append(t)
        self.by_sentence: dict[int, list[int]] = {}
        for k, b in enumerate(bundles):
            self.by_sentence.setdefault(b.head.sentence, []).append(k)
        self.arm_tokens = {t for a, b in arm_mentions for t in range(a, b)}
        titled = 0 not in self.by_sentence and len(layout.sentences) > 2
        title = self.mentions.get(0, ()) if titled else ()
        self.title_terms = {m.term for m in title if m.family == "adverse_event"}
        self.primary_terms = {m.term for m in endpoints if m.source == "definition" and m.family == "adverse_event"}
        self.randomized = any(w.startswith("random") or w in ("allocated", "assigned") for w in layout.lower)
        self.breaks: dict[int, list[int]] = {}
        self.people: dict[int, list[PopulationMention]] = {}

    def breaks_of(self, sentence: int) -> list[int]:
        """Tokens at which a clause of the sentence ends: semicolons outside brackets, "whereas", "but"."""
        if sentence not in self.breaks:
            begin, end = self.layout.sentences[sentence]
            lower, depth = self.layout.lower, self.layout.depth
            self.breaks[sentence] = [
                i for i in range(begin, end) if (lower[i] in _CONTRAST or lower[i] == ";") and depth[i] == 0
            ]
        return self.breaks[sentence]

    def semicolons(self, sentence: int, first: int, last: int) -> int:
        """Semicolons outside brackets in tokens first..last."""
        breaks = self.breaks_of(sentence)
        found = breaks[bisect_left(breaks, first) : bisect_left(breaks, last)]
        return sum(1 for i in found if self.layout.lower[i] == ";")

    def populations(self, sentence: int) -> list[PopulationMention]:
        """The restrictions on people in the sentence."""
        if sentence not in self.people:
            self.people[sentence] = find_populations(self.layout, sentence, self.arm_tokens)
        return self.people[sentence]

    def inherited_time(self, sentence: int) -> list[TimepointMention]:
        """The time of a heading above ("Main findings at week 52"), or the one that "at that time" points back to."""
        layout = self.layout
        begin, end = layout.sentences[sentence]
        words = layout.lower[begin:end]
        for i, word in enumerate(words[:-1]):
            if (
                word in ("that", "this", "these")
                and words[i + 1] in ("time", "timepoint", "point", "visit")
                and words[i - 1] == "at"
            ):
                earlier = [t for s in range(max(0, sentence - 4), sentence) for t in self.timepoints.get(s, ())]
                return earlier[-1:]
        for s in range(sentence - 1, max(-1, sentence - 8), -1):
            first, last = layout.sentences[s]
            if (
                last - first <= 9
                and layout.words[last - 1] not in (".", "?", "!")
                and s not in self.by_sentence
                and s > 0
            ):
                return list(self.timepoints.get(s, ()))
        return []


def core_end(bundle: Bundle) -> int:
    """One past the last token of the numbers that stand together: a p-value or interval further on may leave words in
    between that say what was counted ("seven men (P = 0.6)")."""
    end = bundle.head.after
    for m in bundle.members:
        if m.token < end:
            continue
        if m.token - end > 3:
            break
        end = m.after
    return end


def is_duration(bundle: Bundle) -> bool:
    """Whether the value itself is a length of time, as a median survival is."""
    return bundle.kind in ("D", "M") and bundle.head.unit in TIME_UNITS
