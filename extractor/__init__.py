"""Structured trial facts from news items, abstracts and full texts, each number tied to its place in the source."""

from extractor.compiled import prefer_sources_if_stale

__version__ = "0.1.0"
SCHEMA_VERSION = "1.0"

prefer_sources_if_stale()
