"""Turn one `Document` and the rules' findings into a `Record`."""

from __future__ import annotations

from typing import Any

from extractor import SCHEMA_VERSION, __version__
from extractor.documents.model import Document
from extractor.records.models import Record
from extractor.sources.raw import RawArticle


def assemble(raw: RawArticle, document: Document) -> Record:
    """The validated record of one article; raises pydantic's ValidationError if a span is wrong (a bug)."""
    meta = document.metadata
    article: dict[str, Any] = {
        "id": document.id,
        "source": {
            "path": raw.path, "url": raw.url, "format": document.format,
            "sha256": raw.sha256, "retrieved_at": raw.retrieved_at,
        },
        "title": meta.title, "authors": meta.authors, "journal": meta.journal, "publisher": meta.publisher,
        "published": meta.published, "language": meta.language,
        "identifiers": {
            "doi": meta.identifiers.doi, "pmid": meta.identifiers.pmid, "pmcid": meta.identifiers.pmcid,
            "trials": meta.identifiers.trials,
        },
        "links": meta.links,
    }  # fmt: skip
    return Record.model_validate(
        {
            "schema_version": SCHEMA_VERSION,
            "extractor": {"version": __version__, "rules": ""},
            "article": article,
            "text": document.text,
            "sections": [{"title": s.title, "start": s.start, "end": s.end} for s in document.sections],
            "tables": [
                {
                    "id": t.id, "caption": t.caption, "start": t.start, "end": t.end,
                    "rows": [[cell.text for cell in row] for row in t.rows],
                }
                for t in document.tables
            ],
        }
    )  # fmt: skip
