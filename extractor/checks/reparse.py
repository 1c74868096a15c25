"""Read the printed form of a value again, apart from the rules that extracted it.

This is a second, independent implementation on purpose: grounding compares what a rule understood with what this
reader understands, so a fault in one shows. Nothing is imported from the rules and nothing is shared with them.
It is strict: the text must hold exactly one number (or one fraction) beside words, units and signs.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

_FOLD = str.maketrans(
    {
        "·": ".", "∙": ".", "‧": ".", "⋅": ".", "•": ".", "・": ".", "˙": ".", "٫": ".",
        "−": "-", "–": "-", "‐": "-", "‑": "-", "‒": "-", "—": "-", "﹣": "-", "－": "-",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2008": " ", "\u2007": " ", "\u200a": " ", "\u2006": " ",
        "\u2005": " ", "\u2002": " ", "\u2003": " ", "\u3000": " ", "\n": " ", "\t": " ", "\r": " ",
        "，": ",", "％": "%", "×": "x", "’": "'", "⁄": "/",
        "≤": "≤", "⩽": "≤", "≦": "≤", "≥": "≥", "⩾": "≥", "≧": "≥", "＜": "<", "＞": ">", "﹤": "<", "﹥": ">",
        "≈": "~", "∼": "~", "～": "~", "≃": "~",
    }
)  # fmt: skip
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_NUMBER = re.compile(
    r"""
    (?P<sign>(?<![\w.)\]%])-\s?)?                 # a minus, not the hyphen of "6-month" or the dash of "2-3"
    (?P<digits>
        \d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?        # 1,234.5
      | [1-9]\d{0,2}(?:\ \d{3})+(?!\d)(?:\.\d+)?  # 13 388
      | \d+(?:\.\d+)?                             # 45   9.5
      | \.\d+                                     # .05
      | \d+,\d+                                   # 3,5 (only when the first branch could not take it)
    )
    (?:\s?(?:x\s?10\s?\^?\s?|[eE])(?P<exponent>[-+]?\s?[0-9⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?
    (?P<vulgar>[½⅓⅔¼¾⅕⅛])?
    """,
    re.VERBOSE,
)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(0(?=,)|\d+(?=,(?:\d\d?|\d{4,})(?!\d))),(\d+)(?![\d,])")
_VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
_WORD = re.compile(r"[a-z]+|\d+")

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NOTHING = frozenset({"no", "none", "nil", "nobody", "neither", "never", "without", "any", "nought"})
_SINGLE = {
    "single": 1, "both": 2, "once": 1, "twice": 2, "thrice": 3, "dozen": 12, "double": 2, "doubled": 2, "doubling": 2,
    "twofold": 2, "threefold": 3, "fourfold": 4, "fivefold": 5, "tenfold": 10, "triple": 3, "tripled": 3, "pair": 2,
    "couple": 2, "sole": 1,
}  # fmt: skip
_PARTS = {
    "half": 2, "halves": 2, "halved": 2, "halving": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
    "fourth": 4, "fourths": 4, "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7,
    "eighth": 8, "eighths": 8, "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10,
}  # fmt: skip
_GROUP = frozenset({"all", "every", "everyone", "each", "everybody", "whole", "entire", "unanimously"})
_NOT_REACHED = re.compile(
    r"\bnot\b.{0,20}?\b(?:reached|estimable|evaluable|attained|met|calculable|estimated|available|obtained|achieved"
    r"|defined|determined|reach)"
    r"|\b(?:NR|NE|NA|N/A|NC|n\.?r\.?|n\.?e\.?)(?!\w)|\byet to be reached|\bunreached\b|\bundefined\b|\bnever reached"
    r"|\b(?:infinity|inestimable)\b|∞|\bno\w* (?:been )?reached|n't (?:yet )?(?:been )?reach",
    re.IGNORECASE,
)
_DURATION = {
    "second": "second", "seconds": "second", "sec": "second", "secs": "second", "s": "second",
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute",
    "hour": "hour", "hours": "hour", "h": "hour", "hr": "hour", "hrs": "hour",
    "day": "day", "days": "day", "d": "day",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "w": "week", "weekly": "week",
    "month": "month", "months": "month", "mo": "month", "mos": "month", "mth": "month", "mths": "month", "m": "month",
    "year": "year", "years": "year", "yr": "year", "yrs": "year", "y": "year", "annual": "year", "annually": "year",
}  # fmt: skip
_RELATION_SYMBOL = re.compile(r"[<>]\s?=?|[≤≥~]|=\s?[<>]")
_RELATION_OF = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "~": "~"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the printed text says.

    `value` is None where no number stands. `fraction` is (numerator, denominator) for "two thirds" or "one in five".
    `decimals` counts the digits printed after the point; a number in words has none. `worded` tells that the number
    stands in words; `group` marks "all" and "each", whose number stands elsewhere; `not_reached` "not reached" and
    its kin. `unit` is "percent", a unit of time in the singular, or None. `relation` is the symbol printed, or None.
    """

    value: float | None
    decimals: int = 0
    fraction: tuple[int, int] | None = None
    worded: bool = False
    group: bool = False
    not_reached: bool = False
    unit: str | None = None
    relation: str | None = None

    def says(self, value: float) -> bool:
        """Whether `value` is the number printed, to the last digit."""
        if self.fraction is None:
            return self.value is not None and math.isclose(self.value, value, rel_tol=1e-15)
        top, bottom = self.fraction
        # A rule may keep two thirds as 0.667 or as 66.67: any correct rounding to two digits or more will do.
        exact = (top / bottom, 100 * top / bottom, 100 * (top / bottom))
        return value in exact or any(value == round(number, digits) for number in exact for digits in range(2, 12))


def unit_of(word: str) -> str | None:
    """The unit of time that `word` names, in the singular ("months", "mo" -> "month"), or None."""
    return _DURATION.get(word.strip(" .-").lower())


@lru_cache(maxsize=65536)
def reparse(text: str) -> Reading:
    """Read the one number that `text` prints; see `Reading` for texts that print none."""
    if text.isascii() and text.isdigit():
        return Reading(float(text))
    folded = text.translate(_FOLD)
    relation = _relation(folded)
    unit = _unit(folded)
    fraction = _fraction(folded.lower())
    if fraction is not None:
        value = fraction[0] / fraction[1]
        return Reading(value, 0, fraction, worded=not folded[:1].isdigit(), unit=unit, relation=relation)
    found = list(_NUMBER.finditer(_DECIMAL_COMMA.sub(r"\1.\2", folded)))
    if len(found) == 1:
        value, decimals = _digits(found[0])
        return Reading(_scaled(value, folded), decimals, unit=unit, relation=relation)
    if found:
        return Reading(None, unit=unit, relation=relation)
    if _NOT_REACHED.search(text):
        return Reading(None, not_reached=True)
    return _in_words(folded.lower(), unit, relation)


def _relation(folded: str) -> str | None:
    found = _RELATION_SYMBOL.search(folded)
    return _RELATION_OF.get(found.group().replace(" ", "")) if found else None


def _unit(folded: str) -> str | None:
    lowered = folded.lower()
    if "%" in lowered or "percent" in lowered or "per cent" in lowered or "pct" in lowered:
        return "percent"
    for word in _WORD.findall(lowered):
        if len(word) > 1 and word in _DURATION:  # a lone "d" or "m" may be anything
            return _DURATION[word]
    return None


def _digits(match: re.Match[str]) -> tuple[float, int]:
    digits = match["digits"].replace(" ", "").replace(",", "")
    point = digits.find(".")
    decimals = 0 if point < 0 else len(digits) - point - 1
    value = float(digits)
    if match["vulgar"]:
        top, bottom = _VULGAR[match["vulgar"]]
        value += top / bottom
    if match["exponent"]:
        power = int(match["exponent"].translate(_SUPERSCRIPT).replace(" ", ""))
        value = float(f"{digits}e{power}")
        decimals -= power
    return (-value if match["sign"] else value), max(decimals, 0)


def _scaled(value: float, folded: str) -> float:
    lowered = folded.lower()
    if "million" in lowered:
        return value * 1_000_000
    if "thousand" in lowered:
        return value * 1_000
    return value


def _fraction(lowered: str) -> tuple[int, int] | None:
    """(numerator, denominator) of "two thirds", "half", "one in five", "9 out of 10", "¾", "3/4"."""
    for symbol, parts in _VULGAR.items():
        if symbol in lowered and not any(char.isdigit() for char in lowered.replace(symbol, "")):
            return parts
    words = _WORD.findall(lowered)
    for position, word in enumerate(words):
        if word in _PARTS:
            top = _small(words[position - 1]) if position else None
            if top is None and word in ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"):
                if position and words[position - 1] in ("a", "an"):
                    return 1, _PARTS[word]
                continue  # an ordinal: "the third"
            return top or 1, _PARTS[word]
    for joint in (("in",), ("out", "of"), ("of",), ("of", "every"), ("in", "every"), ("out", "of", "every")):
        for position in range(1, len(words) - len(joint)):
            if tuple(words[position : position + len(joint)]) == joint:
                top, bottom = _small(words[position - 1]), _small(words[position + len(joint)])
                if top is not None and bottom:
                    return top, bottom
    slash = re.fullmatch(r"\D*(\d+)\s?/\s?(\d+)\D*", lowered)
    if slash and int(slash[2]):
        return int(slash[1]), int(slash[2])
    return None


def _small(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    return _UNITS.get(word, _TENS.get(word))


def _in_words(lowered: str, unit: str | None, relation: str | None) -> Reading:
    words = _WORD.findall(lowered)
    numbers = _word_numbers(words)
    if len(numbers) == 1:
        return Reading(float(numbers[0]), worded=True, unit=unit, relation=relation)
    if len(numbers) > 1:
        return Reading(None, worded=True, unit=unit, relation=relation)
    for word in words:
        if word in _GROUP:
            return Reading(None, worded=True, group=True)
        if word in _NOTHING:
            return Reading(0.0, worded=True)
        if word in _SINGLE:
            return Reading(float(_SINGLE[word]), worded=True, unit=unit)
    if words and words[0] in ("a", "an"):
        return Reading(1.0, worded=True, unit=unit)
    return Reading(None, unit=unit)


def _word_numbers(words: list[str]) -> list[int]:
    """The numbers that a list of lower-case words spells, in order: ["one", "hundred", "and", "six"] -> [106]."""
    numbers: list[int] = []
    total = current = 0
    inside = False
    previous = ""
    for word in words:
        if word in _UNITS or word in _TENS:
            small = _UNITS.get(word, _TENS.get(word, 0))
            joins = previous in _SCALES or (previous == "and" and inside) or (previous in _TENS and 0 < small < 10)
            if inside and not joins:
                numbers.append(total + current)
                total = current = 0
            current += small
            inside = True
        elif word in _SCALES and (inside or previous in ("a", "")):
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale > 100:
                total, current = total + current, 0
            inside = True
        elif word == "and" and inside and previous in _SCALES:
            pass
        elif inside:
            numbers.append(total + current)
            total = current = 0
            inside = False
        previous = word
    if inside:
        numbers.append(total + current)
    return numbers
