"""Fixture news items beside their fixture studies: every planted agreement, rounding and contradiction."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from extractor.checks.against_study import compare, with_comparison
from extractor.checks.comparison import Comparison
from extractor.records.models import Record
from extractor.sources.raw import RawArticle
from extractor.spans import Span

if TYPE_CHECKING:
    from extractor.extract import Extractor

PAIRS = Path(__file__).resolve().parents[2] / "fixtures" / "pairs"
PLANTED: list[dict[str, Any]] = json.loads((PAIRS / "pairs.json").read_text(encoding="utf-8"))
NUMBERS = ("agrees", "rounded", "differs", "not_in_study")
SPIN = {
    "significance_overstated": "spin_significance",
    "relative_without_absolute": "spin_relative_only",
    "subgroup_as_main": "spin_secondary",
    "causal_from_observational": "spin_causal",
}
ROWS = [(pair["id"], row) for pair in PLANTED for row in pair["expected"]]
MAX_KNOWN_MISSES = 5
"""Rows that may be excused because the extraction, not the comparison, misses them on one side."""
MISSES: dict[tuple[str, str], str] = {
    (pair["id"], what): miss["reason"]
    for pair in PLANTED
    for miss in pair.get("known_extraction_misses", ())
    for what in miss["rows"]
}


def _params(*verdicts: str) -> list[Any]:
    """The rows with one of these verdicts; those that rest on a known miss of the extraction are expected to fail."""
    return [
        pytest.param(pair_id, row, marks=pytest.mark.xfail(strict=False, reason=reason))
        if (reason := MISSES.get((pair_id, row["what"])))
        else (pair_id, row)
        for pair_id, row in ROWS
        if row["verdict"] in verdicts
    ]


def _ids(row: object) -> str:
    return f"{row['verdict']}: {row['what']}" if isinstance(row, dict) else str(row)


@cache
def _compared(extractor: Extractor, pair_id: str) -> tuple[Record, Record, Comparison]:
    (pair,) = (pair for pair in PLANTED if pair["id"] == pair_id)
    made = []
    for name in (pair["news"], pair["study"]):
        path = PAIRS / name
        made += extractor.records(RawArticle(content=path.read_bytes(), name=path.stem, path=name))
    news, study = made
    return news, study, compare(news, study)


def _place(text: str, quote: str, number: str) -> Span:
    """Where the row's number stands: within the quote if it is there, else next after it."""
    squeezed = " ".join(text.split())
    assert quote in squeezed
    start = text.index(quote) if quote in text else text.index(quote.split()[0])
    at = text.index(number, start)
    return Span(at, at + len(number))


@pytest.mark.parametrize(("pair_id", "row"), _params(*NUMBERS), ids=_ids)
def test_numbers(extractor: Extractor, pair_id: str, row: dict[str, Any]) -> None:
    news, study, comparison = _compared(extractor, pair_id)
    place = _place(news.text, row["quote"], row["news"])
    found = [number for number in comparison.numbers if number.news_span.overlaps(place)]
    assert found, f"{row['news']!r} was not compared"
    assert {number.verdict for number in found} == {row["verdict"]}, found
    if row["study"] is not None:
        expected = _place(study.text, row["study_quote"], row["study"]) if row["study"] in row["study_quote"] else None
        if expected is not None and row["verdict"] != "differs":
            assert any(number.study_span and number.study_span.overlaps(expected) for number in found), found


@pytest.mark.parametrize(("pair_id", "row"), _params(*SPIN), ids=_ids)
def test_spin(extractor: Extractor, pair_id: str, row: dict[str, Any]) -> None:
    _, _, comparison = _compared(extractor, pair_id)
    assert SPIN[row["verdict"]] in {check.name for check in comparison.spin}


@pytest.mark.parametrize(("pair_id", "row"), _params("left_out"), ids=_ids)
def test_left_out(extractor: Extractor, pair_id: str, row: dict[str, Any]) -> None:
    _, _, comparison = _compared(extractor, pair_id)
    assert any(row["study_quote"] in missing.study_quote for missing in comparison.left_out), comparison.left_out


@pytest.mark.parametrize("pair_id", [pair["id"] for pair in PLANTED])
def test_no_spin_is_found_where_none_is_planted(extractor: Extractor, pair_id: str) -> None:
    (pair,) = (pair for pair in PLANTED if pair["id"] == pair_id)
    planted = {SPIN[row["verdict"]] for row in pair["expected"] if row["verdict"] in SPIN}
    _, _, comparison = _compared(extractor, pair_id)
    assert {check.name for check in comparison.spin} <= planted


def test_the_clean_pair_raises_nothing(extractor: Extractor) -> None:
    news, _, comparison = _compared(extractor, "lymphoma_clean")
    checked = with_comparison(news, comparison)
    missed = [
        _place(news.text, row["quote"], row["news"])
        for pair_id, row in ROWS
        if pair_id == "lymphoma_clean" and (pair_id, row["what"]) in MISSES
    ]
    excused = {f.id for f in news.facts for v in f.values if any(Span(v.start, v.end).overlaps(m) for m in missed)}
    found = [*checked.checks, *(check for fact in checked.facts for check in fact.checks)]
    assert [c for c in found if c.status in ("warn", "fail") and not (c.facts and excused.issuperset(c.facts))] == []
    assert not [missing for missing in comparison.left_out if missing.main]


def test_known_misses_are_few_and_name_their_rows() -> None:
    assert len(MISSES) <= MAX_KNOWN_MISSES
    assert set(MISSES) <= {(pair_id, row["what"]) for pair_id, row in ROWS}
