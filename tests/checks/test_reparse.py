"""The second reading of printed numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.checks.reparse import reparse

NUMBERS = [
    ("54 percent", 54), ("9·5%", 9.5), ("13 388", 13388), ("1,234", 1234), ("1 234", 1234), ("12,345,678", 12345678),
    ("One hundred and seventy-six", 176), ("ten", 10), ("twenty-five", 25), ("two thousand three hundred", 2300),
    ("P<.05", 0.05), ("<0·001", 0.001), ("2.3 × 10−5", 2.3e-5), ("1e-5", 1e-5), ("−1.2", -1.2), ("6-month", 6),
    ("day 13", 13), ("one-year", 1), ("a year", 1), ("no", 0), ("none", 0), ("zero", 0), ("both", 2), ("3,5", 3.5),
    ("0,05", 0.05),
    ("310,482", 310482), ("0,123", 0.123),
    ("3½ years", 3.5), ("2.5 million", 2.5e6), ("n = 45", 45), ("twice", 2), ("nine-month", 9),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_reads(text: str, value: float) -> None:
    assert reparse(text).says(value)


@pytest.mark.parametrize(
    ("text", "fraction"), [("two thirds", (2, 3)), ("half", (1, 2)), ("one in five", (1, 5)), ("9 out of 10", (9, 10))]
)
def test_fractions(text: str, fraction: tuple[int, int]) -> None:
    reading = reparse(text)
    assert reading.fraction == fraction
    assert reading.says(fraction[0] / fraction[1])
    assert reading.says(100 * fraction[0] / fraction[1])


def test_a_fraction_may_be_kept_rounded_but_not_wrong() -> None:
    assert reparse("two thirds").says(0.667)
    assert reparse("two thirds").says(66.67)
    assert not reparse("two thirds").says(0.668)
    assert not reparse("two thirds").says(0.7)


@pytest.mark.parametrize("text", ["two to three", "10 to 12", "4 or 5", "the third", "patients", ""])
def test_no_single_number(text: str) -> None:
    assert reparse(text).value is None


@pytest.mark.parametrize("text", ["not reached", "was not yet reached", "NR", "not been reached", "not estimable"])
def test_not_reached(text: str) -> None:
    assert reparse(text).not_reached


def test_ordinals_are_no_fractions_and_all_is_a_group() -> None:
    assert reparse("the third").fraction is None
    assert reparse("a third").fraction == (1, 3)
    assert reparse("all").group
    assert reparse("all").value is None


@pytest.mark.parametrize(
    ("text", "decimals", "unit", "relation"),
    [
        ("2.20", 2, None, None),
        ("15.1 months", 1, "month", None),
        ("≥ 3 years", 0, "year", ">="),
        ("<5%", 0, "percent", "<"),
    ],
)
def test_decimals_units_and_signs(text: str, decimals: int, unit: str | None, relation: str | None) -> None:
    reading = reparse(text)
    assert (reading.decimals, reading.unit, reading.relation) == (decimals, unit, relation)


@given(st.decimals(min_value=0, max_value=99999, places=2))
def test_every_changed_digit_is_noticed(number: object) -> None:
    text = str(number)
    value = float(text)
    assert reparse(text).says(value)
    for position, digit in enumerate(text):
        if digit.isdigit():
            other = text[:position] + str((int(digit) + 1) % 10) + text[position + 1 :]
            assert not reparse(text).says(float(other))


@given(st.text(max_size=40))
def test_never_raises(text: str) -> None:
    reparse(text)
