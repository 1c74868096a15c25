"""Collect misses and false alarms, each with its context and what stands there instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.evaluation.brat import AnnotatedText
from extractor.evaluation.entities import Entity, Mention, Origin
from extractor.evaluation.scores import Compared, numeric_core
from extractor.spans import Span

Tag = Literal["missed", "false"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One miss (annotated, not found) or false alarm (found, not annotated) under value match."""

    tag: Tag
    article: str
    label: str
    span: Span
    text: str
    """The whole text."""
    annotated: tuple[Entity, ...]
    """All that was annotated in the text, labels that are not scored included."""
    found: tuple[Mention, ...]
    """All values of the text's record."""
    instead: tuple[str, ...]
    """Short sentences: what the other side says of this place."""

    @property
    def quoted(self) -> str:
        """The words of the span."""
        return self.span.of(self.text)

    def context(self, before: int = 90, after: int = 60) -> tuple[str, str]:
        """So many characters on either side, without line breaks."""
        left = self.text[max(0, self.span.start - before) : self.span.start]
        right = self.text[self.span.end : self.span.end + after]
        return _one_line(left), _one_line(right)


def mistakes(document: AnnotatedText, compared: Compared, found: Sequence[Mention]) -> list[Mistake]:
    """The mistakes of one text in the order of the text, misses before false alarms at the same place."""
    marked = tuple(Entity(a.label, fragment) for a in document.annotations for fragment in a.fragments)
    notes = {a.span: a.notes for a in document.annotations if a.notes}

    def mistake(tag: Tag, entity: Entity, instead: Iterable[str]) -> Mistake:
        told = (*instead, *(f"note: {words}" for words in notes.get(entity.span, ())))
        return Mistake(tag, document.id, entity.label, entity.span, document.text, marked, tuple(found), told)

    listed = [mistake("missed", e, _found_there(document.text, e, found)) for e in compared.value.missed]
    for entity in compared.value.false:
        listed.append(
            mistake(
                "false", entity, [described(compared.found[entity]), *_annotated_there(document.text, entity, marked)]
            )
        )
    return sorted(listed, key=lambda m: (m.span, m.tag == "false", m.label))


def described(origin: Origin) -> str:
    """What the record says: "percent of response in arm 'placebo' (control); rule count_with_outcome, 0.87"."""
    whose = "no arm" if origin.role == "none" else f"arm {origin.arm!r} ({origin.role})"
    return f"{origin.fact}: {origin.statistic} of {origin.kind}, {whose}; rule {origin.rule}, {origin.confidence:.2f}"


def _found_there(text: str, entity: Entity, found: Sequence[Mention]) -> list[str]:
    core = numeric_core(text, entity.span)
    told = [described(m.origin) for m in found if numeric_core(text, m.span).overlaps(core)]
    return told or ["no value of the record stands there"]


def _annotated_there(text: str, entity: Entity, marked: Sequence[Entity]) -> list[str]:
    core = numeric_core(text, entity.span)
    labels = dict.fromkeys(other.label for other in marked if other.span.overlaps(core))
    return [f"annotated as {', '.join(labels)}"] if labels else ["not annotated"]


def _one_line(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ")
