"""Read the TSV lexicons; immutable, checked for columns and duplicates, errors with file and line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from extractor.errors import LexiconError

Row = Mapping[str, str]


def _text(name: str) -> str:
    try:
        return resources.files("extractor.lexicons").joinpath(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LexiconError(f"lexicons/{name} is missing; reinstall the package") from error


@cache
def rows(name: str, columns: tuple[str, ...], *, unique: bool = True) -> tuple[Row, ...]:
    """The lines of `lexicons/<name>` as mappings from column to cell; `#` lines and blank ones are comments.

    The first line names the columns, the term first; `columns` must be among them. Raises LexiconError for a missing
    column, a line with too few or too many cells or without a term, or (if `unique`) a term given twice.
    """
    found: list[Row] = []
    seen: dict[str, int] = {}
    header: list[str] | None = None
    for number, line in enumerate(_text(name).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [sys.intern(cell.strip()) for cell in line.split("\t")]
        if header is None:
            header = cells
            if not set(columns) <= set(header):
                raise LexiconError(f"lexicons/{name}:{number}: columns {', '.join(columns)} are needed, found {header}")
            continue
        if not len(columns) <= len(cells) <= len(header):
            raise LexiconError(f"lexicons/{name}:{number}: {len(cells)} cells under {len(header)} columns")
        term = cells[0]
        if not term:
            raise LexiconError(f"lexicons/{name}:{number}: no {header[0]} in the first cell")
        if unique and term in seen:
            raise LexiconError(f"lexicons/{name}:{number}: {term!r} stands in line {seen[term]} already")
        seen[term] = number
        found.append(MappingProxyType(dict(zip(header, cells + [""] * len(header), strict=False))))
    if header is None:
        raise LexiconError(f"lexicons/{name}: no line that names the columns")
    return tuple(found)


@cache
def mapping(name: str, key: str, value: str) -> Mapping[str, str]:
    """Two columns of a lexicon as an immutable dictionary."""
    return MappingProxyType({row[key]: row[value] for row in rows(name, (key, value))})


@cache
def phrases(name: str, key: str, value: str) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """A phrase lexicon as a first-word index: word -> ((all its words, value), ...), longest first.

    Looking a word up costs one dictionary access, so the size of a lexicon does not slow the pipeline.
    """
    index: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for row in rows(name, (key, value)):
        words = tuple(row[key].lower().split())
        index.setdefault(words[0], []).append((words, row[value]))
    return MappingProxyType({word: tuple(sorted(entries, key=lambda e: -len(e[0]))) for word, entries in index.items()})


@cache
def terms(name: str, category: str) -> frozenset[str]:
    """The terms of one category of a `term, category` lexicon."""
    return frozenset(
        row["term"] for row in rows(name, ("term", "category"), unique=False) if row["category"] == category
    )
