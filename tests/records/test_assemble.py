"""From an article's bytes to its record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from extractor import SCHEMA_VERSION, __version__
from extractor.documents.model import Document, Metadata, Section
from extractor.records.arm_label import name_at
from extractor.records.assemble import assemble as assemble_analysed
from extractor.records.assemble import prepare
from extractor.rules.arm import ArmName
from extractor.rules.layout import layout_of
from extractor.rules.pipeline import rules_hash
from extractor.sources.raw import RawArticle
from extractor.spans import Span

if TYPE_CHECKING:
    from spacy.language import Language

    from extractor.records.models import Fact, Record

TWO_ARMS = (
    "Examplin in asthma: a randomised trial\n\n"
    "We randomly assigned 240 women with asthma to examplin (n = 121) or placebo (n = 119). "
    "Relapse occurred in 24 (19.8%) of the examplin group and 36 (30.3%) of the placebo group "
    "(hazard ratio, 0.62; 95% CI, 0.48 to 0.80; P = .003)."
)
RAW = RawArticle(b"bytes", "study", path="study.txt")


def document(text: str, **changes: object) -> Document:
    return replace(Document("study", "text", text), **changes)  # type: ignore[arg-type]


def assemble(raw: RawArticle, document: Document, nlp: Language) -> Record:
    doc = prepare(document, nlp)
    return assemble_analysed(raw, document, None if doc is None else nlp(doc))


def holding(record: Record, text: str) -> list[Fact]:
    return [f for f in record.facts if text in [v.text for v in f.values]]


@pytest.fixture
def record(nlp: Language) -> Record:
    return assemble(RAW, document(TWO_ARMS), nlp)


def test_the_frame(record: Record) -> None:
    assert record.schema_version == SCHEMA_VERSION
    assert (record.extractor.version, record.extractor.rules) == (__version__, rules_hash())
    assert (record.article.id, record.article.source.path) == ("study", "study.txt")
    assert record.article.source.sha256 == RAW.sha256
    assert record.text == TWO_ARMS


def test_every_value_is_its_slice(record: Record) -> None:
    assert record.facts
    for fact in record.facts:
        assert fact.evidence.start <= min(v.start for v in fact.values)
        for value in fact.values:
            assert record.text[value.start : value.end] == value.text


def test_arms_and_their_facts(record: Record) -> None:
    assert [(a.label.lower(), a.role) for a in record.arms] == [("examplin", "intervention"), ("placebo", "control")]
    for arm in record.arms:
        assert record.text[arm.start : arm.end] == arm.label
    one, other = (a.id for a in record.arms)
    assert [f.arm for text in ("121", "119", "19.8%", "30.3%") for f in holding(record, text)] == [one, other] * 2
    (effect,) = holding(record, "0.62")
    assert (effect.kind, effect.arm, effect.compares) == ("effect", None, (one, other))
    assert [v.statistic for v in effect.values] == ["hazard_ratio", "ci_level", "ci_low", "ci_high", "p_value"]


def test_the_cohort(record: Record) -> None:
    (whole,) = holding(record, "240")
    assert (whole.kind, whole.role, whole.arm) == ("cohort_size", "randomized", None)


def test_fact_ids_are_in_text_order(record: Record) -> None:
    assert [f.id for f in record.facts] == [f"f{k}" for k in range(1, len(record.facts) + 1)]


def test_a_single_arm_is_listed_and_not_named(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "In a single-arm study 40 patients received examplin. Of them, 12 (30%) had a response."
    monkeypatch.setattr(
        "extractor.rules.analysis.find_arms", lambda *_: [ArmName([], label="examplin", mentions=[(9, 10)])]
    )
    monkeypatch.setattr("extractor.rules.analysis.decide_roles", lambda *_: ["intervention"])
    found = assemble(RAW, document(text), nlp)
    assert [(a.label, a.role) for a in found.arms] == [("examplin", "single")]
    assert found.facts
    assert {f.arm for f in found.facts} == {None}


@pytest.mark.parametrize(("language", "any_facts"), [("en", True), (None, True), ("de", False)])
def test_other_languages_have_no_facts(language: str | None, any_facts: bool, nlp: Language) -> None:
    found = assemble(RAW, document(TWO_ARMS, metadata=Metadata(language=language)), nlp)
    assert bool(found.facts) == any_facts
    assert found.text == TWO_ARMS


def test_excluded_stretches_give_no_facts(nlp: Language) -> None:
    start = TWO_ARMS.index("Relapse")
    found = assemble(RAW, document(TWO_ARMS, excluded=(Span(start, len(TWO_ARMS)),)), nlp)
    assert holding(found, "240")
    assert all(v.end <= start for f in found.facts for v in f.values)


@pytest.mark.parametrize(
    ("form", "title", "any_facts"),
    [
        ("jats", "Introduction", False), ("jats", "2. Methods / Sample size", False), ("jats", "Results", True),
        ("pubmed", "Background", True),
    ],
)  # fmt: skip
def test_sections_of_full_texts_that_tell_of_other_studies(
    form: str, title: str, any_facts: bool, nlp: Language
) -> None:
    sections = (Section(title, 0, len(TWO_ARMS)),)
    found = assemble(RAW, document(TWO_ARMS, format=form, sections=sections), nlp)
    assert bool(found.facts) == any_facts


def test_evidence_names_the_innermost_section(nlp: Language) -> None:
    sections = (Section("Report", 0, len(TWO_ARMS)), Section("Results", 40, len(TWO_ARMS)))
    found = assemble(RAW, document(TWO_ARMS, sections=sections), nlp)
    assert {f.evidence.section for f in found.facts if f.evidence.start >= 40} == {"Results"}


def test_the_same_article_gives_the_same_bytes(nlp: Language, record: Record) -> None:
    assemble(RAW, document("Other words about 12 (3%) of 400 men."), nlp)
    assert assemble(RAW, document(TWO_ARMS), nlp).to_json() == record.to_json()


def test_a_text_without_numbers(nlp: Language) -> None:
    assert assemble(RAW, document("Nothing was counted."), nlp).facts == ()


def test_a_size_has_no_p_value(nlp: Language) -> None:
    text = "A total of 120 patients were randomized (P = 0.8) to examplin or placebo."
    (fact,) = assemble(RAW, document(text), nlp).facts
    assert [(value.statistic, value.text) for value in fact.values] == [("count", "120")]


@pytest.mark.parametrize(
    ("text", "name", "whole"),
    [
        (
            "either conjugated sample estrogen (CSE) plus drotamab or", "CSE) plus drotamab",
            "conjugated sample estrogen (CSE) plus drotamab",
        ),
        ("for it (Q) plus drotamab or", "Q) plus drotamab", "(Q) plus drotamab"),
        ("examplin plus drotamab (ED) or", "examplin plus drotamab", "examplin plus drotamab"),
        ("the combination (examplin plus drotamab) or", "examplin plus drotamab", "examplin plus drotamab"),
    ],
)  # fmt: skip
def test_a_name_is_not_cut_inside_a_bracket(nlp: Language, text: str, name: str, whole: str) -> None:
    layout = layout_of(nlp.make_doc(text))
    at = text.index(name)
    first, last = layout.starts.index(at), layout.ends.index(at + len(name)) + 1
    start, end = name_at(layout, first, last)
    assert text[start:end] == whole


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            "Patients were randomized to examplin or examplin plus drotamab. Response was seen in 36% in the examplin "
            "arm and 30% in the examplin plus drotamab arm.",
            ["examplin", "examplin plus drotamab"],
        ),
        (
            "Patients were randomized to examplin 10 mg or examplin 40 mg. Response was seen in 36% of the 10 mg group "
            "and 30% of the 40 mg group.",
            ["examplin 10 mg", "examplin 40 mg"],
        ),
    ],
)
def test_arms_are_called_by_their_whole_name(nlp: Language, text: str, labels: list[str]) -> None:
    record = assemble(RAW, document(text), nlp)
    assert [arm.label for arm in record.arms] == labels
    assert all(record.text[arm.start : arm.end] == arm.label for arm in record.arms)
