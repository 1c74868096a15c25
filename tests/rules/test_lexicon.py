"""Lexicons are read with their faults named, and cannot be changed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import pytest

from extractor.errors import LexiconError
from extractor.rules import lexicon


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Lexicons by name; the readers' memory is emptied before and after."""
    files: dict[str, str] = {}
    readers = (lexicon.rows, lexicon.mapping, lexicon.phrases, lexicon.terms)
    for reader in readers:
        reader.cache_clear()
    monkeypatch.setattr(lexicon, "_text", files.__getitem__)
    yield files
    for reader in readers:
        reader.cache_clear()


def test_rows_skip_comments_and_fill_missing_cells(written: dict[str, str]) -> None:
    written["a.tsv"] = "# note\nterm\tcategory\tnote\n\nfever\tsign\n# more\nrash\tsign\tskin\n"
    found = lexicon.rows("a.tsv", ("term", "category"))
    assert [dict(row) for row in found] == [
        {"term": "fever", "category": "sign", "note": ""},
        {"term": "rash", "category": "sign", "note": "skin"},
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term\tclass\nfever\tx\n", r"lexicons/a\.tsv:1: columns term, category are needed"),
        ("term\tcategory\nfever\n", r"a\.tsv:2: 1 cells under 2 columns"),
        ("term\tcategory\nfever\tx\ty\n", r"a\.tsv:2: 3 cells under 2 columns"),
        ("term\tcategory\nfever\tx\nfever\ty\n", r"a\.tsv:3: 'fever' stands in line 2 already"),
        ("term\tcategory\n\tx\n", r"a\.tsv:2: no term in the first cell"),
        ("# only a note\n", r"a\.tsv: no line that names the columns"),
    ],
)
def test_faults_name_file_and_line(written: dict[str, str], text: str, message: str) -> None:
    written["a.tsv"] = text
    with pytest.raises(LexiconError, match=message):
        lexicon.rows("a.tsv", ("term", "category"))


def test_a_missing_lexicon_is_named() -> None:
    with pytest.raises(LexiconError, match=r"lexicons/no_such\.tsv is missing"):
        lexicon.rows("no_such.tsv", ("term",))


def test_mapping_and_terms(written: dict[str, str]) -> None:
    written["a.tsv"] = "term\tcategory\nfever\tsign\nasthma\tdisease\n"
    assert dict(lexicon.mapping("a.tsv", "term", "category")) == {"fever": "sign", "asthma": "disease"}
    assert lexicon.terms("a.tsv", "sign") == {"fever"}
    assert lexicon.terms("a.tsv", "drug") == frozenset()


def test_phrases_put_the_longest_first(written: dict[str, str]) -> None:
    written["a.tsv"] = "term\tcode\nHazard\tH\nhazard ratio\tHR\nodds ratio\tOR\n"
    assert lexicon.phrases("a.tsv", "term", "code")["hazard"] == ((("hazard", "ratio"), "HR"), (("hazard",), "H"))


def test_what_is_read_cannot_be_changed() -> None:
    for mapping in (
        lexicon.rows("units.tsv", ("term", "class"))[0],
        lexicon.mapping("units.tsv", "term", "class"),
        lexicon.phrases("effect_measures.tsv", "term", "statistic"),
    ):
        with pytest.raises(TypeError):
            mapping["new"] = "entry"  # type: ignore[index]


@pytest.mark.parametrize("name", sorted(f.name for f in resources.files("extractor.lexicons").iterdir()))
def test_every_lexicon_is_sound(name: str) -> None:
    if name.endswith(".tsv"):
        assert lexicon.rows(name, (), unique=False)
