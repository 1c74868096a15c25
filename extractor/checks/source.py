"""Hold a record against its source file: the bytes' hash, the text read again, every value at its place, every field.

What can be verified depends on what the record was made by. The hash and the spans always can; kinds, arms and
endpoints only by extracting again, and only if the rules are still the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from extractor.checks.anchor import ChangedText
from extractor.checks.grounding import value_fault
from extractor.checks.ledger import CheckInfo
from extractor.documents.model import Document
from extractor.errors import ExtractorError
from extractor.records.models import Check, Fact, Record
from extractor.sources.raw import RawArticle
from extractor.spans import Span

SOURCE = CheckInfo(
    name="source",
    question="Is the source the file that the record was made from, and does each value still stand in it?",
    formula="sha256(file) == article.source.sha256; read(file).text[start:end] == value.text, else the quote is sought",
    source="CONTRACT: every value is a verbatim span of the source",
    severity="fail",
)
UNEDITED = CheckInfo(
    name="unedited",
    question="Is the record what the program makes of this source?",
    formula="extract(file) == record, field by field, if the rules' hash is the same",
    source="CONTRACT: the same input gives the same bytes of output",
    severity="fail",
)
MAX_QUOTE = 160
MAX_DIFFERENCES = 50
MAX_TOLD = 5
Fresh = Callable[[RawArticle], Sequence[Record]]


def check_against_source(
    record: Record, raw: RawArticle, read: Callable[[RawArticle], Sequence[Document]], fresh: Fresh | None = None
) -> Record:
    """A copy of `record` with the checks `source` and, if `fresh` can extract again, `unedited` added.

    `read` turns the source into documents, `fresh` into records. Nothing is raised for a source that can't be read:
    that is a failed check.
    """
    about_facts: dict[str, list[Check]] = {}
    about_record: list[Check] = []
    same_bytes = raw.sha256 == record.article.source.sha256
    same_text = False
    try:
        text = _own_text(record, read(raw))
        same_text = text == record.text
    except ExtractorError as error:
        about_record.append(_check("fail", f"the source can't be read: {error}"))
    else:
        for check in _against_text(record, raw, text, same_bytes):
            if len(check.facts) == 1:
                about_facts.setdefault(check.facts[0], []).append(check)
            else:
                about_record.append(check)
    if fresh is not None and (same_bytes or same_text):
        about_record.extend(_against_fresh(record, raw, fresh))
    facts = tuple(
        fact.model_copy(update={"checks": (*fact.checks, *about_facts[fact.id])}) if fact.id in about_facts else fact
        for fact in record.facts
    )
    return record.model_copy(update={"facts": facts, "checks": (*record.checks, *about_record)})


def source_missing(record: Record, message: str) -> Record:
    """A copy of `record` with a failed `source` check: doubtful after standard input, skipped if it names no file."""
    check = _check({None: "skip", "-": "warn"}.get(record.article.source.path, "fail"), message)
    return record.model_copy(update={"checks": (*record.checks, check)})


def _check(status: Any, message: str, *facts: str, name: str = SOURCE.name) -> Check:
    return Check(name=name, status=status, message=message, facts=facts)


def _own_text(record: Record, documents: Sequence[Document]) -> str:
    """The text of the record's article among those of the file: by text, by id or identifier, else the only one."""
    for document in documents:
        if document.text == record.text:
            return document.text
    own = record.article.identifiers
    for document in documents:
        theirs = document.metadata.identifiers
        if (
            document.id == record.article.id
            or (own.pmid and own.pmid == theirs.pmid)
            or (own.doi and own.doi == theirs.doi)
        ):
            return document.text
    return documents[0].text if documents else ""


def _against_text(record: Record, raw: RawArticle, text: str, same_bytes: bool) -> Iterator[Check]:
    same_text = text == record.text
    if same_bytes and same_text:
        yield _check(
            "pass", f"sha256 as recorded; {sum(len(f.values) for f in record.facts)} values stand in the source"
        )
        return
    place = raw.place
    if same_text:
        yield _check("warn", f"{place} has another sha256 than the record says, but its text is the same")
        return
    moved = 0
    lost = 0
    changed = ChangedText(record.text, text)
    for fact in record.facts:
        status, message = _relocated(fact, changed)
        if status == "pass":
            moved += message != "same"
            continue
        lost += 1
        yield _check(status, message, fact.id)
    told = f"{len(record.facts) - lost} of {len(record.facts)} facts stand in it, {moved} of them at another place"
    if same_bytes:
        where = _first_difference(record.text, text)
        yield _check(
            "fail", f"{place} has the recorded sha256, but reads otherwise than the record's text {where}; {told}"
        )
    else:
        yield _check("warn", f"{place} has changed since the record was made (another sha256); {told}")


def _relocated(fact: Fact, changed: ChangedText) -> tuple[str, str]:
    """("pass", "same" or "moved") where the evidence stands in the source, else a status with its reason."""
    evidence = changed.exact(fact.evidence.start, fact.evidence.end)
    if evidence is not None:
        for value in fact.values:
            if not fact.evidence.start <= value.start < value.end <= fact.evidence.end:
                if changed.by_context(value.start, value.end) is None:
                    return "fail", f"{value.statistic} {value.text!r} is not in the source any more"
            elif fault := value_fault(value, changed.old):
                return "fail", f"{value.statistic} {value.text!r}: {fault}"
        return "pass", evidence.how
    gone = [v for v in fact.values if changed.by_context(v.start, v.end) is None]
    nearest = changed.similar(fact.evidence.start, fact.evidence.end)
    was = _shortened(changed.old[fact.evidence.start : fact.evidence.end])
    if nearest is None:
        return "fail", f"the source does not say this any more: {was!r}"
    now = _shortened(nearest.span.of(changed.new))
    place = f"{nearest.span.start}-{nearest.span.end}"
    if gone:
        texts = ", ".join(repr(v.text) for v in gone)
        return "fail", f"{texts} not found; at {place} the source now reads {now!r}, the record has {was!r}"
    return "warn", f"the sentence was reworded, its numbers stand; at {place} the source now reads {now!r}"


def _shortened(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= MAX_QUOTE else quote[: MAX_QUOTE - 1] + "…"


def _first_difference(old: str, new: str) -> str:
    shared = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    around = Span(max(0, shared - 20), shared + 20)
    return f"from character {shared} on (record {around.of(old)!r}, source {around.of(new)!r})"


def _against_fresh(record: Record, raw: RawArticle, fresh: Fresh) -> Iterator[Check]:
    name = UNEDITED.name
    try:
        made = list(fresh(raw))
    except ExtractorError as error:
        yield _check("fail", f"extracting again failed: {error}", name=name)
        return
    again = next((m for m in made if m.text == record.text), None) or next(
        (m for m in made if m.article.id == record.article.id), made[0] if made else None
    )
    if again is None:
        yield _check("fail", "the source gives no record", name=name)
        return
    if again.extractor != record.extractor:
        yield _by_other_rules(again, record)
        return
    differences = list(_differences(_comparable(again), _comparable(record), ""))
    if not differences:
        yield _check("pass", "extracting again gives the same record", name=name)
    known = {fact.id for fact in record.facts}
    for path, was, now in differences[:MAX_DIFFERENCES]:
        fact = path.split(".")[1] if path.startswith("facts.") else None
        facts = (fact,) if fact in known else ()
        yield _check("fail", f"edited: {path} is {now}, extracting again gives {was}", *facts, name=name)
    if len(differences) > MAX_DIFFERENCES:
        yield _check("fail", f"edited: {len(differences) - MAX_DIFFERENCES} more differences", name=name)


def _by_other_rules(again: Record, record: Record) -> Check:
    """What today's rules read otherwise in the statements that both records hold; they may be wiser, or it was edited.

    A statement is the same where it has the same numbers at the same places.
    """
    made = (
        f"made by version {record.extractor.version}, rules {record.extractor.rules[:12]}; now "
        f"{again.extractor.version}, {again.extractor.rules[:12]}"
    )
    theirs = {_numbers(fact): _attribution(again, fact) for fact in again.facts}
    otherwise: dict[str, str] = {}
    for fact in record.facts:
        was, now = _attribution(record, fact), theirs.get(_numbers(fact))
        if now is not None and was != now:
            changed = [f"{key} {_shortened(repr(was[key]))}, now {now[key]!r}" for key in was if was[key] != now[key]]
            otherwise[fact.id] = f"{fact.id}: {', '.join(changed)}"
    if not otherwise:
        advice = "only spans were verified, extract again to compare the rest"
        return _check("skip", f"{made}: {advice}", name=UNEDITED.name)
    told = "; ".join(list(otherwise.values())[:MAX_TOLD])
    more = f" and {len(otherwise) - MAX_TOLD} more" if len(otherwise) > MAX_TOLD else ""
    return _check(
        "warn",
        f"{made}, which read {len(otherwise)} of {len(record.facts)} facts otherwise ({told}{more}); compare them",
        *otherwise,
        name=UNEDITED.name,
    )


def _numbers(fact: Fact) -> tuple[tuple[str, int, int], ...]:
    return tuple(sorted((value.statistic, value.start, value.end) for value in fact.values))


def _attribution(record: Record, fact: Fact) -> dict[str, str | None]:
    """Whose and what the numbers are, in terms that do not depend on the numbering of arms."""
    labels = {arm.id: arm.label for arm in record.arms}
    return {
        "kind": fact.kind,
        "arm": labels.get(fact.arm, fact.arm) if fact.arm is not None else None,
        "endpoint": fact.endpoint.label if fact.endpoint is not None else None,
        "event": fact.event.term if fact.event is not None else None,
    }


def _comparable(record: Record) -> dict[str, Any]:
    """The record without what may differ by where and when it was read; facts by id."""
    dumped = record.model_dump(mode="json", exclude={"checks": True, "extractor": True})
    dumped["article"].pop("id")
    for varying in ("path", "url", "retrieved_at", "sha256"):  # the hash is the check `source`'s
        dumped["article"]["source"].pop(varying)
    for fact in dumped["facts"]:
        fact.pop("checks")
    dumped["facts"] = {fact.pop("id"): fact for fact in dumped["facts"]}
    return dumped


def _differences(was: Any, now: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in (*was, *(key for key in now if key not in was)):
            yield from _differences(was.get(key, _ABSENT), now.get(key, _ABSENT), f"{path}.{key}" if path else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for position, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _differences(one, other, f"{path}[{position}]")
    elif was != now:
        yield path, _shortened(repr(was)), _shortened(repr(now))


class _Absent:
    def __repr__(self) -> str:
        return "absent"


_ABSENT = _Absent()
