"""Find what a number of a sentence may measure: the noun phrases of the sentence, those that a lexicon knows as an
endpoint and all others.

A phrase is a run of words that no mark, number, name of an arm, preposition but "of", verb of stating or conjunction
interrupts ("systolic blood pressure", "AB/CD ratio", "IL-6 levels", "length of stay", "needed a second operation"),
without what only counts or compares at its edges ("mean", "incidence of", "patients").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor.rules.endpoint import EndpointMention
from extractor.rules.grade import ROMAN
from extractor.rules.layout import Layout
from extractor.rules.lexicon import mapping, terms
from extractor.rules.linear import LinearModel
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES

VERB = terms("statement_words.tsv", "verb")
"""Ends the subject that a value is stated of."""
HAVE = terms("statement_words.tsv", "have")
"""What follows is what the people counted had."""
_BREAKS = (
    terms("statement_words.tsv", "stop")
    | VERB
    | frozenset(("and", "or", "in", "for", "with", "to", "without", "nor", "into", "onto", "against", "plus", "both"))
    | frozenset('.,;:()[]=<>±%?!"“”≥≤{}*|')
) - {"over"}
_LEAD = terms("statement_words.tsv", "lead")
_TRAIL = terms("statement_words.tsv", "trail")
_TIME = frozenset(("day", "days", "week", "weeks", "month", "months", "year", "years", "hours", "minutes"))
_EMPTY = PEOPLE | _TIME | terms("statement_words.tsv", "empty")
_HAD = HAVE - terms("statement_words.tsv", "adjective")
_BEFORE_TO = frozenset(("time", "response", "adherence", "resistance", "return", "progression", "exposure", "times"))
_JOINING = frozenset("/+&'’") | DASHES
_COUNTING = terms("statement_words.tsv", "counting")
_MOST_WORDS = 12


@dataclass(slots=True)
class Phrase:
    """Half-open tokens, and the lexicon's mention in them, if there is one."""

    token: int
    token_end: int
    mention: EndpointMention | None = None
    family: str = "open"
    """Of the mention; "open" if no lexicon knows the phrase."""
    weight: int = 0
    """What its words weigh, and in which model; kept by `endpoint_choice`."""
    weighed_by: LinearModel | None = None

    def endpoint(self, layout: Layout) -> EndpointMention | None:
        """The mention that goes into the record, with all words of the phrase; None if there is no phrase."""
        if self.token < 0:
            return None
        m = self.mention
        if m is not None and m.family == "demographic":
            return m
        start, end = layout.starts[self.token], layout.ends[self.token_end - 1]
        if m is None:
            label = layout.text[start:end]
            return EndpointMention(
                self.token, self.token_end, start, end, label, None, "outcome", label.lower(), "chunk"
            )
        if self.token_end == m.token_end:
            end = m.end  # a bracketed abbreviation behind the name is no part of the label
        return replace(
            m, token=self.token, token_end=self.token_end, start=start, end=end, label=layout.text[start:end]
        )


@dataclass(slots=True)
class SentenceView:
    """The phrases of one sentence and its skeleton."""

    begin: int
    """The sentence's first token."""
    phrases: list[Phrase]
    starts: list[int]
    """Their first tokens."""
    signs: str
    before: list[int]
    """Per token, how many signs stand before it; both as `skeleton` gives them."""
    subjects: list[bool]
    """Per phrase: whether a verb of stating follows."""
    people: list[bool]
    """Per phrase: whether it only says who the people are."""


def find_phrases(
    layout: Layout, begin: int, end: int, barred: Sequence[bool], mentions: Sequence[EndpointMention]
) -> list[Phrase]:
    """The phrases in tokens `begin` to `end`, in text order. `barred[i]` tells whether token `begin + i` belongs to a
    number or an arm's name. Each of `mentions` is in one of them."""
    found: list[Phrase] = []
    for first, stop in _runs(layout, begin, end, barred):
        trimmed = _trim(layout, first, stop)
        if trimmed is not None:
            found.append(Phrase(*trimmed))
    return _with_mentions(found, mentions)


def _runs(layout: Layout, begin: int, end: int, barred: Sequence[bool]) -> list[tuple[int, int]]:
    lower = layout.lower
    runs: list[tuple[int, int]] = []
    first = graded = -1
    for i in range(begin, end):
        word = lower[i]
        if word in _GRADE:
            graded = _grades_end(lower, i + 1, end)
        if barred[i - begin]:
            broken = True
        elif i < graded:
            broken = False
        elif word in _JOINING:
            broken = not (layout.adjacent(i) and i + 1 < end and layout.adjacent(i + 1))
            if word == "+" and layout.adjacent(i):
                broken = False  # "CD4+ cells"
        elif word == "to":
            broken = first < 0 or lower[i - 1] not in _BEFORE_TO
        elif word[0].isdigit():
            broken = first < 0 or lower[i - 1] not in DASHES
        else:
            broken = word in _BREAKS
        if broken or (first >= 0 and i - first >= _MOST_WORDS):
            if first >= 0:
                runs.append((first, i))
            first = -1
        if not broken and first < 0:
            first = i
    if first >= 0:
        runs.append((first, end))
    return runs


_GRADE = frozenset(("grade", "grades"))
_IN_GRADES = frozenset(("to", "or", "and", "/", "≥", ">", "higher", "more", "greater", "above", "worse", "+")) | DASHES


def _grades_end(lower: Sequence[str], i: int, end: int) -> int:
    """One past the grades behind the word: "grade 3 neutropenia", "grades III-IV", "grade 3 or higher"."""
    stop = i
    while i < end and i - stop < 3:
        if lower[i] in ROMAN or (len(lower[i]) == 1 and lower[i].isdigit()) or lower[i] in _WORSE:
            stop = i + 1
        elif lower[i] not in _IN_GRADES:
            break
        i += 1
    return stop


_WORSE = frozenset(("higher", "more", "greater", "above", "worse"))


def _trim(layout: Layout, first: int, end: int) -> tuple[int, int] | None:
    """Without words that only count, compare or name people; None if nothing telling is left."""
    lower = layout.lower
    for i in range(end - 2, first, -1):  # "incidence of", "a strikingly low rate of", "number of patients"
        if lower[i] == "of" and (lower[i - 1] in _EMPTY or lower[i - 1] in _COUNTING):
            first = i + 1
            break
    while first < end and (
        lower[first] in _LEAD or lower[first] in PEOPLE or lower[first] in _JOINING or lower[first] in _HAD
    ):
        first += 1
    while end > first and (
        lower[end - 1] in _TRAIL or lower[end - 1] in _JOINING or (lower[end - 1].endswith("ly") and end - first > 1)
    ):
        end -= 1
    telling = any(
        w not in _EMPTY and w not in _LEAD and w not in _TRAIL and w not in HAVE and w[0].isalpha() and len(w) > 1
        for w in lower[first:end]
    )
    return (first, end) if telling else None


def _with_mentions(phrases: list[Phrase], mentions: Sequence[EndpointMention]) -> list[Phrase]:
    """The phrases with the mentions that lie in them; a mention in none is a phrase of its own, a phrase with two is
    cut."""
    found: list[Phrase] = []
    k = 0
    for m in mentions:
        while k < len(phrases) and phrases[k].token_end <= m.token:
            found.append(phrases[k])
            k += 1
        if k < len(phrases) and phrases[k].token < m.token_end:
            p = phrases[k]
            k += 1
            last = max(p.token_end, m.token_end)
            while k < len(phrases) and phrases[k].token < m.token_end:
                last = max(last, phrases[k].token_end)
                k += 1
            if p.mention is not None or (found and found[-1].mention is not None and found[-1].token_end > p.token):
                found.append(Phrase(m.token, last, m, m.family))
            else:
                found.append(Phrase(min(p.token, m.token), last, m, m.family))
            rest = found[-1]
            following = next((x for x in mentions if x.token >= m.token_end and x.token < rest.token_end), None)
            if following is not None:  # the rest of the phrase belongs to the next mention
                phrases.insert(k, Phrase(following.token, rest.token_end))
                rest.token_end = following.token
        else:
            found.append(Phrase(m.token, m.token_end, m, m.family))
    return found + phrases[k:]


_SIGNS = mapping("frame_words.tsv", "term", "sign")


def skeleton(
    layout: Layout, begin: int, end: int, phrases: Sequence[Phrase], marked: dict[int, tuple[int, str]]
) -> tuple[str, list[int]]:
    """A sentence as signs: P a phrase, `marked` (first token -> one past the last, sign) for numbers, names and times,
    = a verb, h "had", p people, and those of `frame_words.tsv`; and for each token (from `begin`) how many signs stand
    before it."""
    lower = layout.lower
    starts = {p.token: p.token_end for p in phrases}
    signs: list[str] = []
    before: list[int] = []
    i = begin
    while i < end:
        stop = i + 1
        sign = ""
        if i in marked:
            stop, sign = marked[i]
        elif i in starts:
            stop, sign = starts[i], "P"
        else:
            word = lower[i]
            if word in PEOPLE:
                sign = "p"
            elif word in VERB:
                sign = "="
            elif word in HAVE and word not in _SIGNS and len(word) > 3:
                sign = "h"
            else:
                sign = _SIGNS.get(word, "")
        stop = max(stop, i + 1)
        before += [len(signs)] * (min(stop, end) - i)
        if sign:
            signs.append(sign)
        i = stop
    before.append(len(signs))
    return "".join(signs), before
