"""Read the readers' word lists (`lexicons/*.tsv`) as immutable rows.

The first line that is no comment names the columns. Raises LexiconError naming file and line.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from extractor.errors import LexiconError


def pairs(name: str, columns: tuple[str, str]) -> list[tuple[str, str]]:
    """Two columns of a list."""
    return [(row[0], row[1]) for row in rows(name, columns)]


@cache
def rows(name: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The cells under `columns`, line by line; lines starting with `#` are comments, the first column is unique."""
    try:
        content = resources.files("extractor.lexicons").joinpath(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LexiconError(f"lexicons/{name} is missing; reinstall the package") from error
    header: list[str] | None = None
    seen: set[str] = set()
    found: list[tuple[str, ...]] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            missing = [column for column in columns if column not in header]
            if missing:
                raise LexiconError(f"lexicons/{name}, line {number}: no column {missing[0]!r}")
            continue
        if len(cells) != len(header):
            raise LexiconError(f"lexicons/{name}, line {number}: {len(cells)} cells, {len(header)} columns")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        if row[columns[0]] in seen:
            raise LexiconError(f"lexicons/{name}, line {number}: {row[columns[0]]!r} is given twice")
        seen.add(row[columns[0]])
        found.append(tuple(row[column] for column in columns))
    return tuple(found)
