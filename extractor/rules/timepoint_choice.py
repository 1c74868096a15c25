"""Choose when what each bundle says holds, among the times named in its sentence and before.

For every bundle the times near it, that of the bundle before, the last ones of earlier sentences and "not said" are
candidates; where a time stands, what lies between and how it is said ("at", "during the first", "for") are named
features, and `weights/timepoint.tsv` says what each is worth. Decisions run from left to right, after those of
`endpoint_choice`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint_phrase import SentenceView
from extractor.rules.endpoint_view import bundle_class, signs_between, view_of
from extractor.rules.fact_kind import COHORT_HEADS
from extractor.rules.linear import LinearModel, load_model
from extractor.rules.statement import StatementScene, core_end, is_duration
from extractor.rules.timepoint import TimepointMention

_NEAR_BEFORE, _NEAR_AFTER = 5, 4
_REACH_BACK = 3
"""Sentences."""
_BREAKS = frozenset((";", "whereas", "while", "but", "however"))


@dataclass(slots=True)
class ChosenTimes:
    """What was decided so far."""

    previous: TimepointMention | None = None
    previous_bundle: Bundle | None = None
    previous_owner: int = -1
    last: TimepointMention | None = None
    """The last time that was given to a bundle, and the sentence of that bundle."""
    last_sentence: int = -9
    taken: list[TimepointMention] = field(default_factory=list)
    """Those given in the sentence."""
    placed: dict[int, dict[int, TimepointMention]] = field(default_factory=dict)
    """Sentence -> `times_by_place`."""


def times_near(scene: StatementScene, chosen: ChosenTimes, index: int) -> list[TimepointMention]:
    """The candidates but "not said": those of the sentence before the bundle (nearest first), those behind it, then
    those of earlier sentences."""
    bundle = scene.bundles[index]
    sentence = bundle.head.sentence
    own = {n.index for n in bundle.members}
    here = [
        t
        for t in scene.timepoints.get(sentence, ())
        if own.isdisjoint(t.numbers) and not _out_of_reach(scene, bundle, t)
    ]
    at = bisect_left([t.token for t in here], bundle.start)
    found = here[max(0, at - _NEAR_BEFORE) : at][::-1] + here[at : at + _NEAR_AFTER]
    last = chosen.last
    if last is not None and last.sentence < sentence and sentence - chosen.last_sentence <= _REACH_BACK:
        found.append(last)
    for earlier in range(sentence - 1, max(-1, sentence - 1 - _REACH_BACK), -1):
        named = scene.timepoints.get(earlier, ())
        found += [t for t in named[-2:][::-1] if not any(t is x for x in found)]
    return found


def _out_of_reach(scene: StatementScene, bundle: Bundle, time: TimepointMention) -> bool:
    """Whether a time belongs to another statement of the sentence: beyond a semicolon, unless it opens the sentence, or
    behind a number that is in no list with the bundle's."""
    layout = scene.layout
    if time.token - layout.sentences[time.sentence][0] <= 1:
        return False
    gap = range(*sorted((min(time.token_end, bundle.end), max(time.token, bundle.start))))
    if any(layout.words[i] == ";" and layout.depth[i] <= bundle.head.depth for i in gap):
        return True
    if time.token < bundle.start:
        return False
    for k in scene.by_sentence[time.sentence]:
        other = scene.bundles[k]
        if bundle.end <= other.start < time.token and other.kind == bundle.kind and other.series != bundle.series:
            return True
    return False


def _bucket(n: int) -> str:
    return str(n) if n < 3 else "4" if n < 5 else "8" if n < 9 else "16" if n < 17 else "f"


def times_by_place(scene: StatementScene, sentence: int) -> dict[int, TimepointMention]:
    """What the form alone tells: of "at 1, 2 and 5 years were 90, 80 and 60 %", as many times in a list as values in a
    series of one arm, or the arms' blocks of so many. Index of the bundle -> its time."""
    placed: dict[int, TimepointMention] = {}
    lists: list[list[TimepointMention]] = []
    for t in scene.timepoints.get(sentence, ()):
        if lists and t.token - lists[-1][-1].token_end <= _IN_LIST:
            lists[-1].append(t)
        else:
            lists.append([t])
    series: dict[int, list[int]] = {}
    for k in scene.by_sentence.get(sentence, ()):
        if scene.bundles[k].kind not in COHORT_HEADS:
            series.setdefault(scene.bundles[k].series, []).append(k)
    for several in lists:
        if len(several) < 2:
            continue
        for members in series.values():
            first, last = scene.bundles[members[0]], scene.bundles[members[-1]]
            if len(members) % len(several) or any(first.end <= t.token < last.start for t in several):
                continue
            if len(members) == len(several) and len({scene.owners[k] for k in members}) > 1:
                continue
            # several arms: blocks of one arm's times, or of one time's arms
            width = len(members) // len(several)
            by_time = width > 1 and scene.owners[members[0]] != scene.owners[members[1]]
            for place, k in enumerate(members):
                placed.setdefault(k, several[place // width if by_time else place % len(several)])
    return placed


_IN_LIST = 3
"""Tokens between two times of one list, at most."""


def time_features(
    scene: StatementScene, chosen: ChosenTimes, index: int, found: Sequence[TimepointMention], measured: int
) -> list[list[str]]:
    """The evidence for "not said", then for each of the candidates. `measured` is the first token of what the bundle
    measures, -1 if that is not known."""
    layout, lower = scene.layout, scene.layout.lower
    bundle = scene.bundles[index]
    sentence = bundle.head.sentence
    begin, end = layout.sentences[sentence]
    view = view_of(scene, sentence)
    kind = bundle_class(bundle)
    core = core_end(layout, bundle)
    here = [t for t in found if t.sentence == sentence]
    link, fresh = _link(scene, chosen, view, index)
    was = "0" if chosen.previous_bundle is None else "t" if chosen.previous is not None else "n"
    duration = is_duration(bundle)
    lines = [
        [
            f"0k:{kind}|{duration}", f"0n:{min(len(here), 3)}|{kind}", f"0w:{was}|{link}", f"0e:{min(len(found), 4)}",
            f"0wn:{was}|{link}|{min(len(here), 2)}|{min(fresh, 2)}",
            f"0b:{'baseline' in lower[begin:end]}|{min(len(here), 2)}",
        ]
    ]  # fmt: skip
    for t in found:
        before1 = lower[t.token - 1] if t.token else "^"
        said = lower[t.token] if not lower[t.token][0].isdigit() else "#"
        after1 = lower[t.token_end] if t.token_end < len(lower) else "$"
        after2 = lower[t.token_end + 1] if t.token_end + 1 < len(lower) else "$"
        form = "a" if t.attributive else "l" if t.labelled else "s" if t.stated else "x"
        f = [
            f"form:{form}|{kind}|{duration}", f"said:{said[:8]}|{form}", f"pre:{before1[:8]}|{said[:6]}",
            f"post:{after1[:9]}|{form}", f"post2:{after1[:7]} {after2[:7]}", f"unit:{t.unit}",
        ]  # fmt: skip
        same = chosen.previous is t
        f += [f"prev:{same}|{was}|{link}|{min(fresh, 2)}", f"prevf:{same}|{was}|{form}"]
        if not same and any(t is x for x in chosen.taken):
            f.append(f"taken:{link}|{min(fresh, 2)}")
        if t.sentence != sentence:
            away = sentence - t.sentence
            last = chosen.last is t
            f += [
                f"far:{min(away, 4)}|{last}|{min(len(here), 2)}", f"farf:{form}|{last}|{was}",
                f"fars:{said[:6]}|{last}", f"farb:{t.token - layout.sentences[t.sentence][0] < 2}|{last}",
                f"faru:{sentence - chosen.last_sentence if last else 9}|{was}",
            ]  # fmt: skip
            lines.append(f)
            continue
        if t.token < bundle.start:
            side, low, high, distance = "B", t.token_end, bundle.start, bundle.start - t.token_end
        else:
            side, low, high, distance = "A", core, t.token, t.token - core
        signs = signs_between(view, min(low, end), min(high, end))
        words = lower[low:high]
        times, numbers, phrases = signs.count("T"), sum(c in "cpmdes" for c in signs), signs.count("P")
        broken = any(w in _BREAKS for w in words)
        short = signs if len(signs) <= 7 else signs[:3] + "…" + signs[-4:]
        near = signs[-3:] if side == "B" else signs[:3]
        depth = max(-1, min(1, layout.depth[min(t.token_end, len(lower)) - 1] - bundle.head.depth))
        f += [
            f"g:{side}{short}", f"gf:{side}{near}|{form}", f"n:{side}{min(times, 2)}|{min(numbers, 3)}|{form}",
            f"np:{side}{min(times, 2)}|{min(numbers, 3)}|{min(phrases, 3)}", f"br:{side}{broken}|{min(numbers, 2)}",
            f"d:{side}{_bucket(distance)}|{form}", f"dep:{side}{depth}|{min(numbers, 2)}",
            f"beg:{side}{t.token - begin <= 1}|{min(numbers, 3)}|{min(times, 2)}",
            f"comma:{side}{after1 == ','}|{form}|{min(times, 1)}",
            f"link:{side}{link}|{min(times, 2)}|{min(numbers, 2)}",
            f"and:{side}{'and' in words}|{min(numbers, 2)}|{min(phrases, 2)}",
        ]  # fmt: skip
        if distance <= 3:
            f.append(f"gw:{side}{' '.join(w[:7] for w in words)}")
        if bundle.head.depth and t.token_end == bundle.head.opener:
            f.append(f"bracket:{form}")
        if measured >= begin:
            gap = measured - t.token_end
            f.append(f"ep:{'<' if gap < 0 else '0' if gap == 0 else '3' if gap <= 3 else '>'}|{side}|{form}")
        lines.append(f)
    return lines


def _link(scene: StatementScene, chosen: ChosenTimes, view: SentenceView, index: int) -> tuple[str, int]:
    """How the bundle is tied to the one before in the sentence (its series, the same arm or another), and how many
    phrases stand between."""
    bundle, before = scene.bundles[index], chosen.previous_bundle
    if before is None:
        return "0", 0
    owner = scene.owners[index]
    series = before.series == bundle.series and bundle.series >= 0
    whose = "n" if owner < 0 or chosen.previous_owner < 0 else "s" if owner == chosen.previous_owner else "o"
    signs = signs_between(view, core_end(scene.layout, before), bundle.start)
    return f"{'s' if series else 'n'}{whose}", signs.count("P")


def begin_bundle(scene: StatementScene, chosen: ChosenTimes, index: int) -> None:
    """Forget the bundle before if it stands in another sentence."""
    bundle, before = scene.bundles[index], chosen.previous_bundle
    if before is not None and before.head.sentence != bundle.head.sentence:
        chosen.previous = chosen.previous_bundle = None
        chosen.taken = []


def note(scene: StatementScene, chosen: ChosenTimes, index: int, time: TimepointMention | None) -> None:
    """Remember when a bundle holds."""
    bundle = scene.bundles[index]
    chosen.previous, chosen.previous_bundle, chosen.previous_owner = time, bundle, scene.owners[index]
    if time is not None:
        chosen.taken.append(time)
        chosen.last, chosen.last_sentence = time, bundle.head.sentence


def choose_time(
    scene: StatementScene, chosen: ChosenTimes, index: int, measured: int, model: LinearModel | None = None
) -> TimepointMention | None:
    """When bundle `index` holds, None if the text does not say; `measured` as in `time_features`."""
    begin_bundle(scene, chosen, index)
    told = told_time(scene, chosen, index)
    if told is not None:
        return told
    found = times_near(scene, chosen, index)
    if not found:
        return None
    model = model or load_model("timepoint.tsv")
    best, probability = model.choose(time_features(scene, chosen, index, found, measured))
    return found[best - 1] if best and probability >= _SURE else None


_SURE = 0.5
"""Below it no time is better than the likeliest one: in cross-validation 0.83 of the times said are right with it, 0.79
without."""


def told_time(scene: StatementScene, chosen: ChosenTimes, index: int) -> TimepointMention | None:
    """The time of bundle `index` where its form leaves no doubt."""
    sentence = scene.bundles[index].head.sentence
    if sentence not in chosen.placed:
        chosen.placed[sentence] = times_by_place(scene, sentence)
    return chosen.placed[sentence].get(index)
