"""The list of checks: documented, unique, each can be turned off."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.checks import run_checks, thresholds
from extractor.checks.registry import NAMES, all_checks, disabled_checks
from extractor.errors import UsageError

Build = Callable[[str], Any]
ROOT = Path(__file__).resolve().parents[2]


def test_names_are_unique_and_every_check_is_documented() -> None:
    names = [info.name for info in all_checks()]
    assert len(set(names)) == len(names)
    documented = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    for info in all_checks():
        assert f"| `{info.name}` | {info.question} |" in documented
        assert info.question.endswith("?")
        assert info.formula
        assert info.source


def test_every_threshold_is_a_number_with_its_reason() -> None:
    source = Path(thresholds.__file__).read_text(encoding="utf-8")
    for name in re.findall(r"^([A-Z_]+) =", source, re.MULTILINE):
        assert isinstance(getattr(thresholds, name), int | float)


def test_disabled_checks() -> None:
    assert disabled_checks(["grim,duplicates", " partition "]) == {"grim", "duplicates", "partition"}
    assert disabled_checks([]) == frozenset()
    with pytest.raises(UsageError, match="no check is called gram; the checks are"):
        disabled_checks(["gram"])


@pytest.mark.parametrize("name", NAMES)
def test_each_check_can_be_turned_off(build: Build, name: str) -> None:
    text = "Response in 12 of 10 patients (5%)."
    made = build(text).fact(text, "response", endpoint="Response", count="12", denominator="10", percent="5%")
    checked = run_checks(made.record(), disabled=frozenset({name}))
    found = {c.name for c in (*checked.checks, *(c for f in checked.facts for c in f.checks))}
    everything = {"grounding", "value_range", "percent_of_count", "count_in_group"}
    assert found == everything - {name}


def test_checks_change_nothing_and_replace_earlier_outcomes(build: Build) -> None:
    text = "Response in 12 of 10 patients (5%)."
    made = build(text).fact(text, "response", endpoint="Response", count="12", denominator="10", percent="5%")
    record = made.record()
    once = run_checks(record)
    assert run_checks(once) == once
    assert once.model_copy(update={"checks": (), "facts": record.facts}) == record
    for before, after in zip(record.facts, once.facts, strict=True):
        assert after.model_copy(update={"checks": ()}) == before


def test_a_record_without_facts(build: Build) -> None:
    checked = run_checks(build("Nothing here.").record())
    assert checked.checks == ()
