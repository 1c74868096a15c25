"""Read the numbers of one table cell and say what each of them is.

A cell's skeleton, "N/N (P)" for "24/66 (36.4%)", says how its numbers hang together; the wording around the cell
(`Form`s, nearest first) what they are. Where the two leave a doubt, there is no reading: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extractor.rules.numbers import UNIT, UNIT_CLASS
from extractor.rules.table_form import EMPTY, Form

_DIGITS = re.compile(r"\d{1,3}(?:[, \u00a0\u2009\u202f]\d{3})+(?![\d.·])|\d+(?:[.·]\d+)?|(?<![\w.·])[.·]\d+")
_SEPARATORS = str.maketrans("", "", ", \u00a0\u2009\u202f")
_MINUS = "-−–‐"
_RELATION = re.compile(r"(<\s?=|>\s?=|[<>≤≥⩽⩾≈~])\s*$")
_RELATIONS = {
    "<=": "<=",
    ">=": ">=",
    "<": "<",
    ">": ">",
    "≤": "<=",
    "≥": ">=",
    "⩽": "<=",
    "⩾": ">=",
    "≈": "~",
    "~": "~",
}
_LEVEL = re.compile(r"9\d(?:\.\d)?\s?%\s*C\.?I\.?\s*[:,=]?", re.IGNORECASE)
_MARKS = re.compile(r"[*†‡§¶#‖^|⁎∗]+|(?<=[NP)])[⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ]+")
_LETTER_MARK = re.compile(r"(?<=[NP)])(?:[a-f]|[a-f],?[a-f]|i{1,3}|iv|vi?)(?=$|\)|[(±])")
_UNIT = re.compile(r"\s*([A-Za-z]+)(?![A-Za-z])")
_NOT_REACHED = re.compile(r"(?i:not (?:yet )?reached)|NR|NE")


@dataclass(frozen=True, slots=True)
class CellNumber:
    """A number in a cell. `start`/`end` count from the cell's first character and take in a minus and a percent sign,
    or a unit of time right behind it."""

    start: int
    end: int
    value: float
    decimals: int
    percent: bool
    relation: str
    signed: bool
    unit: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it can be a count of people."""
        return self.decimals == 0 and not self.percent and not self.signed and self.unit is None and self.value >= 0


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell's numbers and its skeleton."""

    skeleton: str
    numbers: tuple[CellNumber, ...]


Reading = list[tuple[CellNumber, str]]


@cache
def read_cell(text: str) -> CellText:
    """The numbers of a cell and how they hang together.

    >>> read_cell("24/66 (36.4%)").skeleton, read_cell("29 [16 to 63]*").skeleton, read_cell("−0.9 ± 1.2").skeleton
    ('N/N(P)', 'N(N-N)', 'N±N')
    """
    if len(text) > 80:
        return CellText("?", ())
    level = _LEVEL.search(text)
    hidden = level.span() if level else (-1, -1)
    numbers: list[CellNumber] = []
    parts: list[str] = []
    position = 0
    for match in _DIGITS.finditer(text):
        if hidden[0] <= match.start() < hidden[1]:
            continue
        number, begin, end = _number(text, match, position)
        parts += [text[position:begin], "P" if number.percent else "N"]
        numbers.append(number)
        position = end
    parts.append(text[position:])
    joined = "".join(parts)
    if level:
        joined = _LEVEL.sub("", joined)
    return CellText(_skeleton(joined), tuple(numbers))


def _number(text: str, match: re.Match[str], floor: int) -> tuple[CellNumber, int, int]:
    """The number, and the stretch that the skeleton replaces: its relation, sign, digits, percent sign and unit."""
    printed = match.group()
    value = float(printed.translate(_SEPARATORS).replace("·", "."))
    point = max(printed.rfind("."), printed.rfind("·"))
    decimals = len(printed) - 1 - point if point >= 0 else 0
    start = begin = match.start()
    signed = False
    if start > floor and text[start - 1] in _MINUS + "+":
        before = text[floor : start - 1].rstrip()
        # right behind a number a dash joins a range
        last = before[-1:] or ("(" if floor == 0 else "0")
        if last in "([,;:±<>=/" + _MINUS or before.endswith("to"):
            signed = True
            begin -= 1
            if text[begin] != "+":
                start, value = begin, -value
    relation = "="
    if found := _RELATION.search(text, floor, begin):
        relation = _RELATIONS[found.group(1).replace(" ", "")]
        begin = found.start()
    elif begin > floor and text[begin - 1] == "=":
        begin -= 1
    end = match.end()
    percent = re.compile(r"\s?%").match(text, end)
    unit = None
    if percent:
        end = percent.end()
    elif (word := _UNIT.match(text, end)) and UNIT_CLASS.get(word[1].lower()) == "time" and len(word[1]) > 1:
        end, unit = word.end(), UNIT[word[1].lower()]
    number = CellNumber(start, end, value, decimals, percent is not None, relation, signed and value < 0, unit)
    return number, begin, end


def _skeleton(text: str) -> str:
    text = re.sub(r"\bto\b", "-", text)
    text = re.sub(r"\+\s?/\s?[-−–]|\+\s?[-−–](?=\s?[NP])", "±", text)
    text = re.sub(r"\s+", "", text)
    text = re.sub("[" + _MINUS + "—]", "-", text).replace("[", "(").replace("]", ")")
    text = _MARKS.sub("", text).rstrip(",;")
    text = _LETTER_MARK.sub("", text)
    text = re.sub(r"(?<=[NP])of(?=N)", "/", text)
    return re.sub(r"^\(([NP])\)$", r"(\1)", text)


_RANGES = frozenset(
    ("N(N-N)", "N(N,N)", "N(N;N)", "P(P-P)", "P(N-N)", "P(P,P)", "P(N,N)", "N(N-P)", "P(N-P)", "N(P-P)", "N,N-N",
     "N;N-N", "N(N/N)", "N(N:N)")
)  # fmt: skip
_PLAIN = frozenset(("N", "P", "(N)", "(P)"))
_PAIRS = frozenset(("N(N)", "N(P)", "P(N)", "N;N", "P(P)", "N,P"))
_SHARES = frozenset(("N/N(N)", "N/N(P)", "N/N,P", "P(N/N)", "N(N/N)", "N/N"))
RESULTS = (
    _RANGES
    | _PLAIN
    | _PAIRS
    | _SHARES
    | {"N±N", "N(±N)", "(±N)", "(N-N)", "N-N", "N±N(N)", "N(N)(N)", "N(P)(N)", "N,N"}
)
"""Skeletons of results; whatever else stands in a cell makes it text."""


def fits(count: float, percent: CellNumber, size: float, slack: float = 0.6) -> bool:
    """Whether the percentage is that of the count in a group of `size`, within the rounding of its print."""
    return (
        size > 0 and count <= size and abs(100 * count / size - percent.value) <= slack * 10.0**-percent.decimals + 0.01
    )


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a cell. `forms`: of its row, column, group, table, nearest first, and `loose` those of notes
    and of the whole article, which hold for some tables only in part. `size`: people in the column, 0 if unknown."""

    forms: Sequence[Form]
    loose: Sequence[Form]
    size: float = 0
    counted: bool = False
    """A bare whole number counts people: a table of adverse events, or of numbers of patients."""
    people: bool = True
    """A percentage is one of people, not "HbA1c (%)"."""
    ratio_label: bool = False
    """The label itself has parts like the cell's: "Male/female", "SBP/DBP"."""


def interpret(cell: CellText, context: Context) -> Reading | None:
    """What each number of the cell is, in text order; None where that is in doubt."""
    s, n = cell.skeleton, cell.numbers
    if s not in RESULTS or not n:
        return None
    near = next((f for f in context.forms if f.has_head), EMPTY)
    if (
        near.has("count", "percent")
        and not near.has("mean", "median")
        and n[0].decimals
        and s in ("N(N)", "N±N", "N(±N)")
    ):
        # an age among counts: what a farther heading says of means
        near = next((f for f in context.forms if f.has("mean")), near)
    if near.has("mean") and near.has("median"):  # "mean ± SD or median (IQR)"
        other = "mean" if s in _RANGES and near.has("iqr", "range") else "median"
        near = Form({k: v for k, v in near.at.items() if k != other}, near.ratio, near.difference)
    if len(n) > 1 and any(m.relation != "=" for m in n):
        return None
    spread = _spread(context, near, _INTERVALS if s in _RANGES else _DEVIATIONS)
    if s in ("N±N", "N(±N)", "N±N(N)"):
        return _plus_minus(n, near, spread, context)
    if s in _SHARES and n[0].relation == "=":
        shares = _shares(s, n, near, context)
        if shares is not None or s != "N(N/N)":
            return shares
    if s in ("N(N)(N)", "N(P)(N)"):
        # "n (%) [N]": the number measured
        inner = Context(context.forms, context.loose, n[2].value, context.counted, context.people)
        return _pair(s[:4], n[:2], near, spread, inner)
    if s in _PAIRS:
        return _pair(s, n, near, spread, context)
    if s in _RANGES:
        return _with_range(n, near, spread, context)
    if s == "N,N":
        return _pair("N(N)", n, near, spread, context) if near.has("sd", "se") else None
    if s in ("N", "P"):
        return _single(n[0], near, context)
    return None


_INTERVALS, _DEVIATIONS = ("iqr", "range", "ci"), ("sd", "se")


def _spread(context: Context, near: Form, wanted: Sequence[str]) -> str | None:
    """What stands beside the head: said with it, else by a farther heading, else in the notes if they are of one mind.
    Of "mean (SD or 95% CI)" the one that the cell's form admits."""
    for form in context.forms:
        if form.spread is not None and (
            form is near or not form.has("mean", "median") or form.has("mean") == near.has("mean")
        ):
            return _admitted(form, wanted)
    loose = {_admitted(f, wanted) for f in context.loose if f.spread}
    return loose.pop() if len(loose) == 1 else None


def _admitted(form: Form, wanted: Sequence[str]) -> str | None:
    return min((n for n in wanted if n in form.at), key=lambda n: form.at[n], default=form.spread)


def _plus_minus(n: Sequence[CellNumber], near: Form, spread: str | None, context: Context) -> Reading | None:
    if near.ratio or near.difference is not None or near.has("median") or n[1].signed:
        return None
    if near.has("count") and not near.has("mean"):
        return None
    if spread not in (None, "sd", "se"):
        return None
    # without a word about it, ± is taken for an SD only beside the mean of one group (9 of 10 tables)
    return [(n[0], "mean"), (n[1], spread or "sd")]


def _shares(s: str, n: Sequence[CellNumber], near: Form, context: Context) -> Reading | None:
    if s in ("P(N/N)", "N(N/N)"):
        percent, count, total = n[0], n[1], n[2]
        order = [(percent, "percent"), (count, "count"), (total, "denominator")]
    elif len(n) == 3:
        count, total, percent = n
        order = [(count, "count"), (total, "denominator"), (percent, "percent")]
    else:
        count, total = n
        if not (count.whole and total.whole and count.value <= total.value) or context.ratio_label:
            return None
        named = near.has("count", "percent") and not near.has("mean", "median")
        return (
            [(count, "count"), (total, "denominator")]
            if total.value and ((named and total.value == context.size) or total.value == context.size)
            else None
        )
    if not (count.whole and total.whole and count.value <= total.value):
        return None
    return order if fits(count.value, percent, total.value, 1.1) else None


def _pair(s: str, n: Sequence[CellNumber], near: Form, spread: str | None, context: Context) -> Reading | None:
    a, b = n
    if near.ratio or near.difference is not None:
        return None
    if s == "P(N)":
        if near.has("mean", "median") or not b.whole:
            return None
        ok = fits(b.value, a, context.size) or (near.has("count") and context.people)
        return [(a, "percent"), (b, "count")] if ok else None
    if s == "P(P)":
        return [(a, "mean"), (b, spread)] if near.has("mean") and spread in ("sd", "se") else None
    share = a.whole and not b.signed and 0 <= b.value <= 100
    sized = share and fits(a.value, b, context.size)
    if s in ("N(P)", "N,P"):
        if not share or (near.has("mean", "median") and not sized):
            return None
        if not sized and not context.people:
            return None
        # with a known size and no word of a count, a percentage that does not fit is one of something else
        return [(a, "count"), (b, "percent")] if sized or near.has("count", "percent") or not context.size else None
    if near.has("mean") and not near.has("count"):
        return (
            [(a, "mean"), (b, spread)]
            if spread in ("sd", "se") and not b.signed
            else [(a, "mean")]
            if spread is None
            else None
        )
    if near.has("median"):
        return [(a, "median")] if spread in ("iqr", "range", None) else None
    if near.has("percent") and near.has("sd", "se") and not near.has("count"):
        return [(a, "mean"), (b, spread)] if spread in ("sd", "se") and not b.signed else None
    if sized:
        return [(a, "count"), (b, "percent")]
    swapped = b.whole and 0 <= a.value <= 100 and fits(b.value, a, context.size)
    if near.has("count") and near.has("percent"):
        if near.at["percent"] < near.at["count"] and b.whole:
            return [(a, "percent"), (b, "count")] if swapped or (0 <= a.value <= 100 and not context.size) else None
        if near.has("mean"):  # "mean (SD) or n (%)"
            return [(a, "mean"), (b, spread)] if a.decimals and spread in ("sd", "se") and not b.signed else None
        if share and context.people:
            return [(a, "count"), (b, "percent")] if not context.size or a.value <= context.size else None
        return None
    if swapped and near.has("percent"):
        return [(a, "percent"), (b, "count")]
    if near.has_head and not (near.has("percent") and not context.people):
        return None
    loose = [f for f in context.loose if f.has("mean") and f.spread in ("sd", "se")]
    if loose and spread in ("sd", "se") and a.decimals and not b.signed:
        return [(a, "mean"), (b, spread)]
    return None


def _with_range(n: Sequence[CellNumber], near: Form, spread: str | None, context: Context) -> Reading | None:
    a, low, high = n
    if low.value > high.value:
        return None
    inside = low.value <= a.value <= high.value
    if near.ratio:
        return [(a, near.ratio), (low, "ci_low"), (high, "ci_high")] if inside and low.value >= 0 else None
    if near.difference is not None:
        statistic = near.difference or "difference"
        return [(a, statistic), (low, "ci_low"), (high, "ci_high")] if inside else None
    names = {"iqr": ("q1", "q3"), "range": ("range_low", "range_high"), "ci": ("ci_low", "ci_high")}
    pair = names.get(spread or "")
    head = "median" if near.has("median") else "mean" if near.has("mean") else None
    if head is None and near.has("percent", "count") and spread == "ci":
        head = "percent" if (a.percent or not near.has("count")) and context.people else "count" if a.whole else None
    if head is None or (pair is not None and not inside):
        return None
    if pair is None:
        return [(a, head)] if inside else None
    return [(a, head), (low, pair[0]), (high, pair[1])]


def _single(a: CellNumber, near: Form, context: Context) -> Reading | None:
    if near.ratio:
        return [(a, near.ratio)] if 0 < a.value < 20 and a.decimals else None
    if near.difference is not None:
        return [(a, near.difference or "difference")]
    if near.has("mean") and not near.has("count"):
        return [(a, "mean")]
    if near.has("median"):
        return [(a, "median")]
    share = 0 <= a.value <= 100 and context.people and not a.signed
    if a.percent:
        return [(a, "percent")] if share else None
    if near.has("count"):
        return [(a, "count")] if a.whole and (not context.size or a.value <= context.size) else None
    if near.has("percent"):
        return [(a, "percent")] if share else None
    if context.counted and a.whole and not near.has_head and (not context.size or a.value <= context.size):
        return [(a, "count")]
    return None


def not_reached(text: str) -> tuple[int, int] | None:
    """The span of "not reached" where the whole cell says so."""
    match = _NOT_REACHED.match(text.strip())
    return match.span() if match and match.group() == text.strip() == text else None
