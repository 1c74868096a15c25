"""Choose what each bundle of numbers measures, among the phrases of its sentence and what was measured before.

For every bundle the phrases near it, what earlier sentences measured and "nothing" are candidates; where a phrase
stands, what lies between (the skeleton of `endpoint_phrase`), what the bundle before measures and whether such a value
fits such a word is gathered as named features, and `weights/endpoint.tsv` says what each is worth. Decisions run from
left to right; what `endpoint_form` reads off the form of the text goes before all evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint_form import list_form, told_endpoint
from extractor.rules.endpoint_phrase import Phrase, SentenceView
from extractor.rules.endpoint_view import bundle_class, list_places, signs_between, view_of
from extractor.rules.layout import Layout
from extractor.rules.linear import LinearModel, likeliest, load_model
from extractor.rules.owner_form import CERTAIN
from extractor.rules.statement import StatementScene, core_end
from extractor.rules.word_forms import normal_form

_NEAR_BEFORE, _NEAR_AFTER = 7, 4
"""How many phrases on each side are candidates; keeps the cost linear in a sentence of any length."""
_CARRIED, _REACH_BACK = 3, 2
"""How many phrases the sentence before hands on, and for how many sentences what was measured last is kept."""
_NOTHING = Phrase(-1, -1)
_CORRESPONDING = frozenset(("corresponding", "respective", "these", "this", "figures", "values", "those", "same"))
_NUMBERS = frozenset("cpmdes")
"""Signs of numbers in a skeleton."""


@dataclass(slots=True)
class Chosen:
    """What was decided so far, and what later decisions look back at."""

    previous: Phrase | None = None
    """What the bundle before measures, if it stands in the same sentence, and that bundle, its owner and how sure it
    is."""
    bundle: Bundle | None = None
    owner: int = -1
    probability: float = 1.0
    last: Phrase | None = None
    """What was measured last in the article, and in which sentence."""
    last_sentence: int = -9
    taken: set[int] = field(default_factory=set)
    """First tokens of what the bundles of the sentence measure."""


def candidates(scene: StatementScene, chosen: Chosen, index: int) -> list[Phrase]:
    """Nothing first, then the phrases before the bundle (nearest first), those behind it, and what may be carried over
    from earlier sentences."""
    bundle = scene.bundles[index]
    view = view_of(scene, bundle.head.sentence)
    at = bisect_left(view.starts, bundle.start)
    found = [_NOTHING, *view.phrases[max(0, at - _NEAR_BEFORE) : at][::-1]]
    core = core_end(scene.layout, bundle)
    while at < len(view.phrases) and view.phrases[at].token < core:
        at += 1
    found += view.phrases[at : at + _NEAR_AFTER]
    earlier = [chosen.previous] if chosen.previous is not None and chosen.previous.token >= 0 else []
    earlier += _earlier(scene, chosen, bundle.head.sentence)
    for p in earlier:
        if not any(p is x for x in found):
            found.append(p)
    return found


def _earlier(scene: StatementScene, chosen: Chosen, sentence: int) -> list[Phrase]:
    """What was measured last, and the subjects and endpoints of the sentence before."""
    found: list[Phrase] = []
    if chosen.last is not None and chosen.last.token >= 0 and sentence - chosen.last_sentence <= _REACH_BACK:
        found.append(chosen.last)
    if sentence > 0:
        view = view_of(scene, sentence - 1)
        found += [p for p, s in zip(view.phrases, view.subjects, strict=True) if s or p.mention is not None][-_CARRIED:]
    return found


@dataclass(slots=True)
class _Asked:
    """What all candidates of one bundle share."""

    bundle: Bundle
    view: SentenceView
    kind: str
    core: int
    unit: str
    link: str
    """How the bundle is tied to the one before in the sentence: by a series, of the same arm, of the same kind."""
    fresh: int
    """How many phrases stand between the two, up to 2."""
    gap: str
    """The first signs between the two."""
    direct: str
    """The last signs between the nearest phrase before the bundle and it."""
    behind: str
    """The two signs behind the bundle."""
    lists: list[tuple[str, list[Phrase]]]
    """As many phrases right before the bundle's series, or behind it, as it has bundles."""
    form: str
    corresponding: bool
    here: bool
    """Whether a phrase stands before the bundle in its sentence."""


def _asked(scene: StatementScene, chosen: Chosen, index: int, found: Sequence[Phrase]) -> _Asked:
    layout, bundle = scene.layout, scene.bundles[index]
    view = view_of(scene, bundle.head.sentence)
    begin, end = layout.sentences[bundle.head.sentence]
    kind, core = bundle_class(bundle), core_end(layout, bundle)
    link, fresh, gap = "0", 0, "^"
    before = chosen.bundle
    if before is not None:
        owner = scene.owners[index]
        series = before.series == bundle.series and bundle.series >= 0
        whose = "n" if owner < 0 or chosen.owner < 0 else "s" if owner == chosen.owner else "o"
        signs = signs_between(view, core_end(layout, before), bundle.start)
        fresh, gap = min(signs.count("P"), 2), signs[:5]
        link = f"{'s' if series else 'n'}{whose}{'=' if bundle_class(before) == kind else '~'}"
    nearest = found[1] if len(found) > 1 and begin <= found[1].token < bundle.start else None
    count, listed_before, listed_after = list_places(scene, view, bundle)
    lists = [(side, listed) for side, listed in (("B", listed_before), ("A", listed_after)) if listed]
    form = "".join(map(str, list_form(scene, bundle, listed_before))) if lists else ""
    return _Asked(
        bundle, view, kind, core, (bundle.head.unit or ("%" if bundle.head.is_percent else "-"))[:8], link, fresh, gap,
        signs_between(view, nearest.token_end, bundle.start)[-4:] if nearest is not None else "",
        signs_between(view, min(core, end), end)[:2], lists, f"{min(count, 4)}|{link}|{form}",
        not _CORRESPONDING.isdisjoint(layout.lower[begin : bundle.start]), nearest is not None,
    )  # fmt: skip


def phrase_features(scene: StatementScene, chosen: Chosen, index: int, found: Sequence[Phrase]) -> list[list[str]]:
    """The evidence for each of the candidates."""
    features = _wordless(scene, chosen, index, found)
    return [f if p.token < 0 else [*word_features(scene.layout, p), *f] for p, f in zip(found, features, strict=True)]


def word_features(layout: Layout, p: Phrase) -> list[str]:
    """What the words of a phrase say of it, whatever the bundle."""
    lower = layout.lower
    said = dict.fromkeys(normal_form(w)[:9] for w in lower[p.token : p.token_end][:6])
    title = lower[slice(*layout.sentences[0])][:60]
    known = sum(w in title for w in lower[p.token : p.token_end] if len(w) > 3)
    return [_last(lower, p), *["wd:" + w for w in said], f"title:{min(known, 2)}|{p.family == 'open'}"]


def _last(lower: Sequence[str], p: Phrase) -> str:
    return "last:" + normal_form(lower[p.token_end - 1])[:9]


def _wordless(scene: StatementScene, chosen: Chosen, index: int, found: Sequence[Phrase]) -> list[list[str]]:
    """The evidence without `word_features`."""
    asked = _asked(scene, chosen, index, found)
    lines: list[list[str]] = []
    for p in found:
        if p.token < 0:
            was = chosen.previous is not None and chosen.previous.token < 0
            lines.append(
                [
                    f"0k:{asked.kind}", f"0n:{min(len(found), 5)}|{asked.kind}", f"0prev:{asked.link}|{was}",
                    f"0d:{asked.direct}",
                ]
            )  # fmt: skip
            continue
        features = _said(scene, chosen, asked, p)
        if scene.layout.sentence_of[p.token] == asked.bundle.head.sentence:
            features += _placed(scene, chosen, asked, p)
        else:
            features += _carried(scene, chosen, asked, p)
        lines.append(features)
    return lines


def _said(scene: StatementScene, chosen: Chosen, asked: _Asked, p: Phrase) -> list[str]:
    """What the phrase says, and whether the bundle before measures it."""
    last = _last(scene.layout.lower, p)
    disease = "d" if p.mention is not None and p.mention.disease else ""
    same = chosen.previous is p
    found = [
        f"type:{p.family}{disease}|{asked.kind}", f"{last}|{asked.kind}", f"unit:{asked.unit}|{last}",
        f"prev:{same}|{asked.link}|{asked.fresh}", f"prevb:{same}|{asked.link}|{asked.behind}",
    ]  # fmt: skip
    if same:
        found.append(f"prevg:{asked.gap}|{asked.link}")
    elif p.token in chosen.taken:
        found.append(f"taken:{asked.link}")
    return found


def _carried(scene: StatementScene, chosen: Chosen, asked: _Asked, p: Phrase) -> list[str]:
    """How a phrase of an earlier sentence may be what is spoken of."""
    away = min(asked.bundle.head.sentence - scene.layout.sentence_of[p.token], 3)
    last = p is chosen.last
    return [f"c:{last}|{away}|{asked.here}|{asked.kind}", f"cc:{asked.corresponding}|{last}"]


def _placed(scene: StatementScene, chosen: Chosen, asked: _Asked, p: Phrase) -> list[str]:
    """Where a phrase of the bundle's sentence stands."""
    layout, bundle, view, kind = scene.layout, asked.bundle, asked.view, asked.kind
    lower = layout.lower
    begin, end = layout.sentences[bundle.head.sentence]
    pre = lower[p.token - 1] if p.token > begin else "^"
    post = lower[p.token_end] if p.token_end < end else "$"
    depth = max(-1, min(1, layout.depth[p.token] - bundle.head.depth))
    if p.token < bundle.start:
        side, first, stop = "B", p.token_end, bundle.start
    else:
        side, first, stop = "A", asked.core, p.token
    signs = signs_between(view, first, stop)
    few = min(signs.count("P"), 2)
    numbers = sum(c in _NUMBERS for c in signs)
    place = bisect_left(view.starts, p.token)
    short = signs if len(signs) <= 8 else signs[:4] + "…" + signs[-4:]
    t = side + kind
    found = [
        f"g:{side}{short}", f"pre:{side}{pre[:8]}", f"post:{side}{post[:8]}", f"dep:{side}{depth}|{few}",
        f"sub:{side}{view.subjects[place]}|{few}|{min(numbers, 2)}", f"tb:{side}{p.family}|{few}|{kind}",
        f"bh:{t}{asked.behind}|{few}|{min(numbers, 1)}",
    ]  # fmt: skip
    if stop - first <= 3:
        found.append(f"gw:{side}{' '.join(w[:7] for w in lower[first:stop])}")
    if view.people[place]:
        found.append("people:" + t)
    for listed_side, listed in asked.lists:
        match = next((str(k == bundle.place) for k, x in enumerate(listed) if x is p), "out")
        found += [f"list:{side}{match}|{asked.form}", f"listed:{match}|{listed_side}"]
    return found


def _words_weigh(model: LinearModel, layout: Layout, p: Phrase) -> int:
    """What `word_features` weigh, in hundredths; kept with the phrase, as many bundles ask for it."""
    if p.token < 0:
        return 0
    if p.weighed_by is not model:
        p.weight, p.weighed_by = model.total(word_features(layout, p)), model
    return p.weight


def begin_bundle(scene: StatementScene, chosen: Chosen, index: int) -> None:
    """Forget the bundle before if it stands in another sentence."""
    if chosen.bundle is not None and chosen.bundle.head.sentence != scene.bundles[index].head.sentence:
        chosen.previous = chosen.bundle = None
        chosen.taken = set()


def note(scene: StatementScene, chosen: Chosen, index: int, phrase: Phrase, probability: float = 1.0) -> None:
    """Remember what a bundle was found to measure."""
    bundle = scene.bundles[index]
    chosen.previous, chosen.bundle, chosen.owner = phrase, bundle, scene.owners[index]
    chosen.probability = probability
    chosen.taken.add(phrase.token)
    if phrase.token >= 0:
        chosen.last, chosen.last_sentence = phrase, bundle.head.sentence


def choose(
    scene: StatementScene, chosen: Chosen, index: int, model: LinearModel | None = None, *, behind: bool = False
) -> tuple[Phrase, float]:
    """What bundle `index` measures (a phrase before token 0: nothing that the text names) and its probability: no more
    than that of the bundle before if it measures the same. With `behind` only what stands behind the bundle is asked
    about ("all 10 had X")."""
    begin_bundle(scene, chosen, index)
    told = told_endpoint(scene, index)
    if told is not None:
        return told, CERTAIN
    found = candidates(scene, chosen, index)
    if behind:
        start = scene.bundles[index].start
        found = [p for p in found if p.token < 0 or p.token > start]
    model = model or load_model("endpoint.tsv")
    best, probability = likeliest(
        [
            (model.total(features) + _words_weigh(model, scene.layout, p)) / 100
            for p, features in zip(found, _wordless(scene, chosen, index, found), strict=True)
        ]
    )
    if found[best] is chosen.previous:
        probability = min(probability, chosen.probability)
    return found[best], probability
