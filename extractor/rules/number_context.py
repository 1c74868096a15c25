"""Say what a number is where its direct neighbours leave no doubt: p-value, interval bound, ratio, dose, date, age...

These structural roles come first and exclude all others; the numbers left over are classified by `number_kind` from
all evidence in the sentence. Sources of the forms: CONSORT 2010 items 17a (effect size and precision), the ICMJE
recommendations on statistics, and the journals' house styles ("9·5%", "0·41–1·07", "[95% CI, 0.48 to 0.80]").
"""

from __future__ import annotations

import re
from itertools import pairwise

from extractor.rules.layout import Layout
from extractor.rules.lexicon import phrases, terms
from extractor.rules.numbers import DASHES, Number

LABEL = terms("context_words.tsv", "label")
TIME_LABEL = terms("context_words.tsv", "timelabel")
MONTH = terms("context_words.tsv", "month")
PEOPLE = terms("context_words.tsv", "people")
SCHEDULE = terms("context_words.tsv", "schedule")
_DATE_PREPOSITION = terms("context_words.tsv", "dateprep")
_TIME_PREPOSITION = terms("context_words.tsv", "timeprep")
_RATIOS = dict(phrases("effect_measures.tsv", "term", "statistic"))
RATIO_STATISTICS = frozenset(("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio"))

_JOINERS = DASHES | {"to", "~"}
_AND = frozenset(("and", "or", "/", ",", "&", ", and", ", or", "and /"))
_EQUALS = frozenset(("=", ":", "<", ">", "≤", "≥", "of", "was", "were", "is", "at", "⩽", "⩾", "~"))
_SKIP_TO_BOUND = frozenset(
    ("interval", "intervals", "ci", "cis", "(", ")", "[", "]", ",", ":", "=", ";", "of", "from", "range", "was",
     "were", "between", "limits", "for", "the", "hr", "{", "}", "is", ".", "ranging", "equal", "s")
)  # fmt: skip
_CI_WORDS = frozenset(("ci", "cis", "cl", "confidence", "credible", "credibility", "cri", "uci", "bci"))
_CI_PLAIN = frozenset(("ci", "cis", "ci95"))
_PLUS_MINUS = frozenset("±∓")
_HYPHENS = "-‐"
_BEFORE_PRONOUN = frozenset(("the", "no", "this", "another", "each", "any", "day", "only", "-"))
_GLUED_BY_MISTAKE = frozenset(("vs", "v", "of", "x", "versus", "and", "patients", "women"))
_RAISED_BEHIND_BRACKET = frozenset(("m", "cm", "mm", "kg", "l", "ml", "s", "h", "min", "dl", "d"))
_RAISED_BEHIND_DASH = frozenset(("m", "l", "ml", "kg", "d", "h"))
_CI_FILLERS = frozenset(("two", "sided", "-", "one", "wald"))
_BETWEEN_BOUNDS = _JOINERS | {
    ",", ";", "and", "- -", "to -", "-to-", "- to -", "through", "%", "to +",
}  # fmt: skip
_P_WORDS = frozenset(("p", "pvalue", "ptrend", "pinteraction", "plog", "p1", "p2"))
_BETWEEN_P_AND_VALUE = frozenset(
    ("value", "values", "trend", "interaction", "for", "rank", "log", "-", "–", "all", "(", ")", "heterogeneity",
     "difference", "level", "significance", "adjusted", "corrected", "both", "two", "sided", "one", "the", "test",
     "noninferiority", "superiority", "non", "inferiority", ",")
)  # fmt: skip
_RANGE_CUES = frozenset(("range", "ranges", "ranged", "ranging", "extremes"))
_QUARTILE_WORDS = frozenset(("interquartile", "iqr", "quartile", "quartiles"))
_QUARTILE_CUES = frozenset(("iqr", "interquartile", "quartile", "quartiles", "q1", "percentile", "percentiles"))
_BOUND_ROLES = {"range": ("range_low", "range_high"), "quartile": ("q1", "q3"), "ci": ("ci_low", "ci_high")}
_BEFORE_YEAR = frozenset(("(", ",", "/", ";", "©", "copyright", "year", "."))
_BETWEEN_AGE_AND_NUMBER = frozenset(
    ("of", "was", "from", "between", "is", "=", ",", ":", "range", "(", "median", "mean", ">", "<", "≥", "≤", "-", "–",
     "to", "and", "over", "under", "at", "least", "than", "less", "more", "the", "group", "years", "or", "±", "+", "/",
     "sd", "[", "were")
)  # fmt: skip
_BEHIND_TIME = frozenset(
    ("after", "later", "before", "following", "post", "postoperatively", "apart", "ago", "earlier")
)  # fmt: skip
_PER = frozenset(("m", "m2", "kg", "day", "d", "body", "sqm", "dose", "h", "week", "m²", "hour", "min", "wk"))
_DOSES = frozenset(("dose", "doses"))
_BEHIND_DOSE = frozenset(("m", "kg", "of", "every", "each", "tablets", "tablet", "capsules", "t", "b"))


def assign_context(layout: Layout, numbers: list[Number]) -> list[str | None]:
    """One structural role or None per number, in order.

    Roles: F (length of follow-up), zero (a "no" that counts people or events), name, exponent, p_value, ci_level,
    ci_low, ci_high, ci_bound, range_low, range_high, q1, q3, a ratio's statistic ("hazard_ratio", ...), date, citation,
    label, time, dose, age, plus_minus, money, plan.
    """
    roles: list[str | None] = [None] * len(numbers)
    for n in numbers:
        if roles[n.index] is None:
            roles[n.index] = (
                _zero(n)
                or _name(layout, n)
                or _exponent(layout, n)
                or _p_value(layout, n)
                or _date(layout, n, numbers, roles)
            )
    _volumes(layout, numbers, roles)
    _choices(layout, numbers, roles)
    _further_p_values(layout, numbers, roles)
    _finance_and_plans(layout, numbers, roles)
    for n in numbers:
        if roles[n.index] is None and n.is_percent and _ci_follows(layout, n):
            roles[n.index] = "ci_level"
            _bounds_after(layout, n, numbers, roles)
    _plain_ci(layout, numbers, roles)
    _ratios(layout, numbers, roles)
    for n in numbers:
        if roles[n.index] is None:
            roles[n.index] = _plus_minus(layout, n) or _label(layout, n, numbers, roles) or _age(layout, n)
    _bracketed_ranges(layout, numbers, roles)
    for n in numbers:
        if roles[n.index] is None:
            roles[n.index] = (
                _further_follow_up(layout, n, numbers, roles)
                or _follow_up(layout, n)
                or _time(layout, n, numbers, roles)
                or _dose(layout, n)
            )
    for low, high in zip(numbers[-2::-1], numbers[::-1], strict=False):
        if roles[high.index] == "dose" and roles[low.index] is None and low.unit is None and not low.in_words:
            joined = connector(layout, low, high)
            if low.sentence == high.sentence and joined in _JOINERS:
                roles[low.index] = "dose"  # "50 to 200 mg a day"
    _listed_doses(layout, numbers, roles)
    return roles


def _listed_doses(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """Three and more numbers that share one unit of weight: "examplin 10, 20 and 40 mg"."""
    for last in numbers:
        if last.unit not in _WEIGHTS or layout.lower[last.after : last.after + 1] == ["/"]:
            continue
        k = last.index
        while k and numbers[k - 1].unit is None and not numbers[k - 1].is_percent:
            if (
                numbers[k - 1].sentence != last.sentence
                or connector(layout, numbers[k - 1], numbers[k]) not in _LISTING
            ):
                break
            k -= 1
        if last.index - k >= 2 and layout.lower[numbers[k].before : numbers[k].before + 1] not in _STATED:
            for n in numbers[k : last.index + 1]:
                roles[n.index] = roles[n.index] or "dose"


_WEIGHTS = frozenset(("mg", "µg"))
_STATED = (["was"], ["were"], ["averaged"], ["="], [":"], ["by"])
"""Behind these a list is a result: "consumption was 12, 15 and 20 mg"."""
_LISTING = frozenset((",", "and", ", and", "or", ", or", "/"))


def connector(layout: Layout, left: Number, right: Number) -> str:
    """The words between two numbers, without the unit of the first, joined by blanks ("to", "vs .", "± "); "" if more
    than three tokens lie between."""
    gap = layout.lower[left.after : right.token]
    if right.sign_start >= 0 and gap:
        gap = gap[:-1]
    return " ".join(gap) if len(gap) <= 3 else ""


def _zero(n: Number) -> str | None:
    """As in "no patients", "no deaths": `find_numbers` takes "no" only where it counts."""
    return "zero" if n.text.lower() == "no" else None


def _name(layout: Layout, n: Number) -> str | None:
    """As in "5-FU", "KEYNOTE-189", "interleukin-6", "2nd", "COVID-19": part of a name, no quantity."""
    if n.in_words:
        return "name" if _is_word_of_name(layout, n) else None
    left = _name_on_the_left(layout, n)
    if left is None:
        left = _name_on_the_right(layout, n)
    return "name" if left else None


def _is_word_of_name(layout: Layout, n: Number) -> bool:
    """Whether a number word is a pronoun ("the one", "no one") or part of a compound ("two-sided", "three-arm")."""
    words, before, behind = layout.words, n.token - 1, n.token_end
    if n.value == 1 and n.token and layout.lower[before] in _BEFORE_PRONOUN:
        return layout.lower[before] != "only"
    return behind < len(words) and words[behind] in _HYPHENS and layout.adjacent(behind) and n.unit is None


def _name_on_the_left(layout: Layout, n: Number) -> bool | None:
    """Whether the word glued to the number's left makes it a name; None if none stands there or it leaves it open."""
    words, i = layout.words, n.token
    if not layout.adjacent(i):
        return None
    if i >= 2 and words[i - 1] in DASHES and layout.adjacent(i - 1) and words[i - 2][-1].isalpha():
        if layout.lower[i - 2] not in LABEL and layout.lower[i - 2] not in TIME_LABEL:
            return True
    elif words[i - 1] == ":" and i >= 2 and words[i - 2] == "1" and layout.adjacent(i - 1):
        return True  # a titre or an allocation, "1:160"
    elif words[i - 1][-1].isalpha() or words[i - 1] in "_#":
        return words[i - 1] not in ("P", "p", "n", "N") and n.value >= 1
    return None


def _name_on_the_right(layout: Layout, n: Number) -> bool:
    """Whether the word glued to the number's right makes it a name."""
    words, j = layout.words, n.token_end
    if j >= len(words) or not layout.adjacent(j) or n.unit:
        return False
    if words[j] in _HYPHENS and j + 1 < len(words) and layout.adjacent(j + 1) and words[j + 1][0].isalpha():
        # "5-FU", "12-lead", "10-point"; "79-to", "14-month" have a unit or a joiner
        return layout.lower[j + 1] not in _JOINERS
    if words[j][0].isalpha() and layout.lower[j] not in _GLUED_BY_MISTAKE:
        return True  # 2nd, 1a, 3D
    return words[j] in "'’"


def _exponent(layout: Layout, n: Number) -> str | None:
    """The 2 of "mg/m(2)", the 9 of "10(9)/L", the -2 of "m(-2)", the 1000 of "per 1000", the 18 of "(18)F"."""
    lower, words = layout.lower, layout.words
    i = n.token - (2 if n.sign_start >= 0 else 1)
    if i < 0:
        return None
    if words[i] == "^" or _in_raised_bracket(layout, n, i) or _is_denominator(layout, n, i):
        return "exponent"
    if i >= 1 and words[i] in "-−" and lower[i - 1] in _RAISED_BEHIND_DASH and layout.adjacent(i):
        return "exponent"
    # x 10 9
    return "exponent" if n.value == 10 and n.token_end < len(words) and lower[i] in ("x", "×") else None


def _in_raised_bracket(layout: Layout, n: Number, i: int) -> bool:
    """Whether token i opens a bracket that prints the number raised: "m(2)", "10(9)", "(18)F"."""
    words, close = layout.words, n.token_end
    if words[i] != "(" or close >= len(words) or words[close] != ")":
        return False
    small = n.depth and i >= 1 and layout.adjacent(i) and n.decimals == 0 and abs(n.value) < 15
    if small and (layout.lower[i - 1] in _RAISED_BEHIND_BRACKET or words[i - 1] == "10"):
        return True
    behind = close + 1  # the isotope's element: (18)F, (99m)Tc
    return (
        behind < len(words) and len(words[behind]) <= 2 and layout.adjacent(behind) and words[behind][0].isupper()
    )  # fmt: skip


def _is_denominator(layout: Layout, n: Number, i: int) -> bool:
    """Whether the number is what a rate refers to: "ml/min/1.73 m2", "per 1000 births", "/10,000 person-years"."""
    if i < 1 or n.is_percent or n.value not in (1.73, 100, 1000, 10_000, 100_000):
        return False
    if layout.lower[i] == "per":
        return True
    counts_people = layout.lower[n.token_end : n.token_end + 1] == ["patients"]
    return layout.words[i] == "/" and (n.value == 1.73 or (n.value >= 1000 and not counts_people))


def _p_value(layout: Layout, n: Number) -> str | None:
    """As in "P = .03", "p<0·001", "P-value of 0.2", "P for trend = .05"; a bare 0..1 behind "P" in any of these."""
    if not 0 <= n.value <= 1 or n.is_percent or n.in_words:
        return None
    lower, i = layout.lower, n.token - 1
    if i < 0:
        return None
    stop = max(0, i - 7)
    saw_relation = False
    while i >= stop:
        word = lower[i]
        if word in _EQUALS or word in ("than", "less", "/"):
            saw_relation = True
        elif word in _P_WORDS:
            return "p_value" if saw_relation or i == n.token - 1 else None
        elif word not in _BETWEEN_P_AND_VALUE:
            break
        i -= 1
    return None


def _choices(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """As in "randomized to 1 of 2 groups", "in one of three arms": neither number counts people."""
    for one, two in pairwise(numbers):
        if one.value != 1 or roles[one.index] is not None or roles[two.index] is not None:
            continue
        options = not _OPTIONS.isdisjoint(layout.lower[two.after : two.after + 3])
        if options and connector(layout, one, two) == "of":
            roles[one.index] = roles[two.index] = "name"


_OPTIONS = frozenset(("groups", "arms", "treatments", "regimens", "schedules", "conditions", "doses", "strategies"))


def _further_p_values(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """The rest of a list: "P = .03 and .04", "the p values for A, B and C were 0.037, 0.04 and 0.002"."""
    for n in numbers:
        if roles[n.index] is not None or not _may_be_p(n):
            continue
        before = numbers[n.index - 1] if n.index else None
        if before is not None and before.sentence == n.sentence and roles[before.index] == "p_value":
            if connector(layout, before, n) in _AND or connector(layout, before, n) == "and <":
                roles[n.index] = "p_value"
        elif layout.lower[n.token - 1] in ("were", ":"):
            begin = max(layout.sentences[n.sentence][0], before.after if before is not None else 0)
            heading = layout.lower[begin : n.token]
            if any(heading[k : k + 2] == ["p", "values"] for k in range(len(heading))):
                roles[n.index] = "p_value"


def _may_be_p(n: Number) -> bool:
    return 0 <= n.value <= 1 and n.decimals > 0 and not n.is_percent and n.unit is None


def _ci_follows(layout: Layout, n: Number) -> bool:
    """Whether a confidence-interval word stands right behind a percentage: "95% CI", "95% [CI]", "95% two-sided CI"."""
    if n.value < 80:
        return False
    for word in layout.lower[n.after : n.after + 4]:
        if word in _CI_WORDS:
            return True
        if word in (".", ";", ",") or word[0].isdigit():
            return False
    return False


def _bounds_after(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> None:
    """The two bounds behind a "95% CI", or none if something else comes first."""
    i = n.after
    lower = layout.lower
    # over the words of the cue itself and what introduces the bounds
    while i < len(lower) and (lower[i] in _SKIP_TO_BOUND or lower[i] in _CI_WORDS or lower[i] in _CI_FILLERS):
        i += 1
    i = _skip_back_over_sign(layout, i)
    _take_bounds(layout, i, n, numbers, roles, "ci_low", "ci_high")


def _skip_back_over_sign(layout: Layout, i: int) -> int:
    while i > 0 and layout.words[i - 1] in "-−–+" and i < len(layout.words) and layout.adjacent(i):
        i -= 1
    return i


def _take_bounds(
    layout: Layout, i: int, n: Number, numbers: list[Number], roles: list[str | None], low: str, high: str
) -> None:
    """Give the pair of joined numbers that starts at token i (or at its sign) the two roles."""
    for k in range(n.index + 1, min(n.index + 4, len(numbers))):
        first = numbers[k]
        if first.token < i:
            continue
        if first.token - (1 if first.sign_start >= 0 else 0) > i + 1 or roles[k] not in (None, "name"):
            return
        if k + 1 < len(numbers):
            second = numbers[k + 1]
            joined = connector(layout, first, second).strip()
            gap = second.token - first.token_end
            # bounds in the wrong order are a slip of the source: kept as printed, the checks speak of it
            if gap <= 4 and joined in _BETWEEN_BOUNDS and roles[k + 1] in (None, "name", "exponent"):
                roles[k], roles[k + 1] = low, high
        if roles[k] is None and low == "ci_low" and layout.lower[first.after : first.after + 1] in ([")"], ["]"]):
            roles[k] = "ci_bound"  # "(95% CI: 35.61)", one bound of two, which one is not said
        return


def _plain_ci(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """As in "CI 0.4 to 0.9" and "CI95 0.4-0.9", without a level beside it."""
    if _CI_PLAIN.isdisjoint(layout.lower):
        return
    by_token = {n.token: n for n in numbers}
    for i, word in enumerate(layout.lower):
        if word in _CI_PLAIN and i + 1 < len(layout.lower):
            j = i + 1
            while j < len(layout.lower) and (layout.lower[j] in _SKIP_TO_BOUND or layout.words[j] in "-−+"):
                j += 1
            first = by_token.get(j)
            if first and roles[first.index] is None and first.value == 95 and first.is_percent:
                roles[first.index] = "ci_level"
                _bounds_after(layout, first, numbers, roles)
            elif first and roles[first.index] is None and first.index + 1 < len(numbers):
                second = numbers[first.index + 1]
                joined = connector(layout, first, second)
                if (joined in _JOINERS or joined in (",", ";", "and")) and roles[second.index] in (None, "name"):
                    roles[first.index], roles[second.index] = "ci_low", "ci_high"


def _ratios(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """Hazard, odds, risk and rate ratios: the first bare number behind the measure's name. In a sentence that names
    ratios in the plural every number with a bracketed interval behind it is one ("ratios were 1.75 (0.44-8.13)").
    """
    lower, measures = layout.lower, _RATIOS
    by_token = {n.token: n for n in numbers}
    by_sentence: dict[int, list[Number]] = {}
    for n in numbers:
        by_sentence.setdefault(n.sentence, []).append(n)
    for sentence, inside in by_sentence.items():
        i, end = layout.sentences[sentence]
        plural = None
        while i < end:
            measure = _measure_at(layout, i) if lower[i] in measures else None
            if measure is None:
                i += 1
                continue
            term, statistic = measure
            i += len(term)
            if term[-1].endswith("s"):
                plural = statistic
            number = _ratio_behind(layout, i, end, by_token, roles)
            if number is not None:
                roles[number.index] = statistic
        if plural:
            for n in inside:
                k = n.index
                if roles[k] is not None or n.is_percent or n.unit or k + 2 >= len(numbers):
                    continue
                if _range_in_bracket(layout, n, numbers[k + 1], numbers[k + 2]):
                    roles[k] = plural


def _measure_at(layout: Layout, i: int) -> tuple[tuple[str, ...], str] | None:
    """The words and the statistic of the ratio measure named at token i."""
    for term, statistic in _RATIOS.get(layout.lower[i], ()):
        if tuple(layout.lower[i : i + len(term)]) == term:
            # "or", "hr": only capitals are a measure
            spelled_small = len(term) == 1 and len(term[0]) == 2 and not _in_capitals(layout, i)
            return None if spelled_small else (term, statistic)
    return None


def _in_capitals(layout: Layout, i: int) -> bool:
    return layout.words[i] == layout.words[i].upper()


def _ratio_behind(
    layout: Layout, i: int, end: int, by_token: dict[int, Number], roles: list[str | None]
) -> Number | None:
    """The first bare number within nine tokens from i, or within 18 if its interval follows; an interval printed before
    it is passed over."""
    lower, start, seen = layout.lower, i, 0
    while i < end and seen < 18:
        seen += 1
        number = by_token.get(i)
        if number is not None and seen > 9 and not _ci_level_follows(layout, number, by_token, roles):
            return None
        if number is not None:
            role = roles[number.index]
            if role in ("ci_level", "ci_low", "ci_high"):
                i = number.after
                continue
            bare = role is None and not number.unit and not number.is_percent and 0 <= number.value < 1000
            counts = number.in_words or not PEOPLE.isdisjoint(lower[number.token_end : number.token_end + 2])
            return number if bare and not counts else None
        another_measure = (
            lower[i] in _RATIOS and layout.words[i].isupper() and i > start and lower[i - 1] not in "(["
        )  # fmt: skip
        if lower[i] in (".", ";") or another_measure:
            return None
        i += 1
    return None


def _ci_level_follows(layout: Layout, n: Number, by_token: dict[int, Number], roles: list[str | None]) -> bool:
    """Whether "95 percent confidence interval" comes right behind the number."""
    following = [by_token[i] for i in range(n.after, n.after + 4) if i in by_token]
    return bool(following) and roles[following[0].index] == "ci_level" and layout.words[n.after] in ";,(["


def _range_in_bracket(layout: Layout, n: Number, low: Number, high: Number) -> bool:
    """Whether "( low - high )" follows n directly."""
    if n.after >= len(layout.words) or layout.words[n.after] not in "([" or low.opener != n.after:
        return False
    start = low.token - (1 if low.sign_start >= 0 else 0)
    if start != n.after + 1:
        return False
    return connector(layout, low, high) in _JOINERS or connector(layout, low, high) in (",", ";")


def _bracketed_ranges(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """A range in brackets behind a number: its interval where the number is a ratio or the sentence speaks of
    intervals, quartiles after "IQR", else the range. "range 18-24" the same without brackets."""
    for low, high in pairwise(numbers):
        k = low.index
        if roles[k] is not None or roles[k + 1] is not None or low.sentence != high.sentence:
            continue
        joined = connector(layout, low, high)
        quartiles = joined == "," and low.opener >= 0 and layout.words[low.opener] == "["
        if joined not in _JOINERS and joined not in ("to -", "- -", "and") and not quartiles:
            continue
        if quartiles and _range_of_sentence(layout, low.sentence) != "quartile":
            continue
        cue = _range_named_before(layout, low)
        if cue is None and joined != "and" and k:
            hook = numbers[k - 1]
            if low.opener >= 0 and _range_in_bracket(layout, hook, low, high):
                cue = "ci" if roles[hook.index] in RATIO_STATISTICS else _range_of_sentence(layout, low.sentence)
            elif _is_alone_in_bracket(layout, low, high) or _is_interval_of(layout, hook, low, high, roles):
                cue = "ci" if _range_of_sentence(layout, low.sentence) == "ci" else None
        if cue is not None:
            roles[k], roles[k + 1] = _BOUND_ROLES[cue]


def _is_alone_in_bracket(layout: Layout, low: Number, high: Number) -> bool:
    """Whether a bracket holds the range and nothing else: "95% CIs for the ratios (1.10-3.15), (1.32-6.38)"."""
    start = low.token - (1 if low.sign_start >= 0 else 0)
    return low.opener >= 0 and start == low.opener + 1 and layout.words[high.after : high.after + 1] in ([")"], ["]"])


def _is_interval_of(layout: Layout, hook: Number, low: Number, high: Number, roles: list[str | None]) -> bool:
    """Whether a value stands before its interval: "-1.6%, -2.7 to -0.6", "16.5%, 12.5-20.4"."""
    near = hook.sentence == low.sentence and connector(layout, hook, low) in (",", ";") and roles[hook.index] is None
    return near and hook.decimals > 0 and low.decimals == high.decimals > 0 and low.value < hook.value < high.value


def _range_named_before(layout: Layout, low: Number) -> str | None:
    """What the six words before a range call it."""
    before = layout.lower[max(0, low.token - 6) : low.token]
    for k in range(len(before) - 1, -1, -1):
        word = before[k]
        if word in _RANGE_CUES:
            return "quartile" if k and before[k - 1] in _QUARTILE_CUES else "range"
        if word in _QUARTILE_CUES:
            return "quartile"
        if word in (".", ";", ")"):
            return None
    return None


def _range_of_sentence(layout: Layout, sentence: int) -> str:
    """What the brackets of a sentence hold by its words."""
    begin, end = layout.sentences[sentence]
    words = layout.lower[begin:end]
    if any(w in _CI_WORDS for w in words):
        return "ci"
    return "range" if _QUARTILE_WORDS.isdisjoint(words) else "quartile"


def _finance_and_plans(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """Share prices ("Shares fell 13% to $0.18") and what a study is going to do ("will enroll about 600 patients"):
    vetoes by the words of the sentence, which must be of two kinds at least so that one stray word does not count."""
    lower = layout.lower
    seen: dict[int, tuple[bool, bool]] = {}
    for n in numbers:
        if roles[n.index] is not None:
            continue
        if n.sentence not in seen:
            begin, end = layout.sentences[n.sentence]
            seen[n.sentence] = _is_veto(lower[begin:end])
        if lower[n.after : n.after + 1] == ["power"] or _is_error_rate(layout, n):
            roles[n.index] = "plan"
            continue
        money, plan = seen[n.sentence]
        if money:
            roles[n.index] = "money"
        elif plan and n.whole:
            roles[n.index] = "plan"


def _is_veto(sentence: list[str]) -> tuple[bool, bool]:
    """Whether the words of a sentence are of finance, and of plans."""
    cues = {word for word in sentence if word in _VETOES}
    if not cues:
        return False, False
    money = len(cues & _FINANCE) + (not cues.isdisjoint(_CURRENCIES)) >= 2
    plans = not cues.isdisjoint(_PLAN) and any(
        w.startswith(("enrol", "recruit")) and not w.endswith("ed") for w in sentence
    )
    return money, plans


def _is_error_rate(layout: Layout, n: Number) -> bool:
    """As in "a two-sided type I error rate of 5%", "an alpha of 0.05"."""
    if not n.token or layout.lower[n.token - 1] not in ("of", "=", "at"):
        return False
    before = layout.lower[max(0, n.token - 4) : n.token]
    return "error" in before or "alpha" in before


_FINANCE = terms("not_results.tsv", "finance")
_PLAN = terms("not_results.tsv", "plan")
_CURRENCIES = frozenset("$€£")
_VETOES = _FINANCE | _PLAN | _CURRENCIES


def _plus_minus(layout: Layout, n: Number) -> str | None:
    """Behind "±", "+/-", "+-" or "-/+"."""
    i, words = n.token - 1, layout.words
    if i < 0:
        return None
    if words[i] in _PLUS_MINUS:
        return "plus_minus"
    if i >= 2 and words[i] in "-−–+" and words[i - 1] in "/" and words[i - 2] in "+-−":
        n.sign_start = -1
        n.value = abs(n.value)
        return "plus_minus"
    if i >= 1 and words[i] in "-−" and words[i - 1] == "+":
        n.sign_start = -1
        n.value = abs(n.value)
        return "plus_minus"
    return None


def _label(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> str | None:
    """As in "grade 3", "stage II-3", "phase 2", "group 1", "day 13", and the second number of "grades 3 and 4"."""
    if n.is_percent or n.decimals:
        return None
    lower, i = layout.lower, n.token - 1
    if i >= 0 and lower[i] in DASHES and layout.adjacent(n.token):
        i -= 1
    if (
        i >= 1
        and lower[i] == "("
        and lower[i - 1] in LABEL
        and n.value < 10
        and lower[n.token_end : n.token_end + 1] == [")"]
    ):
        return None
    if i >= 0 and lower[i] in LABEL and n.value < 20 and PEOPLE.isdisjoint(lower[n.token_end : n.token_end + 1]):
        return "label"
    before = numbers[n.index - 1] if n.index else None
    if i >= 3 and lower[i] == ")" and lower[i - 2] == "(" and lower[i - 3] in TIME_LABEL:
        i -= 3  # "postoperative days (PODs) 7 and 14"
    if i >= 0 and lower[i] in TIME_LABEL and n.unit_class != "time" and (before is None or before.after <= i):
        return "time"  # "day 13"; but in "by 6 years 171 had died" the years are the 6's
    if before is not None and (n.value < 20 or roles[before.index] == "time"):
        role = roles[before.index]
        if role in ("label", "time") and before.unit is None:
            # "group 1, 18 months", "arm 1 and 16 (4.4%) in arm 2", "at week 12, 11/27": a result follows the label
            following = lower[n.token_end : n.token_end + 1]
            of_label = role == "label" and n.unit is not None
            if of_label or following in (["("], ["of"], ["/"]) or not PEOPLE.isdisjoint(following):
                return None
            joined = connector(layout, before, n)
            return role if joined in _JOINERS or joined in _AND else None
    return None


_YEAR_BEHIND = re.compile(r"\.(?:19|20)\d\d\b")


_LAST_YEAR = 2039
"""Above it four digits are a count ("in 2071 patients")."""


def _date(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> str | None:
    """Years of our time, days beside a month's name, and days written as "31.12.2012"."""
    if n.decimals == 2 and _YEAR_BEHIND.match(layout.text, n.end):
        return "date"
    if n.decimals or n.is_percent or n.in_words or n.unit:
        return None
    lower, i, j = layout.lower, n.token - 1, n.token_end
    left = lower[i] if i >= 0 else ""
    if left == "." and i and lower[i - 1] in MONTH:
        left = lower[i - 1]
    right = lower[j] if j < len(lower) else ""
    capital_left = i >= 0 and (layout.words[i][0].isupper() or left != "may" or lower[i] == ".")
    if 1 <= n.value <= 31 and ((left in MONTH and capital_left) or (right in MONTH and layout.words[j][0].isupper())):
        return "date"
    if n.index and roles[n.index - 1] in ("date", "citation") and _in_citation(layout, numbers[n.index - 1], n):
        return "citation"
    if not (1900 <= n.value <= _LAST_YEAR and len(n.text) == 4):
        return None
    if left in MONTH or left in _DATE_PREPOSITION:
        return "date"
    if not PEOPLE.isdisjoint(lower[j : j + 2]):
        return None  # "2010 adult patients"
    if left in _BEFORE_YEAR and right != "%":
        return "date"
    if n.index:
        before = numbers[n.index - 1]
        if roles[before.index] == "date" and n.token - before.token_end <= 3:
            return "date"
    return "date" if left in DASHES or right in DASHES or right in (",", ".", ")", ";") else None


def _volumes(layout: Layout, numbers: list[Number], roles: list[str | None]) -> None:
    """Volume, issue and pages of a journal whose year does not stand before them: "Exam Res; 10(12); 710-8"."""
    lower = layout.lower
    for volume, issue, page in zip(numbers, numbers[1:], numbers[2:], strict=False):
        if issue.token != volume.after + 1 or not (volume.whole and issue.whole and page.whole):
            continue
        if lower[volume.after] != "(" or not layout.adjacent(volume.after):
            continue
        gap = lower[issue.after : page.token]
        if len(gap) == 2 and gap[0] == ")" and gap[1] in (";", ":"):
            for n in (volume, issue, page):
                roles[n.index] = "citation"
            for last in numbers[page.index + 1 : page.index + 2]:
                if lower[page.after : last.token] == ["-"]:
                    roles[last.index] = "citation"


def _in_citation(layout: Layout, before: Number, n: Number) -> bool:
    """The numbers behind the year in "2019;380(16):1525-1534", "2019; 31(2): 77-86"."""
    gap = layout.words[before.token_end : n.token]
    if not gap or not all(g in ";:()-–" for g in gap):
        return False
    if not layout.adjacent(n.token) and gap[-1] != ":":
        behind = layout.words[n.token_end : n.token_end + 1]
        if gap != [";"] or behind not in (["("], [":"]) or not layout.adjacent(n.token_end):
            return False  # "(in 2019; 31 of them men)"
    return ";" in layout.words[max(0, n.token - 9) : n.token]


_AGES = frozenset(("age", "aged", "ages"))
_NEAR_AGE = 8


def _age(layout: Layout, n: Number) -> str | None:
    """As in "aged 30-70 years", "years old", "65 years of age", "mean age 54"."""
    lower, j = layout.lower, n.after
    if n.unit == "years" and (lower[j : j + 1] == ["old"] or lower[j : j + 2] in (["of", "age"], ["-", "old"])):
        return "age"
    if n.is_percent or n.value > 120 or n.unit not in (None, "years", "months", "weeks"):
        return None
    if lower[n.before : n.before + 1] == ["sd"] and not _AGES.isdisjoint(lower[max(0, n.token - _NEAR_AGE) : n.token]):
        return "plus_minus"  # "mean age 58.3 (SD 9.1) years"
    for word in reversed(lower[max(0, n.token - 5) : n.token]):
        if word in _AGES:
            return "age"
        if word not in _BETWEEN_AGE_AND_NUMBER and not word[0].isdigit():
            return None
    return None


_FOLLOW_UP_MEASURES = frozenset(("median", "mean", "was", "of", "is", "stood", "minimum", "average"))
_FOLLOW_UP_GLUE = frozenset(
    ("of", "was", "is", "were", "stood", "at", ":", "=", ",", "(", "time", "duration", "period", "median", "mean", "a",
     "the", "for", "to", "being", "lasted", "over", "up", "minimum", "average", "length", "interval", "with")
)  # fmt: skip


def _follow_up(layout: Layout, n: Number) -> str | None:
    """How long people were followed: "median follow-up was 24.8 months", "followed for a median of 5 years", "five
    years of follow-up". Not a visit ("at the 12-month follow-up"), which is a time."""
    if n.unit_class != "time" or n.unit in ("minutes", "seconds", "hours", "milliseconds") or n.is_percent:
        return None
    lower, i = layout.lower, n.before
    if n.token_end < len(lower) and lower[n.token_end] in DASHES:
        return None
    begin = layout.sentences[n.sentence][0]
    seen: list[str] = []
    while i >= begin and len(seen) < 9 and lower[i] in _FOLLOW_UP_GLUE:
        if lower[i] == "up" and lower[i - 1] in DASHES | {"follow"}:
            break
        seen.append(lower[i])
        i -= 1
    left = lower[max(begin, i - 2) : i + 1]
    named = (
        left[-1:] in (["followup"], ["followed"])
        or left[-2:] in (["followed", "up"], ["observation", "time"])
        or (left[-1:] == ["up"] and "follow" in left)
    )
    if named and (seen or left[-1:] != ["up"]):
        # "followed for 5 years" states it, "at follow-up (6 months)" only names a visit
        stated = left[-1] == "followed" or not _FOLLOW_UP_MEASURES.isdisjoint(seen + lower[max(begin, i - 6) : i])
        return "F" if stated else None
    right = lower[n.after : n.after + 5]
    if right[:2] == ["of", "follow"] or right[:3] == ["of", "median", "follow"] or right[:2] == ["median", "follow"]:
        return "F"
    return None


def _further_follow_up(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> str | None:
    """The other arm's: "median follow-up was 437 days with A and 438 days with B"."""
    before = numbers[n.index - 1] if n.index else None
    if before is None or roles[before.index] != "F" or before.sentence != n.sentence or n.unit_class != "time":
        return None
    gap = layout.lower[before.after : n.token]
    joined = not {"and", "versus", "vs"}.isdisjoint(gap) and len(gap) <= 10
    return "F" if joined and before.unit == n.unit and _NEW_MEASURE.isdisjoint(gap) else None


_NEW_MEASURE = frozenset(("median", "mean", "survival", "was", "were", "of", "time", "after", "at", "for", "treatment"))


def _time(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> str | None:
    """A time of assessment or a duration of treatment: "at 6 months", "3-year", "every 3 weeks", "for 5 years"."""
    if n.is_percent:
        return None
    if n.unit_class != "time":
        return "time" if n.unit is None and _heads_list_of_times(layout, n, numbers, roles) else None
    lower, i = layout.lower, n.before
    if n.token_end < len(lower) and lower[n.token_end] in DASHES:
        return "time"  # 3-year
    left = lower[i] if i >= 0 else ""
    if left in ("the", "a", "an") and i:
        left = lower[i - 1]
    # "up to 6 months" and "for a median of 6 months" may be results
    open_end = left == "up" or (left == "for" and "median" in lower[max(0, i - 4) : i])
    if left in _TIME_PREPOSITION and not open_end:
        return "time"
    averaged = not {"median", "mean"}.isdisjoint(lower[max(0, n.token - 5) : n.token])
    return "time" if not averaged and not _BEHIND_TIME.isdisjoint(lower[n.after : n.after + 1]) else None


def _heads_list_of_times(layout: Layout, n: Number, numbers: list[Number], roles: list[str | None]) -> bool:
    """Whether n is the first of "at 6 and 12 months", "after 1, 3 and 12 months", "every 3-4 weeks"; the numbers
    between it and the one with the unit become times as well."""
    if not n.token or layout.lower[n.token - 1] not in _TIME_PREPOSITION:
        return False
    for k in range(n.index + 1, min(n.index + 5, len(numbers))):
        gap = layout.lower[numbers[k - 1].after : numbers[k].token]
        if numbers[k].sentence != n.sentence or len(gap) > 2 or not all(g in _AND or g in _JOINERS for g in gap):
            return False
        if numbers[k].unit_class == "time":
            for m in range(n.index + 1, k + 1):
                roles[m] = roles[m] or "time"
            return True
    return False


def _dose(layout: Layout, n: Number) -> str | None:
    """As in "75 mg/m2", "10 mg daily", "20 mg of tamoxifen", "40-50 Gy in 25 fractions"."""
    following = layout.lower[n.after : n.after + 2]
    if n.unit is None and n.whole and not _DOSES.isdisjoint(following):
        return "dose"  # "in 2 daily doses"
    if n.unit_class != "dose" or not following:
        return None
    first, second = following[0], following[-1]
    if first in SCHEDULE or first in _BEHIND_DOSE or n.unit in ("Gy", "cGy"):
        return "dose"
    if len(following) > 1 and (
        (first in ("/", "per") and second in _PER) or (first in ("/", "a") and second in ("day", "d"))
    ):
        return "dose"
    return None
