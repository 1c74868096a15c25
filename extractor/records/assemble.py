"""Turn one `Document` and what the rules find in it into a validated `Record`."""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from extractor import SCHEMA_VERSION, __version__
from extractor.documents.model import Document
from extractor.records.facts import ArmIds, build_facts
from extractor.records.models import Record
from extractor.records.table_facts import build_table_facts
from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.analysis import Analysis, analysis_of
from extractor.rules.arm import WITHOUT_ANY
from extractor.rules.arm_names import names_something
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.owner import read_mentions
from extractor.rules.pipeline import rules_hash
from extractor.rules.study import StudyFindings, StudyMention
from extractor.sources.raw import RawArticle
from extractor.spans import Span

_NOT_RESULTS = terms("section_titles.tsv", "not_results")
"""Sections of a full text that tell of other studies or of plans. An abstract's background is short and classified."""


def prepare(document: Document, nlp: Language) -> Doc | None:
    """The tokens of one article, for the components of `nlp` to work on; None if it is in another language than
    English, in which nothing is looked for."""
    if document.metadata.language not in (None, "en"):
        return None
    doc = nlp.make_doc(document.text)
    doc.user_data["findings_only"] = True
    doc.user_data["excluded"] = _without_facts(document)
    return doc


def assemble(raw: RawArticle, document: Document, doc: Doc | None) -> Record:
    """The validated record of one article; `doc` is what `prepare` gave once it went through the components.

    Raises pydantic's ValidationError if a span is wrong, which is a bug.
    """
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "extractor": {"version": __version__, "rules": rules_hash()},
        "article": _article(raw, document),
        "text": document.text,
        "sections": [{"title": s.title, "start": s.start, "end": s.end} for s in document.sections],
        "tables": [
            {
                "id": t.id, "caption": t.caption, "start": t.start, "end": t.end,
                "rows": [[cell.text for cell in row] for row in t.rows],
            }
            for t in document.tables
        ],
    }  # fmt: skip
    if doc is not None:
        analysis = analysis_of(doc)
        arms, ids = _arms(analysis)
        record["study"] = _study(analysis.study)
        record["arms"] = arms
        facts = build_facts(document, analysis, ids)
        record["facts"] = facts + build_table_facts(document, analysis, ids, len(facts) + 1)
    return Record.model_validate(record)


def _without_facts(document: Document) -> list[Span]:
    """Stretches that are kept as text but hold no facts: boilerplate, tables (read by their cells, not as sentences),
    and in a full text the sections that speak of other studies."""
    found = [*document.excluded, *(Span(t.start, t.end) for t in document.tables)]
    if document.format == "jats":
        for section in document.sections:
            # nested sections are named "Methods / Statistical analysis"
            titles = {part.lower().lstrip("0123456789. ").strip(" :.") for part in section.title.split(" / ")}
            if titles & _NOT_RESULTS:
                found.append(Span(section.start, section.end))
    return found


def _arms(analysis: Analysis) -> tuple[list[dict[str, Any]], ArmIds]:
    """The record's arms in order of first mention. A single arm is listed, and facts do not name it."""
    layout = analysis.layout
    found, ids, shown = [], [], []
    single = len(analysis.arms) == 1
    whole = _with_addition(analysis)
    for k, (arm, role) in enumerate(zip(analysis.arms, analysis.arm_roles, strict=True)):
        start, end = _name_at(layout, *(whole.get(k) or arm.first_whole(layout)))
        label = layout.text[start:end]
        places = [_name_at(layout, *mention) for mention in arm.mentions]
        aliases = dict.fromkeys([name for a, b in places if (name := layout.text[a:b]).lower() != WITHOUT_ANY])
        aliases.pop(label, None)
        ids.append(f"arm{k + 1}")
        shown.append(not single)
        found.append(
            {
                "id": ids[-1], "label": label, "role": "single" if single else role, "aliases": tuple(aliases),
                "start": start, "end": end,
            }
        )  # fmt: skip
    return found, ArmIds(ids, shown)


def _with_addition(analysis: Analysis) -> dict[int, tuple[int, int]]:
    """Where one arm of two is first named as the other one with an addition: "examplin plus drotamab", where the arms
    are known as "examplin" and "drotamab". By the arm's index; empty unless just one of them is."""
    found: dict[int, tuple[int, int]] = {}
    for begin, end, k in read_mentions(analysis.layout, analysis.arms) if len(analysis.arms) == 2 else ():
        stops = [max((b for a, b in arm.mentions if begin <= a < b <= end), default=-1) for arm in analysis.arms]
        if min(stops) > 0:
            found.setdefault(k, (begin, max(stops)))
    return found if len(found) == 1 else {}


def _name_at(layout: Layout, first: int, last: int) -> tuple[int, int]:
    """The characters of a name at a token range. One that begins inside a bracket and goes on behind it, as in
    "examplin (EX) plus drotamab", begins with the long form, or with the bracket."""
    opener = layout.opener[first]
    closer = layout.closer(opener) if opener >= 0 else -1
    if first < closer < last:
        short = layout.text[layout.starts[opener + 1] : layout.ends[closer - 1]]
        begin, end = find_abbreviations(layout).get(short, (opener, opener))
        first = begin if end == opener else opener
    elif layout.words[first][0].isdigit() and first and names_something(layout.lower[first - 1]):
        first -= 1  # "examplin 10 mg", an arm that is known by its dose
    return layout.starts[first], layout.ends[last - 1]


def _study(found: StudyFindings) -> dict[str, Any]:
    def labelled(mention: StudyMention | None) -> dict[str, Any] | None:
        if mention is None:
            return None
        return {"label": mention.label, "start": mention.start, "end": mention.end}

    return {
        "design": labelled(found.design), "phase": labelled(found.phase), "randomized": labelled(found.randomized),
        "blinding": labelled(found.blinding), "setting": labelled(found.setting),
        "conditions": [labelled(c) for c in found.conditions],
    }  # fmt: skip


def _article(raw: RawArticle, document: Document) -> dict[str, Any]:
    meta = document.metadata
    return {
        "id": document.id,
        "source": {
            "path": raw.path, "url": raw.url, "format": document.format, "sha256": raw.sha256,
            "retrieved_at": raw.retrieved_at,
        },
        "title": meta.title, "authors": meta.authors, "journal": meta.journal, "publisher": meta.publisher,
        "published": meta.published, "language": meta.language,
        "identifiers": {
            "doi": meta.identifiers.doi, "pmid": meta.identifiers.pmid, "pmcid": meta.identifiers.pmcid,
            "trials": meta.identifiers.trials,
        },
        "links": meta.links,
    }  # fmt: skip
