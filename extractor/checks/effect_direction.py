"""Do the words ("reduced the risk") point the way the ratio does?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.checks.thresholds import DIRECTION_WINDOW_WORDS
from extractor.rules.lexicon import rows

CHECK = CheckInfo(
    name="effect_direction",
    question="Do the words around a hazard ratio point the same way as the ratio?",
    formula="lower risk or longer survival: ratio < 1; higher risk or shorter survival: ratio > 1",
    source="CONSORT 2010 item 17a; the ratio is taken as treatment over control, so it only warns",
    severity="warn",
)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|[.;:()]|\d+(?:\.\d+)?")
_NEGATIONS = frozenset({"not", "no", "without", "nor", "neither", "failed", "non", "never", "lack", "neutral"})


@cache
def _lexicon() -> Mapping[str, tuple[str, str]]:
    return {
        row["term"]: (row["category"], row["direction"])
        for row in rows("direction_words.tsv", ("term", "category", "direction", "source"))
    }


def run(index: RecordIndex, ledger: Ledger) -> None:
    """Hazard ratios whose interval leaves 1 out, alone in their sentence; mixed or negated wording is left alone."""
    hazards = list(index.having("hazard_ratio"))
    sentences = [s.fact.evidence.start for s in hazards]
    for statement in hazards:
        if sentences.count(statement.fact.evidence.start) > 1:
            continue
        side = _side(statement)
        if side is None:
            continue
        said = set(wording(index.evidence(statement)))
        if len(said) != 1:
            continue
        (words,) = said
        if words == side:
            ledger.passed(statement.id)
        else:
            told = "a lower" if words == "down" else "a higher"
            ledger.warn(
                f"the words tell of {told} risk, the hazard ratio is {statement.stat['hazard_ratio'].text}",
                statement.id,
            )


def _side(statement: Statement) -> str | None:
    ratio, low, high = (statement.interval(part) for part in ("hazard_ratio", "ci_low", "ci_high"))
    if ratio is None:
        return None
    if ratio.high < 1 and (high is None or high.low < 1):
        return "down"
    if ratio.low > 1 and (low is None or low.high > 1):
        return "up"
    return None


def wording(sentence: str) -> Iterator[str]:
    """ "up" or "down" for each phrase about a risk: "reduced ... mortality" is down, "shorter survival" is up."""
    words = _WORD.findall(sentence.lower())
    if _NEGATIONS & set(words):
        return
    lexicon = _lexicon()
    for position, word in enumerate(words):
        category, direction = lexicon.get(word, ("", ""))
        if category != "change":
            continue
        for other in words[position + 1 : position + 1 + DIRECTION_WINDOW_WORDS]:
            if other in ".;:":
                break
            noun, sign = lexicon.get(other, ("", ""))
            if noun == "change":
                break
            if noun == "outcome":
                yield direction if sign == "bad" else {"up": "down", "down": "up"}[direction]
                break
