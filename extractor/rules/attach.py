"""Say of each bundle of numbers what it measures, when, in which subgroup, and what kind of fact it makes.

What it measures is chosen in `endpoint_choice`, when in `timepoint_choice`; here stand what follows from the two, and
the few cases in which the words behind a number name a cause of death or a second endpoint of the same people.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.rules.bundle import Bundle, series_of
from extractor.rules.endpoint import EndpointMention, cause_mention
from extractor.rules.endpoint_choice import Chosen, choose, note
from extractor.rules.fact_kind import COHORT_HEADS, cohort_role, fact_kind
from extractor.rules.grade import ROMAN, find_grades
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.numbers import DASHES, Number
from extractor.rules.population import population_of
from extractor.rules.statement import TIME_UNITS, Attachment, StatementScene, core_end
from extractor.rules.timepoint import TimepointMention
from extractor.rules.timepoint_choice import ChosenTimes, choose_time
from extractor.rules.timepoint_choice import note as note_time

_SAFETY = terms("statement_words.tsv", "safety")
_RELATED = frozenset(("related", "attributable", "attributed", "induced"))
_AT_START = (["at", "the", "start"], ["at", "study", "entry"])
_SURE = 0.5
"""How probable a second reading of numbers must be: that all of a cohort had something, that two endpoints share a
number."""


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
    chosen = Chosen()
    times = ChosenTimes()
    for sentence, indices in scene.by_sentence.items():
        _attach_sentence(scene, chosen, sentence, indices, result)
        for k in indices:
            if result[k].kind not in ("cohort_size", "follow_up") and not bundles[k].age:
                _attach_time(scene, times, k, result[k])
    return result


def _attach_time(scene: StatementScene, times: ChosenTimes, index: int, a: Attachment) -> None:
    time = choose_time(scene, times, index, a.endpoint.token if a.endpoint is not None else -1)
    note_time(scene, times, index, time)
    a.timepoint = time
    for other in a.also:
        other.timepoint = time


def _attach_sentence(
    scene: StatementScene, chosen: Chosen, sentence: int, indices: list[int], result: list[Attachment]
) -> None:
    layout, bundles = scene.layout, scene.bundles
    begin, end = layout.sentences[sentence]
    words = layout.lower[begin:end]
    safety = any(w in _SAFETY for w in words)
    baseline = _speaks_of_baseline(layout, begin, end) or words[:3] in _AT_START
    deaths = False
    for k in indices:
        bundle = bundles[k]
        a = result[k]
        if bundle.kind in COHORT_HEADS:
            _attach_size(scene, chosen, k, a, safety)
            continue
        if _is_follow_up(layout, bundle, begin, end):
            a.kind = "follow_up"
            continue
        if bundle.age:
            a.kind, a.endpoint = "demographic", _age_named(layout, bundle)
            a.population = population_of(scene.populations(sentence), bundle.start, bundle.end)
            continue
        phrase, probability = choose(scene, chosen, k)
        note(scene, chosen, k, phrase, probability)
        endpoint = phrase.endpoint(layout)
        if endpoint is not None and deaths:
            endpoint = _cause_in_list(layout, bundle, endpoint)
        if endpoint is not None and endpoint.family == "death" and _cause_holds(bundle, endpoint):
            endpoint = cause_mention(layout, endpoint) or endpoint
        deaths = deaths or (endpoint is not None and endpoint.family == "death")
        a.endpoint, a.probability = endpoint, probability
        _qualify(scene, sentence, bundle, a, safety, baseline)
        if endpoint is not None and probability >= _SURE:
            _coordinate(scene, sentence, bundle, a, safety)


_AGE = frozenset(("age", "aged", "ages"))


def _age_named(layout: Layout, bundle: Bundle) -> EndpointMention | None:
    """The word "age" or "aged" nearest before the number, or behind it ("62 years of age")."""
    begin, end = layout.sentences[bundle.head.sentence]
    places = [*range(bundle.start - 1, begin - 1, -1), *range(bundle.end, end)]
    at = next((i for i in places if layout.lower[i] in _AGE), None)
    if at is None:
        return None
    start, stop = layout.starts[at], layout.ends[at]
    return EndpointMention(at, at + 1, start, stop, layout.text[start:stop], None, "demographic", "age")


def _attach_size(scene: StatementScene, chosen: Chosen, index: int, a: Attachment, safety: bool) -> None:
    """The role of a cohort's size, and of "all 10 patients had X" what they had."""
    layout, bundle = scene.layout, scene.bundles[index]
    sentence = bundle.head.sentence
    group = bundle.kind == "G"
    default = "analyzed" if group else "randomized" if scene.randomized else "enrolled"
    a.kind = "cohort_size"
    a.role = cohort_role(layout, bundle.start, bundle.end, default=default)
    if group:
        a.population = population_of(scene.populations(sentence), bundle.start, bundle.end)
    if not _all_had(layout, bundle):
        return
    by_all = layout.lower[bundle.start - 2] in ("by", "in")
    phrase, probability = choose(scene, chosen, index, behind=not by_all)
    endpoint = phrase.endpoint(layout)
    if endpoint is None or probability < _SURE:
        return
    note(scene, chosen, index, phrase, probability)
    a.endpoint, a.probability, a.role = endpoint, probability, None
    _qualify(scene, sentence, bundle, a, safety, baseline=False, head_kind="C")
    _coordinate(scene, sentence, bundle, a, safety)


# --- causes of death -----------------------------------------------------------------------------------------------


def _cause_holds(bundle: Bundle, death: EndpointMention) -> bool:
    """Whether the cause behind a death is this bundle's: no other number stands between it and the words of death."""
    return death.cause is not None and (death.token >= bundle.start or death.cause[1] <= bundle.start)


def _cause_in_list(layout: Layout, bundle: Bundle, endpoint: EndpointMention) -> EndpointMention:
    """ "30 deaths: fourteen from disease, six from infection": the words behind "from" are a cause of death."""
    lower = layout.lower
    if bundle.kind != "C" or bundle.end + 1 >= len(lower) or lower[bundle.end] not in ("from", "of", "due"):
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


def _coordinate(
    scene: StatementScene,
    sentence: int,
    bundle: Bundle,
    a: Attachment,
    safety: bool,
) -> None:
    """ "all 10 had X and grade 4 Y": the second endpoint of the same people, if it has no number of its own."""
    layout = scene.layout
    m = a.endpoint
    if (
        m is None
        or m.token < core_end(layout, bundle)
        or m.source in ("chunk", "cause", "definition")
        or bundle.kind not in "CPGTN"
    ):
        return
    following = [x for x in scene.mentions.get(sentence, ()) if x.token >= m.token_end][:2]
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
        if any(m.token_end <= scene.bundles[k].start < other.token for k in scene.by_sentence[sentence]):
            return
        second = Attachment(endpoint=other, probability=a.probability, timepoint=a.timepoint, population=a.population)
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
