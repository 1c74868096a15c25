"""The readers' word lists: malformed ones are refused with file and line, ours are sound."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from extractor.documents.wordlists import rows
from extractor.errors import LexiconError


@pytest.fixture
def lexicons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    rows.cache_clear()
    return tmp_path


def test_rows_under_the_columns_asked_for(lexicons: Path) -> None:
    (lexicons / "a.tsv").write_text("# note\nname\tkind\nx\t1\n\ny\t2\n", encoding="utf-8")
    assert rows("a.tsv", ("kind", "name")) == (("1", "x"), ("2", "y"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\tother\nx\t1\n", "line 1: no column 'kind'"),
        ("name\tkind\nx\n", "line 2: 1 cells, 2 columns"),
        ("name\tkind\nx\t1\nx\t2\n", "line 3: 'x' is given twice"),
    ],
)
def test_malformed_lists_are_refused(lexicons: Path, content: str, message: str) -> None:
    (lexicons / "bad.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(LexiconError, match=message):
        rows("bad.tsv", ("name", "kind"))


def test_missing_list(lexicons: Path) -> None:
    with pytest.raises(LexiconError, match=r"none\.tsv is missing"):
        rows("none.tsv", ("name",))


def test_boilerplate_phrases_are_written_as_they_are_compared() -> None:
    for phrase, match, scope, category in rows("boilerplate.tsv", ("phrase", "match", "scope", "category")):
        assert phrase == phrase.lower().strip()
        assert match in ("whole", "start", "end")
        assert scope in ("line", "tail")
        assert category


def test_every_other_list_can_be_read() -> None:
    for name, columns in (
        ("journals.tsv", ("name", "canonical", "category")),
        ("publishers.tsv", ("cue", "canonical", "kind")),
        ("study_hosts.tsv", ("host", "path")),
        ("section_labels.tsv", ("label", "canonical")),
        ("english_words.tsv", ("word",)),
        ("language_codes.tsv", ("code", "canonical")),
    ):
        assert len(rows(name, columns)) > 20
