"""Records against their source: unchanged, changed, moved, edited, of other rules."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from extractor.checks import run_checks
from extractor.checks.anchor import ChangedText
from extractor.checks.load import EditedRecord
from extractor.checks.source import check_against_source, source_missing
from extractor.documents.model import Document
from extractor.errors import DamagedSource
from extractor.records.models import Check, Record
from extractor.sources.raw import RawArticle

Build = Callable[[str], Any]
TEXT = (
    "A trial of a drug in asthma.\n\nOf 40 patients, 12 (30%) responded within a year. "
    "Median follow-up was 15.1 months. Two patients died of sepsis."
)
FIRST = "Of 40 patients, 12 (30%) responded within a year"


def made_from(build: Build, text: str = TEXT) -> dict[str, Any]:
    made = build(text)
    made.fact(FIRST, "response", endpoint="responded", count="12", percent="30%")
    made.fact("Median follow-up was 15.1 months", "follow_up", median="15.1 months")
    made.fact("Two patients died of sepsis", "death", count="Two")
    record: dict[str, Any] = made.as_dict()
    record["article"]["source"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return record


def read(raw: RawArticle) -> Sequence[Document]:
    return [Document(id="a", format="text", text=raw.content.decode())]


def outcome(record: dict[str, Any], text: str, fresh: dict[str, Any] | None = None) -> list[Check]:
    edited = EditedRecord.model_validate(record)
    again = (lambda raw: [run_checks(Record.model_validate(fresh))]) if fresh else None
    raw = RawArticle(content=text.encode(), name="a", path="a.txt")
    checked = check_against_source(edited, raw, read, again)
    return [*checked.checks, *(c for f in checked.facts for c in f.checks)]


def statuses(checks: list[Check], name: str = "source") -> list[str]:
    return [check.status for check in checks if check.name == name]


def test_unchanged(build: Build) -> None:
    checks = outcome(made_from(build), TEXT, made_from(build))
    assert [(c.name, c.status) for c in checks] == [("source", "pass"), ("unedited", "pass")]


def test_other_bytes_same_text(build: Build) -> None:
    record = made_from(build)
    record["article"]["source"]["sha256"] = "1" * 64
    assert statuses(outcome(record, TEXT)) == ["warn"]


def test_moved(build: Build) -> None:
    (check,) = outcome(made_from(build), "Corrected version.\n\n" + TEXT.replace("12 (30%)", "12  (30%)"))
    assert check.status == "warn"
    assert "another sha256" in check.message
    assert "3 of 3 facts stand in it, 3 of them at another place" in check.message


def test_a_number_changed_in_the_source(build: Build) -> None:
    checks = outcome(made_from(build), TEXT.replace("15.1 months", "16.1 months"))
    (failed,) = [c for c in checks if c.status == "fail"]
    assert failed.facts == ("f2",)
    assert "'15.1 months' not found" in failed.message
    assert "now reads 'Median follow-up was 16.1 months." in failed.message


def test_a_sentence_reworded_and_one_gone(build: Build) -> None:
    new = TEXT.replace("Median follow-up was", "The median follow-up was").replace(" Two patients died of sepsis.", "")
    checks = outcome(made_from(build), new)
    by_fact = {c.facts: c.status for c in checks if c.facts}
    assert by_fact == {("f2",): "warn", ("f3",): "fail"}


@pytest.mark.parametrize(("old", "new"), [("40", "41"), ("30%", "31%"), ("asthma", "eczema")])
def test_the_record_text_edited(build: Build, old: str, new: str) -> None:
    record = made_from(build)
    record["text"] = record["text"].replace(old, new)
    for fact in record["facts"]:
        for value in fact["values"]:
            value["text"] = value["text"].replace(old, new)
    assert "fail" in statuses(outcome(record, TEXT))


EDITS: list[tuple[tuple[Any, ...], Any]] = [
    (("facts", 0, "kind"), "outcome"), (("facts", 0, "confidence"), 0.5), (("facts", 0, "evidence", "start"), 33),
    (("facts", 2, "values", 0, "statistic"), "denominator"), (("article", "title"), "Another"),
    (("facts", 0, "endpoint", "code"), "ORR"), (("article", "published"), "2024-04-26"),
    (("facts", 1, "rule"), "other"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), EDITS)
def test_edits_that_only_extracting_again_shows(build: Build, path: tuple[Any, ...], value: Any) -> None:
    record = made_from(build)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    checks = [c for c in outcome(record, TEXT, made_from(build)) if c.name == "unedited"]
    assert [c.status for c in checks] == ["fail"]
    assert str(path[-1]) in checks[0].message


def test_a_fact_added_or_taken_away(build: Build) -> None:
    record = made_from(build)
    record["facts"].pop()
    checks = [c for c in outcome(record, TEXT, made_from(build)) if c.name == "unedited"]
    assert [(c.status, "f3" in c.message, "absent" in c.message) for c in checks] == [("fail", True, True)]


def test_a_source_that_cannot_be_read(build: Build) -> None:
    def broken(raw: RawArticle) -> Sequence[Document]:
        raise DamagedSource("a.xml: cut off in the middle")

    record = EditedRecord.model_validate(made_from(build))
    checked = check_against_source(record, RawArticle(content=b"<", name="a"), broken)
    assert [(c.status, "cut off" in c.message) for c in checked.checks] == [("fail", True)]
    assert [c.status for c in source_missing(record, "gone").checks] == ["fail"]


def test_anchors() -> None:
    old = "One. Overall survival was 54 percent at one year. Two."
    changed = ChangedText(old, "Nought. One. Overall  survival\nwas 54 percent at one year. Two.")
    start = old.index("Overall")
    found = changed.exact(start, start + 43)
    assert found is not None
    assert found.how == "moved"
    assert found.span.of(changed.new) == "Overall  survival\nwas 54 percent at one year"
    assert ChangedText(old, old).exact(start, start + 5) == ((start, start + 5), "same")
    assert changed.exact(0, 0) is None
    value = old.index("54")
    assert ChangedText(old, "It was 54 percent at one year.").by_context(value, value + 2) == ((7, 9), "context")
    assert ChangedText(old, "54 and 54").by_context(value, value + 2) is None


def test_an_edit_is_caught_even_if_the_hash_was_edited_too(build: Build) -> None:
    record = made_from(build)
    record["article"]["source"]["sha256"] = "1" * 64
    record["facts"][0]["kind"] = "outcome"
    checks = outcome(record, TEXT, made_from(build))
    assert statuses(checks) == ["warn"]
    assert statuses(checks, "unedited") == ["fail"]


def test_other_rules_that_read_a_fact_otherwise(build: Build) -> None:
    record = made_from(build)
    record["extractor"]["rules"] = "0" * 16
    assert statuses(outcome(record, TEXT, made_from(build)), "unedited") == ["skip"]
    record["facts"][1]["kind"] = "outcome"
    (check,) = [c for c in outcome(record, TEXT, made_from(build)) if c.name == "unedited"]
    assert (check.status, check.facts) == ("warn", ("f2",))
    assert "f2: kind 'outcome', now 'follow_up'" in check.message
