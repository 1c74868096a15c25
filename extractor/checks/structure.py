"""Does a record read from a file hang together: spans inside its text, arms and facts that exist, cells of its tables?

Records made by the program can't fail this; records edited by hand can.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractor.checks.grounding import label_fault
from extractor.checks.ledger import CheckInfo
from extractor.records.models import Check, Labelled, Record

CHECK = CheckInfo(
    name="structure",
    question="Do all spans lie in the text, do the arms and facts named exist, do table cells stand at their place?",
    formula="0 <= start <= end <= len(text); ids resolve; each table cell occurs within its table's span",
    source="CONTRACT: the record",
    severity="fail",
)


def structure_checks(record: Record) -> Iterator[Check]:
    """One `fail` for each fault, or one `pass`."""
    sound = True
    for fault in (*record.problems(), *_tables(record), *_labels(record)):
        sound = False
        yield Check(name=CHECK.name, status="fail", message=fault)
    if sound:
        yield Check(name=CHECK.name, status="pass", message="all spans and references resolve")


def _tables(record: Record) -> Iterator[str]:
    for table in record.tables:
        text = record.text[table.start : table.end]
        missing = [cell for row in table.rows for cell in row if cell and cell not in text]
        if missing:
            yield f"table {table.id!r}: the cell {missing[0]!r} is not within {table.start}-{table.end}"


def _labels(record: Record) -> Iterator[str]:
    study = record.study
    labels = [("conditions", label) for label in study.conditions]
    for name in ("design", "phase", "randomized", "blinding", "setting"):
        label = getattr(study, name)
        if isinstance(label, Labelled):
            labels.append((name, label))
    for name, label in labels:
        if not label.start <= label.end <= len(record.text):
            yield f"study.{name}: span {label.start}-{label.end} is not inside the text"
        elif _digits(label.label) and (fault := label_fault(label, record.text)):
            yield f"study.{name} at {label.start}-{label.end}: {fault}"
    for arm in record.arms:
        written = Labelled(label=arm.label, start=arm.start, end=arm.end)
        if arm.end <= len(record.text) and _digits(arm.label) and (fault := label_fault(written, record.text)):
            yield f"arm {arm.id!r} at {arm.start}-{arm.end}: {fault}"


def _digits(label: str) -> bool:
    """Labels without digits may be normalised ("phase III" for "Phase 3 trial" has one)."""
    return any(char.isdigit() for char in label)
