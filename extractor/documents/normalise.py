"""The only place where text changes on its way into a `Document`.

Plain text passes untouched. In markup, white space is layout, so runs of it become one space; no-break and thin
spaces stay, because they stand inside numbers.
"""

from __future__ import annotations

import re
import unicodedata

_LAYOUT_SPACE = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOFT = re.compile("[\u00ad\u200b\ufeff\u2060\u200e\u200f]")
"""Soft hyphens, zero-width spaces and direction marks: invisible, and they split words and numbers."""

_SUPERSCRIPT = str.maketrans("0123456789+-\u2212\u2013=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_SUPERSCRIPT_NUMBER = re.compile(r"\s*[+\-\u2212\u2013]?\s?\d+\s*")


def fold_space(text: str) -> str:
    """One space for each run of layout white space, none at the ends, invisible characters gone, accents composed."""
    if text.isascii():
        return " ".join(text.split())
    folded = _LAYOUT_SPACE.sub(" ", _SOFT.sub("", text)).strip()
    return unicodedata.normalize("NFC", folded)


def without_control_characters(text: str) -> str:
    """The text without what XML 1.0 forbids: control characters but tab and line ends, lone surrogates."""
    return _NOT_XML.sub("", text)


def superscript(text: str) -> str:
    """A raised number in superscript digits: the text of 10<sup>9</sup> must not read as one hundred and nine."""
    return text.strip().replace(" ", "").translate(_SUPERSCRIPT) if _SUPERSCRIPT_NUMBER.fullmatch(text) else text
