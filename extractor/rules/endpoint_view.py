"""How one sentence looks to the rules that choose what its numbers measure and when that holds: its phrases, and its
skeleton of signs.
"""

from __future__ import annotations

from bisect import bisect_left

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint import EndpointMention
from extractor.rules.endpoint_phrase import VERB, Phrase, SentenceView, find_phrases, skeleton
from extractor.rules.fact_kind import COHORT_HEADS, EFFECT_HEADS
from extractor.rules.layout import Layout
from extractor.rules.number_context import PEOPLE
from extractor.rules.statement import StatementScene, core_end


def bundle_class(bundle: Bundle) -> str:
    """C a count, P a percentage, M a mean, D a median or length, E an effect; other kinds by their letter."""
    kind = bundle.kind
    if kind in EFFECT_HEADS:
        return "E"
    if kind == "F":
        return "D"
    return "C" if kind in COHORT_HEADS else kind


def view_of(scene: StatementScene, sentence: int) -> SentenceView:
    """The view of a sentence; made once."""
    view = scene.views.get(sentence)
    if view is None:
        view = scene.views[sentence] = _view(scene, sentence)
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
    mentions = scene.mentions.get(sentence, [])
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


def list_places(scene: StatementScene, view: SentenceView, bundle: Bundle) -> tuple[int, list[Phrase], list[Phrase]]:
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


def signs_between(view: SentenceView, first: int, last: int) -> str:
    """The signs of the tokens `first` to `last` of the view's sentence."""
    return view.signs[view.before[first - view.begin] : view.before[last - view.begin]]
