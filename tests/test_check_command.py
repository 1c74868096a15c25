"""`extractor check`, as a user calls it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from extractor.cli import main

TEXT = "Of 40 patients, 12 of 40 (30%) responded."
EVIDENCE = {"start": 0, "end": len(TEXT)}


def record(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schema_version": "1.0",
        "extractor": {"version": "0", "rules": "hand"},
        "article": {"id": "a", "source": {"path": "a.txt", "format": "text", "sha256": "0" * 64}},
        "text": TEXT,
        "facts": [
            {
                "id": "f1", "kind": "response", "evidence": dict(EVIDENCE), "rule": "hand", "confidence": 1.0,
                "values": [
                    {"statistic": "count", "value": 12, "start": 16, "end": 18, "text": "12"},
                    {"statistic": "denominator", "value": 40, "start": 22, "end": 24, "text": "40"},
                    {"statistic": "percent", "value": 30, "unit": "%", "start": 26, "end": 29, "text": "30%"},
                ],
            }
        ],
    }  # fmt: skip
    made.update(changes)
    return made


def write(folder: Path, content: Any, name: str = "r.json") -> str:
    path = folder / name
    path.write_text(json.dumps(content) if not isinstance(content, str) else content, encoding="utf-8")
    return str(path)


def test_a_sound_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(tmp_path, record()), "--no-source"]) == 0
    shown = capsys.readouterr()
    assert "percent_of_count" in shown.out
    assert "1 record: 0 failed" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("wanted", ["json", "html", "sarif", "junit", "table"])
def test_an_altered_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str) -> None:
    edited = record()
    edited["facts"][0]["values"][0]["value"] = 13
    assert main(["check", write(tmp_path, edited), "--no-source", "--format", wanted]) == 1
    assert "the record says 13" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not JSON"), ("<html>", "not JSON"), ("{}", "no schema_version"), (record(schema_version="0.9"), "'0.9'"),
        (record(facts=[{"id": "f1"}]), "facts.0.kind"), (record(text=5), "text"),
    ],
)  # fmt: skip
def test_no_record_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any, told: str
) -> None:
    sound, broken = write(tmp_path, record(), "sound.json"), write(tmp_path, content, "broken.json")
    assert main(["check", sound, broken, "--no-source", "--format", "json"]) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert "broken.json" in shown.err
    assert shown.err.count("\n") == 1
    assert len(json.loads(shown.out)) == 1


def test_a_record_pointing_outside_its_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited = record()
    edited["facts"][0]["values"][1]["end"] = 4_000
    edited["facts"][0]["evidence"]["end"] = 4_000
    assert main(["check", write(tmp_path, edited), "--no-source", "--format", "json"]) == 1
    (checked,) = json.loads(capsys.readouterr().out)
    assert any("not inside the text" in check["message"] for check in checked["checks"])


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = write(tmp_path, record())
    (tmp_path / "empty").mkdir()
    for arguments, told in [
        ([str(tmp_path / "none.json")], "no such record"),
        ([str(tmp_path / "empty")], "no records"),
        ([sound, "--disable", "gram"], "no check is called gram"),
        ([sound, "--source", str(tmp_path / "none")], "no such file"),
        ([sound, "--no-source", "--against", str(tmp_path / "none")], "no such file"),
        ([sound, "--no-source", "--against", write(tmp_path, "{", "broken.json")], "not JSON"),
        ([sound, "--no-source", "--against", write(tmp_path, "[1]", "list.json")], "not a record"),
    ]:
        assert main(["check", *arguments]) == 2
        assert told in capsys.readouterr().err


def test_a_missing_source_is_a_failed_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(tmp_path, record()), "--format", "json"]) == 1
    (checked,) = json.loads(capsys.readouterr().out)
    (failed,) = [check for check in checked["checks"] if check["status"] == "fail"]
    assert failed["name"] == "source"
    assert "--source" in failed["message"]
    assert main(["check", write(tmp_path, record()), "--disable", "source"]) == 0


@pytest.mark.parametrize("path", ["x" * 5_000, "x\x00y", "", "/"])
def test_a_source_path_that_no_file_can_have(tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    edited = record()
    edited["article"]["source"]["path"] = path
    assert main(["check", write(tmp_path, edited)]) == 1
    assert "the source is missing" in " ".join(capsys.readouterr().out.split())


def test_a_record_of_standard_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited = record()
    edited["article"]["source"]["path"] = "-"
    assert main(["check", write(tmp_path, edited)]) == 0
    assert "warn  source  the record was made from standard input" in " ".join(capsys.readouterr().out.split("\n"))


def test_records_of_a_large_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = "".join(
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>Of {pmid} adults, 12 died."
        "</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        for pmid in range(100, 400)
    )
    (tmp_path / "set.xml").write_text(f"<PubmedArticleSet>{articles}</PubmedArticleSet>")
    out = tmp_path / "out"
    assert main(["batch", str(tmp_path / "set.xml"), "--out", str(out), "--quiet"]) == 0
    records = [str(out / "records" / f"PMID{pmid}.json") for pmid in (101, 399)]
    assert main(["check", *records, "--format", "json"]) == 0
    for one in json.loads(capsys.readouterr().out):
        assert {"source", "unedited"} <= {check["name"] for check in one["checks"] if check["status"] == "pass"}
    edited = json.loads(Path(records[1]).read_text(encoding="utf-8"))
    edited["text"] = edited["text"].replace("399", "398")
    assert main(["check", write(tmp_path, edited)]) == 1


def test_a_missing_record_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(tmp_path / "none.json"), str(tmp_path / ("x" * 5_000)), write(tmp_path, record()), "--no-source"]
    assert main(["check", *arguments, "--format", "json"]) == 2
    shown = capsys.readouterr()
    assert "no such record" in shown.err
    assert "name too long" in shown.err
    assert len(json.loads(shown.out)) == 1


def test_a_whole_batch_agrees_with_its_sources(
    fixture_batch: Path, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(fixture_batch, out)
    assert main(["check", str(out), "--source", str(articles), "--format", "json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert len(checked) > 15
    for one in checked:
        assert {"source", "unedited"} <= {check["name"] for check in one["checks"] if check["status"] == "pass"}


def test_an_edit_that_only_the_source_shows(
    fixture_batch: Path, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = json.loads((fixture_batch / "records" / "seed_retold_car_t.json").read_text(encoding="utf-8"))
    edited["facts"][0]["confidence"] = 0.123
    arguments = ["check", write(tmp_path, edited), "--source", str(articles), "--format", "json"]
    assert main(arguments) == 1
    (checked,) = json.loads(capsys.readouterr().out)
    (failed,) = [check for check in checked["checks"] if check["status"] == "fail"]
    assert failed["name"] == "unedited"
    assert "facts.f1.confidence is 0.123" in failed["message"]


def test_against_an_article(
    fixture_batch: Path, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = articles.parent / "pairs"
    assert main(["batch", str(pairs / "pain_swapped_news.html"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    news = tmp_path / "out" / "records" / "pain_swapped_news.json"
    assert main(["check", str(news), "--against", str(pairs / "pain_swapped_study.txt")]) == 1
    assert "differs" in capsys.readouterr().out
