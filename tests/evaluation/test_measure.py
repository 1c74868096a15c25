"""A collection held against records: figures, mistakes with what stands there instead, refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import AnnotationError, RecordError, UsageError
from extractor.evaluation.brat import read_collection
from extractor.evaluation.labels import Labels, parse, read_labels
from extractor.evaluation.measure import Evaluation, evaluate, records_by_extraction, records_in
from extractor.evaluation.report import highlighted


def measured(gold: Path, pred: Path, labels: Labels | None = None) -> Evaluation:
    return evaluate(read_collection(gold), records_in(pred), labels or read_labels())


def test_a_perfect_record(gold: Path, written: Callable[..., Path], study: Any) -> None:
    outcome = measured(gold, written(study.perfect()))
    assert outcome.scores.micro().f1 == 1
    # the first percentage is annotated without its sign and found with it
    assert outcome.scores.exact["iv-bin-percent"].hits == 0
    assert outcome.scores.exact["cv-bin-percent"].hits == 1
    assert outcome.scores.micro("exact").f1 == pytest.approx(6 / 7)
    assert outcome.mistakes == []
    assert outcome.not_scored == {"outcome": 1}
    assert len(outcome.judged["label"]) == 7
    assert all(judged.right for rows in outcome.judged.values() for judged in rows)


def test_mistakes_say_what_stands_there_instead(gold: Path, written: Callable[..., Path], study: Any) -> None:
    facts = study.perfect()
    facts[4]["arm"] = "one"  # the control's count and percentage go to the intervention
    del facts[0]
    facts.append(study.fact("cohort_size", None, study.value("zelprine", "count"), confidence=0.4))
    outcome = measured(gold, written(facts))
    assert [(m.tag, m.label, m.quoted) for m in outcome.mistakes] == [
        ("missed", "total-participants", "80"),
        ("false", "total-participants", "zelprine"),
        ("missed", "cv-bin-abs", "10"),
        ("false", "iv-bin-abs", "10"),
        ("missed", "cv-bin-percent", "25%"),
        ("false", "iv-bin-percent", "25%"),
    ]
    told = [" | ".join(m.instead) for m in outcome.mistakes]
    assert told[0] == "no value of the record stands there"
    assert told[1] == "f5: count of cohort_size, no arm; rule by_hand, 0.40 | not annotated"
    assert told[2] == "f4: count of outcome, arm 'one' (intervention); rule by_hand, 0.90"
    assert told[3] == f"{told[2]} | annotated as cv-bin-abs"
    assert outcome.of_label("cv-bin-abs") == [outcome.mistakes[2]]
    right = {question: sum(j.right for j in rows) for question, rows in outcome.judged.items()}
    # of seven: "zelprine" is wrong throughout; the two of the control are what they are, but not whose
    assert right == {"kind": 6, "arms": 4, "label": 4}
    assert outcome.scores.missing == []


def test_exchanged_roles_are_right_but_for_the_label(gold: Path, written: Callable[..., Path], study: Any) -> None:
    facts = study.perfect()
    for fact in facts:
        fact["arm"] = {"one": "two", "two": "one"}.get(fact["arm"])
    outcome = measured(gold, written(facts))
    right = {question: sum(j.right for j in rows) for question, rows in outcome.judged.items()}
    assert right == {"kind": 7, "arms": 7, "label": 1}
    assert (outcome.scores.swapped, outcome.scores.with_arms) == (1, 1)


def test_a_note_of_the_annotators_is_shown(gold: Path, written: Callable[..., Path], study: Any) -> None:
    with (gold / "a.ann").open("a", encoding="utf-8") as stream:
        stream.write("#1\tAnnotatorNotes T1\tscreened or enrolled?\n")
    outcome = measured(gold, written(study.perfect()[1:]))
    (mistake,) = outcome.mistakes
    assert mistake.instead[-1] == "note: screened or enrolled?"


def test_a_mistake_in_its_text(gold: Path, written: Callable[..., Path], study: Any) -> None:
    outcome = measured(gold, written(study.perfect()[:4]))
    mistake = outcome.of_label("cv-bin-percent")[0]
    shown = highlighted(mistake)
    assert shown.plain == study.text.replace("25%", "[[25%]]")
    underlined = {shown.plain[s.start : s.end] for s in shown.spans if "underline green" in str(s.style)}
    assert {"80", "24", "60", "Relief", "10", "25%"} <= underlined
    assert mistake.context(8, 4) == ("and 10 (", "), r")


def test_a_record_that_is_not_there_counts_as_nothing_found(
    gold: Path, written: Callable[..., Path], study: Any
) -> None:
    (gold / "b.txt").write_bytes(study.text.encode())
    (gold / "b.ann").write_bytes((gold / "a.ann").read_bytes())
    outcome = measured(gold, written(study.perfect()))
    assert outcome.scores.missing == ["b"]
    assert outcome.scores.micro().recall == 0.5
    assert outcome.scores.micro().precision == 1


def test_labels_of_ones_own(gold: Path, written: Callable[..., Path], study: Any) -> None:
    (gold / "a.ann").write_text("T1\tevents 64 66\t24\nT2\tevents 77 79\t10\nT3\tdrug 24 32\tzelprine\n")
    mapping = parse("label\tkind\tstatistic\trole\nevents\t!cohort_size\tcount\t*\n", "mine")
    outcome = measured(gold, written(study.perfect()), mapping)
    assert outcome.scores.micro().f1 == 1
    assert outcome.not_scored == {"drug": 1}


def test_what_cannot_be_compared_is_refused(
    gold: Path, written: Callable[..., Path], study: Any, tmp_path: Path
) -> None:
    pred = written(study.perfect())
    (gold / "a.txt").write_bytes(study.text.replace("Relief", "Respite").encode())
    with pytest.raises(AnnotationError, match=r"differs from a\.txt from character 51"):
        measured(gold, pred)
    (gold / "a.txt").write_bytes(study.text.encode())
    (gold / "a.ann").write_text("T1\tDrug 24 32\tzelprine\nT2\tDose 3 5\t80\n")
    with pytest.raises(AnnotationError, match=r"none of the labels .*Drug, Dose.*--labels"):
        measured(gold, pred)
    (gold / "a.ann").write_text("T1\tiv-bin-abs 66 68\t24\nT2\tcv-bin-abs 79 81\t10\n")
    with pytest.raises(AnnotationError, match=r"a\.ann:1: T1 should be '24'.*2 of 2 annotations.*code points"):
        measured(gold, pred)
    with pytest.raises(UsageError, match="no such folder"):
        records_in(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no records in it"):
        records_in(tmp_path / "empty")


def test_a_broken_record_is_a_failure_that_is_named(gold: Path, written: Callable[..., Path], study: Any) -> None:
    pred = written(study.perfect())
    (pred / "records" / "a.json").write_text("{")
    outcome = measured(gold, pred)
    assert "a.json: not a record" in outcome.failures[0]
    assert outcome.scores.missing == ["a"]
    with pytest.raises(RecordError):
        records_in(pred)(next(read_collection(gold)))


def test_texts_are_extracted_where_no_records_are_given(gold: Path, study: Any) -> None:
    outcome = evaluate(read_collection(gold), records_by_extraction(), read_labels())
    assert outcome.failures == []
    assert outcome.scores.documents == 1
    assert sum(tally.annotated for tally in outcome.scores.value.values()) == 7
    (gold / "a.txt").write_bytes(b"")
    (gold / "a.ann").write_bytes(b"")
    outcome = evaluate(read_collection(gold), records_by_extraction(), read_labels())
    assert outcome.scores.missing == ["a"]
    assert "a.txt" in outcome.failures[0]
