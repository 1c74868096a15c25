"""Mappings from a scheme's labels to kind, statistic and role."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.errors import AnnotationError
from extractor.evaluation.labels import parse, read_labels

HEADER = "label\tkind\tstatistic\trole\n"


@pytest.mark.parametrize(
    ("kind", "statistic", "role", "label"),
    [
        ("cohort_size", "count", "none", "total-participants"),
        ("cohort_size", "count", "intervention", "intervention-participants"),
        ("cohort_size", "count", "control", "control-participants"),
        ("cohort_size", "count", "single", None),
        ("cohort_size", "percent", "none", None),
        ("outcome", "count", "none", None),
        ("death", "count", "control", "cv-bin-abs"),
        ("survival", "percent", "intervention", "iv-bin-percent"),
        ("outcome", "mean", "control", "cv-cont-mean"),
        ("outcome", "sd", "intervention", "iv-cont-sd"),
        ("survival", "median", "control", "cv-cont-median"),
        ("outcome", "denominator", "control", None),
        ("survival", "median", "single", None),
    ],
)
def test_the_labels_that_come_with_the_program(kind: str, statistic: str, role: str, label: str | None) -> None:
    assert read_labels().of(kind, statistic, role) == label


def test_every_label_knows_its_other_arm() -> None:
    labels = read_labels()
    assert labels.swapped["iv-cont-sd"] == "cv-cont-sd"
    assert labels.swapped["control-participants"] == "intervention-participants"
    assert labels.swapped["total-participants"] == "total-participants"
    assert labels.merged["cv-bin-abs"] == labels.merged["iv-bin-abs"]
    assert labels.merged["cv-bin-abs"] != labels.merged["cv-bin-percent"]
    assert len(set(labels.merged.values())) == 7


def test_a_scheme_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        f"# a comment\n{HEADER}Deaths\tdeath\tcount\t*\nDied\tdeath\tcount\t*\n"
        "Spread\t!death,effect\tsd, se\tnone,single\n"
        "Drug\tresponse\tpercent\tintervention\nDrug\toutcome\tpercent\tintervention\n",
        encoding="utf-8",
    )
    labels = read_labels(path)
    assert labels.names == ("Deaths", "Spread", "Drug")
    assert labels.canonical["Died"] == "Deaths"
    assert labels.of("death", "count", "control") == "Deaths"
    assert labels.of("outcome", "se", "single") == "Spread"
    assert labels.of("effect", "se", "none") is None
    assert labels.of("outcome", "percent", "intervention") == "Drug"
    assert labels.swapped["Drug"] == ""
    assert labels.swapped["Deaths"] == "Deaths"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ": no labels"),
        (HEADER, ": no labels"),
        ("label\tkind\n", r":1: needs the columns"),
        (f"{HEADER}a\tdeath\tcount\n", r":2: 3 cells under 4"),
        (f"{HEADER}a\tdeaths\tcount\tnone\n", r":2: kind 'deaths' is unknown"),
        (f"{HEADER}a\tdeath\tnumber\tnone\n", r":2: statistic 'number'"),
        (f"{HEADER}a\tdeath\tcount\tplacebo\n", r":2: role 'placebo'"),
        (f"{HEADER}\tdeath\tcount\tnone\n", r":2: no label"),
    ],
)
def test_a_broken_mapping_is_named(content: str, told: str) -> None:
    with pytest.raises(AnnotationError, match=f"^mine{told}"):
        parse(content, "mine")


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="cannot be read"):
        read_labels(tmp_path / "none.tsv")
