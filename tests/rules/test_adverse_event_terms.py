"""Every spelling of an adverse event leads to its normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.endpoint import find_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "adverse_event"


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = [m.term for m in find_endpoints(layout(example["text"])) if m.family == "adverse_event"]
    assert found == ([example["term"]] if example["term"] else [])
