"""From an article with tables to facts, through the whole pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractor.documents.reader import read
from extractor.records.assemble import _arms, _without_facts
from extractor.records.table_facts import build_table_facts
from extractor.rules.analysis import analysis_of
from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from spacy.language import Language

    from extractor.documents.model import Document

Fact = dict[str, Any]
ARTICLE = """<article><front><article-meta><title-group>
<article-title>Velorastat versus placebo in adults with gout: a randomised trial</article-title></title-group>
<abstract><p>We randomly assigned 89 adults to velorastat (n = 45) or placebo
(n = 44). Fewer flares occurred in the velorastat group than in the placebo group.</p></abstract>
</article-meta></front>
<body><sec><title>Results</title>
<p>Patients in the velorastat group had fewer flares than those in the placebo group.</p>
{table}</sec></body></article>"""


def wrap(caption: str, head: list[str], rows: list[str], foot: str = "") -> str:
    """A JATS table; cells between bars."""
    top = "".join(f"<tr>{''.join(f'<th>{c.strip()}</th>' for c in row.split('|'))}</tr>" for row in head)
    body = "".join(f"<tr>{''.join(f'<td>{c.strip()}</td>' for c in row.split('|'))}</tr>" for row in rows)
    note = f"<table-wrap-foot><p>{foot}</p></table-wrap-foot>" if foot else ""
    return (
        f'<table-wrap id="T1"><label>Table 1</label><caption><p>{caption}</p></caption>'
        f"<table><thead>{top}</thead><tbody>{body}</tbody></table>{note}</table-wrap>"
    )


def facts_of(nlp: Language, table: str) -> tuple[Document, list[Fact], dict[str, str]]:
    """The table's facts, and the role of each arm id."""
    raw = RawArticle(content=ARTICLE.format(table=table).encode(), name="a", path="a.xml")
    (document,) = read(raw)
    doc = nlp.make_doc(document.text)
    doc.user_data["excluded"] = _without_facts(document)
    analysis = analysis_of(nlp(doc))
    arms, ids = _arms(analysis)
    return document, build_table_facts(document, analysis, ids, 7), {a["id"]: a["role"] for a in arms}


def told(fact: Fact, roles: dict[str, str]) -> tuple[str, str | None, dict[str, float]]:
    """Kind, the arm's role, values by statistic."""
    return fact["kind"], roles.get(fact["arm"]), {v["statistic"]: v["value"] for v in fact["values"]}


HEAD = ["Outcome | Velorastat (n = 45) | Placebo (n = 44) | P value"]


def test_counts_means_and_p_values(nlp: Language) -> None:
    document, facts, roles = facts_of(
        nlp,
        wrap(
            "Outcomes at the end of the trial", HEAD,
            ["Flare, n/N (%) | 9/45 (20.0%) | 18/44 (40.9%) | 0.03",
             "Serum urate, mg/dl, mean (SD) | 5.1 (1.2) | 7.9 (1.5) | &lt;0.001"],
        ),
    )  # fmt: skip
    assert [told(f, roles) for f in facts] == [
        ("cohort_size", "intervention", {"count": 45}),
        ("cohort_size", "control", {"count": 44}),
        ("outcome", "intervention", {"count": 9, "denominator": 45, "percent": 20.0}),
        ("outcome", "control", {"count": 18, "denominator": 44, "percent": 40.9}),
        ("effect", None, {"p_value": 0.03}),
        ("outcome", "intervention", {"mean": 5.1, "sd": 1.2}),
        ("outcome", "control", {"mean": 7.9, "sd": 1.5}),
        ("effect", None, {"p_value": 0.001}),
    ]
    assert [f["id"] for f in facts] == [f"f{7 + k}" for k in range(8)]
    assert facts[-1]["values"][0]["relation"] == "<"
    assert [roles[a] for a in facts[4]["compares"]] == ["intervention", "control"]
    assert facts[5]["endpoint"]["label"] == "Serum urate"
    for fact in facts:
        assert fact["evidence"]["section"] == "Results"
        for value in fact["values"]:
            assert document.text[value["start"] : value["end"]] == value["text"]
            assert fact["evidence"]["start"] <= value["start"] < value["end"] <= fact["evidence"]["end"]


def test_adverse_events_with_grades(nlp: Language) -> None:
    table = wrap(
        "Adverse events, n (%)", ["Event | Velorastat | Placebo", "| Grade 3-4 | Grade 3-4"],
        ["Gastrointestinal | | ", "Nausea | 12 (26.7) | 3 (6.8)", "Death | 1 (2.2) | 0"],
    )  # fmt: skip
    _, facts, roles = facts_of(nlp, table)
    assert [told(f, roles) for f in facts] == [
        ("adverse_event", "intervention", {"count": 12, "percent": 26.7}),
        ("adverse_event", "control", {"count": 3, "percent": 6.8}),
        ("death", "intervention", {"count": 1, "percent": 2.2}),
        ("death", "control", {"count": 0}),
    ]
    assert facts[0]["event"]["term"] == "nausea"
    assert facts[0]["event"]["grades"] == (3, 4)


def test_baseline_table_is_demographic_and_its_p_values_are_no_effects(nlp: Language) -> None:
    table = wrap(
        "Baseline characteristics", HEAD, ["Age (years) | 51.2 ± 8.1 | 50.7 ± 9.0 | 0.8"], "Values are mean ± SD."
    )
    _, facts, roles = facts_of(nlp, table)
    assert [told(f, roles) for f in facts[2:]] == [
        ("demographic", "intervention", {"mean": 51.2, "sd": 8.1}),
        ("demographic", "control", {"mean": 50.7, "sd": 9.0}),
    ]
    assert facts[0]["role"] == "randomized"
    assert facts[2]["values"][0]["unit"] == "years"


def test_standard_errors_are_told_from_deviations(nlp: Language) -> None:
    for note, statistic in (("Data are means ± SEM.", "se"), ("Data are means ± SD.", "sd")):
        _, facts, _ = facts_of(nlp, wrap("Pain", HEAD, ["Pain score | 3.1 ± 0.2 | 4.1 ± 0.3 | "], note))
        assert facts[-1]["values"][1]["statistic"] == statistic


def test_an_unstated_spread_lowers_the_confidence(nlp: Language) -> None:
    _, stated, _ = facts_of(nlp, wrap("Pain", HEAD, ["Pain score, mean ± SD | 3.1 ± 0.2 | 4.1 ± 0.3 | "]))
    _, unstated, _ = facts_of(nlp, wrap("Pain", HEAD, ["Pain score | 3.1 ± 0.2 | 4.1 ± 0.3 | "]))
    assert unstated[-1]["confidence"] < stated[-1]["confidence"]


def test_times_in_headings_and_labels(nlp: Language) -> None:
    table = wrap(
        "Pain score, mean (SD)",
        ["Time | Velorastat | Placebo"],
        ["Baseline | 6.1 (1.0) | 6.0 (1.1)", "Week 12 | 3.0 (1.2) | 5.0 (1.3)"],
    )
    _, facts, _ = facts_of(nlp, table)
    assert [f["kind"] for f in facts] == ["demographic", "demographic", "outcome", "outcome"]
    assert facts[0]["timepoint"] is None
    assert (facts[2]["timepoint"]["value"], facts[2]["timepoint"]["unit"]) == (12, "weeks")


def test_an_effect_takes_its_interval_and_p_value(nlp: Language) -> None:
    table = wrap(
        "Efficacy", ["Endpoint | Velorastat | Placebo | Hazard ratio (95% CI) | P value"],
        ["First flare, n (%) | 9 (20.0) | 18 (40.9) | 0.44 (0.20-0.97) | 0.04"],
    )  # fmt: skip
    _, facts, roles = facts_of(nlp, table)
    assert told(facts[-1], roles) == (
        "effect", None, {"hazard_ratio": 0.44, "ci_low": 0.2, "ci_high": 0.97, "p_value": 0.04},
    )  # fmt: skip


def test_numbers_and_spreads_in_columns_of_their_own(nlp: Language) -> None:
    head = ["Item | Velorastat | Velorastat | Placebo | Placebo", " | n | % | n | %"]
    _, facts, roles = facts_of(nlp, wrap("Flares", head, ["Any flare | 9 | 20.0 | 18 | 40.9"]))
    assert [told(f, roles)[2] for f in facts] == [{"count": 9, "percent": 20.0}, {"count": 18, "percent": 40.9}]


def test_totals_and_unknown_groups(nlp: Language) -> None:
    head = ["Item | Velorastat (n = 45) | Healthy controls of another town (n = 20) | Total (n = 109)"]
    _, facts, roles = facts_of(nlp, wrap("Flares", head, ["Any flare, n (%) | 9 (20.0) | 2 (10.0) | 29 (26.6)"]))
    outcome = [f for f in facts if f["kind"] == "outcome"]
    assert [roles.get(f["arm"]) for f in outcome] == ["intervention", None, None]
    assert outcome[1]["population"]["label"].startswith("Healthy controls")
    assert outcome[1]["confidence"] < outcome[0]["confidence"]
    assert outcome[2]["population"] is None


@pytest.mark.parametrize(
    "rows",
    [
        ["Dose, mg | 5 | 10 | "], ["Male/female | 20/25 | 22/22 | 0.7"], ["Visit | done | not done | "],
        ["Flare | 12 | 14 | "], ["Stiffness | 5.1 (1.2) | 7.9 (1.5) | "], ["Year | 2004 | 2006 | "],
    ],
)  # fmt: skip
def test_what_is_not_said_gives_no_result(nlp: Language, rows: list[str]) -> None:
    _, facts, _ = facts_of(nlp, wrap("Further findings", HEAD, rows))
    assert all(f["kind"] in ("cohort_size", "effect") for f in facts)


def test_a_long_table_is_read_to_its_end(nlp: Language) -> None:
    rows = [f"Symptom {k}, n (%) | 9 (20.0) | 18 (40.9) | 0.03" for k in range(2000)]
    _, facts, _ = facts_of(nlp, wrap("Symptoms", HEAD, rows))
    assert len(facts) == 2 + 3 * 2000
