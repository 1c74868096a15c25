"""Any text goes through: no crash, no invented value, the same bytes twice, and work that grows with the length."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.documents.model import Document
from extractor.records.assemble import assemble, prepare
from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from types import FrameType

    from spacy.language import Language

    from extractor.records.models import Record

PHRASES = (
    *(
        "12",
        "24%",
        "24 %",
        "(16%)",
        "9·5",
        "13\u2009194",
        "1,009",
        "n = 45",
        "(n=45)",
        "±",
        "2.1",
        "12/40",
        "no deaths",
    ),
    *("one in five", "two thirds", "half", "none", "All", "million", "hundred", "1e999", "²", "٣", "9" * 400, "-fold"),
    *(
        "95% CI",
        "0.48 to 0.80",
        "(0.48-0.80)",
        "HR",
        "hazard ratio",
        "p<0.001",
        "P = .03",
        "-",
        "−",
        "–",
        "+/-",
        "<",
        "≥",
    ),
    *("vs", "versus", "and", ",", ";", ".", ". ", "respectively", "of", "/", "compared with", "in the", "was", "had"),
    *(
        "patients",
        "women",
        "months",
        "6 months",
        "5-year",
        "overall survival",
        "grade 3",
        "neutropenia",
        "adverse events",
    ),
    *("placebo", "examplin", "examplin plus othermab", "group A", "(A)", "randomized to", "received", "control group"),
    *("median", "mean", "IQR", "range", "aged", "RESULTS:", "METHODS:", "10(9)/L", "mg/m(2)", "75 mg daily", "day 13"),
    *(
        "(",
        "[",
        ")",
        "]",
        "((",
        "\u2009",
        "\u202f",
        "\u00a0",
        "\n",
        "\n\n",
        "\t",
        "\r\n",
        "\x0b",
        "\x00",
        "\u200b",
        "\ufeff",
    ),
    *(
        "2019;380(16):1525-34",
        "$",
        "shares",
        "will enroll",
        "The",
        "A",
        "°",
        "\u2028",
        "\U0001d7d7",
        "e\u0301",
        "%",
        "no no no",
    ),
)
TRIAL_TEXT = st.lists(st.tuples(st.sampled_from(PHRASES), st.sampled_from(("", " ", " "))), max_size=60).map(
    lambda parts: "".join(phrase + space for phrase, space in parts)
)
ANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
RAW = RawArticle(b"", "odd")


def record_of(text: str, nlp: Language) -> Record:
    document = Document("odd", "text", text)
    doc = prepare(document, nlp)
    assert doc is not None
    return assemble(RAW, document, nlp(doc))


def assert_grounded(record: Record, text: str) -> None:
    assert record.text == text
    for arm in record.arms:
        assert record.text[arm.start : arm.end] == arm.label
    for fact in record.facts:
        for part in (fact.endpoint, fact.population):
            assert part is None or record.text[part.start : part.end] == part.label
        for value in fact.values:
            assert record.text[value.start : value.end] == value.text
            assert value.text.strip() == value.text != ""


@ANY
@given(text=TRIAL_TEXT)
def test_every_value_of_trial_like_text_is_its_slice(text: str, nlp: Language) -> None:
    assert_grounded(record_of(text, nlp), text)


@ANY
@given(text=st.text(max_size=300))
def test_any_text_goes_through(text: str, nlp: Language) -> None:
    assert_grounded(record_of(text, nlp), text)


@settings(ANY, max_examples=40)
@given(text=TRIAL_TEXT)
def test_the_same_text_gives_the_same_bytes(text: str, nlp: Language) -> None:
    first = record_of(text, nlp).to_json()
    assert record_of(text, nlp).to_json() == first


@settings(ANY, max_examples=40)
@given(text=TRIAL_TEXT)
def test_a_records_own_text_gives_the_same_record(text: str, nlp: Language) -> None:
    record = record_of(text, nlp)
    assert record_of(record.text, nlp) == record


ODD = {
    "nothing": "", "blanks": " \n\t ", "brackets": "((((", "closing": "))))", "empty brackets": "() [] {} ( )",
    "digits": "7" * 10_000, "power": "1e999 patients", "superscripts": "10² and 5³ of ²", "circles": "① of ⑩",
    "arabic": "٣٤ patients ١٢٪", "no no no": "no no no no", "signs": "± 5 ± − - + +/- -/+ %", "bare cue": "95% CI (",
    "half a ratio": "HR", "end of a range": "5 to", "nul": "\x00 5 patients\x07", "separators": "5\u20286\u20297",
    "grade": "grade ² neutropenia in 5%", "turkish": "İ 5 İ patients", "words": "one hundred million of billion",
    "zero": "0/0 (0%) vs 0/0 (0%)", "minus": "−12 (−3%) patients", "combining": "5\u0301 patients",
    "no breaks": "12patients(3%)",
}  # fmt: skip
FRAME = (
    "We randomly assigned 40 women to examplin (n = 20) or placebo (n = 20). {} Relapse was seen in 4 (20%) of them."
)


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_alone_and_inside_a_report(name: str, nlp: Language) -> None:
    for text in (ODD[name], FRAME.format(ODD[name])):
        assert_grounded(record_of(text, nlp), text)


REPORT = (
    "We randomly assigned 240 women with asthma to examplin (n = 121) or placebo (n = 119). "
    "Relapse occurred in 24 (19.8%) of the examplin group and 36 (30.3%) of the placebo group. "
)


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda t: t.replace(".", ""), lambda t: t.replace(" ", "\n")])
def test_reports_in_bad_shape_give_no_value_that_is_not_there(change: Callable[[str], str], nlp: Language) -> None:
    text = change(REPORT)
    record = record_of(text, nlp)
    assert_grounded(record, text)
    allowed = {240.0, 121.0, 119.0, 24.0, 19.8, 36.0, 30.3, 198.0, 303.0}
    assert {v.value for f in record.facts for v in f.values} <= allowed


def test_letters_read_as_digits_invent_nothing(nlp: Language) -> None:
    """Noise of a scanner: what is no number stays none."""
    record = record_of("l2 0f l47 pat1ents (l6,3 |%) h@d |}{ resp0nse ; O.O5 <- p = O,O3", nlp)
    assert {v.text for f in record.facts for v in f.values} <= {"3", "2", "0", "1", "5", "47", "6"}


BAD: dict[str, Callable[[int], str]] = {
    "no sentence marks": lambda n: REPORT.replace(".", "") * n,
    "sentences": lambda n: REPORT * n,
    "capitals": lambda n: REPORT.upper() * n,
    "open brackets": lambda n: REPORT + "(" * (60 * n),
    "bracket pairs": lambda n: REPORT + "() " * (60 * n),
    "numbers": lambda n: REPORT + "12 " * (30 * n),
    "groups of three digits": lambda n: REPORT + "123 " * (30 * n) + "x",
    "percentages": lambda n: REPORT + "12.5% and " * (20 * n),
    "a table as text": lambda n: REPORT + "Age\t65.2 ± 4.1\t64.3 ± 5.0\t0.45\n" * (6 * n),
    "ratios": lambda n: REPORT + "Hazard ratios were 1.2 (0.4-2.1) and 1.3 (0.5-2.2). " * (4 * n),
    "lists": lambda n: REPORT + "12 vs 13, " * (20 * n),
    "abbreviations": lambda n: REPORT + "alpha beta (AB) " * (12 * n),
    "arms": lambda n: "".join(f"Patients received drug{chr(97 + k % 26)}in (group {k % 20}). " for k in range(2 * n)),
    "no": lambda n: REPORT + "no " * (60 * n),
    "dashes": lambda n: REPORT + "-" * (60 * n),
    "initials": lambda n: REPORT + "Dr. A. B. 5. " * (12 * n),
    "respectively": lambda n: REPORT + "1 and 2 % respectively, " * (8 * n),
    "headings": lambda n: "RESULTS: 12 of 24 patients (50%) responded.\n\n" * (4 * n),
}


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of the rules and records run, the turns of their loops and comprehensions counted: a measure of
    work that does not depend on the machine."""
    count = 0

    def trace(frame: FrameType, event: str, _arg: object) -> Callable[..., Any] | None:
        nonlocal count
        if event == "call" and "/extractor/" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        count += 1
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize("name", BAD)
def test_work_grows_with_the_length_only(name: str, nlp: Language) -> None:
    """Four times the text takes about four times the steps. The bound is tight because a quadratic search in one rule
    is a small part of all the work here: looking through all bundles for each one took 5.9 times as many."""
    short, long = BAD[name](24), BAD[name](96)
    nlp(short)  # fills the memories of known words
    steps = lines_run(lambda: nlp(short))
    assert lines_run(lambda: nlp(long)) < 4.8 * steps


@pytest.mark.slow
@pytest.mark.parametrize("name", ["no sentence marks", "open brackets", "numbers", "a table as text"])
def test_a_megabyte_in_one_line(name: str, nlp: Language) -> None:
    text = BAD[name](1 + 1_000_000 // max(1, len(BAD[name](200)) // 200)).replace("\n", " ")
    assert_grounded(record_of(text, nlp), text)
