"""Does a news item make more of its study than the study does?

Source of the kinds of spin: Boutron et al. 2010, doi:10.1001/jama.2010.651; Yavchitz et al. 2012,
doi:10.1371/journal.pmed.1001308 (spin in press releases and news).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from extractor.checks.align import content_words
from extractor.checks.comparison import Compared, quote
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo
from extractor.checks.left_out import PRIMARY, left_out, tells_relative_only
from extractor.checks.text_numbers import sentences
from extractor.checks.thresholds import SIGNIFICANCE_LEVEL
from extractor.records.models import Check
from extractor.rules.lexicon import terms
from extractor.spans import Span

RELATIVE = CheckInfo(
    name="spin_relative_only",
    question="Is a relative effect told without absolute numbers?",
    formula="a ratio or 'N percent lower' in the news, and no count, percent or median of the groups",
    source="Gigerenzer et al. 2007, doi:10.1111/j.1539-6053.2008.00033.x",
    severity="warn",
)
SIGNIFICANT = CheckInfo(
    name="spin_significance",
    question="Is a result called significant whose p-value in the study is 0.05 or more?",
    formula=f"'significant' in the news sentence; p >= {SIGNIFICANCE_LEVEL:g} in the study's statement of the endpoint",
    source="Boutron et al. 2010, doi:10.1001/jama.2010.651",
    severity="warn",
)
SECONDARY = CheckInfo(
    name="spin_secondary",
    question="Is a subgroup or secondary endpoint presented as the main result?",
    formula="the lead's result stands in a study sentence on subgroups or secondary endpoints, the primary is not told",
    source="Yavchitz et al. 2012, doi:10.1371/journal.pmed.1001308",
    severity="warn",
)
CAUSAL = CheckInfo(
    name="spin_causal",
    question="Is an animal or observational study told as a trial's causal result?",
    formula="causal verb in title or lead; the study is in animals or observational; the news does not say so",
    source="Sumner et al. 2014, doi:10.1136/bmj.g7015",
    severity="warn",
)
CHECKS = (RELATIVE, SIGNIFICANT, SECONDARY, CAUSAL)
LEAD_CHARACTERS = 700
"""Results within so many characters of the beginning are what the news item leads with."""
LEAD_SENTENCES = 2
SENTENCE_CHARACTERS = 40
"""Shorter lines are headings, by-lines and datelines."""
_DENIED = re.compile(r"\b(?:no|not|non|nor|without|neither|never|fail\w*|in\w*significan\w*)\b|n't\b", re.IGNORECASE)
_RANDOMIZED = re.compile(r"\brandomi[sz]ed|\brandomly (?:assigned|allocated)", re.IGNORECASE)


def spin_checks(news: RecordIndex, study: RecordIndex, numbers: Sequence[Compared]) -> Iterator[Check]:
    """The warnings of all four kinds."""
    yield from relative_only(news)
    yield from _significance(news, study, numbers)
    yield from _secondary(news, study, numbers)
    yield from _causal(news, study)


@cache
def _pattern(category: str) -> re.Pattern[str]:
    found = sorted(terms("spin_words.tsv", category), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, found)) + r")\b", re.IGNORECASE)


def relative_only(news: RecordIndex) -> Iterator[Check]:
    """One warning for a news item whose only results are relative."""
    relative = tells_relative_only(news)
    if not relative:
        return
    told = [(s.id, v) for s in news.statements for v in s.fact.values]
    facts = [fact for fact, v in told if any(span.overlaps((v.start, v.end)) for span in relative)]
    yield Check(
        name=RELATIVE.name, status="warn", facts=tuple(dict.fromkeys(facts)),
        message=f"a relative effect without absolute numbers: {_around(news, relative[0])!r}",
    )  # fmt: skip


def _significance(news: RecordIndex, study: RecordIndex, numbers: Sequence[Compared]) -> Iterator[Check]:
    told = {s.id: s for s in news.statements}
    known = {s.id: s for s in study.statements}
    warned: set[int] = set()
    pairs = [(told[n.news_fact], known[n.study_fact]) for n in numbers if n.study_fact and n.news_fact]
    for said, meant in pairs:
        start = said.fact.evidence.start
        sentence = news.evidence(said)
        if start in warned or "significan" not in sentence.lower() or _DENIED.search(sentence):
            continue
        p = _p_value(study, meant)
        if p is not None:
            warned.add(start)
            yield Check(
                name=SIGNIFICANT.name, status="warn", facts=(said.id,),
                message=f"told as significant, but the study gives p = {p}: {_quote(study, meant)!r}",
            )  # fmt: skip


def _p_value(study: RecordIndex, statement: Statement) -> str | None:
    """The one p-value of the statement's sentence as written if it is 0.05 or more, else None."""
    start = statement.fact.evidence.start
    values = {
        s.stat["p_value"].start: s for s in study.having("p_value") if s is statement or s.fact.evidence.start == start
    }
    own = [statement] if "p_value" in statement.stat else list(values.values())
    if len(own) != 1:
        return None
    p = own[0].interval("p_value")
    return own[0].stat["p_value"].text.lstrip("pP =") if p is not None and p.low >= SIGNIFICANCE_LEVEL - 1e-9 else None


def lead(news: RecordIndex) -> str:
    """The title and the first sentences, headings and by-lines left out."""
    whole = [quote(news.text, *span) for span in sentences(news.text) if span.end - span.start >= SENTENCE_CHARACTERS]
    return "\n".join([news.record.article.title or "", *whole[:LEAD_SENTENCES]] if whole else [news.text])


def _secondary(news: RecordIndex, study: RecordIndex, numbers: Sequence[Compared]) -> Iterator[Check]:
    if not PRIMARY.search(study.text) and not _pattern("secondary").search(study.text):
        return
    known = {s.id: s for s in study.statements}
    told = [n for n in numbers if n.news_span.start < LEAD_CHARACTERS and n.study_span is not None]
    results = [
        n for n in told
        if n.statistic not in ("duration", "p_value")
        and (n.study_fact is None or known[n.study_fact].fact.kind not in ("cohort_size", "follow_up", "demographic"))
    ]  # fmt: skip
    if not results:
        return
    minor = [n for n in results if _is_minor(n, known)]
    if (
        minor
        and len(minor) == len(results)
        and (any(m.what == "primary_endpoint" for m in left_out(news, study, numbers)) or _only_subgroups(minor, known))
    ):
        yield Check(
            name=SECONDARY.name, status="warn", facts=tuple(dict.fromkeys(n.news_fact for n in minor if n.news_fact)),
            message=f"the lead tells a subgroup or secondary endpoint as the main result: {minor[0].study_quote!r}",
        )  # fmt: skip


def _is_minor(number: Compared, known: dict[str, Statement]) -> bool:
    fact = known[number.study_fact].fact if number.study_fact else None
    return (fact is not None and fact.population is not None) or bool(
        _pattern("secondary").search(number.study_quote or "")
    )


def _only_subgroups(minor: Sequence[Compared], known: dict[str, Statement]) -> bool:
    return all(
        (n.study_fact and known[n.study_fact].fact.population is not None)
        or re.search(r"\bsubgroups?\b|\bpost[- ]hoc\b", n.study_quote or "", re.IGNORECASE)
        for n in minor
    )


def _causal(news: RecordIndex, study: RecordIndex) -> Iterator[Check]:
    opening = lead(news)
    verb = _pattern("causal").search(opening)
    if verb is None:
        return
    title_and_methods = f"{study.record.article.title or ''}\n{study.text[:2500]}"
    animal = _pattern("animal").search(title_and_methods)
    if animal and not _people_in(study) and not _pattern("animal").search(opening):
        yield Check(
            name=CAUSAL.name, status="warn",
            message=f"told as an effect ({verb.group()!r}), but the study was done in {animal.group()!r}",
        )  # fmt: skip
        return
    observational = _pattern("observational").search(title_and_methods)
    if observational and not _RANDOMIZED.search(study.text) and not _pattern("hedge").search(news.text):
        yield Check(
            name=CAUSAL.name, status="warn",
            message=f"told as an effect ({verb.group()!r}), but the study is observational ({observational.group()!r})",
        )  # fmt: skip


def _people_in(study: RecordIndex) -> bool:
    return bool(content_words(study.text) & {"volunteer", "consent"}) or bool(
        re.search(r"\b\d+ (?:patients|participants|women|men|adults|children|people)\b", study.text)
    )


def _around(news: RecordIndex, span: Span) -> str:
    home = next((s for s in sentences(news.text) if s.start <= span.start < s.end), span)
    return quote(news.text, *home)


def _quote(index: RecordIndex, statement: Statement) -> str:
    return quote(index.text, statement.fact.evidence.start, statement.fact.evidence.end)
