"""Read what the wording of a table announces about its numbers: "n (%)", "mean ± SD", "HR (95% CI)".

The same words stand in column headings, row labels, group rows, captions and notes. Also here: when ("Week 12"), how
grave ("Grade 3-4"), how many ("n = 45").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from extractor.rules.lexicon import mapping, terms
from extractor.rules.numbers import UNIT, UNIT_CLASS
from extractor.rules.timepoint import MONTHS

_DASH = "-–—−‒‑‐"
_WHOLE = r"(?:\d{1,3}(?:[, \u00a0\u2009\u202f]\d{3})+(?!\d)|\d+)"
SIZE = re.compile(
    rf"[(\[]?\s*(?<!\w)[nN]\s*=\s*(?P<n>{_WHOLE})(?!\s*[,;/]\s*\d)(?![\d.])\s*[)\]]?"
    rf"|[(\[]\s*(?P<m>{_WHOLE})\s*(?:patients|pts|participants|subjects|women|men|children|adults|people)\s*[)\]]"
)
"""The number of people in a heading: "(n = 45)", "N=1,204", "(57 patients)"."""

_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "median": re.compile(r"\bmedians?\b|\bMdn\b", re.IGNORECASE),
        "mean": re.compile(r"(?i:\bmeans?\b|\baverages?\b)|\bM(?=\s*[(±/,]\s*SD)|\bM(?=\s*±)"),
        "sd": re.compile(r"(?<!\w)(?:SDs?|S\.D\.?|sd|s\.d\.?|Sd)(?!\w)|(?i:\bstandard deviations?\b|\bstd\b)"),
        "se": re.compile(r"(?<!\w)(?:SEM?s?|S\.E\.(?:M\.)?|s\.e\.(?:m\.)?|sem|se)(?!\w)|(?i:\bstandard errors?\b)"),
        "iqr": re.compile(r"(?i:\biqr\b|\binter-?\s?quartile\b|\bquartiles?\b|\b25th\b|\bpercentiles?\b)|\bQ1\b"),
        "range": re.compile(
            r"(?i)(?<!quartile )(?<!quartile-)\branges?\b(?! of mo| reference)|\bmin(?:imum)?\b.{1,5}\bmax(?:imum)?\b"
        ),
        "ci": re.compile(r"(?<!\w)(?:CIs?|C\.I\.?|CrI)(?!\w)|(?i:\bconfidence (?:intervals?|limits?)\b)"),
        "percent": re.compile(r"%|(?i:\bpercent(?:ages?)?\b|\bper cent\b|\bproportions?\b|\bpct\b)"),
        "count": re.compile(
            r"(?<![\w/])[nN](?![\w.]|\s*=|[-–‐]\d)|(?i:\bnos?\.(?!\w)|\bno(?=\s*[(\[,%]))|#"
            r"|(?i:\b(?:numbers?|frequenc(?:y|ies)|counts?)(?=\s*[(\[,]?\s*%|\s*\((?:percent|proportion)))"
            r"|(?i:\b(?:numbers?|no\.?) of (?:all |the )?(?:patients|participants|subjects|women|men|children|people"
            r"|infants|persons|individuals|responders|cases|deaths|events|adults))"
        ),
    }
)
_LEVEL = re.compile(r"9\d(?:\.\d)?\s?%\s*(?=C\.?I|confidence|CrI)", re.IGNORECASE)
_RATIO = mapping("effect_measures.tsv", "term", "statistic")
_DIFFERENCE = re.compile(r"(?i:\bdifferences?\b|\btreatment effects?\b)|\bMD\b")
_RISK_DIFFERENCE = re.compile(r"(?i)\b(?:risk|rate|absolute risk) (?:difference|reduction)\b")
_TIME_UNITS = "|".join(
    sorted(
        (t for t, c in UNIT_CLASS.items() if c == "time" and len(t) > 1 and UNIT[t] in MONTHS), key=len, reverse=True
    )
)
_TIME_AFTER = re.compile(rf"(?<![\w.])(?P<v>\d+(?:\.\d+)?)\s*[{_DASH}]?\s*(?P<u>{_TIME_UNITS})(?!\w)", re.IGNORECASE)
_TIME_BEFORE = re.compile(rf"\b(?P<u>{_TIME_UNITS})s?\s*(?:\d+\s*[{_DASH}]\s*)?(?P<v>\d+)(?![\w.%/])", re.IGNORECASE)
_TIME_WORD = re.compile(rf"\b(?P<v>one|two|three|four|five|six|twelve)[\s-](?P<u>{_TIME_UNITS})(?!\w)", re.IGNORECASE)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "twelve": 12}
_AROUND_TIME = re.compile(
    r"(?i)\b(?:at|after|by|on|treatment|visit|follow-?up|post|therapy|the|of|from|start|surgery|later|in|within|time|end"
    r"|months?|weeks?|days?|baseline|randomi[sz]ation|intervention|to|between|before)\b"
)
_GRADE = re.compile(
    rf"\b(?:grades?|gr\.?|CTC|G)\s*(?P<up>[≥>]|>=)?\s*(?P<a>[1-5]|I{{1,3}}V?|IV|V)(?![\w.])"
    rf"(?:\s*(?P<join>[{_DASH}/,&+]|or|and|to)\s*(?P<b>[1-5]|I{{1,3}}|IV|V|higher|more|above|worse|greater)?(?!\w))?"
)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
_ENTRY = terms("table_words.tsv", "entry")
_QUANTITY = re.compile(
    r"(?i)(?<!\w)(?:"
    + "|".join(re.escape(t) for t in sorted(terms("table_words.tsv", "quantity"), key=lambda t: (-len(t), t)))
    + r")(?!\w)"
)  # fmt: skip
_NOISE = re.compile(
    r"[\s()\[\]{},;:.±/*†‡§¶#‖+=&|-]|[–—−]|(?i:\b(?:or|and|to|as|value|values|in|at|of|the|score|scores)\b)"
)


@dataclass(frozen=True, slots=True)
class Form:
    """Which statistics a stretch of wording names: `at` has the place of the first mention of each of median, mean, sd,
    se, iqr, range, ci, percent, count. `ratio` is the record's statistic of a ratio measure."""

    at: Mapping[str, int] = field(default_factory=dict)
    ratio: str | None = None
    difference: str | None = None
    """mean_difference | risk_difference | "" for a difference of either kind; None if there is no such word."""
    bare: bool = False
    """The wording names statistics and nothing else."""

    def has(self, *names: str) -> bool:
        """Whether one of the statistics is named."""
        return any(name in self.at for name in names)

    @property
    def spread(self) -> str | None:
        """The first named of sd, se, iqr, range, ci."""
        named = [n for n in ("sd", "se", "iqr", "range", "ci") if n in self.at]
        return min(named, key=lambda n: self.at[n]) if named else None

    @property
    def has_head(self) -> bool:
        """Whether it says what the first number of a cell is."""
        return self.ratio is not None or self.difference is not None or self.has("median", "mean", "percent", "count")

    def __bool__(self) -> bool:
        return self.has_head or bool(self.at)


EMPTY = Form()


@cache
def form_of(text: str) -> Form:
    """What the wording announces.

    >>> sorted(form_of("Age, years, mean (SD)").at), form_of("Adjusted HR (95% CI)").ratio
    (['mean', 'sd'], 'hazard_ratio')
    """
    plain = _LEVEL.sub("", SIZE.sub(" ", text))
    at: dict[str, int] = {}
    rest = plain
    for name, pattern in _PATTERNS.items():
        match = pattern.search(plain)
        if match:
            at[name] = match.start()
            rest = pattern.sub(" ", rest)
    if "mean" in at or "median" in at:
        # "mean number of tablets", "mean percentage": the mean is what stands in the cell
        for name in ("count", "percent"):
            if name in at and not re.search(r"[nN]o?\.?\s*\(%|[nN],? ?%|number \(%", plain):
                del at[name]
    ratio = _ratio(plain)
    difference: str | None = None
    if ratio is None and _DIFFERENCE.search(plain):
        risk = _RISK_DIFFERENCE.search(plain)
        difference = "risk_difference" if risk else "mean_difference" if "mean" in at else ""
    return Form(at, ratio, difference, bool(at) and not _NOISE.sub("", rest))


def _ratio(text: str) -> str | None:
    lower = " ".join(re.findall(r"[a-z]+", text.lower()))
    for term, statistic in _RATIO.items():
        if len(term) > 3:
            if f" {term} " in f" {lower} ":
                return statistic
        elif re.search(rf"(?<!\w)(?:a|adj(?:usted)?\.? ?)?{term.upper()}(?!\w)", text):
            return statistic
    return None


def is_share_of_people(label: str) -> bool:
    """Whether a "%" in the label can be a share of people; not so for "HbA1c (%)" or "change, %"."""
    return not _QUANTITY.search(label)


@dataclass(frozen=True, slots=True)
class Moment:
    """A timepoint named in a heading or label; `start`/`end` count from the wording's first character."""

    value: float
    unit: str
    start: int
    end: int
    whole: bool
    """Nothing else is said there."""
    stated: bool
    """It says when, as in "at 12 weeks" or "Week 12", and is not a length of time in a definition."""

    @property
    def months(self) -> float:
        """Computed with 12 months, 52.18 weeks and 365.25 days a year."""
        return round(self.value * MONTHS[self.unit], 3)


@cache
def moment_of(text: str) -> Moment | None:
    """The time that a heading or label names, the last one of several ("Week 0 to week 12")."""
    found: list[tuple[int, int, float, str]] = []
    for pattern in (_TIME_AFTER, _TIME_BEFORE, _TIME_WORD):
        for m in pattern.finditer(text):
            before = text[: m.start()].rstrip().lower()
            if before.endswith(("every", "per", "aged", "age", "≥", ">", "<", "≤", "last", "past", "previous", "for")):
                continue
            value = _WORDS.get(m["v"].lower())
            number = float(m["v"]) if value is None else float(value)
            unit = UNIT.get(m["u"].lower()) or UNIT.get(m["u"].lower() + "s", "")
            if unit in MONTHS and number < 2000:
                found.append((m.start(), m.end(), number, unit))
    if not found:
        return None
    start, end, number, unit = max(found)
    if pattern_clash := [f for f in found if f[0] < end and start < f[1] and f[0] < start]:
        start, end, number, unit = min(pattern_clash)  # "week 12 days": the earlier reading holds both words
    rest = text[:start] + text[end:]
    rest = _AROUND_TIME.sub("", rest)
    whole = not re.search(r"[^\W\d_]", rest)
    labelled = text[start : start + 1].isalpha() and text[start : start + 3].lower() not in (
        "one",
        "two",
        "thr",
        "fou",
        "fiv",
        "six",
        "twe",
    )
    before = text[:start].rstrip(" (").lower()
    return Moment(
        number,
        unit,
        start,
        end,
        whole,
        whole or labelled or before.endswith((" at", " after", " by")) or before in ("at", "after"),
    )


def is_entry(text: str) -> bool:
    """Whether the wording names the time before treatment: "Baseline", "Pre-treatment", "Week 0"."""
    plain = re.sub(r"\s+", " ", re.sub(r"[^\w\s-]", " ", SIZE.sub(" ", text))).strip().lower()
    if plain in _ENTRY or re.fullmatch(
        r"(?:at )?(?:week|day|month|visit|time|hour) ?0|0 (?:weeks?|months?|days?|h)", plain
    ):
        return True
    return (
        plain.startswith(("baseline mean", "baseline median", "baseline value", "baseline n", "mean baseline"))
        and len(plain) < 30
    )


@cache
def grades_of(text: str) -> tuple[int, ...]:
    """The grades named: "Grade 3-4" -> (3, 4), "Grade ≥3" -> (3, 4, 5)."""
    match = _GRADE.search(text) or _GRADE.search(text.replace("GRADE", "grade").replace("Grade", "grade"))
    if not match:
        return ()
    low = _ROMAN.get(match["a"]) or int(match["a"])
    high = match["b"]
    if match["up"] or high in ("higher", "more", "above", "worse", "greater") or (match["join"] == "+" and not high):
        return tuple(range(low + (match["up"] == ">"), 6))
    if high:
        top = _ROMAN.get(high) or int(high)
        return tuple(range(low, top + 1)) if low < top else (low,)
    return (low,)


def size_of(text: str) -> tuple[int, int, int] | None:
    """Value and span of the number of people in a heading, None without one or with several."""
    found = list(SIZE.finditer(text))
    if len(found) != 1:
        return None
    name = "n" if found[0]["n"] else "m"
    start, end = found[0].span(name)
    return int(re.sub(r"\D", "", found[0][name])), start, end
