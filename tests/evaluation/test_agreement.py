"""The figures are those of the scorer that the corpus came with, to the last digit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.batch import run
from extractor.cli import main

SAMPLE = 24


def test_figures_agree_with_the_other_scorer(corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scorer = corpora.parent / "eval" / "score_pico.py"
    texts = sorted((corpora / "pico" / "dev").glob("*.ann"))[::29][:SAMPLE]
    if not scorer.exists() or not texts:
        pytest.skip("no score_pico.py beside the corpora, or no pico/dev in them")
    gold, out = tmp_path / "gold", tmp_path / "out"
    gold.mkdir()
    for ann in texts:
        shutil.copy(ann, gold)
        shutil.copy(ann.with_suffix(".txt"), gold)
    assert run([gold], out).done == len(texts)
    (out / "records" / f"{texts[0].stem}.json").unlink()
    assert main(["evaluate", "--gold", str(gold), "--pred", str(out), "--json"]) == 0
    ours = json.loads(capsys.readouterr().out)
    call = [sys.executable, str(scorer), "--gold", str(gold), "--pred", str(out / "records"), "--json"]
    theirs = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    assert {name: ours[name] for name in theirs} == theirs
