"""The error browser, driven by its keys without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList

from extractor.evaluation.brat import read_collection
from extractor.evaluation.browser import ALL, ErrorBrowser
from extractor.evaluation.errors import Mistake
from extractor.evaluation.labels import read_labels
from extractor.evaluation.measure import evaluate, records_in


@pytest.fixture
def mistakes(gold: Path, written: Callable[..., Path], study: Any) -> list[Mistake]:
    facts = study.perfect()
    facts[4]["arm"] = "one"
    outcome = evaluate(read_collection(gold), records_in(written(facts)), read_labels())
    assert len(outcome.mistakes) == 4
    return outcome.mistakes


def after(mistakes: Sequence[Mistake], *keys: str, label: str | None = None) -> ErrorBrowser:
    """The browser's state once the keys were pressed."""

    async def drive() -> ErrorBrowser:
        app = ErrorBrowser(mistakes, label)
        async with app.run_test(size=(120, 30)) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            assert app.query_one(OptionList).option_count == len(app.labels)
        return app

    return asyncio.run(drive())


def test_next_and_previous_stop_at_the_ends(mistakes: list[Mistake]) -> None:
    assert after(mistakes).place == 0
    assert after(mistakes, "p").place == 0
    assert after(mistakes, "n", "right").place == 2
    assert after(mistakes, *"nnnnnnnn").place == 3
    assert after(mistakes, "n", "n", "left").place == 1


def test_a_label_can_be_chosen(mistakes: list[Mistake]) -> None:
    app = after(mistakes, "n", "down")
    assert app.labels == [ALL, "cv-bin-abs", "cv-bin-percent", "iv-bin-abs", "iv-bin-percent"]
    assert (app.label, app.place) == ("cv-bin-abs", 0)
    assert [m.quoted for m in app.chosen] == ["10"]
    assert after(mistakes, label="iv-bin-percent").label == "iv-bin-percent"


def test_misses_or_false_alarms_alone(mistakes: list[Mistake]) -> None:
    assert [m.tag for m in after(mistakes, "m").chosen] == ["missed", "missed"]
    assert [m.tag for m in after(mistakes, "f").chosen] == ["false", "false"]
    assert len(after(mistakes, "f", "a").chosen) == 4


def test_nothing_to_show(mistakes: list[Mistake]) -> None:
    assert after([], "n", "p").place == 0
    assert after(mistakes, "down", "f", "n").chosen == []
