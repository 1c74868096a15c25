"""The record of one article as pydantic models; `schemas/` is generated from here.

Models are frozen and forbid fields they do not know. Offsets count Unicode code points into `Record.text`.
`Record` checks on construction that every value's `text` is the slice of `Record.text` at its span, that every span
lies in the text and that arms and facts referred to exist, so an ungrounded record cannot be made or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Format = Literal["html", "text", "pubmed", "jats"]
Kind = Literal[
    "cohort_size", "follow_up", "survival", "response", "adverse_event", "death", "outcome", "effect", "demographic"
]
CohortRole = Literal["screened", "enrolled", "randomized", "treated", "analyzed", "completed"]
ArmRole = Literal["intervention", "control", "single"]
Relation = Literal["=", "<", ">", "<=", ">=", "~"]
Statistic = Literal[
    "count", "denominator", "percent", "mean", "median", "sd", "se", "range_low", "range_high", "q1", "q3",
    "ci_low", "ci_high", "ci_level", "p_value", "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio",
    "risk_difference", "mean_difference", "incidence_rate", "duration", "fraction",
]  # fmt: skip
Status = Literal["pass", "warn", "fail", "skip"]
Offset = Annotated[int, Field(ge=0)]


class Model(BaseModel):
    """Frozen, and strict about unknown fields. Infinities are refused: JSON would show them as "not reached"."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Spanned(Model):
    """Anything with a place in the text: `text[start:end]`, start <= end."""

    start: Offset
    end: Offset


class Labelled(Spanned):
    """A label as written at its place."""

    label: str


class Source(Model):
    """Where the article's bytes came from. `sha256` is of the raw bytes."""

    path: str | None = None
    url: str | None = None
    format: Format
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    retrieved_at: str | None = None


class Identifiers(Model):
    """The article's own identifiers and the registry numbers of the trials it reports."""

    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    trials: tuple[str, ...] = ()


class Article(Model):
    """What the article says about itself. `published` is an ISO date as precise as known."""

    id: str
    source: Source
    title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    publisher: str | None = None
    published: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    language: str | None = None
    identifiers: Identifiers = Identifiers()
    links: tuple[str, ...] = ()


class Section(Spanned):
    """A titled stretch of the text."""

    title: str


class Table(Spanned):
    """A table as rows of cell texts."""

    id: str
    caption: str
    rows: tuple[tuple[str, ...], ...]


class Study(Model):
    """The design as stated; each entry has its span, null or empty where the article does not say."""

    design: Labelled | None = None
    phase: Labelled | None = None
    randomized: Labelled | None = None
    blinding: Labelled | None = None
    setting: Labelled | None = None
    conditions: tuple[Labelled, ...] = ()


class Arm(Spanned):
    """A treatment that people were assigned to; `start`/`end` are its first mention."""

    id: str
    label: str
    role: ArmRole
    aliases: tuple[str, ...] = ()


class Endpoint(Labelled):
    """What was measured, as written, with a code ("OS", "PFS", "ORR", ...) where the lexicon knows one."""

    code: str | None = None


class Event(Model):
    """An adverse event: the term normalised by the lexicon, the grades named (1 to 5)."""

    term: str
    grades: tuple[Annotated[int, Field(ge=1, le=5)], ...] = ()
    serious: bool = False
    treatment_related: bool = False
    fatal: bool = False


class Timepoint(Spanned):
    """When a statement holds: as written, and in months (computed: 12 months and 52.18 weeks a year)."""

    value: float
    unit: str
    months: float


class Evidence(Spanned):
    """The sentence or table cell that states the fact, and the title of its section."""

    section: str | None = None


class Value(Spanned):
    """One number at its exact place: `text == record.text[start:end]`. `value` is null for "not reached"."""

    statistic: Statistic
    value: float | None
    unit: str | None = None
    relation: Relation = "="
    text: str


class Check(Model):
    """The outcome of one check; `facts` are the ids it speaks of."""

    name: str
    status: Status
    message: str
    facts: tuple[str, ...] = ()


class Fact(Model):
    """One statement about one group of people at one time."""

    id: str
    kind: Kind
    arm: str | None = None
    population: Labelled | None = None
    endpoint: Endpoint | None = None
    role: CohortRole | None = None
    event: Event | None = None
    compares: tuple[str, str] | None = None
    timepoint: Timepoint | None = None
    values: Annotated[tuple[Value, ...], Field(min_length=1)]
    evidence: Evidence
    rule: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    checks: tuple[Check, ...] = ()


class ExtractorInfo(Model):
    """The program's version, and a hash that changes whenever a rule or lexicon does."""

    version: str
    rules: str


class Record(Model):
    """Everything extracted from one article. See the module's docstring for what construction checks."""

    schema_version: Literal["1.0"]
    extractor: ExtractorInfo
    article: Article
    text: str
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    study: Study = Study()
    arms: tuple[Arm, ...] = ()
    facts: tuple[Fact, ...] = ()
    checks: tuple[Check, ...] = ()

    @model_validator(mode="after")
    def _grounded(self) -> Record:
        problem = next(self.problems(), None)
        if problem:
            raise ValueError(problem)
        return self

    def problems(self) -> Iterator[str]:
        """Every way in which the record contradicts itself or its own text, as sentences; none for a sound record."""
        text, length = self.text, len(self.text)

        def outside(what: str, item: Spanned) -> str:
            return f"{what}: span {item.start}-{item.end} is not inside the text of {length} characters"

        for name, spanned in (("section", self.sections), ("table", self.tables), ("arm", self.arms)):
            for item in spanned:
                if not item.start <= item.end <= length:
                    yield outside(f"{name} {getattr(item, 'id', None) or getattr(item, 'title', '')!r}", item)
        arms = {arm.id for arm in self.arms}
        facts = {fact.id for fact in self.facts}
        for what, ids, given in (("arms", arms, self.arms), ("facts", facts, self.facts)):
            if len(ids) != len(given):
                yield f"two {what} have the same id"
        for fact in self.facts:
            for value in fact.values:
                if text[value.start : value.end] != value.text or value.start >= value.end:
                    found = text[value.start : value.end]
                    place = f"{value.start}-{value.end}"
                    yield f"fact {fact.id}: {value.statistic} {value.text!r} is not at {place} ({found!r})"
            for named, part in (
                ("evidence", fact.evidence), ("endpoint", fact.endpoint),
                ("population", fact.population), ("timepoint", fact.timepoint),
            ):  # fmt: skip
                if part is not None and not part.start <= part.end <= length:
                    yield outside(f"fact {fact.id}, {named}", part)
            for arm in (fact.arm, *(fact.compares or ())):
                if arm is not None and arm not in arms:
                    yield f"fact {fact.id} names the arm {arm!r}, which the record does not have"
        for check in (*self.checks, *(c for f in self.facts for c in f.checks)):
            for fact_id in check.facts:
                if fact_id not in facts:
                    yield f"check {check.name} names the fact {fact_id!r}, which the record does not have"

    def to_json(self) -> str:
        """The record as indented UTF-8 JSON with a final line break; the same record gives the same bytes."""
        return self.model_dump_json(indent=1) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the record."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Record.model_json_schema()}
