"""Whose a bundle of numbers is where the form of the text says so outright.

Three forms do: "(examplin: 4.1 at entry, 2.3 at the end; placebo: 4.0 and 3.9)", where a name and a colon govern all
that follows up to the next name or semicolon, "(examplin/placebo)" as the head of a list of "11%/2%", and "12% and 15%
versus 9% and 7%", of which each side is one arm's.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.rules.bundle import Bundle, Series
from extractor.rules.layout import Layout

Mention = tuple[int, int, int]
"""Start token, end token, arm."""
CERTAIN = 0.95
"""Probability given to such an owner; set by hand."""
_ENDS = frozenset((";", ")", "]"))
_MAX_SCOPE = 60
"""Tokens that a name and its colon govern at most."""


def owners_by_colon(layout: Layout, mentions: Sequence[Mention], bundles: Sequence[Bundle]) -> dict[int, int]:
    """First token of a bundle -> the arm whose name and colon stand before it. `mentions` and `bundles` are those of
    one sentence in order."""
    lower = layout.lower
    found: dict[int, int] = {}
    for place, (_, end, arm) in enumerate(mentions):
        if end >= len(lower) or lower[end] != ":":
            continue
        stop = mentions[place + 1][0] if place + 1 < len(mentions) else end + _MAX_SCOPE
        depth = layout.depth[end]
        for bundle in bundles:
            if not end < bundle.start < stop:
                continue
            between = range(end + 1, bundle.start)
            if any(lower[t] in _ENDS and (lower[t] == ";" or layout.depth[t] <= depth) for t in between):
                break
            found[bundle.start] = arm
    return found


def slashed_order(layout: Layout, mentions: Sequence[Mention]) -> list[int]:
    """The arms of the last "A/B" or "A/B/C" among the mentions of a sentence, [] if there is none."""
    found: list[int] = []
    run: list[int] = []
    end = -1
    for a, b, arm in mentions:
        if run and a == end + 1 and layout.lower[end] == "/" and arm not in run:
            run.append(arm)
        else:
            run = [arm]
        if len(run) > 1:
            found = run.copy()
        end = b
    return found


_AGAINST = frozenset(("vs", "versus", "v", "against"))


def owners_of_sides(
    layout: Layout, mentions: Sequence[Mention], bundles: Sequence[Bundle], series: Sequence[Series]
) -> dict[int, int]:
    """First token of a bundle -> its arm in "12% and 15% versus 9% and 7%", where each side goes to one of the two arms
    that the sentence names before, in that order."""
    found: dict[int, int] = {}
    for bundle in bundles:
        one = series[bundle.series].bundles
        after = one[-1].end
        if bundle is not one[0] or len(one) < 2 or layout.lower[after : after + 1] == []:
            continue
        two = next((series[b.series].bundles for b in bundles if b.start == after + 1 and b.kind == bundle.kind), [])
        if len(two) != len(one) or layout.lower[after] not in _AGAINST or "vs" in series[bundle.series].joints:
            continue
        named = list(dict.fromkeys(arm for _, end, arm in mentions if end <= bundle.start))
        if len(named) != 2 or _held_against(layout, mentions[0][0]):
            continue
        for side, arm in zip((one, two), named, strict=True):
            found |= {b.start: arm for b in side}
    return found


def _held_against(layout: Layout, begin: int) -> bool:
    """Whether the name at token `begin` only says what is compared with: "Compared with placebo, examplin ..."."""
    return layout.lower[max(0, begin - 2) : begin] in (["compared", "with"], ["compared", "to"], ["relative", "to"])
