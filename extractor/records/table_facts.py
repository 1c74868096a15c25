"""Facts from tables: every result cell whose headings and label say whose it is, of what, and which statistic.

Each value has the span of its number in its cell; the evidence is the cell, or the cells that make one statement
("n" and "%" in columns of their own). A cell that is not understood gives no fact.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from extractor.documents.model import Cell, Document, Section, Table
from extractor.records.facts import ArmIds
from extractor.rules.analysis import Analysis
from extractor.rules.endpoint import EndpointMention, find_endpoints
from extractor.rules.fact_kind import fact_kind
from extractor.rules.lexicon import rows as lexicon_rows
from extractor.rules.lexicon import terms
from extractor.rules.numbers import UNIT
from extractor.rules.table import Column, Row, TableReading, heading_key, is_test, read_table, speaks_of
from extractor.rules.table_arms import ArmMatcher, bare_heading
from extractor.rules.table_cell import CellNumber, Context, Reading, interpret, not_reached, read_cell
from extractor.rules.table_form import EMPTY, Form, form_of, grades_of, is_entry, is_share_of_people, moment_of, size_of

Fact = dict[str, Any]

RULE, COHORT_RULE, EFFECT_RULE = "table_cell", "table_heading_size", "table_effect"
_SURE, _DEFAULT_SPREAD, _UNKNOWN_GROUP = 0.93, 0.8, 0.65
"""Rough probabilities: heading and statistic named; an SD taken for granted; a group that is no arm of the article."""

_COHORT_ROLES = {
    row["term"]: row["category"].removeprefix("cohort_")
    for row in lexicon_rows("table_words.tsv", ("term", "category"), unique=False)
    if row["category"].startswith("cohort_")
}
_HEAD_KIND = {"count": "C", "percent": "P", "mean": "M", "median": "D", "denominator": "C"}
_NOTE_REACH = 1500
_STATED = re.compile(
    r"(?i)\b(?:values?|data|results?|numbers?|variables|scores|mean|means|figures|parameters|median|medians)\b"
    r"[^.;\n]{0,90}?(?:±|\+/-|\(|and|standard|\bSDs?\b|\bSEM?\b|%)[^.;\n]{0,60}"
)
_GENERIC = terms("table_words.tsv", "generic")
_UNIT_IN_LABEL = re.compile(r"[(\[,]\s*([^()\[\],;]{1,18}?)\s*[)\]]?$")
_COUNTING = re.compile(r"[,;:]?\s*\(?\b[nN]\b\)?\s*(?:\(%\))?\s*$|\s*\(%\)\s*$")
_UNIT_FORM = re.compile(r"[\w%µμ°]{1,6}(?:\s?[/·]\s?[\w²³⁻¹%.·]{1,6}){1,2}|mm ?Hg|kg|cm|points?")
_SLASHED = re.compile(r"\w\s*[/:]\s*\w")


def build_table_facts(document: Document, analysis: Analysis, arms: ArmIds, first_id: int) -> list[Fact]:
    """The facts of all tables of a document, ids from `f<first_id>` on. `arms` is the record's `ArmIds`.

    Tables in an article without any arm give facts of the whole study only where headings and labels leave no doubt.
    """
    if not document.tables:
        return []
    builder = _Builder(document, analysis, arms)
    facts: list[Fact] = []
    for index, table in enumerate(document.tables):
        reading = read_table(table, builder.matcher)
        if reading is not None and builder.is_of_trial(reading):
            following = document.tables[index + 1].start if index + 1 < len(document.tables) else len(document.text)
            facts += builder.facts(reading, document.text[table.end : min(following, table.end + _NOTE_REACH)])
    for k, fact in enumerate(facts):
        fact["id"] = f"f{first_id + k}"
    return facts


@dataclass(slots=True)
class _Label:
    """What the labels of a row say together."""

    cell: Cell | None
    """The label that names what is measured."""
    start: int = 0
    end: int = 0
    text: str = ""
    own: bool = True
    """Stands in the row itself, not in the group row above it."""
    forms: list[Form] = field(default_factory=list)
    moment: Cell | None = None
    entry: bool = False
    grade: Cell | None = None
    population: Cell | None = None


class _Builder:
    """Builds the facts of one article's tables."""

    def __init__(self, document: Document, analysis: Analysis, arms: ArmIds) -> None:
        self.document, self.analysis, self.arms = document, analysis, arms
        shown = [k for k, s in enumerate(arms.shown) if s]
        self.matcher = ArmMatcher(analysis.arms, analysis.arm_roles)
        self.shown = set(shown)
        self.mentions: list[EndpointMention] = analysis.endpoints or find_endpoints(analysis.layout)
        self.mention_starts = [m.start for m in self.mentions]
        self.stated = _article_form(document)
        self.sizes: dict[tuple[int, float], str] = {}

    # --- whole tables -------------------------------------------------------------------------------------------

    def is_of_trial(self, reading: TableReading) -> bool:
        """Whether the table reports people of this trial: its columns or rows are arms, or groups with sizes, or it
        describes everybody in an article of at most one arm."""
        columns = [c for c in reading.columns.values() if c.role == "results"]
        if reading.arms_in_rows or any(c.arm is not None or c.population is not None for c in columns):
            return True
        if any(c.total or c.size is not None for c in columns) and self.document.format != "html":
            return True
        if self.document.format == "html":
            return False
        effects = any(c.role == "effect" and c.compares for c in reading.columns.values())
        return effects or (len(self.shown) == 0 and not self.matcher.mentioned(reading.table.caption))

    def facts(self, reading: TableReading, notes: str) -> list[Fact]:
        """The facts of one table in text order of their cells."""
        loose = [f for f in (_stated_form(notes), self.stated) if f]
        state = _TableState(reading, loose)
        facts = self._header_sizes(reading.columns, reading, state)
        for row in reading.rows:
            if row.opens:
                state.open_group(row)
            if row.size_row:
                facts += self._header_sizes(row.columns, reading, state)
                continue
            facts += self._row(reading, row, state)
        return facts

    def _header_sizes(self, columns: dict[int, Column], reading: TableReading, state: _TableState) -> list[Fact]:
        facts = []
        for column in columns.values():
            cell = column.size
            if cell is None or cell.start in state.sized or column.role != "results":
                continue
            if column.arm is None and not column.total and column.population is None:
                continue
            found = size_of(cell.text)
            state.sized.add(cell.start)
            if found is None:
                continue
            value, start, end = found
            number = CellNumber(start, end, float(value), 0, False, "=", False)
            facts.append(self._cohort(reading, cell, number, column, None, None))
        return facts

    def _cohort(
        self, reading: TableReading, cell: Cell, number: CellNumber, column: Column, arm: int | None, role: str | None
    ) -> Fact:
        arm = column.arm if arm is None else arm
        key = (-1 if arm is None else arm, number.value)
        if role is None:
            role = {"demographic": "randomized", "adverse_event": "treated"}.get(reading.kind) or self.sizes.get(
                key, "analyzed"
            )
            if reading.kind == "demographic" and not any(
                w.startswith("random") for w in self.analysis.layout.lower[:4000]
            ):
                role = "enrolled"
        self.sizes.setdefault(key, role)
        fact = self._fact("cohort_size", arm, [self._value(cell, number, "count")], (cell.start, cell.end), COHORT_RULE)
        fact["role"] = role
        fact["population"] = self._population(column, None)
        fact["confidence"] = _SURE if column.certain else _UNKNOWN_GROUP
        return fact

    # --- rows ---------------------------------------------------------------------------------------------------

    def _row(self, reading: TableReading, row: Row, state: _TableState) -> list[Fact]:
        label = self._label(row, reading, state)
        if label is None:
            return []
        facts: list[Fact] = []
        last: tuple[Fact, Column] | None = None
        effects: list[Fact] = []
        p_cells: list[tuple[Cell, Column]] = []
        for k, cell in row.cells:
            column = row.columns[k]
            if cell.start in state.used:
                continue
            state.used.add(cell.start)
            if column.role == "p_value":
                p_cells.append((cell, column))
            elif column.role == "effect":
                fact = self._effect(reading, row, label, cell, column, facts)
                if fact is not None:
                    effects.append(fact)
            elif column.role == "ci":
                self._add_interval(
                    effects[-1]
                    if effects and not facts
                    else (last[0] if last and not effects else effects[-1] if effects else None),
                    cell,
                )
            elif column.role == "results":
                if (
                    last is not None
                    and last[1].group == column.group
                    and self._complete(last[0], cell, column, reading, row, label, state)
                ):
                    continue
                fact = self._result(reading, row, label, cell, column, state)
                if fact is not None:
                    facts.append(fact)
                    last = (fact, column)
                else:
                    last = None
        if reading.kind != "demographic" and not label.entry:
            self._p_values(reading, row, label, p_cells, facts, effects)
        return facts + effects

    def _label(self, row: Row, reading: TableReading, state: _TableState) -> _Label | None:
        """What the row measures, None for rows of p-values or test statistics."""
        label = _Label(None)
        for cell in reversed(row.labels):
            text = cell.text.strip()
            key = heading_key(text)
            if re.match(r"(?i)^\W*(?:adjusted )?p[\s-]?(?:values?)?\W*$", text) or (
                is_test(text) and len(key.split()) < 3
            ):
                return None
            form = form_of(text)
            bare = bare_heading(text)
            if form:
                label.forms.append(form)
            if reading.arms_in_rows and self.matcher.match(text) is not None:
                continue
            if (
                (form.bare and not (form.at.keys() <= {"sd"} and len(text) < 4))
                or form.ratio
                or (form.difference is not None and len(key.split()) < 4)
            ):
                continue
            if is_entry(bare):
                label.entry = True
                continue
            moment = moment_of(bare)
            if moment is not None:
                label.moment = label.moment or (cell if moment.stated else None)
                if moment.whole:
                    continue
            if grades_of(text):
                label.grade = label.grade or cell
                if re.fullmatch(
                    r"(?i)\W*(?:grades?|gr\.?)?\s*[\dIVivto≥>+–/,\s-]+(?:or (?:higher|more|worse))?\W*", text
                ):
                    continue
            if label.cell is None:
                self._name(label, cell)
        if label.cell is None and state.group is not None:
            self._name(label, state.group)
            label.own = False
        if state.group is not None:
            if state.group_form:
                label.forms.append(state.group_form)
            opened = moment_of(bare_heading(state.group.text))
            if label.moment is None and opened is not None and opened.stated:
                label.moment = state.group
            label.entry = label.entry or is_entry(bare_heading(state.group.text))
            label.grade = label.grade or (state.group if grades_of(state.group.text) else None)
        return label

    def _name(self, label: _Label, cell: Cell) -> None:
        """The label's own words: the cell without statistics, units and marks at its ends."""
        start, end = _trimmed(cell.text)
        if re.search(r"[^\W\d_]{2}", cell.text[start:end]):
            label.cell, label.start, label.end = cell, cell.start + start, cell.start + end
            label.text = cell.text[start:end]

    def _context(self, reading: TableReading, label: _Label, column: Column, state: _TableState) -> Context:
        # a caption's "differences between groups" does not speak of a group's own column
        caption = Form(reading.caption_form.at) if column.arm is not None else reading.caption_form
        forms = [*label.forms[:1], column.form, *label.forms[1:], reading.stub_form, caption]
        # a "%" in the label of a quantity ("HbA1c (%)") is its unit
        wording = label.text or (label.cell.text if label.cell else "")
        full = f"{wording} {column.endpoint.text if column.endpoint else ''}"
        people = is_share_of_people(full)
        if not people:
            forms = [
                Form({n: p for n, p in f.at.items() if n != "percent"}, f.ratio, f.difference)
                if f.has("percent") and not f.has("count")
                else f
                for f in forms
            ]
        size = 0.0
        if column.size is not None and (found := size_of(column.size.text)):
            size = float(found[0])
        elif column.arm is not None and not column.population:
            size = float(state.arm_sizes.get(column.arm, 0))
        counted = reading.kind == "adverse_event" or bool(
            re.search(
                r"(?i)\bnumber of (?:patients|subjects|participants|women|children|people|responders)",
                reading.table.caption,
            )
        )
        return Context(
            [f for f in forms if f], state.loose, size, counted, people,
            label.cell is not None and bool(_SLASHED.search(re.sub(r"n\s*/\s*N|no\./", "", label.cell.text))),
        )  # fmt: skip

    def _result(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, state: _TableState
    ) -> Fact | None:
        arm = row.arm if row.arm is not None else column.arm
        if reading.arms_in_rows and row.arm is None and column.arm is None and not column.total:
            return None
        role = _COHORT_ROLES.get(_counted_people(row.labels[-1].text)) if row.labels else None
        counting = reading.arms_in_rows and column.heading.strip() in ("n", "N", "No.", "No", "Number")
        role = "analyzed" if counting else role
        read = read_cell(cell.text)
        if role is not None and (state.group is None or counting or row.labels[-1].text.strip() in ("N", "n")):
            if read.skeleton == "N" and read.numbers[0].whole and read.numbers[0].value > 1:
                if arm is not None:
                    state.arm_sizes.setdefault(arm, read.numbers[0].value)
                if arm is None and not column.total and column.population is None:
                    return None
                return self._cohort(reading, cell, read.numbers[0], column, arm, None if role == "analyzed" else role)
            return None
        context = self._context(reading, label, column, state)
        span = not_reached(cell.text)
        if span is not None:
            return self._not_reached(reading, row, label, cell, column, arm, context, span)
        found = interpret(read, context)
        if found is None or any(s == "difference" for _, s in found):
            return None
        if found[0][1] in (
            "hazard_ratio",
            "odds_ratio",
            "risk_ratio",
            "rate_ratio",
            "mean_difference",
            "risk_difference",
        ):
            return self._effect_in_row(reading, row, label, cell, column, found)
        return self._statement(reading, row, label, cell, column, arm, found, context)

    def _not_reached(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, arm: int | None,
        context: Context, span: tuple[int, int],
    ) -> Fact | None:  # fmt: skip
        if not any(f.has("median") for f in context.forms):
            return None
        mention = self._mention(label, column)
        if mention is None or mention.family != "survival":
            return None
        number = CellNumber(span[0], span[1], 0.0, 0, False, "=", False)
        fact = self._statement(reading, row, label, cell, column, arm, [(number, "median")], context)
        if fact is not None:
            fact["values"][0]["value"] = None
        return fact

    def _statement(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, arm: int | None,
        found: Reading, context: Context,
    ) -> Fact | None:  # fmt: skip
        mention = self._mention(label, column)
        named = self._endpoint(reading, label, column, mention)
        if named is None:
            return None
        group = row.group.text if row.group is not None else ""
        head = found[0][1]
        unit = None if head in ("count", "percent") else _unit(label.cell.text if label.cell else "")
        values = [self._value(cell, n, s, unit) for n, s in found]
        entry = column.entry or label.entry
        kind = self._kind(reading, mention, head, group, entry, label.text or named["label"])
        fact = self._fact(kind, arm, values, (cell.start, cell.end), RULE)
        fact["endpoint"] = named
        fact["population"] = self._population(column, label)
        if kind == "adverse_event":
            fact["event"] = self._event(reading, label, column, mention, group, named["label"])
        if not entry and reading.kind != "demographic":
            fact["timepoint"] = self._timepoint(label, column, reading)
        fact["confidence"] = self._confidence(found, column, context, arm)
        return fact

    def _confidence(self, found: Reading, column: Column, context: Context, arm: int | None) -> float:
        value = _SURE
        statistics = {s for _, s in found}
        if "sd" in statistics and not any(f.has("sd") for f in (*context.forms, *context.loose)):
            value = _DEFAULT_SPREAD
        if not column.certain or (arm is None and not column.total and self.shown):
            value = min(value, _UNKNOWN_GROUP)
        return value

    def _complete(
        self, fact: Fact, cell: Cell, column: Column, reading: TableReading, row: Row, label: _Label, state: _TableState
    ) -> bool:
        """Add a percentage or spread that stands in a column of its own to the fact before it."""
        form = column.form
        read = read_cell(cell.text)
        if read.skeleton not in ("N", "P", "(N)", "(P)", "(±N)", "N-N", "(N-N)") or form.has("mean", "median", "count"):
            return False
        head = fact["values"][0]["statistic"]
        have = {v["statistic"] for v in fact["values"]}
        n = read.numbers
        if len(n) == 1 and form.has("percent") and head == "count" and "percent" not in have and 0 <= n[0].value <= 100:
            added = [(n[0], "percent")]
        elif (
            len(n) == 1
            and head == "mean"
            and form.spread in ("sd", "se")
            and form.spread not in have
            and n[0].value >= 0
        ):
            added = [(n[0], form.spread)]
        elif len(n) == 2 and head in ("mean", "median") and form.spread in ("ci", "range", "iqr"):
            names = {"ci": ("ci_low", "ci_high"), "range": ("range_low", "range_high"), "iqr": ("q1", "q3")}[
                form.spread
            ]
            if names[0] in have or not n[0].value <= fact["values"][0]["value"] <= n[1].value:
                return False
            added = [(n[0], names[0]), (n[1], names[1])]
        else:
            return False
        fact["values"] += [
            self._value(cell, number, s, fact["values"][0]["unit"] if s in ("sd", "se") else None)
            for number, s in added
        ]
        fact["evidence"]["end"] = max(fact["evidence"]["end"], cell.end)
        return True

    # --- effects ------------------------------------------------------------------------------------------------

    def _effect(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, before: Sequence[Fact]
    ) -> Fact | None:
        form = (
            column.form
            if column.form.ratio or column.form.difference is not None
            else next((f for f in label.forms if f.ratio or f.difference is not None), EMPTY)
        )
        if not form.ratio and form.difference is None:
            return None
        found = interpret(read_cell(cell.text), Context([form], []))
        if found is None:
            return None
        return self._effect_fact(reading, row, label, cell, column, found, before, column.compares)

    def _effect_in_row(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, found: Reading
    ) -> Fact | None:
        """A ratio that stands in the column of an arm, or across all of them."""
        compares = (column.arm,) if column.arm is not None and len(row.cells) > 1 else ()
        return self._effect_fact(reading, row, label, cell, column, found, (), compares)

    def _effect_fact(
        self, reading: TableReading, row: Row, label: _Label, cell: Cell, column: Column, found: Reading,
        before: Sequence[Fact], compares: Sequence[int],
    ) -> Fact | None:  # fmt: skip
        if reading.kind == "demographic":
            return None
        if found[0][1] == "difference":
            heads = {f["values"][0]["statistic"] for f in before}
            kind = (
                "mean_difference"
                if heads == {"mean"}
                else "risk_difference"
                if heads and heads <= {"count", "percent"}
                else ""
            )
            if not kind:
                return None
            found = [(found[0][0], kind), *found[1:]]
        mention = self._mention(label, column)
        named = self._endpoint(reading, label, column, mention)
        if named is None:
            return None
        fact = self._fact(
            "effect", None, [self._value(cell, n, s) for n, s in found], (cell.start, cell.end), EFFECT_RULE
        )
        fact["endpoint"] = named
        fact["compares"] = self._compares(reading, row, compares)
        fact["population"] = self._population(column, label) if column.population else None
        fact["timepoint"] = self._timepoint(label, column, reading)
        fact["confidence"] = _SURE if column.form.ratio else 0.85
        return fact

    def _compares(self, reading: TableReading, row: Row, named: Sequence[int]) -> tuple[str, str] | None:
        """The arms of a comparison: those that the heading names, else intervention and control where the table has
        no others."""
        roles = self.analysis.arm_roles
        arms = [k for k in named if k in self.shown]
        if len(arms) != 2:
            in_table = {c.arm for c in row.columns.values() if c.arm is not None and c.arm in self.shown}
            candidates = in_table or self.shown
            if len(arms) == 1:
                controls = [k for k in candidates if roles[k] == "control" and k != arms[0]]
                arms = [arms[0], controls[0]] if len(controls) == 1 and roles[arms[0]] != "control" else []
            else:
                arms = sorted(candidates) if len(candidates) == 2 else []
        if len(arms) != 2 or {roles[k] for k in arms} == {"control"}:
            return None
        first, second = sorted(arms, key=lambda k: roles[k] == "control")
        return self.arms.ids[first], self.arms.ids[second]

    def _add_interval(self, fact: Fact | None, cell: Cell) -> None:
        """The interval in a column of its own beside an estimate."""
        if fact is None:
            return
        read = read_cell(cell.text)
        have = {v["statistic"] for v in fact["values"]}
        first = fact["values"][0]
        if "ci_low" in have or len(fact["values"]) > 1 or first["value"] is None:
            return
        if (
            read.skeleton in ("N-N", "(N-N)", "N,N")
            and read.numbers[0].value <= first["value"] <= read.numbers[1].value
        ):
            low, high = read.numbers
            fact["values"] += [self._value(cell, low, "ci_low"), self._value(cell, high, "ci_high")]
            fact["evidence"]["end"] = max(fact["evidence"]["end"], cell.end)

    def _p_values(
        self, reading: TableReading, row: Row, label: _Label, cells: Sequence[tuple[Cell, Column]],
        facts: Sequence[Fact], effects: list[Fact],
    ) -> None:  # fmt: skip
        """A row's one p-value goes to its one effect, else it is an effect of its own between two arms."""
        if len(cells) != 1 or sum(c.role == "p_value" for c in row.columns.values()) != 1:
            return
        cell, column = cells[0]
        read = read_cell(cell.text)
        if read.skeleton != "N" or not 0 <= read.numbers[0].value <= 1 or read.numbers[0].percent:
            return
        value = self._value(cell, read.numbers[0], "p_value")
        if len(effects) == 1:
            effects[0]["values"].append(value)
            evidence = effects[0]["evidence"]
            evidence["start"], evidence["end"] = min(evidence["start"], cell.start), max(evidence["end"], cell.end)
            return
        if effects:
            return
        in_table = {c.arm for c in row.columns.values() if c.arm is not None and c.role == "results"}
        others = any(c.role == "results" and c.population is not None and c.arm is None for c in row.columns.values())
        compares = self._compares(reading, row, ()) if len(in_table) == 2 and not others else None
        named = self._endpoint(reading, label, column, self._mention(label, column))
        if compares is None or named is None:
            return
        groups = {
            (c.moment.text if c.moment else "", c.entry)
            for c in row.columns.values()
            if c.role == "results" and c.arm is not None
        }
        if len(groups) > 1:
            return
        fact = self._fact("effect", None, [value], (cell.start, cell.end), EFFECT_RULE)
        fact["endpoint"], fact["compares"] = named, compares
        fact["timepoint"] = self._timepoint(label, column, reading)
        fact["confidence"] = 0.85
        effects.append(fact)

    # --- parts of a fact ----------------------------------------------------------------------------------------

    def _fact(self, kind: str, arm: int | None, values: list[dict[str, Any]], span: tuple[int, int], rule: str) -> Fact:
        return {
            "kind": kind,
            "arm": self.arms.of(arm) if arm is not None else None,
            "population": None, "endpoint": None, "role": None, "event": None, "timepoint": None, "compares": None,
            "values": values,
            "evidence": {"start": span[0], "end": span[1], "section": _section(self.document.sections, span[0])},
            "rule": rule,
            "confidence": _SURE,
        }  # fmt: skip

    def _value(self, cell: Cell, number: CellNumber, statistic: str, unit: str | None = None) -> dict[str, Any]:
        start, end = cell.start + number.start, cell.start + number.end
        if number.percent or statistic == "percent":
            unit = "%"
        elif statistic in ("count", "denominator", "p_value") or number.unit:
            unit = number.unit
        return {
            "statistic": statistic, "value": number.value, "unit": unit, "relation": number.relation, "start": start,
            "end": end, "text": self.document.text[start:end],
        }  # fmt: skip

    def _mention(self, label: _Label, column: Column) -> EndpointMention | None:
        """What the lexicon knows in the label, else in the column's heading; the first of several."""
        for cell in (label.cell, column.endpoint):
            if cell is None:
                continue
            k = bisect_left(self.mention_starts, cell.start)
            found = []
            while k < len(self.mentions) and self.mentions[k].start < cell.end:
                if self.mentions[k].end <= cell.end and self.mentions[k].family != "generic":
                    found.append(self.mentions[k])
                k += 1
            if found:
                return found[0]
        return None

    def _endpoint(
        self, reading: TableReading, label: _Label, column: Column, mention: EndpointMention | None
    ) -> dict[str, Any] | None:
        """The endpoint as written: the row's label, else the column's heading, else what the caption names."""
        code = mention.code if mention is not None else None
        if label.cell is not None and (label.own or column.endpoint is None or not reading.arms_in_rows):
            return {"label": label.text, "code": code, "start": label.start, "end": label.end}
        if column.endpoint is not None:
            start, end = _trimmed(column.endpoint.text)
            if start < end:
                first = column.endpoint.start
                return {
                    "label": column.endpoint.text[start:end],
                    "code": code,
                    "start": first + start,
                    "end": first + end,
                }
        return self._from_caption(reading.table)

    def _from_caption(self, table: Table) -> dict[str, Any] | None:
        """The first endpoint that the caption names, else its words up to a comma."""
        end = table.start + len(table.caption)
        if self.document.text[table.start : end] != table.caption or not table.caption:
            return None
        k = bisect_left(self.mention_starts, table.start)
        if k < len(self.mentions) and self.mentions[k].end <= end and self.mentions[k].family != "generic":
            m = self.mentions[k]
            return {"label": m.label, "code": m.code, "start": m.start, "end": m.end}
        match = re.match(r"(?i)\s*table\s*\w{1,4}\s*[.:]?\s*", table.caption)
        first = match.end() if match else 0
        words = re.match(r"[^,.;:(]{4,90}", table.caption[first:])
        if words is None:
            return None
        start, stop = _trimmed(words.group())
        label = words.group()[start:stop]
        if not label:
            return None
        return {"label": label, "code": None, "start": table.start + first + start, "end": table.start + first + stop}

    def _kind(
        self, reading: TableReading, mention: EndpointMention | None, head: str, group: str, entry: bool, label: str
    ) -> str:
        if entry or reading.kind == "demographic":
            return "demographic"
        safety = reading.kind == "adverse_event" or speaks_of(group, "safety") or speaks_of(label, "safety")
        letter = _HEAD_KIND.get(head, "M")
        kind = fact_kind(letter, mention, safety=safety, baseline=False, percent=False)
        if kind == "adverse_event" and (not safety or letter in "MD"):
            return "outcome"
        if kind in ("response", "death", "effect") and letter in "MD":
            return "outcome"
        if (
            kind == "survival"
            and letter == "M"
            and mention is not None
            and mention.code == "OS"
            and "surviv" not in label.lower()
        ):
            return "outcome"
        if safety and kind == "outcome" and letter in "CP":
            return "adverse_event"
        if kind == "demographic" and safety:
            return "outcome"
        return kind

    def _event(
        self,
        reading: TableReading,
        label: _Label,
        column: Column,
        mention: EndpointMention | None,
        group: str,
        named: str,
    ) -> dict[str, Any]:
        wording = " ".join((reading.table.caption, group, label.text, column.heading)).lower()
        own, caption = f"{group} {label.text}".lower(), reading.table.caption.lower()
        term = mention.term if mention is not None and mention.family == "adverse_event" else ""
        generic = not term and heading_key(named) in _GENERIC
        grades: tuple[int, ...] = ()
        for cell in (column.grade, label.grade):
            grades = grades or (grades_of(cell.text) if cell is not None else ())
        if not grades and column.grade is None:
            grades = grades_of(reading.table.caption)
        related = re.search(r"(?:treatment|drug|study|medication|vaccine)[- ]related|related to", wording)
        return {
            "term": "adverse event" if generic else term or named.lower(),
            "grades": grades,
            "serious": bool(re.search(r"\bserious\b|\bsaes?\b", own if " and " in caption else f"{own} {caption}")),
            "treatment_related": related is not None and "unrelated" not in wording,
            "fatal": bool(re.search(r"\bfatal\b|\bdeath\b|\bdied\b", own)),
        }  # fmt: skip

    def _timepoint(self, label: _Label, column: Column, reading: TableReading) -> dict[str, Any] | None:
        for cell in (label.moment, column.moment):
            moment = moment_of(bare_heading(cell.text)) if cell is not None else None
            if cell is None or moment is None:
                continue
            offset = cell.text.find(bare_heading(cell.text))
            exact = moment_of(cell.text)
            if exact is None or (offset < 0 and exact.value != moment.value):
                continue
            return {
                "value": exact.value, "unit": exact.unit, "months": exact.months, "start": cell.start + exact.start,
                "end": cell.start + exact.end,
            }  # fmt: skip
        return None

    def _population(self, column: Column, label: _Label | None) -> dict[str, Any] | None:
        cell = column.population
        if cell is None:
            return None
        start, end = _trimmed(cell.text)
        if start >= end:
            return None
        return {"label": cell.text[start:end], "start": cell.start + start, "end": cell.start + end}


class _TableState:
    """What changes while the rows of a table are read."""

    def __init__(self, reading: TableReading, loose: list[Form]) -> None:
        self.loose = loose
        self.group: Cell | None = None
        self.group_form = EMPTY
        self.used: set[int] = set()
        self.sized: set[int] = set()
        self.arm_sizes: dict[int, float] = {}

    def open_group(self, row: Row) -> None:
        """A group row holds until the next one."""
        self.group = row.labels[-1] if row.labels else None
        self.group_form = form_of(self.group.text) if self.group is not None else EMPTY


def _counted_people(label: str) -> str:
    """A label as a key of the rows that count people: "Patients, n" -> "patients", "N" -> "n"."""
    return heading_key(_COUNTING.sub("", label)) or heading_key(label)


def _stated_form(text: str) -> Form:
    """What notes say of the numbers ("Values are mean ± SD"), all such statements together."""
    at: dict[str, int] = {}
    for match in _STATED.finditer(text):
        form = form_of(match.group())
        if form.spread is not None or form.has("percent"):
            for name, place in form.at.items():
                at.setdefault(name, place)
    return Form(at) if at else EMPTY


def _article_form(document: Document) -> Form:
    """What the article says of all its numbers: mean ± SD or mean ± SEM. Empty if it says both."""
    found: set[str] = set()
    for match in re.finditer(
        r"(?i)\b(?:expressed|presented|reported|shown|given|summari[sz]ed|described|displayed|values are|data are)\b"
        r"[^.;\n]{0,80}?\bmeans?\b[^.;\n]{0,40}?(\bs\.?d\b|standard deviation|\bs\.?e\.?m?\b|standard error)",
        document.text,
    ):
        found.add("se" if match.group(1).lower().replace(".", "").startswith(("se", "standard e")) else "sd")
    return Form({"mean": 0, found.pop(): 1}) if len(found) == 1 else EMPTY


def _trimmed(text: str) -> tuple[int, int]:
    """The part of a label that names something: without statistics, units, marks behind, "Mean", "No. of" before."""
    start, end = 0, len(text)
    while True:
        part = text[start:end]
        match = re.search(r"[\s,;:*†‡§¶#–-]+$", part) or re.search(r"\s*[(\[][^()\[\]]*[)\]]$", part)
        if match and match.group().strip() and match.group().strip()[0] in "([" and not _droppable(match.group()):
            match = None
        if match is None:
            tail = re.search(r"[,;:–]\s*([^,;:()]+)$", part) or re.search(r"\s(?:[nN]|%|n/N)$", part)
            if tail and (
                form_of(tail.group()).bare
                or tail.group(0).strip(" ,;:").lower() in UNIT
                or _UNIT_FORM.fullmatch(tail.group(0).strip(" ,;:–"))
            ):
                match = tail
        if match is None or match.start() == 0:
            break
        end = start + match.start()
    lead = re.match(
        r"(?i)[\s•·*†%-]*(?:(?:mean|median|average)(?:\s*[(±]?\s*(?:SD|SE|SEM|IQR|range)\)?)?\s+(?:of )?|"
        r"(?:number|no\.?|n|percentage|proportion) \(%\)(?: of)? |% )?",
        text[start:end],
    )
    if lead and start + lead.end() < end:
        start += lead.end()
    return start, end


def _droppable(bracket: str) -> bool:
    """Whether a bracket at a label's end holds a statistic, a unit or a size rather than a part of the name."""
    inner = bracket.strip(" ()[]")
    return (
        bool(form_of(inner))
        or size_of(bracket) is not None
        or inner.lower() in UNIT
        or len(inner) <= 2
        or bool(
            re.fullmatch(
                r"[\w%µμ°]{1,6}(?:\s?[/·.]\s?[\w²³⁻¹%.·\s]{1,12})|mm ?Hg|kg|cm|ml|years?|points?|score|log10.*", inner
            )
        )
    )


def _unit(label: str) -> str | None:
    """The unit that a label names in brackets or behind a comma: "(kg/m²)", ", years"."""
    plain = re.sub(r"[,;:]?\s*[(\[]?\s*\b(?:mean|median)\b[^,;]*$", "", label, flags=re.IGNORECASE).strip(" *†‡§")
    match = _UNIT_IN_LABEL.search(plain)
    if match is None:
        found = re.search(r"[,(\[]\s*(years?|months?|weeks?|days?|hours?|minutes?|kg/m²|kg|cm|mm ?Hg)\b", label)
        return UNIT.get(found.group(1).lower(), found.group(1)) if found else None
    word = match.group(1).strip()
    if word.lower() in UNIT:
        return UNIT[word.lower()]
    if re.fullmatch(
        r"[\w%µμ°²³]{1,8}(?:\s?[/·×]\s?[\w²³⁻¹%.·]{1,9}){1,2}|kg|cm|mm ?Hg|mg|points?", word
    ) and not form_of(word):
        return word
    return None


def _section(sections: Sequence[Section], start: int) -> str | None:
    inside = [s for s in sections if s.start <= start < s.end]
    return min(inside, key=lambda s: s.end - s.start).title or None if inside else None
