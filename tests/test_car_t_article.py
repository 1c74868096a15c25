"""Two news items on one study of CD7 CAR T cells give each of its thirteen facts and nothing else.

One is the fixture `seed_retold_car_t`; the other is not kept here: `EXTRACTOR_SEED` names its file, else the test of it
is skipped unless it stands beside the project.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from extractor.extract import Extractor
    from extractor.records.models import Fact, Record

ROOT = Path(__file__).resolve().parents[1]
RETOLD = ROOT / "fixtures" / "articles" / "seed_retold_car_t.html"


class Told(NamedTuple):
    """One fact of the study. `codes`, `roles`: any of these is right; `words` stand in the endpoint's label."""

    kind: str
    statistic: str
    value: float
    unit: str | None = None
    codes: tuple[str | None, ...] = (None,)
    words: tuple[str, ...] = ()
    term: str | None = None
    grades: tuple[int, ...] = ()
    months: float | None = None
    roles: tuple[str | None, ...] = (None,)

    def is_in(self, fact: Fact) -> bool:
        """Whether `fact` says this, of the whole study, and no more."""
        (value, *more) = fact.values
        label = fact.endpoint.label.lower() if fact.endpoint else ""
        months = fact.timepoint.months if fact.timepoint else None
        return (
            not more
            and (fact.kind, value.statistic, value.value) == (self.kind, self.statistic, self.value)
            and (value.unit, value.relation) == (self.unit, "=")
            and (fact.arm, fact.population, fact.compares) == (None, None, None)
            and (fact.endpoint.code if fact.endpoint else None) in self.codes
            and all(word in label for word in self.words)
            and (fact.event.term if fact.event else None) == self.term
            and (fact.event.grades if fact.event else ()) == self.grades
            and months == (None if self.months is None else pytest.approx(self.months, abs=0.01))
            and fact.role in self.roles
        )


FACTS = (
    Told("cohort_size", "count", 10, roles=("enrolled", "treated")),
    Told("response", "count", 10, codes=("CRi",), words=("complete remission",)),
    Told("adverse_event", "count", 10, words=("pancytopenia",), term="pancytopenia", grades=(4,)),
    Told("death", "count", 1, words=("septic shock", "encephalitis"), months=13 / 30.44),
    Told("outcome", "count", 8, words=("full donor chimerism",)),
    Told("outcome", "count", 1, words=("autologous hematopoiesis",)),
    Told("adverse_event", "count", 3, words=("acute gvhd",), term="acute graft-versus-host disease", grades=(2,)),
    Told("follow_up", "median", 15.1, "months"),
    Told("response", "count", 6, codes=("MRD", "CR"), words=("complete remission",)),
    Told("outcome", "count", 2, words=("relapse",)),
    Told("death", "count", 1, words=("septic shock",), months=3.7),
    Told("survival", "percent", 68, "%", codes=("OS",), months=12),
    Told("survival", "percent", 54, "%", codes=("DFS",), months=12),
)


def _original() -> Path:
    named = os.environ.get("EXTRACTOR_SEED")
    if named:
        return Path(named)
    beside = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
    if not beside:
        pytest.skip("the original article is not here; EXTRACTOR_SEED may name its file")
    return beside[0]


def _record(extractor: Extractor, path: Path) -> Record:
    (record,) = extractor.records(RawArticle(content=path.read_bytes(), name=path.stem, path=path.name))
    return record


def _assert_told(record: Record) -> None:
    left = list(record.facts)
    missing: list[Told] = []
    for told in FACTS:
        said = next((fact for fact in left if told.is_in(fact)), None)
        if said is None:
            missing.append(told)
        else:
            left.remove(said)
    assert not missing
    assert not left, "facts that the study does not hold"


def test_the_retold_article(extractor: Extractor) -> None:
    _assert_told(_record(extractor, RETOLD))


def test_the_original_article(extractor: Extractor) -> None:
    record = _record(extractor, _original())
    _assert_told(record)
    article: Any = record.article
    assert article.title.startswith("CD7 CAR T-Cell Therapy")
    assert (article.journal, article.published) == ("New England Journal of Medicine", "2024-04-25")
    assert (article.publisher, article.language) == ("Drugs.com / HealthDay", "en")


def test_a_fact_too_many_or_too_few_is_seen(extractor: Extractor) -> None:
    record = _record(extractor, RETOLD)
    with pytest.raises(AssertionError):
        _assert_told(record.model_copy(update={"facts": record.facts[1:]}))
    with pytest.raises(AssertionError, match="does not hold"):
        _assert_told(record.model_copy(update={"facts": (*record.facts, record.facts[0])}))
