"""What does a study say that its news item does not?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.checks.align import content_words, overlap
from extractor.checks.comparison import Compared, LeftOut, LeftOutKind, quote
from extractor.checks.estimates import RATIOS
from extractor.checks.index import RecordIndex, Statement
from extractor.checks.ledger import CheckInfo
from extractor.checks.text_numbers import numbers, sentences
from extractor.spans import Span

CHECK = CheckInfo(
    name="left_out",
    question="Does the news item tell the study's harms, absolute numbers and primary endpoint?",
    formula="facts of the study's main results without a counterpart in the news",
    source="Schwitzer 2008, doi:10.1371/journal.pmed.0050095 (criteria for health news)",
    severity="warn",
)
PRIMARY = re.compile(r"\bprimary\b[^.;]{0,40}\b(?:end ?-?points?|outcomes?|measures?)", re.IGNORECASE)
_HARM_WORDS = re.compile(r"adverse|side effect|toxic|safety|tolerab|harm|complication", re.IGNORECASE)
_LOWER_BEHIND = re.compile(
    r"\s*(?:\w+\s){0,2}(?:lower|less|reduction|fewer|decrease|higher|greater|more likely|increase|drop|cut)\b"
)
_LOWERED_BEFORE = re.compile(
    r"\b(?:reduc\w+|lower\w*|cut\w*|decreas\w+|increas\w+|rais\w+)\b(?:\s\w+){0,7}\sby\s(?:\w+\s){0,2}$"
)
_RESULTS = ("response", "survival", "outcome", "adverse_event", "death", "effect")
_ABSOLUTE = ("count", "percent", "fraction", "median", "mean", "incidence_rate")


def left_out(news: RecordIndex, study: RecordIndex, compared: Sequence[Compared]) -> Iterator[LeftOut]:
    """The main omissions first, then every other result of the study without a counterpart, in the study's order."""
    untold = list(_untold(study, compared))
    harms = [s for s in untold if s.fact.kind == "adverse_event"]
    told_harms = news.by_kind.get("adverse_event") or _HARM_WORDS.search(news.text)
    if harms and not told_harms and len(harms) == len(study.by_kind.get("adverse_event", ())):
        yield _missing(study, harms[0], "adverse_events", True, f"the study's adverse events ({len(harms)} statements)")
        harms = harms[1:]
    absolute = _absolute(news, study)
    if absolute is not None:
        yield _missing(
            study, absolute, "absolute_numbers", True, "the news tells relative effects only; absolute numbers"
        )
    yield from _primary(news, study)
    for statement in untold:
        if statement is absolute or (statement.fact.kind == "adverse_event" and statement not in harms):
            continue
        what: LeftOutKind = "result"
        if statement.fact.kind == "adverse_event":
            what = "adverse_events"
        elif statement.fact.kind == "effect":
            what = "effect"
        texts = ", ".join(value.text for value in statement.fact.values)
        yield _missing(study, statement, what, False, f"{statement.fact.kind.replace('_', ' ')} {texts}")


def _untold(study: RecordIndex, compared: Sequence[Compared]) -> Iterator[Statement]:
    """Results of which no number has a counterpart in the news; lone p-values are no result."""
    told = {number.study_span for number in compared if number.study_span is not None}
    for statement in sorted(study.kind(*_RESULTS), key=lambda s: s.fact.values[0].start):
        if set(statement.stat) <= {"p_value", "ci_level"}:
            continue
        if not any(span.overlaps((v.start, v.end)) for v in statement.fact.values for span in told):
            yield statement


def _missing(study: RecordIndex, statement: Statement, what: LeftOutKind, main: bool, message: str) -> LeftOut:
    evidence = statement.fact.evidence
    return LeftOut(
        what, main, message, Span(evidence.start, evidence.end), quote(study.text, evidence.start, evidence.end)
    )


def gives_absolute(statement: Statement) -> bool:
    """Whether a statement of a result tells how many people, or how much."""
    return statement.fact.kind in _RESULTS[:-1] and any(name in statement.stat for name in _ABSOLUTE)


def is_relative(index: RecordIndex, statement: Statement) -> bool:
    """Whether a statement compares two risks only: a ratio, or "38 percent lower"."""
    if statement.fact.kind == "effect" and any(ratio in statement.stat for ratio in RATIOS):
        return True
    value = statement.stat.get("percent")
    if value is None:
        return False
    return is_relative_text(index.text, value.start, value.end)


def is_relative_text(text: str, start: int, end: int) -> bool:
    """Whether the percent at `text[start:end]` compares two risks by the words around it."""
    return bool(_LOWER_BEHIND.match(text[end : end + 40]) or _LOWERED_BEFORE.search(text[max(0, start - 90) : start]))


def tells_relative_only(news: RecordIndex) -> list[Span]:
    """The relative numbers of a news item that gives no absolute result but harms; else none.

    A count without a denominator or an arm is no absolute risk. Percents that no fact holds count as well.
    """
    relative = [_place(s) for s in news.statements if is_relative(news, s)]
    for statement in news.statements:
        if is_relative(news, statement) or not gives_absolute(statement):
            continue
        if statement.fact.kind in ("adverse_event", "death"):
            continue
        if set(statement.stat) & set(_ABSOLUTE) != {"count"} or statement.fact.arm or "denominator" in statement.stat:
            return []
    taken = [(v.start, v.end) for s in news.statements for v in s.fact.values]
    for number in numbers(news.text):
        if number.type == "percent" and not any(number.span.overlaps(span) for span in taken):
            if not is_relative_text(news.text, *number.span):
                return []
            relative.append(number.span)
    return sorted(relative)


def _place(statement: Statement) -> Span:
    return Span(statement.fact.values[0].start, statement.fact.values[0].end)


def _absolute(news: RecordIndex, study: RecordIndex) -> Statement | None:
    if not tells_relative_only(news):
        return None
    results = (s for s in study.statements if gives_absolute(s) and not is_relative(study, s))
    return next((s for s in results if s.fact.kind not in ("adverse_event", "death")), None)


def _primary(news: RecordIndex, study: RecordIndex) -> Iterator[LeftOut]:
    for match in PRIMARY.finditer(study.text):
        span = next((s for s in sentences(study.text) if s.start <= match.start() < s.end), None)
        if span is None:
            continue
        endpoints = [s.fact.endpoint for s in study.statements if s.fact.endpoint is not None]
        named = [e for e in endpoints if _names(span.of(study.text), e.label, e.code)]
        if not named:
            continue
        if any(_names(news.text, e.label, e.code) or _told(news, e.code) for e in named):
            return
        labels = ", ".join(sorted({e.label for e in named}))
        message = f"the study's primary endpoint ({labels})"
        yield LeftOut("primary_endpoint", True, message, span, quote(study.text, *span))
        return


def _told(news: RecordIndex, code: str | None) -> bool:
    return code is not None and any(s.fact.endpoint and s.fact.endpoint.code == code for s in news.statements)


def _names(text: str, label: str, code: str | None) -> bool:
    """Whether a text speaks of an endpoint: by its label or code, or by all its content words."""
    if label.lower() in text.lower() or (code and re.search(rf"\b{re.escape(code)}\b", text)):
        return True
    return len(content_words(label)) > 1 and overlap(label, text) == 1.0
