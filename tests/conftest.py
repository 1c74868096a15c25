"""What several test modules share: the pipeline, the fixtures' folder, one batch over it."""

from __future__ import annotations

import os

# Tests replace functions and count the lines that run, which compiled rules do not allow: all but test_compiled.py run
# on the sources, whether or not the installation compiled them.
os.environ["EXTRACTOR_PURE"] = "1"

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from spacy.language import Language

    from extractor.extract import Extractor

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def articles() -> Path:
    """The folder of the articles kept with the project."""
    return ROOT / "fixtures" / "articles"


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The whole pipeline, built once."""
    from extractor.extract import Extractor

    return Extractor()


@pytest.fixture(scope="session")
def nlp(extractor: Extractor) -> Language:
    """The spaCy pipeline with all rules."""
    return extractor.nlp


@pytest.fixture(scope="session")
def fixture_batch(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one batch over the articles. Tests only read it."""
    from extractor.batch import run

    out = tmp_path_factory.mktemp("batch")
    tally = run([articles], out)
    assert tally.failed == 0
    return out


@pytest.fixture(scope="session")
def corpora() -> Path:
    """A folder of larger corpora, named by EXTRACTOR_CORPORA; tests that need it are skipped without it."""
    named = os.environ.get("EXTRACTOR_CORPORA")
    if not named or not Path(named).is_dir():
        pytest.skip("EXTRACTOR_CORPORA does not name a folder of corpora")
    return Path(named)
