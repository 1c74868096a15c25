"""Give each bundle of numbers its timepoint: right behind it, by place in a list, beside what it measures, or at the
head of its clause.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.rules import chunk
from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.fact_kind import EFFECT_HEADS
from extractor.rules.layout import Layout
from extractor.rules.statement import Attachment, StatementScene, is_duration
from extractor.rules.timepoint import TimepointMention


def place_times(scene: StatementScene, sentence: int, indices: Sequence[int], result: list[Attachment]) -> None:
    """Give each bundle of the sentence its timepoint."""
    layout = scene.layout
    points = scene.timepoints.get(sentence) or scene.inherited_time(sentence)
    if not points:
        return
    open_indices = [
        k for k in indices if result[k].kind not in ("cohort_size", "follow_up") and not is_duration(scene.bundles[k])
    ]
    # a time that was taken for a count ("by two years") is a time all the same
    members = {n.index for k in open_indices if scene.bundles[k].kind in ("D", "M") for n in scene.bundles[k].members}
    points = [p for p in points if not any(n in members for n in p.numbers)]
    if not points:
        return
    placed = _times_by_place(scene, sentence, open_indices, points)
    for position, k in enumerate(open_indices):
        bundle = scene.bundles[k]
        a = result[k]
        if k in placed:
            a.timepoint = placed[k]
        elif bundle.kind in EFFECT_HEADS:
            a.timepoint = _beside_endpoint(layout, a.endpoint, points)
        else:
            following = scene.bundles[open_indices[position + 1]] if position + 1 < len(open_indices) else None
            floor = scene.bundles[open_indices[position - 1]].end if position else 0
            a.timepoint = (
                _before_bracket(bundle, points)
                or _of_partner(scene, k, result, points)
                or _right_behind(scene, bundle, following, points)
                or _own(bundle, a.endpoint, points, floor)
                or _beside_endpoint(layout, a.endpoint, points)
                or _leading(scene, sentence, bundle, points)
            )
        for other in a.also:
            other.timepoint = a.timepoint


def _times_by_place(
    scene: StatementScene, sentence: int, indices: Sequence[int], points: Sequence[TimepointMention]
) -> dict[int, TimepointMention]:
    """ "at 1, 2 and 5 years were 90, 80 and 60 %": as many times in a list as values in a series of one owner."""
    placed: dict[int, TimepointMention] = {}
    lists: list[list[TimepointMention]] = []
    for p in points:
        if lists and p.token - lists[-1][-1].token_end <= 3:
            lists[-1].append(p)
        else:
            lists.append([p])
    series: dict[int, list[int]] = {}
    for k in indices:
        series.setdefault(scene.bundles[k].series, []).append(k)
    for several in lists:
        if len(several) < 2:
            continue
        for members in series.values():
            first, last = scene.bundles[members[0]], scene.bundles[members[-1]]
            between = any(first.end <= p.token < last.start for p in several)
            if len(members) % len(several) or between:
                continue
            if len(members) == len(several) and len({scene.owners[k] for k in members}) > 1:
                continue
            # several arms: blocks of one arm's times, or of one time's arms
            width = len(members) // len(several)
            by_time = width > 1 and scene.owners[members[0]] != scene.owners[members[1]]
            for place, k in enumerate(members):
                placed.setdefault(k, several[place // width if by_time else place % len(several)])
    return placed


def _before_bracket(bundle: Bundle, points: Sequence[TimepointMention]) -> TimepointMention | None:
    """ "at 3 hours (33% v 12%)"."""
    return next((p for p in points if bundle.head.depth and p.token_end == bundle.head.opener), None)


def _of_partner(
    scene: StatementScene, k: int, result: list[Attachment], points: Sequence[TimepointMention]
) -> TimepointMention | None:
    """ "at 24 months 31% v 12%; at 60 months 44% v 21%": the second of a pair holds when the first does, if no time
    stands between the two."""
    bundle, before = scene.bundles[k], scene.bundles[k - 1] if k else None
    if before is None or bundle.place != 1 or before.series != bundle.series:
        return None
    time = result[k - 1].timepoint
    if time is None or not 0 <= before.start - time.token_end <= _NEAR_PAIR:
        return None
    return None if any(before.end <= p.token < bundle.start for p in points) else time


_NEAR_PAIR = 6


def _right_behind(
    scene: StatementScene, bundle: Bundle, following: Bundle | None, points: Sequence[TimepointMention]
) -> TimepointMention | None:
    """ "68% at 1 year"; for "70% vs 60% at 5 years" both."""
    layout = scene.layout
    for p in points:
        if p.token < bundle.end or p.attributive:
            continue
        gap = layout.lower[bundle.end : p.token]
        if len(gap) > 24:
            return None
        if any(w in (";", "whereas", "while", "but") for w in gap):
            return None
        if (
            following is not None
            and following.start < p.token
            and (following.series != bundle.series or following.kind != bundle.kind)
        ):
            return None
        if "," in gap and len(gap) > 8:
            return None
        others = [q for q in points if q is not p and q.token_end <= bundle.start]
        if others and len(gap) > 6:
            return None
        return p
    return None


def _own(
    bundle: Bundle, m: EndpointMention | None, points: Sequence[TimepointMention], floor: int
) -> TimepointMention | None:
    """ "...; at 84 months 42%": a time between the number and the one before it, behind what both measure."""
    if m is None:
        return None
    for p in reversed(points):
        if p.token >= max(floor, m.token_end) and p.token_end <= bundle.start and not p.attributive and floor:
            return p
    return None


def _beside_endpoint(
    layout: Layout, m: EndpointMention | None, points: Sequence[TimepointMention]
) -> TimepointMention | None:
    """ "5-year overall survival", "mortality at 30 days", "12-month rate of abstinence"."""
    if m is None:
        return None
    for p in points:
        if p.token >= m.token and p.token_end <= m.token_end:
            return p
        if p.token_end <= m.token:
            gap = layout.lower[p.token_end : m.token]
            if len(gap) <= 5 and not any(w in (",", ";", "and", ".", "was", "were") for w in gap):
                return p
            if (
                p.attributive
                and len(gap) <= 8
                and "and" in gap
                and ";" not in gap
                and not any(w in chunk.VERB for w in gap)
            ):
                return p
        elif p.token >= m.token_end and p.token - m.token_end <= 2 and not p.attributive:
            return p
    return None


def _leading(
    scene: StatementScene, sentence: int, bundle: Bundle, points: Sequence[TimepointMention]
) -> TimepointMention | None:
    """The time that the clause opens with or that was last named before the number."""
    layout = scene.layout
    before = [p for p in points if p.token_end <= bundle.start]
    if not before:
        return points[0] if points[0].sentence < sentence else None
    p = before[-1]
    gap = layout.lower[p.token_end : bundle.start]
    if any(w == ";" for w in gap) or len(gap) > 45:
        return None
    begin, _ = layout.sentences[sentence]
    first_number = min(scene.bundles[k].start for k in scene.by_sentence[sentence])
    if p.sentence < sentence or (not p.attributive and p.token < first_number):
        return p
    if p.token - begin <= 3 or len(gap) <= 14 or layout.lower[p.token_end : p.token_end + 1] == [","]:
        return p if not p.attributive or len(gap) <= 14 else None
    return None
