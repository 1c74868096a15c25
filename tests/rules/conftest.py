"""What the tests of the rules share: layouts of plain sentences, and the example phrases of `fixtures/corpora`.

A test that asks for `example` runs once for each line of `fixtures/corpora/<CORPUS>.jsonl`, where `CORPUS` is named in
its module; lines with `known_miss` are strict expected failures, so that progress shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import spacy

from extractor.rules.layout import build_layout
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPORA = Path(__file__).resolve().parents[2] / "fixtures" / "corpora"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Feed the corpus that the test's module names to its `example`."""
    if "example" not in metafunc.fixturenames:
        return
    kind: str = metafunc.module.CORPUS
    found = []
    for line in (CORPORA / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        miss = example.get("known_miss")
        marks = [pytest.mark.xfail(strict=True, reason=miss)] if miss else []
        found.append(pytest.param(example, id=example["text"][:60], marks=marks))
    metafunc.parametrize("example", found)


@pytest.fixture(scope="session")
def layout() -> Callable[[str], Layout]:
    """Makes the layout of a text, without a pipeline."""
    tokenizer = TrialTokenizer(spacy.blank("en").vocab)
    return lambda text: build_layout(tokenizer(text))
