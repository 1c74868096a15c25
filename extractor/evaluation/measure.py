"""Measure a whole collection: read it, get a record for each text, compare, keep what reports need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from extractor.checks.load import read_record
from extractor.errors import AnnotationError, ExtractorError, UsageError
from extractor.evaluation.brat import AnnotatedText
from extractor.evaluation.calibration import Judged
from extractor.evaluation.entities import annotated_entities, extracted_entities, mentions
from extractor.evaluation.errors import Mistake, mistakes
from extractor.evaluation.labels import Labels
from extractor.evaluation.scores import Compared, Scores, compare
from extractor.records.models import Record
from extractor.sources.raw import RawArticle

RecordOf = Callable[[AnnotatedText], Record | None]
"""Gives the record of a text, None where there is none; raises ExtractorError where making it failed."""
MAX_DOUBTFUL = 0.1
"""Share of entities that may not stand at their place: more means offsets of another kind (bytes, UTF-16)."""


@dataclass
class Evaluation:
    """The figures of a collection, every mistake, and every judged statement."""

    labels: Labels
    scores: Scores
    mistakes: list[Mistake] = field(default_factory=list)
    judged: dict[str, list[Judged]] = field(default_factory=lambda: {"kind": [], "arms": [], "label": []})
    """Per question the confidence of each entity found, and whether it is right: what the number is; that and whose
    it is, roles exchanged where that helps; the label as it is."""
    failures: list[str] = field(default_factory=list)
    """Texts that gave no record, each with the reason."""
    doubts: list[str] = field(default_factory=list)
    """Annotations whose text is not at their place."""
    not_scored: Counter[str] = field(default_factory=Counter)
    """Labels in the files that the mapping does not have."""

    def of_label(self, label: str | None) -> list[Mistake]:
        """The mistakes of a label, of all labels for None."""
        return [m for m in self.mistakes if label is None or m.label == label]


def evaluate(
    collection: Iterable[AnnotatedText],
    record_of: RecordOf,
    labels: Labels,
    advanced: Callable[[AnnotatedText], None] = lambda document: None,
) -> Evaluation:
    """Compare every text with its record; `advanced` is called after each.

    Raises AnnotationError if a record's text is not the annotated text, if no label of the collection is in the
    mapping, or if offsets do not fit the texts.
    """
    outcome = Evaluation(labels, Scores(labels))
    scored = 0
    for document in collection:
        try:
            record = record_of(document)
        except AnnotationError:
            raise
        except ExtractorError as error:
            record = None
            outcome.failures.append(str(error))
        if record is None:
            outcome.scores.missing.append(document.id)
        elif record.text != document.text:
            raise AnnotationError(_other_text(document, record))
        found = mentions(record, labels) if record is not None else ()
        annotated = annotated_entities(document, labels)
        compared = compare(document.id, document.text, annotated, extracted_entities(found), labels)
        outcome.scores.add(compared)
        outcome.mistakes += mistakes(document, compared, found)
        _judge(outcome, compared)
        outcome.doubts += document.doubts
        outcome.not_scored.update(a.label for a in document.annotations if a.label not in labels.canonical)
        scored += len(annotated)
        advanced(document)
    _refuse_strangers(outcome, scored)
    return outcome


def _judge(outcome: Evaluation, compared: Compared) -> None:
    """Note for each entity found whether it is right under each question."""
    labels = outcome.labels
    kind = {entity for entity, _ in compared.kind.hits}
    arms = {entity for entity, _ in compared.arms.hits}
    label = {entity for entity, _ in compared.value.hits}
    for entity, origin in compared.found.items():
        turned = entity._replace(label=labels.swapped[entity.label]) if compared.swapped else entity
        merged = entity._replace(label=labels.merged[entity.label])
        outcome.judged["kind"].append(Judged(origin.confidence, merged in kind))
        outcome.judged["arms"].append(Judged(origin.confidence, turned in arms))
        outcome.judged["label"].append(Judged(origin.confidence, entity in label))


def _refuse_strangers(outcome: Evaluation, scored: int) -> None:
    if not scored and outcome.not_scored:
        met = ", ".join(label for label, _ in outcome.not_scored.most_common(5))
        raise AnnotationError(
            f"none of the labels in these files ({met}) is in the mapping; write a mapping and give it with "
            "--labels (docs/evaluation.md shows how)"
        )
    total = scored + sum(outcome.not_scored.values())
    if len(outcome.doubts) > MAX_DOUBTFUL * total:
        raise AnnotationError(
            f"{outcome.doubts[0]}; so with {len(outcome.doubts)} of {total} annotations: offsets must count "
            "Unicode code points of the .txt file as it is, not bytes or UTF-16 units"
        )


def _other_text(document: AnnotatedText, record: Record) -> str:
    pairs = enumerate(zip(document.text, record.text, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(document.text), len(record.text)))
    return (
        f"{document.path}: the record's text differs from {document.id}.txt from character {place} on, so places "
        "cannot be compared; extract the .txt file itself"
    )


# --- where records come from ---------------------------------------------------------------------------------------


def records_in(folder: Path) -> RecordOf:
    """Records from `folder`, or `folder/records`, by the text's id. Raises UsageError if there are none at all."""
    if not folder.is_dir():
        raise UsageError(f"--pred {folder}: no such folder; give the output of `extractor batch`")
    place = folder / "records" if (folder / "records").is_dir() else folder
    if not any(place.glob("*.json")):
        raise UsageError(f"--pred {folder}: no records in it; give the output of `extractor batch`")

    def record_of(document: AnnotatedText) -> Record | None:
        path = place / f"{document.id}.json"
        return read_record(path) if path.exists() else None

    return record_of


def records_by_extraction() -> RecordOf:
    """Records made from the texts now. Raises LexiconError if a lexicon is malformed."""
    from extractor.extract import Extractor

    extractor = Extractor()

    def record_of(document: AnnotatedText) -> Record | None:
        path = document.path.with_suffix(".txt")
        raw = RawArticle(path.read_bytes(), name=document.id, path=str(path))
        records = extractor.records(raw)
        if len(records) != 1:
            raise AnnotationError(f"{path}: holds {len(records)} articles; an annotated text is one")
        return records[0]

    return record_of
