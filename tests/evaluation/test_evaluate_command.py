"""`extractor evaluate`, as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.cli import main


def test_the_table(gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect())), "--reliability"]) == 0
    shown = capsys.readouterr()
    rows = {line.split()[0]: line.split()[1:] for line in shown.out.splitlines() if line.strip()}
    assert rows["micro"] == ["7", "7", "1.000", "1.000", "1.000", "0.857"]
    assert rows["cv-cont-sd"] == ["0", "0", "0.000", "0.000", "0.000", "0.000"]
    assert "roles the wrong way round in 0 of 1 documents" in shown.out
    assert rows["0.90-0.95"] == ["7", "0.900", "1.000", "1.000", "1.000"]
    assert shown.err == ""


def test_the_figures_as_json(
    gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect()[:4])), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["value"]["micro"] == [1.0, pytest.approx(5 / 7), pytest.approx(5 / 6)]
    assert figures["exact"]["iv-bin-percent"] == [0.0, 0.0, 0.0]
    assert (figures["documents"], figures["missing"], figures["swapped_documents"]) == (1, 0, 0)
    assert sum(row["count"] for row in figures["reliability"]["arms"]) == 5


def test_errors_in_their_sentence(
    gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect()[:4]))]
    assert main([*call, "--errors", "cv-bin-abs"]) == 0
    shown = capsys.readouterr().out
    assert "MISSED a  cv-bin-abs  …" in shown
    assert "24 (60%) and [[10]] (25%), respectively.…" in shown
    assert "[[25%]]" not in shown
    assert main([*call, "--errors", "all", "--limit", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("MISSED") == 1
    assert "1 more; --limit" in shown


def test_the_browser_prints_its_pages_where_there_is_no_terminal(
    gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect()[:4])), "--browse"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 MISSED cv-bin-abs 10 a" in shown
    assert "[[25%]]" in shown


def test_a_floor(gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect()[:4])), "--floor"]
    assert main([*call, "0.8"]) == 0
    assert main([*call, "0.84"]) == 1
    assert "micro value F1 is 0.8333, below the floor of 0.84" in capsys.readouterr().err


def test_wrong_calls(
    gold: Path, written: Callable[..., Path], study: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pred = str(written(study.perfect()))
    mapping = tmp_path / "mapping.tsv"
    mapping.write_text("label\n")
    for arguments, told in [
        (["--gold", str(tmp_path / "none"), "--pred", pred], "no such folder"),
        (["--gold", pred, "--pred", pred], "no .ann files"),
        (["--gold", str(gold), "--pred", str(tmp_path / "none")], "--pred"),
        (["--gold", str(gold), "--pred", pred, "--errors", "bin-abs"], "no such label; there are all, total"),
        (["--gold", str(gold), "--pred", pred, "--labels", str(mapping)], "mapping.tsv:1: needs the columns"),
        (["--gold", str(gold), "--pred", pred, "--floor", "2"], "--floor"),
        (["--pred", pred], "--gold"),
    ]:
        assert main(["evaluate", *arguments]) == 2, arguments
        message = capsys.readouterr().err
        assert told in message
        assert message.count("\n") == 1


def test_doubts_and_missing_records_are_told(
    gold: Path, written: Callable[..., Path], study: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (gold / "a.ann").read_text().splitlines()
    many = [f"T{n}\toutcome 49 55\tRelief" for n in range(20, 40)]
    (gold / "a.ann").write_text("\n".join([*lines, *many, "T50\toutcome 48 54\tRelief"]))
    (gold / "b.txt").write_bytes(b"Nothing.")
    (gold / "b.ann").write_bytes(b"")
    assert main(["evaluate", "--gold", str(gold), "--pred", str(written(study.perfect()))]) == 0
    told = capsys.readouterr().err.splitlines()
    assert "a.ann:29: T50 should be 'Relief'" in told[0]
    assert "no record of b in" in told[1]


def test_a_text_that_cannot_be_extracted_gives_status_one(gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (gold / "b.txt").write_bytes(b"")
    (gold / "b.ann").write_bytes(b"")
    assert main(["evaluate", "--gold", str(gold), "--json"]) == 1
    shown = capsys.readouterr()
    assert "b.txt" in shown.err
    assert json.loads(shown.out)["missing"] == 1
