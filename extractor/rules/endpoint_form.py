"""What a bundle measures where the form of the text alone says so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from extractor.rules.bundle import Bundle
from extractor.rules.endpoint_phrase import VERB, Phrase
from extractor.rules.endpoint_view import list_places, view_of
from extractor.rules.fact_kind import COHORT_HEADS
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES
from extractor.rules.statement import StatementScene, core_end

_AGAINST = frozenset(("vs", "versus", "v", "to", "than", "compared", "against"))


def told_endpoint(scene: StatementScene, index: int) -> Phrase | None:
    """What the form alone tells: an event right behind its count ("30 deaths"; so in 144 of 146 of our annotations),
    what people are said to have had ("12 of the patients developed X"; 135 of 138), and as many endpoints of a lexicon
    in a list before a series of one arm as the series has bundles ("overall and event-free survival came to 61 and 48
    percent")."""
    bundle = scene.bundles[index]
    view = view_of(scene, bundle.head.sentence)
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
            if gap and len(gap) <= _MAX_HAD and _PEOPLE_HAD.issuperset(gap):
                happened = bundle.kind != "P" and behind.family in ("death", "adverse_event")  # "one of them died"
                if happened or not _HAD.isdisjoint(gap):
                    return behind
            if gap in (["for"], ["for", "the"]) and behind.family in _RATES:
                return behind  # "68 percent for overall survival"
    count, before, _ = list_places(scene, view, bundle)
    if count < 2 or not before or any(p.mention is None for p in before):
        return None
    against, one_arm, listed = list_form(scene, bundle, before)
    return before[bundle.place] if listed and one_arm and not against else None


def list_form(scene: StatementScene, bundle: Bundle, before: Sequence[Phrase]) -> tuple[bool, bool, bool]:
    """Of the bundle's series: whether its bundles are set against each other, whether they are one arm's, and whether
    the phrases before it are a list."""
    layout = scene.layout
    here = [k for k in scene.by_sentence[bundle.head.sentence] if scene.bundles[k].series == bundle.series]
    first, last = scene.bundles[here[0]], scene.bundles[here[-1]]
    against = not _AGAINST.isdisjoint(layout.lower[first.end : last.start])
    listed = bool(before) and _listed(layout, before, first.start)
    return against, len({scene.owners[k] for k in here}) == 1, listed


_EVENTS = frozenset(("adverse_event", "death", "response"))
_RATES = frozenset(("survival", "response", "adverse_event", "death"))
_MAX_HAD = 7
_HAD = frozenset(
    ("had", "have", "having", "experienced", "experiencing", "developed", "developing", "suffered", "reported",
     "showed", "exhibited", "achieved", "attained", "obtained", "reached", "underwent", "went", "sustained",
     "presented", "demonstrated", "required", "needed", "maintained")
)  # fmt: skip
_BETWEEN = frozenset(
    ("also", "who", "then", "later", "through", "a", "an", "the", "at", "least", "one", "any", "still", "of", "them",
     "these", "whom", "all", "only")
)  # fmt: skip
_QUALIFYING = terms("statement_words.tsv", "adjective") - frozenset(("and", "or", "in", *"12345"))
_PEOPLE_HAD = _HAD | PEOPLE | _BETWEEN | _QUALIFYING
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
