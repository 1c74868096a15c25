"""Spin: each kind where it is, and silence where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extractor.checks.against_study import compare

Build = Callable[[str], Any]


def spins(news: Any, study: Any) -> set[str]:
    return {check.name for check in compare(news.record(), study.record()).spin}


def trial(build: Build, p: str = "0.09") -> Any:
    text = (
        "People were randomized to bright light or dim light. The primary outcome was remission. "
        f"Remission was reached by 22 of 48 (46%) and 14 of 48 (29%) people (risk ratio 1.57; P = {p}). "
        "In a post hoc subgroup of 31 women, headache was less common (14% and 26%)."
    )
    made = build(text)
    sentence = f"Remission was reached by 22 of 48 (46%) and 14 of 48 (29%) people (risk ratio 1.57; P = {p})"
    made.fact(sentence, "response", endpoint="Remission", count="22", denominator="48", percent="46%")
    made.fact(sentence, "effect", endpoint="Remission", risk_ratio="1.57", p_value=p)
    made.fact(
        "headache was less common (14% and 26%)", "outcome", endpoint="headache", population="less", percent="14%"
    )
    return made


def test_relative_without_absolute(build: Build) -> None:
    text = "The lamp made remission 57 percent more likely."
    news = build(text).fact(text, "effect", endpoint="remission", percent="57 percent")
    assert "spin_relative_only" in spins(news, trial(build))
    both = "The lamp made remission 57 percent more likely. Remission was reached by 46 percent."
    news = build(both).fact(text, "effect", endpoint="remission", percent="57 percent")
    news.fact("Remission was reached by 46 percent", "response", endpoint="Remission", percent="46 percent")
    assert "spin_relative_only" not in spins(news, trial(build))


@pytest.mark.parametrize(
    ("sentence", "p", "expected"),
    [
        ("Remission was reached by 46 percent, a significant gain", "0.09", True),
        ("Remission was reached by 46 percent, a significant gain", "0.02", False),
        ("Remission was reached by 46 percent, not a significant gain", "0.09", False),
        ("Remission was reached by 46 percent", "0.09", False),
    ],
)
def test_significance(build: Build, sentence: str, p: str, expected: bool) -> None:
    news = build(sentence).fact(sentence, "response", endpoint="Remission", percent="46 percent")
    assert ("spin_significance" in spins(news, trial(build, p))) is expected


def test_a_subgroup_as_the_main_result(build: Build) -> None:
    text = "Headache was less common with the lamp, at 14 percent."
    news = build(text).fact(text, "outcome", endpoint="Headache", population="less", percent="14 percent")
    assert "spin_secondary" in spins(news, trial(build))
    text = "Remission was reached by 46 percent. Headache was less common with the lamp, at 14 percent."
    news = build(text).fact(
        "Remission was reached by 46 percent", "response", endpoint="Remission", percent="46 percent"
    )
    assert "spin_secondary" not in spins(news, trial(build))


@pytest.mark.parametrize(
    ("news", "study", "expected"),
    [
        ("Coffee prevents diabetes.", "This prospective cohort study followed 88,259 nurses.", True),
        ("Coffee is linked to less diabetes and prevents it.", "This prospective cohort study followed nurses.", False),
        ("Nurses drink coffee.", "This prospective cohort study followed 88,259 nurses.", False),
        ("Coffee prevents diabetes.", "People were randomized to coffee or tea.", False),
        ("A spice restores and protects memory.", "We gave crocin to 36 transgenic mice.", True),
        ("A spice protects memory in mice.", "We gave crocin to 36 transgenic mice.", False),
        ("A drug protects memory.", "As in mice, the drug helped 36 patients randomized to it.", False),
    ],
)  # fmt: skip
def test_causal_claims(build: Build, news: str, study: str, expected: bool) -> None:
    assert ("spin_causal" in spins(build(news), build(study))) is expected
