"""Dates as ISO, never more precise than written."""

from __future__ import annotations

import pytest

from extractor.documents.dates import best_date, compose, iso_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-04-25", "2024-04-25"),
        ("2024-04-25T10:20:00+02:00", "2024-04-25"),
        ("2024/4/5", "2024-04-05"),
        ("2024-04", "2024-04"),
        ("2024", "2024"),
        ("20240425", "2024-04-25"),
        ("April 25, 2024", "2024-04-25"),
        ("THURSDAY, APRIL 25, 2024", "2024-04-25"),
        ("Dec. 10, 2025 (HealthDay News)", "2025-12-10"),
        ("Sept 3rd 2021", "2021-09-03"),
        ("25 April 2024", "2024-04-25"),
        ("published on the 1st May 2020", "2020-05-01"),
        ("April 2024", "2024-04"),
        ("25/04/2024", "2024-04-25"),
        ("04/25/2024", "2024-04-25"),
        ("04/05/2024", "2024"),
        ("04/04/2024", "2024-04-04"),
        ("February 30, 2024", "2024-02"),
        ("2024-13-01", "2024"),
        ("yesterday", None),
        ("12 of 40 patients", None),
        ("", None),
        (None, None),
    ],
)
def test_iso_date(written: str | None, expected: str | None) -> None:
    assert iso_date(written) == expected


def test_compose_never_pads() -> None:
    assert compose("2018") == "2018"
    assert compose("2018", "May") == "2018-05"
    assert compose("2018", "5", "7") == "2018-05-07"
    assert compose("2018", "Spring") == "2018"
    assert compose("2018", None, "7") == "2018"
    assert compose("n.d.") is None
    assert compose("3000") is None


def test_best_date_is_the_most_precise_then_the_earliest() -> None:
    assert best_date(["2018", "2018-05", None]) == "2018-05"
    assert best_date(["2018-05-17", "2018-04-02", "2017"]) == "2018-04-02"
    assert best_date([None]) is None
