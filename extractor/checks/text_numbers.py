"""Numbers as they stand in a text, with the clause around them: for what no fact holds on one side or the other."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from extractor.checks.align import content_words
from extractor.checks.reparse import Reading, reparse
from extractor.spans import Span

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(\d])|\n+")
_CLAUSE = re.compile(r",\s(?!\d{3}\b)|;\s|\(|\)|\s(?:and|but|while|whereas|compared with|against|versus|vs\.?)\s")
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_WORDS = (
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:"
    + _ONES
    + r"))?|"
    + _ONES
    + r"|ten|eleven|twelve"
    r"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
)
_TIME = r"[\s-](?:years?|months?|weeks?|days?)\b"
_NUMBER = re.compile(
    rf"(?<![\w.])(?:\d{{1,3}}(?:[, ]\d{{3}})+(?!\d)|\d+)(?:[.·]\d+)?(?:\s?%|\s(?:percent|per cent)\b|{_TIME})?"
    rf"|\b(?:{_WORDS})\b(?:\s(?:percent|per cent)\b|{_TIME})?",
    re.IGNORECASE,
)
_OTHER_UNIT = re.compile(r"\s?(?:mg|g|kg|ml|l|mcg|µg|μg|mm|cm|lux|mmHg|IU|U|Gy|minutes?|hours?|min|h)\b|/|\s?(?:°|:)")
_SHARED_PERCENT = re.compile(
    r"\s*(?:(?:,|,?\s?and|or|to|vs\.?|versus|-|–)\s*\d+(?:[.·]\d+)?)+\s?(?:%|percent|per cent)", re.IGNORECASE
)
_FRACTION = re.compile(
    r"\b(?:(?:one|two|three)[ -](?:thirds?|quarters?|fifths?)|a (?:third|quarter|fifth)|half)\b(?! a\b)", re.IGNORECASE
)
_NAMES_A_PLACE = re.compile(
    r"\b(?:week|day|month|year|grades?|phase|stages?|type|level|cycle|table|figure|version|part|jan(?:uary)?|feb(?:ruary)?"
    r"|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s"
    r"(?:\d{1,2},\s)?$",
    re.IGNORECASE,
)
"""Before a number that is a name ("week 12", "grade 3") or a date."""
_P_VALUE = re.compile(r"\b[Pp]\s*(?:-?value)?\s*(?:of|was|[=<>≤≥])\s*$")


class TextNumber(NamedTuple):
    """A number in a text. `type` is "percent", "p_value", a unit of time, or "plain"; `words` are the content words of
    its clause, `sentence` is the sentence it stands in."""

    span: Span
    reading: Reading
    type: str
    words: frozenset[str]
    sentence: Span


def sentences(text: str) -> list[Span]:
    """The text cut at sentence ends and line breaks."""
    edges = [0, *(edge for match in _SENTENCE.finditer(text) for edge in match.span()), len(text)]
    return [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


@lru_cache(maxsize=8)
def numbers(text: str) -> tuple[TextNumber, ...]:
    """The numbers of a text, doses and times of day left out, in order."""
    found: list[TextNumber] = []
    for span in sentences(text):
        sentence = span.of(text)
        edges = [0, *(m.start() for m in _CLAUSE.finditer(sentence)), len(sentence)]
        for match in _NUMBER.finditer(sentence):
            if _OTHER_UNIT.match(sentence, match.end()):
                continue
            reading = reparse(match.group())
            if reading.value is None or _NAMES_A_PLACE.search(sentence[: match.start()]):
                continue
            kind = reading.unit or "plain"
            if _P_VALUE.search(sentence[: match.start()]):
                kind = "p_value"
            if kind == "plain" and _SHARED_PERCENT.match(sentence, match.end()):
                kind = "percent"
            start = max(e for e in edges if e <= match.start())
            end = min(e for e in edges if e >= match.end())
            place = Span(span.start + match.start(), span.start + match.end())
            found.append(TextNumber(place, reading, kind, content_words(sentence[start:end]), span))
        for match in _FRACTION.finditer(sentence):
            place = Span(span.start + match.start(), span.start + match.end())
            found.append(TextNumber(place, reparse(match.group()), "percent", content_words(sentence), span))
    return tuple(sorted(found, key=lambda number: number.span))
