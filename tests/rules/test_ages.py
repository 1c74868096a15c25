"""Ages and sexes that describe people are facts; ages that say who may take part are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from extractor.extract import Extractor

START = "A randomized trial.\n\nWe randomized 80 patients to examplin (n = 40) or placebo (n = 40). "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "The median age was 55 years (range, 31-78).",
            [("55 years", "median"), ("31", "range_low"), ("78", "range_high")],
        ),
        ("Patients (mean age, 62 years) were old.", [("62 years", "mean")]),
        ("They were aged 41 ± 9 years.", [("41", "mean"), ("9 years", "sd")]),
        ("Mean age was 58.3 (SD 9.1) years.", [("58.3", "mean"), ("9.1", "sd")]),
        ("Patients aged 18 to 65 years were eligible.", []),
        ("Women older than 50 years were eligible.", []),
    ],
)  # fmt: skip
def test_ages(text: str, told: list[tuple[str, str]], extractor: Extractor) -> None:
    (record,) = extractor.records(RawArticle((START + text).encode(), "x", path="x.txt"))
    ages = [f for f in record.facts if f.kind == "demographic"]
    assert [(v.text, v.statistic) for f in ages for v in f.values] == told
    for f in ages:
        assert f.arm is None
        assert f.endpoint is not None
        assert f.endpoint.label.lower() in ("age", "aged")


@pytest.mark.parametrize(
    ("text", "counted"), [("In all, 54% were women.", ["54%"]), ("In all, 54% of women were tired.", [])]
)
def test_sexes(text: str, counted: list[str], extractor: Extractor) -> None:
    (record,) = extractor.records(RawArticle((START + text).encode(), "x", path="x.txt"))
    assert [f.values[0].text for f in record.facts if f.kind == "demographic"] == counted
