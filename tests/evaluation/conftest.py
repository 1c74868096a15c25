"""A small collection, written for these tests, and records made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = "Of 80 patients, 40 took zelprine and 40 placebo. Relief came to 24 (60%) and 10 (25%), respectively."
ANN = """\
T1\ttotal-participants 3 5\t80
T2\tintervention-participants 16 18\t40
T3\tcontrol-participants 37 39\t40
T4\tiv-bin-abs 64 66\t24
T5\tiv-bin-percent 68 70\t60
T6\tcv-bin-abs 77 79\t10
T7\tcv-bin-percent 81 84\t25%
T8\toutcome 49 55\tRelief
"""
"""The percentage of the first arm is marked without its sign, that of the second with it."""


class Study:
    """Makes facts about TEXT, and records of them, by hand."""

    text = TEXT

    def value(self, words: str, statistic: str, nth: int = 0, text: str = TEXT) -> dict[str, Any]:
        """A value at the `nth` place of `words` in the text, counted from 0."""
        start = -1
        for _ in range(nth + 1):
            start = text.index(words, start + 1)
        return {"statistic": statistic, "value": 1.0, "start": start, "end": start + len(words), "text": words}

    def fact(self, kind: str, arm: str | None, *values: dict[str, Any], confidence: float = 0.9) -> dict[str, Any]:
        """A fact without an id; `record` gives it one."""
        return {
            "kind": kind, "arm": arm, "values": list(values), "evidence": {"start": 0, "end": 1}, "rule": "by_hand",
            "confidence": confidence,
        }  # fmt: skip

    def record(self, facts: list[dict[str, Any]], text: str = TEXT) -> dict[str, Any]:
        """A record with an intervention `one`, a control `two` and a single arm `three`."""
        roles = {"one": "intervention", "two": "control", "three": "single"}
        return {
            "schema_version": "1.0",
            "extractor": {"version": "0", "rules": "by hand"},
            "article": {"id": "a", "source": {"path": "a.txt", "format": "text", "sha256": "0" * 64}},
            "text": text,
            "arms": [{"id": arm, "label": arm, "role": role, "start": 0, "end": 1} for arm, role in roles.items()],
            "facts": [{"id": f"f{number}", **one} for number, one in enumerate(facts, 1)],
        }

    def perfect(self) -> list[dict[str, Any]]:
        """What a perfect reader says of TEXT."""
        value, fact = self.value, self.fact
        return [
            fact("cohort_size", None, value("80", "count")),
            fact("cohort_size", "one", value("40", "count")),
            fact("cohort_size", "two", value("40", "count", 1)),
            fact("outcome", "one", value("24", "count"), value("60%", "percent")),
            fact("outcome", "two", value("10", "count"), value("25%", "percent")),
        ]


@pytest.fixture
def study() -> Study:
    """The builder of facts and records."""
    return Study()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A folder with one annotated text."""
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "a.txt").write_bytes(TEXT.encode())
    (folder / "a.ann").write_text(ANN, encoding="utf-8")
    return folder


@pytest.fixture
def written(tmp_path: Path, study: Study) -> Callable[..., Path]:
    """Writes a record with the given facts; gives the output folder."""

    def write(facts: list[dict[str, Any]], text: str = TEXT) -> Path:
        folder = tmp_path / "out" / "records"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.json").write_text(json.dumps(study.record(facts, text)), encoding="utf-8")
        return folder.parent

    return write
