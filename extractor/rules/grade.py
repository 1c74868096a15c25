"""Read the grades of an adverse event: "grade 3", "grades 3-4", "grade III or IV", "grade 3 or higher".

Source: CTCAE 5.0, grades 1 (mild) to 5 (death).
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.layout import Layout
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES

ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}


def find_grades(layout: Layout, bundle: Bundle, m: EndpointMention | None) -> tuple[int, ...]:
    """The grades ("grade 3", "grades III-IV", "grade 3 or higher") beside the event or heading its list."""
    if m is None or m.family not in ("adverse_event", "outcome", "death", "generic"):
        return ()
    begin, end = layout.sentences[layout.sentence_of[m.token]]
    lower = layout.lower
    low = min(m.token, bundle.start)
    # "but reached grade 3 or 4 in only four", "including grade ≥3 in 10%"
    i = bundle.start - 1
    while i >= max(begin, bundle.start - 9, m.token_end) and lower[i] not in (";", "%", ")", "versus", "vs"):
        if lower[i] in ("grade", "grades"):
            return _grade_values(lower, i + 1, end)
        i -= 1
    for i in range(m.token_end - 1, max(begin, m.token - 8) - 1, -1):
        if lower[i] in ("grade", "grades"):
            return _grade_values(lower, i + 1, end)
        if lower[i] in (";", ".") or (i < m.token and (lower[i] in (")", "%") or lower[i] in PEOPLE)):
            break
    for i in range(m.token_end, min(end, m.token_end + 7)):
        if lower[i] in ("grade", "grades"):
            return _grade_values(lower, i + 1, end)
        if lower[i] in (";", ".", ",", ")", "and") or lower[i][0].isdigit():
            break
    # heading a list: "Grade 3-4 events were neutropenia (26%), anemia (7%)"
    i = begin
    first = -1
    while i < low:
        if lower[i] in ("grade", "grades"):
            first = i
        elif lower[i] == ";" and layout.depth[i] == 0:
            first = -1
        i += 1
    if first >= 0:
        head = lower[first + 1 : low]
        if any(w in ("were", "was", "included", "including", ":", "are", "(", "with") for w in head) and not any(
            w in ("while", "whereas", "but") for w in head
        ):
            return _grade_values(lower, first + 1, end)
    return ()


def _grade_values(lower: Sequence[str], i: int, end: int) -> tuple[int, ...]:
    """The grades behind the word "grade"."""
    found: list[int] = []
    upward = span = False
    stop = min(end, i + 8)
    while i < stop:
        word = lower[i]
        value = int(word) if word.isdecimal() and len(word) == 1 else ROMAN.get(word, 0)
        if value and 1 <= value <= 5:
            if span and found:
                found += range(found[-1] + 1, value + 1)
            else:
                found.append(value)
            span = False
        elif word in DASHES or word in ("to", "through"):
            span = True
        elif word in ("≥", ">", "⩾"):
            upward = True
        elif word in ("higher", "more", "greater", "above", "worse", "+", "severe", "over"):
            upward = True
            break
        elif word not in ("or", "and", "/", ",", "of", "at", "least", "grade", "="):
            break
        i += 1
    if upward and found:
        found = list(range(min(found), 6))
    return tuple(sorted({g for g in found if 1 <= g <= 5}))
