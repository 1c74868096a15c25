"""What annotators marked and what a record says, as the same thing: a label at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from extractor.evaluation.brat import AnnotatedText
from extractor.evaluation.labels import Labels
from extractor.records.models import Fact, Record
from extractor.spans import Span


class Entity(NamedTuple):
    """A number with its label; `span` counts code points into the text."""

    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Origin:
    """What in the record gave an entity, or would have if the label were scored."""

    fact: str
    kind: str
    statistic: str
    arm: str | None
    """The label of the arm, None for the whole study."""
    role: str
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A value of a record: its place, its label if it has one, and where it comes from."""

    span: Span
    label: str | None
    origin: Origin


def annotated_entities(document: AnnotatedText, labels: Labels) -> frozenset[Entity]:
    """The distinct scored entities of a text; one in several pieces counts with its first."""
    return frozenset(
        Entity(labels.canonical[a.label], a.span) for a in document.annotations if a.label in labels.canonical
    )


def mentions(record: Record, labels: Labels) -> tuple[Mention, ...]:
    """Every value of the record, labelled where the mapping has a label for it."""
    arms = {arm.id: arm for arm in record.arms}
    found = []
    for fact in record.facts:
        arm = arms.get(fact.arm) if fact.arm is not None else None
        role = "none" if fact.arm is None else arm.role if arm is not None else "unknown"
        for value in fact.values:
            label = labels.of(fact.kind, value.statistic, role)
            origin = _origin(fact, value.statistic, arm.label if arm else fact.arm, role)
            found.append(Mention(Span(value.start, value.end), label, origin))
    return tuple(found)


def extracted_entities(found: tuple[Mention, ...]) -> dict[Entity, Origin]:
    """The distinct labelled entities; the most confident fact speaks for one that several facts state."""
    entities: dict[Entity, Origin] = {}
    for mention in found:
        if mention.label is not None:
            entity = Entity(mention.label, mention.span)
            if entity not in entities or entities[entity].confidence < mention.origin.confidence:
                entities[entity] = mention.origin
    return entities


def _origin(fact: Fact, statistic: str, arm: str | None, role: str) -> Origin:
    return Origin(fact.id, fact.kind, statistic, arm, role, fact.rule, fact.confidence)
