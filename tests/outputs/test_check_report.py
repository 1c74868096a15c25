"""The reports: right, escaped, self-contained, the same each time."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from bs4 import BeautifulSoup
from rich.console import Console

from extractor.checks import run_checks
from extractor.checks.against_study import compare, with_comparison
from extractor.outputs.check_report import FORMATS, CheckedRecord, findings, plain, render
from extractor.outputs.check_report_text import print_report
from extractor.records.models import Record

HOSTILE = '<script>alert("x")</script> & \'</div> {{ 7*7 }} \x1b[31m \u202e'
TEXT = f"{HOSTILE}\nOf 100 patients, 30 of 100 (37.5%) responded; median age was 54 years."


def value(text: str, written: str, statistic: str, number: float) -> dict[str, Any]:
    start = text.index(written)
    return {"statistic": statistic, "value": number, "start": start, "end": start + len(written), "text": written}


def record(text: str = TEXT) -> Record:
    start = text.index("30 of 100")
    percent = re.findall(r"[\d.]+%", text)[0]
    age = re.findall(r"\d+ years", text)[0]
    source = {"path": "dir/a b.txt", "format": "text", "sha256": "0" * 64}
    evidence = {"start": text.index("Of 100"), "end": len(text)}
    return Record.model_validate(
        {
            "schema_version": "1.0",
            "extractor": {"version": "0", "rules": "hand"},
            "article": {"id": HOSTILE, "title": HOSTILE, "source": source},
            "text": text,
            "facts": [
                {
                    "id": "f1", "kind": "response", "rule": HOSTILE, "confidence": 0.9, "evidence": evidence,
                    "values": [
                        value(text, "30", "count", 30),
                        {**value(text, "100", "denominator", 100), "start": start + 6, "end": start + 9},
                        value(text, percent, "percent", float(percent[:-1])),
                    ],
                },
                {
                    "id": "f2", "kind": "demographic", "rule": "r", "confidence": 0.9, "evidence": evidence,
                    "values": [value(text, age, "median", float(age[:2]))],
                },
            ],
        }
    )  # fmt: skip


@pytest.fixture
def checked() -> CheckedRecord:
    return CheckedRecord("out/records/a b.json", run_checks(record()))


@pytest.fixture
def compared() -> CheckedRecord:
    study = record(TEXT.replace("37.5%", "30.0%").replace("54 years", "61 years"))
    news = run_checks(record())
    comparison = compare(news, study)
    return CheckedRecord("n.json", with_comparison(news, comparison), comparison, study)


def test_failures_come_first_with_their_sentence(checked: CheckedRecord) -> None:
    found = findings(checked.record)
    assert [f.status for f in found] == sorted((f.status for f in found), key=["fail", "warn", "skip", "pass"].index)
    assert found[0].name == "percent_of_count"
    assert found[0].quote.startswith("Of 100 patients")
    assert found[0].start == TEXT.index("Of 100")


@pytest.mark.parametrize("wanted", FORMATS)
def test_the_same_bytes_each_time(checked: CheckedRecord, compared: CheckedRecord, wanted: Any) -> None:
    both = [checked, compared]
    assert render(both, wanted) == render(both, wanted)
    render(both, wanted).encode()
    assert render([], wanted)


def test_json(checked: CheckedRecord, compared: CheckedRecord) -> None:
    alone, against = json.loads(render([checked, compared], "json"))
    assert alone["record"] == "out/records/a b.json"
    assert alone["failed"] is True
    assert alone["counts"]["fail"] == 1
    assert alone["checks"][0]["message"] == "30 of 100 is 30.00 %, not 37.5%"
    verdicts = {(n["statistic"], n["verdict"]) for n in against["against"]["numbers"]}
    assert ("percent", "differs") in verdicts
    assert ("count", "agrees") in verdicts


def test_html_is_self_contained_and_escaped(checked: CheckedRecord, compared: CheckedRecord) -> None:
    page = render([checked, compared], "html")
    soup = BeautifulSoup(page, "lxml")
    assert len(soup.find_all("script")) == 1
    assert "alert(" not in soup.find("script").text
    assert "49" not in re.findall(r"\{\{.*?\}\}|\b49\b", page)
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert "@import" not in page
    assert "url(" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_html_text_links_and_labels(checked: CheckedRecord) -> None:
    soup = BeautifulSoup(render([checked], "html"), "lxml")
    text = soup.find("div", class_="text")
    assert text.text == plain(TEXT)
    ids = {tag["id"] for tag in soup.find_all(id=True)}
    assert len(ids) == len(soup.find_all(id=True))
    for link in soup.find_all("a"):
        assert link["href"][1:] in ids
    marked = {a.text: a for a in text.find_all("a")}
    assert set(marked) == {"30", "100", "37.5%", "54 years"}
    assert "s-fail" in marked["37.5%"]["class"]
    assert "s-fail" not in marked["54 years"]["class"]
    assert marked["37.5%"]["aria-label"] == "37.5%: percent, response, failed a check"
    assert soup.html["lang"] == "en"
    assert soup.find(re.compile("^h[1-6]$")).name == "h1"


def test_sarif(checked: CheckedRecord) -> None:
    log = json.loads(render([checked], "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("percent_of_count", "error")
    assert rules[result["ruleIndex"]] == "percent_of_count"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "dir/a%20b.txt"
    region = place["region"]
    assert TEXT[region["charOffset"] : region["charOffset"] + region["charLength"]].startswith("Of 100")
    assert region["startLine"] == 2


def test_junit(checked: CheckedRecord) -> None:
    root = ET.fromstring(render([checked], "junit"))
    (suite,) = root.findall("testsuite")
    assert suite.get("failures") == "1"
    assert int(suite.get("tests") or 0) == len(suite.findall("testcase"))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "30 of 100 is 30.00 %, not 37.5%"


def test_terminal(checked: CheckedRecord, compared: CheckedRecord) -> None:
    out = io.StringIO()
    print_report(Console(file=out, width=120, highlight=False, markup=False), [checked, compared])
    shown = out.getvalue()
    assert "percent_of_count" in shown
    assert "\x1b" not in shown
    assert "differs" in shown
    assert "2 records" in shown
