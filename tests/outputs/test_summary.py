from pathlib import Path

import pytest
from rich.console import Console

from extractor import SCHEMA_VERSION
from extractor.cli import main
from extractor.errors import RecordError, UsageError
from extractor.outputs.summary import about_fact, plain, print_summary, quote, study_size, values_of
from extractor.records.models import Record

TEXT = "In the trial 40 patients were enrolled and, after a long wait, 12 of 40 (30%) on drug A had a response. End."


def span(word: str, nth: int = 0) -> dict[str, int]:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(word, start + 1)
    return {"start": start, "end": start + len(word)}


def value(statistic: str, word: str, number: float | None, nth: int = 0, **more: object) -> dict[str, object]:
    return {"statistic": statistic, "value": number, "text": word, **span(word, nth), **more}


EVIDENCE = {"start": 0, "end": TEXT.index(" End.")}
ENROLLED = {
    "id": "f1", "kind": "cohort_size", "role": "enrolled", "rule": "r", "confidence": 0.9, "evidence": EVIDENCE,
    "values": [value("count", "40", 40)],
}  # fmt: skip
RESPONSE = {
    "id": "f2", "kind": "response", "arm": "a1", "rule": "r", "confidence": 0.9, "evidence": EVIDENCE,
    "endpoint": {"label": "response", "code": "ORR", **span("response")},
    "values": [value("count", "12", 12), value("denominator", "40", 40, 1), value("percent", "30%", 30, unit="%")],
}  # fmt: skip


def record(*facts: dict[str, object], title: str | None = "A title", article_id: str = "a") -> Record:
    return Record.model_validate(
        {
            "schema_version": SCHEMA_VERSION,
            "extractor": {"version": "1", "rules": "r"},
            "article": {"id": article_id, "title": title, "source": {"format": "text", "sha256": "0" * 64}},
            "text": TEXT,
            "arms": [{"id": "a1", "label": "drug A", "role": "single", **span("drug A")}],
            "facts": facts,
        }
    )


def shown(out: Path, *records: Record, width: int = 120, **options: object) -> str:
    (out / "records").mkdir()
    for each in records:
        (out / "records" / f"{each.article.id}.json").write_text(each.to_json(), encoding="utf-8")
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_summary(console, out, **options)  # type: ignore[arg-type]
    return console.export_text()


def test_the_table_counts_facts_by_kind(tmp_path: Path) -> None:
    out = shown(tmp_path, record(ENROLLED, RESPONSE), record(title=None, article_id="untitled"))
    head, _, first, second, _, foot = [line for line in out.splitlines() if line.strip()][:6]
    assert head.split() == ["article", "design", "n", "arms", "size", "resp", "checks"]
    assert first.split() == ["A", "title", "40", "1", "1", "1", "-"]
    assert second.split() == ["untitled", "1", "-"]
    assert foot.split() == ["2", "articles,", "2", "facts", "1", "1"]


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, width: int) -> None:
    out = shown(tmp_path, record(ENROLLED, RESPONSE, title="A very long title " * 9), width=width)
    assert max(map(len, out.splitlines())) <= width
    assert "A very long title" in out


def test_one_record_is_shown_with_its_words(tmp_path: Path) -> None:
    out = shown(tmp_path, record(ENROLLED, RESPONSE), width=200)
    (line,) = [line for line in out.splitlines() if line.strip().startswith("response")]
    assert "ORR, [drug A]" in line
    assert "12/40 (30%)" in line
    assert "12 of 40 (30%)" in line


def test_a_record_can_be_chosen(tmp_path: Path) -> None:
    out = shown(tmp_path, record(ENROLLED, RESPONSE), record(ENROLLED, article_id="b", title="Other"), shown="b")
    assert "cohort_size" in out
    assert "\n response" not in out


def test_an_unknown_record_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"c\.json: no such record"):
        shown(tmp_path, record(), shown="c")


def test_a_folder_without_records_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="extractor batch"):
        print_summary(Console(), tmp_path)


def test_a_record_whose_text_was_changed_is_refused(tmp_path: Path) -> None:
    spoilt = record(ENROLLED).to_json().replace("trial 40 patients", "trial 50 patients")
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a.json").write_text(spoilt)
    with pytest.raises(RecordError, match=r"a\.json: not a valid record"):
        print_summary(Console(), tmp_path)


def test_the_first_of_the_preferred_roles_stands_for_the_study() -> None:
    randomized = {**ENROLLED, "id": "f3", "role": "randomized", "values": [value("count", "12", 12)]}
    of_an_arm = {**randomized, "id": "f4", "arm": "a1"}
    assert study_size(record(ENROLLED, randomized)) == "12"
    assert study_size(record(of_an_arm, ENROLLED)) == "40"
    assert study_size(record(of_an_arm)) == ""


def test_a_quote_keeps_to_the_evidence_and_to_whole_words() -> None:
    (fact,) = record(RESPONSE).facts
    text = quote(TEXT, fact).plain
    assert "12 of 40 (30%)" in text
    assert "End" not in text
    for word in text.strip("… ").split():
        assert word in TEXT.split()


def test_values_keep_relation_and_what_was_not_reached() -> None:
    (fact,) = record(
        {**RESPONSE, "values": [value("p_value", "30", 0.001, relation="<"), value("median", "long wait", None)]}
    ).facts
    assert values_of(fact) == "median long wait, p <0.001"
    assert about_fact(fact, {}) == "ORR, [a1]"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            [("hazard_ratio", 0.62), ("ci_level", 95, "%"), ("ci_low", 0.48), ("ci_high", 0.8), ("p_value", 0.003)],
            "HR 0.62 (95% CI 0.48 to 0.8), p 0.003",
        ),
        ([("median", 5.6, "months"), ("q1", 4), ("q3", 7.5)], "median 5.6 months (IQR 4 to 7.5)"),
        ([("mean", -1.5), ("sd", 0.25)], "mean -1.5, SD 0.25"),
        ([("count", 12000), ("count", 7)], "12,000, count 7"),
        ([("ci_low", 1)], "ci_low 1"),
    ],
)
def test_values_read_as_in_a_trial_report(values: list[tuple[object, ...]], line: str) -> None:
    made = [value(str(name), "40", number, unit=unit[0] if unit else None) for name, number, *unit in values]  # type: ignore[arg-type]
    (fact,) = record({**RESPONSE, "values": made}).facts
    assert values_of(fact) == line


def test_text_cannot_drive_the_terminal() -> None:
    assert plain("a\x1b[31mred\x07\nb\u202ec") == "a [31mred  b c"


def test_nothing_is_printed_before_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown(tmp_path, record())
    assert main(["summary", str(tmp_path), "--record", "../a"]) == 2
    assert capsys.readouterr().out == ""
