"""The curated fixtures are sound, and the records of the articles hold as much of what they say as they ever did.

Each article's score is held against the one recorded in `fixtures/scores.json`. The kinds and owners of numbers come
from fitted weights, so a list of known errors would change with every fit; the figures hardly do.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from extractor.records.models import CohortRole, Kind, Record, Relation, Statistic

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "fixtures" / "pairs"


def _scores() -> Any:
    spec = importlib.util.spec_from_file_location("fixture_scores", ROOT / "benchmarks" / "fixture_scores.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fixture_scores"] = module
    spec.loader.exec_module(module)
    return module


scores = _scores()
IDS: list[str] = scores.expected_ids()
KINDS, STATISTICS = set(get_args(Kind)), set(get_args(Statistic))
ROLES, RELATIONS = {*get_args(CohortRole), None}, set(get_args(Relation))


def _documents() -> dict[str, Any]:
    pytest.importorskip("extractor.documents.html", reason="the readers are not there yet")
    found: dict[str, Any] = scores.documents()
    return found


def _records() -> dict[str, Any]:
    pytest.importorskip("extractor.rules.pipeline", reason="the rules are not there yet")
    found: dict[str, Any] = scores.records()
    return found


def _pairs() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((PAIRS / "pairs.json").read_text(encoding="utf-8"))
    return found


# --- the expected files ---


def test_every_article_has_its_expected_file() -> None:
    assert set(_documents()) == set(IDS)


@pytest.mark.parametrize("article_id", IDS)
def test_expected_file_is_well_formed(article_id: str) -> None:
    curated = scores.expected(article_id)
    assert set(curated) == {"article", "arms", "facts", "traps"}
    labels = {arm["label"] for arm in curated["arms"]}
    assert len(labels) == len(curated["arms"])
    for arm in curated["arms"]:
        assert arm["role"] in {"intervention", "control", "single"}
    for fact in curated["facts"]:
        assert {fact["kind"], *fact.get("also", ())} <= KINDS
        assert fact["role"] in ROLES
        assert (fact["role"] is not None) == (fact["kind"] == "cohort_size")
        assert (fact["event"] is not None) == (fact["kind"] == "adverse_event")
        assert fact["arm"] is None or fact["arm"] in labels
        assert (fact["compares"] is not None) == (fact["kind"] == "effect")
        assert set(fact["compares"] or ()) <= labels
        assert fact["values"]
        for value in fact["values"]:
            assert value["statistic"] in STATISTICS
            assert value["relation"] in RELATIONS
            assert value["value"] is None or isinstance(value["value"], int | float)


def test_no_fact_in_a_single_arm_study_names_the_arm() -> None:
    for article_id in IDS:
        curated = scores.expected(article_id)
        if [arm["role"] for arm in curated["arms"]] == ["single"]:
            assert all(fact["arm"] is None for fact in curated["facts"]), article_id


@pytest.mark.parametrize("article_id", IDS)
def test_expected_digits_are_those_of_their_text(article_id: str) -> None:
    for fact in scores.expected(article_id)["facts"]:
        for value in fact["values"]:
            if value["value"] is not None and re.search(r"\d", value["text"]):
                printed = re.sub(r"[^\d.\-]", "", re.sub(r"[−–]", "-", value["text"].replace("·", "."))).rstrip(".")
                assert float(printed) == value["value"], value


# --- the articles as read ---


@pytest.mark.parametrize("article_id", IDS)
def test_expected_values_stand_in_the_text(article_id: str) -> None:
    text = _documents()[article_id].text
    problems = []
    for fact in scores.expected(article_id)["facts"]:
        for value in fact["values"]:
            try:
                start, end = scores.located(text, value)
                assert text[start:end].split() == value["text"].split()
            except scores.Misplaced as problem:
                problems.append(str(problem))
    assert not problems


@pytest.mark.parametrize("article_id", IDS)
def test_boilerplate_is_left_out_and_other_traps_are_in(article_id: str) -> None:
    text = _documents()[article_id].text
    for trap in scores.expected(article_id)["traps"]:
        places = scores.places_of(text, trap["near"])
        if trap.get("in_text", True) is False:
            assert not places, f"boilerplate in the main text: {trap['near']!r} ({trap['why']})"
        elif trap.get("in_text", True) is True or places:
            scores.located(text, trap)


@pytest.mark.parametrize("article_id", IDS)
def test_metadata_is_read(article_id: str) -> None:
    found = _documents()[article_id].metadata
    wrong = {}
    for name, value in scores.expected(article_id)["article"].items():
        if name == "identifiers":
            for key, identifier in value.items():
                got = getattr(found.identifiers, key)
                if (list(got) if key == "trials" else got) != identifier:
                    wrong[key] = (got, identifier)
        elif getattr(found, name) not in (value if isinstance(value, list) else [value]):
            wrong[name] = (getattr(found, name), value)
    assert not wrong


# --- the records ---


RECORD_AGAIN = "if that is as it should be, run `python benchmarks/fixture_scores.py --record` and commit the file"


def _compared(article_id: str) -> Any:
    return scores.compare(_records()[article_id], scores.expected(article_id))


def _scores_now() -> dict[str, Any]:
    return {article_id: scores.score(_compared(article_id)) for article_id in IDS}


def test_every_article_has_a_recorded_score_of_the_same_inputs() -> None:
    _records()
    now = {article_id: scores.inputs_hash(article_id) for article_id in IDS}
    then = {article_id: inputs for article_id, (inputs, _) in scores.recorded().items()}
    changed = sorted(
        article_id for article_id in now.keys() | then.keys() if now.get(article_id) != then.get(article_id)
    )
    assert not changed, f"articles or expected files changed since the scores were recorded; {RECORD_AGAIN}"


@pytest.mark.parametrize("article_id", IDS)
def test_no_article_falls_below_its_recorded_score(article_id: str) -> None:
    result = _compared(article_id)
    _, floor = scores.recorded()[article_id]
    fallen = scores.falls(scores.score(result), floor)
    errors = [*result.missed.values(), *result.false.values(), *result.wrong_arm, *result.traps.values()]
    assert not fallen, f"{'; '.join(fallen)}; {RECORD_AGAIN}. All errors of today: {errors}"
    assert not result.wrong_number


def test_no_total_falls_below_the_recorded_one() -> None:
    floor = {article_id: figures for article_id, (_, figures) in scores.recorded().items()}
    fallen = scores.total_falls(_scores_now(), floor)
    assert not fallen, f"{'; '.join(fallen)}; {RECORD_AGAIN}"


def test_totals_stay_above_the_floors_that_no_recording_lowers() -> None:
    summed = scores.total(_scores_now().values())
    assert summed.recall >= 0.80
    assert summed.precision >= 0.85
    assert summed.traps <= 0.05 * summed.traps_asked


def test_a_fall_is_seen_beyond_the_tolerance_only() -> None:
    floor = scores.Score(wanted=40, found=30, given=33, false=3, arms_asked=20, arms_right=18, traps_asked=9, traps=0)
    assert scores.falls(floor, floor) == []
    assert scores.falls(floor._replace(found=29, false=4, arms_right=17, traps=1), floor) == []
    assert scores.falls(floor._replace(found=28), floor) == ["found fell from 30 to 28"]
    assert scores.falls(floor._replace(arms_right=16), floor) == ["arms_right fell from 18 to 16"]
    assert scores.falls(floor._replace(false=5, traps=2), floor) == ["false rose from 3 to 5", "traps rose from 0 to 2"]
    assert scores.falls(floor._replace(found=40, false=0), floor) == []


def test_a_fall_of_the_total_is_seen() -> None:
    floor = scores.Score(wanted=200, found=160, given=200, false=20, arms_asked=100, arms_right=90)
    both = {"a": floor, "b": floor}
    assert scores.total_falls(both, both) == []
    assert scores.total_falls({"a": floor, "b": floor._replace(found=158)}, both) == []
    assert scores.total_falls({"a": floor, "b": floor._replace(found=157)}, both) == ["recall fell from 0.800 to 0.792"]
    assert scores.total_falls({"a": floor, "b": floor._replace(false=23)}, both) == [
        "precision fell from 0.900 to 0.892"
    ]


@pytest.mark.parametrize("article_id", IDS)
def test_record_is_grounded(article_id: str) -> None:
    record = _records()[article_id]
    assert not list(record.problems())
    for fact in record.facts:
        for value in fact.values:
            assert record.text[value.start : value.end] == value.text


# --- news and study ---


VERDICTS = {"agrees", "rounded", "differs", "not_in_study", "left_out"}
SPIN = {"relative_without_absolute", "significance_overstated", "subgroup_as_main", "causal_from_observational"}


def test_pairs_cover_every_verdict() -> None:
    assert {row["verdict"] for pair in _pairs() for row in pair["expected"]} == VERDICTS | SPIN


@pytest.mark.parametrize("pair", _pairs(), ids=lambda pair: pair["id"])
def test_pair_quotes_stand_in_their_texts(pair: dict[str, Any]) -> None:
    pytest.importorskip("extractor.documents.html", reason="the readers are not there yet")
    from extractor.documents import reader

    texts = {}
    for side in ("news", "study"):
        (document,) = reader.read(scores.raw(PAIRS / pair[side]))
        texts[side] = document.text
    for row in pair["expected"]:
        assert row["verdict"] in VERDICTS | SPIN
        for side, quote in (("news", row["quote"]), ("study", row["study_quote"])):
            if quote is not None:
                assert len(scores.places_of(texts[side], quote)) == 1, (side, quote)
        if row["verdict"] in VERDICTS:
            assert (row["news"] is None) == (row["quote"] is None) == (row["verdict"] == "left_out")
            assert (row["study"] is None) == (row["study_quote"] is None) == (row["verdict"] == "not_in_study")
            assert row["news"] is None or row["news"] in row["quote"]
            assert row["study"] is None or row["study"] in row["study_quote"]


# --- the place finder that all of this rests on ---


def test_place_keeps_to_whole_numbers() -> None:
    text = "in 9 of 19 (9.5%), and 1 284 | 9 more"
    assert scores.place(text, "in 9 of", "9") == (3, 4)
    assert scores.place(text, "and 1 284 9 more", "1 284") == (23, 28)
    with pytest.raises(scores.Misplaced, match="0 times"):
        scores.place(text, "of 19 (9.5%),", "9")
    with pytest.raises(scores.Misplaced, match="not once"):
        scores.place(text + " in 9 of", "in 9 of", "9")
    with pytest.raises(scores.Misplaced, match="2 times"):
        scores.place("9 vs 9", "9 vs 9", "9")
    assert scores.place("9 vs 9", "9 vs 9", "9", 2) == (5, 6)


def _record(text: str, facts: list[dict[str, Any]]) -> Record:
    """A minimal record of facts {kind, arm, values: [(statistic, text, value)]}, each text at its first place."""
    built = []
    for number, fact in enumerate(facts):
        values = []
        for statistic, surface, value in fact["values"]:
            start = text.index(surface)
            values.append(
                {"statistic": statistic, "value": value, "start": start, "end": start + len(surface), "text": surface}
            )
        built.append(
            {
                "id": f"f{number}", "kind": fact["kind"], "arm": fact["arm"], "values": values, "rule": "hand",
                "confidence": 1.0, "evidence": {"start": 0, "end": len(text)},
            }
        )  # fmt: skip
    return Record.model_validate(
        {
            "schema_version": "1.0",
            "extractor": {"version": "0", "rules": ""},
            "article": {"id": "a", "source": {"format": "text", "sha256": "0" * 64}},
            "text": text,
            "arms": [
                {"id": "a1", "label": "drug", "role": "intervention", "start": 0, "end": 1},
                {"id": "a2", "label": "placebo", "role": "control", "start": 0, "end": 1},
            ],
            "facts": built,
        }
    )


def test_comparison_tells_misses_false_values_wrong_numbers_arms_and_traps() -> None:
    text = "Nausea in 12 on drug (10 mg) and 7 on placebo; 30 were screened."
    on_drug, on_placebo = ({"kind": "adverse_event", "arm": arm} for arm in ("drug", "placebo"))
    curated = {
        "arms": [{"label": "drug", "role": "intervention"}, {"label": "placebo", "role": "control"}],
        "facts": [
            {**on_drug, "values": [{"statistic": "count", "text": "12", "value": 12, "near": "in 12 on"}]},
            {**on_placebo, "values": [{"statistic": "count", "text": "7", "value": 7, "near": "and 7 on"}]},
            {
                "kind": "cohort_size", "arm": None, "optional": True,
                "values": [{"statistic": "count", "text": "30", "value": 30, "near": "30 were"}],
            },
        ],
        "traps": [{"text": "10 mg", "near": "(10 mg)", "why": "dose"}],
    }  # fmt: skip

    def fact(kind: str, arm: str | None, surface: str, value: float) -> dict[str, Any]:
        return {"kind": kind, "arm": arm, "values": [("count", surface, value)]}

    right = [fact("adverse_event", "a1", "12", 12), fact("adverse_event", "a2", "7", 7)]
    perfect = scores.compare(_record(text, [*right, fact("cohort_size", None, "30", 30)]), curated)
    assert (perfect.wanted, perfect.found, perfect.given) == (2, 2, 3)
    assert not any((perfect.missed, perfect.false, perfect.wrong_number, perfect.wrong_arm, perfect.traps))

    poor = scores.compare(
        _record(
            text, [fact("adverse_event", "a2", "12", 21), fact("outcome", "a2", "7", 7), fact("death", None, "10", 10)]
        ),
        curated,
    )
    assert (poor.wanted, poor.found, len(poor.wrong_number), len(poor.wrong_arm), len(poor.traps)) == (2, 1, 1, 1, 1)
    assert [key.kind for key in poor.missed] == ["adverse_event"]
    assert {key.kind for key in poor.false} == {"outcome", "death"}
