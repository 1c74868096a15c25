"""Facts out of bundles: the numbers of a bundle, whose they are, of what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from extractor.documents.model import Document, Section
from extractor.records.confidence import arm_confidence, confidence
from extractor.records.statistics import Value, value_of
from extractor.rules.analysis import Analysis
from extractor.rules.bundle import Bundle
from extractor.rules.number_context import PEOPLE
from extractor.rules.owner import NOBODY
from extractor.rules.population import PopulationMention
from extractor.rules.statement import Attachment

Fact = dict[str, Any]

RULES = {
    "T": "cohort_of_study", "N": "cohort_of_arm", "G": "cohort_of_subgroup", "C": "count_with_outcome",
    "P": "percent_with_outcome", "M": "mean_of_outcome", "D": "median_of_outcome", "F": "follow_up_duration",
    "R": "relative_effect",
}  # fmt: skip
"""The rule named in a fact, by the kind of its first number; ratios name their own statistic."""


ARM_LEFT_OPEN = 0.25
"""Confidence below which a fact names no arm: three such in four are wrong, and a wrong arm misleads more than none."""


@dataclass(frozen=True, slots=True)
class ArmIds:
    """How the record calls the arms: id per index of `analysis.arms`; `shown` are the arms a fact may name."""

    ids: list[str]
    shown: list[bool]

    def of(self, owner: int) -> str | None:
        """The record's arm id, None for nobody and in a single-arm study."""
        return self.ids[owner] if owner != NOBODY and self.shown[owner] else None


def build_facts(document: Document, analysis: Analysis, arms: ArmIds) -> list[Fact]:
    """One fact per bundle and thing it measures, in text order."""
    facts: list[Fact] = []
    for k, (bundle, first) in enumerate(zip(analysis.bundles, analysis.attachments, strict=True)):
        if bundle.kind == "S":
            continue  # a deviation whose mean was not found says nothing
        values = _values(analysis, bundle)
        if not values:
            continue
        sure = confidence(analysis, k)
        owner = analysis.owners[k] if arm_confidence(analysis, k) >= ARM_LEFT_OPEN else NOBODY
        for attached in (first, *first.also):
            fact = _fact(document, analysis, bundle, attached, values, arms.of(owner))
            fact["id"] = f"f{len(facts) + 1}"
            fact["confidence"] = sure
            if fact["kind"] == "cohort_size" and bundle.kind != "T" and fact["arm"] is None:
                # a subgroup, or an arm that the text leaves open: not the size of the study, which a null arm would say
                fact["kind"], fact["role"] = "demographic", None
            if fact["kind"] == "effect":
                fact["arm"] = None
                fact["compares"] = _compares(analysis, arms)
            facts.append(fact)
        group = _group_size(document, analysis, bundle, arms.of(owner))
        if group is not None:
            facts.append(group | {"id": f"f{len(facts) + 1}", "confidence": sure})
    return facts


def _group_size(document: Document, analysis: Analysis, bundle: Bundle, arm: str | None) -> Fact | None:
    """The arm's size that a denominator states in passing ("251 of 345 patients in the active group"): a cohort of its
    own, since an arm's analysed number is often given nowhere else."""
    n = bundle.denominator
    if n is None or arm is None or bundle.kind == "N":
        return None
    following = analysis.layout.lower[n.after : n.after + 1]
    if analysis.decision.kinds[n.index] != "N" and not (following and following[0] in PEOPLE):
        return None
    value = value_of(analysis.layout, n, "N", replace(bundle, denominator=None))
    stated = Attachment(kind="cohort_size", role="analyzed")
    return value and _fact(document, analysis, bundle, stated, [value], arm) | {"rule": "cohort_of_denominator"}


def _values(analysis: Analysis, bundle: Bundle) -> list[Value]:
    values = []
    for member in bundle.members:
        kind = bundle.kind if member is bundle.head else analysis.decision.kinds[member.index]
        if kind == "p_value" and bundle.kind in "TNGF":
            continue  # "higher than in 10 controls (P < .001)": a size or a follow-up has no p-value
        value = value_of(analysis.layout, member, kind, bundle)
        if value is not None:
            values.append(value)
    return values


def _compares(analysis: Analysis, arms: ArmIds) -> tuple[str, str] | None:
    """Intervention and control where there is one of each."""
    shown = [k for k, s in enumerate(arms.shown) if s]
    intervention = [k for k in shown if analysis.arm_roles[k] == "intervention"]
    control = [k for k in shown if analysis.arm_roles[k] == "control"]
    if len(intervention) == len(control) == 1:
        return arms.ids[intervention[0]], arms.ids[control[0]]
    return None


def _fact(
    document: Document, analysis: Analysis, bundle: Bundle, attached: Attachment, values: list[Value], arm: str | None
) -> Fact:
    layout = analysis.layout
    begin, end = layout.sentences[bundle.head.sentence]
    start, stop = layout.starts[begin], layout.ends[end - 1]
    endpoint = attached.endpoint
    event = None
    if attached.kind == "adverse_event":
        event = {
            "term": (endpoint.term or endpoint.label.lower()) if endpoint else "adverse event",
            "grades": attached.grades, "serious": attached.serious, "treatment_related": attached.treatment_related,
            "fatal": attached.fatal,
        }  # fmt: skip
    return {
        "kind": attached.kind,
        "arm": arm,
        "population": _population(attached.population),
        "endpoint": {"label": endpoint.label, "code": endpoint.code, "start": endpoint.start, "end": endpoint.end}
        if endpoint and attached.kind != "cohort_size" else None,
        "role": attached.role if attached.kind == "cohort_size" else None,
        "event": event,
        "timepoint": {
            "value": attached.timepoint.value, "unit": attached.timepoint.unit, "months": attached.timepoint.months,
            "start": attached.timepoint.start, "end": attached.timepoint.end,
        } if attached.timepoint else None,
        "values": values,
        "evidence": {"start": start, "end": stop, "section": _section(document.sections, start)},
        "rule": RULES.get(bundle.kind, bundle.kind),
    }  # fmt: skip


def _population(mention: PopulationMention | None) -> dict[str, Any] | None:
    if mention is None:
        return None
    return {"label": mention.label, "start": mention.start, "end": mention.end}


def _section(sections: Sequence[Section], start: int) -> str | None:
    """The title of the innermost section that holds the character."""
    inside = [s for s in sections if s.start <= start < s.end]
    return min(inside, key=lambda s: s.end - s.start).title or None if inside else None
