"""All that the rules found in one article, as the components hand it on in `doc.user_data["analysis"]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc

from extractor.rules.arm import ArmName, find_arms
from extractor.rules.arm_role import decide_roles
from extractor.rules.attach import attach
from extractor.rules.bundle import Bundle, bind
from extractor.rules.component import component
from extractor.rules.endpoint import EndpointMention, find_endpoints
from extractor.rules.layout import Layout, layout_of, write_spans
from extractor.rules.number_context import assign_context
from extractor.rules.number_kind import Decision, decide_kinds
from extractor.rules.numbers import Number, numbers_of
from extractor.rules.owner import decide_owners
from extractor.rules.statement import Attachment
from extractor.rules.study import StudyFindings, find_study
from extractor.rules.study_words import may_report_study
from extractor.rules.timepoint import TimepointMention, find_lengths, find_timepoints


@dataclass(slots=True)
class Analysis:
    """Numbers with their kinds, arms with their roles, bundles with their owners."""

    layout: Layout
    numbers: list[Number]
    roles: list[str | None]
    """Structural role per number (`number_context`), None where the classifier decides."""
    decision: Decision = field(default_factory=lambda: Decision([], []))
    arms: list[ArmName] = field(default_factory=list)
    arm_roles: list[str] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    """Index into `arms` per bundle, -1 for nobody."""
    owner_probability: list[float] = field(default_factory=list)
    endpoints: list[EndpointMention] = field(default_factory=list)
    timepoints: list[TimepointMention] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    """Of what, when and of whom each bundle speaks, in the bundles' order."""
    study: StudyFindings = field(default_factory=StudyFindings)


def analysis_of(doc: Doc) -> Analysis:
    """The analysis of a `Doc`, begun now if no component did."""
    analysis = doc.user_data.get("analysis")
    if not isinstance(analysis, Analysis):
        layout, numbers = layout_of(doc), numbers_of(doc)
        analysis = Analysis(layout, numbers, assign_context(layout, numbers))
        if not may_report_study(layout):
            doc.user_data["excluded"] = ((0, len(layout.text)),)
        _exclude(analysis, doc.user_data.get("excluded", ()))
        doc.user_data["analysis"] = analysis
    return analysis


def _exclude(analysis: Analysis, excluded: Sequence[tuple[int, int]]) -> None:
    """Numbers in teasers, disclaimers, reference lists and the like are no facts, whatever they look like."""
    for start, end in excluded:
        for n in analysis.numbers:
            if start <= n.start < end:
                analysis.roles[n.index] = "excluded"


def _outside(layout: Layout, arms: list[ArmName], excluded: Sequence[tuple[int, int]]) -> list[ArmName]:
    """The arms named outside the excluded stretches ("subscription or payment may be required" contrasts no arms)."""
    if not excluded:
        return arms
    for arm in arms:
        arm.mentions = [m for m in arm.mentions if not any(a <= layout.starts[m[0]] < b for a, b in excluded)]
    return [arm for arm in arms if arm.mentions]


@component("trial_number_kinds")
def trial_number_kinds(doc: Doc) -> Doc:
    """Decide what each number is; writes `analysis.decision`."""
    analysis = analysis_of(doc)
    analysis.decision = decide_kinds(analysis.layout, analysis.numbers, analysis.roles, analysis.arms)
    return doc


@component("trial_arms")
def trial_arms(doc: Doc) -> Doc:
    """Find the arms; writes `analysis.arms`, and `doc.spans["arms"]` (label: the role as their names tell it)."""
    analysis = analysis_of(doc)
    analysis.arms = _outside(
        analysis.layout, find_arms(analysis.layout, analysis.numbers), doc.user_data.get("excluded", ())
    )
    if not doc.user_data.get("findings_only"):
        _write_arms(doc, analysis, decide_roles(analysis.layout, analysis.arms))
    return doc


def _write_arms(doc: Doc, analysis: Analysis, roles: list[str]) -> None:
    analysis.arm_roles = roles
    pairs = zip(analysis.arms, roles, strict=True)
    write_spans(doc, "arms", [(a, b, role.upper()) for arm, role in pairs for a, b in arm.mentions])


@component("trial_bundles")
def trial_bundles(doc: Doc) -> Doc:
    """Bind numbers into bundles, give each its owner and, last, the arms their roles; writes `analysis.bundles`,
    `analysis.owners`, `analysis.arm_roles`, `doc.spans["arms"]` and `doc.spans["results"]` (label: the kind letter of
    `number_kind.KINDS` or the structural role)."""
    analysis = analysis_of(doc)
    if len(analysis.decision.kinds) != len(analysis.numbers):  # no trial_number_kinds before it
        trial_number_kinds(doc)
    analysis.bundles = bind(analysis.layout, analysis.numbers, analysis.decision.kinds)
    analysis.owners, analysis.owner_probability = decide_owners(
        analysis.layout, analysis.arms, analysis.bundles, analysis.numbers
    )
    _write_arms(doc, analysis, decide_roles(analysis.layout, analysis.arms, analysis.bundles, analysis.owners))
    write_spans(doc, "results", ((b.start, b.end, b.kind) for b in analysis.bundles))
    return doc


@component("trial_endpoints")
def trial_endpoints(doc: Doc) -> Doc:
    """Find what is measured and when; writes `doc.spans["endpoints"]` (label: the family) and "timepoints"."""
    analysis = analysis_of(doc)
    analysis.endpoints = find_endpoints(analysis.layout)
    stated = find_timepoints(analysis.layout, analysis.numbers, analysis.roles)
    analysis.timepoints = find_lengths(analysis.layout, analysis.numbers, analysis.roles, stated)
    write_spans(doc, "endpoints", ((m.token, m.token_end, m.family.upper()) for m in analysis.endpoints))
    write_spans(doc, "timepoints", ((m.token, m.token_end, "TIMEPOINT") for m in stated))
    return doc


@component("trial_attachments")
def trial_attachments(doc: Doc) -> Doc:
    """Say of each bundle what it measures, when and in whom; writes `analysis.attachments`."""
    analysis = analysis_of(doc)
    analysis.attachments = attach(
        analysis.layout, analysis.bundles, analysis.owners, analysis.decision.kinds, analysis.numbers,
        analysis.endpoints, analysis.timepoints, [m for arm in analysis.arms for m in arm.mentions],
    )  # fmt: skip
    return doc


@component("trial_study")
def trial_study(doc: Doc) -> Doc:
    """Find phase, design, blinding and conditions; writes `analysis.study`."""
    analysis = analysis_of(doc)
    analysis.study = find_study(analysis.layout)
    return doc
