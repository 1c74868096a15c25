"""Reading tables: wording, cells, headings, arms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.documents.model import Cell, Table
from extractor.rules.arm import ArmName
from extractor.rules.table import read_table
from extractor.rules.table_arms import ArmMatcher, bare_heading
from extractor.rules.table_cell import Context, interpret, not_reached, read_cell
from extractor.rules.table_form import form_of, grades_of, is_entry, moment_of, size_of


def table(caption: str, *rows: str, head: int = 1) -> Table:
    """A table from rows with cells between bars; a cell that says "<" goes on with its left neighbour."""
    position, built = len(caption) + 2, []
    for number, row in enumerate(rows):
        cells: list[Cell] = []
        for text in (part.strip() for part in row.split("|")):
            if text == "<":
                cells.append(cells[-1])
                continue
            cells.append(Cell(text, position, position + len(text), header=number < head))
            position += len(text) + 1
        built.append(tuple(cells))
    return Table("T1", caption, tuple(built), 0, position)


def matcher(**arms: str) -> ArmMatcher:
    """Arms by role: `intervention="drug a;a"` has one arm with two names, "/" parts arms."""
    named, roles = [], []
    for role, names in arms.items():
        for arm in names.split("|"):
            named.append(ArmName([tuple(name.split()) for name in arm.split(";")]))
            roles.append(role)
    return ArmMatcher(named, roles)


TWO = matcher(intervention="velorastat;vel", control="placebo")


class TestWording:
    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("Age, years, median (range)", {"median", "range"}),
            ("Female, n (%)", {"count", "percent"}),
            ("Days in hospital, mean ± SD", {"mean", "sd"}),
            ("Mean (SEM)", {"mean", "se"}),
            ("Median (IQR)", {"median", "iqr"}),
            ("No. (%)", {"count", "percent"}),
            ("M (SD)", {"mean", "sd"}),
            ("Mean number of tablets", {"mean"}),
            ("Placebo (n = 45)", set()),
            ("n-3 fatty acids", set()),
            ("Range of motion", set()),
            ("95% CI", {"ci"}),
        ],
    )
    def test_statistics_named(self, text: str, named: set[str]) -> None:
        assert set(form_of(text).at) == named

    def test_measures_of_effect(self) -> None:
        assert form_of("Adjusted hazard ratio (95% CI)").ratio == "hazard_ratio"
        assert form_of("OR (95% CI)").ratio == "odds_ratio"
        assert form_of("better or worse").ratio is None
        assert form_of("Mean difference (95% CI)").difference == "mean_difference"
        assert form_of("Risk difference").difference == "risk_difference"

    def test_only_statistics(self) -> None:
        assert form_of("Mean (SD)").bare
        assert not form_of("Mean pain (SD)").bare

    @pytest.mark.parametrize(
        ("text", "value", "unit"),
        [("Week 12", 12, "weeks"), ("12 weeks", 12, "weeks"), ("6-month follow-up", 6, "months"),
         ("Six months", 6, "months"),
         ("Change at week 8", 8, "weeks"), ("Day 0 to day 30", 30, "days")],
    )  # fmt: skip
    def test_times(self, text: str, value: float, unit: str) -> None:
        moment = moment_of(text)
        assert moment is not None
        assert (moment.value, moment.unit, moment.stated) == (value, unit, True)

    def test_lengths_of_time_are_no_times(self) -> None:
        assert moment_of("Aged 65 years") is None
        exercise = moment_of("Hospital stay of 6 months, one or more")
        assert exercise is None or not exercise.stated
        assert moment_of("Every 3 weeks") is None

    def test_before_treatment(self) -> None:
        assert all(is_entry(t) for t in ("Baseline", "Pre-treatment", "Week 0", "Baseline (n = 40)"))
        assert not any(is_entry(t) for t in ("Change from baseline", "Week 12", "Post"))

    def test_grades(self) -> None:
        assert grades_of("Grade 3-4") == (3, 4)
        assert grades_of("Grade ≥3") == (3, 4, 5)
        assert grades_of("Grade III or IV") == (3, 4)
        assert grades_of("grade 2 or higher") == (2, 3, 4, 5)
        assert grades_of("Any grade") == ()

    def test_sizes(self) -> None:
        assert size_of("Docetaxel (n = 191)") == (191, 15, 18)
        assert size_of("N=1,204") == (1204, 2, 7)
        assert size_of("Control (n=10 859)") == (10859, 11, 17)
        assert size_of("Group (57 patients)") == (57, 7, 9)
        assert size_of("n = 72, 39") is None
        assert size_of("Knees (90 knees)") is None


class TestCells:
    @pytest.mark.parametrize(
        ("text", "skeleton", "values"),
        [
            ("24/66 (36.4%)", "N/N(P)", [24, 66, 36.4]),
            ("29 (16–63)", "N(N-N)", [29, 16, 63]),
            ("0.07 (-0.03, 0.19)", "N(N,N)", [0.07, -0.03, 0.19]),
            ("−0.9 ± 1.2*", "N±N", [-0.9, 1.2]),
            ("10·3±2·1", "N±N", [10.3, 2.1]),
            ("5.6 (95% CI 4.1 to 7.3)", "N(N-N)", [5.6, 4.1, 7.3]),
            ("<0.001", "N", [0.001]),
            ("9238/19 984 (46%)", "N/N(P)", [9238, 19984, 46]),
            ("1,234", "N", [1234]),
            ("12.3 months", "N", [12.3]),
        ],
    )
    def test_numbers_and_skeleton(self, text: str, skeleton: str, values: list[float]) -> None:
        cell = read_cell(text)
        assert (cell.skeleton, [n.value for n in cell.numbers]) == (skeleton, values)

    @pytest.mark.parametrize(
        "text", ["Weekly 5 mg", "t(33) = 0.21, p = .84", "NS", "–", "CC 60‐89 mL/min", "T11 ± 1.2", ""]
    )
    def test_words_are_no_results(self, text: str) -> None:
        assert interpret(read_cell(text), Context([form_of("mean (SD)")], [])) is None

    @pytest.mark.parametrize(
        ("cell", "form", "size", "expected"),
        [
            ("24/66 (36.4%)", "", 0, ["count", "denominator", "percent"]),
            ("34 (51.5)", "n (%)", 66, ["count", "percent"]),
            ("34 (51.5)", "", 66, ["count", "percent"]),
            ("51.5 (34)", "% (n)", 66, ["percent", "count"]),
            ("4.9 (8.3)", "mean (SD)", 66, ["mean", "sd"]),
            ("4.9 (8.3)", "mean (SEM)", 0, ["mean", "se"]),
            ("29 (16–63)", "median (range)", 0, ["median", "range_low", "range_high"]),
            ("29 (16–63)", "median (IQR)", 0, ["median", "q1", "q3"]),
            ("0.54 (0.36–0.81)", "HR (95% CI)", 0, ["hazard_ratio", "ci_low", "ci_high"]),
            ("61", "%", 0, ["percent"]),
            ("0", "n (%)", 62, ["count"]),
            ("5.1 ± 1.2", "", 0, ["mean", "sd"]),
        ],
    )
    def test_what_the_numbers_are(self, cell: str, form: str, size: float, expected: list[str]) -> None:
        found = interpret(read_cell(cell), Context([form_of(form)], [], size))
        assert found is not None
        assert [statistic for _, statistic in found] == expected

    @pytest.mark.parametrize(
        ("cell", "form", "size"),
        [
            ("34 (51.5)", "", 0),  # nothing says what it is
            ("12", "", 0),
            ("4.9 (8.3)", "", 66),
            ("70 (51.5)", "n (%)", 66),  # more than there are
            ("0.54 (0.66–0.81)", "HR (95% CI)", 0),  # outside its interval
            ("13/17", "", 30),
            ("140", "%", 0),
            ("29 (16–63)", "", 0),
        ],
    )
    def test_nothing_is_guessed(self, cell: str, form: str, size: float) -> None:
        assert interpret(read_cell(cell), Context([form_of(form)], [], size)) is None

    def test_percent_of_a_quantity_is_no_share_of_people(self) -> None:
        assert interpret(read_cell("8.5"), Context([form_of("%")], [], people=False)) is None

    def test_not_reached(self) -> None:
        assert not_reached("Not reached") == (0, 11)
        assert not_reached("Not reached by any") is None

    @given(st.text(alphabet="0123456789 .,()%±<>-–/[]ntoCI*", max_size=40))
    def test_spans_hold_the_number(self, text: str) -> None:
        for number in read_cell(text).numbers:
            assert 0 <= number.start < number.end <= len(text)
            assert any(c.isdigit() for c in text[number.start : number.end])


class TestArms:
    def test_names_sizes_and_doses(self) -> None:
        for heading in ("Velorastat", "VEL (n = 45)", "Velorastat group", "Velorastat 90 mg", "Velorastat, n (%)"):
            assert TWO.match(bare_heading(heading)) == 0
        assert TWO.match("Placebo (N=44)") == 1

    def test_a_combination_is_another_arm(self) -> None:
        assert TWO.match("Velorastat + exercise") is None
        assert TWO.match("Velorastat/placebo") is None

    def test_roles(self) -> None:
        assert TWO.match("Control group") == 1
        assert TWO.match("Intervention (n = 12)") == 0
        several = matcher(intervention="drug a|drug b", control="placebo")
        assert several.match("Intervention") is None

    def test_no_intervention(self) -> None:
        arms = matcher(intervention="intervention", control="control")
        assert (arms.match("Intervention"), arms.match("No intervention")) == (0, 1)
        assert arms.match("Without outcome") is None

    def test_other_headings_name_no_arm(self) -> None:
        assert all(TWO.match(h) is None for h in ("Baseline", "Week 12", "P value", "Women", "Total", ""))


class TestTables:
    def test_headings_over_two_rows(self) -> None:
        found = read_table(
            table(
                "Table 3. Adverse events", "Event | Velorastat (n = 45) | < | Placebo (n = 44) | <",
                " | Any grade | Grade 3–4 | Any grade | Grade 3–4", "Nausea | 12 (27) | 1 (2) | 9 (20) | 0", head=2,
            ),
            TWO,
        )  # fmt: skip
        assert found is not None
        assert found.kind == "adverse_event"
        assert [found.columns[k].arm for k in (1, 2, 3, 4)] == [0, 0, 1, 1]
        assert all(found.columns[k].grade for k in (1, 2, 3, 4))

    def test_totals_p_values_and_effects(self) -> None:
        found = read_table(
            table(
                "Table 2. Outcomes", "Outcome | Velorastat | Placebo | Total | HR (95% CI) | P value | t",
                "Relapse | 1 | 2 | 3 | 0.5 (0.1-2.0) | 0.4 | 1.1",
            ),
            TWO,
        )  # fmt: skip
        assert found is not None
        assert [found.columns[k].role for k in range(1, 7)] == [
            "results",
            "results",
            "results",
            "effect",
            "p_value",
            "skip",
        ]
        assert found.columns[3].total

    def test_group_rows_and_second_labels(self) -> None:
        found = read_table(
            table(
                "Table 2. Diet", " |  | Velorastat | Placebo", "Energy |  |  | ", "Fat | Baseline | 7 (2) | 8 (3)",
                " | Week 4 | 6 (2) | 8 (2)",
            ),
            TWO,
        )  # fmt: skip
        assert found is not None
        group, first, second = found.rows
        assert group.opens
        assert first.group is not None
        assert first.group.text == "Energy"
        assert [c.text for c in second.labels] == ["Fat", "Week 4"]

    def test_baseline_tables(self) -> None:
        for caption, kind in (
            ("Table 1. Baseline characteristics", "demographic"),
            ("Characteristics of the patients at entry", "demographic"),
            ("Table 2. Change from baseline to week 12", "outcome"),
            ("Baseline demographics (safety population)", "demographic"),
            ("Table 4. Surgery characteristics", "outcome"), ("Postoperative complications", "adverse_event"),
        ):  # fmt: skip
            found = read_table(table(caption, "Item | Velorastat | Placebo", "Age | 1.0 ± 0.2 | 1.1 ± 0.3"), TWO)
            assert found is not None
            assert found.kind == kind, caption

    def test_a_heading_short_of_cells_stands_over_the_wrong_columns(self) -> None:
        short = table(
            "T", "Item | Velorastat | Placebo", " | Mean | SD | Mean | SD", "Age | 60.1 | 6.2 | 62.3 | 6.1", head=2
        )
        assert read_table(short, TWO) is None

    def test_tables_about_other_studies(self) -> None:
        assert read_table(table("T", "Author | Velorastat | Placebo", "Poe 1999 | 12 (10%) | 14 (11%)"), TWO) is None

    def test_one_arm_under_two_headings_is_not_named(self) -> None:
        doses = table("T", "Item | Velorastat 5 mg | Velorastat 10 mg | Placebo", "Age | 1 ± 2 | 2 ± 2 | 3 ± 2")
        found = read_table(doses, TWO)
        assert found is not None
        assert [found.columns[k].arm for k in (1, 2, 3)] == [None, None, 1]

    def test_empty_and_ragged_tables(self) -> None:
        assert read_table(table("T", "A | B"), TWO) is None
        assert read_table(Table("T", "", (), 0, 0), TWO) is None
        assert read_table(Table("T", "", ((), (), ()), 0, 0), TWO) is None
        read_table(table("T", "A | Placebo | Velorastat", "x", "y | 1 ± 2 | 2 ± 1 | 3 | 4"), TWO)

    def test_one_arm_among_other_headings_is_not_trusted(self) -> None:
        stages = table("T", "Item | Normal | Velorastat | Severe", "Age | 1 ± 2 | 2 ± 2 | 3 ± 2")
        found = read_table(stages, TWO)
        assert found is not None
        assert {c.role for c in found.columns.values()} == {"skip"}

    def test_an_arm_can_head_its_rows(self) -> None:
        rows = ("Velorastat group | ", "Weight | 61.1 ± 2.0", "Placebo group | ", "Weight | 62.4 ± 3.1")
        found = read_table(table("T", "Item | Week 12", *rows), TWO)
        assert found is not None
        assert [row.arm for row in found.rows if not row.opens] == [0, 1]
