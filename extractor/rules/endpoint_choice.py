"""Choose what each bundle of numbers measures, among the phrases of its sentence and what was measured before.

For every bundle the phrases near it, the endpoint carried over from the sentence before and "nothing" are candidates;
where a phrase stands, what lies between (`endpoint_phrase.skeleton`), what the bundle before measures and whether such
a value fits such a word is gathered as named features, and `weights/endpoint.tsv` says what each is worth. Decisions
run from left to right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.endpoint_phrase import Phrase, find_phrases, skeleton
from extractor.rules.fact_kind import COHORT_HEADS, EFFECT_HEADS
from extractor.rules.layout import Layout
from extractor.rules.linear import LinearModel, load_model
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES
from extractor.rules.owner_form import CERTAIN
from extractor.rules.statement import VERB, StatementScene, core_end
from extractor.rules.word_forms import normal_form

_NEAR_BEFORE, _NEAR_AFTER = 7, 4
"""How many phrases on each side are candidates; keeps the cost linear in a sentence of any length."""
_CARRIED = 3
_NOTHING = Phrase(-1, -1)
_CORRESPONDING = frozenset(("corresponding", "respective", "these", "this", "figures", "values", "those", "same"))


@dataclass(slots=True)
class SentenceView:
    """The phrases of one sentence and its skeleton."""

    begin: int
    phrases: list[Phrase]
    starts: list[int]
    signs: str
    before: list[int]
    subjects: list[bool]
    """Per phrase: whether a verb of stating follows."""
    people: list[bool]
    """Per phrase: whether it only says who the people are."""


@dataclass(slots=True)
class Chosen:
    """What was decided so far, and what later decisions look back at."""

    views: dict[int, SentenceView] = field(default_factory=dict)
    previous: Phrase | None = None
    """What the bundle before measures, if it stands in the same sentence, and that bundle."""
    previous_bundle: Bundle | None = None
    previous_owner: int = -1
    last: Phrase | None = None
    """What was measured last in the article, and in which sentence."""
    last_sentence: int = -9
    taken: list[Phrase] = field(default_factory=list)
    """What the bundles of the sentence measure."""


def bundle_class(bundle: Bundle) -> str:
    """C a count, P a percentage, M a mean, D a median or length, E an effect; other kinds by their letter."""
    kind = bundle.kind
    if kind in EFFECT_HEADS:
        return "E"
    if kind == "F":
        return "D"
    return "C" if kind in COHORT_HEADS else kind


def view_of(scene: StatementScene, chosen: Chosen, sentence: int) -> SentenceView:
    """The phrases of a sentence; found once."""
    view = chosen.views.get(sentence)
    if view is None:
        view = chosen.views[sentence] = _view(scene, sentence)
    return view


def _view(scene: StatementScene, sentence: int) -> SentenceView:
    layout = scene.layout
    begin, end = layout.sentences[sentence]
    barred = [False] * (end - begin)
    marked: dict[int, tuple[int, str]] = {}
    for k in scene.by_sentence.get(sentence, ()):
        bundle = scene.bundles[k]
        stop = core_end(layout, bundle)
        marked[bundle.start] = (stop, bundle_class(bundle).lower())
        for i in range(bundle.start, min(stop, end)):
            barred[i - begin] = True
    i = begin
    while i < end:
        if i in scene.arm_tokens and not barred[i - begin]:
            first = i
            while i < end and i in scene.arm_tokens:
                barred[i - begin] = True
                i += 1
            marked.setdefault(first, (i, "A"))
        else:
            i += 1
    for t in scene.timepoints.get(sentence, ()):
        for i in range(t.token, min(t.token_end, end)):
            barred[i - begin] = True
        marked.setdefault(t.token, (t.token_end, "T"))
    mentions = [m for m in scene.mentions.get(sentence, ())]
    causes = [m.cause for m in mentions if m.cause]
    mentions = [m for m in mentions if not any(a <= m.token < b for a, b in causes)]
    phrases = find_phrases(layout, begin, end, barred, mentions)
    phrases = [p for p in phrases if p.mention is not None or not any(a <= p.token < b for a, b in causes)]
    signs, before = skeleton(layout, begin, end, phrases, marked)
    lower = layout.lower
    subjects = [p.token_end < end and lower[p.token_end] in VERB for p in phrases]
    people = [_says_who(layout, p) for p in phrases]
    return SentenceView(begin, phrases, [p.token for p in phrases], signs, before, subjects, people)


def _says_who(layout: Layout, phrase: Phrase) -> bool:
    m = phrase.mention
    return m is not None and (_condition_of_people(layout, m) or _describes_people(layout, m))


_BEFORE_DISEASE = frozenset(("history", "treatment", "diagnosis", "prevention", "risk"))


def _condition_of_people(layout: Layout, m: EndpointMention) -> bool:
    """Whether a mention only says who the people are: "patients with heart failure" without a count in front."""
    lower, i = layout.lower, m.token - 1
    steps = 0
    while (
        i >= 0 and steps < 4 and lower[i] not in ("with", "without") and lower[i] not in PEOPLE and lower[i].isalpha()
    ):
        if lower[i] in ("the", "in", "of", "had", "and", "was", "were"):
            return lower[i] == "of" and i > 0 and lower[i - 1] in _BEFORE_DISEASE
        i -= 1
        steps += 1
    if i < 1 or lower[i] not in ("with", "without") or lower[i - 1] not in PEOPLE:
        return False
    j = i - 2
    while j >= 0 and j > i - 8 and lower[j].isalpha():
        if lower[j] in ("of", "number", "proportion", "percentage", "no"):
            return lower[j] == "of" and not (
                lower[j - 1] in ("number", "proportion", "percentage")
                or lower[j - 1][0].isdigit()
                or lower[j - 1] == "%"
            )
        j -= 1
    return not (j >= 0 and (lower[j][0].isdigit() or lower[j] in ("%", ")")))


def _describes_people(layout: Layout, m: EndpointMention) -> bool:
    """Whether a trait only narrows the people it stands before ("postmenopausal patients"), or "followed" only orders
    treatments ("followed by radiotherapy")."""
    following = layout.lower[m.token_end] if m.token_end < len(layout.lower) else ""
    if m.family == "demographic":
        return following in PEOPLE
    return m.family == "follow_up" and following == "by"


def _list_places(scene: StatementScene, view: SentenceView, bundle: Bundle) -> tuple[int, list[Phrase], list[Phrase]]:
    """How many bundles stand in the bundle's series, and as many phrases right before it and right behind it (none if
    there are not so many, or other numbers stand between)."""
    if bundle.series < 0:
        return 1, [], []
    here = [scene.bundles[k] for k in scene.by_sentence[bundle.head.sentence]]
    members = [b for b in here if b.series == bundle.series]
    count = len(members)
    if count < 2:
        return 1, [], []
    first, last = members[0].start, core_end(scene.layout, members[-1])
    at = bisect_left(view.starts, first)
    before = view.phrases[max(0, at - count) : at]
    while at < len(view.phrases) and view.starts[at] < last:
        at += 1
    after = view.phrases[at : at + count]
    if len(before) < count or any(before[0].token < b.start < first for b in here):
        before = []
    if len(after) < count or any(last <= b.start < after[-1].token for b in here):
        after = []
    return count, before, after


def candidates(scene: StatementScene, chosen: Chosen, index: int) -> list[Phrase]:
    """Nothing first, then the phrases before the bundle (nearest first), those behind it, and what may be carried over
    from earlier sentences."""
    bundle = scene.bundles[index]
    view = view_of(scene, chosen, bundle.head.sentence)
    at = bisect_left(view.starts, bundle.start)
    found = [_NOTHING]
    found += view.phrases[max(0, at - _NEAR_BEFORE) : at][::-1]
    core = core_end(scene.layout, bundle)
    while at < len(view.phrases) and view.phrases[at].token < core:
        at += 1
    found += view.phrases[at : at + _NEAR_AFTER]
    previous = chosen.previous
    if previous is not None and previous.token >= 0 and not any(p is previous for p in found):
        found.append(previous)
    carried = _earlier(scene, chosen, bundle.head.sentence)
    found += [p for p in carried if not any(p is x for x in found)]
    return found


def _earlier(scene: StatementScene, chosen: Chosen, sentence: int) -> list[Phrase]:
    """What an earlier sentence may hand on: what was measured last, and the subjects and endpoints of the sentence
    before."""
    found: list[Phrase] = []
    if chosen.last is not None and chosen.last.token >= 0 and sentence - chosen.last_sentence <= 2:
        found.append(chosen.last)
    if sentence > 0:
        view = view_of(scene, chosen, sentence - 1)
        telling = [p for p, s in zip(view.phrases, view.subjects, strict=True) if s or p.mention is not None]
        found += [p for p in telling[-_CARRIED:] if not any(p is x for x in found)]
    return found


def _bucket(n: int) -> str:
    return str(n) if n < 3 else "4" if n < 5 else "8" if n < 9 else "16" if n < 17 else "f"


_AGAINST = frozenset(("vs", "versus", "v", "to", "than", "compared", "against"))


def phrase_features(scene: StatementScene, chosen: Chosen, index: int, found: Sequence[Phrase]) -> list[list[str]]:
    """The evidence for each of the candidates."""
    layout = scene.layout
    lower = layout.lower
    bundle = scene.bundles[index]
    sentence = bundle.head.sentence
    view = view_of(scene, chosen, sentence)
    kind = bundle_class(bundle)
    core = core_end(layout, bundle)
    begin, end = layout.sentences[sentence]
    unit = (bundle.head.unit or ("%" if bundle.head.is_percent else "-"))[:8]
    owner = scene.owners[index]
    before_bundle = chosen.previous_bundle
    previous = chosen.previous
    link = "0"
    fresh = 0
    if before_bundle is not None:
        series = before_bundle.series == bundle.series and bundle.series >= 0
        whose = "n" if owner < 0 or chosen.previous_owner < 0 else "s" if owner == chosen.previous_owner else "o"
        gap = view.signs[view.before[core_end(layout, before_bundle) - begin] : view.before[bundle.start - begin]]
        fresh = min(gap.count("P"), 2)
        link = f"{'s' if series else 'n'}{whose}{'=' if bundle_class(before_bundle) == kind else '~'}"
        gap = gap[:5]
    else:
        gap = "^"
    nearest_before = next((p for p in found[1:] if 0 <= p.token < bundle.start and layout.sentence_of[p.token] == sentence), None)
    direct = ""
    if nearest_before is not None:
        direct = view.signs[view.before[nearest_before.token_end - begin] : view.before[bundle.start - begin]][-4:]
    behind = view.signs[view.before[min(core, end) - begin] :][:2]
    after1 = " ".join(lower[core : min(core + 2, end)])
    count, listed_before, listed_after = _list_places(scene, view, bundle)
    joined = ""
    if listed_before or listed_after:
        against, one_arm, in_list = _list_form(scene, bundle, listed_before)
        joined = f"{against}{one_arm}{in_list}"
    title = _title_words(layout)
    corresponding = any(w in _CORRESPONDING for w in lower[begin : bundle.start])
    lines: list[list[str]] = []
    for p in found:
        if p.token < 0:
            f = [f"0k:{kind}", f"0n:{min(len(found), 5)}|{kind}", f"0prev:{link}|{previous is not None and previous.token < 0}",
                 f"0d:{direct}", f"0u:{unit}", f"0a:{after1}"]
            lines.append(f)
            continue
        family = p.family
        last = normal_form(lower[p.token_end - 1])[:9]
        disease = p.mention is not None and p.mention.disease
        inside = layout.sentence_of[p.token] == sentence
        f = [f"type:{family}{'d' if disease else ''}|{kind}", f"last:{last}", f"lastk:{last}|{kind}", f"unit:{unit}|{last}", f"fu:{family}|{unit}"]
        f += ["wd:" + normal_form(w)[:9] for w in dict.fromkeys(lower[p.token : p.token_end][:6])]
        known = sum(w in title for w in lower[p.token : p.token_end] if len(w) > 3)
        f.append(f"title:{min(known, 2)}|{family == 'open'}")
        same = previous is p
        f += [f"prev:{same}|{link}|{fresh}", f"prevb:{same}|{link}|{behind}", f"prevp:{same}|{kind}|{behind[:1]}"]
        if same:
            f.append(f"prevg:{gap}|{link}")
            f.append(f"prevd:{direct}|{fresh}")
        if any(p is t for t in chosen.taken) and not same:
            f.append(f"taken:{link}")
        if not inside:
            away = min(sentence - layout.sentence_of[p.token], 3)
            isl = p is chosen.last
            here = nearest_before is not None
            f += [f"c:{isl}|{away}|{here}|{kind}", f"cc:{corresponding}|{isl}", f"cd:{direct}|{isl}", f"ca:{after1}", f"cs:{same}|{isl}"]
            lines.append(f)
            continue
        words = min(p.token_end - p.token, 4)
        f.append(f"w:{words}|{family == 'open'}")
        pre = lower[p.token - 1] if p.token > begin else "^"
        pre2 = lower[p.token - 2] if p.token - 1 > begin else "^"
        post = lower[p.token_end] if p.token_end < end else "$"
        depth = max(-1, min(1, layout.depth[p.token] - bundle.head.depth))
        if p.token < bundle.start:
            side = "B"
            a, b = view.before[p.token_end - begin], view.before[bundle.start - begin]
            signs = view.signs[a:b]
            near, far = signs[-3:], signs[:3]
            distance = bundle.start - p.token_end
        else:
            side = "A"
            a, b = view.before[core - begin], view.before[p.token - begin]
            signs = view.signs[a:b]
            near, far = signs[:3], signs[-3:]
            distance = p.token - core
        between = signs.count("P")
        numbers = sum(c in "cpmdeqs" for c in signs)
        place = bisect_left(view.starts, p.token)
        subject = view.subjects[place] if place < len(view.phrases) else False
        t = f"{side}{kind}"
        short = signs if len(signs) <= 8 else signs[:4] + "…" + signs[-4:]
        f += [
            f"g:{side}{short}", f"gk:{t}{short if len(signs) <= 4 else near + '…'}", f"gn:{side}{near}|{min(between, 3)}",
            f"gf:{side}{far}|{min(between, 3)}", f"r:{t}|{min(between, 4)}", f"n:{t}|{min(numbers, 3)}|{min(between, 3)}",
            f"d:{side}{_bucket(distance)}|{min(between, 2)}", f"pre:{side}{pre[:8]}", f"post:{side}{post[:8]}", f"pre2:{side}{pre2[:7]} {pre[:7]}",
            f"dep:{side}{depth}|{min(between, 2)}", f"sub:{side}{subject}|{min(between, 2)}|{min(numbers, 2)}",
            f"tb:{side}{family}|{min(between, 2)}|{kind}", f"fresh:{side}{fresh}|{link}|{min(between, 2)}",
            f"beg:{side}{p.token - begin <= 2}|{min(numbers, 2)}", f"a:{side}{after1 if distance > 0 or side == 'A' else ''}",
        ]
        if view.people[place]:
            f.append(f"people:{side}{kind}")
        for listed in (listed_before, listed_after):
            if listed:
                match = next((str(k == bundle.place) for k, x in enumerate(listed) if x is p), "out")
                f.append(f"list:{side}{match}|{min(count, 4)}|{link}")
                f.append(f"listed:{match}|{listed is listed_before}|{joined}")
                f.append(f"listw:{side}{match}|{lower[listed[-1].token - 1][:5]}")
        if distance <= 3:
            gapw = lower[p.token_end : bundle.start] if side == "B" else lower[core : p.token]
            f.append(f"gw:{side}{' '.join(w[:7] for w in gapw)}")
        f.append(f"bp:{side}{kind}{behind[:1]}|{before_bundle is not None}|{min(between, 1)}")
        f.append(f"bh:{side}{kind}{behind}|{min(between, 2)}|{min(numbers, 1)}")
        if side == "A" and before_bundle is not None:
            f.append(f"An:{gap[:3]}|{near}")
        lines.append(f)
    return lines


def told_endpoint(scene: StatementScene, chosen: Chosen, index: int) -> Phrase | None:
    """What the form alone tells: an event right behind its count ("30 deaths"; so in 144 of 146 of our annotations),
    what people are said to have had ("12 of the patients developed X"; 135 of 138), and as many endpoints of a lexicon
    in a list before a series of one arm as the series has bundles ("overall and event-free survival came to 61 and 48
    percent")."""
    bundle = scene.bundles[index]
    view = view_of(scene, chosen, bundle.head.sentence)
    if bundle.kind in COHORT_HEADS or bundle.kind in ("C", "P"):
        lower, core = scene.layout.lower, core_end(scene.layout, bundle)
        while core < len(lower) and lower[core] in ")]":
            core += 1
        at = bisect_left(view.starts, core)
        behind = view.phrases[at] if at < len(view.starts) else None
        if behind is not None:
            gap = lower[core : behind.token]
            if not gap and bundle.kind != "P" and behind.family in _EVENTS:
                return behind
            if gap and len(gap) <= _MAX_HAD and not _HAD.isdisjoint(gap) and _PEOPLE_HAD.issuperset(gap):
                return behind
    count, before, _ = _list_places(scene, view, bundle)
    if count < 2 or not before or any(p.mention is None for p in before):
        return None
    against, one_arm, listed = _list_form(scene, bundle, before)
    return before[bundle.place] if listed and one_arm and not against else None


def _list_form(scene: StatementScene, bundle: Bundle, before: Sequence[Phrase]) -> tuple[bool, bool, bool]:
    """Of the bundle's series: whether its bundles are set against each other, whether they are one arm's, and whether
    the phrases before it are a list."""
    layout = scene.layout
    here = [k for k in scene.by_sentence[bundle.head.sentence] if scene.bundles[k].series == bundle.series]
    first, last = scene.bundles[here[0]], scene.bundles[here[-1]]
    against = not _AGAINST.isdisjoint(layout.lower[first.end : last.start])
    listed = bool(before) and _listed(layout, before, first.start)
    return against, len({scene.owners[k] for k in here}) == 1, listed


_EVENTS = frozenset(("adverse_event", "death", "response"))
_MAX_HAD = 7
_HAD = frozenset(
    ("had", "have", "having", "experienced", "experiencing", "developed", "developing", "suffered", "reported",
     "showed", "exhibited", "achieved", "attained", "obtained", "reached", "underwent", "went", "sustained",
     "presented", "demonstrated", "required", "needed", "maintained")
)  # fmt: skip
_PEOPLE_HAD = _HAD | PEOPLE | frozenset(
    ("also", "who", "then", "later", "through", "a", "an", "the", "at", "least", "one", "any", "still", "of", "them",
     "these", "all", "only")
)  # fmt: skip
_MAX_TAIL, _MAX_JOINT = 25, 5


def _listed(layout: Layout, phrases: Sequence[Phrase], stop: int) -> bool:
    """Whether phrases stand in one list ("X, Y and Z") that reaches up to `stop` without a clause's end."""
    depth = layout.depth[phrases[0].token]
    if any(layout.depth[p.token] != depth for p in phrases):
        return False
    for left, right in pairwise(phrases):
        gap = [w for w in layout.lower[left.token_end : right.token] if w not in DASHES]
        if len(gap) > _MAX_JOINT or not any(w in ("and", ",", "or", "&") for w in gap) or ";" in gap:
            return False
        if not VERB.isdisjoint(gap) or any(w[0].isdigit() for w in gap):
            return False
    tail = layout.lower[phrases[-1].token_end : stop]
    return len(tail) <= _MAX_TAIL and ";" not in tail and "whereas" not in tail


def _title_words(layout: Layout) -> frozenset[str]:
    begin, end = layout.sentences[0]
    return frozenset(layout.lower[begin : min(end, begin + 60)])


def note(scene: StatementScene, chosen: Chosen, index: int, phrase: Phrase) -> None:
    """Remember what a bundle was found to measure."""
    bundle = scene.bundles[index]
    if chosen.previous_bundle is not None and chosen.previous_bundle.head.sentence != bundle.head.sentence:
        chosen.taken = []
    chosen.previous, chosen.previous_bundle, chosen.previous_owner = phrase, bundle, scene.owners[index]
    chosen.taken.append(phrase)
    if phrase.token >= 0:
        chosen.last, chosen.last_sentence = phrase, bundle.head.sentence


def begin_bundle(scene: StatementScene, chosen: Chosen, index: int) -> None:
    """Forget the bundle before if it stands in another sentence."""
    bundle = scene.bundles[index]
    if chosen.previous_bundle is not None and chosen.previous_bundle.head.sentence != bundle.head.sentence:
        chosen.previous = chosen.previous_bundle = None
        chosen.taken = []


def choose(
    scene: StatementScene, chosen: Chosen, index: int, model: LinearModel | None = None, *, behind: bool = False
) -> tuple[Phrase, float]:
    """What bundle `index` measures (a phrase before token 0: nothing that the text names) and its probability. With
    `behind` only what stands behind the bundle is asked about ("all 10 had X")."""
    model = model or load_model("endpoint.tsv")
    begin_bundle(scene, chosen, index)
    told = told_endpoint(scene, chosen, index)
    if told is not None:
        return told, CERTAIN
    found = candidates(scene, chosen, index)
    if behind:
        start = scene.bundles[index].start
        found = [p for p in found if p.token < 0 or p.token > start]
    best, probability = model.choose(phrase_features(scene, chosen, index, found))
    return found[best], probability
