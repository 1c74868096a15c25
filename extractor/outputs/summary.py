"""What a batch found, as tables for the terminal."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.errors import RecordError, UsageError
from extractor.records.models import Fact, Kind, Record, Statistic, Value

COLUMNS: tuple[tuple[Kind, str], ...] = (
    ("cohort_size", "size"),
    ("follow_up", "fup"),
    ("demographic", "demo"),
    ("survival", "surv"),
    ("response", "resp"),
    ("outcome", "outc"),
    ("effect", "eff"),
    ("adverse_event", "AE"),
    ("death", "†"),
)
"""The kinds of fact in the order of the table, with their column heads."""
SIZE_ROLES = ("randomized", "enrolled", "treated", "analyzed", "completed", "screened")
"""Which cohort size stands for the study where it states several: first of these."""
WIDE = 110
"""Columns of a terminal that has room for the study's design."""
SHORT: dict[Statistic, str] = {
    "hazard_ratio": "HR",
    "odds_ratio": "OR",
    "risk_ratio": "RR",
    "sd": "SD",
    "se": "SE",
    "duration": "",
    "fraction": "",
}
"""How trial reports abbreviate statistics."""
QUOTE_MARGIN = 45
"""Characters of the sentence shown on each side of a fact's numbers."""


def print_summary(console: Console, out: Path, shown: str | None = None, articles: int = 100, facts: int = 20) -> None:
    """Print one line for each of the first `articles` records in `out/records`, then the first `facts` facts of one.

    `shown` is the id of the record to show in full; without it, the one with the widest choice of facts.
    Raises UsageError if there are no records or none of that id, RecordError if a file is no record.
    """
    folder = out / "records"
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise UsageError(f"{folder}: no records there; run `extractor batch INPUT... --out {out}` first")
    chosen = folder / f"{shown}.json"
    if shown is not None and chosen not in paths:
        raise UsageError(f"{chosen}: no such record")
    records = [read_record(path) for path in paths[:articles]]
    console.print(overview(records, console.width))
    if len(paths) > articles:
        console.print(f"... and {len(paths) - articles:,} more records in {folder}")
    if shown is not None:
        console.print(Group("", detail(read_record(chosen), None)))
        return
    richest = max(records, key=lambda record: (len({fact.kind for fact in record.facts}), len(record.facts)))
    if richest.facts:
        console.print(Group("", detail(richest, facts)))


def read_record(path: Path) -> Record:
    """The validated record in a file; raises RecordError naming the file and the first thing wrong."""
    try:
        return Record.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{path}: not a valid record ({field + ': ' if field else ''}{first['msg']})") from error
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from error


def overview(records: Sequence[Record], width: int) -> Table:
    """One line for each record: design, size, arms, facts of each kind, checks that did not pass.

    Kinds that no record has are left out, and so is the design where a terminal of `width` columns has no room.
    """
    per_kind = Counter(fact.kind for record in records for fact in record.facts)
    kinds = [(kind, head) for kind, head in COLUMNS if per_kind[kind]]
    with_design = width >= WIDE
    table = Table(box=box.SIMPLE, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    total = f"{_count(len(records), 'article')}, {_count(sum(per_kind.values()), 'fact')}"
    table.add_column("article", total, ratio=3, min_width=20, no_wrap=True, overflow="ellipsis")
    if with_design:
        table.add_column("design", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("arms", justify="right", no_wrap=True)
    for kind, head in kinds:
        table.add_column(head, str(per_kind[kind]), justify="right", no_wrap=True)
    table.add_column("checks", no_wrap=True)
    for record in records:
        found = Counter(fact.kind for fact in record.facts)
        design = [Text(plain(record.study.design.label if record.study.design else ""))] if with_design else []
        table.add_row(
            Text(plain(record.article.title or record.article.id)),
            *design,
            Text(study_size(record)),
            str(len(record.arms) or ""),
            *(str(found[kind] or "") for kind, _ in kinds),
            check_state(record),
        )
    return table


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def detail(record: Record, limit: int | None) -> RenderableType:
    """The facts of one record with the words that state them; at most `limit` of them."""
    article = record.article
    heading = Text(plain(article.title or article.id), style="bold")
    about = " · ".join(part for part in (article.publisher, article.journal, article.published, article.id) if part)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("fact", no_wrap=True)
    table.add_column("about", ratio=2, overflow="fold")
    table.add_column("values", ratio=2, overflow="fold")
    table.add_column("in the article's words", ratio=4, overflow="fold")
    arms = {arm.id: arm.label for arm in record.arms}
    for fact in record.facts[:limit]:
        table.add_row(fact.kind, Text(about_fact(fact, arms)), Text(values_of(fact)), quote(record.text, fact))
    body = table if record.facts else Text("\nno facts")
    parts: list[RenderableType] = [heading, Text(plain(about), style="dim"), body]
    if limit is not None and len(record.facts) > limit:
        parts.append(Text(f"... and {len(record.facts) - limit} more facts in this record", style="dim"))
    return Group(*parts)


def study_size(record: Record) -> str:
    """The count that stands for the whole study, as written; "" if the record has none."""
    sizes: dict[str, str] = {}
    for fact in record.facts:
        if fact.kind == "cohort_size" and fact.arm is None and fact.population is None and fact.role is not None:
            count = next((value for value in fact.values if value.statistic == "count"), None)
            if count is not None:
                sizes.setdefault(fact.role, f"{count.value:,.0f}" if count.value is not None else plain(count.text))
    return next((sizes[role] for role in SIZE_ROLES if role in sizes), "")


def check_state(record: Record) -> Text:
    """How many checks of the record failed or warned; "ok" if none."""
    states = [check.status for check in (*record.checks, *(c for fact in record.facts for c in fact.checks))]
    failed, warned = states.count("fail"), states.count("warn")
    if failed:
        return Text(f"{failed} failed", style="red")
    if warned:
        return Text(f"{warned} warn", style="yellow")
    return Text("ok" if states else "-", style="green" if states else "dim")


def about_fact(fact: Fact, arms: dict[str, str]) -> str:
    """What a fact speaks of: event or endpoint or role, time, subgroup, arm."""
    parts = []
    if fact.event is not None:
        parts.append(f"{_grades(fact.event.grades)} {fact.event.term}".strip())
    elif fact.endpoint is not None:
        parts.append(fact.endpoint.code or fact.endpoint.label)
    if fact.role is not None:
        parts.append(fact.role)
    if fact.timepoint is not None:
        parts.append(f"at {fact.timepoint.value:g} {fact.timepoint.unit}")
    if fact.population is not None:
        parts.append(f"in {fact.population.label}")
    if fact.compares is not None:
        parts.append(" vs ".join(arms.get(arm, arm) for arm in fact.compares))
    elif fact.arm is not None:
        parts.append(f"[{arms.get(fact.arm, fact.arm)}]")
    return plain(", ".join(parts))


def _grades(grades: Sequence[int]) -> str:
    if not grades:
        return ""
    return f"grade {min(grades)}" if len(grades) == 1 else f"grade {min(grades)}-{max(grades)}"


def values_of(fact: Fact) -> str:
    """The values as a trial report sets them: `48/171 (28.1%)`, `median 5.6 months (95% CI 4.3 to 7.8)`."""
    values: dict[Statistic, str] = {}
    again = []
    for value in fact.values:
        if value.statistic in values:
            again.append(f"{value.statistic} {_number(value)}")
        else:
            values[value.statistic] = _number(value)
    parts = []
    if "count" in values:
        whole = f"/{values.pop('denominator')}" if "denominator" in values else ""
        parts.append(values.pop("count") + whole)
    if "percent" in values:
        percent = values.pop("percent")
        parts.append(f"({percent})" if parts else percent)
    ci = f"{values.pop('ci_level', '')} CI".strip()
    pairs: tuple[tuple[str, Statistic, Statistic], ...] = (
        (ci, "ci_low", "ci_high"),
        ("IQR", "q1", "q3"),
        ("range", "range_low", "range_high"),
    )
    intervals = [
        f"({name} {values.pop(low)} to {values.pop(high)})"
        for name, low, high in pairs
        if low in values and high in values
    ]
    p_value = [f"p {values.pop('p_value')}"] if "p_value" in values else []
    named = [f"{SHORT.get(statistic, statistic)} {number}".strip() for statistic, number in values.items()]
    estimate = " ".join([*parts, ", ".join(named), *intervals]).strip()
    return ", ".join(part for part in (estimate, *p_value, *again) if part)


def _number(value: Value) -> str:
    if value.value is None:
        return plain(value.text)
    relation = "" if value.relation == "=" else value.relation
    digits = f"{value.value:,.10g}"
    unit = "" if not value.unit or value.unit == value.statistic else value.unit
    return plain(f"{relation}{digits}{'' if unit == '%' else ' '}{unit}".strip())


def quote(text: str, fact: Fact) -> Text:
    """The stretch of the evidence around the fact's values, which are set in bold."""
    first = min(value.start for value in fact.values)
    last = max(value.end for value in fact.values)
    start = max(fact.evidence.start, first - QUOTE_MARGIN)
    end = min(fact.evidence.end, last + QUOTE_MARGIN)
    while fact.evidence.start < start < first and not text[start - 1].isspace():
        start += 1
    while last < end < fact.evidence.end and not text[end].isspace():
        end -= 1
    start, end = min(start, first), max(end, last)
    bold = {i for value in fact.values for i in range(value.start, value.end)}
    shown = Text("… " if start > fact.evidence.start else "")
    for place in range(start, end):
        shown.append(plain(text[place]) or " ", style="bold cyan" if place in bold else "")
    if end < fact.evidence.end:
        shown.append(" …")
    return shown


def plain(text: str) -> str:
    """The text without control characters, which could drive the terminal, and on one line."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text).rstrip("\n")
