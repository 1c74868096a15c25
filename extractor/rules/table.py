"""Read a table: which rows are headings, which columns belong to which arm, what each row measures.

Reads `documents.model.Table` with the arms of the article; gives a `TableReading`, columns and rows with the wording
that holds for them. Cost is linear in the number of cells. What a column is that is not understood stays `skip`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from extractor.documents.model import Cell, Table
from extractor.rules.lexicon import terms
from extractor.rules.table_arms import ArmMatcher, bare_heading, heading_words
from extractor.rules.table_cell import RESULTS, read_cell
from extractor.rules.table_form import EMPTY, Form, form_of, grades_of, is_entry, moment_of, size_of

MAX_HEAD_ROWS = 6
_P_VALUE = re.compile(
    r"(?i)^(?:adjusted |overall |unadjusted |two-sided |2-sided |\w+ test )?p\s*[-–‐]?\s*(?:values?)?\s*"
    r"(?:\(?(?:for|between|of|from|vs).*|\(.*\))?\s*[*†‡§¶#a-d¹²³]*$"
)
_P_STATED = re.compile(r"(?i)\s*\(?p\s*[=<>≤]|\s*[χtFz]\s*[²(=]")
_VERSUS = re.compile(r"(?i)(?<!\w)(?:vs\.?|versus|minus|compared (?:with|to))(?!\w)")
_WITHIN = re.compile(r"(?i)\bwithin|\bpaired|\btime\b|from baseline|\bintra|interaction|trend")
_REVIEW = terms("table_words.tsv", "review")
_TOTAL = terms("table_words.tsv", "total")
_TEST = terms("table_words.tsv", "test_whole")


@cache
def _words_pattern(category: str) -> re.Pattern[str]:
    found = sorted(terms("table_words.tsv", category), key=len, reverse=True)
    return re.compile(r"(?i)(?<![^\W\d_])(?:" + "|".join(re.escape(t) for t in found) + r")s?(?![\w])")


def speaks_of(text: str, category: str) -> bool:
    """Whether a word of the category of `table_words.tsv` stands in the text."""
    return _words_pattern(category).search(text) is not None


@dataclass(frozen=True, slots=True)
class Column:
    """What a data column holds. `role`: results | p_value | effect | ci | spread | skip."""

    role: str = "results"
    arm: int | None = None
    population: Cell | None = None
    """The heading of a group that is no arm of the article, or of a subgroup above the arms."""
    total: bool = False
    size: Cell | None = None
    """The heading that holds "n = 45"."""
    moment: Cell | None = None
    entry: bool = False
    grade: Cell | None = None
    form: Form = EMPTY
    endpoint: Cell | None = None
    compares: tuple[int, ...] = ()
    certain: bool = True
    """Arm by name, not by elimination or as an unknown group."""
    heading: str = ""

    @property
    def group(self) -> tuple[object, ...]:
        """What makes two columns parts of one statement: the same people at the same time."""
        return (
            self.arm, self.population.text if self.population else None, self.total,
            self.moment.text if self.moment else None, self.entry, self.grade.text if self.grade else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One body row: its label cells, the group rows above it, its data cells by column index."""

    labels: tuple[Cell, ...]
    group: Cell | None
    cells: tuple[tuple[int, Cell], ...]
    columns: dict[int, Column]
    """The columns that hold for this row; headings can change half-way down a table."""
    arm: int | None = None
    """Where the rows are arms."""
    opens: bool = False
    """A group row itself: a label with nothing but perhaps a p-value."""
    size_row: bool = False


@dataclass(slots=True)
class TableReading:
    """A table understood: `columns` by index, `rows` in order, `kind` demographic | adverse_event | outcome."""

    table: Table
    kind: str
    columns: dict[int, Column]
    rows: list[Row]
    caption_form: Form
    stub_form: Form
    arms_in_rows: bool = False
    stub: list[Cell] = field(default_factory=list)


def read_table(table: Table, matcher: ArmMatcher) -> TableReading | None:
    """The reading of a table, None for one without results or about other studies."""
    rows = table.rows
    head = _head_rows(rows)
    width = max((len(row) for row in rows), default=0)
    if not 0 < head < len(rows) or width < 2 or width > 60:
        return None
    if any(heading_key(c.text) in _REVIEW for row in rows[:head] for c in row):
        return None
    if any(len(row) < width for row in rows[: head - 1]):
        return None  # a spanning heading without its span: the headings stand over the wrong columns
    paths = [_path(rows[:head], c) for c in range(width)]
    stub_count = _stub_columns(rows[head:], paths, matcher)
    if stub_count >= width:
        return None
    row_arms = _arms_in_rows(rows[head:], stub_count, matcher)
    columns = _columns(paths, stub_count, matcher, row_arms)
    stub = [c for path in paths[:stub_count] for c in path]
    reading = TableReading(
        table, _kind(table.caption, stub), columns, [], form_of(table.caption),
        next((f for c in stub if (f := form_of(c.text))), EMPTY), row_arms, stub,
    )  # fmt: skip
    _read_rows(reading, rows[head:], stub_count, paths, matcher)
    return reading


def heading_key(text: str) -> str:
    """A heading as a key of the lexicon."""
    return re.sub(r"[^\w,²-]+", " ", text).strip(" ,").lower()


def is_test(text: str) -> bool:
    """Whether a heading or label names a test statistic or a model's coefficient."""
    return heading_key(text) in _TEST or speaks_of(text, "test")


def _kind(caption: str, stub: Sequence[Cell]) -> str:
    heads = " ".join(c.text for c in stub)
    caption = re.sub(r"(?i)\bsafety[ -](?:\w+ )?(?:population|set|sample|cohort)\b", "", caption)
    mixed = re.search(r"(?i)\befficacy|\boutcomes?\b|\bcharacteristics\b|\bdemographics?\b|\bendpoints?\b", caption)
    if not mixed and (
        speaks_of(caption, "safety") or (speaks_of(heads, "safety") and not speaks_of(caption, "baseline"))
    ):
        return "adverse_event"
    if re.search(
        r"(?i)\b(?:surg\w+|procedur\w+|\w*operative|treatment|perfusion|anesthe\w+) (?:characteristics|data)", caption
    ):
        return "outcome"
    if speaks_of(caption, "baseline") and not speaks_of(caption, "later"):
        return "demographic"
    if re.search(
        r"(?i)\bbase-?line (?:characteristics|demographic|clinical|data|patient|values|features)", caption
    ) and not (re.search(r"(?i)\bchange|\bafter\b|\bpost|\bfollow-?up\b|\boutcomes?\b", caption)):
        return "demographic"
    return "outcome"


# --- headings ---------------------------------------------------------------------------------------------------------


def _is_result(cell: Cell) -> bool:
    read = read_cell(cell.text)
    return read.skeleton in RESULTS and bool(read.numbers)


def _head_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """How many rows at the top are headings."""
    count = 0
    for row in rows[: MAX_HEAD_ROWS + 1]:
        filled = _distinct(row)
        body = [c for c in _distinct(row[1:]) if not row[:1] or c.start != row[0].start]
        results = [
            c
            for c in body
            if _is_result(c) and not (moment_of(c.text) or (c.text.strip().isdigit() and len(c.text) == 4))
        ]
        complex_results = [c for c in results if read_cell(c.text).skeleton not in ("N", "P")]
        if not filled:
            count += 1
            continue
        if complex_results or (len(results) * 2 > len(body) > 0 and not all(c.header for c in filled)):
            break
        marked = all(c.header for c in filled)
        below = not row[0].text.strip() and bool(body) and not results
        first = count == 0 and len(body) >= 1
        more = not any(c.header for r in rows for c in r) and len(body) >= 2 and not results and count < 3
        if not (marked or below or first or more):
            break
        if count and marked and len(filled) == 1 and len(row) > 2 and not below:
            break  # a group row inside the head
        count += 1
    return count if count <= MAX_HEAD_ROWS else 0


def _distinct(row: Sequence[Cell]) -> list[Cell]:
    """The filled cells of a row, a spanned cell once."""
    found: list[Cell] = []
    for cell in row:
        if cell.text.strip() and (not found or found[-1].start != cell.start):
            found.append(cell)
    return found


def _path(head: Sequence[Sequence[Cell]], column: int) -> list[Cell]:
    """The headings above a column, top first, a spanned one once."""
    found: list[Cell] = []
    for row in head:
        if column < len(row) and row[column].text.strip() and all(c.start != row[column].start for c in found):
            found.append(row[column])
    return found


def _stub_columns(body: Sequence[Sequence[Cell]], paths: Sequence[Sequence[Cell]], matcher: ArmMatcher) -> int:
    """How many columns at the left hold labels: the first, and those behind it with words in their cells."""
    count = 1
    while count < min(4, len(paths) - 1):
        cells = [
            row[count]
            for row in body
            if count < len(row) and row[count].text.strip() and row[count].start != row[0].start
        ]
        heading = " ".join(c.text for c in paths[count])
        numeric = sum(
            any(ch.isdigit() for ch in c.text)
            and (read_cell(c.text).skeleton in RESULTS or not re.search(r"[^\W\d_]{2}", c.text))
            for c in cells
        )
        timed = sum(moment_of(c.text) is not None or is_entry(c.text) for c in cells)
        if not cells or numeric - min(timed, numeric) > len(cells) // 5 or size_of(heading):
            break
        if any(matcher.match(bare_heading(c.text)) is not None for c in paths[count]) or _P_VALUE.match(
            heading.strip()
        ):
            break
        if heading_key(heading) in ("n", "mean", "sd", "total", "all"):
            break
        count += 1
    return count


def _arms_in_rows(body: Sequence[Sequence[Cell]], stub: int, matcher: ArmMatcher) -> bool:
    """Whether the labels of the rows are arms."""
    found: set[int] = set()
    for row in body:
        for cell in row[:stub]:
            if cell.text and len(cell.text) < 60 and (arm := matcher.match(cell.text)) is not None:
                found.add(arm)
    return len(found) >= 2


def _columns(paths: Sequence[Sequence[Cell]], stub: int, matcher: ArmMatcher, row_arms: bool) -> dict[int, Column]:
    data = range(stub, len(paths))
    everywhere = {c.start for c in paths[stub]} if len(paths) - stub > 1 else set()
    for k in data:
        everywhere &= {c.start for c in paths[k]}
    found = {k: _column(paths[k], everywhere, matcher) for k in data}
    found = _one_heading_one_arm(_spread_of_neighbour(found, paths), paths)
    if not row_arms:
        found = _by_elimination(found, paths, matcher)
    found = _distrusted(found, everywhere)
    has_arms = any(c.arm is not None for c in found.values())
    shared = _shared(found, paths)
    for k, column in found.items():
        if column.population is not None and column.population.start in shared:
            found[k] = replace(column, population=None)
    for k, column in found.items():
        if column.role != "results" or column.arm is not None or column.total:
            continue
        if column.population is not None and (column.population.start in everywhere):
            found[k] = column = replace(column, population=None)
        if column.population is None and column.endpoint is not None:
            text = column.endpoint.text
            people = size_of(text) or speaks_of(text, "group")
            if row_arms:
                continue
            if people and not is_entry(text):
                found[k] = replace(column, population=column.endpoint, endpoint=None, certain=False)
            elif has_arms or column.endpoint.start not in everywhere:
                found[k] = replace(column, role="skip")
        elif column.population is not None:
            found[k] = replace(column, certain=False)
        elif has_arms and not row_arms:
            # "Baseline" beside columns of arms: nobody knows whose
            found[k] = replace(column, role="skip")
    return found


def _distrusted(columns: dict[int, Column], everywhere: set[int]) -> dict[int, Column]:
    """One arm without a size among several other unsized headings ("CIN1", "CIN2", "CIN3") is a word of the text that
    was taken for an arm."""
    results = [c for c in columns.values() if c.role == "results" and not c.total]
    arms = {c.arm for c in results if c.arm is not None}
    others = {c.endpoint.text for c in results if c.arm is None and c.endpoint and c.endpoint.start not in everywhere}
    if len(arms) != 1 or len(others) < 2 or any(c.size for c in results):
        return columns
    return {k: replace(c, role="skip") if c.role == "results" and not c.total else c for k, c in columns.items()}


def _spread_of_neighbour(columns: dict[int, Column], paths: Sequence[Sequence[Cell]]) -> dict[int, Column]:
    """A column headed "SD" alone belongs to the mean at its left."""
    found = dict(columns)
    for k, column in columns.items():
        left = found.get(k - 1)
        if (
            left is not None
            and len(paths[k]) == 1
            and column.form.bare
            and not column.form.has_head
            and left.arm is not None
        ):
            found[k] = replace(left, form=column.form, size=None)
    return found


def _shared(columns: dict[int, Column], paths: Sequence[Sequence[Cell]]) -> set[int]:
    """The headings above all columns of groups ("Treatment groups"), which therefore set none apart."""
    of_groups = [{c.start for c in paths[k]} for k, c in columns.items() if c.role == "results" and not c.total]
    return set.intersection(*of_groups) if len(of_groups) > 1 else set()


def _column(path: Sequence[Cell], everywhere: set[int], matcher: ArmMatcher) -> Column:
    """One column by its headings, each read on its own and the lower ones last."""
    column = Column(heading=" ".join(c.text for c in path))
    for cell in path:
        column = _add_heading(column, cell, cell.start in everywhere, matcher)
    if column.entry and speaks_of(column.heading, "change"):
        column = replace(column, entry=False)
    if column.role == "effect" and (column.arm is not None) and not column.compares:
        column = replace(column, compares=(column.arm,))
    if not path:
        column = replace(column, role="skip")
    return column


def _add_heading(column: Column, cell: Cell, spanning: bool, matcher: ArmMatcher) -> Column:
    text = cell.text.strip()
    form = form_of(text)
    bare = bare_heading(text)
    key = heading_key(bare)
    if re.match(r"(?i)p[\s-]?values?\b.*\bfor\b|p[\s-]?values?\W*;|p for\b", text):
        return replace(column, role="skip")
    if _P_VALUE.match(text):
        return replace(column, role="skip" if _WITHIN.search(column.heading) else "p_value")
    if size_of(text):
        column = replace(column, size=cell)
        if not bare:
            return column
    if form.ratio or form.difference is not None or re.fullmatch(r"(?i)effect(?: size)?\W*\(?95\s?%\s*CI\)?\W*", text):
        if re.search(r"(?i)effect size|standardi[sz]ed|cohen", text):
            return replace(column, role="skip")
        return replace(column, role="effect", form=form, compares=tuple(sorted(matcher.mentioned(text))))
    if _VERSUS.search(text) and len(matcher.mentioned(text)) > 1:
        return replace(
            column, role="effect", form=form if form else column.form, compares=tuple(sorted(matcher.mentioned(text)))
        )
    if not spanning and not form.has("mean", "median") and is_test(bare) and matcher.match(bare) is None:
        return replace(column, role="skip")
    if form:
        column = replace(column, form=_joined(column.form, form))
        if form.bare or not bare:
            if set(form.at) == {"ci"}:
                return replace(column, role="ci")
            return column
    arm = None if spanning else matcher.match(bare)
    if arm is not None:
        if column.arm not in (None, arm):
            return replace(column, role="skip")  # headings of two arms, one above the other
        return replace(column, arm=arm)
    plain_key = (
        key.removesuffix(" patients").removesuffix(" participants").removesuffix(" subjects").removesuffix(" pts")
    )
    if key in _TOTAL or plain_key in _TOTAL:
        return replace(column, total=True)
    if is_entry(bare):
        return replace(column, entry=True)
    if grades_of(bare) or key in ("all grades", "any grade", "all grade", "any", "grade"):
        return replace(column, grade=cell)
    moment = moment_of(bare)
    if moment is not None and (moment.whole or not speaks_of(bare, "group")):
        return replace(column, moment=cell, entry=False)
    if spanning:
        return column if column.endpoint is not None else replace(column, endpoint=cell)
    if not re.search(r"[^\W\d_]", bare):
        return column
    if key in (
        "n",
        "no",
        "number",
        "mean",
        "value",
        "values",
        "events",
        "group",
        "groups",
        "treatment groups",
        "treatment group",
    ):
        return column
    if size_of(text) or (speaks_of(bare, "group") and not speaks_of(bare, "change")):
        return replace(column, population=cell)
    return replace(column, endpoint=cell)


def _joined(upper: Form, lower: Form) -> Form:
    """The lower heading's form, with what only the upper one says."""
    if not upper:
        return lower
    if lower.has_head:
        return (
            Form({**upper.at, **lower.at}, lower.ratio or upper.ratio, lower.difference, lower.bare)
            if not upper.has_head
            else lower
        )
    return Form({**upper.at, **lower.at}, upper.ratio, upper.difference, upper.bare)


def _one_heading_one_arm(columns: dict[int, Column], paths: Sequence[Sequence[Cell]]) -> dict[int, Column]:
    """Two different headings for one arm ("5 mg", "10 mg") are subgroups of it, and which is meant is not known."""
    wording: dict[int, set[tuple[str, ...]]] = {}
    cells: dict[int, Cell] = {}
    for k, column in columns.items():
        if column.arm is None or column.role != "results":
            continue
        for cell in paths[k]:
            words = heading_words(bare_heading(cell.text))
            wording.setdefault(column.arm, set()).add(words)
            cells.setdefault(k, cell)
    sides: dict[int, set[tuple[str, ...]]] = {}
    for k, column in columns.items():
        if column.arm is not None and column.role == "results":
            sides.setdefault(column.arm, set()).add(_arm_words(paths[k], column))
    found = dict(columns)
    for k, column in columns.items():
        if column.arm is not None and column.role == "results" and len(sides[column.arm]) > 1:
            named = _arm_cell(paths[k], column)
            found[k] = replace(column, arm=None, population=named, certain=False)
    return found


def _arm_cell(path: Sequence[Cell], column: Column) -> Cell | None:
    """The heading that named the column's arm: the lowest that is nothing else."""
    for cell in reversed(path):
        if cell in (column.moment, column.grade, column.endpoint, column.population):
            continue
        bare = bare_heading(cell.text)
        if re.search(r"[^\W\d_]", bare) and not form_of(cell.text).bare and not is_entry(bare):
            return cell
    return None


def _arm_words(path: Sequence[Cell], column: Column) -> tuple[str, ...]:
    cell = _arm_cell(path, column)
    return heading_words(bare_heading(cell.text)) if cell is not None else ()


def _by_elimination(
    columns: dict[int, Column], paths: Sequence[Sequence[Cell]], matcher: ArmMatcher
) -> dict[int, Column]:
    """In a trial of two arms and a table of two groups, the heading that is left over names the arm left over."""
    if len({k for k, _ in matcher.names}) != 2:
        return columns
    known = {c.arm for c in columns.values() if c.arm is not None and c.role == "results"}
    groups = {
        heading_words(bare_heading(cell.text)): cell
        for c in columns.values()
        if c.arm is None and c.role == "results" and not c.total and (cell := c.population or c.endpoint) is not None
    }
    if len(known) != 1 or len(groups) != 1 or len(next(iter(groups))) > 3:
        return columns
    (cell,) = groups.values()
    siblings = {c.start for k, col in columns.items() if col.arm is not None for c in paths[k]}
    sized = {
        bool(size_of(c.text))
        for k, col in columns.items()
        if col.arm is not None
        for c in paths[k]
        if c is _arm_cell(paths[k], col)
    }
    if (
        cell.start in siblings
        or sized != {bool(size_of(cell.text))}
        or not (size_of(cell.text) or speaks_of(cell.text, "group"))
    ):
        return columns
    other = ({k for k, _ in matcher.names} - known).pop()
    return {
        k: replace(c, arm=other, population=None, endpoint=None if c.endpoint == cell else c.endpoint, certain=False)
        if c.arm is None and c.role == "results" and cell in (c.population, c.endpoint) else c
        for k, c in columns.items()
    }  # fmt: skip


# --- rows -------------------------------------------------------------------------------------------------------------


def _read_rows(
    reading: TableReading,
    body: Sequence[Sequence[Cell]],
    stub: int,
    paths: Sequence[Sequence[Cell]],
    matcher: ArmMatcher,
) -> None:
    columns = reading.columns
    group: Cell | None = None
    carried: tuple[Cell, ...] = ()
    for row in body:
        if not row:
            continue
        labels = _distinct(row[:stub])
        data = _data(row, stub)
        filled = [(k, c) for k, c in data if c.text.strip() and k in columns and _of_one_group(row, k, columns)]
        if labels and (not filled or len(_distinct(row)) == 1):
            group, carried = labels[-1], ()
            reading.rows.append(Row(tuple(labels), None, (), columns, opens=True))
            continue
        if filled and labels and all(columns[k].role == "p_value" for k, _ in filled):
            group, carried = labels[-1], ()
            reading.rows.append(Row(tuple(labels), None, tuple(filled), columns, opens=True))
            continue
        if filled and all(size_of(c.text) for _, c in filled):
            columns = _with_sizes(columns, filled)
            if labels:
                group, carried = labels[-1], ()
            reading.rows.append(Row(tuple(labels), None, tuple(filled), columns, opens=bool(labels), size_row=True))
            continue
        if filled and not labels and not any(_is_result(c) for _, c in filled):
            distinct = {c.start for _, c in filled}
            if len(distinct) == 1 and len(filled) > 1:
                group, carried = filled[0][1], ()
                reading.rows.append(Row((group,), None, (), columns, opens=True))
            elif not any(_P_STATED.match(c.text) for _, c in filled):
                columns = _reheaded(paths, stub, row, matcher, reading.arms_in_rows)
                group = None
            continue
        if not filled:
            continue
        if labels and not row[0].text.strip() and carried:
            labels = [*carried, *labels]
        elif not labels:
            labels = list(carried)
        elif row[0].text.strip():
            carried = (row[0],) if stub > 1 else tuple(labels)
        arm = None
        if reading.arms_in_rows:
            arms = {a for c in labels if (a := matcher.match(c.text)) is not None}
            if not arms and group is not None and (above := matcher.match(group.text)) is not None:
                arms = {above}  # the arm heads its rows
            arm = arms.pop() if len(arms) == 1 else None
        reading.rows.append(Row(tuple(labels), group, tuple(filled), columns, arm))


def _data(row: Sequence[Cell], stub: int) -> list[tuple[int, Cell]]:
    """The data cells, a spanned one at its first column."""
    found: list[tuple[int, Cell]] = []
    for k in range(stub, len(row)):
        if k > stub and row[k].start == row[k - 1].start and row[k].text:
            continue
        if any(row[k].start == c.start for c in row[:stub]) and row[k].text:
            continue
        found.append((k, row[k]))
    return found


def _of_one_group(row: Sequence[Cell], k: int, columns: dict[int, Column]) -> bool:
    """Whether all columns that a spanned cell covers are of one group; else nobody's result stands in it."""
    end = k + 1
    while end < len(row) and row[end].start == row[k].start:
        end += 1
    return len({columns[i].group for i in range(k, end) if i in columns and columns[i].role == "results"}) <= 1


def _with_sizes(columns: dict[int, Column], filled: Sequence[tuple[int, Cell]]) -> dict[int, Column]:
    sizes = dict(filled)
    return {k: replace(c, size=sizes[k]) if k in sizes else c for k, c in columns.items()}


def _reheaded(
    paths: Sequence[Sequence[Cell]], stub: int, row: Sequence[Cell], matcher: ArmMatcher, row_arms: bool
) -> dict[int, Column]:
    """The columns under a row of new headings half-way down."""
    longer = [
        [*path, row[k]] if k >= stub and k < len(row) and row[k].text.strip() else list(path)
        for k, path in enumerate(paths)
    ]
    return _columns(longer, stub, matcher, row_arms)
