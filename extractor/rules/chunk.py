"""Cut the noun phrase beside a number out of a sentence without a parser: what an outcome is called that no lexicon
knows ("mean attacks per period was 8.1", "12 patients needed a second operation").

A subject ends where the verb begins; from there words are taken leftwards until a mark, a conjunction or a word of
`statement_words.tsv` (category stop) stands in the way. An object runs rightwards by the same signs.
"""

from __future__ import annotations

from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.number_context import PEOPLE

VERB = terms("statement_words.tsv", "verb")
HAVE = terms("statement_words.tsv", "have")
_LEAD = terms("statement_words.tsv", "lead")
_TRAIL = terms("statement_words.tsv", "trail")
_STOP = terms("statement_words.tsv", "stop")
_MARKS = frozenset('.,;:()[]=<>±%/?!"“”≥≤{}*|')
_MAX_WORDS = 8
_TIME = frozenset(("day", "days", "week", "weeks", "month", "months", "year", "years", "hours", "minutes", "time"))
_EMPTY = PEOPLE | _TIME | terms("statement_words.tsv", "empty")


def subject_before(layout: Layout, token: int, floor: int) -> tuple[int, int] | None:
    """The half-open tokens of the noun phrase whose statement holds the number at `token`: the words before the nearest
    verb on its left, no further left than `floor`. None where there is no verb or only empty words."""
    lower, depth = layout.lower, layout.depth
    own_depth = depth[token]
    i = token - 1
    steps = 0
    while i >= floor and steps < 30:
        if lower[i] in VERB and depth[i] <= own_depth:
            phrase = _leftwards(layout, i, floor)
            if phrase is not None:
                return phrase
        if lower[i] in (";", ".") and depth[i] == 0:
            return None
        i -= 1
        steps += 1
    return None


def _leftwards(layout: Layout, end: int, floor: int) -> tuple[int, int] | None:
    """The noun phrase that ends before token `end`."""
    lower = layout.lower
    while end > floor and (lower[end - 1] in VERB or lower[end - 1] in _TRAIL or lower[end - 1] == ")"):
        if lower[end - 1] == ")":
            opening = layout.opener[end - 1]
            if opening < floor or opening < 0:
                return None
            end = opening
        else:
            end -= 1
    # "X in the A group was": the group belongs to the arm, the phrase to the left is the outcome
    first = end
    while first > floor and end - first < _MAX_WORDS:
        word = lower[first - 1]
        if word in _MARKS or word in _STOP or word[0].isdigit() or word in VERB:
            break
        first -= 1
    return _trim(layout, first, end)


def object_after(layout: Layout, token: int, limit: int) -> tuple[int, int] | None:
    """The half-open tokens of the noun phrase behind "patients had", starting the search at `token`."""
    lower = layout.lower
    i = token
    people = False
    while (
        i < limit
        and i < token + 12
        and (lower[i] in HAVE or lower[i] in PEOPLE or lower[i] in ("of", "(", ")", "all", "these"))
    ):
        people = people or lower[i] in HAVE - {"in", "and", "a", "the", "at", "from"}
        i += 1
    if not people or i >= limit:
        return None
    end = i
    while end < limit and end - i < _MAX_WORDS:
        word = lower[end]
        if word in _MARKS or word in _STOP or word[0].isdigit() or word in ("in", "and", "or", "with", "for", "to"):
            break
        end += 1
    return _trim(layout, i, end)


def noun_before(layout: Layout, end: int, floor: int) -> tuple[int, int] | None:
    """The noun phrase that ends right before token `end`: "hot flushes (12%)"."""
    lower = layout.lower
    first = end
    while first > floor and end - first < 6:
        word = lower[first - 1]
        if (
            word in _MARKS
            or word in _STOP
            or word in VERB
            or word in ("and", "or", "with", "in", "for", "to")
            or word[0].isdigit()
        ):
            break
        first -= 1
    return _trim(layout, first, end)


def _trim(layout: Layout, first: int, end: int) -> tuple[int, int] | None:
    """Without words that no label starts or ends with; None if nothing telling is left."""
    lower = layout.lower
    while first < end and (lower[first] in _LEAD or lower[first] in "-–'’"):
        first += 1
    while end > first and (lower[end - 1] in _TRAIL or lower[end - 1] in "-–'’" or lower[end - 1].endswith("ly")):
        end -= 1
    telling = [w for w in lower[first:end] if w not in _EMPTY and w not in _LEAD and w not in _TRAIL and w.isalpha()]
    return (first, end) if telling and len(telling[0]) > 1 else None
