"""The components one by one and together, their entry points, and the hash of the rules."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab

from extractor.rules import pipeline
from extractor.rules.analysis import Analysis, analysis_of
from extractor.rules.component import Component

if TYPE_CHECKING:
    from spacy.language import Language

TEXT = "We gave 40 women examplin (n = 20) or placebo (n = 20). Relapse was seen in 4 (20%) and 8 (40%) at 6 months."
PLAIN = {"nlp": {"tokenizer": {"@tokenizers": "extractor.trial_tokenizer.v1"}}}


@pytest.mark.parametrize("name", pipeline.COMPONENTS)
def test_a_component_can_stand_alone(name: str) -> None:
    nlp = spacy.blank("en", config=PLAIN)
    nlp.add_pipe(name)
    assert nlp(TEXT).text == TEXT


@pytest.mark.parametrize("name", pipeline.COMPONENTS)
def test_a_component_stands_behind_the_plain_tokenizer(name: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(name)
    assert nlp(TEXT).text == TEXT


@pytest.mark.parametrize("count", range(1, len(pipeline.COMPONENTS) + 1))
def test_any_beginning_of_the_pipeline_runs(count: int) -> None:
    nlp = spacy.blank("en", config=PLAIN)
    for name in pipeline.COMPONENTS[:count]:
        nlp.add_pipe(name)
    doc = nlp(TEXT)
    if count > 1:
        assert [s.text for s in doc.spans["numbers"]] == ["40", "20", "20", "4", "20", "8", "40", "6"]


def test_every_component_is_an_entry_point() -> None:
    """So that spaCy finds them in any program that has this package installed."""
    found = {e.name: e.load() for e in entry_points(group="spacy_factories") if e.value.startswith("extractor.")}
    assert set(found) == set(pipeline.COMPONENTS)
    assert all(callable(component) for component in found.values())


def test_spans_of_the_whole_pipeline(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert {"numbers", "arms", "results", "endpoints", "timepoints"} <= set(doc.spans)
    assert ["6 months" in s.text for s in doc.spans["timepoints"]] == [True]
    analysis = analysis_of(doc)
    assert isinstance(analysis, Analysis)
    assert len(analysis.bundles) == len(analysis.owners) == len(analysis.attachments)


def test_excluded_stretches_hold_no_facts(nlp: Language) -> None:
    doc = nlp.make_doc(TEXT)
    doc.user_data["excluded"] = [(0, TEXT.index("Relapse"))]
    analysis = analysis_of(nlp(doc))
    assert [n.text for n in analysis.numbers if analysis.roles[n.index] == "excluded"] == ["40", "20", "20"]


def test_an_empty_text(nlp: Language) -> None:
    assert analysis_of(nlp("")).numbers == []


def test_texts_do_not_touch_each_other(nlp: Language) -> None:
    """The pipeline keeps nothing of an article for the next."""
    alone = [repr(analysis_of(nlp(TEXT)).bundles)]
    list(nlp.pipe(["Other text with 12 (3%) of 400 men on drugx or placebo.", "9 of 10"]))
    assert [repr(analysis_of(nlp(TEXT)).bundles)] == alone


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two files that the hash reads instead of the real one."""
    for name in ("rules", "lexicons", "weights", "documents", "records", "checks"):
        (tmp_path / name).mkdir()
    (tmp_path / "rules" / "numbers.py").write_text("A = 1\n")
    (tmp_path / "lexicons" / "units.tsv").write_text("term\tunit\n")
    monkeypatch.setattr("extractor.rules.pipeline.resources.files", lambda _package: tmp_path)
    return tmp_path


def fresh() -> str:
    return pipeline.rules_hash.__wrapped__()


def test_the_hash_is_stable(copy: Path) -> None:
    assert fresh() == fresh()
    (copy / "rules" / "numbers.py").touch()
    assert fresh() == fresh()


def test_the_hash_is_short_and_hexadecimal() -> None:
    assert len(pipeline.rules_hash()) == 16
    int(pipeline.rules_hash(), 16)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rules/numbers.py", "A = 2\n"), ("lexicons/units.tsv", "term\tunit\nmg\tmg\n"), ("rules/new.py", ""),
        ("weights/owner.tsv", "feature\n"), ("checks/grim.py", "B = 1\n"), ("documents/sites/example_com.py", ""),
    ],
)  # fmt: skip
def test_the_hash_changes_with_a_rule_or_lexicon(copy: Path, name: str, content: str) -> None:
    before = fresh()
    (copy / name).parent.mkdir(parents=True, exist_ok=True)
    (copy / name).write_text(content)
    assert fresh() != before


@pytest.mark.parametrize("name", ["rules/__pycache__/numbers.pyc", "rules/notes.txt"])
def test_the_hash_ignores_what_is_no_rule(copy: Path, name: str) -> None:
    before = fresh()
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("x")
    assert fresh() == before


def test_a_stream_gives_what_single_texts_give(nlp: Language) -> None:
    texts = ["Of 40 women, 12 (30%) relapsed.", "", "Ten men (n = 4 on examplin, n = 6 on placebo) were randomized."]
    streamed = [analysis_of(doc) for doc in nlp.pipe(texts, batch_size=2)]
    alone = [analysis_of(nlp(text)) for text in texts]
    assert [a.decision.kinds for a in streamed] == [a.decision.kinds for a in alone]
    assert [a.owners for a in streamed] == [a.owners for a in alone]
    assert [[arm.label for arm in a.arms] for a in streamed] == [[arm.label for arm in a.arms] for a in alone]


def test_a_batch_goes_through_one_component_before_the_next() -> None:
    seen: list[str] = []

    def named(name: str) -> Component:
        def work(doc: Doc) -> Doc:
            seen.append(name + doc.text)
            return doc

        return Component(work)

    docs = [Doc(Vocab(), words=[word], spaces=[False]) for word in "abc"]
    stream = named("2").pipe(named("1").pipe(docs, batch_size=2), batch_size=2)
    assert [doc.text for doc in stream] == ["a", "b", "c"]
    assert seen == ["1a", "1b", "2a", "2b", "1c", "2c"]
