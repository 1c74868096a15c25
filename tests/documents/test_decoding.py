"""Bytes to text: marks, declarations, and the encodings that pages really come in."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents.decoding import decode
from extractor.documents.reader import read
from extractor.sources.raw import RawArticle

TEXT = "Median survival was 9·5 months (95% CI 8.1–10.2); p≤0.05 in “élite” centres, mean 10.3±2.1."
WESTERN = "Mean 10.3±2.1 µg; “élite” centres – naïve patients. " * 4


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_unicode_encodings_with_and_without_mark(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding)) == TEXT


def test_windows_1252_is_guessed_for_mostly_ascii_bytes() -> None:
    assert decode(WESTERN.encode("cp1252")) == WESTERN


@pytest.mark.parametrize("label", ["windows-1252", "iso-8859-1", "latin1", "us-ascii"])
def test_latin_labels_mean_windows_1252(label: str) -> None:
    assert decode(WESTERN.encode("cp1252"), f"text/html; charset={label}") == WESTERN


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="koi8-r"?>',
        '<html><head><meta charset="koi8-r">',
        '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
    ],
)
def test_what_the_page_declares(head: str) -> None:
    text = head + "Лечение получили десять пациентов"
    assert decode(text.encode("koi8-r")) == text


def test_the_server_is_believed_before_the_page() -> None:
    text = '<meta charset="shift_jis">Лечение получили'
    assert decode(text.encode("koi8-r"), "text/html; charset=koi8-r") == text


def test_valid_utf8_is_believed_before_any_declaration() -> None:
    assert decode(TEXT.encode(), "text/html; charset=windows-1252") == TEXT


@pytest.mark.parametrize("label", ["nonsense", "utf-16", "base64", "hex"])
def test_impossible_declarations_are_ignored(label: str) -> None:
    assert decode(WESTERN.encode("cp1252"), f"text/html; charset={label}") == WESTERN


def test_a_few_broken_bytes_do_not_make_utf8_something_else() -> None:
    broken = TEXT.encode() * 3 + b"\x93 end"
    assert decode(broken) == TEXT * 3 + "\ufffd end"


def test_other_encodings_are_guessed_from_their_letters() -> None:
    text = "Лечение получили десять пациентов, через год восемь из них были живы и здоровы. " * 5
    assert decode(text.encode("cp1251")) == text


@given(st.binary(max_size=300))
def test_nothing_fails_and_nothing_is_unwritable(content: bytes) -> None:
    assert decode(content).encode("utf-8") is not None


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(lambda t: t.strip() and t[0] != "\ufeff"))
def test_utf8_text_is_itself(text: str) -> None:
    wide = text.encode("utf-8")
    if b"\0" not in wide:
        assert decode(wide) == text


def test_plain_text_is_the_decoded_file_to_the_last_space() -> None:
    text = "  A trial\r\n\r\nTen patients were treated. \t\r\n\x0c\n"
    (document,) = read(RawArticle(content=codecs.BOM_UTF8 + text.encode(), name="a"))
    assert document.text == text
