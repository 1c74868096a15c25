"""Find when a statement holds: "at 12 months", "5-year", "at week 72", "on day 13 after transplant", "year five".

Months are computed with 12 months, 52.18 weeks and 365.25 days a year. Dosing schedules ("every 3 weeks"), durations of
treatment ("for 5 years"), ages and lengths of follow-up are no timepoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.numbers import DASHES, Number

MONTHS = {
    "years": 12.0, "months": 1.0, "weeks": 12 / 52.18, "days": 1 / 30.44, "hours": 1 / 30.44 / 24,
    "minutes": 1 / 30.44 / 24 / 60, "seconds": 1 / 30.44 / 86400,
}  # fmt: skip
_UNIT_WORD = {"day": "days", "days": "days", "week": "weeks", "weeks": "weeks", "month": "months", "months": "months",
              "year": "years", "years": "years", "hour": "hours", "hours": "hours"}  # fmt: skip
_AT = frozenset(("at", "after", "by", "within", "on", "in", "@", "post", "until", "beyond", "before"))
_LATER = frozenset(("after", "later", "post", "postoperatively", "following", "postpartum", "postoperative", "from",
                    "posttreatment", "postintervention"))  # fmt: skip
_NO_POINT_BEFORE = terms("statement_words.tsv", "nopoint")
_DURATION_AFTER = terms("statement_words.tsv", "duration")
_SMALL_GAP = frozenset(("and", "or", ",", "&", "to", "/", "through", "thru")) | DASHES
_RATE_WORDS = terms("statement_words.tsv", "rate")


@dataclass(slots=True)
class TimepointMention:
    """`value` in `unit` as written; `months` computed. `token`/`token_end` take in the preposition, `start`/`end` are
    the characters from the number (or the word "day") to the unit."""

    token: int
    token_end: int
    start: int
    end: int
    value: float
    unit: str
    months: float
    numbers: tuple[int, ...]
    """Indices of the numbers it is made of."""
    attributive: bool = False
    """Stands before a noun: "5-year survival"."""
    sentence: int = 0
    labelled: bool = False
    """The unit stands before the number: "week 72"."""
    stated: bool = True
    """Said to be when something holds, not only a length of time beside it ("over 6 months", "the first 24 h")."""


def find_timepoints(layout: Layout, numbers: Sequence[Number], roles: Sequence[str | None]) -> list[TimepointMention]:
    """All timepoints in text order. `roles` are those of `number_context`."""
    found: list[TimepointMention] = []
    for n in numbers:
        if roles[n.index] not in ("time", "label", "name", None) or n.is_percent or n.fraction or n.value < 0:
            continue
        mention = _labelled(layout, n, found) if n.unit_class != "time" else None
        if mention is None and n.unit in MONTHS:
            mention = _dashed(layout, n) or _stated(layout, n, numbers, roles) or _beside(layout, n, found)
            if mention is not None:
                found += _listed_before(layout, n, numbers, mention)
        if mention is not None:
            found.append(mention)
    return found


def find_lengths(
    layout: Layout, numbers: Sequence[Number], roles: Sequence[str | None], points: Sequence[TimepointMention]
) -> list[TimepointMention]:
    """The timepoints and all other lengths of time at whose end a result may hold, in text order; ages, intervals of
    doses and lengths of follow-up are none."""
    known = {k for p in points for k in p.numbers}
    found: list[TimepointMention] = []
    for n in numbers:
        if n.index in known or n.unit not in MONTHS or n.value <= 0 or roles[n.index] not in ("time", "label", None):
            continue
        before = layout.lower[n.before] if n.before >= 0 else ""
        after = layout.lower[n.after] if n.after < len(layout.lower) else ""
        if before in _NO_LENGTH_BEFORE or after in ("old", "olds", "age", "/") or _follow_up_length(layout, n):
            continue
        if after == "of" and layout.lower[n.after + 1 : n.after + 2] == ["age"]:
            continue
        mention = _make(layout, n, n.unit, n.token, n.after, n.start, n.unit_end)
        mention.stated = False
        found += [x for x in _listed_before(layout, n, numbers, mention) if x.numbers[0] not in known]
        found.append(mention)
    for m in found:
        m.stated = False
    return sorted([*points, *found], key=lambda p: (p.token, p.token_end))


_NO_LENGTH_BEFORE = frozenset(("every", "each", "per", "age", "aged", "once", "mean", "±", "/"))


def _make(layout: Layout, n: Number, unit: str, token: int, token_end: int, start: int, end: int) -> TimepointMention:
    return TimepointMention(
        token, token_end, start, end, n.value, unit, round(n.value * MONTHS[unit], 3), (n.index,), sentence=n.sentence
    )


def _labelled(layout: Layout, n: Number, found: list[TimepointMention]) -> TimepointMention | None:
    """ "on day 13", "at week 72", "year five", and the second number of "weeks 6 and 12"; of "months 7 through
    60" the end counts."""
    lower, i = layout.lower, n.token - 1
    if i >= 0 and lower[i] in DASHES and i and layout.adjacent(n.token):
        i -= 1
    if n.decimals or i < 0:
        return None
    unit = _UNIT_WORD.get(lower[i])
    if unit is not None:
        first = i - 1 if i and lower[i - 1] in _AT | {"from", "the", "to"} else i
        if (i and lower[i - 1] in ("per", "every", "each", "a", "one")) or (i and lower[i - 1][0].isdigit()):
            return None
        if n.value > 2000 or (unit == "days" and lower[i] == "days" and lower[i + 1] != "1" and not _listed(lower, n)):
            return None
        mention = _make(layout, n, unit, first, n.token_end, layout.starts[i], n.end)
        mention.labelled = True
        return mention
    if found and found[-1].sentence == n.sentence and lower[n.token - 1] in _SMALL_GAP:
        last = found[-1]
        gap = n.token - last.token_end
        if 0 < gap <= 3 and not n.unit and last.labelled:
            mention = _make(layout, n, last.unit, n.token, n.token_end, n.start, n.end)
            mention.labelled = True
            if lower[n.token - 1] in DASHES or lower[n.token - 1] in ("to", "through", "thru"):
                found.pop()  # a span of time: its end is when the result is known
                mention.token, mention.start = last.token, last.start
            return mention
    return None


def _listed(lower: list[str], n: Number) -> bool:
    """Whether a plural label is followed by a list: "days 1, 8 and 15"."""
    return n.token_end < len(lower) and lower[n.token_end] in _SMALL_GAP


def _dashed(layout: Layout, n: Number) -> TimepointMention | None:
    """ "5-year survival", "five-year overall survival", "1-yr OS", "12 month PFS"; not "a 12-week course"."""
    lower, words = layout.lower, layout.words
    j = n.token_end
    dashed = j < len(words) and words[j] in DASHES
    singular = j < len(words) and lower[j] in ("year", "month", "week", "day", "yr", "hour")
    if not dashed and not (singular and n.value != 1):
        return None
    after = lower[n.after] if n.after < len(lower) else ""
    if after in DASHES:
        after = lower[n.after + 1] if n.after + 1 < len(lower) else ""
    if after in _DURATION_AFTER or after in ("old", "olds"):
        return None
    before = lower[n.token - 1] if n.token else ""
    follow = after == "follow" and before not in ("at", "after", "the")
    if follow or (before in ("a", "an", "every", "each", "this") and after not in _RATE_WORDS):
        return None
    first = n.token - 1 if before in _AT else n.token
    mention = _make(layout, n, n.unit or "months", first, n.after, n.start, n.unit_end)
    mention.attributive = before not in _AT or after in _RATE_WORDS
    return mention


def _list_start(layout: Layout, n: Number, numbers: Sequence[Number]) -> int:
    """The token before the list of bare numbers that n ends ("after" in "after 3, 6 and 12 months")."""
    i, k = n.before, n.index - 1
    while k >= 0 and i >= 0 and layout.lower[i] in _SMALL_GAP and numbers[k].sentence == n.sentence:
        left = numbers[k]
        gap = layout.lower[left.token_end : i + 1]
        bare = left.unit is None or left.unit == n.unit
        if (
            len(gap) > 3
            or not bare
            or left.is_percent
            or left.decimals
            or not all(w in _SMALL_GAP or w in _UNIT_WORD for w in gap)
        ):
            break
        i, k = left.before, k - 1
    return i


def _stated(
    layout: Layout, n: Number, numbers: Sequence[Number], roles: Sequence[str | None]
) -> TimepointMention | None:
    """ "at 6 months", "after five years", "12 months after surgery", "(6 months)"."""
    lower, i = layout.lower, _list_start(layout, n, numbers)
    left = lower[i] if i >= 0 else ""
    first = i
    if left in ("the", "a", "an", "all") and i:
        first, left = i - 1, lower[i - 1]
    right = lower[n.after] if n.after < len(lower) else ""
    if _follow_up_length(layout, n):
        return None
    if left in ("at", "after", "by", "within", "@", "post", "on") or (
        left == "in" and right in ("after", "following", ".")
    ):
        if (
            left == "after"
            and right == "of"
            and lower[n.after + 1 : n.after + 2] not in (["follow"], ["treatment"], ["therapy"], ["intervention"])
        ):
            return None
        if left == "by" and (right in ("in", "with", "for", "longer", "and") or n.decimals):
            return None
        if left == "at" and lower[first - 1 : first] == ["least"]:
            return None
        end = n.after
        return _make(layout, n, n.unit or "months", first, end, n.start, n.unit_end)
    if right in _LATER and left not in _NO_POINT_BEFORE and n.decimals == 0 and roles[n.index] == "time":
        return _make(layout, n, n.unit or "months", n.token, n.after, n.start, n.unit_end)
    i = n.before
    bracketed = i >= 0 and layout.words[i] in "([" and right in (")", "]")
    if bracketed and n.decimals == 0 and roles[n.index] == "time":
        return _make(layout, n, n.unit or "months", i, n.after + 1, n.start, n.unit_end)
    return None


def _beside(layout: Layout, n: Number, found: list[TimepointMention]) -> TimepointMention | None:
    """The second time of "at 1 hour (41% v 19%) and 3 hours (33% v 12%)"."""
    lower, i = layout.lower, n.before
    if not found or found[-1].sentence != n.sentence or i < 1 or lower[i] not in ("and", ",", "or"):
        return None
    opener = found[-1].token_end
    if lower[i - 1] == "," and lower[i] == "and":
        i -= 1
    if (
        lower[opener] not in "(["
        or layout.closer(opener) != i - 1
        or lower[n.after : n.after + 1] not in (["("], ["["])
    ):
        return None
    return _make(layout, n, n.unit or "months", n.token, n.after, n.start, n.unit_end)


_FOLLOW_UP = frozenset(("follow", "followup", "observation"))


def _follow_up_length(layout: Layout, n: Number) -> bool:
    """ "after a median follow-up of 5 years", "followed for 5 years", "5 years' median follow-up"."""
    lower = layout.lower
    before = lower[max(0, n.token - 7) : n.token]
    after = lower[n.after : n.after + 4]
    if ("median" in after and not _FOLLOW_UP.isdisjoint(lower[n.after : n.after + 7])) or (
        ("median" in before or "mean" in before or "average" in before)
        and (
            "follow" in before
            or "followed" in before
            or "follow" in after
            or "observation" in before
            or "followup" in before
        )
    ):
        return True
    for k, word in enumerate(before):
        if word == "followed" or (word == "followup" and "of" in before[k:]):
            return "at" not in before[k:]
        if word == "follow" and ("of" in before[k:] or "was" in before[k:] or "for" in before[k:]):
            return "at" not in before[k:]
    return False


def _listed_before(
    layout: Layout, n: Number, numbers: Sequence[Number], mention: TimepointMention
) -> list[TimepointMention]:
    """The first numbers of "after 3, 6 and 12 months", "2- and 5-year": they share unit and preposition. Of "6 to 12
    months" only the end counts."""
    found: list[TimepointMention] = []
    lower = layout.lower
    right, k = n, n.index - 1
    while k >= 0 and numbers[k].sentence == n.sentence:
        left = numbers[k]
        gap = [w for w in lower[left.token_end : right.token] if w not in DASHES or w == "–"]
        own_unit = left.unit is not None and left.unit != mention.unit
        if (
            len(gap) > 3
            or own_unit
            or left.is_percent
            or left.decimals
            or not gap
            or not all(w in _SMALL_GAP for w in gap)
        ):
            break
        if left.unit is not None and not any(w in ("and", "or", ",") for w in gap):
            break
        if any(w in ("to", "through", "–") for w in gap):
            mention.token = left.token
            break
        first = left.token
        if first and lower[first - 1] in _AT:
            first -= 1
        if left.unit is None:
            point = _make(layout, left, mention.unit, first, left.after, left.start, left.end)
            point.attributive = mention.attributive
            found.insert(0, point)
        right, k = left, k - 1
    if found and mention.token < found[-1].token_end:
        mention.token = n.token
    if not found and right is n:
        before = lower[n.token - 1] if n.token else ""
        if before in _SMALL_GAP and before in DASHES:
            mention.token = min(mention.token, n.token)
    return found
