"""Values where their statistic can't lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[[str], Any]


@pytest.mark.parametrize(
    ("kind", "statistic", "written", "status"),
    [
        ("response", "percent", "104%", "warn"), ("outcome", "percent", "104%", "pass"),
        ("effect", "p_value", "1.2", "fail"), ("effect", "p_value", "0.2", "pass"),
        ("effect", "hazard_ratio", "0.0", "pass"),
        ("effect", "hazard_ratio", "-0.4", "fail"), ("effect", "ci_level", "100%", "fail"),
        ("outcome", "count", "2.5", "fail"), ("outcome", "sd", "0.4", "pass"), ("outcome", "sd", "-0.4", "fail"),
        ("survival", "percent", "100%", "pass"),
    ],
)  # fmt: skip
def test_ranges(build: Build, kind: str, statistic: str, written: str, status: str) -> None:
    text = f"It was {written} here."
    assert build(text).fact(text, kind, **{statistic: written}).statuses("value_range") == [status]
