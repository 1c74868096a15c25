"""What the rules that say what a bundle of numbers measures share: the attachment they make, and the article as they
see it, mentions and bundles by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.endpoint_phrase import SentenceView
from extractor.rules.layout import Layout
from extractor.rules.population import PopulationMention, find_populations
from extractor.rules.timepoint import TimepointMention

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
    probability: float | None = None
    """Of the endpoint, as `endpoint_choice` gives it; None where nothing was to be chosen."""
    also: list[Attachment] = field(default_factory=list)


class StatementScene:
    """What the attachments of one article share: mentions and bundles by sentence."""

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
        lengths = {n.index for b in bundles if b.kind in ("D", "M") for n in b.members}
        for t in timepoints:
            if lengths.isdisjoint(t.numbers):
                self.timepoints.setdefault(t.sentence, []).append(t)
        self.by_sentence: dict[int, list[int]] = {}
        for k, b in enumerate(bundles):
            self.by_sentence.setdefault(b.head.sentence, []).append(k)
        self.arm_tokens = {t for a, b in arm_mentions for t in range(a, b)}
        titled = 0 not in self.by_sentence and len(layout.sentences) > 2
        title = self.mentions.get(0, ()) if titled else ()
        self.title_terms = {m.term for m in title if m.family == "adverse_event"}
        self.primary_terms = {m.term for m in endpoints if m.source == "definition" and m.family == "adverse_event"}
        self.randomized = _RANDOM.search(layout.text) is not None or not _ALLOTTED.isdisjoint(layout.lower)
        self.views: dict[int, SentenceView] = {}
        self.people: dict[int, list[PopulationMention]] = {}

    def populations(self, sentence: int) -> list[PopulationMention]:
        """The restrictions on people in the sentence."""
        if sentence not in self.people:
            self.people[sentence] = find_populations(self.layout, sentence, self.arm_tokens)
        return self.people[sentence]


_RANDOM = re.compile(r"\brandom", re.IGNORECASE)
_ALLOTTED = frozenset(("allocated", "assigned"))
_IN_CORE = frozenset(
    ("ci", "confidence", "interval", "sd", "se", "sem", "iqr", "range", "to", "and", "or", "of", "n", "p", "mean",
     "median", "percent", "out", "in", "the", "from", "i.e")
)  # fmt: skip


def core_end(layout: Layout, bundle: Bundle) -> int:
    """One past the last token of the numbers that stand together: a p-value or interval further on may leave words in
    between that say what was counted ("seven men (P = 0.6)", "47% for PFS (95% CI, 34 to 59)")."""
    end = bundle.head.after
    for m in bundle.members:
        if m.token < end:
            continue
        gap = layout.lower[end : m.token]
        if len(gap) > _MAX_IN_CORE or any(w[0].isalpha() and w not in _IN_CORE for w in gap):
            break
        end = m.after
    return end


_MAX_IN_CORE = 3


def is_duration(bundle: Bundle) -> bool:
    """Whether the value itself is a length of time, as a median survival is."""
    return bundle.kind in ("D", "M") and bundle.head.unit in TIME_UNITS
