"""Turn one `Document` and what the rules find in it into a validated `Record`."""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from extractor import SCHEMA_VERSION, __version__
from extractor.documents.model import Document
from extractor.records.arm_label import label_places, name_at
from extractor.records.facts import ArmIds, build_facts
from extractor.records.models import Record
from extractor.records.table_facts import build_table_facts
from extractor.rules.analysis import Analysis, analysis_of
from extractor.rules.arm import WITHOUT_ANY
from extractor.rules.lexicon import terms
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
    for k, (arm, role, (start, end)) in enumerate(
        zip(analysis.arms, analysis.arm_roles, label_places(analysis), strict=True)
    ):
        label = layout.text[start:end]
        places = [name_at(layout, *mention) for mention in arm.mentions]
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
