from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import UnknownReference, UsageError
from extractor.sources.references import canonical_url, find_dois, parse_reference, read_reference_file


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("29768149", "pmid", "29768149"),
        ("PMID: 29768149", "pmid", "29768149"),
        ("pmid:29768149", "pmid", "29768149"),
        ("PMID29768149", "pmid", "29768149"),
        ("PubMed ID 29768149", "pmid", "29768149"),
        ("info:pmid/29768149", "pmid", "29768149"),
        ("00029768149", "pmid", "29768149"),
        ("https://pubmed.ncbi.nlm.nih.gov/29768149/", "pmid", "29768149"),
        ("https://pubmed.ncbi.nlm.nih.gov/29768149/?from=feed#abstract", "pmid", "29768149"),
        ("http://www.ncbi.nlm.nih.gov/pubmed/29768149", "pmid", "29768149"),
        ("https://europepmc.org/article/MED/29768149", "pmid", "29768149"),
        ("PMC1182327", "pmcid", "PMC1182327"),
        ("pmc 1182327", "pmcid", "PMC1182327"),
        ("PMCID: PMC1182327.2", "pmcid", "PMC1182327"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1182327/", "pmcid", "PMC1182327"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC1182327/#sec2", "pmcid", "PMC1182327"),
        ("https://europepmc.org/article/PMC/PMC1182327", "pmcid", "PMC1182327"),
        ("10.1056/NEJMoa1715274", "doi", "10.1056/nejmoa1715274"),
        ("doi:10.1056/NEJMoa1715274", "doi", "10.1056/nejmoa1715274"),
        ("DOI: 10.1056/NEJMoa1715274.", "doi", "10.1056/nejmoa1715274"),
        ("https://doi.org/10.1056/NEJMoa1715274", "doi", "10.1056/nejmoa1715274"),
        ("http://dx.doi.org/10.1016/S0140-6736(97)11096-0", "doi", "10.1016/s0140-6736(97)11096-0"),
        ("https://doi.org/10.1016%2FS0140-6736(97)11096-0", "doi", "10.1016/s0140-6736(97)11096-0"),
        ("https://example.org/a?b=c#part", "url", "https://example.org/a?b=c"),
        ("HTTP://Example.org/A", "url", "http://Example.org/A"),
        ("www.example.org/a", "url", "https://www.example.org/a"),
        # the publisher's page is what was asked for, not its DOI
        (
            "https://www.nejm.org/doi/full/10.1056/NEJMoa1715274",
            "url",
            "https://www.nejm.org/doi/full/10.1056/NEJMoa1715274",
        ),
        ("https://pubmed.ncbi.nlm.nih.gov/?term=asthma", "url", "https://pubmed.ncbi.nlm.nih.gov/?term=asthma"),
    ],
)
def test_forms(written: str, kind: str, value: str) -> None:
    reference = parse_reference(written)
    assert (reference.kind, reference.value) == (kind, value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hello",
        "NCT02149199",
        "10.1056",
        "PMID",
        "PMC",
        "0",
        "1234567890",
        "file:///etc/passwd",
        "ftp://example.org/a",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://exa mple.org/",
        "/etc/passwd",
        "http://[::1",
        "PMID: 12a",
    ],
)
def test_unknown_forms(written: str) -> None:
    with pytest.raises(UnknownReference):
        parse_reference(written)


@pytest.mark.parametrize(
    ("written", "told"), [("PMID: 12a", "no PMID"), ("doi:hello", "no DOI"), ("ftp://a.b", "http")]
)
def test_an_unknown_form_says_what_it_is_not(written: str, told: str) -> None:
    with pytest.raises(UnknownReference, match=told):
        parse_reference(written)


def test_one_thing_in_two_forms_has_one_key() -> None:
    forms = ("PMID: 29768149", "https://pubmed.ncbi.nlm.nih.gov/29768149/", "29768149")
    assert len({parse_reference(form).key for form in forms}) == 1
    pages = ("https://example.org/a?utm_source=x&id=1", "https://EXAMPLE.org:443/a?id=1#top")
    assert len({parse_reference(page).key for page in pages}) == 1
    assert canonical_url("https://example.org/a?id=1") != canonical_url("https://example.org/a?id=2")


def test_credentials_are_not_kept_in_what_was_written() -> None:
    reference = parse_reference("https://user:secret@example.org/a?api_key=hidden&id=1")
    assert "secret" not in reference.written + reference.key.replace("api_key", "")
    assert "hidden" not in reference.written
    assert "id=1" in reference.written


def test_dois_in_running_text_and_addresses() -> None:
    text = "See (doi: 10.1016/S0140-6736(97)11096-0). Also https://www.nejm.org/doi/full/10.1056/NEJMoa1715274?query=x."
    assert find_dois(text) == ["10.1016/s0140-6736(97)11096-0", "10.1056/nejmoa1715274"]
    assert find_dois("https://journal.example.org/doi/pdf/10.1234/abc.def/full") == ["10.1234/abc.def"]
    assert find_dois("version 110.1234/5 and 10.5 mg/day") == []


def test_file_of_references(tmp_path: Path) -> None:
    file = tmp_path / "refs.txt"
    file.write_bytes("\ufeff# a comment\r\nPMID: 1\r\n\r\n2, 3;PMC4\nhttps://example.org/a,b\nno such form\n".encode())
    found = ["PMID: 1", "2", "3", "PMC4", "https://example.org/a,b", "no such form"]
    assert list(read_reference_file(file)) == found


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="absent"):
        list(read_reference_file(tmp_path / "absent"))
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    with pytest.raises(UsageError, match="UTF-8"):
        list(read_reference_file(tmp_path / "latin"))


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except UnknownReference:
        return
    # what has been understood once is understood again, in its normal form
    assert parse_reference(reference.value).key == reference.key
