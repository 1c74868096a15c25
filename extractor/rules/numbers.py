"""Find every number, in digits or in words, with its value, decimals, unit, relation and sign.

What a number *is* (a cohort, a percentage of people, a dose) is decided later; here stands only what can be read
off the number and its direct neighbours. Writes `doc.user_data["numbers"]` and `doc.spans["numbers"]`.
"""

from __future__ import annotations

import re

from spacy.tokens import Doc

from extractor.rules.component import component
from extractor.rules.layout import Layout, layout_of, write_spans
from extractor.rules.lexicon import mapping, terms

_CATEGORY = dict(mapping("numbers.tsv", "term", "category"))
_VALUE = {term: int(value) for term, value in mapping("numbers.tsv", "term", "value").items()}
_NUMBER_WORDS = frozenset(_CATEGORY) | {"no"}
_POINTS = frozenset(".·∙")
UNIT_CLASS = dict(mapping("units.tsv", "term", "class"))
UNIT = dict(mapping("units.tsv", "term", "unit"))

DASHES = frozenset("-–—−‒‑")
_MINUS = frozenset("-−–")
PERCENT = frozenset(("%", "percent", "per cent", "pct"))
MAX_VALUE = 1e15
"""Longer rows of digits are identifiers, and a float would not hold them exactly."""
_SPACES = str.maketrans("", "", ",  \u2009\u202f\u2008\u00a0")

# word(s) right before a number -> relation
_RELATIONS = {
    "<": "<", ">": ">", "≤": "<=", "≥": ">=", "=": "=", "~": "~", "≈": "~", "⩽": "<=", "⩾": ">=",
    "about": "~", "around": "~", "approximately": "~", "nearly": "~", "almost": "~", "roughly": "~", "some": "~",
    "circa": "~", "ca": "~", "approx": "~",
    "under": "<", "below": "<", "over": ">", "above": ">", "exceeding": ">",
}  # fmt: skip
_RELATION_PHRASES = {
    ("more", "than"): ">", ("greater", "than"): ">", ("higher", "than"): ">", ("less", "than"): "<",
    ("fewer", "than"): "<", ("lower", "than"): "<", ("at", "least"): ">=", ("at", "most"): "<=", ("up", "to"): "<=",
    ("<", "="): "<=", (">", "="): ">=", ("<", "/"): "<=", ("close", "to"): "~", ("just", "over"): ">",
    ("just", "under"): "<",
}  # fmt: skip
_OPPOSITE = {">": "<=", "<": ">="}
"""What "no" or "not" before a comparison makes of it: "no more than", "no fewer than"."""


class Number:
    """One number. `start`/`end` are the characters of the bare number; `token`/`token_end` its half-open tokens."""

    # No dataclass: there are dozens in an article, and compiled, a constructor that is written out is faster.
    def __init__(
        self,
        index: int,
        token: int,
        token_end: int,
        start: int,
        end: int,
        text: str,
        value: float,
        decimals: int,
        in_words: bool,
        sentence: int,
        depth: int,
        opener: int,
        fraction: bool = False,
    ) -> None:
        self.index = index
        self.token = token
        self.token_end = token_end
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.decimals = decimals
        """Digits after the decimal point as printed; 0 for a number in words."""
        self.in_words = in_words
        self.sentence = sentence
        self.depth = depth
        self.opener = opener
        self.fraction = fraction
        """In words as a part of a whole ("two thirds", "one in five"); `value` is then the fraction, 0..1."""
        self.percent_end = 0
        """End character of the percent sign or word behind the number, 0 if none."""
        self.unit: str | None = None
        """Canonical unit behind the number ("months", "mg"), None if none is known."""
        self.unit_class: str | None = None
        self.unit_end = 0
        self.relation = "="
        self.sign_start = -1
        """Start character of a minus or plus sign that belongs to the number, -1 if none."""
        self.after = 0
        """First token behind the number and its percent sign or unit."""
        self.before = 0
        """Last token before the number, its sign and its relation; may be -1."""

    def __repr__(self) -> str:
        return f"<{self.text!r} at {self.start}: {self.relation} {self.value} {'%' if self.is_percent else self.unit}>"

    @property
    def is_percent(self) -> bool:
        """Whether a percent sign or word follows."""
        return self.percent_end > 0

    @property
    def whole(self) -> bool:
        """Whether it is a whole, unsigned number without unit or percent sign, as a count of people would be."""
        return self.decimals == 0 and self.sign_start < 0 and not self.percent_end and not self.fraction


def parse_value(text: str) -> float | None:
    """The value of a number as written: digits with any separators, sign, percent or unit, or number words.

    >>> parse_value("13 194"), parse_value("9·5%"), parse_value("One hundred and seventy-six"), parse_value("−3.2")
    (13194.0, 9.5, 176.0, -3.2)
    """
    match = re.search(r"\d[\d,\u2009\u202f\u2008\u00a0 ]*(?:[.·∙]\d+)?|[.·∙]\d+", text)
    if match:
        value = _digits(match.group())
        return -value if match.start() and text[: match.start()].strip()[-1:] in _MINUS else value
    words = re.findall(r"[a-z]+", text.lower())
    return _words_value(words) if words else None


def _digits(text: str) -> float:
    if text.startswith("0,"):  # "p<0,001": no thousands begin with a nought
        text = text.replace(",", ".", 1)
    return float(text.translate(_SPACES).replace("·", ".").replace("∙", "."))


def _words_value(words: list[str]) -> float | None:
    """The value of number words, with "and" allowed inside; None when they do not form one number."""
    if words in (["no"], ["none"], ["zero"]):
        return 0.0
    parts = [w for w in words if w in _CATEGORY]
    if not parts:
        return None
    if len(words) >= 3 and words[1] in ("in", "of") and words[0] in _VALUE and words[-1] in _VALUE:
        return _VALUE[words[0]] / _VALUE[words[-1]]
    if _CATEGORY[parts[-1]] == "part":
        numerator = _VALUE[parts[0]] if len(parts) > 1 and _CATEGORY[parts[0]] == "unit" else 1
        return numerator / _VALUE[parts[-1]]
    total = current = 0
    for word in parts:
        value, category = _VALUE[word], _CATEGORY[word]
        if category == "scale":
            current = (current or 1) * value
            if value >= 1000:
                total, current = total + current, 0
        else:
            current += value
    return float(total + current)


def find_numbers(layout: Layout) -> list[Number]:
    """All numbers of the text in order. Ordinals, names such as "CD7" and letters' digits are tokens of their own
    and never numbers; "5-FU" or "KEYNOTE-189" still are, and are told apart by `number_context`."""
    numbers: list[Number] = []
    lower, words = layout.lower, layout.words
    number_words, points = _NUMBER_WORDS, _POINTS
    i, count = 0, len(words)
    while i < count:
        word = lower[i]
        first = word[0]
        if word not in number_words and not first.isdigit() and first not in points:
            i += 1
            continue
        if first.isdigit() or (first in points and len(word) > 1):
            end = i + 1
            try:
                value = _digits(words[i])
            except ValueError:  # superscripts, digits in circles
                i += 1
                continue
            if abs(value) >= MAX_VALUE:
                i += 1
                continue
            text = words[i]
            point = max(map(text.rfind, "," if text[:2] == "0," else _POINTS))
            decimals = len(text) - 1 - point if point >= 0 else 0
            # "one thousand" is words, "1.2 million" is digits and a word
            if end < count and lower[end] in ("million", "billion", "thousand"):
                value *= _VALUE[lower[end]]
                end += 1
            start, stop = layout.starts[i], layout.ends[end - 1]
            number = Number(
                len(numbers), i, end, start, stop, layout.text[start:stop], value, decimals, False,
                layout.sentence_of[i], layout.depth[i], layout.opener[i],
            )  # fmt: skip
        elif word in _CATEGORY:
            found = _number_in_words(layout, i)
            if found is None:
                i += 1
                continue
            value, end, fraction = found
            start, stop = layout.starts[i], layout.ends[end - 1]
            number = Number(
                len(numbers), i, end, start, stop, layout.text[start:stop], value, 0, True,
                layout.sentence_of[i], layout.depth[i], layout.opener[i], fraction=fraction,
            )  # fmt: skip
        elif word == "no" and _counts_nobody(lower, i):
            number = Number(
                len(numbers), i, i + 1, layout.starts[i], layout.ends[i], words[i], 0.0, 0, True,
                layout.sentence_of[i], layout.depth[i], layout.opener[i],
            )  # fmt: skip
        else:
            i += 1
            continue
        _attach_unit(layout, number)
        _attach_sign_and_relation(layout, number)
        numbers.append(number)
        i = number.token_end
    return numbers


def _counts_nobody(lower: list[str], i: int) -> bool:
    """Whether the "no" at token i is a count of zero: people or countable events within three words behind it, and
    no comparison ("no difference in deaths")."""
    for word in lower[i + 1 : i + 5]:
        if word in _COUNTED:
            return True
        if not word.isalpha() and word not in ("-", "/") and not word.isdigit():
            return False
        if word in _NOT_COUNTED:
            return False
    return False


_COUNTED = terms("counted_nouns.tsv", "counted")
_NOT_COUNTED = terms("counted_nouns.tsv", "comparison")


def _number_in_words(layout: Layout, i: int) -> tuple[float, int, bool] | None:
    """Value, end token and whether it is a fraction, of the number words that start at token i."""
    lower = layout.lower
    if _CATEGORY[lower[i]] == "part" and lower[i] != "half":
        return None  # "third" alone is an ordinal
    if lower[i] == "half":
        return 0.5, i + 1, True
    run = [lower[i]]
    end = i + 1
    while end < len(lower):
        word = lower[end]
        category = _CATEGORY.get(word)
        joined = end + 1 < len(lower) and (word in DASHES or word == "and") and lower[end + 1] in _CATEGORY
        if category == "part":
            # "two thirds", "three quarters", "one-third"; not "one third patient"
            if _CATEGORY[run[0]] != "unit" or len(run) > 1 or word == "half":
                break
            return _VALUE[run[0]] / _VALUE[word], end + 1, True
        if category and _continues(run, word):
            run.append(word)
            end += 1
        elif joined and _continues(run, lower[end + 1], joined_by=word):
            run.append(lower[end + 1])
            end += 2
        elif (
            word in DASHES and end + 1 < len(lower) and _CATEGORY.get(lower[end + 1]) == "part" and len(run) == 1
            and _CATEGORY[run[0]] == "unit"
        ):  # fmt: skip
            return _VALUE[run[0]] / _VALUE[lower[end + 1]], end + 2, True
        elif word == "in" and end + 1 < len(lower) and _in_fraction(lower, run, end):
            return _VALUE[run[0]] / _VALUE[lower[end + 1]], end + 2, True
        else:
            break
    value = _words_value(run)
    return None if value is None else (value, end, False)


def _in_fraction(lower: list[str], run: list[str], end: int) -> bool:
    """Whether "one in five" stands here: a small number word, "in", a larger number word up to twenty."""
    whole = lower[end + 1]
    return (
        len(run) == 1 and _CATEGORY[run[0]] == "unit" and _CATEGORY.get(whole) == "unit"
        and 0 < _VALUE[run[0]] < _VALUE[whole] <= 20
    )  # fmt: skip


def _continues(run: list[str], word: str, joined_by: str = "") -> bool:
    """Whether `word` can extend the number words in `run`: tens then units, units then hundreds, and so on."""
    last, category = _CATEGORY[run[-1]], _CATEGORY[word]
    if category == "scale":
        return joined_by != "and" and (last in ("unit", "ten") or _VALUE[word] > _VALUE[run[-1]])
    if last == "ten":
        return category == "unit" and _VALUE[word] < 10 and joined_by != "and"
    return last == "scale" and category in ("unit", "ten")


def _attach_unit(layout: Layout, number: Number) -> None:
    """The percent sign, or a unit of time, dose or size behind the number; "2-year" and "2 years" alike."""
    lower, count = layout.lower, len(layout.words)
    i = number.token_end
    number.after = i
    if i >= count:
        return
    # "10(9)/L", "mm(2)": no unit between a number and an exponent
    if lower[i] in PERCENT or (lower[i] == "per" and i + 1 < count and lower[i + 1] == "cent"):
        i += 2 if lower[i] == "per" else 1
        number.percent_end = layout.ends[i - 1]
        number.after = i
        return
    if lower[i] in DASHES and i + 1 < count and layout.adjacent(i) and layout.adjacent(i + 1):
        i += 1
    word = lower[i]
    unit_class = UNIT_CLASS.get(word)
    if unit_class is None:
        return
    if len(word) == 1 and (layout.words[i] != word or (word != "y" and lower[i + 1 : i + 2] in (["="], ["."]))):
        return  # "5 S", "3 D": a letter, not a unit
    number.unit, number.unit_class = UNIT[word], unit_class
    number.unit_end = layout.ends[i]
    number.after = i + 1


def _attach_sign_and_relation(layout: Layout, number: Number) -> None:
    """A leading minus or plus, and what the text says of its exactness ("<", "at least", "about")."""
    lower, words = layout.lower, layout.words
    i = number.token - 1
    if i >= 0 and layout.adjacent(number.token) and (words[i] in _MINUS or words[i] == "+"):
        # a sign has nothing, white space, or a bracket before it; else the dash joins a range or a name
        free = i == 0 or not layout.adjacent(i) or words[i - 1] in "([=<>≤≥,;:"
        if free:
            number.sign_start = layout.starts[i]
            if words[i] != "+":
                number.value = -number.value
            i -= 1
    elif i >= 0 and words[i] in "−" and not number.in_words and (i == 0 or not words[i - 1][-1].isdigit()):
        number.sign_start = layout.starts[i]
        number.value = -number.value
        i -= 1
    if i >= 0:
        pair = (lower[i - 1], lower[i]) if i else ("", "")
        if pair in _RELATION_PHRASES:
            number.relation = _RELATION_PHRASES[pair]
            i -= 2
            if i >= 0 and lower[i] in ("no", "not") and lower[i + 2] == "than":
                number.relation = _OPPOSITE[number.relation]
                i -= 1
        elif lower[i] in _RELATIONS:
            number.relation = _RELATIONS[lower[i]]
            i -= 1
    number.before = i


@component("trial_numbers")
def trial_numbers(doc: Doc) -> Doc:
    """Write the numbers of the article to `doc.user_data["numbers"]` and `doc.spans["numbers"]`."""
    layout = layout_of(doc)
    numbers = find_numbers(layout)
    doc.user_data["numbers"] = numbers
    write_spans(doc, "numbers", ((n.token, n.token_end, "NUMBER") for n in numbers))
    return doc


def numbers_of(doc: Doc) -> list[Number]:
    """The numbers of a `Doc`, found now if `trial_numbers` did not run on it."""
    if "numbers" not in doc.user_data:
        trial_numbers(doc)
    numbers: list[Number] = doc.user_data["numbers"]
    return numbers
