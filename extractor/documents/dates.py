"""Dates as ISO strings, only as precise as they were written: "2024-04-25", "2024-04" or "2024".

Purely numeric dates such as 04/05/2024 are read only where day and month cannot be confused.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1)
    for name in names.split()
}  # fmt: skip
MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
"""A month's name, whole or shortened, in a regular expression."""
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
WRITTEN_DATE = rf"(?:{MONTH}\s+{_DAY},?\s+{_YEAR}|{_DAY}\s+{MONTH},?\s+{_YEAR}|{MONTH},?\s+{_YEAR}|{_YEAR}-\d\d-\d\d)"
"""A date with its year as it stands in running text."""

_ISO = re.compile(r"\s*((?:19|20)\d\d)(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?=$|[T\s])")
_MONTH_FIRST = re.compile(rf"({MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\.?\s+({MONTH}),?\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_ONLY = re.compile(rf"({MONTH}),?\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_COMPACT = re.compile(r"\s*((?:19|20)\d\d)(\d\d)(\d\d)\s*$")
_NUMERIC = re.compile(r"\s*(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b")


def iso_date(written: str | None) -> str | None:
    """The first date in `written` as ISO, or None where there is none or it is no day of the calendar."""
    if not written:
        return None
    if found := _ISO.match(written):
        return compose(found[1], found[2], found[3])
    if found := _MONTH_FIRST.search(written):
        return compose(found[3], found[1], found[2])
    if found := _DAY_FIRST.search(written):
        return compose(found[3], found[2], found[1])
    if found := _MONTH_ONLY.search(written):
        return compose(found[2], found[1])
    if found := _COMPACT.match(written):
        return compose(found[1], found[2], found[3])
    if found := _NUMERIC.match(written):
        first, second = int(found[1]), int(found[2])
        if first > 12 or first == second:
            return compose(found[3], second, first)
        if second > 12:
            return compose(found[3], first, second)
        return compose(found[3])
    return None


def compose(year: str | int | None, month: str | int | None = None, day: str | int | None = None) -> str | None:
    """The ISO date from its parts; a part that is missing or impossible ends it there. None without a year."""
    try:
        number = int(str(year).strip())
    except ValueError:
        return None
    if not 1800 <= number <= 2100:
        return None
    month_number = _month(month)
    if month_number is None:
        return f"{number:04d}"
    try:
        return date(number, month_number, int(str(day).strip())).isoformat()
    except ValueError:
        return f"{number:04d}-{month_number:02d}"


def _month(month: str | int | None) -> int | None:
    if month is None:
        return None
    name = str(month).strip().rstrip(".").lower()
    number = int(name) if name.isascii() and name.isdigit() else _MONTHS.get(name)
    return number if number is not None and 1 <= number <= 12 else None


def best_date(candidates: list[str | None]) -> str | None:
    """The most precise of several dates of one article, the earliest of equals."""
    known = [candidate for candidate in candidates if candidate]
    return min(known, key=lambda iso: (-len(iso), iso)) if known else None
