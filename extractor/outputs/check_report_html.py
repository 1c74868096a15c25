"""The check's outcome as one self-contained page: the article's text with its values marked, and what each check says.

The page needs no network and no script: each marked value is a link to its fact, each fact links back. The script
adds a card on hover and focus, and keys to go from problem to problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, select_autoescape
from markupsafe import Markup

from extractor import __version__
from extractor.checks.comparison import VERDICTS, Comparison
from extractor.checks.registry import all_checks
from extractor.outputs.check_report import CheckedRecord, Finding, findings, plain
from extractor.outputs.highlight import Mark, pieces
from extractor.records.models import Fact, Record, Value

FAMILIES = {
    "count": "people", "denominator": "people",
    "percent": "share", "fraction": "share", "incidence_rate": "share",
    "mean": "middle", "median": "middle", "mean_difference": "middle",
    "sd": "spread", "se": "spread", "range_low": "spread", "range_high": "spread", "q1": "spread", "q3": "spread",
    "ci_low": "spread", "ci_high": "spread", "ci_level": "spread",
    "hazard_ratio": "effect", "odds_ratio": "effect", "risk_ratio": "effect", "rate_ratio": "effect",
    "risk_difference": "effect", "p_value": "effect",
    "duration": "time",
}  # fmt: skip
"""What a value is coloured as; the legend names these."""
FAMILY_LABELS = {
    "people": "numbers of people", "share": "percents and rates", "middle": "means and medians",
    "spread": "spread and intervals", "effect": "effects and p-values", "time": "times",
}  # fmt: skip
_WORST = {"fail": 3, "warn": 2, "skip": 1, "pass": 0}


@dataclass(frozen=True)
class _Spot:
    """A marked value: its fact, its colour, how it is read out."""

    fact: str
    family: str
    status: str
    spoken: str


@dataclass(frozen=True)
class _Evidence:
    """The sentence of a fact."""

    fact: str


def as_html(checked: Sequence[CheckedRecord]) -> str:
    """The whole page; everything that came from an article is escaped."""
    views = [_view(number, one) for number, one in enumerate(checked, 1)]
    template = _environment().get_template("check_report.html")
    title = views[0]["title"] if len(views) == 1 else f"{len(views)} records"
    return template.render(
        articles=views, title=title, version=__version__, families=FAMILY_LABELS, verdicts=VERDICTS,
        questions={info.name: info.question for info in all_checks()},
        css=Markup(_file("check_report.css")), script=Markup(_file("check_report.js")),
    )  # fmt: skip


def _file(name: str) -> str:
    return resources.files("extractor.outputs").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_file), autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = plain
    return environment


def _view(number: int, one: CheckedRecord) -> dict[str, Any]:
    record = one.record
    found = findings(record)
    status = {fact.id: _worst(found, fact.id) for fact in record.facts}
    prefix = f"a{number}"
    problems = [f for f in found if f.status in ("fail", "warn")]
    return {
        "prefix": prefix,
        "place": one.place,
        "id": record.article.id,
        "title": record.article.title or record.article.id,
        "article": record.article,
        "problems": [_problem(f, prefix) for f in problems],
        "others": [f for f in found if f.status in ("pass", "skip")],
        "counts": {s: sum(f.status == s for f in found) for s in ("fail", "warn", "pass", "skip")},
        "text": list(_pieces(record, status)),
        "facts": [_fact(record, fact, status[fact.id], found) for fact in record.facts],
        "families": {FAMILIES[v.statistic] for f in record.facts for v in f.values},
        "comparison": _comparison(record, one.comparison) if one.comparison else None,
        "study": one.study.article if one.study else None,
    }


def _worst(found: Sequence[Finding], fact: str) -> str:
    return max((f.status for f in found if fact in f.facts), key=lambda s: _WORST[s], default="none")


def _problem(finding: Finding, prefix: str) -> dict[str, Any]:
    return {
        "status": finding.status, "name": finding.name, "message": finding.message, "quote": finding.quote,
        "facts": finding.facts, "prefix": prefix,
    }  # fmt: skip


def _pieces(record: Record, status: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The text's pieces with what the template needs: classes, the fact linked to, the sentence's facts."""
    marks: list[Mark[_Spot | _Evidence]] = []
    for fact in record.facts:
        marks.append(Mark(fact.evidence.start, fact.evidence.end, _Evidence(fact.id)))
        for value in fact.values:
            name = value.statistic.replace("_", " ")
            spoken = f"{value.text}: {name}, {fact.kind.replace('_', ' ')}{_aloud(status[fact.id])}"
            marks.append(
                Mark(value.start, value.end, _Spot(fact.id, FAMILIES[value.statistic], status[fact.id], spoken))
            )
    for piece in pieces(record.text, marks):
        spots = [m for m in piece.marks if isinstance(m, _Spot)]
        begins = any(isinstance(m, _Spot) for m in piece.first)
        worst = max((s.status for s in spots), key=lambda s: _WORST.get(s, -1), default="none")
        yield {
            "text": piece.text,
            "spots": spots,
            "lead": next((s for s in spots if s.status == worst), None),
            "begins": begins,
            "status": worst,
            "facts": list(dict.fromkeys(s.fact for s in spots)),
            "evidence": [m.fact for m in piece.marks if isinstance(m, _Evidence)],
        }


def _aloud(status: str) -> str:
    return {"fail": ", failed a check", "warn": ", doubtful"}.get(status, "")


def _fact(record: Record, fact: Fact, status: str, found: Sequence[Finding]) -> dict[str, Any]:
    arms = {arm.id: arm.label for arm in record.arms}
    about_fact = [f for f in found if fact.id in f.facts]
    about = [
        (name, text)
        for name, text in (
            ("group", arms.get(fact.arm, fact.arm) if fact.arm else None),
            ("compares", " with ".join(arms.get(a, a) for a in fact.compares) if fact.compares else None),
            ("population", fact.population.label if fact.population else None),
            ("endpoint", _endpoint(fact)),
            ("event", _event(fact)),
            ("role", fact.role),
            ("at", f"{fact.timepoint.value:g} {fact.timepoint.unit}" if fact.timepoint else None),
            ("rule", fact.rule),
            ("confidence", f"{fact.confidence:.2f}"),
        )
        if text
    ]
    return {
        "id": fact.id, "kind": fact.kind.replace("_", " "), "status": status, "about": about,
        "values": [
            {"name": v.statistic.replace("_", " "), "text": v.text, "family": FAMILIES[v.statistic],
             "plainly": _plainly(v)}
            for v in fact.values
        ],
        "quote": " ".join(record.text[fact.evidence.start : fact.evidence.end].split()),
        "section": fact.evidence.section,
        "checks": about_fact,
        "passed": _passed(about_fact),
    }  # fmt: skip


def _passed(about_fact: Sequence[Finding]) -> list[str]:
    """Names of the checks that agree about a fact and say nothing else about it."""
    return sorted(
        {f.name for f in about_fact if f.status == "pass"} - {f.name for f in about_fact if f.status != "pass"}
    )


def _plainly(value: Value) -> str:
    """What the record holds where the text does not show it: "ten" is 10, "2/3" a fraction; "" where it does."""
    shown = "not reached" if value.value is None else f"{value.value:.10g}"
    relation = "" if value.relation == "=" else value.relation
    if shown in value.text and not relation:
        return ""
    return " ".join(part for part in (relation, shown, value.unit or "") if part)


def _endpoint(fact: Fact) -> str | None:
    if fact.endpoint is None:
        return None
    return f"{fact.endpoint.label} ({fact.endpoint.code})" if fact.endpoint.code else fact.endpoint.label


def _event(fact: Fact) -> str | None:
    if fact.event is None:
        return None
    grades = f", grade {'-'.join(map(str, fact.event.grades))}" if fact.event.grades else ""
    flags = "".join(f", {word}" for word in ("serious", "fatal") if getattr(fact.event, word))
    return f"{fact.event.term}{grades}{flags}"


def _comparison(record: Record, comparison: Comparison) -> dict[str, Any]:
    rows = [
        {
            "verdict": n.verdict, "statistic": n.statistic.replace("_", " "), "fact": n.news_fact,
            "number": " ".join(record.text[n.news_span.start : n.news_span.end].split()),
            "news": n.news_quote, "study": n.study_quote, "computed": n.computed, "note": n.note,
        }
        for n in comparison.numbers
    ]  # fmt: skip
    counts = {verdict: sum(n.verdict == verdict for n in comparison.numbers) for verdict in VERDICTS}
    return {"rows": rows, "left_out": comparison.left_out, "spin": comparison.spin, "counts": counts}
