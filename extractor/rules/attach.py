"""Say of each bundle of numbers what it measures, when, in which subgroup, and what kind of fact it makes.

For each bundle the mentions near it in the sentence are candidates; where the mention stands (right before a bracket,
before the verb, behind "patients had", behind the count itself) and what lies between (other bundles, other mentions, a
clause's end) make its score. Lists go by place ("X and Y were 68 and 54 percent"), an ellipsis ("and 54% at 5 years")
takes what the bundle before measures, and a noun phrase stands in where no lexicon knows the outcome.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractor.rules import chunk
from extractor.rules.attach_time import place_times
from extractor.rules.bundle import Bundle, series_of
from extractor.rules.endpoint import EndpointMention, cause_mention
from extractor.rules.fact_kind import COHORT_HEADS, EFFECT_HEADS, cohort_role, fact_kind
from extractor.rules.grade import ROMAN, find_grades
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES, Number
from extractor.rules.population import population_of
from extractor.rules.statement import TIME_UNITS, Attachment, StatementScene, core_end
from extractor.rules.timepoint import TimepointMention

_SAFETY = terms("statement_words.tsv", "safety")
_BASELINE = terms("statement_words.tsv", "baseline")
_HAVE = chunk.HAVE
_BESIDE = frozenset(("and", "or", ",", "&", "/", "of", "in", "the", "a", "at", "for", "one", "year", "rate", "rates"))
_RELATED = frozenset(("related", "attributable", "attributed", "induced"))
_NEAR_BEFORE, _NEAR_AFTER = 5, 3
"""How many mentions on each side are candidates; keeps the cost linear in a sentence of any length."""
_CARRIED = frozenset(("adverse_event", "outcome", "response", "survival", "death"))
_REACH = 60
_ENOUGH = 0.0
"""A candidate below this score is no better than none."""


def attach(
    layout: Layout,
    bundles: Sequence[Bundle],
    owners: Sequence[int],
    kinds: Sequence[str],
    numbers: Sequence[Number],
    endpoints: Sequence[EndpointMention],
    timepoints: Sequence[TimepointMention],
    arm_mentions: Sequence[tuple[int, int]] = (),
) -> list[Attachment]:
    """One attachment per bundle, in order. `owners` are those of `owner.decide_owners`, `arm_mentions` the half-open
    token ranges in which arms are named (their words are neither outcomes nor subgroups)."""
    if bundles and all(b.series < 0 for b in bundles):
        series_of(layout, list(bundles), [])
    scene = StatementScene(layout, bundles, owners, endpoints, timepoints, arm_mentions)
    result: list[Attachment] = [Attachment() for _ in bundles]
    last: EndpointMention | None = None
    last_sentence = -2
    for sentence, indices in scene.by_sentence.items():
        carried = last if sentence - last_sentence == 1 else None
        if carried is None:
            before = [
                m
                for m in scene.mentions.get(sentence - 1, ())
                if m.family in _CARRIED and not _condition_of_people(layout, m)
            ]
            carried = before[0] if before else None
        _attach_sentence(scene, sentence, indices, result, carried)
        for k in indices:
            found = result[k].endpoint
            if found is not None and result[k].kind not in ("cohort_size", "follow_up", "demographic"):
                last, last_sentence = found, sentence
    return result


def _attach_sentence(
    scene: StatementScene, sentence: int, indices: list[int], result: list[Attachment], carried: EndpointMention | None
) -> None:
    layout, bundles = scene.layout, scene.bundles
    mentions = [
        m
        for m in scene.mentions.get(sentence, ())
        if not _describes_people(layout, m) and not _condition_of_people(layout, m)
    ]
    mentions = [m for m in mentions if not _inside_cause(m, mentions)]
    placed = _by_place(scene, sentence, indices, mentions)
    begin, end = layout.sentences[sentence]
    words = layout.lower[begin:end]
    safety = any(w in _SAFETY for w in words)
    baseline = _speaks_of_baseline(layout, begin, end) or layout.lower[begin : begin + 3] in (
        ["at", "the", "start"],
        ["at", "study", "entry"],
    )
    taken: list[tuple[Bundle, EndpointMention | None]] = []
    for k in indices:
        bundle = bundles[k]
        a = result[k]
        if bundle.kind in COHORT_HEADS:
            a.kind = "cohort_size"
            a.role = cohort_role(
                layout,
                bundle.start,
                bundle.end,
                default="randomized"
                if scene.randomized and bundle.kind != "G"
                else "analyzed"
                if bundle.kind == "G"
                else "enrolled",
            )
            a.population = (
                population_of(scene.populations(sentence), bundle.start, bundle.end) if bundle.kind == "G" else None
            )
            if _all_had(layout, bundle):
                endpoint, score = _best(scene, sentence, bundle, mentions, taken, None)
                by_all = layout.lower[bundle.start - 2] in ("by", "in") and score > 5
                if endpoint is not None and ((endpoint.token >= core_end(bundle) and score > 4) or by_all):
                    a.endpoint, a.score, a.role = endpoint, score, None
                    taken.append((bundle, endpoint))
                    _qualify(scene, sentence, bundle, a, safety, baseline=False, head_kind="C")
                    _coordinate(scene, sentence, bundle, a, mentions, safety)
            continue
        if _is_follow_up(layout, bundle, begin, end):
            a.kind = "follow_up"
            continue
        if k in placed:
            endpoint, score = placed[k], 6.0
        else:
            endpoint, score = _best(scene, sentence, bundle, mentions, taken, carried)
        if endpoint is not None:
            listed = _cause_in_list(layout, bundle, taken, endpoint)
            if listed is endpoint and endpoint.family == "death" and _cause_holds(layout, bundle, endpoint):
                listed = cause_mention(layout, endpoint) or endpoint
            endpoint = listed
        endpoint = _in_full(scene, begin, endpoint)
        a.endpoint, a.score = endpoint, score
        taken.append((bundle, endpoint))
        _qualify(scene, sentence, bundle, a, safety, baseline)
        if endpoint is not None and score >= 2:
            _coordinate(scene, sentence, bundle, a, mentions, safety)
    place_times(scene, sentence, indices, result)


# --- candidates ---------------------------------------------------------------------------------------------------


def _best(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    mentions: Sequence[EndpointMention],
    taken: Sequence[tuple[Bundle, EndpointMention | None]],
    carried: EndpointMention | None,
) -> tuple[EndpointMention | None, float]:
    """The best candidate and its score; None if none is good enough."""
    layout = scene.layout
    mentions = [m for m in mentions if m.term not in _SEX or _counts_sex(layout, bundle, m)]
    starts = [m.token for m in mentions]
    at = bisect_left(starts, bundle.start)
    previous = taken[-1] if taken else None
    best: EndpointMention | None = None
    best_score = _ENOUGH
    for rank, m in enumerate(reversed(mentions[max(0, at - _NEAR_BEFORE) : at])):
        score = _score_before(scene, sentence, bundle, m, taken) - 1.5 * rank
        if score > best_score:
            best, best_score = m, score
    for rank, m in enumerate(mentions[at : at + _NEAR_AFTER]):
        score = _score_after(scene, sentence, bundle, m) - 2.5 * rank
        if score > best_score:
            best, best_score = m, score
    if previous is not None and previous[1] is not None:
        score = _score_ellipsis(scene, bundle, previous[0], mentions) + min(0.0, _fit(bundle, previous[1]))
        if score > best_score:
            best, best_score = previous[1], score
    if best_score < 3.5 and (bundle.kind not in EFFECT_HEADS or (best is None and carried is None)):
        chunked = _chunk(scene, sentence, bundle, best, best_score, taken)
        if chunked is not None:
            return chunked
    if best is None and carried is not None:
        return carried, 0.5
    before = previous[1] if previous is not None else None
    if best is not None and best.term == "event" and before is not None and _counts_events(before):
        return before, best_score  # "352 DFS events ... and 418 events"
    return best, best_score if best is not None else 0.0


_SEX = frozenset(("men", "women", "male", "female", "girl", "boy", "white", "black", "asian", "hispanic", "caucasian"))


def _counts_events(m: EndpointMention) -> bool:
    """Whether "events" later in the sentence can be this endpoint's."""
    return "event" in m.label.lower() or m.family == "survival"


def _counts_sex(layout: Layout, bundle: Bundle, m: EndpointMention) -> bool:
    """Whether "women", "men" are what is counted ("53.6% men", "43% were women", "Women, %"), not who had something."""
    lower = layout.lower
    core = core_end(bundle)
    if m.token >= core:
        gap = [w for w in lower[core : m.token] if w not in "()[]"]
        after = lower[m.token_end] if m.token_end < len(lower) else "."
        said = gap in (["were"], ["being"], ["of", "them", "were"])
        bare = not gap and (bundle.head.is_percent or layout.depth[bundle.start] > 0)
        return (said or bare) and after in (")", ",", ";", ".", "and", "or", "(", ":")
    gap = lower[m.token_end : bundle.start]
    return len(gap) <= 4 and all(w in (",", "%", "(", ")", ":", "no", ".", "n", "[", "sex", "-") for w in gap)


def _between_bundles(scene: StatementScene, sentence: int, first: int, last: int, own: Bundle) -> list[Bundle]:
    """Other bundles that lie in tokens first..last of the sentence."""
    return [
        scene.bundles[k]
        for k in scene.by_sentence[sentence]
        if first <= scene.bundles[k].start < last and scene.bundles[k] is not own
    ]


def _score_before(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    m: EndpointMention,
    taken: Sequence[tuple[Bundle, EndpointMention | None]],
) -> float:
    """How well a mention before the bundle fits."""
    layout = scene.layout
    gap = layout.lower[m.token_end : bundle.start]
    if len(gap) > _REACH:
        return -9.0
    score = 4.0 - 0.08 * len(gap)
    inner = [w for w in gap if w not in DASHES]
    if not inner or inner in (
        ["("],
        ["["],
        [":"],
        ["="],
        ["in"],
        ["of"],
        ["was"],
        ["were"],
        ["rate", "("],
        ["rates", "("],
        ["rate", "of"],
    ):
        score += 4.0
    elif inner[0] in ("(", "[") and len(inner) <= 4:
        score += 3.0
    elif any(w in chunk.VERB for w in inner):
        score += 2.0
    elif inner[0] in ("in", "of", "for", "rate", "rates", "at", "affected", "by", "among") and len(inner) <= 12:
        score += 1.5
    # "X, and 12 patients had": the number opens the next statement
    if inner and inner[-1] in ("and", ",") and bundle.kind in ("C", "P") and inner[0] in ("and", ","):
        score -= 3.0
    others = [b for b, e in taken if m.token_end <= b.start and e is not m and e is not None]
    score -= 2.5 * min(len([b for b in others if b.kind not in EFFECT_HEADS]), 3)
    if m.token_end <= bundle.head.opener and layout.depth[m.token] < bundle.head.depth:
        score += 0.5
    if layout.depth[m.token] > bundle.head.depth:
        score -= 3.0  # the mention is inside a bracket that is closed again
    score -= 4.0 * scene.semicolons(sentence, m.token_end, bundle.start)
    if _new_clause(inner):
        score -= 2.0
    return score + _fit(bundle, m)


def _new_clause(gap: Sequence[str]) -> bool:
    """Whether a contrast opens a clause between the two."""
    return any(w in ("whereas", "while", "but", "although") for w in gap)


def _score_after(scene: StatementScene, sentence: int, bundle: Bundle, m: EndpointMention) -> float:
    """How well a mention behind the bundle fits."""
    layout = scene.layout
    first = core = core_end(bundle)
    while first < m.token and layout.words[first] in ")]":
        first += 1
    gap = [w for w in layout.lower[first : m.token] if w not in DASHES]
    if len(gap) > 25:
        return -9.0
    depth = layout.depth[core - 1]
    outside = layout.depth[m.token] < depth
    score = 2.5 - 0.12 * len(gap)
    if not gap:
        score += 5.5 if not bundle.head.is_percent else 2.0
    elif (
        gap[0] in ("for", "with") and len(gap) <= 3 and m.family in ("survival", "response", "outcome", "adverse_event")
    ):
        score += 5.0
    elif gap[0] in (",", "(") and len(gap) <= 2:
        score -= 2.0
    else:
        people = _people_had(gap)
        if people:
            score += 5.0
        elif gap[0] in ("of", "in") and bundle.kind == "P" and m.family != "demographic":
            score -= 1.0
        elif all(w in _ADJECTIVES or w in PEOPLE or w in _HAVE for w in gap):
            score += 4.0
    between = _between_bundles(scene, sentence, core, m.token, bundle)
    strangers = [b for b in between if b.series != bundle.series or bundle.series < 0]
    if between and any(w in PEOPLE or w in chunk.VERB for w in layout.lower[core : between[0].start]):
        strangers = between  # "in 6 patients and 2 had": what follows is said of the second number
    score -= 4.0 * min(len(strangers), 2) + 0.8 * min(len(between) - len(strangers), 2)
    if outside and gap and gap[0] != ")" and bundle.head.opener >= 0 and layout.depth[bundle.start] > 0:
        score -= 3.0
    score -= 5.0 * scene.semicolons(sentence, core, m.token)
    if "," in gap:
        score -= 1.5
    if _new_clause(gap):
        score -= 3.0
    return score + _fit(bundle, m)


_ADJECTIVES = terms("statement_words.tsv", "adjective")


def _people_had(gap: Sequence[str]) -> bool:
    """Whether the words say "(of the) patients (in the A group) had"."""
    people = have = False
    for k, w in enumerate(gap):
        if w in PEOPLE:
            people = True
        elif w in _HAVE and w not in _HAVE_NOT:
            have = True
            people = people or k == 0  # "and two had": the people are those of the number before
        elif have and w not in _ADJECTIVES and w not in _HAVE:
            return people and len(gap) <= 14 and w.isalpha()
    return have or (people and len(gap) <= 3)


_HAVE_NOT = frozenset(("in", "and", "the", "a", "an", "at", "from", "who"))


def _fit(bundle: Bundle, m: EndpointMention) -> float:
    """Whether such a value can belong to such an endpoint at all."""
    kind, unit = bundle.kind, bundle.head.unit
    if m.family == "generic":
        return -0.5
    if m.family == "follow_up":
        return -4.0
    if m.disease:
        return -1.5 if kind in ("C", "P") or kind in EFFECT_HEADS else -4.0
    if kind == "D" and unit in TIME_UNITS:
        timed = m.family == "survival" or any(
            w in m.term for w in ("time", "duration", "stay", "age", "length", "day", "onset", "recovery")
        )
        return 1.5 if timed else -2.0
    if kind in ("C", "P"):
        if m.family in ("adverse_event", "death", "response"):
            return 0.7
        if m.family == "demographic":
            return -1.5
        return 0.3 if m.family == "survival" and kind == "P" else 0.0
    if kind in ("M", "D"):
        if m.family in ("adverse_event", "death", "response"):
            return -2.0
        return 0.5 if m.family == "outcome" else 0.0
    return 0.0


def _score_ellipsis(
    scene: StatementScene, bundle: Bundle, previous: Bundle, mentions: Sequence[EndpointMention]
) -> float:
    """How likely the bundle goes on with what the one before it measures: they stand in one list, or nothing that could
    be measured is named between."""
    layout = scene.layout
    if any(previous.end <= m.token < bundle.start for m in mentions):
        return -9.0
    gap = layout.lower[previous.end : bundle.start]
    if len(gap) > 40:
        return -9.0
    if bundle.kind in EFFECT_HEADS:
        return 5.0 - 0.05 * len(gap)
    if previous.kind in EFFECT_HEADS:
        return 2.0 - 0.1 * len(gap)
    score = 4.2 if bundle.series == previous.series and bundle.series >= 0 else 3.0
    if previous.kind != bundle.kind and {previous.kind, bundle.kind} != {"C", "P"}:
        score -= 1.5
    if any(w in ("vs", "versus", "compared", "than", "whereas") for w in gap):
        score += 1.5
    return score - 0.06 * len(gap)


def _chunk(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    best: EndpointMention | None,
    best_score: float,
    taken: Sequence[tuple[Bundle, EndpointMention | None]],
) -> tuple[EndpointMention, float] | None:
    """A noun phrase that no lexicon knows, if it stands closer to the number than the best mention does."""
    layout = scene.layout
    begin, end = layout.sentences[sentence]
    if taken and best is not None and taken[-1][1] is best and best_score > 2.5:
        return None
    floor = begin
    if taken:
        floor = max(floor, taken[-1][0].end)
    phrase: tuple[int, int] | None = None
    score = 0.0
    if bundle.kind in ("C", "P"):
        phrase, score = chunk.object_after(layout, core_end(bundle), end), 3.0
    if phrase is None or phrase[0] in scene.arm_tokens:
        hook = bundle.head.opener
        if bundle.head.depth and hook > floor:
            phrase, score = chunk.noun_before(layout, hook, floor), 2.6
        if phrase is None or phrase[0] in scene.arm_tokens:
            phrase, score = chunk.subject_before(layout, bundle.start, floor), 2.4
    if phrase is None or any(t in scene.arm_tokens for t in range(*phrase)) or score <= best_score:
        return None
    if best is not None and best.token < phrase[1] and phrase[0] < best.token_end:
        return best, best_score
    start, stop = layout.starts[phrase[0]], layout.ends[phrase[1] - 1]
    label = layout.text[start:stop]
    return EndpointMention(*phrase, start, stop, label, None, "outcome", label.lower(), "chunk"), score


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


def _inside_cause(m: EndpointMention, mentions: Sequence[EndpointMention]) -> bool:
    return any(d.cause and d.cause[0] <= m.token < d.cause[1] for d in mentions if d is not m)


def _cause_holds(layout: Layout, bundle: Bundle, death: EndpointMention) -> bool:
    """Whether the cause behind a death is this bundle's: no other number stands between it and the words of death."""
    return death.cause is not None and (death.token >= bundle.start or death.cause[1] <= bundle.start)


def _cause_in_list(
    layout: Layout,
    bundle: Bundle,
    taken: Sequence[tuple[Bundle, EndpointMention | None]],
    endpoint: EndpointMention,
) -> EndpointMention:
    """ "30 deaths: fourteen from disease, six from infection": the words behind "from" are a cause of death."""
    lower = layout.lower
    if bundle.kind != "C" or bundle.end + 1 >= len(lower) or lower[bundle.end] not in ("from", "of", "due"):
        return endpoint
    if not any(e is not None and e.family == "death" for _, e in taken):
        return endpoint
    first = bundle.end + (2 if lower[bundle.end] == "due" else 1)
    last = first
    while last < len(lower) and last < first + 6 and lower[last] not in (",", ".", ";", "(", "and", "in", ")"):
        last += 1
    if last == first or lower[first] in ("the", "these", "all") or lower[first][0].isdigit():
        return endpoint
    start, stop = layout.starts[first], layout.ends[last - 1]
    label = layout.text[start:stop]
    return EndpointMention(first, last, start, stop, label, None, "death", label.lower(), "cause")


# --- lists ----------------------------------------------------------------------------------------------------------


def _by_place(
    scene: StatementScene, sentence: int, indices: Sequence[int], mentions: Sequence[EndpointMention]
) -> dict[int, EndpointMention]:
    """Endpoints by place: as many coordinated endpoints before (or after) a series as it has bundles, all of one
    owner."""
    layout = scene.layout
    begin, end = layout.sentences[sentence]
    named = any(t in scene.arm_tokens for t in range(begin, end))
    series: dict[int, list[int]] = {}
    for k in indices:
        if scene.bundles[k].kind in ("C", "P", "D", "M"):
            series.setdefault(scene.bundles[k].series, []).append(k)
    placed: dict[int, EndpointMention] = {}
    for members in series.values():
        if len(members) < 2 or (named and len({scene.owners[k] for k in members}) > 1):
            continue
        first, last = scene.bundles[members[0]], scene.bundles[members[-1]]
        if any(first.end <= m.token < last.start for m in mentions):
            continue
        before = [m for m in mentions if m.token_end <= first.start][-len(members) :]
        after = [m for m in mentions if m.token >= last.end][: len(members)]
        reach = before[0].token if before else first.start
        others = _between_bundles(scene, sentence, reach, first.start, first)
        if len(before) == len(members) and not others and _coordinated(layout, before, first.start):
            placed.update(zip(members, before, strict=True))
        elif (
            len(after) == len(members)
            and after[0].token - last.end <= 4
            and _coordinated(layout, after, after[-1].token_end)
            and layout.lower[after[0].token - 1] in ("for", "had", "in", "with", "a", "one")
        ):
            placed.update(zip(members, after, strict=True))
    return placed


def _coordinated(layout: Layout, found: Sequence[EndpointMention], stop: int) -> bool:
    """Whether mentions stand in one list ("X, Y and Z") that reaches up to `stop` without a clause's end."""
    for left, right in pairwise(found):
        gap = [w for w in layout.lower[left.token_end : right.token] if w not in DASHES and not w[0].isdigit()]
        if len(gap) > 7 or not any(w in ("and", ",", "or", "&") for w in gap) or ";" in gap:
            return False
        if any(w in chunk.VERB for w in gap):
            return False
    tail = layout.lower[found[-1].token_end : stop]
    return len(tail) <= 25 and ";" not in tail and "whereas" not in tail


def _coordinate(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    a: Attachment,
    mentions: Sequence[EndpointMention],
    safety: bool,
) -> None:
    """ "all 10 had X and grade 4 Y": the second endpoint of the same people, if it has no number of its own."""
    layout = scene.layout
    m = a.endpoint
    if (
        m is None
        or m.token < core_end(bundle)
        or m.source in ("chunk", "cause", "definition")
        or bundle.kind not in "CPGTN"
    ):
        return
    following = [x for x in mentions if x.token >= m.token_end][:2]
    for other in following:
        gap = layout.lower[m.token_end : other.token]
        plain = [w for w in gap if not (w.isdigit() or w in ROMAN or w in DASHES)]
        if not plain or plain[0] not in ("and", ",", "as") or len(plain) > 5:
            return
        if any(
            w
            not in (
                "and",
                ",",
                "as",
                "well",
                "also",
                "grade",
                "had",
                "severe",
                "developed",
                "with",
                "or",
                "a",
                "an",
                "mild",
            )
            for w in plain
        ):
            return
        if any(other.token_end <= scene.bundles[k].start <= other.token_end + 3 for k in scene.by_sentence[sentence]):
            return
        if _between_bundles(scene, sentence, m.token_end, other.token, bundle):
            return
        second = Attachment(endpoint=other, score=a.score - 1, timepoint=a.timepoint, population=a.population)
        _qualify(scene, sentence, bundle, second, safety, baseline=False, head_kind="P" if bundle.kind == "P" else "C")
        a.also.append(second)
        m = other


# --- qualifiers -----------------------------------------------------------------------------------------------------


def _speaks_of_baseline(layout: Layout, begin: int, end: int) -> bool:
    """ "At baseline, ...": not a change "from baseline"."""
    lower = layout.lower
    for i in range(begin, end):
        if lower[i] == "baseline":
            before = lower[i - 1] if i > begin else ""
            if before in ("at", "the", "and", "their") or i == begin:
                return not any(
                    w in ("change", "changes", "from", "compared", "decreased", "increased", "reduction")
                    for w in lower[begin:end]
                )
        elif lower[i] == "characteristics":
            return True
    return False


_FOLLOW = frozenset(
    ("follow", "followed", "followup", "observation", "observed", "watched", "surveillance", "monitored")
)


def _is_follow_up(layout: Layout, bundle: Bundle, begin: int, end: int) -> bool:
    """Whether a length of time is one of follow-up: said to be, with a word for it in the sentence; or a median right
    beside such a word."""
    if bundle.kind == "F":
        return any(w in _FOLLOW for w in layout.lower[begin:end])
    if bundle.kind not in ("D", "M") or bundle.head.unit not in TIME_UNITS:
        return False
    near = layout.lower[max(begin, bundle.start - 7) : bundle.start]
    return any(w in _FOLLOW - {"observed", "observation"} for w in near) and not any(
        w in ("survival", "time", "at") for w in near
    )


def _in_full(scene: StatementScene, floor: int, m: EndpointMention | None) -> EndpointMention | None:
    """A general word with what narrows it: "autologous recovery", not "recovery"."""
    if m is None or m.source != "lexicon" or m.family != "outcome" or m.code or m.token_end - m.token > 1:
        return m
    phrase = chunk.noun_before(scene.layout, m.token_end, floor)
    if phrase is None or phrase[0] >= m.token or phrase[1] != m.token_end:
        return m
    if m.token - phrase[0] > 3 or any(t in scene.arm_tokens for t in range(*phrase)):
        return m
    start = scene.layout.starts[phrase[0]]
    return replace(m, token=phrase[0], start=start, label=scene.layout.text[start : m.end])


def _all_had(layout: Layout, bundle: Bundle) -> bool:
    """ "all 10 patients had": a size that is at the same time the count of an outcome."""
    lower = layout.lower
    before = lower[max(0, bundle.start - 2) : bundle.start]
    return bundle.head.whole and ("all" in before or "each" in before)


def _qualify(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    a: Attachment,
    safety: bool,
    baseline: bool,
    head_kind: str | None = None,
) -> None:
    """Kind, grades, flags and population of an attachment whose endpoint is known. `head_kind` stands in for the
    bundle's where it counts people with an outcome all the same."""
    layout = scene.layout
    m = a.endpoint
    a.grades = find_grades(layout, bundle, m)
    baseline = baseline or _from_value(scene, bundle)
    kind = fact_kind(
        head_kind or ("D" if bundle.kind == "F" else bundle.kind),
        m,
        safety=safety or bool(a.grades),
        baseline=baseline and (m is None or m.family in ("outcome", "demographic")),
        percent=bundle.head.is_percent,
    )
    if kind == "adverse_event" and m is not None and not safety and not a.grades:
        if m.term in scene.title_terms or m.term in scene.primary_terms or bundle.kind in ("M", "D"):
            kind = "outcome"
    elif kind == "adverse_event" and bundle.kind in ("M", "D"):
        kind = "outcome"
    a.kind = kind
    if a.population is None:
        a.population = population_of(scene.populations(sentence), bundle.start, bundle.end)
    if kind in ("adverse_event", "death", "effect") and m is not None:
        near = layout.lower[max(layout.sentences[sentence][0], m.token - 5) : m.token_end + 3]
        a.serious = "serious" in near or m.term.startswith("serious")
        own = m.label.lower().replace("-", " ")
        a.treatment_related = (
            (
                any(w in _RELATED for w in near)
                and any(w in ("treatment", "drug", "therapy", "vaccine", "study", "toxicity") for w in near)
            )
            or "treatment related" in m.term
            or "toxic death" in own
            or "drug related" in own
        )
        a.fatal = (
            kind == "death"
            or ("fatal" in near and "non" not in near and "nonfatal" not in near)
            or (5 in a.grades and len(a.grades) == 1)
        )


def _from_value(scene: StatementScene, bundle: Bundle) -> bool:
    """Whether the value is where a change set out: "from 14 to 88"."""
    lower = scene.layout.lower
    i = bundle.head.before
    if bundle.kind not in ("M", "D") or i < 0 or lower[i] != "from":
        return False
    after = lower[bundle.end : bundle.end + 8]
    return "to" in after
