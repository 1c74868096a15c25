"""Read the word lists that fetching needs (`lexicons/*.tsv`)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from extractor.errors import LexiconError


@cache
def terms(name: str, category: str | None = None) -> tuple[str, ...]:
    """The terms of a lexicon, in its order: all of them, or those of one category.

    Raises `LexiconError` if the file is missing, lacks a column, or has no such term.
    """
    try:
        lines = resources.files("extractor.lexicons").joinpath(name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"lexicons/{name}: cannot be read ({error}); reinstall the package") from None
    rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        found = tuple(row["term"] for row in rows if category is None or row["category"] == category)
    except KeyError as missing:
        raise LexiconError(f"lexicons/{name}: the column {missing} is missing") from None
    if not found:
        raise LexiconError(f"lexicons/{name}: no term{f' of category {category!r}' if category else ''}")
    return found
